/* SPDX-License-Identifier: MIT */
/* visit: one request of a client and how it is answered: from a cassette, from the upstream, or not. */
#ifndef NET_VISIT_H
#define NET_VISIT_H

#include "net/relay.h"
#include "net/replay.h"
#include "net/serve.h"

enum visit_kind { VISIT_REFUSED, VISIT_REPLAY, VISIT_RELAY };

struct visit {
	struct serve *serve;
	struct exchange *x;
	struct visit *next, *before;
	enum visit_kind kind;
	struct buf place; /* "POST /v1/messages", redacted */
	double start;     /* clock_now */
	double due;       /* seconds since start when it goes on; negative: something else wakes it */
	bool headed;      /* the answer's head was given to the server */

	struct shelf_item *item; /* VISIT_REPLAY, or refused by an accident */
	const struct accident *accident;
	struct replay replay;
	struct relay relay;
	bool told;       /* VISIT_RELAY: its end was seen to */
	struct buf text; /* VISIT_REFUSED: the body */
	size_t sent;
};

/* The server's hooks; ctx is the struct serve. */
extern const struct server_hooks visit_hooks;

/* Wakes those whose time has come and sees to those whose upstream has ended. Returns the seconds until
 * it must be called again; negative: no limit. */
double visits_step(struct serve *s);

#endif
