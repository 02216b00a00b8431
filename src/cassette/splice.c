/* SPDX-License-Identifier: MIT */
/* splice: a YAML cassette with some interactions cut out and one put behind the others. See splice.h. */
#include "cassette/splice.h"

#include <string.h>

/* Every line of the item moves by the indent; empty ones, inside literal text, stay empty. Text that is
 * quoted has no line breaks of its own, so nothing that is said changes. */
static void put_item(struct replace *r, struct span item, uint32_t indent)
{
	while (item.n > 0) {
		const char *lf = memchr(item.p, '\n', item.n);
		size_t n = lf ? (size_t)(lf - item.p) + 1 : item.n;

		for (uint32_t i = 0; i < indent && n > 1; i++)
			replace_add(r, " ", 1);
		replace_add(r, item.p, n);
		item = (struct span){ item.p + n, item.n - n };
	}
}

static bool is_cut(const struct splice *s, uint32_t line, size_t *next)
{
	while (*next < s->n && line >= s->cuts[*next].to)
		++*next;
	return *next < s->n && line >= s->cuts[*next].from;
}

int splice_copy(const struct splice *s, struct in *in, struct span item, struct replace *r, struct fault *f)
{
	enum in_result result;
	struct span line;
	uint32_t number = 0;
	size_t next = 0;
	bool cut, put = false;

	while ((result = in_line(in, &line, &cut, f)) == IN_MORE) {
		if (cut)
			return -1;
		number++;
		if (number == s->end) {
			put_item(r, item, s->indent);
			put = true;
		}
		if (is_cut(s, number, &next))
			continue;
		replace_add(r, line.p, line.n);
		replace_add(r, "\n", 1);
	}
	if (!put)
		put_item(r, item, s->indent);
	return result == IN_END ? 0 : -1;
}
