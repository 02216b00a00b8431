/* SPDX-License-Identifier: MIT */
/*
 * body: what has to be known of a request's JSON body, and the one change that is made to it.
 *
 * The body goes out as it was written. body_stream asks for a stream by splicing text into it; all
 * other bytes stay:
 *
 *	{"model": "m", "messages": []}
 *	{"stream":true,"stream_options":{"include_usage":true},"model": "m", "messages": []}
 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

/* Is it one JSON text? The tape stays with j. -1 with a fault (ST_USAGE) that says where it is not,
 * and shows nothing of it. */
int body_check(struct json *j, struct span body, struct fault *f);

/* Appends the body's "model", decoded; nothing when it has none. */
void body_model(const struct json *j, struct buf *model);

/* Appends the body, of which j is the tape, with "stream": true in it and, with usage, stream_options.include_usage.
 * What says so already stays. -1 with a fault (ST_USAGE) when the body is no object. */
int body_stream(const struct json *j, struct span body, bool usage, struct buf *out, struct fault *f);

#endif
