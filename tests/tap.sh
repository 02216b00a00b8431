# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# TAP for test scripts, sourced first. `tap_end` prints the plan.

set -u
# shellcheck source=tests/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

tap_count=0
tap_failed=0
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/sseutils-test.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT

# ok NAME: the last test passed.
ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$*"
}

# not_ok NAME: it failed; standard input, if it is a file or a pipe, is why.
not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$*"
	head -n 40 | sed 's/^/# /'
}

# quiet NAME COMMAND...: passes when COMMAND prints nothing and succeeds.
quiet() {
	local name=$1 status=0
	shift
	"$@" >"$SCRATCH/quiet" 2>&1 </dev/null || status=$?
	[ "$status" = 0 ] || echo "status $status" >>"$SCRATCH/quiet"
	if [ -s "$SCRATCH/quiet" ]; then
		not_ok "$name" <"$SCRATCH/quiet"
	else
		ok "$name"
	fi
}

# need TOOL...: without one of them the whole script is skipped, except in CI, where it fails.
need() {
	local tool
	for tool; do
		have "$tool" && continue
		if [ "${CI:-}" = true ]; then
			not_ok "needs $tool" </dev/null
			tap_end
		fi
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	done
}

# need_corpus FOLDER...: other people's recordings; CORPUS names their folder. Without one of these in it the script is
# skipped: .ci/run calls it only where the recordings are.
need_corpus() {
	local folder
	: "${CORPUS:=$TOP_SRC/../shared/corpus}"
	for folder; do
		[ -d "$CORPUS/$folder" ] && continue
		echo "1..0 # SKIP there are no $folder at $CORPUS"
		exit 0
	done
}

tap_end() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" = 0 ]
	exit
}

# The fields of a program's row in tests/programs.
row() {
	"$AWK" -F ' *[|] *' -v program="$1" -v field="$2" '$1 == program { print $field; found = 1 } END { exit !found }' \
		"$TOP_SRC/tests/programs"
}
