/* SPDX-License-Identifier: MIT */
/*
 * redact: secrets become REDACTED before anything is recorded, traced or reported.
 *
 * By name: the values of headers such as Authorization, Cookie and X-Any-Api-Key, of query parameters such as
 * key=, and user:password in a URL. By value: what redact_secret was told, wherever it stands, as it
 * is, escaped as in JSON, or percent-encoded; a secret that a transfer cut in pieces is found by the
 * streaming form. (One that a model spells over several events is not.)
 */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

#define REDACTED "REDACTED"

enum { REDACT_SHORTEST = 4 };

struct redact {
	struct buf *patterns; /* the spellings of the secrets */
	size_t n;
	bool first[256]; /* bytes that begin one */
};

#define REDACT_INIT \
	{ \
		0 \
	}

/* Blank this value from now on. False: it has fewer than REDACT_SHORTEST bytes. */
bool redact_secret(struct redact *r, struct span value);
void redact_release(struct redact *r);

bool redact_is_header(struct span name);    /* is its value a secret? */
bool redact_is_parameter(struct span name); /* of a query or a form */

/* Each appends its text with the secrets blanked, and returns how many there were. */
size_t redact_text(const struct redact *r, struct buf *to, struct span text);
size_t redact_header(const struct redact *r, struct buf *to, struct span name, struct span value);
size_t redact_url(const struct redact *r, struct buf *to, struct span url);
size_t redact_form(const struct redact *r, struct buf *to, struct span form); /* a=b&c=d */
size_t redact_line(const struct redact *r, struct buf *to, struct span line); /* for people; its URLs too */

/* The same for text that comes in pieces: bytes that may be the beginning of a secret are held back
 * until more is known. */
struct redact_stream {
	const struct redact *redact;
	struct buf held;
	size_t count;
};

void redact_push(struct redact_stream *s, struct buf *to, struct span piece);
void redact_end(struct redact_stream *s, struct buf *to); /* gives out what is held; begin anew */

#endif
