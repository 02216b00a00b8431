/* SPDX-License-Identifier: MIT */
/*
 * relay: a request of a server's client, put to another server, and its answer passed back as it
 * arrives.
 *
 * What goes up: the request's method, target, headers and body; Host, lengths and what is about the
 * connection are made anew, and no encoding is asked for, since what is recorded shall be read. What
 * comes down: status, headers less those, and the body, piece by piece. A client that reads slower than
 * the answer comes holds it back.
 */
#ifndef NET_RELAY_H
#define NET_RELAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/redact.h"
#include "net/client.h"
#include "net/keep.h"
#include "net/server.h"

enum { RELAY_AHEAD = 256 * 1024 }; /* bytes held for a client that does not read */

struct relay {
	struct exchange *x;
	struct client_transfer transfer;
	struct buf url;
	struct fields fields;        /* of the request that goes up */
	struct redact redact;        /* what its secret headers hold */
	struct buf queue;            /* came, and was not pulled */
	struct keep keep;
	bool answered; /* the client has a head */
	bool keeps;
};

/* What is asked of the other server: path and query. Absent: the request has no such thing, and whatever
 * stands there instead might lead its keys to somebody else. */
struct span relay_target(const struct exchange *x);

/* origin: "https://api.example.com". x has a target. keeps: to be recorded, up to max bytes. */
void relay_start(struct relay *r, struct client *c, struct exchange *x, const char *origin, bool keeps, size_t max,
                 const struct redact_rules *rules);
ssize_t relay_pull(struct relay *r, char *to, size_t room);

/* The exchange, once transfer.ended, for keep_store; texts are r's, arrays in i's arena. */
void relay_interaction(const struct relay *r, struct interaction *i);
void relay_release(struct relay *r); /* ends it if it runs */

/* The credentials of a request, in its headers and its URL, become secrets to redact. */
void relay_secrets(const struct exchange *x, struct redact *redact);

#endif
