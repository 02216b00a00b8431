/* SPDX-License-Identifier: MIT */
/*
 * listing: interactions as a table for people.
 *
 *	ID  METHOD  URL                              STATUS  TYPE               BYTES  DURATION
 *	 0  POST    https://api.example.com/v1/chat     200  text/event-stream   1.8k     1.4s
 *
 * On a terminal that is too narrow files, URLs and types are shortened.
 */
#ifndef CASSETTE_LISTING_H
#define CASSETTE_LISTING_H

#include "base/out.h"
#include "cassette/cassette.h"

enum { LISTING_COLUMNS = 8 };

struct listing {
	struct arena arena;
	struct row *first, *last;
	size_t width[LISTING_COLUMNS]; /* in columns of the terminal */
	bool files;                    /* the first column is shown */
};

/* file: NULL when there is but one. */
void listing_add(struct listing *l, const struct interaction *i, const char *file);
void listing_print(struct listing *l, struct out *out); /* nothing when there are no rows */
void listing_release(struct listing *l);

#endif
