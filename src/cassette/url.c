/* SPDX-License-Identifier: MIT */
/* url: the parts of a URL as spans of it, and its query as a form. See url.h. */
#include "cassette/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/write.h"

static struct span from(struct span s, size_t at)
{
	return (struct span){ s.p + at, s.n - at };
}

static size_t until(struct span s, const char *stops)
{
	size_t n = 0;

	for (; n < s.n; n++)
		for (const char *c = stops; *c; c++)
			if (s.p[n] == *c)
				return n;
	return n;
}

/* Behind "scheme://"; a URL without one has no host. */
static struct span authority(struct span url)
{
	size_t colon = until(url, ":/?#");

	if (!span_starts(from(url, colon), "://"))
		return (struct span){ url.p, 0 };
	url = from(url, colon + 3);
	return (struct span){ url.p, until(url, "/?#") };
}

struct span url_host(struct span url)
{
	struct span a = authority(url);
	const char *at = span_last(a, '@');

	return at ? from(a, (size_t)(at - a.p) + 1) : a;
}

static struct span after_authority(struct span url)
{
	struct span a = authority(url);

	return from(url, (size_t)(a.p - url.p) + a.n);
}

struct span url_path(struct span url)
{
	struct span s = after_authority(url);

	return (struct span){ s.p, until(s, "?#") };
}

struct span url_target(struct span url)
{
	struct span s = after_authority(url);

	return (struct span){ s.p, until(s, "#") };
}

struct span url_query(struct span url)
{
	struct span s = url_target(url), path = url_path(url);

	return path.n < s.n ? from(s, path.n + 1) : SPAN_NONE;
}

struct pair {
	struct span name, value; /* still encoded */
	size_t place;
	struct buf plain; /* the name, decoded */
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at s[*at], decoded, and moves *at past it. *encoded: it was percent-encoded. */
static char decode_one(struct span s, size_t *at, bool *encoded)
{
	size_t i = *at;

	*encoded = s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0;
	*at += *encoded ? 3 : 1;
	return *encoded ? (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2])) : s.p[i];
}

static void decode(struct buf *b, struct span s)
{
	bool encoded;

	for (size_t i = 0; i < s.n;) {
		char c = decode_one(s, &i, &encoded);

		buf_addc(b, c == '+' && !encoded ? ' ' : c);
	}
}

static void encode(struct buf *b, struct span s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._";

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ')
			buf_addc(b, '+');
		else if (s.p[i] && strchr(plain, s.p[i]))
			buf_addc(b, s.p[i]);
		else
			buf_addf(b, "%%%02X", (unsigned char)s.p[i]);
	}
}

void url_put_pair(struct buf *b, struct span name, struct span value)
{
	if (b->len)
		buf_addc(b, '&');
	encode(b, name);
	buf_addc(b, '=');
	encode(b, value);
}

bool url_same_path(struct span a, struct span b)
{
	size_t i = 0, k = 0;

	while (i < a.n && k < b.n) {
		bool encoded, encoded_too;
		char c = decode_one(a, &i, &encoded);

		if (c != decode_one(b, &k, &encoded_too) || (c == '/' && encoded != encoded_too))
			return false;
	}
	return i == a.n && k == b.n;
}

static int compare_names(const struct pair *x, const struct pair *y)
{
	size_t n = x->plain.len < y->plain.len ? x->plain.len : y->plain.len;
	int c = memcmp(x->plain.p, y->plain.p, n);

	return c ? c : (x->plain.len > y->plain.len) - (x->plain.len < y->plain.len);
}

static int by_name(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = compare_names(x, y);

	return c ? c : x->place < y->place ? -1 : 1;
}

static size_t add_pairs(struct pair **list, size_t n, struct span s)
{
	while (s.n > 0) {
		struct span one = { s.p, until(s, "&") };
		size_t eq = until(one, "=");

		s = from(s, one.n + (one.n < s.n));
		if (one.n == 0)
			continue;
		*list = mem_resize(*list, (n + 1) * sizeof **list);
		(*list)[n] =
			(struct pair){ { one.p, eq }, eq < one.n ? from(one, eq + 1) : from(one, eq), n, BUF_INIT };
		buf_room(&(*list)[n].plain, 1);
		decode(&(*list)[n].plain, (*list)[n].name);
		n++;
	}
	return n;
}

static void release_pairs(struct pair *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_release(&list[i].plain);
	free(list);
}

static bool same_value(struct span a, struct span b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same = span_same(a, b);

	if (!same) {
		decode(&x, a);
		decode(&y, b);
		same = span_same(buf_span(&x), buf_span(&y));
	}
	buf_release(&x);
	buf_release(&y);
	return same;
}

bool url_same_form(struct span a, struct span b)
{
	struct pair *x = NULL, *y = NULL;
	size_t n = add_pairs(&x, 0, a), m = add_pairs(&y, 0, b);
	bool same = n == m;

	if (same && n > 1) {
		qsort(x, n, sizeof *x, by_name);
		qsort(y, n, sizeof *y, by_name);
	}
	for (size_t i = 0; same && i < n; i++)
		same = compare_names(&x[i], &y[i]) == 0 && same_value(x[i].value, y[i].value);
	release_pairs(x, n);
	release_pairs(y, m);
	return same;
}

bool url_is_form(struct span body)
{
	for (size_t i = 0; i < body.n; i++)
		if ((unsigned char)body.p[i] <= ' ' || (unsigned char)body.p[i] >= 0x7f ||
		    strchr("\"<>\\^`{|}#", body.p[i]))
			return false;
	return body.n > 0 && memchr(body.p, '=', body.n);
}

static void put_value(struct buf *json, struct span encoded)
{
	struct buf plain = BUF_INIT;

	decode(&plain, encoded);
	json_quote(json, buf_span(&plain));
	buf_release(&plain);
}

void url_form(struct span query, struct span body, struct buf *json)
{
	struct pair *list = NULL;
	size_t n = add_pairs(&list, 0, body);

	n = add_pairs(&list, n, query);
	if (n == 0)
		return;
	qsort(list, n, sizeof *list, by_name);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && compare_names(&list[i - 1], &list[i]) == 0;

		buf_adds(json, i == 0 ? "{" : same ? "," : "],");
		if (!same) {
			json_quote(json, buf_span(&list[i].plain));
			buf_adds(json, ":[");
		}
		put_value(json, list[i].value);
	}
	buf_adds(json, "]}");
	release_pairs(list, n);
}

void url_pairs(struct span query, struct buf *json)
{
	struct pair *list = NULL;
	size_t n = add_pairs(&list, 0, query);

	buf_addc(json, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(json, i ? ",{\"name\":" : "{\"name\":");
		json_quote(json, buf_span(&list[i].plain));
		buf_adds(json, ",\"value\":");
		put_value(json, list[i].value);
		buf_addc(json, '}');
	}
	buf_addc(json, ']');
	release_pairs(list, n);
}
