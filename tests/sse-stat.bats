#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sse-stat: records with times in, figures out. Every number here is worked out by hand.
load lib

# records TIME DATA...: a record for each pair.
records() {
	while [ $# -gt 0 ]; do
		printf '{"t":%s,"event":"message","data":%s}\n' "$1" "$2"
		shift 2
	done
}

# delta DELTA [FINISH]: a chunk of chat completions.
delta() {
	printf '{"id":"c","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}' "$1" "${2:-null}"
}

usage() {
	printf '{"id":"c","choices":[],"usage":%s}' "$1"
}

# figures FILTER: of the last try, numbers as jq spells them.
figures() {
	jq -c "$1"' | if type == "array" then map(if type == "number" then . + 0 else . end) else . end' stdout
}

# data FILE: how many bytes it carries.
data() {
	sed 's/.*,"data":\(.*\)}$/\1/' "$1" | tr -d '\n' | wc -c | tr -d ' '
}

speech() {
	records 0.5 "$(delta '{"role":"assistant","content":""}')" \
		0.75 "$(delta '{"reasoning":"So"}')" \
		1.0 "$(delta '{"content":"The"}')" \
		2.0 "$(delta '{"content":" end"}')" \
		2.25 "$(delta '{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":""}}]}')" \
		2.75 "$(delta '{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}')" \
		2.75 "$(delta '{}' '"tool_calls"')" \
		3.0 "$(usage '{"prompt_tokens":7,"completion_tokens":30,"total_tokens":37,"completion_tokens_details":{"reasoning_tokens":10},"prompt_tokens_details":{"cached_tokens":5,"cache_write_tokens":2},"cost":0.10}')" \
		3.0 '"[DONE]"'
}

@test "every figure of a stream that has all" {
	speech >speech
	try sse-stat --json speech
	# Gaps, sorted: 0 0 .25 .25 .25 .25 .5 1. Output came from 0.75 to 2.75.
	is 0 '{"file":"speech","first_event":0.500000,"first_reasoning":0.750000,"first_text":1.000000,"first_call":2.250000,"last_event":3.000000,"gap_p50":0.250000,"gap_p95":1.000000,"gap_max":1.000000,"events":9,"events_per_second":3.200,"bytes":'"$(data speech)"',"messages":1,"finish":"tool_calls","input_tokens":7,"output_tokens":30,"reasoning_tokens":10,"cached_tokens":5,"cache_write_tokens":2,"total_tokens":37,"tokens_per_second":15.000,"cost":0.10}'
}

@test "a table, files side by side, what is not known blank" {
	speech >speech
	records 12.5 '"tick"' 12.75 '"tock"' >other-stream
	try sse-stat speech other-stream
	is 0 '                        speech  other-stream
first event, s           0.500        12.500
first reasoning, s       0.750
first text, s            1.000
first tool call, s       2.250
last event, s            3.000        12.750
gap p50, s               0.250         0.250
gap p95, s               1.000         0.250
gap max, s               1.000         0.250
events                       9             2
events/s                   3.2           4.0
bytes                      '"$(data speech)"'            12
messages                     1             0
finish              tool_calls
input tokens                 7
output tokens               30
reasoning tokens            10
cached tokens                5
cache write tokens           2
total tokens                37
tokens/s                  15.0
cost                      0.10'
}

@test "one event: there are no gaps and no rates" {
	records 1.5 "$(delta '{"content":"All"}' '"stop"')" >one
	try sse-stat --json one
	is 0 "$(cat stdout)"
	[ "$(figures '[.first_text, .last_event, .gap_p50, .gap_max, .events_per_second, .tokens_per_second, .output_tokens, .cost]')" = \
		'[1.5,1.5,null,null,null,null,null,null]' ]
}

@test "no text: its time is not known, and is not that of anything else" {
	records 1 "$(delta '{"reasoning":"So"}')" 2 "$(delta '{}' '"stop"')" >none
	try sse-stat --json none
	[ "$status" = 0 ]
	[ "$(figures '[.first_reasoning, .first_text, .first_call]')" = '[1,null,null]' ]
}

@test "tokens of reasoning that nobody saw make no rate" {
	records 1 "$(delta '{"content":"a"}')" 2 "$(delta '{"content":"b"}' '"stop"')" \
		2 "$(usage '{"completion_tokens":500,"completion_tokens_details":{"reasoning_tokens":498}}')" >hidden
	try sse-stat --json hidden
	[ "$status" = 0 ]
	[ "$(figures '[.output_tokens, .tokens_per_second]')" = '[500,null]' ]
}

@test "every format: the first text of a stream of Anthropic's" {
	records 0.1 '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}' \
		0.2 '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}' \
		0.3 '{"type":"ping"}' \
		0.4 '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}' \
		0.5 '{"type":"content_block_stop","index":0}' \
		0.6 '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}' \
		0.7 '{"type":"message_stop"}' >stream
	try sse-stat --json stream
	[ "$status" = 0 ]
	[ "$(figures '[.first_event, .first_text, .events, .finish, .input_tokens, .output_tokens, .total_tokens] | map(tostring) | join(" ")')" = \
		'"0.1 0.4 7 stop 3 2 null"' ]
}

