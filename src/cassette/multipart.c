/* SPDX-License-Identifier: MIT */
/* multipart: the parts of a body of the type multipart/... See multipart.h. */
#include "cassette/multipart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/same.h"

enum { BOUNDARY_MAX = 200, LINES_MAX = 100 }; /* bytes, of which RFC 2046 allows 70; header lines of a part */

static struct span after(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

static struct span trim(struct span s)
{
	while (s.n && strchr(" \t\r\n", *s.p) && *s.p)
		s = after(s, 1);
	while (s.n && strchr(" \t\r\n", s.p[s.n - 1]) && s.p[s.n - 1])
		s.n--;
	return s;
}

static bool begins(struct span s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && !strncasecmp(s.p, word, n);
}

/* Takes a line with its end off the front. */
static struct span take_line(struct span *s)
{
	const char *lf = s->n ? memchr(s->p, '\n', s->n) : NULL;
	struct span line = { s->p, lf ? (size_t)(lf - s->p) + 1 : s->n };

	*s = after(*s, line.n);
	return line;
}

/* The value of a parameter in "form-data; name=\"a;b\"; filename=x"; absent if there is none of that name. */
static struct span parameter(struct span value, const char *name)
{
	while (value.n) {
		size_t n = 0;
		bool quoted = false;
		struct span one;

		for (; n < value.n && (quoted || value.p[n] != ';'); n++) {
			if (value.p[n] == '"')
				quoted = !quoted;
			else if (quoted && value.p[n] == '\\' && n + 1 < value.n)
				n++;
		}
		one = trim((struct span){ value.p, n });
		value = after(value, n + (n < value.n));
		if (!begins(one, name) || !begins(after(one, strlen(name)), "="))
			continue;
		one = after(one, strlen(name) + 1);
		if (one.n >= 2 && *one.p == '"' && one.p[one.n - 1] == '"')
			one = (struct span){ one.p + 1, one.n - 2 };
		return one;
	}
	return SPAN_NONE;
}

struct span multipart_boundary(struct span type)
{
	return begins(type, "multipart/") ? parameter(type, "boundary") : SPAN_NONE;
}

/* "--X": what a line that separates parts begins with. */
static bool find_delimiter(struct buf *b, struct span type, struct span body)
{
	struct span boundary;

	if (!type.p) {
		boundary = trim(take_line(&body));
		if (!begins(boundary, "--") || boundary.n < 3)
			return false;
		boundary = after(boundary, 2);
	} else {
		boundary = multipart_boundary(type);
	}
	if (boundary.n == 0 || boundary.n > BOUNDARY_MAX)
		return false;
	buf_adds(b, "--");
	buf_addspan(b, boundary);
	return true;
}

/* The next line that is a delimiter, and nothing else but white space; *last: it is the closing one. */
static bool next_delimiter(struct span *rest, struct span delimiter, struct span *line, bool *last)
{
	const char *from = rest->p, *end = rest->p + rest->n, *at;

	while ((at = memmem(from, (size_t)(end - from), delimiter.p, delimiter.n)) != NULL) {
		struct span tail = { at, (size_t)(end - at) };
		struct span found = take_line(&tail), extra = trim(after(found, delimiter.n));

		*last = span_is(extra, "--");
		if ((at == rest->p || at[-1] == '\n') && (*last || (extra.n == 0 && tail.n))) {
			*line = found;
			*rest = tail;
			return true;
		}
		from = at + delimiter.n;
	}
	return false;
}

static struct span without_line_end(struct span s)
{
	s.n -= s.n && s.p[s.n - 1] == '\n';
	s.n -= s.n && s.p[s.n - 1] == '\r';
	return s;
}

static void add_part(struct multipart *m, struct span text)
{
	struct part p = { .head = { text.p, 0 }, .name = SPAN(""), .place = m->n };
	struct span line, name;

	while (text.n && (line = take_line(&text), trim(line).n)) {
		p.head.n += line.n;
		if (begins(line, "content-disposition:") && (name = parameter(after(line, 20), "name")).p)
			p.name = name;
		p.is_file |= begins(line, "content-disposition:") && parameter(after(line, 20), "filename").p;
	}
	p.body = without_line_end(text);
	if ((m->n & (m->n - 1)) == 0)
		m->parts = mem_resize(m->parts, (m->n ? 2 * m->n : 1) * sizeof *m->parts);
	m->parts[m->n++] = p;
}

bool multipart_split(struct multipart *m, struct span type, struct span body)
{
	struct buf delimiter = BUF_INIT;
	struct span line;
	bool last = false, found;

	*m = (struct multipart){ 0 };
	if (body.n == 0)
		return false;
	found = find_delimiter(&delimiter, type, body) && next_delimiter(&body, buf_span(&delimiter), &line, &last);
	while (found && !last) {
		const char *from = body.p;

		found = next_delimiter(&body, buf_span(&delimiter), &line, &last);
		if (found)
			add_part(m, (struct span){ from, (size_t)(line.p - from) });
	}
	buf_release(&delimiter);
	if (!found)
		multipart_release(m);
	return found;
}

void multipart_release(struct multipart *m)
{
	free(m->parts);
	*m = (struct multipart){ 0 };
}

/* ---- comparison */

static int compare_names(const struct part *a, const struct part *b)
{
	int c = memcmp(a->name.p, b->name.p, a->name.n < b->name.n ? a->name.n : b->name.n);

	return c ? c : (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

static int by_name_and_place(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int c = compare_names(x, y);

	return c ? c : x->place < y->place ? -1 : 1;
}

static void sort(struct multipart *m)
{
	if (m->n > 1)
		qsort(m->parts, m->n, sizeof *m->parts, by_name_and_place);
}

static size_t count_lines(struct span head)
{
	size_t n = 0;

	while (head.n)
		n += trim(take_line(&head)).n > 0;
	return n;
}

static bool same_line(struct span a, struct span b)
{
	const char *colon = a.n ? memchr(a.p, ':', a.n) : NULL;
	size_t name = colon ? (size_t)(colon - a.p) + 1 : 0;

	return b.n >= name && (name == 0 || !strncasecmp(a.p, b.p, name)) &&
	       span_same(trim(after(a, name)), trim(after(b, name)));
}

static bool has_line(struct span head, struct span line)
{
	while (head.n)
		if (same_line(line, take_line(&head)))
			return true;
	return false;
}

static bool same_head(struct span a, struct span b)
{
	size_t n = count_lines(a);

	if (n != count_lines(b))
		return false;
	if (n > LINES_MAX) /* a search for each line takes too long */
		return span_same(a, b);
	while (a.n)
		if (!has_line(b, take_line(&a)))
			return false;
	return true;
}

static bool same_body(struct span a, struct span b)
{
	struct json x = JSON_INIT, y = JSON_INIT;
	bool same = span_same(a, b);

	if (!same && json_parse(&x, a.p, a.n) == 0 && json_parse(&y, b.p, b.n) == 0)
		same = json_same(&x, &y);
	json_release(&x);
	json_release(&y);
	return same;
}

/* any: the one of the two that is there, for its name. */
static void differs(const struct part *any, const struct part *a, const struct part *b, multipart_differ *differ,
                    void *context)
{
	struct buf name = BUF_INIT;

	buf_adds(&name, "part ");
	if (any->name.n)
		buf_addspan(&name, any->name);
	else
		buf_addf(&name, "%zu", any->place);
	differ(context, buf_span(&name), a ? a->body : SPAN_NONE, b ? b->body : SPAN_NONE);
	buf_release(&name);
}

void multipart_compare(struct multipart *a, struct multipart *b, multipart_differ *differ, void *context)
{
	const struct part *x = a->parts, *y = b->parts, *end_a = x + a->n, *end_b = y + b->n;

	sort(a);
	sort(b);
	while (x < end_a || y < end_b) {
		int c = x == end_a ? 1 : y == end_b ? -1 : compare_names(x, y);

		if (c < 0)
			differs(x, x, NULL, differ, context);
		else if (c > 0)
			differs(y, NULL, y, differ, context);
		else if (!same_head(x->head, y->head) || !same_body(x->body, y->body))
			differs(x, x, y, differ, context);
		x += c <= 0;
		y += c >= 0;
	}
}
