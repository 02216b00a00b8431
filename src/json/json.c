/* SPDX-License-Identifier: MIT */
/*
 * json: a JSON text as spans of its own bytes. See json.h.
 *
 * One function scans, and is compiled three times: with a tape, without, and for a prefix. The
 * compiler drops what a constant argument makes dead, so each is as fast as if written alone.
 */
#include "json/json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "base/utf8.h"
#include "json/write.h"

#define INLINE static inline __attribute__((always_inline))

struct scan {
	const char *p, *end;
	struct json *j;	   /* NULL without a tape */
	struct json_node *tape;
	uint32_t used, capacity;
	const char *space; /* the first, or NULL */
	const char *error;
	bool cut;
};

static const char ends_early[] = "text ends too early";

static __attribute__((noinline)) bool fail(struct scan *s, const char *p, const char *error)
{
	s->p = p;
	s->error = error;
	s->cut = error == ends_early;
	return false;
}

static __attribute__((noinline)) void grow(struct scan *s)
{
	s->capacity = s->capacity ? s->capacity * 2 : 256;
	s->tape = mem_resize(s->tape, s->capacity * sizeof *s->tape);
}

INLINE uint32_t node(struct scan *s, const char *text, const char *p, size_t n, enum json_kind kind)
{
	if (s->used == s->capacity)
		grow(s);
	s->tape[s->used] =
		(struct json_node){ (uint32_t)(p - text), (uint32_t)n, s->used + 1, (uint8_t)kind, false };
	return s->used++;
}

