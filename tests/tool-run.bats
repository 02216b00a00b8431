#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# tool-run: calls become commands, results the next request.
load lib

setup() {
	lib_setup
	unset "${!TOOL_ARG_@}"
	echo '{"messages":[{"role":"user","content":"Weather?"}]}' >request
	calls 'weather {"city":"Rome"}' >message
}

# calls 'NAME ARGUMENTS'...: a message of chat completions with these calls.
calls() {
	local call k=0 list=
	for call; do
		k=$((k + 1))
		list+=,$(jq -cn --arg id "c$k" --arg name "${call%% *}" --arg a "${call#* }" \
			'{id: $id, type: "function", function: {name: $name, arguments: $a}}')
	done
	echo '{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":['"${list#,}"']},"finish_reason":"tool_calls"}]}'
}

# results: what the last try answered to the calls, a line each.
results() {
	jq -c '.messages[] | select(.role == "tool") | .content' stdout
}

# tool NAME < SCRIPT: an executable in tools/.
tool() {
	mkdir -p tools
	{
		echo '#!/bin/sh'
		cat
	} >"tools/$1"
	chmod +x "tools/$1"
}

# goes_on REQUEST MESSAGE RESULT WANTED: the tool f prints RESULT.
goes_on() {
	printf '%s\n' "$1" >request
	printf '%s\n' "$2" >message
	printf 'printf %%s %s\n' "'$3'" | tool f
	try tool-run -d tools request message
	is 0 "$4"
}

# fails_so REQUEST MESSAGE WANTED: the tool f fails.
fails_so() {
	printf '%s\n' "$1" >request
	printf '%s\n' "$2" >message
	echo 'exit 3' | tool f
	try tool-run -d tools request message
	is 0 "$3" 'tool-run: f: exit status 3'
}

@test "the recorded conversation: from request, answer and result comes the next request that was recorded" {
	florence=$TOP_SRC/examples/florence.yaml
	cassette-extract -b request -i 0 "$florence" >request
	cassette-extract -b request -i 1 "$florence" | jq -S . >recorded
	cassette-extract -b response -i 0 "$florence" | sse-split | delta-merge >message
	echo 'echo 40 C' | tool weather
	try tool-run -d tools request message
	[ "$status" = 0 ] && [ ! -s stderr ]
	jq -S . stdout | diff -u recorded -
	cassette-extract -b response -i 1 "$florence" | sse-split | delta-merge >message
	try tool-run -d tools stdout message
	is 1 ''
}

@test "the old request stays, byte for byte" {
	printf '{ "model": "m",\t"seed": 1.0e0,\n  "messages" : [\n    {"role": "user", "content": "\\u0041"}\n  ],\n  "é": [ ]}' >request
	try tool-run -T weather='echo 1' request message
	[ "$status" = 0 ]
	printf '{ "model": "m",\t"seed": 1.0e0,\n  "messages" : [\n    {"role": "user", "content": "\\u0041"}' >beginning
	printf '\n  ],\n  "é": [ ]}\n' >end
	cmp <(head -c "$(wc -c <beginning)" stdout) beginning
	cmp <(tail -c "$(wc -c <end)" stdout) end
	jq -e '.messages | length == 3' stdout
}

@test "openai-chat" {
	goes_on '{"messages":[]}' "$(calls 'f {}' 'f {"a":1}')" 'a "b"' \
		'{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"a \"b\""},{"role":"tool","tool_call_id":"c2","content":"a \"b\""}]}'
	goes_on '{"messages":[{"role":"user"}]}' \
		'{"choices":[{"message":{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"}]}' 1 \
		'{"messages":[{"role":"user"},{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"}]}'
	fails_so '{"messages":[]}' "$(calls 'f {}')" \
		'{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"error: exit status 3"}]}'
}

