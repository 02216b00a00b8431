/* SPDX-License-Identifier: MIT */
/*
 * sse: the event streams of HTML (WHATWG HTML, 9.2.5 and 9.2.6).
 *
 *	: OPENROUTER PROCESSING
 *
 *	event: content_block_delta
 *	data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}
 *
 *	data: [DONE]
 *
 *	error: {"code":400,"message":"the request exceeds the available context size"}
 *
 * The last is no field of the specification: llama.cpp until autumn 2025 said so what went wrong. It is
 * taken for an event of type error, unless the dispatch is to be to the letter.
 *
 * A line ends with LF, CR or CRLF; a blank line ends the event. CR and LF are bytes that are part
 * of no other character, so lines are split before anything is decoded.
 */
#include <string.h>

#include "frame/frame_impl.h"
#include "json/json.h"

/* A field's value: in the window, or kept, when there is more of it or the window may move. */
struct value {
	struct span now;
	struct buf kept;
};

struct sse {
	struct value data, type, retry;
	struct buf id;   /* the last id, across events */
	struct buf same; /* the last line that was a type */
	uint32_t lines;  /* data lines so far */
	size_t partial;  /* bytes of data that were checked and are incomplete JSON */
	uint64_t offset; /* of the event's first line */
	size_t scanned;  /* bytes of the line at the front of the window that are no line end */
	bool open;       /* the event has begun */
	bool asked;      /* whether the line is like data that came before, and it is not */
	bool good;       /* the data was seen to be JSON */
	bool swallow;    /* an LF that comes next belongs to the CR before it */
	bool skip;       /* the rest of the line is of no interest */
	bool sent;       /* the event was given out; clear it before the next */
};

enum field { FIELD_NONE, FIELD_PARTIAL, FIELD_COMMENT, FIELD_DATA, FIELD_EVENT, FIELD_ID, FIELD_RETRY, FIELD_ERROR };

static const struct {
	enum field field;
	const char *name;
	size_t n;
} fields[] = {
	{ FIELD_DATA, "data", 4 },
	{ FIELD_EVENT, "event", 5 },
	{ FIELD_ID, "id", 2 },
	{ FIELD_RETRY, "retry", 5 },
	{ FIELD_ERROR, "error", 5 },
};

/* What line is; when it is not whole it may be FIELD_PARTIAL, the beginning of a field's name. */
static enum field field_of(struct span line, bool whole)
{
	if (line.n && line.p[0] == ':')
		return FIELD_COMMENT;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		size_t n = fields[i].n;

		if (memcmp(line.p, fields[i].name, line.n < n ? line.n : n) != 0)
			continue;
		if (line.n > n ? line.p[n] == ':' : whole && line.n == n)
			return fields[i].field;
		return line.n <= n && !whole ? FIELD_PARTIAL : FIELD_NONE;
	}
	return FIELD_NONE;
}

/* Behind the name and the colon, without one space. */
static struct span value_of(struct span line, size_t name)
{
	size_t at = name;

	if (at < line.n)
		at++;
	if (at < line.n && line.p[at] == ' ')
		at++;
	return (struct span){ line.p + at, line.n - at };
}

/* The same in a stream, where error is a field only with an object, and never to the letter. */
static enum field field_in(const struct frame *f, struct span line, bool whole)
{
	enum field field = field_of(line, whole);
	struct span value;

	if (field != FIELD_ERROR)
		return field;
	value = value_of(line, 5);
	if (value.n == 0 && !whole)
		return f->strict ? FIELD_NONE : FIELD_PARTIAL;
	return value.n && *value.p == '{' && !f->strict ? FIELD_ERROR : FIELD_NONE;
}

static void value_keep(struct value *v)
{
	if (!v->now.p || v->now.p == v->kept.p)
		return;
	buf_reset(&v->kept);
	buf_addspan(&v->kept, v->now);
	v->now = buf_span(&v->kept);
}

static void clear(struct sse *s)
{
	s->data.now = SPAN_NONE;
	s->type.now = SPAN_NONE;
	s->retry.now = SPAN_NONE;
	s->lines = 0;
	s->partial = 0;
	s->open = false;
	s->sent = false;
}

/* Part of a line that is no field; first: its beginning. A NUL before the first field means that this is
 * not text, in which a bracket at the beginning of a line is no JSON. */