/* A container ends before the byte at offset `end`, and all that was put on the tape since is in it. */
INLINE void end_node(const struct scan *s, struct json_node *t, uint32_t end)
{
	t->length = end - t->start;
	t->after = s->used;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

INLINE const char *skip_space(struct scan *s, const char *p)
{
	if (p < s->end && (unsigned char)*p <= ' ' && is_space(*p)) {
		s->space = s->space ? s->space : p;
		do
			p++;
		while (p < s->end && (unsigned char)*p <= ' ' && is_space(*p));
	}
	return p;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What may follow a backslash, and the first byte of a character that is not ASCII: in which range the
 * next byte must be (Table 3-7 of Unicode). */
struct unit {
	bool good;
	uint8_t low, width;
};

#define ESCAPE { true, 0, 255 }
#define LEAD   { true, 0x80, 0x3f }
#define X5(u)  u, u, u, u, u

static const struct unit units[256] = {
	['"'] = ESCAPE, ['\\'] = ESCAPE, ['/'] = ESCAPE, ['b'] = ESCAPE,
	['f'] = ESCAPE, ['n'] = ESCAPE,  ['r'] = ESCAPE, ['t'] = ESCAPE,
	[0xc2] = X5(LEAD), X5(LEAD), X5(LEAD), X5(LEAD), X5(LEAD), X5(LEAD), /* to DF */
	[0xe0] = { true, 0xa0, 0x1f },
	[0xe1] = X5(LEAD), X5(LEAD), LEAD, LEAD, /* to EC */
	[0xed] = { true, 0x80, 0x1f },
	[0xee] = LEAD, LEAD,
	[0xf0] = { true, 0x90, 0x2f },
	[0xf1] = LEAD, LEAD, LEAD,
	[0xf4] = { true, 0x80, 0x0f },
};

static bool is_escape(char c)
{
	return (unsigned char)c < 0x80 && units[(unsigned char)c].good;
}

/* p is at a backslash; returns the byte after the escape, or NULL. */
static const char *escape(struct scan *s, const char *p)
{
	if (p + 1 == s->end)
		return fail(s, p + 1, ends_early), NULL;
	if (p[1] != 'u') {
		if (!is_escape(p[1]))
			return fail(s, p + 1, "unknown escape in a string"), NULL;
		return p + 2;
	}
	for (int i = 2; i < 6; i++) {
		if (p + i == s->end)
			return fail(s, p + i, ends_early), NULL;
		if (!is_hex(p[i]))
			return fail(s, p + i, "\\u without four hexadecimal digits"), NULL;
	}
	return p + 6;
}

/* p is at a byte above 7F; returns the first ASCII byte behind it, or NULL. */
static const char *non_ascii(struct scan *s, const char *p)
{
	size_t len, bad;

	while (p < s->end && (signed char)*p < 0) {
		len = utf8_sequence(p, (size_t)(s->end - p), &bad);
		if (len == 0) {
			bool open = p + bad == s->end && (bad > 1 || units[(unsigned char)*p].good);

			return fail(s, p, open ? ends_early : "ill-formed UTF-8 in a string"), NULL;
		}
		p += len;
	}
	return p;
}

/* What of a block the end of the one before decides: whether a backslash stands before its first byte, and
 * which of its bytes must go on a character. */
struct carry {
	uint64_t escaped, tails;
};

/* The bytes of a block that a backslash escapes. */
INLINE uint64_t behind(uint64_t backs, struct carry *c)
{
	uint64_t found = c->escaped, left = backs & ~c->escaped;

	if (!(left & left << 1)) { /* nearly always */
		c->escaped = left >> 63;
		return found | left << 1;
	}
	c->escaped = 0;
	while (left) {
		uint64_t first = left & -left;

		found |= first << 1;
		c->escaped = first >> 63;
		left &= ~(first | first << 1);
	}
	return found;
}

/* Escapes that are not \n, \" or \\, at those places behind a backslash: true when all are good, and
 * before the end. */
static __attribute__((noinline)) bool rare_escapes(const char *p, const char *end, uint64_t places)
{
	for (; places; places &= places - 1) {
		const char *q = p + __builtin_ctzll(places);

		if (*q == 'u') {
			if (end - q <= 4 || !is_hex(q[1]) || !is_hex(q[2]) || !is_hex(q[3]) || !is_hex(q[4]))
				return false;
		} else if (!is_escape(*q)) {
			return false;
		}
	}
	return true;
}

/* Are the bytes of `until` in a block well-formed UTF-8? `others` are those that may not be ASCII, and
 * none may be a control character. */
INLINE bool well_formed(const char *p, uint64_t others, uint64_t until, struct carry *c)
{
	struct simd_utf8 u = simd_utf8(p);
	uint64_t leads = u.all & ~u.tails, want = leads << 1 | u.threes << 2 | u.fours << 3 | c->tails;
	bool bad = (((want ^ u.tails) | (others & ~u.all)) & until) != 0;

	for (uint64_t left = u.narrow & until; left; left &= left - 1) {
		const char *q = p + __builtin_ctzll(left);
		struct unit unit = units[(unsigned char)*q];

		bad |= !unit.good || (uint8_t)(q[1] - unit.low) > unit.width;
	}
	c->tails = leads >> 63 | u.threes >> 62 | u.fours >> 61;
	return !bad;
}

/* Where the escape or the character began that p may be within; what stands before p, from start on, is
 * good as far as it goes. */
static __attribute__((noinline)) const char *undivided(const char *start, const char *p)
{
	const char *q = p;

	while (q > start && q[-1] == '\\')
		q--;
	if ((p - q) & 1)
		return p - 1;
	for (q = p; q > start && (signed char)q[-1] < 0;)
		if ((unsigned char)*--q >= 0xc0)
			return q;
	return p;
}

/* Goes through the inside of a string in blocks while all in it is good. Returns the closing quote, or
 * where one must look closer: at what is bad, or near the end. */
static __attribute__((noinline)) const char *blocks(const char *start, const char *end, bool *escaped)
{
	const char *p = start;
	struct carry c = { 0, 0 };
	uint64_t escapes = 0, last = 1;

	while (end - p > SIMD_BLOCK) {
		struct simd_block b = simd_block(p);
		uint64_t next = behind(b.backs, &c);
		uint64_t quotes = b.quotes & ~next;
		uint64_t until = quotes ^ (quotes - 1); /* to the first of them, or all */
		uint64_t rare = next & until & ~(b.quotes | b.backs | b.enns);

		escapes |= next & until;
		if (((b.others | c.tails) & until) && !well_formed(p, b.others, until, &c))
			break;
		if (rare && !rare_escapes(p, end, rare))
			break;
		if (quotes) {
			*escaped |= escapes != 0;
			return p + __builtin_ctzll(quotes);
		}
		p += SIMD_BLOCK;
		if (!(b.backs | b.others | last)) /* the next is like both, often */
			while (end - p > SIMD_BLOCK && simd_plain(p))
				p += SIMD_BLOCK;
		last = b.backs | b.others;
	}
	*escaped |= escapes != 0;
	return undivided(start, p);
}

/* p is after the opening quote; returns the closing one, or NULL. */
INLINE const char *string_end(struct scan *s, const char *p, bool *escaped)
{
	for (int i = 0; i < 4 && s->end - p > SIMD_WIDTH; i++) { /* most are short */
		size_t stop = simd_string_stop(p);

		p += stop;
		if (*p == '"')
			return p;
		if (stop < SIMD_WIDTH)
			break;
	}
	for (;;) {
		p = blocks(p, s->end, escaped);
		while (s->end - p >= SIMD_WIDTH) {
			size_t stop = simd_string_stop(p);

			p += stop;
			if (stop < SIMD_WIDTH)
				break;
		}
		if (p == s->end)
			return fail(s, p, ends_early), NULL;
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = true;
			p = escape(s, p);
		} else if ((signed char)*p < 0) {
			p = non_ascii(s, p);
		} else if ((unsigned char)*p < 0x20) {
			return fail(s, p, "control character in a string"), NULL;
		} else {
			p++; /* within the last bytes of the text */
		}
		if (!p)
			return NULL;
	}
}

INLINE bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* At least one digit at p; returns the byte after the last, or NULL. */
INLINE const char *digits(struct scan *s, const char *p)
{
	if (p == s->end)
		return fail(s, p, ends_early), NULL;
	if (!is_digit(*p))
		return fail(s, p, "digit expected in a number"), NULL;
	while (p < s->end && is_digit(*p))
		p++;
	return p;
}

/* p is at the first byte of a number; returns the byte after it, or NULL. */
INLINE const char *number_end(struct scan *s, const char *p)
{
	if (*p == '-')
		p++;
	if (p < s->end && *p == '0') {
		p++;
		if (p < s->end && is_digit(*p))
			return fail(s, p, "number with a leading zero"), NULL;
	} else if (!(p = digits(s, p))) {
		return NULL;
	}
	if (p < s->end && *p == '.' && !(p = digits(s, p + 1)))
		return NULL;
	if (p < s->end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < s->end && (*p == '+' || *p == '-'))
			p++;
		return digits(s, p);
	}
	return p;
}

