/* SPDX-License-Identifier: MIT */
/*
 * separator: the empty line between two streams.
 *
 *	{"id":"a","choices":[{"delta":{"content":"The end"}}]}
 *
 *	{"id":"b","choices":[{"delta":{"content":"Hel"}}]}
 *
 * A stream ends with its file, with the record that it was stored in, and with a sentinel. It is printed
 * together with the first line of the next stream: never before the first stream, never after the last.
 * What comes after a sentinel without data of its own (another sentinel, an event that has only a type) does
 * not begin a stream.
 */
#ifndef FRAME_SEPARATOR_H
#define FRAME_SEPARATOR_H

#include <stdbool.h>

struct separator {
	enum { SEPARATOR_NONE, SEPARATOR_DATA, SEPARATOR_LINE } before; /* the next line with data; the next line */
	bool printed;                                                   /* a line was printed */
	bool due;                                                       /* the empty line goes before the next one */
};

/* A file or a record has ended. */
static inline void separator_end(struct separator *s)
{
	s->before = SEPARATOR_LINE;
}

static inline void separator_sentinel(struct separator *s)
{
	if (s->before == SEPARATOR_NONE)
		s->before = SEPARATOR_DATA;
}

/* A line of an event comes next; data: it carries some. */
static inline void separator_line(struct separator *s, bool data)
{
	if (s->before == SEPARATOR_NONE || (s->before == SEPARATOR_DATA && !data))
		return;
	s->due = s->printed;
	s->before = SEPARATOR_NONE;
}

/* Something is printed now: does the empty line go before it? */
static inline bool separator_print(struct separator *s)
{
	bool due = s->due;

	s->due = false;
	s->printed = true;
	return due;
}

#endif
