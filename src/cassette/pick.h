/* SPDX-License-Identifier: MIT */
/* pick: which interactions of a file are wanted, by their place from 0: "0,2-4,7-". */
#ifndef CASSETTE_PICK_H
#define CASSETTE_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pick_range {
	uint64_t least, most;
	bool met; /* something in it was there */
};

struct pick {
	struct pick_range *list; /* none: every one */
	size_t n;
};

/* Adds the ranges of text; false: it is no such list. */
bool pick_parse(struct pick *k, const char *text);
bool pick_wants(struct pick *k, uint64_t id);
const struct pick_range *pick_missed(const struct pick *k); /* a range that met nothing, or NULL */
void pick_release(struct pick *k);

#endif