/* One of the three words; returns the byte after it, or NULL. */
static const char *literal_end(struct scan *s, const char *p, const char *word)
{
	for (size_t i = 0; word[i]; i++) {
		if (p + i == s->end)
			return fail(s, p + i, ends_early), NULL;
		if (p[i] != word[i])
			return fail(s, p, "value expected"), NULL;
	}
	return p + strlen(word);
}

/* Number, literal, or a fault; returns the byte after it, or NULL. */
INLINE const char *scalar(struct scan *s, const char *text, const char *p, bool tape)
{
	enum json_kind kind;
	const char *q;

	switch (*p) {
	case 't':
		q = literal_end(s, p, "true");
		kind = JSON_TRUE;
		break;
	case 'f':
		q = literal_end(s, p, "false");
		kind = JSON_FALSE;
		break;
	case 'n':
		q = literal_end(s, p, "null");
		kind = JSON_NULL;
		break;
	default:
		if (*p != '-' && !is_digit(*p))
			return fail(s, p, "value expected"), NULL;
		q = number_end(s, p);
		kind = JSON_NUMBER;
	}
	if (q && tape)
		node(s, text, p, (size_t)(q - p), kind);
	return q;
}

INLINE const char *string(struct scan *s, const char *text, const char *p, bool tape)
{
	bool escaped = false;
	const char *q = string_end(s, p + 1, &escaped);

	if (!q)
		return NULL;
	if (tape) {
		uint32_t n = node(s, text, p + 1, (size_t)(q - p - 1), JSON_STRING); /* may move the tape */

		s->tape[n].escaped = escaped;
	}
	return q + 1;
}

