/* SPDX-License-Identifier: MIT */
/*
 * json/: RFC 8259 to the letter, the tape, and writing. Compiled twice: as the machine would have
 * it, and with the portable paths (test_json_portable).
 */
#include "test.h"

#include "base/utf8.h"
#include "json/json.h"
#include "json/path.h"
#include "json/same.h"
#include "json/tree.h"
#include "json/write.h"

static const struct span accepted[] = {
	SPAN("{}"),
	SPAN("[]"),
	SPAN("null"),
	SPAN("true"),
	SPAN("false"),
	SPAN("0"),
	SPAN("-0"),
	SPAN("-0.0e-0"),
	SPAN("1"),
	SPAN("10"),
	SPAN("1.10"),
	SPAN("0.5"),
	SPAN("1e5"),
	SPAN("1E+5"),
	SPAN("1.25e-007"),
	SPAN("12345678901234567890123456789012345678901234567890"),
	SPAN("1e999999"),
	SPAN("\"\""),
	SPAN("\"plain\""),
	SPAN("\"a string that is longer than any vector register of today\""),
	SPAN("\"sixteen bytes---\""),
	SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uABCD\\uabcd\""),
	SPAN("\"\\u0000\""),
	SPAN("\"\\ud83d\\ude00\""),
	SPAN("\"\\ud83d\""),	     /* lone surrogates are for the reader to judge */
	SPAN("\"\\ude00\\ud83d\""),
	SPAN("\"\x7f\""),	     /* DEL is no control character here */
	SPAN("\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf \xef\xbf\xbf\""),
	SPAN("\"\xe2\x80\xa8\xe2\x80\xa9\""),
	SPAN("\"0123456789abcd\xe2\x82\xac\""), /* a character across sixteen bytes */
	SPAN(" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n"),
	SPAN("{\"a\":1}"),
	SPAN("{ \"a\" : 1 , \"b\" : [ ] , \"c\" : { } }"),
	SPAN("{\"\":{\"\":[]}}"),
	SPAN("{\"a\":1,\"a\":2}"),
	SPAN("[[],{},\"\",0,true,false,null]"),
	SPAN("[1,[2,[3,[4,[5]]]]]"),
};

