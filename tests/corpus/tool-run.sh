#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Conversations that others recorded: a request, an answer with tool calls, and the request that goes
# on. tool-run, with tools that print the recorded results, must add the messages that were added
# there. CASSETTES names the folder of the go-vcr recordings.
#
# What the library that made the recordings does otherwise is taken back before they are compared, as
# tool-run(1) lists it: it marks the cache; it leaves out empty content and annotations, reasoning
# beside its details, indexes of calls, and what Anthropic and Vercel report about them; it loses the
# first piece of a text or calls a summary a text; it names Gemini's result "result" and numbers calls
# that have no id.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

: "${CASSETTES:=${CORPUS:-$TOP_SRC/../shared/corpus}/cassettes/go-vcr}"
if [ ! -d "$CASSETTES" ]; then
	echo "1..0 # SKIP there are no recordings at $CASSETTES"
	exit 0
fi
need jq

# shellcheck disable=SC2016
judge='
def list: .messages // .contents // .input;
def added($old): list[($old | list | length):];
def results($old): [added($old) | .. | objects
	| if .role? == "tool" then .content
	elif .type? == "tool_result" then .content[0].text
	elif .functionResponse? then .functionResponse.response.result
	elif .type? == "function_call_output" then .output else empty end];

def blobs: [.. | objects | .data?, .signature? | strings | select(. != "")];
def plain: walk(if type != "object" then . else
	del(.cache_control, .caller, .provider_metadata, .reasoning, .reasoning_details)
	| if .function.arguments? then del(.index) else . end
	| if .annotations == [] then del(.annotations) else . end
	| if .tool_calls and (.content // "" | . == "") then del(.content) else . end
	| if .response.output? then .response |= {result: .output} else . end
	| if .functionCall? then .functionCall |= del(.id) else . end
	| if .functionResponse? then .functionResponse |= del(.id) else . end
	end);
def ids: [.. | objects | .functionCall?, .functionResponse? | objects | .id // empty];
# A text that lost its beginning or its end.
def shorten($theirs): if .tool_calls and .content and ($theirs.content | type == "string") and
	(.content | startswith($theirs.content)) then .content = $theirs.content else . end;
'

# Of the recorded request: how ours differs.
# shellcheck disable=SC2016
differ='
$old[0] as $old | $ours[0] as $ours | added($old) as $theirs | ($ours | added($old)) as $added
| ($theirs | plain) as $want
| ([$added | plain, $want] | transpose | map(.[1] as $w | .[0] | shorten($w // {}))) as $got
| (if $got != $want then "added \($got | tojson)", "not   \($want | tojson)" else empty end),
  (($theirs | blobs) - ($added | blobs) | if . == [] then empty else "lost \(length) signatures" end),
  (($added | ids) as $i | if $i == [] or $i == ($theirs | ids) then empty else "other ids" end),
  (if ($ours | (.messages, .contents, .input | arrays) |= .[:-($added | length)]) == $old then empty
   else "the old request was changed" end)
'

recording() {
	local name=$1 k=0 result tool
	cassette-extract -b request -i 0 "$name" >old.json
	cassette-extract -b request -i 1 "$name" >next.json
	case $name in
	*_streaming.yaml) cassette-extract -b response -i 0 "$name" | sse-split | delta-merge >message.json ;;
	*) cassette-extract -b response -i 0 "$name" >message.json ;;
	esac
	rm -rf tools
	mkdir tools
	jq -r --slurpfile old old.json "$judge"'results($old[0])[] | @base64' next.json >results
	while read -r tool; do
		k=$((k + 1))
		result=$(sed -n "${k}p" results)
		printf '#!/bin/sh\necho %s | base64 -d\n' "$result" >"tools/$tool"
		chmod +x "tools/$tool"
	done < <(jq -c . message.json | delta-merge -n | jq -r '.tool_calls[].name')
	[ "$k" -gt 0 ] && [ "$k" = "$(wc -l <results)" ] || echo "$k calls, $(wc -l <results) results"
	tool-run -d tools old.json message.json >ours.json
	jq -r --slurpfile old old.json --slurpfile ours ours.json "$judge$differ" next.json | cut -c 1-600
}

cd "$SCRATCH" || exit 1
for file in "$CASSETTES"/*/*/{tool,multi_tool}{,_streaming}.yaml; do
	[ -e "$file" ] || continue
	quiet "tool-run answers ${file#"$CASSETTES"/} as it was answered" recording "$file"
done
tap_end
