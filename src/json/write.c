/* SPDX-License-Identifier: MIT */
/* write: JSON text into a buf, and the inside of JSON strings out of it. See write.h. */
#include "json/write.h"

#include <string.h>

#include "base/simd.h"
#include "base/utf8.h"

/* Input is escaped in pieces of this size into room for the worst case, so that bytes are stored
 * without a question. A run of characters above 7F may begin at the end of a piece. */
enum { PIECE = 1024, RUN = 256, ROOM = 6 * PIECE + 3 * (RUN + 4) + SIMD_WIDTH };

/* At most 6 bytes. */
static char *escape_byte(char *to, unsigned char c)
{
	static const char letters[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\", hex[] = "0123456789abcdef";
	const char *at = c ? strchr(letters, c) : NULL;

	*to++ = '\\';
	if (at) {
		*to++ = names[at - letters];
		return to;
	}
	memcpy(to, "u00", 3);
	to[3] = hex[c >> 4];
	to[4] = hex[c & 15];
	return to + 5;
}

/* The characters above 7F at p, the ill-formed replaced, until RUN bytes are passed; returns the
 * byte after them. */
static const char *copy_non_ascii(char **to, const char *p, const char *end)
{
	const char *enough = end - p > RUN ? p + RUN : end;

	while (p < enough && (signed char)*p < 0) {
		size_t bad, len = utf8_sequence(p, (size_t)(end - p), &bad);

		memcpy(*to, len ? p : "\xef\xbf\xbd", len ? len : 3);
		*to += len ? len : 3;
		p += len ? len : bad;
	}
	return p;
}

static bool needs_escape(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* SIMD_WIDTH bytes in which all that needs an escape is quotes and backslashes: a backslash before
 * each, what lies between copied in one go, however short it is. As much may be read again, and
 * stored, behind them. */
static char *escape_quotes(char *to, const char *p, uint64_t quotes)
{
	size_t from = 0;

	for (; quotes; quotes &= quotes - 1) {
		size_t at = (size_t)__builtin_ctzll(quotes) / SIMD_BITS;

		memcpy(to, p + from, SIMD_WIDTH);
		to += at - from;
		*to++ = '\\';
		from = at;
		if (SIMD_BITS > 1) /* the last bit of this one is cleared above */
			quotes &= ~(uint64_t)0 << (at * SIMD_BITS + SIMD_BITS - 1);
	}
	memcpy(to, p + from, SIMD_WIDTH);
	return to + SIMD_WIDTH - from;
}

/* Escapes from p until stop is reached; to has room for it. Returns the byte after what was used. */
static const char *escape_piece(char **at, const char *p, const char *stop, const char *end)
{
	char *to = *at;

	while (p < stop) {
		if (end - p >= 2 * SIMD_WIDTH) {
			struct simd_marks m = simd_marks(p);
			size_t plain;

			if (m.others == 0) {
				to = escape_quotes(to, p, m.quotes);
				p += SIMD_WIDTH;
				continue;
			}
			plain = simd_string_stop(p);
			memcpy(to, p, SIMD_WIDTH); /* also what follows the stop: it is overwritten */
			to += plain;
			p += plain;
			if (plain == SIMD_WIDTH)
				continue;
		}
		if (*p == '"' || *p == '\\') { /* by far the most frequent */
			to[0] = '\\';
			to[1] = *p++;
			to += 2;
		} else if (*p == '\n') {
			memcpy(to, "\\n", 2);
			to += 2;
			p++;
		} else if ((signed char)*p < 0) {
			p = copy_non_ascii(&to, p, end);
		} else if (needs_escape(*p)) {
			to = escape_byte(to, (unsigned char)*p++);
		} else {
			*to++ = *p++;
		}
	}
	*at = to;
	return p;
}

void json_escape(struct buf *b, struct span s)
{
	const char *p = s.p, *end = s.p + s.n;
	char room[ROOM];

	while (end - p > PIECE && !b->max) { /* straight to where it belongs */
		char *to;

		buf_room(b, ROOM);
		to = b->p + b->len;
		p = escape_piece(&to, p, p + PIECE, end);
		b->len = (size_t)(to - b->p);
		*to = '\0';
	}
	while (p < end) {
		char *to = room;

		p = escape_piece(&to, p, end - p > PIECE ? p + PIECE : end, end);
		buf_add(b, room, (size_t)(to - room));
	}
}

void json_quote(struct buf *b, struct span bytes)
{
	buf_addc(b, '"');
	json_escape(b, bytes);
	buf_addc(b, '"');
}

static uint32_t hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];

		v = v << 4 | (c <= '9' ? c - 0x30u : (c | 0x20u) - 0x61u + 10u);
	}
	return v;
}

