/* SPDX-License-Identifier: MIT */
/*
 * chunk: an event as lines, each a JSON text: its data alone, or a record of sse-record(5).
 *
 *	chunk_begin(&c, &event);
 *	while (chunk_next(&c, &event, &line))
 *		print line unless it is absent; c.kind is what it carries
 *	and tell what c.error, c.repaired and c.split say
 *
 * Most data is JSON on one line: its chunk is the data itself, not a copy. Other data, unless it is text:
 *
 *	data: {"n":1}                      lines that are JSON while the whole is not: a chunk for each, since
 *	data: {"n":2}                      proxies that drop blank lines glue events together like that
 *
 *	data: {"type":"response.comp       what surrounds whole objects, arrays and sentinels: a string
 *	data: {"type":"error","error":{}}
 *
 *	event: error                       an event of type error, or text that begins with "error:":
 *	data: upstream connect error       {"error":{"type":"error","message":"upstream connect error"}}
 *
 *	data: : OPENROUTER PROCESSING      a comment that a gateway has wrapped: no chunk
 *
 *	data: Hello                        a string
 *
 * A strict frame knows only the last of these. Empty data and the sentinel are no chunks, but have records. A
 * cut event has neither in a strict frame.
 */
#ifndef FRAME_CHUNK_H
#define FRAME_CHUNK_H

#include "base/buf.h"
#include "frame/frame.h"

enum chunk_kind {
	CHUNK_DATA,
	CHUNK_EMPTY,    /* an event without data, which only has a record */
	CHUNK_SENTINEL, /* ends a stream; the line is absent unless it is a record */
};

struct chunk {
	struct frame *frame; /* where the events come from */

	bool text;    /* data is text: always a string */
	bool records;       /* {"t":…,"event":…,"id":…,"retry":…,"data":…,"source":…} */
	double t;           /* of the records; negative: they have none */
	struct span source; /* the same, JSON; absent: they have none */

	/* What was seen in the event. */
	const char *error; /* why data is no JSON, and became a string */
	size_t error_at;
	size_t repaired; /* ill-formed UTF-8 sequences that became U+FFFD */
	uint32_t split;  /* chunks that were made of data that is not JSON; else 0 */
	bool comment;    /* its data is a comment */

	enum chunk_kind kind; /* of the last line */

	struct span rest; /* what chunk_next takes lines from, or the one chunk */
	bool lines;       /* which is divided at line feeds: */
	bool each;        /* each line is a chunk; else so is what surrounds whole objects */
	struct buf made, plain, record;
};

/* Is the data the event's only line, as it is, with nothing to tell? Most events pass here, and
 * need not go through chunk_begin and chunk_next. */
static inline bool chunk_is_data(const struct chunk *c, const struct frame_event *event)
{
	return event->checked && event->lines == 1 && !event->spaced && !event->cut && !c->text && !c->records;
}

void chunk_begin(struct chunk *c, const struct frame_event *event);

/* False: there are no more. The line is valid until the next call on c. */
bool chunk_next(struct chunk *c, const struct frame_event *event, struct span *line);

void chunk_release(struct chunk *c);

#endif
