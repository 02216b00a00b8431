/* SPDX-License-Identifier: MIT */
/*
 * ruby_vcr: cassettes of Ruby's VCR, YAML or JSON, and of what shares their skeleton (betamax, R's vcr).
 *
 *	---
 *	http_interactions:
 *	- request:
 *	    method: post
 *	    uri: https://api.example.com/v1/chat
 *	    body:
 *	      encoding: UTF-8
 *	      string: '{"model":"m"}'
 *	    headers:
 *	      Content-Type:
 *	      - application/json
 *	  response:
 *	    status:
 *	      code: 200
 *	      message: OK
 *	    headers: {}
 *	    body:
 *	      encoding: ASCII-8BIT
 *	      base64_string: |
 *	        AAECAwQFBgcICQ==
 *	    http_version: '1.1'
 *	  recorded_at: Tue, 01 Nov 2011 04:49:54 GMT
 *	recorded_with: VCR 6.1.0
 *
 * Version 1 had no map around the list, symbols (`:get`) and its own tags. A body's encoding is
 * Ruby's name for it: VCR encodes `string` to it, and takes the bytes of `base64_string` as they are.
 *
 * Read besides, and never written: a status that is a number, or a `status_code` in it or in its place;
 * headers without their lists; bodies as `raw_gzip`, base64 of what zlib packed; R's dates.
 */
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "cassette/body.h"
#include "cassette/cassette_impl.h"
#include "cassette/date.h"
#include "config.h"
#include "json/write.h"

static bool knows(const struct root *root, const struct node *first)
{
	const struct node *q = node_get(first, "request");

	if (root->is_list)
		return node_get(q, "uri") && node_get(first, "response");
	return !strcmp(root->key, "http_interactions") && node_get(q, "uri") && node_get(first, "response");
}

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((signed char)s.p[i] < 0)
			return false;
	return true;
}

static bool named(struct span encoding, const char *name)
{
	return encoding.n == strlen(name) && !strncasecmp(encoding.p, name, encoding.n);
}

/* In these a string of the file has the bytes of the body. */
static bool is_unchanged(struct span encoding, struct span text)
{
	return !encoding.n || named(encoding, "UTF-8") || named(encoding, "ASCII-8BIT") || named(encoding, "BINARY") ||
	       is_ascii(text);
}

static void encode(struct reading *r, struct span encoding, struct span *text)
{
	struct buf b = BUF_INIT;
	char name[64];
	iconv_t to = (iconv_t)-1;
	char *in = (char *)(uintptr_t)text->p, *out;
	size_t left = text->n, room;

	if (encoding.n < sizeof name) {
		memcpy(name, encoding.p, encoding.n);
		name[encoding.n] = '\0';
		to = iconv_open(name, "UTF-8");
	}
	buf_room(&b, 4 * text->n + 16);
	out = b.p;
	room = b.cap - 1;
	if (to == (iconv_t)-1 || iconv(to, &in, &left, &out, &room) == (size_t)-1)
		r->i->note = "body cannot be put into the encoding that it names: left as UTF-8";
	else
		*text = arena_copy(&r->i->arena, (struct span){ b.p, (size_t)(out - b.p) });
	if (to != (iconv_t)-1)
		iconv_close(to);
	buf_release(&b);
}

static int read_base64(struct reading *r, struct node *map, const char *key, struct span *body)
{
	struct span text;
	struct buf b = BUF_INIT;
	bool good;

	if (read_text_if(r, map, key, &text) < 0)
		return -1;
	good = base64_decode(&b, text.p ? text.p : "", text.n);
	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return good ? 0 : node_fault(r->doc, map, r->f, "%s that is no base64", key);
}

static int read_gzip(struct reading *r, struct node *map, struct span *body)
{
	struct buf b = BUF_INIT;
	const char *wrong;

	if (read_base64(r, map, "raw_gzip", body) < 0)
		return -1;
	wrong = body_unzip(*body, &b, r->doc->max);
	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return wrong ? node_fault(r->doc, map, r->f, "raw_gzip that %s", wrong) : 0;
}

/* R keeps a download beside the cassette, in a file that this one names. */
static bool is_elsewhere(struct node *map)
{
	const struct node *file = node_get(map, "file");

	return node_get(map, "on_disk") || (file && (span_is(file->text, "yes") || span_is(file->text, "true")));
}

