/* SPDX-License-Identifier: MIT */
/* shelf: all interactions of some cassettes in memory. See shelf.h. */
#include "cassette/shelf.h"

#include <stdlib.h>

#include "base/in.h"
#include "base/mem.h"

static struct shelf_item *put(struct shelf *s, const struct interaction *i, const char *file)
{
	struct shelf_item *item = mem_zero(sizeof *item);

	interaction_init(&item->interaction);
	interaction_copy(&item->interaction, i);
	item->file = file;
	s->items = mem_resize(s->items, (s->n + 1) * sizeof *s->items);
	s->items[s->n++] = item;
	return item;
}

int shelf_load(struct shelf *s, const char *path, size_t max, struct buf *place, struct fault *f)
{
	struct cassette *c;
	struct interaction i;
	struct in in;
	int r = -1;

	if (in_open(&in, path, max, f) < 0) {
		buf_adds(place, path);
		return -1;
	}
	interaction_init(&i);
	c = cassette_new(&in, max, f);
	while (c && (r = cassette_next(c, &i, f)) > 0)
		put(s, &i, path);
	if (r < 0)
		buf_adds(place, c ? cassette_place(c) : path);
	interaction_release(&i);
	cassette_free(c);
	in_close(&in);
	return r;
}

struct shelf_item *shelf_add(struct shelf *s, const struct interaction *i, const char *file)
{
	struct shelf_item *item = put(s, i, file);

	item->fresh = true;
	return item;
}

static enum match_result matches(const struct shelf_item *item, struct match *m)
{
	return match_try(m, &item->interaction.request, item->interaction.id, item->file);
}

struct shelf_item *shelf_find(const struct shelf *s, struct match *m, bool repeat, struct shelf_item **spent)
{
	struct shelf_item *fresh = NULL; /* matches redacted */
	enum match_result kind = MATCH_NONE;

	*spent = NULL;
	for (size_t i = 0; i < s->n; i++) {
		enum match_result r = s->items[i]->served ? MATCH_NONE : matches(s->items[i], m);

		if (r == MATCH_EXACT)
			return s->items[i];
		if (r != MATCH_NONE && !fresh)
			fresh = s->items[i];
	}
	for (size_t i = 0; i < s->n; i++) {
		enum match_result r = s->items[i]->served ? matches(s->items[i], m) : MATCH_NONE;

		if (r > kind || (r == kind && r != MATCH_NONE && s->items[i]->served < (*spent)->served)) {
			kind = r;
			*spent = s->items[i];
		}
	}
	if (fresh && kind != MATCH_EXACT)
		return fresh;
	return repeat ? *spent : NULL;
}

bool shelf_has_fresh(const struct shelf *s, struct match *m)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i]->fresh && matches(s->items[i], m))
			return true;
	return false;
}

size_t shelf_unserved(const struct shelf *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += !s->items[i]->served;
	return n;
}

void shelf_release(struct shelf *s)
{
	for (size_t i = 0; i < s->n; i++) {
		interaction_release(&s->items[i]->interaction);
		free(s->items[i]);
	}
	free(s->items);
	*s = (struct shelf){ 0 };
}
