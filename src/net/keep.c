/* SPDX-License-Identifier: MIT */
/* keep: an exchange gathered while it passes, and put into a cassette. See keep.h. */
#include "net/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cassette/blank.h"
#include "cassette/store.h"

void keep_init(struct keep *k, size_t max)
{
	*k = (struct keep){ .body = { .max = max } };
	clock_gettime(CLOCK_REALTIME, &k->started);
}

static int64_t nanoseconds(double seconds)
{
	return (int64_t)(seconds * 1e6) * 1000; /* what lies below a microsecond is noise */
}

void keep_piece(struct keep *k, struct span piece, double at)
{
	buf_addspan(&k->body, piece);
	if (k->body.full) {
		buf_release(&k->body);
		k->body.full = true;
		return;
	}
	if (k->count == k->capacity) {
		k->capacity = k->capacity ? 2 * k->capacity : 64;
		k->arrivals = mem_resize(k->arrivals, k->capacity * sizeof *k->arrivals);
	}
	k->arrivals[k->count++] = (struct arrival){ nanoseconds(at), piece.n };
}

static bool is_lasting(long status, struct span method)
{
	bool looks = field_same(method, "GET") || field_same(method, "HEAD");

	return (status >= 200 && status < 400) || (status == 404 && looks);
}

const char *keep_refuses(enum mode mode, struct span method, const struct client_transfer *t, struct buf *scratch)
{
	if (mode == MODE_RECORD)
		return NULL;
	buf_reset(scratch);
	if (!is_lasting(t->reply.status, method))
		buf_addf(scratch, "status %ld", t->reply.status);
	else if (t->ended != CLIENT_WHOLE)
		buf_adds(scratch, "the response broke off");
	return scratch->len ? buf_str(scratch) : NULL;
}

void keep_headers(const struct fields *from, struct headers *to, struct arena *a)
{
	for (size_t n = 0; n < from->count; n++)
		if (from->list[n].value)
			headers_add(to, a, span_of(from->list[n].name), span_of(from->list[n].value));
}

bool keep_is_hop(struct span name)
{
	static const char *const hops[] = { "connection", "keep-alive", "transfer-encoding", "trailer",
		                            "upgrade",    "te",         "proxy-connection",  "proxy-authorization",
		                            NULL };

	for (int i = 0; hops[i]; i++)
		if (field_same(name, hops[i]))
			return true;
	return false;
}

bool keep_is_hop_of(const struct fields *h, const char *name)
{
	return keep_is_hop(span_of(name)) || fields_list(h, "connection", name);
}

/* A length beside Transfer-Encoding does not count (RFC 9112 section 6.3). */
static bool of_travel(const struct client_reply *r, const char *name)
{
	if (field_same(span_of(name), "content-length"))
		return r->decoded || fields_has(&r->headers, "transfer-encoding");
	return keep_is_hop_of(&r->headers, name) || (r->decoded && field_same(span_of(name), "content-encoding"));
}

static void add_headers(struct interaction *i, const struct client_reply *r)
{
	for (size_t n = 0; n < r->headers.count; n++) {
		const struct field *h = &r->headers.list[n];

		if (!of_travel(r, h->name))
			headers_add(&i->response.headers, &i->arena, span_of(h->name), span_of(h->value));
	}
}

/* The reason phrase of "HTTP/1.1 200 OK"; HTTP/2 has none. */
static struct span reason_of(const struct client_reply *r)
{
	struct span line = buf_span(&r->head);
	const char *end = line.n ? memchr(line.p, '\r', line.n) : NULL;
	const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;

	if (!end || !space || end - space < 6)
		return SPAN_NONE;
	return (struct span){ space + 5, (size_t)(end - space) - 5 };
}

static struct span started_of(const struct keep *k, struct arena *a)
{
	char text[32];
	struct tm tm;

	gmtime_r(&k->started.tv_sec, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	return span_of(arena_printf(a, "%s.%06ldZ", text, k->started.tv_nsec / 1000));
}

void keep_fill(const struct keep *k, const struct client_transfer *t, struct interaction *i)
{
	const struct client_reply *r = &t->reply;

	i->response.status = (int)r->status;
	i->response.reason = reason_of(r);
	i->response.proto = r->version >= 20   ? SPAN("HTTP/2.0")
	                    : r->version == 11 ? SPAN("HTTP/1.1")
	                                       : SPAN("HTTP/1.0");
	add_headers(i, r);
	i->response.body = buf_span(&k->body);
	i->response.arrivals = k->arrivals;
	i->response.narrivals = k->count;
	i->response.end = t->ended == CLIENT_WHOLE ? END_WHOLE : t->reset ? END_RESET : END_CUT;
	i->duration = nanoseconds(r->headed);
	i->started = started_of(k, &i->arena);
}

struct replaced {
	struct match *list;
	size_t n;
};

static bool gives_way(void *replaced, const struct interaction *old)
{
	struct replaced *r = replaced;

	for (size_t k = 0; k < r->n; k++)
		if (match_try(&r->list[k], &old->request, old->id, NULL))
			return true;
	return false;
}

int keep_redact(struct keep_item *item, size_t max, struct fault *f)
{
	struct blanked count = { 0 };

	return interaction_blank(&item->i, item->redact, max, &count, f);
}

int keep_store(const char *path, struct keep_item *items, size_t n, const struct match_rules *rules, struct fault *f)
{
	size_t length = strlen(path);
	const char *format = length > 4 && !strcmp(path + length - 4, ".har") ? "har" : NULL;
	struct interaction **list = mem_zero((n + 1) * sizeof *list);
	struct replaced r = { mem_zero(n * sizeof *r.list), 0 };
	int bad;

	for (size_t k = 0; k < n; k++) {
		list[k] = &items[k].i;
		if (!items[k].replace)
			continue;
		match_init(&r.list[r.n], rules, items[k].redact);
		match_want(&r.list[r.n++], &list[k]->request);
	}
	bad = store_add(path, format, list, r.n ? gives_way : NULL, &r, f);
	for (size_t k = 0; k < r.n; k++)
		match_release(&r.list[k]);
	free(r.list);
	free(list);
	return bad;
}

void keep_release(struct keep *k)
{
	buf_release(&k->body);
	free(k->arrivals);
	*k = (struct keep){ 0 };
}
