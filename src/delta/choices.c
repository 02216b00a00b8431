/* SPDX-License-Identifier: MIT */
/* choices: objects in a list that have a number. See choices.h. */
#include "delta/choices.h"

#include <stdlib.h>

unsigned choice_number(const struct json *j, uint32_t choice)
{
	long index;

	return json_long(j, json_get(j, choice, "index"), &index) && index >= 0 && index < CHOICES ? (unsigned)index : 0;
}

/* Nearly all are one digit, but one may be spelled 1.0. */
static unsigned number_in(struct buf *text)
{
	double n;

	if (text->len == 1)
		return (unsigned)(*text->p - '0');
	n = strtod(buf_str(text), NULL);
	return n > 0 && n < CHOICES && n == (double)(unsigned)n ? (unsigned)n : 0;
}

/* The same of one in the list. */
static unsigned number_of(struct tree_node *choice)
{
	struct tree_node *index = tree_get(choice, "index");

	return tree_is_null(index) ? 0 : number_in(&index->text);
}

/* The choice or, when there is none, the place for it: the one before. Most are the last, or behind it. */
static struct tree_node *find(const struct tree_node *list, unsigned number, struct tree_node **before)
{
	unsigned last = list->last ? number_of(list->last) : 0, have = 0;
	struct tree_node *n = list->first;

	*before = list->last;
	if (!n || last <= number)
		return n && last == number ? list->last : NULL;
	for (*before = NULL; n && (have = number_of(n)) < number; n = n->next)
		*before = n;
	return n && have == number ? n : NULL;
}

struct tree_node *choice_find(const struct tree_node *list, unsigned number)
{
	struct tree_node *before;

	return list ? find(list, number, &before) : NULL;
}

struct tree_node *choice_at(struct delta *d, struct tree_node *list, unsigned number, bool *made)
{
	struct tree_node *before, *n = find(list, number, &before);

	*made = !n;
	if (!n) {
		n = tree_object(&d->tree);
		tree_insert(list, before, n);
	}
	return n;
}
