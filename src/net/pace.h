/* SPDX-License-Identifier: MIT */
/*
 * pace: where a recorded body is cut into writes, and when each is due.
 *
 *	cut          arrivals, when they are known and count; else one piece, or events when they have times
 *	event        after each event, JSON text or frame (frame/)
 *	line         after each LF, CRLF or CR
 *	byte, N      after each byte, each N
 *	random:SEED  after 1 to 64 bytes
 *
 * Times are seconds since the request, divided by the speed; speed 0 is at once. A piece is due when its
 * last byte arrived. Where arrivals are unknown: HAR's `receive` is spread over the bytes, or events come
 * at a rate, or all is due with the headers.
 */
#ifndef NET_PACE_H
#define NET_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cassette/cassette.h"
#include "frame/frame.h"

enum pace_cut { PACE_AS_RECORDED, PACE_EVENT, PACE_LINE, PACE_BYTES, PACE_RANDOM };

struct pace_options {
	double speed; /* 0: as fast as the reader takes it */
	double rate;  /* events per second where arrivals are unknown or do not count; 0: none */
	enum pace_cut cut;
	size_t bytes;  /* of PACE_BYTES */
	uint64_t seed; /* of PACE_RANDOM */
};

/* The text of --cut; false: it is none. */
bool pace_parse_cut(struct pace_options *o, const char *text);

struct pace {
	const struct pace_options *o;
	const struct interaction *i;
	struct span body;
	bool arrivals;    /* those of i count */
	int64_t receive;  /* nanoseconds, of HAR; 0: unknown */
	size_t at;        /* where the next piece begins */
	size_t event_end; /* of the event that holds byte `at`, when events are asked for */
	uint64_t events;  /* before it */
	size_t arrival;   /* the one that holds the piece's last byte */
	size_t arrived;   /* bytes before it */
	uint64_t random;
	struct frame frame;
	size_t framed; /* bytes that the frame consumed */
};

/* All are borrowed. body is what is sent: that of i, or decoded, and then its arrivals do not count. */
void pace_init(struct pace *p, const struct pace_options *o, const struct interaction *i, struct span body);
double pace_head(const struct pace *p); /* when the headers are due */

/* The next piece: its end in the body, and when it is due. False: there is none. */
bool pace_next(struct pace *p, size_t *end, double *due);
void pace_release(struct pace *p);

#endif