@test "openai-chat: a custom tool has its text, as it is" {
	echo '{"choices":[{"message":{"role":"assistant","tool_calls":[{"id":"c1","type":"custom","custom":{"name":"f","input":"no JSON"}}]},"finish_reason":"tool_calls"}]}' >message
	echo 'env | grep ^TOOL_ARG; cat; echo .' | tool f
	try tool-run -d tools request message
	[ "$status" = 0 ] && [ ! -s stderr ] && [ "$(results)" = '"no JSON."' ]
}

responses() {
	echo '{"object":"response","id":"r","status":"completed","output":[{"type":"reasoning","id":"rs","summary":[]'"$1"'},{"type":"function_call","id":"fc","status":"completed","call_id":"c1","name":"f","arguments":"{}"}]}'
}

@test "openai-responses: input as a list, a string, or missing" {
	items='{"type":"reasoning","id":"rs","summary":[]},{"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"1"}'
	goes_on '{"input":[{"role":"user","content":"Go"}],"model":"m"}' "$(responses)" 1 \
		'{"input":[{"role":"user","content":"Go"},'"$items"'],"model":"m"}'
	goes_on '{"input": "Go" ,"model":"m"}' "$(responses)" 1 '{"input": [{"role":"user","content":"Go"},'"$items"'] ,"model":"m"}'
	goes_on '{"model":"m"}' "$(responses)" 1 '{"model":"m","input":['"$items"']}'
	goes_on '{}' "$(responses)" 1 '{"input":['"$items"']}'
	goes_on '{"input":null}' "$(responses)" 1 '{"input":['"$items"']}'
	goes_on '{"input":[]}' "$(responses)" 1 '{"input":['"$items"']}'
}

@test "openai-responses: where nothing is stored, reasoning is encrypted or left out, and ids go" {
	goes_on '{"input":[],"store":false}' "$(responses)" 1 \
		'{"input":[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"1"}],"store":false}'
	goes_on '{"input":[],"store":false}' "$(responses ',"encrypted_content":"x"')" 1 \
		'{"input":[{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"x"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"1"}],"store":false}'
}

@test "openai-responses: a custom tool" {
	goes_on '{"input":[]}' \
		'{"object":"response","status":"completed","output":[{"type":"custom_tool_call","id":"ct","call_id":"c1","name":"f","input":"no JSON"}]}' 1 \
		'{"input":[{"type":"custom_tool_call","id":"ct","call_id":"c1","name":"f","input":"no JSON"},{"type":"custom_tool_call_output","call_id":"c1","output":"1"}]}'
}

@test "anthropic: all results in one message" {
	message='{"type":"message","id":"m","role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"server_tool_use","id":"s","name":"g","input":{}},{"type":"tool_use","id":"b","name":"f","input":{"x":1.0}}],"stop_reason":"tool_use"}'
	kept='{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"server_tool_use","id":"s","name":"g","input":{}},{"type":"tool_use","id":"b","name":"f","input":{"x":1.0}}]}'
	goes_on '{"messages":[]}' "$message" 1 \
		'{"messages":['"$kept"',{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"}]},{"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"1"}]}]}]}'
	goes_on '{"messages":[]}' "$message" ' ' \
		'{"messages":['"$kept"',{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"b"}]}]}'
	message='{"type":"message","id":"m","role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":"tool_use"}'
	fails_so '{"messages":[]}' "$message" \
		'{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"error: exit status 3"}],"is_error":true}]}]}'
}

@test "bedrock" {
	message='{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}}]}},"stopReason":"tool_use"}'
	kept='{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}}]}'
	goes_on '{"messages":[]}' "$message" 1 \
		'{"messages":['"$kept"',{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"1"}]}}]}]}'
	goes_on '{"messages":[]}' "$message" '' \
		'{"messages":['"$kept"',{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"(no output)"}]}}]}]}'
	fails_so '{"messages":[]}' "$message" \
		'{"messages":['"$kept"',{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"error: exit status 3"}],"status":"error"}}]}]}'
}

