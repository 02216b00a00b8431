/* SPDX-License-Identifier: MIT */
/* replay: a recorded interaction as the answer of a server. See replay.h. */
#include "net/replay.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cassette/body.h"
#include "cassette/content_encoding.h"
#include "net/keep.h"
#include "net/server.h"

/* Up to that character, which is taken off list too, less the blanks around it. */
static struct span cut_off(struct span *list, char at)
{
	const char *end = list->n ? memchr(list->p, at, list->n) : NULL;
	struct span one = end ? (struct span){ list->p, (size_t)(end - list->p) } : *list;

	*list = end ? (struct span){ end + 1, list->n - one.n - 1 } : SPAN("");
	while (one.n && (*one.p == ' ' || *one.p == '\t'))
		one = (struct span){ one.p + 1, one.n - 1 };
	while (one.n && (one.p[one.n - 1] == ' ' || one.p[one.n - 1] == '\t'))
		one.n--;
	return one;
}

/* "q=0", "q=0.0": not at all. */
static bool refuses(struct span weight)
{
	if (!span_starts(weight, "q=0") && !span_starts(weight, "Q=0"))
		return false;
	for (size_t i = 3; i < weight.n; i++)
		if (weight.p[i] != '0' && weight.p[i] != '.')
			return false;
	return true;
}

/* Does a list such as "gzip;q=1, br" allow the coding (RFC 9110 section 12.5.3)? What it names counts for
 * more than its *. */
static bool accepted(struct span list, struct span coding)
{
	bool any = false;

	while (list.n) {
		struct span weight = cut_off(&list, ','), name = cut_off(&weight, ';');

		if (name.n == coding.n && name.n && !strncasecmp(name.p, coding.p, coding.n))
			return !refuses(cut_off(&weight, ';'));
		if (span_is(name, "*"))
			any = !refuses(cut_off(&weight, ';'));
	}
	return any;
}

/* The body as it is sent, and whether it is still encoded: in a way that is unknown here, or because the client takes
 * that. */
static int choose_body(struct replay *r, struct span accepts, size_t max, bool *encoded, struct fault *f)
{
	struct span coding = headers_get(&r->i->response.headers, "content-encoding");

	*encoded = coding.p && !content_encoding_is_known(coding);
	if (*encoded) {
		r->body = r->i->response.body.p ? r->i->response.body : SPAN("");
		return 0;
	}
	if (body_decode(r->i, false, &r->decoded, max, &r->body, f) < 0)
		return -1;
	if (!r->body.p)
		r->body = SPAN("");
	if (coding.p && r->body.p != r->i->response.body.p && accepted(accepts, coding)) {
		*encoded = true;
		r->body = r->i->response.body;
	}
	return 0;
}

static void add_headers(struct replay *r, bool encoded)
{
	const struct headers *h = &r->i->response.headers;
	struct fault left_out = { 0 }; /* ":status", which is none on this wire */

	for (size_t i = 0; i < h->n; i++) {
		struct span name = h->list[i].name;

		if (keep_is_hop(name) || field_same(name, "content-length") ||
		    (field_same(name, "content-encoding") && !encoded))
			continue;
		for (size_t v = 0; v < h->list[i].n; v++)
			fields_add(&r->headers, name, h->list[i].values[v], &left_out);
	}
}

/* Would the accident add bytes, or come where a body of that length is over? */
static bool accident_denies_length(const struct replay *r)
{
	const struct accident *a = r->accident;

	return a && (a->kind == ACCIDENT_GARBAGE ||
	             ((a->kind == ACCIDENT_CUT || a->kind == ACCIDENT_RESET) && a->bytes >= r->body.n));
}

/* It speaks of a body that another request would get. */
static bool has_no_body(const struct interaction *i)
{
	return field_same(i->request.method, "HEAD") || i->response.status == 304;
}

/* A length is said where it was. What was cut then promised more than came, and does so again. */
static int64_t length_of(const struct replay *r)
{
	struct span said = headers_get(&r->i->response.headers, "content-length");
	int64_t n = 0;

	if (!said.p || said.n > 18 || body_is_events(&r->i->response.headers, r->body) || accident_denies_length(r))
		return SERVER_CHUNKED;
	for (size_t i = 0; i < said.n; i++) {
		if (said.p[i] < '0' || said.p[i] > '9')
			return SERVER_CHUNKED;
		n = 10 * n + (said.p[i] - '0');
	}
	if (r->body.n == 0 && has_no_body(r->i))
		return n;
	return r->i->response.end != END_WHOLE && n > (int64_t)r->body.n ? n : (int64_t)r->body.n;
}

int replay_start(struct replay *r, const struct interaction *i, const struct accident *a, const struct pace_options *o,
                 struct span accepts, size_t max, struct fault *f)
{
	bool encoded;

	*r = (struct replay){ .i = i, .accident = a, .status = i->response.status, .struck_at = SIZE_MAX };
	if (choose_body(r, accepts, max, &encoded, f) < 0)
		return -1;
	if (r->status < 200 || r->status > 999)
		return fault_set(f, ST_INPUT, "it has the status %d, which cannot be sent", r->status);
	add_headers(r, encoded);
	r->length = length_of(r);
	if (a && a->kind != ACCIDENT_STATUS)
		r->struck_at = a->bytes < r->body.n ? a->bytes : r->body.n;
	pace_init(&r->pace, o, i, r->body);
	r->head_due = pace_head(&r->pace);
	return 0;
}

/* What happens at struck_at; 0 with *due, or 0 and struck_at gone when it is over. */
static ssize_t strike(struct replay *r, double now, char *to, size_t room, double *due)
{
	size_t n = ACCIDENT_NOISE - r->noisy;

	switch (r->accident->kind) {
	case ACCIDENT_CUT:
		return PULL_CUT;
	case ACCIDENT_RESET:
		return PULL_RESET;
	case ACCIDENT_STALL:
		if (r->stalled <= 0)
			r->stalled = now + r->accident->seconds;
		if (now < r->stalled) {
			*due = r->stalled;
			return 0;
		}
		break;
	case ACCIDENT_GARBAGE:
		n = n < room ? n : room;
		memcpy(to, r->noise + r->noisy, n);
		r->noisy += n;
		if (r->noisy == ACCIDENT_NOISE)
			r->struck_at = SIZE_MAX;
		return (ssize_t)n;
	default:
		break;
	}
	r->struck_at = SIZE_MAX;
	return 0;
}

static ssize_t end_of(const struct replay *r)
{
	switch (r->i->response.end) {
	case END_CUT:
		return PULL_CUT;
	case END_RESET:
		return PULL_RESET;
	default:
		return PULL_END;
	}
}

ssize_t replay_pull(struct replay *r, double now, char *to, size_t room, double *due)
{
	size_t n;

	if (r->at == r->struck_at) {
		ssize_t struck = strike(r, now, to, room, due);

		if (struck || r->struck_at != SIZE_MAX)
			return struck;
	}
	if (r->at == r->end && !pace_next(&r->pace, &r->end, &r->due))
		return end_of(r);
	if (r->due > now) {
		*due = r->due;
		return 0;
	}
	n = r->end - r->at < room ? r->end - r->at : room;
	if (r->struck_at - r->at < n)
		n = r->struck_at - r->at;
	memcpy(to, r->body.p + r->at, n);
	r->at += n;
	return (ssize_t)n;
}

void replay_release(struct replay *r)
{
	fields_release(&r->headers);
	buf_release(&r->decoded);
	pace_release(&r->pace);
}
