/* SPDX-License-Identifier: MIT */
/*
 * sniff: input that is meant for another program, recognised by its first line.
 *
 *	event: message				fields of an event stream without data decide nothing
 *	data: {"id":"c1",…			an event stream: sse-split
 *	---, interactions:, {"log":{…		a cassette: cassette-extract, then sse-split
 *	{"request":{…},"response":{…}}		interaction records: sse-split
 *	\x1f\x8b				gzip
 *
 * A line of text decides that the input is nothing of that kind: agents print such lines before
 * their first chunk. A caller asks about each line until it has found a line of its own kind, and
 * reports the kind once; sniff_line skips the rest of the input.
 *
 *	switch (sniff_line(&s, line)) {
 *	case SNIFF_TAKE: parse the line; if it is JSON and sniff_json(&s, &json): as SNIFF_WRONG
 *	case SNIFF_SKIP: next line
 *	case SNIFF_FIELD: report once that such lines are skipped
 *	case SNIFF_WRONG: sniff_put(&s, &text, "chunks", "sse-split"), report it
 *	}
 *	at the end of the input: if sniff_end(&s): as SNIFF_WRONG
 */
#ifndef DELTA_SNIFF_H
#define DELTA_SNIFF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "json/json.h"

enum sniff_kind {
	SNIFF_UNKNOWN, /* or, at the end of the input, plain text */
	SNIFF_EVENTS, /* an event stream */
	SNIFF_FRAMES, /* Amazon's */
	SNIFF_CASSETTE,
	SNIFF_RECORDS, /* of cassette-extract */
	SNIFF_LAID_OUT, /* JSON over several lines */
	SNIFF_GZIP,
	SNIFF_ZSTD,
	SNIFF_HTML,
	SNIFF_BINARY,
};

enum sniff_result { SNIFF_TAKE, SNIFF_SKIP, SNIFF_FIELD, SNIFF_WRONG };

/* Of one file; begins as zeros. */
struct sniff {
	enum sniff_kind kind; /* that was found; the rest of the input is skipped */
	bool decided;	      /* a line was seen that is not of another kind */
	bool bracket;	      /* the first line is only a bracket: the second one decides */
	bool fields;	      /* the caller reported a field without data */
	bool json;	      /* a line began as JSON does */
	unsigned long texts;  /* lines of text that were skipped */
};

/* About a line, until the caller has found one of its own kind. */
enum sniff_result sniff_line(struct sniff *s, struct span line);

/* True if the line, which is this JSON text, is of another kind. */
bool sniff_json(struct sniff *s, const struct json *j);

/* At the end of the input, if the caller found no line of its own kind: true if that is to be
 * reported, since the input is plain text, or a bracket alone. */
bool sniff_end(struct sniff *s);

/* A line that begins with event:, id:, retry: or a colon. */
bool sniff_is_field(struct span line);

/* Appends what the input is instead of `wanted`, and what to do: "an event stream, not chunks; put
 * sse-split before". `programs` is the pipe that makes the wanted lines of event streams. */
void sniff_put(const struct sniff *s, struct buf *to, const char *wanted, const char *programs);

#endif
