/* SPDX-License-Identifier: MIT */
/*
 * follow: a chunk that differs from the one before only in its text.
 *
 * Most chunks of a stream are the same line with other words in it:
 *
 *	{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" The"},"finish_reason":null}]}
 *	{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" cat"},"finish_reason":null}]}
 *
 * While a format merges a chunk, it is noted which of its tokens went where (a hole) and whether
 * anything else happened that merging the same line again would do again (then it cannot be
 * followed). The next line is compared with what stands around the holes; if that is the same to
 * the byte, what stands in them is valid JSON of the same kind, and the same of them are empty (save
 * padding and pieces of arguments), then it is a valid chunk whose merging would do just the same with
 * the new tokens, and that is done without parsing it. Only white space between the brackets that
 * close a line may differ, with which Anthropic pads its events. Anything else takes the long way. The
 * result is the same, in a fifth of the time.
 *
 * A line that says nothing (a ping) leaves the pattern as it is.
 *
 * It rests on a promise of the format (delta_format.follows): what add does besides calling the
 * helpers of delta_impl.h and tree_new is setting nodes to values of the chunk, so that doing it
 * twice is doing it once. A chunk that makes nodes is no pattern, since their being there may change
 * what is done; save in a format that promises that it does not (delta_format.again), for nodes that
 * have a key and for those of which it says so with follow_again.
 */
#ifndef DELTA_FOLLOW_H
#define DELTA_FOLLOW_H

#include "base/buf.h"
#include "base/span.h"

struct delta;
struct delta_call;
struct tree_node;

enum follow_effect { FOLLOW_TEXT, FOLLOW_REASONING, FOLLOW_REFUSAL, FOLLOW_GROW, FOLLOW_PIECE, FOLLOW_SET, FOLLOW_NOTHING };

/* What a hole holds: the inside of a string, a number, or an object that is not empty. */
enum follow_kind { FOLLOW_STRING, FOLLOW_NUMBER, FOLLOW_OBJECT };

enum { FOLLOW_HOLES = 8 };

struct follow_hole {
	size_t start, length; /* in the line; of a string, the inside */
	size_t before;        /* bytes between it and the hole before it */
	enum follow_kind kind;
	bool spaced;          /* an object with white space in it, perhaps */
	enum follow_effect effect;
	unsigned choice;
	struct tree_node  *to;
	struct delta_call *call;
};

struct follow {
	bool		   valid;     /* the last line can be followed */
	bool		   kept;      /* so it could before the line that is being taken */
	bool		   recording; /* a chunk is being merged, and nothing speaks against it yet */
	struct span	   source;    /* the line that is being merged */
	struct buf	   line;      /* a copy of the last line, its end without white space */
	size_t		   rest;      /* bytes between the last hole and that end, which is brackets alone */
	size_t		   closing;   /* bytes of that end, and a line feed */
	struct follow_hole holes[FOLLOW_HOLES]; /* in the order of the line */
	unsigned	   order[FOLLOW_HOLES]; /* of their effects */
	unsigned	   nholes;
	size_t		   nodes; /* of the tree, before the merge and with what follow_again let pass */
};

/* Merges the line if it follows; false: nothing was done. */
bool follow_line(struct delta *d, struct span line);

/* A line that does not follow: of it there is no pattern, unless it is merged as a chunk between
 * follow_begin and follow_end, or says nothing. */
void follow_other(struct delta *d);
void follow_nothing(struct delta *d);
void follow_begin(struct delta *d, struct span line);
bool follow_may(const struct delta *d); /* nothing that was merged so far speaks against a pattern */
void follow_end(struct delta *d);

/* From the helpers: this token went there; or: something happened that is not to be repeated. */
void follow_note(struct delta *d, struct follow_hole hole, struct span token);
void follow_never(struct delta *d);
/* A node was made, by no key, that the same chunk would find if it came again. */
void follow_again(struct delta *d);

#endif
