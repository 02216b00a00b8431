/* SPDX-License-Identifier: MIT */
/* splice: a cassette with some interactions cut out and others put behind the rest. See splice.h. */
#include "cassette/splice.h"

#include <string.h>

/* Every line of the items moves by the indent; empty ones, inside literal text, stay empty. Text that is
 * quoted has no line breaks of its own, so nothing that is said changes. */
static void put_items(struct replace *r, struct span items, uint32_t indent)
{
	while (items.n > 0) {
		const char *lf = memchr(items.p, '\n', items.n);
		size_t n = lf ? (size_t)(lf - items.p) + 1 : items.n;

		for (uint32_t i = 0; i < indent && n > 1; i++)
			replace_add(r, " ", 1);
		replace_add(r, items.p, n);
		items = (struct span){ items.p + n, items.n - n };
	}
}

static bool is_cut(const struct splice *s, uint32_t line, size_t *next)
{
	while (*next < s->n && line >= s->cuts[*next].to)
		++*next;
	return *next < s->n && line >= s->cuts[*next].from;
}

int splice_copy(const struct splice *s, struct in *in, struct span items, struct replace *r, struct fault *f)
{
	enum in_result result;
	struct span line;
	uint32_t number = 0;
	size_t next = 0;
	bool cut = false, put = false; /* cut: the last line has no line feed */

	while ((result = in_line(in, &line, &cut, f)) == IN_MORE) {
		number++;
		if (number == s->end) {
			put_items(r, items, s->indent);
			put = true;
		}
		if (is_cut(s, number, &next))
			continue;
		replace_add(r, line.p, line.n);
		replace_add(r, "\n", !cut || !put);
	}
	if (!put)
		put_items(r, items, s->indent);
	return result == IN_END ? 0 : -1;
}

static void put_part(struct replace *r, struct span all, uint64_t from, uint64_t to)
{
	replace_add(r, all.p + from, (size_t)(to - from));
}

/* What stands before the first one, and what between two: with one alone, a comma and the former. */
static void put_gap(const struct splice_json *s, struct span all, bool first, struct replace *r)
{
	const struct piece *last = &s->pieces[s->n - 1];

	if (!first && s->n > 1) {
		put_part(r, all, last[-1].to, last->from);
		return;
	}
	if (!first)
		replace_add(r, ",", 1);
	put_part(r, all, s->opened, s->pieces[0].from);
}

int splice_json(const struct splice_json *s, struct in *in, struct span items, struct replace *r, struct fault *f)
{
	struct span all;
	bool first = true;
	const char *lf;

	if (in_all(in, &all, f) != IN_END || all.n < s->pieces[s->n - 1].to)
		return -1;
	put_part(r, all, 0, s->opened);
	for (size_t k = 0; k < s->n; k++) {
		const struct piece *p = &s->pieces[k];

		if (p->cut)
			continue;
		put_part(r, all, first ? s->opened : p[-1].to, first ? s->pieces[0].from : p->from);
		put_part(r, all, p->from, p->to);
		first = false;
	}
	for (; (lf = memchr(items.p, '\n', items.n)) != NULL; first = false) {
		size_t n = (size_t)(lf - items.p);

		put_gap(s, all, first, r);
		replace_add(r, items.p, n);
		items = (struct span){ lf + 1, items.n - n - 1 };
	}
	put_part(r, all, s->pieces[s->n - 1].to, all.n);
	return 0;
}
