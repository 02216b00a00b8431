/* SPDX-License-Identifier: MIT */
/*
 * grow: what formats say while they merge: texts that grow, tool calls, members where the last
 * value wins. Each goes to the sink as it happens, and into the native object if somebody wants
 * that. See delta_impl.h.
 */
#include <string.h>

#include "delta/delta_impl.h"

void delta_overflow(struct delta *d)
{
	if (!d->overflow)
		delta_report(d, ST_INPUT, "message of more than --max-size; its rest is dropped");
	d->overflow = true;
}

/* Notes what becomes of a token, while there is something to note: a line that is followed is not
 * noted again, and to put a hole together costs more than what is done with its text. */
#define note(d, ...)                                                                                                   \
	do {                                                                                                           \
		if ((d)->follow.recording)                                                                             \
			follow_note(d, __VA_ARGS__);                                                                   \
	} while (0)

bool delta_room(struct delta *d, size_t n)
{
	d->grown += n;
	if (!d->max || d->grown <= d->max)
		return true;
	delta_overflow(d);
	return false;
}

static inline void keep(struct delta *d, struct tree_node *to, struct span piece)
{
	if (!d->whole || !to || !piece.p || !delta_room(d, piece.n))
		return;
	if (to->kind == TREE_STRING)
		buf_add(&to->text, piece.p, piece.n);
	else
		tree_append(to, piece);
}

void delta_grow(struct delta *d, struct tree_node *to, struct span piece)
{
	note(d, (struct follow_hole){ .effect = FOLLOW_GROW, .to = to }, piece);
	keep(d, to, piece);
}

void delta_ignore(struct delta *d, const struct json *j, uint32_t node)
{
	bool number = json_kind(j, node) == JSON_NUMBER;

	if (number || json_kind(j, node) == JSON_STRING)
		note(d,
			    (struct follow_hole){ .effect = FOLLOW_NOTHING,
						  .kind = number ? FOLLOW_NUMBER : FOLLOW_STRING },
			    number ? json_text(j, node) : json_string(j, node));
}

void delta_set(struct delta *d, struct tree_node *to, const struct json *j, uint32_t value)
{
	if (json_kind(j, value) == JSON_OBJECT && json_first(j, value))
		note(d,
		     (struct follow_hole){ .effect = to ? FOLLOW_SET : FOLLOW_NOTHING,
		                           .kind = FOLLOW_OBJECT,
		                           .spaced = j->spaced,
		                           .to = to },
		     json_text(j, value));
	if (to)
		tree_set(to, j, value);
}

void delta_text(struct delta *d, unsigned choice, struct tree_node *to, struct span piece)
{
	note(d, (struct follow_hole){ .effect = FOLLOW_TEXT, .choice = choice, .to = to }, piece);
	keep(d, to, piece);
	if (!piece.n || !d->sink->text)
		return;
	d->sink->text(d->sink->ctx, choice, piece);
	if (d->printed && choice == 0)
		text_hash_add(d->printed, piece);
}

void delta_text_whole(struct delta *d, const struct text_hash *printed, struct span text)
{
	struct text_hash whole = { 0 };

	if (d->whole || !d->sink->text || d->replaced)
		return;
	text_hash_add(&whole, text);
	if (text_hash_same(printed, &whole))
		return;
	d->replaced = true;
	delta_report(d, ST_OK, "text was replaced after it was printed");
}

void delta_reasoning(struct delta *d, unsigned choice, struct tree_node *to, struct span piece)
{
	note(d, (struct follow_hole){ .effect = FOLLOW_REASONING, .choice = choice, .to = to }, piece);
	keep(d, to, piece);
	if (piece.n && d->sink->reasoning)
		d->sink->reasoning(d->sink->ctx, choice, piece);
}

void delta_refusal(struct delta *d, unsigned choice, struct tree_node *to, struct span piece)
{
	note(d, (struct follow_hole){ .effect = FOLLOW_REFUSAL, .choice = choice, .to = to }, piece);
	if (!d->whole && !delta_room(d, piece.n)) /* -t keeps it until the text is there */
		return;
	keep(d, to, piece);
	if (piece.n && d->sink->refusal)
		d->sink->refusal(d->sink->ctx, choice, piece);
}

void delta_list(struct delta *d, struct tree_node *to, const struct json *j, uint32_t element)
{
	follow_never(d);
	if (d->whole && delta_room(d, json_text(j, element).n))
		tree_list_add(to, j, element);
}

void delta_list_all(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	if (json_kind(j, array) != JSON_ARRAY)
		return;
	if (tree_is_null(to))
		tree_set_text(to, SPAN("[]"));
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e))
		delta_list(d, to, j, e);
}

/* The elements of a list as text, without its brackets. */
static struct span inside(const struct tree_node *list)
{
	struct span s = buf_span(&list->text);

	return list->kind == TREE_RAW && s.n >= 2 ? (struct span){ s.p + 1, s.n - 2 } : s;
}

