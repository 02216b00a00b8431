/* SPDX-License-Identifier: MIT */
/* like: is a text one that came before, with other words in it? See like.h. */
#include "json/like.h"

#include <string.h>

#include "base/simd.h"

/* What is longer is seldom followed by its like, and would be kept for nothing. */
enum { LONGEST = 16 * 1024 };

/* What differs for the first time after so many texts of one shape is the same for many more, as the id
 * of a stream is. */
enum { SETTLED = 8 };

/* Without an expectation, only what begins the same is compared: that much of it. */
enum { ALIKE = 2 * SIMD_WIDTH };

static bool is_digit(const char *p, const char *end)
{
	return p < end && (unsigned char)(*p - '0') < 10;
}

/* Length of the number at p, or 0; most are plain digits. */
static size_t number_at(const char *p, const char *end)
{
	const char *q = p;
	size_t length;
	bool cut;

	while (is_digit(q, end))
		q++;
	if (q > p && q < end && *p != '0' && *q != '.' && (*q | 0x20) != 'e')
		return (size_t)(q - p);
	if (!is_digit(p, end) && (p == end || *p != '-'))
		return 0;
	return json_check_prefix(p, (size_t)(end - p), &length, &cut) ? 0 : length;
}

/* Length of the inside of the string that begins at p; false: it is none. Most are words. */
static bool string_at(const char *p, const char *end, size_t *length)
{
	size_t stop = 0;

	if (end - p > SIMD_WIDTH) {
		stop = simd_string_stop(p);
		*length = stop;
		if (p[stop] == '"')
			return true;
	}
	if (!json_string_at(p + stop, (size_t)(end - p) - stop, length))
		return false;
	*length += stop;
	return true;
}

/* A text that is compared: how far, in the text and in the shape. */
struct place {
	const char *text, *end;
	size_t shape;
};

