/* SPDX-License-Identifier: MIT */
/* base/: buffers and their ceilings, UTF-8, base64, values of options, input windows, SIMD. */
#include "test.h"

#include <fcntl.h>
#include <locale.h>
#include <strings.h>

#include "base/base64.h"
#include "base/dict.h"
#include "base/err.h"
#include "base/in.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/simd.h"
#include "base/text_width.h"
#include "base/utf8.h"

static void buf_grows_and_stays_terminated(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_non_null(buf_span(&b).p);
	for (int i = 0; i < 1000; i++) {
		buf_addf(&b, "%d,", i);
		assert_int_equal(b.p[b.len], '\0');
	}
	assert_memory_equal(b.p, "0,1,2,3,", 8);
	assert_string_equal(b.p + b.len - 8, "998,999,");
	buf_cut(&b, 4);
	assert_string_equal(b.p, "0,1,");
	buf_cut(&b, 10);
	assert_int_equal(b.len, 4);
	buf_drop(&b, 2);
	assert_string_equal(b.p, "1,");
	buf_drop(&b, 99);
	assert_int_equal(b.len, 0);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	buf_release(&b);
	assert_null(b.p);
}

static void buf_take_gives_the_bytes_away(void **state)
{
	struct buf b = { .max = 100 };
	char *p;

	(void)state;
	p = buf_take(&b);
	assert_string_equal(p, "");
	free(p);
	buf_adds(&b, "mine");
	p = buf_take(&b);
	assert_string_equal(p, "mine");
	free(p);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.max, 100);
}

static void buf_stops_at_its_ceiling(void **state)
{
	static const size_t pieces[] = { 1, 3, 10, 64, 100 };

	(void)state;
	for (size_t i = 0; i < ROWS(pieces); i++)
		for (size_t max = 1; max < 200; max++) {
			struct buf b = { .max = max };
			char piece[100];

			memset(piece, 'x', sizeof piece);
			while (!b.full)
				buf_add(&b, piece, pieces[i]);
			assert_int_equal(b.len, max / pieces[i] * pieces[i]);
			buf_add(&b, "", 0);
			buf_addf(&b, "%s", "");
			buf_addc(&b, 'y'); /* it would fit, but something before it is missing */
			assert_int_equal(b.len, max / pieces[i] * pieces[i]);
			assert_true(b.full);
			buf_reset(&b);
			assert_false(b.full);
			buf_addc(&b, 'y');
			assert_string_equal(buf_str(&b), "y");
			buf_release(&b);
		}
}

static const struct {
	const char *name;
	struct span in;
	size_t	    good; /* length of the well-formed prefix */
	struct span repaired;
	size_t	    count; /* replacement characters */
} utf8_rows[] = {
#define FFFD "\xef\xbf\xbd"
	{ "empty", SPAN(""), 0, SPAN(""), 0 },
	{ "ascii", SPAN("plain, longer than a machine word"), 33, SPAN("plain, longer than a machine word"), 0 },
	{ "NUL", SPAN("a\0b"), 3, SPAN("a\0b"), 0 },
	{ "two bytes, first", SPAN("\xc2\x80"), 2, SPAN("\xc2\x80"), 0 },
	{ "two bytes, last", SPAN("\xdf\xbf"), 2, SPAN("\xdf\xbf"), 0 },
	{ "three bytes, first", SPAN("\xe0\xa0\x80"), 3, SPAN("\xe0\xa0\x80"), 0 },
	{ "before the surrogates", SPAN("\xed\x9f\xbf"), 3, SPAN("\xed\x9f\xbf"), 0 },
	{ "after the surrogates", SPAN("\xee\x80\x80"), 3, SPAN("\xee\x80\x80"), 0 },
	{ "U+FFFF", SPAN("\xef\xbf\xbf"), 3, SPAN("\xef\xbf\xbf"), 0 },
	{ "four bytes, first", SPAN("\xf0\x90\x80\x80"), 4, SPAN("\xf0\x90\x80\x80"), 0 },
	{ "U+10FFFF", SPAN("\xf4\x8f\xbf\xbf"), 4, SPAN("\xf4\x8f\xbf\xbf"), 0 },
	{ "above U+10FFFF", SPAN("\xf4\x90\x80\x80"), 0, SPAN(FFFD FFFD FFFD FFFD), 4 },
	{ "FF", SPAN("\xff"), 0, SPAN(FFFD), 1 },
	{ "overlong NUL", SPAN("\xc0\x80"), 0, SPAN(FFFD FFFD), 2 },
	{ "overlong slash, three bytes", SPAN("\xe0\x80\xaf"), 0, SPAN(FFFD FFFD FFFD), 3 },
	{ "overlong, four bytes", SPAN("\xf0\x8f\xbf\xbf"), 0, SPAN(FFFD FFFD FFFD FFFD), 4 },
	{ "surrogate", SPAN("\xed\xa0\x80"), 0, SPAN(FFFD FFFD FFFD), 3 },
	{ "a continuation alone", SPAN("a\x80z"), 1, SPAN("a" FFFD "z"), 1 },
	{ "two of three, then ASCII", SPAN("\xe2\x82z"), 0, SPAN(FFFD "z"), 1 },
	{ "three of four, then ASCII", SPAN("\xf0\x9f\x98z"), 0, SPAN(FFFD "z"), 1 },
	{ "three of four at the end", SPAN("ab\xf0\x9f\x98"), 2, SPAN("ab" FFFD), 1 },
	{ "a lead before a sequence", SPAN("\xe2\xc3\xa9"), 0, SPAN(FFFD "\xc3\xa9"), 1 },
	{ "Unicode 3.9's example", SPAN("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"), 1,
	  SPAN("a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d"), 6 },
	{ "bad behind eight good", SPAN("12345678\xc3\xa9\xff"), 10, SPAN("12345678\xc3\xa9" FFFD), 1 },
};

