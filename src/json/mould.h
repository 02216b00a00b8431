/* SPDX-License-Identifier: MIT */
/*
 * mould: the tape of a text that differs from another in some strings and numbers alone.
 *
 * Such texts have the same nodes; a token that is longer moves what stands behind it and lengthens
 * what it stands in. To copy a tape and move its nodes takes a fraction of the time of parsing.
 */
#ifndef JSON_MOULD_H
#define JSON_MOULD_H

#include "json/json.h"

struct mould {
	struct json_node *nodes; /* of the text it was made of */
	uint32_t	 *parents; /* of each node the container, 0 for the root */
	uint32_t	  used, capacity;
	struct json_known *known; /* what json_get found in tapes that were poured */
	bool		  spaced; /* as in struct json */
	uint32_t	  space;
};

#define MOULD_INIT { 0 }

/* A string (its inside) or a number that may be another. */
struct mould_hole {
	uint32_t node;
	uint32_t start, length; /* in the new text */
	bool	 escaped;
};

/* Of the tape of a good text; again of another with the same nodes costs a copy. */
void mould_make(struct mould *m, const struct json *j);

/* The tape of text[0..n), which differs in those holes alone, in the order of the text: what json_parse
 * would make of it. */
void mould_pour(const struct mould *m, const struct mould_hole *holes, unsigned nholes, const char *text, size_t n,
		struct json *j);

/* After that: spaces and tabs, of which the mould's text has none there, stand between the brackets at
 * the end of the text. */
void mould_spread(const struct mould *m, struct json *j, size_t n);

void mould_release(struct mould *m);

#endif
