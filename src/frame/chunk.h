/* SPDX-License-Identifier: MIT */
/*
 * chunk: an event's data as JSON texts without a line feed, so that each makes one line.
 *
 *	chunk_begin(&c, &event);
 *	while (chunk_next(&c, &json))
 *		print json
 *	and tell what c.error, c.repaired and c.split say
 *
 * Most data is JSON on one line: its chunk is the data itself, not a copy. Data that is no JSON
 * becomes a JSON string. Data of which every line is JSON, while the whole is not, becomes a chunk
 * for each line (proxies that drop blank lines glue events together like that); of a cut event
 * the last line need not be JSON.
 */
#ifndef FRAME_CHUNK_H
#define FRAME_CHUNK_H

#include "base/buf.h"
#include "frame/frame.h"
#include "json/like.h"

struct chunk {
	struct json_like *like;

	bool text;    /* data is text: always a string */
	bool all;     /* empty data and the sentinel too, as strings */
	bool by_line; /* data that is no JSON may become a chunk for each line */

	/* What was seen in the event. */
	const char *error; /* why data is no JSON, and became a string */
	size_t	    error_at;
	size_t	    repaired; /* ill-formed UTF-8 sequences that became U+FFFD */
	uint32_t    split;    /* chunks that were made of its lines; 0: it is one */

	struct span rest; /* what chunk_next takes lines from, or the one chunk */
	bool	    cut;
	struct buf  made, plain;
	struct json_like like;
};

/* Is the data the event's one chunk, as it is, with nothing to tell? Most events pass here. */
static inline bool chunk_is_data(const struct chunk *c, const struct frame_event *event)
{
	return event->checked && event->lines == 1 && !event->spaced && !event->cut && !c->text;
}

void chunk_release(struct chunk *c);
void chunk_begin(struct chunk *c, const struct frame_event *event);
bool chunk_next(struct chunk *c, struct span *json); /* valid until the next call on c */

/* Appends the record of sse-record(5): {"t":…,"event":…,"id":…,"retry":…,"data":…}. t is left out
 * when negative. Returns how many ill-formed UTF-8 sequences of type and id were replaced. */
size_t chunk_record(struct buf *b, const struct frame_event *event, double t, struct span json);

#endif
