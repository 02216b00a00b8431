/* SPDX-License-Identifier: MIT */
/*
 * redact: secrets become REDACTED before anything is recorded, traced or reported.
 *
 * By name (secret_name.h): the values of headers, of parameters in URLs and forms, and user:password in a
 * URL. By value (secret_value.h): what credentials were learned from a request, the key of the
 * run, and what the options name, however it is spelled. Members of JSON bodies: cassette/redact_body.h.
 *
 *	struct redact r = { .rules = &rules };
 *	redact_learn_header(&r, name, value);      for each header of the request and the response
 *	redact_learn_url(&r, url);
 *	redact_text(&r, &to, text);
 *	redact_release(&r);
 */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/secret_value.h"
#include "base/span.h"

#define REDACTED "REDACTED"

/* What the options of a run say, for all of its exchanges. */
struct redact_rules {
	struct secret_values values; /* --redact-env */
	const char **headers;        /* --redact-header: names, nheaders of them */
	size_t nheaders;
	const char **dropped; /* --drop-header: names, ndropped of them */
	size_t ndropped;
	struct path *paths; /* --redact-json (json/path.h), npaths of them */
	size_t npaths;
};

struct redact {
	struct secret_values values;      /* of this exchange */
	struct buf key;                   /* of the run: a secret even if it is a number */
	const struct redact_rules *rules; /* borrowed; NULL: none */
};

#define REDACT_INIT \
	{ \
		0 \
	}

void redact_release(struct redact *r);

/* Remembers what a header holds, if its name says that it is a secret and its value can be told from other
 * text (secret_is_distinct): a key, what follows a scheme such as Bearer, the password of Basic, the values
 * of cookies. */
void redact_learn_header(struct redact *r, struct span name, struct span value);
void redact_learn_response_header(struct redact *r, struct span name, struct span value);

/* The same for the parameters of a URL, and for its password. */
void redact_learn_url(struct redact *r, struct span url);

/* The key of the run. */
void redact_learn_key(struct redact *r, struct span key);

/* Is the value of this header a secret by its name, or by the rules? */
bool redact_is_header(const struct redact *r, struct span name);

/* Is it one to leave out? */
bool redact_is_dropped(const struct redact *r, struct span name);

/* ---- what is to be replaced in a text, in its order */

struct redact_hit {
	size_t at, n;
	bool quotes; /* the replacement is a JSON string with its quotes: n may be any value */
};

struct redact_hits {
	struct redact_hit *list;
	size_t n, capacity;
};

void redact_hits_add(struct redact_hits *h, struct redact_hit hit);
void redact_hits_release(struct redact_hits *h);

/* Each appends hits for the part of text at from up to to. */
void redact_find_text(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits);
void redact_find_form(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits);
void redact_find_url(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits);
void redact_find_header(const struct redact *r, struct span name, struct span value, struct redact_hits *hits);

/* Appends text with its hits replaced. */
void redact_apply(const struct redact_hits *hits, struct span text, struct buf *to);

/* Each appends its text redacted, and returns how many places were. */
size_t redact_text(const struct redact *r, struct buf *to, struct span text);
size_t redact_header(const struct redact *r, struct buf *to, struct span name, struct span value);
size_t redact_url(const struct redact *r, struct buf *to, struct span url);
size_t redact_form(const struct redact *r, struct buf *to, struct span form); /* a=b&c=d */
size_t redact_line(const struct redact *r, struct buf *to, struct span line); /* human-readable; its URLs too */

#endif
