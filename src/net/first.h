/* SPDX-License-Identifier: MIT */
/*
 * first: when the first event of a streamed body is whole.
 *
 * That is what a reader waits for: keep-alive comments, which OpenRouter sends while a model
 * thinks, are bytes but no event.
 */
#ifndef NET_FIRST_H
#define NET_FIRST_H

#include <stdbool.h>

#include "base/buf.h"
#include "frame/frame.h"

enum { FIRST_MAX = 1 << 20 }; /* an event that is larger than this is not waited for */

struct first {
	struct frame frame;
	struct buf window;
	bool over; /* seen, or given up */
};

void first_init(struct first *f);
bool first_add(struct first *f, struct span piece); /* true once: piece ends the first event */
void first_release(struct first *f);

#endif
