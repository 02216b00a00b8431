/* SPDX-License-Identifier: MIT */
/* openai_tools: tool calls as chat completions stream them. See openai_tools.h. */
#include "delta/openai_tools.h"

#include <stdlib.h>
#include <string.h>

/* index as a number; also when it is spelled as a string. */
static bool fragment_index(const struct json *j, uint32_t fragment, long *index)
{
	uint32_t v = json_get(j, fragment, "index");
	struct span s = json_string(j, v);
	char digits[16];
	char *end;

	if (json_long(j, v, index))
		return true;
	if (s.n == 0 || s.n >= sizeof digits)
		return false;
	memcpy(digits, s.p, s.n);
	digits[s.n] = '\0';
	*index = strtol(digits, &end, 10);
	return *end == '\0';
}

static struct delta_call *by_id(struct delta *d, unsigned choice, struct span id)
{
	struct delta_call *found = NULL;

	for (struct delta_call *c = d->calls; c; c = c->next)
		if (c->choice == choice && id.n && span_same(tree_string(c->id), id))
			found = c;
	return found;
}

static struct delta_call *latest(struct delta *d, unsigned choice)
{
	struct delta_call *found = NULL;

	for (struct delta_call *c = d->calls; c; c = c->next)
		if (c->choice == choice)
			found = c;
	return found;
}

static bool has_whole_arguments(const struct delta_call *c)
{
	struct buf text = BUF_INIT;
	size_t at;
	bool cut, whole;

	json_unescape(&text, tree_string(c->arguments));
	whole = text.len && !json_check(text.p, text.len, &at, &cut);
	buf_release(&text);
	return whole;
}

/* The call that a fragment goes on with, or NULL for a new one.
 *
 * With an index: the most recent call of that index, unless both have ids and these differ (two
 * calls on index 0: Cerebras). An id that is known already wins over a strange index. Without:
 * by id; without that too, a name begins a new call only if the last one has a name and arguments
 * that are whole, since some repeat the name with every fragment. */
static struct delta_call *find(struct delta *d, unsigned choice, const struct json *j, uint32_t fragment, bool indexed,
			       long index)
{
	struct span id = json_string(j, json_get(j, fragment, "id"));
	struct delta_call *known = by_id(d, choice, id);
	struct delta_call *c;

	if (known)
		return known;
	if (indexed) {
		c = delta_call_at(d, choice, index);
		return c && id.n && tree_string(c->id).n ? NULL : c;
	}
	if (id.n)
		return NULL;
	c = latest(d, choice);
	if (c && json_filled(j, json_path(j, fragment, "function.name")) && tree_string(c->name).n &&
	    has_whole_arguments(c))
		return NULL;
	return c;
}

static struct delta_call *begin(struct delta *d, unsigned choice, struct tree_node *to, bool indexed, long index)
{
	struct delta_call *c = delta_call_new(d, choice);

	c->indexed = indexed;
	c->index = index;
	c->node = tree_add(&d->tree, to);
	c->id = tree_key(&d->tree, c->node, "id");
	tree_key(&d->tree, c->node, "type");
	return c;
}

/* {"name":…,"arguments":…} of a function, {"name":…,"input":…} of a custom tool. */
static void body(struct delta *d, struct delta_call *c, struct tree_node *to, const struct json *j, uint32_t v,
		 const char *arguments)
{
	uint32_t a = json_get(j, v, arguments);

	if (json_kind(j, v) != JSON_OBJECT)
		return;
	c->name = tree_key(&d->tree, to, "name");
	c->arguments = tree_key(&d->tree, to, arguments);
	if (json_filled(j, json_get(j, v, "name")))
		tree_set(c->name, j, json_get(j, v, "name"));
	if (json_kind(j, a) == JSON_STRING) {
		delta_call_piece(d, c, json_string(j, a));
	} else if (json_kind(j, a) >= JSON_ARRAY) { /* as Ollama sends them */
		struct buf text = BUF_INIT;

		normal_arguments(&text, j, a);
		delta_call_piece(d, c, buf_span(&text));
		buf_release(&text);
	}
	for (uint32_t m = json_first(j, v); m; m = json_next(j, v, m))
		if (m != a && !json_is(j, json_key(m), "name"))
			delta_last(d, to, j, m);
}

static void fragment_members(struct delta *d, struct delta_call *c, const struct json *j, uint32_t fragment)
{
	for (uint32_t v = json_first(j, fragment); v; v = json_next(j, fragment, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "index"))
			continue;
		if (span_is(key, "id")) {
			if (json_kind(j, v) != JSON_NULL && tree_string(c->id).n == 0 &&
			    (json_filled(j, v) || tree_is_null(c->id)))
				tree_set(c->id, j, v);
		} else if (span_is(key, "function")) {
			body(d, c, tree_key(&d->tree, c->node, "function"), j, v, "arguments");
		} else if (span_is(key, "custom")) {
			body(d, c, tree_key(&d->tree, c->node, "custom"), j, v, "input");
		} else {
			delta_last(d, c->node, j, v);
		}
	}
}

void openai_tool_calls(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t array)
{
	if (json_kind(j, array) != JSON_ARRAY)
		return;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t f = json_first(j, array); f; f = json_next(j, array, f)) {
		long index = 0;
		bool indexed = fragment_index(j, f, &index);
		struct delta_call *c;

		if (json_kind(j, f) != JSON_OBJECT)
			continue;
		c = find(d, choice, j, f, indexed, index);
		if (!c)
			c = begin(d, choice, to, indexed, index);
		fragment_members(d, c, j, f);
	}
}

void openai_function_call(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t v)
{
	struct delta_call *c = delta_call_at(d, choice, -1);

	if (json_kind(j, v) != JSON_OBJECT)
		return;
	if (!c) {
		c = delta_call_new(d, choice);
		c->indexed = true;
		c->index = -1;
	}
	body(d, c, to, j, v, "arguments");
}

void openai_tools_finish(struct delta *d, struct tree_node *calls)
{
	for (struct tree_node *c = calls && calls->kind == TREE_ARRAY ? calls->first : NULL; c; c = c->next) {
		struct tree_node *type = tree_get(c, "type");

		if (type && tree_is_null(type))
			tree_set_text(type, tree_get(c, "custom") ? SPAN("\"custom\"") : SPAN("\"function\""));
	}
	(void)d;
}

static void normal_one(const struct json *j, struct span id, uint32_t function, const char *arguments, struct normal *n)
{
	struct normal_call *c = normal_call(n);

	c->id = id;
	normal_text(&c->name, j, json_get(j, function, "name"));
	normal_arguments(&c->arguments, j, json_get(j, function, arguments));
}

void openai_tools_normal(const struct json *j, uint32_t calls, uint32_t function_call, struct normal *n)
{
	for (uint32_t c = json_first(j, calls); c; c = json_next(j, calls, c)) {
		struct span id = json_text(j, json_get(j, c, "id"));
		uint32_t custom = json_get(j, c, "custom");

		if (custom)
			normal_one(j, id, custom, "input", n);
		else
			normal_one(j, id, json_get(j, c, "function"), "arguments", n);
	}
	if (json_kind(j, function_call) == JSON_OBJECT)
		normal_one(j, SPAN_NONE, function_call, "arguments", n);
}
