/* SPDX-License-Identifier: MIT */
/* listing: interactions as a table for people. See listing.h. */
#include "cassette/listing.h"

#include <string.h>

#include "base/columns.h"
#include "base/text_width.h"

enum { KILO = 1000, GAP = 2, LEAST = 8 }; /* LEAST: what is shortened keeps so many columns */

struct row {
	struct row *next;
	struct span cell[LISTING_COLUMNS];
};

static const char *const titles[] = { "FILE", "ID", "METHOD", "URL", "STATUS", "TYPE", "BYTES", "DURATION" };
static const bool right[] = { false, true, false, false, true, false, true, true };
static const bool flexible[] = { true, false, false, true, false, true, false, false };

static void set(struct listing *l, struct row *row, int column, struct span text)
{
	size_t n = text_width(text);

	row->cell[column] = text;
	if (l->width[column] < n)
		l->width[column] = n;
}

/* What comes from the file goes to a terminal. */
static struct span clean(struct listing *l, struct span text)
{
	return columns_text(&l->arena, text.p ? text : SPAN("-"));
}

static struct span type(const struct interaction *i)
{
	struct span t = headers_get(&i->response.headers, "content-type");
	const char *semicolon = t.n ? memchr(t.p, ';', t.n) : NULL;

	if (semicolon)
		t.n = (size_t)(semicolon - t.p);
	while (t.n && t.p[t.n - 1] == ' ')
		t.n--;
	return t;
}

static const char *size(struct arena *a, size_t n)
{
	static const char units[] = "kMGT";
	double d = (double)n;
	int u = -1;

	while (d >= KILO && units[u + 1]) {
		d /= KILO;
		u++;
	}
	if (u < 0)
		return arena_printf(a, "%zu", n);
	return arena_printf(a, d < 10 ? "%.1f%c" : "%.0f%c", d, units[u]);
}

static const char *lasting(struct arena *a, int64_t ns)
{
	double s = (double)ns / 1e9;

	if (ns < 0)
		return "-";
	if (s < 1e-3)
		return arena_printf(a, "%.0fus", s * 1e6);
	if (s < 1)
		return arena_printf(a, "%.0fms", s * 1e3);
	if (s < 60)
		return arena_printf(a, s < 10 ? "%.2fs" : "%.1fs", s);
	return arena_printf(a, "%lldm%02llds", (long long)(ns / 1000000000 / 60), (long long)(ns / 1000000000 % 60));
}

void listing_add(struct listing *l, const struct interaction *i, const char *file)
{
	struct arena *a = &l->arena;
	struct row *row = arena_zero(a, sizeof *row);

	if (l->last)
		l->last->next = row;
	else
		l->first = row;
	l->last = row;
	l->files |= file != NULL;
	set(l, row, 0, clean(l, span_of(file)));
	set(l, row, 1, span_of(arena_printf(a, "%llu", (unsigned long long)i->id)));
	set(l, row, 2, clean(l, i->request.method));
	set(l, row, 3, clean(l, i->request.url));
	set(l, row, 4, span_of(arena_printf(a, "%d", i->response.status)));
	set(l, row, 5, clean(l, type(i)));
	set(l, row, 6, span_of(size(a, i->response.body.n)));
	set(l, row, 7, span_of(lasting(a, i->duration)));
}

static void print(struct listing *l, const struct row *row, struct out *out)
{
	for (int c = l->files ? 0 : 1; c < LISTING_COLUMNS; c++) {
		struct span cell = text_shorten(&l->arena, row->cell[c], l->width[c]);
		size_t fill = l->width[c] - text_width(cell);

		if (right[c])
			columns_pad(out, fill);
		out_addspan(out, cell);
		if (c == LISTING_COLUMNS - 1)
			out_addc(out, '\n');
		else
			columns_pad(out, (right[c] ? 0 : fill) + GAP);
	}
}

/* Takes from the widest of the flexible columns until a row fits. */
static void fit(struct listing *l, size_t terminal)
{
	size_t all = 0;

	for (int c = l->files ? 0 : 1; c < LISTING_COLUMNS; c++)
		all += l->width[c] + (c < LISTING_COLUMNS - 1 ? GAP : 0);
	for (; all > terminal; all--) {
		int widest = -1;

		for (int c = l->files ? 0 : 1; c < LISTING_COLUMNS; c++)
			if (flexible[c] && l->width[c] > LEAST && (widest < 0 || l->width[c] > l->width[widest]))
				widest = c;
		if (widest < 0)
			return;
		l->width[widest]--;
	}
}

void listing_print(struct listing *l, struct out *out)
{
	struct row head = { 0 };

	if (!l->first)
		return;
	for (int c = 0; c < LISTING_COLUMNS; c++)
		set(l, &head, c, span_of(titles[c]));
	if (out_columns(out))
		fit(l, out_columns(out));
	print(l, &head, out);
	for (const struct row *row = l->first; row; row = row->next)
		print(l, row, out);
}

void listing_release(struct listing *l)
{
	arena_release(&l->arena);
	*l = (struct listing){ .arena = ARENA_INIT };
}
