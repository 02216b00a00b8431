/* SPDX-License-Identifier: MIT */
/*
 * vcrpy: cassettes of Python's vcrpy, YAML or JSON, and of pydantic-ai's serializer.
 *
 *	interactions:
 *	- request:
 *	    body: '{"model":"m"}'
 *	    headers:
 *	      content-type:
 *	      - application/json
 *	    method: POST
 *	    uri: https://api.example.com/v1/chat
 *	  response:
 *	    body:
 *	      string: "data: {}\n\n"
 *	    headers: {}
 *	    status:
 *	      code: 200
 *	      message: OK
 *	version: 1
 *
 * Read besides, and never written: `parsed_body` (pyjson.h); httpx's `content`, `status_code` and
 * `http_version`; the list without a map around it, with protocol, host, port and path, of the time
 * before 1.0; headers as lists of pairs or of "Name: value" lines; bodies that are Python's BytesIO
 * or iterators; and two files without the list:
 *
 *	requests:                          request: {method: POST, url: https://…, headers: {A: b}, body: "{}"}
 *	- {method: POST, uri: …}           response:
 *	responses:                           status: {code: 200, message: OK}
 *	- {status: {code: 200}, body: …}     headers: {A: b}
 *	                                     body: "base64:AAAA"
 *
 * langchain's tests keep the former, whose request i belongs to response i; Datadog's test agent the latter.
 */
#include <string.h>

#include "base/base64.h"
#include "cassette/cassette_impl.h"
#include "cassette/pyjson.h"

static bool knows(const struct root *root, const struct node *first)
{
	const struct node *q = node_get(first, "request");

	if (root->is_whole)
		return (node_get(first, "requests") && node_get(first, "responses")) ||
		       (node_get(q, "method") && (node_get(q, "url") || node_get(q, "uri")) &&
		        node_get(node_get(node_get(first, "response"), "status"), "code"));
	if (root->is_list)
		return node_get(q, "path") && node_get(q, "host");
	return !strcmp(root->key, "interactions") && node_get(q, "uri") && node_get(first, "response");
}

static const char *const parts[] = { "request", "response", "requests", "responses", NULL };

/* A map of one request and its response, named so that faults tell which. */
static struct node *pair(struct arena *a, struct node *request, struct node *response, uint64_t n)
{
	const char *name = arena_printf(a, "interactions[%llu]", (unsigned long long)n);
	struct node *top = node_add(a, node_add(a, NULL, NULL, DOC_MAP), name, DOC_MAP);

	node_remove(request);
	node_remove(response);
	request->key = SPAN("request");
	response->key = SPAN("response");
	node_hang(top, request);
	node_hang(top, response);
	top->line = request->line;
	return top;
}

static struct node *assemble(struct reading *r, struct node *whole, uint64_t n)
{
	struct node *requests = node_get(whole, "requests"), *responses = node_get(whole, "responses");

	if (!requests)
		return n == 0 ? whole : NULL;
	if (requests->kind != DOC_LIST || responses->kind != DOC_LIST) {
		node_fault(r->doc, requests->kind == DOC_LIST ? responses : requests, r->f, "is no list");
		return NULL;
	}
	if (requests->first && responses->first)
		return pair(&r->doc->arena, requests->first, responses->first, n);
	if (requests->first)
		node_fault(r->doc, requests, r->f, "%u more than responses", requests->count);
	if (responses->first)
		node_fault(r->doc, responses, r->f, "%u more than requests", responses->count);
	return NULL;
}

static int dumped(struct reading *r, const struct node *n, struct span *body)
{
	struct buf b = BUF_INIT;
	int result = pyjson_put(&b, r->doc, n, r->f);

	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return result;
}

/* args of builtins.iter: one list of the pieces. */
static int pieces(struct reading *r, const struct node *args, struct span *body)
{
	struct buf b = BUF_INIT;
	struct span piece;
	int result = 0;

	for (const struct node *c = args && args->first ? args->first->first : NULL; c && result == 0; c = c->next) {
		result = read_bytes(r, c, &piece);
		if (result == 0)
			buf_addspan(&b, piece);
	}
	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return result;
}