static const struct refused {
	const char *name;
	struct span text;
	bool	    cut;
} refused[] = {
	{ "empty", SPAN(""), true },
	{ "white space", SPAN(" \n"), true },
	{ "byte order mark", SPAN("\xef\xbb\xbf{}"), false },
	{ "NUL", SPAN("\0"), false },
	{ "NUL behind", SPAN("1\0"), false },
	{ "form feed", SPAN("[\f]"), false },
	{ "no-break space", SPAN("[\xc2\xa0]"), false },
	{ "two texts", SPAN("1 2"), false },
	{ "open array", SPAN("["), true },
	{ "open array, value", SPAN("[1"), true },
	{ "open array, comma", SPAN("[1,"), true },
	{ "comma at the end", SPAN("[1,]"), false },
	{ "comma at the front", SPAN("[,1]"), false },
	{ "comma alone", SPAN("[,]"), false },
	{ "two commas", SPAN("[1,,2]"), false },
	{ "no comma", SPAN("[1 2]"), false },
	{ "colon in an array", SPAN("[1:2]"), false },
	{ "wrong bracket", SPAN("[1}"), false },
	{ "wrong brace", SPAN("{\"a\":1]"), false },
	{ "closed too often", SPAN("[]]"), false },
	{ "only closed", SPAN("]"), false },
	{ "open object", SPAN("{"), true },
	{ "open object, key", SPAN("{\"a\""), true },
	{ "open object, colon", SPAN("{\"a\":"), true },
	{ "open object, value", SPAN("{\"a\":1"), true },
	{ "open object, comma", SPAN("{\"a\":1,"), true },
	{ "object, comma at the end", SPAN("{\"a\":1,}"), false },
	{ "object, two commas", SPAN("{\"a\":1,,\"b\":2}"), false },
	{ "object without colon", SPAN("{\"a\" 1}"), false },
	{ "object with a comma for a colon", SPAN("{\"a\",1}"), false },
	{ "object, two colons", SPAN("{\"a\"::1}"), false },
	{ "key that is a number", SPAN("{1:1}"), false },
	{ "key that is a word", SPAN("{a:1}"), false },
	{ "single quotes", SPAN("['a']"), false },
	{ "comment", SPAN("[1/* one */]"), false },
	{ "capital literal", SPAN("True"), false },
	{ "literal cut", SPAN("tru"), true },
	{ "literal misspelt", SPAN("nul1"), false },
	{ "literal and more", SPAN("nulll"), false },
	{ "NaN", SPAN("NaN"), false },
	{ "Infinity", SPAN("-Infinity"), false },
	{ "minus", SPAN("-"), true },
	{ "plus", SPAN("+1"), false },
	{ "leading zero", SPAN("01"), false },
	{ "leading zero, negative", SPAN("-012"), false },
	{ "point without a digit before", SPAN(".5"), false },
	{ "point without a digit before, negative", SPAN("-.5"), false },
	{ "point without a digit behind", SPAN("1."), true },
	{ "point, then exponent", SPAN("1.e5"), false },
	{ "exponent without digits", SPAN("1e"), true },
	{ "exponent, sign only", SPAN("1e+"), true },
	{ "exponent with a point", SPAN("1e5.5"), false },
	{ "hexadecimal", SPAN("0x10"), false },
	{ "two points", SPAN("1.2.3"), false },
	{ "full-width digit", SPAN("\xef\xbc\x91"), false },
	{ "open string", SPAN("\"a"), true },
	{ "open string, backslash", SPAN("\"a\\"), true },
	{ "open string, escaped quote", SPAN("\"a\\\""), true },
	{ "open string, half an escape", SPAN("\"\\u00"), true },
	{ "unknown escape", SPAN("\"\\x41\""), false },
	{ "capital escape", SPAN("\"\\U0041\""), false },
	{ "backslash, NUL", SPAN("\"\\\0\""), false },
	{ "escape with three digits", SPAN("\"\\u004\""), false },
	{ "escape with a letter too far", SPAN("\"\\u00g0\""), false },
	{ "line feed in a string", SPAN("\"a\nb\""), false },
	{ "tab in a string", SPAN("\"\t\""), false },
	{ "NUL in a string", SPAN("\"\0\""), false },
	{ "unit separator in a string", SPAN("\"sixteen bytes---\x1f\""), false },
	{ "FF in a string", SPAN("\"\xff\""), false },
	{ "continuation alone", SPAN("\"\x80\""), false },
	{ "overlong", SPAN("\"\xc0\x80\""), false },
	{ "overlong, three bytes", SPAN("\"\xe0\x9f\xbf\""), false },
	{ "surrogate in UTF-8", SPAN("\"\xed\xa0\x80\""), false },
	{ "above U+10FFFF", SPAN("\"\xf4\x90\x80\x80\""), false },
	{ "half a character, then the quote", SPAN("\"\xe2\x82\""), false },
	{ "half a character at the end", SPAN("\"\xe2\x82"), true },
	{ "ill-formed at the end", SPAN("\"\xe0\x80"), false },
	{ "key with a control character", SPAN("{\"a\x01\":1}"), false },
	{ "UTF-16", SPAN("[\0\"\0"), false },
};

/* Bytes that end where the memory does, so that a sanitizer sees a read beyond them. */
static char *exact(struct span s)
{
	char *p = malloc(s.n ? s.n : 1);

	assert_non_null(p);
	memcpy(p, s.p, s.n);
	return p;
}

static void accepts(void **state)
{
	struct json j = JSON_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(accepted); i++) {
		char *p = exact(accepted[i]);
		size_t n = accepted[i].n, at;
		bool cut;

		EXPECT(accepted[i].p, json_parse(&j, p, n) == 0);
		EXPECT(accepted[i].p, json_kind(&j, JSON_ROOT) != JSON_NONE && !j.error && !j.cut);
		EXPECT(accepted[i].p, !json_check(p, n, &at, &cut) && at == n && !cut);
		free(p);
	}
	json_release(&j);
}

static void refuses(void **state)
{
	struct json j = JSON_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++) {
		const struct refused *r = &refused[i];
		char *p = exact(r->text);
		size_t at;
		bool cut;

		EXPECT(r->name, json_parse(&j, p, r->text.n) == -1);
		EXPECT(r->name, j.error && j.cut == r->cut && j.error_at <= r->text.n);
		EXPECT(r->name, json_kind(&j, JSON_ROOT) == JSON_NONE && !json_get(&j, JSON_ROOT, "a"));
		EXPECT(r->name, json_check(p, r->text.n, &at, &cut) == j.error && at == j.error_at && cut == j.cut);
		EXPECT(r->name, !r->cut || at == r->text.n || (signed char)p[at] < 0);
		free(p);
	}
	json_release(&j);
}

