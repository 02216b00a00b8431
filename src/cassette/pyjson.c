/* SPDX-License-Identifier: MIT */
/* pyjson: a tree as PyYAML would load it and json.dumps would dump it. See pyjson.h. */
#include "cassette/pyjson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/simd.h"
#include "base/utf8.h"

enum { MAX_DIGITS = 4300 }; /* CPython converts no longer integers to text */

enum type { STR, NUL, BOOL_TRUE, BOOL_FALSE, INT, FLOAT, DATE, BYTES };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool one_of(struct span t, const char *const *words)
{
	for (; *words; words++)
		if (span_is(t, *words))
			return true;
	return false;
}

/* Length of the run of bytes from set at the front of t. */
static size_t run(struct span t, const char *set)
{
	size_t n = 0;

	while (n < t.n && t.p[n] && strchr(set, t.p[n]))
		n++;
	return n;
}

static struct span after(struct span t, size_t n)
{
	return (struct span){ t.p + n, t.n - n };
}

static struct span unsigned_part(struct span t)
{
	return t.n && (*t.p == '-' || *t.p == '+') ? after(t, 1) : t;
}

/* The (:[0-5]?[0-9])+ of a number to the base 60, at the front of t; 0: there is none. */
static size_t sixtieths(struct span t)
{
	size_t n = 0;

	while (n + 1 < t.n && t.p[n] == ':' && is_digit(t.p[n + 1])) {
		size_t more = n + 2 < t.n && is_digit(t.p[n + 2]) && t.p[n + 1] <= '5';

		n += 2 + more;
	}
	return n;
}

static bool is_int(struct span t)
{
	size_t n, sixty;

	t = unsigned_part(t);
	if (span_starts(t, "0b") && t.n > 2)
		return run(after(t, 2), "01_") == t.n - 2;
	if (span_starts(t, "0x") && t.n > 2)
		return run(after(t, 2), "0123456789abcdefABCDEF_") == t.n - 2;
	if (t.n == 0 || !is_digit(*t.p))
		return false;
	if (*t.p == '0')
		return run(t, "01234567_") == t.n;
	n = run(t, "0123456789_");
	sixty = sixtieths(after(t, n));
	return n + sixty == t.n;
}

