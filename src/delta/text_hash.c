/* SPDX-License-Identifier: MIT */
/* text_hash: tells one text from another without keeping it. See text_hash.h. */
#include "delta/text_hash.h"

#include <string.h>

enum { WORD = 8 };

/* A polynomial over the words of a text: every bit of a word changes the sum, and so does its place. */
static void add_word(struct text_hash *h, uint64_t word)
{
	word *= UINT64_C(0x9e3779b97f4a7c15);
	h->sum = h->sum * UINT64_C(0xd1342543de82ef95) + (word ^ word >> 32);
}

/* Four or eight bytes in the order of memory, on every machine. */
static inline uint64_t load4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap32(word);
#endif
	return word;
}

static inline uint64_t load8(const char *p)
{
	return load4(p) | load4(p + 4) << 32;
}

/* n bytes, from one to eight, without a loop: those in the middle are taken twice. */
static inline uint64_t load(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (n == WORD)
		return load8(p);
	if (n >= 4)
		return load4(p) | load4(p + n - 4) << 8 * (n - 4);
	return u[0] | (uint64_t)u[n / 2] << 8 * (n / 2) | (uint64_t)u[n - 1] << 8 * (n - 1);
}

/* Is one of its bytes a backslash? */
static inline bool has_backslash(uint64_t word)
{
	uint64_t other = word ^ UINT64_C(0x5c5c5c5c5c5c5c5c);

	return ((other - UINT64_C(0x0101010101010101)) & ~other & UINT64_C(0x8080808080808080)) != 0;
}

static inline void add_bytes(struct text_hash *h, uint64_t next, size_t n)
{
	size_t held = h->bytes % WORD;

	h->bytes += n;
	h->word |= next << 8 * held;
	if (held + n < WORD)
		return;
	add_word(h, h->word);
	h->word = held ? next >> 8 * (WORD - held) : 0;
}

/* With escapes, or behind half of a character. */
static __attribute__((noinline)) void add_escaped(struct text_hash *h, struct span piece)
{
	struct buf plain = BUF_INIT;
	size_t n;

	json_unescape_piece(&plain, &h->tail, piece);
	for (size_t i = 0; i < plain.len; i += n) {
		n = plain.len - i < WORD ? plain.len - i : WORD;
		add_bytes(h, load(plain.p + i, n), n);
	}
	buf_release(&plain);
}

void text_hash_add(struct text_hash *h, struct span piece)
{
	size_t i, n;

	for (i = 0; i < piece.n && !h->tail.n; i += n) {
		uint64_t next;

		n = piece.n - i < WORD ? piece.n - i : WORD;
		next = load(piece.p + i, n);
		if (has_backslash(next))
			break;
		add_bytes(h, next, n);
	}
	if (i < piece.n)
		add_escaped(h, (struct span){ piece.p + i, piece.n - i });
}
