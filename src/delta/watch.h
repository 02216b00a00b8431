/* SPDX-License-Identifier: MIT */
/*
 * watch: what arrives, as a person likes to see it on a terminal.
 *
 * Text flows, reasoning is dim, each tool call has a line on which its arguments grow, and a
 * finished message closes with a line of its finish, tokens and cost. Bytes from outside lose
 * their control characters, save line feed and tab. Everything is appended to a buf, which the
 * caller writes and empties whenever it likes.
 *
 *	dim thoughts
 *	The answer, as it comes.
 *	weather {"location": "Florence,Italy"}
 *	-- tool_calls, 167 in, 21 out, cost 0.0000375245
 */
#ifndef DELTA_WATCH_H
#define DELTA_WATCH_H

#include "delta/delta.h"

struct watch;

struct watch *watch_new(struct buf *to, bool colour); /* to is borrowed */
void watch_free(struct watch *w);		      /* NULL is allowed */

void watch_text(struct watch *w, unsigned choice, struct span piece);
void watch_reasoning(struct watch *w, unsigned choice, struct span piece);
void watch_call(struct watch *w, enum delta_call_event event, const struct delta_call_view *call);
void watch_message(struct watch *w, const struct delta_message *m);

/* Ends the line that is growing, so that something else may be said. */
void watch_break(struct watch *w);

#endif
