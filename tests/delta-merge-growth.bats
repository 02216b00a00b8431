# SPDX-License-Identifier: MIT
# What a stream can make many of in each format (choices, blocks, items, steps, calls, results) takes a
# time that grows as they do: `grows` in lib.bash, whose script has n of them.
load lib

# rows FORMAT: the awk statement that prints such a line for i = 0 … n-1; its %d are all i.
rows() {
	local line=${1//\"/\\\"} places=${1//[^%]/}
	printf 'for (i = 0; i < n; i++) printf "%s\\n"%s; ' "$line" "${places//[%]/, i}"
}

# line JSON: the statement that prints it once.
line() {
	printf 'print "%s"; ' "${1//\"/\\\"}"
}

@test "openai-chat: choices in any order, with calls" {
	local text finish
	text=$(rows '{"id":"c","choices":[{"index":%d,"delta":{"content":"w"}}]}')
	finish=$(rows '{"id":"c","choices":[{"index":%d,"delta":{},"finish_reason":"stop"}]}')
	grows "$text$text$finish" delta-merge -n
	text=${text//i = 0; i < n; i++/i = n; i-- > 0;}
	grows "$text$text${finish//i = 0; i < n; i++/i = n; i-- > 0;}" delta-merge -t
	grows "$(rows '{"id":"c","choices":[{"index":%d,"delta":{"tool_calls":[{"index":0,"id":"c%d","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}')" delta-merge -c
}

@test "openai-chat: tools that were run, and filters of prompts" {
	grows "$(rows '{"id":"c","choices":[{"index":0,"delta":{"executed_tools":[{"index":%d,"name":"f"}]}}]}')" delta-merge
	grows "$(rows '{"id":"c","choices":[],"prompt_filter_results":[{"prompt_index":%d}]}')" delta-merge
}

@test "openai-completion: choices" {
	grows "$(rows '{"object":"text_completion","choices":[{"index":%d,"text":"w"}]}')$(rows '{"object":"text_completion","choices":[{"index":%d,"text":"","finish_reason":"stop"}]}')" delta-merge -n
}

@test "anthropic: blocks that are open at once, and on one index" {
	local start stop='{"type":"message_stop"}'
	start=$(line '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[]}}')
	grows "$start$(rows '{"type":"content_block_start","index":%d,"content_block":{"type":"tool_use","id":"t%d","name":"f","input":{}}}')$(rows '{"type":"content_block_delta","index":%d,"delta":{"type":"input_json_delta","partial_json":"{}"}}')$(rows '{"type":"content_block_stop","index":%d}')$(line "$stop")" delta-merge -c
	grows "$start$(rows '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t%d","name":"f","input":{}}}')$(line "$stop")" delta-merge
}

@test "bedrock: blocks" {
	grows "$(rows '{"contentBlockDelta":{"contentBlockIndex":%d,"delta":{"text":"w"}}}')$(rows '{"contentBlockStop":{"contentBlockIndex":%d}}')$(line '{"messageStop":{"stopReason":"end_turn"}}')" delta-merge -n
}

@test "gemini: candidates and calls" {
	local text
	text=$(rows '{"candidates":[{"content":{"parts":[{"text":"w"}]},"index":%d}],"responseId":"r"}')
	grows "$text$(rows '{"candidates":[{"index":%d,"finishReason":"STOP"}],"responseId":"r"}')" delta-merge -n
	grows "$(rows '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f%d","willContinue":true}}]}}],"responseId":"r"}')" delta-merge -c
}

@test "gemini-interactions: steps" {
	local step
	step=$(rows '{"event_type":"step.start","index":%d,"step":{"type":"function_call","id":"c","name":"f"}}')
	grows "$step$(rows '{"event_type":"step.delta","index":0,"delta":{"type":"arguments_delta","arguments":"%d"}}')$(rows '{"event_type":"step.stop","index":%d}')" delta-merge -n
	grows "$(rows '{"event_type":"step.start","index":%d,"step":{"type":"text","text":"a"}}' | sed 's/i++/i += 2/')" delta-merge
}

@test "cohere and cohere-1: calls, texts, sources" {
	grows "$(rows '{"type":"tool-call-start","index":%d,"delta":{"message":{"tool_calls":{"id":"t%d","type":"function","function":{"name":"f","arguments":""}}}}}')$(rows '{"type":"tool-call-delta","index":%d,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}')" delta-merge -c
	grows "$(rows '{"type":"content-start","index":%d,"delta":{"message":{"content":{"type":"text","text":""}}}}')$(rows '{"type":"content-delta","index":%d,"delta":{"message":{"content":{"text":"w"}}}}')$(rows '{"type":"citation-start","index":%d,"delta":{"message":{"citations":{"start":0}}}}')" delta-merge -n
	grows "$(rows '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":%d,"name":"f"}}')$(rows '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":%d,"parameters":"{}"}}')" delta-merge -n
}

@test "ollama and workers-ai: calls" {
	grows "$(rows '{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f%d","arguments":{}}}]},"done":false}')" delta-merge -c
	grows "$(rows '{"response":"","tool_calls":[{"name":"f%d","arguments":{}}],"p":""}')" delta-merge -n
}

@test "text-generation: results of watsonx.ai" {
	local result='{\"generated_text\":\"a\",\"generated_token_count\":1,\"stop_reason\":\"not_finished\"}'
	grows 'printf "{\"model_id\":\"m\",\"results\":['"$result"'"; for (i = 1; i < n; i++) printf ",'"$result"'"; print "]}"; '"$(rows '{"model_id":"m","results":[{"generated_text":"a","generated_token_count":%d,"stop_reason":"eos_token"}]}')" delta-merge -n
}

@test "openai-responses: items by index, by id, and all of one index" {
	local end item
	end=$(line '{"type":"response.completed","response":{"id":"r","object":"response","status":"completed","output":[]}}')
	item='{"id":"m%d","type":"message","role":"assistant","content":[]}'
	grows "$(rows '{"type":"response.output_item.added","output_index":%d,"item":'"$item}")$(rows '{"type":"response.output_text.delta","output_index":%d,"content_index":0,"delta":"w"}')$end" delta-merge
	grows "$(rows '{"type":"response.output_item.added","item":'"$item}")$(rows '{"type":"response.output_text.delta","item_id":"m%d","content_index":0,"delta":"w"}')$end" delta-merge -t
	grows "$(rows '{"type":"response.output_item.done","output_index":0,"item":'"$item}")$(rows '{"type":"response.output_text.delta","item_id":"m%d","output_index":0,"content_index":0,"delta":"w"}')$end" delta-merge -n
}

@test "openai-responses: items of the closing event, parts" {
	local item='{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"w\"}]}'
	grows "$(rows '{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"w"}]}}')"'printf "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",\"output\":['"$item"'"; for (i = 1; i < n; i++) printf ",'"$item"'"; print "]}}"' delta-merge -t
	grows "$(rows '{"type":"response.reasoning_summary_part.added","output_index":0,"part":{"type":"summary_text","text":"%d"}}')" delta-merge -n
}
