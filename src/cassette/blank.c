/* SPDX-License-Identifier: MIT */
/* blank: an interaction without its secrets. See blank.h. */
#include "cassette/blank.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cassette/body.h"
#include "json/write.h"

struct blanking {
	struct interaction *i;
	const struct redact *redact;
	struct blanked *count;
	struct buf text;
	size_t was[2], is[2]; /* lengths of the bodies of request and response */
};

static struct span kept(struct blanking *k)
{
	struct span s = arena_copy(&k->i->arena, buf_span(&k->text));

	buf_reset(&k->text);
	return s;
}

static void blank_headers(struct blanking *k, struct headers *h)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t v = 0; v < h->list[i].n; v++) {
			size_t n = redact_header(k->redact, &k->text, h->list[i].name, h->list[i].values[v]);

			k->count->headers += n;
			if (n)
				h->list[i].values[v] = kept(k);
			buf_reset(&k->text);
		}
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

/* The body as it goes through the redactor piece by piece, so that each piece knows its new length. */
static size_t blank_pieces(struct blanking *k, struct span body)
{
	struct redact_stream s = { .redact = k->redact };
	struct response *p = &k->i->response;
	size_t at = 0;

	for (size_t a = 0; a < p->narrivals; a++) {
		size_t before = k->text.len;

		redact_push(&s, &k->text, (struct span){ body.p + at, p->arrivals[a].bytes });
		if (a + 1 == p->narrivals)
			redact_end(&s, &k->text);
		at += p->arrivals[a].bytes;
		p->arrivals[a].bytes = k->text.len - before;
	}
	return s.count;
}

/* Stored decompressed: the header goes, and arrivals of the compressed bytes mean nothing any more. */
static bool decompress(struct blanking *k, bool request, struct headers *h, struct span *body)
{
	struct buf scratch = BUF_INIT, found = BUF_INIT;
	struct fault f = { 0 };
	struct span plain;
	bool is_secret;

	if (body_decode(k->i, request, &scratch, 0, &plain, &f) < 0)
		k->count->unread++;
	is_secret = f.status == ST_OK && plain.p != body->p && redact_text(k->redact, &found, plain) > 0;
	if (is_secret) {
		struct header *encoding = find(h, "content-encoding");

		*body = arena_copy(&k->i->arena, plain);
		*encoding = h->list[--h->n];
		if (!request)
			k->i->response.narrivals = 0;
	}
	buf_release(&scratch);
	buf_release(&found);
	return is_secret;
}

static void blank_body(struct blanking *k, bool request)
{
	struct headers *h = request ? &k->i->request.headers : &k->i->response.headers;
	struct span *body = request ? &k->i->request.body : &k->i->response.body;
	struct span type = headers_get(h, "content-type");
	size_t n;

	k->was[!request] = k->is[!request] = body->n;
	if (!body->p)
		return;
	if (k->redact->n && headers_get(h, "content-encoding").p)
		decompress(k, request, h, body);
	if (span_starts(type, "application/x-www-form-urlencoded"))
		n = redact_form(k->redact, &k->text, *body);
	else if (!k->redact->n)
		return;
	else if (!request && k->i->response.narrivals)
		n = blank_pieces(k, *body);
	else
		n = redact_text(k->redact, &k->text, *body);
	k->count->bodies += n;
	if (n)
		*body = kept(k);
	buf_reset(&k->text);
	k->is[!request] = body->n;
	correct_length(k, h, k->was[!request], body->n);
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

static void blank_string(struct blanking *k, struct buf *to, const struct json *j, uint32_t n, struct within in)
{
	struct buf plain = BUF_INIT;
	size_t count;

	json_unescape(&plain, json_string(j, n));
	buf_reset(&k->text);
	if (in.secret && plain.len && !span_is(buf_span(&plain), REDACTED)) {
		buf_adds(&k->text, REDACTED);
		count = 1;
	} else {
		count = redact_header(k->redact, &k->text, SPAN_NONE, buf_span(&plain));
	}
	k->count->fields += count;
	if (count)
		json_quote(to, buf_span(&k->text));
	else
		buf_addspan(to, json_text(j, n));
	buf_reset(&k->text);
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

static struct within inside(const struct json *j, uint32_t object, uint32_t value, struct within in)
{
	uint32_t key = json_key(value), name = json_get(j, object, "name");
	struct span text = json_string(j, key);

	if (object == JSON_ROOT)
		in.side = json_is(j, key, "request") ? 0 : json_is(j, key, "response") ? 1 : -1;
	if (redact_is_header(text) || redact_is_parameter(text) || json_is(j, key, "cookies"))
		in.secret = true;
	if (in.secret && json_kind(j, name) == JSON_STRING && value == name)
		in.secret = false; /* {"name":"session","value":"..."}: the name is none */
	if (json_is(j, key, "value") && json_kind(j, name) == JSON_STRING)
		in.secret |= redact_is_header(json_string(j, name)) || redact_is_parameter(json_string(j, name));
	return in;
}

static void blank_value(struct blanking *k, struct buf *to, const struct json *j, uint32_t key, uint32_t n,
                        struct within in)
{
	enum json_kind kind = json_kind(j, n);

	if (kind == JSON_STRING) {
		blank_string(k, to, j, n, in);
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
		blank_value(k, to, j, member ? json_key(c) : 0, c, member ? inside(j, n, c, in) : in);
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
		blank_value(k, &to, &j, 0, JSON_ROOT, (struct within){ .side = -1 });
		x->json = arena_copy(&k->i->arena, buf_span(&to));
	}
	json_release(&j);
	buf_release(&to);
}

void interaction_blank(struct interaction *i, const struct redact *r, struct blanked *count)
{
	struct blanking k = { .i = i, .redact = r, .count = count };
	size_t n;

	blank_headers(&k, &i->request.headers);
	blank_headers(&k, &i->response.headers);
	n = redact_url(r, &k.text, i->request.url);
	count->urls += n;
	if (n)
		i->request.url = kept(&k);
	buf_reset(&k.text);
	blank_body(&k, true);
	blank_body(&k, false);
	blank_extras(&k);
	buf_release(&k.text);
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
