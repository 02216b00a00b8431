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
	buf_addf(b, "{\"status\":%d", p->status);
	put_if(b, "reason", p->reason);
	put_if(b, "proto", p->proto);
	put_headers(b, &p->headers);
	put_body(b, p->body);
	put_timing(b, p);
	buf_addc(b, '}');
}

void record_put(struct buf *b, const struct interaction *i, const char *file)
{
	buf_addf(b, "{\"id\":%llu", (unsigned long long)i->id);
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
