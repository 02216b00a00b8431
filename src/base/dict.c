/* SPDX-License-Identifier: MIT */
/* dict: what was filed under a number and a name. See dict.h. */
#include "base/dict.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ROOM = 8, KEPT = 64 }; /* slots at first, and those that a reset keeps */

struct dict_slot {
	uint64_t number;
	struct span name;
	void *thing; /* NULL: the slot is free */
};

/* As FNV-1a, but eight bytes at once; the upper half is folded into the bits that are used. */
static uint64_t mix(uint64_t h, uint64_t piece)
{
	h = (h ^ piece) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

static size_t hash(uint64_t number, struct span name)
{
	uint64_t h = mix(name.n, number), piece;

	for (; name.n >= sizeof piece; name.p += sizeof piece, name.n -= sizeof piece) {
		memcpy(&piece, name.p, sizeof piece);
		h = mix(h, piece);
	}
	piece = 0;
	for (size_t i = 0; i < name.n; i++)
		piece = piece << 8 | (unsigned char)name.p[i];
	return (size_t)mix(h, piece);
}

/* The slot of that name, or the free one where it belongs. */
static struct dict_slot *slot(const struct dict *d, uint64_t number, struct span name)
{
	size_t i = hash(number, name) & (d->room - 1);

	while (d->slots[i].thing && !(d->slots[i].number == number && span_same(d->slots[i].name, name)))
		i = (i + 1) & (d->room - 1);
	return &d->slots[i];
}

void *dict_get(const struct dict *d, uint64_t number, struct span name)
{
	return d->room ? slot(d, number, name)->thing : NULL;
}

static void grow(struct dict *d)
{
	struct dict larger = { .room = d->room ? 2 * d->room : ROOM, .used = d->used, .arena = d->arena };
	size_t n = larger.room * sizeof *larger.slots;

	larger.slots = d->arena ? arena_zero(d->arena, n) : mem_zero(n);
	for (size_t i = 0; i < d->room; i++)
		if (d->slots[i].thing)
			*slot(&larger, d->slots[i].number, d->slots[i].name) = d->slots[i];
	if (!d->arena)
		free(d->slots);
	*d = larger;
}

void dict_put(struct dict *d, uint64_t number, struct span name, void *thing)
{
	struct dict_slot *s;

	if (2 * d->used >= d->room) /* a free one must be there to end each search, and many make it short */
		grow(d);
	s = slot(d, number, name);
	d->used += !s->thing;
	*s = (struct dict_slot){ number, name, thing };
}

void dict_reset(struct dict *d)
{
	if (d->room > KEPT)
		dict_release(d);
	else if (d->used)
		memset(d->slots, 0, d->room * sizeof *d->slots);
	d->used = 0;
}

void dict_release(struct dict *d)
{
	if (!d->arena)
		free(d->slots);
	*d = (struct dict){ .arena = d->arena };
}
