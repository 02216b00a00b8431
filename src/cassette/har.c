/* SPDX-License-Identifier: MIT */
/*
 * har: HTTP Archive 1.2, JSON.
 *
 *	{"log":{"version":"1.2","creator":{"name":"sseutils","version":"0.1.0"},"entries":[
 *	 {"startedDateTime":"2026-01-02T03:04:05.678Z","time":1450.2,
 *	  "request":{"method":"POST","url":"https://api.example.com/v1/chat?alt=sse","httpVersion":"HTTP/1.1",
 *	   "cookies":[],"headers":[{"name":"Accept","value":"text/event-stream"}],
 *	   "queryString":[{"name":"alt","value":"sse"}],"headersSize":-1,"bodySize":13,
 *	   "postData":{"mimeType":"application/json","text":"{\"model\":\"m\"}"}},
 *	  "response":{"status":200,"statusText":"OK","httpVersion":"HTTP/2.0","cookies":[],"headers":[],
 *	   "content":{"size":10,"mimeType":"text/event-stream","text":"data: {}\n\n"},
 *	   "redirectURL":"","headersSize":-1,"bodySize":-1},
 *	  "cache":{},"timings":{"send":0,"wait":1401.7,"receive":48.5}}]}}
 *
 * Bytes that are no UTF-8 go as base64: in a response by the standard's "encoding", in a request,
 * for which there is none, by "_encoding".
 *
 * Polly.js writes the base64 of a compressed body as it came, in pieces, `["H4sI","AAA="]` as text; so
 * does this where the record says under har how long they were ("_pieces"). Read besides, and never
 * written: the other ways to keep a body that har_body.h names, and YAML.
 */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "cassette/cassette_impl.h"
#include "cassette/date.h"
#include "cassette/har_body.h"
#include "cassette/timing.h"
#include "cassette/url.h"
#include "config.h"
#include "json/write.h"

enum { MILLION = 1000000 }; /* nanoseconds in a millisecond */

static bool knows(const struct root *root, const struct node *first)
{
	return !root->is_list && !strcmp(root->key, "entries") && node_get(first, "request") &&
	       node_get(first, "response");
}

static int read_pairs(struct reading *r, struct node *parent, struct headers *h)
{
	struct node *list = node_get(parent, "headers");
	struct span name, value;

	if (!list)
		return 0;
	if (list->kind != DOC_LIST)
		return node_fault(r->doc, list, r->f, "is no list");
	for (struct node *c = list->first; c; c = c->next) {
		if (c->kind != DOC_MAP)
			return node_fault(r->doc, c, r->f, "is no map");
		if (read_text(r, c, "name", &name) < 0 || read_text_if(r, c, "value", &value) < 0 ||
		    read_header(r, c, h, name, value.p ? value : SPAN("")) < 0)
			return -1;
	}
	node_remove(list);
	return 0;
}

/* Stays on the tree for the rule. */
static void read_proto(const struct node *map, struct span *proto)
{
	const struct node *n = node_get(map, "httpVersion");

	if (n && n->kind == DOC_SCALAR && n->text.n && !span_is(n->text, "unknown"))
		*proto = n->text;
}

/* Milliseconds with a fraction; digits below a nanosecond go, so that the rule recognises the rest. */
static void read_wait(struct reading *r, struct node *top)
{
	struct node *timings = node_get(top, "timings"), *n = node_get(timings, "wait");
	struct buf b = BUF_INIT;
	int64_t ns;

	if (timings && timings->kind == DOC_MAP)
		timings->taken = true;
	if (!n || n->kind != DOC_SCALAR || !milliseconds_get(n->text, &ns) || ns < 0)
		return;
	r->i->duration = ns;
	milliseconds_put(&b, ns);
	n->text = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
}

static void read_date(struct reading *r, struct node *top)
{
	struct node *n = node_get(top, "startedDateTime");
	struct buf b = BUF_INIT;

	if (!n || n->kind != DOC_SCALAR)
		return;
	if (date_from_http(&b, n->text)) /* Polly, with its clock held */
		r->i->started = arena_copy(&r->i->arena, buf_span(&b));
	else if (n->text.n && !span_is(n->text, DATE_EPOCH))
		r->i->started = n->text;
	buf_release(&b);
}

