/* SPDX-License-Identifier: MIT */
/*
 * like: json_check for texts that resemble each other.
 *
 * The chunks of a stream are the same text with other words and numbers in it. A text that differs
 * from one known to be valid only inside strings and numbers is valid if what stands there is a
 * valid string or number; comparing costs a third of parsing. The judgement is exactly that of
 * json_check.
 */
#ifndef JSON_LIKE_H
#define JSON_LIKE_H

#include "base/buf.h"
#include "json/json.h"

enum { JSON_LIKE_KNOWN = 8 };

/* A text of short ago. */
struct json_known {
	struct buf  text;
	struct json json; /* its tape; unused when the text is not valid */
	unsigned    next; /* which known text was the model of the one that came after */
};

struct json_like {
	struct json_known known[JSON_LIKE_KNOWN];
	unsigned	  latest;  /* the model of the last text */
	unsigned	  oldest;  /* the one to be replaced next */
	unsigned	  misses;  /* texts without a model, since the last that had one */
};

#define JSON_LIKE_INIT { 0 }

const char *json_like(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut);
void json_like_release(struct json_like *l);

#endif
