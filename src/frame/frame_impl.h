/* SPDX-License-Identifier: MIT */
/*
 * frame_impl: what a framing is made of. For src/frame/{frame,sse,json,aws}.c only.
 *
 * To add one: a file with one exported constant, its line in frame.c's table, FRAME_FORMATS.
 */
#ifndef FRAME_FRAME_IMPL_H
#define FRAME_FRAME_IMPL_H

#include "base/buf.h"
#include "base/simd.h"
#include "frame/frame.h"

struct frame_window {
	const char *p;
	size_t n;
	bool ended;
	size_t used; /* done with; the hooks advance it */
};

enum frame_known {
	KNOWN_NO,
	KNOWN_MAYBE, /* nothing else begins like this, or nothing else takes it */
	KNOWN_YES,
	KNOWN_LATER, /* more bytes will tell */
};

struct frame_format {
	const char *name; /* for -f, for the file here, for the folder of its tests */
	size_t size;      /* of its state, which begins as zeros */

	/* Do these bytes, behind white space, begin a body of this kind? n > 0.
	 * KNOWN_LATER at the end of the input: the bytes may begin one, which is truncated. */
	enum frame_known (*knows)(const char *p, size_t n, bool ended);

	/* As frame_next. FRAME_MORE with f->other set hands over to that format. At FRAME_MORE the
	 * window may move: nothing of it may be remembered as an address. */
	enum frame_result (*next)(struct frame *f, void *state, struct frame_window *w, struct frame_event *event);
	void (*release)(void *state);
};

extern const struct frame_format frame_sse, frame_json, frame_aws;

/* Do p[0..n), behind an event, begin a body of another kind? KNOWN_YES has set f->other. Never
 * KNOWN_MAYBE, and always KNOWN_NO when the framing is forced. */
enum frame_known frame_elsewhere(struct frame *f, const char *p, size_t n, bool ended);

/* Consumes white space, and remembers whether some of it stands in front of what follows on the
 * same line: in an event stream that makes a field unknown. */
void frame_skip_blanks(struct frame *f, struct frame_window *w);

/* An event with its place and nothing else; offset is in the FILE. Member by member: for a whole
 * struct of zeros compilers take an instruction that costs more than the rest of a short event. */
static inline void frame_place(const struct frame *f, struct frame_event *event, uint64_t offset)
{
	event->data = event->type = event->id = event->retry = SPAN_NONE;
	event->lines = 1;
	event->cut = event->spaced = event->checked = false;
	event->number = f->number + 1;
	event->offset = offset;
}

/* FRAME_BAD; with stop nothing further is read, since what follows could have no meaning. */
enum frame_result frame_bad(struct frame *f, bool stop, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Nothing of the FILE is looked into any more, up to its end. Only before its first event. */
void frame_drop(struct frame *f, const char *why);

/* FRAME_BAD for what is longer than f->max. It stops: a stream that went on without one of its
 * events would look whole to the next program. */
enum frame_result frame_too_large(struct frame *f, const char *what);

static inline bool frame_beyond(const struct frame *f, size_t n)
{
	return f->max && n > f->max;
}

static inline bool frame_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the first CR or LF of p[from .. n) stands; n when there is none. */
static inline size_t frame_line_end(const char *p, size_t from, size_t n)
{
	while (n - from >= SIMD_WIDTH) {
		size_t stop = simd_line_end(p + from);

		from += stop;
		if (stop < SIMD_WIDTH)
			return from;
	}
	while (from < n && p[from] != '\n' && p[from] != '\r')
		from++;
	return from;
}

#endif
