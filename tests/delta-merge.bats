# SPDX-License-Identifier: MIT
# What delta-merge does besides merging, which the golden pairs of tests/delta hold.
load lib

chunk() { # TEXT [FINISH]
	printf '{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}\n' "$1" "${2:-null}"
}

stream() {
	chunk 'Hello'
	chunk ' world'
	chunk '' '"stop"'
}

# wrong NAME WANTED: the file `in` is reported once, as WANTED says.
wrong() {
	try delta-merge in
	is 3 '' "delta-merge: in*: $1, not chunks$2"
	[ "$(wc -l <stderr)" = 1 ]
}

@test "input for another program: named once, with the program to use" {
	local before='; put sse-split before'
	{ printf ': comment\nevent: x\nid: 1\nretry: 3\n' && stream | sed 's/^/data: /'; } >in
	try delta-merge in
	is 3 '' "delta-merge: in:1: fields of an event stream without data, skipped$before
delta-merge: in:5: an event stream, not chunks$before"
	for first in 'data: {"choices":[]}' 'data:x'; do
		printf '%s\n\nevent: x\n{"a":1}\nrubbish\n' "$first" >in
		wrong 'an event stream' "$before"
	done
	echo '{"id":0,"request":{"method":"GET","url":"http://a/"},"response":{"status":200,"body":""}}' >in
	wrong 'interaction records' "$before"
	echo '{"request":{"method":"GET","url":"http://a/"},"response":null}' >in
	wrong 'interaction records' "$before"
	stream | head -n 2 | jq -s . >in
	wrong 'JSON over several lines' "$before"
	sse-split in >out
	try delta-merge -t out
	is 3 'Hello world' '*message cut*'
	echo '[' >in
	wrong 'JSON over several lines' "$before"
	printf '\0\0\0\x7b\0\0\0\x4b\x11\x22\x33\x44\x0d:message-type\7\0\x05event' >in
	wrong 'an event stream in Amazon frames' "$before"
	printf '\x1f\x8b\x08\0\0\0\0' >in
	wrong gzip '; put gzip -dc and sse-split before'
	printf '\x28\xb5\x2f\xfd\x04' >in
	wrong zstd '; put zstd -dc and sse-split before'
	printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' >in
	wrong 'binary data' ''
	printf 'a\0b\n' >in
	wrong 'binary data' ''
	printf '<!DOCTYPE html>\n<html>\n' >in
	wrong 'HTML or XML' ''
	printf ' <?xml version="1.0"?>\n<a/>\n' >in
	wrong 'HTML or XML' ''
}

@test "input for another program: cassettes of every make" {
	local line
	for line in '---' 'interactions:' 'interactions: []' 'http_interactions:' 'version: 2' 'request:' 'requests:' 'responses:' \
		'- request:' '- !ruby/struct:VCR::HTTPInteraction' '{"log":{"version":"1.2","entries":[]}}' \
		'{"http_interactions":[],"recorded_with":"VCR"}' '{"version":1,"interactions":[]}' \
		'{"request":{"method":"GET","uri":"http://a/"},"response":{"status":{"code":200},"body":""}}' \
		$'{\n  "log": {' $'{\n  "interactions": [' $'{\n  "http_interactions": ['; do
		printf '%s\n  more: 1\n' "$line" >in
		wrong 'a cassette' '; put cassette-extract and sse-split before'
	done
}

@test "input for another program is read to its end" {
	# shellcheck disable=SC2238
	stream | sed 's/^/data: /' >head
	{ cat head && yes 'data: x' | head -c 3000000 && head -c 300000 /dev/zero; } >in
	try_sh 'cat in | delta-merge -M 1000; echo "${PIPESTATUS[0]}"'
	[ "$(cat stdout)" = 0 ]
	[ "$(wc -l <stderr)" = 1 ]
}

@test "lines of text before the first chunk are noted, after it they are faults" {
	{ printf '%s\n' 'version: 2.1 of the agent' '[1/2] loading' "{'a': 1}" '' 'data: loaded' '17' && stream; } >in
	try delta-merge -t in
	is 0 'Hello world' 'delta-merge: in:7: text before the first chunk, lines: 5; skipped'
	{ stream && echo 'done'; } >in
	try delta-merge -t in
	is 3 'Hello world' 'delta-merge: in:4: not JSON: *'
	printf 'nothing\nof interest\n' >in
	try delta-merge in
	is 3 '' 'delta-merge: in: plain text, not chunks'
	{ echo '[warn] low memory' && echo '{"level":"info"}'; } >in
	try delta-merge in
	is 3 '' $'delta-merge: in: 1 stream is not an LLM response\ndelta-merge: in: text before the first chunk, lines: 1; skipped'
	{ stream && printf ': ping\nevent: x\nid: 7\nretry: 1\n' && chunk '' '"stop"'; } >in
	try delta-merge -t in
	is 0 'Hello world' 'delta-merge: in:4: fields of an event stream without data, skipped; put sse-split before'
}

