/* SPDX-License-Identifier: MIT */
/* cassette/, yaml/, json/same and base/arena: what the programs do not show alone. */
#include "test.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <zlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/replace.h"
#include "cassette/cassette_impl.h"
#include "cassette/date.h"
#include "cassette/match.h"
#include "cassette/multipart.h"
#include "cassette/pick.h"
#include "cassette/record.h"
#include "cassette/store.h"
#include "cassette/timing.h"
#include "cassette/url.h"
#include "cassette/writer.h"
#include "json/same.h"
#include "yaml/yaml.h"

static void arena_keeps_what_it_gave(void **state)
{
	struct arena a = ARENA_INIT;
	char *first, *large;

	(void)state;
	for (int round = 0; round < 3; round++) {
		first = arena_printf(&a, "%d", round);
		large = arena_alloc(&a, 100000);
		memset(large, 'x', 100000);
		for (int i = 0; i < 10000; i++)
			assert_int_equal((uintptr_t)arena_zero(&a, 3) % _Alignof(max_align_t), 0);
		assert_int_equal(first[0], '0' + round);
		assert_true(a.used > 130000);
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
	assert_null(arena_copy(&a, SPAN_NONE).p);
	assert_non_null(arena_copy(&a, SPAN("")).p);
	arena_release(&a);
}

/* ---- time */

static void go_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
		const char *again; /* as Go spells it; NULL: the same */
	} rows[] = {
		{ "0s", 0, NULL },
		{ "0", 0, "0s" },
		{ "1ns", 1, NULL },
		{ "755.667\xc2\xb5s", 755667, NULL },
		{ "755.667us", 755667, "755.667\xc2\xb5s" },
		{ "1\xce\xbcs", 1000, "1\xc2\xb5s" },
		{ "904.924959ms", 904924959, NULL },
		{ "2.0409005s", 2040900500, NULL },
		{ "1m18.00699275s", 78006992750, NULL },
		{ "1h0m0s", 3600000000000, NULL },
		{ "2400h0m0.000000001s", 8640000000000001, NULL },
		{ "-1.5s", -1500000000, NULL },
		{ "+.5s", 500000000, "500ms" },
		{ "1.s", 1000000000, "1s" },
		{ "1500ms", 1500000000, "1.5s" },
		{ "60s", 60000000000, "1m0s" },
		{ "1h1h", 7200000000000, "2h0m0s" },
		{ "9223372036.854775807s", INT64_MAX, "2562047h47m16.854775807s" },
	};
	static const char *const wrong[] = { "",   "1",   "1.5", "s",    ".s",           "1x",
		                             "ms", "1s2", "-",   "1m x", "99999999999h", "1 s" };
	struct buf b = BUF_INIT;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		ns = -7;
		EXPECT(rows[i].text, go_duration_get(span_of(rows[i].text), &ns));
		EXPECT(rows[i].text, ns == rows[i].ns);
		buf_reset(&b);
		go_duration_put(&b, ns);
		expect_bytes(rows[i].text, buf_span(&b), span_of(rows[i].again ? rows[i].again : rows[i].text));
	}
	for (size_t i = 0; i < ROWS(wrong); i++)
		EXPECT(wrong[i], !go_duration_get(span_of(wrong[i]), &ns));
	buf_release(&b);
}

static void seconds_and_milliseconds(void **state)
{
	static const struct {
		const char *text;
		int64_t ns; /* of seconds */
		const char *again;
	} rows[] = {
		{ "0", 0, "0" },
		{ "1.5", 1500000000, "1.5" },
		{ "1.50", 1500000000, "1.5" },
		{ "0.000000001", 1, "0.000000001" },
		{ "-2", -2000000000, "-2" },
		{ "1e-3", 1000000, "0.001" },
		{ "1.0000000019", 1000000001, "1.000000001" },
	};
	struct buf b = BUF_INIT;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		EXPECT(rows[i].text, seconds_get(span_of(rows[i].text), &ns) && ns == rows[i].ns);
		buf_reset(&b);
		seconds_put(&b, ns);
		expect_bytes(rows[i].text, buf_span(&b), span_of(rows[i].again));
	}
	assert_true(milliseconds_get(SPAN("85.18700000364333"), &ns) && ns == 85187000);
	buf_reset(&b);
	milliseconds_put(&b, 85187000);
	expect_bytes("ms", buf_span(&b), SPAN("85.187"));
	assert_false(seconds_get(SPAN("1e400"), &ns));
	assert_false(seconds_get(SPAN("99999999999999"), &ns));
	buf_release(&b);
}

static void dates(void **state)
{
	static const struct {
		const char *rfc, *http, *again;
	} rows[] = {
		{ "2011-11-01T04:49:54Z", "Tue, 01 Nov 2011 04:49:54 GMT", "2011-11-01T04:49:54Z" },
		{ "2020-02-29T23:59:59.999+01:00", "Sat, 29 Feb 2020 22:59:59 GMT", "2020-02-29T22:59:59Z" },
		{ "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z" },
		{ "2000-03-01T00:00:00-05:30", "Wed, 01 Mar 2000 05:30:00 GMT", "2000-03-01T05:30:00Z" },
		{ "1969-12-31T23:00:00Z", "Wed, 31 Dec 1969 23:00:00 GMT", "1969-12-31T23:00:00Z" },
	};
	static const char *const wrong[] = {
		"", "2011-11-01", "2011-13-01T00:00:00Z", "2011-11-01T04:49:54", "2011-11-01T04:49:54+1", "soon"
	};
	struct buf b = BUF_INIT, c = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		buf_reset(&c);
		EXPECT(rows[i].rfc, date_to_http(&b, span_of(rows[i].rfc)));
		expect_bytes(rows[i].rfc, buf_span(&b), span_of(rows[i].http));
		EXPECT(rows[i].rfc, date_from_http(&c, buf_span(&b)));
		expect_bytes(rows[i].rfc, buf_span(&c), span_of(rows[i].again));
	}
	buf_reset(&b);
	for (size_t i = 0; i < ROWS(wrong); i++)
		EXPECT(wrong[i], !date_to_http(&b, span_of(wrong[i])) && !date_from_http(&b, span_of(wrong[i])));
	assert_int_equal(b.len, 0);
	buf_release(&b);
	buf_release(&c);
}

/* ---- URLs */