static void utf8_is_judged_and_repaired(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(utf8_rows); i++) {
		const char *row = utf8_rows[i].name;
		struct span in = utf8_rows[i].in;

		EXPECT(row, utf8_good(in.p, in.n) == utf8_rows[i].good);
		EXPECT(row, utf8_valid(in.p, in.n) == (utf8_rows[i].count == 0));
		buf_reset(&b);
		EXPECT(row, utf8_repair(&b, in.p, in.n) == utf8_rows[i].count);
		expect_bytes(row, buf_span(&b), utf8_rows[i].repaired);
		EXPECT(row, utf8_valid(b.p ? b.p : "", b.len));
	}
	buf_release(&b);
}

/* Every code point goes out and comes back; every pair and triple of bytes is judged as the
 * definition of UTF-8 says: well-formed is exactly what some code point is written as. */
static void utf8_put_and_sequence_agree(void **state)
{
	struct buf b = BUF_INIT;
	size_t bad;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		buf_reset(&b);
		utf8_put(&b, cp);
		if (cp >= 0xd800 && cp <= 0xdfff)
			assert_string_equal(b.p, FFFD);
		else if (utf8_sequence(b.p, b.len, &bad) != b.len)
			fail_msg("U+%04X is not taken back", (unsigned)cp);
		if (b.len > 1 && utf8_sequence(b.p, b.len - 1, &bad) != 0)
			fail_msg("U+%04X is taken without its last byte", (unsigned)cp);
	}
	buf_reset(&b);
	utf8_put(&b, 0x110000);
	assert_string_equal(b.p, FFFD);
	buf_release(&b);
}

static const struct {
	const char *plain, *encoded;
} base64_rows[] = {
	{ "", "" },	    { "f", "Zg==" },	    { "fo", "Zm8=" },
	{ "foo", "Zm9v" },  { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
};

static void base64_both_ways(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(base64_rows); i++) {
		struct span plain = span_of(base64_rows[i].plain), encoded = span_of(base64_rows[i].encoded);

		buf_reset(&b);
		base64_encode(&b, plain.p, plain.n, 0);
		expect_bytes(plain.p, buf_span(&b), encoded);
		for (int pad = 0; pad < 2; pad++) { /* without padding it means the same */
			buf_reset(&b);
			EXPECT(encoded.p, base64_decode(&b, encoded.p, encoded.n));
			expect_bytes(encoded.p, buf_span(&b), plain);
			while (encoded.n && encoded.p[encoded.n - 1] == '=')
				encoded.n--;
		}
	}
	buf_reset(&b);
	base64_encode(&b, "abcdefg", 7, 4);
	assert_string_equal(b.p, "YWJj\nZGVm\nZw==\n");
	buf_reset(&b);
	assert_true(base64_decode(&b, " YW\r\nJj\tZGVm Zw = =\n", 20));
	assert_string_equal(b.p, "abcdefg");
	buf_release(&b);
}