/* The beginning of a JSON text is a JSON text (a number, or white space behind it) or cut. */
static void every_truncation_is_cut(void **state)
{
	struct json j = JSON_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(accepted); i++)
		for (size_t n = 0; n < accepted[i].n; n++) {
			char *p = exact((struct span){ accepted[i].p, n });

			EXPECT(accepted[i].p, json_parse(&j, p, n) == 0 || j.cut);
			free(p);
		}
	json_release(&j);
}

/* One byte changed at each place: whatever the judgement, the three scanners agree, and what is
 * accepted says so again when it was written without white space. */
static void every_mutation_is_judged_alike(void **state)
{
	static const char bytes[] = { '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', ' ', '\n', '\0', '\x80', '\xe2' };
	struct json j = JSON_INIT, again = JSON_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(accepted); i++)
		for (size_t k = 0; k < accepted[i].n * sizeof bytes; k++) {
			char *p = exact(accepted[i]);
			size_t n = accepted[i].n, at;
			bool cut;
			int good;

			p[k / sizeof bytes] = bytes[k % sizeof bytes];
			good = json_parse(&j, p, n);
			EXPECT(accepted[i].p, json_check(p, n, &at, &cut) == j.error && cut == j.cut);
			if (good == 0) {
				buf_reset(&b);
				json_compact(&b, &j, JSON_ROOT);
				EXPECT(accepted[i].p, json_parse(&again, b.p, b.len) == 0 && !again.spaced);
				EXPECT(accepted[i].p, again.used == j.used);
			}
			free(p);
		}
	buf_release(&b);
	json_release(&again);
	json_release(&j);
}

/* What long strings are made of, good and bad. */
static const char *const bits[] = {
	"a", " the", "sixteen bytes---", "\\n", "\\\"", "\\\\", "\\\\\\\\\\\\", "\\/", "\\u00e9", "\\uD83D\\uDE00",
	"\xc3\xa9", "\xc2\x80", "\xdf\xbf", "\xe2\x82\xac", "\xe6\x99\xb4\xe3\x82\x8c", "\xe0\xa0\x80",
	"\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\x7f",
	/* bad from here */
	"\"", "\\", "\\x", "\\u12g4", "\\\xc3\xa9", "\\\n", "\n", "\x1f", "\x80", "\xbf", "\xc3", "\xe2", "\xe2\x82", "\xf0",
	"\xf0\x9f\x98", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
	"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
};

/* The closing quote of the string whose inside begins at p; NULL: there is none before what is bad. */
static const char *naive_string_end(const char *p, const char *end)
{
	while (p < end && *p != '"') {
		size_t n, bad;

		if (*p == '\\') {
			n = end - p > 1 && p[1] == 'u' ? 6 : 2;
			if ((size_t)(end - p) < n || !strchr("\"\\/bfnrtu", p[1]) || !p[1])
				return NULL;
			for (size_t i = 2; i < n; i++)
				if (!p[i] || !strchr("0123456789abcdefABCDEF", p[i]))
					return NULL;
		} else {
			n = (unsigned char)*p < 0x20 ? 0 : utf8_sequence(p, (size_t)(end - p), &bad);
		}
		if (n == 0)
			return NULL;
		p += n;
	}
	return p < end ? p : NULL;
}

/* Strings are gone through in blocks while they are good, and byte by byte otherwise. */
static void long_strings_are_judged_alike(void **state)
{
	uint64_t random = 1;
	struct buf b = BUF_INIT;
	unsigned good = 0;

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		unsigned times = 1 + test_random(&random) % 60;
		unsigned kinds = round % 4 ? 22 : ROWS(bits);
		const char *end;
		size_t length;
		bool escaped;
		char *p;

		buf_reset(&b);
		while (times-- > 0)
			buf_adds(&b, bits[test_random(&random) % (times % 3 ? 3 : kinds)]);
		buf_adds(&b, "\"");
		buf_adds(&b, &"abcdefghijklmnopqrstuvwxyz\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"[test_random(&random) % 80]);
		p = exact(buf_span(&b));
		end = naive_string_end(p, p + b.len);
		escaped = false;
		if (json_string_at(p, b.len, &length, &escaped) != (end != NULL) || (end && length != (size_t)(end - p)))
			fail_msg("round %u is judged otherwise: %.*s", round, (int)b.len, p);
		if (end && escaped != (memchr(p, '\\', length) != NULL))
			fail_msg("round %u: an escape was %s: %.*s", round, escaped ? "invented" : "overlooked", (int)b.len, p);
		good += end != NULL;
		free(p);
	}
	assert_true(good > 50000);
	buf_release(&b);
}

