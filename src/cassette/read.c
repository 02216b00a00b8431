/* SPDX-License-Identifier: MIT */
/* read: what the formats' read hooks share. See cassette_impl.h. */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "cassette/cassette_impl.h"
#include "cassette/timing.h"
#include "json/write.h"

static const char *const kinds[] = { "text", "map", "list" };

static struct node *must(struct reading *r, struct node *parent, const char *key)
{
	struct node *n = node_get(parent, key);

	if (!n)
		node_fault(r->doc, parent, r->f, "no %s", key);
	return n;
}

static int wrong(struct reading *r, const struct node *n, const char *want)
{
	return node_fault(r->doc, n, r->f, "is a %s, not a %s", kinds[n->kind], want);
}

struct node *read_map(struct reading *r, struct node *parent, const char *key)
{
	struct node *n = must(r, parent, key);

	if (n && n->kind != DOC_MAP) {
		wrong(r, n, "map");
		return NULL;
	}
	if (n)
		n->taken = true;
	return n;
}

int read_bytes(struct reading *r, const struct node *n, struct span *bytes)
{
	struct buf plain = BUF_INIT;
	bool good;

	if (n->kind != DOC_SCALAR)
		return wrong(r, n, "text");
	*bytes = n->text;
	if (!n->tag || !node_tagged(n, "binary"))
		return 0;
	good = base64_decode(&plain, n->text.p, n->text.n);
	*bytes = arena_copy(&r->i->arena, buf_span(&plain));
	buf_release(&plain);
	return good ? 0 : node_fault(r->doc, n, r->f, "!!binary that is no base64");
}

int read_text_if(struct reading *r, struct node *parent, const char *key, struct span *text)
{
	struct node *n = node_get(parent, key);

	*text = SPAN_NONE;
	if (!n)
		return 0;
	if (!node_is_null(n) && read_bytes(r, n, text) < 0)
		return -1;
	node_remove(n);
	return 0;
}

int read_text(struct reading *r, struct node *parent, const char *key, struct span *text)
{
	struct node *n = must(r, parent, key);

	if (!n)
		return -1;
	if (node_is_null(n))
		return node_fault(r->doc, n, r->f, "is null, not a text");
	return read_text_if(r, parent, key, text);
}

int read_status(struct reading *r, struct node *parent, const char *key, int *status)
{
	struct node *n = must(r, parent, key);
	struct span t;

	if (!n)
		return -1;
	t = n->text;
	if (n->kind != DOC_SCALAR || (!n->word && n->style != YAML_PLAIN))
		return wrong(r, n, "number");
	*status = 0;
	for (size_t k = 0; k < t.n && t.p[k] >= '0' && t.p[k] <= '9' && t.n <= 3; k++)
		*status = *status * 10 + t.p[k] - '0';
	if (*status < 100 && !span_is(t, "0")) /* 0: there was no response */
		return node_fault(r->doc, n, r->f, "is no HTTP status");
	node_remove(n);
	return 0;
}

int read_header(struct reading *r, const struct node *n, struct headers *h, struct span name, struct span value)
{
	if (!headers_add(h, &r->i->arena, name, value))
		return node_fault(r->doc, n, r->f, "is more than %d headers", HEADERS_MAX);
	return 0;
}

/* One value, or a list of them. */
static int read_values(struct reading *r, struct node *n, struct headers *h)
{
	struct span value;

	if (n->kind == DOC_MAP)
		return wrong(r, n, "list");
	if (n->kind == DOC_SCALAR)
		return read_bytes(r, n, &value) < 0 ? -1 : read_header(r, n, h, n->key, value);
	if (!n->first)
		return read_header(r, n, h, n->key, SPAN_NONE);
	for (struct node *v = n->first; v; v = v->next) {
		if (read_bytes(r, v, &value) < 0 || read_header(r, v, h, n->key, value) < 0)
			return -1;
	}
	return 0;
}

int read_headers(struct reading *r, struct node *parent, const char *key, struct headers *h)
{
	struct node *n = node_get(parent, key);

	if (!n)
		return 0;
	if (!node_is_null(n)) {
		if (n->kind != DOC_MAP)
			return wrong(r, n, "map");
		for (struct node *c = n->first; c; c = c->next)
			if (read_values(r, c, h) < 0)
				return -1;
	}
	node_remove(n);
	return 0;
}