static int read_body(struct reading *r, struct node *parent, struct span *body)
{
	struct node *n = node_get(parent, "body"), *encoding, *string;
	struct span name = SPAN_NONE;
	bool binary;

	if (!n || n->kind != DOC_MAP)
		return read_text_if(r, parent, "body", body);
	n->taken = true;
	if (is_elsewhere(n)) {
		r->i->note = "body is in a file of its own, which is not read";
		return 0;
	}
	if (node_get(n, "raw_gzip"))
		return read_gzip(r, n, body);
	if (node_get(n, "base64_string"))
		return read_base64(r, n, "base64_string", body);
	encoding = node_get(n, "encoding");
	string = node_get(n, "string");
	binary = string && string->tag && node_tagged(string, "binary");
	if (read_text_if(r, n, "string", body) < 0 ||
	    (encoding && encoding->kind == DOC_SCALAR && !node_is_null(encoding) && read_bytes(r, encoding, &name) < 0))
		return -1;
	if (body->p && !binary && !is_unchanged(name, *body))
		encode(r, name, body);
	return 0;
}

/* Ruby writes get or :get, the wire has GET. */
static void wire_method(struct interaction *i)
{
	struct span m = i->request.method;
	char *p;

	if (span_starts(m, ":"))
		m = (struct span){ m.p + 1, m.n - 1 };
	p = arena_alloc(&i->arena, m.n + 1);
	for (size_t k = 0; k < m.n; k++)
		p[k] = m.p[k] >= 'a' && m.p[k] <= 'z' ? (char)(m.p[k] - 'a' + 'A') : m.p[k];
	i->request.method = (struct span){ p, m.n };
}

static int read_version(struct reading *r, struct node *p, struct response *to)
{
	struct span v;

	if (read_text_if(r, p, "http_version", &v) < 0)
		return -1;
	if (v.n && *v.p >= '0' && *v.p <= '9')
		v = span_of(arena_printf(&r->i->arena, "HTTP/%.*s", (int)v.n, v.p));
	to->proto = v;
	return 0;
}

/* Stays on the tree for the rule. */
static void read_date(struct reading *r, struct node *top)
{
	struct node *n = node_get(top, "recorded_at");
	struct buf b = BUF_INIT;

	if (n && n->kind == DOC_SCALAR && date_from_file(&b, n->text) && !span_is(buf_span(&b), DATE_EPOCH))
		r->i->started = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
}

/* A number that R reads as one, though it stands in quotes. */
static int read_status_code(struct reading *r, struct node *map, struct response *to)
{
	struct node *n = node_get(map, "status_code");

	if (n->kind == DOC_SCALAR)
		n->style = YAML_PLAIN;
	return read_status(r, map, "status_code", &to->status);
}

static int read_any_status(struct reading *r, struct node *p, struct response *to)
{
	struct node *n = node_get(p, "status");

	if (!n && node_get(p, "status_code"))
		return read_status_code(r, p, to);
	if (n && n->kind == DOC_SCALAR && !node_is_null(n))
		return read_status(r, p, "status", &to->status);
	n = read_map(r, p, "status");
	if (!n || read_text_if(r, n, "message", &to->reason) < 0)
		return -1;
	if (!node_get(n, "code") && node_get(n, "status_code"))
		return read_status_code(r, n, to);
	return read_status(r, n, "code", &to->status);
}

/* What R has no members of is an empty list there. */
static int read_any_headers(struct reading *r, struct node *map, struct headers *h)
{
	struct node *n = node_get(map, "headers");

	if (n && n->kind == DOC_LIST && !n->first) {
		node_remove(n);
		return 0;
	}
	return read_headers(r, map, "headers", h);
}

static int read_response(struct reading *r, struct node *p, struct response *to)
{
	if (!p || read_any_status(r, p, to) < 0 || read_any_headers(r, p, &to->headers) < 0 ||
	    read_body(r, p, &to->body) < 0 || read_version(r, p, to) < 0)
		return -1;
	return read_timing(r, p, "sseutils");
}

static int read(struct reading *r, struct node *top)
{
	struct request *to = &r->i->request;
	struct node *q = read_map(r, top, "request");

	if (!q || read_text(r, q, "method", &to->method) < 0 || read_text(r, q, "uri", &to->url) < 0 ||
	    read_any_headers(r, q, &to->headers) < 0 || read_body(r, q, &to->body) < 0)
		return -1;
	wire_method(r->i);
	if (read_response(r, read_map(r, top, "response"), &r->i->response) < 0)
		return -1;
	read_date(r, top);
	return 0;
}

static void rule_date(const struct interaction *i, struct buf *json)
{
	buf_addc(json, '"');
	if (!date_to_http(json, i->started))
		date_to_http(json, SPAN(DATE_EPOCH));
	buf_addc(json, '"');
}