@test "several messages: numbers are added up where each says them" {
	{
		records 1 '{"id":"a","choices":[{"delta":{"content":"x"}}]}' 2 '{"id":"a","choices":[{"delta":{"content":"y"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":10,"cost":0.5}}'
		records 10 '{"id":"b","choices":[{"delta":{"role":"assistant","content":"x"}}]}' 13 '{"id":"b","choices":[{"delta":{"content":"y"},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":30}}'
	} >two
	try sse-stat --json two
	is 0 "$(cat stdout)"
	# 40 tokens in 1 + 3 seconds; only one says its cost.
	[ "$(figures '[.messages, .finish, .input_tokens, .output_tokens, .tokens_per_second, .cost, .gap_max]')" = '[2,"length",3,40,10,null,8]' ]
}

@test "a clock that went back is another stream in the file, and no gap" {
	records 5 1 6 1 1 1 2 1 0.5 1 1 1 >several
	try sse-stat --json several
	[ "$status" = 0 ]
	[ "$(figures '[.gap_p50, .gap_max, .events_per_second]')" = '[1,1,null]' ]
}

@test "a message that was cut: reported, status 3, and its figures" {
	speech | head -n 4 >torn
	try sse-stat --json torn
	is 3 "$(cat stdout)" 'sse-stat: torn: message cut: input ended before its end'
	[ "$(figures '[.events, .first_text, .finish]')" = '[4,1,null]' ]
}

@test "a provider's error: reported, status 1" {
	records 1 '{"error":{"message":"no","type":"t"}}' >error
	try sse-stat --json error
	is 1 "$(cat stdout)" "sse-stat: error: provider's error: t: no"
	[ "$(figures '[.events, .finish]')" = '[1,"error"]' ]
}

@test "lines that are no records: each said, those that are counted" {
	{
		echo '{"a":1}'
		echo 'data: 1'
		echo
		records 1 1
		echo '{"event":"message","data":1}'
	} >mixed
	try sse-stat --json mixed
	is 3 "$(cat stdout)" 'sse-stat: mixed:1: no record with a time; put sse-split -a before
sse-stat: mixed:2: not JSON: value expected at byte 0
sse-stat: mixed:5: no record with a time; put sse-split -a before'
	[ "$(figures .events)" = 1 ]
	for _ in 1 2 3 4 5 6 7 8; do echo 1; done >many
	try sse-stat many
	[ "$status" = 3 ] && [ ! -s stdout ] && [ "$(wc -l <stderr)" = 7 ]
	tail -n 2 stderr | head -n 1 | grep -qx 'sse-stat: many: 3 more: lines that are no records'
	tail -n 1 stderr | grep -qx 'sse-stat: many: no record'
}

@test "numbers that no double holds are no times, and make no figure" {
	local cut='{"id":"c","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"completion_tokens":1e400}}'
	{
		records 1e400 1 -1 1 1 "$cut"
		records 2 "${cut//\"c\"/\"d\"}"
	} >odd
	try sse-stat --json odd
	is 3 "$(cat stdout)" 'sse-stat: odd:1: no record with a time; put sse-split -a before
sse-stat: odd:2: no record with a time; put sse-split -a before'
	[ "$(figures '[.first_event, .messages, .output_tokens, .tokens_per_second]')" = '[1,2,null,null]' ]
}

@test "a file without records has no column, the others have" {
	: >empty
	records 1 1 >full
	try sse-stat empty full
	[ "$status" = 3 ]
	[ "$(head -n 1 stdout)" = '                     full' ]
	[ "$(cat stderr)" = 'sse-stat: empty: no record' ]
}

@test "-M: gaps beyond the ceiling are not remembered, and that is said" {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do records "$i" 1; done >long
	try sse-stat -M 80 --json long
	is 3 "$(cat stdout)" 'sse-stat: long: more events than --max-size; gaps are those of the first'
	[ "$(figures '[.events, .gap_p50]')" = '[20,1]' ]
}

@test "names of files: control characters are blanked, columns stand under each other" {
	records 1 1 >$'\033[31mé'
	records 1 1 >plain
	try sse-stat $'\033[31mé' plain
	is 0 "$(cat stdout)"
	[ "$(head -n 2 stdout)" = '                     [31mé  plain
first event, s       1.000  1.000' ]
}

@test "live: what sse-split -a prints is what it reads" {
	printf 'data: {"a":1}\n\ndata: [DONE]\n\n' >stream
	try_sh 'sse-split -a stream | sse-stat --json'
	[ "$status" = 0 ] && [ ! -s stderr ]
	[ "$(figures '[.file, .events, .bytes]')" = '["standard input",2,15]' ]
}

@test "a table that is wider than the terminal: shorter names, then tables below each other" {
	local name
	for name in first second 日本語日本語; do
		records 0.5 "$(delta '{"content":"Hi"}' '"stop"')" >"$name.jsonl"
	done
	need_utf8
	LC_ALL=C.UTF-8 on_terminal 80 'sse-stat first.jsonl second.jsonl 日本語日本語.jsonl'
	[ "$(head -n 1 screen)" = '                    first.jsonl  second.jsonl  日本語日本語.jsonl' ]
	[ "$(sed -n 2p screen)" = 'first event, s            0.500         0.500               0.500' ]
	LC_ALL=C.UTF-8 on_terminal 56 'sse-stat first.jsonl second.jsonl 日本語日本語.jsonl'
	[ "$(head -n 1 screen)" = '                    first…sonl  secon…jsonl   日本…jsonl' ]
	LC_ALL=C.UTF-8 on_terminal 40 'sse-stat first.jsonl second.jsonl 日本語日本語.jsonl'
	[ "$(grep onl screen)" = "\
                    firs…onl  seco…onl
                    日本…onl" ]
	[ "$(grep -c '^first event, s' screen)" = 2 ]
	[ "$(grep -n '^$' screen)" = "$(($(wc -l <screen) / 2 + 1)):" ]
}
