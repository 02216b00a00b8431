/* SPDX-License-Identifier: MIT */
/*
 * server: an HTTP/1.1 server on libmicrohttpd, without threads, one of several things in a loop.
 * server.c is the sole includer of microhttpd.h.
 *
 *	server_open(&s, "127.0.0.1:0", &hooks, max, &fault);          s.address is "127.0.0.1:40123"
 *	for (;;) {
 *		... until s.fd is readable, or server_wait(&s) seconds have gone ...
 *		server_step(&s);
 *	}
 *	server_close(&s);
 *
 * A request is handed on once it is whole. It is answered then or at any time later; the body is pulled
 * piece by piece as the client takes it, and each piece is a write of its own:
 *
 *	request(ctx, x)      ... server_answer(x, 200, &headers, SERVER_CHUNKED)
 *	pull(ctx, x, to, n)  ... copies a piece and returns its length; 0: there is none yet, until server_wake(x)
 *	over(ctx, x, left)   ... the client has it all, or left; x is gone after this
 *
 * What is no HTTP, or has headers beyond 64 KiB, is refused without a word to the hooks. A connection
 * on which nothing moves for 5 minutes, and that waits for the client, is closed.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/field.h"

struct server;

/* One request and its answer. */
struct exchange {
	char *method;
	char *target; /* as it stands in the request line, encoded */
	struct fields headers;
	struct buf body;
	bool too_large; /* the body would pass the ceiling: it was not kept, answer with 413 */
	void *user;     /* the hooks' own */

	struct server *server;
	struct exchange *next, *before;
	void *connection, *reply;
	int status;
	bool seen, whole, suspended, left, reset;
};

enum { PULL_END = -1, PULL_CUT = -2, PULL_RESET = -3 }; /* the body's end, an end that comes too early (FIN, RST) */

struct server_hooks {
	void *ctx;
	void (*request)(void *ctx, struct exchange *x);
	ssize_t (*pull)(void *ctx, struct exchange *x, char *to, size_t room);
	void (*over)(void *ctx, struct exchange *x, bool left);
};

struct server {
	int fd;           /* readable when there is something to do */
	char address[64]; /* host and port that it listens on, "[::1]:80" */
	struct server_hooks hooks;
	size_t max; /* of a request's body; 0: none */
	void *daemon;
	struct exchange *first;
	int listener, bell; /* bell is readable once somebody was woken, until the next step */
	bool rung;
	bool closing; /* nobody is waited for any more */
	bool closed;  /* a connection was, in this step */
	unsigned clients, most;
};

/* bind is HOST:PORT, or a PORT of 127.0.0.1; port 0 is a free one. -1 with a fault: ST_USAGE when bind is
 * no such thing. most: clients at once, up to 4000; others wait, and when half of them are there, each leaves
 * with its answer. */
int server_open(struct server *s, const char *bind, const struct server_hooks *hooks, size_t max,
                unsigned most, struct fault *f);
double server_wait(const struct server *s); /* seconds until server_step must be called; negative: no limit */
void server_step(struct server *s);
void server_close(struct server *s); /* drops who is still there; `over` is called for each */

enum { SERVER_CHUNKED = -1 };

/* Headers of one connection (Content-Length, Transfer-Encoding) must not be among them; those that
 * cannot be sent are left out: without a value, or with control characters in it. length: of the body;
 * SERVER_CHUNKED when nobody knows. False, and nothing was done: with those of the request they are more than
 * 64 KiB. */
bool server_answer(struct exchange *x, int status, const struct fields *headers, int64_t length);

/* Ends the connection in place of an answer: PULL_CUT or PULL_RESET. */
void server_drop(struct exchange *x, int how);

/* There is something to pull, or to end. */
void server_wake(struct exchange *x);

#endif
