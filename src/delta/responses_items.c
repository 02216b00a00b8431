/* SPDX-License-Identifier: MIT */
/*
 * responses_items: the table of a response's output items, and items that come whole.
 *
 *	{"type":"response.output_item.done","output_index":0,"item":{"id":"fc_1","type":"function_call","call_id":"call_1",…}}
 *	{"type":"response.completed","response":{…,"output":[{"id":"fc_1",…}]}}
 *
 * Each item is replaced as it comes again; members that only an earlier one had stay.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "delta/responses_impl.h"

/* ---- the table */

static struct span type_of(const struct responses_item *item)
{
	return tree_string(tree_get(item->node, "type"));
}

static struct span id_of(const struct responses_item *item)
{
	return tree_string(tree_get(item->node, "id"));
}

/* Types that nothing but their own events go into. Of any other it is not known. */
static bool is_strict(struct span type)
{
	static const struct span strict[] = {
		SPAN("message"),
		SPAN("reasoning"),
		SPAN("function_call"),
		SPAN("custom_tool_call"),
		SPAN("mcp_call"),
		SPAN("mcp_list_tools"),
		SPAN("web_search_call"),
		SPAN("file_search_call"),
		SPAN("code_interpreter_call"),
		SPAN("image_generation_call"),
		SPAN("shell_call"),
		SPAN("shell_call_output"),
		SPAN("apply_patch_call"),
	};

	for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
		if (span_same(type, strict[i]))
			return true;
	return false;
}

/* May an event of that type be about the item? */
static bool fits(const struct responses_item *item, struct span type)
{
	struct span own = type_of(item);

	return span_same(own, type) || !is_strict(own) || !is_strict(type);
}

static struct responses_item *latest(const struct responses *s, long index)
{
	struct responses_item *newest = s->items.newest;

	return newest && newest->index == index ? newest : dict_get(&s->items.by_index, (uint64_t)index, SPAN(""));
}

/* Files the item under a name, of which a copy is kept. */
static void file(struct delta *d, struct dict *dict, uint64_t number, struct span name, struct responses_item *item,
                 bool replace)
{
	struct responses_item *had = name.n ? dict_get(dict, number, name) : item;

	if (had != item && (!had || replace) && delta_room(d, name.n))
		dict_put(dict, number, arena_copy(&d->arena, name), item);
}

static void file_item(struct delta *d, struct responses_item *item, bool replace)
{
	struct responses *s = d->state;

	file(d, &s->items.by_id, 0, id_of(item), item, replace);
	file(d, &s->items.by_type, (uint64_t)item->index, type_of(item), item, replace);
}

void responses_known(struct delta *d, struct responses_item *item)
{
	const struct responses *s = d->state;

	if (s->items.filed)
		file_item(d, item, true);
}

static void file_all(struct delta *d)
{
	struct responses *s = d->state;

	for (struct responses_item *i = s->items.filed ? NULL : s->items.newest; i; i = i->before)
		file_item(d, i, false);
	s->items.filed = true;
}

struct responses_item *responses_item_called(struct delta *d, struct span id)
{
	struct responses *s = d->state;

	if (!id.n)
		return NULL;
	file_all(d);
	return dict_get(&s->items.by_id, 0, id);
}

static struct responses_item *latest_of_type(struct delta *d, long index, struct span type)
{
	struct responses *s = d->state;

	file_all(d);
	return dict_get(&s->items.by_type, (uint64_t)index, type);
}

static bool takes(const struct responses_item *item, struct span type, bool grows)
{
	return item && !(item->done && grows) && fits(item, type);
}

/* Some servers give all items one index, others all events: then the id tells. Where ids change with
 * every event (Copilot) none is known, and the index is right. */
struct responses_item *responses_find(struct delta *d, long index, struct span type, bool grows, const struct json *j,
                                      uint32_t event)
{
	struct responses_item *item = latest(d->state, index), *called;

	if (item && !item->sharing && takes(item, type, grows))
		return item;
	called = responses_item_called(d, json_string(j, json_get(j, event, "item_id")));
	if (called && called->index == index && fits(called, type))
		return called;
	if (takes(item, type, grows))
		return item;
	item = latest_of_type(d, index, type);
	if (takes(item, type, grows))
		return item;
	return takes(called, type, grows) ? called : NULL;
}

long responses_implied_index(const struct responses *s, bool next)
{
	const struct responses_item *highest = s->items.highest;

	return highest ? highest->index + (next && highest->index < LONG_MAX) : 0;
}

struct responses_item *responses_add_item(struct delta *d, long index)
{
	struct responses *s = d->state;
	struct responses_items *t = &s->items;
	struct responses_item *item;