static void skip_line(struct frame *f, struct span part, uint64_t offset, bool first)
{
	if (first && f->skipped++ == 0) {
		f->skipped_at = offset;
		f->skipped_markup = part.n && *part.p == '<';
	}
	if (!f->fields && !f->number && memchr(part.p, '\0', part.n))
		f->binary = true;
}

/* The next whole line; false if the window holds none. *line is absent if that line is skipped: what
 * comes after it may be anything, also another kind of body. */
static bool take_line(struct frame *f, struct sse *s, struct frame_window *w, struct span *line)
{
	size_t end = frame_line_end(w->p, w->used + s->scanned, w->n);

	if (end == w->n) {
		s->scanned = end - w->used;
		return false;
	}
	*line = (struct span){ w->p + w->used, end - w->used };
	if (s->skip) {
		skip_line(f, *line, 0, false);
		*line = SPAN_NONE;
	}
	s->asked = s->scanned == 0;
	s->scanned = 0;
	s->skip = false;
	w->used = end + 1;
	s->swallow = w->p[end] == '\r';
	if (s->swallow && w->used < w->n) {
		s->swallow = false;
		w->used += w->p[w->used] == '\n';
	}
	return true;
}

static bool add_data(struct frame *f, struct sse *s, struct span value)
{
	size_t n;

	if (s->lines++ == 0) {
		s->data.now = value;
		s->good = !s->asked && json_like(&f->like, value.p, value.n, &n) && n == value.n;
		return true;
	}
	s->good = false;
	if (frame_beyond(f, s->data.now.n + 1 + value.n))
		return false;
	value_keep(&s->data);
	buf_addc(&s->data.kept, '\n');
	buf_addspan(&s->data.kept, value);
	s->data.now = buf_span(&s->data.kept);
	return true;
}

static void set_retry(struct sse *s, struct span value)
{
	if (value.n == 0)
		return;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return;
	for (; value.n > 1 && *value.p == '0'; value.n--)
		value.p++;
	s->retry.now = value;
}

/* Takes one line that is not blank. False: the event has grown too large. */
static bool take_field(struct frame *f, struct sse *s, struct span line, uint64_t offset)
{
	enum field field = line.n > 4 && memcmp(line.p, "data:", 5) == 0 ? FIELD_DATA : field_in(f, line, true);

	if (field == FIELD_NONE) {
		skip_line(f, line, offset, true);
		return true;
	}
	f->fields = true;
	if (field == FIELD_COMMENT)
		return true;
	if (!s->open)
		s->offset = offset;
	s->open = true;
	if (frame_beyond(f, line.n))
		return false;
	switch (field) {
	case FIELD_DATA:
		return add_data(f, s, value_of(line, 4));
	case FIELD_ERROR:
		s->type.now = SPAN("error");
		return add_data(f, s, value_of(line, 5));
	case FIELD_EVENT:
		s->type.now = value_of(line, 5);
		buf_reset(&s->same);
		buf_addspan(&s->same, line);
		break;
	case FIELD_ID: {
		struct span id = value_of(line, 2);

		if (!memchr(id.p, '\0', id.n)) {
			buf_reset(&s->id);
			buf_addspan(&s->id, id);
		}
		break;
	}
	default:
		set_retry(s, value_of(line, 5));
	}
	return true;
}

static inline void give(const struct frame *f, struct sse *s, bool cut, struct frame_event *event)
{
	frame_place(f, event, s->offset);
	event->data = s->data.now;
	if (s->type.now.n)
		event->type = s->type.now;
	if (s->id.len)
		event->id = buf_span(&s->id);
	event->retry = s->retry.now;
	event->lines = s->lines;
	event->cut = cut;
	event->checked = s->lines && s->good && !span_is(event->type, "error"); /* which may become another text */
	s->sent = true;
}

/* A blank line. True: an event. */
static bool dispatch(const struct frame *f, struct sse *s, struct frame_event *event)
{
	if (s->lines || (s->type.now.n && !f->strict)) {
		give(f, s, false, event);
		return true;
	}
	clear(s);
	return false;
}

/* No whole line is left in the window, and there will be more. What is unfinished stays there when
 * it may matter; everything else is consumed. */
