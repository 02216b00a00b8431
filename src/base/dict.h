/* SPDX-License-Identifier: MIT */
/*
 * dict: what was filed under a number and a name, found without looking through all.
 *
 *	struct dict d = DICT_INIT;
 *	dict_put(&d, choice, id, call);
 *	call = dict_get(&d, choice, id);
 *
 * Names and things are borrowed: a name stays where it is as long as the dict is used. It is for what
 * input can make many of; among a handful a walk is as fast.
 *
 * With an arena, set while the dict is empty, the slots are the arena's: there is nothing to release,
 * and the dict is used no longer than the arena's memory.
 */
#ifndef BASE_DICT_H
#define BASE_DICT_H

#include "base/arena.h"
#include "base/span.h"

struct dict {
	struct dict_slot *slots;
	size_t		  room, used; /* room is 0 or a power of two */
	struct arena	 *arena;      /* owner of the slots; NULL: the heap */
};

#define DICT_INIT { 0 }

void *dict_get(const struct dict *d, uint64_t number, struct span name); /* NULL: nothing */
void dict_put(struct dict *d, uint64_t number, struct span name, void *thing); /* in the place of what was there */
void dict_reset(struct dict *d);   /* nothing is in it then */
void dict_release(struct dict *d); /* nor any memory; it may be used again */

#endif
