/* SPDX-License-Identifier: MIT */
/* blank: an interaction without its secrets. See blank.h. */
#include "cassette/blank.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/secret_name.h"
#include "cassette/body.h"
#include "cassette/redact_body.h"
#include "json/path.h"
#include "json/write.h"

struct blanking {
	struct interaction *i;
	struct redact *redact;
	struct blanked *count;
	size_t max;
	struct span format; /* whose fields are searched */
	struct redact_hits hits;
	struct buf text;
	size_t was[2], is[2]; /* lengths of the bodies of request and response */
};

/* ---- where something was found */

static const char *side(bool request)
{
	return request ? "request" : "response";
}

/* place may quote names, which may hold a secret too. */
static void tell(struct blanking *k, const struct buf *place)
{
	struct buf shown = BUF_INIT;

	redact_text(k->redact, &shown, buf_span(place));
	k->count->found(k->count->ctx, buf_str(&shown));
	buf_release(&shown);
}

/* The name of the parameter at a place of a form, or of a URL behind its path. */
static void add_parameter(struct buf *place, struct span text, size_t at, bool url)
{
	size_t from = at;

	while (from > 0 && !memchr("?&#", text.p[from - 1], 3))
		from--;
	for (size_t i = from; (from > 0 || !url) && i < at; i++)
		if (text.p[i] == '=') {
			buf_addf(place, ", parameter %.*s", (int)(i - from), text.p + from);
			return;
		}
}

static void tell_each(struct blanking *k, const char *where, struct span name)
{
	for (size_t n = 0; k->count->found && n < k->hits.n; n++) {
		struct buf place = BUF_INIT;

		buf_adds(&place, where);
		buf_addspan(&place, name);
		tell(k, &place);
		buf_release(&place);
	}
}

static void tell_url(struct blanking *k)
{
	for (size_t n = 0; k->count->found && n < k->hits.n; n++) {
		struct buf place = BUF_INIT;

		buf_adds(&place, "request URL");
		add_parameter(&place, k->i->request.url, k->hits.list[n].at, true);
		tell(k, &place);
		buf_release(&place);
	}
}

static void tell_body(struct blanking *k, bool request, bool form, struct span body)
{
	struct json j = JSON_INIT;
	bool is_json = k->count->found && json_parse(&j, body.p, body.n) == 0;

	for (size_t n = 0; k->count->found && n < k->hits.n; n++) {
		size_t at = k->hits.list[n].at;
		struct buf place = BUF_INIT;

		buf_addf(&place, "%s body", side(request));
		if (is_json) {
			buf_addc(&place, ' ');
			path_of(&place, &j, at);
		} else if (form) {
			add_parameter(&place, body, at, false);
		} else {
			buf_addf(&place, ", byte %zu", at);
		}
		tell(k, &place);
		buf_release(&place);
	}
	json_release(&j);
}

/* ---- headers and URL */

/* Ends a search in text: its hits were told, and are applied if there are any. */
static bool replace(struct blanking *k, struct span *text, size_t *count)
{
	bool any = k->hits.n > 0;

	*count += k->hits.n;
	if (any) {
		redact_apply(&k->hits, *text, &k->text);
		*text = arena_copy(&k->i->arena, buf_span(&k->text));
	}
	buf_reset(&k->text);
	k->hits.n = 0;
	return any;
}

static void drop_headers(struct blanking *k, struct headers *h, bool request)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		struct buf place = BUF_INIT;

		if (!redact_is_dropped(k->redact, h->list[i].name)) {
			h->list[n++] = h->list[i];
			continue;
		}
		k->count->headers++;
		buf_addf(&place, "%s header %.*s", side(request), (int)h->list[i].name.n, h->list[i].name.p);
		if (k->count->found)
			tell(k, &place);
		buf_release(&place);
	}
	h->n = n;
}

static void blank_headers(struct blanking *k, struct headers *h, bool request)
{
	drop_headers(k, h, request);
	for (size_t i = 0; i < h->n; i++)
		for (size_t v = 0; v < h->list[i].n; v++) {
			redact_find_header(k->redact, h->list[i].name, h->list[i].values[v], &k->hits);
			tell_each(k, request ? "request header " : "response header ", h->list[i].name);
			replace(k, &h->list[i].values[v], &k->count->headers);
		}
}

static void blank_url(struct blanking *k)
{
	struct span *url = &k->i->request.url;

	redact_find_url(k->redact, *url, 0, url->n, &k->hits);
	tell_url(k);
	replace(k, url, &k->count->urls);
}

static void blank_reason(struct blanking *k)
{
	struct span *reason = &k->i->response.reason;

	redact_find_text(k->redact, *reason, 0, reason->n, &k->hits);
	tell_each(k, "response reason phrase", SPAN(""));
	replace(k, reason, &k->count->fields);
}

