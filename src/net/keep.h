/* SPDX-License-Identifier: MIT */
/*
 * keep: an exchange gathered while it passes, and put into a cassette when it is over.
 *
 * The body is gathered as it was handed on, decompressed, with the time of each piece; the headers
 * that spoke of how it travelled (its encoding, its chunks, the connection) are left out. Secrets
 * are blanked before anything is written.
 */
#ifndef NET_KEEP_H
#define NET_KEEP_H

#include <time.h>

#include "base/buf.h"
#include "base/redact.h"
#include "cassette/cassette.h"
#include "cassette/match.h"
#include "net/client.h"
#include "net/mode.h"

struct keep {
	struct buf body; /* under a ceiling: body.full says that it was too large */
	struct arrival *arrivals;
	size_t count, capacity;
	struct timespec started; /* of the first attempt, by the calendar */
};

void keep_init(struct keep *k, size_t max);
void keep_piece(struct keep *k, struct span piece, double at); /* at: seconds since the attempt began */

/* NULL: this reply to a request of that method is recorded. Otherwise the reason, "status 429". Mode auto records what
 * is whole and has a status of 2xx or 3xx, for GET and HEAD also 404: anything else would be replayed for ever where
 * another attempt may succeed. Mode record records whatever has headers. */
const char *keep_refuses(enum mode mode, struct span method, const struct client_transfer *t, struct buf *scratch);

/* Fields as cassette/ has them, texts borrowed; those that are unwanted are left out. */
void keep_headers(const struct fields *from, struct headers *to, struct arena *a);

/* The response and the times of i, whose request is the caller's; texts of k and t, arrays in i's arena. */
void keep_fill(const struct keep *k, const struct client_transfer *t, struct interaction *i);

/* One of those that are stored together. */
struct keep_item {
	struct interaction i;
	struct redact *redact; /* borrowed */
	bool replace;          /* interactions that match by the rules of keep_store are replaced */
};

/* Redacts an item (cassette/blank.h). -1 with a fault: a body has more than max bytes when decoded, and the item
 * must not be stored. */
int keep_redact(struct keep_item *item, size_t max, struct fault *f);

/* Puts redacted items into the file, by one writing of it; a new one is go-vcr's, or HAR when its name ends so.
 * -1 with a fault, and the file is as it was. */
int keep_store(const char *path, struct keep_item *items, size_t n, const struct match_rules *rules, struct fault *f);

/* Is a header about one connection, not about the message (RFC 9110 section 7.6.1)? By its name, or also
 * because the header Connection beside it says so. */
bool keep_is_hop(struct span name);
bool keep_is_hop_of(const struct fields *h, const char *name);

void keep_release(struct keep *k);

#endif