/* A string of `at` letters, the bit, the byte after it, and letters again. */
static char *around(const char *bit, size_t at, char after, size_t *n)
{
	size_t length = strlen(bit);
	char *p;

	*n = 1 + at + length + 1 + 100 + 1;
	p = malloc(*n);
	assert_non_null(p);
	memset(p, 'a', *n);
	memcpy(p + 1 + at, bit, length);
	p[1 + at + length] = after;
	p[0] = p[*n - 1] = '"';
	return p;
}

/* One bit at each place of a string that fills several blocks: its fault is where it is elsewhere. */
static void each_place_of_a_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ROWS(bits); i++) {
		const char *bit = bits[i / 2], *fault = NULL;
		size_t first = 0;

		for (size_t at = 0; at < 150; at++) {
			size_t n, end;
			char *p = around(bit, at, i % 2 ? 'a' : '\0', &n);
			const char *right = naive_string_end(p + 1, p + n), *error;
			bool cut;

			error = json_check_prefix(p, n, &end, &cut);
			EXPECT(bit, (error != NULL) == (right == NULL));
			EXPECT(bit, error || end == (size_t)(right - p) + 1);
			if (at == 0) {
				first = end;
				fault = error;
			}
			EXPECT(bit, error == fault && end - at == first);
			free(p);
		}
	}
}

static void prefix_stops_behind_one_value(void **state)
{
	static const struct {
		const char *text;
		size_t	    at;
		bool	    good;
	} rows[] = {
		{ "{\"a\":1}{\"b\":2}", 7, true }, { " [1] ,", 4, true }, { "12,", 2, true }, { "12", 2, true },
		{ "\"a\"x", 3, true },		   { "truex", 4, true },  { "{\"a\":", 5, false }, { "x", 0, false },
	};
	size_t at;
	bool cut;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *error = json_check_prefix(rows[i].text, strlen(rows[i].text), &at, &cut);

		EXPECT(rows[i].text, !error == rows[i].good && at == rows[i].at);
	}
}

static void depth_has_a_ceiling(void **state)
{
	struct json j = JSON_INIT;
	char *p = malloc(4 * JSON_DEPTH);

	(void)state;
	for (int depth = JSON_DEPTH - 1; depth <= JSON_DEPTH + 1; depth++) {
		memset(p, '[', (size_t)depth);
		memset(p + depth, ']', (size_t)depth);
		assert_int_equal(json_parse(&j, p, 2 * (size_t)depth), depth <= JSON_DEPTH ? 0 : -1);
	}
	assert_string_equal(j.error, "nested too deeply");
	assert_int_equal(j.error_at, JSON_DEPTH);
	assert_false(j.cut);
	free(p);
	json_release(&j);
}

static void parse(struct json *j, const char *text)
{
	if (json_parse(j, text, strlen(text)) < 0)
		fail_msg("%s: %s at %zu", text, j->error, j->error_at);
}

static void tape_is_walked(void **state)
{
	struct json j = JSON_INIT;
	uint32_t a, c;
	long value;

	(void)state;
	parse(&j, "{\"a\":[10,{\"x\":true},\"s\"],\"b\":null,\"n\":{\"t\":{\"u\":1.50}}}");
	a = json_get(&j, JSON_ROOT, "a");
	assert_int_equal(json_count(&j, JSON_ROOT), 3);
	assert_int_equal(json_count(&j, a), 3);
	assert_true(json_long(&j, json_at(&j, a, 0), &value) && value == 10);
	assert_int_equal(json_kind(&j, json_at(&j, a, 1)), JSON_OBJECT);
	assert_true(json_is(&j, json_at(&j, a, 2), "s"));
	assert_int_equal(json_at(&j, a, 3), 0);
	expect_bytes("container", json_text(&j, json_at(&j, a, 1)), SPAN("{\"x\":true}"));
	expect_bytes("string", json_text(&j, json_at(&j, a, 2)), SPAN("\"s\""));
	expect_bytes("number as spelled", json_text(&j, json_path(&j, JSON_ROOT, "n.t.u")), SPAN("1.50"));
	assert_int_equal(json_path(&j, JSON_ROOT, "n.t.v"), 0);
	assert_int_equal(json_path(&j, JSON_ROOT, "b.t"), 0);
	assert_int_equal(json_path(&j, JSON_ROOT, "a.t"), 0);
	c = json_first(&j, JSON_ROOT);
	assert_true(json_is(&j, json_key(c), "a"));
	c = json_next(&j, JSON_ROOT, c);
	assert_true(json_is(&j, json_key(c), "b"));
	c = json_next(&j, JSON_ROOT, c);
	assert_true(json_is(&j, json_key(c), "n"));
	assert_int_equal(json_next(&j, JSON_ROOT, c), 0);
	json_release(&j);
}

