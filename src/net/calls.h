/* SPDX-License-Identifier: MIT */
/*
 * calls: the tool calls of a message as commands, and what came of them as results.
 *
 *	calls_plan(&c, &normal, &tools, environ);
 *	for (size_t i = 0; i < c.n; i++)
 *		... c.calls[i]: its command, or why there is none
 *	calls_run(&c, &limits, said, ctx, &fault);
 *	delta_next(..., calls_results(&c), ...)
 */
#ifndef NET_CALLS_H
#define NET_CALLS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "delta/next.h"
#include "delta/normal.h"
#include "net/job.h"
#include "net/tools.h"

struct call {
	const char *name;    /* decoded, NUL-terminated */
	struct span input;   /* for its stdin */
	char **argv, **envp; /* argv is NULL where there is no such tool */
	struct fault fault;  /* why it failed; one that has a fault before calls_run is not run */
	bool stopped;        /* it did so only because another did */
	struct buf text;     /* the result, for the model */
};

struct calls {
	struct call *calls;
	size_t n;
	struct next_result *results; /* one for each call; empty before calls_results */
	struct arena arena;
	size_t max; /* of each output; 0: none */
};

/* Finds the command, the input and the environment of each call. Where that fails the call has a
 * fault (ST_INPUT). */
void calls_plan(struct calls *c, const struct normal *n, struct tools *t, char *const *environment);

/* Runs all that can be. -1 with a fault (ST_TROUBLE) as in job.h. */
int calls_run(struct calls *c, const struct job_limits *limits, job_said *said, void *ctx, struct fault *f);

/* To be asked once. Where a call failed, "error:" and why stand behind what it printed. */
const struct next_result *calls_results(struct calls *c);

/* Appends for each call that can be run a line of shell that does the same, with control characters
 * blanked. */
void calls_put(const struct calls *c, struct buf *b);

/* Asks on a terminal about each call that can be run; those that are not wanted get a fault (ST_NO). */
void calls_ask(struct calls *c, int tty);

void calls_release(struct calls *c);

#endif
