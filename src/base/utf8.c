/* SPDX-License-Identifier: MIT */
/* utf8: well-formed or not, and repair. See utf8.h. */
#include "base/utf8.h"

#include <string.h>

static bool cont(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The second byte's range depends on the first (Table 3-7). */
static bool second(unsigned char first, unsigned char c)
{
	switch (first) {
	case 0xe0:
		return c >= 0xa0 && c <= 0xbf;
	case 0xed:
		return c >= 0x80 && c <= 0x9f;
	case 0xf0:
		return c >= 0x90 && c <= 0xbf;
	case 0xf4:
		return c >= 0x80 && c <= 0x8f;
	default:
		return cont(c);
	}
}

size_t utf8_sequence(const char *p, size_t n, size_t *bad)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t want, have;

	*bad = 1;
	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	want = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (n < 2 || !second(u[0], u[1]))
		return 0;
	for (have = 2; have < want; have++)
		if (have >= n || !cont(u[have])) {
			*bad = have;
			return 0;
		}
	return want;
}

size_t utf8_good(const char *p, size_t n)
{
	size_t i = 0, len, bad;

	while (i < n) {
		uint64_t w[4];

		while (n - i >= sizeof w &&
		       (memcpy(w, p + i, sizeof w), !((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080u)))
			i += sizeof w;
		while (i < n && (signed char)p[i] >= 0)
			i++;
		if (i == n)
			break;
		len = utf8_sequence(p + i, n - i, &bad);
		if (len == 0)
			break;
		i += len;
	}
	return i;
}

size_t utf8_repair(struct buf *b, const char *p, size_t n)
{
	size_t count = 0;

	for (;;) {
		size_t good = utf8_good(p, n), bad;

		buf_add(b, p, good);
		p += good;
		n -= good;
		if (n == 0)
			return count;
		utf8_sequence(p, n, &bad);
		buf_add(b, "\xef\xbf\xbd", 3);
		p += bad;
		n -= bad;
		count++;
	}
}

uint32_t utf8_code_point(const char *p, size_t len)
{
	uint32_t cp = (unsigned char)*p & (len == 1 ? 0x7fu : 0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++)
		cp = cp << 6 | ((unsigned char)p[i] & 0x3fu);
	return cp;
}

size_t utf8_encode(char c[4], uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = 0xfffd;
	if (cp < 0x80) {
		c[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		c[0] = (char)(0xc0 | cp >> 6);
		c[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		c[0] = (char)(0xe0 | cp >> 12);
		c[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		c[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	c[0] = (char)(0xf0 | cp >> 18);
	c[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	c[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	c[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

void utf8_put(struct buf *b, uint32_t cp)
{
	char c[4];

	buf_add(b, c, utf8_encode(c, cp));
}

size_t utf8_count(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}