@test "a byte order mark is no part of the first line" {
	{ printf '\xef\xbb\xbf' && stream; } >in
	try delta-merge -t in
	is 0 'Hello world'
}

@test "streams of something else are counted, with -v they are named" {
	{ echo '{"jsonrpc":"2.0","id":1}' && echo && stream && echo && echo '"plain"' && echo && printf '{"a":1}\n[{"b":2},3]\n' && echo && echo '{}' && echo && echo; } >in
	try delta-merge -t in
	is 0 'Hello world' 'delta-merge: in: 4 streams are not LLM responses'
	try delta-merge -t -v in
	is 0 'Hello world' 'delta-merge: in:2: the stream at line 1 is not an LLM response
delta-merge: in:8: the stream at line 7 is not an LLM response
delta-merge: in:11: the stream at line 9 is not an LLM response
delta-merge: in:13: the stream at line 12 is not an LLM response
delta-merge: in: 4 streams are not LLM responses'
	printf '{"event":"message","data":{"a":%s},"source":{"file":"a.yaml","id":%s}}\n' 1 0 2 0 3 1 >in
	try delta-merge -v in
	is 3 '' 'delta-merge: in:3: the stream at line 1 from {"file":"a.yaml","id":0} is not an LLM response
delta-merge: in: the stream at line 3 from {"file":"a.yaml","id":1} is not an LLM response
delta-merge: in: 2 streams are not LLM responses'
	try delta-merge -f openai-chat -v in
	[ "$status" = 3 ]
	grep -q 'in:2: not a chunk of openai-chat' stderr
}

@test "unknown objects in a stream are notes, those of a known format with wrong types are faults" {
	{ echo '{"sources":[1]}' && echo '{"a":1}' && stream; echo '{"b":{}}'; } >in
	try delta-merge -t in
	is 0 'Hello world' 'delta-merge: in:3: 2 objects before the first chunk are of no known format; skipped
delta-merge: in:6: not a chunk of any known format; skipped'
	for wrong in choices candidates messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop; do
		{ stream && echo "{\"$wrong\":7}"; } >in
		try delta-merge -t in
		is 3 'Hello world' "delta-merge: in:4: not a chunk of any known format: '$wrong' has the wrong type"
	done
	{ echo '"torn' && echo '"torn"' && stream; } >in
	try delta-merge -t in
	is 3 'Hello world' $'delta-merge: in:1: not JSON: *\ndelta-merge: in:3: before the first chunk, data that is not a JSON object: 1; skipped'
	{ stream && for i in $(seq 8); do echo "{\"a\":$i}"; done; } >in
	try delta-merge -t in
	[ "$status" = 0 ]
	[ "$(wc -l <stderr)" = 6 ]
	[ "$(tail -n 1 stderr)" = 'delta-merge: in: 3 more: notes on its lines' ]
}

@test "text is printed as it comes, with a line feed at the end" {
	stream >in
	try delta-merge -t in
	is 0 'Hello world'
}

@test "no line feed is added to a text that has one" {
	{ chunk 'Hi\n' && chunk '' '"stop"'; } >in
	try delta-merge -t in
	is 0 'Hi'
}

@test "a message without text prints none" {
	chunk '' '"stop"' >in
	try delta-merge -t in
	is 0 ''
}

@test "a character cut between its surrogates is one character" {
	{ chunk '\ud83d' && chunk '\ude00!' && chunk '' '"stop"'; } >in
	try delta-merge -t in
	is 0 '😀!'
	try delta-merge -n in
	[ "$(jq -r .text stdout)" = '😀!' ]
}

@test "a lone surrogate becomes a replacement character on the terminal, and stays what it is in JSON" {
	{ chunk 'a\ud83d' && chunk 'b' && chunk '\ud83d' && chunk '' '"stop"'; } >in
	try delta-merge -t in
	is 0 $'a\xef\xbf\xbdb\xef\xbf\xbd'
	try delta-merge -n in
	grep -qF '"text":"a\ud83db\ud83d"' stdout
}

@test "files never share a message" {
	chunk 'one' >a
	stream >b
	try delta-merge -t a b
	is 3 $'one\nHello world' 'delta-merge: a: message cut: input ended before its end'
}

@test "an empty input is no message" {
	try delta-merge </dev/null
	is 3 '' 'delta-merge: standard input: no message'
	printf '\n \r\n' >blank
	try delta-merge blank
	is 3 '' 'delta-merge: blank: no message'
}

