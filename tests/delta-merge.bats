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

@test "a cassette, and what cassette-extract prints of it: where the stream is" {
	printf -- '---\nversion: 2\n' >in
	try delta-merge in
	[ "$status" = 3 ]
	[ "$(head -n 1 stderr)" = 'delta-merge: in:1: a cassette, not chunks; put cassette-extract -b response and sse-split before' ]
	echo '{"id":0,"request":{"url":"http://a/"},"response":{"status":200,"body":""}}' >in
	try delta-merge in
	is 3 '' $'delta-merge: in:1: a recorded interaction, not a chunk; cassette-extract -b response prints its stream\ndelta-merge: in: no message'
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

@test "the raw event stream is told from its chunks" {
	printf 'data: {"choices":[]}\n' >in
	try delta-merge in
	is 3 '' $'delta-merge: in:1: an event stream, not its chunks; put sse-split before\ndelta-merge: in: no message'
}

@test "what is wrong is said with its line, and what is whole comes out" {
	{ stream && echo '{"choices":'; echo nonsense; echo '[1]'; echo '"torn"'; echo '{"a":1}'; } >in
	try delta-merge -t in
	is 3 'Hello world' $'delta-merge: in:4: not JSON: text ends too early at byte 11
delta-merge: in:5: not JSON: value expected at byte 0
delta-merge: in:6: chunk is no JSON object
delta-merge: in:7: torn chunk: a JSON string of 4 bytes
delta-merge: in:8: not a chunk of any known format'
}

@test "rubbish is said five times and counted" {
	{ seq 1000 1019 && stream; } >in
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

@test "JSON that is laid out is told from chunks" {
	stream | head -n 2 | jq -s . >in
	try delta-merge in
	[ "$status" = 3 ]
	[ "$(head -n 1 stderr)" = 'delta-merge: in:1: JSON over several lines, not one to a line; put sse-split before' ]
	sse-split in | delta-merge -t >stdout 2>stderr || true
	[ "$(cat stdout)" = 'Hello world' ]
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
	is 0 'www'
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
