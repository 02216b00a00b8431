/* SPDX-License-Identifier: MIT */
/*
 * splice: a YAML cassette with some interactions cut out and one put behind the others, all other
 * lines as they are.
 *
 *	interactions:
 *	- id: 0         # kept
 *	  ...
 *	- id: 1         <- a cut: from its line to that of the next
 *	  ...
 *	+ - id: 2       <- the new one, indented as the list is
 *	version: 1      <- the list's end
 *
 * Whether the result says what it should is the caller's to find out, by reading it.
 */
#ifndef CASSETTE_SPLICE_H
#define CASSETTE_SPLICE_H

#include "base/in.h"
#include "base/replace.h"

struct cut {
	uint32_t from, to; /* lines, from 1; to is the first one that stays */
};

struct splice {
	struct cut *cuts; /* in their order */
	size_t n;
	uint32_t end;    /* the line before which the item goes */
	uint32_t indent; /* of its dash */
};

/* Copies in to r, spliced; item is the text of a list of one, unindented. -1: the file does not end
 * with a line feed and is not to be spliced, or it cannot be read, and the fault says why. */
int splice_copy(const struct splice *s, struct in *in, struct span item, struct replace *r, struct fault *f);

#endif
