/* SPDX-License-Identifier: MIT */
/* buf: bytes that grow, under a ceiling. See buf.h. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

bool buf_room(struct buf *b, size_t n)
{
	size_t want = b->len + n + 1;

	if (b->max && (n > b->max || b->len > b->max - n)) {
		b->full = true;
		return false;
	}
	if (want <= b->cap && want > n)
		return true;
	if (want <= n)
		err_nomem();
	b->cap = mem_grow(b->cap, want);
	b->p = mem_resize(b->p, b->cap);
	b->p[b->len] = '\0';
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if ((b->max || n >= b->cap - b->len) && (b->full || !buf_room(b, n))) /* nearly always there is room */
		return;
	if (n)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_addc(struct buf *b, char c)
{
	if (b->len + 1 < b->cap && !b->max) { /* nearly always */
		b->p[b->len++] = c;
		b->p[b->len] = '\0';
		return;
	}
	buf_add(b, &c, 1);
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addn(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_add(b, digits + at, sizeof digits - at);
}

/* Into the room that is there, which mostly is enough; else once more, now that the length is known. */
void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	size_t left = b->max ? 0 : b->cap - b->len;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(left ? b->p + b->len : NULL, left, fmt, ap);
	if (n >= 0 && ((size_t)n < left || (!b->full && buf_room(b, (size_t)n)))) {
		if ((size_t)n >= left)
			vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	} else if (left) {
		b->p[b->len] = '\0';
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->p[len] = '\0';
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_cut(b, 0);
		return;
	}
	memmove(b->p, b->p + n, b->len - n);
	buf_cut(b, b->len - n);
}

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

char *buf_take(struct buf *b)
{
	char *p = b->p ? b->p : mem_dup("", 0);

	*b = (struct buf){ .max = b->max };
	return p;
}

const char *buf_str(struct buf *b)
{
	return b->p ? b->p : "";
}
