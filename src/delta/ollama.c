/* SPDX-License-Identifier: MIT */
/*
 * ollama: the lines of Ollama's /api/chat and /api/generate.
 *
 *	{"model":"m","created_at":"…","message":{"role":"assistant","content":"","thinking":"So"},"done":false}
 *	{"model":"m","created_at":"…","message":{"role":"assistant","content":"Hel"},"done":false}
 *	{"model":"m","created_at":"…","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":false}
 *	{"model":"m","created_at":"…","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,"prompt_eval_count":26,"eval_count":298}
 *
 *	{"model":"m","created_at":"…","response":"Hel","done":false}
 *	{"model":"m","created_at":"…","response":"","done":true,"done_reason":"stop","context":[1,2],"eval_count":298}
 *
 *	{"error":"text"}
 *
 * Specification: Ollama's docs/api.md. Every line has the shape of the whole response: texts are
 * pieces, tool calls arrive whole, and the line with done:true carries the counters. A whole
 * response is the same line alone, so it needs no way of its own.
 */
#include "delta/delta_impl.h"

/* Some servers leave done out and end with done_reason alone (MLX). */
static bool is_without_done(const struct json *j, uint32_t at)
{
	static const char *const others[] = { "type", "choices", "candidates", "id", "object", "event_type" };
	uint32_t message = json_get(j, at, "message");

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (json_get(j, at, others[i]))
			return false;
	return json_kind(j, json_get(j, at, "model")) == JSON_STRING && json_filled(j, json_get(j, at, "created_at")) &&
	       (json_kind(j, json_get(j, message, "role")) == JSON_STRING ||
	        json_kind(j, json_get(j, at, "response")) == JSON_STRING);
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	enum json_kind done = json_kind(j, json_get(j, at, "done"));

	if (done <= JSON_NULL)
		return is_without_done(j, at) ? KNOWS_CHUNK : KNOWS_NOT;
	if (done != JSON_TRUE && done != JSON_FALSE)
		return KNOWS_NOT;
	if (json_kind(j, json_get(j, at, "model")) != JSON_STRING &&
	    json_kind(j, json_get(j, at, "message")) != JSON_OBJECT &&
	    json_kind(j, json_get(j, at, "response")) != JSON_STRING)
		return KNOWS_NOT;
	return KNOWS_CHUNK;
}

static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	(void)j;
	(void)at;
	return d->ended ? OPENS_NEW : OPENS_NOT;
}

/* {"name":…,"arguments":{…}}; the value of arguments is returned. */
static uint32_t function(struct delta *d, struct delta_call *c, struct tree_node *to, const struct json *j, uint32_t f)
{
	uint32_t arguments = 0;

	for (uint32_t v = json_first(j, f); v; v = json_next(j, f, v)) {
		struct tree_node *n = tree_put(&d->tree, to, json_string(j, json_key(v)));

		if (json_is(j, json_key(v), "arguments")) {
			c->arguments = n;
			arguments = v;
			continue;
		}
		tree_set(n, j, v);
		if (json_is(j, json_key(v), "name"))
			c->name = n;
	}
	return arguments;
}

static void call(struct delta *d, struct tree_node *list, const struct json *j, uint32_t at)
{
	struct delta_call *c = delta_call_new(d, 0);
	uint32_t arguments = 0;

	c->node = tree_add(&d->tree, list);
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct tree_node *n = tree_put(&d->tree, c->node, json_string(j, json_key(v)));

		if (json_is(j, json_key(v), "function") && json_kind(j, v) == JSON_OBJECT) {
			n->kind = TREE_OBJECT;
			arguments = function(d, c, n, j, v);
			continue;
		}
		tree_set(n, j, v);
		if (json_is(j, json_key(v), "id"))
			c->id = n;
	}
	if (json_kind(j, arguments) == JSON_STRING) /* some who imitate it */
		delta_call_piece(d, c, json_string(j, arguments));
	else if (arguments)
		delta_call_value(d, c, j, arguments);
	delta_call_done(d, c);
}

static void calls(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	if (json_kind(j, array) != JSON_ARRAY)
		return;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e))
		if (json_kind(j, e) == JSON_OBJECT)
			call(d, to, j, e);
}

/* What comes in pieces, in the message of chat or, for generate, at the top. */
static bool grows(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v, const char *text)
{
	struct span key = delta_key(d, j, v);
	bool string = json_kind(j, v) == JSON_STRING, array = json_kind(j, v) == JSON_ARRAY;

	if (string && span_is(key, text))
		delta_text(d, 0, to, json_string(j, v));
	else if (string && span_is(key, "thinking"))
		delta_reasoning(d, 0, to, json_string(j, v));
	else if (span_is(key, "tool_calls"))
		calls(d, to, j, v);
	else if (array && (span_is(key, "images") || span_is(key, "logprobs")))
		delta_list_all(d, to, j, v);
	else
		return false;
	return true;
}

