# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the .bats files (`load lib`): the build first in PATH, $TOP_SRC, $TOP_BUILD, and a few
# checks. Files that a test makes go to $BATS_TEST_TMPDIR, which is the current directory.

: "${TOP_SRC:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)}"
# shellcheck source=tests/env.sh
. "$TOP_SRC/tests/env.sh"

# A file that wants its own setup calls lib_setup in it.
lib_setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}
setup() {
	lib_setup
}

# try COMMAND...: runs it with what stands on standard input; $status, and its output in the files
# stdout and stderr.
try() {
	status=0
	"$@" >stdout 2>stderr || status=$?
}

# try_sh 'PIPE': the same for a line of shell.
try_sh() {
	try bash -c "$1"
}

show() {
	echo "status $status"
	echo "stdout, $(wc -c <stdout) bytes:"
	head -c 2000 stdout
	echo "stderr:"
	head -c 2000 stderr
}

# is STATUS [STDOUT [STDERR]]: what try saw. A text stands for itself and one line feed; an empty
# one for nothing at all. Standard error is checked always: nothing unless said. A text for
# standard error may be a pattern.
is() {
	local want_status=$1 want_out err
	[ "$status" = "$want_status" ] || {
		echo "status $status, not $want_status"
		show
		return 1
	}
	if [ $# -ge 2 ]; then
		want_out=$2
		printf '%s' "$want_out${want_out:+$'\n'}" | cmp -s - stdout || {
			echo "standard output is not"
			printf '%s\n' "$want_out"
			show
			return 1
		}
	fi
	err=$(cat stderr)
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $err == ${3-} ]] || {
		echo "standard error is not '${3-}'"
		show
		return 1
	}
}

# on_terminal COLUMNS 'COMMAND': runs a line of shell on a terminal of that width; its output goes to the file screen.
on_terminal() {
	need script
	script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r' >screen
}

# need TOOL...: skips the test, except in CI, where what is missing is a failure.
need() {
	local tool
	for tool; do
		have "$tool" && continue
		[ "${CI:-}" != true ] || {
			echo "$tool is not installed"
			return 1
		}
		skip "$tool is not installed"
	done
}

# need_utf8: the same for the locale C.UTF-8.
need_utf8() {
	[ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ] && return
	[ "${CI:-}" != true ] || {
		echo 'there is no locale C.UTF-8'
		return 1
	}
	skip 'there is no locale C.UTF-8'
}

# The fields of a program's row in tests/programs.
row() {
	"$AWK" -F ' *[|] *' -v program="$1" -v field="$2" '$1 == program { print $field; found = 1 } END { exit !found }' \
		"$TOP_SRC/tests/programs"
}

# least COMMAND...: the least of three times that it takes, in milliseconds of the processor.
least() {
	local TIMEFORMAT='%U %S' least=1000000 run
	for run in 1 2 3; do
		run=$({ time "$@" >/dev/null 2>&1; } 2>&1 | "$AWK" '{ print int(1000 * ($1 + $2)) }')
		[ "$run" -ge "$least" ] || least=$run
	done
	echo "$least"
}

# grows SCRIPT COMMAND...: what the awk program SCRIPT prints for 32000 takes the command at most 32 times as long
# as for 4000: eight times as much is expected, and 64 times where time grows with the square.
grows() {
	local script=$1 small large
	shift
	"$AWK" -v n=4000 "BEGIN { $script }" >small
	"$AWK" -v n=32000 "BEGIN { $script }" >large
	small=$(least "$@" small)
	large=$(least timeout 20 "$@" large)
	[ "$large" -le $((32 * (small > 4 ? small : 4))) ] || {
		echo "$small ms become $large ms: $script"
		return 1
	}
}
