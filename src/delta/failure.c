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

/* A word or a number, except those with which APIs report success: 0 (MiniMax, in every answer), 200. */
static bool is_code(const struct json *j, uint32_t node)
{
	static const char *const good[] = { "0", "200", "ok", "OK", "success", "SUCCESS" };
	long n;

	if (json_kind(j, node) == JSON_NUMBER)
		return !json_long(j, node, &n) || (n != 0 && (n < 200 || n > 299));
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (json_is(j, node, good[i]))
			return false;
	return json_filled(j, node);
}

/* A status of HTTP, from 400 on. */
static bool is_bad_status(const struct json *j, uint32_t node)
{
	long n;

	return json_kind(j, node) == JSON_NUMBER && (!json_long(j, node, &n) || n >= 400);
}

/* "server_error", "BadRequestError", "ThrottlingException" */
static bool is_error_type(struct span type)
{
	static const char *const ends[] = { "error", "Error", "exception", "Exception" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (type.n >= n && !memcmp(type.p + type.n - n, ends[i], n))
			return true;
	}
	return false;
}

/* Does it say that it is an error, or has it a code as errors have? */
static bool is_marked(const struct json *j, uint32_t at)
{
	if (json_is(j, json_get(j, at, "object"), "error") || json_is(j, json_get(j, at, "status"), "error"))
		return true;
	if (is_error_type(json_string(j, json_get(j, at, "type"))))
		return true;
	return is_code(j, json_get(j, at, "code")) || is_code(j, json_get(j, at, "error_code")) ||
	       is_bad_status(j, json_get(j, at, "status")) || is_bad_status(j, json_get(j, at, "statusCode"));
}

/* {"detail":"Internal Server Error"}, as FastAPI answers: nothing else says so little. */
static bool is_detail(const struct json *j, uint32_t at)
{
	uint32_t first = json_first(j, at);

	return first && !json_next(j, at, first) && filled(j, json_get(j, at, "detail"));
}

/* A body that says what went wrong and nothing around it. Inside a stream a text alone is no failure:
 * it may report progress. */
static bool is_flat(const struct json *j, uint32_t at, bool inside)
{
	static const char *const sure[] = { "error_msg", "__type" };
	bool text;

	for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
		if (json_filled(j, json_get(j, at, sure[i])))
			return true;
	if (is_detail(j, at) || json_is(j, json_get(j, at, "status"), "error"))
		return true;
	text = json_filled(j, json_get(j, at, "message")) || json_filled(j, json_get(j, at, "Message")) ||
	       filled(j, json_get(j, at, "detail"));
	return (text && !inside) || ((text || json_filled(j, json_get(j, at, "title"))) && is_marked(j, at));
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
