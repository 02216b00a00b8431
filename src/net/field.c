/* SPDX-License-Identifier: MIT */
/* field: the header fields of one HTTP message, in order. See field.h. */
#include "net/field.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
	while (s.n && blank(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n && (blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
			return false;
	}
	return s.n > 0;
}

static bool is_value(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool field_same(struct span a, const char *b)
{
	return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

struct span field_name(struct span line)
{
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;

	return colon ? trim((struct span){ line.p, (size_t)(colon - line.p) }) : line;
}

void fields_put(struct fields *h, struct span name, struct span value)
{
	if (h->count == h->capacity) {
		h->capacity = h->capacity ? 2 * h->capacity : 8;
		h->list = mem_resize(h->list, h->capacity * sizeof *h->list);
	}
	h->list[h->count++] = (struct field){
		.name = mem_dup(name.p, name.n),
		.value = value.p ? mem_dup(value.p, value.n) : NULL,
	};
}

int fields_add(struct fields *h, struct span name, struct span value, struct fault *f)
{
	if (!is_token(name))
		return fault_set(f, ST_USAGE, "a header's name is empty or holds what no name may");
	if (!is_value(value))
		return fault_set(f, ST_USAGE, "the value of header '%.*s' holds a control character", (int)name.n,
		                 name.p);
	fields_put(h, name, value);
	return 0;
}

int fields_default(struct fields *h, struct span name, struct span value, struct fault *f)
{
	for (size_t i = 0; i < h->count; i++)
		if (field_same(name, h->list[i].name))
			return 0;
	return fields_add(h, name, value, f);
}

int fields_line(struct fields *h, struct span line, struct fault *f)
{
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	struct span name = field_name(line), value;

	if (!colon) {
		line = trim(line);
		if (line.n == 0 || line.p[line.n - 1] != ';')
			return fault_set(f, ST_USAGE, "a header is written 'Name: value'");
		return fields_add(h, (struct span){ line.p, line.n - 1 }, SPAN(""), f);
	}
	value = trim((struct span){ colon + 1, (size_t)(line.p + line.n - colon - 1) });
	return fields_add(h, name, value.n ? value : SPAN_NONE, f);
}

int fields_lines(struct fields *h, struct span text, struct fault *f)
{
	while (text.n) {
		const char *lf = memchr(text.p, '\n', text.n);
		struct span line = { text.p, lf ? (size_t)(lf - text.p) : text.n };

		if (trim(line).n && fields_line(h, line, f) < 0)
			return -1;
		text.p += line.n + (lf != NULL);
		text.n -= line.n + (lf != NULL);
	}
	return 0;
}

void fields_received(struct fields *h, struct span line)
{
	const char *colon;

	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	if (colon && colon > line.p)
		fields_put(h, field_name(line), trim((struct span){ colon + 1, (size_t)(line.p + line.n - colon - 1) }));
}

bool fields_has(const struct fields *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcasecmp(h->list[i].name, name))
			return true;
	return false;
}

struct span fields_get(const struct fields *h, const char *name)
{
	for (size_t i = h->count; i-- > 0;)
		if (!strcasecmp(h->list[i].name, name))
			return span_of(h->list[i].value);
	return SPAN_NONE;
}

bool fields_list(const struct fields *h, const char *name, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < h->count; i++) {
		const char *rest = h->list[i].value;

		if (!field_same(span_of(h->list[i].name), name))
			continue;
		while (rest && !found) {
			size_t n = strcspn(rest, ",");

			found = field_same(trim((struct span){ rest, n }), word);
			rest = rest[n] ? rest + n + 1 : NULL;
		}
	}
	return found;
}

void fields_reset(struct fields *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->list[i].name);
		free(h->list[i].value);
	}
	h->count = 0;
}

void fields_release(struct fields *h)
{
	fields_reset(h);
	free(h->list);
	*h = (struct fields)FIELDS_INIT;
}
