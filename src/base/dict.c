/* SPDX-License-Identifier: MIT */
/* dict: what was filed under a number and a name. See dict.h. */
#include "base/dict.h"

#include <stdlib.h>

#include "base/mem.h"

enum { ROOM = 64 }; /* at first */

struct dict_slot {
	uint64_t number;
	struct span name;
	void *thing; /* NULL: the slot is free */
};

/* FNV-1a, its upper half folded into the bits that are used. */
static size_t hash(uint64_t number, struct span name)
{
	uint64_t h = (0xcbf29ce484222325u ^ number) * 0x100000001b3u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 0x100000001b3u;
	return (size_t)(h ^ h >> 32);
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
	struct dict larger = { .room = d->room ? 2 * d->room : ROOM, .used = d->used };

	larger.slots = mem_zero(larger.room * sizeof *larger.slots);
	for (size_t i = 0; i < d->room; i++)
		if (d->slots[i].thing)
			*slot(&larger, d->slots[i].number, d->slots[i].name) = d->slots[i];
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

void dict_release(struct dict *d)
{
	free(d->slots);
	*d = (struct dict)DICT_INIT;
}
