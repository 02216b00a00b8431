/* SPDX-License-Identifier: MIT */
/*
 * workers-ai: Cloudflare's Workers AI, as /ai/run answers for its older models.
 *
 *	{"response":"Hel","p":"abc"}
 *	{"response":"lo","p":"abcd"}
 *	{"response":"","tool_calls":[{"name":"f","arguments":{"a":1}}]}
 *	{"response":"","usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}
 *
 *	{"result":{"response":"Hello","tool_calls":[],"usage":{…}},"success":true,"errors":[],"messages":[]}
 *
 * Specification: Cloudflare Workers AI documentation, "Streaming" and "Function calling"; recorded
 * streams. Text comes in pieces, native tool calls whole, those in OpenAI's shape in fragments; `p`
 * is padding. The line with nothing but usage ends the newer models' streams too, which are chat
 * completions otherwise: what it counts is what is billed.
 */
#include "delta/delta_impl.h"
#include "delta/openai_tools.h"

static bool has_response(const struct json *j, uint32_t at)
{
	uint32_t response = json_get(j, at, "response");

	if (json_kind(j, response) == JSON_STRING)
		return true;
	return json_kind(j, response) == JSON_NULL && json_kind(j, json_get(j, at, "tool_calls")) == JSON_ARRAY;
}

static bool has_payload(const struct json *j, uint32_t at)
{
	return json_filled(j, json_get(j, at, "response")) || json_first(j, json_get(j, at, "tool_calls"));
}

static bool closes(const struct json *j, uint32_t at)
{
	return json_kind(j, json_get(j, at, "usage")) == JSON_OBJECT && !has_payload(j, at);
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	static const char *const others[] = { "done", "choices", "type", "event", "event_type", "object", "created_at" };
	uint32_t result = json_get(j, at, "result");

	if (json_kind(j, result) == JSON_OBJECT && has_response(j, result))
		return json_kind(j, json_get(j, at, "success")) == JSON_TRUE ? KNOWS_WHOLE : KNOWS_NOT;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (json_get(j, at, others[i]))
			return KNOWS_NOT;
	if (!has_response(j, at))
		return KNOWS_NOT;
	return closes(j, at) ? KNOWS_CLOSING : KNOWS_CHUNK;
}

/* Signs of life and statistics may come after the end. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	return d->ended && has_payload(j, at) ? OPENS_NEW : OPENS_NOT;
}

/* {"name":"f","arguments":{…}}: whole. */
static void native_call(struct delta *d, struct tree_node *list, const struct json *j, uint32_t at)
{
	struct delta_call *c = delta_call_new(d, 0);
	uint32_t arguments = json_get(j, at, "arguments");

	c->node = tree_add(&d->tree, list);
	tree_set(c->node, j, at);
	tree_open(&d->tree, c->node);
	c->id = tree_get(c->node, "id");
	c->name = tree_get(c->node, "name");
	if (arguments) /* its key may be spelled with escapes */
		c->arguments = tree_put(&d->tree, c->node, json_string(j, json_key(arguments)));
	if (json_kind(j, arguments) == JSON_STRING) {
		tree_set_string(c->arguments, SPAN(""));
		delta_call_piece(d, c, json_string(j, arguments));
	} else if (arguments) {
		delta_call_value(d, c, j, arguments);
	}
	delta_call_done(d, c);
}

static void calls(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	if (json_get(j, json_first(j, array), "function")) {
		openai_tool_calls(d, 0, to, j, array);
		return;
	}
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e))
		if (json_kind(j, e) == JSON_OBJECT)
			native_call(d, to, j, e);
}

static void member(struct delta *d, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *to;

	if (span_is(key, "p")) {
		delta_ignore(d, j, v);
		return;
	}
	if (span_is(key, "error")) {
		delta_error(d, j, v);
		return;
	}
	to = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));
	if (span_is(key, "response") && json_kind(j, v) == JSON_STRING)
		delta_text(d, 0, to, json_string(j, v));
	else if (span_is(key, "tool_calls") && json_kind(j, v) == JSON_ARRAY)
		calls(d, to, j, v);
	else if (json_kind(j, v) != JSON_NULL)
		delta_set(d, to, j, v);
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		member(d, j, v);
	if (json_kind(j, json_get(j, at, "usage")) == JSON_OBJECT)
		d->complete = true;
	if (closes(j, at) || d->error.len)
		d->ended = true;
}

static struct delta_call *twin(struct delta *d, struct delta_call *c)
{
	return tree_get(c->node, "function") ? openai_tool_twin(d, tree_get(d->tree.root, "tool_calls"), c) : NULL;
}

static void finish(struct delta *d)
{
	struct tree_node *list = tree_get(d->tree.root, "tool_calls");

	if (list && list->first && tree_get(list->first, "function"))
		openai_tools_finish(list, NULL);
	for (struct delta_call *c = d->calls; c && (d->sentinel || d->complete); c = c->next)
		delta_call_done(d, c);
	d->complete = d->complete || d->sentinel;
}

static uint32_t answer(const struct json *j)
{
	uint32_t result = json_get(j, JSON_ROOT, "result");

	return json_kind(j, result) == JSON_OBJECT ? result : JSON_ROOT;
}

static void own_calls(const struct json *j, uint32_t array, struct normal *n)
{
	if (json_get(j, json_first(j, array), "function")) {
		openai_tools_normal(j, array, 0, n);
		return;
	}
	for (uint32_t e = json_kind(j, array) == JSON_ARRAY ? json_first(j, array) : 0; e; e = json_next(j, array, e)) {
		struct normal_call *c = normal_call(n);

		c->id = json_text(j, json_get(j, e, "id"));
		normal_text(&c->name, j, json_get(j, e, "name"));
		normal_arguments(&c->arguments, j, json_get(j, e, "arguments"));
	}
}

/* Why it ended it does not say; that it did, the usage does. */
static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t from = answer(j), u = json_get(j, from, "usage");

	if (nth > 0)
		return false;
	normal_text(&n->text, j, json_get(j, from, "response"));
	own_calls(j, json_get(j, from, "tool_calls"), n);
	if (json_kind(j, u) == JSON_OBJECT || from != JSON_ROOT)
		n->finish = n->ncalls ? "tool_calls" : "stop";
	normal_usage_path(n, USAGE_INPUT, j, u, "prompt_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, u, "completion_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "prompt_tokens_details.cached_tokens");
	normal_usage_path(n, USAGE_TOTAL, j, u, "total_tokens");
	return true;
}

static bool put_call(struct buf *b, const struct json *j, uint32_t call)
{
	static const struct put with[] = { { "arguments", put_arguments_object, true }, { 0 } };

	put_object(b, j, call, with);
	return true;
}

static void message(const struct json *j, struct buf *b)
{
	uint32_t from = answer(j), response = json_get(j, from, "response"), list = json_get(j, from, "tool_calls");

	buf_adds(b, "{\"role\":\"assistant\"");
	json_member(b, "content");
	buf_addspan(b, json_kind(j, response) == JSON_STRING ? json_text(j, response) : SPAN("\"\""));
	if (json_kind(j, list) == JSON_ARRAY && json_first(j, list)) {
		json_member(b, "tool_calls");
		if (json_get(j, json_first(j, list), "function"))
			put_chat_calls(b, j, list);
		else
			put_list(b, j, list, put_call);
	}
	buf_addc(b, '}');
}

static int next(struct next *x)
{
	return next_tools(x, "name");
}

const struct delta_format delta_workers_ai = {
	.name = "workers-ai",
	.about = "Cloudflare's Workers AI, /ai/run",
	.size = 1,
	.closing = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.twin = twin,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
