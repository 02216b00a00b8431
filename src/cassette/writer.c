/* SPDX-License-Identifier: MIT */
/* writer: interactions into a cassette of any make. See writer.h. */
#include "cassette/writer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cassette/cassette_impl.h"
#include "cassette/record.h"
#include "yaml/yaml.h"

/* What may get lost on the way, in the words of the report. */
static const char *const losses[] = {
	"method",
	"URL",
	"request protocol",
	"request headers",
	"request body",
	"status",
	"reason",
	"response protocol",
	"response headers",
	"response body",
	"duration",
	"time of recording",
	"arrivals",
	"end",
	"fields of another format",
};

enum { NLOSSES = sizeof losses / sizeof *losses };

struct cassette_writer {
	const struct cassette_format *format;
	bool json;
	bool alone; /* one interaction, and nothing around it */
	cassette_sink *sink;
	void *context;
	struct yaml_writer *yaml;
	struct buf text; /* of one interaction in JSON, or of a digest */
	struct arena arena;
	struct interaction back; /* as a reader would see it */
	struct digest digest;
	uint64_t lossy; /* interactions that lost something */
	bool lost[NLOSSES];
};

static void put_node(struct yaml_writer *y, const struct node *n)
{
	if (n->kind == DOC_SCALAR) {
		if (n->word)
			yaml_put_word(y, n->text);
		else
			yaml_put_text(y, n->text);
		return;
	}
	if (n->kind == DOC_MAP)
		yaml_put_map(y, n->flow);
	else
		yaml_put_list(y, n->flow);
	for (const struct node *c = n->first; c; c = c->next) {
		if (n->kind == DOC_MAP)
			yaml_put_key(y, c->key);
		put_node(y, c);
	}
	yaml_put_close(y);
}

/* The members of the root that stand on one side of the list. */
static void put_members(struct cassette_writer *w, const struct cassette_member *members, bool behind)
{
	for (const struct cassette_member *m = members; m->key; m++) {
		struct node *n;

		if (m->behind != behind)
			continue;
		if (w->json) {
			buf_addf(&w->text, "%s\"%s\":%s", behind ? "," : "", m->key, m->json);
			if (!behind)
				buf_addc(&w->text, ',');
			continue;
		}
		n = write_json(&w->arena, NULL, m->key, span_of(m->json));
		yaml_put_key(w->yaml, span_of(m->key));
		put_node(w->yaml, n);
	}
}

static void flush_text(struct cassette_writer *w)
{
	w->sink(w->context, w->text.p, w->text.len);
	buf_reset(&w->text);
}

static void begin(struct cassette_writer *w)
{
	const struct cassette_format *format = w->format;

	if (w->json) {
		buf_addc(&w->text, '{');
		if (format->wrap)
			buf_addf(&w->text, "\"%s\":{", format->wrap);
		put_members(w, format->members, false);
		buf_addf(&w->text, "\"%s\":[", format->list);
		flush_text(w);
		return;
	}
	w->yaml = yaml_writer_new(w->sink, w->context, format->marked);
	yaml_put_map(w->yaml, false);
	put_members(w, format->members, false);
	yaml_put_key(w->yaml, span_of(format->list));
	yaml_put_list(w->yaml, false);
}

struct cassette_writer *cassette_writer_new(const char *name, bool json, cassette_sink *sink, void *context)
{
	const struct cassette_format *format = cassette_format_named(name);
	struct cassette_writer *w;

	if (!format)
		return NULL;
	w = mem_zero(sizeof *w);
	w->format = format;
	w->json = json || format->syntax == SYNTAX_JSON;
	w->sink = sink;
	w->context = context;
	interaction_init(&w->back);
	begin(w);
	return w;
}

void cassette_writer_free(struct cassette_writer *w)
{
	if (!w)
		return;
	yaml_writer_free(w->yaml);
	buf_release(&w->text);
	arena_release(&w->arena);
	interaction_release(&w->back);
	free(w);
}

void cassette_writer_end(struct cassette_writer *w)
{
	if (!w->json) {
		yaml_put_close(w->yaml);
		put_members(w, w->format->members, true);
		yaml_put_close(w->yaml);
		yaml_writer_end(w->yaml);
		return;
	}
	buf_adds(&w->text, w->digest.count ? "\n]" : "]");
	put_members(w, w->format->members, true);
	buf_adds(&w->text, w->format->wrap ? "}}\n" : "}\n");
	flush_text(w);
}

