/* SPDX-License-Identifier: MIT */
/*
 * simd: sixteen bytes at a time, where the machine has them.
 *
 * SSE2 is part of every x86-64, NEON of every AArch64; elsewhere, and with -DSIMD_NONE, plain C
 * gives the same answers. Each function reads exactly SIMD_WIDTH bytes at p and returns the place
 * of the first byte asked for, SIMD_WIDTH when there is none; simd_marks says where all of them are.
 * simd_block and simd_utf8 do so for SIMD_BLOCK bytes, a bit for each.
 */
#ifndef BASE_SIMD_H
#define BASE_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined SIMD_NONE && defined __SSE2__
#include <emmintrin.h>
#define SIMD_NAME "sse2"
#elif !defined SIMD_NONE && defined __ARM_NEON && defined __aarch64__
#include <arm_neon.h>
#define SIMD_NAME "neon"
#else
#define SIMD_NAME "none"
#endif

enum { SIMD_WIDTH = 16, SIMD_BLOCK = 64 };

/* Places of bytes, SIMD_BITS bits for each, the first in the lowest. */
struct simd_marks {
	uint64_t quotes; /* quotes and backslashes */
	uint64_t others; /* control characters and bytes above 7F */
};

/* Places of bytes in a block, the first in the lowest bit. */
struct simd_block {
	uint64_t quotes;
	uint64_t backs;	 /* backslashes */
	uint64_t enns;	 /* the letter n, the most frequent behind a backslash */
	uint64_t others; /* control characters and bytes above 7F */
};

/* Of the bytes above 7F: */
struct simd_utf8 {
	uint64_t all;
	uint64_t tails;	 /* 80 to BF: not the first of a character */
	uint64_t threes; /* E0 and above: the first of three or more */
	uint64_t fours;	 /* F0 and above */
	uint64_t narrow; /* C0, C1, E0, ED, F0 and above: not every tail may follow */
};

#if !defined SIMD_NONE && defined __SSE2__

static inline size_t simd_first(__m128i hits)
{
	unsigned mask = (unsigned)_mm_movemask_epi8(hits);

	return mask ? (size_t)__builtin_ctz(mask) : SIMD_WIDTH;
}

/* What ends a run of plain characters inside a JSON string: quote, backslash, a control character,
 * or a byte above 7F. Signed bytes below 20 are the last two at once. */
static inline size_t simd_string_stop(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i back = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return simd_first(_mm_or_si128(low, _mm_or_si128(quote, back)));
}

enum { SIMD_BITS = 1 };

static inline struct simd_marks simd_marks(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i back = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (struct simd_marks){ (unsigned)_mm_movemask_epi8(_mm_or_si128(quote, back)),
		                    (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20))) };
}

#define SIMD_LOAD(p) \
	{ \
		_mm_loadu_si128((const __m128i *)(const void *)(p)), \
			_mm_loadu_si128((const __m128i *)(const void *)(p) + 1), \
			_mm_loadu_si128((const __m128i *)(const void *)(p) + 2), \
			_mm_loadu_si128((const __m128i *)(const void *)(p) + 3) \
	}

static inline uint64_t simd_bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
	uint64_t low = (unsigned)_mm_movemask_epi8(a) | (unsigned)_mm_movemask_epi8(b) << 16;
	uint64_t high = (unsigned)_mm_movemask_epi8(c) | (unsigned)_mm_movemask_epi8(d) << 16;

	return low | high << 32;
}

static inline uint64_t simd_equal(const __m128i v[4], char c)
{
	__m128i w = _mm_set1_epi8(c);

	return simd_bits(_mm_cmpeq_epi8(v[0], w), _mm_cmpeq_epi8(v[1], w), _mm_cmpeq_epi8(v[2], w),
	                 _mm_cmpeq_epi8(v[3], w));
}

/* Signed bytes below c; what is subtracted saturates, and its sign bit tells. */
static inline uint64_t simd_below(const __m128i v[4], char c)
{
	__m128i w = _mm_set1_epi8(c);

	return simd_bits(_mm_subs_epi8(v[0], w), _mm_subs_epi8(v[1], w), _mm_subs_epi8(v[2], w),
	                 _mm_subs_epi8(v[3], w));
}

static inline struct simd_block simd_block(const char *p)
{
	const __m128i v[4] = SIMD_LOAD(p);

	return (struct simd_block){ simd_equal(v, '"'), simd_equal(v, '\\'), simd_equal(v, 'n'), simd_below(v, 0x20) };
}

/* Has a block none of all those? */
static inline bool simd_plain(const char *p)
{
	const __m128i v[4] = SIMD_LOAD(p);
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');
	__m128i any = _mm_setzero_si128(), low = _mm_set1_epi8(0x20);

	for (int i = 0; i < 4; i++) {
		any = _mm_or_si128(any, _mm_subs_epi8(v[i], low));
		any = _mm_or_si128(any, _mm_or_si128(_mm_cmpeq_epi8(v[i], quote), _mm_cmpeq_epi8(v[i], back)));
	}
	return _mm_movemask_epi8(any) == 0;
}

