/* SPDX-License-Identifier: MIT */
/*
 * text_hash: tells one text from another without keeping it.
 *
 *	struct text_hash a = { 0 }, b = { 0 };
 *	text_hash_add(&a, SPAN("Gr\\u00fc"));
 *	text_hash_add(&a, SPAN("n"));
 *	text_hash_add(&b, SPAN("Grün"));
 *	text_hash_same(&a, &b): true
 *
 * Pieces and escapes make no difference. Two texts of the same length that differ have the same hash once in
 * 2^64; it is no defence against someone who looks for two such texts.
 */
#ifndef DELTA_TEXT_HASH_H
#define DELTA_TEXT_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "json/write.h"

/* Begins as zeros. */
struct text_hash {
	uint64_t sum;  /* of all whole words of eight bytes */
	uint64_t word; /* the bytes behind them, the first one lowest */
	size_t bytes;
	struct json_tail tail; /* half of a character */
};

/* Appends a piece in escaped form. */
void text_hash_add(struct text_hash *h, struct span piece);

static inline bool text_hash_same(const struct text_hash *a, const struct text_hash *b)
{
	return a->bytes == b->bytes && a->sum == b->sum && a->word == b->word && a->tail.n == b->tail.n;
}

#endif
