/* SPDX-License-Identifier: MIT */
/* match: which recorded interaction answers a request. See match.h. */
#include "cassette/match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/controls.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cassette/body.h"
#include "cassette/multipart.h"
#include "cassette/redact_body.h"
#include "cassette/url.h"
#include "json/same.h"
#include "json/write.h"

/* What a difference weighs: another path is farther away than any other body. */
enum { OTHER_METHOD = 1000000, OTHER_PATH = 1000000, OTHER_ORIGIN = 10000, OTHER_QUERY = 10000, OTHER_BYTES = 1000, OTHER_PART = 100 };

enum { SHOWN = 8, VALUE = 60 }; /* differences that are told, bytes of a value */

struct match_near {
	uint64_t id;
	char *file;
	size_t distance;
	size_t count;           /* of differences */
	struct buf names;       /* ".model, .stream" */
	struct buf with_values; /* ".model ("a", recorded "b"), .stream (true, recorded nothing)" */
};

int match_ignore(struct match_rules *r, const char *path, struct fault *f)
{
	r->ignore = mem_resize(r->ignore, (r->nignore + 1) * sizeof *r->ignore);
	if (path_parse(&r->ignore[r->nignore], span_of(path), f) < 0)
		return -1;
	r->nignore++;
	return 0;
}

void match_rules_release(struct match_rules *r)
{
	for (size_t i = 0; i < r->nignore; i++)
		path_release(&r->ignore[i]);
	free(r->ignore);
	*r = (struct match_rules){ 0 };
}

void match_init(struct match *m, const struct match_rules *rules, const struct redact *redact)
{
	*m = (struct match){ .rules = rules, .redact = redact };
}

static void near_free(struct match_near *n)
{
	if (!n)
		return;
	free(n->file);
	buf_release(&n->names);
	buf_release(&n->with_values);
	free(n);
}

static void side_release(struct match_side *s)
{
	buf_release(&s->url);
	buf_release(&s->body);
	buf_release(&s->decoded);
	json_release(&s->json);
}

void match_release(struct match *m)
{
	near_free(m->near);
	side_release(&m->wanted);
	side_release(&m->recorded);
	side_release(&m->plain_wanted);
	side_release(&m->plain_recorded);
	match_init(m, m->rules, m->redact);
}

/* A body that cannot be decoded is compared as it is. */
static struct span decode(const struct match *m, struct match_side *s, const struct request *q)
{
	struct interaction i = { .request = *q };
	struct fault f = { 0 };
	struct span body;

	buf_reset(&s->decoded);
	return body_decode(&i, true, &s->decoded, m->rules->max, &body, &f) == 0 ? body : q->body;
}

static bool is_form(struct span type)
{
	return type.n >= 33 && !strncasecmp(type.p, "application/x-www-form-urlencoded", 33);
}

/* redact: NULL for a side that is not redacted. */
static void prepare(const struct match *m, struct match_side *s, const struct request *q, const struct redact *redact)
{
	struct span body = decode(m, s, q);

	buf_reset(&s->url);
	buf_reset(&s->body);
	s->method = q->method;
	s->headers = &q->headers;
	s->type = headers_get(&q->headers, "content-type");
	s->changed = false;
	if (redact) {
		s->changed |= redact_url(redact, &s->url, q->url) > 0;
		s->changed |= redact_body(redact, &s->body, s->type, body) > 0;
	} else {
		buf_addspan(&s->url, q->url);
		buf_addspan(&s->body, body);
	}
	s->has_body = s->body.len > 0; /* null and empty are one on the wire */
	s->is_json = s->has_body && json_parse(&s->json, s->body.p, s->body.len) == 0;
}

void match_want(struct match *m, const struct request *wanted)
{
	m->request = *wanted;
	prepare(m, &m->wanted, wanted, m->redact);
	buf_reset(&m->plain_wanted.url);
	near_free(m->near);
	m->near = NULL;
}

/* ---- one comparison */

struct trial {
	const struct match *m;
	const struct match_side *wanted, *recorded;
	bool redacted;
	struct match_near near;
};

/* What is quoted comes from outside: as UTF-8, its control characters blanked, NUL too. */
static void add_text(struct buf *b, struct span s)
{
	size_t from = b->len;

	utf8_repair(b, s.p, s.n);
	if (b->len > from)
		controls_blank(b->p + from, b->len - from, "");
}

