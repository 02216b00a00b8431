/* SPDX-License-Identifier: MIT */
/*
 * go-vcr: cassettes of gopkg.in/dnaeon/go-vcr (v1 and v2 write version 1, v3 and v4 version 2).
 *
 *	---
 *	version: 2
 *	interactions:
 *	- id: 0
 *	  request:
 *	    proto: HTTP/1.1
 *	    content_length: 2
 *	    host: api.example.com
 *	    body: '{}'
 *	    headers: {Content-Type: [application/json]}
 *	    url: https://api.example.com/v1/chat
 *	    method: POST
 *	  response:
 *	    proto: HTTP/2.0
 *	    content_length: -1
 *	    body: |+
 *	      data: {"id":"a"}
 *
 *	    headers: {Content-Type: [text/event-stream]}
 *	    status: 200 OK
 *	    code: 200
 *	    duration: 1.401688041s
 *
 * Version 1 has no id, proto, content_length and host. Which of the two it is follows from those
 * keys; where a file has none of them, its number is all there is to go by.
 */
#include <string.h>

#include "cassette/cassette_impl.h"
#include "cassette/timing.h"
#include "cassette/url.h"
#include "json/write.h"

static bool is_go_vcr(const struct root *root, const struct node *first)
{
	const struct node *q = node_get(first, "request");

	return !root->is_list && !strcmp(root->key, "interactions") && node_get(q, "url") && !node_get(q, "uri") &&
	       node_get(first, "response");
}

static bool is_second(const struct root *root, const struct node *first)
{
	static const char *const keys[] = { "proto", "content_length", "host" };

	if (node_get(first, "id"))
		return true;
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
		if (node_get(node_get(first, "request"), keys[k]) || node_get(node_get(first, "response"), keys[k]))
			return true;
	return root->version == 2;
}

static bool knows(const struct root *root, const struct node *first)
{
	return is_go_vcr(root, first) && is_second(root, first);
}

static bool knows_1(const struct root *root, const struct node *first)
{
	return is_go_vcr(root, first) && !is_second(root, first);
}

/* proto stays on the tree: a rule below tells whether it says more than the record. */
static void read_proto(const struct node *map, struct span *proto)
{
	const struct node *n = node_get(map, "proto");

	if (n && n->kind == DOC_SCALAR && !node_is_null(n))
		*proto = n->text;
}

/* "200 OK" is a code and a reason; whatever else it is stays on the tree. */
static void read_reason(const struct node *p, struct response *to)
{
	const struct node *n = node_get(p, "status");
	struct span t = n && n->kind == DOC_SCALAR ? n->text : SPAN_NONE;

	if (t.n >= 4 && t.p[3] == ' ' && strspn(t.p, "0123456789") == 3)
		to->reason = (struct span){ t.p + 4, t.n - 4 };
}

/* The spelling that a rule would give makes the node vanish. */
static int read_duration(struct reading *r, struct node *p)
{
	struct node *n = node_get(p, "duration");
	struct buf b = BUF_INIT;

	if (!n)
		return 0;
	if (n->kind != DOC_SCALAR || !go_duration_get(n->text, &r->i->duration) || n->text.n < 2)
		return r->root->version == 1 ? 0 : node_fault(r->doc, n, r->f, "is no duration such as 1.5s");
	go_duration_put(&b, r->i->duration);
	n->text = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return 0;
}

/* go-vcr 4.0.5 wrote each byte of a body that was no UTF-8 as the character of that number, "\xee": what
 * is read back is twice as long and nobody's body. Such text has C1 controls and nothing above
 * U+00FF. */
static bool was_bytes(const struct node *n)
{
	bool c1 = false;

	if (!n || n->style != YAML_DOUBLE)
		return false;
	for (size_t k = 0; k < n->text.n; k++) {
		unsigned char c = (unsigned char)n->text.p[k];

		if (c > 0xc3)
			return false;
		c1 |= c == 0xc2 && (unsigned char)n->text.p[k + 1] < 0xa0;
	}
	return c1;
}

