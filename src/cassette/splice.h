/* SPDX-License-Identifier: MIT */
/*
 * splice: a cassette with some interactions cut out and others put behind the rest, all else as it is:
 * lines of a YAML file, bytes of a JSON one.
 *
 *	interactions:
 *	- id: 0         # kept
 *	  ...
 *	- id: 1         <- a cut: from its line to that of the next
 *	  ...
 *	+ - id: 2       <- the new ones, indented as the list is
 *	version: 1      <- the list's end
 *
 *	{"log": {"entries": [
 *	    {...},      <- kept, and what stands between two of them
 *	    {...}       <- cut, with what stands before it
 *	  + {...}       <- a new one, on a line, after what stands between the last two
 *	  ], "pages": []}}
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
	uint32_t end;    /* the line before which the items go */
	uint32_t indent; /* of their dashes */
};

/* Copies in to r, spliced; items is the text of a list of them, unindented. -1: it cannot be read, and the
 * fault says why. */
int splice_copy(const struct splice *s, struct in *in, struct span items, struct replace *r, struct fault *f);

struct piece {
	uint64_t from, to; /* offsets of an interaction's braces, the second one excluded */
	bool cut;
};

struct splice_json {
	struct piece *pieces; /* all, at least one */
	size_t n;
	uint64_t opened; /* behind the list's bracket */
};

/* The same for a JSON text; items is a line for each. */
int splice_json(const struct splice_json *s, struct in *in, struct span items, struct replace *r, struct fault *f);

#endif
