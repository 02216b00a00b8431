#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What holds for every program, whatever it does (sseutils(7), CONVENTIONS). tests/programs says
# what must be known about each.
load lib

# each CHECK: CHECK PROGRAM for every program; all that fail are named.
each() {
	local program failed=0
	for program in $PROGRAMS; do
		"$@" "$program" || {
			echo "^^^ $program"
			failed=1
		}
	done
	return "$failed"
}

# sampled CHECK: for the programs that can be made to print something; CHECK finds it in $sample
# (a command line) and $input (a file for its standard input).
sampled() {
	local program=$2 kind arguments
	kind=$(row "$program" 3)
	arguments=$(row "$program" 4)
	case $kind in
	filter)
		cat "$TOP_SRC/tests/live/$program.1" "$TOP_SRC/tests/live/$program.2" >input
		;;
	files) : >input ;;
	*) return 0 ;;
	esac
	[ -e examples ] || ln -s "$TOP_SRC/examples" examples
	sample="$program $arguments"
	"$1" "$program"
}

# The options in --help, one a line: `-f, --format FORMAT`, of an argument its first word.
help_options() {
	"$1" --help | "$AWK" '
		/^  -[^-]/ || /^      --/ {
			sub(/^ */, "")
			sub(/   *.*/, "")
			match($0, /^(-[^-], )?-[^ ]*( [A-Z]+)?/)
			print substr($0, 1, RLENGTH)
		}' | sort
}

# The same from the page: `.It Fl f , Fl -format Ar format`.
page_options() {
	"$AWK" '
		/^\.It Fl / {
			line = ""
			argument = ""
			for (i = 2; i < NF; i++) {
				if ($i == "Fl")
					line = line (line ? ", " : "") "-" $(i + 1)
				if ($i == "Ar" && !argument) {
					argument = toupper($(i + 1))
					match(argument, /^[A-Z]+/)
					argument = " " substr(argument, 1, RLENGTH)
				}
			}
			print line argument
		}' "$TOP_SRC/man/$1.1" | sort
}

@test "every program has its row in tests/programs, its page, its tests and its place in the tour" {
	check() {
		row "$1" 3 >/dev/null || echo "no row in tests/programs"
		[ -s "$TOP_SRC/src/cmd/$1.c" ] || echo "no src/cmd/$1.c"
		[ -s "$TOP_SRC/man/$1.1" ] || echo "no man/$1.1"
		[ -s "$TOP_SRC/tests/$1.bats" ] || echo "no tests/$1.bats"
		grep -q "^\.It Xr $1 1" "$TOP_SRC/man/sseutils.7" || echo "not in the table of man/sseutils.7"
		# shellcheck disable=SC2016
		grep -q '^| `'"$1"'`' "$TOP_SRC/README.md" || echo "not in the table of README.md"
	}
	each check >lacks
	cat lacks
	[ ! -s lacks ]
}

@test "--help and -h: the same on standard output, status 0" {
	check() {
		try "$1" --help
		is 0 "$(cat stdout)" || return 1
		head -n 1 stdout | grep -q "^usage: $1 " || {
			show
			return 1
		}
		[ "$(sed -n 2p stdout)" ] || return 1
		cp stdout long
		try "$1" -h
		is 0 "$(cat long)"
	}
	each check
}

@test "--help fits a terminal of 80 columns" {
	check() {
		"$1" --help | "$AWK" 'length > 80 { print; bad = 1 } END { exit bad }'
	}
	each check
}

@test "--version and -V: name and version, status 0" {
	version=$(sed -n 's/^VERSION = //p' "$TOP_BUILD/Makefile")
	check() {
		try "$1" --version
		is 0 "$1 (sseutils) $version" || return 1
		try "$1" -V
		is 0 "$1 (sseutils) $version"
	}
	each check
}

@test "a wrong option: status 2, one line with a hint, nothing read and nothing written" {
	echo text >input
	check() {
		for bad in --no-such-option -+ --help=value; do
			{
				try "$1" "$bad"
				rest=$(cat)
			} <input
			is 2 '' "$1: *; try '$1 --help'" || return 1
			[ "$(wc -l <stderr)" -eq 1 ] && [ "$rest" = text ] || {
				show
				return 1
			}
		done
	}
	each check
}

