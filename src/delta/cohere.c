/* SPDX-License-Identifier: MIT */
/*
 * cohere: the events of Cohere's v2 chat.
 *
 *	{"id":"r1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}
 *	{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}}
 *	{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"f_1","type":"function","function":{"name":"f","arguments":""}}}}}
 *	{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"a\""}}}}}
 *	{"type":"tool-call-end","index":0}
 *	{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}
 *	{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hel"}}}}
 *	{"type":"content-end","index":0}
 *	{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":3,"text":"Hel","sources":[…]}}}}
 *	{"type":"citation-end","index":0}
 *	{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{…},"tokens":{…}}}}
 *
 * Specification: Cohere API v2 reference, "Chat with Streaming". What a delta carries stands where
 * the whole answer has it, save that a list comes one element at a time, as an object beside its
 * index; content, tool calls and citations count their own.
 */
#include "delta/delta_impl.h"

enum { MOST_ELEMENTS = 1 << 16 }; /* an index beyond is none */

struct state {
	bool started; /* message-start was seen */
};

static bool event(const struct json *j, uint32_t at, const char *type)
{
	return json_is(j, json_get(j, at, "type"), type);
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	static const char *const events[] = { "content-delta",  "tool-call-delta", "tool-plan-delta", "message-start",
		                              "content-start",  "content-end",     "tool-call-start", "tool-call-end",
		                              "citation-start", "citation-end",    "message-end",     "debug" };
	uint32_t type = json_get(j, at, "type");

	for (size_t i = 0; type && i < sizeof events / sizeof *events; i++)
		if (json_is(j, type, events[i]))
			return KNOWS_CHUNK;
	if (!type && json_get(j, at, "id") && json_get(j, at, "finish_reason") &&
	    json_kind(j, json_get(j, at, "message")) == JSON_OBJECT)
		return KNOWS_WHOLE;
	return KNOWS_NOT;
}

/* The debug event is said outside of messages, so it waits for the next one. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;

	if (event(j, at, "message-start"))
		return s->started || d->ended ? OPENS_NEW : OPENS_NOT;
	return d->ended && event(j, at, "debug") ? OPENS_HOLD : OPENS_NOT;
}

/* An element of a list by the event's index; without one it is the last, or a new one. */
static struct tree_node *element(struct delta *d, struct tree_node *list, bool indexed, long index, bool anew)
{
	struct tree_node *n;

	tree_open(&d->tree, list);
	if (tree_is_null(list))
		list->kind = TREE_ARRAY;
	if (indexed)
		n = tree_reach(&d->tree, list, (size_t)index);
	else
		n = list->last && !anew ? list->last : tree_add(&d->tree, list);
	return tree_open(&d->tree, n);
}

/* One block of content: {"type":"text","text":…} or {"type":"thinking","thinking":…}. */
static void block(struct delta *d, struct tree_node *to, const struct json *j, uint32_t at)
{
	if (tree_is_null(to) && !json_get(j, at, "type")) /* its start was lost */
		tree_set_text(tree_key(&d->tree, to, "type"),
		              json_get(j, at, "thinking") ? SPAN("\"thinking\"") : SPAN("\"text\""));
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct span key = delta_key(d, j, v);
		struct tree_node *n = tree_put(&d->tree, to, json_string(j, json_key(v)));
		bool string = json_kind(j, v) == JSON_STRING;

		if (string && span_is(key, "text"))
			delta_text(d, 0, n, json_string(j, v));
		else if (string && span_is(key, "thinking"))
			delta_reasoning(d, 0, n, json_string(j, v));
		else if (json_kind(j, v) != JSON_NULL)
			tree_set(n, j, v);
	}
}

static struct delta_call *find_call(struct delta *d, bool indexed, long index)
{
	return indexed ? delta_call_at(d, 0, index) : delta_call_latest(d, 0);
}

static struct delta_call *begin_call(struct delta *d, struct tree_node *list, bool indexed, long index)
{
	struct delta_call *c = delta_call_new(d, 0);

	if (indexed)
		delta_call_index(d, c, index);
	c->node = element(d, list, false, 0, true);
	c->id = tree_key(&d->tree, c->node, "id");
	tree_set_text(tree_key(&d->tree, c->node, "type"), SPAN("\"function\""));
	return c;
}

