/* SPDX-License-Identifier: MIT */
/*
 * finished: a message that is to be answered, out of a text: what delta-merge printed or a provider
 * answered without streaming, on one line or laid out over several.
 *
 *	struct finished x = FINISHED_INIT;
 *	if (finished_read(&x, text, &fault) == 0)
 *		... x.message, and x.normal for its tool calls
 *	finished_release(&x);
 */
#ifndef DELTA_FINISHED_H
#define DELTA_FINISHED_H

#include "base/buf.h"
#include "delta/delta.h"
#include "delta/normal.h"

struct finished {
	struct delta_message message; /* its spans and its json point into this struct: do not copy it */
	struct normal normal;         /* its first choice */

	struct buf text;
	struct json json;
	struct fault *fault; /* while it is read */
	size_t seen;
};

#define FINISHED_INIT \
	{ \
		.seen = 0 \
	}

/* -1 with a fault that does not name the place: ST_USAGE when text is what delta-merge printed in a
 * mode that leaves out what an answer needs; ST_NO for a provider's error; ST_INPUT when the message
 * is cut, when there is none or more than one, and when its tool calls may not be whole because it
 * ran into its limit of tokens, a filter or a failure. */
int finished_read(struct finished *x, struct span text, struct fault *f);
void finished_release(struct finished *x);

#endif