static void parts_of_urls(void **state)
{
	static const struct {
		const char *url, *host, *path, *query, *target;
	} rows[] = {
		{ "https://u:p@api.example.com:8443/v1/chat?a=1#x", "api.example.com:8443", "/v1/chat", "a=1",
		  "/v1/chat?a=1" },
		{ "http://example.com", "example.com", "", NULL, "" },
		{ "http://example.com?x", "example.com", "", "x", "?x" },
		{ "http://[::1]:80/?q=http://a/b@c", "[::1]:80", "/", "q=http://a/b@c", "/?q=http://a/b@c" },
		{ "/path?q", "", "/path", "q", "/path?q" },
		{ "", "", "", NULL, "" },
		{ "mailto:a@b", "", "mailto:a@b", NULL, "mailto:a@b" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span url = span_of(rows[i].url), query = url_query(url);

		expect_bytes(rows[i].url, url_host(url), span_of(rows[i].host));
		expect_bytes(rows[i].url, url_path(url), span_of(rows[i].path));
		expect_bytes(rows[i].url, url_target(url), span_of(rows[i].target));
		EXPECT(rows[i].url, !query.p == !rows[i].query);
		if (query.p)
			expect_bytes(rows[i].url, query, span_of(rows[i].query));
	}
}

static void forms_of_queries(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	url_form(SPAN("b=2&a=%31+x&b=3&&c&%zz=1"), SPAN("a=body"), &b);
	expect_bytes("form", buf_span(&b),
	             SPAN("{\"%zz\":[\"1\"],\"a\":[\"body\",\"1 x\"],\"b\":[\"2\",\"3\"],\"c\":[\"\"]}"));
	buf_reset(&b);
	url_form(SPAN_NONE, SPAN_NONE, &b);
	assert_int_equal(b.len, 0);
	url_pairs(SPAN("b=2&a=%22"), &b);
	expect_bytes("pairs", buf_span(&b),
	             SPAN("[{\"name\":\"b\",\"value\":\"2\"},{\"name\":\"a\",\"value\":\"\\\"\"}]"));
	buf_release(&b);
}

/* ---- JSON by value */

static void add_path(void *paths, struct span path, uint32_t a, uint32_t b)
{
	(void)a;
	(void)b;
	buf_addspan(paths, path);
	buf_addc(paths, ' ');
}

static size_t differences(const char *a, const char *b, struct buf *paths)
{
	struct json x = JSON_INIT, y = JSON_INIT;
	size_t n;

	assert_int_equal(json_parse(&x, a, strlen(a)), 0);
	assert_int_equal(json_parse(&y, b, strlen(b)), 0);
	buf_reset(paths);
	n = json_compare(&x, &y, add_path, paths);
	json_release(&x);
	json_release(&y);
	return n;
}

static void json_is_compared_by_value(void **state)
{
	static const struct {
		const char *a, *b, *paths;
	} rows[] = {
		{ "{\"a\":1,\"b\":[true,null]}", " { \"b\" : [ true, null ], \"a\" : 1.0 } ", "" },
		{ "\"\\u00e9\\n\"", "\"\xc3\xa9\\u000A\"", "" },
		{ "[1,10,100,0,-0,0.0,1e2,120]", "[1.0,1e1,0.1e3,0e9,0,-0,100,12E+1]", "" },
		{ "12345678901234567890", "12345678901234567891", ". " },
		{ "0.1", "0.10000000000000001", ". " },
		{ "1e400", "1e401", ". " },
		{ "{\"a\":{\"b c\":[1,{\"d\":2}]}}", "{\"a\":{\"b c\":[1,{\"d\":3}]}}", ".a[\"b c\"][1].d " },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"c\":3}", ".a .c " },
		{ "[1,2,3]", "[1]", ".[1] .[2] " },
		{ "[]", "{}", ". " },
		{ "{\"a\":1,\"a\":2}", "{\"a\":2}", ".a " },
		{ "\"1\"", "1", ". " },
		{ "{\"x\":\"\"}", "{\"x\":null}", ".x " },
	};
	struct buf paths = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		differences(rows[i].a, rows[i].b, &paths);
		expect_bytes(rows[i].a, buf_span(&paths), span_of(rows[i].paths));
	}
	assert_int_equal(differences("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}", &paths), 0);
	buf_release(&paths);
}

/* ---- YAML */

static void styles_of_texts(void **state)
{
	static const struct {
		const char *text;
		enum yaml_style style;
	} rows[] = {
		{ "", YAML_SINGLE },
		{ "plain", YAML_SINGLE },
		{ "a\nb", YAML_LITERAL },
		{ "data: x\n\n", YAML_LITERAL },
		{ "\n", YAML_LITERAL },
		{ " x", YAML_SINGLE },
		{ "x ", YAML_DOUBLE },
		{ "x \ny", YAML_DOUBLE },
		{ "a\tb", YAML_DOUBLE },
		{ "a\r\nb", YAML_DOUBLE },
		{ "\xf0\x9f\x98\x80", YAML_DOUBLE },
		{ "\xc3\xa9", YAML_SINGLE },
		{ "\xc2\x85", YAML_DOUBLE },
		{ "\xe2\x80\xa8", YAML_DOUBLE },
		{ "\xe2\x80\xa7", YAML_SINGLE },
		{ "\xef\xbb\xbf", YAML_DOUBLE },
		{ "\xef\xbf\xbe", YAML_DOUBLE },
		{ "\xef\xbf\xbd", YAML_SINGLE },
		{ "\x7f", YAML_DOUBLE },
		{ "\x1b", YAML_DOUBLE },
		{ "\xc2\xa0", YAML_SINGLE },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		EXPECT(rows[i].text, yaml_text_style(span_of(rows[i].text)) == rows[i].style);
}

static void into_buf(void *b, const void *p, size_t n)
{
	buf_add(b, p, n);
}

/* A cassette in memory, read through a pipe's worth of file. */
static void read_first(struct buf *text, struct interaction *i)
{
	char path[] = "/tmp/sseutils-test.XXXXXX";
	struct fault f = { 0 };
	struct cassette *c;
	struct in in;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text->p, text->len), (ssize_t)text->len);
	close(fd);
	assert_int_equal(in_open(&in, path, 0, &f), 0);
	unlink(path);
	c = cassette_new(&in, 0, &f);
	assert_non_null(c);
	if (cassette_next(c, i, &f) != 1)
		fail_msg("%s: %s in %s", cassette_place(c), f.text, text->p);
	/* what it says must outlive the reader */
	i->request.body = arena_copy(&i->arena, i->request.body);
	i->response.body = arena_copy(&i->arena, i->response.body);
	cassette_free(c);
	in_close(&in);
}

/* Random bodies of awkward characters through every format. */
static void bodies_survive_every_format(void **state)
{
	static const char *const pieces[] = {
		"a",
		" ",
		"\n",
		"\t",
		"\r\n",
		"'",
		"\"",
		"\\",
		":",
		"#",
		"- ",
		"? ",
		"---",
		"...",
		"%",
		"&a",
		"*a",
		"|",
		">",
		"!",
		"{",
		"}",
		"[",
		"]",
		",",
		"\xc3\xa9",
		"\xe6\x97\xa5",
		"\xf0\x9f\x98\x80",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xc2\x85",
		"\xef\xbb\xbf",
		"\x01",
		"\x7f",
		"\xff",
		"data: ",
		"\n\n",
		"true",
		"null",
		"~",
		"0x1f",
		"1:30",
		"  ",
		"\n ",
		" \n",
		"<<",
		"=",
	};
	uint64_t seed = 1;

	(void)state;
	for (const char *const *format = cassette_formats(); *format; format++)
		for (int round = 0; round < 400; round++) {
			struct buf text = BUF_INIT, body = BUF_INIT;
			struct interaction i, back;
			struct fault f = { 0 };
			struct cassette_writer *w;

			interaction_init(&i);
			interaction_init(&back);
			for (uint32_t n = test_random(&seed) % 12; n > 0; n--)
				buf_adds(&body, pieces[test_random(&seed) % ROWS(pieces)]);
			buf_room(&body, 1);
			i.request.method = SPAN("POST");
			i.request.url = SPAN("https://api.example.com/v1");
			i.request.body = i.response.body = buf_span(&body);
			i.response.status = 200;
			w = cassette_writer_new(*format, false, into_buf, &text);
			assert_int_equal(cassette_write(w, &i, &f), 0);
			cassette_writer_end(w);
			read_first(&text, &back);
			expect_bytes(*format, back.request.body, buf_span(&body));
			expect_bytes(*format, back.response.body, buf_span(&body));
			cassette_writer_free(w);
			interaction_release(&i);
			interaction_release(&back);
			buf_release(&text);
			buf_release(&body);
		}
}

