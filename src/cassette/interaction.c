/* SPDX-License-Identifier: MIT */
/* interaction: one request and its response, as the programs see it. See cassette.h. */
#include <string.h>
#include <strings.h>

#include "cassette/cassette.h"

void interaction_init(struct interaction *i)
{
	*i = (struct interaction){ .duration = -1 };
}

void interaction_reset(struct interaction *i)
{
	struct arena arena = i->arena;

	arena_reset(&arena);
	*i = (struct interaction){ .duration = -1, .arena = arena };
}

void interaction_release(struct interaction *i)
{
	arena_release(&i->arena);
	interaction_init(i);
}

/* Capacities are powers of two, so that the count alone tells when an array is full. */
static void *room_for_one(struct arena *a, void *list, size_t n, size_t size)
{
	void *more;

	if (n & (n - 1) || (n == 0 && list))
		return list;
	more = arena_alloc(a, (n ? 2 * n : 1) * size);
	return n ? memcpy(more, list, n * size) : more;
}

bool headers_add(struct headers *h, struct arena *a, struct span name, struct span value)
{
	struct header *at = h->list, *end = h->list + h->n;

	while (at != end && !span_same(at->name, name))
		at++;
	if (at == end && h->n == HEADERS_MAX)
		return false;
	if (at == end) {
		h->list = room_for_one(a, h->list, h->n, sizeof *h->list);
		at = &h->list[h->n++];
		*at = (struct header){ .name = name };
	}
	if (value.p) {
		at->values = room_for_one(a, at->values, at->n, sizeof *at->values);
		at->values[at->n++] = value;
	}
	return true;
}

struct span headers_get(const struct headers *h, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < h->n; i++)
		if (h->list[i].name.n == n && !strncasecmp(h->list[i].name.p, name, n) && h->list[i].n)
			return h->list[i].values[0];
	return SPAN_NONE;
}

void interaction_extra(struct interaction *i, struct span format, struct span json)
{
	i->extras = room_for_one(&i->arena, i->extras, i->nextras, sizeof *i->extras);
	i->extras[i->nextras++] = (struct extra){ format, json };
}

struct span interaction_extra_get(const struct interaction *i, const char *format)
{
	for (size_t e = 0; e < i->nextras; e++)
		if (span_is(i->extras[e].format, format))
			return i->extras[e].json;
	return SPAN_NONE;
}
