/* SPDX-License-Identifier: MIT */
/* put: what a model answered, as the next request wants it. See put.h. */
#include "delta/put.h"

#include <string.h>

#include "json/write.h"

static const struct put *put_of(const struct put *with, const struct json *j, uint32_t key)
{
	for (; with && with->key; with++)
		if (json_is(j, key, with->key))
			return with;
	return NULL;
}

/* A member, or nothing if its writer says so. */
static void member(struct buf *b, const struct put *p, struct span key, const struct json *j, uint32_t v)
{
	size_t before = b->len;

	if (b->p[b->len - 1] != '{')
		buf_addc(b, ',');
	buf_addspan(b, key);
	buf_addc(b, ':');
	if (!p)
		json_compact(b, j, v);
	else if (!p->write || !p->write(b, j, v))
		buf_cut(b, before);
}

void put_object(struct buf *b, const struct json *j, uint32_t object, const struct put *with)
{
	if (object && json_kind(j, object) != JSON_OBJECT) { /* where a whole response has something else */
		json_compact(b, j, object);
		return;
	}
	buf_addc(b, '{');
	for (uint32_t v = json_first(j, object); v; v = json_next(j, object, v)) {
		const struct put *p = put_of(with, j, json_key(v));

		if (json_kind(j, v) != JSON_NULL)
			member(b, p, json_text(j, json_key(v)), j, v);
	}
	for (; with && with->key; with++) {
		struct buf key = BUF_INIT;

		if (!with->always || json_kind(j, json_get_span(j, object, span_of(with->key))) > JSON_NULL)
			continue;
		buf_addf(&key, "\"%s\"", with->key);
		member(b, with, buf_span(&key), j, 0);
		buf_release(&key);
	}
	buf_addc(b, '}');
}

bool put_list(struct buf *b, const struct json *j, uint32_t array, put_value *element)
{
	size_t start = b->len;

	if (json_kind(j, array) != JSON_ARRAY)
		return false;
	buf_addc(b, '[');
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e)) {
		size_t before = b->len;

		if (b->len > start + 1)
			buf_addc(b, ',');
		if (!element(b, j, e))
			buf_cut(b, before);
	}
	buf_addc(b, ']');
	return b->len > start + 2;
}

bool put_text(struct buf *b, const struct json *j, uint32_t v)
{
	if (json_kind(j, v) == JSON_STRING)
		json_compact(b, j, v);
	else if (json_kind(j, v) <= JSON_NULL)
		buf_adds(b, "\"\"");
	else {
		struct buf text = BUF_INIT;

		json_compact(&text, j, v);
		json_quote(b, buf_span(&text));
		buf_release(&text);
	}
	return true;
}

bool put_arguments_text(struct buf *b, const struct json *j, uint32_t v)
{
	if (json_kind(j, v) <= JSON_NULL || span_is(json_text(j, v), "\"\""))
		buf_adds(b, "\"{}\"");
	else
		put_text(b, j, v);
	return true;
}

bool put_arguments_object(struct buf *b, const struct json *j, uint32_t v)
{
	struct buf text = BUF_INIT;
	struct json inner = JSON_INIT;

	if (json_kind(j, v) == JSON_OBJECT) {
		json_compact(b, j, v);
		return true;
	}
	if (json_kind(j, v) == JSON_STRING)
		json_unescape(&text, json_string(j, v));
	else if (json_kind(j, v) > JSON_NULL)
		json_compact(&text, j, v);
	if (text.len == 0) {
		buf_adds(b, "{}");
	} else if (json_parse(&inner, text.p, text.len) == 0 && json_kind(&inner, JSON_ROOT) == JSON_OBJECT) {
		json_compact(b, &inner, JSON_ROOT);
	} else {
		buf_adds(b, "{\"INVALID_JSON\":");
		json_quote(b, buf_span(&text));
		buf_addc(b, '}');
	}
	json_release(&inner);
	buf_release(&text);
	return true;
}

static bool function(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "arguments", put_arguments_text, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool custom(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "input", put_text, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool type_function(struct buf *b, const struct json *j, uint32_t v)
{
	buf_addspan(b, v ? json_text(j, v) : SPAN("\"function\""));
	return true;
}

static bool type_custom(struct buf *b, const struct json *j, uint32_t v)
{
	buf_addspan(b, v ? json_text(j, v) : SPAN("\"custom\""));
	return true;
}

static bool chat_call(struct buf *b, const struct json *j, uint32_t call)
{
	static const struct put of_function[] = {
		{ "index", NULL, false }, { "function", function, true }, { "type", type_function, true }, { 0 }
	};
	static const struct put of_custom[] = {
		{ "index", NULL, false }, { "custom", custom, true }, { "type", type_custom, true }, { 0 }
	};

	put_object(b, j, call, json_kind(j, json_get(j, call, "custom")) == JSON_OBJECT ? of_custom : of_function);
	return true;
}

bool put_chat_calls(struct buf *b, const struct json *j, uint32_t array)
{
	return put_list(b, j, array, chat_call);
}

bool put_chat_function(struct buf *b, const struct json *j, uint32_t v)
{
	return json_kind(j, v) == JSON_OBJECT && function(b, j, v);
}
