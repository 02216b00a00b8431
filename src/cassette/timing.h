/* SPDX-License-Identifier: MIT */
/*
 * timing: spans of time as files spell them. All are nanoseconds here, so that nothing is rounded.
 *
 *	1.401688041         seconds, in records
 *	1m18.00699275s      Go's time.Duration, in go-vcr
 *	[[0.5,120],[0.7,33]]   arrivals: seconds since the request was sent, bytes
 */
#ifndef CASSETTE_TIMING_H
#define CASSETTE_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cassette/cassette.h"
#include "json/json.h"

/* Seconds as a JSON number, without needless zeros; read back: at most 9 decimals count. */
void seconds_put(struct buf *b, int64_t ns);
bool seconds_get(struct span text, int64_t *ns);

/* The same in milliseconds, as HAR has them. */
void milliseconds_put(struct buf *b, int64_t ns);
bool milliseconds_get(struct span text, int64_t *ns);

/* As Go's Duration.String, and what Go's ParseDuration takes. */
void go_duration_put(struct buf *b, int64_t ns);
bool go_duration_get(struct span text, int64_t *ns);

/* The object {"arrivals":[[s,n],...],"end":"cut"}, each only where it says something; nothing when
 * neither does. */
void timing_put(struct buf *json, const struct response *p);

/* Reads both members of an object, as far as there are any. NULL, or what is wrong, in words.
 * Arrivals of another body (it was edited) are left out, with a note. */
const char *timing_get(struct interaction *i, const struct json *j, uint32_t object);

/* How long the body came, by the `timings.receive` of a HAR file; 0 when that is unknown. */
int64_t timing_receive(const struct interaction *i);

#endif
