/* SPDX-License-Identifier: MIT */
/*
 * date: a moment as files spell it.
 *
 *	2011-11-01T04:49:54.120+01:00     RFC 3339, in records and in HAR
 *	Tue, 01 Nov 2011 04:49:54 GMT     an HTTP date (RFC 9110 section 5.6.7), in Ruby's VCR
 *	2011-11-01 04:49:54 GMT           in R's vcr, with and without the zone, and in betamax with a T
 */
#ifndef CASSETTE_DATE_H
#define CASSETTE_DATE_H

#include "base/buf.h"
#include "base/span.h"

#define DATE_EPOCH "1970-01-01T00:00:00Z" /* stands for: nobody knows */

/* Appends the other spelling; false, and nothing is appended, when text is no such date. An HTTP date
 * has whole seconds. */
bool date_to_http(struct buf *b, struct span rfc3339);
bool date_from_http(struct buf *b, struct span http);

/* Appends a date of any spelling as RFC 3339. */
bool date_from_file(struct buf *b, struct span text);

#endif
