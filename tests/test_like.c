/* SPDX-License-Identifier: MIT */
/* json/like: what it finds good is good, and what json_check finds good stays so. */
#include "test.h"

#include "json/json.h"
#include "json/like.h"

static const char *const texts[] = {
	"{\"id\":\"c1\",\"created\":1700000000,\"choices\":[{\"index\":0,\"delta\":{\"content\":\" The\"}}]}",
	"{\"id\":\"c1\",\"created\":1700000000,\"choices\":[{\"index\":0,\"delta\":{\"content\":\" cat\\n\"}}]}",
	"{\"id\":\"c1\",\"created\":1700000000,\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
	"\"\"}}]}",
	"{\"id\":\"c2\",\"created\":1700000001,\"choices\":[],\"usage\":{\"total_tokens\":12,\"cost\":1.5e-7}}",
	"{\"type\": \"ping\"}",
	"{\"type\": \"pong\" , \"n\" : [ 1, -2, 0.5, true, false, null, {}, [] ]}",
	"[\"\", \"\\\"\", \"\\u00e9\", \"\xc3\xa9\xe2\x80\xa8\", \"\\\\\"]",
	"{\"type\":\"stop\",\"index\":0   }",
	"{\"type\":\"stop\"  ,\"index\":true\t , \"n\" :[ \"a b\" , 12 ]     }",
	"{\"id\":\"c\",\"text\":\"words enough to fill a block of sixty-four bytes, \\\"and\\n more \xe6\x99\xb4\xe3\x82\x8c\"}",
	"12",
	"-0.5e+10",
	"\"a string\"",
	"null",
};

static const char *const pieces[] = {
	"\"", "\\", "\\\"", "\\u12", "\\ud83d", "1",        "0",    "-",    ".", "e5", "{",    "}",    "[",        "]",
	",",  ":",  " ",    "\n",    "\r",      "\xc3\xa9", "\xff", "\xc3", "x", "",   "true", "null", "\"a\":1,", "\t",
};

/* Some bytes of the text become others, or go, or come. */
static void mutate(struct buf *b, uint64_t *state)
{
	struct buf made = BUF_INIT;
	size_t at = b->len ? test_random(state) % b->len : 0;
	size_t gone = test_random(state) % 4;
	const char *piece = pieces[test_random(state) % ROWS(pieces)];

	if (gone > b->len - at)
		gone = b->len - at;
	buf_add(&made, b->p, at);
	buf_adds(&made, piece);
	buf_add(&made, b->p + at + gone, b->len - at - gone);
	buf_release(b);
	*b = made;
}

/* The text of that round, changed in up to three places, more often in none. */
static void put_mutated(struct buf *b, uint64_t *state, unsigned round)
{
	unsigned times = test_random(state) % 8;

	buf_adds(b, texts[round / 40 % ROWS(texts)]);
	for (; times > 4; times--)
		mutate(b, state);
}

static void judge(struct json_like *l, const char *text, size_t n, unsigned *hits)
{
	size_t length, at, at_like;
	bool cut, cut_like;
	const char *error = json_check(text, n, &at, &cut);

	if (json_like(l, text, n, &length)) {
		++*hits;
		if (length > n || json_check(text, length, &at, &cut))
			fail_msg("'%.*s' was found like a good text", (int)n, text);
		if (length == n && error)
			fail_msg("'%.*s' is not good: %s", (int)n, text, error);
		return;
	}
	if (json_like_check(l, text, n, &at_like, &cut_like) != error)
		fail_msg("'%.*s' is judged otherwise", (int)n, text);
	if (error && (at_like != at || cut_like != cut))
		fail_msg("'%.*s' has its fault elsewhere", (int)n, text);
}

static void test_mutations(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	uint64_t state = 1;
	unsigned hits = 0;

	(void)unused;
	for (unsigned round = 0; round < 60000; round++) {
		struct buf b = BUF_INIT;

		put_mutated(&b, &state, round);
		judge(&l, buf_str(&b), b.len, &hits);
		buf_release(&b);
	}
	if (hits < 20000)
		fail_msg("only %u of 60000 were like another", hits);
	json_like_release(&l);
}

