/* SPDX-License-Identifier: MIT */
/* columns: a table for people that grows to the right. See columns.h. */
#include "base/columns.h"

#include "base/controls.h"
#include "base/text_width.h"
#include "base/utf8.h"

enum { GAP = 2, NAME_LEAST = 8 }; /* between columns; a name is not made shorter */

struct column {
	struct span *cells; /* the name, then a cell for each row */
	size_t width;       /* in columns of the terminal */
	size_t least;       /* without the name */
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
		width = text_width(c->cells[i]);
		if (c->width < width)
			c->width = width;
		if (i > 0 && c->least < width)
			c->least = width;
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

/* A row of the columns from first up to end. Nothing is padded that nothing follows. */
static void print_row(const struct columns *t, size_t row, size_t widest, const struct column *first,
                      const struct column *end, struct out *out)
{
	struct span title = span_of(row == 0 ? "" : t->titles[row - 1]);
	size_t due = widest - text_width(title);

	out_addspan(out, title);
	for (const struct column *c = first; c != end; c = c->next) {
		struct span cell = c->cells[row];

		due += GAP + c->width - text_width(cell);
		if (cell.n == 0)
			continue;
		columns_pad(out, due);
		out_addspan(out, cell);
		due = 0;
	}
	out_addc(out, '\n');
}

static size_t total(const struct columns *t, size_t widest)
{
	for (const struct column *c = t->first; c; c = c->next)
		widest += GAP + c->width;
	return widest;
}

/* Shortens the widest names, but not below the width of the cells under them. */
static void shorten_names(struct columns *t, size_t widest, size_t terminal)
{
	for (size_t all = total(t, widest); all > terminal; all--) {
		struct column *longest = NULL;

		for (struct column *c = t->first; c; c = c->next)
			if (c->width > c->least && c->width > NAME_LEAST && (!longest || c->width > longest->width))
				longest = c;
		if (!longest)
			break;
		longest->width--;
	}
	for (struct column *c = t->first; c; c = c->next)
		c->cells[0] = text_shorten(&t->arena, c->cells[0], c->width);
}

/* The column behind those that fit beside the titles: one at least. */
static const struct column *fitting(const struct column *first, size_t widest, size_t terminal)
{
	size_t used = widest + GAP + first->width;
	const struct column *c = first->next;

	while (c && (!terminal || used + GAP + c->width <= terminal)) {
		used += GAP + c->width;
		c = c->next;
	}
	return c;
}

void columns_print(struct columns *t, struct out *out)
{
	size_t widest = 0, terminal = out_columns(out);
	const struct column *end;

	for (size_t i = 0; i < t->rows; i++)
		if (widest < text_width(span_of(t->titles[i])))
			widest = text_width(span_of(t->titles[i]));
	if (terminal)
		shorten_names(t, widest, terminal);
	for (const struct column *c = t->first; c; c = end) {
		end = fitting(c, widest, terminal);
		if (c != t->first)
			out_addc(out, '\n');
		for (size_t i = 0; i <= t->rows; i++)
			print_row(t, i, widest, c, end, out);
	}
}

void columns_release(struct columns *t)
{
	arena_release(&t->arena);
	t->first = t->last = NULL;
}
