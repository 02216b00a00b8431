/* SPDX-License-Identifier: MIT */
/* follow: a chunk that differs from the one before only in its text. See follow.h. */
#include "delta/follow.h"

#include <string.h>

#include "base/simd.h"
#include "delta/delta_impl.h"
#include "json/json.h"
#include "json/write.h"

/* What fills a hole. */
struct token {
	struct span text;
	bool spaced; /* there is white space in it */
};

void follow_never(struct delta *d)
{
	d->follow.recording = d->follow.valid = false; /* also while a line is followed: a piece may begin a second call */
}

/* Those whose making ends a pattern. */
static size_t nodes(const struct delta *d)
{
	return d->tree.made - (d->format->again ? d->tree.put : 0);
}

void follow_begin(struct delta *d, struct span line)
{
	struct follow *f = &d->follow;

	f->valid = false;
	f->recording = d->format->follows && !d->ended && d->held.len == 0;
	f->source = line;
	f->nholes = 0;
	f->nodes = nodes(d);
}

void follow_again(struct delta *d)
{
	d->follow.nodes++;
}

void follow_note(struct delta *d, struct follow_hole hole, struct span token)
{
	struct follow *f = &d->follow;
	unsigned at;

	if (!f->recording)
		return;
	if (f->nholes == FOLLOW_HOLES || !token.p || token.p < f->source.p ||
	    token.p + token.n > f->source.p + f->source.n) { /* not a piece of this line */
		f->recording = false;
		return;
	}
	hole.start = (size_t)(token.p - f->source.p);
	hole.length = token.n;
	for (at = f->nholes; at > 0 && f->holes[at - 1].start > hole.start; at--)
		f->holes[at] = f->holes[at - 1];
	if (at > 0 && f->holes[at - 1].start + f->holes[at - 1].length >= hole.start)
		f->recording = false; /* the same token went to two places */
	f->holes[at] = hole;
	for (unsigned i = 0; i < f->nholes; i++)
		f->order[i] += f->order[i] >= at;
	f->order[f->nholes++] = at;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Copies the line without the white space among the brackets at its end. */
static void copy_line(struct follow *f)
{
	struct span line = f->source;
	size_t body = line.n, done = 0;

	for (unsigned i = 0; i < f->nholes; i++) {
		f->holes[i].before = f->holes[i].start - done;
		done = f->holes[i].start + f->holes[i].length;
	}
	while (body > done && (is_space(line.p[body - 1]) || strchr("]}", line.p[body - 1])))
		body--;
	f->rest = body - done;
	buf_reset(&f->line);
	buf_add(&f->line, line.p, body);
	for (size_t i = body; i < line.n; i++)
		if (!is_space(line.p[i]))
			buf_addc(&f->line, line.p[i]);
	buf_addc(&f->line, '\n');
	f->closing = f->line.len - body;
}

bool follow_may(const struct delta *d)
{
	const struct follow *f = &d->follow;

	return f->recording && f->nholes > 0 && !d->ended && nodes(d) == f->nodes;
}

void follow_end(struct delta *d)
{
	struct follow *f = &d->follow;

	f->valid = follow_may(d);
	f->recording = false;
	if (f->valid)
		copy_line(f);
}

void follow_other(struct delta *d)
{
	d->follow.kept = d->follow.valid;
	d->follow.valid = false;
}

void follow_nothing(struct delta *d)
{
	d->follow.valid = d->follow.kept;
}

static void set(struct tree_node *to, const struct token *t)
{
	if (!t->spaced) {
		tree_set_text(to, t->text);
		return;
	}
	tree_set_text(to, SPAN(""));
	json_squeeze(&to->text, t->text);
}

static void effect(struct delta *d, const struct follow_hole *h, const struct token *t)
{
	switch (h->effect) {
	case FOLLOW_TEXT:
		delta_text(d, h->choice, h->to, t->text);
		break;
	case FOLLOW_REASONING:
		delta_reasoning(d, h->choice, h->to, t->text);
		break;
	case FOLLOW_REFUSAL:
		delta_refusal(d, h->choice, h->to, t->text);
		break;
	case FOLLOW_GROW:
		delta_grow(d, h->to, t->text);
		break;
	case FOLLOW_PIECE:
		delta_call_piece(d, h->call, t->text);
		break;
	case FOLLOW_SET:
	case FOLLOW_NOTHING:
		break;
	}
}

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool is_first(char c, enum follow_kind kind)
{
	return kind == FOLLOW_NUMBER ? c == '-' || is_digit(c) : c == '{';
}

/* The length of the object at p when it differs from the last one, of n bytes at `same`, in the digits
 * of numbers alone, as usage does; 0 when it may differ otherwise. Digits after a colon or a space that
 * others stood for are a number still, or within a string: the rest is as valid as it was. */
static size_t other_digits(const char *p, size_t room, const char *same, size_t n)
{
	size_t i = 0, k = 0; /* in the object at p, in the last one */

	for (;;) {
		size_t most = room - i < n - k ? room - i : n - k, equal = simd_common(p + i, same + k, most), from;

		i += equal;
		k += equal;
		if (k == n)
			return i;
		if (i == room || k < 2 || !(is_digit(p[i]) || is_digit(same[k])))
			return 0;
		for (from = i; from > 0 && is_digit(p[from - 1]);)
			from--;
		k -= i - from;
		if (k == 0 || (same[k - 1] != ':' && same[k - 1] != ' ') || !is_digit(same[k]) || !is_digit(p[from]) ||
		    (p[from] == '0' && from + 1 < room && is_digit(p[from + 1])))
			return 0;
		for (i = from; i < room && is_digit(p[i]);)
			i++;
		for (; is_digit(same[k]);) /* a bracket is behind it */
			k++;
	}
}

static bool is_empty(struct span object)
{
	return object.p[1 + strspn(object.p + 1, " \t\r\n")] == '}';
}

static bool fill_string(const struct follow_hole *h, const char *p, size_t room, struct token *t)
{
	bool escaped = false; /* nobody asks */
	size_t n;

	if (room >= SIMD_WIDTH && (n = simd_string_stop(p)) < SIMD_WIDTH && p[n] == '"')
		t->text.n = n; /* most are short, with nothing to look into */
	else if (!json_string_at(p, room, &t->text.n, &escaped))
		return false;
	return (t->text.n == 0) == (h->length == 0) || h->effect == FOLLOW_PIECE || h->effect == FOLLOW_NOTHING;
}

/* The length of the number at p when it is one of plain digits, else 0. */
static size_t plain_number(const char *p, size_t room)
{
	size_t n = 0;

	while (n < room && is_digit(p[n]))
		n++;
	return n < room && *p != '0' && (p[n] == ',' || p[n] == '}') ? n : 0;
}

/* Fills the hole with what stands at p; false when that is nothing of its kind. */
static inline bool fill(const struct follow_hole *h, const char *p, const char *end, const char *same, struct token *t)
{
	size_t room = (size_t)(end - p);
	bool cut;

	t->text.p = p;
	t->spaced = false;
	if (h->kind == FOLLOW_STRING)
		return fill_string(h, p, room, t);
	t->text.n = h->kind == FOLLOW_NUMBER ? plain_number(p, room) : other_digits(p, room, same, h->length);
	if (t->text.n) {
		t->spaced = h->spaced;
		return true;
	}
	if (p == end || !is_first(*p, h->kind) || json_check_spaced(p, room, &t->text.n, &cut, &t->spaced))
		return false;
	return h->kind == FOLLOW_NUMBER || !is_empty(t->text);
}

static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	if (n < SIMD_WIDTH)
		return span_equal(a, b, n);
	for (size_t i = 0; i < n - SIMD_WIDTH; i += SIMD_WIDTH)
		if (simd_differ(a + i, b + i) < SIMD_WIDTH)
			return false;
	return simd_differ(a + n - SIMD_WIDTH, b + n - SIMD_WIDTH) == SIMD_WIDTH;
}

