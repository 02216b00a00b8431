/* SPDX-License-Identifier: MIT */
/*
 * match: which recorded interaction answers a request, and if none does, which was nearest.
 *
 *	struct match m;
 *	match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &redact);
 *	match_want(&m, &request);                 the request at hand
 *	while (there are interactions)
 *		if (match_try(&m, &recorded.request, id))
 *			... it is the one
 *	match_nearest(&m, &text, values);         none was: say which came closest, and where it differs
 *
 * Method, URL and body are compared, as far as they mean the same to a provider (url.h, multipart.h):
 *
 *	URL        the order of query parameters and percent-encoding do not count
 *	body       decoded by its Content-Encoding; then by value if both sides are JSON, by parts if both are
 *	           multipart, by parameters if both are forms, and otherwise by bytes
 *	null       a member that is null is as good as missing: providers read it so and some clients send it
 *
 * Both sides are redacted first: what was redacted when it was recorded must not make a difference. A recorded
 * request that is the same without that too is an exact match, and is to be preferred: ?token=a, ?token=b. The
 * caller decides about order and reuse.
 */
#ifndef CASSETTE_MATCH_H
#define CASSETTE_MATCH_H

#include "base/redact.h"
#include "cassette/cassette.h"
#include "json/json.h"
#include "json/path.h"

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

/* A request as it is compared: its body decoded, all of it redacted or nothing, on a tape when it is JSON. */
struct match_side {
	struct buf url, body, decoded;
	struct span method, type; /* type: Content-Type; absent if there is none */
	const struct headers *headers;
	struct json json;
	bool has_body, is_json;
	bool changed; /* there was something to redact */
};

enum match_result {
	MATCH_NONE,
	MATCH_REDACTED, /* the same once both are redacted */
	MATCH_EXACT,
};

struct match_rules {
	unsigned by;                /* of enum match_by; 0: every request matches */
	const char *const *headers; /* NULL-terminated; NULL: none */
	struct path *ignore;        /* places in JSON bodies where differences do not count */
	size_t nignore;
	size_t max; /* of a decoded body; a body that is larger is compared as it is stored; 0: no limit */
};

struct match {
	const struct match_rules *rules; /* borrowed, with all that they hold */
	const struct redact *redact;     /* borrowed */

	struct request request; /* the wanted one, as it came */
	struct match_side wanted, recorded;
	struct match_side plain_wanted, plain_recorded; /* not redacted; made when there is doubt */
	struct match_near *near; /* NULL before the first try */
};

/* Adds a path, such as ".messages[].id", to those that are ignored. -1 with an error (ST_USAGE). */
int match_ignore(struct match_rules *r, const char *path, struct fault *f);
void match_rules_release(struct match_rules *r);

void match_init(struct match *m, const struct match_rules *rules, const struct redact *redact);
void match_release(struct match *m);

/* The request to be answered; its texts are borrowed until the next one. Forgets what was nearest. */
void match_want(struct match *m, const struct request *wanted);

/* Does this recorded request match? If not, and it is nearer than those before, it is remembered with
 * its id and, when there are several cassettes, its file (borrowed; may be NULL). */
enum match_result match_try(struct match *m, const struct request *recorded, uint64_t id, const char *file);

/* Appends "nearest is interaction 3: method, .messages[0].content, .model"; "nothing was recorded" when
 * none was tried. values: with both sides' values, shortened. False: none was tried. */
bool match_nearest(const struct match *m, struct buf *text, bool values);

#endif
