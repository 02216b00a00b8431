/* SPDX-License-Identifier: MIT */
/* body: bodies as a reader wants them: without their Content-Encoding. */
#ifndef CASSETTE_BODY_H
#define CASSETTE_BODY_H

#include "cassette/cassette.h"

/* *bytes is the body of one side, decoded by its Content-Encoding (gzip, deflate, br, zstd) when it really
 * is so encoded: recorders often keep the header and store plain bytes. It points into i or into
 * scratch. -1 with a fault when the encoding is unknown here, broken or passes max (0: none); *bytes
 * is then what could be decoded, if anything. */
int body_decode(const struct interaction *i, bool request, struct buf *scratch, size_t max, struct span *bytes,
                struct fault *f);

/* Appends what zlib packed, in its own wrapping or gzip's. NULL, or what is wrong: "ends too early", or
 * more than max (0: none). */
const char *body_unzip(struct span packed, struct buf *to, size_t max);

/* Does this body look like a stream of server-sent events? */
bool body_is_events(const struct headers *h, struct span body);

#endif
