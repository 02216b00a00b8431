/* SPDX-License-Identifier: MIT */
/*
 * reader: the interactions of an input, be it a cassette of any make or interaction records, one per line.
 *
 *	struct reader r;
 *	reader_open(&r, path, READ_ANY, max, &f);
 *	while ((result = reader_next(&r, &f)) == READER_ONE)
 *		use(&r.interaction);
 *	err_fault(reader_place(&r), &f);
 *	reader_close(&r);
 *
 * An input whose first line is an interaction record (record.h) holds records; any other is a cassette.
 */
#ifndef CASSETTE_READER_H
#define CASSETTE_READER_H

#include "base/in.h"
#include "cassette/cassette.h"
#include "json/json.h"

enum reader_input { READ_ANY, READ_RECORDS };

/* Bytes of a record: libyaml counts in int. A smaller limit of an interaction counts six times, since an escape takes
 * six bytes. */
enum { READER_RECORD_MAX = 1 << 30 };

enum reader_result {
	READER_END,
	READER_ONE,  /* in interaction */
	READER_LINE, /* a fault: this line is not a record; the next call reads the next one */
	READER_BAD,  /* a fault, and nothing more */
};

struct reader {
	struct interaction interaction; /* the one read last; valid until the next call */
	struct in in;
	struct cassette *cassette; /* NULL: records */
	struct json json;
	struct buf place;
	unsigned long line;
	uint64_t count; /* of records so far */
	bool opened, any; /* any: there was a line */
};

/* max: bytes of one interaction; 0: no limit. A fault is kept for reader_next; it must be closed in any case. */
void reader_open(struct reader *r, const char *path, enum reader_input input, size_t max, struct fault *f);

/* f: an earlier fault ends it. The id of a record is its own, or else its place among the records. Records without a line are a fault. */
enum reader_result reader_next(struct reader *r, struct fault *f);

/* Of the interaction that was read last, or of the fault: "file:line", or the file. Until the next call. */
const char *reader_place(struct reader *r);
void reader_close(struct reader *r);

#endif
