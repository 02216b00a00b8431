/* SPDX-License-Identifier: MIT */
/* arena: many small things that live and die together. See arena.h. */
#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { BLOCK = 32 * 1024, ALIGN = _Alignof(max_align_t) };

struct arena_block {
	struct arena_block *older;
	size_t size;
	max_align_t bytes[];
};

static void add_block(struct arena *a, size_t n)
{
	size_t size = n > BLOCK ? n : BLOCK;
	struct arena_block *b = mem_alloc(sizeof *b + size);

	b->older = a->block;
	b->size = size;
	a->block = b;
	a->left = size;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b;

	if (n > (size_t)-1 - ALIGN - sizeof *b)
		err_nomem();
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (!a->block || a->left < n)
		add_block(a, n);
	b = a->block;
	a->left -= n;
	a->used += n;
	return (char *)b->bytes + (b->size - a->left - n);
}

void *arena_zero(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

struct span arena_copy(struct arena *a, struct span s)
{
	char *p;

	if (!s.p)
		return s;
	p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct span){ p, s.n };
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	int n;
	char *p;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	*p = '\0';
	if (n >= 0)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = NULL, *older;

	for (struct arena_block *b = a->block; b; b = older) {
		older = b->older;
		if (!keep && b->size == BLOCK)
			keep = b;
		else
			free(b);
	}
	if (keep)
		keep->older = NULL;
	a->block = keep;
	a->left = keep ? keep->size : 0;
	a->used = 0;
}

void arena_release(struct arena *a)
{
	for (struct arena_block *b = a->block, *older; b; b = older) {
		older = b->older;
		free(b);
	}
	*a = (struct arena)ARENA_INIT;
}
