/* SPDX-License-Identifier: MIT */
/*
 * blank: an interaction without its secrets (base/redact.h).
 *
 * URL, headers, reason phrase, both bodies (redact_body.h) and what the format adds of its own; lengths that
 * follow from a body (Content-Length, content_length, HAR's sizes, the bytes of arrivals) are corrected. A
 * compressed body is decoded, and stored decompressed if there was something to redact. What the
 * interaction's own credentials are is learned first, and then redacted everywhere.
 */
#ifndef CASSETTE_BLANK_H
#define CASSETTE_BLANK_H

#include "base/err.h"
#include "base/redact.h"
#include "cassette/cassette.h"

/* What was redacted so far, by where it was; and how many bodies have an encoding that cannot be undone here, so
 * that nobody knows what is in them. */
struct blanked {
	size_t headers, urls, bodies, fields;
	size_t unread;

	/* Called for each place, with words such as "request header Authorization" and "response body .token"; NULL:
	 * for none. */
	void (*found)(void *ctx, const char *place);
	void *ctx;
};

/* The new texts live in i's arena. r learns the credentials of i. max: bytes of a decoded body, 0: no limit.
 * -1 with a fault if a body has more; it is not searched, and i is without it. */
int interaction_blank(struct interaction *i, struct redact *r, size_t max, struct blanked *count, struct fault *f);

/* Appends "2 headers, 1 URL"; nothing when nothing was blanked. */
void blanked_words(const struct blanked *count, struct buf *b);

#endif
