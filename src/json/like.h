/* SPDX-License-Identifier: MIT */
/*
 * like: is a text the one before, with other words in it?
 *
 * Most chunks of a stream differ from the one before only in a string or two and some numbers:
 *
 *	{"id":"c1","choices":[{"index":0,"delta":{"content":" The"},"finish_reason":null}]}
 *	{"id":"c1","choices":[{"index":0,"delta":{"content":" cat"},"finish_reason":null}]}
 *
 * When everything around those tokens is the same to the byte, and what stands in their place are
 * good strings and numbers, the text is as good as the one before. A comparison shows that in a
 * fraction of the time that parsing takes, and finds the end of the text besides.
 */
#ifndef JSON_LIKE_H
#define JSON_LIKE_H

#include "base/buf.h"
#include "json/json.h"

enum { JSON_HOLES = 16 };

struct json_shape {
	struct buf text;
	struct json tape;
	uint32_t holes[JSON_HOLES]; /* nodes that differed so far, in the order of the text */
	unsigned nholes;
	unsigned served; /* texts that were like it */
	bool folded;     /* it has line ends between its tokens */
};

struct json_like {
	struct json_shape shapes[2]; /* the one that served last comes first */
	unsigned misses;             /* in a row */
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
