/* SPDX-License-Identifier: MIT */
/* like: is a text one that came before, with other words in it? See like.h. */
#include "json/like.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"

#define INLINE static inline __attribute__((always_inline))

/* What is longer is seldom followed by its like, and would be kept for nothing. */
enum { LONGEST = 16 * 1024 };

/* What differs for the first time after so many texts of one shape is the same for many more, as the id
 * of a stream is. */
enum { SETTLED = 8 };

/* After so many, what varies is learned anew: a few short streams may have made a hole of what does not. */
enum { STALE = 512 };

INLINE bool goes_on(char c)
{
	return c == '.' || (c | 0x20) == 'e';
}

/* Length of the number at p, or 0; most are a few digits, or have a few more behind a point. */
INLINE size_t number_at(const char *p, const char *end)
{
	size_t length;
	bool cut;

	if (end - p > 2 * SIMD_WIDTH) {
		size_t n = simd_digits(p), more = 0;
		bool good = n > 0 && n < SIMD_WIDTH && (*p != '0' || n == 1);

		if (good && p[n] == '.') {
			more = simd_digits(p + n + 1);
			good = more > 0 && more < SIMD_WIDTH;
			n += 1 + more;
		}
		if (good && !goes_on(p[n]))
			return n;
	}
	if (p == end || (*p != '-' && (unsigned char)(*p - '0') > 9))
		return 0;
	return json_check_prefix(p, (size_t)(end - p), &length, &cut) ? 0 : length;
}

/* Length of the inside of the string that begins at p; false: it is none. Most are words. */
INLINE bool string_at(const char *p, const char *end, size_t *length, bool *escaped)
{
	size_t at = 0;

	while (at < 4 * SIMD_WIDTH && end - p > (ptrdiff_t)at + SIMD_WIDTH) {
		size_t stop = simd_string_stop(p + at);

		at += stop;
		*length = at;
		if (stop < SIMD_WIDTH && p[at] == '"')
			return true;
		if (stop < SIMD_WIDTH)
			break;
	}
	if (!json_string_at(p + at, (size_t)(end - p) - at, length, escaped))
		return false;
	*length += at;
	return true;
}

/* How far a text was compared. */
struct place {
	const char *p, *end;
};

/* What comes is what the shape has from..to. Its text has room for a vector behind it. */
INLINE bool pass(struct place *at, const struct json_shape *s, size_t from, size_t to)
{
	const char *p = at->p, *q = s->text.p + from;
	size_t n = to - from, left = (size_t)(at->end - p);

	if (left < n + SIMD_WIDTH || n > 4 * SIMD_WIDTH) {
		if (left < n || memcmp(p, q, n) != 0)
			return false;
		at->p += n;
		return true;
	}
	at->p += n;
	for (; n >= SIMD_WIDTH; n -= SIMD_WIDTH, p += SIMD_WIDTH, q += SIMD_WIDTH)
		if (simd_differ(p, q) < SIMD_WIDTH)
			return false;
	return simd_differ(p, q) >= n;
}

