/* SPDX-License-Identifier: MIT */
/*
 * multipart: the parts of a body of the type multipart/... (RFC 2046 section 5.1, RFC 7578).
 *
 *	--X\r\n
 *	Content-Disposition: form-data; name="file"; filename="a.wav"\r\n
 *	Content-Type: audio/wav\r\n
 *	\r\n
 *	RIFF...\r\n
 *	--X--\r\n
 *
 * The boundary, X, is arbitrary: clients choose another one for each request.
 */
#ifndef CASSETTE_MULTIPART_H
#define CASSETTE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct part {
	struct span name; /* of form data, "file"; empty if it has none */
	struct span head; /* its header lines, with their line ends */
	struct span body;
	size_t place; /* in the body, from 0 */
	bool is_file; /* it has a file name */
};

struct multipart {
	struct part *parts;
	size_t n;
};

/* The boundary that a Content-Type names; absent if it names none or is not multipart/... */
struct span multipart_boundary(struct span type);

/* Fills *m with spans of body. type is the Content-Type; if it is absent, the first line of the body counts as the
 * boundary. False: the body is not multipart, or its last boundary is missing; nothing needs to be released then. */
bool multipart_split(struct multipart *m, struct span type, struct span body);
void multipart_release(struct multipart *m);

/* One part that differs: `name` as in a message, "part file" or "part 2". Absent bodies: a side has no such part. */
typedef void multipart_differ(void *context, struct span name, struct span a, struct span b);

/* Pairs the parts, those with a name by it and the others by their order, and calls differ for each pair that is
 * not the same: header lines in any order, bodies by value if both are JSON and otherwise by their bytes. */
void multipart_compare(struct multipart *a, struct multipart *b, multipart_differ *differ, void *context);

#endif
