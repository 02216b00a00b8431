/* SPDX-License-Identifier: MIT */
/* gemini_args: arguments of a function call that Vertex streams by path. See gemini_args.h. */
#include "delta/gemini_args.h"

#include <string.h>

enum {
	FAR = 1 << 16, /* an index beyond is not believed: nulls would fill the array up to it */
	DEEP = 256,    /* so many steps at most: what comes out must be read again */
};

/* One step of a path: into an object's member or an array's element. */
struct step {
	struct buf name; /* escaped form: what keys of the tree are compared by */
	bool named;
	size_t index;
};

static void skip(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static bool dotted(struct span *path, struct step *step)
{
	size_t n = 1;

	while (n < path->n && path->p[n] != '.' && path->p[n] != '[')
		n++;
	json_escape(&step->name, (struct span){ path->p + 1, n - 1 });
	skip(path, n);
	return n > 1;
}

static bool quoted(struct span *path, struct step *step)
{
	struct buf name = BUF_INIT;
	char quote = path->p[1];
	size_t n = 2;

	while (n < path->n && path->p[n] != quote)
		n += path->p[n] == '\\' ? 2 : 1;
	if (n + 1 >= path->n || path->p[n + 1] != ']')
		return false;
	json_unescape(&name, (struct span){ path->p + 2, n - 2 });
	json_escape(&step->name, buf_span(&name));
	buf_release(&name);
	skip(path, n + 2);
	return true;
}

static bool indexed(struct span *path, struct step *step)
{
	size_t n = 1;

	for (step->index = 0; n < path->n && path->p[n] >= '0' && path->p[n] <= '9' && step->index < FAR; n++)
		step->index = step->index * 10 + (size_t)(path->p[n] - '0');
	if (n == 1 || n == path->n || path->p[n] != ']' || step->index >= FAR)
		return false;
	skip(path, n + 1);
	return true;
}

/* Takes the next step off the path; false: it is none. */
static bool next_step(struct span *path, struct step *step)
{
	bool bracket = path->p[0] == '[' && path->n > 1;

	buf_reset(&step->name);
	step->named = !bracket || path->p[1] == '"' || path->p[1] == '\'';
	if (path->p[0] == '.')
		return dotted(path, step);
	if (!bracket)
		return false;
	return step->named ? quoted(path, step) : indexed(path, step);
}

static bool understood(struct span path, struct step *step)
{
	int depth = 0;

	if (path.n == 0 || path.p[0] != '$')
		return false;
	for (skip(&path, 1); path.n;)
		if (++depth > DEEP || !next_step(&path, step))
			return false;
	return true;
}

/* The node of a path that is understood, made when it is new; NULL when there is no room for it. */
static struct tree_node *walk(struct delta *d, struct tree_node *at, struct span path, struct step *step)
{
	for (skip(&path, 1); path.n;) {
		size_t have;

		next_step(&path, step);
		tree_open(&d->tree, at);
		if (step->named) {
			at = tree_put(&d->tree, at, buf_span(&step->name));
			continue;
		}
		have = at->kind == TREE_ARRAY ? tree_count(at) : 0;
		if (step->index > have && !delta_call_room(d, (step->index - have) * sizeof *at))
			return NULL;
		at = tree_reach(&d->tree, at, step->index);
	}
	return at;
}

/* A string that goes on is a TREE_STRING; one that has ended becomes text, so that the next value
 * of the same path begins anew. */
static void seal(struct tree_node *n)
{
	struct buf text = BUF_INIT;

	if (n->kind != TREE_STRING)
		return;
	tree_write(&text, n);
	tree_set_text(n, buf_span(&text));
	buf_release(&text);
}

static void value(struct tree_node *to, const struct json *j, uint32_t partial)
{
	uint32_t text = json_get(j, partial, "stringValue");

	if (json_kind(j, text) == JSON_STRING) {
		if (to->kind != TREE_STRING)
			tree_set_string(to, SPAN(""));
		tree_append(to, json_string(j, text));
		return;
	}
	for (uint32_t v = json_first(j, partial); v; v = json_next(j, partial, v)) {
		struct span key = json_string(j, json_key(v));

		if (span_is(key, "nullValue"))
			tree_set_text(to, SPAN("null"));
		else if (key.n > 5 && memcmp(key.p + key.n - 5, "Value", 5) == 0)
			tree_set(to, j, v);
	}
}

static void add(struct delta *d, struct tree_node *args, const struct json *j, uint32_t partial, struct span path,
                struct step *step)
{
	struct tree_node *to = delta_call_room(d, json_text(j, partial).n) ? walk(d, args, path, step) : NULL;

	if (!to)
		return;
	value(to, j, partial);
	if (json_kind(j, json_get(j, partial, "willContinue")) != JSON_TRUE)
		seal(to);
}

void gemini_args_add(struct delta *d, struct tree_node *args, const struct json *j, uint32_t partials)
{
	struct step step = { .name = BUF_INIT };
	struct buf path = BUF_INIT;

	if (json_first(j, partials))
		follow_never(d);
	for (uint32_t e = json_first(j, partials); e; e = json_next(j, partials, e)) {
		buf_reset(&path);
		json_unescape(&path, json_string(j, json_get(j, e, "jsonPath")));
		if (understood(buf_span(&path), &step))
			add(d, args, j, e, buf_span(&path), &step);
		else
			delta_report(d, ST_INPUT, "jsonPath of %zu bytes is not understood", path.len);
	}
	buf_release(&path);
	buf_release(&step.name);
}