static struct header *find(struct headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->list[i].name.n == strlen(name) && !strncasecmp(h->list[i].name.p, name, h->list[i].name.n))
			return &h->list[i];
	return NULL;
}

static void correct_length(struct blanking *k, struct headers *h, size_t was, size_t is)
{
	struct header *length = find(h, "content-length");
	char text[24];

	snprintf(text, sizeof text, "%zu", was);
	if (was == is || !length || length->n != 1 || !span_is(length->values[0], text))
		return;
	length->values[0] = span_of(arena_printf(&k->i->arena, "%zu", is));
}

/* ---- bodies */

/* Where a byte of the old body is in the new one. Inside of a secret: where the replacement begins, since it
 * is known with the secret's last byte. */
static size_t moved(const struct redact_hits *hits, size_t at, size_t *n, size_t *grown)
{
	for (; *n < hits->n; ++*n) {
		const struct redact_hit *h = &hits->list[*n];

		if (h->at + h->n > at)
			return (h->at < at ? h->at : at) + *grown;
		*grown += sizeof REDACTED - 1 + (h->quotes ? 2 : 0) - h->n; /* modulo: it may shrink */
	}
	return at + *grown;
}

static void move_arrivals(struct response *p, const struct redact_hits *hits)
{
	size_t at = 0, before = 0, n = 0, grown = 0;

	for (size_t a = 0; a < p->narrivals; a++) {
		size_t to = moved(hits, at += p->arrivals[a].bytes, &n, &grown);

		p->arrivals[a].bytes = to - before;
		before = to;
	}
}

static void remove_header(struct headers *h, const char *name)
{
	struct header *at = find(h, name);

	if (at)
		memmove(at, at + 1, (size_t)(h->list + --h->n - at) * sizeof *at);
}

/* Arrivals of compressed bytes mean nothing for the decoded body. */
static void store_decoded(struct blanking *k, bool request, struct headers *h, struct span *body, struct span plain)
{
	*body = plain;
	remove_header(h, "content-encoding");
	if (!request)
		k->i->response.narrivals = 0;
}

/* False: it is too large, and was removed. */
static bool blank_body(struct blanking *k, bool request)
{
	struct headers *h = request ? &k->i->request.headers : &k->i->response.headers;
	struct span *body = request ? &k->i->request.body : &k->i->response.body;
	struct span type = headers_get(h, "content-type"), plain;
	struct buf scratch = BUF_INIT;
	struct fault why = { 0 };
	enum body_result r = body_decode(k->i, request, &scratch, k->max, &plain, &why);

	k->was[!request] = body->n;
	if (r == BODY_UNKNOWN) {
		k->count->unread++;
		plain = *body;
	}
	if (r == BODY_TOO_LARGE) {
		store_decoded(k, request, h, body, SPAN_NONE);
	} else if (plain.n) {
		redact_find_body(k->redact, type, plain, &k->hits);
		tell_body(k, request, redact_is_form(type, plain), plain);
		if (k->hits.n && plain.p != body->p)
			store_decoded(k, request, h, body, plain);
		else if (!request)
			move_arrivals(&k->i->response, &k->hits);
		if (k->hits.n)
			replace(k, body, &k->count->bodies);
	}
	k->is[!request] = body->n;
	correct_length(k, h, k->was[!request], body->n);
	buf_release(&scratch);
	return r != BODY_TOO_LARGE;
}

/* ---- what only one format knows: JSON whose keys are names of headers, parameters and lengths */

/* In what a value stands. */
struct within {
	int side; /* 0 request, 1 response, -1 neither */
	bool secret;
};

static bool is_length(const struct json *j, uint32_t key)
{
	return json_is(j, key, "content_length") || json_is(j, key, "bodySize") || json_is(j, key, "size");
}

static void tell_field(struct blanking *k, const struct json *j, uint32_t n)
{
	struct buf place = BUF_INIT;

	buf_addspan(&place, k->format);
	buf_addc(&place, ' ');
	path_of(&place, j, (size_t)(json_text(j, n).p - j->text));
	tell_each(k, buf_str(&place), SPAN(""));
	buf_release(&place);
}

static void blank_string(struct blanking *k, struct buf *to, const struct json *j, uint32_t key, uint32_t n,
                         struct within in)
{
	struct span name = key ? json_string(j, key) : SPAN("");
	struct buf plain = BUF_INIT;
	struct span text;

	json_unescape(&plain, json_string(j, n));
	text = buf_span(&plain);
	if (!in.secret || secret_is_number(text))
		redact_find_header(k->redact, name, text, &k->hits);
	else if (text.n && !span_is(text, REDACTED))
		redact_hits_add(&k->hits, (struct redact_hit){ 0, text.n, false });
	tell_field(k, j, n);
	if (replace(k, &text, &k->count->fields))
		json_quote(to, text);
	else
		buf_addspan(to, json_text(j, n));
	buf_release(&plain);
}

