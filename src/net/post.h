/* SPDX-License-Identifier: MIT */
/*
 * post: one request, attempted until it is answered or trying again is useless.
 *
 * A reply is handed on as it arrives once it is the one that counts. Until then nothing is: the
 * body of an error is held back (up to POST_HOLD bytes) until retry.h has judged it, and a head
 * until the first byte of its body or its end. Once a byte was handed on there is no other attempt,
 * so that nobody downstream ever reads the same text twice.
 */
#ifndef NET_POST_H
#define NET_POST_H

#include <poll.h>

#include "net/client.h"
#include "net/problem.h"
#include "net/retry.h"

enum { POST_HOLD = 1 << 20, POST_WATCH = 2 };

struct post_hooks {
	void *ctx;
	void (*head)(void *ctx, const struct client_reply *r);
	void (*body)(void *ctx, struct span piece);
	void (*retry)(void *ctx, const char *why, const struct retry *r, long done); /* before the wait */
	void (*trace)(void *ctx, char kind, struct span line);                       /* NULL: none */
};

struct post {
	struct client_call call;
	struct retry_policy policy;
	struct post_hooks hooks;
	/* One of these becomes ready, or hangs up: the user or the reader has had enough. */
	struct pollfd watch[POST_WATCH];
	size_t nwatch;

	long attempts;
	bool stopped;                /* by a watched descriptor */
	bool begun;                  /* something was handed on */
	struct client_transfer last; /* the attempt that counts: ended, fault, reply */
	struct problem problem;      /* what its error body says */
	struct retry verdict;        /* why it was the last one */
	double elapsed;              /* seconds since post_run, waits included */

	struct buf held;
	bool holding;
};

/* Returns when it is over; how it ended is in *p. */
void post_run(struct post *p, struct client *c);
void post_release(struct post *p);

/* Appends "429 Too Many Requests": the status and its reason, where one came. */
void post_status_text(const struct client_reply *r, struct buf *b);

/* What the provider calls this request: x-request-id and its kin; absent when there is none. */
struct span post_request_id(const struct client_reply *r);

#endif
