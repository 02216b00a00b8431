/* SPDX-License-Identifier: MIT */
/*
 * choices: objects in a list that have a number, as the choices of OpenAI's answers and the candidates of
 * Gemini's have; `index` tells it, and without it it is 0. They are found by it, however many there are,
 * and stand in its order at the end.
 */
#ifndef DELTA_CHOICES_H
#define DELTA_CHOICES_H

#include "delta/delta_impl.h"

enum { CHOICES = 1 << 20 }; /* no number is as large */

/* Part of a format's state; starts as zeroes. */
struct choices {
	struct tree_node *list;	   /* an array, in the order in which they came; NULL: there is none yet */
	struct tree_node *finished; /* it and those before it in the list have finished; NULL: none */
	struct choice *recent;	   /* was asked for last */
	struct choice *newest;
	struct dict by_number;
	size_t count;
	unsigned highest;
	bool unsorted;
};

/* What a chunk's choice says; 0 for what is no such number. */
unsigned choice_number(const struct json *j, uint32_t choice);

/* NULL: there is none of that number yet. */
struct tree_node *choice_find(const struct choices *s, unsigned number);

/* That, or a new object in the list, which has no member yet: *made. */
struct tree_node *choice_at(struct delta *d, struct choices *s, unsigned number, bool *made);

/* Is there a choice, and has each finished? One that has is not asked again. */
bool choices_finished(struct choices *s, bool (*finished)(struct tree_node *choice));

/* For the finish hook: puts the list in order. */
void choices_sort(struct delta *d, struct choices *s);

#endif
