/* SPDX-License-Identifier: MIT */
/*
 * like: is a text one that came before, with other words in it?
 *
 * Most chunks of a stream differ from an earlier one only in a string or two and some numbers:
 *
 *	{"id":"c1","choices":[{"index":0,"delta":{"content":" The"},"finish_reason":null}]}
 *	{"id":"c1","choices":[{"index":0,"delta":{"content":" cat"},"finish_reason":null}]}
 *
 * When everything around those tokens is the same to the byte, and what stands in their place are
 * good strings and numbers, the text is as good as the earlier one. A comparison shows that in a
 * fraction of the time that parsing takes, and finds the end of the text besides.
 *
 * Streams are made of few kinds of chunks, and begin and end alike: some shapes are remembered, and
 * the one that followed the last time is asked first. What is the same within a stream, as its id, is
 * compared; when another stream comes, the shape takes over its id.
 */
#ifndef JSON_LIKE_H
#define JSON_LIKE_H

#include "base/buf.h"
#include "json/json.h"

enum { JSON_HOLES = 16, JSON_SHAPES = 8 };

enum json_hole_kind { HOLE_STRING, HOLE_NUMBER, HOLE_BLANKS };

/* What differs from text to text: a token, of a string its inside, or the blanks between two. */
struct json_hole {
	uint32_t start, end; /* in the shape's text */
	enum json_hole_kind kind;
};

struct json_shape {
	struct buf text;
	struct json tape;
	struct json_hole holes[JSON_HOLES]; /* in the order of the text */
	unsigned nholes;
	unsigned served; /* texts that were like it since its last change */
	bool folded;     /* it has line ends between its tokens */
	unsigned next;   /* the shape of the text that came after one of this shape */
	uint64_t used;   /* when it served last: the oldest makes room */
};

struct json_like {
	struct json_shape shapes[JSON_SHAPES];
	unsigned last;   /* the shape of the text before */
	uint64_t texts;  /* how many were judged */
	unsigned misses; /* in a row */
};

#define JSON_LIKE_INIT { 0 }

/* Is there a text at the front of p[0..n) like one that was learned? NULL, or the shape, and *length
 * is that of the text. It has white space (tape.spaced) and line ends where the shape has. */
const struct json_shape *json_like(struct json_like *l, const char *p, size_t n, size_t *length);

/* For a text that json_like did not know: the judgement of json_check, with the same arguments. A
 * good text may be learned. */
const char *json_like_check(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut);

void json_like_release(struct json_like *l);

#endif