static int read(struct reading *r, struct node *top)
{
	struct request *to = &r->i->request;
	struct response *from = &r->i->response;
	struct node *q = read_map(r, top, "request"), *p;

	if (!q || read_text(r, q, "method", &to->method) < 0 || read_text(r, q, "url", &to->url) < 0 ||
	    read_pairs(r, q, &to->headers) < 0 || har_read_body(r, top, &to->headers, q, "postData", &to->body) < 0)
		return -1;
	p = read_map(r, top, "response");
	if (!p || read_status(r, p, "status", &from->status) < 0 ||
	    read_text_if(r, p, "statusText", &from->reason) < 0 || read_pairs(r, p, &from->headers) < 0 ||
	    har_read_body(r, top, &from->headers, p, "content", &from->body) < 0)
		return -1;
	if (from->reason.n == 0)
		from->reason = SPAN_NONE;
	read_proto(q, &to->proto);
	read_proto(p, &from->proto);
	read_date(r, top);
	read_wait(r, top);
	return read_timing(r, p, "_sseutils");
}

static void rule_started(const struct interaction *i, struct buf *json)
{
	json_quote(json, i->started.p ? i->started : SPAN(DATE_EPOCH));
}

static int64_t receiving(const struct interaction *i)
{
	int64_t last = i->response.narrivals ? i->response.arrivals[i->response.narrivals - 1].at : 0;

	return i->duration >= 0 && last > i->duration ? last - i->duration : 0;
}

static void rule_time(const struct interaction *i, struct buf *json)
{
	milliseconds_put(json, (i->duration < 0 ? 0 : i->duration) + receiving(i));
}

static void rule_wait(const struct interaction *i, struct buf *json)
{
	milliseconds_put(json, i->duration < 0 ? -MILLION : i->duration);
}

static void rule_receive(const struct interaction *i, struct buf *json)
{
	milliseconds_put(json, receiving(i));
}

static void rule_zero(const struct interaction *i, struct buf *json)
{
	(void)i;
	buf_addc(json, '0');
}

static void rule_unknown_size(const struct interaction *i, struct buf *json)
{
	(void)i;
	buf_adds(json, "-1");
}

static void rule_empty_list(const struct interaction *i, struct buf *json)
{
	(void)i;
	buf_adds(json, "[]");
}

static void rule_empty_map(const struct interaction *i, struct buf *json)
{
	(void)i;
	buf_adds(json, "{}");
}

static void rule_request_version(const struct interaction *i, struct buf *json)
{
	json_quote(json, i->request.proto.p ? i->request.proto : SPAN("unknown"));
}

static void rule_response_version(const struct interaction *i, struct buf *json)
{
	json_quote(json, i->response.proto.p ? i->response.proto : SPAN("unknown"));
}

static void rule_query(const struct interaction *i, struct buf *json)
{
	url_pairs(url_query(i->request.url), json);
}

static void rule_request_size(const struct interaction *i, struct buf *json)
{
	buf_addn(json, i->request.body.n);
}

static void rule_content_size(const struct interaction *i, struct buf *json)
{
	buf_addn(json, i->response.body.n);
}

static void header_or_empty(const struct headers *h, const char *name, struct buf *json)
{
	json_quote(json, headers_get(h, name));
}

static void rule_post_type(const struct interaction *i, struct buf *json)
{
	header_or_empty(&i->request.headers, "content-type", json);
}

static void rule_content_type(const struct interaction *i, struct buf *json)
{
	header_or_empty(&i->response.headers, "content-type", json);
}

static void rule_redirect(const struct interaction *i, struct buf *json)
{
	header_or_empty(&i->response.headers, "location", json);
}

/* A header that is no UTF-8 is Latin-1, as browsers take it; that this is not the same is told. */
static struct span as_text(struct arena *a, struct span value)
{
	struct buf b = BUF_INIT;
	struct span text;

	if (utf8_valid(value.p, value.n))
		return value;
	for (size_t k = 0; k < value.n; k++)
		utf8_put(&b, (unsigned char)value.p[k]);
	text = arena_copy(a, buf_span(&b));
	buf_release(&b);
	return text;
}

static void write_pairs(struct arena *a, struct node *parent, const struct headers *h)
{
	struct node *list = node_add(a, parent, "headers", DOC_LIST);

	for (size_t i = 0; i < h->n; i++)
		for (size_t v = 0; v < h->list[i].n; v++) {
			struct node *pair = node_add(a, list, NULL, DOC_MAP);

			write_text(a, pair, "name", h->list[i].name);
			write_text(a, pair, "value", as_text(a, h->list[i].values[v]));
		}
}