/* Up to byte `to` of the shape the text is the same. */
static bool pass(const struct json_shape *s, struct place *p, size_t to)
{
	size_t n = to - p->shape;

	if ((size_t)(p->end - p->text) < n || memcmp(p->text, s->text.p + p->shape, n) != 0)
		return false;
	p->text += n;
	p->shape = to;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What fits the hole stands in the text, where the hole begins. */
static bool fill(const struct json_hole *hole, struct place *p)
{
	size_t length = 0;

	switch (hole->kind) {
	case HOLE_STRING:
		if (!string_at(p->text, p->end, &length))
			return false;
		break;
	case HOLE_NUMBER:
		length = number_at(p->text, p->end);
		if (!length)
			return false;
		break;
	case HOLE_BLANKS:
		while (p->text + length < p->end && is_blank(p->text[length]))
			length++;
	}
	p->text += length;
	p->shape = hole->end;
	return true;
}

/* The last node of the shape that begins at or before its byte `at`. */
static const struct json_node *node_at(const struct json *tape, size_t at)
{
	uint32_t low = JSON_ROOT, high = tape->used;

	while (high - low > 1) { /* tape[low] begins at or before `at`, tape[high] after it */
		uint32_t middle = low + (high - low) / 2;

		if (tape->tape[middle].start <= at)
			low = middle;
		else
			high = middle;
	}
	return &tape->tape[low];
}

/* The string or number that holds byte `at` of the shape, or ends before it, becomes a hole. Not a key:
 * where keys differ, what follows will. */
static bool token_hole(const struct json_shape *s, size_t at, struct json_hole *hole)
{
	const struct json_node *t = node_at(&s->tape, at);
	uint32_t end = t->start + t->length;

	if (at < t->start || at > end || (t->kind != JSON_STRING && t->kind != JSON_NUMBER))
		return false;
	if (s->text.p[end] == '"' && s->text.p[end + 1] == ':')
		return false;
	*hole = (struct json_hole){ t->start, end, t->kind == JSON_STRING ? HOLE_STRING : HOLE_NUMBER };
	return true;
}

/* At byte `at` of the shape, where the text has c, one has more blanks than the other: between two tokens
 * that makes no difference. */
static bool blanks_hole(const struct json_shape *s, size_t at, char c, struct json_hole *hole)
{
	const struct json_node *t;
	size_t start = at, end = at;

	if (!is_blank(s->text.p[at]) && !is_blank(c))
		return false;
	while (start > 0 && is_blank(s->text.p[start - 1]))
		start--;
	while (is_blank(s->text.p[end]))
		end++;
	t = node_at(&s->tape, start);
	if (t->kind < JSON_ARRAY && start < (size_t)t->start + t->length + (t->kind == JSON_STRING))
		return false;
	*hole = (struct json_hole){ (uint32_t)start, (uint32_t)end, HOLE_BLANKS };
	return start > 0;
}

/* The text differs from the shape somewhere behind p: the hole that is needed. False: there can be none. */
static bool find_hole(const struct json_shape *s, const struct place *p, struct json_hole *hole)
{
	size_t left = (size_t)(p->end - p->text), rest = s->text.len - p->shape;
	size_t same = simd_common(p->text, s->text.p + p->shape, left < rest ? left : rest);
	size_t at = p->shape + same;

	if (same == left || same == rest)
		return false;
	if (token_hole(s, at, hole) && hole->end != p->shape) /* a hole is filled once */
		return true;
	return blanks_hole(s, at, p->text[same], hole) && hole->start >= p->shape;
}

/* What was found while a text was compared. */
struct found {
	unsigned nfresh; /* holes that the shape needs and has not, yet */
	unsigned nall;
	struct json_hole all[JSON_HOLES]; /* once there are fresh ones: they and those before them, in the shape */
	const char *now[JSON_HOLES][2];   /* where the shape's holes begin and end in the text */
};

/* Where p stands, behind k holes of the shape, it needs one more. NULL: it cannot have it. */
static __attribute__((noinline)) const struct json_hole *fresh_hole(const struct json_shape *s, struct place *p,
                                                                    unsigned k, struct found *found)
{
	struct json_hole *hole;

	if (s->nholes + found->nfresh == JSON_HOLES)
		return NULL;
	for (unsigned had = found->nall - found->nfresh; had < k; had++)
		found->all[found->nall++] = s->holes[had];
	hole = &found->all[found->nall];
	if (!find_hole(s, p, hole) || !pass(s, p, hole->start))
		return NULL;
	found->nall++;
	found->nfresh++;
	return hole;
}

/* Length of the text that has this shape, or 0. */
static size_t compare(const struct json_shape *s, const char *text, size_t n, struct found *found)
{
	struct place p = { text, text + n, 0 };

	found->nfresh = found->nall = 0;
	for (unsigned k = 0;;) {
		const struct json_hole *hole = &s->holes[k];
		bool last = k == s->nholes, known = pass(s, &p, last ? s->text.len : hole->start);
		const char *start;

		if (known && last)
			return (size_t)(p.text - text);
		if (!known && !(hole = fresh_hole(s, &p, k, found)))
			return 0;
		start = p.text;
		if (!fill(hole, &p))
			return 0;
		if (known) {
			found->now[k][0] = start;
			found->now[k++][1] = p.text;
		}
	}
}

/* The shape becomes that of a text. False: it is no JSON. */
static bool take(struct json_shape *s, const char *text, size_t n)
{
	s->served = 0;
	s->folded = memchr(text, '\n', n) || memchr(text, '\r', n);
	buf_reset(&s->text);
	buf_add(&s->text, text, n);
	if (json_parse(&s->tape, buf_str(&s->text), n) == 0)
		return true;
	buf_reset(&s->text);
	return false;
}

/* The text is like the shape but for what was found. While the shape is new, it gets the holes. */
static __attribute__((noinline)) void adapt(struct json_shape *s, const char *text, size_t n, struct found *found)
{
	if (s->served < SETTLED) {
		memcpy(found->all + found->nall, s->holes + (found->nall - found->nfresh),
		       (s->nholes + found->nfresh - found->nall) * sizeof *s->holes);
		s->nholes += found->nfresh;
		memcpy(s->holes, found->all, s->nholes * sizeof *s->holes);
	} else if (n <= LONGEST) {
		for (unsigned k = 0; k < s->nholes; k++) {
			s->holes[k].start = (uint32_t)(found->now[k][0] - text);
			s->holes[k].end = (uint32_t)(found->now[k][1] - text);
		}
		take(s, text, n);
	}
	for (unsigned k = 0; k < found->nall; k++)
		s->tape.spaced |= found->all[k].kind == HOLE_BLANKS;
}

/* Length of the text when it is like the shape, or 0. */
static size_t like(struct json_shape *s, const char *text, size_t n)
{
	struct found found;
	size_t length = compare(s, text, n, &found);

	if (length && found.nfresh)
		adapt(s, text, length, &found);
	s->served += length > 0;
	return length;
}

/* A stream without repetition must pay neither for learning each of its texts nor for asking. */
static bool worth_while(const struct json_like *l)
{
	return l->misses < 16 || l->misses % 32 == 0;
}

static bool begins_like(const struct json_shape *s, const char *p, size_t n)
{
	return s->text.len < ALIKE || (n >= ALIKE && simd_common(s->text.p, p, ALIKE) == ALIKE);
}

/* Which shape the text has that was not expected to, JSON_SHAPES: none. */
static __attribute__((noinline)) unsigned search(struct json_like *l, unsigned expected, const char *p, size_t n,
                                                 size_t *length)
{
	for (unsigned i = 0; i < JSON_SHAPES; i++)
		if (i != expected && l->shapes[i].text.len && (i == l->last || begins_like(&l->shapes[i], p, n)) &&
		    (*length = like(&l->shapes[i], p, n)) > 0)
			return i;
	return JSON_SHAPES;
}

const struct json_shape *json_like(struct json_like *l, const char *p, size_t n, size_t *length)
{
	unsigned shape = l->shapes[l->last].next;
	struct json_shape *s = &l->shapes[shape];

	if (!worth_while(l))
		return NULL;
	*length = s->text.len ? like(s, p, n) : 0;
	if (!*length) {
		shape = search(l, shape, p, n, length);
		if (shape == JSON_SHAPES)
			return NULL;
		s = &l->shapes[shape];
		l->shapes[l->last].next = shape;
	}
	s->used = ++l->texts;
	l->last = shape;
	l->misses = 0;
	return s;
}

static unsigned oldest(const struct json_like *l)
{
	unsigned found = 0;

	for (unsigned i = 1; i < JSON_SHAPES; i++)
		if (l->shapes[i].used < l->shapes[found].used)
			found = i;
	return found;
}

/* False: it is no JSON. */
static bool learn(struct json_like *l, unsigned shape, const char *text, size_t n)
{
	struct json_shape *s = &l->shapes[shape];

	s->nholes = 0;
	s->next = shape; /* as good a guess as any */
	s->used = ++l->texts;
	l->shapes[l->last].next = shape;
	l->last = shape;
	return take(s, text, n);
}

/* While there is room everything is learned; then not what stands alone. */
const char *json_like_check(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut)
{
	unsigned shape = oldest(l);
	bool worth = n <= LONGEST && worth_while(l) && (l->misses > 0 || !l->shapes[shape].text.len);

	l->misses++;
	if (worth && learn(l, shape, text, n))
		return NULL;
	return json_check(text, n, at, cut);
}

void json_like_release(struct json_like *l)
{
	for (int i = 0; i < JSON_SHAPES; i++) {
		buf_release(&l->shapes[i].text);
		json_release(&l->shapes[i].tape);
	}
}
