/* SPDX-License-Identifier: MIT */
/*
 * generate: streams to measure with. `generate KIND BYTES` writes about so many bytes of KIND to
 * standard output: chat, responses, anthropic or gemini as server-sent events; the same with -agent
 * behind, whose messages reason and call tools; or cassette, a go-vcr file of chat streams. The chunks
 * are those of examples/florence.yaml and of tests/delta (tests/bench.sh holds their keys against
 * them), message after message with ids, words and lengths of their own; the same bytes every time, so
 * that less is the beginning of more. KIND recorded is the stream on standard input again and again,
 * each time with other ids and words.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 20260101;
static unsigned long long written;
static const char *indent = ""; /* of a line inside a cassette's block */

static unsigned any(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void put(const char *s)
{
	written += strlen(s);
	fputs(s, stdout);
}

static const char *word(void)
{
	static const char *const words[] = { " the",	 " river",  " temperature", " in",	   " Florence",	 ",",
					     " is",	 " 40\u00b0C", ".\\n",	    " \\\"warm\\\"", " because", " of",
					     " a",	 " long",   " summer",	    " \u6674\u308c", " and",	 " people",
					     " walk",	 " under",  " trees",	    ";",	   " it",	 " cools",
					     " at night", " when", " wind",	    " comes",	   " from",	 " hills" };

	return words[any(sizeof words / sizeof *words)];
}

static void id(char *to, const char *prefix)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = (size_t)sprintf(to, "%s", prefix);

	for (int i = 0; i < 24; i++)
		to[n++] = letters[any(36)];
	to[n] = '\0';
}

/* An event, its type before it when it has one. */
__attribute__((format(printf, 2, 3))) static void event(const char *type, const char *format, ...)
{
	static char data[1 << 17];
	va_list args;

	if (type) {
		put("event: ");
		put(type);
		put("\n");
	}
	va_start(args, format);
	vsnprintf(data, sizeof data, format, args);
	va_end(args);
	put(indent);
	put("data: ");
	put(data);
	put("\n\n");
}

/* What was said, for the chunks that say it again whole. */
static char told[1 << 15];

static const char *tell(void)
{
	const char *w = word();

	strcat(told, w);
	return w;
}

/* ---- chat completions, as OpenRouter sends them */

static char head[400]; /* of every chunk of a message */

static void chat_head(void)
{
	char name[64];

	id(name, "gen-");
	sprintf(head,
		"{\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":17733%05u,"
		"\"model\":\"qwen/qwen3-235b-a22b-07-25\",\"provider\":\"Alibaba\",\"choices\":[",
		name, any(99999));
}

static void chat_delta(const char *content, const char *more, const char *finish)
{
	event(NULL,
	      "%s{\"index\":0,\"delta\":{\"content\":%s,\"role\":\"assistant\"%s},"
	      "\"finish_reason\":%s,\"native_finish_reason\":%s}]}",
	      head, content, more, finish, finish);
}

static void chat_text(unsigned n)
{
	char quoted[40];

	while (n--) {
		sprintf(quoted, "\"%s\"", word());
		chat_delta(quoted, "", "null");
	}
}

static void chat(void)
{
	unsigned n = 20 + any(400), prompt, total, cost;

	chat_head();
	chat_text(n);
	chat_delta("\"\"", "", "\"stop\"");
	cost = 1 + any(99999);
	total = any(999) + n;
	prompt = any(999);
	event(NULL,
	      "%s],\"usage\":{\"prompt_tokens\":%u,\"completion_tokens\":%u,\"total_tokens\":%u,\"cost\":0.0000%u,"
	      "\"is_byok\":false,\"prompt_tokens_details\":{\"cached_tokens\":0}}}",
	      head, prompt, n, total, cost);
	event(NULL, "[DONE]");
}

