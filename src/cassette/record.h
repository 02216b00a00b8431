/* SPDX-License-Identifier: MIT */
/*
 * record: an interaction as a line of JSON, cassette-record(5), and back.
 *
 *	{"id":0,"request":{"method":"POST","url":"https://…","proto":"HTTP/1.1",
 *	 "headers":{"Accept":["text/html"]},"body":"{}"},"response":{"status":200,"reason":"OK",
 *	 "proto":"HTTP/2.0","headers":{},"body":"data: …","arrivals":[[0.5,120]],"end":"cut"},
 *	 "duration":1.4,"go-vcr":{…}}
 *
 * A body, or a header's value, that is no UTF-8 goes as base64: "body_base64", {"base64":"…"}.
 */
#ifndef CASSETTE_RECORD_H
#define CASSETTE_RECORD_H

#include "cassette/cassette.h"
#include "json/json.h"

/* Appends the line without its line feed. file: named in it when it is not NULL. */
void record_put(struct buf *line, const struct interaction *i, const char *file);

/* Does a JSON text have the shape of a record: a request with a method and a URL, and a response with a
 * number for its status and a body? */
bool record_is(const struct json *j);

/* record_get for a line that j was parsed from. */
int record_fill(struct interaction *i, struct json *j, struct fault *f);

/* Fills i from a line; its texts live in i's arena or in the line. -1 with a fault: no such
 * record. j is scratch. */
int record_get(struct interaction *i, struct json *j, struct span line, struct fault *f);

#endif
