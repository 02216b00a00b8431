/* SPDX-License-Identifier: MIT */
/*
 * date: a moment as files spell it.
 *
 *	2011-11-01T04:49:54.120+01:00     RFC 3339, in records and in HAR
 *	Tue, 01 Nov 2011 04:49:54 GMT     an HTTP date (RFC 9110 section 5.6.7), in Ruby's VCR
 *	Tuesday, 01-Nov-11 04:49:54 GMT   the same as RFC 850 had it, in answers of old servers
 *	Tue Nov  1 04:49:54 2011          and as asctime(3) writes it
 *	2011-11-01 04:49:54 GMT           in R's vcr, with and without the zone, and in betamax with a T
 */
#ifndef CASSETTE_DATE_H
#define CASSETTE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define DATE_EPOCH "1970-01-01T00:00:00Z" /* stands for: nobody knows */

/* Appends the other spelling; false, and nothing is appended, when text is no such date. An HTTP date
 * has whole seconds. */
bool date_to_http(struct buf *b, struct span rfc3339);
bool date_from_http(struct buf *b, struct span http);

/* An HTTP date in any of its three forms, as seconds since 1970. A year of two digits is one of this century, but
 * not more than 50 years after now. False: text is not such a date. */
bool date_http_seconds(struct span text, int64_t now, int64_t *seconds);

/* The same for RFC 3339; a fraction of a second is cut off. */
bool date_seconds(struct span text, int64_t *seconds);

/* Appends a date of any spelling as RFC 3339. */
bool date_from_file(struct buf *b, struct span text);

#endif
