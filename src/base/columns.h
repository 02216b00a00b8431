/* SPDX-License-Identifier: MIT */
/*
 * columns: a table for people that grows to the right: a row for each title, a column for each thing.
 *
 *	              a.jsonl  b.jsonl
 *	first event     0.412    1.203
 *	first text               1.733
 *
 *	struct columns t = { .titles = titles, .rows = 2 };
 *	columns_add(&t, name, cells);
 *	columns_print(&t, &out);
 *
 * On a terminal that is too narrow names are shortened, and then columns go below the others in tables of their own.
 */
#ifndef BASE_COLUMNS_H
#define BASE_COLUMNS_H

#include "base/arena.h"
#include "base/out.h"
#include "base/span.h"

struct columns {
	const char *const *titles; /* borrowed */
	size_t rows;
	struct column *first, *last;
	struct arena arena;
};

/* A column to the right of the others. Bytes are copied; control characters become spaces. */
void columns_add(struct columns *t, struct span name, const struct span *cells);
void columns_print(struct columns *t, struct out *out); /* nothing without a column */
void columns_release(struct columns *t);

/* What tables for people are made of: text from outside, repaired and without its control characters, in
 * the arena; and n blanks. How wide a text is, base/text_width.h knows. */
struct span columns_text(struct arena *a, struct span text);
void columns_pad(struct out *out, size_t n);

#endif
