/* SPDX-License-Identifier: MIT */
/* frame: how the bytes of a streamed body become events. See frame.h. */
#include "frame/frame.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "frame/frame_impl.h"

/* In the order in which a KNOWN_MAYBE counts; the last takes everything. */
const struct frame_format *const frame_formats[FRAME_FORMATS] = {
	[FRAME_AWS] = &frame_aws,
	[FRAME_JSON] = &frame_json,
	[FRAME_SSE] = &frame_sse,
};

const char *const *frame_names(void)
{
	static const char *names[FRAME_FORMATS + 1];

	for (int i = 0; i < FRAME_FORMATS; i++)
		names[i] = frame_formats[i]->name;
	return names;
}

static void drop_states(struct frame *f)
{
	for (int i = 0; i < FRAME_FORMATS; i++) {
		if (!f->state[i])
			continue;
		frame_formats[i]->release(f->state[i]);
		free(f->state[i]);
		f->state[i] = NULL;
	}
}

void frame_reset(struct frame *f)
{
	struct frame fresh = { .max = f->max, .strict = f->strict, .forced = f->forced, .like = f->like };

	drop_states(f);
	*f = fresh;
}

void frame_release(struct frame *f)
{
	drop_states(f);
	json_like_release(&f->like);
}

enum frame_result frame_bad(struct frame *f, bool stop, const char *fmt, ...)
{
	va_list ap;

	f->fault.status = ST_INPUT;
	va_start(ap, fmt);
	vsnprintf(f->fault.text, sizeof f->fault.text, fmt, ap);
	va_end(ap);
	f->faulted = true;
	f->stopped = stop;
	return FRAME_BAD;
}

void frame_drop(struct frame *f, const char *why)
{
	f->dropped = why;
	f->stopped = true;
}

enum frame_result frame_too_large(struct frame *f, const char *what)
{
	return frame_bad(f, true, "%s is larger than %zu bytes (--max-size); nothing after it was read", what, f->max);
}

void frame_skip_blanks(struct frame *f, struct frame_window *w)
{
	for (; w->used < w->n && frame_blank(w->p[w->used]); w->used++)
		f->indented = w->p[w->used] == ' ' || w->p[w->used] == '\t';
}

enum frame_known frame_elsewhere(struct frame *f, const char *p, size_t n, bool ended)
{
	enum frame_known answer = KNOWN_NO;

	if (f->forced)
		return KNOWN_NO;
	for (int i = 0; i < FRAME_FORMATS; i++) {
		enum frame_known k = frame_formats[i] == f->format ? KNOWN_NO : frame_formats[i]->knows(p, n, ended);

		/* The last bytes may be too few to tell: they belong to a format that was there before. */
		if (k == KNOWN_LATER && ended)
			k = f->state[i] ? KNOWN_YES : KNOWN_NO;
		if (k == KNOWN_YES) {
			f->other = frame_formats[i];
			return KNOWN_YES;
		}
		if (k == KNOWN_LATER)
			answer = KNOWN_LATER;
	}
	return answer;
}

/* Which format takes the window; NULL when only more bytes can tell. */
static const struct frame_format *guess(const char *p, size_t n, bool ended)
{
	const struct frame_format *maybe = NULL;
	bool later = false;

	for (int i = 0; i < FRAME_FORMATS; i++) {
		enum frame_known k = frame_formats[i]->knows(p, n, ended);

		if (k == KNOWN_YES)
			return frame_formats[i];
		if (k == KNOWN_LATER && ended)
			k = KNOWN_MAYBE;
		if (k == KNOWN_MAYBE && !maybe)
			maybe = frame_formats[i];
		later |= k == KNOWN_LATER;
	}
	return later ? NULL : maybe;
}

/* One byte order mark at the very beginning is none of the body's bytes. False: more bytes. */
static bool skip_mark(struct frame *f, struct frame_window *w)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = w->n < 3 ? w->n : 3;

	if (memcmp(w->p ? w->p : "", mark, n) == 0) {
		if (n < 3 && !w->ended)
			return false;
		if (n == 3)
			w->used = 3;
	}
	f->begun = true;
	return true;
}