/* A call: its name, then its arguments in fragments. */
static void chat_call(unsigned index)
{
	char more[400], name[64];

	id(name, "call_");
	sprintf(more,
		",\"tool_calls\":[{\"index\":%u,\"id\":\"%s\",\"type\":\"function\","
		"\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]",
		index, name);
	chat_delta("null", more, "null");
	for (unsigned i = 0, n = 2 + any(6); i <= n; i++) {
		sprintf(more, ",\"tool_calls\":[{\"index\":%u,\"function\":{\"arguments\":\"%s%u%s\"}}]", index,
			i == 0 ? "{\\\"days\\\": [" : ", ", any(365), i == n ? "]}" : "");
		chat_delta("null", more, "null");
	}
}

static void chat_agent(void)
{
	unsigned thought = any(300), n = 20 + any(120), calls = any(2) ? 1 + any(3) : 0;
	char more[400];

	chat_head();
	for (unsigned i = 0; i < thought; i++) {
		const char *w = word();

		sprintf(more,
			",\"reasoning\":\"%s\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"%s\","
			"\"format\":null,\"index\":0}]",
			w, w);
		chat_delta("\"\"", more, "null");
	}
	chat_text(calls ? 0 : n);
	for (unsigned i = 0; i < calls; i++)
		chat_call(i);
	chat_delta("\"\"", "", calls ? "\"tool_calls\"" : "\"stop\"");
	event(NULL,
	      "%s],\"usage\":{\"prompt_tokens\":167,\"completion_tokens\":%u,\"total_tokens\":%u,\"cost\":0.0000375245,"
	      "\"is_byok\":false,\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0,"
	      "\"audio_tokens\":0,\"video_tokens\":0},\"cost_details\":{\"upstream_inference_cost\":0.00005773,"
	      "\"upstream_inference_prompt_cost\":0.00003841,\"upstream_inference_completions_cost\":0.00001932},"
	      "\"completion_tokens_details\":{\"reasoning_tokens\":%u,\"image_tokens\":0,\"audio_tokens\":0}}}",
	      head, thought + n, 167 + thought + n, thought);
	event(NULL, "[DONE]");
}

/* ---- Anthropic */

static void anthropic_delta(unsigned index, const char *type, const char *key, const char *text, const char *padding)
{
	event("content_block_delta",
	      "{\"type\":\"content_block_delta\",\"index\":%u,\"delta\":{\"type\":\"%s\",\"%s\":\"%s\"}%s}", index, type,
	      key, text, padding);
}

static void anthropic_stop(unsigned index)
{
	event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":%u}", index);
}

static void anthropic_start(unsigned index, const char *block)
{
	event("content_block_start", "{\"type\":\"content_block_start\",\"index\":%u,\"content_block\":%s}", index, block);
}

static void anthropic_end(const char *reason, unsigned tokens)
{
	event("message_delta",
	      "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"%s\",\"stop_sequence\":null},"
	      "\"usage\":{\"output_tokens\":%u}}",
	      reason, tokens);
	event("message_stop", "{\"type\":\"message_stop\"}");
}

static void anthropic_begin(void)
{
	char name[64];

	id(name, "msg_");
	event("message_start",
	      "{\"type\":\"message_start\",\"message\":{\"id\":\"%s\",\"type\":\"message\",\"role\":\"assistant\","
	      "\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
	      "\"usage\":{\"input_tokens\":%u,\"output_tokens\":1}}}",
	      name, any(999));
}

static void anthropic(void)
{
	unsigned n = 20 + any(400);
	char words[64];

	anthropic_begin();
	anthropic_start(0, "{\"type\":\"text\",\"text\":\"\"}");
	event("ping", "{\"type\": \"ping\"}");
	for (unsigned i = 0; i < n; i++) {
		const char *last = word();

		sprintf(words, "%s%s", word(), last);
		anthropic_delta(0, "text_delta", "text", words, "");
	}
	anthropic_stop(0);
	anthropic_end("end_turn", n);
}

/* The spaces with which Anthropic hides how long a word is. */
static const char *padding(void)
{
	return &"               "[any(16)];
}