void delta_extend(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	struct buf text = BUF_INIT;
	struct span have = inside(to);

	if (!d->whole)
		return;
	json_compact(&text, j, array);
	if (text.len - 2 >= have.n && memcmp(text.p + 1, have.p, have.n) == 0 &&
	    (have.n == 0 || strchr(",]", text.p[1 + have.n]))) {
		if (delta_room(d, text.len - have.n))
			tree_set_text(to, buf_span(&text));
	} else {
		delta_list_all(d, to, j, array);
	}
	buf_release(&text);
}

/* The calls of a choice. */
struct choice_calls {
	struct delta_call *waiting; /* those before it are done; NULL: all are */
	struct delta_call *last;
	struct delta_call *latest; /* delta_call_latest */
};

static struct choice_calls *calls_of(struct delta *d, unsigned choice)
{
	struct choice_calls *of = dict_get(&d->by_choice, choice, SPAN(""));

	if (!of) {
		of = arena_zero(&d->arena, sizeof *of);
		dict_put(&d->by_choice, choice, SPAN(""), of);
	}
	return of;
}

struct delta_call *delta_call_alone(struct delta *d, unsigned choice)
{
	struct delta_call *c = arena_zero(&d->arena, sizeof *c);
	struct choice_calls *of = calls_of(d, choice);

	follow_never(d);
	c->choice = choice;
	c->number = d->lastcall ? d->lastcall->number + 1 : 0;
	if (d->lastcall)
		d->lastcall->next = c;
	else
		d->calls = c;
	d->lastcall = c;
	if (of->last)
		of->last->next_of_choice = c;
	of->last = c;
	if (!of->waiting)
		of->waiting = c;
	return c;
}

struct delta_call *delta_call_new(struct delta *d, unsigned choice)
{
	struct delta_call *c = delta_call_alone(d, choice);

	calls_of(d, choice)->latest = c;
	return c;
}

static struct span bytes_of(const long *index)
{
	return (struct span){ (const char *)index, sizeof *index };
}

void delta_call_index(struct delta *d, struct delta_call *c, long index)
{
	c->index = index;
	dict_put(&d->by_index, c->choice, bytes_of(&c->index), c);
}

void delta_call_known(struct delta *d, struct delta_call *c)
{
	struct span id = tree_string(c->id);
	const struct delta_call *had = dict_get(&d->by_id, c->choice, id);

	if (id.n && (!had || had->number < c->number))
		dict_put(&d->by_id, c->choice, id, c);
}

void delta_call_also_at(struct delta *d, struct delta_call *c, long index)
{
	dict_put(&d->by_index, c->choice, arena_copy(&d->arena, bytes_of(&index)), c);
}

void delta_call_also_called(struct delta *d, struct delta_call *c, struct span id)
{
	dict_put(&d->by_id, c->choice, arena_copy(&d->arena, id), c);
}

struct delta_call *delta_call_at(const struct delta *d, unsigned choice, long index)
{
	struct delta_call *c = dict_get(&d->by_index, choice, bytes_of(&index));

	return c && !c->replaced ? c : NULL;
}

struct delta_call *delta_call_called(const struct delta *d, unsigned choice, struct span id)
{
	return id.n ? dict_get(&d->by_id, choice, id) : NULL;
}

struct delta_call *delta_call_latest(const struct delta *d, unsigned choice)
{
	const struct choice_calls *of = dict_get(&d->by_choice, choice, SPAN(""));

	return of ? of->latest : NULL;
}

void delta_calls_reset(struct delta *d)
{
	d->calls = d->lastcall = d->holding = NULL;
	dict_reset(&d->by_index);
	dict_reset(&d->by_id);
	dict_reset(&d->by_choice);
}

/* The arguments in escaped form; those that are a value are written to `value`. */
static struct span arguments_of(const struct delta_call *c, struct buf *value)
{
	struct span text = c->arguments ? tree_string(c->arguments) : SPAN_NONE;

	if (c->arguments && !text.p && !tree_is_null(c->arguments)) {
		struct buf json = BUF_INIT;

		tree_write(&json, c->arguments);
		json_escape(value, buf_span(&json));
		buf_release(&json);
		return buf_span(value);
	}
	return text.n ? text : SPAN("");
}

void delta_call_tell(struct delta *d, struct delta_call *c, enum delta_call_event event, struct span piece)
{
	struct buf id = BUF_INIT, value = BUF_INIT;
	struct delta_call_view view = { .number = c->number, .choice = c->choice, .text = c->text, .piece = piece };

	c->told = c->told || event == DELTA_CALL_ARGUMENTS;
	if (event == DELTA_CALL_OPEN)
		arguments_other(d, c);
	if (c->hidden || !d->sink->call)
		return;
	if (c->id)
		tree_write(&id, c->id);
	view.source = d->source.len ? buf_span(&d->source) : SPAN_NONE;
	view.id = c->id ? buf_span(&id) : SPAN("null");
	view.name = c->name ? tree_string(c->name) : SPAN_NONE;
	view.arguments = arguments_of(c, &value);
	if (view.arguments.n == 0 && !c->text && (event == DELTA_CALL_DONE || !piece.p))
		view.arguments = SPAN("{}");
	if (!piece.p && event == DELTA_CALL_ARGUMENTS)
		view.piece = view.arguments;
	d->sink->call(d->sink->ctx, event, &view);
	buf_release(&id);
	buf_release(&value);
}

