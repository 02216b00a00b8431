/* SPDX-License-Identifier: MIT */
/*
 * responses_items: the table of a response's output items, and items that come whole.
 *
 *	{"type":"response.output_item.done","output_index":0,"item":{"id":"fc_1","type":"function_call","call_id":"call_1",…}}
 *	{"type":"response.completed","response":{…,"output":[{"id":"fc_1",…}]}}
 *
 * Each item is replaced as it comes again; members that only an earlier one had stay.
 */
#include <string.h>

#include "delta/responses_impl.h"

/* ---- the table */

static struct responses_item *rows(const struct tree_node *table, size_t *n)
{
	*n = table ? table->text.len / sizeof(struct responses_item) : 0;
	return table ? (struct responses_item *)(void *)table->text.p : NULL;
}

struct responses_item *responses_find_item(const struct responses *s, long index)
{
	size_t n;
	struct responses_item *all = rows(s->items, &n);

	while (n-- > 0)
		if (all[n].index == index)
			return &all[n];
	return NULL;
}

struct responses_item *responses_item_called(const struct responses *s, struct span id)
{
	size_t n;
	struct responses_item *all = rows(s->items, &n);

	while (id.n && n-- > 0)
		if (span_same(tree_string(tree_get(all[n].node, "id")), id))
			return &all[n];
	return NULL;
}

long responses_implied_index(const struct responses *s, bool next)
{
	size_t n;
	const struct responses_item *all = rows(s->items, &n);

	return n ? all[n - 1].index + next : 0;
}

struct responses_item *responses_add_item(struct delta *d, long index)
{
	struct responses *s = d->state;
	struct responses_item item = { .index = index, .voice = index }, *all;
	size_t n;

	if (!delta_room(d, sizeof item + sizeof *item.node))
		return NULL;
	item.node = tree_object(&d->tree);
	if (!s->items)
		s->items = tree_new(&d->tree);
	buf_add(&s->items->text, &item, sizeof item);
	all = rows(s->items, &n);
	for (n--; n > 0 && all[n - 1].index > index; n--)
		all[n] = all[n - 1];
	all[n] = item;
	s->begun = true;
	return &all[n];
}

/* ---- values */

static size_t weight(const struct tree_node *n)
{
	size_t sum = n->text.len;

	for (const struct tree_node *c = n->kind >= TREE_ARRAY ? n->first : NULL; c; c = c->next)
		sum += weight(c);
	return sum;
}

void responses_store(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v)
{
	size_t had = weight(to), now = json_text(j, v).n;

	if (d->whole && (now <= had || delta_room(d, now - had)))
		tree_set(to, j, v);
}

/* ---- calls for the user to run */

static const char *arguments_of(struct span type)
{
	return span_is(type, "function_call") ? "arguments" : span_is(type, "custom_tool_call") ? "input" : NULL;
}

void responses_begin_call(struct delta *d, struct responses_item *item)
{
	const char *arguments = arguments_of(tree_string(tree_get(item->node, "type")));

	if (!arguments || item->call)
		return;
	item->call = delta_call_new(d, 0);
	item->call->node = item->node;
	item->call->id = tree_key(&d->tree, item->node, "call_id");
	item->call->name = tree_key(&d->tree, item->node, "name");
	item->call->arguments = tree_key(&d->tree, item->node, arguments);
	item->call->text = strcmp(arguments, "input") == 0;
}

void responses_whole_arguments(struct delta *d, struct delta_call *c, const struct json *j, uint32_t v)
{
	struct span text = json_string(j, v), had = tree_string(c->arguments);

	if (json_kind(j, v) >= JSON_ARRAY) {
		if (!c->done)
			delta_call_value(d, c, j, v);
	} else if (text.p && had.n <= text.n && span_same(had, (struct span){ text.p, had.n })) {
		delta_call_piece(d, c, (struct span){ text.p + had.n, text.n - had.n });
	} else if (text.p) {
		tree_set(c->arguments, j, v);
		arguments_replaced(c);
	}
}

/* ---- items as a whole */

static bool same_type(const struct responses_item *item, const struct json *j, uint32_t at)
{
	struct tree_node *type = tree_get(item->node, "type");

	return tree_is_null(type) || span_same(tree_string(type), json_string(j, json_get(j, at, "type")));
}

/* Small, and known in every mode. */
static bool is_name(struct span key)
{
	static const char *const names[] = { "type", "id", "call_id", "name", "status" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(key, names[i]))
			return true;
	return false;
}

