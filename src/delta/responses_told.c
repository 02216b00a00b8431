/* SPDX-License-Identifier: MIT */
/*
 * responses_told: what of a response was said aloud.
 *
 * A Responses stream says each text up to five times: in deltas, and whole in output_text.done,
 * content_part.done, output_item.done and response.completed; some back ends leave out the deltas,
 * or all but the last. Whoever listens hears each part once, from the first that has it.
 */
#include "delta/responses_impl.h"

/* A part that was said. */
struct told {
	size_t voice; /* of its item */
	enum responses_kind kind;
	long key; /* its number and kind */
	struct text_hash printed; /* of a text */
};

static long key_of(long part, enum responses_kind kind)
{
	return part * RESPONSES_KINDS + (long)kind;
}

static bool was_told(struct responses *s, const struct responses_item *item, long part, enum responses_kind kind)
{
	long key = key_of(part, kind);

	if (s->recent && s->recent->voice == item->voice && s->recent->key == key)
		return true;
	s->recent = dict_get(&s->told, item->voice, (struct span){ (const char *)&key, sizeof key });
	return s->recent != NULL;
}

static struct told *remember(struct delta *d, struct responses_item *item, long part, enum responses_kind kind)
{
	struct responses *s = d->state;
	struct told *t;

	if (!delta_room(d, sizeof *t))
		return NULL;
	t = arena_zero(&d->arena, sizeof *t);
	*t = (struct told){ .voice = item->voice, .kind = kind, .key = key_of(part, kind) };
	s->told.arena = &d->arena;
	dict_put(&s->told, t->voice, (struct span){ (const char *)&t->key, sizeof t->key }, t);
	if (item->said[kind]++ == 0 || part > item->furthest[kind])
		item->furthest[kind] = part;
	s->recent = t;
	return t;
}

/* Summaries stand a blank line apart, and so do items; an item's own words follow one another. An
 * item that sends both is heard in the kind that it began with. */
static void say_reasoning(struct delta *d, struct responses_item *item, long part, enum responses_kind kind,
                          struct tree_node *to, struct span piece)
{
	struct responses *s = d->state;
	const struct told *last = s->reasoning;
	bool same_item = last && last->voice == item->voice;

	if (same_item && last->kind != kind) {
		delta_grow(d, to, piece);
		return;
	}
	if (piece.n && !was_told(s, item, part, kind)) {
		if (last && !(same_item && kind == RESPONSES_REASONING))
			delta_reasoning(d, 0, NULL, SPAN("\\n\\n"));
		last = remember(d, item, part, kind);
		s->reasoning = last ? last : s->reasoning;
	}
	delta_reasoning(d, 0, to, piece);
}

void responses_say(struct delta *d, struct responses_item *item, long part, enum responses_kind kind,
                   struct tree_node *to, struct span piece)
{
	struct responses *s = d->state;

	if (kind != RESPONSES_TEXT) {
		say_reasoning(d, item, part, kind, to, piece);
		return;
	}
	if (piece.n && !was_told(d->state, item, part, kind))
		remember(d, item, part, kind);
	if (d->printed && piece.n)
		d->printed = s->recent ? &s->recent->printed : &d->printed_text;
	delta_text(d, 0, to, piece);
}

void responses_say_whole(struct delta *d, struct responses_item *item, long part, enum responses_kind kind,
                         struct span text)
{
	struct responses *s = d->state;

	if (text.n && !was_told(s, item, part, kind))
		responses_say(d, item, part, kind, NULL, text);
	else if (text.n && kind == RESPONSES_TEXT && !s->repeated)
		delta_text_whole(d, &s->recent->printed, text);
}

enum responses_kind responses_kind(const struct json *j, uint32_t part, enum responses_kind usual)
{
	uint32_t type = json_get(j, part, "type");

	if (json_is(j, type, "summary_text"))
		return RESPONSES_SUMMARY;
	if (json_is(j, type, "reasoning_text"))
		return RESPONSES_REASONING;
	return json_is(j, type, "output_text") || json_is(j, type, "refusal") ? RESPONSES_TEXT : usual;
}

/* What a part has to say, empty if it has nothing. */
static struct span part_text(const struct json *j, uint32_t part)
{
	struct span text = json_string(j, json_get(j, part, "text"));

	return text.n ? text : json_string(j, json_get(j, part, "refusal"));
}

void responses_say_part(struct delta *d, struct responses_item *item, long part, enum responses_kind usual,
                        const struct json *j, uint32_t at)
{
	struct span text = part_text(j, at);

	if (text.n)
		responses_say_whole(d, item, part, responses_kind(j, at, usual), text);
}

/* The parts of an item that came whole. If the stream numbered them otherwise (from 1, or with a part
 * that is not there any more), those that were said are the first ones. */
static void say_parts(struct delta *d, struct responses_item *item, enum responses_kind usual, const struct json *j,
                      uint32_t array)
{
	long part = 0, n = json_kind(j, array) == JSON_ARRAY ? (long)json_count(j, array) : 0;
	size_t skip[RESPONSES_KINDS];

	for (int k = 0; k < RESPONSES_KINDS; k++)
		skip[k] = item->said[k] && item->furthest[k] >= n ? item->said[k] : 0;
	for (uint32_t p = n ? json_first(j, array) : 0; p; p = json_next(j, array, p), part++) {
		enum responses_kind kind = responses_kind(j, p, usual);
		struct span text = part_text(j, p);

		if (text.n && skip[kind])
			skip[kind]--;
		else if (text.n)
			responses_say_whole(d, item, part, kind, text);
	}
}

void responses_say_item(struct delta *d, struct responses_item *item, const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "type");
	bool reasoning = json_is(j, type, "reasoning");

	if (reasoning)
		say_parts(d, item, RESPONSES_SUMMARY, j, json_get(j, at, "summary"));
	if (reasoning || json_is(j, type, "message"))
		say_parts(d, item, reasoning ? RESPONSES_REASONING : RESPONSES_TEXT, j, json_get(j, at, "content"));
}
