/* SPDX-License-Identifier: MIT */
/*
 * content_encoding: a body decoded by its Content-Encoding (RFC 9110 section 8.4) while it arrives.
 *
 *	struct content_decoder d;
 *	if (!content_decoder_init(&d, SPAN("gzip, br")))
 *		... unknown: the body is passed on as it is
 *	for each piece:
 *		content_decoder_feed(&d, piece);
 *		while ((n = content_decoder_pull(&d, to, room)) > 0)
 *			use(to, n);
 *		if (n < 0)
 *			... it is broken
 *	content_decoder_is_whole(&d)
 *	content_decoder_release(&d);
 *
 * gzip, x-gzip, deflate (with zlib's wrapping or without), br, zstd and identity, in any combination. Memory stays
 * bounded however much a piece holds. A body that is not encoded although its header says so is passed on as it is;
 * servers behind some proxies send that. What follows the end of the encoded text is dropped.
 */
#ifndef CASSETTE_CONTENT_ENCODING_H
#define CASSETTE_CONTENT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"

enum { CONTENT_CODINGS = 8 }; /* of one body; more are unknown */

struct content_decoder {
	struct coding *layers[CONTENT_CODINGS]; /* the first is fed, the last is pulled */
	size_t n; /* 0: nothing is encoded, and neither feed nor pull may be called */
};

/* list: the header's value. False: an encoding in it is unknown here; nothing needs to be released then. */
bool content_decoder_init(struct content_decoder *d, struct span list);

/* Can a body with this header be decoded here? */
bool content_encoding_is_known(struct span list);

void content_decoder_feed(struct content_decoder *d, struct span piece); /* copied */

/* Copies decoded bytes and returns how many; 0: all that was fed is used up; -1: the body is broken. room > 0. */
ssize_t content_decoder_pull(struct content_decoder *d, char *to, size_t room);

/* Is what was fed a whole body? Nothing at all is one, as in the answer to HEAD. */
bool content_decoder_is_whole(const struct content_decoder *d);

/* Is the body not encoded at all, as far as it came, although the header says so? */
bool content_decoder_is_plain(const struct content_decoder *d);

void content_decoder_release(struct content_decoder *d);

#endif