/* ---- records */

static void records_come_back(void **state)
{
	static const char *const lines[] = {
		"{\"id\":0,\"request\":{\"method\":\"GET\",\"url\":\"u\",\"headers\":{},\"body\":null},\"response\":{"
		"\"status\":0,\"headers\":{},\"body\":\"\"}}",
		"{\"id\":0,\"request\":{\"method\":\"GET\",\"url\":\"u\",\"proto\":\"p\",\"headers\":{\"a\":[],\"b\":["
		"\"1\",{\"base64\":\"6Q==\"}]},\"body_base64\":\"/"
		"w==\"},\"response\":{\"status\":200,\"reason\":\"\",\"proto\":\"q\",\"headers\":{},\"body\":"
		"\"\\u0000ab\",\"arrivals\":[[0.5,1],[1,2]],\"end\":\"reset\"},\"duration\":0.000000001,\"started\":"
		"\"s\",\"vcrpy\":{\"x\":[1.50,\"\\u00e9\"]}}",
	};
	struct interaction i;
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	interaction_init(&i);
	for (size_t k = 0; k < ROWS(lines); k++) {
		struct fault f = { 0 };

		EXPECT(lines[k], record_get(&i, &j, span_of(lines[k]), &f) == 0);
		buf_reset(&b);
		record_put(&b, &i, NULL);
		expect_bytes(lines[k], buf_span(&b), span_of(lines[k]));
	}
	interaction_release(&i);
	json_release(&j);
	buf_release(&b);
}

static void wrong_records_are_named(void **state)
{
	static const struct {
		const char *line, *fault;
	} rows[] = {
		{ "{", "no JSON: text ends too early" },
		{ "[]", "no record: is no object" },
		{ "{}", "request: is missing" },
		{ "{\"request\":1}", "request: is no object" },
		{ "{\"request\":{\"url\":\"u\"}}", "request.method: is missing" },
		{ "{\"request\":{\"method\":1}}", "request.method: is no string" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\",\"headers\":[]}}", "headers: is no object" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\",\"headers\":{\"a\":[1]}}}",
		  "headers: has a value that is no string" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\",\"body\":{}}}", "request.body: is no string" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\",\"body_base64\":\"*\"}}",
		  "request.body: is no base64" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\"}}", "response: is missing" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\"},\"response\":{\"status\":\"200\"}}",
		  "response.status: is no HTTP status" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\"},\"response\":{\"status\":200,\"end\":\"x\"}}",
		  "response: end is neither cut nor reset" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\"},\"response\":{\"status\":200,\"arrivals\":[1]}}",
		  "response: arrivals are no list of [seconds, bytes]" },
		{ "{\"request\":{\"method\":\"m\",\"url\":\"u\"},\"response\":{\"status\":200},\"duration\":\"1s\"}",
		  "duration: is no number of seconds" },
	};
	struct interaction i;
	struct json j = JSON_INIT;

	(void)state;
	interaction_init(&i);
	for (size_t k = 0; k < ROWS(rows); k++) {
		struct fault f = { 0 };

		EXPECT(rows[k].line, record_get(&i, &j, span_of(rows[k].line), &f) < 0);
		expect_bytes(rows[k].line, span_of(f.text), span_of(rows[k].fault));
		assert_int_equal(f.status, ST_INPUT);
	}
	interaction_release(&i);
	json_release(&j);
}

/* ---- matching */

static struct request request(const char *method, const char *url, const char *body)
{
	return (struct request){ .method = span_of(method), .url = span_of(url), .body = span_of(body) };
}

static void the_nearest_is_told(void **state)
{
	struct redact r = REDACT_INIT;
	struct match m;
	struct request wanted =
		request("POST", "https://a/v1?key=mine", "{\"model\":\"m\",\"n\":1.0,\"x\":\"sk-secret\"}");
	struct request other = request("GET", "https://a/v1?key=theirs", NULL);
	struct request near =
		request("POST", "https://a/v1?key=theirs", "{\"n\":2,\"model\":\"m\",\"x\":\"REDACTED\"}");
	struct request same =
		request("post", "https://a/v1?key=REDACTED", "{ \"x\":\"REDACTED\",\"n\":1,\"model\":\"m\"}");
	struct buf b = BUF_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("sk-secret"));
	match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
	match_want(&m, &wanted);
	assert_false(match_nearest(&m, &b, false));
	assert_string_equal(buf_str(&b), "nothing was recorded");
	buf_reset(&b);
	assert_false(match_try(&m, &other, 0, NULL));
	assert_false(match_try(&m, &near, 3, "a.yaml"));
	assert_false(match_try(&m, &other, 4, NULL));
	assert_true(match_nearest(&m, &b, false));
	assert_string_equal(buf_str(&b), "nearest is interaction 3 of a.yaml, which differs in .n");
	buf_reset(&b);
	match_nearest(&m, &b, true);
	assert_string_equal(buf_str(&b), "nearest is interaction 3 of a.yaml, which differs in .n (1.0, recorded 2)");
	assert_true(match_try(&m, &same, 5, NULL));
	match_release(&m);
	redact_release(&r);
	buf_release(&b);
}

static void matching_is_chosen(void **state)
{
	static const struct {
		const char *method, *url, *body;
		unsigned missing; /* without this the two match */
	} rows[] = {
		{ "GET", "https://a/p?q=1", "b", MATCH_METHOD }, { "POST", "https://b/p?q=1", "b", MATCH_ORIGIN },
		{ "POST", "https://a/x?q=1", "b", MATCH_PATH },  { "POST", "https://a/p?q=2", "b", MATCH_QUERY },
		{ "POST", "https://a/p?q=1", "c", MATCH_BODY },  { "POST", "https://a/p?q=1", NULL, MATCH_BODY },
	};
	struct redact r = REDACT_INIT;
	struct request wanted = request("POST", "https://a/p?q=1", "b");
	struct match m;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct request recorded = request(rows[i].method, rows[i].url, rows[i].body);

		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
		match_want(&m, &wanted);
		EXPECT(rows[i].url, !match_try(&m, &recorded, 0, NULL));
		match_release(&m);
		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT & ~rows[i].missing }, &r);
		match_want(&m, &wanted);
		EXPECT(rows[i].url, match_try(&m, &recorded, 0, NULL));
		match_release(&m);
	}
}