static int read(struct reading *r, struct node *top)
{
	struct request *request = &r->i->request;
	struct response *response = &r->i->response;
	struct node *q = read_map(r, top, "request"), *p = q ? read_map(r, top, "response") : NULL;

	if (r->root->version != 1 && (was_bytes(node_get(q, "body")) || was_bytes(node_get(p, "body"))))
		r->i->note =
			"body looks like bytes that go-vcr 4.0.5 wrote as characters, which cannot be undone for sure";
	if (!p || read_text(r, q, "url", &request->url) < 0 || read_text(r, q, "method", &request->method) < 0 ||
	    read_text_if(r, q, "body", &request->body) < 0 || read_headers(r, q, "headers", &request->headers) < 0)
		return -1;
	if (read_text_if(r, p, "body", &response->body) < 0 || read_headers(r, p, "headers", &response->headers) < 0 ||
	    read_status(r, p, "code", &response->status) < 0 || read_duration(r, p) < 0)
		return -1;
	read_proto(q, &request->proto);
	read_proto(p, &response->proto);
	read_reason(p, response);
	return read_timing(r, p, "sseutils");
}

static void rule_id(const struct interaction *i, struct buf *json)
{
	buf_addn(json, i->id);
}

static struct span proto_of(struct span proto)
{
	return proto.p ? proto : SPAN("HTTP/1.1");
}

static void rule_request_proto(const struct interaction *i, struct buf *json)
{
	json_quote(json, proto_of(i->request.proto));
}

static void rule_response_proto(const struct interaction *i, struct buf *json)
{
	json_quote(json, proto_of(i->response.proto));
}

/* The digit of HTTP/1.1 that stands `at` bytes behind the slash. */
static void digit(struct span proto, size_t at, struct buf *json)
{
	proto = proto_of(proto);
	buf_addc(json, span_starts(proto, "HTTP/") && proto.n == 8 ? proto.p[5 + at] : '0');
}

static void rule_request_major(const struct interaction *i, struct buf *json)
{
	digit(i->request.proto, 0, json);
}

static void rule_request_minor(const struct interaction *i, struct buf *json)
{
	digit(i->request.proto, 2, json);
}

static void rule_response_major(const struct interaction *i, struct buf *json)
{
	digit(i->response.proto, 0, json);
}

static void rule_response_minor(const struct interaction *i, struct buf *json)
{
	digit(i->response.proto, 2, json);
}

static void rule_request_length(const struct interaction *i, struct buf *json)
{
	buf_addn(json, i->request.body.n);
}

/* What the server announced, as far as it is known; go-vcr's word for unknown is -1. */
static void rule_response_length(const struct interaction *i, struct buf *json)
{
	struct span t = headers_get(&i->response.headers, "content-length");
	size_t digits = 0;

	while (digits < t.n && t.p[digits] >= '0' && t.p[digits] <= '9')
		digits++;
	if (t.n == 0 || digits < t.n || t.n > 18 || (*t.p == '0' && t.n > 1))
		buf_adds(json, "-1");
	else
		buf_addspan(json, t);
}

static void rule_host(const struct interaction *i, struct buf *json)
{
	json_quote(json, url_host(i->request.url));
}

/* url.Values of the query and of a body that is a form, as http.Request.ParseForm leaves them. */
static void rule_form(const struct interaction *i, struct buf *json)
{
	struct span type = headers_get(&i->request.headers, "content-type");
	bool form = span_starts(type, "application/x-www-form-urlencoded");

	url_form(url_query(i->request.url), form ? i->request.body : SPAN_NONE, json);
}

/* Version 1 always writes the map. */
static void rule_form_1(const struct interaction *i, struct buf *json)
{
	size_t len = json->len;

	rule_form(i, json);
	if (json->len == len)
		buf_adds(json, "{}");
}

static void rule_status(const struct interaction *i, struct buf *json)
{
	buf_addc(json, '"');
	buf_addn(json, (unsigned)i->response.status);
	if (i->response.reason.p) {
		buf_addc(json, ' ');
		json_escape(json, i->response.reason);
	}
	buf_addc(json, '"');
}

static void rule_duration(const struct interaction *i, struct buf *json)
{
	if (i->duration < 0)
		return;
	buf_addc(json, '"');
	go_duration_put(json, i->duration);
	buf_addc(json, '"');
}

static bool is_token(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?={}", c);
}

/* content-type becomes Content-Type, as Go's http.Header has it; what is no header name stays. */
static struct span canonical(struct arena *a, struct span name)
{
	char *p = arena_alloc(a, name.n + 1);
	bool first = true;

