/* SPDX-License-Identifier: MIT */
/* secret_value: finds known secrets in text, however they are spelled. See secret_value.h. */
#include "base/secret_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"

enum kind { PLAIN, BASE64, HEX };

struct secret_pattern {
	enum kind kind;
	struct buf bytes;
	bool ambiguous; /* it has a % or &, which may be encoded or begin what is encoded */
	/* BASE64: the high bits of one more digit, which depends on what follows the value too. */
	unsigned bits, rest;
};

/* Shorter values are not looked for in base64 and hexadecimal: a few digits may be there by chance. */
enum { ENCODED_SHORTEST = 7 };

/* More backslashes in a row than those of an escape in three nested strings are not an escape. */
enum { BACKSLASHES = 7, PERCENTS = 3 };

/* ---- one character, spelled */

/* What a piece of text stands for. */
struct unit {
	char bytes[4];
	size_t n;      /* of bytes */
	size_t length; /* in the text; 0: it stands for itself */
};

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static char at(struct span s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* The code unit in four digits; negative: there is none. */
static long hex4(struct span s, size_t i)
{
	long n = 0;

	for (size_t k = i; k < i + 4; k++) {
		if (k >= s.n || hex(s.p[k]) < 0)
			return -1;
		n = n << 4 | hex(s.p[k]);
	}
	return n;
}

/* \u00e4, or a pair of surrogates, after a run of backslashes. */
static void unicode(struct unit *u, struct span s, size_t run)
{
	long high = hex4(s, run + 1), low = -1;

	if (high < 0)
		return;
	u->length = run + 5;
	if (high >= 0xd800 && high < 0xdc00 && u->length + run < s.n && !memcmp(s.p + u->length, s.p, run) &&
	    s.p[u->length + run] == 'u')
		low = hex4(s, u->length + run + 1);
	if (low < 0xdc00 || low > 0xdfff) {
		u->n = utf8_encode(u->bytes, (uint32_t)high);
		return;
	}
	u->length += run + 5;
	u->n = utf8_encode(u->bytes, 0x10000 + (uint32_t)((high - 0xd800) << 10 | (low - 0xdc00)));
}

static void backslash(struct unit *u, struct span s)
{
	static const char names[] = "bfnrt", controls[] = "\b\f\n\r\t";
	size_t run = 0;
	const char *name;
	char c;

	while (run <= BACKSLASHES && at(s, run) == '\\')
		run++;
	c = at(s, run);
	if (run > BACKSLASHES || c == '\0')
		return;
	if (c == 'u') {
		unicode(u, s, run);
		return;
	}
	name = memchr(names, c, sizeof names - 1);
	if (!name && !memchr("\"/'", c, 3))
		return;
	u->bytes[0] = name ? controls[name - names] : c;
	u->n = 1;
	u->length = run + 1;
}

/* %2F, and %252F if it is not a percent sign that is wanted. */
static void percent(struct unit *u, struct span s, char wanted)
{
	size_t i = 0;

	for (int round = 0; round < PERCENTS; round++) {
		int high = hex(at(s, i + 1)), low = hex(at(s, i + 2));

		if (high < 0 || low < 0)
			return;
		u->bytes[0] = (char)(high << 4 | low);
		u->n = 1;
		u->length = i + 3;
		if (u->bytes[0] != '%' || wanted == '%')
			return;
		i += 2;
	}
}

/* &#47; &#x2f; and the names that everybody escapes. */
static void reference(struct unit *u, struct span s)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	bool is_hex = (at(s, 2) | 0x20) == 'x';
	uint32_t cp = 0;
	size_t i = is_hex ? 3 : 2;

	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (span_starts(s, names[k].name)) {
			*u = (struct unit){ { names[k].c }, 1, strlen(names[k].name) };
			return;
		}
	if (at(s, 1) != '#')
		return;
	for (; i < 10 && hex(at(s, i)) >= 0; i++)
		cp = (is_hex ? 16 : 10) * cp + (uint32_t)hex(s.p[i]);
	if (at(s, i) != ';')
		return;
	u->length = i + 1;
	u->n = utf8_encode(u->bytes, cp);
}

