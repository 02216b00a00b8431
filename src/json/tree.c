/* SPDX-License-Identifier: MIT */
/* tree: a JSON value under construction, made of the bytes of others. See tree.h. */
#include "json/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/write.h"

enum {
	MANY = 64, /* members that are walked through */
	FEW = 16,  /* elements that are */
};

/* The first n elements of an array, in their order; it may have more. */
struct places {
	size_t n, room;
	struct tree_node *at[];
};

static __attribute__((noinline)) void drop_members(struct tree_node *n)
{
	members_free(n->members);
	n->members = NULL;
}

/* What was known of its members, which are others now. */
static void forget(struct tree_node *n)
{
	n->hint = NULL;
	if (n->places)
		n->places->n = 0;
	if (n->members)
		drop_members(n);
}

/* It has no members or elements yet, or no more. */
static void begin(struct tree_node *n, enum tree_kind kind)
{
	n->kind = kind;
	n->escaped = false;
	n->added = 0;
	n->first = n->last = NULL;
	forget(n);
}

struct tree_node *tree_new(struct tree *t)
{
	struct tree_node *n = t->unused;

	t->made++;
	if (n) {
		t->unused = n->pooled;
	} else {
		n = mem_zero(sizeof *n);
		n->pooled = t->all;
		t->all = n;
	}
	begin(n, TREE_RAW);
	n->next = NULL;
	buf_reset(&n->text);
	buf_reset(&n->key);
	return n;
}

struct tree_node *tree_object(struct tree *t)
{
	struct tree_node *n = tree_new(t);

	n->kind = TREE_OBJECT;
	return n;
}

struct tree_node *tree_array(struct tree *t)
{
	struct tree_node *n = tree_new(t);

	n->kind = TREE_ARRAY;
	return n;
}

void tree_reset(struct tree *t)
{
	t->unused = t->all;
	t->root = NULL;
}

void tree_release(struct tree *t)
{
	struct tree_node *n, *rest;

	for (n = t->all; n; n = rest) {
		rest = n->pooled;
		buf_release(&n->text);
		buf_release(&n->key);
		members_free(n->members);
		free(n->places);
		free(n);
	}
	json_release(&t->scratch);
	*t = (struct tree)TREE_INIT;
}

/* The member was attached. */
static __attribute__((noinline)) void file(struct tree_node *object, struct tree_node *member)
{
	struct tree_node *n = object->members ? member : object->first;

	if (!object->members)
		object->members = members_new();
	for (; n; n = n->next)
		members_put(object->members, buf_span(&n->key), n);
}

static bool has_escape(struct span s)
{
	return s.n && memchr(s.p, '\\', s.n);
}

/* A key that is spelled otherwise than where it was first seen. */
static __attribute__((noinline)) struct tree_node *find_respelled(struct tree_node *object, struct span key)
{
	struct tree_node *n;

	if (object->members)
		return members_get(object->members, key);
	for (n = object->first; n && !json_same_escaped(buf_span(&n->key), key); n = n->next)
		;
	return n;
}

static __attribute__((noinline)) struct tree_node *find_filed(struct tree_node *object, struct span key)
{
	struct tree_node *n = members_get(object->members, key);

	object->hint = n ? n->next : NULL;
	return n;
}

static __attribute__((noinline)) struct tree_node *search(struct tree_node *object, struct span key)
{
	if (object->members)
		return find_filed(object, key);
	for (struct tree_node *n = object->first; n; n = n->next)
		if (n->key.len == key.n && span_equal(n->key.p, key.p, key.n)) {
			object->hint = n->next;
			return n;
		}
	return object->escaped ? find_respelled(object, key) : NULL;
}

/* Most keys are short, and come in the order of the last time. */
static struct tree_node *find(struct tree_node *object, struct span key)
{
	struct tree_node *n = object->hint;

	if (n && n->key.len == key.n && key.n <= 16 && span_equal(n->key.p, key.p, key.n)) {
		object->hint = n->next;
		return n;
	}
	return search(object, key);
}

/* A member that is new, with the value null. */
static struct tree_node *new_member(struct tree *t, struct tree_node *object, struct span key, bool escaped)
{
	struct tree_node *n = tree_new(t);

