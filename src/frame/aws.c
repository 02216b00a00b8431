/* SPDX-License-Identifier: MIT */
/*
 * aws: the frames of application/vnd.amazon.eventstream, as Bedrock sends them (Smithy, "Amazon
 * Event Stream Specification").
 *
 *	00 00 00 9d  00 00 00 57  b9 bb f8 9f      length of all, of the headers, CRC-32 of these eight
 *	0b :event-type 07 00 11 contentBlockDelta  name, type of value (7: string), value
 *	0d :message-type 07 00 05 event
 *	{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"ab"}
 *	8b 38 b2 68                                CRC-32 of everything before it
 *
 * Integers are big-endian. Nothing marks the beginning of a frame, so behind a frame that cannot
 * be trusted nothing can be. InvokeModel's payload is {"bytes":"<base64 of the model's chunk>"}.
 */
#include <string.h>
#include <zlib.h>

#include "base/base64.h"
#include "frame/frame_impl.h"
#include "json/json.h"
#include "json/write.h"

enum {
	PRELUDE = 12,
	TRAILER = 4,
	MOST_HEADERS = 128 * 1024,
	MOST_BLANKS = 4096,                           /* between bodies */
	MOST_BYTES = 24 * 1024 * 1024 + MOST_HEADERS, /* of a frame */
};

struct aws {
	struct buf data;  /* a chunk that had to be written anew */
	struct buf plain; /* base64 whose slashes were escaped */
	struct json json;
};

/* The headers that mean something here; absent when they are not there. */
struct headers {
	struct span message, event, exception, code, text;
};

static uint32_t be16(const char *p)
{
	return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static uint32_t be32(const char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t crc(const char *p, size_t n)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)p, (unsigned)n);
}

/* Length of the value of this type at p, what precedes it included; more than n when it does not
 * fit or there is no such type. */
static size_t value_size(unsigned char type, const char *p, size_t n)
{
	static const unsigned char sizes[] = { 0, 0, 1, 2, 4, 8, 0, 0, 8, 16 };

	if (type >= sizeof sizes)
		return n + 1;
	if (type != 6 && type != 7)
		return sizes[type];
	return n < 2 ? n + 1 : 2 + be16(p);
}

