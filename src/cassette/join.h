/* SPDX-License-Identifier: MIT */
/*
 * join: bodies of several interactions, one after the other.
 *
 *	struct join j = JOIN_INIT;
 *	for each selected interaction
 *		join_body(&j, &out, headers, body)
 *	join_end(&j, &out);
 *	j.left_out                         binary bodies that were not written
 *
 * Text and Amazon frames are written: both say where their parts end. Between a text and the next body are
 * the line feeds that end the text's line, and its event if it is a stream of events, and nothing else.
 * Other binary bodies (pictures, audio) have no end that a reader of the whole could find, and are left
 * out. One that is the only body of all is written.
 */
#ifndef CASSETTE_JOIN_H
#define CASSETTE_JOIN_H

#include "base/buf.h"
#include "base/out.h"
#include "cassette/cassette.h"

struct join {
	size_t bodies;   /* so far, empty ones too */
	size_t written;  /* of these */
	size_t left_out; /* of these */
	struct buf held; /* the first body, if it is binary and nothing followed yet */
	bool text;       /* the last one that was written is text */
	bool events;     /* and a stream of events */
	char tail[2];    /* its last bytes, carriage returns left out */
};

#define JOIN_INIT { 0 }

/* False: the body is binary, and is written only by a join_end that follows at once. */
bool join_body(struct join *j, struct out *out, const struct headers *h, struct span body);
void join_end(struct join *j, struct out *out); /* releases what j holds */

#endif
