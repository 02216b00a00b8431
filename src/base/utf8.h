/* SPDX-License-Identifier: MIT */
/*
 * utf8: well-formed or not, by Unicode's Table 3-7 (no overlong forms, no surrogates, nothing
 * above U+10FFFF), and repair by the maximal-subpart rule: FF -> 1, C0 80 -> 2, ED A0 80 -> 3,
 * F4 90 80 80 -> 4 replacement characters (WHATWG Encoding, Unicode 3.9).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the longest well-formed prefix. */
size_t utf8_good(const char *p, size_t n);

/* Length of the well-formed sequence at p, or 0; *bad is then the length of the maximal subpart
 * that one U+FFFD replaces, at least 1. n > 0. A sequence that n cuts short is ill-formed. */
size_t utf8_sequence(const char *p, size_t n, size_t *bad);

/* What the well-formed sequence of len bytes at p stands for. */
uint32_t utf8_code_point(const char *p, size_t len);

/* Appends p[0..n) with each maximal subpart of an ill-formed sequence replaced; returns how many. */
size_t utf8_repair(struct buf *b, const char *p, size_t n);

/* The code point in one to four bytes, appended or put into c; surrogates and what lies above U+10FFFF become
 * U+FFFD. */
void utf8_put(struct buf *b, uint32_t cp);
size_t utf8_encode(char c[4], uint32_t cp);

/* How many characters a well-formed text has. */
size_t utf8_count(struct span s);

static inline bool utf8_valid(const char *p, size_t n)
{
	return utf8_good(p, n) == n;
}

#endif
