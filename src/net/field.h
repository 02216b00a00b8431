/* SPDX-License-Identifier: MIT */
/*
 * field: the header fields of one HTTP message, in order (RFC 9110 section 5).
 *
 *	anthropic-version: 2023-06-01
 *
 * Names are compared without regard to case and kept as they were spelled. What cannot be one
 * field on the wire (a name that is no token, CR, LF, NUL or another control character in a value)
 * never gets in, so nothing that is in can forge a second field.
 */
#ifndef NET_FIELD_H
#define NET_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct field {
	char *name;
	char *value; /* NULL: unwanted, keeps a default of that name away */
};

struct fields {
	struct field *list;
	size_t count;
	size_t capacity;
};

#define FIELDS_INIT \
	{ \
		0 \
	}

/* Adds a field as curl's -H spells it: "Name: value", "Name:" (unwanted) or "Name;" (empty value).
 * White space around the value goes. -1 with a fault (ST_USAGE) that quotes the name only. */
int fields_line(struct fields *h, struct span line, struct fault *f);

/* Each line of text, as fields_line; CRLF and empty lines are fine. */
int fields_lines(struct fields *h, struct span text, struct fault *f);

int fields_add(struct fields *h, struct span name, struct span value, struct fault *f);

/* As fields_add, unless a field of that name is there or unwanted. */
int fields_default(struct fields *h, struct span name, struct span value, struct fault *f);

bool fields_has(const struct fields *h, const char *name);        /* there or unwanted */
struct span fields_get(const struct fields *h, const char *name); /* the last one's value; absent when none */

/* Adds what came from a peer as it is. An absent value is kept as an unwanted field's. */
void fields_put(struct fields *h, struct span name, struct span value);

/* A line of a response: name and value as they came, control characters and all; a line without a
 * colon is none and is ignored. */
void fields_received(struct fields *h, struct span line);

/* Does a list in fields of that name hold the word? "Connection: close, X-Hop" */
bool fields_list(const struct fields *h, const char *name, const char *word);

void fields_reset(struct fields *h);
void fields_release(struct fields *h);

/* The name in a line such as "Name: value"; the whole line when there is no colon. */
struct span field_name(struct span line);
bool field_same(struct span a, const char *b); /* names compare without case */

#endif
