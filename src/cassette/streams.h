/* SPDX-License-Identifier: MIT */
/*
 * streams: the events of files that hold streamed bodies, interaction records, or both.
 *
 *	struct streams s = { .max = 64 << 20, .report = report };
 *	streams_init(&s);
 *	if (streams_open(&s, path)) {
 *		while (streams_next(&s, &event))
 *			use event, s.frame, s.t and s.source
 *		streams_close(&s);
 *	}
 *	streams_end(&s);
 *
 * The bytes of a file are the body of a response, save for JSON texts that are interaction records
 * (cassette-record(5)): of those the recorded body is read, as a stream of its own. One record is held at a
 * time. Faults are passed to `report`, and reading continues.
 */
#ifndef CASSETTE_STREAMS_H
#define CASSETTE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/in.h"
#include "base/span.h"
#include "cassette/recorded_body.h"
#include "frame/frame.h"
#include "frame/separator.h"

/* Kinds of reports. Those of the first are few; the others may come by the thousand. */
enum streams_kind { STREAMS_ONCE, STREAMS_FRAMING, STREAMS_RECORD, STREAMS_ENDING, STREAMS_SKIPPED, STREAMS_KINDS };

/* status is ST_OK for a note. place may be NULL. */
typedef void streams_report(void *ctx, enum streams_kind kind, enum status status, const char *place, const char *text);

struct streams {
	/* Set before streams_init. */
	size_t max;                        /* of an event, a text or a frame, of a record and of its body; 0: no limit */
	bool strict;                       /* as in struct frame */
	const struct frame_format *forced; /* framing of bodies; NULL: recognise. With json, records are JSON */
	bool timed;                        /* times are wanted */
	double start;                      /* from which those of bytes are counted */
	bool named;                        /* events of bytes have a source */
	streams_report *report;
	void *ctx;

	/* Of the event that was read last. */
	struct frame *frame; /* that it comes from */
	double t;            /* negative: unknown */
	struct span source;  /* JSON; absent if it has none */

	struct separator separator; /* knows where files and records end */
	struct in in;

	struct frame file, body; /* of the file's bytes, of a recorded body */
	bool records;            /* JSON texts of the file may be records */
	bool only_records;       /* and are nothing else */
	bool cassette;           /* the file is one, which was reported */
	bool inside;             /* a recorded body */
	size_t at;               /* bytes of it that were read */
	bool faulted;            /* its record, which was reported */
	struct recorded_body recorded;
	struct buf file_source, place;
	uint64_t nth;                                /* texts of this file so far that are no chunks */
	uint64_t bodies, skipped;                    /* of all files; without an event */
	bool split;                                  /* an event was given */
};

void streams_init(struct streams *s);
void streams_release(struct streams *s);

/* False: the file cannot be opened, which was reported. path as in in_open. */
bool streams_open(struct streams *s, const char *path);
bool streams_next(struct streams *s, struct frame_event *event);
void streams_close(struct streams *s); /* also before all was read */

/* After the last file: reports how many recorded bodies gave no event. */
void streams_end(struct streams *s);

/* Where an event is, for messages; until the next call. */
const char *streams_place(struct streams *s, const struct frame_event *event);

#endif
