/* SPDX-License-Identifier: MIT */
/*
 * text_width: how many columns of a terminal a text takes, and a text that takes fewer.
 *
 *	"caf\u00e9"         4
 *	"\u65e5\u672c"      4    East Asian wide characters and most emoji take two columns
 *	"e\u0301"           1    a combining character takes none
 *
 * As wcwidth(3) has it in the locale of the environment (LC_ALL, LC_CTYPE, LANG). If that is not UTF-8, each
 * character counts as one column. The locale of the process stays as it is: only these functions see it.
 */
#ifndef BASE_TEXT_WIDTH_H
#define BASE_TEXT_WIDTH_H

#include "base/arena.h"
#include "base/span.h"

/* text is well-formed UTF-8 without control characters. */
size_t text_width(struct span text);

/* The text, or if it is wider than width its beginning and its end with an ellipsis between them, in a. */
struct span text_shorten(struct arena *a, struct span text, size_t width);

#endif
