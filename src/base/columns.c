/* SPDX-License-Identifier: MIT */
/* columns: a table for people that grows to the right. See columns.h. */
#include "base/columns.h"

#include "base/controls.h"
#include "base/utf8.h"

struct column {
	struct span *cells; /* the name, then a cell for each row */
	size_t width;       /* in characters */
	struct column *next;
};

struct span columns_text(struct arena *a, struct span text)
{
	struct buf b = BUF_INIT;
	struct span s;

	utf8_repair(&b, text.p ? text.p : "", text.n);
	controls_blank(b.p, b.len, "");
	s = arena_copy(a, buf_span(&b));
	buf_release(&b);
	return s;
}

void columns_add(struct columns *t, struct span name, const struct span *cells)
{
	struct column *c = arena_zero(&t->arena, sizeof *c);

	c->cells = arena_zero(&t->arena, (t->rows + 1) * sizeof *c->cells);
	for (size_t i = 0; i <= t->rows; i++) {
		size_t width;

		c->cells[i] = columns_text(&t->arena, i == 0 ? name : cells[i - 1]);
		width = utf8_count(c->cells[i]);
		if (c->width < width)
			c->width = width;
	}
	if (t->last)
		t->last->next = c;
	else
		t->first = c;
	t->last = c;
}

void columns_pad(struct out *out, size_t n)
{
	while (n-- > 0)
		out_addc(out, ' ');
}

/* Nothing is padded that nothing follows. */
static void print_row(const struct columns *t, size_t row, size_t widest, struct out *out)
{
	struct span title = span_of(row == 0 ? "" : t->titles[row - 1]);
	size_t due = widest - utf8_count(title);

	out_addspan(out, title);
	for (const struct column *c = t->first; c; c = c->next) {
		struct span cell = c->cells[row];

		due += 2 + c->width - utf8_count(cell);
		if (cell.n == 0)
			continue;
		columns_pad(out, due);
		out_addspan(out, cell);
		due = 0;
	}
	out_addc(out, '\n');
}

void columns_print(const struct columns *t, struct out *out)
{
	size_t widest = 0;

	for (size_t i = 0; i < t->rows; i++)
		if (widest < utf8_count(span_of(t->titles[i])))
			widest = utf8_count(span_of(t->titles[i]));
	for (size_t i = 0; t->first && i <= t->rows; i++)
		print_row(t, i, widest, out);
}

void columns_release(struct columns *t)
{
	arena_release(&t->arena);
	t->first = t->last = NULL;
}