int read_timing(struct reading *r, struct node *parent, const char *key)
{
	struct node *n = node_get(parent, key);
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	const char *wrong;

	if (!n)
		return 0;
	node_json(&b, n);
	wrong = json_parse(&j, b.p, b.len) < 0 ? j.error : timing_get(r->i, &j, JSON_ROOT);
	json_release(&j);
	buf_release(&b);
	if (wrong)
		return node_fault(r->doc, n, r->f, "%s", wrong);
	node_remove(n);
	return 0;
}

static bool is_json_word(const struct node *n)
{
	bool cut;
	size_t at;

	if (n->word)
		return true;
	if (n->style != YAML_PLAIN || n->tag || n->text.n == 0)
		return false;
	if (!strchr("-0123456789tfn", *n->text.p))
		return false;
	return !json_check(n->text.p, n->text.n, &at, &cut);
}

/* Bytes that are text are a string; others keep their tag. */
static void bytes_json(struct buf *b, struct span bytes)
{
	struct buf base64 = BUF_INIT;

	if (utf8_valid(bytes.p, bytes.n)) {
		json_quote(b, bytes);
		return;
	}
	base64_encode(&base64, bytes.p, bytes.n, 0);
	buf_adds(b, "{\"!!binary\":");
	json_quote(b, buf_span(&base64));
	buf_addc(b, '}');
	buf_release(&base64);
}

static void binary_json(struct buf *b, struct span base64)
{
	struct buf plain = BUF_INIT;

	bytes_json(b, base64_decode(&plain, base64.p, base64.n) ? buf_span(&plain) : base64);
	buf_release(&plain);
}

static void scalar_json(struct buf *b, const struct node *n)
{
	if (is_json_word(n)) {
		buf_addspan(b, n->text);
	} else if (n->tag && node_tagged(n, "binary")) {
		binary_json(b, n->text);
	} else if (node_is_null(n)) {
		buf_adds(b, "null");
	} else {
		bytes_json(b, n->text);
	}
}

void node_json(struct buf *b, const struct node *n)
{
	if (n->kind == DOC_SCALAR) {
		scalar_json(b, n);
		return;
	}
	buf_addc(b, n->kind == DOC_MAP ? '{' : '[');
	for (const struct node *c = n->first; c; c = c->next) {
		if (c != n->first)
			buf_addc(b, ',');
		if (n->kind == DOC_MAP) {
			json_quote(b, c->key);
			buf_addc(b, ':');
		}
		node_json(b, c);
	}
	buf_addc(b, n->kind == DOC_MAP ? '}' : ']');
}

struct node *node_find(struct node *top, const char *path, struct node **parent, const char **name)
{
	for (;;) {
		struct node *c = top->first;
		size_t n = 0;

		while (path[n] && path[n] != '.')
			n++;
		while (c && !(c->key.n == n && !memcmp(c->key.p, path, n)))
			c = c->next;
		*parent = top->kind == DOC_MAP ? top : NULL;
		if (name)
			*name = path;
		if (!path[n])
			return c;
		if (!c || c->kind != DOC_MAP) {
			*parent = NULL;
			return NULL;
		}
		top = c;
		path += n + 1;
	}
}

/* What the rule says is dropped, what it does not say is kept, behind the others and so in the
 * order of the table. */
static void against_rule(struct reading *r, struct node *top, const struct cassette_key *k, struct buf *rule,
                         struct buf *have)
{
	struct node *parent, *n;
	const char *name;

	n = node_find(top, k->path, &parent, &name);
	if (!parent)
		return;
	buf_reset(rule);
	buf_reset(have);
	if (k->rule)
		k->rule(r->i, rule);
	if (n && node_is_null(n)) { /* as good as missing */
		node_remove(n);
		n = NULL;
	}
	if (!n) {
		if (k->marked && rule->len)
			node_add_word(&r->doc->arena, parent, name, SPAN("null"));
		return;
	}
	node_json(have, n);
	node_remove(n);
	if (!rule->len || !span_same(buf_span(rule), buf_span(have)))
		node_hang(parent, n);
}

static void prune(struct node *n)
{
	for (struct node *c = n->first, *next; c; c = next) {
		next = c->next;
		if (!c->taken)
			continue;
		prune(c);
		if (!c->first)
			node_remove(c);
	}
}

void extra_collect(struct reading *r, const struct cassette_format *format, struct node *top)
{
	struct buf rule = BUF_INIT, have = BUF_INIT;

	for (const struct cassette_key *k = format->keys; k->path; k++)
		against_rule(r, top, k, &rule, &have);
	prune(top);
	buf_reset(&have);
	node_json(&have, top);
	interaction_extra(r->i, span_of(format->name), arena_copy(&r->i->arena, buf_span(&have)));
	buf_release(&rule);
	buf_release(&have);
}
