/* SPDX-License-Identifier: MIT */
/*
 * talk: one exchange, from what the user said to the last byte of the answer: read and check the
 * body, look into the cassette, find the key, post, pass the answer on, tell what went wrong, record.
 *
 * The cassette's modes: REPLAY never goes to the network; AUTO does if nothing recorded matches, and records
 * what keep_refuses (keep.h) lets pass; RECORD always does, records whatever came, and replaces what matched
 * before. The key is needed only if the network is.
 */
#ifndef NET_TALK_H
#define NET_TALK_H

#include "base/err.h"
#include "net/client.h"
#include "net/first.h"
#include "net/keep.h"
#include "net/mode.h"
#include "net/outgoing.h"
#include "net/post.h"
#include "net/sink.h"

struct talk {
	/* What the user said. */
	struct outgoing_wish wish;
	struct client_options client;
	struct retry_policy policy;
	double max_time;      /* seconds, 0: none */
	const char *file;     /* of the body; NULL: standard input */
	const char *dump;     /* file for the response's headers */
	const char *report;   /* file to append the report to */
	const char *cassette; /* file; NULL: none */
	enum mode mode;
	struct match_rules rules; /* of the cassette */
	bool include;
	bool dry_run; /* print the request in place of sending it */
	bool verbose;
	/* Where messages go: err_tell. */
	void (*say)(enum status status, const char *place, const char *text);

	struct outgoing outgoing;
	struct client net;
	struct post post;
	struct first first;
	struct keep keep; /* when there is a cassette */
	bool recorded;
	double first_event; /* seconds since the attempt began; negative: none */
	struct sink sink;
	int report_fd;
};

/* Standard output is open and not yet closed when this returns: the caller ends with
 * talk_close. After a signal (stop.h) the caller dies of it. */
void talk_run(struct talk *t);
enum status talk_close(struct talk *t);

#endif
