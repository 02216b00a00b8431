/* SPDX-License-Identifier: MIT */
/*
 * replay: a recorded interaction as the answer of a server.
 *
 * Headers go out as recorded, save those of the connection and the lengths, which are the server's. A
 * body that is stored compressed goes so to a client that accepts it, else decoded. It ends as it was
 * recorded: whole, cut or reset.
 */
#ifndef NET_REPLAY_H
#define NET_REPLAY_H

#include <sys/types.h>

#include "cassette/cassette.h"
#include "net/accident.h"
#include "net/field.h"
#include "net/pace.h"

struct replay {
	const struct interaction *i;
	const struct accident *accident; /* NULL: none */
	char noise[ACCIDENT_NOISE];

	int status;
	struct fields headers;
	int64_t length;    /* as server_answer takes it */
	double head_due;   /* seconds since the request */

	struct buf decoded;
	struct span body;
	struct pace pace;
	size_t at, end;    /* what is left of the piece at hand */
	double due;
	size_t struck_at;  /* in the body; beyond it: nowhere */
	double stalled;    /* when a stall is over; 0: it did not begin */
	size_t noisy;      /* bytes of noise that went out */
};

/* All are borrowed. accepts: the request's Accept-Encoding. -1 with a fault: the body cannot be decoded. */
int replay_start(struct replay *r, const struct interaction *i, const struct accident *a, const struct pace_options *o,
                 struct span accepts, size_t max, struct fault *f);

/* now: seconds since the request. As server_hooks' pull; 0: *due is when there will be more. */
ssize_t replay_pull(struct replay *r, double now, char *to, size_t room, double *due);
void replay_release(struct replay *r);

#endif