static void none_is_taken_everywhere(void **state)
{
	struct json j = JSON_INIT;
	long value;

	(void)state;
	parse(&j, "[{},[]]");
	assert_int_equal(json_kind(&j, 0), JSON_NONE);
	assert_null(json_text(&j, 0).p);
	assert_null(json_string(&j, 0).p);
	assert_null(json_string(&j, JSON_ROOT).p);
	assert_int_equal(json_get(&j, 0, "a"), 0);
	assert_int_equal(json_get(&j, JSON_ROOT, "a"), 0);
	assert_int_equal(json_first(&j, 0), 0);
	assert_int_equal(json_first(&j, json_at(&j, JSON_ROOT, 0)), 0);
	assert_int_equal(json_first(&j, json_at(&j, JSON_ROOT, 1)), 0);
	assert_int_equal(json_count(&j, 0), 0);
	assert_int_equal(json_at(&j, 0, 0), 0);
	assert_false(json_is(&j, 0, ""));
	assert_false(json_filled(&j, 0));
	assert_false(json_long(&j, 0, &value));
	json_release(&j);
}

static void keys_are_compared_decoded_and_the_last_wins(void **state)
{
	struct json j = JSON_INIT;

	(void)state;
	parse(&j, "{\"a\":1,\"\\u0061\":2,\"b\":\"x\",\"b\":\"\\u0078y\",\"\":3}");
	expect_bytes("the last", json_text(&j, json_get(&j, JSON_ROOT, "a")), SPAN("2"));
	assert_true(json_is(&j, json_get(&j, JSON_ROOT, "b"), "xy"));
	expect_bytes("as spelled", json_string(&j, json_get(&j, JSON_ROOT, "b")), SPAN("\\u0078y"));
	expect_bytes("empty key", json_text(&j, json_get(&j, JSON_ROOT, "")), SPAN("3"));
	assert_int_equal(json_get(&j, JSON_ROOT, "c"), 0);
	json_release(&j);
}

static void tape_is_used_again(void **state)
{
	struct json j = JSON_INIT;
	struct json_node *tape;
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "[0");
	for (int i = 1; i < 10000; i++)
		buf_addf(&b, ",%d", i);
	buf_addc(&b, ']');
	parse(&j, b.p);
	assert_int_equal(json_count(&j, JSON_ROOT), 10000);
	tape = j.tape;
	parse(&j, "[1]");
	assert_ptr_equal(j.tape, tape);
	assert_int_equal(json_count(&j, JSON_ROOT), 1);
	assert_false(j.spaced);
	assert_int_equal(json_parse(&j, "[", 1), -1);
	assert_int_equal(json_count(&j, JSON_ROOT), 0);
	parse(&j, "[1, 2]");
	assert_null(j.error);
	assert_true(j.spaced);
	buf_release(&b);
	json_release(&j);
}

static void integers_within_long(void **state)
{
	static const struct {
		const char *text;
		bool	    good;
		long	    value;
	} rows[] = {
		{ "0", true, 0 },     { "-0", true, 0 },     { "-17", true, -17 },	       { "2147483647", true, 2147483647 },
		{ "1.0", true, 1 },   { "1e2", true, 100 },  { "99999999999999999999", false, 0 }, { "\"1\"", false, 0 },
		{ "0E+0", true, 0 },  { "-1.50e1", true, -15 }, { "1.5", false, 0 },		   { "15e-2", false, 0 },
		{ "1e300", false, 0 }, { "1e999", false, 0 }, { "9007199254740993.0", false, 0 },
		{ "null", false, 0 }, { "123456789012345678901234567890", false, 0 },
	};
	struct json j = JSON_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		long value = 0;

		parse(&j, rows[i].text);
		EXPECT(rows[i].text, json_long(&j, JSON_ROOT, &value) == rows[i].good);
		EXPECT(rows[i].text, !rows[i].good || value == rows[i].value);
	}
	json_release(&j);
}

