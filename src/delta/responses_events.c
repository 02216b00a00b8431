/* SPDX-License-Identifier: MIT */
/*
 * responses_events: output items as they grow.
 *
 *	{"type":"response.output_item.added","output_index":0,"item":{"id":"fc_1","type":"function_call","arguments":"",…}}
 *	{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_1","delta":"{\"city\":"}
 *	{"type":"response.function_call_arguments.done","output_index":0,"item_id":"fc_1","arguments":"{\"city\":\"Florence\"}"}
 *
 * What each event does is a row of `rules`. One that came before its item or its part was announced
 * (a resumed stream, or one that lost its head) makes both, as its own name tells.
 */
#include <string.h>

#include "delta/responses_impl.h"

enum { SLOTS = 4096 }; /* parts of an item: a higher index is taken for the last */

struct event {
	struct delta *d;
	const struct json *j;
	uint32_t at;
	struct span word; /* delta, done, added, searching … */
	struct responses_item *item;
	long slot; /* of the part */
};

struct rule {
	struct span name; /* without "response." and its last word */
	void (*apply)(struct event *e, const struct rule *r);
	const char *type;         /* of the item, when nobody announced it; NULL: no item is meant */
	const char *list;         /* the path to its parts, or to an object; NULL: the item itself */
	const char *index;        /* says which part; NULL: no parts */
	const char *part;         /* type of the part, when nobody announced it */
	const char *field;        /* what grows, and what `done` has whole */
	enum responses_kind kind; /* of a text */
};

static unsigned bit_of(const struct rule *r);
static bool announces(const struct rule *r);

/* The node at the end of a path of objects. */
static struct tree_node *reach(struct delta *d, struct tree_node *n, const char *path)
{
	while (path && *path) {
		size_t key = strcspn(path, ".");

		n = tree_open(&d->tree, tree_put(&d->tree, n, (struct span){ path, key }));
		path += key + (path[key] == '.');
	}
	return n;
}

/* An item that nobody announced; of no type when it is about to be. NULL: the ceiling is passed. */
static struct responses_item *make_item(struct event *e, struct span type, long index)
{
	struct tree *t = &e->d->tree;
	struct responses_item *item = responses_add_item(e->d, index);
	uint32_t id = json_get(e->j, e->at, "item_id");

	if (!item || !type.n)
		return item;
	if (json_kind(e->j, id) == JSON_STRING)
		tree_set(tree_key(t, item->node, "id"), e->j, id);
	tree_set_string(tree_key(t, item->node, "type"), type);
	if (span_is(type, "message"))
		tree_set_string(tree_key(t, item->node, "role"), SPAN("assistant"));
	if (span_is(type, "reasoning"))
		tree_set_text(tree_key(t, item->node, "summary"), SPAN("[]"));
	responses_known(e->d, item);
	responses_begin_call(e->d, item);
	return item;
}

/* ---- what events do */

static bool is_delta(const struct event *e)
{
	return span_is(e->word, "delta");
}

/* The piece that a delta brings: a string, or (older servers) an object around one. */
static struct span piece(const struct event *e)
{
	uint32_t delta = json_get(e->j, e->at, "delta");

	return json_string(e->j, json_kind(e->j, delta) == JSON_OBJECT ? json_get(e->j, delta, "text") : delta);
}