	for (size_t k = 0; k < name.n; k++) {
		char c = name.p[k];

		if (!is_token(c))
			return name;
		if (first && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!first && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		p[k] = c;
		first = c == '-';
	}
	return (struct span){ p, name.n };
}

/* go-vcr hands headers to Go as they stand, and Go finds none that is not canonical. What comes from a
 * go-vcr file is left as it was there. */
static void write_go_headers(const struct interaction *i, struct arena *a, struct node *map, const struct headers *h)
{
	struct headers go = { 0 };

	if (interaction_extra_get(i, "go-vcr").p || interaction_extra_get(i, "go-vcr-1").p) {
		write_headers(a, map, "headers", h);
		return;
	}
	for (size_t k = 0; k < h->n; k++) {
		struct span name = canonical(a, h->list[k].name);

		headers_add(&go, a, name, SPAN_NONE);
		for (size_t v = 0; v < h->list[k].n; v++)
			headers_add(&go, a, name, h->list[k].values[v]);
	}
	write_headers(a, map, "headers", &go);
}

static void write(const struct interaction *i, struct arena *a, struct node *top)
{
	struct node *q = node_add(a, top, "request", DOC_MAP), *p = node_add(a, top, "response", DOC_MAP);

	write_text_if(a, q, "body", i->request.body);
	write_go_headers(i, a, q, &i->request.headers);
	write_text(a, q, "url", i->request.url);
	write_text(a, q, "method", i->request.method);
	write_text_if(a, p, "body", i->response.body);
	write_go_headers(i, a, p, &i->response.headers);
	write_number(a, p, "code", i->response.status);
	write_timing(a, p, "sseutils", i);
}

static const struct cassette_key keys[] = {
	{ "id", rule_id, false },
	{ "request", NULL, false },
	{ "request.proto", rule_request_proto, true },
	{ "request.proto_major", rule_request_major, false },
	{ "request.proto_minor", rule_request_minor, false },
	{ "request.content_length", rule_request_length, false },
	{ "request.transfer_encoding", NULL, false },
	{ "request.trailer", NULL, false },
	{ "request.host", rule_host, false },
	{ "request.remote_addr", NULL, false },
	{ "request.request_uri", NULL, false },
	{ "request.body", NULL, false },
	{ "request.form", rule_form, false },
	{ "request.headers", NULL, false },
	{ "request.url", NULL, false },
	{ "request.method", NULL, false },
	{ "response", NULL, false },
	{ "response.proto", rule_response_proto, true },
	{ "response.proto_major", rule_response_major, false },
	{ "response.proto_minor", rule_response_minor, false },
	{ "response.transfer_encoding", NULL, false },
	{ "response.trailer", NULL, false },
	{ "response.content_length", rule_response_length, false },
	{ "response.uncompressed", NULL, false },
	{ "response.body", NULL, false },
	{ "response.headers", NULL, false },
	{ "response.status", rule_status, false },
	{ "response.code", NULL, false },
	{ "response.duration", rule_duration, false },
	{ "response.sseutils", NULL, false },
	{ NULL, NULL, false },
};

static const struct cassette_key keys_1[] = {
	{ "request.body", NULL, false },      { "request.form", rule_form_1, false },
	{ "request.headers", NULL, false },   { "request.url", NULL, false },
	{ "request.method", NULL, false },    { "response.body", NULL, false },
	{ "response.headers", NULL, false },  { "response.status", rule_status, false },
	{ "response.code", NULL, false },     { "response.duration", rule_duration, false },
	{ "response.sseutils", NULL, false }, { NULL, NULL, false },
};

const struct cassette_format cassette_go_vcr = {
	.name = "go-vcr",
	.about = "go-vcr v3 and v4 (version: 2)",
	.knows = knows,
	.read = read,
	.write = write,
	.keys = keys,
	.marked = true,
	.version = 2,
	.list = "interactions",
	.members = (const struct cassette_member[]){ { "version", "2", false }, { 0 } },
};

const struct cassette_format cassette_go_vcr_1 = {
	.name = "go-vcr-1",
	.about = "go-vcr v1 and v2 (version: 1)",
	.knows = knows_1,
	.read = read,
	.write = write,
	.keys = keys_1,
	.marked = true,
	.version = 1,
	.list = "interactions",
	.members = (const struct cassette_member[]){ { "version", "1", false }, { 0 } },
};
