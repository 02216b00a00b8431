/* SPDX-License-Identifier: MIT */
/*
 * outgoing: one POST from what the user said, checked before anything is sent.
 *
 * Fields come in this order, the first of a name wins: the user's, the provider's, the key's, and
 * the suite's own (content-type, accept, user-agent). What would put a secret on the wire in clear
 * text, or has shown it to all users of the machine already, is refused.
 */
#ifndef NET_OUTGOING_H
#define NET_OUTGOING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/redact.h"
#include "json/json.h"
#include "net/client.h"
#include "net/field.h"
#include "net/provider.h"

struct outgoing_wish {
	const struct provider *provider; /* NULL: url says where */
	const char *url;                 /* NULL: the provider's endpoint */
	const char *model;               /* NULL: the body's */
	const char **headers;            /* "Name: value" or "@FILE", NULL-terminated */
	provider_lookup *lookup;
	const char *key_variable; /* at most one of these three */
	const char *key_file;
	const char *key_command;
	size_t max; /* ceiling of a header file */
	bool stream;
	bool any;           /* the body need not be JSON */
	bool allow_http;    /* a key may go over plain HTTP */
	bool insecure_argv; /* secrets may stand in the arguments */
	const struct redact_rules *rules; /* what the user wants redacted; NULL: nothing more */
	bool local;         /* the connection never leaves the machine (a Unix socket) */
};

struct outgoing {
	struct buf url;
	struct client_url parts;
	struct fields headers;
	struct span body; /* borrowed from the caller, or of `spliced` */
	struct buf spliced;
	struct json json;     /* of the body as given; no tape when it is none */
	struct redact redact; /* knows the key */
	bool secret;          /* something in the headers or the URL is */
	bool loose;           /* the key's file can be read by others */
};

/* Begins r, with its body checked. -1 with a fault (ST_USAGE) whose place is the body's. */
int outgoing_init(struct outgoing *r, const struct outgoing_wish *w, struct span body, struct fault *f);

/* The URL, the fields, and the body's `stream`: everything but the key. -1 with a fault, ST_USAGE. */
int outgoing_address(struct outgoing *r, const struct outgoing_wish *w, struct fault *f);

/* The key and the last checks: what is needed when the network is. */
int outgoing_unlock(struct outgoing *r, const struct outgoing_wish *w, struct fault *f);

/* Appends the request as it would go out: POST URL, fields, empty line, body; redacted. */
void outgoing_show(const struct outgoing *r, struct buf *b);

/* Appends bytes for people to see: literal secrets blanked, and those of URLs. */
void outgoing_redact(struct outgoing *r, struct buf *b, struct span bytes);

void outgoing_release(struct outgoing *r);

#endif