/* The same with and without the secrets; those that the recording has in place of others are as good as redacted. */
static void exact_matches_are_told(void **state)
{
	static const struct {
		const char *wanted, *recorded;
		enum match_result result;
	} rows[] = {
		{ "?token=page1", "?token=page1", MATCH_EXACT },
		{ "?token=page1", "?token=page2", MATCH_REDACTED },
		{ "?token=page1", "?token=REDACTED", MATCH_REDACTED },
		{ "?a=1&token=page1", "?token=page1&a=%31", MATCH_EXACT },
		{ "?token=page1&a=1", "?token=page1&a=2", MATCH_NONE },
		{ "{\"password\":\"a\"}", "{ \"password\":\"\\u0061\" }", MATCH_EXACT },
		{ "{\"password\":\"a\"}", "{\"password\":\"b\"}", MATCH_REDACTED },
		{ "{\"a\":\"b\"}", "{\"a\":\"b\"}", MATCH_EXACT },
		{ "{\"a\":\"s3cr3t\"}", "{\"a\":\"REDACTED\"}", MATCH_REDACTED },
	};
	struct redact r = REDACT_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("s3cr3t"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool url = *rows[i].wanted == '?';
		struct request wanted = request("GET", url ? rows[i].wanted : "/", url ? NULL : rows[i].wanted);
		struct request recorded = request("GET", url ? rows[i].recorded : "/", url ? NULL : rows[i].recorded);
		struct match m;

		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
		match_want(&m, &wanted);
		EXPECT(rows[i].recorded, match_try(&m, &recorded, 0, NULL) == rows[i].result);
		EXPECT(rows[i].recorded, match_try(&m, &recorded, 0, NULL) == rows[i].result);
		match_release(&m);
	}
	redact_release(&r);
}

/* As providers read it; among the elements of an array, null is one of them. */
static void null_is_as_good_as_missing(void **state)
{
	static const struct {
		const char *a, *b, *differs; /* NULL: they match */
	} rows[] = {
		{ "{\"m\":[{\"r\":\"a\",\"content\":null}],\"stop\":null}", "{\"m\":[{\"r\":\"a\"}]}", NULL },
		{ "{\"a b\":null}", "{}", NULL },
		{ "{\"x\":null}", "{\"x\":\"\"}", ".x" },
		{ "{\"x\":null}", "{\"x\":false}", ".x" },
		{ "[1,null]", "[1]", ".[1]" },
		{ "{\"x\":[null]}", "{\"x\":[]}", ".x[0]" },
		{ "{\"x\":null,\"y\":1}", "{\"z\":2}", ".y, .z" },
		{ "null", "{}", "." },
	};
	struct redact r = REDACT_INIT;
	struct buf why = BUF_INIT, want = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		const char *a = i % 2 ? rows[i / 2].a : rows[i / 2].b, *b = i % 2 ? rows[i / 2].b : rows[i / 2].a;
		struct request wanted = request("POST", "https://a/", a), recorded = request("POST", "https://a/", b);
		struct match m;

		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
		match_want(&m, &wanted);
		EXPECT(a, (match_try(&m, &recorded, 0, NULL) != MATCH_NONE) == !rows[i / 2].differs);
		buf_reset(&why);
		buf_reset(&want);
		if (rows[i / 2].differs && i % 2) {
			match_nearest(&m, &why, false);
			buf_addf(&want, "nearest is interaction 0, which differs in %s", rows[i / 2].differs);
			expect_bytes(a, buf_span(&why), buf_span(&want));
		}
		match_release(&m);
	}
	buf_release(&why);
	buf_release(&want);
}

