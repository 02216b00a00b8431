/* SPDX-License-Identifier: MIT */
/* openai_tools: tool calls as chat completions stream them. See openai_tools.h. */
#include "delta/openai_tools.h"

#include <limits.h>
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

/* A fragment as far as it says which call it is of. */
struct fragment {
	bool indexed;
	long index;
	struct span id, name;
	bool speaks; /* it brings arguments */
};

static struct fragment look(const struct json *j, uint32_t at)
{
	uint32_t f = json_get(j, at, "function"), custom = json_get(j, at, "custom");
	bool free = json_kind(j, custom) == JSON_OBJECT;
	uint32_t name = json_get(j, free ? custom : f, "name");
	uint32_t arguments = free ? json_get(j, custom, "input") : json_get(j, f, "arguments");
	struct fragment fragment = { .id = json_string(j, json_get(j, at, "id")), .name = json_string(j, name) };

	fragment.indexed = fragment_index(j, at, &fragment.index);
	fragment.speaks = json_kind(j, arguments) > JSON_NULL && json_text(j, arguments).n > 2;
	return fragment;
}

/* Arguments that are whole cannot go on; what a custom tool gets is any text, and always can. */
static bool is_whole(const struct delta_call *c)
{
	struct span had = tree_string(c->arguments);
	struct buf text = BUF_INIT;
	size_t at;
	bool cut, whole;

	if (!tree_is_null(tree_get(c->node, "custom")))
		return false;
	if (had.n == 0 || (had.p[0] == '{' && had.p[had.n - 1] != '}'))
		return false;
	json_unescape(&text, had);
	whole = !json_check(text.p, text.len, &at, &cut);
	buf_release(&text);
	return whole;
}

/* Does a fragment that would go on with c begin another call? Some repeat the name with every
 * fragment, so a name alone is no sign: what was gathered decides (see find). */
static bool another(const struct delta_call *c, const struct fragment *f)
{
	struct span name = tree_string(c->name);

	if (!f->name.n || !name.n)
		return false;
	if (f->indexed)
		return is_whole(c) && (f->speaks || !span_same(f->name, name));
	return !span_same(f->name, name) || is_whole(c);
}

/* An id that is known, on an index that is not: the index is wrong, unless the fragment looks like
 * the beginning of a call, since ids are repeated too. */
static struct delta_call *known_elsewhere(struct delta_call *known, const struct fragment *f)
{
	if (!known || !f->name.n)
		return known;
	return f->speaks && !is_whole(known) ? known : NULL;
}

/* The call that a fragment goes on with, or NULL for a new one.
 *
 * With an index: the most recent call of that index, unless both have ids and these differ (two
 * calls on index 0: Cerebras). Without: by id; without that too the last call, unless a name begins
 * another. */
static struct delta_call *find(struct delta *d, unsigned choice, const struct fragment *f)
{
	struct delta_call *known = delta_call_called(d, choice, f->id);
	struct delta_call *c = f->indexed ? delta_call_at(d, choice, f->index) : delta_call_latest(d, choice);
	struct span had = c ? tree_string(c->id) : SPAN_NONE;
	bool differ = c && f->id.n && had.n && !span_same(f->id, had);

	if (f->name.n)
		follow_never(d); /* the same fragment may mean another call next time */
	if (f->indexed && (!c || differ))
		return known_elsewhere(known, f);
	if (known)
		return f->indexed ? c : known;
	if (!c || differ || (!f->indexed && f->id.n && f->name.n) || another(c, f))
		return NULL;
	return c;
}

static struct delta_call *begin(struct delta *d, unsigned choice, struct tree_node *to, const struct fragment *f)
{
	struct delta_call *c = delta_call_new(d, choice);

	if (f->indexed)
		delta_call_index(d, c, f->index);
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
	} else if (json_kind(j, a) > JSON_NULL) { /* as a value, as Ollama does */
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
			    (json_filled(j, v) || tree_is_null(c->id))) {
				tree_set(c->id, j, v);
				delta_call_known(d, c);
			}
		} else if (span_is(key, "function")) {
			body(d, c, tree_key(&d->tree, c->node, "function"), j, v, "arguments");
		} else if (span_is(key, "custom")) {
			body(d, c, tree_key(&d->tree, c->node, "custom"), j, v, "input");
		} else if (!span_is(key, "type") || json_filled(j, v)) {
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
		struct fragment fragment = look(j, f);
		struct delta_call *c;

		if (json_kind(j, f) != JSON_OBJECT)
			continue;
		c = find(d, choice, &fragment);
		if (!c)
			c = begin(d, choice, to, &fragment);
		fragment_members(d, c, j, f);
	}
}

void openai_function_call(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t v)
{
	struct delta_call *c = delta_call_at(d, choice, LONG_MIN);

	if (json_kind(j, v) != JSON_OBJECT)
		return;
	if (!c) {
		c = delta_call_alone(d, choice);
		delta_call_index(d, c, LONG_MIN); /* nobody's */
	}
	body(d, c, to, j, v, "arguments");
}

static void say_empty(struct tree_node *function, const char *arguments)
{
	struct tree_node *a = tree_get(function, arguments);

	if (a && tree_is_null(a))
		tree_set_string(a, SPAN(""));
}

void openai_tools_finish(struct tree_node *calls, struct tree_node *function_call)
{
	for (struct tree_node *c = calls && calls->kind == TREE_ARRAY ? calls->first : NULL; c; c = c->next) {
		struct tree_node *type = tree_get(c, "type");

		if (type && tree_is_null(type))
			tree_set_text(type, !tree_is_null(tree_get(c, "custom")) ? SPAN("\"custom\"") : SPAN("\"function\""));
		say_empty(tree_get(c, "function"), "arguments");
		say_empty(tree_get(c, "custom"), "input");
	}
	say_empty(function_call, "arguments");
}

static void normal_one(const struct json *j, struct span id, uint32_t function, const char *arguments, struct normal *n)
{
	struct normal_call *c = normal_call(n);

	c->id = id;
	normal_text(&c->name, j, json_get(j, function, "name"));
	normal_arguments(&c->arguments, j, json_get(j, function, arguments));
	c->text = strcmp(arguments, "input") == 0;
}

void openai_tools_normal(const struct json *j, uint32_t calls, uint32_t function_call, struct normal *n)
{
	for (uint32_t c = json_first(j, calls); c; c = json_next(j, calls, c)) {
		struct span id = json_text(j, json_get(j, c, "id"));
		uint32_t custom = json_get(j, c, "custom");

		if (json_kind(j, custom) == JSON_OBJECT)
			normal_one(j, id, custom, "input", n);
		else
			normal_one(j, id, json_get(j, c, "function"), "arguments", n);
	}
	if (json_kind(j, function_call) == JSON_OBJECT)
		normal_one(j, SPAN_NONE, function_call, "arguments", n);
}