static void set_header(struct headers *h, struct span name, struct span value)
{
	struct {
		const char *name;
		struct span *value;
	} known[] = {
		{ ":message-type", &h->message }, { ":event-type", &h->event },   { ":exception-type", &h->exception },
		{ ":error-code", &h->code },      { ":error-message", &h->text },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (span_is(name, known[i].name))
			*known[i].value = value;
}

static bool read_headers(struct headers *h, const char *p, size_t n)
{
	*h = (struct headers){ 0 };
	while (n > 0) {
		size_t name = (unsigned char)*p, size;
		unsigned char type;

		if (n < 1 + name + 1)
			return false;
		type = (unsigned char)p[1 + name];
		size = value_size(type, p + 2 + name, n - 2 - name);
		if (size > n - 2 - name)
			return false;
		if (type == 7)
			set_header(h, (struct span){ p + 1, name }, (struct span){ p + 4 + name, size - 2 });
		p += 2 + name + size;
		n -= 2 + name + size;
	}
	return true;
}

static void error_open(struct aws *a, struct span type)
{
	buf_adds(&a->data, "{\"error\":{\"type\":");
	if (type.p)
		json_quote(&a->data, type);
	else
		buf_adds(&a->data, "null");
	buf_adds(&a->data, ",\"message\":");
}

/* The exception's own members stay, behind its type and message. */
static void exception(struct aws *a, struct span type, struct span payload)
{
	struct json *j = &a->json;
	uint32_t message;

	error_open(a, type);
	if (json_parse(j, payload.p, payload.n) < 0 || json_kind(j, JSON_ROOT) != JSON_OBJECT) {
		json_quote(&a->data, payload);
		buf_adds(&a->data, "}}");
		return;
	}
	message = json_get(j, JSON_ROOT, "message");
	buf_addspan(&a->data, message ? json_text(j, message) : SPAN("\"\""));
	for (uint32_t v = json_first(j, JSON_ROOT); v; v = json_next(j, JSON_ROOT, v)) {
		if (json_is(j, json_key(v), "message") || json_is(j, json_key(v), "type"))
			continue;
		buf_addc(&a->data, ',');
		buf_addspan(&a->data, json_text(j, json_key(v)));
		buf_addc(&a->data, ':');
		buf_addspan(&a->data, json_text(j, v));
	}
	buf_adds(&a->data, "}}");
}

/* Replaces {"bytes":"..."} by what the base64 stands for. */
static struct span unwrap(struct aws *a, struct span payload)
{
	struct json *j = &a->json;
	struct span bytes;

	if (!payload.n || *payload.p != '{' || json_parse(j, payload.p, payload.n) < 0)
		return payload;
	bytes = json_string(j, json_get(j, JSON_ROOT, "bytes"));
	if (bytes.p && memchr(bytes.p, '\\', bytes.n)) {
		buf_reset(&a->plain);
		json_unescape(&a->plain, bytes);
		bytes = buf_span(&a->plain);
	}
	if (!bytes.p || !base64_decode(&a->data, bytes.p, bytes.n))
		return payload;
	return buf_span(&a->data);
}

static void give(struct aws *a, const struct headers *h, struct span payload, struct frame_event *event)
{
	buf_reset(&a->data);
	event->type = h->event.p ? h->event : h->message;
	if (h->message.p && span_is(h->message, "exception")) {
		exception(a, h->exception, payload);
		event->data = buf_span(&a->data);
	} else if (h->message.p && span_is(h->message, "error")) {
		error_open(a, h->code);
		json_quote(&a->data, h->text.p ? h->text : SPAN(""));
		buf_adds(&a->data, "}}");
		event->data = buf_span(&a->data);
	} else {
		event->data = unwrap(a, payload);
	}
	event->spaced = event->data.n && (memchr(event->data.p, '\n', event->data.n) != NULL ||
	                                  memchr(event->data.p, '\r', event->data.n) != NULL);
}

/* p[0 .. 12) is a prelude, its CRC is right, and its lengths can be meant. */
static const char *prelude_fault(const char *p)
{
	uint32_t all = be32(p), headers = be32(p + 4);

	if (crc(p, 8) != be32(p + 8))
		return "checksum of the frame's prelude is wrong; nothing after it was read";
	if (all > MOST_BYTES || headers > MOST_HEADERS)
		return "length of the frame is absurd; nothing after it was read";
	if (all < PRELUDE + TRAILER || headers > all - PRELUDE - TRAILER)
		return "lengths of the frame contradict each other; nothing after it was read";
	return NULL;
}

bool frame_is_aws(struct span body)
{
	return body.n >= PRELUDE && !prelude_fault(body.p);
}

static enum frame_result whole(struct frame *f, struct aws *a, const char *p, struct frame_event *event)
{
	uint32_t all = be32(p), headers = be32(p + 4);
	struct headers h;
	size_t n;

	if (crc(p, all - TRAILER) != be32(p + all - TRAILER))
		return frame_bad(f, true, "checksum of the frame is wrong; nothing after it was read");
	if (!read_headers(&h, p + PRELUDE, headers))
		return frame_bad(f, true, "headers of the frame are malformed; nothing after it was read");
	give(a, &h, (struct span){ p + PRELUDE + headers, all - PRELUDE - TRAILER - headers }, event);
	event->checked = json_like(&f->like, event->data.p, event->data.n, &n) && n == event->data.n;
	return FRAME_EVENT;
}

/* The window is at the beginning of a frame, and holds n bytes of it. */
static enum frame_result take(struct frame *f, struct aws *a, struct frame_window *w, struct frame_event *event)
{
	const char *p = w->p + w->used, *fault;
	size_t n = w->n - w->used;

	frame_place(f, event, f->offset + w->used);
	fault = n >= PRELUDE ? prelude_fault(p) : NULL;
	if (fault)
		return frame_bad(f, true, "%s", fault);
	if (n >= PRELUDE && frame_beyond(f, be32(p)))
		return frame_too_large(f, "frame");
	if (n >= PRELUDE && n >= be32(p)) {
		w->used += be32(p);
		return whole(f, a, p, event);
	}
	if (!w->ended)
		return FRAME_MORE;
	w->used = w->n;
	return frame_bad(f, true, "cut: input ended after %zu bytes of the frame", n);
}

/* Behind white space, as a tool may put between two bodies: KNOWN_YES is a frame, since its checksum
 * says so. */
static enum frame_known frame_behind(const struct frame_window *w)
{
	const char *p = w->p + w->used;
	size_t n = w->n - w->used;

	if (n == 0 || (unsigned char)*p > 1)
		return KNOWN_NO;
	if (n < PRELUDE)
		return w->ended ? KNOWN_NO : KNOWN_LATER;
	return prelude_fault(p) ? KNOWN_NO : KNOWN_YES;
}

/* Between two frames: is what comes, behind white space, another kind of body, or the end? Otherwise
 * the white space is the beginning of a damaged frame, unless a good one follows it. */
static bool elsewhere(struct frame *f, struct frame_window *w)
{
	struct frame_window behind = *w;
	enum frame_known frame;

	if (f->forced || (unsigned char)w->p[w->used] <= 1)
		return false;
	frame_skip_blanks(f, &behind);
	if (behind.used - w->used > MOST_BLANKS)
		return false;
	frame = frame_behind(&behind);
	if (frame != KNOWN_NO) {
		f->indented = false;
		w->used = frame == KNOWN_YES ? behind.used : w->used;
		return frame == KNOWN_LATER;
	}
	if (behind.used == w->n || frame_elsewhere(f, w->p + behind.used, w->n - behind.used, w->ended) != KNOWN_NO) {
		if (f->other || w->ended)
			w->used = behind.used;
		return true;
	}
	f->indented = false;
	return false;
}

static enum frame_result next(struct frame *f, void *state, struct frame_window *w, struct frame_event *event)
{
	bool other = w->used < w->n && elsewhere(f, w);

	if (other || w->used == w->n)
		return w->ended && !f->other ? FRAME_END : FRAME_MORE;
	return take(f, state, w, event);
}

static enum frame_known knows(const char *p, size_t n, bool ended)
{
	(void)ended;
	if ((unsigned char)*p > 1)
		return KNOWN_NO;
	if (n < PRELUDE)
		return KNOWN_LATER;
	return prelude_fault(p) ? KNOWN_MAYBE : KNOWN_YES;
}

static void release(void *state)
{
	struct aws *a = state;

	buf_release(&a->data);
	buf_release(&a->plain);
	json_release(&a->json);
}

const struct frame_format frame_aws = {
	.name = "aws",
	.size = sizeof(struct aws),
	.knows = knows,
	.next = next,
	.release = release,
};