@test "gemini: an object is the response, all else its output" {
	message='{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"s"},{"functionCall":{"id":"i","name":"f","args":{}}}]},"finishReason":"STOP"}]}'
	kept='{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"s"},{"functionCall":{"id":"i","name":"f","args":{}}}]}'
	both() {
		echo '{"contents":['"$kept"',{"role":"user","parts":[{"functionResponse":{"name":"f","response":'"$1"'}},{"functionResponse":{"id":"i","name":"f","response":'"$1"'}}]}]}'
	}
	goes_on '{"contents":[]}' "$message" '{ "t": 1.0 }' "$(both '{"t":1.0}')"
	goes_on '{"contents":[]}' "$message" '[1]' "$(both '{"output":"[1]"}')"
	echo 'echo "{}"; exit 3' | tool f
	try tool-run -d tools request message
	is 0 "$(both '{"error":"{}\nerror: exit status 3"}')" $'tool-run: f: exit status 3\ntool-run: f: exit status 3'
}

@test "gemini-interactions: input as steps, contents, a content or a string" {
	message='{"object":"interaction","id":"i","status":"requires_action","steps":[{"type":"function_call","id":"c","name":"f","arguments":{}}]}'
	items='{"type":"function_call","id":"c","name":"f","arguments":{}},{"type":"function_result","call_id":"c","name":"f","result":"1"}]'
	goes_on '{"input":[{"type":"user_input","content":[]}]}' "$message" 1 '{"input":[{"type":"user_input","content":[]},'"$items}"
	goes_on '{"input":"Go"}' "$message" 1 '{"input":[{"type":"user_input","content":[{"type":"text","text":"Go"}]},'"$items}"
	goes_on '{"input":[{"type":"text","text":"Go"}]}' "$message" 1 \
		'{"input":[{"type":"user_input","content":[{"type":"text","text":"Go"}]},'"$items}"
	goes_on '{"input":{"type":"text","text":"Go"}}' "$message" 1 \
		'{"input":[{"type":"user_input","content":[{"type":"text","text":"Go"}]},'"$items}"
	fails_so '{"input":[]}' "$message" \
		'{"input":[{"type":"function_call","id":"c","name":"f","arguments":{}},{"type":"function_result","call_id":"c","name":"f","is_error":true,"result":"error: exit status 3"}]}'
}

@test "ollama: results go by name, and by id where there is one" {
	goes_on '{"messages":[]}' \
		'{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}},{"id":"c","function":{"name":"f","arguments":{}}}]},"done":true,"done_reason":"stop"}' 1 \
		'{"messages":[{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}},{"id":"c","function":{"name":"f","arguments":{}}}]},{"role":"tool","tool_name":"f","content":"1"},{"role":"tool","tool_name":"f","tool_call_id":"c","content":"1"}]}'
}

@test "cohere" {
	goes_on '{"messages":[]}' \
		'{"id":"i","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"I will","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}' 1 \
		'{"messages":[{"role":"assistant","tool_plan":"I will","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}]}'
}

@test "openai-chat: Snowflake's calls and results stand in content_list" {
	goes_on '{"messages":[]}' \
		'{"choices":[{"message":{"content":"Hm","content_list":[{"type":"text","text":"Hm"},{"type":"tool_use","tool_use":{"tool_use_id":"t","name":"f","input":{}}}]},"finish_reason":null}],"usage":{"total_tokens":3}}' 1 \
		'{"messages":[{"content":"Hm","content_list":[{"type":"tool_use","tool_use":{"tool_use_id":"t","name":"f","input":{}}}]},{"role":"user","content_list":[{"type":"tool_results","tool_results":{"tool_use_id":"t","name":"f","content":[{"type":"text","text":"1"}]}}]}]}'
	echo '{"choices":[{"message":{"content_list":[{"type":"tool_use","tool_use":{"tool_use_id":"t","name":"f","input":"{"}}]},"finish_reason":null}],"usage":{}}' >message
	try tool-run -d tools request message
	is 3 '' 'tool-run: message: message cut: it does not say how it ended'
}

