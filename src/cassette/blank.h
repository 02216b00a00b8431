/* SPDX-License-Identifier: MIT */
/*
 * blank: an interaction without its secrets (base/redact.h).
 *
 * Headers, URL, both bodies and what the format adds of its own; lengths that follow from a body
 * (Content-Length, content_length, HAR's sizes, the bytes of arrivals) are corrected. A compressed
 * body is looked into, and stored decompressed when there was something to blank.
 */
#ifndef CASSETTE_BLANK_H
#define CASSETTE_BLANK_H

#include "base/redact.h"
#include "cassette/cassette.h"

/* How many values were blanked so far, by where they stood; and how many bodies are compressed in a way that
 * cannot be undone, so that nobody knows. */
struct blanked {
	size_t headers, urls, bodies, fields;
	size_t unread;
};

/* The new texts live in i's arena. */
void interaction_blank(struct interaction *i, const struct redact *r, struct blanked *count);

/* Appends "2 headers, 1 URL"; nothing when nothing was blanked. */
void blanked_words(const struct blanked *count, struct buf *b);

#endif
