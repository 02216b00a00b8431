/* SPDX-License-Identifier: MIT */
/* failure: what went wrong, in whatever shape. See failure.h. */
#include "delta/failure.h"

#include <string.h>

#include "json/write.h"

enum { DEEP = 4 }; /* so far down the message of an error is looked for */

static const char *const texts[] = { "message", "Message", "detail", "msg", "error_msg", "status_msg", "faultstring",
	                             "title" };
static const char *const words[] = { "type", "code", "status", "Code", "__type", "error_code", "status_code" };

static bool filled(const struct json *j, uint32_t node)
{
	return json_filled(j, node) || json_first(j, node);
}

/* A word or a number, save 0, which says that all is well (MiniMax, in every answer). */
static bool is_code(const struct json *j, uint32_t node)
{
	long n;

	if (json_kind(j, node) == JSON_NUMBER)
		return !json_long(j, node, &n) || n != 0;
	return json_filled(j, node);
}

/* Is it called an error, or has it a code as errors have? */
static bool is_marked(const struct json *j, uint32_t at)
{
	struct span type = json_string(j, json_get(j, at, "type"));

	if (json_is(j, json_get(j, at, "object"), "error"))
		return true;
	if (type.n >= 5 && !memcmp(type.p + type.n - 4, "rror", 4))
		return true;
	return is_code(j, json_get(j, at, "code")) || is_code(j, json_get(j, at, "error_code")) ||
	       json_kind(j, json_get(j, at, "status")) == JSON_NUMBER ||
	       json_kind(j, json_get(j, at, "statusCode")) == JSON_NUMBER;
}

/* A body that says what went wrong and nothing around it. */
static bool is_flat(const struct json *j, uint32_t at, bool inside)
{
	static const char *const sure[] = { "error_msg", "__type" };

	for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
		if (json_filled(j, json_get(j, at, sure[i])))
			return true;
	if (json_filled(j, json_get(j, at, "message")) || json_filled(j, json_get(j, at, "Message")) ||
	    filled(j, json_get(j, at, "detail")))
		return !inside || is_marked(j, at);
	return json_filled(j, json_get(j, at, "title")) && is_marked(j, at);
}

uint32_t failure_of(const struct json *j, uint32_t at, bool inside)
{
	static const char *const places[] = { "errors", "fault", "Response.Error" };
	uint32_t error = json_get(j, at, "error"), output = json_get(j, at, "Output");

	if (json_kind(j, error) > JSON_NULL)
		return error;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (filled(j, json_path(j, at, places[i])))
			return json_path(j, at, places[i]);
	if (is_code(j, json_path(j, at, "base_resp.status_code")))
		return json_get(j, at, "base_resp");
	if (json_filled(j, json_get(j, output, "__type")))
		return output;
	return is_flat(j, at, inside) ? at : 0;
}

/* The first string that says something, from the node down. */
static uint32_t text_in(const struct json *j, uint32_t node, int depth)
{
	uint32_t found = 0;

	if (json_kind(j, node) == JSON_STRING)
		return json_filled(j, node) ? node : 0;
	if (depth == DEEP)
		return 0;
	if (json_kind(j, node) == JSON_ARRAY)
		return text_in(j, json_first(j, node), depth + 1);
	for (size_t i = 0; i < sizeof texts / sizeof *texts && !found; i++)
		found = text_in(j, json_get(j, node, texts[i]), depth + 1);
	return found;
}

static uint32_t word_in(const struct json *j, uint32_t node)
{
	uint32_t word = 0;

	if (json_kind(j, node) == JSON_ARRAY)
		node = json_first(j, node);
	for (size_t i = 0; i < sizeof words / sizeof *words && json_kind(j, word) < JSON_NUMBER; i++)
		word = json_get(j, node, words[i]);
	return word;
}

void failure_say(struct buf *to, const struct json *j, uint32_t failure)
{
	uint32_t word = word_in(j, failure), text = text_in(j, failure, 0);

	if (json_kind(j, word) == JSON_STRING)
		json_unescape(to, json_string(j, word));
	else if (json_kind(j, word) == JSON_NUMBER)
		buf_addspan(to, json_text(j, word));
	if (!text)
		return;
	if (to->len)
		buf_adds(to, ": ");
	json_unescape(to, json_string(j, text));
}