@test "workers-ai: results go by name; an answer that is whole has ended" {
	goes_on '{"messages":[]}' \
		'{"result":{"response":null,"tool_calls":[{"name":"f","arguments":{}}],"usage":{}},"success":true,"errors":[],"messages":[]}' 1 \
		'{"messages":[{"role":"assistant","content":"","tool_calls":[{"name":"f","arguments":{}}]},{"role":"tool","name":"f","content":"1"}]}'
}

@test "text-generation: ERNIE's call is not run, since nothing could answer it" {
	echo '{"id":"as-1","object":"chat.completion","result":"","need_clear_history":false,"function_call":{"name":"f","arguments":"{}"},"finish_reason":"function_call"}' >message
	echo 'touch ran' | tool f
	echo '{"messages":[]}' >request
	try tool-run -d tools request message
	is 3 '' 'tool-run: request: no request that tool calls of text-generation answer'
	[ ! -e ran ]
}

@test "a command is split into words as a shell does it, and no shell is run" {
	tool show <<-'END'
		for word; do printf '<%s>' "$word"; done
	END
	try tool-run -T weather="tools/show 'a  b' \"c\\\"\\d\" e\\ f '' \$HOME *;|" request message
	is 0 "$(cat stdout)"
	[ "$(results)" = '"<a  b><c\"\\d><e f><><$HOME><*;|>"' ]
}

@test "arguments are a line on standard input, and flat ones are in the environment" {
	calls 'f {"city": "New \"York\"\n","n":1.50,"yes":true,"none":null,"list":[1],"a-b":"x","nul":"\u0000","é":"u"}' >message
	tool f <<-'END'
		cat
		env | grep ^TOOL_ARG | sort
	END
	TOOL_ARG_STALE=1 try tool-run -d tools request message
	[ "$status" = 0 ] && [ ! -s stderr ]
	jq -r '.messages[-1].content' stdout >got
	cat >wanted <<-'END'
		{"city": "New \"York\"\n","n":1.50,"yes":true,"none":null,"list":[1],"a-b":"x","nul":"\u0000","é":"u"}
		TOOL_ARG_A_B=x
		TOOL_ARG_CITY=New "York"
		TOOL_ARG_N=1.50
		TOOL_ARG_YES=true
		TOOL_ARG___=u
	END
	diff -u wanted got
}

@test "no arguments are an object without members" {
	calls 'f ' >message
	echo cat | tool f
	try tool-run -d tools request message
	[ "$status" = 0 ] && [ "$(results)" = '"{}"' ]
}

@test "keys of providers are not inherited" {
	tool weather <<-'END'
		env | grep -E '_API_KEY|_TOKEN|^HARMLESS' | cut -d = -f 1
	END
	OPENAI_API_KEY=1 X_API_KEY=1 ANTHROPIC_AUTH_TOKEN=1 AWS_BEARER_TOKEN_BEDROCK=1 AZURE_OPENAI_AD_TOKEN=1 \
		GOOGLE_OAUTH_ACCESS_TOKEN=1 HF_TOKEN=1 HARMLESS=1 try tool-run -d tools request message
	[ "$status" = 0 ] && [ "$(results)" = '"HARMLESS"' ]
}

@test "the result is what a command substitution would be" {
	printf 'printf "\\n\\na\\n b \\n\\n\\n"' | tool weather
	try tool-run -d tools request message
	[ "$status" = 0 ] && [ "$(results)" = '"\n\na\n b "' ]
}

@test "standard error is passed on line by line, under the name of the tool" {
	tool weather <<-'END'
		printf 'one\r\n\033[31mtwo\nthree' >&2
		echo done
	END
	try tool-run -d tools request message
	is 0 "$(cat stdout)" $'tool-run: weather: one\ntool-run: weather:  [[]31mtwo\ntool-run: weather: three'
	[ "$(results)" = '"done"' ]
}