static enum frame_result wait_for_more(struct frame *f, struct sse *s, struct frame_window *w,
                                       struct frame_event *event)
{
	struct span rest = { w->p + w->used, w->n - w->used };

	value_keep(&s->data);
	value_keep(&s->type);
	value_keep(&s->retry);
	if (s->skip) {
		skip_line(f, rest, 0, false);
	} else if (rest.n) {
		enum field field = field_in(f, rest, false);

		f->fields |= field == FIELD_COMMENT;
		s->skip = field == FIELD_NONE || field == FIELD_COMMENT;
		if (field == FIELD_NONE)
			skip_line(f, rest, f->offset + w->used, true);
		if (!s->skip && frame_beyond(f, rest.n)) {
			frame_place(f, event, s->open ? s->offset : f->offset + w->used);
			return frame_too_large(f, "event");
		}
	}
	if (s->skip) {
		s->scanned = 0;
		w->used = w->n;
	}
	return FRAME_MORE;
}

/* Is the last line of the data the sentinel? */
static bool ends_with_sentinel(const struct sse *s)
{
	struct span data = s->data.now;

	if (s->lines > 1 && data.n > 7 && data.p[data.n - 7] == '\n')
		data = (struct span){ data.p + data.n - 6, 6 };
	return frame_sentinel(data);
}

/* Is the last line of a truncated stream the beginning of a field's name? Then it is no foreign line. */
static bool truncated_name(const struct frame *f, struct span line)
{
	return f->fields && field_in(f, line, false) == FIELD_PARTIAL && field_in(f, line, true) == FIELD_NONE;
}

/* The end ends a line, but no event: one that has data is cut, unless its last line is the sentinel. */
static enum frame_result finish(struct frame *f, struct sse *s, struct frame_window *w, struct frame_event *event)
{
	struct span rest = { w->p + w->used, w->n - w->used };
	uint64_t offset = f->offset + w->used;
	bool sentinel;

	w->used = w->n;
	s->scanned = 0;
	if (s->skip) {
		skip_line(f, rest, 0, false);
	} else if (rest.n && !truncated_name(f, rest) && !take_field(f, s, rest, offset)) {
		frame_place(f, event, s->offset);
		return frame_too_large(f, "event");
	}
	s->skip = false;
	sentinel = f->strict ? frame_sentinel(s->data.now) : ends_with_sentinel(s);
	if (s->lines && !(sentinel && f->strict)) {
		give(f, s, !sentinel, event);
		return FRAME_EVENT;
	}
	clear(s);
	return FRAME_END;
}

/* The line has n bytes and ends with LF or CRLF: takes it, when that is so. */
static inline bool take_end(struct frame_window *w, size_t n)
{
	const char *p = w->p + w->used + n;
	size_t left = w->n - w->used;

	if (left > n && *p == '\n')
		w->used += n + 1;
	else if (left > n + 1 && p[0] == '\r' && p[1] == '\n')
		w->used += n + 2;
	else
		return false;
	return true;
}

/* Most types are that of the event before. False: this is none. */
static inline bool take_same_type(struct frame *f, struct sse *s, struct frame_window *w)
{
	const char *p = w->p + w->used;
	size_t n = s->same.len;

	if (!n || s->scanned || s->skip || w->n - w->used < n || memcmp(p, s->same.p, n) != 0)
		return false;
	if (!s->open)
		s->offset = f->offset + w->used;
	if (!take_end(w, n))
		return false;
	s->open = true;
	s->type.now = value_of((struct span){ p, n }, 5);
	return true;
}

/* Most events end with one line of data like that of an event before: it is found to be good JSON
 * while its end is looked for. False: this is none, and nothing has changed. */
static inline bool take_like(struct frame *f, struct sse *s, struct frame_window *w)
{
	const char *p = w->p + w->used, *end = w->p + w->n;
	uint64_t offset = f->offset + w->used;
	const struct json_shape *like;
	size_t n;

	for (int line = 5; line < 10; line++) /* of the cache: what comes after this event */
		__builtin_prefetch(p + 64 * line);
	if (s->lines || s->scanned || s->skip || end - p < 8 || memcmp(p, "data:", 5) != 0)
		return false;
	p += 5 + (p[5] == ' ');
	like = json_like(&f->like, p, (size_t)(end - p), &n);
	if (!like || like->folded || frame_beyond(f, n + 6) || !take_end(w, (size_t)(p - w->p) - w->used + n))
		return false;
	if (!s->open)
		s->offset = offset;
	s->open = s->good = f->fields = true;
	s->lines = 1;
	s->data.now = (struct span){ p, n };
	return true;
}

