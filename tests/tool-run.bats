# SPDX-License-Identifier: MIT
# tool-run on the recorded conversation, and on calls made for it.
load lib

florence=$TOP_SRC/examples/florence.yaml

recorded() {
	cassette-extract -b request -i 0 "$florence" >request
	cassette-extract -b response -i 0 "$florence" | sse-split | delta-merge >message
}

# calls NAME ARGUMENTS...: a chat message with these calls, and the request that it answers.
calls() {
	local list=() n=0
	while [ $# -gt 0 ]; do
		list+=("{\"id\":\"c$n\",\"type\":\"function\",\"function\":{\"name\":\"$1\",\"arguments\":$(printf '%s' "$2" | jq -Rs .)}}")
		n=$((n + 1))
		shift 2
	done
	printf '{"id":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[%s]},"finish_reason":"tool_calls"}]}\n' \
		"$(IFS=, && echo "${list[*]}")" >message
	echo '{"model":"m", "messages":[{"role":"user","content":"go"}]}' >request
}

results() {
	jq -c '[.messages[] | select(.role == "tool") | .content]' stdout
}

@test "the recorded answer and the tool's give the recorded next request" {
	recorded
	try tool-run -T weather='printf "40 C"' request message
	[ "$status" = 0 ]
	[ ! -s stderr ]
	cassette-extract -b request -i 1 "$florence" >next
	[ "$(jq -S . stdout)" = "$(jq -S . next)" ]
}

@test "the old request stays byte for byte" {
	calls f '{}'
	try tool-run -T f=true request message
	[ "$status" = 0 ]
	[[ $(cat stdout) == '{"model":"m", "messages":[{"role":"user","content":"go"},'* ]]
}

@test "arguments are on standard input and, flat ones, in the environment" {
	calls f '{"city": "Florence", "n": 1.50}'
	try tool-run -T f='sh -c "cat; echo \$TOOL_ARG_CITY \$TOOL_ARG_N"' request message
	[ "$status" = 0 ]
	[ "$(results)" = '["{\"city\": \"Florence\", \"n\": 1.50}\nFlorence 1.50"]' ]
}

@test "a tool inherits no key, and need not read" {
	calls f '{}'
	OTHER_API_KEY=secret try tool-run -T f='sh -c "echo key \$OTHER_API_KEY"' request message
	[ "$status" = 0 ]
	[ "$(results)" = '["key"]' ]
}

@test "results stand in the order of the calls, whichever ends first" {
	calls slow '{}' quick '{}'
	mkfifo gate
	try tool-run -T slow='sh -c "read x <gate; echo slow"' -T quick='sh -c "echo go >gate; echo quick"' request message
	[ "$status" = 0 ]
	[ "$(results)" = '["slow","quick"]' ]
}

@test "what fails is told to the model, and said" {
	calls no '{}' bad '{"a":' f '{}' missing '{}'
	try tool-run -T no=false -T bad=cat -T f='echo fine' request message
	[ "$status" = 0 ]
	[ "$(jq '[.messages[] | select(.role == "tool")] | length' stdout)" = 4 ]
	grep -q '^tool-run: missing: there is no such tool$' stderr
	grep -q '^tool-run: bad: arguments are not JSON: ' stderr
	grep -q '^tool-run: no: ' stderr
	jq -e '[.messages[] | select(.role == "tool")][2].content == "fine"' stdout
}

@test "--strict stops instead" {
	calls f '{}'
	try tool-run --strict -T f=false request message
	[ "$status" -ge 1 ]
	[ ! -s stdout ]
	[ -s stderr ]
}

@test "a call that takes too long is ended, and all that it started" {
	calls f '{}'
	try tool-run --timeout 0.2 -T f='sh -c "sleep 1000 & wait"' request message
	[ "$status" = 0 ]
	[ -s stderr ]
	[ "$(jq '[.messages[] | select(.role == "tool")] | length' stdout)" = 1 ]
}

@test "no tool call: nothing is printed, status 1" {
	cassette-extract -b request -i 1 "$florence" >request
	cassette-extract -b response -i 1 "$florence" | sse-split | delta-merge >message
	try tool-run -T weather=true request message
	is 1 ''
}

@test "a message that was cut is refused, and nothing is run" {
	calls f '{}'
	sed -i 's/"finish_reason":"tool_calls"/"finish_reason":null/' message
	try tool-run -T f='touch ran' request message
	is 3 '' 'tool-run: message: message cut: it does not say how it ended'
	[ ! -e ran ]
}

@test "what lacks what is needed is refused with a hint" {
	recorded
	delta-merge -n message >normal
	try tool-run -T weather=true request normal
	is 2 '' 'tool-run: normal: what delta-merge -n prints lacks what an answer needs; leave -n out'
	delta-merge -m message >short
	try tool-run -T weather=true request short
	is 2 '' 'tool-run: short: what delta-merge -m prints lacks what an answer needs; leave -m out'
}

@test "a folder of tools, and a dry run" {
	mkdir tools
	printf '#!/bin/sh\necho from the folder\n' >tools/f
	chmod +x tools/f
	calls f '{}'
	try tool-run -d tools request message
	[ "$status" = 0 ]
	[ "$(results)" = '["from the folder"]' ]
	try tool-run --dry-run -d tools request message
	[ "$status" = 0 ]
	grep -q tools/f stdout
}

@test "results go where each provider wants them" {
	echo '{"model":"m","messages":[{"role":"user","content":"go"}]}' >request
	echo '{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_reason":"tool_use","usage":{}}' >message
	try tool-run -T f='echo yes' request message
	[ "$status" = 0 ]
	[ "$(jq -c '.messages[-1].content[0] | [.type, .tool_use_id]' stdout)" = '["tool_result","t1"]' ]
	echo '{"model":"m","input":"go"}' >request
	echo '{"id":"r","object":"response","status":"completed","model":"m","output":[{"type":"function_call","id":"i","call_id":"k","name":"f","arguments":"{}","status":"completed"}]}' >message
	try tool-run -T f='echo yes' request message
	[ "$status" = 0 ]
	[ "$(jq -c '[.input[0].role, .input[-1].type, .input[-1].call_id, .input[-1].output]' stdout)" = '["user","function_call_output","k","yes"]' ]
	echo '{"contents":[{"role":"user","parts":[{"text":"go"}]}]}' >request
	echo '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}],"role":"model"},"finishReason":"STOP","index":0}],"responseId":"r"}' >message
	try tool-run -T f='echo yes' request message
	[ "$status" = 0 ]
	[ "$(jq -c '.contents[-1].parts[0].functionResponse | [.name, .response]' stdout)" = '["f",{"output":"yes"}]' ]
}