static void test_followed(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[200];
	size_t length, at;
	bool cut;
	int n;

	(void)unused;
	for (int i = 0; i < 100; i++) {
		const struct json_shape *s;

		n = snprintf(text, sizeof text, "{\"n\":%d,\"text\":\"%.*s\"}\n\ndata:", i * i, i % 20,
		             "abcdefghijklmnopqrst");
		n -= 7;
		s = json_like(&l, text, (size_t)n + 7, &length);
		if (i < 1) {
			assert_null(s);
			assert_null(json_like_check(&l, text, (size_t)n, &at, &cut));
		} else {
			assert_non_null(s);
			assert_int_equal(length, n);
			assert_false(s->folded);
			assert_false(s->spaced);
		}
	}
	json_like_release(&l);
}

/* 1: known at once, 0: learned now. */
static int known(struct json_like *l, const char *text)
{
	size_t n = strlen(text), length, at;
	bool cut;

	if (json_like(l, text, n, &length)) {
		assert_int_equal(length, n);
		return 1;
	}
	assert_null(json_like_check(l, text, n, &at, &cut));
	return 0;
}

/* What is the same within a stream is compared; another stream has another, maybe of another length. */
static void test_streams(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[200];
	size_t length;

	(void)unused;
	for (int stream = 0; stream < 20; stream++)
		for (int i = 0; i < 20; i++) {
			snprintf(text, sizeof text, "{\"id\":\"%.*s\",\"created\":%d,\"n\":%d,\"text\":\"%.*s\"}", 1 + stream % 5,
			         "abcdefghij" + stream / 5, 1700 + stream, i, i, "zyxwvutsrqponmlkjihgf");
			assert_int_equal(known(&l, text), stream > 0 || i > 0);
			assert_int_equal(l.shapes[l.last].nholes, stream > 0 || i > 0 ? 2 : 0);
		}
	assert_null(json_like(&l, "{\"id\":\"a\",\"created\":17,\"n\":1,\"text\":\"a\",}", 43, &length));
	json_like_release(&l);
}

/* As many kinds as there is room for, in turn: each is known when it comes again. */
static void test_kinds(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[60 + 6 * JSON_SHAPES], members[6 * JSON_SHAPES + 1];

	(void)unused;
	for (int kind = 0; kind < JSON_SHAPES; kind++)
		snprintf(members + 6 * kind, 7, ",\"\":{}");
	for (int i = 0; i < 10 * JSON_SHAPES; i++) {
		int kind = i % JSON_SHAPES;

		snprintf(text, sizeof text, "{\"type\":\"k\",\"number\":%d%.*s}", i, kind * 6, members);
		assert_int_equal(known(&l, text), i >= JSON_SHAPES);
		if (i > 2 * JSON_SHAPES)
			assert_int_equal(l.shapes[l.last].next, (l.last + 1) % JSON_SHAPES);
	}
	json_like_release(&l);
}

/* Blanks between tokens may be more or fewer, as in Anthropic's padding, but not inside of one. */
static void test_blanks(void **unused)
{
	static const char *const good[] = { "{\"n\":12}", "{\"n\":12 }", "{\"n\":1     }", "{\"n\":123 \t   }" };
	static const char *const bad[] = { "{\"n\":1 2   }", "{\"n\":12\n  }", "{ \"n\":12 1}", "{\"n\":    }", "{\"n\":- 12 }" };
	struct json_like l = JSON_LIKE_INIT;
	size_t length;

	(void)unused;
	assert_int_equal(known(&l, "{\"n\":12   }"), 0);
	for (size_t i = 0; i < ROWS(good); i++) {
		assert_non_null(json_like(&l, good[i], strlen(good[i]), &length));
		assert_int_equal(length, strlen(good[i]));
		assert_true(l.shapes[l.last].spaced);
	}
	for (size_t i = 0; i < ROWS(bad); i++)
		EXPECT(bad[i], !json_like(&l, bad[i], strlen(bad[i]), &length));
	json_like_release(&l);
}

