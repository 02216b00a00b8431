#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What delta-merge -m and tool-run send back has the types that the providers' own npm packages give to requests.
# `./quickstart check` installs them.

load lib

modules() {
	need node
	if [ ! -d "$CLIENTS/node_modules/typescript" ]; then
		[ "${CI:-}" != true ] || {
			echo "there is no typescript in $CLIENTS/node_modules, which ./quickstart check makes"
			return 1
		}
		skip 'the npm packages of tests/clients are not installed'
	fi
	ln -s "$CLIENTS/node_modules" node_modules
	cp "$TOP_SRC/tests/clients/types.mjs" .
}

# line NAME FORMAT: what stands on standard input, for types.mjs.
line() {
	local text
	while IFS= read -r text; do
		printf '%s\t%s\t%s\n' "$1" "$2" "$text"
	done
}

@test "the messages of all golden cases, save those that are known" {
	modules
	for file in "$TOP_SRC"/tests/delta/*/*.message; do
		name=${file#"$TOP_SRC"/tests/delta/}
		line "${name%.message}" "${name%%/*}" <"$file"
	done >lines
	[ "$(wc -l <lines)" -gt 100 ]
	node types.mjs <lines >refused
	sort -u refused
	diff <(cut -f 1 "$TOP_SRC/tests/clients/types.known" | sort) <(cut -f 1 refused | sort -u)
}

@test "each kind of fault is found" {
	modules
	line missing openai-chat <<<'{"content":"Hi"}' >lines
	# shellcheck disable=SC2129
	line type anthropic <<<'{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}},{"type":"text","text":7}]}' >>lines
	line unknown anthropic <<<'{"role":"assistant","content":[{"type":"text","text":"Hi","deltas":[]}]}' >>lines
	line dialect openai-chat <<<'{"role":"assistant","content":"Hi","reasoning":"Hm"}' >>lines
	line bytes bedrock <<<'{"role":"assistant","content":[{"reasoningContent":{"redactedContent":"cnNu"}}]}' >>lines
	line word gemini <<<'{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"1"}}]}' >>lines
	line no-word gemini <<<'{"role":"model","parts":[{"executableCode":{"language":"COBOL","code":"1"}}]}' >>lines
	line nobody cohere <<<'{"role":7}' >>lines
	node types.mjs <lines >refused
	cat refused
	[ "$(cut -f 1 refused | sort -u | xargs)" = 'missing no-word type unknown' ]
}

# goes_on FORMAT REQUEST MESSAGE: the next request, with a tool that prints and one that is not there.
goes_on() {
	printf '%s\n' "$2" >request
	printf '%s\n' "$3" >message
	tool-run -d tools request message 2>said | line "$1" "$1-request" >>lines
	[ -s said ]
}

@test "the requests that go on: calls without arguments, with arguments that are no JSON, results of failure" {
	modules
	mkdir tools
	printf '#!/bin/sh\necho 1\n' >tools/f
	chmod +x tools/f
	goes_on openai-chat '{"model":"m","messages":[{"role":"user","content":"Go"}]}' \
		'{"choices":[{"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":""}},{"id":"c2","function":{"name":"g","arguments":"{"}}]},"finish_reason":"tool_calls"}]}'
	goes_on openai-responses '{"model":"m","input":[{"role":"user","content":"Go"}]}' \
		'{"object":"response","id":"r","status":"completed","output":[{"type":"reasoning","id":"rs","summary":[]},{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"I go"}]},{"type":"function_call","id":"fc","status":"completed","call_id":"c1","name":"f","arguments":""},{"type":"function_call","call_id":"c2","name":"g","arguments":"{"}]}'
	goes_on anthropic '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Go"}]}' \
		'{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":""},{"type":"tool_use","id":"c1","name":"f","input":{}},{"type":"tool_use","id":"c2","name":"g","input":"{"},{"type":"tool_use","id":"c3","name":"f"}],"stop_reason":"tool_use","stop_sequence":null,"usage":{}}'
	goes_on gemini '{"contents":[{"role":"user","parts":[{"text":"Go"}]}]}' \
		'{"candidates":[{"content":{"parts":[{"text":""},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g","args":"{"}}]},"finishReason":"STOP"}]}'
	goes_on gemini-interactions '{"model":"m","input":[{"type":"user_input","content":[{"type":"text","text":"Go"}]}]}' \
		'{"object":"interaction","id":"i","status":"requires_action","steps":[{"type":"function_call","id":"c1","name":"f"},{"type":"function_call","id":"c2","name":"g","arguments":"{"}]}'
	goes_on bedrock '{"messages":[{"role":"user","content":[{"text":"Go"}]}]}' \
		'{"output":{"message":{"role":"assistant","content":[{"text":" "},{"reasoningContent":{"reasoningText":{"signature":"c2ln"}}},{"toolUse":{"toolUseId":"c1","name":"f","type":"tool_use"}},{"toolUse":{"toolUseId":"c2","name":"g","input":"{"}}]}},"stopReason":"tool_use","usage":{"inputTokens":1}}'
	goes_on ollama '{"model":"m","messages":[{"role":"user","content":"Go"}]}' \
		'{"model":"m","message":{"role":"assistant","tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g","arguments":"{"}}]},"done":true,"done_reason":"stop"}'
	[ "$(wc -l <lines)" -eq 7 ]
	cat lines
	node types.mjs <lines >refused
	cat refused
	[ ! -s refused ]
}
