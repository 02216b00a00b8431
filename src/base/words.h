/* SPDX-License-Identifier: MIT */
/*
 * words: a text as the words of a command, and words as such a text.
 *
 * As the shell splits (POSIX.1-2017, Shell Command Language, 2.2), without anything else of it: white
 * space separates, '…' is literal, "…" too save that \ stands before " \ $ and `, and \ outside of
 * quotes takes the next character as it is. $, *, ;, | and their like are characters as any other.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* A NULL-terminated list, one allocation: free it. NULL with a fault (ST_USAGE) when a quote is not
 * closed, or when there is no word. */
char **words_split(const char *text, struct fault *f);

/* Appends a word as the shell would read it back, quoted where it must be. */
void words_quote(struct buf *b, struct span word);

#endif