@test "the beginning of two options: status 2" {
	try sse-split --f
	is 2 '' "sse-split: option '--f' is ambiguous; try 'sse-split --help'"
	try sse-post --retr=2
	is 2 '' "sse-post: option '--retr' is ambiguous; try 'sse-post --help'"
}

@test "an option without its argument: status 2" {
	check() {
		for option in $(help_options "$1" | sed -n 's/^\(-., \)\{0,1\}\(--[^ ]*\) .*/\1\2/p' | tr -d ,); do
			try "$1" "$option" </dev/null
			is 2 '' "$1: option '$option' needs an argument; try '$1 --help'" || return 1
		done
	}
	each check
}

@test "a ceiling that is none: status 2, and the option is named" {
	check() {
		"$1" --help | grep -q -e --max-size || return 0
		try "$1" -M 12x </dev/null
		is 2 '' "$1: --max-size '12x' is no size such as 64M, 512k or 0; try '$1 --help'"
	}
	each check
}

@test "a value of an unknown option is not repeated: it may be a secret" {
	check() {
		try "$1" --no-such-option=sk-secret
		is 2 '' "$1: unknown option '--no-such-option'; try '$1 --help'"
	}
	each check
}

@test "/dev/full: status 4 and a message" {
	[ -e /dev/full ] || skip "this system has no /dev/full"
	check() {
		status=0
		"$1" --help >/dev/full 2>stderr || status=$?
		: >stdout
		is 4 '' "$1: standard output: No space left on device" || return 1
		sampled check_sample "$1"
	}
	check_sample() {
		status=0
		$sample <input >/dev/full 2>stderr || status=$?
		: >stdout
		is 4 '' "$1: standard output: No space left on device"
	}
	each check
}

@test "closed standard output: status 4 and a message" {
	check() {
		status=0
		"$1" --help >&- 2>stderr || status=$?
		: >stdout
		is 4 '' "$1: standard output: Bad file descriptor" || return 1
		sampled check_sample "$1"
	}
	check_sample() {
		status=0
		$sample <input >&- 2>stderr || status=$?
		: >stdout
		is 4 '' "$1: standard output: Bad file descriptor"
	}
	each check
}

@test "the reader is gone: death by SIGPIPE without a word, ignored or not" {
	mkfifo fifo
	gone() {
		# A pipe whose only reader has left.
		exec 7<>fifo 8>fifo 7<&-
		status=0
		"$@" <input >&8 2>stderr 7<&- || status=$?
		exec 8>&-
		: >stdout
		is 141 ''
	}
	check() {
		: >input
		gone "$1" --help || return 1
		sampled check_sample "$1"
	}
	check_sample() {
		# shellcheck disable=SC2086
		gone env --default-signal=PIPE $sample || return 1
		(
			trap '' PIPE
			# shellcheck disable=SC2086
			gone $sample
		)
	}
	each check
}

@test "closed standard error: the status stays" {
	check() {
		status=0
		"$1" --no-such-option 2>&- >stdout || status=$?
		: >stderr
		is 2 ''
	}
	each check
}

# For the programs that read chunks or files.
reading() {
	case $(row "$2" 3) in
	filter | files) "$1" "$2" ;;
	esac
}

@test "closed standard input: status 4 and a message" {
	check() {
		status=0
		"$1" - <&- >stdout 2>stderr || status=$?
		is 4 '' "$1: standard input: Bad file descriptor"
	}
	each reading check
}

@test "a folder for an operand: status 4 and its name" {
	mkdir folder
	check() {
		try "$1" folder </dev/null
		is 4 '' "$1: folder: Is a directory"
	}
	each reading check
}

@test "a file that is not there: status 4 and its name, control characters blanked" {
	check() {
		try "$1" "$(printf 'no\033[31m\r\302\233file')" </dev/null
		is 4 '' "$1: no [[]31m   file: No such file or directory"
	}
	each reading check
}

