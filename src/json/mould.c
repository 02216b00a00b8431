/* SPDX-License-Identifier: MIT */
/* mould: the tape of a text that differs from another in some strings and numbers alone. See mould.h. */
#include "json/mould.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void find_parents(struct mould *m)
{
	for (uint32_t i = 0; i < m->used; i++)
		m->parents[i] = 0;
	for (uint32_t i = JSON_ROOT; i < m->used; i++) /* the innermost comes last */
		for (uint32_t k = i + 1; m->nodes[i].kind >= JSON_ARRAY && k < m->nodes[i].after; k = m->nodes[k].after)
			m->parents[k] = i;
}

void mould_make(struct mould *m, const struct json *j)
{
	bool again = m->used == j->used;

	if (m->capacity < j->used) {
		m->capacity = j->used;
		m->nodes = mem_resize(m->nodes, m->capacity * sizeof *m->nodes);
		m->parents = mem_resize(m->parents, m->capacity * sizeof *m->parents);
	}
	memcpy(m->nodes, j->tape, j->used * sizeof *m->nodes);
	m->used = j->used;
	m->spaced = j->spaced;
	m->space = j->space;
	if (again)
		return;
	find_parents(m);
	if (!m->known)
		m->known = mem_alloc(JSON_KNOWN * sizeof *m->known);
	memset(m->known, 0, JSON_KNOWN * sizeof *m->known);
}

static void make_room(struct json *j, uint32_t nodes)
{
	if (j->capacity >= nodes)
		return;
	j->capacity = nodes;
	j->tape = mem_resize(j->tape, j->capacity * sizeof *j->tape);
}

/* The nodes from..to, `by` bytes further on than in the mould. */
static inline void move(const struct mould *m, struct json_node *tape, uint32_t from, uint32_t to, uint32_t by)
{
	memcpy(tape + from, m->nodes + from, (to - from) * sizeof *tape);
	for (uint32_t i = from; by && i < to; i++)
		tape[i].start += by;
}

void mould_pour(const struct mould *m, const struct mould_hole *holes, unsigned nholes, const char *text, size_t n,
                struct json *j)
{
	uint32_t from = 0, by = 0, space_by = 0;

	make_room(j, m->used);
	for (unsigned k = 0; k < nholes; k++) {
		const struct mould_hole *h = &holes[k];
		struct json_node was = m->nodes[h->node];

		move(m, j->tape, from, h->node, by);
		j->tape[h->node] = was;
		j->tape[h->node].start = h->start;
		j->tape[h->node].length = h->length;
		j->tape[h->node].escaped = h->escaped;
		for (uint32_t p = m->parents[h->node]; p && h->length != was.length; p = m->parents[p])
			j->tape[p].length += h->length - was.length; /* it was moved already */
		from = h->node + 1;
		by = h->start + h->length - (was.start + was.length);
		if (m->space >= was.start + was.length)
			space_by = by;
	}
	move(m, j->tape, from, m->used, by);
	j->text = text;
	j->used = m->used;
	j->spaced = m->spaced;
	j->space = m->spaced ? m->space + space_by : 0;
	j->error = NULL;
	j->error_at = n;
	j->cut = false;
	j->known = m->known;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* All containers of the last node end there, the innermost first. */
void mould_spread(const struct mould *m, struct json *j, size_t n)
{
	uint32_t open[JSON_DEPTH + 1], depth = 0, last = m->used - 1, p = (uint32_t)n, space = p;

	for (uint32_t i = j->tape[last].kind >= JSON_ARRAY ? last : m->parents[last]; i; i = m->parents[i])
		open[depth++] = i;
	while (depth > 0) {
		struct json_node *t = &j->tape[open[--depth]];

		for (; is_blank(j->text[p - 1]); p--)
			space = p - 1;
		t->length = p - t->start;
		p--;
	}
	for (; is_blank(j->text[p - 1]); p--)
		space = p - 1;
	j->space = j->spaced ? j->space : space;
	j->spaced = true;
}

void mould_release(struct mould *m)
{
	free(m->nodes);
	free(m->parents);
	free(m->known);
	*m = (struct mould)MOULD_INIT;
}
