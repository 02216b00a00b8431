/* SPDX-License-Identifier: MIT */
/*
 * span: bytes that somebody else owns.
 *
 * A span is valid as long as its owner says; it is not NUL-terminated. A span with p == NULL is
 * absent, which is not the same as empty.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t	    n;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })
#define SPAN_NONE     ((struct span){ NULL, 0 })

static inline struct span span_of(const char *s)
{
	return (struct span){ s, s ? strlen(s) : 0 };
}

/* memcmp(3) == 0 for the short names that most comparisons are about, without a call. */
static inline bool span_equal(const char *a, const char *b, size_t n)
{
	uint64_t u, v, x, y;
	uint32_t s, t, w, z;

	if (n > 16)
		return memcmp(a, b, n) == 0;
	if (n >= 8) {
		memcpy(&u, a, 8);
		memcpy(&v, b, 8);
		memcpy(&x, a + (n - 8), 8);
		memcpy(&y, b + (n - 8), 8);
		return u == v && x == y;
	}
	if (n >= 4) {
		memcpy(&s, a, 4);
		memcpy(&t, b, 4);
		memcpy(&w, a + (n - 4), 4);
		memcpy(&z, b + (n - 4), 4);
		return s == t && w == z;
	}
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static inline bool span_same(struct span a, struct span b)
{
	return a.n == b.n && span_equal(a.p, b.p, a.n);
}

static inline bool span_is(struct span a, const char *s)
{
	size_t n = strlen(s);

	return a.p && a.n == n && span_equal(a.p, s, n);
}

static inline bool span_starts(struct span a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && memcmp(a.p, s, n) == 0;
}

/* The last c in a, or NULL. */
static inline const char *span_last(struct span a, char c)
{
	while (a.n > 0)
		if (a.p[--a.n] == c)
			return a.p + a.n;
	return NULL;
}

#endif