@test "a tool that reads nothing is no fault, however much there is" {
	{
		printf '{"choices":[{"message":{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"weather","arguments":"{\\"a\\":\\"'
		head -c 3000000 /dev/zero | tr '\0' a
		printf '\\"}"}}]},"finish_reason":"tool_calls"}]}'
	} >message
	try tool-run -T weather='true' request message
	[ "$status" = 0 ] && [ ! -s stderr ] && [ "$(results)" = '""' ]
	try tool-run -T weather='wc -c' request message
	[ "$status" = 0 ] && [ ! -s stderr ] && [ "$(results | tr -d ' ')" = '"3000009"' ]
}

@test "results stand in the order of the calls, which run at once" {
	mkfifo first second
	# Each waits for the other: neither ends alone.
	echo 'echo a >first; cat second' | tool a
	echo 'cat first; echo b >second' | tool b
	calls 'a {}' 'b {}' >message
	try timeout 20 tool-run -d tools request message
	[ "$status" = 0 ] && [ ! -s stderr ]
	[ "$(results | tr '\n' ' ')" = '"b" "a" ' ]
}

@test "-j 1: one after the other" {
	tool f <<-'END'
		echo "begin $TOOL_ARG_N" >>log
		echo "end $TOOL_ARG_N" >>log
	END
	calls 'f {"n":1}' 'f {"n":2}' 'f {"n":3}' >message
	try tool-run -j 1 -d tools request message
	[ "$status" = 0 ]
	[ "$(tr '\n' ' ' <log)" = 'begin 1 end 1 begin 2 end 2 begin 3 end 3 ' ]
}

@test "more calls than there are descriptors: fewer at once" {
	local list=() i
	echo 'read -r line; echo "$TOOL_ARG_N"' | tool f
	for i in {1..30}; do
		list+=("f {\"n\":$i}")
	done
	calls "${list[@]}" >message
	try_sh 'ulimit -n 30; exec tool-run -j 30 -d tools request message'
	[ "$status" = 0 ]
	[ "$(jq -c '[.messages[] | select(.role == "tool").content | tonumber]' stdout)" = "$(seq -s , 30 | sed 's/.*/[&]/')" ]
}

@test "what fails is told to the model, and to people" {
	echo 'echo half; exit 7' | tool exits
	echo 'kill -9 $$' | tool dies
	echo 'cat' | tool fine
	: >tools/unfit
	calls 'exits {}' 'dies {}' 'unknown {}' 'fine {"a":' 'fine {}' 'gone {}' '../fine {}' 'unfit {}' >message
	try tool-run -d tools -T gone=./no-such-command request message
	is 0 "$(cat stdout)" 'tool-run: unknown: there is no such tool
tool-run: fine: arguments are not JSON: text ends too early at byte 6
tool-run: ../fine: there is no such tool
tool-run: unfit: there is no such tool
tool-run: exits: exit status 7
tool-run: dies: killed by signal 9
tool-run: gone: cannot be run: No such file or directory'
	results >got
	cat >wanted <<-'END'
		"half\nerror: exit status 7"
		"error: killed by signal 9"
		"error: there is no such tool"
		"error: arguments are not JSON: text ends too early at byte 6"
		"{}"
		"error: cannot be run: No such file or directory"
		"error: there is no such tool"
		"error: there is no such tool"
	END
	diff -u wanted got
}

@test "--timeout: the call fails and its whole group is killed" {
	mkfifo fifo
	tool weather <<-'END'
		trap '' TERM
		exec 3>fifo
		sleep 1000 &
		echo started
		wait
	END
	timeout 20 cat fifo & # ends when nobody holds the fifo any more
	try tool-run --timeout 0.2 -d tools request message
	is 0 "$(cat stdout)" 'tool-run: weather: not done after 0.2 s'
	[ "$(results)" = '"started\nerror: not done after 0.2 s"' ]
	wait $!
}

@test "what a tool leaves running is killed when it ends" {
	mkfifo fifo
	echo 'exec 3>fifo; sleep 1000 >/dev/null 2>&1 & echo done' | tool weather
	timeout 20 cat fifo &
	try tool-run -d tools request message
	[ "$status" = 0 ] && [ "$(results)" = '"done"' ]
	wait $!
}

