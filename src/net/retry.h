/* SPDX-License-Identifier: MIT */
/*
 * retry: whether a failed attempt is worth another one, and when. Decides; does not wait.
 *
 * The rules are those of the providers' own SDKs: statuses 408, 409, 429 and from 500 on, and a
 * network that failed; `x-should-retry` overrules the status; `retry-after-ms`, `retry-after`
 * (seconds or a date) and Google's RetryInfo say when, and else 0.5 s doubling to 8 s, less up to a
 * quarter. A used-up budget (402, or a word of problem.c) is never tried again. Asked only while
 * nothing of a reply was passed on.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdbool.h>
#include <time.h>

#include "net/field.h"
#include "net/problem.h"

struct retry_policy {
	long most;  /* attempts after the first */
	double cap; /* longest wait in seconds that a server may ask for */
};

struct retry_reply {
	long status;  /* 0: the network failed before a status came */
	bool network; /* the attempt failed below HTTP in a way that may pass */
	const struct fields *headers;
	const struct problem *problem;
};

struct retry {
	bool again;
	double wait;     /* seconds */
	const char *why; /* when not again, why it is given up although the status would allow it; or NULL */
};

/* done: attempts made so far, from 1. chance: a random number in [0, 1). */
struct retry retry_decide(const struct retry_policy *p, const struct retry_reply *r, long done, double chance,
                          time_t now);

/* Could a reply with this status lead to a retry at all? Its body is then held back. */
bool retry_status(long status);

/* Seconds that a retry-after value asks for: a number, or a date (RFC 9110 section 5.6.7) of which
 * the past is 0; negative when it is neither. */
double retry_after(struct span value, time_t now);

#endif
