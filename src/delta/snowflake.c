/* SPDX-License-Identifier: MIT */
/* snowflake: tool calls of Snowflake's Cortex. See snowflake.h. */
#include "delta/snowflake.h"

bool snowflake_repeats(const struct json *j, uint32_t delta, struct span key)
{
	static const char *const repeated[] = { "type", "text", "tool_use_id", "name", "input" };

	if (json_kind(j, json_get(j, delta, "content_list")) != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
		if (span_is(key, repeated[i]))
			return true;
	return false;
}

/* The call that ends the list. */
static struct delta_call *open_call(struct delta *d, unsigned choice, struct tree_node *list)
{
	struct delta_call *c = delta_call_latest(d, choice);

	return c && c->node == list->last ? c : NULL;
}

static struct delta_call *begin(struct delta *d, unsigned choice, struct tree_node *list)
{
	struct delta_call *c = delta_call_new(d, choice);
	struct tree_node *use;

	c->node = tree_add(&d->tree, list);
	tree_set_string(tree_key(&d->tree, c->node, "type"), SPAN("tool_use"));
	use = tree_key(&d->tree, c->node, "tool_use");
	c->id = tree_key(&d->tree, use, "tool_use_id");
	c->name = tree_key(&d->tree, use, "name");
	tree_key(&d->tree, use, "input");
	delta_call_detach(d, c);
	return c;
}

static void tool_use(struct delta *d, unsigned choice, struct tree_node *list, const struct json *j, uint32_t e)
{
	uint32_t id = json_get(j, e, "tool_use_id"), name = json_get(j, e, "name"), input = json_get(j, e, "input");
	struct delta_call *c = id || name ? NULL : open_call(d, choice, list);

	c = c ? c : begin(d, choice, list);
	if (id)
		tree_set(c->id, j, id);
	if (name)
		tree_set(c->name, j, name);
	if (json_kind(j, input) == JSON_STRING)
		delta_call_piece(d, c, json_string(j, input));
	for (uint32_t v = json_first(j, e); v; v = json_next(j, e, v))
		if (v != id && v != name && v != input && !json_is(j, json_key(v), "type"))
			delta_last(d, tree_get(c->node, "tool_use"), j, v);
}

void snowflake_list(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t array)
{
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e)) {
		if (json_get(j, e, "tool_use_id") || json_kind(j, json_get(j, e, "input")) == JSON_STRING)
			tool_use(d, choice, to, j, e);
		else
			tree_set(tree_add(&d->tree, to), j, e);
	}
}

void snowflake_finish(struct delta *d)
{
	for (struct delta_call *c = d->calls; c; c = c->next) {
		struct tree_node *input = tree_get(tree_get(c->node, "tool_use"), "input");

		if (!input)
			continue;
		delta_call_close(d, c, input);
		if (tree_is_null(input) && d->complete)
			tree_set_text(input, SPAN("{}"));
	}
}

/* {"type":"tool_use","tool_use":{…}}; some have no object around it. */
static uint32_t use_of(const struct json *j, uint32_t e)
{
	uint32_t use = json_get(j, e, "tool_use");

	return json_kind(j, use) == JSON_OBJECT ? use : json_get(j, e, "tool_use_id") ? e : 0;
}

void snowflake_normal(const struct json *j, uint32_t list, struct normal *n)
{
	bool any = false;

	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e)) {
		uint32_t use = use_of(j, e);
		struct normal_call *c = use ? normal_call(n) : NULL;

		if (!c)
			continue;
		any = true;
		c->id = json_text(j, json_get(j, use, "tool_use_id"));
		normal_text(&c->name, j, json_get(j, use, "name"));
		normal_arguments(&c->arguments, j, json_get(j, use, "input"));
	}
	if (any && json_first(j, json_get(j, JSON_ROOT, "usage")) &&
	    (!n->finish_reason.p || span_is(n->finish_reason, "null")))
		n->finish = "tool_calls";
}

static bool put_use(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "input", put_arguments_object, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool put_element(struct buf *b, const struct json *j, uint32_t e)
{
	static const struct put with[] = { { "tool_use", put_use, false }, { 0 } };

	if (use_of(j, e) == e)
		return put_use(b, j, e);
	put_object(b, j, e, with);
	return true;
}

static bool put_call(struct buf *b, const struct json *j, uint32_t e)
{
	return !json_is(j, json_get(j, e, "type"), "text") && put_element(b, j, e);
}

static bool put_elements(struct buf *b, const struct json *j, uint32_t list)
{
	return put_list(b, j, list, put_element);
}

static bool put_calls(struct buf *b, const struct json *j, uint32_t list)
{
	return put_list(b, j, list, put_call);
}

/* A text that is the message's content is not said twice. */
bool snowflake_put(struct buf *b, const struct json *j, uint32_t message)
{
	bool said = json_kind(j, json_get(j, message, "content")) == JSON_STRING;
	const struct put with[] = { { "content_list", said ? put_calls : put_elements, false }, { 0 } };

	if (json_kind(j, json_get(j, message, "content_list")) != JSON_ARRAY)
		return false;
	put_object(b, j, message, with);
	return true;
}

bool snowflake_next(struct next *x, uint32_t list)
{
	bool any = false;

	for (uint32_t e = json_first(x->message, list); e && !any; e = json_next(x->message, list, e))
		any = use_of(x->message, e) != 0;
	if (!any)
		return false;
	next_item(x);
	buf_adds(x->items, "{\"role\":\"user\",\"content_list\":[");
	for (size_t i = 0; i < x->normal->ncalls; i++) {
		next_item(x);
		buf_adds(x->items, "{\"type\":\"tool_results\",\"tool_results\":{");
		next_id(x, "tool_use_id", &x->normal->calls[i]);
		next_name(x, "name", &x->normal->calls[i]);
		json_member(x->items, "content");
		buf_adds(x->items, "[{\"type\":\"text\"");
		next_text(x, "text", &x->results[i]);
		buf_adds(x->items, "}]}}");
	}
	buf_adds(x->items, "]}");
	return true;
}
