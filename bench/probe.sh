# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Whether a peer is there, sourced by bench/setup and bench/run, both standing in BUILD/bench.

# is_there PROBE: a command; header:NAME of C++; python:MODULE; npm:PACKAGE here.
is_there() {
	case $1 in
	header:*) echo "#include <${1#header:}>" | c++ -E -x c++ - >/dev/null 2>&1 ;;
	python:*) python3 -c "import ${1#python:}" >/dev/null 2>&1 ;;
	npm:*) command -v node >/dev/null 2>&1 && [ -e "node_modules/${1#npm:}/package.json" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}
