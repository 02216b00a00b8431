/* SPDX-License-Identifier: MIT */
/* streams: the events of files that hold streamed bodies, interaction records, or both. See streams.h. */
#include "cassette/streams.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "json/write.h"

enum { MOST_BLANKS = 4096 }; /* before the first record */

static void __attribute__((format(printf, 5, 6)))
say(struct streams *s, enum streams_kind kind, enum status status, const char *place, const char *fmt, ...)
{
	char text[sizeof(struct fault)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->report(s->ctx, kind, status, place, text);
}

void streams_init(struct streams *s)
{
	s->file = (struct frame){ .max = s->max, .strict = s->strict };
	s->body = (struct frame){ .max = s->max, .strict = s->strict, .forced = s->forced };
	recorded_body_init(&s->recorded);
}

void streams_release(struct streams *s)
{
	frame_release(&s->file);
	frame_release(&s->body);
	recorded_body_release(&s->recorded);
	buf_release(&s->file_source);
	buf_release(&s->place);
}

const char *streams_place(struct streams *s, const struct frame_event *event)
{
	buf_reset(&s->place);
	if (s->inside)
		buf_addspan(&s->place, s->recorded.name);
	else
		buf_adds(&s->place, s->in.name);
	buf_addf(&s->place, ": event %" PRIu64 " at byte %" PRIu64, event->number, event->offset);
	return buf_str(&s->place);
}

static const char *place_of_record(struct streams *s)
{
	buf_reset(&s->place);
	buf_addspan(&s->place, s->recorded.name);
	return buf_str(&s->place);
}

/* False: nothing more can be read. */
static bool more(struct streams *s)
{
	struct fault f = { 0 };

	if (in_more(&s->in, &f) == IN_BAD) {
		say(s, STREAMS_ONCE, f.status, s->in.name, "%s", f.text);
		return false;
	}
	if (s->timed && !s->in.ended)
		s->t = clock_now() - s->start;
	return true;
}

/* Is the first text in the file a record? Nothing is consumed: the file may be in the framing that is forced. */
static bool begins_with_record(struct streams *s)
{
	struct frame probe = { .max = s->max, .forced = frame_formats[FRAME_JSON] };
	struct frame_event event;
	enum frame_result r = FRAME_MORE;
	bool found = false;
	size_t done = 0, used;
	char first = 0;

	while (r == FRAME_MORE) {
		struct span window = in_window(&s->in);

		r = frame_next(&probe, window.p + done, window.n - done, s->in.ended, &used, &event);
		done += used;
		if (done < window.n)
			first = window.p[done];
		if (r == FRAME_MORE && ((first && first != '{' && first != '[') || done > MOST_BLANKS || !more(s)))
			break;
	}
	if (r == FRAME_EVENT)
		found = recorded_kind(&s->recorded, event.data, event.cut) != RECORDED_NOT;
	frame_release(&probe);
	return found;
}

static void name_file(struct streams *s, const char *path)
{
	buf_reset(&s->file_source);
	buf_adds(&s->file_source, "{\"file\":");
	json_quote(&s->file_source, span_of(path ? path : "-"));
	buf_addc(&s->file_source, '}');
}

/* The next event comes from the file itself. */
static void leave(struct streams *s)
{
	s->inside = false;
	s->frame = &s->file;
	s->source = s->named ? buf_span(&s->file_source) : SPAN_NONE;
	separator_end(&s->separator);
}

bool streams_open(struct streams *s, const char *path)
{
	struct fault f = { 0 };

	if (in_open(&s->in, path, 0, &f) < 0) {
		say(s, STREAMS_ONCE, f.status, path, "%s", f.text);
		return false;
	}
	name_file(s, path);
	s->t = -1;
	s->nth = 0;
	s->cassette = false;
	leave(s);
	frame_reset(&s->file);
	s->file.forced = s->forced;
	s->records = !s->forced;
	s->only_records = s->forced && s->forced != frame_formats[FRAME_JSON] && begins_with_record(s);
	if (s->only_records) {
		s->file.forced = frame_formats[FRAME_JSON];
		s->records = true;
	}
	return true;
}

static void end_file(struct streams *s)
{
	const char *nothing = frame_nothing(&s->file);
	struct buf skipped = BUF_INIT;

	if (nothing)
		say(s, STREAMS_ONCE, ST_INPUT, s->in.name, "%s", nothing);
	else if (frame_skipped(&s->file, &skipped))
		say(s, STREAMS_ONCE, ST_OK, s->in.name, "%s", buf_str(&skipped));
	buf_release(&skipped);
}

void streams_close(struct streams *s)
{
	s->split |= s->file.number > s->nth;
	in_close(&s->in);
}

void streams_end(struct streams *s)
{
	if (s->skipped)
		say(s, STREAMS_ONCE, s->split ? ST_OK : ST_INPUT, NULL,
		    "recorded bodies without an event were skipped: %" PRIu64 " of %" PRIu64, s->skipped, s->bodies);
}

static void end_body(struct streams *s)
{
	struct buf skipped = BUF_INIT;

	s->split |= s->body.number > 0;
	s->skipped += s->body.number == 0 && !s->body.faulted && !s->faulted;
	if (frame_skipped(&s->body, &skipped))
		say(s, STREAMS_SKIPPED, ST_OK, place_of_record(s), "%s", buf_str(&skipped));
	if (s->recorded.end == END_CUT)
		say(s, STREAMS_ENDING, ST_INPUT, place_of_record(s), "the recorded response is truncated");
	else if (s->recorded.end == END_RESET)
		say(s, STREAMS_ENDING, ST_INPUT, place_of_record(s), "the connection was reset during the recorded response");
	buf_release(&skipped);
	leave(s);
}

static void begin_body(struct streams *s)
{
	struct recorded_body *r = &s->recorded;
	struct fault f = { 0 };

	separator_end(&s->separator);
	s->faulted = recorded_body_read(r, s->nth++, s->in.name, s->timed, s->max, &f) < 0;
	if (s->faulted)
		say(s, STREAMS_RECORD, f.status, place_of_record(s), "%s", f.text);
	if (r->note)
		say(s, STREAMS_RECORD, ST_OK, place_of_record(s), "%s", r->note);
	s->bodies++;
	s->inside = true;
	s->at = 0;
	s->frame = &s->body;
	s->source = r->source;
	frame_reset(&s->body);
	s->body.binary = r->bytes.n && !utf8_valid(r->bytes.p, r->bytes.n);
}

/* A JSON text of the file. False: it is a chunk. */
static bool take_record(struct streams *s, const struct frame_event *event)
{
	enum recorded_kind kind = RECORDED_NOT;

	if (frame_is_json(&s->file))
		kind = recorded_kind(&s->recorded, event->data, event->cut);
	if (kind == RECORDED_INTERACTION) {
		begin_body(s);
		return true;
	}
	if (kind == RECORDED_NOT && !s->only_records)
		return false;
	s->nth++;
	if (kind == RECORDED_TRUNCATED)
		say(s, STREAMS_RECORD, ST_INPUT, streams_place(s, event), "interaction record is cut: input ended inside it");
	else if (kind == RECORDED_NOT)
		say(s, STREAMS_RECORD, ST_INPUT, streams_place(s, event), "not an interaction record, as those before it");
	else if (!s->cassette)
		say(s, STREAMS_ONCE, ST_INPUT, s->in.name, "not a stream, but a cassette; put cassette-extract before");
	s->cassette |= kind == RECORDED_CASSETTE;
	return true;
}

static enum frame_result next_of_file(struct streams *s, struct frame_event *event)
{
	size_t used;
	enum frame_result r = frame_next(&s->file, s->in.p, s->in.n, s->in.ended, &used, event);

	in_consume(&s->in, used);
	return r;
}

static enum frame_result next_of_body(struct streams *s, struct frame_event *event)
{
	struct span b = s->recorded.bytes.p ? s->recorded.bytes : SPAN("");
	size_t used;
	enum frame_result r = frame_next(&s->body, b.p + s->at, b.n - s->at, true, &used, event);

	s->at += used;
	s->t = s->timed ? recorded_body_time(&s->recorded, s->at) : -1;
	return r;
}

/* False: the file has ended. */
static bool go_on(struct streams *s, enum frame_result r, const struct frame_event *event)
{
	switch (r) {
	case FRAME_BAD:
		say(s, s->inside ? STREAMS_FRAMING : STREAMS_ONCE, s->frame->fault.status, streams_place(s, event), "%s",
		    s->frame->fault.text);
		return true;
	case FRAME_MORE:
		return more(s);
	default:
		if (!s->inside) {
			end_file(s);
			return false;
		}
		end_body(s);
		return true;
	}
}

bool streams_next(struct streams *s, struct frame_event *event)
{
	enum frame_result r;

	do {
		if (s->inside) {
			r = next_of_body(s, event);
			if (r == FRAME_EVENT)
				return true;
		} else {
			r = next_of_file(s, event);
			if (r == FRAME_EVENT && (event->checked || !s->records || !take_record(s, event)))
				return true;
		}
	} while (r == FRAME_EVENT || go_on(s, r, event));
	return false;
}