/* A block whose deltas are words, a few to each. */
static void anthropic_words(unsigned index, const char *type, const char *key, unsigned n)
{
	char words[200];

	while (n--) {
		words[0] = '\0';
		for (unsigned w = 1 + any(6); w; w--)
			strcat(words, word());
		anthropic_delta(index, type, key, words, padding());
	}
}

static void anthropic_call(unsigned index)
{
	char b[200], name[64];

	id(name, "toolu_");
	sprintf(b, "{\"type\":\"tool_use\",\"id\":\"%s\",\"name\":\"weather\",\"input\":{}}", name);
	anthropic_start(index, b);
	anthropic_delta(index, "input_json_delta", "partial_json", "", padding());
	for (unsigned i = 0, n = 2 + any(6); i <= n; i++) {
		sprintf(b, "%s%u%s", i == 0 ? "{\\\"days\\\": [" : ", ", any(365), i == n ? "]}" : "");
		anthropic_delta(index, "input_json_delta", "partial_json", b, padding());
	}
	anthropic_stop(index);
}

static void anthropic_agent(void)
{
	unsigned thought = any(150), n = 10 + any(100), calls = any(2) ? 1 + any(3) : 0, index = 0;
	char signature[260];

	anthropic_begin();
	if (thought) {
		anthropic_start(index, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
		event("ping", "{\"type\": \"ping\"}");
		anthropic_words(index, "thinking_delta", "thinking", thought);
		for (int i = 0; i < 10; i++)
			id(signature + (size_t)i * 25, "E");
		anthropic_delta(index, "signature_delta", "signature", signature, padding());
		anthropic_stop(index++);
	}
	anthropic_start(index, "{\"type\":\"text\",\"text\":\"\"}");
	anthropic_words(index, "text_delta", "text", n);
	anthropic_stop(index++);
	for (unsigned i = 0; i < calls; i++)
		anthropic_call(index++);
	anthropic_end(calls ? "tool_use" : "end_turn", thought + n);
}

/* ---- Responses */

static void responses(void)
{
	char name[64], item[64];
	unsigned n = 20 + any(400), number = 0;

	id(name, "resp_");
	id(item, "msg_");
	told[0] = '\0';
	event("response.created",
	      "{\"type\":\"response.created\",\"sequence_number\":%u,\"response\":{\"id\":\"%s\",\"object\":\"response\","
	      "\"status\":\"in_progress\",\"model\":\"gpt\",\"output\":[],\"usage\":null}}",
	      number++, name);
	event("response.output_item.added",
	      "{\"type\":\"response.output_item.added\",\"sequence_number\":%u,\"output_index\":0,\"item\":{\"id\":\"%s\","
	      "\"type\":\"message\",\"status\":\"in_progress\",\"content\":[],\"role\":\"assistant\"}}",
	      number++, item);
	event("response.content_part.added",
	      "{\"type\":\"response.content_part.added\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,"
	      "\"content_index\":0,\"part\":{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"}}",
	      number++, item);
	for (unsigned i = 0; i < n; i++) {
		const char *w = tell();

		event("response.output_text.delta",
		      "{\"type\":\"response.output_text.delta\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,"
		      "\"content_index\":0,\"delta\":\"%s\",\"logprobs\":[],\"obfuscation\":\"%u\"}",
		      number++, item, w, any(99999999));
	}
	event("response.output_text.done",
	      "{\"type\":\"response.output_text.done\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,"
	      "\"content_index\":0,\"text\":\"%s\",\"logprobs\":[]}",
	      number++, item, told);
	event("response.completed",
	      "{\"type\":\"response.completed\",\"sequence_number\":%u,\"response\":{\"id\":\"%s\",\"object\":\"response\","
	      "\"status\":\"completed\",\"model\":\"gpt\",\"output\":[{\"id\":\"%s\",\"type\":\"message\","
	      "\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],"
	      "\"text\":\"%s\"}],\"role\":\"assistant\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":%u,"
	      "\"total_tokens\":%u}}}",
	      number, name, item, told, n, n + 9);
}

/* The items of one answer so far, as its end repeats them. */
static struct {
	unsigned number, index;
	size_t n;
	char p[1 << 16];
} answer;

