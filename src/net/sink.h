/* SPDX-License-Identifier: MIT */
/*
 * sink: where a reply goes: standard output at once, its headers to a file too.
 *
 * Each piece is one write. A signal (stop.h) ends one that is under way, as the reader may never read on; then only
 * what the reader has room for is written.
 */
#ifndef NET_SINK_H
#define NET_SINK_H

#include <stdbool.h>

#include "base/out.h"
#include "net/client.h"

struct sink {
	struct out out;
	struct out dump;
	bool include; /* the head goes to standard output too */
	bool dumps;
};

/* dump: a file for the headers, emptied now; NULL: none. -1 with a fault that names it, or when
 * standard output cannot be written at all: better known before a request is paid for. */
int sink_open(struct sink *s, const char *dump, bool include, struct fault *f);
void sink_head(struct sink *s, const struct client_reply *r);
void sink_body(struct sink *s, struct span piece);
enum status sink_close(struct sink *s);

#endif
