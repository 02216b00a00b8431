/* SPDX-License-Identifier: MIT */
/*
 * accident: what goes wrong on purpose, so that a client can show what it makes of it.
 *
 *	status:429[:RETRY_AFTER]   an error in place of the answer
 *	cut:BYTES                  FIN after so many bytes of the body
 *	reset:BYTES                RST there
 *	stall:BYTES:SECONDS        nothing for so long there
 *	garbage:BYTES              64 bytes of noise there, then the rest
 *
 * A cut or a reset at 0 comes before the answer, headers and all: most clients ask again then, and not
 * once they have headers.
 *
 * `@ID` behind it: only the interaction of that place in its file; `@P%`: each with that probability.
 * An accident strikes an interaction once.
 */
#ifndef NET_ACCIDENT_H
#define NET_ACCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum accident_kind { ACCIDENT_STATUS, ACCIDENT_CUT, ACCIDENT_RESET, ACCIDENT_STALL, ACCIDENT_GARBAGE };

enum { ACCIDENTS_MAX = 64, ACCIDENT_NOISE = 64 };

struct accident {
	enum accident_kind kind;
	int status;
	const char *retry_after; /* as given; NULL: none */
	size_t bytes;
	double seconds;
	bool one; /* only interaction `id` */
	uint64_t id;
	double probability; /* 0 to 1 */
};

struct accidents {
	struct accident list[ACCIDENTS_MAX];
	size_t n;
	uint64_t seed;
};

/* Adds one; text is borrowed. False: it is no such thing, or there are ACCIDENTS_MAX. */
bool accidents_add(struct accidents *a, char *text);

/* The first that strikes the interaction and did not yet; struck: a bit for each that did. */
const struct accident *accidents_strike(struct accidents *a, uint64_t id, uint64_t *struck);

bool accident_denies_answer(const struct accident *a); /* a cut or a reset before its first byte; a may be NULL */
const char *accident_name(const struct accident *a);   /* of its kind */

/* Noise for a garbage: ACCIDENT_NOISE bytes, no UTF-8. */
void accidents_noise(struct accidents *a, char *to);

#endif