static void blank_number(struct blanking *k, struct buf *to, const struct json *j, uint32_t key, uint32_t n,
                         struct within in)
{
	long length;

	if (in.side >= 0 && key && is_length(j, key) && json_long(j, n, &length) && length >= 0 &&
	    (size_t)length == k->was[in.side])
		buf_addf(to, "%zu", k->is[in.side]);
	else
		buf_addspan(to, json_text(j, n));
}

static bool is_secret(const struct blanking *k, struct span name)
{
	return redact_is_header(k->redact, name) || secret_name(SECRET_PARAMETER, name) != SECRET_NO;
}

static struct within inside(const struct blanking *k, const struct json *j, uint32_t object, uint32_t value,
                            struct within in)
{
	uint32_t key = json_key(value), name = json_get(j, object, "name");
	struct span text = json_string(j, key);

	if (object == JSON_ROOT)
		in.side = json_is(j, key, "request") ? 0 : json_is(j, key, "response") ? 1 : -1;
	if (is_secret(k, text) || json_is(j, key, "cookies"))
		in.secret = true;
	if (in.secret && json_kind(j, name) == JSON_STRING && value == name)
		in.secret = false; /* {"name":"session","value":"..."}: the name is none */
	if (json_is(j, key, "value") && json_kind(j, name) == JSON_STRING)
		in.secret |= is_secret(k, json_string(j, name));
	return in;
}

static void blank_value(struct blanking *k, struct buf *to, const struct json *j, uint32_t key, uint32_t n,
                        struct within in)
{
	enum json_kind kind = json_kind(j, n);

	if (kind == JSON_STRING) {
		blank_string(k, to, j, key, n, in);
		return;
	}
	if (kind < JSON_ARRAY) {
		blank_number(k, to, j, key, n, in);
		return;
	}
	buf_addc(to, kind == JSON_OBJECT ? '{' : '[');
	for (uint32_t c = json_first(j, n); c; c = json_next(j, n, c)) {
		bool member = kind == JSON_OBJECT;

		if (c != json_first(j, n))
			buf_addc(to, ',');
		if (member) {
			buf_addspan(to, json_text(j, json_key(c)));
			buf_addc(to, ':');
		}
		blank_value(k, to, j, member ? json_key(c) : 0, c, member ? inside(k, j, n, c, in) : in);
	}
	buf_addc(to, kind == JSON_OBJECT ? '}' : ']');
}

static void blank_extras(struct blanking *k)
{
	struct json j = JSON_INIT;
	struct buf to = BUF_INIT;

	for (size_t e = 0; e < k->i->nextras; e++) {
		struct extra *x = &k->i->extras[e];

		if (json_parse(&j, x->json.p, x->json.n) < 0)
			continue;
		buf_reset(&to);
		k->format = x->format;
		blank_value(k, &to, &j, 0, JSON_ROOT, (struct within){ .side = -1 });
		x->json = arena_copy(&k->i->arena, buf_span(&to));
	}
	json_release(&j);
	buf_release(&to);
}

static void learn(struct blanking *k)
{
	const struct headers *q = &k->i->request.headers, *p = &k->i->response.headers;

	redact_learn_url(k->redact, k->i->request.url);
	for (size_t i = 0; i < q->n; i++)
		for (size_t v = 0; v < q->list[i].n; v++)
			redact_learn_header(k->redact, q->list[i].name, q->list[i].values[v]);
	for (size_t i = 0; i < p->n; i++)
		for (size_t v = 0; v < p->list[i].n; v++)
			redact_learn_response_header(k->redact, p->list[i].name, p->list[i].values[v]);
}

int interaction_blank(struct interaction *i, struct redact *r, size_t max, struct blanked *count, struct fault *f)
{
	struct blanking k = { .i = i, .redact = r, .max = max, .count = count };
	bool request, response;

	learn(&k);
	blank_url(&k);
	blank_headers(&k, &i->request.headers, true);
	request = blank_body(&k, true);
	blank_reason(&k);
	blank_headers(&k, &i->response.headers, false);
	response = blank_body(&k, false);
	blank_extras(&k);
	redact_hits_release(&k.hits);
	buf_release(&k.text);
	if (request && response)
		return 0;
	return fault_set(f, ST_INPUT, "%s body of more than %zu bytes when decoded (--max-size)",
	                 response ? "request" : request ? "response" : "request and response", max);
}

static void word(struct buf *b, size_t n, const char *one, const char *many)
{
	if (n)
		buf_addf(b, "%s%zu %s", b->len ? ", " : "", n, n == 1 ? one : many);
}

void blanked_words(const struct blanked *c, struct buf *b)
{
	word(b, c->headers, "header", "headers");
	word(b, c->urls, "place in URLs", "places in URLs");
	word(b, c->bodies, "place in bodies", "places in bodies");
	word(b, c->fields, "other field", "other fields");
}