/* The value that the record carries for a key of the table, else what the rule says. */
static void apply_key(const struct cassette_key *k, const struct interaction *i, struct arena *a, struct node *top,
                      struct node *extra)
{
	struct node *parent, *carrier, *n = node_find(top, k->path, &parent, NULL), *own;
	const char *name = strrchr(k->path, '.');
	struct buf rule = BUF_INIT;

	own = node_find(extra, k->path, &carrier, NULL);
	if (own && own->kind == DOC_MAP && n && n->kind == DOC_MAP)
		own = NULL; /* merged later */
	if (own)
		node_remove(own);
	if (!parent)
		return;
	if (own && n)
		node_remove(n);
	if (own) {
		n = node_is_null(own) ? NULL : own;
	} else if (!n && k->rule) {
		k->rule(i, &rule);
		if (rule.len)
			n = write_json(a, NULL, name ? name + 1 : k->path, buf_span(&rule));
	} else if (n) {
		node_remove(n);
	}
	if (n)
		node_hang(parent, n); /* behind the others: the order is the table's */
	buf_release(&rule);
}

/* Members that only the record has, behind the known ones, or in the place of one that is null. */
static void merge(struct node *to, struct node *from)
{
	for (struct node *c = from->first, *next; c; c = next) {
		struct node *have = to->first;

		next = c->next;
		while (have && !span_same(have->key, c->key))
			have = have->next;
		if (have && have->word && node_is_null(have) && c->kind == DOC_MAP) {
			node_remove(have);
			have = NULL;
		}
		if (!have) {
			node_remove(c);
			node_hang(to, c);
		} else if (have->kind == DOC_MAP && c->kind == DOC_MAP) {
			merge(have, c);
		}
	}
}

static struct node *build(struct cassette_writer *w, const struct interaction *i)
{
	struct span json = interaction_extra_get(i, w->format->name);
	struct node *top = node_add(&w->arena, NULL, NULL, DOC_MAP), *extra = NULL;

	w->format->write(i, &w->arena, top);
	if (json.p)
		extra = write_json(&w->arena, NULL, NULL, json);
	if (!extra || extra->kind != DOC_MAP)
		extra = node_add(&w->arena, NULL, NULL, DOC_MAP);
	for (const struct cassette_key *k = w->format->keys; k->path; k++)
		apply_key(k, i, &w->arena, top, extra);
	merge(top, extra);
	return top;
}

static bool all_utf8(const struct node *n)
{
	if (n->kind == DOC_SCALAR)
		return utf8_valid(n->text.p, n->text.n) && utf8_valid(n->key.p, n->key.n);
	for (const struct node *c = n->first; c; c = c->next)
		if (!all_utf8(c))
			return false;
	return true;
}

/* A body's presence counts too: null is not the same as empty. */
static bool same_text(struct span a, struct span b)
{
	return !a.p == !b.p && span_same(a, b);
}

/* A format may spell names its way: the wire does not care for their case. */
static bool same_headers(const struct headers *a, const struct headers *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct header *x = &a->list[i], *y = &b->list[i];

		if (x->name.n != y->name.n || strncasecmp(x->name.p, y->name.p, x->name.n) || x->n != y->n)
			return false;
		for (size_t v = 0; v < x->n; v++)
			if (!span_same(x->values[v], y->values[v]))
				return false;
	}
	return true;
}

static bool foreign_extras(const struct interaction *i, const char *own)
{
	for (size_t e = 0; e < i->nextras; e++)
		if (!span_is(i->extras[e].format, own) && i->extras[e].json.n > 2 &&
		    cassette_format_known(i->extras[e].format))
			return true;
	return false;
}

/* What a has and b does not have any more; in the order of `losses`. */
static void compare(struct cassette_writer *w, const struct interaction *a, const struct interaction *b)
{
	const struct response *p = &a->response, *s = &b->response;
	const bool lost[NLOSSES] = {
		!span_same(a->request.method, b->request.method),
		!span_same(a->request.url, b->request.url),
		a->request.proto.p && !span_same(a->request.proto, b->request.proto),
		!same_headers(&a->request.headers, &b->request.headers),
		!same_text(a->request.body, b->request.body),
		p->status != s->status,
		p->reason.p && !span_same(p->reason, s->reason),
		p->proto.p && !span_same(p->proto, s->proto),
		!same_headers(&p->headers, &s->headers),
		!same_text(p->body, s->body),
		a->duration >= 0 && a->duration != b->duration,
		a->started.p && !span_same(a->started, b->started),
		p->narrivals != s->narrivals,
		p->end != s->end,
		foreign_extras(a, w->format->name),
	};
	bool any = false;

	for (int l = 0; l < NLOSSES; l++) {
		any |= lost[l];
		w->lost[l] |= lost[l];
	}
	w->lossy += any;
}

