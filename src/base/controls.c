/* SPDX-License-Identifier: MIT */
/* controls: bytes from outside never move a terminal's cursor. See controls.h. */
#include "base/controls.h"

#include <string.h>

void controls_blank(char *p, size_t n, const char *but)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i], next = i + 1 < n ? (unsigned char)p[i + 1] : 0;

		if ((c < 0x20 || c == 0x7f) && !(c && strchr(but, c)))
			p[i] = ' ';
		else if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
			p[i] = p[i + 1] = ' ';
	}
}
