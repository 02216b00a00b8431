/* SPDX-License-Identifier: MIT */
/*
 * choices: objects in a list that have a number, as the choices of OpenAI's answers and the candidates of
 * Gemini's have. They stand in its order, whatever order they come in; `index` tells it, and without it
 * it is 0.
 */
#ifndef DELTA_CHOICES_H
#define DELTA_CHOICES_H

#include "delta/delta_impl.h"

enum { CHOICES = 1 << 20 }; /* no number is as large */

/* What a chunk's choice says; 0 for what is no such number. */
unsigned choice_number(const struct json *j, uint32_t choice);

/* NULL: there is none yet, nor a list perhaps. */
struct tree_node *choice_find(const struct tree_node *list, unsigned number);

/* That, or a new object at its place, which has no member yet: *made. */
struct tree_node *choice_at(struct delta *d, struct tree_node *list, unsigned number, bool *made);

#endif
