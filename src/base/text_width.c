/* SPDX-License-Identifier: MIT */
/* text_width: how many columns of a terminal a text takes. See text_width.h. */
#include "base/text_width.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Not setlocale(3): in some locales it would change how strcasecmp(3) compares header names. */
static locale_t utf8_locale(void)
{
	static locale_t locale;
	static bool opened;

	if (opened)
		return locale;
	opened = true;
	locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") != 0) {
		freelocale(locale);
		locale = (locale_t)0;
	}
	return locale;
}

/* Width of the character at p; *len is its length. wcwidth fails for characters that are newer than the C library. */
static size_t width_at(const char *p, size_t n, size_t *len)
{
	size_t bad;
	int width;

	*len = utf8_sequence(p, n, &bad);
	if (*len == 0) {
		*len = bad;
		return 1;
	}
	if (*len == 1 || !utf8_locale())
		return 1;
	width = wcwidth((wchar_t)utf8_code_point(p, *len));
	return width < 0 ? 1 : (size_t)width;
}

/* Bytes of text up to the first character that passes width columns. */
static size_t front(struct span text, size_t width)
{
	size_t used = 0, len;

	for (size_t i = 0; i < text.n; i += len) {
		used += width_at(text.p + i, text.n - i, &len);
		if (used > width)
			return i;
	}
	return text.n;
}

static size_t whole(struct span text)
{
	size_t width = 0, len;

	for (size_t i = 0; i < text.n; i += len)
		width += width_at(text.p + i, text.n - i, &len);
	return width;
}

/* The end of text that takes at most width columns, and begins with a character that takes some. */
static struct span back(struct span text, size_t width)
{
	size_t left = whole(text), len;

	while (text.n > 0) {
		size_t first = width_at(text.p, text.n, &len);

		if (left <= width && first > 0)
			break;
		left -= first;
		text = (struct span){ text.p + len, text.n - len };
	}
	return text;
}

/* The functions above ask the locale of the thread. */
static locale_t enter(void)
{
	return utf8_locale() ? uselocale(utf8_locale()) : (locale_t)0;
}

static void leave(locale_t old)
{
	if (old)
		uselocale(old);
}

size_t text_width(struct span text)
{
	locale_t old = enter();
	size_t width = whole(text);

	leave(old);
	return width;
}

struct span text_shorten(struct arena *a, struct span text, size_t width)
{
	struct span ellipsis = utf8_locale() ? SPAN("\xe2\x80\xa6") : SPAN("...");
	locale_t old = enter();
	size_t gap = whole(ellipsis), room = width > gap ? width - gap : 0;
	struct buf b = BUF_INIT;

	if (whole(text) > width) {
		buf_add(&b, text.p, front(text, room - room / 2));
		buf_addspan(&b, ellipsis);
		buf_addspan(&b, back(text, room / 2));
		text = arena_copy(a, (struct span){ b.p, front(buf_span(&b), width) });
	}
	leave(old);
	buf_release(&b);
	return text;
}
