#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The rules of the tree (HACKING.md), each a test: layers, sole includers, names, sizes.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$TOP_SRC" || exit 1

# Lowest first: a folder uses itself and those before it.
layers='base json yaml frame delta cassette net cmd'
formats='frame delta cassette'

sources() {
	find src -name '*.[ch]' | sort
}

known_layers() {
	find src -mindepth 1 -maxdepth 1 | sort | while read -r path; do
		case " $layers " in *" ${path#src/} "*) ;; *) echo "$path is no layer" ;; esac
	done
}

# FILE LAYER/HEADER for every include of the tree's own.
own_includes() {
	sources | xargs grep -H '^ *# *include *"' | sed 's/^\([^:]*\):.*"\(.*\)".*/\1 \2/'
}

include_rule() {
	own_includes | "$AWK" -v layers="$layers" '
		BEGIN { n = split(layers, name, " "); for (i = 1; i <= n; i++) level[name[i]] = i }
		{
			split($1, from, "/"); split($2, to, "/")
			if ($2 == "config.h") next
			if (!(to[1] in level)) print $1 " includes \"" $2 "\": say it from src/, as layer/header"
			else if (level[to[1]] > level[from[2]]) print $1 " includes " $2 ", which is above it"
		}'
}

own_header_first() {
	local file header first
	for file in src/*/*.c; do
		header=${file#src/}
		header=${header%.c}.h
		[ -e "src/$header" ] || continue
		first=$(sed -n 's/^#include ["<]\(.*\)[">].*/\1/p' "$file" | head -n 1)
		[ "$first" = "$header" ] || [ "$first" = "${header%.h}_impl.h" ] || echo "$file includes $first first, not its own header"
	done
}

sole_includer() {
	local header=$1 allowed=$2
	sources | xargs grep -lE "^ *# *include *[<\"]${header}[>\"]" | grep -vxE "$allowed" | sed "s#\$# includes $header#"
}

third_party() {
	sole_includer 'curl/.*' 'src/net/client\.c'
	sole_includer 'microhttpd\.h' 'src/net/server\.c'
	sole_includer 'yaml\.h' 'src/yaml/.*'
	sole_includer '(jq|jv)\.h' 'src/json/filter\.c'
}

# X_impl.h is for X.c and its formats: for its own folder.
impl_headers() {
	own_includes | "$AWK" '$2 ~ /_impl\.h$/ {
		split($1, from, "/"); split($2, to, "/")
		if (from[2] != to[1]) print $1 " includes " $2
	}'
}

# The formats of a folder: NAME.c with a constant FOLDER_NAME.
format_files() {
	grep -lE "^const struct $1_(format|framing) $1_[a-z0-9_]+ *=" src/"$1"/*.c 2>/dev/null
}

one_format_includes_no_other() {
	local folder file name
	for folder in $formats; do
		for file in $(format_files "$folder"); do
			name=$(basename "$file" .c)
			own_includes | "$AWK" -v header="$folder/$name.h" -v self="$file" '
				$2 == header && $1 != self { print $1 " includes the format " header }'
		done
	done
	sources | xargs grep -H '^ *# *include *".*\.c"'
	true
}

one_name_everywhere() {
	local folder file name
	for folder in $formats; do
		for file in $(format_files "$folder"); do
			name=$(basename "$file" .c)
			grep -qE "^const struct [a-z]+_(format|framing) ${folder}_$name(_[a-z0-9]+)? *=" "$file" ||
				echo "$file: its constant is not ${folder}_$name"
			grep -qF "\"${name//_/-}" "$file" || echo "$file: its name is not \"${name//_/-}\""
			[ -d "tests/$folder/${name//_/-}" ] || echo "$file: there is no tests/$folder/${name//_/-}/"
		done
	done
}

# Layers below cmd neither print nor exit nor look around; that is the business of these.
without_comments_and_strings() {
	sed 's/\\"//g; s/"[^"]*"/""/g; s|/\*.*\*/||g; s|//.*||; /^[ \t]*\*/d; /\/\*/d' "$1"
}
quiet_layers() {
	local file
	sources | grep -vE '^src/(cmd/|base/(err|out|opt)\.c)' | while read -r file; do
		without_comments_and_strings "$file" |
			grep -nE '(^|[^a-z_0-9])(v?f?printf|puts|putchar|fputs|perror|exit|_exit|getenv|secure_getenv|isatty|setlocale)\(' |
			sed "s|^|$file: |"
	done
}

