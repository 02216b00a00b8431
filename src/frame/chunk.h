/* SPDX-License-Identifier: MIT */
/*
 * chunk: an event as lines, each a JSON text: its data alone, or a record of sse-record(5).
 *
 *	chunk_begin(&c, &event);
 *	while (chunk_next(&c, &event, &line))
 *		print line unless it is absent; c.kind is what it carries
 *	and tell what c.error, c.repaired and c.split say
 *
 * Most data is JSON on one line: its chunk is the data itself, not a copy. Data that is no JSON
 * becomes a JSON string. Data of which every line is JSON, while the whole is not, becomes a chunk
 * for each line, unless the frame is strict (proxies that drop blank lines glue events together
 * like that); of a cut event the last line need not be JSON. Empty data and the sentinel are no chunks,
 * but have records. A cut event has neither in a strict frame.
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
	bool records; /* {"t":…,"event":…,"id":…,"retry":…,"data":…} */
	double t;     /* of the records; negative: they have none */

	/* What was seen in the event. */
	const char *error; /* why data is no JSON, and became a string */
	size_t error_at;
	size_t repaired; /* ill-formed UTF-8 sequences that became U+FFFD */
	uint32_t split;  /* chunks that were made of its lines; 0: it is one */

	enum chunk_kind kind; /* of the last line */

	struct span rest; /* what chunk_next takes lines from, or the one chunk */
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