static void set_members(struct delta *d, struct responses_item *item, const struct json *j, uint32_t at,
                        const char *arguments)
{
	uint32_t v = json_first(j, at);

	tree_arrange(&d->tree, item->node, j, at);
	for (struct tree_node *n = item->node->first; v; v = json_next(j, at, v), n = n->next) {
		struct span key = delta_key(d, j, v);

		if (is_name(key))
			tree_set(n, j, v);
		else if (!arguments || !span_is(key, arguments))
			responses_store(d, n, j, v);
	}
}

static void drop(struct tree_node *item, const char *key)
{
	struct tree_node *n = tree_get(item, key);

	if (n)
		tree_remove(item, n);
}

/* What only the stream said does not outlive the item's own last word. */
static void settle(struct responses_item *item, const struct json *j, uint32_t at)
{
	if (!json_get(j, at, "status"))
		drop(item->node, "status");
	if (json_kind(j, json_get(j, at, "result")) > JSON_NULL) {
		drop(item->node, "partial_image_b64");
		drop(item->node, "partial_image_index");
	}
}

/* An item that says of itself that it is incomplete holds torn arguments, which nobody should run. */
void responses_set_item(struct delta *d, struct responses_item *item, const struct json *j, uint32_t at, bool last)
{
	const char *arguments = arguments_of(json_string(j, json_get(j, at, "type")));

	if (!same_type(item, j, at)) {
		item->node = tree_object(&d->tree);
		if (item->call)
			item->call->hidden = true;
		item->call = NULL;
	}
	set_members(d, item, j, at, arguments);
	responses_begin_call(d, item);
	if (item->call)
		responses_whole_arguments(d, item->call, j, json_get(j, at, arguments));
	responses_say_item(d, item->voice, j, at);
	if (last)
		settle(item, j, at);
	if (last && item->call && !json_is(j, json_get(j, at, "status"), "incomplete"))
		delta_call_done(d, item->call);
}

/* ---- the output of snapshots */

static bool same_member(const struct responses_item *item, const char *key, const struct json *j, uint32_t at)
{
	struct span had = tree_string(tree_get(item->node, key));

	return had.n && span_same(had, json_string(j, json_get(j, at, key)));
}

/* The item of the old table that the terminal output has at `index`: the one of that index, unless
 * the output left one out and others moved up. */
static struct responses_item *match(struct tree_node *table, const struct json *j, uint32_t at, long index)
{
	size_t n;
	struct responses_item *all = rows(table, &n), *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!all[i].node || !same_type(&all[i], j, at))
			continue;
		if (same_member(&all[i], "call_id", j, at) || same_member(&all[i], "id", j, at))
			return &all[i];
		if (all[i].index == index)
			found = &all[i];
	}
	return found;
}

static void replace_table(struct delta *d, const struct json *j, uint32_t array)
{
	struct responses *s = d->state;
	struct tree_node *had = s->items;
	long index = 0;

	s->items = NULL;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e), index++) {
		struct responses_item *was = match(had, j, e, index), *item = responses_add_item(d, index);

		if (!item)
			return;
		item->voice = -1 - index; /* no other item has that */
		if (was) {
			item->voice = was->voice;
			item->node = was->node;
			item->call = was->call;
			was->node = NULL;
		}
		if (json_kind(j, e) == JSON_OBJECT)
			responses_set_item(d, item, j, e, true);
	}
}

void responses_output(struct delta *d, const struct json *j, uint32_t array, bool terminal)
{
	long index = 0;

	if (json_kind(j, array) != JSON_ARRAY || !json_first(j, array))
		return;
	if (terminal) {
		replace_table(d, j, array);
		return;
	}
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e), index++) {
		struct responses_item *item = responses_find_item(d->state, index) || json_kind(j, e) != JSON_OBJECT
		                                      ? NULL
		                                      : responses_add_item(d, index);

		if (item)
			responses_set_item(d, item, j, e, false);
	}
}

void responses_items_finish(struct delta *d, bool completed)
{
	struct responses *s = d->state;
	struct tree_node *output = tree_key(&d->tree, d->tree.root, "output");
	struct responses_item *all;
	size_t n;

	tree_set_text(output, SPAN("[]"));
	tree_open(&d->tree, output);
	all = rows(s->items, &n);
	for (size_t i = 0; i < n; i++) { /* a resumed stream may know a later part and not those before it */
		tree_compact(tree_get(all[i].node, "content"));
		tree_compact(tree_get(all[i].node, "summary"));
		tree_compact(tree_get(all[i].node, "output"));
		tree_compact(tree_get(tree_get(all[i].node, "action"), "commands"));
		tree_attach(output, all[i].node);
	}
	for (struct delta_call *c = d->calls; c; c = c->next)
		c->hidden = c->hidden || !(c->done || completed);
}
