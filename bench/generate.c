/* SPDX-License-Identifier: MIT */
/*
 * generate: streams to measure with. `generate KIND BYTES` writes about so many bytes of KIND to
 * standard output: chat, responses, anthropic or gemini as server-sent events, or cassette, a go-vcr
 * file of chat streams. The chunks are those of examples/florence.yaml and of tests/delta, message
 * after message with ids, words and lengths of their own; the same numbers every time.
 */
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

static void event(const char *data)
{
	put(indent);
	put("data: ");
	put(data);
	put("\n\n");
}

static void typed(const char *type, const char *data)
{
	put("event: ");
	put(type);
	put("\n");
	event(data);
}

static void chat(void)
{
	char b[1200], head[400], name[64];
	unsigned n = 20 + any(400);

	id(name, "gen-");
	sprintf(head, "{\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":17733%05u,\"model\":\"qwen/qwen3-235b-a22b-07-25\",\"provider\":\"Alibaba\",\"choices\":[", name, any(99999));
	for (unsigned i = 0; i < n; i++) {
		sprintf(b, "%s{\"index\":0,\"delta\":{\"content\":\"%s\",\"role\":\"assistant\"},\"finish_reason\":null,\"native_finish_reason\":null}]}", head, word());
		event(b);
	}
	sprintf(b, "%s{\"index\":0,\"delta\":{\"content\":\"\",\"role\":\"assistant\"},\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\"}]}", head);
	event(b);
	sprintf(b, "%s],\"usage\":{\"prompt_tokens\":%u,\"completion_tokens\":%u,\"total_tokens\":%u,\"cost\":0.0000%u,\"is_byok\":false,\"prompt_tokens_details\":{\"cached_tokens\":0}}}", head, any(999), n, any(999) + n, 1 + any(99999));
	event(b);
	event("[DONE]");
}

static void anthropic(void)
{
	char b[800], name[64];
	unsigned n = 20 + any(400);

	id(name, "msg_");
	sprintf(b, "{\"type\":\"message_start\",\"message\":{\"id\":\"%s\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":%u,\"output_tokens\":1}}}", name, any(999));
	typed("message_start", b);
	typed("content_block_start", "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
	typed("ping", "{\"type\": \"ping\"}");
	for (unsigned i = 0; i < n; i++) {
		sprintf(b, "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"%s%s\"}}", word(), word());
		typed("content_block_delta", b);
	}
	typed("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
	sprintf(b, "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":%u}}", n);
	typed("message_delta", b);
	typed("message_stop", "{\"type\":\"message_stop\"}");
}

static void responses(void)
{
	static char b[1 << 16], text[1 << 15];
	char name[64], item[64];
	unsigned n = 20 + any(400), number = 0;

	id(name, "resp_");
	id(item, "msg_");
	text[0] = '\0';
	sprintf(b, "{\"type\":\"response.created\",\"sequence_number\":%u,\"response\":{\"id\":\"%s\",\"object\":\"response\",\"status\":\"in_progress\",\"model\":\"gpt\",\"output\":[],\"usage\":null}}", number++, name);
	typed("response.created", b);
	sprintf(b, "{\"type\":\"response.output_item.added\",\"sequence_number\":%u,\"output_index\":0,\"item\":{\"id\":\"%s\",\"type\":\"message\",\"status\":\"in_progress\",\"content\":[],\"role\":\"assistant\"}}", number++, item);
	typed("response.output_item.added", b);
	sprintf(b, "{\"type\":\"response.content_part.added\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,\"content_index\":0,\"part\":{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"}}", number++, item);
	typed("response.content_part.added", b);
	for (unsigned i = 0; i < n; i++) {
		const char *w = word();

		strcat(text, w);
		sprintf(b, "{\"type\":\"response.output_text.delta\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,\"content_index\":0,\"delta\":\"%s\",\"logprobs\":[],\"obfuscation\":\"%u\"}", number++, item, w, any(99999999));
		typed("response.output_text.delta", b);
	}
	sprintf(b, "{\"type\":\"response.output_text.done\",\"sequence_number\":%u,\"item_id\":\"%s\",\"output_index\":0,\"content_index\":0,\"text\":\"%s\",\"logprobs\":[]}", number++, item, text);
	typed("response.output_text.done", b);
	sprintf(b, "{\"type\":\"response.completed\",\"sequence_number\":%u,\"response\":{\"id\":\"%s\",\"object\":\"response\",\"status\":\"completed\",\"model\":\"gpt\",\"output\":[{\"id\":\"%s\",\"type\":\"message\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"%s\"}],\"role\":\"assistant\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":%u,\"total_tokens\":%u}}}", number, name, item, text, n, n + 9);
	typed("response.completed", b);
}

static void gemini(void)
{
	char b[1600], name[64];
	unsigned n = 4 + any(40), tokens = 0;

	id(name, "r");
	for (unsigned i = 0; i < n; i++) {
		int at = sprintf(b, "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"");

		for (int w = 0; w < 40; w++)
			at += sprintf(b + at, "%s", word());
		tokens += 40;
		sprintf(b + at, "\"}],\"role\":\"model\"}%s,\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":%u,\"totalTokenCount\":%u},\"modelVersion\":\"gemini\",\"responseId\":\"%s\"}", i + 1 == n ? ",\"finishReason\":\"STOP\"" : "", tokens, tokens + 9, name);
		event(b);
	}
}

static void cassette(void)
{
	static unsigned number;
	char b[600];

	if (number == 0)
		put("---\nversion: 2\ninteractions:\n");
	sprintf(b, "- id: %u\n  request:\n    proto: HTTP/1.1\n    proto_major: 1\n    proto_minor: 1\n    content_length: 40\n    host: api.example.com\n    body: '{\"model\":\"qwen\",\"stream\":true,\"n\":%u}'\n    headers:\n      Content-Type:\n      - application/json\n    url: https://api.example.com/v1/chat/completions\n    method: POST\n  response:\n    proto: HTTP/2.0\n    proto_major: 2\n    proto_minor: 0\n    content_length: -1\n    body: |+\n", number, number);
	number++;
	put(b);
	indent = "      ";
	chat();
	indent = "";
	put("    headers:\n      Content-Type:\n      - text/event-stream\n    status: 200 OK\n    code: 200\n    duration: 904.924959ms\n");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*message)(void);
	} kinds[] = { { "chat", chat }, { "responses", responses }, { "anthropic", anthropic }, { "gemini", gemini }, { "cassette", cassette } };
	unsigned long long bytes = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	for (size_t k = 0; bytes && k < sizeof kinds / sizeof *kinds; k++)
		if (!strcmp(argv[1], kinds[k].name)) {
			do
				kinds[k].message();
			while (written < bytes);
			return fflush(stdout) || ferror(stdout) ? 4 : 0;
		}
	fputs("usage: generate chat|responses|anthropic|gemini|cassette BYTES\n", stderr);
	return 2;
}