static struct delta_call *twin(struct delta *d, struct delta_call *c)
{
	bool indexed = delta_call_at(d, 0, c->index) == c;
	struct delta_call *twin = begin_call(d, tree_get(tree_get(d->tree.root, "message"), "tool_calls"), indexed, c->index);
	struct tree_node *function = tree_key(&d->tree, twin->node, "function");

	twin->name = tree_key(&d->tree, function, "name");
	twin->arguments = tree_key(&d->tree, function, "arguments");
	if (tree_string(c->id).p)
		tree_set_string(twin->id, tree_string(c->id));
	if (tree_string(c->name).p)
		tree_set_string(twin->name, tree_string(c->name));
	delta_call_done(d, c);
	return twin;
}

static void function(struct delta *d, struct delta_call *c, struct tree_node *to, const struct json *j, uint32_t f)
{
	uint32_t arguments = 0;

	for (uint32_t v = json_first(j, f); v; v = json_next(j, f, v)) {
		struct tree_node *n = tree_put(&d->tree, to, json_string(j, json_key(v)));

		if (json_is(j, json_key(v), "arguments")) {
			c->arguments = n;
			arguments = v;
		} else if (json_is(j, json_key(v), "name")) {
			c->name = n;
			if (json_filled(j, v) || tree_is_null(n))
				tree_set(n, j, v);
		} else if (json_kind(j, v) != JSON_NULL) {
			tree_set(n, j, v);
		}
	}
	if (json_kind(j, arguments) == JSON_STRING)
		delta_call_piece(d, c, json_string(j, arguments));
	else if (json_kind(j, arguments) > JSON_NULL)
		delta_call_value(d, c, j, arguments);
}

static void call(struct delta *d, struct delta_call *c, const struct json *j, uint32_t at)
{
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct tree_node *n = tree_put(&d->tree, c->node, json_string(j, json_key(v)));

		if (json_is(j, json_key(v), "function") && json_kind(j, v) == JSON_OBJECT)
			function(d, c, tree_open(&d->tree, n), j, v);
		else if (json_kind(j, v) != JSON_NULL)
			tree_set(n, j, v);
	}
}

/* Where an event stands: its index, and whether it begins something. */
struct place {
	bool indexed, starts;
	long index;
};

static struct place place_of(const struct json *j, uint32_t at)
{
	struct place p = { .starts = event(j, at, "content-start") || event(j, at, "tool-call-start") ||
		                     event(j, at, "citation-start") || event(j, at, "message-start") };

	p.indexed = json_long(j, json_get(j, at, "index"), &p.index) && p.index >= 0 && p.index < MOST_ELEMENTS;
	return p;
}

static void one(struct delta *d, struct span key, struct tree_node *list, struct place p, const struct json *j,
                uint32_t v)
{
	if (span_is(key, "content")) {
		block(d, element(d, list, p.indexed, p.index, p.starts), j, v);
	} else if (span_is(key, "tool_calls")) {
		struct delta_call *c = p.starts ? NULL : find_call(d, p.indexed, p.index);

		call(d, c ? c : begin_call(d, list, p.indexed, p.index), j, v);
	} else if (d->whole) {
		tree_set(element(d, list, p.indexed, p.index, p.starts), j, v);
	}
}

static void message_member(struct delta *d, struct tree_node *message, struct place p, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *to = tree_put(&d->tree, message, json_string(j, json_key(v)));
	bool list = span_is(key, "content") || span_is(key, "tool_calls") || span_is(key, "citations");

	if (list && json_kind(j, v) == JSON_OBJECT) {
		one(d, key, to, p, j, v);
	} else if (list && json_kind(j, v) == JSON_ARRAY) {
		if (tree_is_null(to))
			to->kind = TREE_ARRAY;
		p = (struct place){ .starts = true, .indexed = true };
		for (uint32_t e = json_first(j, v); e; e = json_next(j, v, e), p.index++)
			one(d, key, to, p, j, e);
	} else if (span_is(key, "tool_plan") && json_kind(j, v) == JSON_STRING) {
		delta_reasoning(d, 0, to, json_string(j, v));
	} else if (json_kind(j, v) != JSON_NULL) {
		tree_set(to, j, v);
	}
}

/* The object in the order in which the API answers. */
static struct tree_node *skeleton(struct delta *d)
{
	struct tree_node *root = d->tree.root, *message;

	tree_key(&d->tree, root, "id");
	tree_key(&d->tree, root, "finish_reason");
	message = tree_key(&d->tree, root, "message");
	message->kind = TREE_OBJECT;
	return message;
}

