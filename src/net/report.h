/* SPDX-License-Identifier: MIT */
/*
 * report: what one post was like, as a line of JSON.
 *
 *	{"url":"https://api.example/v1/chat/completions","status":200,"http":"2","end":"whole",
 *	 "request_id":"req_1","retries":0,"bytes":5120,"dns":0.001,"connect":0.021,"tls":0.044,
 *	 "headers":0.31,"first_byte":0.32,"first_event":0.32,"total":2.7,"elapsed":2.7,
 *	 "rate_limits":{"x-ratelimit-remaining-requests":"59"}}
 *
 * Times are seconds since the last attempt began; elapsed counts all attempts and the waits between
 * them. What is not known is left out.
 */
#ifndef NET_REPORT_H
#define NET_REPORT_H

#include "base/buf.h"
#include "net/post.h"

struct report {
	const char *url;      /* without what may be secret */
	const char *end;      /* "whole", "cut", "failed", "late", "signal" */
	const char *error;    /* redacted; NULL: none */
	const char *cassette; /* "replayed", "recorded"; NULL: neither */
	double first_event;   /* negative: there was none */
};

void report_write(const struct report *r, const struct post *p, struct buf *line);

#endif
