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

/* A fragment, as far as it tells which call it belongs to. */
struct fragment {
	bool indexed;
	long index;
	struct span id, name;
	bool bare;   /* it has neither id nor type nor arguments: its name may be a piece of one */
	bool speaks; /* its arguments are not empty, */
	bool starts; /* and begin with an object */
	const struct delta_call *beside; /* the call of the fragment before it in the same list, or NULL */
};

/* Mistral's server sends the word null, with its quotes, for an id that it does not have. */
static struct span id_of(const struct json *j, uint32_t v)
{
	struct span id = json_string(j, v);

	return span_is(id, "null") ? SPAN_NONE : id;
}

static struct fragment look(const struct json *j, uint32_t at)
{
	uint32_t f = json_get(j, at, "function"), custom = json_get(j, at, "custom");
	bool free = json_kind(j, custom) == JSON_OBJECT;
	uint32_t name = json_get(j, free ? custom : f, "name");
	uint32_t arguments = free ? json_get(j, custom, "input") : json_get(j, f, "arguments");
	struct fragment fragment = { .id = id_of(j, json_get(j, at, "id")), .name = json_string(j, name) };

	fragment.indexed = fragment_index(j, at, &fragment.index);
	fragment.speaks = json_kind(j, arguments) > JSON_NULL && json_text(j, arguments).n > 2;
	fragment.starts = fragment.speaks && (json_kind(j, arguments) != JSON_STRING || json_string(j, arguments).p[0] == '{');
	fragment.bare = !fragment.id.n && !json_filled(j, json_get(j, at, "type")) && json_kind(j, arguments) <= JSON_NULL;
	return fragment;
}

/* It has a name, and its arguments can go on. */
static bool is_open(struct delta_call *c)
{
	return c && tree_string(c->name).n && !delta_call_whole(c);
}

/* The call that a fragment without a name goes on with, or NULL for a new one. `at` is the call at its index;
 * without an index, the last one. An id that is known counts more than the index. A new index or id begins a
 * call only if the call that is open has its arguments: some servers count the index up with each fragment,
 * and some make up an id for each. */
static struct delta_call *find_by_place(struct delta *d, unsigned choice, const struct fragment *f,
                                        struct delta_call *at, struct delta_call *known)
{
	struct span had = at ? tree_string(at->id) : SPAN_NONE;
	bool other = f->id.n && had.n && !span_same(f->id, had);
	struct delta_call *open;

	if (at && !other)
		return known && !f->indexed ? known : at;
	if (f->id.n)
		follow_never(d); /* the same id may mean another call next time */
	if (known)
		return known;
	open = at ? at : delta_call_latest(d, choice);
	if (!is_open(open))
		return NULL;
	if (f->indexed)
		delta_call_also_at(d, open, f->index);
	if (f->id.n)
		delta_call_also_called(d, open, f->id);
	return open;
}

/* Does a fragment's name go on with the name of a call? Gemma's servers send it in pieces. */
static bool continues_name(const struct delta_call *c, const struct fragment *f)
{
	struct span name = tree_string(c->name);

	return f->bare && c != f->beside && name.n && !span_same(f->name, name) && !tree_string(c->arguments).n;
}

/* Does a fragment with a name belong to the call c, at its place? Some servers repeat the name with every
 * fragment, so an equal name begins another call only if the arguments are whole. Another name begins one,
 * unless it comes with a piece that only goes on with arguments. */
static bool names_same(struct delta_call *c, const struct fragment *f)
{
	struct span name = tree_string(c->name);

	if (!name.n || continues_name(c, f))
		return true;
	if (!span_same(f->name, name))
		return f->speaks && !f->starts && tree_string(c->arguments).n && !delta_call_whole(c);
	return (f->id.n && span_same(f->id, tree_string(c->id))) || (f->indexed && !f->speaks) || !delta_call_whole(c);
}

/* The same for a fragment with a name. An id that is known at another index: the index is wrong, unless the
 * fragment looks like the beginning of a call, since ids are repeated too. */
static struct delta_call *find_by_name(const struct fragment *f, struct delta_call *at, struct delta_call *known)
{
	struct span had = at ? tree_string(at->id) : SPAN_NONE;
	bool other = f->id.n && had.n && !span_same(f->id, had);

	if (f->indexed && (!at || other))
		return known && f->speaks && !delta_call_whole(known) && names_same(known, f) ? known : NULL;
	if (!f->indexed && known)
		return names_same(known, f) ? known : NULL;
	if (!at || other || (!f->indexed && f->id.n) || !names_same(at, f))
		return NULL;
	return at;
}

