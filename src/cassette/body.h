/* SPDX-License-Identifier: MIT */
/* body: bodies as a reader wants them: without their Content-Encoding. */
#ifndef CASSETTE_BODY_H
#define CASSETTE_BODY_H

#include "cassette/cassette.h"

enum body_result { BODY_OK = 0, BODY_CUT = -1, BODY_TOO_LARGE = -2, BODY_UNKNOWN = -3 };

/* *bytes is the body of one side, decoded by its Content-Encoding (gzip, deflate, br, zstd) when it really
 * is so encoded: recorders often keep the header and store plain bytes. It points into i or into
 * scratch. Otherwise a fault: it ends too early or is broken, and *bytes is what could be decoded; it has
 * more than max bytes (0: no limit), with any of several encodings undone; or the encoding is unknown here. Of
 * the last two *bytes is empty. */
enum body_result body_decode(const struct interaction *i, bool request, struct buf *scratch, size_t max, struct span *bytes,
                struct fault *f);

/* Appends what zlib packed, in its own wrapping or gzip's. NULL, or what is wrong: "ends too early", or
 * more than max (0: none). */
const char *body_unzip(struct span packed, struct buf *to, size_t max);

/* Does this body look like a stream of server-sent events? */
bool body_is_events(const struct headers *h, struct span body);

#endif
