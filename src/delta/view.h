/* SPDX-License-Identifier: MIT */
/*
 * view: what of a message is to be seen. A sink for delta.h that turns what happens into the lines
 * of one mode, and also into the live view of watch.h. Both are gathered in bufs, which the caller
 * writes and empties whenever it likes.
 */
#ifndef DELTA_VIEW_H
#define DELTA_VIEW_H

#include "delta/delta.h"
#include "delta/normal.h"
#include "delta/watch.h"
#include "json/write.h"

enum view_mode {
	VIEW_NATIVE,	/* the provider's own object */
	VIEW_NORMALIZE, /* normal.h's line for each choice */
	VIEW_MESSAGE,	/* what the next request wants */
	VIEW_TEXT,	/* text of choice 0, as it comes */
	VIEW_CALLS,	/* a line for each tool call */
	VIEW_NONE,	/* the live view alone */
};

struct view {
	enum view_mode	 mode;
	struct watch	*watch; /* NULL, or the live view */
	bool		 blank; /* control characters of text become blanks, except line feed and tab */
	struct buf	 lines;
	struct normal	 normal;
	struct json_tail tail;	/* a high surrogate at the end of a piece of text */
	struct buf	 refusal; /* of choice 0, which follows the text; escaped form */
	bool		 text;	/* text of choice 0 was printed */
	bool		 ended; /* with a line feed */
};

/* A sink that fills v; report is left to the caller. mode and watch must be set before. */
struct delta_sink view_sink(struct view *v);
unsigned view_wants(const struct view *v); /* for delta_new */
void view_release(struct view *v);	   /* the watch is the caller's */

#endif