/* A key, its colon, and the white space around both; p is at what should be the quote. */
INLINE const char *key(struct scan *s, const char *text, const char *p, bool tape)
{
	if (p == s->end)
		return fail(s, p, ends_early), NULL;
	if (*p != '"')
		return fail(s, p, "key expected"), NULL;
	p = string(s, text, p, tape);
	if (!p)
		return NULL;
	p = skip_space(s, p);
	if (p == s->end)
		return fail(s, p, ends_early), NULL;
	if (*p != ':')
		return fail(s, p, "':' expected after a key"), NULL;
	return skip_space(s, p + 1);
}

struct open {
	uint32_t node;
	bool	 object;
};

/* One value with the white space before it. s->p is left behind the value, or at the fault. */
INLINE bool value(struct scan *s, const char *text, bool tape)
{
	struct open stack[JSON_DEPTH];
	unsigned depth = 0;
	const char *p = skip_space(s, s->p);
	bool object;

next_value:
	if (p == s->end)
		return fail(s, p, ends_early);
	if (*p != '{' && *p != '[') {
		p = *p == '"' ? string(s, text, p, tape) : scalar(s, text, p, tape);
		if (!p)
			return false;
		goto value_done;
	}
	if (depth == JSON_DEPTH)
		return fail(s, p, "nested too deeply");
	object = *p == '{';
	stack[depth].object = object;
	if (tape)
		stack[depth].node = node(s, text, p, 0, object ? JSON_OBJECT : JSON_ARRAY);
	depth++;
	p = skip_space(s, p + 1);
	if (p < s->end && *p == (object ? '}' : ']'))
		goto close;
	if (!object)
		goto next_value;
next_key:
	p = key(s, text, p, tape);
	if (!p)
		return false;
	goto next_value;
value_done:
	if (depth == 0) {
		s->p = p;
		return true;
	}
	p = skip_space(s, p);
	if (p == s->end)
		return fail(s, p, ends_early);
	object = stack[depth - 1].object;
	if (*p == ',') {
		p = skip_space(s, p + 1);
		if (object)
			goto next_key;
		goto next_value;
	}
	if (*p != (object ? '}' : ']'))
		return fail(s, p, object ? "',' or '}' expected" : "',' or ']' expected");
close:
	p++;
	depth--;
	if (tape)
		end_node(s, &s->tape[stack[depth].node], (uint32_t)(p - text));
	goto value_done;
}

/* The whole text: one value, white space around it. */
INLINE bool whole(struct scan *s, const char *text, bool tape)
{
	if ((size_t)(s->end - text) >= UINT32_MAX)
		return fail(s, text, "text of 4 GiB or more");
	if (!value(s, text, tape))
		return false;
	s->p = skip_space(s, s->p);
	return s->p == s->end || fail(s, s->p, "something follows the JSON text");
}

int json_parse(struct json *j, const char *text, size_t n)
{
	struct scan s = { .p = text, .end = text + n, .j = j, .tape = j->tape, .capacity = j->capacity };
	bool good;

	node(&s, text, text, 0, JSON_NONE); /* node 0 is none */
	good = whole(&s, text, true);
	*j = (struct json){ .text = text, /* nothing is known of its keys */
			    .tape = s.tape,
			    .used = good ? s.used : 1,
			    .capacity = s.capacity,
			    .spaced = s.space != NULL,
			    .space = s.space ? (uint32_t)(s.space - text) : 0,
			    .error = s.error,
			    .error_at = (size_t)(s.p - text),
			    .cut = s.cut };
	if (!good && s.capacity > 1) /* the root of nothing is nothing */
		s.tape[JSON_ROOT] = s.tape[0];
	return good ? 0 : -1;
}

void json_release(struct json *j)
{
	free(j->tape);
	*j = (struct json)JSON_INIT;
}

const char *json_check(const char *text, size_t n, size_t *at, bool *cut)
{
	struct scan s = { .p = text, .end = text + n };

	whole(&s, text, false);
	*at = (size_t)(s.p - text);
	*cut = s.cut;
	return s.error;
}

