/* SPDX-License-Identifier: MIT */
/* like: is a text the one before, with other words in it? See like.h. */
#include "json/like.h"

#include <string.h>

#include "base/simd.h"

/* What is longer is seldom followed by its like, and would be kept for nothing. */
enum { LONGEST = 64 * 1024 };

/* After so many texts of one shape a new difference means another stream, whose own text is the
 * better shape: fewer holes. */
enum { SETTLED = 8 };

/* A few texts of another kind among many that are alike, as where a stream ends and the next begins,
 * are not worth learning; more than these in a row may be the first of many. */
enum { FEW = 2 };

/* A text that is compared: how far, in the shape and in the text. */
struct place {
	const char *text, *end;
	size_t shape;
};

/* The token that fills the hole stands at p->text, behind the quote of a string. */
static bool fill(const struct json_node *hole, struct place *p)
{
	size_t n = (size_t)(p->end - p->text), length;
	bool cut;

	if (hole->kind == JSON_STRING) {
		if (!json_string_at(p->text, n, &length))
			return false;
	} else if (n == 0 || (*p->text != '-' && (*p->text < '0' || *p->text > '9')) ||
	           json_check_prefix(p->text, n, &length, &cut)) {
		return false;
	}
	p->text += length;
	p->shape = hole->start + hole->length;
	return true;
}

/* The string or number of the shape that holds its byte `at`, or ends before it; 0: none does. Not a
 * key: where keys differ, what follows will. */
static uint32_t token_at(const struct json *tape, size_t at)
{
	uint32_t low = JSON_ROOT, high = tape->used;
	size_t end;

	while (high - low > 1) { /* tape[low] begins at or before `at`, tape[high] after it */
		uint32_t middle = low + (high - low) / 2;

		if (tape->tape[middle].start <= at)
			low = middle;
		else
			high = middle;
	}
	end = (size_t)tape->tape[low].start + tape->tape[low].length;
	if (at < tape->tape[low].start || at > end ||
	    (tape->tape[low].kind != JSON_STRING && tape->tape[low].kind != JSON_NUMBER))
		return 0;
	return tape->text[end] == '"' && tape->text[end + 1] == ':' ? 0 : low;
}

/* The text differs from the shape between p and the hole at place k: finds the token in which it
 * does, and makes a hole of it there. */
static bool add_hole(struct json_shape *s, unsigned k, const struct place *p)
{
	size_t left = (size_t)(p->end - p->text), rest = s->text.len - p->shape;
	uint32_t token;

	if (s->nholes == JSON_HOLES || s->served > SETTLED)
		return false;
	token = token_at(&s->tape, p->shape + simd_common(p->text, s->text.p + p->shape, left < rest ? left : rest));
	if (!token || s->tape.tape[token].start < p->shape || (k > 0 && s->holes[k - 1] == token))
		return false;
	memmove(s->holes + k + 1, s->holes + k, (s->nholes - k) * sizeof *s->holes);
	s->holes[k] = token;
	s->nholes++;
	return true;
}

/* Length of the text that has this shape, or 0; adds holes where it must. */
static size_t compare(struct json_shape *s, const char *text, size_t n)
{
	struct place p = { text, text + n, 0 };

	for (unsigned k = 0;; k++) {
		const struct json_node *hole = k < s->nholes ? &s->tape.tape[s->holes[k]] : NULL;
		size_t same = (hole ? hole->start : s->text.len) - p.shape;

		if ((size_t)(p.end - p.text) < same || memcmp(p.text, s->text.p + p.shape, same) != 0) {
			if (!add_hole(s, k, &p))
				return 0;
			hole = &s->tape.tape[s->holes[k]];
			same = hole->start - p.shape;
		}
		p.text += same;
		if (!hole)
			return (size_t)(p.text - text);
		if (!fill(hole, &p))
			return 0;
	}
}

/* A text that does not have the shape must not leave holes in it. */
static size_t compare_or_restore(struct json_shape *s, const char *text, size_t n)
{
	unsigned nholes = s->nholes;
	uint32_t holes[JSON_HOLES];
	size_t length;

	if (!s->text.len)
		return 0;
	memcpy(holes, s->holes, sizeof holes);
	length = compare(s, text, n);
	if (length) {
		s->served++;
	} else if (s->nholes != nholes) {
		memcpy(s->holes, holes, sizeof holes);
		s->nholes = nholes;
	}
	return length;
}

static void swap(struct json_like *l)
{
	struct json_shape s = l->shapes[0];

	l->shapes[0] = l->shapes[1];
	l->shapes[1] = s;
}

/* A stream without repetition must pay neither for learning each of its texts nor for asking. */
static bool worth_while(const struct json_like *l)
{
	return l->misses < 16 || l->misses % 32 == 0;
}

const struct json_shape *json_like(struct json_like *l, const char *p, size_t n, size_t *length)
{
	if (!worth_while(l))
		return NULL;
	*length = compare_or_restore(&l->shapes[0], p, n);
	if (!*length) {
		*length = compare_or_restore(&l->shapes[1], p, n);
		if (!*length)
			return NULL;
		swap(l);
	}
	l->misses = 0;
	return &l->shapes[0];
}

/* False: it is no JSON. */
static bool learn(struct json_like *l, const char *text, size_t n)
{
	struct json_shape *s = &l->shapes[0];

	swap(l);
	s->nholes = s->served = 0;
	s->folded = memchr(text, '\n', n) || memchr(text, '\r', n);
	buf_reset(&s->text);
	buf_add(&s->text, text, n);
	if (json_parse(&s->tape, buf_str(&s->text), n) == 0)
		return true;
	buf_reset(&s->text);
	return false;
}

const char *json_like_check(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut)
{
	bool worth = l->misses >= FEW && n <= LONGEST && worth_while(l);

	l->misses++;
	if (worth && learn(l, text, n))
		return NULL;
	return json_check(text, n, at, cut);
}

void json_like_release(struct json_like *l)
{
	for (int i = 0; i < 2; i++) {
		buf_release(&l->shapes[i].text);
		json_release(&l->shapes[i].tape);
	}
}