	buf_addspan(&n->key, key);
	object->escaped = object->escaped || escaped;
	return n;
}

struct tree_node *tree_find(struct tree_node *object, struct span key)
{
	return object && object->kind == TREE_OBJECT ? find(object, key) : NULL;
}

void tree_attach(struct tree_node *parent, struct tree_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	child->next = NULL;
	if (parent->kind == TREE_OBJECT && ++parent->added > MANY)
		file(parent, child);
}

/* A member whose key, as it is spelled, the object does not have. */
static __attribute__((noinline)) struct tree_node *put(struct tree *t, struct tree_node *object, struct span key)
{
	bool escaped = has_escape(key);
	struct tree_node *n;

	if (object->kind != TREE_OBJECT)
		begin(object, TREE_OBJECT);
	else if (escaped && (n = find_respelled(object, key)) != NULL)
		return n;
	n = new_member(t, object, key, escaped);
	t->put++;
	tree_attach(object, n);
	return n;
}

struct tree_node *tree_put(struct tree *t, struct tree_node *object, struct span key)
{
	struct tree_node *n = object->kind == TREE_OBJECT ? find(object, key) : NULL;

	return n ? n : put(t, object, key);
}

struct tree_node *tree_add(struct tree *t, struct tree_node *array)
{
	struct tree_node *n = tree_new(t);

	if (array->kind != TREE_ARRAY)
		begin(array, TREE_ARRAY);
	tree_attach(array, n);
	return n;
}

static struct places *place(struct places *p, struct tree_node *n)
{
	if (!p || p->n == p->room) {
		size_t room = p ? 2 * p->room : 4 * FEW, had = p ? p->n : 0;

		p = mem_resize(p, sizeof *p + room * sizeof *p->at);
		p->n = had;
		p->room = room;
	}
	p->at[p->n++] = n;
	return p;
}

/* Brings places up to n elements, if the array has as many. */
static void find_places(struct tree_node *array, size_t n)
{
	struct places *p = array->places;
	struct tree_node *next;

	if (p && p->n && p->at[0] != array->first)
		p->n = 0; /* the node was something else in between */
	for (next = p && p->n ? p->at[p->n - 1]->next : array->first; next && (!p || p->n < n); next = next->next)
		p = place(p, next);
	array->places = p;
}

/* The element at a place, or NULL; then *have is how many there are. */
static struct tree_node *seek(struct tree_node *array, size_t i, size_t *have)
{
	struct tree_node *n = array->first;

	if (i >= FEW) {
		find_places(array, i + 1);
		*have = array->places ? array->places->n : 0;
		return *have > i ? array->places->at[i] : NULL;
	}
	for (*have = 0; n && *have < i; n = n->next)
		++*have;
	return n;
}

struct tree_node *tree_at(struct tree_node *array, size_t i)
{
	size_t have;

	return array && array->kind == TREE_ARRAY ? seek(array, i, &have) : NULL;
}

struct tree_node *tree_reach(struct tree *t, struct tree_node *array, size_t i)
{
	size_t have = 0;
	struct tree_node *n = array->kind == TREE_ARRAY ? seek(array, i, &have) : NULL;

	if (n)
		return n;
	for (; have <= i; have++)
		n = tree_add(t, array);
	return n;
}

size_t tree_count(struct tree_node *parent)
{
	size_t count = 0;

	if (!parent || parent->kind < TREE_ARRAY)
		return 0;
	for (const struct tree_node *n = parent->first; n && (count < FEW || parent->kind == TREE_OBJECT); n = n->next)
		count++;
	if (count < FEW || parent->kind == TREE_OBJECT)
		return count;
	find_places(parent, (size_t)-1);
	return parent->places->n;
}

void tree_order(struct tree_node *array, struct tree_node *const *elements, size_t n)
{
	begin(array, TREE_ARRAY);
	for (size_t i = 0; i < n; i++)
		tree_attach(array, elements[i]);
}

void tree_compact(struct tree_node *array)
{
	struct tree_node *n = array && array->kind == TREE_ARRAY ? array->first : NULL, *rest;

	if (!n)
		return;
	begin(array, TREE_ARRAY);
	for (; n; n = rest) {
		rest = n->next;
		if (!tree_is_null(n))
			tree_attach(array, n);
	}
}

