/* SPDX-License-Identifier: MIT */
/*
 * match: which recorded interaction answers a request, and if none does, which was nearest.
 *
 *	struct match m;
 *	match_init(&m, MATCH_DEFAULT, &redact);
 *	match_want(&m, &request);                 the request at hand
 *	while (there are interactions)
 *		if (match_try(&m, &recorded.request, id))
 *			... it is the one
 *	match_nearest(&m, &text, values);         none was: say which came closest, and where it differs
 *
 * Method, URL and body are compared, the body by JSON value when both are JSON, else by bytes; a member
 * that is null is as good as missing, since providers read it so and some clients send it. Both
 * sides are redacted first: what was blanked when it was recorded must not make a difference. The
 * caller decides about order and reuse.
 */
#ifndef CASSETTE_MATCH_H
#define CASSETTE_MATCH_H

#include "base/redact.h"
#include "cassette/cassette.h"
#include "json/json.h"

enum match_by {
	MATCH_METHOD = 1,
	MATCH_ORIGIN = 2, /* scheme and host of the URL */
	MATCH_PATH = 4,
	MATCH_QUERY = 8,
	MATCH_BODY = 16,
	MATCH_HEADERS = 32, /* those of `headers` */
	MATCH_URL = MATCH_ORIGIN | MATCH_PATH | MATCH_QUERY,
	MATCH_DEFAULT = MATCH_METHOD | MATCH_URL | MATCH_BODY,
};

/* A request as it is compared: redacted, its body on a tape when it is JSON. */
struct match_side {
	struct buf url, body;
	struct span method;
	const struct headers *headers;
	struct json json;
	bool has_body, is_json;
};

struct match {
	unsigned by;                 /* of enum match_by */
	const char *const *headers;  /* NULL-terminated; borrowed; NULL: none */
	const struct redact *redact; /* borrowed */

	struct match_side wanted, recorded;
	struct match_near *near; /* NULL before the first try */
};

void match_init(struct match *m, unsigned by, const struct redact *redact);
void match_release(struct match *m);

/* The request to be answered; its texts are borrowed until the next one. Forgets what was nearest. */
void match_want(struct match *m, const struct request *wanted);

/* Does this recorded request match? If not, and it is nearer than those before, it is remembered with
 * its id and, when there are several cassettes, its file (borrowed; may be NULL). */
bool match_try(struct match *m, const struct request *recorded, uint64_t id, const char *file);

/* Appends "nearest is interaction 3: method, .messages[0].content, .model"; "nothing was recorded" when
 * none was tried. values: with both sides' values, shortened. False: none was tried. */
bool match_nearest(const struct match *m, struct buf *text, bool values);

#endif
