/* SPDX-License-Identifier: MIT */
/* doc: one value of a cassette file as a small tree. See doc.h. */
#include "cassette/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/controls.h"

#define PYTHON_OBJECT "tag:yaml.org,2002:python/object"

struct anchor {
	struct anchor *next;
	struct node *node;
};

void doc_init(struct doc *d, struct source *source, size_t max)
{
	*d = (struct doc){ .source = source, .max = max };
}

void doc_release(struct doc *d)
{
	arena_release(&d->arena);
	dict_release(&d->named);
}

int doc_event(struct doc *d, struct ev *e, struct fault *f)
{
	if (source_next(d->source, e, f) < 0) {
		d->line = e->line;
		return -1;
	}
	d->line = e->line;
	d->size += e->text.n;
	if (d->max && d->size > d->max)
		return fault_set(f, ST_INPUT, "interaction of more than %zu bytes (--max-size)", d->max);
	return 0;
}

struct node *node_get_span(const struct node *map, struct span key)
{
	if (map && map->kind == DOC_MAP)
		for (struct node *n = map->first; n; n = n->next)
			if (span_same(n->key, key))
				return n;
	return NULL;
}

struct node *node_get(const struct node *map, const char *key)
{
	return node_get_span(map, span_of(key));
}

static bool tagged(const char *t, const char *tag)
{
	if (!t)
		return false;
	if (!strncmp(t, "tag:yaml.org,2002:", 18))
		return !strcmp(t + 18, tag);
	return *t == '!' && !strcmp(t + 1, tag);
}

bool node_tagged(const struct node *n, const char *tag)
{
	return tagged(n->tag, tag);
}

bool node_is_null(const struct node *n)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (n->kind != DOC_SCALAR || (!n->word && n->style != YAML_PLAIN))
		return false;
	if (n->tag)
		return node_tagged(n, "null");
	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
		if (span_is(n->text, nulls[i]))
			return true;
	return false;
}

static void path_step(struct buf *b, const struct node *n)
{
	size_t place = 0;

	if (n->parent->kind == DOC_MAP) {
		buf_adds(b, b->len ? "." : "");
		place = b->len;
		buf_add(b, n->key.p, n->key.n > 60 ? 60 : n->key.n);
		if (b->len > place)
			controls_blank(b->p + place, b->len - place, "");
		return;
	}
	for (const struct node *c = n->parent->first; c && c != n; c = c->next)
		place++;
	buf_addf(b, "[%zu]", place);
}

void node_path(struct buf *b, const struct node *n)
{
	if (!n->parent)
		return;
	node_path(b, n->parent);
	path_step(b, n);
}

int node_fault(struct doc *d, const struct node *n, struct fault *f, const char *fmt, ...)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	node_path(&path, n);
	d->line = n->line;
	d->pathed = path.len > 0;
	fault_set(f, ST_INPUT, path.len ? "%s: %s" : "%s%s", buf_str(&path), buf_str(&text));
	buf_release(&path);
	buf_release(&text);
	return -1;
}

void node_hang(struct node *parent, struct node *n)
{
	n->parent = parent;
	n->next = NULL;
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	if (parent->height <= n->height)
		parent->height = n->height + 1;
}

void node_remove(struct node *n)
{
	struct node *parent = n->parent, *before = NULL;

	for (struct node *c = parent->first; c != n; c = c->next)
		before = c;
	if (before)
		before->next = n->next;
	else
		parent->first = n->next;
	if (parent->last == n)
		parent->last = before;
	parent->count--;
	n->parent = n->next = NULL;
}

struct node *node_add_span(struct arena *a, struct node *parent, struct span key, enum doc_kind kind)
{
	struct node *n = arena_zero(a, sizeof *n);

	n->kind = kind;
	n->key = key;
	if (parent)
		node_hang(parent, n);
	return n;
}

struct node *node_add(struct arena *a, struct node *parent, const char *key, enum doc_kind kind)
{
	return node_add_span(a, parent, span_of(key), kind);
}

struct node *node_add_text(struct arena *a, struct node *parent, const char *key, struct span text)
{
	struct node *n = node_add(a, parent, key, DOC_SCALAR);

	n->text = text;
	n->style = YAML_DOUBLE;
	return n;
}

struct node *node_add_word(struct arena *a, struct node *parent, const char *key, struct span text)
{
	struct node *n = node_add(a, parent, key, DOC_SCALAR);

	n->text = text;
	n->word = true;
	return n;
}

