/* SPDX-License-Identifier: MIT */
/* path: a place in a JSON text, in jq's syntax. See path.h. */
#include "json/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/json.h"
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
	bool escaped;

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
