/* SPDX-License-Identifier: MIT */
/* same: do two JSON texts say the same, and where do they not? See same.h. */
#include "json/same.h"

#include <stdlib.h>
#include <string.h>

#include "json/path.h"
#include "json/write.h"

struct comparison {
	const struct json *a, *b;
	struct buf path, x, y;
	json_differ *differ;
	void *context;
	size_t count;
};

/* A number as its significant digits and the power of ten of the first one. */
struct number {
	bool minus;
	long long exponent;
	struct span before, after; /* digits around the point, zeros at both ends cut off */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(struct span t)
{
	size_t n = 0;

	while (n < t.n && is_digit(t.p[n]))
		n++;
	return n;
}

/* Exponents beyond 18 digits are as good as that. */
static long long exponent(struct span t)
{
	bool minus = t.n && *t.p == '-';
	long long e = 0;

	if (t.n && !is_digit(*t.p))
		t = (struct span){ t.p + 1, t.n - 1 };
	for (; t.n && e < 100000000000000000; t.p++, t.n--)
		e = e * 10 + (*t.p - '0');
	return minus ? -e : e;
}

/* The i-th of the digits, without the point. */
static char digit(const struct number *x, size_t i)
{
	return i < x->before.n ? x->before.p[i] : x->after.p[i - x->before.n];
}

static size_t count(const struct number *x)
{
	return x->before.n + x->after.n;
}

static struct number number(struct span t)
{
	struct number x = { .minus = *t.p == '-' };

	t.p += x.minus;
	t.n -= x.minus;
	x.before = (struct span){ t.p, digits(t) };
	t = (struct span){ t.p + x.before.n, t.n - x.before.n };
	x.after = (struct span){ t.p, 0 };
	if (t.n && *t.p == '.') {
		x.after = (struct span){ t.p + 1, digits((struct span){ t.p + 1, t.n - 1 }) };
		t = (struct span){ x.after.p + x.after.n, t.n - 1 - x.after.n };
	}
	x.exponent = (t.n ? exponent((struct span){ t.p + 1, t.n - 1 }) : 0) + (long long)x.before.n;
	while (x.before.n && *x.before.p == '0') {
		x.before = (struct span){ x.before.p + 1, x.before.n - 1 };
		x.exponent--;
	}
	while (x.before.n == 0 && x.after.n && *x.after.p == '0') {
		x.after = (struct span){ x.after.p + 1, x.after.n - 1 };
		x.exponent--;
	}
	while (x.after.n && x.after.p[x.after.n - 1] == '0')
		x.after.n--;
	while (x.after.n == 0 && x.before.n && x.before.p[x.before.n - 1] == '0')
		x.before.n--;
	return x;
}

bool json_same_number(struct span a, struct span b)
{
	struct number x = number(a), y = number(b);
	size_t n = count(&x);

	if (n != count(&y))
		return false;
	if (n == 0) /* zero, whatever its sign and exponent */
		return true;
	if (x.minus != y.minus || x.exponent != y.exponent)
		return false;
	for (size_t i = 0; i < n; i++)
		if (digit(&x, i) != digit(&y, i))
			return false;
	return true;
}

static struct span plain(const struct json *j, uint32_t n, struct buf *scratch)
{
	if (!j->tape[n].escaped)
		return json_string(j, n);
	buf_reset(scratch);
	json_unescape(scratch, json_string(j, n));
	return buf_span(scratch);
}

static bool same_string(struct comparison *c, uint32_t a, uint32_t b)
{
	return span_same(plain(c->a, a, &c->x), plain(c->b, b, &c->y));
}

static void differs(struct comparison *c, uint32_t a, uint32_t b)
{
	c->count++;
	if (c->differ)
		c->differ(c->context, c->path.len ? buf_span(&c->path) : SPAN("."), a, b);
}

/* The member of other that has the key of value. Both texts mostly have their keys in one order, so
 * the place behind the last hit is tried first. */
static uint32_t twin(struct comparison *c, const struct json *mine, uint32_t value, const struct json *other,
                     uint32_t object, uint32_t *hint)
{
	struct span key = plain(mine, json_key(value), &c->x);
	uint32_t found = 0;

	if (*hint && json_is_span(other, json_key(*hint), key)) {
		found = *hint;
	} else {
		for (uint32_t v = json_first(other, object); v; v = json_next(other, object, v))
			if (json_is_span(other, json_key(v), key))
				found = v;
	}
	*hint = found ? json_next(other, object, found) : 0;
	return found;
}

static void compare(struct comparison *c, uint32_t a, uint32_t b);

static void compare_objects(struct comparison *c, uint32_t a, uint32_t b)
{
	size_t path = c->path.len;
	uint32_t hint = json_first(c->b, b), v, w;

	for (v = json_first(c->a, a); v; v = json_next(c->a, a, v)) {
		w = twin(c, c->a, v, c->b, b, &hint);
		path_add_key(&c->path, c->a, json_key(v));
		if (w)
			compare(c, v, w);
		else
			differs(c, v, 0);
		buf_cut(&c->path, path);
	}
	hint = json_first(c->a, a);
	for (w = json_first(c->b, b); w; w = json_next(c->b, b, w)) {
		if (twin(c, c->b, w, c->a, a, &hint))
			continue;
		path_add_key(&c->path, c->b, json_key(w));
		differs(c, 0, w);
		buf_cut(&c->path, path);
	}
}

static void compare_arrays(struct comparison *c, uint32_t a, uint32_t b)
{
	size_t path = c->path.len, i = 0;
	uint32_t v = json_first(c->a, a), w = json_first(c->b, b);

	for (; v || w; i++) {
		path_add_index(&c->path, i);
		if (v && w)
			compare(c, v, w);
		else
			differs(c, v, w);
		buf_cut(&c->path, path);
		v = v ? json_next(c->a, a, v) : 0;
		w = w ? json_next(c->b, b, w) : 0;
	}
}

static void compare(struct comparison *c, uint32_t a, uint32_t b)
{
	enum json_kind kind = json_kind(c->a, a);

	if (kind != json_kind(c->b, b))
		differs(c, a, b);
	else if (kind == JSON_OBJECT)
		compare_objects(c, a, b);
	else if (kind == JSON_ARRAY)
		compare_arrays(c, a, b);
	else if (kind == JSON_STRING ? !same_string(c, a, b)
	                             : kind == JSON_NUMBER && !json_same_number(json_text(c->a, a), json_text(c->b, b)))
		differs(c, a, b);
}

size_t json_compare(const struct json *a, const struct json *b, json_differ *differ, void *context)
{
	struct comparison c = { .a = a, .b = b, .differ = differ, .context = context };

	compare(&c, JSON_ROOT, JSON_ROOT);
	buf_release(&c.path);
	buf_release(&c.x);
	buf_release(&c.y);
	return c.count;
}