static void message_members(struct delta *d, struct tree_node *message, const struct json *j, uint32_t m)
{
	if (tree_is_null(message))
		message->kind = TREE_OBJECT;
	for (uint32_t v = json_first(j, m); v; v = json_next(j, m, v)) {
		struct tree_node *to = tree_put(&d->tree, message, json_string(j, json_key(v)));

		if (json_kind(j, v) != JSON_NULL && !grows(d, to, j, v, "content"))
			tree_set(to, j, v);
	}
}

static void members(struct delta *d, const struct json *j, uint32_t at)
{
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct tree_node *to = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));

		if (json_is(j, json_key(v), "message") && json_kind(j, v) == JSON_OBJECT)
			message_members(d, to, j, v);
		else if (json_kind(j, v) != JSON_NULL && !grows(d, to, j, v, "response"))
			tree_set(to, j, v);
	}
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t error = json_get(j, at, "error"), done = json_get(j, at, "done");

	members(d, j, at);
	delta_error(d, j, error);
	d->complete = d->ended = json_kind(j, done) == JSON_TRUE ||
	                         (json_kind(j, done) <= JSON_NULL && json_filled(j, json_get(j, at, "done_reason")));
	if (d->error.len)
		d->ended = true;
}

/* Chat has its texts in message, generate at the top. */
static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t message = json_get(j, JSON_ROOT, "message");

	if (nth > 0)
		return false;
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	n->role = json_string(j, json_get(j, message, "role"));
	normal_text(&n->text, j, json_get(j, message, "content"));
	normal_text(&n->text, j, json_get(j, JSON_ROOT, "response"));
	normal_text(&n->reasoning, j, json_get(j, message, "thinking"));
	normal_text(&n->reasoning, j, json_get(j, JSON_ROOT, "thinking"));
	normal_calls(n, j, json_get(j, message, "tool_calls"));
	normal_calls(n, j, json_get(j, JSON_ROOT, "tool_calls"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "done_reason"));
	normal_usage_path(n, USAGE_INPUT, j, JSON_ROOT, "prompt_eval_count");
	normal_usage_path(n, USAGE_OUTPUT, j, JSON_ROOT, "eval_count");
	return true;
}

static bool put_function(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "arguments", put_arguments_object, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool put_call(struct buf *b, const struct json *j, uint32_t call)
{
	static const struct put with[] = { { "function", put_function, false }, { 0 } };

	put_object(b, j, call, with);
	return true;
}

static bool put_calls(struct buf *b, const struct json *j, uint32_t list)
{
	return put_list(b, j, list, put_call);
}

static void put_renamed(struct buf *b, const char *key, const struct json *j, uint32_t v, put_value *write)
{
	size_t before = b->len;

	if (json_kind(j, v) <= JSON_NULL)
		return;
	json_member(b, key);
	if (!write)
		json_compact(b, j, v);
	else if (!write(b, j, v))
		buf_cut(b, before);
}

/* What generate answered is put as the chat message that says the same. */
static void message(const struct json *j, struct buf *b)
{
	static const struct put with[] = { { "tool_calls", put_calls, false }, { "content", put_text, true }, { 0 } };
	uint32_t m = json_get(j, JSON_ROOT, "message");

	if (json_kind(j, m) == JSON_OBJECT) {
		put_object(b, j, m, with);
		return;
	}
	buf_adds(b, "{\"role\":\"assistant\"");
	json_member(b, "content");
	put_text(b, j, json_get(j, JSON_ROOT, "response"));
	put_renamed(b, "thinking", j, json_get(j, JSON_ROOT, "thinking"), NULL);
	put_renamed(b, "tool_calls", j, json_get(j, JSON_ROOT, "tool_calls"), put_calls);
	put_renamed(b, "images", j, json_get(j, JSON_ROOT, "images"), NULL);
	buf_addc(b, '}');
}

/* Results are found by the name of their tool; by id too, where the server gave one. */
static int next(struct next *x)
{
	return next_tools(x, "tool_name");
}

const struct delta_format delta_ollama = {
	.name = "ollama",
	.about = "Ollama's own chat and generate",
	.knows = knows,
	.opens = opens,
	.add = add,
	.normal = normal,
	.message = message,
	.next = next,
};