/* s is at \u; appends the character and returns the length of what stood for it, 6 or 12. */
static size_t unescape_u(struct buf *b, struct span s)
{
	uint32_t high = hex4(s.p + 2), low;

	if (high >= 0xd800 && high <= 0xdbff && s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u') {
		low = hex4(s.p + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			utf8_put(b, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
			return 12;
		}
	}
	utf8_put(b, high);
	return 6;
}

/* Where n bytes and SIMD_WIDTH more can be stored without a question: behind b, or in `own` when b has
 * a ceiling, which is then asked once for the whole. */
static struct buf *room_for(struct buf *b, struct buf *own, size_t n)
{
	struct buf *to = b->max ? own : b;

	buf_room(to, n + SIMD_WIDTH);
	return to;
}

/* They were, up to `at`. */
static void filled_up(struct buf *b, struct buf *to, char *at)
{
	*at = '\0';
	to->len = (size_t)(at - to->p);
	if (to == b)
		return;
	buf_addspan(b, buf_span(to));
	buf_release(to);
}

/* s is at a backslash; appends what the escape stands for and returns its length. */
static size_t unescape_one(struct buf *b, struct span s)
{
	static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *at;

	if (s.p[1] == 'u')
		return unescape_u(b, s);
	at = strchr(names, s.p[1]);
	buf_addc(b, at ? bytes[at - names] : s.p[1]);
	return 2;
}

/* Bytes up to a backslash, of which there is room for as many and SIMD_WIDTH more. */
static const char *copy_plain(char **at, const char *p, const char *end)
{
	char *to = *at;

	for (; end - p >= SIMD_WIDTH; p += SIMD_WIDTH, to += SIMD_WIDTH) {
		uint64_t quotes = simd_marks(p).quotes;

		memcpy(to, p, SIMD_WIDTH); /* also what follows the stop: it is overwritten */
		if (quotes) {
			size_t n = (size_t)__builtin_ctzll(quotes) / SIMD_BITS;

			p += n;
			to += n;
			break;
		}
	}
	while (p < end && *p != '\\')
		*to++ = *p++;
	*at = to;
	return p;
}

void json_unescape(struct buf *b, struct span s)
{
	struct buf own = BUF_INIT, *to = room_for(b, &own, s.n); /* nothing becomes longer */
	const char *p = s.p, *end = s.p + s.n;

	for (;;) {
		char *at = to->p + to->len;

		p = copy_plain(&at, p, end);
		to->len = (size_t)(at - to->p);
		if (end - p < 2)
			break;
		if (p[1] == 'n') { /* by far the most frequent, with the next */
			to->p[to->len++] = '\n';
			p += 2;
		} else if (p[1] == '"' || p[1] == '\\') {
			to->p[to->len++] = p[1];
			p += 2;
		} else {
			p += unescape_one(to, (struct span){ p, (size_t)(end - p) });
		}
	}
	filled_up(b, to, to->p + to->len);
}

/* Does the escape \\uXXXX at p stand for a surrogate of that half? */
static bool surrogate(const char *p, size_t n, uint32_t first)
{
	return n >= 6 && p[0] == '\\' && p[1] == 'u' && (hex4(p + 2) & 0xfc00) == first;
}

/* Is the escape at the end of s a real one, or does its backslash belong to the one before it? */
static bool escape_at_end(struct span s)
{
	size_t backslashes = 0;

	for (size_t i = s.n - 6; i > 0 && s.p[i - 1] == '\\'; i--)
		backslashes++;
	return backslashes % 2 == 0;
}

void json_unescape_piece(struct buf *b, struct json_tail *tail, struct span s)
{
	if (tail->n && s.n) {
		char pair[12];
		bool whole = surrogate(s.p, s.n, 0xdc00);

		memcpy(pair, tail->text, 6);
		memcpy(pair + 6, s.p, whole ? 6 : 0);
		json_unescape(b, (struct span){ pair, whole ? 12 : 6 });
		s.p += whole ? 6 : 0;
		s.n -= whole ? 6 : 0;
		tail->n = 0;
	}
	if (s.n >= 6 && surrogate(s.p + s.n - 6, 6, 0xd800) && escape_at_end(s)) {
		memcpy(tail->text, s.p + s.n - 6, 6);
		tail->n = 6;
		s.n -= 6;
	}
	json_unescape(b, s);
}

static bool same_decoded(struct span a, struct span b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	json_unescape(&x, a);
	json_unescape(&y, b);
	same = span_same(buf_span(&x), buf_span(&y));
	buf_release(&x);
	buf_release(&y);
	return same;
}

bool json_same_escaped(struct span a, struct span b)
{
	if (span_same(a, b))
		return true;
	return ((a.n && memchr(a.p, '\\', a.n)) || (b.n && memchr(b.p, '\\', b.n))) && same_decoded(a, b);
}

void json_unescape_end(struct buf *b, struct json_tail *tail)
{
	json_unescape(b, (struct span){ tail->text, tail->n });
	tail->n = 0;
}

void json_compact(struct buf *b, const struct json *j, uint32_t node)
{
	if (!j->spaced || json_kind(j, node) < JSON_ARRAY || j->tape[node].start + j->tape[node].length <= j->space)
		buf_addspan(b, json_text(j, node));
	else
		json_squeeze(b, json_text(j, node));
}

/* p is after the opening quote of a good string, *at has room for its rest and SIMD_WIDTH more; returns
 * the byte after the closing one. */
static const char *copy_string(char **at, const char *p, const char *end)
{
	char *to = *at;

	for (;;) {
		while (end - p >= SIMD_WIDTH) {
			size_t stop = simd_string_stop(p);

			memcpy(to, p, SIMD_WIDTH); /* also what follows the stop: it is overwritten */
			p += stop;
			to += stop;
			if (stop < SIMD_WIDTH)
				break;
		}
		*to++ = *p;
		if (*p == '"')
			break;
		if (*p++ == '\\')
			*to++ = *p++;
	}
	*at = to;
	return p + 1;
}

void json_squeeze(struct buf *b, struct span text)
{
	struct buf own = BUF_INIT, *to = room_for(b, &own, text.n);
	const char *p = text.p, *end = p + text.n;
	char *at = to->p + to->len;

	while (p < end) {
		char c = *p++;

		*at = c;
		at += (unsigned char)c > ' '; /* outside of strings nothing else is as low as white space */
		if (c == '"')
			p = copy_string(&at, p, end);
	}
	filled_up(b, to, at);
}

void json_member(struct buf *b, const char *key)
{
	if (b->len && !strchr("{[,:", b->p[b->len - 1]))
		buf_addc(b, ',');
	buf_addc(b, '"');
	buf_adds(b, key);
	buf_adds(b, "\":");
}