static void encoding_of(struct span body, struct buf *json)
{
	buf_adds(json, utf8_valid(body.p, body.n) ? "\"UTF-8\"" : "\"ASCII-8BIT\"");
}

static void rule_request_encoding(const struct interaction *i, struct buf *json)
{
	encoding_of(i->request.body, json);
}

static void rule_response_encoding(const struct interaction *i, struct buf *json)
{
	encoding_of(i->response.body, json);
}

/* A text that the record has under ruby-vcr; empty: there is none. */
static void extra_text(const struct interaction *i, const char *path, struct buf *text)
{
	struct span extra = interaction_extra_get(i, "ruby-vcr");
	struct json j = JSON_INIT;

	if (extra.p && json_parse(&j, extra.p, extra.n) == 0)
		json_unescape(text, json_string(&j, json_path(&j, JSON_ROOT, path)));
	json_release(&j);
}

/* Will VCR encode a string of this body to something else? */
static bool changes(const struct interaction *i, bool request, struct span body)
{
	struct buf name = BUF_INIT;
	bool yes;

	extra_text(i, request ? "request.body.encoding" : "response.body.encoding", &name);
	yes = !is_unchanged(buf_span(&name), body);
	buf_release(&name);
	return yes;
}

/* Is there a map that names a file, though there is no body? */
static bool stays_elsewhere(const struct interaction *i, bool request)
{
	struct buf file = BUF_INIT;
	bool yes;

	extra_text(i, request ? "request.body.file" : "response.body.file", &file);
	yes = file.len > 0;
	buf_release(&file);
	return yes;
}

static void write_body(const struct interaction *i, struct arena *a, struct node *parent, bool request,
                       struct span body)
{
	struct node *map;
	struct buf b = BUF_INIT;

	if (!body.p && !stays_elsewhere(i, request)) {
		write_text_or_null(a, parent, "body", body);
		return;
	}
	map = node_add(a, parent, "body", DOC_MAP);
	if (!body.p)
		return;
	if (utf8_valid(body.p, body.n) && !changes(i, request, body)) {
		write_text(a, map, "string", body);
		return;
	}
	base64_encode(&b, body.p, body.n, 60);
	write_text(a, map, "base64_string", arena_copy(a, buf_span(&b)));
	buf_release(&b);
}

static struct span lower(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	for (size_t k = 0; k < s.n; k++)
		p[k] = s.p[k] >= 'A' && s.p[k] <= 'Z' ? (char)(s.p[k] - 'A' + 'a') : s.p[k];
	return (struct span){ p, s.n };
}

static void write(const struct interaction *i, struct arena *a, struct node *top)
{
	struct node *q = node_add(a, top, "request", DOC_MAP), *p = node_add(a, top, "response", DOC_MAP), *status;
	struct span proto = i->response.proto;

	write_text(a, q, "method", lower(a, i->request.method));
	write_text(a, q, "uri", i->request.url);
	write_body(i, a, q, true, i->request.body);
	write_headers(a, q, "headers", &i->request.headers);
	status = node_add(a, p, "status", DOC_MAP);
	write_number(a, status, "code", i->response.status);
	write_text_or_null(a, status, "message", i->response.reason);
	write_headers(a, p, "headers", &i->response.headers);
	write_body(i, a, p, false, i->response.body);
	if (span_starts(proto, "HTTP/") && proto.n > 5 && proto.p[5] >= '0' && proto.p[5] <= '9')
		proto = (struct span){ proto.p + 5, proto.n - 5 };
	write_text_if(a, p, "http_version", proto);
	write_timing(a, p, "sseutils", i);
}

static const struct cassette_key keys[] = {
	{ "request.body.encoding", rule_request_encoding, false },
	{ "request.body.string", NULL, false },
	{ "request.body.base64_string", NULL, false },
	{ "response.body.encoding", rule_response_encoding, false },
	{ "response.body.string", NULL, false },
	{ "response.body.base64_string", NULL, false },
	{ "recorded_at", rule_date, false },
	{ NULL, NULL, false },
};

const struct cassette_format cassette_ruby_vcr = {
	.name = "ruby-vcr",
	.about = "Ruby's VCR",
	.knows = knows,
	.read = read,
	.write = write,
	.keys = keys,
	.marked = true,
	.list = "http_interactions",
	.members = (const struct cassette_member[]){ { "recorded_with", "\"" PACKAGE_STRING "\"", true }, { 0 } },
};