static int read_body_value(struct reading *r, const struct node *n, struct span *body)
{
	const struct node *state = node_get(n, "state");

	if (n->kind == DOC_SCALAR)
		return node_is_null(n) ? 0 : read_bytes(r, n, body);
	if (n->tag && strstr(n->tag, "python/object/new:_io.BytesIO") && state && state->first)
		return read_bytes(r, state->first, body);
	if (n->tag && strstr(n->tag, "python/object/apply:builtins.iter"))
		return pieces(r, node_get(n, "args"), body);
	if (n->kind == DOC_LIST && !n->word && !n->tag)
		return node_fault(r->doc, n, r->f, "is a list, not a text");
	return dumped(r, n, body);
}

/* body or parsed_body, which wins, of a request; of a response without its map. */
static int read_body(struct reading *r, struct node *map, const char *key, struct span *body)
{
	struct node *parsed = node_get(map, "parsed_body"), *n = node_get(map, key);
	int result = 0;

	if (n && !parsed)
		result = read_body_value(r, n, body);
	if (n)
		node_remove(n);
	if (!parsed)
		return result;
	if (!node_is_null(parsed))
		result = dumped(r, parsed, body);
	node_remove(parsed);
	return result;
}

static int read_response_body(struct reading *r, struct node *p, struct span *body)
{
	struct node *n = node_get(p, "body");

	if (node_get(p, "parsed_body"))
		return read_body(r, p, "body", body);
	if (!n)
		return read_body(r, p, "content", body);
	if (n->kind == DOC_LIST)
		return node_fault(r->doc, n, r->f, "is a list, not a map");
	if (n->kind == DOC_SCALAR || !(node_get(n, "string") || !n->first))
		return read_body(r, p, "body", body);
	n->taken = true;
	return read_body(r, n, "string", body);
}

static struct span trimmed(struct span s)
{
	while (s.n && strchr(" \t\r\n", *s.p))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
		s.n--;
	return s;
}

static int read_line(struct reading *r, const struct node *n, struct headers *h)
{
	struct span line;
	const char *colon;

	if (read_bytes(r, n, &line) < 0)
		return -1;
	colon = memchr(line.p, ':', line.n);
	if (!colon)
		return node_fault(r->doc, n, r->f, "is no header");
	return read_header(r, n, h, (struct span){ line.p, (size_t)(colon - line.p) },
	                   trimmed((struct span){ colon + 1, line.n - (size_t)(colon + 1 - line.p) }));
}

/* [name, value] or [name, [value...]]. */
static int read_pair(struct reading *r, const struct node *pair, struct headers *h)
{
	const struct node *values = pair->count == 2 ? pair->first->next : NULL;
	struct span name, value;

	if (!values || values->kind == DOC_MAP)
		return node_fault(r->doc, pair, r->f, "is no pair of a header");
	if (read_bytes(r, pair->first, &name) < 0)
		return -1;
	for (const struct node *v = values->kind == DOC_LIST ? values->first : values; v; v = v->next) {
		if (read_bytes(r, v, &value) < 0 || read_header(r, v, h, name, value) < 0)
			return -1;
	}
	return 0;
}

static int read_header_list(struct reading *r, const struct node *list, struct headers *h)
{
	for (const struct node *c = list->first; c; c = c->next) {
		bool nested = c->kind == DOC_LIST && c->first && c->first->kind == DOC_LIST; /* a frozenset's */
		int result = c->kind == DOC_SCALAR ? read_line(r, c, h)
		             : nested              ? read_header_list(r, c, h)
		                                   : read_pair(r, c, h);

		if (result < 0)
			return -1;
	}
	return 0;
}

static int read_any_headers(struct reading *r, struct node *map, struct headers *h)
{
	struct node *n = node_get(map, "headers");

	if (!n || n->kind != DOC_LIST)
		return read_headers(r, map, "headers", h);
	node_remove(n);
	return read_header_list(r, n, h);
}

