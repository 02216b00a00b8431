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
 *	path_find(&p, &json, found, context);            the ids in a text
 *	path_release(&p);
 */
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "json/json.h"

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

/* Appends the step to a member or an element, as jq spells it, to a path that may be empty so far. */
void path_add_key(struct buf *path, const struct json *j, uint32_t key);
void path_add_index(struct buf *path, size_t index);

/* Appends the path of the value that the byte at offset belongs to; a key belongs to its value. */
void path_of(struct buf *path, const struct json *j, size_t offset);

/* Calls found for each value at the path, in the order of the text; of members with the same key for each. */
typedef void path_found(void *context, uint32_t node);
void path_find(const struct path *p, const struct json *j, path_found *found, void *context);

#endif