static struct unit unit(struct span s, char wanted)
{
	struct unit u = { .length = 0 };

	switch (*s.p) {
	case '\\':
		backslash(&u, s);
		break;
	case '%':
		percent(&u, s, wanted);
		break;
	case '&':
		reference(&u, s);
		break;
	case '+':
		if (wanted == ' ')
			u = (struct unit){ { ' ' }, 1, 1 };
		break;
	default:
		break;
	}
	return u;
}

/* ---- one pattern */

/* Backslashes of the value: as many in the text, or twice as many for each string around it. */
static size_t same_backslashes(struct span pattern, struct span s, size_t *n)
{
	size_t want = 0, most;

	while (at(pattern, want) == '\\')
		want++;
	for (most = 0; most < want << 3 && at(s, most) == '\\'; most++)
		;
	*n = want;
	if (most < want)
		return 0;
	while (*n * 2 <= most)
		*n *= 2;
	return want;
}

/* base64url writes - and _ in place of + and /. */
static bool same_char(enum kind kind, char pattern, char c)
{
	if (pattern == c)
		return true;
	switch (kind) {
	case BASE64:
		return (pattern == '+' && c == '-') || (pattern == '/' && c == '_');
	case HEX:
		return c >= 'A' && c <= 'F' && pattern == (c | 0x20);
	default:
		return false;
	}
}

static bool same_unit(enum kind kind, struct span pattern, const struct unit *u)
{
	if (u->length == 0 || u->n > pattern.n)
		return false;
	for (size_t i = 0; i < u->n; i++)
		if (!same_char(kind, pattern.p[i], u->bytes[i]))
			return false;
	return true;
}

static int digit64(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = memchr(digits, c == '-' ? '+' : c == '_' ? '/' : c, sizeof digits - 1);

	return p ? (int)(p - digits) : -1;
}

/* What follows a match in base64 and is of the value too: a digit, and padding. */
static size_t rest64(const struct secret_pattern *p, struct span s, size_t i)
{
	int digit = p->bits && i < s.n ? digit64(s.p[i]) : -1;

	if (digit >= 0 && (unsigned)digit >> (6 - p->bits) == p->rest)
		i++;
	for (int n = 0; n < 2 && at(s, i) == '='; n++)
		i++;
	return i;
}

/* How many bytes of the value the text begins with, and their length there. encoded: of % and & that may be
 * themselves, or begin what stands for them, the latter. */
static size_t same(enum kind kind, struct span want, struct span s, bool encoded, size_t *length)
{
	bool plain = same_char(kind, *want.p, *s.p);
	struct unit u;

	*length = 1;
	if (*want.p == '\\' && plain)
		return same_backslashes(want, s, length);
	if (plain && !(encoded && (*s.p == '%' || *s.p == '&')))
		return 1;
	u = unit(s, *want.p);
	if (!same_unit(kind, want, &u))
		return plain;
	*length = u.length;
	return u.n;
}

static size_t match_as(const struct secret_pattern *p, struct span s, bool encoded)
{
	struct span want = buf_span(&p->bytes);
	size_t i = 0;

	while (want.n > 0) {
		size_t length, n = i < s.n ? same(p->kind, want, (struct span){ s.p + i, s.n - i }, encoded, &length) : 0;

		if (n == 0)
			return 0;
		want = (struct span){ want.p + n, want.n - n };
		i += length;
	}
	return p->kind == BASE64 ? rest64(p, s, i) : i;
}

/* The length in the text of a match at its beginning; 0: none. */
static size_t match(const struct secret_pattern *p, struct span s)
{
	size_t n = match_as(p, s, false);

	return n || !p->ambiguous ? n : match_as(p, s, true);
}

/* A match must not begin inside of an escape: what is left of it would make the text invalid JSON. Of
 * several backslashes the first one begins it; a letter such as the n of \n takes its backslash along. */