# ended_by SIGNAL: tool-run is sent it while a tool and a process of that run.
ended_by() {
	mkfifo fifo began
	tool weather <<-'END'
		exec 3>fifo
		sleep 1000 &
		echo >began
		wait
	END
	timeout 20 cat fifo &
	reader=$!
	env --default-signal tool-run -d tools request message >stdout 2>stderr &
	pid=$!
	read -r <began
	kill -"$1" "$pid"
	status=0
	wait "$pid" || status=$?
}

@test "SIGTERM: the tools end, then tool-run does, of the signal" {
	ended_by TERM
	is 143 ''
	wait "$reader"
}

@test "SIGINT: the same" {
	ended_by INT
	is 130 ''
	wait "$reader"
}

@test "SIGKILL: the tool dies with tool-run" {
	[ "$(uname)" = Linux ] || skip "only Linux tells a child that its parent is gone"
	mkfifo fifo began
	echo 'exec 3>fifo; echo >began; exec sleep 1000' | tool weather
	timeout 20 cat fifo &
	reader=$!
	tool-run -d tools request message >stdout 2>stderr &
	pid=$!
	read -r <began
	kill -KILL "$pid"
	wait "$pid" || true
	wait "$reader"
}

@test "-M: more output than the ceiling ends the tool" {
	echo 'yes' | tool weather
	try tool-run -M 100k -d tools request message
	is 0 "$(cat stdout)" 'tool-run: weather: output of more than --max-size'
	results | grep -q 'error: output of more than --max-size"$'
	[ "$(results | wc -c)" -lt 200000 ]
}

@test "-M: inputs have the ceiling too" {
	try tool-run -M 10 request message
	is 3 '' $'tool-run: request: input of more than --max-size\ntool-run: message: input of more than --max-size'
}

@test "--strict: nothing is printed, and the status says why" {
	echo 'exit 1' | tool bad
	echo 'touch ran' | tool good
	calls 'good {}' 'unknown {}' >message
	try tool-run --strict -d tools request message
	is 3 '' 'tool-run: unknown: there is no such tool'
	[ ! -e ran ]
	mkfifo fifo
	echo 'sleep 1000 >fifo' | tool slow
	echo 'echo >fifo; exit 1' | tool bad
	timeout 20 cat fifo &
	calls 'slow {}' 'bad {}' >message
	try tool-run --strict -d tools request message
	is 4 '' 'tool-run: bad: exit status 1'
	wait $!
	calls 'good {}' >message
	try tool-run --strict -d tools request message
	[ "$status" = 0 ] && [ -e ran ]
}

@test "--dry-run: the commands as lines of shell, and nothing is run" {
	calls 'weather {"city":"L'\''Aquila"}' 'unknown {}' 'weather {}' >message
	try tool-run --dry-run -T weather="touch 'a b' \$HOME" request message
	is 0 "printf '%s\\n' '{\"city\":\"L'\\''Aquila\"}' | touch 'a b' '\$HOME'
printf '%s\\n' '{}' | touch 'a b' '\$HOME'" 'tool-run: unknown: there is no such tool'
	[ ! -e 'a b' ]
	sh stdout
	[ -e 'a b' ]
}

@test "--confirm: asks on the terminal, and what is not wanted is not run" {
	need script
	calls 'f {"n":1}' 'f {"n":2}' >message
	# shellcheck disable=SC2016
	echo 'echo "$TOOL_ARG_N"; touch "ran$TOOL_ARG_N"' | tool f
	# `script` runs it on a terminal of its own.
	printf 'y\nn\n' | script -qec 'tool-run --confirm -d tools request message >stdout 2>stderr' terminal >/dev/null
	status=0
	is 0 "$(cat stdout)" 'tool-run: f: the user does not want this call'
	results >got
	printf '%s\n' '"1"' '"error: the user does not want this call"' | diff -u - got
	[ -e ran1 ] && [ ! -e ran2 ]
	grep -q "printf '%s.n' '{\"n\":1}' | ./tools/f" terminal
}