/* Anchors hold on to everything, up to the ceiling. */
int doc_forget(struct doc *d, struct fault *f)
{
	d->size = 0;
	if (!d->anchors) {
		source_forget(d->source);
		arena_reset(&d->arena);
	} else if (d->max && d->arena.used > d->max) {
		return fault_set(f, ST_INPUT, "anchors hold more than %zu bytes (--max-size)", d->max);
	}
	return 0;
}

/* The second node of two with the same key, or NULL. Small maps, nearly all, are compared pair by
 * pair. */
static struct node *duplicate(const struct node *map)
{
	struct dict seen = DICT_INIT;
	struct node *found = NULL;

	if (map->count <= 16) {
		for (struct node *a = map->first; a; a = a->next)
			for (struct node *b = a->next; b; b = b->next)
				if (span_same(a->key, b->key))
					return b;
		return NULL;
	}
	for (struct node *n = map->first; n && !found; n = n->next) {
		if (dict_get(&seen, 0, n->key))
			found = n;
		dict_put(&seen, 0, n->key, n);
	}
	dict_release(&seen);
	return found;
}

/* YAML's merge key: members of the map, or of each map of the list, that n does not have itself; have is
 * what it has. */
static int merge(struct doc *d, struct node *n, struct node *from, struct dict *have, struct fault *f)
{
	struct node *next;

	if (from->kind == DOC_LIST) {
		for (struct node *c = from->first; c; c = next) {
			next = c->next;
			if (c->kind != DOC_MAP)
				return node_fault(d, from, f, "merge of something that is no map");
			merge(d, n, c, have, f);
		}
		return 0;
	}
	if (from->kind != DOC_MAP)
		return node_fault(d, from, f, "merge of something that is no map");
	for (struct node *c = from->first; c; c = next) {
		next = c->next;
		if (dict_get(have, 0, c->key))
			continue;
		dict_put(have, 0, c->key, c);
		node_hang(n, c);
	}
	return 0;
}

static int merge_into(struct doc *d, struct node *n, struct node *from, struct fault *f)
{
	struct dict have = DICT_INIT;
	int r;

	for (struct node *c = n->first; c; c = c->next)
		dict_put(&have, 0, c->key, c);
	r = merge(d, n, from, &have, f);
	dict_release(&have);
	return r;
}

static int close_map(struct doc *d, struct node *n, struct fault *f)
{
	struct node *twice = duplicate(n);

	if (twice)
		return node_fault(d, twice, f, "key stands twice");
	for (struct node *c = n->first; c; c = c->next)
		if (c->plain_key && span_is(c->key, "<<")) {
			node_remove(c);
			return merge_into(d, n, c, f);
		}
	return 0;
}

static struct node *copy(struct doc *d, const struct node *from, struct fault *f)
{
	struct node *n;

	d->copied += sizeof *n + from->text.n + from->key.n;
	if (d->max && d->copied > d->max) {
		fault_set(f, ST_INPUT, "aliases of more than %zu bytes (--max-size)", d->max);
		return NULL;
	}
	n = arena_alloc(&d->arena, sizeof *n);
	*n = *from;
	n->parent = n->next = n->first = n->last = NULL;
	n->count = 0;
	for (const struct node *c = from->first; c; c = c->next) {
		struct node *child = copy(d, c, f);

		if (!child)
			return NULL;
		node_hang(n, child);
	}
	return n;
}

static struct node *alias(struct doc *d, const struct ev *e, struct fault *f)
{
	const struct anchor *a = dict_get(&d->named, 0, e->text);
	struct node *n;

	if (!a) {
		fault_set(f, ST_INPUT, "alias without its anchor");
		return NULL;
	}
	if (a->node->open) {
		node_fault(d, a->node, f, "alias of what holds it");
		return NULL;
	}
	n = copy(d, a->node, f);
	if (n)
		n->line = e->line;
	return n;
}

static struct node *make(struct doc *d, const struct ev *e, struct fault *f)
{
	struct node *n;

	if (e->kind == EV_ALIAS)
		return alias(d, e, f);
	n = node_add(&d->arena, NULL, NULL, e->kind == EV_MAP ? DOC_MAP : e->kind == EV_LIST ? DOC_LIST : DOC_SCALAR);
	n->line = e->line;
	n->text = e->text;
	n->tag = e->tag;
	n->style = e->style;
	n->word = e->word;
	n->open = e->kind != EV_SCALAR;
	if (e->anchor) {
		struct anchor *a = arena_alloc(&d->arena, sizeof *a);

		*a = (struct anchor){ d->anchors, n };
		d->anchors = a;
		dict_put(&d->named, 0, span_of(e->anchor), a);
	}
	return n;
}

