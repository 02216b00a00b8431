/* SPDX-License-Identifier: MIT */
/* path: a place in a JSON text, in jq's syntax. See path.h. */
#include "json/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/write.h"

static struct path_step *add(struct path *p, enum path_kind kind)
{
	struct path_step *s;

	p->steps = mem_resize(p->steps, (p->n + 1) * sizeof *p->steps);
	s = &p->steps[p->n++];
	*s = (struct path_step){ .kind = kind };
	return s;
}

static bool is_name(char c)
{
	return (c >= '0' && c <= '9') || c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void skip(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static bool take(struct span *rest, char c)
{
	if (rest->n == 0 || *rest->p != c)
		return false;
	skip(rest, 1);
	return true;
}

static bool take_name(struct path *p, struct span *rest)
{
	size_t n = 0;

	while (n < rest->n && is_name(rest->p[n]))
		n++;
	if (n == 0 || (*rest->p >= '0' && *rest->p <= '9'))
		return false;
	buf_add(&add(p, PATH_KEY)->key, rest->p, n);
	skip(rest, n);
	return true;
}

/* A JSON string, at its opening quote. */
static bool take_string(struct path *p, struct span *rest)
{
	size_t length;
	bool escaped = false;

	if (rest->n == 0 || *rest->p != '"' || !json_string_at(rest->p + 1, rest->n - 1, &length, &escaped))
		return false;
	json_unescape(&add(p, PATH_KEY)->key, (struct span){ rest->p + 1, length });
	skip(rest, length + 2);
	return true;
}

static bool take_index(struct path *p, struct span *rest)
{
	size_t index = 0, n = 0;

	for (; n < rest->n && n < 18 && rest->p[n] >= '0' && rest->p[n] <= '9'; n++)
		index = 10 * index + (size_t)(rest->p[n] - '0');
	if (n == 0)
		return false;
	skip(rest, n);
	add(p, PATH_INDEX)->index = index;
	return true;
}

/* After an opening bracket. */
static bool take_bracket(struct path *p, struct span *rest)
{
	if (take(rest, ']')) {
		add(p, PATH_EACH);
		return true;
	}
	return (take_string(p, rest) || take_index(p, rest)) && take(rest, ']');
}

static bool parse(struct path *p, struct span rest)
{
	if (!take(&rest, '.'))
		return false;
	if (rest.n == 0)
		return true;
	if (*rest.p != '[' && !take_name(p, &rest) && !take_string(p, &rest))
		return false;
	while (rest.n) {
		bool dot = take(&rest, '.');

		if (take(&rest, '[') ? !take_bracket(p, &rest)
		                     : !dot || (!take_name(p, &rest) && !take_string(p, &rest)))
			return false;
	}
	return true;
}

int path_parse(struct path *p, struct span text, struct fault *f)
{
	*p = (struct path){ 0 };
	if (parse(p, text))
		return 0;
	path_release(p);
	return fault_set(f, ST_USAGE, "invalid path '%.*s' (examples: .id, .messages[].content, .a[0])",
	                 (int)(text.n < 200 ? text.n : 200), text.n ? text.p : "");
}

void path_release(struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_release(&p->steps[i].key);
	free(p->steps);
	*p = (struct path){ 0 };
}

static bool step_covers(const struct path_step *a, const struct path_step *b)
{
	if (a->kind == PATH_EACH)
		return b->kind == PATH_INDEX;
	if (a->kind != b->kind)
		return false;
	return a->kind == PATH_KEY ? span_same(buf_span(&a->key), buf_span(&b->key)) : a->index == b->index;
}

bool path_covers(const struct path *p, struct span place)
{
	struct path q = { 0 };
	bool covers = parse(&q, place) && q.n >= p->n;

	for (size_t i = 0; covers && i < p->n; i++)
		covers = step_covers(&p->steps[i], &q.steps[i]);
	path_release(&q);
	return covers;
}

static bool is_identifier(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_name(s.p[i]))
			return false;
	return s.n > 0 && !(*s.p >= '0' && *s.p <= '9');
}

void path_add_key(struct buf *path, const struct json *j, uint32_t key)
{
	bool quoted = !is_identifier(json_string(j, key));

	buf_adds(path, !quoted ? "." : path->len ? "[" : ".[");
	buf_addspan(path, quoted ? json_text(j, key) : json_string(j, key));
	if (quoted)
		buf_addc(path, ']');
}

void path_add_index(struct buf *path, size_t index)
{
	buf_adds(path, path->len ? "[" : ".[");
	buf_addn(path, index);
	buf_addc(path, ']');
}

/* The child that ends behind the byte, or none. */
static uint32_t child_at(const struct json *j, uint32_t parent, size_t offset, size_t *index)
{
	*index = 0;
	for (uint32_t c = json_first(j, parent); c; c = json_next(j, parent, c), ++*index) {
		struct span text = json_text(j, c);

		if ((size_t)(text.p - j->text) + text.n > offset)
			return c;
	}
	return 0;
}

void path_of(struct buf *path, const struct json *j, size_t offset)
{
	struct buf own = BUF_INIT;
	uint32_t node = JSON_ROOT, child;
	size_t index;

	for (; (child = child_at(j, node, offset, &index)) != 0; node = child) {
		if (json_kind(j, node) == JSON_OBJECT)
			path_add_key(&own, j, json_key(child));
		else
			path_add_index(&own, index);
	}
	buf_addspan(path, own.len ? buf_span(&own) : SPAN("."));
	buf_release(&own);
}

struct search {
	const struct path *path;
	const struct json *json;
	path_found *found;
	void *context;
};

static bool leads_to(const struct search *s, const struct path_step *step, enum json_kind parent, uint32_t child,
                     size_t index)
{
	if (step->kind == PATH_KEY)
		return parent == JSON_OBJECT && json_is_span(s->json, json_key(child), buf_span(&step->key));
	return parent == JSON_ARRAY && (step->kind == PATH_EACH || index == step->index);
}

static void search(const struct search *s, uint32_t node, size_t depth)
{
	size_t index = 0;

	if (depth == s->path->n) {
		s->found(s->context, node);
		return;
	}
	for (uint32_t c = json_first(s->json, node); c; c = json_next(s->json, node, c))
		if (leads_to(s, &s->path->steps[depth], json_kind(s->json, node), c, index++))
			search(s, c, depth + 1);
}

void path_find(const struct path *p, const struct json *j, path_found *found, void *context)
{
	struct search s = { p, j, found, context };

	search(&s, JSON_ROOT, 0);
}