@test "--confirm without a terminal: status 4, nothing run" {
	need setsid
	echo 'touch ran' | tool weather
	try setsid -w tool-run --confirm -d tools request message
	is 4 '' 'tool-run: /dev/tty: cannot ask: No such device or address'
	[ ! -e ran ]
}

@test "a message that is not whole is refused, and nothing is run" {
	echo 'touch ran' | tool f
	refused() {
		printf '%s\n' "$1" >message
		try tool-run -d tools request message
		is "$2" '' "tool-run: message: $3"
		[ ! -e ran ]
	}
	refused '{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}' 3 \
		'message cut: it does not say how it ended'
	refused '{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":null}' 3 \
		'message cut: it does not say how it ended'
	refused '{"object":"response","status":"in_progress","output":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}' 3 \
		'message cut: it does not say how it ended'
	refused '{"model":"m","message":{"tool_calls":[{"function":{"name":"f","arguments":{}}}]},"done":false}' 3 \
		'message cut: input ended before its end'
	refused '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}' 3 'message cut: input ended before its end'
	refused '{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":""}}]},"finish_reason":"length"}]}' 3 \
		"message ended with 'length': its tool calls may not be whole"
	refused '{"error":{"message":"no","type":"t"}}' 1 "provider's error: t: no"
	refused '' 3 'no message'
	refused '{"choices":' 3 'not JSON: text ends too early at byte 12'
	refused '{"a":1}' 3 'not a message of any known format'
	refused 'a text' 3 'not JSON: value expected at byte 0'
	calls 'f {}' >one
	refused "$(cat one one)" 3 'more than one message'
}

@test "a message of another kind is named, with the programs to use" {
	wrong() {
		# shellcheck disable=SC2059
		printf "$1" >message
		try tool-run -d . request message
		is 3 '' "tool-run: message: $2, not a message; put $3 before"
	}
	local split='sse-split and delta-merge' chunk='{"id":"c","choices":[{"delta":{"content":"a"}}]}'
	wrong 'data: {}\n' 'an event stream' "$split"
	wrong ': ping\r\n\r\nevent: x\nid: 1\n\ndata: {}\n' 'an event stream' "$split"
	wrong 'interactions:\n' 'a cassette' "cassette-extract and $split"
	wrong '{"log":{"entries":[]}}' 'a cassette' "cassette-extract and $split"
	wrong '{\n  "log": {\n    "entries": []\n  }\n}\n' 'a cassette' "cassette-extract and $split"
	wrong '{"request":{"method":"GET","url":"http://a/"},\n "response":{"status":200,"body":""}}' 'interaction records' "$split"
	wrong '\x1f\x8b\x08\x04' gzip "gzip -dc and $split"
	wrong "$chunk\n$chunk\n" chunks delta-merge
	wrong '{"event":"message","data":{"a":1}}\n{"event":"message","data":"[DONE]"}\n' chunks delta-merge
	wrong '{"model":"m","message":{"content":"a"},"done":false}\n{"model":"m","message":{"content":"b"},"done":true}' chunks delta-merge
	printf '<html>' >message
	try tool-run -d . request message
	is 3 '' 'tool-run: message: HTML or XML, not a message'
}

@test "what delta-merge printed in another mode is refused with a hint" {
	for mode in n m c; do
		delta-merge -$mode message >lines
		try tool-run -d . request lines
		is 2 '' "tool-run: lines: what delta-merge -$mode prints lacks what an answer needs; leave -$mode out"
	done
	delta-merge -m "$TOP_SRC/tests/delta/openai-responses/calls.in" >lines
	try tool-run -d . request lines
	is 2 '' "tool-run: lines: what delta-merge -m prints *"
}