void tree_remove(struct tree_node *parent, struct tree_node *child)
{
	struct tree_node *before = NULL;

	for (struct tree_node *n = parent->first; n && n != child; n = n->next)
		before = n;
	if (before)
		before->next = child->next;
	else
		parent->first = child->next;
	if (parent->last == child)
		parent->last = before;
	forget(parent);
	child->next = NULL;
}

void tree_first(struct tree_node *object, struct tree_node *member)
{
	if (object->first == member)
		return;
	tree_remove(object, member);
	member->next = object->first;
	object->first = member;
	if (!object->last)
		object->last = member;
}

/* Takes the member of that key out of a chain. */
static struct tree_node *unchain(struct tree_node **chain, struct span key)
{
	for (; *chain; chain = &(*chain)->next)
		if (json_same_escaped(buf_span(&(*chain)->key), key)) {
			struct tree_node *n = *chain;

			*chain = n->next;
			return n;
		}
	return NULL;
}

/* Does n begin with the members of `like`, in its order? */
static bool arranged(const struct tree_node *n, const struct json *j, uint32_t like)
{
	const struct tree_node *m = n->kind == TREE_OBJECT ? n->first : NULL;

	for (uint32_t v = json_first(j, like); v; v = json_next(j, like, v), m = m->next)
		if (!m || !span_same(buf_span(&m->key), json_string(j, json_key(v))))
			return false;
	return n->kind == TREE_OBJECT;
}

void tree_arrange(struct tree *t, struct tree_node *n, const struct json *j, uint32_t like)
{
	struct tree_node *had = n->kind == TREE_OBJECT ? n->first : NULL, *rest;

	if (arranged(n, j, like)) {
		n->hint = n->first;
		return;
	}
	n->kind = TREE_OBJECT;
	n->first = n->last = NULL;
	n->added = 0;
	forget(n);
	for (uint32_t v = json_first(j, like); v; v = json_next(j, like, v)) {
		struct span key = json_string(j, json_key(v));
		struct tree_node *m = unchain(&had, key);

		tree_attach(n, m ? m : new_member(t, n, key, has_escape(key)));
	}
	while ((rest = had) != NULL) {
		had = rest->next;
		tree_attach(n, rest);
	}
	n->hint = n->first;
}

void tree_set(struct tree_node *n, const struct json *j, uint32_t node)
{
	struct span text = json_text(j, node);

	if (n->kind == TREE_RAW && span_same(buf_span(&n->text), text))
		return; /* what most chunks repeat */
	n->kind = TREE_RAW;
	buf_reset(&n->text);
	if (json_kind(j, node) != JSON_NULL)
		json_compact(&n->text, j, node);
}

void tree_set_text(struct tree_node *n, struct span text)
{
	n->kind = TREE_RAW;
	buf_reset(&n->text);
	if (!span_is(text, "null"))
		buf_addspan(&n->text, text);
}

void tree_set_string(struct tree_node *n, struct span escaped)
{
	n->kind = TREE_STRING;
	buf_reset(&n->text);
	buf_addspan(&n->text, escaped);
}

void tree_append(struct tree_node *n, struct span escaped)
{
	if (n->kind == TREE_RAW && n->text.len >= 2 && n->text.p[0] == '"') {
		buf_cut(&n->text, n->text.len - 1);
		buf_drop(&n->text, 1);
		n->kind = TREE_STRING;
	} else if (n->kind != TREE_STRING) {
		tree_set_string(n, SPAN(""));
	}
	buf_addspan(&n->text, escaped);
}

void tree_list_add(struct tree_node *n, const struct json *j, uint32_t node)
{
	if (n->kind == TREE_RAW && n->text.len >= 2 && n->text.p[0] == '[') {
		buf_cut(&n->text, n->text.len - 1);
		buf_drop(&n->text, 1);
	} else if (n->kind != TREE_LIST) {
		buf_reset(&n->text);
	}
	n->kind = TREE_LIST;
	if (n->text.len)
		buf_addc(&n->text, ',');
	json_compact(&n->text, j, node);
}

bool tree_is_null(const struct tree_node *n)
{
	return !n || (n->kind == TREE_RAW && n->text.len == 0);
}

