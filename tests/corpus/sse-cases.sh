#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Event streams that others collected, with what becomes of them: [{"name","input_b64",
# "expected_events":[{"event","data","id","retry"?}],"expected_events_flush_eof"?,
# "expected_with_empty_events"?}]. CASES names the file. Each stream is split strictly and by
# default, with the framing forced and recognised, delivered whole, byte by byte and in random
# pieces; records, messages and status must not depend on the delivery.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

: "${CASES:=${CORPUS:-$TOP_SRC/../shared/corpus}/../sse-cases.json}"
if [ ! -e "$CASES" ]; then
	echo "1..0 # SKIP there are no cases at $CASES"
	exit 0
fi

# What `-e -t` prints for a case; the id is left out where there is none.
wanted() {
	jq -c --arg mode "$1" '.[] | select($mode != "recognised" or (.tags // [] | index("not-sse") | not))
		| {case: .name}, (
		if $mode == "strict" then .expected_events
		else .expected_with_empty_events // .expected_events_flush_eof // .expected_events end
		| .[] | if .id == "" then del(.id) else . end)' "$CASES" | jq -S -c .
}

deliver() {
	local how=$1 file=$2
	shift 2
	case $how in
	whole) "$@" <"$file" ;;
	bytes) "$TOP_BUILD/tests/pieces" -b 1 "$file" -- "$@" ;;
	*) "$TOP_BUILD/tests/pieces" -s "$how" "$file" -- "$@" ;;
	esac
}

# split MODE HOW: records, messages and statuses of all cases.
split() {
	local mode=$1 how=$2 option name status
	case $mode in
	strict) option=(-f sse --strict) ;;
	default) option=(-f sse) ;;
	recognised) option=() ;;
	esac
	while read -r name; do
		status=0
		printf '{"case":"%s"}\n' "$name"
		printf '%s\n' "$name" >&2
		deliver "$how" "$SCRATCH/cases/$name" sse-split -e -t ${option[@]+"${option[@]}"} || status=$?
		echo "status $status" >&2
	done < <(wanted "$mode" | sed -n 's/^{"case":"\(.*\)"}$/\1/p') >"$SCRATCH/out" 2>"$SCRATCH/$mode.$how"
	jq -S -c . "$SCRATCH/out"
}

mkdir "$SCRATCH/cases"
jq -r '.[] | .name + " " + .input_b64' "$CASES" | while read -r name input; do
	printf '%s' "$input" | base64 -d >"$SCRATCH/cases/$name"
done

quiet 'there are cases' test -n "$(ls "$SCRATCH/cases")"
for mode in strict default recognised; do
	wanted "$mode" >"$SCRATCH/wanted"
	for how in whole bytes 1 2 3; do
		split "$mode" "$how" >"$SCRATCH/got"
		quiet "$mode, $how: every record is as expected" diff -U 4 "$SCRATCH/wanted" "$SCRATCH/got"
		quiet "$mode, $how: messages and statuses are those of the whole" \
			diff -U 4 "$SCRATCH/$mode.whole" "$SCRATCH/$mode.$how"
	done
	quiet "$mode: statuses are 0 and 3" sh -c 'grep "^status" "$1" | grep -vxE "status (0|3)"; true' - \
		"$SCRATCH/$mode.whole"
done
tap_end
