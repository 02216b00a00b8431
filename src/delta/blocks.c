/* SPDX-License-Identifier: MIT */
/* blocks: content that is sent as blocks with an index. See blocks.h. */
#include "delta/blocks.h"

#include <stdlib.h>

long block_index(const struct blocks *s, const struct json *j, uint32_t index, bool start)
{
	long i;

	if (json_long(j, index, &i))
		return i;
	if (!start)
		return s->last;
	return s->count ? s->highest + 1 : 0;
}

struct block *block_find(const struct blocks *s, long index)
{
	if (s->newest && s->newest->index == index)
		return s->newest;
	return dict_get(&s->by_index, (uint64_t)index, SPAN(""));
}

struct block *block_new(struct delta *d, struct blocks *s, long index)
{
	struct block *b = arena_zero(&d->arena, sizeof *b);

	*b = (struct block){ .index = index, .number = s->count++, .before = s->newest };
	b->node = b->body = tree_object(&d->tree);
	s->by_index.arena = &d->arena;
	dict_put(&s->by_index, (uint64_t)index, SPAN(""), b);
	if (b->number == 0 || index > s->highest)
		s->highest = index;
	s->last = index;
	s->newest = b;
	return b;
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
	/* Arguments that are not whole may go on after the stop (anthropic/empty-after-stop); if not, the call is
	 * finished with its message. */
	if (b->call && (b->call->text || tree_string(b->call->arguments).n == 0 || delta_call_whole(b->call)))
		delta_call_done(d, b->call);
}

/* What was said of a call at its start. */
static void copy_start(struct delta *d, struct tree_node *to, const struct tree_node *from)
{
	struct buf text = BUF_INIT;

	to->kind = TREE_OBJECT;
	for (const struct tree_node *n = from->first; n; n = n->next) {
		if (span_is(buf_span(&n->key), "input"))
			continue;
		buf_reset(&text);
		tree_write(&text, n);
		tree_set_text(tree_put(&d->tree, to, buf_span(&n->key)), buf_span(&text));
	}
	buf_release(&text);
}

struct delta_call *block_twin(struct delta *d, struct blocks *s, struct delta_call *c, const char *id, const char *name)
{
	struct block *b = s->newest, *twin;

	while (b && b->call != c)
		b = b->before;
	if (!b)
		return NULL;
	block_stop(d, b);
	twin = block_new(d, s, b->index);
	if (b->body != b->node)
		twin->body = tree_put(&d->tree, twin->node, buf_span(&b->body->key));
	copy_start(d, twin->body, b->body);
	twin->grown = true;
	block_call(d, twin, id, name, false);
	return twin->call;
}

static int by_place(const void *x, const void *y)
{
	const struct block *a = *(struct block *const *)x, *b = *(struct block *const *)y;

	if (a->prefilled != b->prefilled)
		return a->prefilled ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static struct block **sorted(struct delta *d, const struct blocks *s)
{
	struct block **all = arena_alloc(&d->arena, s->count * sizeof *all), **to = all + s->count;

	for (struct block *b = s->newest; b; b = b->before)
		*--to = b;
	if (s->count > 1)
		qsort(all, s->count, sizeof *all, by_place);
	return all;
}

void blocks_finish(struct delta *d, struct blocks *s, struct tree_node *content)
{
	struct delta_call **next = &d->calls;
	struct block **all;

	if (s->count == 0)
		return;
	all = sorted(d, s);
	for (size_t i = 0; i < s->count; i++) {
		struct block *b = all[i];

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
