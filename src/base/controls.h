/* SPDX-License-Identifier: MIT */
/*
 * controls: bytes from outside never move a terminal's cursor.
 *
 * Control characters of p[0..n), which is UTF-8 or nearly so, become blanks in place: C0 and DEL, and C1
 * as C2 80 to C2 9F. Those of `but` stay.
 */
#ifndef BASE_CONTROLS_H
#define BASE_CONTROLS_H

#include <stddef.h>

void controls_blank(char *p, size_t n, const char *but);

#endif