/* Unsigned bytes from c on. */
static inline __m128i simd_from(__m128i v, char c)
{
	return _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(c)), v);
}

static inline __m128i simd_narrow(__m128i v)
{
	__m128i overlong = _mm_cmpeq_epi8(_mm_and_si128(v, _mm_set1_epi8('\xfe')), _mm_set1_epi8('\xc0'));
	__m128i three = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\xe0')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\xed')));

	return _mm_or_si128(overlong, three);
}

static inline struct simd_utf8 simd_utf8(const char *p)
{
	const __m128i v[4] = SIMD_LOAD(p);
	const char three = '\xe0', four = '\xf0';
	uint64_t fours = simd_bits(simd_from(v[0], four), simd_from(v[1], four), simd_from(v[2], four), simd_from(v[3], four));

	return (struct simd_utf8){
		simd_bits(v[0], v[1], v[2], v[3]),
		simd_below(v, -64),
		simd_bits(simd_from(v[0], three), simd_from(v[1], three), simd_from(v[2], three), simd_from(v[3], three)),
		fours,
		simd_bits(simd_narrow(v[0]), simd_narrow(v[1]), simd_narrow(v[2]), simd_narrow(v[3])) | fours,
	};
}

/* What is no digit. */
static inline size_t simd_digits(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));

	return simd_first(_mm_cmpeq_epi8(_mm_max_epu8(digit, _mm_set1_epi8(10)), digit));
}

/* What is no space and no tab. */
static inline size_t simd_blanks(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i blank = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));

	return simd_first(_mm_xor_si128(blank, _mm_set1_epi8(-1)));
}

/* CR or LF. */
static inline size_t simd_line_end(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return simd_first(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'))));
}

/* Where a and b differ. */
static inline size_t simd_differ(const char *a, const char *b)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)a);
	__m128i w = _mm_loadu_si128((const __m128i *)(const void *)b);

	return simd_first(_mm_xor_si128(_mm_cmpeq_epi8(v, w), _mm_set1_epi8(-1)));
}

#elif !defined SIMD_NONE && defined __ARM_NEON && defined __aarch64__

/* NEON has no movemask: narrowing each pair of bytes by four bits leaves a nibble for each byte. */
static inline size_t simd_first(uint8x16_t hits)
{
	uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hits), 4)), 0);

	return mask ? (size_t)__builtin_ctzll(mask) / 4 : SIMD_WIDTH;
}

static inline size_t simd_string_stop(const char *p)
{
	uint8x16_t v = vld1q_u8((const uint8_t *)p);
	uint8x16_t low = vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20));

	return simd_first(vorrq_u8(low, vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\')))));
}

enum { SIMD_BITS = 4 };

static inline uint64_t simd_nibbles(uint8x16_t hits)
{
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hits), 4)), 0);
}

static inline struct simd_marks simd_marks(const char *p)
{
	uint8x16_t v = vld1q_u8((const uint8_t *)p);
	uint8x16_t quotes = vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\')));

	return (struct simd_marks){ simd_nibbles(quotes),
		                    simd_nibbles(vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20))) };
}

/* Adding neighbours three times turns a bit of its own for each of eight bytes into one byte. */
static inline uint64_t simd_bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
	static const uint8_t places[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
	uint8x16_t place = vld1q_u8(places);
	uint8x16_t low = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
	uint8x16_t high = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));

	low = vpaddq_u8(low, high);
	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

static inline uint64_t simd_equal(uint8x16x4_t v, char c)
{
	uint8x16_t w = vdupq_n_u8((uint8_t)c);

	return simd_bits(vceqq_u8(v.val[0], w), vceqq_u8(v.val[1], w), vceqq_u8(v.val[2], w), vceqq_u8(v.val[3], w));
}

/* Signed bytes below c. */
static inline uint64_t simd_below(uint8x16x4_t v, int8_t c)
{
	int8x16_t w = vdupq_n_s8(c);

	return simd_bits(vcltq_s8(vreinterpretq_s8_u8(v.val[0]), w), vcltq_s8(vreinterpretq_s8_u8(v.val[1]), w),
	                 vcltq_s8(vreinterpretq_s8_u8(v.val[2]), w), vcltq_s8(vreinterpretq_s8_u8(v.val[3]), w));
}

static inline uint8x16x4_t simd_load(const char *p)
{
	const uint8_t *u = (const uint8_t *)p;

	return (uint8x16x4_t){ { vld1q_u8(u), vld1q_u8(u + 16), vld1q_u8(u + 32), vld1q_u8(u + 48) } };
}

static inline struct simd_block simd_block(const char *p)
{
	uint8x16x4_t v = simd_load(p);

	return (struct simd_block){ simd_equal(v, '"'), simd_equal(v, '\\'), simd_equal(v, 'n'), simd_below(v, 0x20) };
}