static void strings_are_decoded(void **state)
{
	static const struct {
		struct span escaped, plain;
	} rows[] = {
		{ SPAN(""), SPAN("") },
		{ SPAN("plain"), SPAN("plain") },
		{ SPAN("\\\"\\\\\\/\\b\\f\\n\\r\\t"), SPAN("\"\\/\b\f\n\r\t") },
		{ SPAN("\\u0041\\u00e9\\u20AC"), SPAN("A\xc3\xa9\xe2\x82\xac") },
		{ SPAN("\\u0000"), SPAN("\0") },
		{ SPAN("\\ud83d\\ude00!"), SPAN("\xf0\x9f\x98\x80!") },
		{ SPAN("\\uDBFF\\uDFFF"), SPAN("\xf4\x8f\xbf\xbf") },
		{ SPAN("\\ud83d"), SPAN("\xef\xbf\xbd") },
		{ SPAN("\\ude00"), SPAN("\xef\xbf\xbd") },
		{ SPAN("\\ud83dx"), SPAN("\xef\xbf\xbdx") },
		{ SPAN("\\ud83d\\n"), SPAN("\xef\xbf\xbd\n") },
		{ SPAN("\\ud83d\\u0041"), SPAN("\xef\xbf\xbd"
					       "A") },
		{ SPAN("\\ud83d\\ud83d\\ude00"), SPAN("\xef\xbf\xbd\xf0\x9f\x98\x80") },
		{ SPAN("\xf0\x9f\x98\x80\\u0021"), SPAN("\xf0\x9f\x98\x80!") },
	};
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		json_unescape(&b, rows[i].escaped);
		expect_bytes(rows[i].escaped.p, buf_span(&b), rows[i].plain);
	}
	buf_release(&b);
}

static void strings_are_written(void **state)
{
	static const struct {
		struct span plain, quoted;
	} rows[] = {
		{ SPAN(""), SPAN("\"\"") },
		{ SPAN("plain /"), SPAN("\"plain /\"") },
		{ SPAN("\"\\\b\f\n\r\t"), SPAN("\"\\\"\\\\\\b\\f\\n\\r\\t\"") },
		{ SPAN("\0\x01\x1f\x7f"), SPAN("\"\\u0000\\u0001\\u001f\x7f\"") },
		{ SPAN("\xc3\xa9\xf0\x9f\x98\x80"), SPAN("\"\xc3\xa9\xf0\x9f\x98\x80\"") },
		{ SPAN("a\xff\xe2\x82z\xed\xa0\x80"), SPAN("\"a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") },
		{ SPAN("fifteen bytes!!\""), SPAN("\"fifteen bytes!!\\\"\"") },
		{ SPAN("sixteen bytes!!!\n"), SPAN("\"sixteen bytes!!!\\n\"") },
	};
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		json_quote(&b, rows[i].plain);
		expect_bytes(rows[i].quoted.p, buf_span(&b), rows[i].quoted);
	}
	buf_release(&b);
}

/* Any bytes, quoted, are a JSON string; decoded again they are the bytes, repaired. */
static void any_bytes_go_round(void **state)
{
	struct json j = JSON_INIT;
	struct buf quoted = BUF_INIT, back = BUF_INIT, repaired = BUF_INIT;
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[40];
		size_t n = test_random(&seed) % sizeof bytes;

		for (size_t i = 0; i < n; i++) {
			uint32_t r = test_random(&seed);

			bytes[i] = (char)r;
			if (r & 0x300)
				bytes[i] = "az\"\\\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \x01"[r % 16];
		}
		buf_reset(&quoted);
		buf_reset(&back);
		buf_reset(&repaired);
		json_quote(&quoted, (struct span){ bytes, n });
		assert_int_equal(json_parse(&j, quoted.p, quoted.len), 0);
		json_unescape(&back, json_string(&j, JSON_ROOT));
		utf8_repair(&repaired, bytes, n);
		assert_true(span_same(buf_span(&back), buf_span(&repaired)));
	}
	buf_release(&quoted);
	buf_release(&back);
	buf_release(&repaired);
	json_release(&j);
}

static void texts_are_compacted(void **state)
{
	static const struct {
		const char *text, *compact;
	} rows[] = {
		{ " 1 ", "1" },
		{ "{ }", "{}" },
		{ "[ ]", "[]" },
		{ "{ \"a b\" : [ 1.0 , \" x \" , { \"c\" : null } ] ,\n\t\"d\":\"\\u0041\" }",
		  "{\"a b\":[1.0,\" x \",{\"c\":null}],\"d\":\"\\u0041\"}" },
		{ "[1,2]", "[1,2]" },
	};
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		parse(&j, rows[i].text);
		buf_reset(&b);
		json_compact(&b, &j, JSON_ROOT);
		expect_bytes(rows[i].text, buf_span(&b), span_of(rows[i].compact));
	}
	buf_release(&b);
	json_release(&j);
}

