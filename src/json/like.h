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
 * the two that followed the last times are asked first, by comparing all of them but their holes: the
 * tokens that differ from text to text. What is the same within a stream, as its id, is no hole; when
 * another stream comes, the shape takes over its id.
 *
 * When neither is the one, all are walked at once, as a tree whose branches are what stands
 * between the tokens. Each token of a shape knows which shapes begin alike up to there: where one does
 * not lead on, one of those does or none.
 */
#ifndef JSON_LIKE_H
#define JSON_LIKE_H

#include "base/buf.h"
#include "json/json.h"
#include "json/mould.h"

enum { JSON_TOKENS = 64, JSON_SHAPES = 64 };

/* A number or a string (its inside) of a shape; keys are none. */
struct json_token {
	uint32_t start, end; /* in the shape's text */
	uint32_t node;       /* on the tape */
	uint64_t alike;      /* a bit for each shape that begins with this token and all before it */
	bool string;
	bool varies; /* it differs from text to text */
};

struct json_shape {
	struct buf text; /* the last one that was learned or taken over */
	uint32_t tail;   /* where nothing but closing brackets follow; blanks between those were left out */
	unsigned ntokens, nholes;
	struct json_token tokens[JSON_TOKENS]; /* in the order of the text */
	unsigned char holes[JSON_TOKENS];      /* those that vary */
	unsigned served;                       /* texts that were like it since its last change */
	struct mould mould;                    /* of a text of this shape, once json_like_parse had one; */
	bool moulded;                          /* of `text` itself */
	bool folded;                           /* it has line ends between its tokens */
	bool spaced;                           /* a text like it may have white space there */
	unsigned next, rival;                  /* the shapes of the texts that came after one of this shape */
	bool doubted;                          /* the last time it was not `next` */
	uint64_t used;                         /* when it served last: the oldest makes room */
};

struct json_like {
	struct json_shape *shapes; /* JSON_SHAPES, once something was learned */
	uint64_t learned;          /* a bit for each that is in use */
	struct json tape;          /* of what is learned */
	unsigned last;             /* the shape of the text before */
	uint64_t texts;            /* how many were judged */
	unsigned misses;           /* in a row */
};

#define JSON_LIKE_INIT { 0 }

/* Is there a text at the front of p[0..n) like one that was learned? NULL, or the shape, and *length
 * is that of the text. */
const struct json_shape *json_like(struct json_like *l, const char *p, size_t n, size_t *length);

/* For a text that json_like did not know: the judgement of json_check, with the same arguments. A
 * good text may be learned. */
const char *json_like_check(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut);

/* json_parse, in less time for a text like one that was learned. Others are learned. */
int json_like_parse(struct json_like *l, struct json *j, const char *text, size_t n);

void json_like_release(struct json_like *l);

#endif