static inline bool simd_plain(const char *p)
{
	uint8x16x4_t v = simd_load(p);
	uint8x16_t bad = vdupq_n_u8(0);

	for (int i = 0; i < 4; i++) {
		uint8x16_t low = vcltq_s8(vreinterpretq_s8_u8(v.val[i]), vdupq_n_s8(0x20));
		uint8x16_t back = vceqq_u8(v.val[i], vdupq_n_u8('\\'));

		bad = vorrq_u8(bad, vorrq_u8(low, vorrq_u8(back, vceqq_u8(v.val[i], vdupq_n_u8('"')))));
	}
	return vmaxvq_u8(bad) == 0;
}

/* Unsigned bytes from c on. */
static inline uint64_t simd_from(uint8x16x4_t v, uint8_t c)
{
	uint8x16_t w = vdupq_n_u8(c);

	return simd_bits(vcgeq_u8(v.val[0], w), vcgeq_u8(v.val[1], w), vcgeq_u8(v.val[2], w), vcgeq_u8(v.val[3], w));
}

static inline struct simd_utf8 simd_utf8(const char *p)
{
	uint8x16x4_t v = simd_load(p);
	uint64_t fours = simd_from(v, 0xf0);
	uint64_t overlong = simd_equal(v, '\xc0') | simd_equal(v, '\xc1');

	return (struct simd_utf8){ simd_below(v, 0), simd_below(v, -64), simd_from(v, 0xe0), fours,
		                   overlong | simd_equal(v, '\xe0') | simd_equal(v, '\xed') | fours };
}

static inline size_t simd_digits(const char *p)
{
	return simd_first(vcgtq_u8(vsubq_u8(vld1q_u8((const uint8_t *)p), vdupq_n_u8('0')), vdupq_n_u8(9)));
}

static inline size_t simd_blanks(const char *p)
{
	uint8x16_t v = vld1q_u8((const uint8_t *)p);

	return simd_first(vmvnq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')), vceqq_u8(v, vdupq_n_u8('\t')))));
}

static inline size_t simd_line_end(const char *p)
{
	uint8x16_t v = vld1q_u8((const uint8_t *)p);

	return simd_first(vorrq_u8(vceqq_u8(v, vdupq_n_u8('\n')), vceqq_u8(v, vdupq_n_u8('\r'))));
}

static inline size_t simd_differ(const char *a, const char *b)
{
	return simd_first(vmvnq_u8(vceqq_u8(vld1q_u8((const uint8_t *)a), vld1q_u8((const uint8_t *)b))));
}

#else

enum { SIMD_BITS = 1 };

static inline struct simd_marks simd_marks(const char *p)
{
	struct simd_marks m = { 0, 0 };

	for (unsigned i = 0; i < SIMD_WIDTH; i++) {
		m.quotes |= (uint64_t)(p[i] == '"' || p[i] == '\\') << i;
		m.others |= (uint64_t)((signed char)p[i] < 0x20) << i;
	}
	return m;
}

static inline struct simd_block simd_block(const char *p)
{
	struct simd_block b = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < SIMD_BLOCK; i++) {
		unsigned char c = (unsigned char)p[i];

		b.quotes |= (uint64_t)(c == '"') << i;
		b.backs |= (uint64_t)(c == '\\') << i;
		b.enns |= (uint64_t)(c == 'n') << i;
		b.others |= (uint64_t)(c < 0x20 || c > 0x7f) << i;
	}
	return b;
}

static inline bool simd_plain(const char *p)
{
	struct simd_block b = simd_block(p);

	return (b.quotes | b.backs | b.others) == 0;
}

static inline struct simd_utf8 simd_utf8(const char *p)
{
	struct simd_utf8 u = { 0, 0, 0, 0, 0 };

	for (unsigned i = 0; i < SIMD_BLOCK; i++) {
		unsigned char c = (unsigned char)p[i];

		u.all |= (uint64_t)(c > 0x7f) << i;
		u.tails |= (uint64_t)((c & 0xc0) == 0x80) << i;
		u.threes |= (uint64_t)(c >= 0xe0) << i;
		u.fours |= (uint64_t)(c >= 0xf0) << i;
		u.narrow |= (uint64_t)(c == 0xc0 || c == 0xc1 || c == 0xe0 || c == 0xed || c >= 0xf0) << i;
	}
	return u;
}

static inline size_t simd_string_stop(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && (signed char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static inline size_t simd_digits(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && (unsigned char)(p[i] - '0') < 10)
		i++;
	return i;
}

static inline size_t simd_blanks(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

static inline size_t simd_line_end(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && p[i] != '\n' && p[i] != '\r')
		i++;
	return i;
}

static inline size_t simd_differ(const char *a, const char *b)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && a[i] == b[i])
		i++;
	return i;
}

#endif

/* Length of the common beginning of a[0..n) and b[0..n). */
static inline size_t simd_common(const char *a, const char *b, size_t n)
{
	size_t i = 0, stop;

	for (; n - i >= SIMD_WIDTH; i += SIMD_WIDTH)
		if ((stop = simd_differ(a + i, b + i)) < SIMD_WIDTH)
			return i + stop;
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

#endif
