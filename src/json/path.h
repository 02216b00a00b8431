/* SPDX-License-Identifier: MIT */
/*
 * path: a place in a JSON text, in jq's syntax.
 *
 *	.messages[].content      a member of each element
 *	.tools[0]                an element, counted from 0
 *	."x-id"  .a["b c"]       keys that are not identifiers, as JSON strings
 *	.                        the text itself
 *
 *	struct path p;
 *	if (path_parse(&p, ".messages[].id", &fault) < 0)
 *		...
 *	path_covers(&p, span_of(".messages[3].id"))      true
 *	path_release(&p);
 */
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum path_kind { PATH_KEY, PATH_INDEX, PATH_EACH };

struct path_step {
	enum path_kind kind;
	struct buf key; /* PATH_KEY: decoded */
	size_t index;   /* PATH_INDEX */
};

struct path {
	struct path_step *steps;
	size_t n;
};

/* -1 with an error (ST_USAGE) that quotes the text; nothing needs to be released then. */
int path_parse(struct path *p, struct span text, struct fault *f);
void path_release(struct path *p);

/* Is this place, as json_compare (same.h) spells it, the one of the path, or inside of it? */
bool path_covers(const struct path *p, struct span place);

#endif