/* The call that a fragment goes on with, or NULL for a new one. With an index it is the most recent call of
 * that index, without one that of its id, without that too the last; but see above. */
static struct delta_call *find(struct delta *d, unsigned choice, const struct fragment *f)
{
	struct delta_call *known = delta_call_called(d, choice, f->id);
	struct delta_call *at = f->indexed ? delta_call_at(d, choice, f->index) : delta_call_latest(d, choice);

	if (!f->name.n)
		return find_by_place(d, choice, f, at, known);
	follow_never(d); /* the same fragment may mean another call next time */
	return find_by_name(f, at, known);
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

static void copy(struct tree_node *to, const struct tree_node *from)
{
	if (tree_string(from).p)
		tree_set_string(to, tree_string(from));
}

struct delta_call *openai_tool_twin(struct delta *d, struct tree_node *list, struct delta_call *c)
{
	bool indexed = delta_call_at(d, c->choice, c->index) == c;
	struct fragment f = { .indexed = indexed, .index = c->index };
	struct delta_call *twin;
	struct tree_node *function;

	if (!list || list->kind != TREE_ARRAY || !c->id) /* a function_call, of which there is one */
		return NULL;
	twin = begin(d, c->choice, list, &f);
	copy(twin->id, c->id);
	delta_call_known(d, twin);
	copy(tree_key(&d->tree, twin->node, "type"), tree_get(c->node, "type"));
	function = tree_key(&d->tree, twin->node, "function");
	twin->name = tree_key(&d->tree, function, "name");
	copy(twin->name, c->name);
	twin->arguments = tree_key(&d->tree, function, "arguments");
	return twin;
}

/* {"name":…,"arguments":…} of a function, {"name":…,"input":…} of a custom tool. */
static void body(struct delta *d, struct delta_call *c, struct tree_node *to, const struct json *j, uint32_t v,
                 const char *arguments, bool more)
{
	uint32_t a = json_get(j, v, arguments), name = json_get(j, v, "name");

	if (json_kind(j, v) != JSON_OBJECT)
		return;
	c->name = tree_key(&d->tree, to, "name");
	c->arguments = tree_key(&d->tree, to, arguments);
	c->text = strcmp(arguments, "input") == 0;
	if (more)
		tree_append(c->name, json_string(j, name));
	else if (json_filled(j, name))
		tree_set(c->name, j, name);
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

static void set_id(struct delta *d, struct delta_call *c, const struct json *j, uint32_t v)
{
	struct span id = id_of(j, v);

	if (!id.p || tree_string(c->id).n || (id.n == 0 && !tree_is_null(c->id)))
		return;
	tree_set(c->id, j, v);
	delta_call_known(d, c);
}

static void fragment_members(struct delta *d, struct delta_call *c, const struct json *j, uint32_t fragment, bool more)
{
	for (uint32_t v = json_first(j, fragment); v; v = json_next(j, fragment, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "index"))
			continue;
		if (span_is(key, "id"))
			set_id(d, c, j, v);
		else if (span_is(key, "function"))
			body(d, c, tree_key(&d->tree, c->node, "function"), j, v, "arguments", more);
		else if (span_is(key, "custom"))
			body(d, c, tree_key(&d->tree, c->node, "custom"), j, v, "input", more);
		else if (!span_is(key, "type") || json_filled(j, v))
			delta_last(d, c->node, j, v);
	}
}

void openai_tool_calls(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t array)
{
	struct delta_call *c = NULL;

	if (json_kind(j, array) != JSON_ARRAY)
		return;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t f = json_first(j, array); f; f = json_next(j, array, f)) {
		struct fragment fragment = look(j, f);
		bool more;

		if (json_kind(j, f) != JSON_OBJECT)
			continue;
		fragment.beside = c;
		c = find(d, choice, &fragment);
		more = c && fragment.name.n && continues_name(c, &fragment);
		if (!c)
			c = begin(d, choice, to, &fragment);
		fragment_members(d, c, j, f, more);
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
	body(d, c, to, j, v, "arguments", false);
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
		long number = (long)n->ncalls;

		/* Gemini's, as Google and LiteLLM pass it on */
		normal_signature(n, j, number, json_path(j, c, "extra_content.google.thought_signature"));
		normal_signature(n, j, number, json_path(j, c, "provider_specific_fields.thought_signature"));
		if (json_kind(j, custom) == JSON_OBJECT)
			normal_one(j, id, custom, "input", n);
		else
			normal_one(j, id, json_get(j, c, "function"), "arguments", n);
	}
	if (json_kind(j, function_call) == JSON_OBJECT)
		normal_one(j, SPAN_NONE, function_call, "arguments", n);
}