/* Is the data of the open event complete? Absent data is, and so is the sentinel. Incomplete data is checked again
 * only when it has doubled; otherwise time would grow with the square of its length. */
static bool is_whole(struct sse *s)
{
	struct span data = s->data.now;
	size_t at;
	bool cut;

	if (!s->lines || s->good || ends_with_sentinel(s))
		return true;
	if (data.n < 2 * s->partial)
		return false;
	if (!json_check(data.p, data.n, &at, &cut))
		return true;
	s->partial = data.n;
	return false;
}

/* Between two events a line may be the beginning of another kind of body: true when it is, or when
 * more bytes are needed to tell. A gateway that appends its own JSON error does not wait for the end of
 * an event: that ends there if its data is whole (tests/frame/sse/json-inside-event). */
static bool handed_over(struct frame *f, struct sse *s, struct frame_window *w, bool *ends_event)
{
	char c = w->used < w->n ? w->p[w->used] : 'd';

	*ends_event = false;
	if (c != '{' && c != '[' && (unsigned char)c > 1)
		return false;
	if (s->skip || s->scanned || (f->binary && !f->fields && c > 1))
		return false;
	if (s->open) {
		*ends_event = c == '{' && !f->strict && !f->forced && is_whole(s);
		return *ends_event;
	}
	return frame_elsewhere(f, w->p + w->used, w->n - w->used, w->ended) != KNOWN_NO;
}

/* What was seen before the window that makes its first line another one than it looks. */
static void resume(struct frame *f, struct sse *s, struct frame_window *w)
{
	if (s->sent)
		clear(s);
	if (f->indented) {
		s->skip = true;
		skip_line(f, SPAN(""), f->offset + w->used, true);
	}
	f->indented = false;
	if (s->swallow && w->used < w->n) {
		s->swallow = false;
		w->used += w->p[w->used] == '\n';
	}
}

static enum frame_result next(struct frame *f, void *state, struct frame_window *w, struct frame_event *event)
{
	struct sse *s = state;
	struct span line;
	bool ends;

	if (s->sent || f->indented || s->swallow)
		resume(f, s, w);
	for (;;) {
		if (handed_over(f, s, w, &ends)) {
			if (!ends)
				return FRAME_MORE;
			if (dispatch(f, s, event))
				return FRAME_EVENT;
			continue;
		}
		if (take_same_type(f, s, w) && w->used < w->n && w->p[w->used] != 'd')
			continue;
		if (take_like(f, s, w)) {
			if (!take_end(w, 0))
				continue;
			give(f, s, false, event);
			return FRAME_EVENT;
		}
		if (!take_line(f, s, w, &line))
			return w->ended ? finish(f, s, w, event) : wait_for_more(f, s, w, event);
		if (line.p && line.n == 0) {
			if (dispatch(f, s, event))
				return FRAME_EVENT;
		} else if (line.p && !take_field(f, s, line, f->offset + (uint64_t)(line.p - w->p))) {
			frame_place(f, event, s->offset);
			return frame_too_large(f, "event");
		}
	}
}

static enum frame_known knows(const char *p, size_t n, bool ended)
{
	size_t few = n < 6 ? n : 6; /* "retry:" */
	size_t end = frame_line_end(p, 0, few);

	switch (field_of((struct span){ p, end }, end < few || (few == n && ended))) {
	case FIELD_NONE:
	case FIELD_ERROR: /* or a sentence that begins so */
		return KNOWN_MAYBE;
	case FIELD_PARTIAL:
		return KNOWN_LATER;
	default:
		return KNOWN_YES;
	}
}

static void release(void *state)
{
	struct sse *s = state;

	buf_release(&s->data.kept);
	buf_release(&s->type.kept);
	buf_release(&s->retry.kept);
	buf_release(&s->id);
	buf_release(&s->same);
}

const struct frame_format frame_sse = {
	.name = "sse",
	.size = sizeof(struct sse),
	.knows = knows,
	.next = next,
	.release = release,
};
