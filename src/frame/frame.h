/* SPDX-License-Identifier: MIT */
/*
 * frame: how the bytes of a streamed body become events.
 *
 * Three framings, one at a time: sse (the event streams of HTML), json (texts one after the other,
 * or the elements of an array) and aws (Amazon's binary frames). The first bytes tell which. They
 * are asked again wherever an event, a text or a frame has ended and what follows cannot belong to
 * it, so that bodies of different kinds may stand one behind the other.
 *
 * The caller owns the bytes. It shows a window of them, and is told how many are done with:
 *
 *	for (;;) {
 *		r = frame_next(&f, in.p, in.n, in.ended, &used, &event);
 *		in_consume(&in, used);
 *		switch (r) {
 *		case FRAME_EVENT: use event; break;
 *		case FRAME_BAD: show f.fault; break;
 *		case FRAME_MORE: in_more(&in, &fault); break;
 *		case FRAME_END: return;
 *		}
 *	}
 *
 * What was scanned is not scanned again: one byte more at a time costs no more than all at once,
 * and gives the same events. An event's spans point into the window where one line holds the data,
 * and into the frame's own memory otherwise; they end with the next frame_next or in_more.
 */
#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "json/like.h"

struct frame_format;

struct frame_event {
	struct span data;  /* as it came, data lines joined by LF; absent when the event has only a type */
	struct span type;  /* absent when none was sent */
	struct span id;    /* the last id in force; absent when there is none */
	struct span retry; /* decimal digits, no leading zero; absent when the event has no valid one */
	uint32_t lines;    /* how many lines data had; 1 outside sse */
	bool cut;          /* the input ended inside it */
	bool spaced;       /* data may hold white space between its tokens that is to be left out */
	bool checked;      /* data is known to be a JSON text */
	uint64_t number;   /* from 1 in its FILE */
	uint64_t offset;   /* of its first byte in its FILE, from 0 */
};

enum frame_result {
	FRAME_EVENT, /* *event is set */
	FRAME_MORE,  /* further bytes are needed */
	FRAME_BAD,   /* the fault is set, *event has number and offset of what it befell; go on calling */
	FRAME_END,   /* nothing further will come out of this FILE */
};

enum { FRAME_AWS, FRAME_JSON, FRAME_SSE, FRAME_FORMATS, FRAME_HEAD = 20 }; /* in the order of frame_formats */

/* The caller sets the first four; the rest begins as zeros. */
struct frame {
	size_t max;                        /* bytes of an event, a line, a text or a frame; 0 is no ceiling */
	bool strict;                       /* the dispatch of WHATWG to the letter: no event that has only a type */
	bool binary;                       /* the bytes are not text; else found by a NUL before the first field */
	const struct frame_format *forced; /* one of frame_formats; NULL: recognise */

	struct json_like like; /* what chunks look like: the formats ask, chunk.c teaches */

	struct fault fault; /* of the last FRAME_BAD */
	uint64_t number;    /* of the last event */

	/* The rest is for frame.c and the formats. */
	const struct frame_format *format, *other; /* other: where the format in charge hands over */
	void *state[FRAME_FORMATS], *current;
	uint64_t offset; /* of the window */
	char head[FRAME_HEAD]; /* what the input begins with behind white space, nhead bytes so far */
	unsigned nhead;
	uint64_t headed; /* the offset behind them */
	bool begun;      /* the byte order mark is past */
	bool indented;   /* blanks were consumed in front of the window, on its line */
	bool fields;     /* sse saw a line that is a field or a comment */
	bool faulted;    /* there was a FRAME_BAD */
	bool stopped;    /* and it leaves nothing to go on with; or the FILE is dropped */

	const char *dropped;  /* why the FILE is consumed unseen: it is not a stream */
	uint64_t skipped;     /* lines of an event stream that are no field, comment or blank line */
	uint64_t skipped_at;  /* offset of the first of them */
	bool skipped_markup;  /* which begins with '<' */
};

void frame_reset(struct frame *f); /* the next FILE */
void frame_release(struct frame *f);

/* p[0 .. n) is everything not yet consumed; ended when no more will come. */
enum frame_result frame_next(struct frame *f, const char *p, size_t n, bool ended, size_t *used,
                             struct frame_event *event);

/* After FRAME_END: why the FILE gave no event, in words. NULL when it gave one, or when a fault
 * has told. */
const char *frame_nothing(const struct frame *f);

/* After FRAME_END of a FILE that gave an event: the lines that were skipped, in words, appended to b. False:
 * none were. */
bool frame_skipped(const struct frame *f, struct buf *b);

/* Was the last event a JSON text of its own, not the data of an event stream or of a frame? */
bool frame_is_json(const struct frame *f);

/* The sentinel of chat completions, which is no chunk. */
static inline bool frame_sentinel(struct span data)
{
	return data.n == 6 && memcmp(data.p, "[DONE]", 6) == 0;
}

/* Does it begin with an Amazon frame? The prelude's checksum decides. */
bool frame_is_aws(struct span body);

extern const struct frame_format *const frame_formats[FRAME_FORMATS];
const char *const *frame_names(void); /* of frame_formats, in its order; NULL ends them */

#endif