static void responses_delta(const char *type, const char *item, const char *where, const char *delta)
{
	char hidden[64];

	id(hidden, "");
	hidden[any(16)] = '\0';
	event(type,
	      "{\"type\":\"%s\",%s\"delta\":\"%s\",\"item_id\":\"%s\",\"obfuscation\":\"%s\",\"output_index\":%u,"
	      "\"sequence_number\":%u}",
	      type, where, delta, item, hidden, answer.index, answer.number++);
}

static void responses_item(const char *what, const char *item)
{
	event(what, "{\"type\":\"%s\",\"item\":%s,\"output_index\":%u,\"sequence_number\":%u}", what, item, answer.index,
	      answer.number++);
}

static void responses_done(const char *item)
{
	responses_item("response.output_item.done", item);
	answer.n += (size_t)sprintf(answer.p + answer.n, "%s%s", answer.index++ ? "," : "", item);
}

static void responses_words(const char *type, const char *item, const char *where, unsigned n)
{
	told[0] = '\0';
	while (n--)
		responses_delta(type, item, where, tell());
}

static void responses_thought(unsigned n)
{
	static char b[1 << 16];
	char name[64];

	id(name, "rs_");
	sprintf(b, "{\"id\":\"%s\",\"type\":\"reasoning\",\"summary\":[]}", name);
	responses_item("response.output_item.added", b);
	event("response.reasoning_summary_part.added",
	      "{\"type\":\"response.reasoning_summary_part.added\",\"item_id\":\"%s\",\"output_index\":%u,"
	      "\"part\":{\"type\":\"summary_text\",\"text\":\"\"},\"sequence_number\":%u,\"summary_index\":0}",
	      name, answer.index, answer.number++);
	responses_words("response.reasoning_summary_text.delta", name, "\"summary_index\":0,", n);
	sprintf(b, "{\"id\":\"%s\",\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"%s\"}]}", name,
		told);
	responses_done(b);
}

static void responses_message(unsigned n)
{
	static char b[1 << 16];
	char name[64];

	id(name, "msg_");
	sprintf(b, "{\"id\":\"%s\",\"type\":\"message\",\"status\":\"in_progress\",\"content\":[],\"role\":\"assistant\"}",
		name);
	responses_item("response.output_item.added", b);
	event("response.content_part.added",
	      "{\"type\":\"response.content_part.added\",\"content_index\":0,\"item_id\":\"%s\",\"output_index\":%u,"
	      "\"part\":{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"},\"sequence_number\":%u}",
	      name, answer.index, answer.number++);
	responses_words("response.output_text.delta", name, "\"content_index\":0,\"logprobs\":[],", n);
	event("response.output_text.done",
	      "{\"type\":\"response.output_text.done\",\"content_index\":0,\"item_id\":\"%s\",\"logprobs\":[],"
	      "\"output_index\":%u,\"sequence_number\":%u,\"text\":\"%s\"}",
	      name, answer.index, answer.number++, told);
	sprintf(b,
		"{\"id\":\"%s\",\"type\":\"message\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\","
		"\"annotations\":[],\"logprobs\":[],\"text\":\"%s\"}],\"role\":\"assistant\"}",
		name, told);
	responses_done(b);
}

static void responses_call(void)
{
	static const char delta[] = "response.function_call_arguments.delta";
	static char b[1 << 16];
	char name[64], call[64], piece[40];

	id(name, "fc_");
	id(call, "call_");
	sprintf(b,
		"{\"id\":\"%s\",\"type\":\"function_call\",\"status\":\"in_progress\",\"arguments\":\"\",\"call_id\":\"%s\","
		"\"name\":\"weather\"}",
		name, call);
	responses_item("response.output_item.added", b);
	told[0] = '\0';
	for (unsigned i = 0, n = 2 + any(6); i <= n; i++) {
		sprintf(piece, "%s%u%s", i == 0 ? "{\\\"days\\\":[" : ",", any(365), i == n ? "]}" : "");
		strcat(told, piece);
		responses_delta(delta, name, "", piece);
	}
	event("response.function_call_arguments.done",
	      "{\"type\":\"response.function_call_arguments.done\",\"arguments\":\"%s\",\"item_id\":\"%s\","
	      "\"output_index\":%u,\"sequence_number\":%u}",
	      told, name, answer.index, answer.number++);
	sprintf(b,
		"{\"id\":\"%s\",\"type\":\"function_call\",\"status\":\"completed\",\"arguments\":\"%s\",\"call_id\":\"%s\","
		"\"name\":\"weather\"}",
		name, told, call);
	responses_done(b);
}