/* Puts a format in charge, with the state that it left when it was before. */
static __attribute__((noinline)) void take_charge(struct frame *f, const struct frame_format *format)
{
	int i = 0;

	while (frame_formats[i] != format)
		i++;
	if (!f->state[i])
		f->state[i] = mem_zero(format->size);
	f->format = format;
	f->current = f->state[i];
	f->other = NULL;
}

/* False: more bytes, or the end. */
static bool begin(struct frame *f, struct frame_window *w)
{
	const struct frame_format *format = NULL;

	if (!f->begun && !skip_mark(f, w))
		return false;
	if (!f->forced)
		frame_skip_blanks(f, w);
	if (f->forced)
		format = f->forced;
	else if (w->used < w->n)
		format = guess(w->p + w->used, w->n - w->used, w->ended);
	if (format)
		take_charge(f, format);
	return format != NULL;
}

/* Compressed bytes hold anything, also lines that look like events. */
static void drop_compressed(struct frame *f)
{
	struct span head = { f->head, f->nhead };

	if (span_starts(head, "\x1f\x8b"))
		frame_drop(f, "not a stream, but gzip; decompress it first");
	else if (span_starts(head, "\x28\xb5\x2f\xfd"))
		frame_drop(f, "not a stream, but zstd; decompress it first");
}

/* Before the head is whole. False: no format is in charge yet, or none will be. */
static __attribute__((noinline)) bool start(struct frame *f, struct frame_window *w)
{
	if (!f->format && !begin(f, w))
		return false;
	for (size_t i = w->used; i < w->n && f->nhead < FRAME_HEAD; i++)
		if (f->nhead ? f->offset + i == f->headed : !frame_blank(w->p[i])) {
			f->head[f->nhead++] = w->p[i];
			f->headed = f->offset + i + 1;
		}
	drop_compressed(f);
	return !f->stopped;
}

/* Consumes everything up to the end, so that whoever writes it is not killed by SIGPIPE. */
static enum frame_result drop(struct frame *f, size_t n, bool ended, size_t *used)
{
	*used = n;
	f->offset += n;
	return ended ? FRAME_END : FRAME_MORE;
}

enum frame_result frame_next(struct frame *f, const char *p, size_t n, bool ended, size_t *used,
                             struct frame_event *event)
{
	struct frame_window w = { p, n, ended, 0 };
	enum frame_result r = ended ? FRAME_END : FRAME_MORE;

	*used = 0;
	f->fault.status = ST_OK;
	if (!f->stopped && (f->nhead == FRAME_HEAD || start(f, &w)))
		while (r = f->format->next(f, f->current, &w, event), f->other)
			take_charge(f, f->other);
	if (f->stopped && (f->dropped || r != FRAME_BAD))
		return f->dropped ? drop(f, n, ended, used) : FRAME_END;
	*used = w.used;
	f->offset += w.used;
	if (r == FRAME_EVENT)
		f->number++;
	return r;
}

/* How cassettes begin that are YAML. */
static bool is_cassette(struct span head)
{
	static const char *const begins[] = {
		"---\n", "---\r", "interactions:", "http_interactions:", "version: 1\ninteracti", "version: 2\ninteracti",
		"- request:", "request:", "requests:", "responses:", "recorded_with:",
	};

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (span_starts(head, begins[i]))
			return true;
	return false;
}

bool frame_is_json(const struct frame *f)
{
	return f->format == &frame_json;
}

const char *frame_nothing(const struct frame *f)
{
	if (f->number || f->faulted)
		return NULL;
	if (f->dropped)
		return f->dropped;
	if (!f->nhead)
		return "empty";
	if (f->head[0] == '<')
		return "not a stream, but HTML or XML";
	if (is_cassette((struct span){ f->head, f->nhead }) && !f->fields)
		return "not a stream, but a cassette; put cassette-extract before";
	if (f->binary && !f->fields)
		return "not a stream, but binary data";
	if (f->format == &frame_sse && !f->fields)
		return "not a stream: no line of it is a field of an event stream";
	return "no event in it";
}

bool frame_skipped(const struct frame *f, struct buf *b)
{
	if (!f->skipped || !f->number)
		return false;
	buf_addf(b, "lines outside the event stream were skipped: %" PRIu64 ", the first at byte %" PRIu64 "%s", f->skipped,
	         f->skipped_at, f->skipped_markup ? ", which looks like HTML" : "");
	return true;
}