static void whole_escape(struct span text, size_t from, size_t *at, size_t *n)
{
	size_t run = 0;

	while (run < *at - from && text.p[*at - 1 - run] == '\\')
		run++;
	if (run % 2 && memchr("bfnrtu\"/", text.p[*at], 8)) {
		--*at;
		++*n;
	}
}

bool secret_values_find(const struct secret_values *s, struct span text, size_t *at, size_t *n)
{
	for (size_t i = *at; s->n && i < text.n; i++) {
		if (!s->first[(unsigned char)text.p[i]] || (i > 0 && text.p[i] == '\\' && text.p[i - 1] == '\\'))
			continue;
		*n = 0;
		for (size_t k = 0; k < s->n; k++) {
			size_t length = match(&s->patterns[k], (struct span){ text.p + i, text.n - i });

			*n = length > *n ? length : *n;
		}
		if (*n > 0) {
			whole_escape(text, *at, &i, n);
			*at = i;
			return true;
		}
	}
	return false;
}

/* ---- making patterns */

static struct secret_pattern *add(struct secret_values *s, enum kind kind)
{
	s->patterns = mem_resize(s->patterns, (s->n + 1) * sizeof *s->patterns);
	s->patterns[s->n] = (struct secret_pattern){ .kind = kind };
	return &s->patterns[s->n++];
}

static void mark(struct secret_values *s, struct secret_pattern *p)
{
	static const char escapes[] = "\\%&";
	char first = *p->bytes.p;

	for (const char *c = escapes; *c; c++)
		s->first[(unsigned char)*c] = true;
	s->first[(unsigned char)first] = true;
	p->ambiguous = memchr(p->bytes.p, '%', p->bytes.len) || memchr(p->bytes.p, '&', p->bytes.len);
	for (int c = 0; c < 256; c++)
		s->first[c] |= same_char(p->kind, first, (char)c) || (c == '+' && first == ' ');
}

/* The digits that depend on nothing but the value, if so many bytes precede it in their group of three. */
static void add_base64(struct secret_values *s, struct span value, size_t before)
{
	struct secret_pattern *p = add(s, BASE64);
	size_t from = before ? before + 1 : 0, to = (before + value.n) * 8 / 6;
	struct buf plain = BUF_INIT, text = BUF_INIT;

	buf_add(&plain, "\0\0", before);
	buf_addspan(&plain, value);
	base64_encode(&text, plain.p, plain.len, 0);
	buf_add(&p->bytes, text.p + from, to - from);
	p->bits = (before + value.n) * 8 % 6;
	if (p->bits)
		p->rest = (unsigned)digit64(text.p[to]) >> (6 - p->bits);
	memset(plain.p, 0, plain.len);
	memset(text.p, 0, text.len);
	buf_release(&plain);
	buf_release(&text);
	mark(s, p);
}

static void add_hex(struct secret_values *s, struct span value)
{
	struct secret_pattern *p = add(s, HEX);

	for (size_t i = 0; i < value.n; i++)
		buf_addf(&p->bytes, "%02x", (unsigned char)value.p[i]);
	mark(s, p);
}

static bool is_known(const struct secret_values *s, struct span value)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->patterns[i].kind == PLAIN && span_same(buf_span(&s->patterns[i].bytes), value))
			return true;
	return false;
}

bool secret_values_add(struct secret_values *s, struct span value)
{
	struct secret_pattern *p;

	if (value.n < SECRET_SHORTEST)
		return false;
	if (is_known(s, value))
		return true;
	p = add(s, PLAIN);
	buf_addspan(&p->bytes, value);
	mark(s, p);
	if (value.n < ENCODED_SHORTEST)
		return true;
	for (size_t before = 0; before < 3; before++)
		add_base64(s, value, before);
	add_hex(s, value);
	return true;
}

void secret_values_release(struct secret_values *s)
{
	for (size_t i = 0; i < s->n; i++) {
		memset(s->patterns[i].bytes.p, 0, s->patterns[i].bytes.len);
		buf_release(&s->patterns[i].bytes);
	}
	free(s->patterns);
	*s = (struct secret_values){ 0 };
}
