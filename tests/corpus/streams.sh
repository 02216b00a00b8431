#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `make check-corpus CORPUS=DIR`: against recordings that are not ours to keep. DIR is their folder;
# beside it may stand json-test-suite (y_*, n_* and i_* texts) and oracle (what the providers' own
# libraries make of the streams). What is not there is skipped.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

: "${CORPUS:=$TOP_SRC/../shared/corpus}"
beside=$(cd "$CORPUS/.." 2>/dev/null && pwd)
if [ -z "$beside" ]; then
	echo "1..0 # SKIP there is no corpus at $CORPUS"
	exit 0
fi

# judge PREFIX WANTED: the answers that differ.
judge() {
	local answer file
	while read -r answer file; do
		case $(basename "$file") in
		"$1"_*) [ "$answer" = "$2" ] || echo "$answer: $(basename "$file")" ;;
		esac
	done <"$SCRATCH/answers"
}

json_suite() {
	quiet 'json-test-suite: nothing crashes' run_json_suite
	quiet 'json-test-suite: every y_ is accepted' judge y yes
	quiet 'json-test-suite: every n_ is refused' judge n no
}

run_json_suite() {
	"$TOP_BUILD/tests/json-accepts" "$beside"/json-test-suite/*.json >"$SCRATCH/answers"
	[ "$(wc -l <"$SCRATCH/answers")" -eq "$(find "$beside/json-test-suite" -name '*.json' | wc -l)" ] || echo "answers are missing"
}

built() {
	local program
	for program; do
		case " $PROGRAMS " in *" $program "*) ;; *) return 1 ;; esac
	done
}

# The streams are named NUMBER-FORMAT.SUFFIX, and each that differs has a line that begins with its
# name; the last line says `N passed, N failed`. A format that is not there yet is nobody's fault.
oracle() {
	node "$beside/oracle/compare.mjs" --bin "$TOP_BUILD" --corpus "$CORPUS" >"$SCRATCH/oracle" 2>&1
	tail -n 1 "$SCRATCH/oracle" | grep -qE '^[1-9][0-9]* passed, [0-9]+ failed$' || tail -n 30 "$SCRATCH/oracle"
	while read -r format _; do
		grep -E "^[0-9]+-$format\." "$SCRATCH/oracle" | cut -c 1-300
	done < <(delta-merge -f help)
	true
}

# Every recorded stream splits without a fault that kills.
streams() {
	local file status
	for file in "$CORPUS"/streams/*; do
		status=0
		sse-split "$file" >"$SCRATCH/chunks" 2>"$SCRATCH/err" || status=$?
		case $status in
		0 | 3) ;;
		*) echo "$(basename "$file"): status $status: $(head -n 1 "$SCRATCH/err")" ;;
		esac
		built delta-merge || continue
		status=0
		delta-merge -n "$SCRATCH/chunks" >/dev/null 2>"$SCRATCH/err" || status=$?
		case $status in
		0 | 1 | 3) ;;
		*) echo "$(basename "$file"): delta-merge: status $status: $(head -n 1 "$SCRATCH/err")" ;;
		esac
	done
}

[ ! -d "$beside/json-test-suite" ] || json_suite
if built sse-split; then
	[ ! -d "$CORPUS/streams" ] || quiet 'every recorded stream splits' streams
fi
if built sse-split delta-merge && [ -e "$beside/oracle/compare.mjs" ]; then
	if have node || [ "${CI:-}" = true ]; then
		quiet "the providers' own libraries make the same of every stream" oracle
	fi
fi
tap_end
