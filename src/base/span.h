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

static inline bool span_same(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *s)
{
	size_t n = strlen(s);

	return a.p && a.n == n && memcmp(a.p, s, n) == 0;
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