/* What a provider cannot tell apart is one request; what it can is another. */
static void requests_mean_the_same(void **state)
{
#define FORM "application/x-www-form-urlencoded"
#define PARTS "multipart/form-data; boundary="
	static const struct {
		const char *type, *url, *body, *other_type, *other_url, *other_body;
		const char *differs; /* NULL: they match */
	} rows[] = {
		/* queries */
		{ "", "/p?a=1&b=2", "", "", "/p?b=2&a=1", "", NULL },
		{ "", "/p?a=1&a=2", "", "", "/p?a=2&a=1", "", "query" },
		{ "", "/p?a=1&b=2&a=3", "", "", "/p?b=2&a=1&a=3", "", NULL },
		{ "", "/p?t=10:30", "", "", "/p?t=10%3A30", "", NULL },
		{ "", "/p?t=%c3%A9", "", "", "/p?t=%C3%a9", "", NULL },
		{ "", "/p?%61=1", "", "", "/p?a=1", "", NULL },
		{ "", "/p?a=x+y", "", "", "/p?a=x%20y", "", NULL },
		{ "", "/p?a=x%2By", "", "", "/p?a=x+y", "", "query" },
		{ "", "/p?a=1%26b=2", "", "", "/p?a=1&b=2", "", "query" },
		{ "", "/p?a=1;b=2", "", "", "/p?b=2;a=1", "", "query" },
		{ "", "/p?a", "", "", "/p?a=", "", NULL },
		{ "", "/p?", "", "", "/p", "", NULL },
		{ "", "/p?a=1", "", "", "/p", "", "query" },
		{ "", "/p?a=1&b=2", "", "", "/p?a=1", "", "query" },
		{ "", "/p?a%00b=1", "", "", "/p?a%00c=1", "", "query" },
		/* paths */
		{ "", "/m/g:stream", "", "", "/m/g%3Astream", "", NULL },
		{ "", "/m/a~b", "", "", "/m/a%7eb", "", NULL },
		{ "", "/m/a%2Fb", "", "", "/m/a/b", "", "path" },
		{ "", "/m/a%2Fb", "", "", "/m/a%2fb", "", NULL },
		{ "", "/m/a+b", "", "", "/m/a%20b", "", "path" },
		{ "", "/m/a", "", "", "/m/a%", "", "path" },
		{ "", "/m/a", "", "", "/m/A", "", "path" },
		/* forms */
		{ FORM, "/", "a=1&b=x+y", FORM ";charset=UTF-8", "/", "b=x%20y&a=1", NULL },
		{ FORM, "/", "a=1&b=2", FORM, "/", "b=2&a=3", "body" },
		{ FORM, "/", "a=1&b=2", "text/plain", "/", "b=2&a=1", "body" },
		{ FORM, "/", "1+1=?", FORM, "/", "1 1=?", "body" },
		{ FORM, "/", "tea&milk", FORM, "/", "milk&tea", "body" },
		/* parts */
		{ PARTS "X", "/", "--X\r\nA: b\r\n\r\n1\r\n--X--\r\n", PARTS "\"y y\"", "/",
		  "--y y\r\na:  b\r\n\r\n1\r\n--y y--", NULL },
		{ PARTS "X", "/", "--X\n\n1\n--X--\n", PARTS "X", "/", "--X\r\n\r\n1\r\n--X--", NULL },
		{ PARTS "X", "/",
		  "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
		  "--X\r\nContent-Disposition: form-data; name=b\r\n\r\n2\r\n--X--\r\n",
		  PARTS "Y", "/",
		  "--Y\r\nContent-Disposition: form-data; name=b\r\n\r\n2\r\n"
		  "--Y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--Y--\r\n",
		  NULL },
		{ PARTS "X", "/", "--X\r\nContent-Disposition: form-data; name=\"a;b\"\r\n\r\n1\r\n--X--\r\n", PARTS "Y",
		  "/", "--Y\r\nContent-Disposition: form-data; name=\"a;b\"\r\n\r\n2\r\n--Y--\r\n", "part a;b" },
		{ PARTS "X", "/",
		  "--X\r\nContent-Disposition: form-data; name=a; filename=x\r\n\r\n1\r\n--X--\r\n", PARTS "Y", "/",
		  "--Y\r\nContent-Disposition: form-data; name=a; filename=y\r\n\r\n1\r\n--Y--\r\n", "part a" },
		{ PARTS "X", "/", "--X\r\n\r\n1\r\n--X\r\n\r\n2\r\n--X--\r\n", PARTS "Y", "/",
		  "--Y\r\n\r\n2\r\n--Y\r\n\r\n1\r\n--Y--\r\n", "part 0, part 1" },
		{ PARTS "X", "/", "--X\r\n\r\n1\r\n--X\r\n\r\n2\r\n--X--\r\n", PARTS "Y", "/",
		  "--Y\r\n\r\n1\r\n--Y--\r\n", "part 1" },
		{ "multipart/related; type=json; boundary=X", "/", "--X\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n--X--",
		  "multipart/related;boundary=Y", "/", "--Y\r\ncontent-type: application/json\r\n\r\n{ \"a\": 1.0 }\r\n--Y--",
		  NULL },
		{ PARTS "X", "/", "--X\r\n\r\n1\r\n--X--\r\n", NULL, "/", "--Y\r\n\r\n1\r\n--Y--\r\n", NULL },
		{ NULL, "/", "--X\r\n\r\n1\r\n--X--\r\n", NULL, "/", "--Y\r\n\r\n1\r\n--Y--\r\n", "body" },
		{ PARTS "X", "/", "--X\r\n\r\n1--X--\r\n--X--", PARTS "X", "/", "--X\r\n\r\n1--X--\r\n--X--\r\n", NULL },
		{ PARTS "X", "/", "--X\r\n\r\n--Xx\r\n--X--", PARTS "Y", "/", "--Y\r\n\r\n--Xx\r\n--Y--\r\n", NULL },
		{ PARTS "X", "/", "--X\r\n\r\n1\r\n", PARTS "Y", "/", "--Y\r\n\r\n1\r\n", "body" },
		{ PARTS "X", "/", "--X--", PARTS "Y", "/", "--Y--\r\n", NULL },
		{ PARTS, "/", "--\r\n\r\n1\r\n----", PARTS, "/", "--\r\n\r\n2\r\n----", "body" },
	};
	struct redact r = REDACT_INIT;
	struct buf why = BUF_INIT, want = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		size_t k = i / 2;
		bool swap = i % 2;
		struct arena a = ARENA_INIT;
		struct request x = request("POST", rows[k].url, rows[k].body);
		struct request y = request("POST", rows[k].other_url, rows[k].other_body);
		struct match m;

		if (rows[k].type)
			headers_add(&x.headers, &a, SPAN("content-type"), span_of(rows[k].type));
		if (rows[k].other_type)
			headers_add(&y.headers, &a, SPAN("Content-Type"), span_of(rows[k].other_type));
		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
		match_want(&m, swap ? &y : &x);
		EXPECT(*rows[k].other_body ? rows[k].other_body : rows[k].other_url, (match_try(&m, swap ? &x : &y, 0, NULL) != MATCH_NONE) == !rows[k].differs);
		buf_reset(&why);
		buf_reset(&want);
		if (rows[k].differs && !swap) {
			match_nearest(&m, &why, false);
			buf_addf(&want, "nearest is interaction 0, which differs in %s", rows[k].differs);
			expect_bytes(rows[k].body, buf_span(&why), buf_span(&want));
		}
		match_release(&m);
		arena_release(&a);
	}
	buf_release(&why);
	buf_release(&want);
}

static void add_part(struct buf *b, unsigned n, uint64_t *random)
{
	for (unsigned i = test_random(random) % n; i-- > 0;)
		buf_addc(b, "\r\n-X: a"[test_random(random) % 8]);
}

/* Any bytes between the boundaries, and the body cut anywhere: the parts are those that went in, or none. */
static void parts_come_back(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct buf body = BUF_INIT, parts[3] = { BUF_INIT, BUF_INIT, BUF_INIT };
		struct multipart m;

		for (size_t i = 0; i < ROWS(parts); i++) {
			buf_adds(&body, "--XYZ\r\n\r\n");
			add_part(&parts[i], 40, &random);
			buf_addspan(&body, buf_span(&parts[i]));
			buf_adds(&body, "\r\n");
		}
		buf_adds(&body, "--XYZ--");
		assert_true(multipart_split(&m, SPAN("Multipart/Mixed; BOUNDARY=XYZ"), buf_span(&body)));
		assert_int_equal(m.n, ROWS(parts));
		for (size_t i = 0; i < ROWS(parts); i++)
			expect_bytes("part", m.parts[i].body, buf_span(&parts[i]));
		multipart_release(&m);
		for (size_t n = 0; n < body.len; n++) {
			struct span cut = { mem_dup(body.p, n), n };

			assert_false(multipart_split(&m, SPAN("multipart/mixed; boundary=XYZ"), cut));
			free((char *)(uintptr_t)cut.p);
		}
		buf_release(&body);
		for (size_t i = 0; i < ROWS(parts); i++)
			buf_release(&parts[i]);
	}
}

static void differences_are_ignored(void **state)
{
	static const struct {
		const char *path, *a, *b;
		const char *differs; /* NULL: they match */
	} rows[] = {
		{ ".id", "{\"id\":1,\"m\":2}", "{\"id\":3,\"m\":2}", NULL },
		{ ".id", "{\"id\":1,\"m\":2}", "{\"m\":2}", NULL },
		{ ".id", "{\"id\":1,\"m\":2}", "{\"id\":1,\"m\":3}", ".m" },
		{ ".meta", "{\"meta\":{\"a\":1}}", "{\"meta\":[2]}", NULL },
		{ ".messages[].id", "{\"messages\":[{\"id\":1},{\"id\":2}]}", "{\"messages\":[{\"id\":3},{\"id\":4}]}", NULL },
		{ ".messages[].id", "{\"messages\":[{\"id\":1}]}", "{\"messages\":[]}", ".messages[0]" },
		{ ".\"x-id\"", "{\"x-id\":1}", "{\"x-id\":2}", NULL },
		{ ".", "{\"a\":1}", "[2]", NULL },
	};
	struct redact r = REDACT_INIT;
	struct buf why = BUF_INIT, want = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct request wanted = request("POST", "https://a/", rows[i].a), recorded = request("POST", "https://a/", rows[i].b);
		struct match_rules rules = { .by = MATCH_DEFAULT };
		struct fault f = { 0 };
		struct match m;

		assert_int_equal(match_ignore(&rules, ".other", &f), 0);
		assert_int_equal(match_ignore(&rules, rows[i].path, &f), 0);
		assert_int_equal(match_ignore(&rules, "other", &f), -1);
		match_init(&m, &rules, &r);
		match_want(&m, &wanted);
		EXPECT(rows[i].a, (match_try(&m, &recorded, 0, NULL) != MATCH_NONE) == !rows[i].differs);
		buf_reset(&why);
		buf_reset(&want);
		if (rows[i].differs) {
			match_nearest(&m, &why, false);
			buf_addf(&want, "nearest is interaction 0, which differs in %s", rows[i].differs);
			expect_bytes(rows[i].a, buf_span(&why), buf_span(&want));
		}
		match_release(&m);
		match_rules_release(&rules);
	}
	buf_release(&why);
	buf_release(&want);
}

