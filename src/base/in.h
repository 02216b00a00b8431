/* SPDX-License-Identifier: MIT */
/*
 * in: a file or standard input as a window of bytes.
 *
 * The window in.p[0 .. in.n) holds what was read and not yet consumed; a consumer looks at it,
 * calls in_consume for what it is done with, and in_more when it needs further bytes. The window
 * moves and grows with in_more: spans into it end there. A caller's unit (a line, the whole) may
 * have `max` bytes (0: no ceiling): in_more with more than that in the window is IN_FULL.
 *
 * Before a read that may block, every open out is flushed (out.h).
 */
#ifndef BASE_IN_H
#define BASE_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum in_result {
	IN_MORE, /* the window grew */
	IN_END,  /* end of input; the window stays as it is */
	IN_FULL, /* the window holds more than max bytes: the caller's unit is too large */
	IN_BAD,  /* read error, in the fault */
};

struct in {
	const char *p; /* the window */
	size_t n;
	uint64_t offset;  /* of p[0] in the file, from 0 */
	const char *name; /* the operand, or "standard input"; borrowed */
	bool ended;       /* the end was seen */

	int fd;
	bool regular; /* reads never block */
	char *mem;
	size_t cap;
	size_t max;
};

/* path "-" or NULL is standard input. -1 with a fault (ST_TROUBLE) that does not name the place. */
int in_open(struct in *in, const char *path, size_t max, struct fault *f);

/* Bytes that are there already, as if they were a file; both are borrowed. */
void in_memory(struct in *in, const char *name, struct span bytes);

enum in_result in_more(struct in *in, struct fault *f);
void in_close(struct in *in);

static inline struct span in_window(const struct in *in)
{
	return (struct span){ in->p ? in->p : "", in->n };
}

static inline void in_consume(struct in *in, size_t n)
{
	in->p += n;
	in->n -= n;
	in->offset += n;
}

/* The next line without its line feed, valid until the next call on in. IN_MORE: there is one;
 * *cut is set when the input ended before its line feed. */
enum in_result in_line(struct in *in, struct span *line, bool *cut, struct fault *f);

/* What is in the window, or else what one read gives, to the caller's own memory, consumed: for
 * who keeps a window himself. room > 0. */
enum in_result in_read(struct in *in, void *to, size_t room, size_t *got, struct fault *f);

/* Everything up to the end of input, valid until the next call on in. */
enum in_result in_all(struct in *in, struct span *all, struct fault *f);

/* Reads up to the end and drops it, so that the program that writes it is not killed by SIGPIPE; a
 * regular file is not read. IN_END or IN_BAD. */
enum in_result in_drain(struct in *in, struct fault *f);

/* in_open and everything up to the end, which stays in the window. -1 with a fault, also for more
 * than max bytes. */
int in_whole(struct in *in, const char *path, size_t max, struct fault *f);

#endif