static int read_back(struct cassette_writer *w, struct node *top, struct fault *f)
{
	struct root root = { .key = w->format->list, .version = w->format->version };
	struct doc doc = { .arena = w->arena };
	struct reading r = { &doc, &w->back, f, &root };
	int result;

	interaction_reset(&w->back);
	w->back.id = w->digest.count;
	result = w->format->read(&r, top);
	if (result == 0)
		extra_collect(&r, w->format, top);
	w->arena = doc.arena;
	return result;
}

static void emit(struct cassette_writer *w, const struct node *top)
{
	if (!w->json) {
		put_node(w->yaml, top);
		yaml_writer_flush(w->yaml);
		return;
	}
	buf_reset(&w->text);
	if (!w->alone)
		buf_adds(&w->text, w->digest.count ? ",\n" : "\n");
	node_json(&w->text, top);
	flush_text(w);
}

/* What cannot be read back is not written. Reading takes a tree apart, so that it is built twice. */
int cassette_write(struct cassette_writer *w, struct interaction *i, struct fault *f)
{
	struct node *top;

	arena_reset(&w->arena);
	i->id = w->digest.count;
	top = build(w, i);
	if (w->json && !all_utf8(top))
		return fault_set(f, ST_INPUT, "bytes that are no UTF-8, which %s in JSON cannot hold", w->format->name);
	if (read_back(w, top, f) < 0)
		return -1;
	emit(w, build(w, i));
	compare(w, i, &w->back);
	buf_reset(&w->text);
	digest_add(&w->digest, &w->back, &w->text);
	buf_reset(&w->text);
	return 0;
}

static void into_buf(void *b, const void *p, size_t n)
{
	buf_add(b, p, n);
}

int cassette_write_item(const char *format, bool json, uint64_t place, struct interaction *i, struct interaction *back,
                        struct buf *text, struct fault *f)
{
	struct cassette_writer *w = mem_zero(sizeof *w);
	int r;

	w->format = cassette_format_named(format);
	w->json = json; /* HAR may be YAML */
	w->alone = true;
	w->sink = into_buf;
	w->context = text;
	w->digest.count = place;
	interaction_init(&w->back);
	if (!w->json) {
		w->yaml = yaml_writer_new(into_buf, text, false);
		yaml_put_list(w->yaml, false);
	}
	r = cassette_write(w, i, f);
	if (r == 0) {
		interaction_copy(back, &w->back);
		if (w->json)
			buf_addc(text, '\n');
		else
			yaml_put_close(w->yaml);
	}
	if (r == 0 && w->yaml)
		yaml_writer_end(w->yaml);
	cassette_writer_free(w);
	return r;
}

void cassette_writer_losses(const struct cassette_writer *w, struct buf *b)
{
	bool first = true;

	if (!w->lossy)
		return;
	for (int l = 0; l < NLOSSES; l++)
		if (w->lost[l]) {
			buf_addf(b, "%s%s", first ? "" : ", ", losses[l]);
			first = false;
		}
	buf_addf(b, " (%llu interaction%s)", (unsigned long long)w->lossy, w->lossy == 1 ? "" : "s");
}

/* FNV-1a, eight bytes at a time: this finds accidents, not enemies. */
static uint64_t hash(uint64_t h, struct span s)
{
	uint64_t word;

	for (; s.n >= 8; s.p += 8, s.n -= 8) {
		memcpy(&word, s.p, 8);
		h = (h ^ word) * 0x100000001b3u;
		h ^= h >> 29;
	}
	for (; s.n > 0; s.p++, s.n--)
		h = (h ^ (unsigned char)*s.p) * 0x100000001b3u;
	return h;
}

void digest_add(struct digest *d, const struct interaction *i, struct buf *scratch)
{
	buf_reset(scratch);
	record_put(scratch, i, NULL);
	d->hash = hash(d->hash ^ scratch->len, buf_span(scratch));
	d->count++;
}

struct digest cassette_writer_digest(const struct cassette_writer *w)
{
	return w->digest;
}