/* What has no blanks so far gets none: who asks is told that there are none. */
static void test_unspaced(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	const struct json_shape *s;
	size_t length;

	(void)unused;
	assert_int_equal(known(&l, "{\"n\":12}"), 0);
	s = json_like(&l, "{\"n\":12 }", 9, &length);
	assert_non_null(s);
	assert_true(length == 9 && s->spaced);
	json_like_release(&l);
}

/* A shape has so many holes and no more; a key is none, and no number is too odd for one. */
static void test_holes(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[400];

	(void)unused;
	for (int i = 0; i < 10; i++) {
		int n = snprintf(text, sizeof text, "[");

		for (int k = 0; k < 2 * JSON_TOKENS; k++)
			n += snprintf(text + n, sizeof text - (size_t)n, "%d,", k < 2 * i ? i * k : 7);
		snprintf(text + n, sizeof text - (size_t)n, "0]");
		known(&l, text);
		for (int k = 0; l.shapes && k < JSON_SHAPES; k++)
			assert_true(l.shapes[k].nholes <= JSON_TOKENS);
	}
	known(&l, "{\"n\":1}");
	assert_int_equal(known(&l, "{\"n\":-20.5e+7}"), 1);
	assert_int_equal(known(&l, "{\"n\":0.25}"), 1);
	assert_int_equal(known(&l, "{\"m\":1}"), 0);
	json_like_release(&l);
}

/* What settled and then differs from text to text gets its hole after all. */
static void test_unsettled(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[100];

	(void)unused;
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof text, "{\"a\":%d,\"b\":%d}", i, i < 30 ? 0 : i);
		assert_int_equal(known(&l, text), i > 0);
		assert_int_equal(l.shapes[l.last].nholes, i == 0 ? 0 : i < 31 ? 1 : 2);
	}
	json_like_release(&l);
}

/* A few short streams make a hole of their ids; a long one closes it again. */
static void test_stale(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	char text[100];

	(void)unused;
	for (int i = 0; i < 700; i++) {
		snprintf(text, sizeof text, "{\"id\":\"%d\",\"n\":%d}", i < 12 ? i / 3 : 4, i);
		assert_int_equal(known(&l, text), i > 0);
		if (i == 11)
			assert_int_equal(l.shapes[l.last].nholes, 2);
	}
	assert_int_equal(l.shapes[l.last].nholes, 1);
	json_like_release(&l);
}

/* Kinds that branch at each token, in an order without repetition: each is found, whatever came before. */
static void test_branches(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	uint64_t state = 1;
	unsigned seen = 0;
	char text[100];

	(void)unused;
	for (int i = 0; i < 3000; i++) {
		unsigned kind = (unsigned)(test_random(&state) % 32), first = !(seen >> kind & 1);

		seen |= 1u << kind;
		snprintf(text, sizeof text, "{\"%c\":%d,\"%c\":\"%d\",\"%c\":[%s%d]%s}", kind & 1 ? 'a' : 'b', i, kind & 2 ? 'c' : 'd',
		         i, kind & 4 ? 'e' : 'f', kind & 8 ? "" : "1,", i, kind & 16 ? "" : ",\"end\":null");
		assert_int_equal(known(&l, text), !first);
	}
	json_like_release(&l);
}

static void test_long(void **unused)
{
	static char text[20000];
	struct json_like l = JSON_LIKE_INIT;

	(void)unused;
	memset(text, 'a', sizeof text - 1);
	text[0] = text[sizeof text - 2] = '"';
	for (int i = 0; i < 3; i++)
		assert_int_equal(known(&l, text), 0);
	json_like_release(&l);
}