@test "nothing at all: status 3 and a message" {
	check() {
		try "$1" - </dev/null
		is 3 '' "$1: *" || return 1
		: >empty
		try "$1" empty </dev/null
		is 3 '' "$1: empty:*"
	}
	each reading check
}

@test "rubbish: status 3, no control characters in messages" {
	"$AWK" 'BEGIN { for (i = 0; i < 3000; i++) { r = (r * 1103 + 12345) % 65536; printf "%c", int(r / 256) % 255 + 1 } }' >rubbish
	check() {
		try "$1" rubbish </dev/null
		[ "$status" = 3 ] && [ -s stderr ] && ! tr -d '\n' <stderr | LC_ALL=C grep -q '[[:cntrl:]]' || {
			show
			return 1
		}
	}
	each reading check
}

# A JSON text that goes on for 80 MB: for the readers of chunks, and for those of JSON cassettes.
endless() {
	printf '{"a":"'
	head -c 80000000 /dev/zero | tr '\0' a
}

@test "input without end: status 3 at the ceiling, which the message names" {
	check() {
		"$1" --help | grep -q -e --max-size || return 0
		status=0
		endless 2>/dev/null | "$1" -M 1M - >stdout 2>stderr || status=$?
		is 3 '' "$1: *--max-size*"
	}
	each reading check
}

@test "no memory left: status 4 and a message" {
	[ -z "$SANITIZED" ] || skip "the sanitizers need more memory than there is"
	(ulimit -v 64000) 2>/dev/null || skip "memory cannot be limited here"
	check() {
		"$1" --help | grep -q -e --max-size || return 0
		status=0
		endless 2>/dev/null | (
			ulimit -v 64000
			exec "$1" -M 0 - >stdout 2>stderr
		) || status=$?
		is 4 '' "$1: out of memory"
	}
	each reading check
}

@test "a file, - and standard input give the same" {
	check() {
		sampled check_sample "$1"
	}
	check_sample() {
		[ "$(row "$1" 3)" = filter ] || return 0
		# shellcheck disable=SC2086
		try $sample <input
		is 0 "$(cat stdout)" || return 1
		cp stdout expected
		# shellcheck disable=SC2086
		try $sample input </dev/null
		is 0 "$(cat expected)" || return 1
		# shellcheck disable=SC2086
		try $sample - <input
		is 0 "$(cat expected)" || return 1
		# shellcheck disable=SC2086
		try $sample -- input </dev/null
		is 0 "$(cat expected)"
	}
	each check
}

@test "--help and the page list the same options" {
	check() {
		help_options "$1" >in_help
		page_options "$1" >in_page
		diff -u in_help in_page
	}
	each check
}

@test "a letter means one thing: each option stands in the table of sseutils(7)" {
	table() {
		sed -n '/^\.Sh LETTERS/,/^\.Sh [^L]/s/^\.It Fl \([^ ]\) , Fl -\([^ ]*\).*/-\1, --\2/p' "$TOP_SRC/man/sseutils.7"
	}
	check() {
		help_options "$1" | sed -n 's/^\(-., --[^ ]*\).*/\1/p; /^-[^-][^,]*$/p'
	}
	each check | sort -u >used
	table | sort -u >known
	cut -c 1-2 known | uniq -d >twice
	cat twice
	[ ! -s twice ]
	comm -13 known used >unknown
	cat unknown
	[ ! -s unknown ]
	# Where all programs are built, what stands there is used.
	for source in "$TOP_SRC"/src/cmd/*.c; do
		source=${source##*/}
		case " $PROGRAMS " in *" ${source%.c} "*) ;; *) return 0 ;; esac
	done
	diff -u known used
}

@test "a long name has one letter everywhere, or none" {
	each help_options | sed -n 's/^-\(.\), --\([^ ]*\).*/\2 \1/p' | sort -u | cut -d ' ' -f 1 | uniq -d >twice
	cat twice
	[ ! -s twice ]
}
