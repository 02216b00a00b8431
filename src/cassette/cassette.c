/* SPDX-License-Identifier: MIT */
/*
 * cassette: recorded HTTP interactions in files of every make. See cassette.h.
 *
 * Around the interactions there is a list, and around that a map or two:
 *
 *	version: 2            http_interactions:     {"log":{"entries":[      - request:
 *	interactions:         - request:               {"request":{}},          response:
 *	- request:              response:            ]}}                      - request:
 *
 * Keys of those maps may stand before and behind the list, and are read over. A file without a list has its
 * interactions in members that a format names as its parts:
 *
 *	request:              requests:
 *	response:             - method: POST
 *	                      responses:
 *	                      - status:
 */
#include "cassette/cassette_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cassette/foreign.h"

static const struct cassette_format *const formats[] = {
	&cassette_go_vcr, &cassette_go_vcr_1, &cassette_vcrpy, &cassette_ruby_vcr, &cassette_har,
};

enum { NFORMATS = sizeof formats / sizeof *formats };

/* Where the reader stands. */
enum place { BEGINNING, IN_ROOT, IN_LOG, IN_LIST, IN_PARTS, FINISHED };

struct cassette {
	struct in *in;
	struct source *source;
	struct doc doc;
	struct root root;
	enum place place;
	enum place around;  /* the list */
	bool listed;        /* a list was seen */
	struct node *parts; /* members of the root that some format has instead of a list; NULL: none so far */
	uint64_t next;      /* id of the next interaction */
	const struct cassette_format *format;
	struct cassette_layout layout;
	struct buf name;
};

struct cassette_layout cassette_layout(const struct cassette *c)
{
	return c->layout;
}

const char *const *cassette_formats(void)
{
	static const char *names[NFORMATS + 1];
	size_t n = 0;

	for (size_t i = 0; i < NFORMATS; i++)
		names[n++] = formats[i]->name;
	return names;
}

const char *cassette_format_of(const struct interaction *i)
{
	for (size_t e = 0; e < i->nextras; e++)
		for (size_t f = 0; f < NFORMATS; f++)
			if (span_is(i->extras[e].format, formats[f]->name))
				return formats[f]->name;
	return cassette_go_vcr.name;
}