static void gzip(struct span in, struct buf *to)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	buf_room(to, deflateBound(&z, in.n) + 64);
	z.next_out = (Bytef *)to->p;
	z.avail_out = (uInt)to->cap;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	to->len = z.total_out;
	deflateEnd(&z);
}

/* Compressed requests are compared decoded, within the limit: a body that passes it is compared as it is. */
static void compressed_requests_are_decoded(void **state)
{
	static const char plain[] = "{\"model\":\"m\",\"input\":\"hi\"}", spaced[] = "{ \"input\": \"hi\", \"model\": \"m\" }";
	struct buf a = BUF_INIT, b = BUF_INIT, twice = BUF_INIT;
	struct redact r = REDACT_INIT;
	struct arena arena = ARENA_INIT;

	(void)state;
	gzip(span_of(plain), &a);
	gzip(span_of(spaced), &b);
	gzip(buf_span(&b), &twice);
	for (int i = 0; i < 8; i++) {
		struct request x = request("POST", "/", NULL), y = x;
		struct match m;

		x.body = buf_span(&a);
		headers_add(&x.headers, &arena, SPAN("content-encoding"), SPAN("gzip"));
		y.body = i / 2 == 0 ? span_of(spaced) : i / 2 == 1 ? buf_span(&b) : i / 2 == 2 ? buf_span(&twice) : x.body;
		headers_add(&y.headers, &arena, SPAN("content-encoding"), i / 2 == 2 ? SPAN("gzip, gzip") : SPAN("gzip"));
		match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT, .max = i % 2 ? 10 : 0 }, &r);
		match_want(&m, &x);
		EXPECT(i % 2 ? "limited" : "decoded", (match_try(&m, &y, 0, NULL) != MATCH_NONE) == (i % 2 == 0 || i / 2 == 3));
		match_release(&m);
	}
	arena_release(&arena);
	buf_release(&a);
	buf_release(&b);
	buf_release(&twice);
}

static void values_are_shown_without_control_characters(void **state)
{
	struct redact r = REDACT_INIT;
	struct request wanted = request("POST", "/", NULL), recorded = wanted;
	struct buf b = BUF_INIT;
	struct match m;

	(void)state;
	wanted.body = SPAN("bin\0ary\x1b[1m2");
	recorded.body = SPAN("bin\0ary1");
	match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT }, &r);
	match_want(&m, &wanted);
	assert_false(match_try(&m, &recorded, 0, NULL));
	assert_true(match_nearest(&m, &b, true));
	expect_bytes("NUL", buf_span(&b),
	             SPAN("nearest is interaction 0, which differs in body (bin ary [1m2, recorded bin ary1)"));
	match_release(&m);
	buf_release(&b);
}

static void headers_match_by_name(void **state)
{
	static const char *const names[] = { "X-Tenant", NULL };
	struct redact r = REDACT_INIT;
	struct arena a = ARENA_INIT;
	struct request x = request("GET", "https://a/", NULL), y = x;
	struct match m;

	(void)state;
	match_init(&m, &(struct match_rules){ .by = MATCH_DEFAULT | MATCH_HEADERS, .headers = names }, &r);
	headers_add(&x.headers, &a, SPAN("x-tenant"), SPAN("1"));
	match_want(&m, &x);
	assert_false(match_try(&m, &y, 0, NULL));
	headers_add(&y.headers, &a, SPAN("X-TENANT"), SPAN("1"));
	headers_add(&y.headers, &a, SPAN("X-Other"), SPAN("2"));
	assert_int_equal(match_try(&m, &y, 0, NULL), MATCH_EXACT);
	match_release(&m);
	arena_release(&a);
}

/* ---- the store */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/sseutils-test.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static struct interaction numbered(int n)
{
	static char url[32];
	struct interaction i;

	interaction_init(&i);
	snprintf(url, sizeof url, "https://a/%d", n);
	i.request = request("GET", url, NULL);
	i.response.status = 200;
	i.response.body = SPAN("data: \xf0\x9f\x98\x80\n\n");
	return i;
}

static size_t stored(const char *path, struct buf *urls)
{
	struct interaction i;
	struct fault f = { 0 };
	struct cassette *c;
	struct in in;
	size_t n = 0;

	buf_reset(urls);
	assert_int_equal(in_open(&in, path, 0, &f), 0);
	interaction_init(&i);
	c = cassette_new(&in, 0, &f);
	while (cassette_next(c, &i, &f) > 0) {
		buf_addspan(urls, url_path(i.request.url));
		n++;
	}
	assert_string_equal(f.text, "");
	cassette_free(c);
	interaction_release(&i);
	in_close(&in);
	return n;
}

static bool same_url(void *context, const struct interaction *old)
{
	return span_same(old->request.url, *(struct span *)context);
}

static int add(const char *path, const char *format, struct interaction *i, store_drop *drop, struct fault *f)
{
	struct interaction *list[] = { i, NULL };

	return store_add(path, format, list, drop, drop ? &i->request.url : NULL, f);
}

static void additions_go_to_the_end_and_replace(void **state)
{
	char *path = in_folder("a.yaml");
	struct buf urls = BUF_INIT;
	struct fault f = { 0 };
	struct interaction i;
	struct stat st;

	(void)state;
	for (int n = 0; n < 4; n++) {
		i = numbered(n % 3);
		assert_int_equal(add(path, NULL, &i, same_url, &f), 0);
		assert_int_equal(stat(path, &st), 0);
		if (n == 0)
			chmod(path, 0640);
		else
			assert_int_equal(st.st_mode & 0777, 0640);
	}
	assert_int_equal(stored(path, &urls), 3);
	assert_string_equal(urls.p, "/1/2/0");
	buf_release(&urls);
}