static void add_name(struct trial *t, struct span name)
{
	if (t->near.count++ >= SHOWN)
		return;
	if (t->near.names.len) {
		buf_adds(&t->near.names, ", ");
		buf_adds(&t->near.with_values, ", ");
	}
	add_text(&t->near.names, name);
	add_text(&t->near.with_values, name);
}

static void add_value(struct buf *b, struct span v)
{
	size_t n = v.n;

	if (!v.p) {
		buf_adds(b, "nothing");
		return;
	}
	if (n > VALUE) {
		n = VALUE;
		while (n > 0 && ((unsigned char)v.p[n] & 0xc0) == 0x80)
			n--;
	}
	add_text(b, (struct span){ v.p, n });
	if (n < v.n)
		buf_adds(b, "...");
}

static void add(struct trial *t, size_t weight, struct span name, struct span wanted, struct span recorded)
{
	struct buf *b = &t->near.with_values;
	bool shown = t->near.count < SHOWN;

	t->near.distance += weight;
	add_name(t, name);
	if (!shown)
		return;
	buf_adds(b, " (");
	add_value(b, wanted);
	buf_adds(b, ", recorded ");
	add_value(b, recorded);
	buf_addc(b, ')');
}

/* Whose path ends in an index: "[0]", not "["a"]". */
static bool is_element(struct span path)
{
	return path.n > 1 && path.p[path.n - 1] == ']' && path.p[path.n - 2] != '"';
}

static bool is_null(const struct json *j, uint32_t node)
{
	return json_kind(j, node) == JSON_NULL;
}

static bool is_ignored(const struct match *m, struct span path)
{
	for (size_t i = 0; i < m->rules->nignore; i++)
		if (path_covers(&m->rules->ignore[i], path))
			return true;
	return false;
}

/* A member that is null says no more than one that is missing. */
static void json_differs(void *context, struct span path, uint32_t a, uint32_t b)
{
	struct trial *t = context;

	if (is_ignored(t->m, path))
		return;
	if (!is_element(path) && ((!a && is_null(&t->recorded->json, b)) || (!b && is_null(&t->wanted->json, a))))
		return;
	add(t, 1, path, json_text(&t->wanted->json, a), json_text(&t->recorded->json, b));
}

static struct span origin(struct span url)
{
	return (struct span){ url.p, url.n - url_target(url).n };
}

static struct span absent_if_empty(struct span s)
{
	return s.n ? s : SPAN_NONE;
}

static void compare_urls(struct trial *t, struct span a, struct span b)
{
	if ((t->m->rules->by & MATCH_ORIGIN) && !span_same(origin(a), origin(b)))
		add(t, OTHER_ORIGIN, SPAN("host"), origin(a), origin(b));
	if ((t->m->rules->by & MATCH_PATH) && !url_same_path(url_path(a), url_path(b)))
		add(t, OTHER_PATH, SPAN("path"), url_path(a), url_path(b));
	if ((t->m->rules->by & MATCH_QUERY) && !url_same_form(url_query(a), url_query(b)))
		add(t, OTHER_QUERY, SPAN("query"), absent_if_empty(url_query(a)), absent_if_empty(url_query(b)));
}

static void part_differs(void *trial, struct span name, struct span a, struct span b)
{
	add(trial, OTHER_PART, name, a, b);
}

/* False: at least one of them is not multipart. */
static bool compare_parts(struct trial *t, const struct match_side *a, const struct match_side *b)
{
	struct multipart x = { 0 }, y = { 0 };
	bool both = (a->type.p || b->type.p) && multipart_split(&x, a->type, buf_span(&a->body)) &&
	            multipart_split(&y, b->type, buf_span(&b->body));

	if (both)
		multipart_compare(&x, &y, part_differs, t);
	multipart_release(&x);
	multipart_release(&y);
	return both;
}

static bool same_form(const struct match_side *a, const struct match_side *b)
{
	return is_form(a->type) && is_form(b->type) && url_is_form(buf_span(&a->body)) &&
	       url_is_form(buf_span(&b->body)) && url_same_form(buf_span(&a->body), buf_span(&b->body));
}

