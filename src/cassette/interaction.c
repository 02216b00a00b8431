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
	struct header *at;
	size_t i = 0;

	while (i < h->n && !span_same(h->list[i].name, name))
		i++;
	if (i == HEADERS_MAX)
		return false;
	if (i == h->n) {
		h->list = room_for_one(a, h->list, h->n, sizeof *h->list);
		h->list[h->n++] = (struct header){ .name = name };
	}
	at = &h->list[i];
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

static void copy_headers(struct headers *to, const struct headers *from, struct arena *a)
{
	*to = (struct headers){ .n = from->n };
	to->list = arena_alloc(a, (from->n + 1) * sizeof *to->list);
	for (size_t i = 0; i < from->n; i++) {
		const struct header *h = &from->list[i];

		to->list[i] =
			(struct header){ arena_copy(a, h->name), arena_alloc(a, (h->n + 1) * sizeof *h->values), h->n };
		for (size_t v = 0; v < h->n; v++)
			to->list[i].values[v] = arena_copy(a, h->values[v]);
	}
}

void interaction_copy(struct interaction *to, const struct interaction *from)
{
	const struct request *q = &from->request;
	const struct response *p = &from->response;
	struct arena *a = &to->arena;

	interaction_reset(to);
	to->id = from->id;
	to->duration = from->duration;
	to->started = arena_copy(a, from->started);
	to->note = from->note;
	to->request = (struct request){ arena_copy(a, q->method),
		                        arena_copy(a, q->url),
		                        arena_copy(a, q->proto),
		                        { NULL, 0 },
		                        arena_copy(a, q->body) };
	copy_headers(&to->request.headers, &q->headers, a);
	to->response = *p;
	to->response.reason = arena_copy(a, p->reason);
	to->response.proto = arena_copy(a, p->proto);
	to->response.body = arena_copy(a, p->body);
	copy_headers(&to->response.headers, &p->headers, a);
	to->response.arrivals = arena_alloc(a, (p->narrivals + 1) * sizeof *p->arrivals);
	if (p->narrivals)
		memcpy(to->response.arrivals, p->arrivals, p->narrivals * sizeof *p->arrivals);
	for (size_t e = 0; e < from->nextras; e++)
		interaction_extra(to, arena_copy(a, from->extras[e].format), arena_copy(a, from->extras[e].json));
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
