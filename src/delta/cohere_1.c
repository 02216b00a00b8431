/* SPDX-License-Identifier: MIT */
/*
 * cohere-1: Cohere's v1 chat and generate, and the Command models of Bedrock's InvokeModel.
 *
 *	{"is_finished":false,"event_type":"stream-start","generation_id":"g1"}
 *	{"is_finished":false,"event_type":"text-generation","text":"Hel"}
 *	{"is_finished":false,"event_type":"citation-generation","citations":[{"start":0,"end":3,"text":"Hel","document_ids":["d"]}]}
 *	{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":0,"name":"f"}}
 *	{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":0,"parameters":"{\"a"}}
 *	{"is_finished":false,"event_type":"tool-calls-generation","tool_calls":[{"name":"f","parameters":{"a":1}}]}
 *	{"is_finished":true,"event_type":"stream-end","finish_reason":"COMPLETE","response":{"response_id":"r1","text":"Hello","generation_id":"g1","meta":{…}}}
 *
 *	{"text":"Hel","is_finished":false}	generate
 *	{"is_finished":true,"finish_reason":"COMPLETE","response":{"id":"r1","generations":[…]}}
 *
 * Specification: Cohere API v1 reference, "Chat" and "Generate". The last event has the whole
 * answer, and what it says wins; tool calls come whole before it, in pieces before that.
 */
#include "delta/delta_impl.h"

struct state {
	bool told;   /* the calls were: whole */
	bool spoken; /* some text came */
};

static bool event(const struct json *j, uint32_t at, const char *type)
{
	return json_is(j, json_get(j, at, "event_type"), type);
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	static const char *const events[] = {
		"text-generation",       "stream-start",        "stream-end",     "tool-calls-chunk",
		"tool-calls-generation", "citation-generation", "search-results", "search-queries-generation"
	};
	enum json_kind finished = json_kind(j, json_get(j, at, "is_finished"));

	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (event(j, at, events[i]))
			return KNOWS_CHUNK;
	if ((finished == JSON_TRUE || finished == JSON_FALSE) && !json_get(j, at, "event_type") &&
	    (json_get(j, at, "text") || json_get(j, at, "finish_reason")))
		return KNOWS_CHUNK;
	if (json_kind(j, json_get(j, at, "text")) == JSON_STRING && json_get(j, at, "generation_id") &&
	    (json_get(j, at, "response_id") || json_get(j, at, "chat_history")))
		return KNOWS_WHOLE;
	return KNOWS_NOT;
}

static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	if (event(j, at, "stream-start") && d->tree.root->first)
		return OPENS_NEW;
	return d->ended ? OPENS_NEW : OPENS_NOT;
}

static struct tree_node *call_list(struct delta *d)
{
	struct tree_node *list = tree_key(&d->tree, d->tree.root, "tool_calls");

	if (tree_is_null(list))
		list->kind = TREE_ARRAY;
	return list;
}

static struct delta_call *call_at(struct delta *d, long index)
{
	struct delta_call *c = delta_call_at(d, 0, index);

	if (c)
		return c;
	c = delta_call_new(d, 0);
	delta_call_index(d, c, index);
	c->node = tree_add(&d->tree, call_list(d));
	c->node->kind = TREE_OBJECT;
	c->name = tree_key(&d->tree, c->node, "name");
	return c;
}

/* {"index":0,"name":"f"} begins a call, {"index":0,"parameters":"…"} goes on with it. */
static void fragment(struct delta *d, const struct json *j, uint32_t v)
{
	uint32_t name = json_get(j, v, "name"), parameters = json_get(j, v, "parameters");
	struct delta_call *c;
	long index = 0;

	if (json_kind(j, v) != JSON_OBJECT)
		return;
	json_long(j, json_get(j, v, "index"), &index);
	c = call_at(d, index);
	if (json_filled(j, name))
		tree_set(c->name, j, name);
	if (!c->arguments)
		delta_call_detach(d, c);
	if (json_kind(j, parameters) == JSON_STRING)
		delta_call_piece(d, c, json_string(j, parameters));
}

