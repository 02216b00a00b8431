#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Interaction records through the whole pipe give what each interaction gives alone: the chunks of every
# recorded body, in order, with an empty line between two bodies, and the messages that they are. CORPUS is the
# folder of the cassettes.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

need_corpus cassettes
find "$CORPUS/cassettes" -type f -size +0 -exec grep -lwE 'request|kind' {} + | sort >"$SCRATCH/all"

# alone FILE: chunks and messages of each interaction, one process for each.
alone() {
	local k=0 n=$2
	: >"$SCRATCH/chunks"
	: >"$SCRATCH/messages"
	while [ "$k" -lt "$n" ]; do
		cassette-extract -b response -i "$k" "$1" 2>/dev/null | sse-split >"$SCRATCH/one" 2>/dev/null
		if [ -s "$SCRATCH/one" ]; then
			[ ! -s "$SCRATCH/chunks" ] || echo >>"$SCRATCH/chunks"
			cat "$SCRATCH/one" >>"$SCRATCH/chunks"
			delta-merge -n "$SCRATCH/one" >>"$SCRATCH/messages" 2>/dev/null
		fi
		k=$((k + 1))
	done
}

differ() {
	local file
	: >"$SCRATCH/count"
	while read -r file; do
		cassette-extract "$file" >"$SCRATCH/records" 2>/dev/null || continue
		alone "$file" "$(wc -l <"$SCRATCH/records")"
		sse-split "$SCRATCH/records" 2>/dev/null | cmp -s - "$SCRATCH/chunks" || echo "$file: chunks"
		sse-split "$SCRATCH/records" 2>/dev/null | delta-merge -n 2>/dev/null | cmp -s - "$SCRATCH/messages" ||
			echo "$file: messages"
		sse-split -e "$SCRATCH/records" 2>/dev/null | delta-merge -n 2>/dev/null | sed 's/,"source":{[^{}]*}}$/}/' |
			cmp -s - "$SCRATCH/messages" || echo "$file: messages of event records"
		wc -l <"$SCRATCH/records" >>"$SCRATCH/count"
	done <"$SCRATCH/all"
}

quiet 'records through the pipe give what each interaction gives' differ
quiet 'there were many' test "$("$AWK" '{ n += $1 } END { print n + 0 }' "$SCRATCH/count")" -gt 300
tap_end
