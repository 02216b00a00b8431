#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The redactor over recordings that others made: no answer of a model changes, be it recorded in a cassette, a stream, or
# the whole message that a stream adds up to, and no message that goes back to a provider. CORPUS is their folder.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

need_corpus cassettes streams
need jq

# record NAME: an interaction for each line of input, which is a JSON string: its body, with the credentials of a client.
record() {
	jq -c --arg name "$1" '{file: $name, request: {method: "POST", url: "https://api.example.com/v1?key=abcdef-1234567890",
		headers: {Authorization: ["Bearer sk-abcdefgh-0123456789"], Cookie: ["s=abcdefghijklmnopqrst0123456789"]}, body: .},
		response: {status: 200, headers: {}, body: .}}'
}

# changed RECORDS: names of those whose bodies are others once they are redacted.
changed() {
	cassette-pack "$1" 2>/dev/null | cassette-extract | jq -c '[.request.body, .response.body]' >"$SCRATCH/after"
	jq -c '[.request.body, .response.body]' "$1" >"$SCRATCH/before"
	jq -r '.file' "$1" >"$SCRATCH/names"
	[ "$(wc -l <"$SCRATCH/before")" = "$(wc -l <"$SCRATCH/after")" ] || echo 'not as many came back'
	paste "$SCRATCH/names" "$SCRATCH/before" "$SCRATCH/after" | "$AWK" -F '\t' '$2 != $3 { print $1 }'
}

streams() {
	local file name
	for file in "$CORPUS"/streams/*; do
		name=$(basename "$file")
		jq -Rs . "$file" | record "$name" >>"$SCRATCH/streams"
		sse-split "$file" 2>/dev/null >"$SCRATCH/chunks"
		delta-merge "$SCRATCH/chunks" 2>/dev/null | jq -c tojson | record "$name" >>"$SCRATCH/messages"
		delta-merge -m "$SCRATCH/chunks" 2>/dev/null | jq -c tojson | record "$name, its message" >>"$SCRATCH/messages"
	done
}

# The answer is one of a model if delta-merge makes a message of it.
cassettes() {
	local file id
	find "$CORPUS/cassettes" -type f -size +0 -exec grep -lwE 'request|kind' {} + | sort | tr '\n' '\0' |
		xargs -0 cassette-extract 2>/dev/null | jq -c '.file += " \(.id)" | del(.request.body)' >"$SCRATCH/answers"
	changed "$SCRATCH/answers" | while read -r file id; do
		cassette-extract -b response -i "$id" "$file" 2>/dev/null | sse-split 2>/dev/null | delta-merge 2>/dev/null >"$SCRATCH/message"
		[ ! -s "$SCRATCH/message" ] || echo "$file: interaction $id"
	done
}

streams
quiet 'no stream changes' changed "$SCRATCH/streams"
quiet 'there are many' test "$(wc -l <"$SCRATCH/streams")" -gt 100
quiet 'no whole message changes' changed "$SCRATCH/messages"
quiet 'there are many messages' test "$(wc -l <"$SCRATCH/messages")" -gt 300
quiet 'no answer of a model in a cassette changes' cassettes
quiet 'there are many interactions' test "$(wc -l <"$SCRATCH/answers")" -gt 400
tap_end
