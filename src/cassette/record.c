/* SPDX-License-Identifier: MIT */
/* record: an interaction as a line of JSON, and back. See record.h. */
#include "cassette/record.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "cassette/timing.h"
#include "json/write.h"

static void put_if(struct buf *b, const char *key, struct span text)
{
	if (!text.p)
		return;
	json_member(b, key);
	json_quote(b, text);
}

static void put_body(struct buf *b, struct span body)
{
	if (!body.p) {
		json_member(b, "body");
		buf_adds(b, "null");
	} else if (utf8_valid(body.p, body.n)) {
		put_if(b, "body", body);
	} else {
		json_member(b, "body_base64");
		buf_addc(b, '"');
		base64_encode(b, body.p, body.n, 0);
		buf_addc(b, '"');
	}
}

static void put_value(struct buf *b, struct span value)
{
	if (utf8_valid(value.p, value.n)) {
		json_quote(b, value);
		return;
	}
	buf_adds(b, "{\"base64\":\"");
	base64_encode(b, value.p, value.n, 0);
	buf_adds(b, "\"}");
}

static void put_headers(struct buf *b, const struct headers *h)
{
	json_member(b, "headers");
	buf_addc(b, '{');
	for (size_t i = 0; i < h->n; i++) {
		if (i)
			buf_addc(b, ',');
		json_quote(b, h->list[i].name);
		buf_adds(b, ":[");
		for (size_t v = 0; v < h->list[i].n; v++) {
			if (v)
				buf_addc(b, ',');
			put_value(b, h->list[i].values[v]);
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

static void put_request(struct buf *b, const struct request *q)
{
	json_member(b, "request");
	buf_addc(b, '{');
	put_if(b, "method", q->method);
	put_if(b, "url", q->url);
	put_if(b, "proto", q->proto);
	put_headers(b, &q->headers);
	put_body(b, q->body);
	buf_addc(b, '}');
}

static void put_timing(struct buf *b, const struct response *p)
{
	size_t at = b->len;

	timing_put(b, p);
	if (b->len == at)
		return;
	b->p[at] = ','; /* its members go into the response, not its braces */
	buf_cut(b, b->len - 1);
}

static void put_response(struct buf *b, const struct response *p)
{
	json_member(b, "response");
	buf_adds(b, "{\"status\":");
	buf_addn(b, (unsigned)p->status);
	put_if(b, "reason", p->reason);
	put_if(b, "proto", p->proto);
	put_headers(b, &p->headers);
	put_body(b, p->body);
	put_timing(b, p);
	buf_addc(b, '}');
}

void record_put(struct buf *b, const struct interaction *i, const char *file)
{
	buf_adds(b, "{\"id\":");
	buf_addn(b, i->id);
	put_if(b, "file", span_of(file));
	put_request(b, &i->request);
	put_response(b, &i->response);
	if (i->duration >= 0) {
		json_member(b, "duration");
		seconds_put(b, i->duration);
	}
	put_if(b, "started", i->started);
	for (size_t e = 0; e < i->nextras; e++) {
		buf_addc(b, ',');
		json_quote(b, i->extras[e].format);
		buf_addc(b, ':');
		buf_addspan(b, i->extras[e].json);
	}
	buf_addc(b, '}');
}

/* A reading of one line; faults name the member. */
struct line {
	struct interaction *i;
	struct json *j;
	struct fault *f;
	struct buf plain;
};

static int wrong(struct line *l, const char *member, const char *what)
{
	return fault_set(l->f, ST_INPUT, "%s: %s", member, what);
}

/* The bytes of a string; they stay in the line when nothing is escaped. */
static struct span text_of(struct line *l, uint32_t string)
{
	if (!l->j->tape[string].escaped)
		return json_string(l->j, string);
	buf_reset(&l->plain);
	json_unescape(&l->plain, json_string(l->j, string));
	return arena_copy(&l->i->arena, buf_span(&l->plain));
}

static int bytes_of(struct line *l, uint32_t string, const char *member, struct span *bytes)
{
	struct span text;

	if (json_kind(l->j, string) != JSON_STRING)
		return wrong(l, member, "is no string");
	text = text_of(l, string);
	buf_reset(&l->plain);
	if (!base64_decode(&l->plain, text.p, text.n))
		return wrong(l, member, "is no base64");
	*bytes = arena_copy(&l->i->arena, buf_span(&l->plain));
	return 0;
}

/* A string, or null or nothing where that is allowed. */
static int get_text(struct line *l, uint32_t object, const char *key, bool needed, const char *member,
                    struct span *text)
{
	uint32_t n = json_get(l->j, object, key);

	if (json_kind(l->j, n) == JSON_STRING)
		*text = text_of(l, n);
	else if (needed || json_kind(l->j, n) > JSON_NULL)
		return wrong(l, member, n ? "is no string" : "is missing");
	return 0;
}

static int get_value(struct line *l, struct headers *h, struct span name, uint32_t n)
{
	struct span value;

	if (json_kind(l->j, n) == JSON_STRING)
		value = text_of(l, n);
	else if (json_kind(l->j, n) != JSON_OBJECT)
		return wrong(l, "headers", "has a value that is no string");
	else if (bytes_of(l, json_get(l->j, n, "base64"), "headers: base64", &value) < 0)
		return -1;
	if (!headers_add(h, &l->i->arena, name, value))
		return wrong(l, "headers", "are too many");
	return 0;
}

/* Each name has a list of values; one value alone will do. */
static int get_headers(struct line *l, uint32_t side, struct headers *h)
{
	uint32_t map = json_get(l->j, side, "headers");

	if (json_kind(l->j, map) <= JSON_NULL)
		return 0;
	if (json_kind(l->j, map) != JSON_OBJECT)
		return wrong(l, "headers", "is no object");
	for (uint32_t n = json_first(l->j, map); n; n = json_next(l->j, map, n)) {
		struct span name = text_of(l, json_key(n));

		if (json_kind(l->j, n) != JSON_ARRAY) {
			if (get_value(l, h, name, n) < 0)
				return -1;
			continue;
		}
		if (!headers_add(h, &l->i->arena, name, SPAN_NONE))
			return wrong(l, "headers", "are too many");
		for (uint32_t v = json_first(l->j, n); v; v = json_next(l->j, n, v))
			if (get_value(l, h, name, v) < 0)
				return -1;
	}
	return 0;
}

static int get_body(struct line *l, uint32_t side, const char *member, struct span *body)
{
	uint32_t encoded = json_get(l->j, side, "body_base64");

	if (json_kind(l->j, encoded) > JSON_NULL)
		return bytes_of(l, encoded, member, body);
	return get_text(l, side, "body", false, member, body);
}

static int get_request(struct line *l, uint32_t side)
{
	struct request *q = &l->i->request;

	if (json_kind(l->j, side) != JSON_OBJECT)
		return wrong(l, "request", side ? "is no object" : "is missing");
	if (get_text(l, side, "method", true, "request.method", &q->method) < 0 ||
	    get_text(l, side, "url", true, "request.url", &q->url) < 0 ||
	    get_text(l, side, "proto", false, "request.proto", &q->proto) < 0)
		return -1;
	return get_headers(l, side, &q->headers) < 0 ? -1 : get_body(l, side, "request.body", &q->body);
}

static int get_response(struct line *l, uint32_t side)
{
	struct response *p = &l->i->response;
	const char *problem;
	long status;

	if (json_kind(l->j, side) != JSON_OBJECT)
		return wrong(l, "response", side ? "is no object" : "is missing");
	if (!json_long(l->j, json_get(l->j, side, "status"), &status) || status < 0 || status > 999)
		return wrong(l, "response.status", "is no HTTP status");
	p->status = (int)status;
	if (get_text(l, side, "reason", false, "response.reason", &p->reason) < 0 ||
	    get_text(l, side, "proto", false, "response.proto", &p->proto) < 0 ||
	    get_headers(l, side, &p->headers) < 0 || get_body(l, side, "response.body", &p->body) < 0)
		return -1;
	problem = timing_get(l->i, l->j, side);
	return problem ? wrong(l, "response", problem) : 0;
}

/* Members of the whole; those that are not named here stay as they are. */
static int get_rest(struct line *l)
{
	static const char *const known[] = { "id", "file", "request", "response", "duration", "started" };
	uint32_t duration = json_get(l->j, JSON_ROOT, "duration");

	if (json_kind(l->j, duration) > JSON_NULL &&
	    (json_kind(l->j, duration) != JSON_NUMBER || !seconds_get(json_text(l->j, duration), &l->i->duration)))
		return wrong(l, "duration", "is no number of seconds");
	for (uint32_t n = json_first(l->j, JSON_ROOT); n; n = json_next(l->j, JSON_ROOT, n)) {
		size_t k = 0;

		while (k < sizeof known / sizeof *known && !json_is(l->j, json_key(n), known[k]))
			k++;
		if (k == sizeof known / sizeof *known) {
			struct span name = text_of(l, json_key(n)); /* before the buffer is used again */

			buf_reset(&l->plain);
			json_compact(&l->plain, l->j, n);
			interaction_extra(l->i, name, arena_copy(&l->i->arena, buf_span(&l->plain)));
		}
	}
	return get_text(l, JSON_ROOT, "started", false, "started", &l->i->started);
}

bool record_is(const struct json *j)
{
	uint32_t request = json_get(j, JSON_ROOT, "request"), response = json_get(j, JSON_ROOT, "response");

	return json_kind(j, json_get(j, request, "method")) == JSON_STRING &&
	       json_kind(j, json_get(j, request, "url")) == JSON_STRING &&
	       json_kind(j, json_get(j, response, "status")) == JSON_NUMBER &&
	       (json_get(j, response, "body") || json_get(j, response, "body_base64"));
}

int record_fill(struct interaction *i, struct json *j, struct fault *f)
{
	struct line l = { .i = i, .j = j, .f = f };
	int r;

	interaction_reset(i);
	r = get_request(&l, json_get(j, JSON_ROOT, "request")) < 0 ||
	                    get_response(&l, json_get(j, JSON_ROOT, "response")) < 0 || get_rest(&l) < 0
	            ? -1
	            : 0;
	buf_release(&l.plain);
	return r;
}

int record_get(struct interaction *i, struct json *j, struct span text, struct fault *f)
{
	if (json_parse(j, text.p, text.n) < 0)
		return fault_set(f, ST_INPUT, "no JSON: %s", j->error);
	if (json_kind(j, JSON_ROOT) != JSON_OBJECT)
		return fault_set(f, ST_INPUT, "no record: is no object");
	return record_fill(i, j, f);
}
