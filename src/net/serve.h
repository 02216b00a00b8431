/* SPDX-License-Identifier: MIT */
/*
 * serve: a server that answers from cassettes and, where there is an upstream, from there; what it
 * learns there it records.
 *
 *	serve_open(&s)       reads the cassettes, listens; s.server.address
 *	serve_run(&s)        until a signal, or until the command has ended
 *	serve_close(&s)      says what came of it, frees all; the status of the command, or 0
 *
 * Interactions are handed out in their order, each once (cassette/shelf.h). What matches none is answered
 * with 404, or goes up. An interaction of the upstream is on disk as soon as its last byte came.
 */
#ifndef NET_SERVE_H
#define NET_SERVE_H

#include <stdbool.h>

#include "base/arena.h"
#include "cassette/shelf.h"
#include "net/accident.h"
#include "net/child.h"
#include "net/client.h"
#include "net/mode.h"
#include "net/pace.h"
#include "net/server.h"

struct visit;

struct serve {
	/* What the user said. */
	const char *bind;
	const char *const *cassettes; /* NULL-terminated */
	const char *record;           /* file; NULL: none */
	const char *upstream;         /* URL; NULL: none */
	bool allow_http;              /* keys may go there in clear */
	char *const *command;         /* NULL: none */
	char *const *environment;
	enum mode mode;
	struct match_rules rules;
	bool in_order; /* requests are not compared */
	bool repeat, all_used, verbose;
	size_t max;
	struct redact_rules redact; /* for what is recorded, and for matching */
	struct pace_options pace;
	struct accidents accidents;
	struct client_options client;
	/* Where messages go: err_tell. */
	void (*say)(enum status status, const char *place, const char *text);

	struct shelf shelf;
	struct server server;
	struct client net;
	struct client_url up;
	struct buf origin;           /* of the upstream */
	struct child child;
	struct arena arena;
	struct visit *visits;
	size_t served, unmatched, relayed, recorded, unrecorded;
	bool over;
};

int serve_open(struct serve *s);
void serve_run(struct serve *s);
int serve_close(struct serve *s);

#endif
