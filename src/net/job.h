/* SPDX-License-Identifier: MIT */
/*
 * job: commands run beside each other, each with its input, its output gathered, and an end that
 * comes.
 *
 *	struct job jobs[2] = { { .name = "weather", .argv = words, .envp = environ, .input = arguments }, … };
 *	jobs_run(jobs, 2, &limits, said, ctx, &fault);
 *	jobs[0].output, jobs[0].end, jobs[0].code
 *
 * A command leads a process group of its own. Its call ends when it does; whoever is left in its
 * group is killed then, and so is the whole group when the time is up, when there is too much
 * output, and when a signal came (stop.h). Where the system can, the command also dies with this
 * process, whatever that dies of.
 */
#ifndef NET_JOB_H
#define NET_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum job_end {
	JOB_WAITS, /* not begun; jobs_run leaves none so, unless it was stopped */
	JOB_RUNS,
	JOB_EXIT,       /* code is its exit status */
	JOB_SIGNAL,     /* code is the signal that it died of */
	JOB_TIMEOUT,    /* it was killed for that */
	JOB_FULL,       /* it was killed: output beyond the ceiling */
	JOB_UNRUNNABLE, /* code is the errno that says why */
	JOB_STOPPED,    /* it was killed, since another failed or a signal came */
};

struct job {
	/* The caller's; borrowed. */
	const char *name; /* for what it says on stderr */
	char **argv, **envp;
	struct span input; /* written to its stdin; a command that does not read it is no fault */

	/* What came of it. output.max is the caller's ceiling, 0 for none; buf_release it. */
	struct buf output;
	enum job_end end;
	int code;

	pid_t pid;
	int in, out, err; /* -1 when closed */
	size_t written;
	struct buf line;  /* of stderr, unfinished */
	double deadline;  /* 0: none */
	enum job_end why; /* it is being killed, for that; JOB_RUNS: it is not */
};

struct job_limits {
	size_t at_once; /* 0: all */
	double seconds; /* for each; 0: none */
	bool strict;    /* the first that fails ends all */
};

/* A line that a job wrote to its stderr, without its line feed. */
typedef void job_said(void *ctx, const struct job *job, struct span line);

static inline bool job_failed(const struct job *job)
{
	return job->end != JOB_EXIT || job->code != 0;
}

/* Runs all; where the system has no more processes or descriptors, fewer at once. -1 with a fault
 * (ST_TROUBLE) when it has none for a single one; then, and after a signal (stop_signal), nothing runs
 * any more, but not all were run. stop_init was called. */
int jobs_run(struct job *jobs, size_t n, const struct job_limits *limits, job_said *said, void *ctx, struct fault *f);

/* Appends what came of a job that failed, in words: "exit status 3". */
void job_why(const struct job *job, const struct job_limits *limits, struct buf *b);

#endif