static void open_call(struct delta *d, struct delta_call *c)
{
	if (!c->opened)
		delta_call_tell(d, c, DELTA_CALL_OPEN, SPAN_NONE);
	c->opened = true;
}

void delta_call_piece(struct delta *d, struct delta_call *c, struct span piece)
{
	if (!piece.p)
		return;
	note(d, (struct follow_hole){ .effect = FOLLOW_PIECE, .call = c }, piece);
	while (c->twin)
		c = c->twin;
	open_call(d, c);
	if ((d->whole || (d->wants & DELTA_WANT_CALLS)) && c->arguments)
		arguments_add(d, c, piece);
	else if (piece.n)
		delta_call_tell(d, c, DELTA_CALL_ARGUMENTS, piece);
}

bool delta_call_room(struct delta *d, size_t n)
{
	return (d->whole || (d->wants & DELTA_WANT_CALLS)) && delta_room(d, n);
}

void delta_call_value(struct delta *d, struct delta_call *c, const struct json *j, uint32_t value)
{
	struct buf compact = BUF_INIT, text = BUF_INIT;

	follow_never(d);
	json_compact(&compact, j, value);
	json_escape(&text, buf_span(&compact));
	open_call(d, c);
	if ((d->whole || (d->wants & DELTA_WANT_CALLS)) && delta_room(d, compact.len))
		tree_set(c->arguments, j, value);
	arguments_replaced(c);
	delta_call_tell(d, c, DELTA_CALL_ARGUMENTS, buf_span(&text));
	buf_release(&compact);
	buf_release(&text);
}

void delta_call_done(struct delta *d, struct delta_call *c)
{
	follow_never(d);
	if (c->done)
		return;
	open_call(d, c);
	arguments_end(d, c);
	delta_call_tell(d, c, DELTA_CALL_DONE, SPAN_NONE);
	c->done = true;
}

/* It has no arguments, or those of a custom tool, of which the end cannot be seen. */
static bool may_be_empty(const struct delta_call *c)
{
	return c->text || !c->arguments || !tree_string(c->arguments).n;
}

void delta_calls_done(struct delta *d, unsigned choice, size_t known)
{
	struct choice_calls *of = dict_get(&d->by_choice, choice, SPAN(""));
	struct delta_call *c;

	follow_never(d);
	for (; of && (c = of->waiting) != NULL; of->waiting = c->next_of_choice) {
		if (!c->done && !delta_call_whole(c) && !(may_be_empty(c) && c->number < known))
			return;
		delta_call_done(d, c);
	}
}

void delta_call_detach(struct delta *d, struct delta_call *c)
{
	c->arguments = tree_new(&d->tree);
	arguments_replaced(c);
	d->detached = true;
}

void delta_call_close(struct delta *d, struct delta_call *c, struct tree_node *to)
{
	struct span escaped = c->arguments ? tree_string(c->arguments) : SPAN_NONE;
	struct buf text = BUF_INIT;
	struct json j = JSON_INIT;

	follow_never(d);
	if (escaped.n == 0)
		return;
	json_unescape(&text, escaped);
	if (json_parse(&j, text.p, text.len) == 0) {
		arguments_parsed(c, escaped.n);
		tree_set(to, &j, JSON_ROOT);
	} else if (to != c->arguments) { /* otherwise it already holds them */
		tree_set_string(to, escaped);
	}
	json_release(&j);
	buf_release(&text);
}

struct span delta_key_decoded(struct delta *d, const struct json *j, uint32_t key)
{
	buf_reset(&d->key);
	json_unescape(&d->key, json_string(j, key));
	return buf_span(&d->key);
}

void delta_last(struct delta *d, struct tree_node *object, const struct json *j, uint32_t value)
{
	struct tree_node *to = tree_put(&d->tree, object, json_string(j, json_key(value)));

	if (json_kind(j, value) != JSON_NULL)
		tree_set(to, j, value);
}

void delta_last_all(struct delta *d, struct tree_node *object, const struct json *j, uint32_t from)
{
	if (json_kind(j, from) != JSON_OBJECT)
		return;
	tree_become_object(object);
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v))
		delta_last(d, object, j, v);
}

void delta_deep(struct delta *d, struct tree_node *object, const struct json *j, uint32_t from)
{
	tree_become_object(object);
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		struct tree_node *to = tree_put(&d->tree, object, json_string(j, json_key(v)));

		if (json_kind(j, v) == JSON_OBJECT && !tree_is_null(to)) {
			tree_open(&d->tree, to);
			if (to->kind == TREE_OBJECT) {
				delta_deep(d, to, j, v);
				continue;
			}
		}
		if (json_kind(j, v) != JSON_NULL)
			tree_set(to, j, v);
	}
}
