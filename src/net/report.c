/* SPDX-License-Identifier: MIT */
/* report: what one post was like, as a line of JSON. See report.h. */
#include "net/report.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "json/write.h"

static void text(struct buf *b, const char *key, struct span value)
{
	if (!value.p)
		return;
	json_member(b, key);
	json_quote(b, value);
}

static void seconds(struct buf *b, const char *key, double value)
{
	if (value < 0)
		return;
	json_member(b, key);
	buf_addf(b, "%.6f", value);
}

static void number(struct buf *b, const char *key, uint64_t value)
{
	json_member(b, key);
	buf_addf(b, "%" PRIu64, value);
}

static bool limits(const char *name, struct buf *lower)
{
	buf_reset(lower);
	for (const char *p = name; *p; p++)
		buf_addc(lower, (char)tolower((unsigned char)*p));
	return strstr(buf_str(lower), "ratelimit") != NULL || !strcmp(buf_str(lower), "retry-after") ||
	       !strcmp(buf_str(lower), "retry-after-ms");
}

static void rate_limits(struct buf *b, const struct fields *h)
{
	struct buf lower = BUF_INIT;
	bool open = false;

	for (size_t i = 0; i < h->count; i++) {
		if (!limits(h->list[i].name, &lower))
			continue;
		if (!open) {
			json_member(b, "rate_limits");
			buf_addc(b, '{');
			open = true;
		}
		text(b, buf_str(&lower), span_of(h->list[i].value));
	}
	if (open)
		buf_addc(b, '}');
	buf_release(&lower);
}

void report_write(const struct report *r, const struct post *p, struct buf *b)
{
	const struct client_reply *reply = &p->last.reply;

	buf_addc(b, '{');
	text(b, "url", span_of(r->url));
	if (reply->status) {
		number(b, "status", (uint64_t)reply->status);
		text(b, "http", span_of(reply->version >= 20 ? "2" : reply->version == 11 ? "1.1" : "1.0"));
	}
	text(b, "end", span_of(r->end));
	text(b, "error", span_of(r->error));
	text(b, "cassette", span_of(r->cassette));
	text(b, "request_id", post_request_id(reply));
	if (p->attempts > 0)
		number(b, "retries", (uint64_t)p->attempts - 1);
	number(b, "bytes", reply->bytes);
	seconds(b, "dns", reply->dns);
	seconds(b, "connect", reply->connected);
	seconds(b, "tls", reply->tls);
	seconds(b, "headers", reply->headed);
	seconds(b, "first_byte", reply->first_byte);
	seconds(b, "first_event", r->first_event);
	seconds(b, "total", reply->total);
	seconds(b, "elapsed", p->elapsed);
	rate_limits(b, &reply->headers);
	buf_adds(b, "}\n");
}
