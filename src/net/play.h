/* SPDX-License-Identifier: MIT */
/*
 * play: the answer from a cassette in place of the network.
 *
 * The first interaction that matches (cassette/match.h) answers, as the network would have: its
 * status, headers, body, decoded if its encoding is known here, and its end, when it was recorded as cut.
 */
#ifndef NET_PLAY_H
#define NET_PLAY_H

#include "base/in.h"
#include "cassette/cassette.h"
#include "cassette/match.h"
#include "net/client.h"
#include "net/outgoing.h"

struct play {
	struct in in;
	struct cassette *cassette;
	struct interaction interaction; /* the one that answers, after play_find returned 1 */
	struct match match;             /* knows which was nearest when none matched */
	struct buf decoded;
	bool open;
};

/* Appends what cassette/ calls a request: texts of o, arrays in i's arena. */
void play_request(struct interaction *i, const struct outgoing *o);

/* 1: found; 0: none, or there is no such file, or it is empty; -1: a fault. *place names the fault's
 * place, until play_release. */
int play_find(struct play *p, const char *path, const struct outgoing *o, const struct match_rules *rules,
              const char **place, struct fault *f);

/* Fills r, which the caller releases, and *body. -1 with a fault: the body cannot be decoded; *body is
 * what could. */
int play_reply(struct play *p, size_t max, struct client_reply *r, struct span *body, struct fault *f);

void play_release(struct play *p);

#endif