static bool is_text_part(struct span type)
{
	static const char *const types[] = { "output_text", "refusal", "reasoning_text", "summary_text" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (span_is(type, types[i]))
			return true;
	return false;
}

/* Does the event begin another part if it does not say which it means? An announcement does, and
 * what comes after the last part has ended; one part ends with two events, its text and itself. */
static bool begins_part(const struct event *e, const struct rule *r)
{
	if (span_is(e->word, "added"))
		return announces(r);
	return e->item->ended && (is_delta(e) || (e->item->ended & bit_of(r)));
}

/* Text of one type does not go into a part of another, as where all parts are said to be the first. */
static bool is_other_part(const struct event *e, const struct rule *r, struct tree_node *part)
{
	struct span had, type;

	if (!part) /* the list is not an array */
		return false;
	had = tree_string(tree_get(tree_open(&e->d->tree, part), "type"));
	if (!is_text_part(had))
		return false;
	type = r->part ? span_of(r->part) : json_string(e->j, json_path(e->j, e->at, "part.type"));
	return is_text_part(type) && !span_same(had, type);
}

/* The part that the event names, else the last one or the next. */
static long slot_of(struct event *e, const struct rule *r, struct tree_node *list)
{
	long i, have = (long)tree_count(list);
	bool named = json_long(e->j, json_get(e->j, e->at, r->index), &i) && i >= 0;

	if (!named)
		i = have == 0 || begins_part(e, r) ? have : have - 1;
	while (i < have && is_other_part(e, r, tree_at(list, (size_t)i)))
		i++;
	if (!named && i == have)
		e->item->ended = 0;
	if (!named && span_is(e->word, "done"))
		e->item->ended |= bit_of(r);
	return i < SLOTS ? i : SLOTS - 1;
}

/* The part that the event means, null when it is new. Past the ceiling all are one. */
static struct tree_node *part_slot(struct event *e, const struct rule *r)
{
	struct tree_node *list = reach(e->d, e->item->node, r->list), *part;

	e->slot = slot_of(e, r, list);
	part = tree_at(list, (size_t)e->slot);
	if (part)
		return part;
	if (!delta_room(e->d, ((size_t)e->slot + 1 - tree_count(list)) * sizeof *part))
		e->slot = 0;
	return tree_reach(&e->d->tree, list, (size_t)e->slot);
}

/* The same, made when nobody announced it. */
static struct tree_node *part_node(struct event *e, const struct rule *r)
{
	struct tree *t = &e->d->tree;
	struct tree_node *part = part_slot(e, r);

	if (!tree_is_null(part))
		return tree_open(t, part);
	tree_set_string(tree_key(t, part, "type"), span_of(r->part));
	if (!strcmp(r->part, "output_text"))
		tree_set_text(tree_key(t, part, "annotations"), SPAN("[]"));
	return part;
}

/* A text in pieces, and whole in the end: that one wins. */
static void text(struct event *e, const struct rule *r)
{
	struct tree_node *part = part_node(e, r), *to = tree_key(&e->d->tree, part, r->field);
	uint32_t logprobs = json_get(e->j, e->at, "logprobs"), whole = json_get(e->j, e->at, r->field);

	if (is_delta(e)) {
		responses_say(e->d, e->item, e->slot, r->kind, to, piece(e));
		if (json_first(e->j, logprobs))
			delta_list_all(e->d, tree_key(&e->d->tree, part, "logprobs"), e->j, logprobs);
	} else if (json_kind(e->j, whole) == JSON_STRING) {
		responses_say_whole(e->d, e->item, e->slot, r->kind, json_string(e->j, whole));
		responses_store(e->d, to, e->j, whole);
		if (json_first(e->j, logprobs))
			responses_store(e->d, tree_key(&e->d->tree, part, "logprobs"), e->j, logprobs);
	}
}

/* A string that nobody listens to. */
static void grow(struct delta *d, struct tree_node *to, const struct event *e, const char *field)
{
	uint32_t whole = json_get(e->j, e->at, field);

	if (is_delta(e))
		delta_grow(d, to, piece(e));
	else if (whole)
		responses_store(d, to, e->j, whole);
}

static void field(struct event *e, const struct rule *r)
{
	struct tree_node *object = reach(e->d, e->item->node, r->list);

	grow(e->d, tree_key(&e->d->tree, object, r->field), e, r->field);
}

static void arguments(struct event *e, const struct rule *r)
{
	if (!e->item->call)
		field(e, r);
	else if (is_delta(e))
		delta_call_piece(e->d, e->item->call, piece(e));
	else
		responses_whole_arguments(e->d, e->item->call, e->j, json_get(e->j, e->at, r->field));
}

static void command(struct event *e, const struct rule *r)
{
	grow(e->d, part_slot(e, r), e, r->field);
}

/* {"delta":{"stdout":"…"}}, and in the end {"output":[{"stdout":…,"outcome":…}]} of that command. */
static void output(struct event *e, const struct rule *r)
{
	struct tree_node *slot = tree_open(&e->d->tree, part_slot(e, r));
	uint32_t from = json_get(e->j, e->at, is_delta(e) ? "delta" : "output");
	struct tree_node *list = reach(e->d, e->item->node, r->list);

	if (!is_delta(e))
		for (uint32_t v = json_first(e->j, from); v; v = json_next(e->j, from, v))
			responses_store(e->d, tree_reach(&e->d->tree, list, (size_t)e->slot++), e->j, v);
	else if (json_kind(e->j, from) == JSON_OBJECT)
		for (uint32_t v = json_first(e->j, from); v; v = json_next(e->j, from, v)) {
			struct tree_node *to = tree_put(&e->d->tree, slot, json_string(e->j, json_key(v)));

			if (json_kind(e->j, v) == JSON_STRING)
				delta_grow(e->d, to, json_string(e->j, v));
			else
				responses_store(e->d, to, e->j, v);
		}
}

static void part(struct event *e, const struct rule *r)
{
	uint32_t v = json_get(e->j, e->at, "part");
	enum responses_kind usual;

	if (json_kind(e->j, v) != JSON_OBJECT)
		return;
	responses_store(e->d, part_slot(e, r), e->j, v);
	usual = !strcmp(r->list, "summary")                             ? RESPONSES_SUMMARY
	        : tree_is(tree_get(e->item->node, "type"), "reasoning") ? RESPONSES_REASONING
	                                                                : RESPONSES_TEXT;
	responses_say_part(e->d, e->item, e->slot, usual, e->j, v);
}

static void annotation(struct event *e, const struct rule *r)
{
	struct tree_node *list = tree_open(&e->d->tree, tree_key(&e->d->tree, part_node(e, r), r->field)), *to = NULL;
	uint32_t v = json_get(e->j, e->at, "annotation");
	long i;

	if (!v || !e->d->whole)
		return;
	if (json_long(e->j, json_get(e->j, e->at, "annotation_index"), &i) && i >= 0)
		to = tree_at(list, (size_t)i);
	responses_store(e->d, to ? to : tree_add(&e->d->tree, list), e->j, v);
}

static void item(struct event *e, const struct rule *r)
{
	uint32_t v = json_get(e->j, e->at, "item");

	(void)r;
	if (json_kind(e->j, v) == JSON_OBJECT)
		responses_set_item(e->d, e->item, e->j, v, span_is(e->word, "done"));
}

static bool is_status(struct span word)
{
	static const char *const words[] = { "in_progress", "searching", "generating", "interpreting",
		                             "completed",   "failed",    "incomplete", "cancelled" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

/* The picture so far stands in for the result, until that comes. */
static void image(struct event *e, const struct rule *r)
{
	static const char *const envelope[] = { "type", "item_id", "output_index", "sequence_number", "obfuscation" };

	(void)r;
	if (is_status(e->word))
		tree_set_string(tree_key(&e->d->tree, e->item->node, "status"), e->word);
	if (!span_is(e->word, "partial_image"))
		return;
	for (uint32_t v = json_first(e->j, e->at); v; v = json_next(e->j, e->at, v)) {
		bool skip = false;

		for (size_t i = 0; i < sizeof envelope / sizeof *envelope && !skip; i++)
			skip = json_is(e->j, json_key(v), envelope[i]);
		if (!skip)
			responses_store(e->d, tree_put(&e->d->tree, e->item->node, json_string(e->j, json_key(v))),
			                e->j, v);
	}
}

/* Spoken answers name no item. */
static void sound(struct event *e, const struct rule *r)
{
	struct tree_node *audio = reach(e->d, e->d->tree.root, r->list);

	if (is_delta(e))
		delta_grow(e->d, tree_key(&e->d->tree, audio, r->field), piece(e));
}

/* clang-format off */
static const struct rule rules[] = {
	{ SPAN("output_text"), text, "message", "content", "content_index", "output_text", "text", RESPONSES_TEXT },
	{ SPAN("function_call_arguments"), arguments, "function_call", NULL, NULL, NULL, "arguments", 0 },
	{ SPAN("reasoning_summary_text"), text, "reasoning", "summary", "summary_index", "summary_text", "text", RESPONSES_SUMMARY },
	{ SPAN("reasoning_text"), text, "reasoning", "content", "content_index", "reasoning_text", "text", RESPONSES_REASONING },
	{ SPAN("refusal"), text, "message", "content", "content_index", "refusal", "refusal", RESPONSES_TEXT },
	{ SPAN("output_item"), item, "", NULL, NULL, NULL, NULL, 0 },
	{ SPAN("content_part"), part, "message", "content", "content_index", NULL, NULL, 0 },
	{ SPAN("reasoning_summary_part"), part, "reasoning", "summary", "summary_index", NULL, NULL, 0 },
	{ SPAN("reasoning_part"), part, "reasoning", "content", "content_index", NULL, NULL, 0 },
	{ SPAN("output_text.annotation"), annotation, "message", "content", "content_index", "output_text", "annotations", 0 },
	{ SPAN("output_text_annotation"), annotation, "message", "content", "content_index", "output_text", "annotations", 0 },
	{ SPAN("custom_tool_call_input"), arguments, "custom_tool_call", NULL, NULL, NULL, "input", 0 },
	{ SPAN("mcp_call_arguments"), field, "mcp_call", NULL, NULL, NULL, "arguments", 0 },
	{ SPAN("code_interpreter_call_code"), field, "code_interpreter_call", NULL, NULL, NULL, "code", 0 },
	{ SPAN("apply_patch_call_operation_diff"), field, "apply_patch_call", "operation", NULL, NULL, "diff", 0 },
	{ SPAN("shell_call_command"), command, "shell_call", "action.commands", "command_index", NULL, "command", 0 },
	{ SPAN("shell_call_output_content"), output, "shell_call_output", "output", "command_index", NULL, NULL, 0 },
	{ SPAN("image_generation_call"), image, "image_generation_call", NULL, NULL, NULL, NULL, 0 },
	{ SPAN("audio"), sound, NULL, "audio", NULL, NULL, "data", 0 },
	{ SPAN("audio.transcript"), sound, NULL, "audio", NULL, NULL, "transcript", 0 },
	/* as older servers, and Realtime, call them */
	{ SPAN("text"), text, "message", "content", "content_index", "output_text", "text", RESPONSES_TEXT },
	{ SPAN("reasoning_summary"), text, "reasoning", "summary", "summary_index", "summary_text", "text", RESPONSES_SUMMARY },
	{ SPAN("reasoning"), text, "reasoning", "content", "content_index", "reasoning_text", "text", RESPONSES_REASONING },
};
/* clang-format on */

static unsigned bit_of(const struct rule *r)
{
	return 1u << (r - rules);
}

/* Is its `added` about the part itself, not about something in it? */
static bool announces(const struct rule *r)
{
	return r->apply == part || r->apply == command;
}

static const struct rule *find_rule(struct span name)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (span_same(name, rules[i].name))
			return &rules[i];
	return NULL;
}

/* An event of no rule, about an item whose type its name begins with: web_search_call.searching is
 * its status, and what X_call_code.delta brings belongs into the `code` of an X_call, whatever that
 * is. Others say nothing about the item. */
static void by_type(struct event *e, struct span name)
{
	struct span type = tree_string(tree_get(e->item->node, "type"));
	struct rule r = { .field = NULL };
	char member[64];

	if (!type.n || name.n < type.n || !span_same((struct span){ name.p, type.n }, type))
		return;
	if (name.n == type.n && is_status(e->word))
		tree_set_string(tree_key(&e->d->tree, e->item->node, "status"), e->word);
	if (name.n < type.n + 2 || name.p[type.n] != '_' || name.n - type.n > sizeof member)
		return;
	if (!is_delta(e) && !span_is(e->word, "done"))
		return;
	memcpy(member, name.p + type.n + 1, name.n - type.n - 1);
	member[name.n - type.n - 1] = '\0';
	r.field = member;
	field(e, &r);
}

/* The type of the item that an event of no rule is about, as far as its name tells. */
static bool names_item(struct span name)
{
	static const char *const ends[] = { "_call", "_list_tools" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (name.n > n && span_is((struct span){ name.p + name.n - n, n }, ends[i]))
			return true;
	}
	return false;
}

static bool is_growth(struct span word)
{
	return span_is(word, "delta") || span_is(word, "done") || span_is(word, "added");
}

/* The type of the item that such an event belongs to. */
static struct span type_of_event(const struct event *e, const struct rule *r, struct span name)
{
	if (!r)
		return name;
	if (r->apply == part && json_is(e->j, json_path(e->j, e->at, "part.type"), "reasoning_text"))
		return SPAN("reasoning");
	return span_of(r->type);
}

/* A part that is no text does not tell the item's type. */
static bool tells_type(const struct event *e, const struct rule *r)
{
	return r->apply != part || is_text_part(json_string(e->j, json_path(e->j, e->at, "part.type")));
}

/* The item that comes whole. */
static struct responses_item *whole_item(struct event *e)
{
	struct responses *s = e->d->state;
	uint32_t v = json_get(e->j, e->at, "item");
	bool added = span_is(e->word, "added");
	long index = responses_implied_index(s, added);
	struct responses_item *known = NULL;

	if (json_kind(e->j, v) != JSON_OBJECT)
		return NULL;
	if (!json_long(e->j, json_get(e->j, e->at, "output_index"), &index))
		known = responses_item_called(e->d, json_string(e->j, json_get(e->j, v, "id")));
	if (!known)
		known = responses_find_whole(e->d, index, e->j, v, !added);
	return known ? known : responses_add_item(e->d, index);
}

/* The item that an event is about, made when the event says enough of it. */
static struct responses_item *item_of(struct event *e, const struct rule *r, struct span name)
{
	struct responses *s = e->d->state;
	long index = responses_implied_index(s, false);
	struct responses_item *known = NULL;
	struct span type;

	if (r && r->apply == item)
		return whole_item(e);
	type = type_of_event(e, r, name);
	if (!json_long(e->j, json_get(e->j, e->at, "output_index"), &index))
		known = responses_item_called(e->d, json_string(e->j, json_get(e->j, e->at, "item_id")));
	if (!known)
		known = responses_find(e->d, index, type,
		                       is_delta(e) || (r && span_is(e->word, "added") && announces(r)), e->j, e->at);
	if (known || (!r && !(is_status(e->word) && names_item(name))))
		return known;
	known = make_item(e, type, index);
	if (known)
		known->typed = !r || tells_type(e, r);
	return known;
}

static void dispatch(struct event *e, struct span name)
{
	const struct rule *r = find_rule(name);

	if (r && r->apply != image && !is_growth(e->word))
		r = NULL;
	if (r && !r->type) {
		r->apply(e, r);
		return;
	}
	e->item = item_of(e, r, name);
	if (r && e->item)
		r->apply(e, r);
	else if (e->item)
		by_type(e, name);
}

void responses_item_event(struct delta *d, const struct json *j, uint32_t at, struct span name)
{
	struct event e = { .d = d, .j = j, .at = at };
	size_t dot = name.n;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	e.word = (struct span){ name.p + dot, name.n - dot };
	if (dot == 0)
		return;
	name.n = dot - 1;
	if (is_delta(&e)) {
		delta_ignore(d, j, json_get(j, at, "sequence_number"));
		delta_ignore(d, j, json_get(j, at, "obfuscation"));
	} else {
		follow_never(d);
	}
	dispatch(&e, name);
}