/* What comes is a token of that kind. */
INLINE bool fill(struct place *at, bool string, bool *escaped)
{
	size_t length;

	*escaped = false;
	if (string) {
		if (!string_at(at->p, at->end, &length, escaped))
			return false;
	} else if (!(length = number_at(at->p, at->end))) {
		return false;
	}
	at->p += length;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Behind the blanks that come. */
INLINE const char *skip_blanks(const char *p, const char *end)
{
	while (end - p >= SIMD_WIDTH) {
		size_t n = simd_blanks(p);

		p += n;
		if (n < SIMD_WIDTH)
			return p;
	}
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* What comes are the closing brackets of the shape. */
INLINE bool closes(struct place *at, struct json_shape *s)
{
	const char *q = s->text.p + s->tail, *end = s->text.p + s->text.len;
	const char *p = at->p;
	size_t n = (size_t)(end - q);

	if (n <= SIMD_WIDTH && at->end - p >= SIMD_WIDTH && simd_differ(p, q) >= n) {
		at->p += n;
		return true;
	}
	for (; q < end; q++) {
		if (p < at->end && is_blank(*p)) {
			s->spaced = true;
			p = skip_blanks(p, at->end);
		}
		if (p == at->end || *p++ != *q)
			return false;
	}
	at->p = p;
	return true;
}

/* How a text is like a shape: its holes alone were filled, or all tokens. */
struct match {
	struct mould_hole holes[JSON_TOKENS];
	unsigned nholes;
	bool all;
	bool taken; /* the text, without blanks at its end, became the shape's */
};

/* Length of the text that differs from the shape in its holes alone, or 0. m may be NULL. */
INLINE size_t compare(struct json_shape *s, const char *text, size_t n, struct match *m)
{
	struct place at = { text, text + n };
	size_t from = 0;

	for (unsigned k = 0; k < s->nholes; k++) {
		const struct json_token *t = &s->tokens[s->holes[k]];
		const char *p;
		bool escaped;

		if (!pass(&at, s, from, t->start))
			return 0;
		p = at.p;
		if (!fill(&at, t->string, &escaped))
			return 0;
		if (m)
			m->holes[k] = (struct mould_hole){ t->node, (uint32_t)(p - text), (uint32_t)(at.p - p), escaped };
		from = t->end;
	}
	if (m) {
		m->nholes = s->nholes;
		m->all = m->taken = false;
	}
	return pass(&at, s, from, s->tail) && closes(&at, s) ? (size_t)(at.p - text) : 0;
}

/* Where a walk came to: behind so many tokens. */
struct walk {
	const char *text;
	struct place at;
	unsigned ntokens;
	struct mould_hole tokens[JSON_TOKENS];
	unsigned leader; /* the shape that has the last of them */
};

static void walk_begin(struct walk *w, const char *text, size_t n)
{
	w->text = text;
	w->at = (struct place){ text, text + n };
	w->ntokens = 0;
}

/* The next token is that of the shape. */
INLINE bool walk_token(struct walk *w, const struct json_shape *s)
{
	unsigned k = w->ntokens;
	const struct json_token *t = &s->tokens[k];
	struct place at = w->at;
	const char *p;
	bool escaped;

	if (!pass(&at, s, k ? t[-1].end : 0, t->start))
		return false;
	p = at.p;
	if (!fill(&at, t->string, &escaped))
		return false;
	w->tokens[k] = (struct mould_hole){ t->node, (uint32_t)(p - w->text), (uint32_t)(at.p - p), escaped };
	w->ntokens++;
	w->at = at;
	return true;
}

/* Goes as far as the shape leads. True: to the end of the text. */
static bool walk(struct walk *w, struct json_shape *s)
{
	struct place at;
	unsigned n = s->ntokens;

	while (w->ntokens < n)
		if (!walk_token(w, s))
			return false;
	at = w->at;
	if (!pass(&at, s, n ? s->tokens[n - 1].end : 0, s->tail) || !closes(&at, s))
		return false;
	w->at = at;
	return true;
}

/* Where the text has nothing but closing brackets and blanks; its tokens end before byte `least`. */
static size_t tail_of(const char *text, size_t n, size_t least)
{
	while (n > least && (is_blank(text[n - 1]) || text[n - 1] == '}' || text[n - 1] == ']'))
		n--;
	return n;
}

/* The shape's text becomes this one, whose tokens are where they were put. */
static void take(struct json_shape *s, const char *text, size_t n)
{
	s->tail = (uint32_t)tail_of(text, n, s->ntokens ? s->tokens[s->ntokens - 1].end : 0);
	buf_reset(&s->text);
	buf_room(&s->text, n + SIMD_WIDTH);
	buf_add(&s->text, text, s->tail);
	for (size_t i = s->tail; i < n; i++)
		if (!is_blank(text[i]))
			buf_addc(&s->text, text[i]);
	s->nholes = 0;
	for (unsigned k = 0; k < s->ntokens; k++)
		if (s->tokens[k].varies)
			s->holes[s->nholes++] = (unsigned char)k;
	s->served = 0;
	s->moulded = false;
}

/* The next text is taken over, and those behind it make the holes. */
static __attribute__((noinline)) void forget(struct json_shape *s)
{
	for (unsigned k = 0; k < s->ntokens; k++)
		s->tokens[k].varies = false;
	s->nholes = 0;
	s->served = SETTLED;
}

/* Is the text's token that of the shape? */
static bool same(const struct json_shape *s, const struct walk *w, unsigned k)
{
	size_t n = s->tokens[k].end - s->tokens[k].start;

	return w->tokens[k].length == n &&
	       memcmp(s->text.p + s->tokens[k].start, w->text + w->tokens[k].start, n) == 0;
}

/* The text that was walked has the shape: if more than its holes differ, it takes the text over, unless
 * that is too long. Has it? */
static bool adapt(struct json_shape *s, const struct walk *w)
{
	bool young = s->served < SETTLED, differs = false;
	size_t n = (size_t)(w->at.p - w->text);

	if (n > LONGEST)
		return false;
	for (unsigned k = 0; k < s->ntokens; k++)
		if (!s->tokens[k].varies && !same(s, w, k)) {
			differs = true;
			s->tokens[k].varies = young;
		}
	if (!differs)
		return false;
	for (unsigned k = 0; k < s->ntokens; k++) {
		s->tokens[k].start = w->tokens[k].start;
		s->tokens[k].end = w->tokens[k].start + w->tokens[k].length;
	}
	take(s, w->text, n);
	return true;
}

/* Which shape the text has, JSON_SHAPES: none. The one that is most likely leads first; then those that
 * have all it has led through, and not what it has next. Something was learned. */
static unsigned search(const struct json_like *l, struct walk *w, unsigned likely)
{
	uint64_t left = l->learned;

	for (unsigned i = likely;; i = (unsigned)__builtin_ctzll(left)) {
		struct json_shape *s = &l->shapes[i];
		unsigned from = w->ntokens;
		bool arrived = walk(w, s);

		if (w->ntokens > from) {
			w->leader = i;
			left &= s->tokens[w->ntokens - 1].alike;
		}
		if (arrived)
			return i;
		left &= ~(w->ntokens < s->ntokens ? s->tokens[w->ntokens].alike : (uint64_t)1 << i);
		if (!left)
			return JSON_SHAPES;
	}
}

/* A stream without repetition must pay neither for learning each of its texts nor for asking. */
static bool worth_while(const struct json_like *l)
{
	return l->misses < 2 * JSON_SHAPES || l->misses % 32 == 0;
}

/* What came after is of that shape. When it was not `next`, twice in a row, the two change places. */
static void came(struct json_shape *last, unsigned shape)
{
	bool other = shape != last->next;

	if (other)
		last->rival = shape;
	if (other && last->doubted) {
		last->rival = last->next;
		last->next = shape;
		other = false;
	}
	last->doubted = other;
}

static void match_all(struct match *m, const struct walk *w, bool taken)
{
	memcpy(m->holes, w->tokens, w->ntokens * sizeof *m->holes);
	m->nholes = w->ntokens;
	m->all = true;
	m->taken = taken;
}

/* The shape of a text that does not have the one that was likely, or NULL. */
static __attribute__((noinline)) struct json_shape *other(struct json_like *l, const char *p, size_t n, size_t *length,
                                                          struct match *m)
{
	struct json_shape *last = &l->shapes[l->last];
	unsigned found = last->rival;
	struct walk w;
	bool taken;

	*length = found != last->next ? compare(&l->shapes[found], p, n, m) : 0;
	if (!*length) {
		walk_begin(&w, p, n);
		found = search(l, &w, last->next);
		if (found == JSON_SHAPES)
			return NULL;
		*length = (size_t)(w.at.p - p);
		taken = adapt(&l->shapes[found], &w);
		if (m)
			match_all(m, &w, taken);
	}
	came(last, found);
	return &l->shapes[found];
}

/* json_like; m may be NULL. */
INLINE struct json_shape *like(struct json_like *l, const char *p, size_t n, size_t *length, struct match *m)
{
	struct json_shape *last, *s;

	if (!l->learned || !worth_while(l))
		return NULL;
	last = &l->shapes[l->last];
	s = &l->shapes[last->next];
	*length = compare(s, p, n, m);
	if (*length)
		last->doubted = false;
	else if (!(s = other(l, p, n, length, m)))
		return NULL;
	if (++s->served == STALE)
		forget(s);
	s->used = ++l->texts;
	l->last = (unsigned)(s - l->shapes);
	l->misses = 0;
	return s;
}

const struct json_shape *json_like(struct json_like *l, const char *p, size_t n, size_t *length)
{
	return like(l, p, n, length, NULL);
}

/* The shape no longer begins as others do. */
static void leave(struct json_like *l, unsigned shape)
{
	uint64_t bit = (uint64_t)1 << shape;

	l->learned &= ~bit;
	for (uint64_t left = l->learned; left; left &= left - 1) {
		struct json_shape *s = &l->shapes[__builtin_ctzll(left)];

		for (unsigned k = 0; k < s->ntokens && s->tokens[k].alike & bit; k++)
			s->tokens[k].alike &= ~bit;
	}
}

/* It begins as those do that the text leads through. */
static void join(struct json_like *l, unsigned shape, const char *text, size_t n)
{
	struct json_shape *s = &l->shapes[shape];
	uint64_t bit = (uint64_t)1 << shape;
	struct walk w;
	unsigned k = 0;

	walk_begin(&w, text, n);
	if (l->learned)
		search(l, &w, (unsigned)__builtin_ctzll(l->learned));
	for (; k < s->ntokens && k < w.ntokens && s->tokens[k].start == w.tokens[k].start; k++) {
		uint64_t all = l->shapes[w.leader].tokens[k].alike | bit;

		s->tokens[k].alike = all;
		for (uint64_t left = all & ~bit; left; left &= left - 1)
			l->shapes[__builtin_ctzll(left)].tokens[k].alike = all;
	}
	for (; k < s->ntokens; k++)
		s->tokens[k].alike = bit;
	l->learned |= bit;
}

/* One that is not in use, or else served longest ago. */
static unsigned oldest(const struct json_like *l)
{
	unsigned found = 0;

	if (~l->learned)
		return (unsigned)__builtin_ctzll(~l->learned);
	for (unsigned i = 1; i < JSON_SHAPES; i++)
		if (l->shapes[i].used < l->shapes[found].used)
			found = i;
	return found;
}

/* A string with a colon behind it is a key. */
static bool is_key(const struct json *j, const struct json_node *t)
{
	const char *p = j->text + t->start + t->length + 1; /* good JSON goes on behind a key */

	if (t + 1 == j->tape + j->used)
		return false;
	p += strspn(p, " \t\n\r");
	return *p == ':';
}

/* The tokens of what was parsed. False: they are too many. */
static bool find_tokens(const struct json *j, struct json_token *tokens, unsigned *ntokens)
{
	*ntokens = 0;
	for (uint32_t i = JSON_ROOT; i < j->used; i++) {
		const struct json_node *t = &j->tape[i];
		bool string = t->kind == JSON_STRING;

		if ((!string && t->kind != JSON_NUMBER) || (string && is_key(j, t)))
			continue;
		if (*ntokens == JSON_TOKENS)
			return false;
		tokens[(*ntokens)++] = (struct json_token){ t->start, t->start + t->length, i, 0, string, false };
	}
	return true;
}

/* What was parsed has a shape, if it has not too many tokens. */
static void learn(struct json_like *l, const struct json *j, size_t n)
{
	struct json_token tokens[JSON_TOKENS];
	struct json_shape *s;
	unsigned shape = oldest(l), ntokens;

	if (!find_tokens(j, tokens, &ntokens))
		return;
	if (!l->shapes)
		l->shapes = mem_zero(JSON_SHAPES * sizeof *l->shapes);
	leave(l, shape);
	s = &l->shapes[shape];
	memcpy(s->tokens, tokens, ntokens * sizeof *tokens);
	s->ntokens = ntokens;
	join(l, shape, j->text, n);
	take(s, j->text, n);
	s->mould.used = 0;
	s->folded = memchr(j->text, '\n', n) || memchr(j->text, '\r', n);
	s->spaced = j->spaced;
	s->doubted = false;
	s->next = s->rival = shape; /* as good a guess as any */
	s->used = ++l->texts;
	l->shapes[l->last].next = shape;
	l->last = shape;
}

/* Is an unknown text to be learned? While there is room everything is; then not what stands alone. */
static bool worth_learning(struct json_like *l, size_t n)
{
	bool worth = n <= LONGEST && worth_while(l) && (l->misses > 0 || ~l->learned);

	l->misses++;
	return worth;
}

const char *json_like_check(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut)
{
	if (!worth_learning(l, n) || json_parse(&l->tape, text, n) < 0)
		return json_check(text, n, at, cut);
	learn(l, &l->tape, n);
	return NULL;
}

/* Has the text no blanks between its last brackets? The shape's text has not. */
static bool unblanked(const struct json_shape *s, const struct match *m, size_t n)
{
	size_t length = s->text.len;

	for (unsigned k = 0; k < m->nholes; k++) {
		const struct json_token *t = &s->tokens[m->all ? k : s->holes[k]];

		length = length + m->holes[k].length - (t->end - t->start);
	}
	return length == n;
}

/* The mould is that of the shape's own text, of which j is the tape when `same`. */
static void make_mould(struct json_like *l, struct json_shape *s, const struct json *j, bool same)
{
	if (!same)
		json_parse(&l->tape, s->text.p, s->text.len);
	mould_make(&s->mould, same ? j : &l->tape);
	s->moulded = true;
}

int json_like_parse(struct json_like *l, struct json *j, const char *text, size_t n)
{
	struct match m;
	size_t length;
	struct json_shape *s = like(l, text, n, &length, &m);
	bool fits = s && length == n, compact = fits && unblanked(s, &m, n);

	if (fits && s->mould.used && (m.all || s->moulded)) {
		mould_pour(&s->mould, m.holes, m.nholes, text, n, j);
		if (!compact)
			mould_spread(&s->mould, j, n);
	} else if (json_parse(j, text, n) < 0) {
		return -1;
	}
	if (!s && worth_learning(l, n))
		learn(l, j, n);
	if (fits && !s->moulded)
		make_mould(l, s, j, compact && m.taken);
	return 0;
}

void json_like_release(struct json_like *l)
{
	for (unsigned i = 0; l->shapes && i < JSON_SHAPES; i++)
		buf_release(&l->shapes[i].text), mould_release(&l->shapes[i].mould);
	free(l->shapes);
	json_release(&l->tape);
}