head_lines() {
	local file
	for file in $(sources) tests/*.[ch]; do
		[ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: MIT */' ] || echo "$file: line 1 is no SPDX line"
		sed -n 2,3p "$file" | grep -q '^/\*' || echo "$file: says not what it is"
	done
	for file in configure.ac Makefile.am quickstart bootstrap .ci/run tests/*.sh tests/*.bash tests/*.awk tests/*.bats man/*; do
		head -n 4 "$file" | grep -q 'SPDX-License-Identifier: MIT$' || echo "$file: no SPDX line"
	done
}

# A function begins with its head at the margin and ends with a brace there.
long_functions() {
	sources | grep '\.c$' | xargs "$AWK" -v most="$1" '
		FNR == 1 { depth = 0 }
		/^[A-Za-z].*\(/ && !/;$/ { head = FNR; title = $0 }
		/^{$/ { body = FNR }
		/^}$/ && body { n = FNR - head + 1; if (n > most) print FILENAME ":" head ": " n " lines: " title; body = 0 }'
}

small_programs() {
	wc -l src/cmd/*.c 2>/dev/null | "$AWK" '$2 != "total" && $1 > 200 { print $2 ": " $1 " lines" }'
}

# Folders of one machine; what the recordings say is theirs.
machine_paths() {
	grep -rnIE '(^|[^A-Za-z0-9_.-])/(work|farm|root|home)/' src man tests examples .ci .github ./*.md NEWS COPYING \
		quickstart bootstrap configure.ac Makefile.am --exclude='*.yaml' --exclude='*.in' --exclude='*.log' \
		--exclude='*.trs' --exclude-dir=.deps --exclude-dir=node_modules
	true
}

unfinished() {
	grep -nwE 'TODO|FIXME|XXX|HACK' -r src man quickstart bootstrap .ci
	true
}

versions() {
	local version
	version=$(sed -n 's/^AC_INIT(\[sseutils\], \[\(.*\)\])$/\1/p' configure.ac)
	head -n 1 NEWS | grep -q "$version" || echo "NEWS does not begin with $version"
}

trailing_space() {
	# shellcheck disable=SC2046 # a word per file
	grep -nE '[ 	]+$' $(sources) Makefile.am configure.ac quickstart bootstrap .ci/run tests/*.sh tests/*.bash tests/*.bats \
		tests/*.awk tests/*.[ch] man/* README.md HACKING.md NEWS
	true
}

# Each header compiles alone.
headers_alone() {
	local header
	find src -name '*.h' | sort | while read -r header; do
		printf '#include "%s"\n' "${header#src/}" |
			"${CC:-cc}" -std=gnu11 -Isrc -I"$TOP_BUILD" -include config.h -fsyntax-only -x c - 2>&1 | head -n 3
	done
}

quiet 'src/ holds the layers and nothing else' known_layers
quiet 'a folder uses itself and what is below it' include_rule
quiet 'a file includes its own header first' own_header_first
quiet 'each third-party header has one includer' third_party
quiet 'X_impl.h is for the implementers of X' impl_headers
quiet 'one format never includes another' one_format_includes_no_other
quiet 'a format has one name everywhere' one_name_everywhere
quiet 'layers below cmd do not print, exit or look around' quiet_layers
quiet 'each header stands alone' headers_alone
quiet 'each file says its licence and what it is' head_lines
quiet 'no function has more than 60 lines' long_functions 60
quiet 'no program has more than 200 lines' small_programs
quiet 'nothing names a folder of one machine' machine_paths
quiet 'nothing is left unfinished' unfinished
quiet 'NEWS and configure.ac name the same version' versions
quiet 'no line ends in white space' trailing_space
tap_end