/* The byte after white space that is mostly a few blanks. */
static inline const char *skip_space(const char *p, const char *end)
{
	if (end - p >= SIMD_WIDTH)
		p += simd_differ(p, "                ");
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* The brackets at the end, with white space between them. */
static const char *close_up(const struct follow *f, const char *p, const char *end, const char *same)
{
	for (size_t n = f->closing - 1; n > 0; n--, p++) {
		p = skip_space(p, end);
		if (p == end || *p != *same++)
			return NULL;
	}
	return skip_space(p, end);
}

/* Compares the line at p with the last one. NULL, or its end, of which `end` may be far behind: the
 * white space that may stand there is passed, save for a line feed. */
static inline const char *match(const struct follow *f, const char *p, const char *end, struct token *tokens)
{
	const char *same = f->line.p;

	for (unsigned i = 0; i < f->nholes; i++) {
		const struct follow_hole *h = &f->holes[i];

		if ((size_t)(end - p) < h->before || !same_bytes(p, same, h->before))
			return NULL;
		p += h->before;
		same += h->before;
		if (!fill(h, p, end, same, &tokens[i]))
			return NULL;
		p += tokens[i].text.n;
		same += h->length;
	}
	if ((size_t)(end - p) < f->rest || !same_bytes(p, same, f->rest))
		return NULL;
	p += f->rest;
	same += f->rest;
	if ((size_t)(end - p) >= f->closing && span_equal(p, same, f->closing)) /* nearly always */
		return p + f->closing - 1;
	return close_up(f, p, end, same);
}

/* What the line does; but values that each line sets anew are left to set_values, for the last one. */
static inline void apply(struct delta *d, const struct token *tokens)
{
	const struct follow *f = &d->follow;

	for (unsigned i = 0; i < f->nholes; i++)
		effect(d, &f->holes[f->order[i]], &tokens[f->order[i]]);
}

static void set_values(const struct follow *f, const struct token *tokens)
{
	for (unsigned i = 0; i < f->nholes; i++)
		if (f->holes[f->order[i]].effect == FOLLOW_SET)
			set(f->holes[f->order[i]].to, &tokens[f->order[i]]);
}

bool follow_line(struct delta *d, struct span line)
{
	struct token tokens[FOLLOW_HOLES];

	if (!d->follow.valid || match(&d->follow, line.p, line.p + line.n, tokens) != line.p + line.n)
		return false;
	apply(d, tokens);
	set_values(&d->follow, tokens);
	return true;
}

/* Only white space in an object could have a line feed in it: half of a line is no line. */
static bool one_line(const struct token *tokens, unsigned n)
{
	while (n-- > 0)
		if (tokens[n].spaced && memchr(tokens[n].text.p, '\n', tokens[n].text.n))
			return false;
	return true;
}

size_t delta_ahead(struct delta *d, struct span window, unsigned long *number)
{
	const struct follow *f = &d->follow;
	const char *p = window.p, *end = p + window.n, *stop;
	struct token two[2][FOLLOW_HOLES], *tokens = two[0]; /* of this line; the others are of the one before */

	while (f->valid && (stop = match(f, p, end, tokens)) != NULL && stop < end && *stop == '\n' &&
	       !(d->max && (size_t)(stop - p) > d->max) && one_line(tokens, f->nholes)) {
		apply(d, tokens);
		tokens = tokens == two[0] ? two[1] : two[0];
		p = stop + 1;
		++*number;
		d->number++;
	}
	if (p > window.p)
		set_values(f, tokens == two[0] ? two[1] : two[0]);
	return (size_t)(p - window.p);
}