struct span tree_string(const struct tree_node *n)
{
	if (n && n->kind == TREE_STRING)
		return buf_span(&n->text);
	if (n && n->kind == TREE_RAW && n->text.len >= 2 && n->text.p[0] == '"')
		return (struct span){ n->text.p + 1, n->text.len - 2 };
	return SPAN_NONE;
}

struct span tree_raw(const struct tree_node *n)
{
	if (!n || n->kind != TREE_RAW)
		return SPAN_NONE;
	return n->text.len ? buf_span(&n->text) : SPAN("null");
}

bool tree_is(const struct tree_node *n, const char *text)
{
	struct span s = tree_string(n);

	return s.p && json_same_escaped(s, span_of(text));
}

struct tree_node *tree_open(struct tree *t, struct tree_node *n)
{
	struct buf text;
	struct json *j = &t->scratch;
	bool object;

	if (n->kind == TREE_LIST) { /* its elements as nodes again */
		buf_addc(&n->text, ']');
		buf_add(&n->text, "[", 1);
		memmove(n->text.p + 1, n->text.p, n->text.len - 1);
		n->text.p[0] = '[';
		n->kind = TREE_RAW;
	}
	if (n->kind != TREE_RAW || n->text.len == 0 || (n->text.p[0] != '{' && n->text.p[0] != '['))
		return n;
	text = n->text;
	n->text = (struct buf)BUF_INIT;
	object = text.p[0] == '{';
	begin(n, object ? TREE_OBJECT : TREE_ARRAY);
	json_parse(j, text.p, text.len); /* it was valid when it was set */
	for (uint32_t v = json_first(j, JSON_ROOT); v; v = json_next(j, JSON_ROOT, v))
		tree_set(object ? tree_put(t, n, json_string(j, json_key(v))) : tree_add(t, n), j, v);
	buf_release(&text);
	return n;
}

/* Most texts are this short: they are copied without asking how short. A buf that holds any has room
 * for as much (base/buf.h). */
enum { SHORT = 32 };

static char *copy(char *to, const struct buf *from)
{
	if (from->len > SHORT)
		memcpy(to, from->p, from->len);
	else if (from->len)
		memcpy(to, from->p, SHORT);
	return to + from->len;
}

/* Room for what stands around a text as well. */
static char *room(struct buf *b, size_t n)
{
	if (n + 2 * SHORT >= b->cap - b->len)
		buf_room(b, n + 2 * SHORT);
	return b->p + b->len;
}

static void done(struct buf *b, char *to)
{
	b->len = (size_t)(to - b->p);
}

static void write_node(struct buf *b, const struct tree_node *n);

static void write_children(struct buf *b, const struct tree_node *n)
{
	for (const struct tree_node *c = n->first; c; c = c->next) {
		char *to = room(b, c->key.len);

		if (c != n->first)
			*to++ = ',';
		if (n->kind == TREE_OBJECT) {
			*to++ = '"';
			to = copy(to, &c->key);
			*to++ = '"';
			*to++ = ':';
		}
		done(b, to);
		write_node(b, c);
	}
}

static void write_node(struct buf *b, const struct tree_node *n)
{
	static const char opening[] = " \"[[{", closing[] = " \"]]}";
	bool nested = n->kind == TREE_ARRAY || n->kind == TREE_OBJECT;
	char *to = room(b, nested ? 0 : n->text.len);

	if (n->kind != TREE_RAW)
		*to++ = opening[n->kind];
	if (n->kind == TREE_RAW && n->text.len == 0)
		to = (char *)memcpy(to, "null", 4) + 4;
	else if (!nested)
		to = copy(to, &n->text);
	done(b, to);
	if (nested)
		write_children(b, n);
	if (n->kind != TREE_RAW) {
		to = room(b, 0);
		*to = closing[n->kind];
		done(b, to + 1);
	}
}

void tree_become_object(struct tree_node *n)
{
	if (tree_is_null(n))
		begin(n, TREE_OBJECT);
}

void tree_write(struct buf *b, const struct tree_node *n)
{
	struct buf own = BUF_INIT, *to = b->max ? &own : b;

	write_node(to, n);
	to->p[to->len] = '\0';
	if (to == b)
		return;
	buf_addspan(b, buf_span(to));
	buf_release(to);
}