/* The base64 of a body in the pieces that the record tells of; false when they do not sum up to it. */
static bool put_pieces(const struct interaction *i, struct span body, struct buf *b)
{
	struct span extra = interaction_extra_get(i, "har");
	struct json j = JSON_INIT;
	uint32_t list = 0;
	bool good = body.p && extra.p && json_parse(&j, extra.p, extra.n) == 0;

	if (good)
		list = json_path(&j, JSON_ROOT, "response.content._pieces");
	buf_addc(b, '[');
	for (uint32_t c = list ? json_first(&j, list) : 0; good && c; c = json_next(&j, list, c)) {
		long n;

		good = json_long(&j, c, &n) && n >= 0 && (size_t)n <= body.n;
		if (!good)
			break;
		buf_adds(b, b->len > 1 ? ",\"" : "\"");
		base64_encode(b, body.p, (size_t)n, 0);
		buf_addc(b, '"');
		body = (struct span){ body.p + n, body.n - (size_t)n };
	}
	json_release(&j);
	buf_addc(b, ']');
	return good && list && body.n == 0;
}

static void write_content(const struct interaction *i, struct arena *a, struct node *map, struct span body,
                          const char *encoding)
{
	struct buf b = BUF_INIT;
	bool pieces = !strcmp(encoding, "encoding") && put_pieces(i, body, &b);

	if (!pieces && (!body.p || utf8_valid(body.p, body.n))) {
		write_text_if(a, map, "text", body);
		buf_release(&b);
		return;
	}
	if (!pieces) {
		buf_reset(&b);
		base64_encode(&b, body.p, body.n, 0);
	}
	write_text(a, map, "text", arena_copy(a, buf_span(&b)));
	write_text(a, map, encoding, SPAN("base64"));
	buf_release(&b);
}

static void write(const struct interaction *i, struct arena *a, struct node *top)
{
	struct node *q = node_add(a, top, "request", DOC_MAP), *p = node_add(a, top, "response", DOC_MAP);

	node_add(a, top, "timings", DOC_MAP);
	write_text(a, q, "method", i->request.method);
	write_text(a, q, "url", i->request.url);
	write_pairs(a, q, &i->request.headers);
	if (i->request.body.p)
		write_content(i, a, node_add(a, q, "postData", DOC_MAP), i->request.body, "_encoding");
	write_number(a, p, "status", i->response.status);
	write_text(a, p, "statusText", i->response.reason);
	write_pairs(a, p, &i->response.headers);
	write_content(i, a, node_add(a, p, "content", DOC_MAP), i->response.body, "encoding");
	write_timing(a, p, "_sseutils", i);
}

static const struct cassette_key keys[] = {
	{ "startedDateTime", rule_started, false },
	{ "time", rule_time, false },
	{ "request", NULL, false },
	{ "request.method", NULL, false },
	{ "request.url", NULL, false },
	{ "request.httpVersion", rule_request_version, false },
	{ "request.cookies", rule_empty_list, false },
	{ "request.headers", NULL, false },
	{ "request.queryString", rule_query, false },
	{ "request.headersSize", rule_unknown_size, false },
	{ "request.bodySize", rule_request_size, false },
	{ "request.postData", NULL, false },
	{ "request.postData.mimeType", rule_post_type, false },
	{ "request.postData.text", NULL, false },
	{ "response", NULL, false },
	{ "response.status", NULL, false },
	{ "response.statusText", NULL, false },
	{ "response.httpVersion", rule_response_version, false },
	{ "response.cookies", rule_empty_list, false },
	{ "response.headers", NULL, false },
	{ "response.content", NULL, false },
	{ "response.content.size", rule_content_size, false },
	{ "response.content.mimeType", rule_content_type, false },
	{ "response.content.text", NULL, false },
	{ "response.redirectURL", rule_redirect, false },
	{ "response.headersSize", rule_unknown_size, false },
	{ "response.bodySize", rule_unknown_size, false },
	{ "response._sseutils", NULL, false },
	{ "cache", rule_empty_map, false },
	{ "timings", NULL, false },
	{ "timings.send", rule_zero, false },
	{ "timings.wait", rule_wait, false },
	{ "timings.receive", rule_receive, false },
	{ NULL, NULL, false },
};

static const struct cassette_member members[] = {
	{ "version", "\"1.2\"", false },
	{ "creator", "{\"name\":\"" PACKAGE_NAME "\",\"version\":\"" PACKAGE_VERSION "\"}", false },
	{ NULL, NULL, false },
};

const struct cassette_format cassette_har = {
	.name = "har",
	.about = "HTTP Archive 1.2",
	.knows = knows,
	.read = read,
	.write = write,
	.keys = keys,
	.syntax = SYNTAX_JSON,
	.wrap = "log",
	.list = "entries",
	.members = members,
};