const char *json_check_spaced(const char *text, size_t n, size_t *at, bool *cut, bool *spaced)
{
	struct scan s = { .p = text, .end = text + n };

	value(&s, text, false);
	*at = (size_t)(s.p - text);
	*cut = s.cut;
	*spaced = s.space != NULL;
	return s.error;
}

bool json_string_at(const char *text, size_t n, size_t *length, bool *escaped)
{
	struct scan s = { .p = text, .end = text + n };
	const char *q = blocks(text, s.end, escaped); /* who asks has looked for a short one */

	if (q == s.end || *q != '"')
		q = string_end(&s, q, escaped);

	*length = q ? (size_t)(q - text) : 0;
	return q != NULL;
}

const char *json_check_prefix(const char *text, size_t n, size_t *at, bool *cut)
{
	bool spaced;

	return json_check_spaced(text, n, at, cut, &spaced);
}

static __attribute__((noinline)) bool is_escaped(const struct json *j, uint32_t n, struct span want)
{
	struct buf plain = BUF_INIT;
	bool same;

	json_unescape(&plain, json_string(j, n));
	same = span_same(buf_span(&plain), want);
	buf_release(&plain);
	return same;
}

/* Of a string: is it that one? */
INLINE bool is(const struct json *j, uint32_t n, struct span want)
{
	const struct json_node *t = &j->tape[n];

	if (t->escaped)
		return is_escaped(j, n, want);
	return t->length == want.n && span_equal(j->text + t->start, want.p, want.n);
}

bool json_is_span(const struct json *j, uint32_t n, struct span want)
{
	return json_kind(j, n) == JSON_STRING && is(j, n, want);
}

uint32_t json_get_span(const struct json *j, uint32_t object, struct span name)
{
	uint32_t found = 0, end;

	if (json_kind(j, object) != JSON_OBJECT)
		return 0;
	end = j->tape[object].after;
	for (uint32_t k = object + 1; k < end; k = j->tape[k + 1].after)
		if (is(j, k, name))
			found = k + 1;
	return found;
}

uint32_t json_get_known(const struct json *j, uint32_t object, struct span key)
{
	uint32_t found = json_get_span(j, object, key);

	if (j->known) {
		size_t i = json_known_at(object, key.p);

		j->known[i ^ 1] = j->known[i];
		j->known[i] = (struct json_known){ key.p, object, found };
	}
	return found;
}

uint32_t json_path(const struct json *j, uint32_t object, const char *path)
{
	while (object && *path) {
		size_t n = strcspn(path, ".");

		object = json_get_span(j, object, (struct span){ path, n });
		path += n + (path[n] == '.');
	}
	return object;
}

uint32_t json_at(const struct json *j, uint32_t array, size_t i)
{
	uint32_t e = json_kind(j, array) == JSON_ARRAY ? json_first(j, array) : 0;

	while (e && i-- > 0)
		e = json_next(j, array, e);
	return e;
}

size_t json_count(const struct json *j, uint32_t container)
{
	size_t n = 0;

	for (uint32_t e = json_first(j, container); e; e = json_next(j, container, e))
		n++;
	return n;
}

/* Most are indexes: a few digits. */
static bool small_long(struct span t, long *result)
{
	long n = 0;

	if (t.n > 9)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (!is_digit(t.p[i]))
			return false;
		n = n * 10 + (t.p[i] - '0');
	}
	*result = n;
	return true;
}

/* 1.0, 1e0: what a double holds exactly. */
static bool whole_double(const char *text, long *result)
{
	static const double exact = 9007199254740992; /* 2^53 */
	double value = strtod(text, NULL);

	if (!(value > -exact && value < exact) || value > (double)LONG_MAX || value < (double)LONG_MIN)
		return false;
	*result = (long)value;
	return (double)*result == value;
}

bool json_long(const struct json *j, uint32_t n, long *result)
{
	struct span t = json_text(j, n);
	char number[24];
	char *end;

	if (json_kind(j, n) != JSON_NUMBER || t.n >= sizeof number)
		return false;
	if (small_long(t, result))
		return true;
	memcpy(number, t.p, t.n);
	number[t.n] = '\0';
	*result = strtol(number, &end, 10);
	if (*end)
		return whole_double(number, result);
	return *result != LONG_MAX && *result != LONG_MIN;
}
