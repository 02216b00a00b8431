/* SPDX-License-Identifier: MIT */
/*
 * bases: the environment of a command whose clients are to talk to a server of ours.
 *
 *	OPENAI_BASE_URL=http://127.0.0.1:40123/api/v1
 *	ANTHROPIC_BASE_URL=http://127.0.0.1:40123
 *	NO_PROXY=127.0.0.1
 *	OPENAI_API_KEY=none                     where there is none
 *
 * Every variable of provider.c's table, and those that other SDKs read. A base ends where a client puts
 * what it asks for: it is the recorded path less a tail that the client is known to add. Of several
 * recordings the first one from that provider's own host counts, or else the first; without one it is
 * the path of the provider's own base.
 */
#ifndef NET_BASES_H
#define NET_BASES_H

#include "base/arena.h"
#include "base/span.h"
#include "cassette/shelf.h"

struct bases {
	const struct shelf *shelf;
	const char *address; /* of the server, host and port */
	struct span path;    /* under which everything lies; absent: as recorded */
	bool keys;           /* give a key to whoever has none */
	/* An interaction that no client would find with that variable. */
	void (*astray)(void *ctx, const char *variable, struct span base, const struct shelf_item *item,
	               struct span its);
	void *ctx;
};

/* environment and more, NULL-terminated, in the arena or borrowed. */
char **bases_environment(const struct bases *b, char *const *environment, struct arena *a);

#endif
