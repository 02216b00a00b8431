/* SPDX-License-Identifier: MIT */
/* write: what the formats' write hooks share. See cassette_impl.h. */
#include <string.h>

#include "base/base64.h"
#include "cassette/cassette_impl.h"
#include "cassette/timing.h"
#include "json/write.h"

void write_text(struct arena *a, struct node *parent, const char *key, struct span text)
{
	node_add_text(a, parent, key, text.p ? text : SPAN(""));
}

void write_text_if(struct arena *a, struct node *parent, const char *key, struct span text)
{
	if (text.p)
		node_add_text(a, parent, key, text);
}

void write_text_or_null(struct arena *a, struct node *parent, const char *key, struct span text)
{
	if (text.p)
		node_add_text(a, parent, key, text);
	else
		node_add_word(a, parent, key, SPAN("null"));
}

void write_number(struct arena *a, struct node *parent, const char *key, long number)
{
	node_add_word(a, parent, key, span_of(arena_printf(a, "%ld", number)));
}

void write_headers(struct arena *a, struct node *parent, const char *key, const struct headers *h)
{
	struct node *map = node_add(a, parent, key, DOC_MAP);

	for (size_t i = 0; i < h->n; i++) {
		struct node *list = node_add_span(a, map, h->list[i].name, DOC_LIST);

		for (size_t v = 0; v < h->list[i].n; v++)
			node_add_text(a, list, NULL, h->list[i].values[v]);
	}
}

static struct span text_of(struct arena *a, const struct json *j, uint32_t string)
{
	struct buf b = BUF_INIT;
	struct span s;

	json_unescape(&b, json_string(j, string));
	s = arena_copy(a, buf_span(&b));
	buf_release(&b);
	return s;
}

/* {"!!binary": "..."}, which read.c makes of what has that tag. */
static bool is_binary(const struct json *j, uint32_t at)
{
	uint32_t only = json_kind(j, at) == JSON_OBJECT && json_count(j, at) == 1 ? json_first(j, at) : 0;

	return only && json_is(j, json_key(only), "!!binary") && json_kind(j, only) == JSON_STRING;
}

static struct span bytes_of(struct arena *a, const struct json *j, uint32_t at)
{
	struct span base64 = text_of(a, j, json_first(j, at));
	struct buf b = BUF_INIT;
	struct span s;

	s = base64_decode(&b, base64.p, base64.n) ? arena_copy(a, buf_span(&b)) : base64;
	buf_release(&b);
	return s;
}

static struct node *tree(struct arena *a, struct node *parent, struct span key, const struct json *j, uint32_t at)
{
	enum json_kind kind = is_binary(j, at) ? JSON_NONE : json_kind(j, at);
	struct node *n;

	n = node_add_span(a, parent, key, kind == JSON_OBJECT ? DOC_MAP : kind == JSON_ARRAY ? DOC_LIST : DOC_SCALAR);
	n->style = YAML_DOUBLE;
	n->word = kind < JSON_STRING && kind != JSON_NONE;
	if (n->word)
		n->text = arena_copy(a, json_text(j, at));
	else if (kind == JSON_STRING)
		n->text = text_of(a, j, at);
	else if (kind == JSON_NONE)
		n->text = bytes_of(a, j, at);
	for (uint32_t c = kind == JSON_NONE ? 0 : json_first(j, at); c; c = json_next(j, at, c))
		tree(a, n, kind == JSON_OBJECT ? text_of(a, j, json_key(c)) : SPAN_NONE, j, c);
	return n;
}

struct node *write_json(struct arena *a, struct node *parent, const char *key, struct span text)
{
	struct json j = JSON_INIT;
	struct node *n = NULL;

	if (json_parse(&j, text.p, text.n) == 0)
		n = tree(a, parent, arena_copy(a, span_of(key)), &j, JSON_ROOT);
	json_release(&j);
	return n;
}

void write_timing(struct arena *a, struct node *parent, const char *key, const struct interaction *i)
{
	struct node *arrivals = NULL;
	struct buf b = BUF_INIT;

	timing_put(&b, &i->response);
	if (b.len)
		arrivals = node_get(write_json(a, parent, key, buf_span(&b)), "arrivals");
	if (arrivals)
		arrivals->flow = true;
	buf_release(&b);
}