static void compare_bodies(struct trial *t)
{
	const struct match_side *a = t->wanted, *b = t->recorded;

	if (a->is_json && b->is_json)
		json_compare(&a->json, &b->json, json_differs, t);
	else if (!span_same(buf_span(&a->body), buf_span(&b->body)) && !same_form(a, b) && !compare_parts(t, a, b))
		add(t, OTHER_BYTES, SPAN("body"), a->has_body ? buf_span(&a->body) : SPAN_NONE,
		    b->has_body ? buf_span(&b->body) : SPAN_NONE);
}

static void add_header(const struct trial *t, struct buf *to, const char *name, struct span value)
{
	if (t->redacted)
		redact_header(t->m->redact, to, span_of(name), value);
	else
		buf_addspan(to, value);
}

/* By name, the first value. */
static void compare_header(struct trial *t, const char *name)
{
	struct span a = headers_get(t->wanted->headers, name), b = headers_get(t->recorded->headers, name);
	struct buf x = BUF_INIT, y = BUF_INIT;

	add_header(t, &x, name, a);
	add_header(t, &y, name, b);
	if (!span_same(buf_span(&x), buf_span(&y)))
		add(t, OTHER_QUERY, span_of(name), a.p ? buf_span(&x) : a, b.p ? buf_span(&y) : b);
	buf_release(&x);
	buf_release(&y);
}

static bool same_method(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || !strncasecmp(a.p, b.p, a.n));
}

static void compare(struct trial *t)
{
	const struct match_rules *rules = t->m->rules;

	if ((rules->by & MATCH_METHOD) && !same_method(t->wanted->method, t->recorded->method))
		add(t, OTHER_METHOD, SPAN("method"), t->wanted->method, t->recorded->method);
	compare_urls(t, buf_span(&t->wanted->url), buf_span(&t->recorded->url));
	for (const char *const *h = rules->by & MATCH_HEADERS ? rules->headers : NULL; h && *h; h++)
		compare_header(t, *h);
	if (rules->by & MATCH_BODY)
		compare_bodies(t);
}

static void trial_release(struct trial *t)
{
	buf_release(&t->near.names);
	buf_release(&t->near.with_values);
}

/* Two requests that match are the same as they came, too, unless something was redacted. */
static bool is_exact(struct match *m, const struct request *recorded)
{
	struct trial t = { .m = m, .wanted = &m->plain_wanted, .recorded = &m->plain_recorded };

	if (!m->wanted.changed && !m->recorded.changed && !(m->rules->by & MATCH_HEADERS))
		return true;
	if (m->plain_wanted.url.len == 0)
		prepare(m, &m->plain_wanted, &m->request, NULL);
	prepare(m, &m->plain_recorded, recorded, NULL);
	compare(&t);
	trial_release(&t);
	return t.near.count == 0;
}

enum match_result match_try(struct match *m, const struct request *recorded, uint64_t id, const char *file)
{
	struct trial t = {
		.m = m, .wanted = &m->wanted, .recorded = &m->recorded, .redacted = true, .near = { .id = id }
	};

	prepare(m, &m->recorded, recorded, m->redact);
	compare(&t);
	if (t.near.count == 0)
		return is_exact(m, recorded) ? MATCH_EXACT : MATCH_REDACTED;
	if (m->near && t.near.distance >= m->near->distance) {
		trial_release(&t);
		return MATCH_NONE;
	}
	near_free(m->near);
	m->near = memcpy(mem_alloc(sizeof t.near), &t.near, sizeof t.near);
	m->near->file = file ? mem_dup(file, strlen(file)) : NULL;
	return MATCH_NONE;
}

bool match_nearest(const struct match *m, struct buf *text, bool values)
{
	const struct match_near *n = m->near;

	if (!n) {
		buf_adds(text, "nothing was recorded");
		return false;
	}
	buf_addf(text, "nearest is interaction %llu", (unsigned long long)n->id);
	if (n->file)
		buf_addf(text, " of %s", n->file);
	buf_adds(text, ", which differs in ");
	buf_addspan(text, buf_span(values ? &n->with_values : &n->names));
	if (n->count > SHOWN)
		buf_addf(text, " and %zu more", n->count - SHOWN);
	return true;
}