/* Every beginning of a text like the shape is no text. */
static void test_beginnings(void **unused)
{
	(void)unused;
	for (size_t row = 0; row < ROWS(texts); row++) {
		struct json_like l = JSON_LIKE_INIT;
		size_t n = strlen(texts[row]), length, at;
		bool cut;

		for (int i = 0; i < 3; i++)
			json_like_check(&l, texts[row], n, &at, &cut);
		assert_non_null(json_like(&l, texts[row], n, &length));
		for (size_t i = 0; i < n; i++)
			if (json_like(&l, texts[row], i, &length))
				EXPECT(texts[row], json_check(texts[row], length, &at, &cut) == NULL);
		json_like_release(&l);
	}
}

static void test_folded(void **unused)
{
	static const char text[] = "{\n\"n\":1}";
	struct json_like l = JSON_LIKE_INIT;
	size_t length, at;
	bool cut;

	(void)unused;
	for (int i = 0; i < 3; i++)
		assert_null(json_like_check(&l, text, sizeof text - 1, &at, &cut));
	assert_true(json_like(&l, text, sizeof text - 1, &length)->folded);
	assert_true(json_like(&l, text, sizeof text - 1, &length)->spaced);
	json_like_release(&l);
}

/* ---- json_like_parse makes the same tape as json_parse */

static bool same_node(const struct json_node *a, const struct json_node *b)
{
	return a->start == b->start && a->length == b->length && a->after == b->after && a->kind == b->kind &&
	       a->escaped == b->escaped;
}

static void same_parse(struct json_like *l, struct json *j, const char *text, size_t n)
{
	struct json want = JSON_INIT;
	char *p = malloc(n ? n : 1); /* of that size: whoever reads on is caught */
	int good;

	assert_non_null(p);
	memcpy(p, text, n);
	good = json_parse(&want, p, n);
	if (json_like_parse(l, j, p, n) != good)
		fail_msg("'%.*s' is parsed otherwise", (int)n, text);
	if (j->error != want.error || j->error_at != want.error_at || j->cut != want.cut)
		fail_msg("'%.*s' has its fault elsewhere", (int)n, text);
	if (j->used != want.used || j->spaced != want.spaced || j->space != want.space || j->text != p)
		fail_msg("'%.*s' has another tape: %u nodes, spaced %d at %u", (int)n, text, j->used, j->spaced, j->space);
	for (uint32_t i = 0; i < want.used; i++)
		if (!same_node(&j->tape[i], &want.tape[i]))
			fail_msg("'%.*s': node %u at %u, length %u", (int)n, text, i, j->tape[i].start, j->tape[i].length);
	json_release(&want);
	free(p);
}

static const char *one_of(uint64_t *state, const char *const *list, size_t n)
{
	return list[test_random(state) % n];
}

/* A chunk of one of some kinds, of the stream that has the id; its words and its blanks are random. */
static void chunk(struct buf *b, uint64_t *state, unsigned kind, unsigned id)
{
	static const char *const words[] = { "", " the", "\\n", " \\\"x\\\"", "\xe6\x99\xb4", " and a word that is longer than one vector of bytes", "\\u00e9" };
	static const char *const numbers[] = { "0", "7", "12", "1700000000", "-1", "0.5", "1.25e-7", "123456789012345678901" };
	static const char *const blanks[] = { "", "", "", " ", "    ", "\t " };
#define WORD one_of(state, words, ROWS(words))
#define NUMBER one_of(state, numbers, ROWS(numbers))
#define BLANK one_of(state, blanks, ROWS(blanks))
	buf_reset(b);
	buf_addf(b, "{\"id\":\"%.*s\",\"n\":%s", (int)(1 + id % 30), "abcdefghijklmnopqrstuvwxyzABCDEFGH" + id % 4, NUMBER);
	if (kind & 1)
		buf_addf(b, ",\"list\":[{\"text\":\"%s%s\"},[],{\"x\":{}},null,%s]", WORD, WORD, NUMBER);
	if (kind & 2)
		buf_addf(b, ", \"usage\": {\"a\": %s,\"deep\":[[[%s]]]}", NUMBER, NUMBER);
	if (kind & 4)
		buf_addf(b, ",\"last\":{\"text\":\"%s\"%s}", WORD, BLANK);
	for (unsigned bit = 8; bit < 256; bit *= 2)
		if (kind & bit)
			buf_addf(b, ",\"%u\":[{}]", bit);
	buf_addf(b, "%s}%s", BLANK, test_random(state) % 16 ? "" : BLANK);
#undef WORD
#undef NUMBER
#undef BLANK
}