static bool is_float(struct span all)
{
	static const char *const infinite[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nan[] = { ".nan", ".NaN", ".NAN", NULL };
	struct span t = unsigned_part(all);
	size_t n;
	bool sixty;

	if (one_of(t, infinite) || one_of(all, nan))
		return true;
	if (t.n == 0 || (!is_digit(*t.p) && t.n != all.n))
		return false; /* no sign before a bare point */
	n = is_digit(*t.p) ? run(t, "0123456789_") : 0;
	if (n == 0 && (t.n < 2 || !is_digit(t.p[1])))
		return false;
	t = after(t, n);
	sixty = n && sixtieths(t);
	t = after(t, sixty ? sixtieths(t) : 0);
	if (t.n == 0 || *t.p != '.')
		return false;
	t = after(t, 1 + run(after(t, 1), "0123456789_"));
	if (sixty || t.n == 0)
		return t.n == 0;
	if (t.n < 3 || (*t.p != 'e' && *t.p != 'E') || (t.p[1] != '-' && t.p[1] != '+'))
		return false;
	return run(after(t, 2), "0123456789") == t.n - 2;
}

/* A pattern of digits (d), optional digits (?), and characters that stand for themselves. */
static size_t shape(struct span t, const char *pattern)
{
	size_t n = 0;

	for (; *pattern; pattern++) {
		bool digit = n < t.n && is_digit(t.p[n]);

		if (*pattern == '?') {
			n += digit;
		} else {
			if (n == t.n || (*pattern == 'd' ? !digit : t.p[n] != *pattern))
				return 0;
			n++;
		}
	}
	return n;
}

static bool is_zone(struct span t)
{
	size_t n;

	t = after(t, run(t, " \t"));
	if (t.n == 0 || span_is(t, "Z"))
		return true;
	if (*t.p != '+' && *t.p != '-')
		return false;
	t = after(t, 1);
	n = shape(t, "d?");
	return n > 0 && (n == t.n || shape(after(t, n), ":dd") == t.n - n);
}

static bool is_date(struct span t)
{
	size_t n = shape(t, "dddd-d?-d?"), gap;

	if (shape(t, "dddd-dd-dd") == t.n && t.n)
		return true;
	if (n == 0 || n == t.n)
		return false;
	t = after(t, n);
	gap = *t.p == 'T' || *t.p == 't' ? 1 : run(t, " \t");
	t = after(t, gap);
	n = shape(t, "d?:dd:dd");
	if (gap == 0 || n == 0)
		return false;
	t = after(t, n);
	if (t.n && *t.p == '.')
		t = after(t, 1 + run(after(t, 1), "0123456789"));
	return is_zone(t);
}

static enum type plain_type(struct span t)
{
	static const char *const trues[] = { "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", NULL };
	static const char *const falses[] = { "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", NULL };
	static const char *const nulls[] = { "~", "null", "Null", "NULL", NULL };

	if (t.n == 0)
		return NUL;
	if (t.n <= 5 && strchr("~yYnNtTfFoO", *t.p)) { /* no word is longer */
		if (one_of(t, nulls))
			return NUL;
		if (one_of(t, trues))
			return BOOL_TRUE;
		if (one_of(t, falses))
			return BOOL_FALSE;
	}
	if (!is_digit(*t.p) && *t.p != '-' && *t.p != '+' && *t.p != '.')
		return STR;
	if (is_float(t))
		return FLOAT;
	if (is_int(t))
		return INT;
	return is_date(t) ? DATE : STR;
}

static enum type word_type(struct span t)
{
	if (*t.p == 't' || *t.p == 'f')
		return *t.p == 't' ? BOOL_TRUE : BOOL_FALSE;
	if (*t.p == 'n')
		return NUL;
	return run(t, "-0123456789") == t.n ? INT : FLOAT;
}

static enum type tagged_type(const struct node *n)
{
	static const struct {
		const char *tag;
		enum type type;
	} tags[] = { { "null", NUL }, { "int", INT }, { "float", FLOAT }, { "timestamp", DATE }, { "binary", BYTES } };

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (node_tagged(n, tags[i].tag))
			return tags[i].type;
	return node_tagged(n, "bool") ? plain_type(n->text) : STR;
}

static enum type type_of(const struct node *n)
{
	if (n->word)
		return word_type(n->text);
	if (n->tag)
		return tagged_type(n);
	return n->style == YAML_PLAIN ? plain_type(n->text) : STR;
}

/* A whole number of any length: digits from the last to the first, times base, plus digit. */
static bool shift_in(struct buf *digits, unsigned base, unsigned digit)
{
	unsigned carry = digit;

	for (size_t i = 0; i < digits->len; i++) {
		carry += (unsigned)(digits->p[i] - '0') * base;
		digits->p[i] = (char)('0' + carry % 10);
		carry /= 10;
	}
	for (; carry; carry /= 10)
		buf_addc(digits, (char)('0' + carry % 10));
	return digits->len <= MAX_DIGITS;
}

static unsigned value(char c)
{
	return is_digit(c) ? (unsigned)(c - '0') : ((unsigned)c | 0x20u) - 'a' + 10;
}

static bool whole(struct buf *digits, struct span t)
{
	unsigned base = 10;

	if (t.n > 1 && *t.p == '0') {
		base = t.p[1] == 'b' ? 2 : t.p[1] == 'x' ? 16 : 8;
		t = after(t, base == 8 ? 1 : 2);
	}
	for (; t.n > 0; t = after(t, 1)) {
		if (*t.p == '_')
			continue;
		if (*t.p == ':') { /* one or two digits to the base 60 */
			unsigned d = value(t.p[1]);

			t = after(t, 1);
			if (t.n > 1 && t.p[1] != ':') {
				d = d * 10 + value(t.p[1]);
				t = after(t, 1);
			}
			if (!shift_in(digits, 60, d))
				return false;
		} else if (!shift_in(digits, base, value(*t.p))) {
			return false;
		}
	}
	return true;
}

static int put_int(struct buf *b, struct doc *d, const struct node *n, struct fault *f)
{
	struct buf digits = BUF_INIT;
	struct span t = unsigned_part(n->text);
	int r = 0;

	if (t.n < 19 && run(t, "0123456789") == t.n && (*t.p != '0' || t.n == 1)) { /* nearly all */
		if (*n->text.p == '-' && *t.p != '0')
			buf_addc(b, '-');
		buf_addspan(b, t);
		return 0;
	}
	if (!is_int(n->text) || !whole(&digits, t))
		r = node_fault(d, n, f, "is no whole number that Python takes");
	if (digits.len && *n->text.p == '-')
		buf_addc(b, '-');
	for (size_t i = digits.len; i > 0; i--)
		buf_addc(b, digits.p[i - 1]);
	if (digits.len == 0)
		buf_addc(b, '0');
	buf_release(&digits);
	return r;
}

/* float.__repr__: the fewest digits that read back as the same number. */
static void put_double(struct buf *b, double x)
{
	char text[40], digits[24];
	int precision = 0, exponent, n;
	const char *e;

	if (isnan(x) || isinf(x)) {
		buf_adds(b, isnan(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity");
		return;
	}
	do
		snprintf(text, sizeof text, "%.*e", precision, fabs(x));
	while (strtod(text, NULL) != fabs(x) && precision++ < 17);
	e = strchr(text, 'e');
	exponent = atoi(e + 1);
	digits[0] = text[0];
	n = precision ? precision + 1 : 1;
	memcpy(digits + 1, text + 2, (size_t)n - 1);
	if (signbit(x))
		buf_addc(b, '-');
	if (exponent < -4 || exponent >= 16) {
		buf_addf(b, n > 1 ? "%c.%.*s" : "%c", digits[0], n - 1, digits + 1);
		buf_addf(b, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
		return;
	}
	if (exponent < 0)
		buf_addf(b, "0.%.*s", -exponent - 1, "000");
	for (int i = 0; i < n || i <= exponent; i++) {
		if (i == exponent + 1 && exponent >= 0)
			buf_addc(b, '.');
		buf_addc(b, i < n ? digits[i] : '0');
	}
	if (exponent >= n - 1)
		buf_adds(b, ".0");
}

static double sexagesimal(const char *s)
{
	double x = 0;

	for (; s; s = strchr(s, ':'), s = s ? s + 1 : NULL)
		x = x * 60 + strtod(s, NULL);
	return x;
}

static int put_float(struct buf *b, struct doc *d, const struct node *n, struct fault *f)
{
	struct span t = unsigned_part(n->text);
	struct buf plain = BUF_INIT;
	double x;
	char *end;

	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] != '_')
			buf_addc(&plain, t.p[i]);
	if (plain.len > 1 && *plain.p == '.' && !is_digit(plain.p[1]))
		x = (plain.p[1] | 0x20) == 'i' ? INFINITY : NAN;
	else if (strchr(buf_str(&plain), ':'))
		x = sexagesimal(buf_str(&plain));
	else
		x = strtod(buf_str(&plain), &end);
	if (plain.len == 0 || (strchr("0123456789.", *plain.p) == NULL))
		node_fault(d, n, f, "is no number that Python takes");
	buf_release(&plain);
	put_double(b, n->text.n && *n->text.p == '-' ? -x : x);
	return f->status == ST_OK ? 0 : -1;
}

static void put_unit(struct buf *b, uint32_t unit)
{
	buf_addf(b, "\\u%04x", unit);
}

/* One character that does not stand for itself; returns its length. */
static size_t put_special(struct buf *b, const char *p, size_t n)
{
	static const char letters[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
	const char *at = *p ? strchr(letters, *p) : NULL;
	size_t bad, len = utf8_sequence(p, n, &bad);
	uint32_t cp;

	if (at) {
		buf_addc(b, '\\');
		buf_addc(b, names[at - letters]);
		return 1;
	}
	cp = len > 1 ? utf8_code_point(p, len) : (unsigned char)*p;
	if (cp >= 0x10000) {
		put_unit(b, 0xd800 + ((cp - 0x10000) >> 10));
		put_unit(b, 0xdc00 + ((cp - 0x10000) & 0x3ff));
	} else {
		put_unit(b, cp);
	}
	return len ? len : 1;
}

static void put_string(struct buf *b, struct span s)
{
	const char *p = s.p, *end = s.p + s.n;

	buf_addc(b, '"');
	while (p < end) {
		const char *from = p;

		while (end - p >= SIMD_WIDTH && simd_string_stop(p) == SIMD_WIDTH && !memchr(p, 0x7f, SIMD_WIDTH))
			p += SIMD_WIDTH;
		while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f)
			p++;
		buf_add(b, from, (size_t)(p - from));
		if (p < end)
			p += put_special(b, p, (size_t)(end - p));
	}
	buf_addc(b, '"');
}

static int put_scalar(struct buf *b, struct doc *d, const struct node *n, struct fault *f)
{
	switch (type_of(n)) {
	case NUL:
		buf_adds(b, "null");
		return 0;
	case BOOL_TRUE:
	case BOOL_FALSE:
		buf_adds(b, type_of(n) == BOOL_TRUE ? "true" : "false");
		return 0;
	case INT:
		return put_int(b, d, n, f);
	case FLOAT:
		return put_float(b, d, n, f);
	case DATE:
		return node_fault(d, n, f, "is a date, which no JSON body can have had");
	case BYTES:
		return node_fault(d, n, f, "is !!binary, which no JSON body can have had");
	default:
		put_string(b, n->text);
		return 0;
	}
}

/* Keys that are no strings become what the value would be, as a string. */
static int put_key(struct buf *b, struct doc *d, const struct node *member, struct fault *f)
{
	struct node key = { .parent = member->parent, .line = member->line, .text = member->key, .key = member->key };
	int r;

	key.style = member->plain_key ? YAML_PLAIN : YAML_DOUBLE;
	if (type_of(&key) == STR) {
		put_string(b, member->key);
		return 0;
	}
	buf_addc(b, '"');
	r = put_scalar(b, d, &key, f);
	buf_addc(b, '"');
	return r;
}

int pyjson_put(struct buf *b, struct doc *d, const struct node *n, struct fault *f)
{
	if (n->kind == DOC_SCALAR)
		return put_scalar(b, d, n, f);
	buf_addc(b, n->kind == DOC_MAP ? '{' : '[');
	for (const struct node *c = n->first; c; c = c->next) {
		if (c != n->first)
			buf_add(b, ", ", 2);
		if (n->kind == DOC_MAP) {
			if (put_key(b, d, c, f) < 0)
				return -1;
			buf_add(b, ": ", 2);
		}
		if (pyjson_put(b, d, c, f) < 0)
			return -1;
	}
	buf_addc(b, n->kind == DOC_MAP ? '}' : ']');
	return 0;
}