static void a_file_keeps_its_format_and_syntax(void **state)
{
	static const char
		json[] = "{\"version\": 1, \"interactions\": []}",
		yaml[] = "interactions:\n- request: {method: GET, uri: 'https://a/x', body: null, headers: {}}\n"
			 "  response: {body: {string: ''}, headers: {}, status: {code: 200, message: OK}}\n";
	struct buf urls = BUF_INIT;
	struct fault f = { 0 };
	struct interaction i = numbered(7);
	char *path = in_folder("b");
	char first[16] = { 0 };
	FILE *file;

	(void)state;
	file = fopen(path, "w");
	fputs(yaml, file);
	fclose(file);
	assert_int_equal(add(path, "har", &i, NULL, &f), 0);
	assert_int_equal(stored(path, &urls), 2);
	file = fopen(path, "r");
	assert_non_null(fgets(first, sizeof first, file));
	fclose(file);
	assert_string_equal(first, "interactions:\n");

	file = fopen(path, "w");
	fputs(json, file);
	fclose(file);
	assert_int_equal(add(path, "har", &i, NULL, &f), 0);
	assert_int_equal(stored(path, &urls), 1);
	assert_int_equal(add(path, NULL, &i, NULL, &f), 0);
	assert_int_equal(stored(path, &urls), 2);
	file = fopen(path, "r");
	assert_int_equal(fgetc(file), '{');
	fclose(file);
	buf_release(&urls);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_file(const char *path, const char *want)
{
	char text[4096] = { 0 };
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof text - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, want);
}

#define NEW(indent) \
	indent "- request:\n" indent "    body: null\n" indent "    headers: {}\n" indent "    method: 'GET'\n" indent \
	       "    uri: 'https://a/7'\n" indent "  response:\n" indent "    body:\n" indent \
	       "      string: \"data: \\U0001F600\\n\\n\"\n" indent "    headers: {}\n" indent "    status:\n" indent \
	       "      code: 200\n" indent "      message: null\n"
#define OLD(indent, n) \
	indent "- request: {method: GET, uri: 'https://a/" n "', body: null, headers: {}}\n" indent \
	       "  response: {body: {string: ''}, headers: {}, status: {code: 200, message: OK}}   # as it is\n"

/* Whatever the file looked like, only lines come and go. */
static void what_stands_in_a_file_stays_as_it_is(void **state)
{
	static const struct {
		const char *was, *is;
	} rows[] = {
		{ "# mine\ninteractions:\n" OLD("", "1") "\n# the end\nversion:   1\n",
		  "# mine\ninteractions:\n" OLD("", "1") "\n# the end\n" NEW("") "version:   1\n" },
		{ "version: 1\ninteractions:\n" OLD("    ", "1") OLD("    ", "2"),
		  "version: 1\ninteractions:\n" OLD("    ", "1") OLD("    ", "2") NEW("    ") },
		{ "interactions:\n" OLD("", "7") OLD("", "1") OLD("", "7") "...\n",
		  "interactions:\n" OLD("", "1") NEW("") "...\n" },
		{ "interactions:\n" OLD("", "7"), "interactions:\n" NEW("") },
		{ "interactions:\n" OLD("", "1") "version: 1", "interactions:\n" OLD("", "1") NEW("") "version: 1" },
		{ "version: 1\ninteractions:\n" OLD("", "1") "# end",
		  "version: 1\ninteractions:\n" OLD("", "1") "# end\n" NEW("") },
	};
	struct interaction i = numbered(7);
	char *path = in_folder("s.yaml");

	(void)state;
	for (size_t k = 0; k < ROWS(rows); k++) {
		struct fault f = { 0 };

		write_file(path, rows[k].was);
		if (add(path, NULL, &i, same_url, &f) < 0)
			fail_msg("%s", f.text);
		expect_file(path, rows[k].is);
	}
}

#define PIECE(n) \
	"{\"request\": {\"method\": \"GET\", \"uri\": \"https://a/" n "\", \"body\": null, \"headers\": {}},\n" \
	"  \"response\": {\"body\": {\"string\": \"\"}, \"headers\": {}, \"status\": {\"code\": 200, \"message\": \"OK\"}}}"
#define ADDED \
	"{\"request\":{\"body\":null,\"headers\":{},\"method\":\"GET\",\"uri\":\"https://a/7\"},\"response\":{\"body\":{" \
	"\"string\":\"data: \xf0\x9f\x98\x80\\n\\n\"},\"headers\":{},\"status\":{\"code\":200,\"message\":null}}}"

/* Of a JSON text, too: what is around the list, and between its elements. */
static void a_json_text_stays_as_it_is(void **state)
{
	static const struct {
		const char *was, *is;
	} rows[] = {
		{ "{\"interactions\": [\n    " PIECE("1") "\n], \"version\" : 1, \"mine\": [1.0]}\n\n",
		  "{\"interactions\": [\n    " PIECE("1") ",\n    " ADDED "\n], \"version\" : 1, \"mine\": [1.0]}\n\n" },
		{ "\xef\xbb\xbf{ \"a\":{},\"interactions\":[ " PIECE("7") " ,\t" PIECE("1") " ,\t" PIECE("7") " ]}",
		  "\xef\xbb\xbf{ \"a\":{},\"interactions\":[ " PIECE("1") " ,\t" ADDED " ]}" },
		{ "{\"interactions\":[" PIECE("1") "," PIECE("7") ",\n" PIECE("2") "]}",
		  "{\"interactions\":[" PIECE("1") ",\n" PIECE("2") ",\n" ADDED "]}" },
		{ "{\"interactions\":[" PIECE("7") ", " PIECE("7") "]}", "{\"interactions\":[" ADDED "]}" },
	};
	struct interaction i = numbered(7);
	char *path = in_folder("s.json");

	(void)state;
	for (size_t k = 0; k < ROWS(rows); k++) {
		struct fault f = { 0 };

		write_file(path, rows[k].was);
		if (add(path, NULL, &i, same_url, &f) < 0)
			fail_msg("%s", f.text);
		expect_file(path, rows[k].is);
	}
}

/* Flow style, a text that a line feed would lengthen, a dash alone on its line: all is written anew. */
static void what_cannot_be_spliced_is_written_anew(void **state)
{
	static const char *const rows[] = {
		"{version: 1, interactions: [{request: {method: GET, uri: 'https://a/1', body: null, headers: {}},\n"
		"response: {body: {string: ''}, headers: {}, status: {code: 200, message: OK}}}]}\n",
		"interactions:\n-\n  request: {method: GET, uri: 'https://a/7', body: null, headers: {}}\n"
		"  response: {body: {string: ''}, headers: {}, status: {code: 200, message: OK}}\n"
		"-\n  request: {method: GET, uri: 'https://a/1', body: null, headers: {}}\n"
		"  response: {body: {string: ''}, headers: {}, status: {code: 200, message: OK}}\n",
		"interactions:\n- request: {method: GET, uri: 'https://a/1', body: null, headers: {}}\n"
		"  response:\n    headers: {}\n    status: {code: 200, message: OK}\n    body:\n      string: |\n        end",
	};
	struct interaction i = numbered(7);
	struct buf urls = BUF_INIT;
	char *path = in_folder("t.yaml");

	(void)state;
	for (size_t k = 0; k < ROWS(rows); k++) {
		struct fault f = { 0 };

		write_file(path, rows[k]);
		if (add(path, NULL, &i, same_url, &f) < 0)
			fail_msg("%s", f.text);
		stored(path, &urls);
		assert_string_equal(urls.p, "/1/7");
	}
	buf_release(&urls);
}