/* All of them, whole. */
static void calls(struct delta *d, struct state *s, const struct json *j, uint32_t array)
{
	long index = 0;

	if (!json_first(j, array) || s->told)
		return;
	s->told = true;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e), index++) {
		bool pieces = delta_call_at(d, 0, index) != NULL;
		uint32_t parameters = json_get(j, e, "parameters");
		struct delta_call *c;

		if (json_kind(j, e) != JSON_OBJECT)
			continue;
		c = call_at(d, index);
		for (uint32_t v = json_first(j, e); v; v = json_next(j, e, v))
			tree_set(json_is(j, json_key(v), "name")
			                 ? c->name
			                 : tree_put(&d->tree, c->node, json_string(j, json_key(v))),
			         j, v);
		if (!pieces && parameters) { /* whose key may be spelled with escapes */
			c->arguments = tree_put(&d->tree, c->node, json_string(j, json_key(parameters)));
			delta_call_value(d, c, j, parameters);
		}
		delta_call_done(d, c);
	}
}

/* A piece, or all of it again: that is said only if nothing was before. */
static void text(struct delta *d, struct state *s, const struct json *j, uint32_t v, bool whole)
{
	struct tree_node *to = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));

	if (!whole || !s->spoken)
		delta_text(d, 0, to, json_string(j, v));
	else if (d->whole)
		tree_set(to, j, v);
	s->spoken = s->spoken || json_filled(j, v);
}

static void member(struct delta *d, struct state *s, const struct json *j, uint32_t v, bool whole)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *root = d->tree.root;
	bool array = json_kind(j, v) == JSON_ARRAY;

	if (span_is(key, "event_type") || span_is(key, "is_finished") || span_is(key, "response"))
		return;
	if (span_is(key, "tool_call_delta"))
		fragment(d, j, v);
	else if (span_is(key, "tool_calls") && array)
		calls(d, s, j, v);
	else if (span_is(key, "text") && json_kind(j, v) == JSON_STRING)
		text(d, s, j, v, whole);
	else if (array && !whole)
		delta_list_all(d, tree_put(&d->tree, root, json_string(j, json_key(v))), j, v);
	else if (d->whole)
		delta_last(d, root, j, v);
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	uint32_t response = json_get(j, at, "response");
	bool generated = event(j, at, "tool-calls-generation");

	for (uint32_t v = json_first(j, response); v; v = json_next(j, response, v))
		member(d, s, j, v, true);
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		member(d, s, j, v, generated);
	if (json_kind(j, json_get(j, at, "is_finished")) == JSON_TRUE || event(j, at, "stream-end"))
		d->ended = d->complete = true;
}

static void finish(struct delta *d)
{
	const struct state *s = d->state;

	for (struct delta_call *c = s->told ? NULL : d->calls; c; c = c->next)
		if (c->arguments)
			delta_call_close(d, c, tree_key(&d->tree, c->node, "parameters"));
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t tokens = json_path(j, JSON_ROOT, "meta.tokens"), list = json_get(j, JSON_ROOT, "tool_calls");

	if (nth > 0)
		return false;
	n->id = json_text(j, json_get(j, JSON_ROOT, "response_id"));
	if (!n->id.p)
		n->id = json_text(j, json_get(j, JSON_ROOT, "generation_id"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "finish_reason"));
	normal_text(&n->text, j, json_get(j, JSON_ROOT, "text"));
	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e)) {
		struct normal_call *c = normal_call(n);

		normal_text(&c->name, j, json_get(j, e, "name"));
		normal_arguments(&c->arguments, j, json_get(j, e, "parameters"));
	}
	normal_usage_path(n, USAGE_INPUT, j, tokens, "input_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, tokens, "output_tokens");
	if (tokens)
		return true;
	normal_usage_path(n, USAGE_INPUT, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.inputTokenCount");
	normal_usage_path(n, USAGE_OUTPUT, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.outputTokenCount");
	return true;
}

static bool put_call(struct buf *b, const struct json *j, uint32_t call)
{
	static const struct put with[] = { { "parameters", put_arguments_object, true }, { 0 } };

	put_object(b, j, call, with);
	return true;
}

/* As an element of chat_history. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t text = json_get(j, JSON_ROOT, "text"), list = json_get(j, JSON_ROOT, "tool_calls");

	buf_adds(b, "{\"role\":\"CHATBOT\"");
	json_member(b, "message");
	buf_addspan(b, text ? json_text(j, text) : SPAN("\"\""));
	if (json_kind(j, list) == JSON_ARRAY && json_first(j, list)) {
		json_member(b, "tool_calls");
		put_list(b, j, list, put_call);
	}
	buf_addc(b, '}');
}

const struct delta_format delta_cohere_1 = {
	.name = "cohere-1",
	.about = "Cohere v1, and Command models of Bedrock's InvokeModel",
	.size = sizeof(struct state),
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
};
