/* SPDX-License-Identifier: MIT */
/* blocks: content that is sent as blocks with an index. See blocks.h. */
#include "delta/blocks.h"

#include <stdlib.h>

static struct block *all(const struct blocks *s, size_t *n)
{
	*n = s->list ? s->list->text.len / sizeof(struct block) : 0;
	return *n ? (struct block *)(void *)s->list->text.p : NULL;
}

long block_index(const struct blocks *s, const struct json *j, uint32_t index, bool start)
{
	long i;

	if (json_long(j, index, &i))
		return i;
	if (!start)
		return s->last;
	return s->list ? s->highest + 1 : 0;
}

struct block *block_find(const struct blocks *s, long index)
{
	size_t n;
	struct block *blocks = all(s, &n), *prefilled = NULL;

	if (!blocks || index > s->highest)
		return NULL;
	for (struct block *b = blocks + n; n-- > 0;) {
		b--;
		if (b->index != index)
			continue;
		if (!b->prefilled)
			return b;
		prefilled = b;
	}
	return prefilled;
}

struct block *block_new(struct delta *d, struct blocks *s, long index)
{
	struct block b = { .index = index, .node = tree_object(&d->tree) };
	size_t n;

	if (!s->list)
		s->list = tree_new(&d->tree);
	all(s, &n);
	b.body = b.node;
	b.number = n;
	buf_add(&s->list->text, (const char *)&b, sizeof b);
	if (n == 0 || index > s->highest)
		s->highest = index;
	s->last = index;
	return all(s, &n) + b.number;
}

struct block *block_start(struct delta *d, struct blocks *s, long index)
{
	struct block *b = block_find(s, index);

	if (!b || b->prefilled || b->stopped || b->grown)
		return block_new(d, s, index);
	b->node = b->body = tree_object(&d->tree);
	s->last = index;
	return b;
}

void block_call(struct delta *d, struct block *b, const char *id, const char *name, bool hidden)
{
	if (!b->call)
		b->call = delta_call_new(d, 0);
	b->call->hidden = hidden;
	b->call->node = b->body;
	b->call->id = tree_get(b->body, id);
	b->call->name = tree_get(b->body, name);
	delta_call_detach(d, b->call);
	delta_call_piece(d, b->call, SPAN(""));
}

void block_input(struct delta *d, struct block *b, struct span piece)
{
	if (b->stopped && piece.n) { /* after its stop: another round */
		if (b->call->arguments == tree_get(b->body, "input"))
			delta_call_detach(d, b->call);
		b->stopped = false;
	} else if (b->stopped) {
		follow_never(d); /* a piece that is not empty does something else */
	}
	delta_call_piece(d, b->call, piece);
}

static void settle(struct delta *d, struct block *b)
{
	struct tree_node *input;

	if (!b->call || b->stopped)
		return;
	input = tree_key(&d->tree, b->body, "input");
	if (tree_is_null(input))
		tree_set_text(input, SPAN("{}"));
	if (tree_string(b->call->arguments).n)
		delta_call_close(d, b->call, input);
	else
		b->call->arguments = input;
}

void block_stop(struct delta *d, struct block *b)
{
	settle(d, b);
	b->stopped = true;
	if (b->call)
		delta_call_done(d, b->call);
}

static int by_place(const void *x, const void *y)
{
	const struct block *a = x, *b = y;

	if (a->prefilled != b->prefilled)
		return a->prefilled ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

void blocks_finish(struct delta *d, struct blocks *s, struct tree_node *content)
{
	struct delta_call **next = &d->calls;
	size_t n;
	struct block *blocks = all(s, &n);

	if (n > 1)
		qsort(blocks, n, sizeof *blocks, by_place);
	for (struct block *b = blocks; n-- > 0; b++) {
		settle(d, b);
		if (b->node->first)
			tree_attach(content, b->node);
		if (!b->call)
			continue;
		*next = d->lastcall = b->call;
		next = &b->call->next;
	}
	*next = NULL;
}
