/* SPDX-License-Identifier: MIT */
/* choices: objects in a list that have a number. See choices.h. */
#include "delta/choices.h"

#include <stdlib.h>

struct choice {
	unsigned number;
	struct tree_node *node;
	struct choice *before; /* that came before it */
};

unsigned choice_number(const struct json *j, uint32_t choice)
{
	long index;

	return json_long(j, json_get(j, choice, "index"), &index) && index >= 0 && index < CHOICES ? (unsigned)index : 0;
}

struct tree_node *choice_find(const struct choices *s, unsigned number)
{
	const struct choice *c = s->recent;

	if (!c || c->number != number)
		c = dict_get(&s->by_number, number, SPAN(""));
	return c ? c->node : NULL;
}

struct tree_node *choice_at(struct delta *d, struct choices *s, unsigned number, bool *made)
{
	struct choice *c = s->recent;

	if (!c || c->number != number)
		c = dict_get(&s->by_number, number, SPAN(""));
	*made = !c;
	if (!c) {
		c = arena_zero(&d->arena, sizeof *c);
		*c = (struct choice){ number, tree_object(&d->tree), s->newest };
		tree_attach(s->list, c->node);
		s->by_number.arena = &d->arena;
		dict_put(&s->by_number, number, SPAN(""), c);
		s->unsorted = s->unsorted || (s->count && number < s->highest);
		s->highest = number > s->highest ? number : s->highest;
		s->newest = c;
		s->count++;
	}
	s->recent = c;
	return c->node;
}

bool choices_finished(struct choices *s, bool (*finished)(struct tree_node *choice))
{
	struct tree_node *n = s->list ? s->list->first : NULL;

	if (!n)
		return false;
	for (n = s->finished ? s->finished->next : n; n && finished(n); n = n->next)
		s->finished = n;
	return !n;
}

static int by_number(const void *a, const void *b)
{
	unsigned x = (*(struct choice *const *)a)->number, y = (*(struct choice *const *)b)->number;

	return (x > y) - (x < y);
}

void choices_sort(struct delta *d, struct choices *s)
{
	struct choice **all;
	struct tree_node **nodes;
	size_t n = s->count;

	if (!s->unsorted)
		return;
	all = arena_alloc(&d->arena, n * sizeof *all);
	nodes = arena_alloc(&d->arena, n * sizeof *nodes);
	for (struct choice *c = s->newest; c; c = c->before)
		all[--n] = c;
	qsort(all, s->count, sizeof *all, by_number);
	for (n = 0; n < s->count; n++)
		nodes[n] = all[n]->node;
	tree_order(s->list, nodes, n);
}
