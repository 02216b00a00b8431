/* SPDX-License-Identifier: MIT */
/* input_kind: which output of the suite, or of a provider, an input is. See input_kind.h. */
#include "cassette/input_kind.h"

#include <string.h>

#include "frame/frame.h"
#include "json/json.h"

const char *input_kind_text(enum input_kind kind)
{
	static const char *const texts[] = {
		[INPUT_EVENTS] = "an event stream; use sse-split",
		[INPUT_FRAMES] = "Amazon frames; use sse-split",
		[INPUT_EVENT_RECORDS] = "event records; use delta-merge",
		[INPUT_CHUNKS] = "chunks of a provider; use delta-merge",
		[INPUT_MESSAGES] = "messages, as delta-merge -n prints them",
		[INPUT_INTERACTIONS] = "interaction records; use sse-split or cassette-pack",
		[INPUT_REQUEST] = "a request to a provider; use sse-post",
		[INPUT_MARKUP] = "HTML or XML",
		[INPUT_BINARY] = "binary data",
		[INPUT_UNDECIDED] = NULL,
	};

	return texts[kind];
}

static struct span next_line(struct span *rest)
{
	const char *lf = memchr(rest->p, '\n', rest->n);
	struct span line = { rest->p, lf ? (size_t)(lf - rest->p) : rest->n };

	*rest = lf ? (struct span){ lf + 1, rest->n - line.n - 1 } : (struct span){ rest->p + rest->n, 0 };
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static bool starts_with_one(struct span s, const char *const *starts)
{
	for (; *starts; starts++)
		if (span_starts(s, *starts))
			return true;
	return false;
}

/* A data field with something on its line: below such a key of YAML is a map. */
static bool is_data(struct span line)
{
	size_t n = 5;

	if (!span_starts(line, "data:"))
		return false;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n < line.n;
}

/* Fields that YAML could begin with as well decide nothing. */
static enum input_kind text_kind(struct span head)
{
	static const char *const fields[] = { "event:", "id:", "retry:", ":", NULL };

	while (head.n > 0) {
		struct span line = next_line(&head);

		if (is_data(line))
			return INPUT_EVENTS;
		if (line.n > 0 && !starts_with_one(line, fields))
			return head.n == 0 && line.n <= 6 ? INPUT_UNDECIDED : INPUT_UNKNOWN;
	}
	return INPUT_UNDECIDED;
}

static enum json_kind kind_at(const struct json *j, uint32_t at, const char *path)
{
	return json_kind(j, json_path(j, at, path));
}

/* cassette-record(5). A stub of WireMock has the same members, but only the path of its URL. */
static bool is_interaction(const struct json *j, uint32_t at)
{
	struct span url = json_string(j, json_path(j, at, "request.url"));

	return url.n && *url.p != '/' && kind_at(j, at, "request.method") == JSON_STRING &&
	       kind_at(j, at, "response.status") == JSON_NUMBER;
}

/* A chunk, or a whole response. */
static bool is_chunk(const struct json *j, uint32_t at)
{
	static const char *const types[] = { "response.", "message",   "content",  "ping",
		                             "error",     "tool-call", "citation", NULL };
	static const char *const lists[] = { "choices", "candidates" };
	struct span type = json_string(j, json_get(j, at, "type"));

	if (type.n && starts_with_one(type, types))
		return true;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (kind_at(j, at, lists[i]) == JSON_ARRAY)
			return true;
	return json_is(j, json_get(j, at, "object"), "response") || kind_at(j, at, "usageMetadata") == JSON_OBJECT ||
	       (json_get(j, at, "done") && json_get(j, at, "model"));
}

static bool is_request(const struct json *j, uint32_t at)
{
	return kind_at(j, at, "messages") == JSON_ARRAY || kind_at(j, at, "contents") == JSON_ARRAY ||
	       (json_get(j, at, "input") && json_get(j, at, "model"));
}

static enum input_kind object_kind(const struct json *j, uint32_t at)
{
	if (json_get(j, at, "event") && json_get(j, at, "data"))
		return INPUT_EVENT_RECORDS;
	if (json_get(j, at, "format") && json_get(j, at, "index") && json_get(j, at, "complete"))
		return INPUT_MESSAGES;
	if (is_interaction(j, at))
		return INPUT_INTERACTIONS;
	if (is_chunk(j, at))
		return INPUT_CHUNKS;
	return is_request(j, at) ? INPUT_REQUEST : INPUT_UNKNOWN;
}

/* The first text decides, or of an array the first element. */
static enum input_kind json_kind_of(struct span head)
{
	struct json j = JSON_INIT;
	enum input_kind kind = INPUT_UNKNOWN;
	uint32_t at = JSON_ROOT;
	size_t n;
	bool cut;

	if (!json_check_prefix(head.p, head.n, &n, &cut) && json_parse(&j, head.p, n) == 0) {
		if (json_kind(&j, at) == JSON_ARRAY)
			at = json_first(&j, at);
		if (at && json_kind(&j, at) == JSON_OBJECT)
			kind = object_kind(&j, at);
	}
	json_release(&j);
	return kind;
}

/* UTF-16 is full of NUL, and YAML may be in it. */
static bool is_binary(struct span head)
{
	return memchr(head.p, 0, head.n) && !span_starts(head, "\xff\xfe") && !span_starts(head, "\xfe\xff");
}

enum input_kind input_kind(struct span head)
{
	if (frame_is_aws(head))
		return INPUT_FRAMES;
	if (span_starts(head, "\xef\xbb\xbf"))
		head = (struct span){ head.p + 3, head.n - 3 };
	while (head.n && (*head.p == ' ' || *head.p == '\t' || *head.p == '\r' || *head.p == '\n'))
		head = (struct span){ head.p + 1, head.n - 1 };
	if (head.n == 0)
		return INPUT_UNDECIDED;
	if (*head.p == '{' || *head.p == '[')
		return json_kind_of(head);
	if (*head.p == '<' && !span_starts(head, "<<<<<<<"))
		return INPUT_MARKUP;
	return is_binary(head) ? INPUT_BINARY : text_kind(head);
}
