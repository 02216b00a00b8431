/* SPDX-License-Identifier: MIT */
/*
 * arena: many small things that live and die together.
 *
 * What arena_reset gives back is kept for the next round, save blocks far larger than usual, so
 * that a program that does the same thing a million times allocates a few times. used counts the
 * bytes handed out since the last reset, for whoever keeps a ceiling.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct arena {
	struct arena_block *block; /* the newest */
	size_t left;               /* free bytes at its end */
	size_t used;
};

#define ARENA_INIT \
	{ \
		0 \
	}

void *arena_alloc(struct arena *a, size_t n);           /* aligned, uninitialised */
void *arena_zero(struct arena *a, size_t n);            /* aligned, all bits zero */
struct span arena_copy(struct arena *a, struct span s); /* NUL-terminated; absent stays absent */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

#endif