static void delta_members(struct delta *d, struct tree_node *message, const struct json *j, uint32_t at)
{
	uint32_t delta = json_get(j, at, "delta");

	for (uint32_t v = json_first(j, delta); v; v = json_next(j, delta, v))
		if (json_is(j, json_key(v), "message") && json_kind(j, v) == JSON_OBJECT)
			for (uint32_t m = json_first(j, v); m; m = json_next(j, v, m))
				message_member(d, message, place_of(j, at), j, m);
		else if (json_is(j, json_key(v), "error"))
			delta_error(d, j, v);
		else
			delta_last(d, d->tree.root, j, v);
}

static void event_members(struct delta *d, const struct json *j, uint32_t at)
{
	struct tree_node *root = d->tree.root;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "type") || span_is(key, "index") || span_is(key, "delta"))
			continue;
		if (span_is(key, "error"))
			delta_error(d, j, v);
		else if (span_is(key, "logprobs") && json_kind(j, v) == JSON_OBJECT)
			delta_list(d, tree_key(&d->tree, root, "logprobs"), j, v);
		else if (!span_is(key, "id") || tree_is_null(tree_get(root, "id")))
			delta_last(d, root, j, v);
	}
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	struct tree_node *message = d->tree.root->first ? tree_get(d->tree.root, "message") : skeleton(d);
	struct place p = place_of(j, at);

	s->started = s->started || event(j, at, "message-start");
	delta_members(d, message, j, at);
	event_members(d, j, at);
	if (event(j, at, "tool-call-end")) {
		struct delta_call *c = find_call(d, p.indexed, p.index);

		if (c)
			delta_call_done(d, c);
	}
	if (event(j, at, "message-end"))
		d->ended = d->complete = true;
	if (d->error.len)
		d->ended = true;
}

static void drop_holes(struct tree_node *list)
{
	struct tree_node *rest;

	for (struct tree_node *n = list && list->kind == TREE_ARRAY ? list->first : NULL; n; n = rest) {
		rest = n->next;
		if (tree_is_null(n))
			tree_remove(list, n);
	}
}

static void finish(struct delta *d)
{
	struct tree_node *message = tree_get(d->tree.root, "message");

	drop_holes(tree_get(message, "content"));
	drop_holes(tree_get(message, "citations"));
}

static void normal_content(const struct json *j, uint32_t content, struct normal *n)
{
	normal_text(&n->text, j, content);
	for (uint32_t e = json_first(j, content); e; e = json_next(j, content, e)) {
		normal_text(&n->text, j, json_get(j, e, "text"));
		normal_text(&n->reasoning, j, json_get(j, e, "thinking"));
	}
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t message = json_get(j, JSON_ROOT, "message"), plan = json_get(j, message, "tool_plan");
	uint32_t usage = json_get(j, JSON_ROOT, "usage");

	if (nth > 0)
		return false;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	n->role = json_string(j, json_get(j, message, "role"));
	normal_content(j, json_get(j, message, "content"), n);
	if (n->reasoning.len && json_filled(j, plan))
		buf_adds(&n->reasoning, "\\n\\n");
	normal_text(&n->reasoning, j, plan);
	normal_calls(n, j, json_get(j, message, "tool_calls"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "finish_reason"));
	/* billed_units count something else, so they do not stand in for tokens. */
	normal_usage_path(n, USAGE_INPUT, j, usage, "tokens.input_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, usage, "tokens.output_tokens");
	normal_usage_path(n, USAGE_CACHED, j, usage, "cached_tokens");
	return true;
}

static bool put_filled(struct buf *b, const struct json *j, uint32_t v)
{
	json_compact(b, j, v);
	return json_filled(j, v) || json_first(j, v);
}

/* As an answer that was not streamed: without the empty members that message-start lays out. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t m = json_get(j, JSON_ROOT, "message");
	bool calls = json_first(j, json_get(j, m, "tool_calls"));
	const struct put with[] = { { "tool_plan", put_filled, false },
		                    { "tool_calls", put_chat_calls, false },
		                    { "citations", put_filled, false },
		                    { calls ? "content" : NULL, put_filled, false },
		                    { 0 } };

	put_object(b, j, m, with);
}

static int next(struct next *x)
{
	return next_tools(x, NULL);
}

const struct delta_format delta_cohere = {
	.name = "cohere",
	.about = "Cohere v2 chat",
	.size = sizeof(struct state),
	.typed = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.twin = twin,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