static void base64_refuses(void **state)
{
	static const char *const rows[] = { "Z", "Zg=", "Zg===", "Zm9v=", "Zg==Zg==", "Zm9vZ", "Zm-_", "Z=g=", "====", "Zm9v!" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf b = BUF_INIT;

		EXPECT(rows[i], !base64_decode(&b, rows[i], strlen(rows[i])));
		buf_release(&b);
	}
}

static void sizes_of_options(void **state)
{
	static const struct {
		const char *text;
		size_t	    value;
	} rows[] = {
		{ "0", 0 },	{ "1", 1 },	     { "512k", 512 << 10 }, { "512K", 512 << 10 },
		{ "64M", 64u << 20 }, { "2G", (size_t)2 << 30 }, { "007", 7 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		EXPECT(rows[i].text, opt_size("--max-size", rows[i].text) == rows[i].value);
	assert_true(opt_seconds("--x", "1.5") == 1.5);
	assert_true(opt_seconds("--x", "0") == 0);
	assert_int_equal(opt_number("-j", "8", 1, 64), 8);
	assert_int_equal(opt_word("-f", "b", (const char *const[]){ "a", "b", NULL }), 1);
}

static void call_size(const char *text)
{
	opt_size("--max-size", text);
}

static void call_seconds(const char *text)
{
	opt_seconds("--timeout", text);
}

static void call_number(const char *text)
{
	opt_number("--jobs", text, 1, 64);
}

static void call_word(const char *text)
{
	opt_word("--format", text, (const char *const[]){ "a", "b", NULL });
}

static void values_of_options_are_refused(void **state)
{
	static const struct {
		void (*call)(const char *);
		const char *text;
	} rows[] = {
		{ call_size, "" },	 { call_size, "M" },	{ call_size, "-1" },	 { call_size, "1x" },
		{ call_size, "1kk" },	 { call_size, " 1" },	{ call_size, "+1" },	 { call_size, "1.5M" },
		{ call_size, "0x10" },	 { call_size, "99999999999999999999" },	{ call_size, "17179869184G" },
		{ call_seconds, "" },	 { call_seconds, "-1" }, { call_seconds, "nan" }, { call_seconds, "inf" },
		{ call_seconds, "1s" },	 { call_seconds, "0x1" }, { call_number, "0" },	 { call_number, "65" },
		{ call_number, "" },	 { call_number, "1x" },	 { call_word, "c" },	 { call_word, "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		EXPECT(rows[i].text, status_of(rows[i].call, rows[i].text) == ST_USAGE);
}

static void mem_grows_by_doubling(void **state)
{
	(void)state;
	assert_int_equal(mem_grow(0, 1), 64);
	assert_int_equal(mem_grow(64, 65), 128);
	assert_int_equal(mem_grow(100, 1000), 1600);
}

/* A file that holds text, open as an in. */
static void open_text(struct in *in, const char *text, size_t max)
{
	struct fault f = { 0 };
	char path[] = "/tmp/sseutils-test.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(in_open(in, path, max, &f), 0);
	unlink(path);
}

static void check_dict(struct arena *arena)
{
	enum { N = 5000 };
	static char names[N][16];
	struct dict d = { .arena = arena };

	assert_null(dict_get(&d, 0, SPAN("a")));
	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		dict_put(&d, (uint64_t)i % 3, span_of(names[i]), names[i]);
	}
	for (int i = 0; i < N; i++) {
		assert_ptr_equal(dict_get(&d, (uint64_t)i % 3, span_of(names[i])), names[i]);
		assert_null(dict_get(&d, (uint64_t)i % 3 + 1, span_of(names[i])));
	}
	assert_null(dict_get(&d, 0, SPAN("")));
	dict_put(&d, 0, SPAN(""), names[1]);
	dict_put(&d, 0, SPAN(""), names[2]);
	assert_ptr_equal(dict_get(&d, 0, SPAN("")), names[2]);
	assert_int_equal(d.used, N + 1);
	dict_reset(&d);
	for (int i = 0; i < 3; i++) {
		assert_null(dict_get(&d, 0, SPAN("")));
		dict_put(&d, 0, SPAN(""), names[i]);
		assert_ptr_equal(dict_get(&d, 0, SPAN("")), names[i]);
		assert_int_equal(d.used, 1);
		dict_reset(&d);
	}
	dict_release(&d);
	assert_null(dict_get(&d, 0, SPAN("")));
	dict_put(&d, 0, SPAN(""), names[1]);
	assert_ptr_equal(dict_get(&d, 0, SPAN("")), names[1]);
	dict_release(&d);
}

static void dict_finds_what_was_filed(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	check_dict(NULL);
	for (int round = 0; round < 3; round++) {
		check_dict(&arena);
		assert_true(arena.used > 0);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static void lines_come_one_by_one(void **state)
{
	static const struct {
		const char *text;
		size_t	    lines;
		bool	    cut;
	} rows[] = { { "", 0, false }, { "\n", 1, false }, { "a", 1, true }, { "a\n\nbb\n", 3, false }, { "a\nb", 2, true } };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fault f = { 0 };
		struct span line;
		struct in in;
		bool cut = false, last = false;
		size_t n = 0;

		open_text(&in, rows[i].text, 0);
		while (in_line(&in, &line, &cut, &f) == IN_MORE) {
			n++;
			last = cut;
		}
		EXPECT(rows[i].text, n == rows[i].lines && last == rows[i].cut && in.offset == strlen(rows[i].text));
		in_close(&in);
	}
}

static void input_stops_at_its_ceiling(void **state)
{
	static const struct {
		const char    *text;
		enum in_result line, all;
	} rows[] = {
		{ "1234567\n", IN_MORE, IN_END },  /* 8 bytes in all */
		{ "12345678\n", IN_MORE, IN_FULL }, /* a line of 8 bytes, its end not counted */
		{ "123456789\n", IN_FULL, IN_FULL },
		{ "12345678", IN_MORE, IN_END },
		{ "123456789", IN_FULL, IN_FULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fault f = { 0 };
		struct span got;
		struct in in;
		bool cut;

		open_text(&in, rows[i].text, 8);
		EXPECT(rows[i].text, in_line(&in, &got, &cut, &f) == rows[i].line);
		in_close(&in);
		open_text(&in, rows[i].text, 8);
		EXPECT(rows[i].text, in_all(&in, &got, &f) == rows[i].all);
		in_close(&in);
	}
}

static void input_that_cannot_be_read(void **state)
{
	struct fault f = { 0 };
	struct span all;
	struct in in;

	(void)state;
	assert_int_equal(in_open(&in, "/nonexistent/file", 0, &f), -1);
	assert_int_equal(f.status, ST_TROUBLE);
	assert_string_equal(f.text, "No such file or directory");
	f = (struct fault){ 0 };
	assert_int_equal(in_open(&in, "/", 0, &f), 0);
	assert_int_equal(in_all(&in, &all, &f), IN_BAD);
	assert_int_equal(f.status, ST_TROUBLE);
	in_close(&in);
}

static void faults_keep_the_first_cause(void **state)
{
	struct fault f = { 0 };
	char longer[600];

	(void)state;
	assert_int_equal(fault_set(&f, ST_INPUT, "first at %d", 1), -1);
	assert_int_equal(fault_set(&f, ST_TROUBLE, "second"), -1);
	assert_string_equal(f.text, "first at 1");
	assert_int_equal(f.status, ST_INPUT);
	f = (struct fault){ 0 };
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (size_t i = 400; i + 2 < sizeof longer; i += 2)
		memcpy(longer + i, "\xc3\xa9", 2);
	fault_set(&f, ST_INPUT, "%s", longer);
	assert_true(strlen(f.text) >= sizeof f.text - 4);
	assert_true(utf8_valid(f.text, strlen(f.text)));
}

static size_t naive_string_stop(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && (unsigned char)p[i] >= 0x20 && (unsigned char)p[i] < 0x80 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static size_t naive_line_end(const char *p)
{
	size_t i = 0;

	while (i < SIMD_WIDTH && p[i] != '\n' && p[i] != '\r')
		i++;
	return i;
}

/* Each byte value at each place, before a background that stops and one that does not. */
static void simd_agrees_with_plain_c(void **state)
{
	static const char grounds[] = { 'a', '"', '\n', '\x7f', '\x80' };

	(void)state;
	for (size_t g = 0; g < sizeof grounds; g++)
		for (int c = 0; c < 256; c++)
			for (int at = 0; at < SIMD_WIDTH; at++) {
				char p[SIMD_WIDTH];

				memset(p, 'a', sizeof p);
				memset(p + at, grounds[g], (size_t)(SIMD_WIDTH - at));
				p[at] = (char)c;
				assert_int_equal(simd_string_stop(p), naive_string_stop(p));
				assert_int_equal(simd_line_end(p), naive_line_end(p));
			}
}

static void simd_block_agrees_with_plain_c(void **state)
{
	char p[SIMD_BLOCK];

	(void)state;
	for (int c = 0; c < 256; c++)
		for (unsigned at = 0; at < SIMD_BLOCK; at++) {
			uint64_t bit = (uint64_t)1 << at;
			struct simd_block b;
			struct simd_utf8 u;

			memset(p, 'a', sizeof p);
			p[at] = (char)c;
			b = simd_block(p);
			assert_true(b.quotes == (c == '"' ? bit : 0));
			assert_true(b.backs == (c == '\\' ? bit : 0));
			assert_true((b.enns & bit) == (c == 'n' ? bit : 0));
			assert_true(b.others == (c < 0x20 || c > 0x7f ? bit : 0));
			u = simd_utf8(p);
			assert_true(u.all == (c > 0x7f ? bit : 0));
			assert_true(u.tails == (c >= 0x80 && c < 0xc0 ? bit : 0));
			assert_true(u.threes == (c >= 0xe0 ? bit : 0));
			assert_true(u.fours == (c >= 0xf0 ? bit : 0));
			assert_true(u.narrow == (c == 0xc0 || c == 0xc1 || c == 0xe0 || c == 0xed || c >= 0xf0 ? bit : 0));
		}
	memset(p, '\xbf', sizeof p);
	assert_true(simd_block(p).others == ~(uint64_t)0 && simd_utf8(p).tails == ~(uint64_t)0);
}

/* Columns of a terminal in a UTF-8 locale; tests/cassette-extract.bats has the others. */
static void widths_of_texts(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *short6, *short1; /* in so many columns */
	} rows[] = {
		{ "", 0, "", "" },
		{ "abcdef", 6, "abcdef", "\u2026" },
		{ "abcdefg", 7, "abc\u2026fg", "\u2026" },
		{ "caf\u00e9s", 5, "caf\u00e9s", "\u2026" },
		{ "\u65e5\u672c\u8a9e", 6, "\u65e5\u672c\u8a9e", "\u2026" },
		{ "\u65e5\u672c\u8a9e\u6587", 8, "\u65e5\u2026\u6587", "\u2026" },
		{ "a\u65e5\u672c\u8a9e\u6587", 9, "a\u65e5\u2026\u6587", "\u2026" },
		{ "\u65e5\u672c\u8a9eab", 8, "\u65e5\u2026ab", "\u2026" },
		{ "e\u0301", 1, "e\u0301", "e\u0301" },
		{ "abcdefghe\u0301", 9, "abc\u2026he\u0301", "\u2026" },
		{ "abcdefe\u0301z", 8, "abc\u2026e\u0301z", "\u2026" },
		{ "\U0001f389x", 3, "\U0001f389x", "\u2026" },
		{ "\xff", 1, "\xff", "\xff" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	if (text_width(SPAN("\u65e5")) != 2 && !getenv("CI"))
		skip(); /* there is no locale C.UTF-8 */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span text = span_of(rows[i].text);

		assert_int_equal(text_width(text), rows[i].width);
		assert_true(span_is(text_shorten(&a, text, 6), rows[i].short6));
		assert_true(span_is(text_shorten(&a, text, 1), rows[i].short1));
		assert_int_equal(text_shorten(&a, text, 0).n, 0);
	}
	assert_string_equal(setlocale(LC_CTYPE, NULL), "C");
	arena_release(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_grows_and_stays_terminated),
		cmocka_unit_test(buf_take_gives_the_bytes_away),
		cmocka_unit_test(buf_stops_at_its_ceiling),
		cmocka_unit_test(utf8_is_judged_and_repaired),
		cmocka_unit_test(utf8_put_and_sequence_agree),
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(base64_refuses),
		cmocka_unit_test(sizes_of_options),
		cmocka_unit_test(values_of_options_are_refused),
		cmocka_unit_test(mem_grows_by_doubling),
		cmocka_unit_test(dict_finds_what_was_filed),
		cmocka_unit_test(lines_come_one_by_one),
		cmocka_unit_test(input_stops_at_its_ceiling),
		cmocka_unit_test(input_that_cannot_be_read),
		cmocka_unit_test(faults_keep_the_first_cause),
		cmocka_unit_test(widths_of_texts),
		cmocka_unit_test(simd_agrees_with_plain_c),
		cmocka_unit_test(simd_block_agrees_with_plain_c),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