const struct cassette_format *cassette_format_named(const char *name)
{
	for (size_t i = 0; i < NFORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

bool cassette_format_known(struct span name)
{
	for (size_t i = 0; i < NFORMATS; i++)
		if (span_is(name, formats[i]->name))
			return true;
	return false;
}

struct cassette *cassette_new(struct in *in, size_t max, struct fault *f)
{
	struct cassette *c;
	struct source *s = source_new(in, max, f);

	if (!s)
		return NULL;
	c = mem_zero(sizeof *c);
	c->in = in;
	c->source = s;
	doc_init(&c->doc, s, max);
	return c;
}

void cassette_free(struct cassette *c)
{
	if (!c)
		return;
	doc_release(&c->doc);
	source_free(c->source);
	buf_release(&c->name);
	free(c);
}

const char *cassette_format(const struct cassette *c)
{
	return c->format ? c->format->name : NULL;
}

bool cassette_is_json(const struct cassette *c)
{
	return source_is_json(c->source);
}

const char *cassette_place(struct cassette *c)
{
	buf_reset(&c->name);
	buf_addf(&c->name, "%s:%u", c->in->name, c->doc.line);
	return buf_str(&c->name);
}

const char *cassette_fixed(const struct cassette *c)
{
	if (source_is_packed(c->source))
		return "compressed";
	return c->root.is_whole ? "not a list of interactions" : NULL;
}

static int next_event(struct cassette *c, struct ev *e, struct fault *f)
{
	if (c->parts)
		return doc_event(&c->doc, e, f);
	return doc_forget(&c->doc, f) < 0 ? -1 : doc_event(&c->doc, e, f);
}

static bool is_list_key(const struct cassette *c, struct span key)
{
	if (c->place == IN_LOG)
		return span_is(key, "entries");
	return span_is(key, "interactions") || span_is(key, "http_interactions");
}

static void open_list(struct cassette *c, const char *key, const struct ev *e)
{
	c->layout.block = !e->flow;
	c->layout.column = e->column;
	c->layout.opened = source_offset(c->source);
	c->root.key = key;
	c->around = c->place;
	c->place = IN_LIST;
	c->listed = true;
	c->parts = NULL;
}

static bool is_part(const struct cassette *c, struct span key)
{
	if (c->place != IN_ROOT || c->listed)
		return false;
	for (size_t i = 0; i < NFORMATS; i++)
		for (const char *const *part = formats[i]->parts; part && *part; part++)
			if (span_is(key, *part))
				return true;
	return false;
}

static int read_part(struct cassette *c, const struct ev *key, struct fault *f)
{
	struct node *n;
	struct ev e;

	if (!c->parts)
		c->parts = node_add(&c->doc.arena, NULL, NULL, DOC_MAP);
	if (node_get_span(c->parts, key->text))
		return fault_set(f, ST_INPUT, "%.*s stands twice", (int)key->text.n, key->text.p);
	if (doc_event(&c->doc, &e, f) < 0 || (n = doc_read(&c->doc, &e, f)) == NULL)
		return -1;
	n->key = key->text;
	node_hang(c->parts, n);
	return 0;
}

/* A member of the maps around the list. */
static int member(struct cassette *c, const struct ev *key, struct fault *f)
{
	bool list = is_list_key(c, key->text), log = c->place == IN_ROOT && span_is(key->text, "log");
	bool version = c->place == IN_ROOT && span_is(key->text, "version"), recorded;
	const char *what = c->listed ? NULL : foreign_key(key->text, &recorded), *name;
	struct ev e;

	if (is_part(c, key->text))
		return read_part(c, key, f);
	if (what)
		return fault_set(f, ST_INPUT,
		                 recorded ? "%s, which cannot be read" : "%s, which are no recorded interactions",
		                 what);
	name = span_is(key->text, "entries") ? "entries" : key->text.n == 12 ? "interactions" : "http_interactions";
	source_unit(c->source);
	if (doc_event(&c->doc, &e, f) < 0)
		return -1;
	if (list && !c->listed && e.kind == EV_LIST) {
		open_list(c, name, &e);
		return 0;
	}
	if (list && !c->listed && e.kind == EV_SCALAR && e.style == YAML_PLAIN &&
	    (e.text.n == 0 || span_is(e.text, "null")))
		c->listed = true;
	else if (list)
		return fault_set(f, ST_INPUT, c->listed ? "%s stands twice" : "%s is no list", name);
	if (log && e.kind == EV_MAP) {
		c->place = IN_LOG;
		return 0;
	}
	if (version && e.kind == EV_SCALAR && e.text.n == 1)
		c->root.version = *e.text.p - '0';
	return doc_read(&c->doc, &e, f) ? 0 : -1; /* not only skipped: it may have anchors */
}

static int begin(struct cassette *c, const struct ev *e, struct fault *f)
{
	switch (e->kind) {
	case EV_DOCUMENT:
		return 0;
	case EV_END:
		return fault_set(f, ST_INPUT, "not a cassette: empty");
	case EV_MAP:
		c->place = IN_ROOT;
		return 0;
	case EV_LIST:
		c->place = FINISHED;
		c->root.is_list = true;
		open_list(c, "", e);
		return 0;
	default:
		return fault_set(f, ST_INPUT, "not a cassette: neither a map nor a list");
	}
}

static int choose(struct cassette *c, struct node *top, struct fault *f)
{
	const char *foreign = c->parts ? NULL : foreign_interaction(&c->root, top);

	if (foreign)
		return node_fault(&c->doc, top, f, "%s, which cannot be read", foreign);
	for (size_t i = 0; i < NFORMATS && !c->format; i++)
		if (formats[i]->knows(&c->root, top))
			c->format = formats[i];
	if (c->format)
		return 0;
	if (c->parts)
		return fault_set(f, ST_INPUT, "%s, which are no recorded interactions", foreign_parts(c->parts));
	return node_fault(&c->doc, top, f, "interaction of no known format");
}

static int close_around(struct cassette *c, struct fault *f)
{
	if (c->place == IN_LOG) {
		c->place = IN_ROOT;
		return 0;
	}
	if (c->parts) {
		c->root.is_whole = true;
		c->root.key = "";
		c->place = IN_PARTS;
		return choose(c, c->parts, f);
	}
	if (!c->listed)
		return fault_set(f, ST_INPUT, "not a cassette: no list of interactions");
	c->place = FINISHED;
	return 0;
}

static int outside_list(struct cassette *c, const struct ev *e, struct fault *f)
{
	if (c->place == BEGINNING)
		return begin(c, e, f);
	if (c->place == FINISHED)
		return e->kind == EV_DOCUMENT ? fault_set(f, ST_INPUT, "a second document follows") : 0;
	if (e->kind == EV_CLOSE)
		return close_around(c, f);
	if (e->kind != EV_SCALAR)
		return fault_set(f, ST_INPUT, "key that is no scalar");
	return member(c, e, f);
}

/* top is the tree of one. */
static int take(struct cassette *c, struct node *top, struct interaction *i, struct fault *f)
{
	struct reading r = { &c->doc, i, f, &c->root };

	interaction_reset(i);
	i->id = c->next;
	if (top->kind != DOC_MAP)
		return node_fault(&c->doc, top, f, "is no map");
	if (!c->format && choose(c, top, f) < 0)
		return -1;
	if (c->format->read(&r, top) < 0)
		return -1;
	extra_collect(&r, c->format, top);
	c->doc.line = c->layout.line = top->line; /* where notes about it belong */
	c->next++;
	return 1;
}

static int from_list(struct cassette *c, const struct ev *e, struct interaction *i, struct fault *f)
{
	struct node *top;

	source_unit(c->source);
	c->layout.from = source_offset(c->source) - 1; /* its brace was read */
	top = doc_read(&c->doc, e, f);
	if (!top)
		return -1;
	c->layout.to = source_offset(c->source);
	return take(c, top, i, f);
}

static int from_parts(struct cassette *c, struct interaction *i, struct fault *f)
{
	struct reading r = { &c->doc, i, f, &c->root };
	struct node *top = c->format->assemble(&r, c->parts, c->next);

	if (top)
		return take(c, top, i, f);
	c->place = FINISHED;
	return f->status == ST_OK ? 0 : -1;
}

/* What holds no interaction may be an output of another program. */
static int failed(struct cassette *c, struct fault *f)
{
	bool begun = c->listed && (c->format || !c->root.is_list);
	const char *what = f->status == ST_INPUT && !begun ? input_kind_text(source_kind(c->source)) : NULL;

	if (what) {
		*f = (struct fault){ 0 };
		fault_set(f, ST_INPUT, "not a cassette: %s", what);
	}
	return -1;
}

/* Faults inside an interaction name it: "interactions[3].request.url: ...". */
static int named(struct cassette *c, struct fault *f)
{
	struct fault inner = *f;

	if (f->status == ST_INPUT && c->place == IN_LIST) {
		*f = (struct fault){ 0 };
		fault_set(f, ST_INPUT, "%s[%llu]%s%s", c->root.key, (unsigned long long)c->next,
		          c->doc.pathed ? "." : ": ", inner.text);
	}
	return failed(c, f);
}

int cassette_next(struct cassette *c, struct interaction *i, struct fault *f)
{
	struct ev e;
	int r;

	for (;;) {
		if (c->place == IN_PARTS && (r = from_parts(c, i, f)) != 0)
			return r;
		if (next_event(c, &e, f) < 0)
			return failed(c, f);
		if (c->place == IN_LIST && e.kind == EV_CLOSE) {
			c->layout.end = e.line;
			c->place = c->around;
		} else if (c->place == IN_LIST) {
			return from_list(c, &e, i, f) > 0 ? 1 : named(c, f);
		} else if (outside_list(c, &e, f) < 0) {
			return failed(c, f);
		} else if (c->place == FINISHED && e.kind == EV_END) {
			return 0;
		}
	}
}