@test "what is wrong is said with its line, and what is whole comes out" {
	{ stream && echo '{"choices":'; echo nonsense; echo '[1]'; echo '"torn"'; echo '{"a":1}'; } >in
	try delta-merge -t in
	is 3 'Hello world' $'delta-merge: in:4: not JSON: text ends too early at byte 11
delta-merge: in:5: not JSON: value expected at byte 0
delta-merge: in:6: data that is not a JSON object, 1 bytes; skipped
delta-merge: in:7: data that is not a JSON object, 4 bytes; skipped
delta-merge: in:8: not a chunk of any known format; skipped'
}

@test "rubbish is said five times and counted" {
	{ stream && seq 1000 1019; } >in
	try delta-merge -t in
	[ "$status" = 3 ]
	[ "$(cat stdout)" = 'Hello world' ]
	[ "$(wc -l <stderr)" = 6 ]
	[ "$(tail -n 1 stderr)" = 'delta-merge: in: 15 more: faults of its lines' ]
}

@test "a last line without its end is a chunk cut short" {
	{ stream && printf '{"id":"c1","choi'; } >in
	try delta-merge -t in
	is 3 'Hello world' 'delta-merge: in:4: chunk cut short after 16 bytes'
}

@test "a last line without its line feed is a line" {
	stream | head -c -1 >in
	try delta-merge -t in
	is 0 'Hello world'
}

@test "an error body passes, and is the answer no" {
	echo '{"error":{"type":"rate_limit","message":"slow\u001b[31m down"}}' >in
	try delta-merge in
	is 1 '{"error":{"type":"rate_limit","message":"slow\u001b[31m down"}}' "delta-merge: in:1: provider's error: rate_limit: slow [[]31m down"
	try delta-merge -m in
	is 1 '' "delta-merge: in:1: provider's error: *"
	try delta-merge -n in
	[ "$(jq -c '[.finish, .complete, .error.type, .text]' stdout)" = '["error",true,"rate_limit",""]' ]
}

@test "an error in the stream stands beside the message" {
	{ chunk 'Hal' && echo '{"error":"boom"}'; } >in
	try delta-merge -n in
	[ "$status" = 1 ]
	[ "$(jq -c '[.text, .finish, .complete, .error]' stdout)" = '["Hal","error",true,"boom"]' ]
	try delta-merge in
	[ "$(jq -c '.error' stdout)" = '"boom"' ]
}

@test "records are chunks, and their sentinel is an end" {
	stream | head -n 2 | jq -c '{event: "message", data: .}' >in
	try delta-merge -t in
	is 3 'Hello world' 'delta-merge: in: message cut: *'
	echo '{"event":"message","data":"[DONE]"}' >>in
	try delta-merge -t in
	is 0 'Hello world'
	echo '{"event":"ping","data":""}' >>in
	try delta-merge -t in
	is 0 'Hello world'
}

@test "a message without a mark of its end is not printed by -m" {
	chunk 'Half' >in
	try delta-merge -m in
	is 3 '' 'delta-merge: in: message cut: input ended before its end'
}

@test "a finished message passes as it is" {
	stream >in
	delta-merge in >whole
	try delta-merge whole
	is 0 "$(cat whole)"
	try delta-merge -t whole
	is 0 'Hello world'
	delta-merge -n in >once
	try delta-merge -n whole
	is 0 "$(cat once)"
}

@test "following a chunk gives what parsing it gives" {
	for i in $(seq 300); do chunk "w$i é \\\"q\\\" \\n" && chunk ''; done >in
	chunk '' '"stop"' >>in
	awk 'NR % 2 { print $0 " "; next } 1' in >longway
	for mode in -n -m -t -c --; do
		delta-merge $mode in >a
		delta-merge $mode longway >b
		cmp a b
	done
}

@test "following a chunk whose usage changes, too" {
	for i in $(seq 50); do
		printf '{"candidates":[{"content":{"parts":[{"text":"w%s"}],"role":"model"},"index":0}],"usageMetadata":%s,"responseId":"r"}\n' \
			"$i" "$([ $((i % 7)) = 0 ] && echo '{}' || echo "{\"totalTokenCount\":$i$([ $((i % 5)) = 0 ] && echo ' ')}")"
	done >in
	echo '{"candidates":[{"finishReason":"STOP","index":0}],"responseId":"r"}' >>in
	awk 'NR % 2 { print $0 " "; next } 1' in >longway
	delta-merge in >a
	delta-merge longway >b
	cmp a b
	[ "$(jq -c .usageMetadata a)" = '{"totalTokenCount":50}' ]
}