/* Ruby 1.9 and 2.0 wrote names of headers so. */
static void decode_key(struct doc *d, struct node *n, struct fault *f)
{
	struct buf plain = BUF_INIT;

	if (!base64_decode(&plain, n->key.p, n->key.n))
		fault_set(f, ST_INPUT, "key that is !!binary and no base64");
	n->key = arena_copy(&d->arena, buf_span(&plain));
	buf_release(&plain);
}

/* The text of a Python object that is a str of its own class, as PyYAML dumps it: a list of the one argument
 * of its constructor, or a map with that list under args. NULL: it is something else. aiohttp has its names of
 * headers so (multidict's istr). Golden: vcrpy/multidict. */
static const struct node *python_text(const struct node *n)
{
	const struct node *args = n->kind == DOC_MAP ? node_get(n, "args") : n;

	if (!n->tag || strncmp(n->tag, PYTHON_OBJECT, sizeof PYTHON_OBJECT - 1) || !args || args->kind != DOC_LIST ||
	    args->count != 1 || args->first->kind != DOC_SCALAR)
		return NULL;
	return args->first;
}

/* A key that is no scalar, made one. */
static int read_key(struct doc *d, const struct node *map, struct ev *key, struct fault *f)
{
	const struct node *object = NULL, *text;
	struct node *top = d->top;

	if (!d->in_key && (key->kind == EV_LIST || key->kind == EV_MAP) && key->tag) {
		d->in_key = true;
		object = doc_read(d, key, f);
		d->in_key = false;
		d->top = top;
		if (!object)
			return -1;
	}
	text = object ? python_text(object) : NULL;
	if (!text)
		return node_fault(d, map, f, "key that is no scalar");
	*key = (struct ev){ .kind = EV_SCALAR, .style = text->style, .text = text->text, .tag = text->tag };
	return 0;
}

/* Hangs the value of e on at, and returns where the next one goes: NULL after the last. */
static struct node *step(struct doc *d, struct node *at, const struct ev *e, const struct ev *key, unsigned depth,
                         struct fault *f)
{
	struct node *n = make(d, e, f);

	if (!n)
		return NULL;
	if (at) {
		n->key = key->text;
		if (tagged(key->tag, "binary"))
			decode_key(d, n, f);
		n->plain_key = key->kind == EV_SCALAR && key->style == YAML_PLAIN && !key->word;
		node_hang(at, n);
	} else {
		d->top = n;
	}
	if (depth + n->height >= DOC_DEPTH) {
		fault_set(f, ST_INPUT, "nested too deeply");
		return NULL;
	}
	return n->open ? n : at;
}

/* The value goes to somebody who takes it apart: what aliases may mean later needs copies. */
static int secure(struct doc *d, const struct anchor *until, struct fault *f)
{
	for (struct anchor *a = d->anchors; a != until; a = a->next) {
		struct node *n = copy(d, a->node, f);

		if (!n)
			return -1;
		a->node = n;
	}
	return 0;
}

struct node *doc_read(struct doc *d, const struct ev *first, struct fault *f)
{
	struct ev e = *first, key = { .kind = EV_END };
	const struct anchor *known = d->anchors;
	struct node *at = NULL;
	unsigned depth = 0;

	d->top = NULL;
	for (;;) {
		if (e.kind == EV_CLOSE) {
			if (at->kind == DOC_MAP && close_map(d, at, f) < 0)
				return NULL;
			at->open = false;
			if (at->parent && at->parent->height <= at->height)
				at->parent->height = at->height + 1;
			at = at->parent;
			depth--;
		} else {
			struct node *next = step(d, at, &e, &key, depth, f);

			if (f->status != ST_OK)
				return NULL;
			depth += next != at;
			at = next;
		}
		if (!at)
			return secure(d, known, f) < 0 ? NULL : d->top;
		if (doc_event(d, &e, f) < 0)
			return NULL;
		key = (struct ev){ .kind = EV_END };
		if (at->kind == DOC_MAP && e.kind != EV_CLOSE) {
			key = e;
			if (key.kind != EV_SCALAR && read_key(d, at, &key, f) < 0)
				return NULL;
			if (doc_event(d, &e, f) < 0)
				return NULL;
		}
	}
}
