/* SPDX-License-Identifier: MIT */
/* base64: RFC 4648 section 4, and MIME's lines (RFC 2045 section 6.8). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the encoding of p[0..n), with a line feed after every `column` characters and at the
 * end when column is not 0. */
void base64_encode(struct buf *b, const void *p, size_t n, size_t column);

/* Appends the bytes that text stands for. White space is skipped, padding may be missing. False
 * when text is not base64; b then holds what came before the fault. */
bool base64_decode(struct buf *b, const char *text, size_t n);

#endif