static void responses_agent(void)
{
	unsigned thought = any(300), n = 20 + any(120), calls = any(2) ? 1 + any(3) : 0;
	char name[64];

	answer.number = answer.index = 0;
	answer.n = 0;
	id(name, "resp_");
	event("response.created",
	      "{\"type\":\"response.created\",\"response\":{\"id\":\"%s\",\"object\":\"response\","
	      "\"status\":\"in_progress\",\"model\":\"gpt\",\"output\":[],\"usage\":null},\"sequence_number\":%u}",
	      name, answer.number++);
	if (thought)
		responses_thought(thought);
	if (!calls)
		responses_message(n);
	for (unsigned i = 0; i < calls; i++)
		responses_call();
	event("response.completed",
	      "{\"type\":\"response.completed\",\"response\":{\"id\":\"%s\",\"object\":\"response\",\"status\":\"completed\","
	      "\"model\":\"gpt\",\"output\":[%s],\"usage\":{\"input_tokens\":9,\"output_tokens\":%u,\"total_tokens\":%u,"
	      "\"output_tokens_details\":{\"reasoning_tokens\":%u}}},\"sequence_number\":%u}",
	      name, answer.p, thought + n, thought + n + 9, thought, answer.number);
}

/* ---- Gemini */

static void gemini(void)
{
	char b[1600], name[64];
	unsigned n = 4 + any(40), tokens = 0;

	id(name, "r");
	for (unsigned i = 0; i < n; i++) {
		int at = 0;

		for (int w = 0; w < 40; w++)
			at += sprintf(b + at, "%s", word());
		tokens += 40;
		event(NULL,
		      "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\"}],\"role\":\"model\"}%s,\"index\":0}],"
		      "\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":%u,\"totalTokenCount\":%u},"
		      "\"modelVersion\":\"gemini\",\"responseId\":\"%s\"}",
		      b, i + 1 == n ? ",\"finishReason\":\"STOP\"" : "", tokens, tokens + 9, name);
	}
}

/* With the spaces that the service writes between its keys and values. */
static void gemini_part(const char *name, unsigned tokens, unsigned thought, const char *part, const char *end)
{
	event(NULL,
	      "{\"candidates\": [{\"content\": {\"parts\": [%s],\"role\": \"model\"}%s,\"index\": 0}],"
	      "\"usageMetadata\": {\"promptTokenCount\": 54,\"candidatesTokenCount\": %u,\"totalTokenCount\": %u,"
	      "\"thoughtsTokenCount\": %u},\"modelVersion\": \"gemini\",\"responseId\": \"%s\"}",
	      part, end, tokens, 54 + tokens + thought, thought, name);
}

static void gemini_words(const char *name, unsigned n, const char *more)
{
	char b[1600];

	for (unsigned i = 1; i <= n; i++) {
		int at = sprintf(b, "{\"text\": \"");

		for (unsigned w = 3 + any(40); w; w--)
			at += sprintf(b + at, "%s", word());
		sprintf(b + at, "\"%s}", more);
		gemini_part(name, *more ? 0 : 20 * i, *more ? 20 * i : 200, b, "");
	}
}