/* Also of a text that has white space elsewhere. */
static void parts_are_compacted(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[1,2]},\"c\":{\"d\": 3 },\"e\":[4]  }";
	static const char *const compact[][2] = { { "a", "{\"b\":[1,2]}" }, { "c", "{\"d\":3}" }, { "e", "[4]" } };
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	parse(&j, text);
	for (size_t i = 0; i < ROWS(compact); i++) {
		buf_reset(&b);
		json_compact(&b, &j, json_get(&j, JSON_ROOT, compact[i][0]));
		expect_bytes(compact[i][0], buf_span(&b), span_of(compact[i][1]));
	}
	buf_release(&b);
	json_release(&j);
}

static void members_are_joined(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_addc(&b, '{');
	json_member(&b, "a");
	buf_addc(&b, '{');
	json_member(&b, "b");
	buf_adds(&b, "[]}");
	json_member(&b, "c");
	buf_adds(&b, "\"\"}");
	assert_string_equal(b.p, "{\"a\":{\"b\":[]},\"c\":\"\"}");
	buf_release(&b);
}

/* n0 to n199, some as they are, some with an escape; asked for in the other way. */
/* Elements by their place, whatever was asked for before and whatever happened to the array. */
static void tree_elements_are_found_at_their_place(void **state)
{
	enum { N = 300 };
	struct tree t = TREE_INIT;
	struct tree_node *array = tree_array(&t), *nodes[N];

	(void)state;
	for (int i = 0; i < N; i++) {
		nodes[i] = tree_reach(&t, array, (size_t)i);
		assert_ptr_equal(tree_at(array, (size_t)i / 2), nodes[i / 2]);
		assert_null(tree_at(array, (size_t)i + 1));
		assert_null(tree_at(array, (size_t)i + 40));
		assert_int_equal(tree_count(array), i + 1);
	}
	for (int i = N - 1; i >= 0; i--)
		assert_ptr_equal(tree_reach(&t, array, (size_t)i), nodes[i]);
	tree_remove(array, nodes[20]);
	assert_ptr_equal(tree_at(array, 20), nodes[21]);
	assert_int_equal(tree_count(array), N - 1);
	for (int i = 0; i < N; i += 2)
		tree_set_text(nodes[i], SPAN("1"));
	tree_compact(array);
	assert_int_equal(tree_count(array), N / 2 - 1);
	assert_ptr_equal(tree_at(array, 19), nodes[40]);
	tree_order(array, nodes, 30);
	assert_ptr_equal(tree_at(array, 29), nodes[29]);
	assert_null(tree_at(array, 30));
	tree_set_text(array, SPAN("null"));
	nodes[0] = tree_reach(&t, array, 20);
	assert_ptr_equal(nodes[0], array->last);
	assert_int_equal(tree_count(array), 21);
	tree_compact(array);
	assert_int_equal(tree_count(array), 0);
	tree_compact(NULL);
	tree_release(&t);
}

static void tree_keys_are_found_however_they_are_spelled(void **state)
{
	enum { N = 200 };
	struct tree t = TREE_INIT;
	struct tree_node *object = tree_object(&t), *nodes[N];
	char key[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < N; i++) {
			snprintf(key, sizeof key, (i % 3 == 0) != round ? "\\u006e%d" : "n%d", i);
			if (round == 0)
				nodes[i] = tree_put(&t, object, span_of(key));
			else
				assert_ptr_equal(tree_put(&t, object, span_of(key)), nodes[i]);
			assert_ptr_equal(tree_put(&t, object, span_of(key)), nodes[i]);
		}
	assert_int_equal(tree_count(object), N);
	tree_remove(object, nodes[3]);
	assert_null(tree_get(object, "n3"));
	assert_ptr_equal(tree_get(object, "n6"), nodes[6]);
	assert_ptr_not_equal(tree_put(&t, object, SPAN("n3")), nodes[3]);
	assert_int_equal(tree_count(object), N);
	tree_reset(&t);
	object = tree_object(&t);
	assert_null(tree_get(object, "n1"));
	tree_release(&t);
}

