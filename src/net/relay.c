/* SPDX-License-Identifier: MIT */
/* relay: a request of a server's client, put to another server. See relay.h. */
#include "net/relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cassette/url.h"

/* ---- up */

static bool made_anew(const struct fields *h, const char *name)
{
	static const char *const names[] = { "host", "content-length", "accept-encoding", "expect", NULL };

	for (int i = 0; names[i]; i++)
		if (field_same(span_of(name), names[i]))
			return true;
	return keep_is_hop_of(h, name);
}

static void take_fields(struct relay *r)
{
	for (size_t i = 0; i < r->x->headers.count; i++) {
		const struct field *h = &r->x->headers.list[i];

		if (!made_anew(&r->x->headers, h->name))
			fields_put(&r->fields, span_of(h->name), span_of(h->value));
	}
}

void relay_secrets(const struct exchange *x, struct redact *redact)
{
	redact_learn_url(redact, span_of(x->target));
	for (size_t i = 0; i < x->headers.count; i++)
		redact_learn_header(redact, span_of(x->headers.list[i].name), span_of(x->headers.list[i].value));
}

/* ---- down */

static bool stays_up(const struct client_reply *reply, const char *name)
{
	return keep_is_hop_of(&reply->headers, name) || field_same(span_of(name), "content-length") ||
	       (reply->decoded && field_same(span_of(name), "content-encoding"));
}

static int64_t length_of(const struct client_reply *reply)
{
	struct span said = fields_get(&reply->headers, "content-length");
	bool counts = !reply->decoded && !fields_has(&reply->headers, "transfer-encoding");

	return said.p && said.n < 19 && counts ? strtoll(said.p, NULL, 10) : SERVER_CHUNKED;
}

static void on_head(void *ctx, const struct client_reply *reply)
{
	struct relay *r = ctx;
	struct fields down = FIELDS_INIT;

	for (size_t i = 0; i < reply->headers.count; i++) {
		const struct field *h = &reply->headers.list[i];

		if (!stays_up(reply, h->name))
			fields_put(&down, span_of(h->name), span_of(h->value));
	}
	r->answered = server_answer(r->x, (int)reply->status, &down, length_of(reply));
	fields_release(&down);
}

static bool on_body(void *ctx, struct span piece)
{
	struct relay *r = ctx;

	if (r->queue.len >= RELAY_AHEAD)
		return false;
	if (r->answered)
		buf_addspan(&r->queue, piece);
	if (r->keeps)
		keep_piece(&r->keep, piece, clock_now() - r->transfer.start);
	server_wake(r->x);
	return true;
}

static ssize_t end_of(const struct relay *r)
{
	switch (r->transfer.ended) {
	case CLIENT_RUNNING:
		return 0;
	case CLIENT_WHOLE:
		return PULL_END;
	default:
		return r->transfer.reset ? PULL_RESET : PULL_CUT;
	}
}

ssize_t relay_pull(struct relay *r, char *to, size_t room)
{
	size_t n = r->queue.len < room ? r->queue.len : room;

	if (n == 0)
		return end_of(r);
	memcpy(to, r->queue.p, n);
	buf_drop(&r->queue, n);
	if (r->queue.len == 0)
		client_resume(&r->transfer);
	return (ssize_t)n;
}

/* ---- both */

/* A client that takes us for a proxy names a host; we have but one. */
struct span relay_target(const struct exchange *x)
{
	struct span all = span_of(x->target), target = url_target(all);

	for (size_t i = 0; i < target.n; i++)
		if ((unsigned char)target.p[i] <= ' ' || target.p[i] == 0x7f)
			return SPAN_NONE;
	if (target.n == 0 && url_host(all).n > 0)
		return SPAN("/");
	return target.n > 0 && target.p[0] == '/' ? target : SPAN_NONE;
}

void relay_start(struct relay *r, struct client *c, struct exchange *x, const char *origin, bool keeps, size_t max,
                 const struct redact_rules *rules)
{
	struct client_call call = { .method = x->method, .headers = &r->fields, .body = buf_span(&x->body) };
	struct client_hooks hooks = { .ctx = r, .head = on_head, .body = on_body };
	struct span target = relay_target(x);

	*r = (struct relay){ .x = x, .keeps = keeps, .redact = { .rules = rules } };
	keep_init(&r->keep, max);
	take_fields(r);
	relay_secrets(x, &r->redact);
	buf_adds(&r->url, origin);
	buf_addspan(&r->url, target);
	call.url = buf_str(&r->url);
	client_start(c, &r->transfer, &call, &hooks);
}

void relay_interaction(const struct relay *r, struct interaction *i)
{
	i->request.method = span_of(r->x->method);
	i->request.url = buf_span(&r->url);
	i->request.proto = SPAN("HTTP/1.1");
	i->request.body = buf_span(&r->x->body);
	keep_headers(&r->fields, &i->request.headers, &i->arena);
	keep_fill(&r->keep, &r->transfer, i);
}

void relay_release(struct relay *r)
{
	client_finish(&r->transfer);
	keep_release(&r->keep);
	fields_release(&r->fields);
	redact_release(&r->redact);
	buf_release(&r->queue);
	buf_release(&r->url);
}