	if (!delta_room(d, sizeof *item + sizeof *item->node))
		return NULL;
	item = arena_zero(&d->arena, sizeof *item);
	*item = (struct responses_item){ .index = index, .number = t->count++, .voice = s->voices++ };
	item->node = tree_object(&d->tree);
	item->before = t->newest;
	item->sharing = latest(s, index);
	t->newest = item;
	if (!t->highest || index >= t->highest->index)
		t->highest = item;
	t->by_index.arena = t->by_type.arena = t->by_id.arena = &d->arena;
	dict_put(&t->by_index, (uint64_t)index, SPAN(""), item);
	s->begun = true;
	return item;
}

static int by_place(const void *x, const void *y)
{
	const struct responses_item *a = *(struct responses_item *const *)x, *b = *(struct responses_item *const *)y;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* All items in the order of the output. NULL if there is none. */
static struct responses_item **sorted(struct delta *d, const struct responses_items *t)
{
	struct responses_item **all = t->count ? arena_alloc(&d->arena, t->count * sizeof *all) : NULL;
	size_t n = t->count;

	for (struct responses_item *i = t->newest; i; i = i->before)
		all[--n] = i;
	if (t->count > 1)
		qsort(all, t->count, sizeof *all, by_place);
	return all;
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

static bool same_member(const struct responses_item *item, const char *key, const struct json *j, uint32_t at)
{
	struct span had = tree_string(tree_get(item->node, key));

	return had.n && span_same(had, json_string(j, json_get(j, at, key)));
}

/* Both have that member, with other values. */
static bool other_member(const struct responses_item *item, const char *key, const struct json *j, uint32_t at)
{
	struct span had = tree_string(tree_get(item->node, key)), has = json_string(j, json_get(j, at, key));

	return had.n && has.n && !span_same(had, has);
}

static bool has_parts(const struct responses_item *item)
{
	return item->said[RESPONSES_TEXT] || item->said[RESPONSES_SUMMARY] || item->said[RESPONSES_REASONING];
}

/* output_item.added comes once for an item: if the index is taken, it is another item that the server
 * gave the same index. Not so if it is the same by its id, or comes late, for an item that events have
 * made. */
static bool begins_another(const struct responses_item *item, const struct json *j, uint32_t at)
{
	if (!item->announced)
		return item->typed && !same_type(item, j, at);
	if (item->done || !same_type(item, j, at) || other_member(item, "call_id", j, at))
		return true;
	if (same_member(item, "call_id", j, at))
		return false;
	return other_member(item, "id", j, at) || (!id_of(item).n && has_parts(item));
}

/* Is it the item of which this is the last word? Its id may have changed (Copilot). */
static bool ends(const struct responses_item *item, const struct json *j, uint32_t at)
{
	if (same_member(item, "call_id", j, at))
		return true;
	if (item->done || other_member(item, "call_id", j, at))
		return false;
	return same_type(item, j, at) || !(item->announced || item->typed);
}

struct responses_item *responses_find_whole(struct delta *d, long index, const struct json *j, uint32_t at, bool last)
{
	struct responses_item *item = latest(d->state, index), *called = item;

	if (item && (item->sharing || !same_member(item, "id", j, at)))
		called = item->sharing ? responses_item_called(d, json_string(j, json_get(j, at, "id"))) : NULL;
	if (called && called->index == index && (same_type(called, j, at) || !called->typed))
		return called;
	if (!item || !last)
		return item && !begins_another(item, j, at) ? item : NULL;
	if (ends(item, j, at) || !item->sharing)
		return ends(item, j, at) ? item : NULL;
	item = latest_of_type(d, index, json_string(j, json_get(j, at, "type")));
	return item && ends(item, j, at) ? item : NULL;
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
	responses_known(d, item);
	responses_begin_call(d, item);
	if (item->call)
		responses_whole_arguments(d, item->call, j, json_get(j, at, arguments));
	responses_say_item(d, item, j, at);
	item->announced = item->typed = true;
	item->done = item->done || last;
	if (last)
		settle(item, j, at);
	if (last && item->call && !json_is(j, json_get(j, at, "status"), "incomplete"))
		delta_call_done(d, item->call);
}

/* ---- the output of snapshots */

/* The elements of a terminal output, and the items of the table that they are. */
struct matches {
	const struct json *j;
	uint32_t array;
	struct responses_item **were; /* of each element, or NULL */
	size_t missing;               /* that have none */
};

static bool match(struct matches *m, size_t i, struct responses_item *item, uint32_t element)
{
	if (!item || item->taken || !same_type(item, m->j, element))
		return false;
	m->were[i] = item;
	m->missing--;
	return item->taken = true;
}

/* Nearly always all of them: the same id or call_id at the same index. */
static void match_same(const struct responses *s, struct matches *m)
{
	size_t i = 0;

	for (uint32_t e = json_first(m->j, m->array); e; e = json_next(m->j, m->array, e), i++) {
		struct responses_item *item = latest(s, (long)i);

		if (item && (same_member(item, "id", m->j, e) || same_member(item, "call_id", m->j, e)))
			match(m, i, item, e);
	}
}

/* Those that have the same call_id or id at another index. */
static void match_named(struct delta *d, struct matches *m)
{
	struct responses *s = d->state;
	struct dict by_call = { .arena = &d->arena };
	size_t i = 0;

	for (struct responses_item *item = s->items.newest; item; item = item->before) {
		struct span id = tree_string(tree_get(item->node, "call_id"));

		if (id.n)
			dict_put(&by_call, 0, id, item);
	}
	for (uint32_t e = json_first(m->j, m->array); e; e = json_next(m->j, m->array, e), i++)
		if (!m->were[i] && !match(m, i, dict_get(&by_call, 0, json_string(m->j, json_get(m->j, e, "call_id"))), e))
			match(m, i, responses_item_called(d, json_string(m->j, json_get(m->j, e, "id"))), e);
}

/* Of the others those of the same index; of several the one that began first. */
static void match_placed(const struct responses *s, struct matches *m)
{
	size_t i = 0;

	for (uint32_t e = json_first(m->j, m->array); e; e = json_next(m->j, m->array, e), i++) {
		struct responses_item *first = NULL;

		if (m->were[i])
			continue;
		for (struct responses_item *item = latest(s, (long)i); item; item = item->sharing)
			if (!item->taken && same_type(item, m->j, e))
				first = item;
		match(m, i, first, e);
	}
}

/* The rest by type, in order: the output left items out, or all had the same index. */
static void match_rest(struct delta *d, struct matches *m)
{
	struct responses *s = d->state;
	struct responses_item **all = sorted(d, &s->items), *item;
	struct dict by_type = { .arena = &d->arena };
	size_t i = 0;

	for (size_t n = s->items.count; n-- > 0;)
		if (!all[n]->taken && type_of(all[n]).n) {
			all[n]->next_of_type = dict_get(&by_type, 0, type_of(all[n]));
			dict_put(&by_type, 0, type_of(all[n]), all[n]);
		}
	for (uint32_t e = json_first(m->j, m->array); e; e = json_next(m->j, m->array, e), i++) {
		struct span type = json_string(m->j, json_get(m->j, e, "type"));

		if (m->were[i] || !type.n || (item = dict_get(&by_type, 0, type)) == NULL)
			continue;
		if (item->taken && item->next_of_type) {
			item = item->next_of_type;
			dict_put(&by_type, 0, type_of(item), item);
		}
		match(m, i, item, e);
	}
}

/* An item of the new table goes on with one of the old. */
static void take_over(struct responses_item *item, const struct responses_item *was)
{
	item->node = was->node;
	item->call = was->call;
	item->voice = was->voice;
	memcpy(item->said, was->said, sizeof item->said);
	memcpy(item->furthest, was->furthest, sizeof item->furthest);
}

static void replace_table(struct delta *d, const struct json *j, uint32_t array)
{
	struct responses *s = d->state;
	struct matches m = { j, array, NULL, json_count(j, array) };
	long index = 0;

	m.were = arena_zero(&d->arena, m.missing * sizeof *m.were);
	if (s->items.count)
		match_same(s, &m);
	if (s->items.count && m.missing) {
		match_named(d, &m);
		match_placed(s, &m);
		match_rest(d, &m);
	}
	s->items = (struct responses_items){ 0 };
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e), index++) {
		struct responses_item *item = responses_add_item(d, index);

		if (!item)
			return;
		if (m.were[index])
			take_over(item, m.were[index]);
		if (json_kind(j, e) == JSON_OBJECT)
			responses_set_item(d, item, j, e, true);
	}
}

void responses_output(struct delta *d, const struct json *j, uint32_t array, bool terminal)
{
	struct responses *s = d->state;
	long index = 0;

	if (json_kind(j, array) != JSON_ARRAY || !json_first(j, array))
		return;
	if (terminal) {
		s->repeated = true;
		replace_table(d, j, array);
		s->repeated = false;
		return;
	}
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e), index++) {
		struct responses_item *item = latest(d->state, index) || json_kind(j, e) != JSON_OBJECT
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
	struct responses_item **all = sorted(d, &s->items);

	tree_order(output, NULL, 0);
	for (size_t i = 0; i < s->items.count; i++) { /* a resumed stream may know a later part and not those before it */
		tree_compact(tree_get(all[i]->node, "content"));
		tree_compact(tree_get(all[i]->node, "summary"));
		tree_compact(tree_get(all[i]->node, "output"));
		tree_compact(tree_get(tree_get(all[i]->node, "action"), "commands"));
		tree_attach(output, all[i]->node);
	}
	for (struct delta_call *c = d->calls; c; c = c->next)
		c->hidden = c->hidden || !(c->done || completed);
}
