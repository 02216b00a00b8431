/* SPDX-License-Identifier: MIT */
/*
 * arguments: the JSON text of a tool call's arguments, as it comes in pieces. For grow.c and message.c;
 * formats call delta_call_piece and delta_call_whole (delta_impl.h).
 *
 * Some servers send {} before the arguments, some send the arguments again, and some put two calls into
 * one. A piece that begins an object after a whole one says which (pieces on the left, result on the right):
 *
 *	{}      {"ci   ty":1}		{"city":1}
 *	{"a":1} {"a"   :1}		{"a":1}
 *	{"a":1} {"a":2}			two calls, if the format has a way to begin the second (delta_format.twin)
 *	{"a":1} {"a"			{"a":1}{"a", which is reported at the end of the message
 *
 * The sink is not told of what may have to be taken back: {} until the next piece or another call, a second
 * object until it is whole.
 */
#ifndef DELTA_ARGUMENTS_H
#define DELTA_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct delta;
struct delta_call;
struct delta_message;

/* What is known of the text. Starts as zeroes. */
struct arguments {
	size_t	 seen;	/* bytes that were scanned */
	size_t	 second; /* where a second object begins; 0: there is none */
	size_t	 end;	/* of the object that is scanned, behind its last bracket; 0: it is open */
	size_t	 untold; /* bytes at the end of the text that the sink was not told of */
	unsigned depth; /* of brackets, at seen */
	bool	 string, backslash; /* seen is inside of a string, and behind a backslash there */
	bool	 stray; /* something other than white space is outside of the object */
	bool	 judged, whole; /* the object up to end was parsed, and is JSON */
	bool	 glued; /* a second object could not be told from the first: the text only grows */
};

/* Appends a piece to the node of a call's arguments and tells the sink. */
void arguments_add(struct delta *d, struct delta_call *c, struct span piece);

/* The call is finished: tells the sink what it was not told yet; {} stands for no arguments. */
void arguments_end(struct delta *d, struct delta_call *c);

/* Another call opens. */
void arguments_other(struct delta *d, const struct delta_call *c);

/* The text was replaced by another, or is JSON, all n bytes of it. */
void arguments_replaced(struct delta_call *c);
void arguments_parsed(struct delta_call *c, size_t n);

/* Reports finished calls of a message whose arguments are not JSON (a note only, if the message ran into its
 * limit of tokens) and two calls with one id. `whole`: the message was not streamed, and has no delta_calls. */
void arguments_report(struct delta *d, const struct delta_message *m, bool whole);

#endif
