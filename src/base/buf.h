/* SPDX-License-Identifier: MIT */
/*
 * buf: bytes that grow, under a ceiling.
 *
 * p is never NULL once something was added, and there is room for 64 bytes at least. One byte past
 * len is always there and NUL, so that a text may be handed to C. With max == 0 a buf grows until
 * memory ends (mem.h). With a ceiling, an addition that would pass it adds nothing and sets `full`,
 * which stays set until buf_reset: like ferror(3), it may be asked once at the end of several
 * additions.
 *
 *	struct buf b = BUF_INIT;        no ceiling
 *	struct buf b = { .max = 65536 };
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	size_t max;
	bool full;
};

#define BUF_INIT \
	{ \
		0 \
	}

bool buf_room(struct buf *b, size_t n); /* make room for n more bytes; false: ceiling */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addn(struct buf *b, uint64_t n); /* in decimal digits */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_cut(struct buf *b, size_t len); /* shorten to len */
void buf_drop(struct buf *b, size_t n);  /* remove n bytes at the front */
void buf_release(struct buf *b);         /* empty, memory gone, ceiling kept */
char *buf_take(struct buf *b);           /* the bytes, NUL-terminated; the caller frees them */
const char *buf_str(struct buf *b);      /* as a C string, "" when empty */

static inline void buf_addspan(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

/* Empty, memory and ceiling kept. */
static inline void buf_reset(struct buf *b)
{
	b->full = false;
	b->len = 0;
	if (b->p)
		*b->p = '\0';
}

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){ b->p ? b->p : "", b->len };
}

#endif