static void test_parse_streams(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	uint64_t state = 1;
	unsigned id = 0, kind = 0;

	(void)unused;
	for (unsigned round = 0; round < 100000; round++) {
		static const unsigned same[] = { 750, 1, 25, 4 }, kinds[] = { 16, 16, 16, 256 };
		unsigned phase = round / 1500 % 4; /* until it is stale, short, settled, more than there is room for */

		if (round % same[phase] == 0) {
			id += phase != 1 || test_random(&state) % 8 == 0;
			kind = (unsigned)(test_random(&state) % kinds[phase]);
		}
		chunk(&b, &state, kind, id);
		if (test_random(&state) % 20 == 0)
			mutate(&b, &state);
		same_parse(&l, &j, b.p, b.len);
	}
	json_like_release(&l);
	json_release(&j);
	buf_release(&b);
}

static void test_parse_mutations(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	struct json j = JSON_INIT;
	uint64_t state = 1;

	(void)unused;
	for (unsigned round = 0; round < 60000; round++) {
		struct buf b = BUF_INIT;

		put_mutated(&b, &state, round);
		same_parse(&l, &j, buf_str(&b), b.len);
		buf_release(&b);
	}
	json_like_release(&l);
	json_release(&j);
}

static void parse_numbered(struct json_like *l, struct json *j, const char *id, unsigned n, const char *end)
{
	char text[100];

	same_parse(l, j, text, (size_t)snprintf(text, sizeof text, "{\"id\":\"%s\",\"n\":%u}%s", id, n, end));
}

/* A shape took over a text with a blank behind it, which makes no mould; the next one does, and that is
 * of the shape's text, so that it holds too when the shape has forgotten its holes. */
static void test_parse_taken(void **unused)
{
	static const char *const others[] = { "{\"a\":1}", "{\"b\":1}", "{\"c\":1}" };

	(void)unused;
	for (int between = 0; between < 2; between++) {
		struct json_like l = JSON_LIKE_INIT;
		struct json j = JSON_INIT;

		for (unsigned i = 0; i < 20; i++)
			parse_numbered(&l, &j, "a", i, "");
		parse_numbered(&l, &j, "bb", 2, " ");
		for (size_t i = 0; between && i < 3 * ROWS(others); i++)
			same_parse(&l, &j, others[i % ROWS(others)], strlen(others[0]));
		for (unsigned i = 0; i < 700; i++)
			parse_numbered(&l, &j, "bb", (i + 1) % 16 ? 4444 : 2, "");
		json_like_release(&l);
		json_release(&j);
	}
}

/* A shape does not take over what is too long, and yet such a text may be like it. */
static void test_parse_long(void **unused)
{
	struct json_like l = JSON_LIKE_INIT;
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	(void)unused;
	for (int i = 0; i < 40; i++) {
		buf_reset(&b);
		buf_addf(&b, "{\"id\":\"%d\",\"text\":\"", i < 20 ? 1 : i);
		for (int k = 0; k < (i % 3 ? 3 : 20000); k++)
			buf_addc(&b, (char)('a' + k % 26));
		buf_adds(&b, "\",\"n\":1}");
		same_parse(&l, &j, b.p, b.len);
	}
	json_like_release(&l);
	json_release(&j);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_followed),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_unspaced),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_unsettled),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_branches),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_beginnings),
		cmocka_unit_test(test_folded),
		cmocka_unit_test(test_parse_streams),
		cmocka_unit_test(test_parse_mutations),
		cmocka_unit_test(test_parse_taken),
		cmocka_unit_test(test_parse_long),
	};

	return cmocka_run_group_tests_name("like", tests, NULL, NULL);
}
