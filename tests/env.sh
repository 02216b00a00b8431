# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The surroundings of every test, sourced: where things are, what is first in PATH, how sanitizers
# report. Whoever runs a test by hand gets the same as `make check`, with the build in build/.

: "${TOP_SRC:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${TOP_BUILD:=$TOP_SRC/build}"
: "${PROGRAMS=$(make -s -C "$TOP_BUILD" programs)}"
: "${AWK:=awk}"
: "${CLIENTS:=$TOP_BUILD/clients}" # the folder of node_modules; in tests/ `make dist` would copy it
if [ -z "${SANITIZED+set}" ]; then
	SANITIZED=$(sed -n 's/^SANITIZED = *//p' "$TOP_BUILD/Makefile")
fi

PATH=$TOP_BUILD:$PATH
LC_ALL=C
CMOCKA_MESSAGE_OUTPUT=TAP
unset NO_COLOR CDPATH

# A report must not pass for one of the suite's own exit statuses, 0 to 4. What a program still
# holds when it ends is the system's to take back; a leak that matters shows as growth.
ASAN_OPTIONS=exitcode=99:detect_leaks=0:abort_on_error=0
UBSAN_OPTIONS=exitcode=99:halt_on_error=1:print_stacktrace=1
export TOP_SRC TOP_BUILD PROGRAMS AWK CLIENTS SANITIZED PATH LC_ALL CMOCKA_MESSAGE_OUTPUT ASAN_OPTIONS UBSAN_OPTIONS

# have TOOL...: are all of them installed? With CI=true nothing may be missing: the caller then
# fails where it would skip.
have() {
	for tool; do
		command -v "$tool" >/dev/null 2>&1 || return 1
	done
}