static void gemini_agent(void)
{
	unsigned thought = any(6), n = 2 + any(20), calls = any(2) ? 1 + any(3) : 0;
	char b[600], name[64], signature[260];

	id(name, "r");
	gemini_words(name, thought, ",\"thought\": true");
	gemini_words(name, n, "");
	for (int i = 0; i < 10; i++)
		id(signature + (size_t)i * 25, "C");
	for (unsigned i = 0; i < calls; i++) {
		sprintf(b, "{\"functionCall\": {\"name\": \"weather\",\"args\": {\"location\": \"Florence,Italy\"}}%s%s%s}",
			i ? "" : ",\"thoughtSignature\": \"", i ? "" : signature, i ? "" : "\"");
		gemini_part(name, 20 * n, 200, b, "");
	}
	gemini_part(name, 20 * n, 200, "{\"text\": \"\"}", ",\"finishReason\": \"STOP\"");
}

/* ---- a cassette */

static void cassette(void)
{
	static unsigned number;
	char b[600];

	if (number == 0)
		put("---\nversion: 2\ninteractions:\n");
	sprintf(b,
		"- id: %u\n  request:\n    proto: HTTP/1.1\n    proto_major: 1\n    proto_minor: 1\n    content_length: 40\n"
		"    host: api.example.com\n    body: '{\"model\":\"qwen\",\"stream\":true,\"n\":%u}'\n    headers:\n"
		"      Content-Type:\n      - application/json\n    url: https://api.example.com/v1/chat/completions\n"
		"    method: POST\n  response:\n    proto: HTTP/2.0\n    proto_major: 2\n    proto_minor: 0\n"
		"    content_length: -1\n    body: |+\n",
		number, number);
	number++;
	put(b);
	indent = "      ";
	chat();
	indent = "";
	put("    headers:\n      Content-Type:\n      - text/event-stream\n    status: 200 OK\n    code: 200\n    duration: 904.924959ms\n");
}

/* ---- a recording */

/* An id as long as that one, and the same wherever that one stands in the same round. */
static void other_id(const char *value, size_t n, unsigned round)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned sum = round * 7919;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)value[i];
	for (size_t i = 0; i < n; i++) {
		bool prefix = i < 4 || !isalnum((unsigned char)value[i]);

		sum = sum * 1103515245 + 12345;
		putchar(prefix ? value[i] : letters[(sum >> 16) % 36]);
	}
	written += n;
}

/* The string behind a key. */
static void other_value(const char *key, const char *value, size_t n, unsigned round)
{
	if (!strcmp(key, "\"id\":\""))
		other_id(value, n, round);
	else if (n)
		put(word());
}

static void recorded(void)
{
	static const char *const keys[] = { "\"id\":\"", "\"content\":\"" };
	static char text[1 << 20];
	static size_t length;
	static unsigned round;
	const char *p = text;

	if (round++ == 0)
		length = fread(text, 1, sizeof text - 1, stdin);
	if (!length)
		exit(2);
	while (*p) {
		const char *next = NULL, *key = "", *at;

		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
			if ((at = strstr(p, keys[k])) != NULL && (!next || at < next)) {
				next = at;
				key = keys[k];
			}
		at = next ? next + strlen(key) : p + strlen(p);
		written += fwrite(p, 1, (size_t)(at - p), stdout);
		p = at + strcspn(at, "\"");
		if (next)
			other_value(key, at, (size_t)(p - at), round);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*message)(void);
	} kinds[] = { { "chat", chat },
		      { "responses", responses },
		      { "anthropic", anthropic },
		      { "gemini", gemini },
		      { "chat-agent", chat_agent },
		      { "responses-agent", responses_agent },
		      { "anthropic-agent", anthropic_agent },
		      { "gemini-agent", gemini_agent },
		      { "cassette", cassette },
		      { "recorded", recorded } };
	unsigned long long bytes = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	for (size_t k = 0; bytes && k < sizeof kinds / sizeof *kinds; k++)
		if (!strcmp(argv[1], kinds[k].name)) {
			do
				kinds[k].message();
			while (written < bytes);
			return fflush(stdout) || ferror(stdout) ? 4 : 0;
		}
	fputs("usage: generate chat|responses|anthropic|gemini|cassette|KIND-agent BYTES\n"
	      "       generate recorded BYTES <STREAM\n", stderr);
	return 2;
}