/* In YAML's lines, in flow style, and for the first time: one writing of several is as many of one. */
static void several_are_added_at_once(void **state)
{
	static const char *const rows[] = {
		"",
		"interactions:\n" OLD("", "7") OLD("", "1") OLD("", "8"),
		"{\"version\": 1, \"interactions\": [{\"request\": {\"method\": \"GET\", \"uri\": \"https://a/1\","
		" \"body\": null, \"headers\": {}}, \"response\": {\"body\": {\"string\": \"\"}, \"headers\": {},"
		" \"status\": {\"code\": 200, \"message\": \"OK\"}}}]}",
	};
	static const char *const want[] = { "/7/8/9", "/1/8/7/8/9", "/1/7/8/9" };
	struct interaction i[] = { numbered(7), numbered(8), numbered(9) };
	struct interaction *list[] = { &i[0], &i[1], &i[2], NULL };
	char *path = in_folder("several.yaml");
	struct buf urls = BUF_INIT;

	(void)state;
	i[0].request.url = SPAN("https://a/7");
	i[1].request.url = SPAN("https://a/8");
	for (size_t k = 0; k < ROWS(rows); k++) {
		struct fault f = { 0 };

		write_file(path, rows[k]);
		if (store_add(path, NULL, list, same_url, &i[0].request.url, &f) < 0)
			fail_msg("%s", f.text);
		stored(path, &urls);
		assert_string_equal(urls.p, want[k]);
	}
	buf_release(&urls);
}

static void a_broken_file_stays_as_it_is(void **state)
{
	struct fault f = { 0 };
	struct interaction i = numbered(7);
	char *path = in_folder("c.yaml");
	char text[32] = { 0 };
	FILE *file = fopen(path, "w");

	(void)state;
	fputs("not: a cassette\n", file);
	fclose(file);
	assert_int_equal(add(path, NULL, &i, NULL, &f), -1);
	assert_int_equal(f.status, ST_INPUT);
	file = fopen(path, "r");
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	assert_string_equal(text, "not: a cassette\n");
}

/* Eight processes, each with ten additions: none is lost. */
/* Their own tools write them anew as a whole. */
static void some_files_take_no_addition(void **state)
{
	static const char apart[] = "requests: []\nresponses: []\n";
	struct interaction i = numbered(7);
	char *path = in_folder("fixed.yaml"), back[128];
	gzFile gz = gzopen(path, "wb");

	(void)state;
	for (int packed = 1; packed >= 0; packed--) {
		struct fault f = { 0 };
		FILE *file = packed ? NULL : fopen(path, "w");
		long before;

		if (packed) {
			gzputs(gz, "interactions: []\n");
			gzclose(gz);
		} else {
			fputs(apart, file);
			fclose(file);
		}
		file = fopen(path, "r");
		fseek(file, 0, SEEK_END);
		before = ftell(file);
		fclose(file);
		assert_int_equal(add(path, NULL, &i, NULL, &f), -1);
		assert_string_equal(f.text, packed ? "cannot add to a file that is compressed"
		                                   : "cannot add to a file that is not a list of interactions");
		file = fopen(path, "r");
		assert_int_equal(fread(back, 1, sizeof back, file), before);
		fclose(file);
	}
	assert_memory_equal(back, apart, sizeof apart - 1);
}

static void many_writers_lose_nothing(void **state)
{
	char *path = in_folder("d.yaml");
	struct buf urls = BUF_INIT;

	(void)state;
	for (int p = 0; p < 8; p++)
		if (fork() == 0) {
			for (int n = 0; n < 10; n++) {
				struct interaction i = numbered(p * 10 + n);
				struct fault f = { 0 };

				if (add(path, NULL, &i, NULL, &f) < 0)
					_exit(1);
			}
			_exit(0);
		}
	for (int p = 0; p < 8; p++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(stored(path, &urls), 80);
	buf_release(&urls);
}

static void links_lead_to_the_file(void **state)
{
	struct fault f = { 0 };
	struct interaction i = numbered(1);
	struct stat st;
	char target[128];

	(void)state;
	snprintf(target, sizeof target, "%s", in_folder("target.yaml"));
	assert_int_equal(add(target, NULL, &i, NULL, &f), 0);
	assert_int_equal(symlink("target.yaml", in_folder("link.yaml")), 0);
	assert_int_equal(add(in_folder("link.yaml"), NULL, &i, NULL, &f), 0);
	assert_int_equal(lstat(in_folder("link.yaml"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* ---- ids */

static void lists_of_ids(void **state)
{
	static const char *const wrong[] = { "", ",", "1,", "a", "1-0", "-1", "1--2", "1 2", "99999999999999" };
	struct pick k = { 0 };

	(void)state;
	assert_true(pick_parse(&k, "0,2-4,9-"));
	assert_true(pick_wants(&k, 0) && pick_wants(&k, 3) && pick_wants(&k, 1000));
	assert_false(pick_wants(&k, 1) || pick_wants(&k, 5) || pick_wants(&k, 8));
	assert_null(pick_missed(&k));
	assert_true(pick_parse(&k, "7"));
	assert_int_equal(pick_missed(&k)->least, 7);
	pick_release(&k);
	for (size_t i = 0; i < ROWS(wrong); i++) {
		EXPECT(wrong[i], !pick_parse(&k, wrong[i]));
		pick_release(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_keeps_what_it_gave),
		cmocka_unit_test(go_durations),
		cmocka_unit_test(seconds_and_milliseconds),
		cmocka_unit_test(dates),
		cmocka_unit_test(parts_of_urls),
		cmocka_unit_test(forms_of_queries),
		cmocka_unit_test(json_is_compared_by_value),
		cmocka_unit_test(styles_of_texts),
		cmocka_unit_test(bodies_survive_every_format),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(wrong_records_are_named),
		cmocka_unit_test(the_nearest_is_told),
		cmocka_unit_test(matching_is_chosen),
		cmocka_unit_test(exact_matches_are_told),
		cmocka_unit_test(null_is_as_good_as_missing),
		cmocka_unit_test(requests_mean_the_same),
		cmocka_unit_test(parts_come_back),
		cmocka_unit_test(differences_are_ignored),
		cmocka_unit_test(compressed_requests_are_decoded),
		cmocka_unit_test(values_are_shown_without_control_characters),
		cmocka_unit_test(headers_match_by_name),
		cmocka_unit_test(additions_go_to_the_end_and_replace),
		cmocka_unit_test(a_file_keeps_its_format_and_syntax),
		cmocka_unit_test(what_stands_in_a_file_stays_as_it_is),
		cmocka_unit_test(a_json_text_stays_as_it_is),
		cmocka_unit_test(what_cannot_be_spliced_is_written_anew),
		cmocka_unit_test(several_are_added_at_once),
		cmocka_unit_test(a_broken_file_stays_as_it_is),
		cmocka_unit_test(some_files_take_no_addition),
		cmocka_unit_test(many_writers_lose_nothing),
		cmocka_unit_test(links_lead_to_the_file),
		cmocka_unit_test(lists_of_ids),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