@test "a request of another provider is refused before anything is run" {
	echo 'touch ran' | tool weather
	for text in '{"contents":[]}' '{"messages":"text"}'; do
		echo "$text" >request
		try tool-run -d tools request message
		is 3 '' "tool-run: request: no list 'messages' for an answer to openai-chat"
	done
	echo '[]' >request
	try tool-run -d tools request message
	is 3 '' 'tool-run: request: no request that tool calls of openai-chat answer'
	echo '{' >request
	try tool-run -d tools request message
	is 3 '' 'tool-run: request: not JSON: text ends too early at byte 2'
	[ ! -e ran ]
}

@test "no tool call: nothing is printed, status 1" {
	echo '{"choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}' >message
	try tool-run request message
	is 1 ''
	echo '{"choices":[{"text":"Hello","finish_reason":"stop"}],"object":"text_completion"}' >message
	try tool-run request message
	is 1 ''
}

@test "a message over several lines, and on standard input" {
	jq . message >pretty
	{ try tool-run -T weather='echo 1' request; } <pretty
	[ "$status" = 0 ] && [ "$(results)" = '"1"' ]
	{ try tool-run -T weather='echo 1' - message; } <request
	[ "$status" = 0 ] && [ "$(results)" = '"1"' ]
}

@test "wrong use" {
	wrong() {
		local why=$1
		shift
		try tool-run "$@"
		is 2 '' "tool-run: $why; try 'tool-run --help'"
	}
	wrong 'there must be a REQUEST, and can be a MESSAGE'
	wrong 'there must be a REQUEST, and can be a MESSAGE' a b c
	wrong 'REQUEST and MESSAGE cannot both be standard input' -
	wrong 'REQUEST and MESSAGE cannot both be standard input' - -
	wrong "--tool 'weather': it is not NAME=COMMAND" -T weather request
	wrong "--tool '=x': it is not NAME=COMMAND" -T =x request
	wrong "--tool 'a= ': the command is empty" -T 'a= ' request
	wrong "--tool 'a=b 'c': a quote in the command is not closed" -T "a=b 'c" request
	wrong "--directory 'nowhere' is no folder" -d nowhere request
	wrong "--jobs '0' is no number from 1 to 1000" -j 0 request
	wrong "--timeout 'x' is no number of seconds" --timeout x request
}

# The agent of the README, answered by cassette-serve.
agent() {
	case " $PROGRAMS " in *' cassette-serve '*) ;; *) skip "cassette-serve was not built" ;; esac
	mkdir -p examples tmp
	cp "$TOP_SRC"/examples/* examples
	unset OPENROUTER_BASE_URL OPENROUTER_API_KEY
	export TMPDIR=$PWD/tmp
	answer="The current temperature in Florence, Italy is 40°C. That's quite hot! You might want to take precautions if you're planning to spend time outdoors."
}

@test "examples/weather.sh: the loop on the recorded conversation, to the answer that was recorded" {
	agent
	try sh examples/weather.sh
	is 0 "$answer"
	[ -z "$(ls tmp)" ]
	try cassette-serve -v examples/florence.yaml -- examples/weather.sh
	is 0 "$answer" 'cassette-serve: *: interaction 0 of *: interaction 1 of *: 2 served, 0 unmatched, 0 unused'
	[ -z "$(ls tmp)" ]
	# Another result makes another request, which was not recorded.
	sed -i.was 's/echo 40 C/echo 41 C/' examples/weather.sh
	try sh examples/weather.sh
	is 1 '' 'cassette-serve: *: no recorded request matches; nearest is interaction 1 of *, which differs in .messages[[]3].content*'
	[ -z "$(ls tmp)" ]
}

@test "examples/weather.sh: the answer is printed as it streams" {
	agent
	exec {told}< <(exec cassette-serve --fault stall:1000:3600@1 examples/florence.yaml -- sh examples/weather.sh 2>stderr 3>&-)
	server=$!
	read -r -t 20 -N 10 -u "$told" text || :
	kill "$server"
	[ "$text" = "${answer:0:10}" ]
}
