/* SPDX-License-Identifier: MIT */
/*
 * recorded_body: the response of an interaction record, as the body that was sent.
 *
 *	{"id":3,"file":"a.yaml","request":{"method":"POST","url":"https://…"},"response":{"status":200,
 *	 "headers":{"Content-Encoding":["gzip"]},"body_base64":"H4sI…","arrivals":[[0.5,120],[0.7,33]]}}
 *
 * gives the bytes without their Content-Encoding, when each of them could be decoded, and the `source` of
 * its events (sse-record(5)): {"file":"a.yaml","id":3,"clock":"request"}.
 */
#ifndef CASSETTE_RECORDED_BODY_H
#define CASSETTE_RECORDED_BODY_H

#include "base/buf.h"
#include "cassette/cassette.h"
#include "json/json.h"

enum recorded_kind {
	RECORDED_NOT,         /* any other JSON text, or none */
	RECORDED_INTERACTION, /* a record as in cassette-record(5) */
	RECORDED_CASSETTE,    /* a cassette in JSON, which is for cassette-extract */
	RECORDED_TRUNCATED,   /* the beginning of one of them */
};

struct recorded_body {
	/* After recorded_body_read, until the next call. */
	struct span bytes;  /* may be absent: there was no body */
	struct span source; /* JSON */
	struct span name;   /* of the file and the interaction, for messages */
	enum ending end;
	const char *note; /* a remark about the record; NULL: none */

	struct json json;
	struct interaction interaction;
	struct buf decoded, made, named;
	size_t *marks; /* for each arrival, how much of bytes can be decoded by then */
	size_t nmarks, mark;
};

void recorded_body_init(struct recorded_body *r);
void recorded_body_release(struct recorded_body *r);

/* Classifies a JSON text, which must stay in place until recorded_body_read. ended: the input ended inside it. */
enum recorded_kind recorded_kind(struct recorded_body *r, struct span text, bool ended);

/* Call it after RECORDED_INTERACTION. nth is the id and input the file (for messages) of a record that has none.
 * timed: fill marks, and name the clock in `source`. max is that of body_decode. -1 with a fault: bytes holds the
 * part that could be decoded. */
int recorded_body_read(struct recorded_body *r, uint64_t nth, const char *input, bool timed, size_t max,
                       struct fault *f);

/* Seconds from the request to the arrival that completed the first n bytes; negative: unknown. n does not
 * fall from call to call. */
double recorded_body_time(struct recorded_body *r, size_t n);

#endif