@test "a prompt that is refused late ends the message, however alike the chunks are" {
	for block in x y blockReason; do
		printf '{"candidates":[{"content":{"parts":[{"text":"%s"}],"role":"model"},"index":0}],"promptFeedback":{"%s":"SAFETY"},"responseId":"r"}\n' w "$block"
	done >in
	try delta-merge -t in
	is 0 'www' 'delta-merge: in:3: prompt blocked: SAFETY'
}

@test "white space that pads a chunk, and a ping between two, change nothing" {
	{
		echo '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[]}}'
		for i in $(seq 40); do
			printf '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"w%s "}%*s}\n' "$i" $((i % 7)) ''
			[ $((i % 10)) != 0 ] || echo '{"type": "ping"}'
		done
		echo '{"type":"message_stop"   }'
	} >in
	sed 's/ *}$/}/; /ping/d' in >bare
	delta-merge in >a
	delta-merge bare >b
	cmp a b
	[ "$(jq -r '.content[0].text' a | wc -w)" = 40 ]
}

@test "a line that follows must be valid JSON itself" {
	{ chunk 'a' && chunk 'b' && chunk 'c'; printf '%s\n' "$(chunk X | sed 's/X/bad \\x escape/')"; chunk '' '"stop"'; } >in
	try delta-merge -t in
	is 3 'abc' 'delta-merge: in:4: not JSON: unknown escape in a string at byte *'
}

@test "a message stops growing at the ceiling" {
	for _ in $(seq 100); do chunk '0123456789'; done >in
	chunk '' '"stop"' >>in
	try delta-merge -n -M 500 in
	[ "$status" = 3 ]
	[ "$(jq -r '.text | length' stdout)" = 500 ]
	[ "$(cat stderr)" = 'delta-merge: in:51: message of more than --max-size; its rest is dropped' ]
	try delta-merge -n -M 100 in
	[ "$status" = 3 ]
	[[ $(cat stderr) == 'delta-merge: in:1: line of more than --max-size'* ]]
}

@test "a finish_reason of nothing is none" {
	{ chunk 'Hal' '""' && chunk 'f' '""'; } >in
	try delta-merge -t in
	is 3 'Half' 'delta-merge: in: message cut: *'
	{ chunk '.' '"stop"' && chunk '' '""'; } >>in
	try delta-merge -t in
	is 0 'Half.'
	sed 's/"delta":{"content":\("[^"]*"\)}/"text":\1/; s/chat.completion.chunk/text_completion/' in >older
	try delta-merge -t older
	is 0 'Half.'
	head -n 2 older >half
	try delta-merge -t half
	is 3 'Half' 'delta-merge: half: message cut: *'
}

@test "-f forces the format and lists them" {
	stream >in
	try delta-merge -t -f openai-chat in
	is 0 'Hello world'
	try delta-merge -f nonsense in
	is 2 '' "delta-merge: unknown format 'nonsense'; '-f help' lists them; try 'delta-merge --help'"
	try delta-merge -f help
	[ "$status" = 0 ]
	grep -q '^openai-chat ' stdout
}

@test "one mode at a time" {
	try delta-merge -n -t
	is 2 '' "delta-merge: only one of -n, -m, -t and -c can be asked for; *"
	stream >in
	try delta-merge -t -t in
	is 0 'Hello world'
}

@test "-w shows on stderr, and stdout stays what it is" {
	cat >in <<'END'
{"id":"c1","model":"m","choices":[{"index":0,"delta":{"reasoning":"Let me\u001b see."}}]}
{"id":"c1","choices":[{"index":0,"delta":{"content":"Asking."}}]}
{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\":"}}]}}]}
{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"cost":0.010,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":2}}}
END
	delta-merge -n in >plain
	try delta-merge -w -n in
	is 0 "$(cat plain)" $'Let me  see.\nAsking.\nf {"a":1}\n-- tool_calls, 3 in, 4 out (2 reasoning), cost 0.010'
}

@test "thousands of calls, keys and elements take a time that grows as they do" {
	chunk='{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{%s}}]}\n'
	grows 'for (i = 0; i < n; i++) printf "'"$chunk"'", sprintf("\"tool_calls\":[{\"index\":%d,\"id\":\"c%d\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]", i, i)' delta-merge
	grows 'for (i = 0; i < n; i++) printf "'"$chunk"'", sprintf("\"tool_calls\":[{\"id\":\"c%d\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]", i)' delta-merge
	grows 'for (i = 0; i < n; i++) printf "'"$chunk"'", sprintf("\"k%d\":1", i)' delta-merge
	grows 'for (i = 0; i < n; i++) printf "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{%s\"partialArgs\":[{\"jsonPath\":\"$.a[%d]\",\"stringValue\":\"v\"}],\"willContinue\":true}}]}}],\"responseId\":\"r\"}\n", i ? "" : "\"name\":\"f\",", i' delta-merge
}
