/* SPDX-License-Identifier: MIT */
/*
 * header: the header fields of one HTTP message, in order (RFC 9110 section 5).
 *
 *	anthropic-version: 2023-06-01
 *
 * Names are compared without regard to case and kept as they were spelled. What cannot be one
 * field on the wire (a name that is no token, CR, LF, NUL or another control character in a value)
 * never gets in, so nothing that is in can forge a second field.
 */
#ifndef NET_HEADER_H
#define NET_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct header {
	char *name;
	char *value; /* NULL: unwanted, keeps a default of that name away */
};

struct headers {
	struct header *list;
	size_t count;
	size_t capacity;
};

#define HEADERS_INIT \
	{ \
		0 \
	}

/* Adds a field as curl's -H spells it: "Name: value", "Name:" (unwanted) or "Name;" (empty value).
 * White space around the value goes. -1 with a fault (ST_USAGE) that quotes the name only. */
int headers_line(struct headers *h, struct span line, struct fault *f);

/* Each line of text, as headers_line; CRLF and empty lines are fine. */
int headers_lines(struct headers *h, struct span text, struct fault *f);

int headers_add(struct headers *h, struct span name, struct span value, struct fault *f);

/* As headers_add, unless a field of that name is there or unwanted. */
int headers_default(struct headers *h, struct span name, struct span value, struct fault *f);

bool headers_has(const struct headers *h, const char *name);        /* there or unwanted */
struct span headers_get(const struct headers *h, const char *name); /* the last one's value; absent when none */

/* A line of a response: name and value as they came, control characters and all; a line without a
 * colon is none and is ignored. */
void headers_received(struct headers *h, struct span line);

void headers_reset(struct headers *h);
void headers_release(struct headers *h);

/* The name in a line such as "Name: value"; the whole line when there is no colon. */
struct span header_name(struct span line);
bool header_same(struct span a, const char *b); /* names compare without case */

#endif
