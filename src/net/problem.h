/* SPDX-License-Identifier: MIT */
/*
 * problem: what a provider's error body says that matters to a client.
 *
 *	{"error":{"message":"...","type":"insufficient_quota","code":"insufficient_quota"}}    OpenAI
 *	{"type":"error","error":{"type":"overloaded_error","message":"..."},"request_id":"..."}  Anthropic
 *	[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"37s"}]}}]  Google
 *	{"__type":"ThrottlingException","message":"..."}                                        Amazon
 */
#ifndef NET_PROBLEM_H
#define NET_PROBLEM_H

#include <stdbool.h>

#include "base/buf.h"

struct problem {
	struct buf word; /* its short name, "insufficient_quota"; empty when unknown */
	bool hopeless;   /* a budget is used up: the same request fails until somebody pays */
	double delay;    /* seconds that it asks to wait; negative when it does not say */
};

#define PROBLEM_INIT \
	{ \
		.delay = -1 \
	}

/* Never fails: a body that says nothing leaves *p as PROBLEM_INIT. */
void problem_read(struct problem *p, struct span body);
void problem_release(struct problem *p);

#endif