/* protocol, host, port and path of the time before 1.0. */
static int read_parts(struct reading *r, struct node *q, struct span *url)
{
	struct span protocol, host, port, path;
	bool usual;

	if (read_text(r, q, "protocol", &protocol) < 0 || read_text(r, q, "host", &host) < 0 ||
	    read_text_if(r, q, "port", &port) < 0 || read_text(r, q, "path", &path) < 0)
		return -1;
	usual = !port.p || (span_is(protocol, "http") && span_is(port, "80")) ||
	        (span_is(protocol, "https") && span_is(port, "443"));
	*url = span_of(arena_printf(&r->i->arena, "%.*s://%.*s%s%.*s%.*s", (int)protocol.n, protocol.p, (int)host.n,
	                            host.p, usual ? "" : ":", usual ? 0 : (int)port.n, usual ? "" : port.p, (int)path.n,
	                            path.p));
	return 0;
}

static int read_request(struct reading *r, struct node *q, struct request *to)
{
	if (!q || read_text(r, q, "method", &to->method) < 0)
		return -1;
	if (node_get(q, "uri") || node_get(q, "url")) {
		if (read_text(r, q, node_get(q, "uri") ? "uri" : "url", &to->url) < 0)
			return -1;
	} else if (read_parts(r, q, &to->url) < 0) {
		return -1;
	}
	if (read_body(r, q, "body", &to->body) < 0)
		return -1;
	return read_any_headers(r, q, &to->headers);
}

static int read_response(struct reading *r, struct node *p, struct response *to)
{
	struct node *status;

	if (!p || read_response_body(r, p, &to->body) < 0 || read_any_headers(r, p, &to->headers) < 0 ||
	    read_text_if(r, p, "http_version", &to->proto) < 0)
		return -1;
	if (node_get(p, "status_code"))
		return read_status(r, p, "status_code", &to->status);
	status = read_map(r, p, "status");
	if (!status || read_status(r, status, "code", &to->status) < 0)
		return -1;
	return read_text_if(r, status, "message", &to->reason);
}

/* Datadog's test agent marks what is no text; a text that only begins like the mark stays. */
static void unmark(struct reading *r, struct span *body)
{
	struct buf b = BUF_INIT;

	if (body->p && span_starts(*body, "base64:") && base64_decode(&b, body->p + 7, body->n - 7))
		*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
}

static int read(struct reading *r, struct node *top)
{
	struct node *q = read_map(r, top, "request"), *p;
	bool marked = r->root->is_whole && node_get(q, "url");

	if (read_request(r, q, &r->i->request) < 0)
		return -1;
	p = read_map(r, top, "response");
	if (read_response(r, p, &r->i->response) < 0)
		return -1;
	if (marked) {
		unmark(r, &r->i->request.body);
		unmark(r, &r->i->response.body);
	}
	return read_timing(r, p, "sseutils");
}

static void write(const struct interaction *i, struct arena *a, struct node *top)
{
	struct node *q = node_add(a, top, "request", DOC_MAP), *p = node_add(a, top, "response", DOC_MAP);

	write_text_or_null(a, q, "body", i->request.body);
	write_headers(a, q, "headers", &i->request.headers);
	write_text(a, q, "method", i->request.method);
	write_text(a, q, "uri", i->request.url);
	write_text_or_null(a, node_add(a, p, "body", DOC_MAP), "string", i->response.body);
	write_headers(a, p, "headers", &i->response.headers);
	write_text_if(a, p, "http_version", i->response.proto);
	write_timing(a, p, "sseutils", i);
	p = node_add(a, p, "status", DOC_MAP);
	write_number(a, p, "code", i->response.status);
	write_text_or_null(a, p, "message", i->response.reason);
}

static const struct cassette_key keys[] = {
	{ "request", NULL, false },
	{ "response", NULL, false },
	{ NULL, NULL, false },
};

const struct cassette_format cassette_vcrpy = {
	.name = "vcrpy",
	.about = "vcrpy",
	.knows = knows,
	.parts = parts,
	.assemble = assemble,
	.read = read,
	.write = write,
	.keys = keys,
	.version = 1,
	.list = "interactions",
	.members = (const struct cassette_member[]){ { "version", "1", true }, { 0 } },
};
