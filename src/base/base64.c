/* SPDX-License-Identifier: MIT */
/* base64: RFC 4648 section 4, and MIME's lines. See base64.h. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(char out[4], const unsigned char *u, size_t n)
{
	uint32_t w = (uint32_t)u[0] << 16 | (n > 1 ? (uint32_t)u[1] << 8 : 0) | (n > 2 ? u[2] : 0);

	out[0] = alphabet[w >> 18];
	out[1] = alphabet[w >> 12 & 63];
	out[2] = n > 1 ? alphabet[w >> 6 & 63] : '=';
	out[3] = n > 2 ? alphabet[w & 63] : '=';
}

void base64_encode(struct buf *b, const void *p, size_t n, size_t column)
{
	const unsigned char *u = p;
	size_t at = 0;
	char out[4];

	buf_room(b, (n + 2) / 3 * 4 + (column ? n / column * 2 + 2 : 0));
	for (; column == 0 && n >= 3 && !b->max; u += 3, n -= 3) { /* there is room, and no line to end */
		encode_group(b->p + b->len, u, 3);
		b->len += 4;
		b->p[b->len] = '\0';
	}
	for (; n > 0; u += 3, n -= n < 3 ? n : 3) {
		encode_group(out, u, n);
		for (int i = 0; i < 4; i++) {
			if (column && at == column) {
				buf_addc(b, '\n');
				at = 0;
			}
			buf_addc(b, out[i]);
			at++;
		}
	}
	if (column && at)
		buf_addc(b, '\n');
}

static int digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool only_padding(const char *p, size_t n, unsigned have)
{
	size_t pads = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] == '=')
			pads++;
		else if (!memchr(" \t\r\n", p[i], 4))
			return false;
	return have >= 2 && have + pads == 4;
}

bool base64_decode(struct buf *b, const char *text, size_t n)
{
	uint32_t w = 0;
	unsigned have = 0; /* digits in w */

	buf_room(b, n / 4 * 3 + 3);
	for (size_t i = 0; i < n; i++) {
		int d = digit((unsigned char)text[i]);

		if (text[i] == '=') {
			if (!only_padding(text + i, n - i, have))
				return false;
			break;
		}
		if (d < 0) {
			if (!memchr(" \t\r\n", text[i], 4))
				return false;
			continue;
		}
		w = w << 6 | (uint32_t)d;
		if (++have == 4) {
			char out[3] = { (char)(w >> 16), (char)(w >> 8), (char)w };

			buf_add(b, out, 3);
			have = 0;
			w = 0;
		}
	}
	if (have == 1)
		return false;
	if (have >= 2)
		buf_addc(b, (char)(w >> (6 * have - 8)));
	if (have == 3)
		buf_addc(b, (char)(w >> 2));
	return true;
}