static void paths_are_those_of_jq(void **state)
{
	static const char *const good[] = { ".",       ".a",         ".a.b",      ".a[].b",      ".a[0]",   ".[]",    ".[12]",
		                            ".\"a b\"", ".[\"a b\"]", ".a.\"b c\"", ".a[\"\\u0062\"]", ".a.[0].b", ".a[][]" };
	static const char *const bad[] = { "",     "a",    "..a",   ".a.",   ".a b",   ".0",     ".a[",      ".a[0",
		                           ".a[]b", ".a[x]", ".a[-1]", ".[\"a]", ".\"a", ".a[\"b\"", ".a[\"\\(1)\"]", ".[1234567890123456789]" };
	struct path p;

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct fault f = { 0 };

		EXPECT(good[i], path_parse(&p, span_of(good[i]), &f) == 0);
		EXPECT(good[i], path_covers(&p, span_of(good[i])) == !strstr(good[i], "[]"));
		path_release(&p);
	}
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct fault f = { 0 };

		EXPECT(bad[i], path_parse(&p, span_of(bad[i]), &f) < 0);
		EXPECT(bad[i], f.status == ST_USAGE && strstr(f.text, bad[i]));
	}
}

static void paths_cover_what_is_inside(void **state)
{
	static const struct {
		const char *path, *place;
		bool covers;
	} rows[] = {
		{ ".", ".a[0]", true },
		{ ".a", ".a", true },
		{ ".a", ".a.b[3]", true },
		{ ".a", ".ab", false },
		{ ".a.b", ".a", false },
		{ ".a[]", ".a[7]", true },
		{ ".a[].id", ".a[7].id", true },
		{ ".a[].id", ".a[7].text", false },
		{ ".a[]", ".a.b", false },
		{ ".a[1]", ".a[1].b", true },
		{ ".a[1]", ".a[11]", false },
		{ ".\"x-id\"", ".[\"x-id\"]", true },
		{ ".[\"\\u0061\"]", ".a", true },
		{ ".[0]", ".[0].a", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fault f = { 0 };
		struct path p;

		EXPECT(rows[i].path, path_parse(&p, span_of(rows[i].path), &f) == 0);
		EXPECT(rows[i].path, path_covers(&p, span_of(rows[i].place)) == rows[i].covers);
		path_release(&p);
	}
}

static void note_path(void *paths, struct span path, uint32_t a, uint32_t b)
{
	buf_addf(paths, "%.*s%s ", (int)path.n, path.p, !a ? " (left)" : !b ? " (right)" : "");
}

/* What a message names can be given to an option that takes a path. */
static void differences_are_named_by_paths(void **state)
{
	static const struct {
		const char *a, *b, *paths;
	} rows[] = {
		{ "1", "2", ". " },
		{ "[1]", "[2,3]", ".[0] .[1] (left) " },
		{ "{\"a b\":1}", "{\"a b\":2}", ".[\"a b\"] " },
		{ "{\"m\":[{\"x-id\":1,\"t\":1}]}", "{\"m\":[{\"x-id\":2}]}", ".m[0][\"x-id\"] .m[0].t (right) " },
	};
	struct json a = JSON_INIT, b = JSON_INIT;
	struct buf paths = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		EXPECT(rows[i].a, json_parse(&a, rows[i].a, strlen(rows[i].a)) == 0);
		EXPECT(rows[i].b, json_parse(&b, rows[i].b, strlen(rows[i].b)) == 0);
		buf_reset(&paths);
		json_compare(&a, &b, note_path, &paths);
		expect_bytes(rows[i].b, buf_span(&paths), span_of(rows[i].paths));
	}
	buf_release(&paths);
	json_release(&a);
	json_release(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_truncation_is_cut),
		cmocka_unit_test(every_mutation_is_judged_alike),
		cmocka_unit_test(long_strings_are_judged_alike),
		cmocka_unit_test(each_place_of_a_block),
		cmocka_unit_test(prefix_stops_behind_one_value),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(tape_is_walked),
		cmocka_unit_test(none_is_taken_everywhere),
		cmocka_unit_test(keys_are_compared_decoded_and_the_last_wins),
		cmocka_unit_test(tape_is_used_again),
		cmocka_unit_test(integers_within_long),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(strings_are_written),
		cmocka_unit_test(any_bytes_go_round),
		cmocka_unit_test(texts_are_compacted),
		cmocka_unit_test(parts_are_compacted),
		cmocka_unit_test(members_are_joined),
		cmocka_unit_test(tree_elements_are_found_at_their_place),
		cmocka_unit_test(tree_keys_are_found_however_they_are_spelled),
		cmocka_unit_test(paths_are_those_of_jq),
		cmocka_unit_test(paths_cover_what_is_inside),
		cmocka_unit_test(differences_are_named_by_paths),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
