/* SPDX-License-Identifier: MIT */
/*
 * responses_told: what of a response was said aloud.
 *
 * A Responses stream says each text up to five times: in deltas, and whole in output_text.done,
 * content_part.done, output_item.done and response.completed; some back ends leave out the deltas,
 * or all but the last. Whoever listens hears each part once, from the first that has it.
 */
#include "delta/responses_impl.h"

struct told {
	long item, part;
	enum responses_kind kind;
};

static const struct told *rows(const struct responses *s, size_t *n)
{
	*n = s->told ? s->told->text.len / sizeof(struct told) : 0;
	return s->told ? (const struct told *)(const void *)s->told->text.p : NULL;
}

static bool was_told(const struct responses *s, struct told what)
{
	size_t n;
	const struct told *all = rows(s, &n);

	while (n-- > 0)
		if (all[n].item == what.item && all[n].part == what.part && all[n].kind == what.kind)
			return true;
	return false;
}

static void remember(struct delta *d, struct told what)
{
	struct responses *s = d->state;

	if (!s->told)
		s->told = tree_new(&d->tree);
	if (delta_room(d, sizeof what))
		buf_add(&s->told->text, &what, sizeof what);
}

/* The last reasoning that was said, or NULL. */
static const struct told *last_reasoning(const struct responses *s)
{
	size_t n;
	const struct told *all = rows(s, &n);

	while (n-- > 0)
		if (all[n].kind != RESPONSES_TEXT)
			return &all[n];
	return NULL;
}

/* Summaries stand a blank line apart, and so do items; an item's own words follow one another. An
 * item that sends both is heard in the kind that it began with. */
static void say_reasoning(struct delta *d, struct told what, struct tree_node *to, struct span piece)
{
	const struct told *last = last_reasoning(d->state);
	bool same_item = last && last->item == what.item;

	if (same_item && last->kind != what.kind) {
		delta_grow(d, to, piece);
		return;
	}
	if (piece.n && !was_told(d->state, what)) {
		if (last && !(same_item && what.kind == RESPONSES_REASONING))
			delta_reasoning(d, 0, NULL, SPAN("\\n\\n"));
		remember(d, what);
	}
	delta_reasoning(d, 0, to, piece);
}

void responses_say(struct delta *d, long item, long part, enum responses_kind kind, struct tree_node *to,
                   struct span piece)
{
	struct told what = { item, part, kind };

	if (kind != RESPONSES_TEXT) {
		say_reasoning(d, what, to, piece);
		return;
	}
	if (piece.n && !was_told(d->state, what))
		remember(d, what);
	delta_text(d, 0, to, piece);
}

void responses_say_whole(struct delta *d, long item, long part, enum responses_kind kind, struct span text)
{
	if (text.n && !was_told(d->state, (struct told){ item, part, kind }))
		responses_say(d, item, part, kind, NULL, text);
}

void responses_say_part(struct delta *d, long item, long part, const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "type");
	bool refusal = json_is(j, type, "refusal");
	struct span text = json_string(j, json_get(j, at, refusal ? "refusal" : "text"));

	if (json_is(j, type, "summary_text"))
		responses_say_whole(d, item, part, RESPONSES_SUMMARY, text);
	else if (json_is(j, type, "reasoning_text"))
		responses_say_whole(d, item, part, RESPONSES_REASONING, text);
	else if (refusal || json_is(j, type, "output_text"))
		responses_say_whole(d, item, part, RESPONSES_TEXT, text);
}

static void say_parts(struct delta *d, long item, const struct json *j, uint32_t array)
{
	long part = 0;

	if (json_kind(j, array) != JSON_ARRAY)
		return;
	for (uint32_t p = json_first(j, array); p; p = json_next(j, array, p))
		responses_say_part(d, item, part++, j, p);
}

void responses_say_item(struct delta *d, long item, const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "type");

	if (json_is(j, type, "reasoning"))
		say_parts(d, item, j, json_get(j, at, "summary"));
	if (json_is(j, type, "reasoning") || json_is(j, type, "message"))
		say_parts(d, item, j, json_get(j, at, "content"));
}
