/* SPDX-License-Identifier: MIT */
/*
 * frame/: what comes out does not depend on how the bytes came in. Every golden input (tests/frame)
 * and the rows below are taken whole, cut in two at every place, byte by byte and at random; what
 * is found, where, and what is said must be the same. Compiled twice, see tests/test_json.c.
 */
#include "test.h"

#include <glob.h>
#include <zlib.h>

#include "frame/chunk.h"
#include "frame/frame.h"
#include "frame/frame_impl.h"

struct manner {
	size_t max;
	bool strict;
	const struct frame_format *forced;
};

static void tell(struct buf *log, const char *name, struct span s)
{
	buf_addf(log, " %s=", name);
	if (s.p)
		buf_addspan(log, s);
	else
		buf_adds(log, "-");
}

static void tell_event(struct buf *log, struct chunk *c, const struct frame_event *e)
{
	struct span line;

	buf_addf(log, "event %u at %u lines=%u%s", (unsigned)e->number, (unsigned)e->offset, (unsigned)e->lines,
	         e->cut ? " cut" : "");
	tell(log, "type", e->type);
	tell(log, "id", e->id);
	tell(log, "retry", e->retry);
	tell(log, "data", e->data);
	if (chunk_is_data(c, e)) {
		tell(log, "line", e->data);
		buf_adds(log, " kind=0");
		c->error = NULL;
		c->repaired = c->split = 0;
		c->comment = false;
	} else {
		chunk_begin(c, e);
		while (chunk_next(c, e, &line)) {
			tell(log, "line", line);
			buf_addf(log, " kind=%d", c->kind);
		}
	}
	buf_addf(log, " %s %u %u%s", c->error ? c->error : "", (unsigned)c->repaired, (unsigned)c->split,
	         c->comment ? " comment" : "");
	buf_addc(log, '\n');
}

/* The window is a copy of its own each time, so that what is remembered of the last one is seen. */
struct feed {
	struct span bytes;
	size_t shown, done;
	char *window;
};

static void show(struct feed *f, size_t until)
{
	free(f->window);
	f->shown = until;
	f->window = malloc(until - f->done + 1);
	assert_non_null(f->window);
	memcpy(f->window, f->bytes.p + f->done, until - f->done);
}

/* cuts: the ends of all pieces but the last, in order. */
static void run(struct buf *log, struct span bytes, const struct manner *m, const size_t *cuts, size_t ncuts)
{
	struct frame f = { .max = m->max, .strict = m->strict, .forced = m->forced };
	struct chunk c = { .frame = &f, .t = -1 };
	struct feed feed = { .bytes = bytes };
	struct frame_event e;
	enum frame_result r;
	size_t used, next = 0;

	show(&feed, 0);
	do {
		bool ended = feed.shown == bytes.n && next > ncuts;

		r = frame_next(&f, feed.window, feed.shown - feed.done, ended, &used, &e);
		if (r == FRAME_EVENT)
			tell_event(log, &c, &e);
		else if (r == FRAME_BAD)
			buf_addf(log, "fault %u at %u: %s\n", (unsigned)e.number, (unsigned)e.offset, f.fault.text);
		assert_true(used <= feed.shown - feed.done);
		feed.done += used;
		if (r == FRAME_MORE) {
			assert_false(ended);
			show(&feed, next < ncuts ? cuts[next] : bytes.n);
			next++;
		} else {
			show(&feed, feed.shown);
		}
	} while (r != FRAME_END);
	tell(log, "nothing", span_of(frame_nothing(&f)));
	frame_skipped(&f, log);
	free(feed.window);
	chunk_release(&c);
	frame_release(&f);
}

static void compare(const char *name, const struct buf *want, struct span bytes, const struct manner *m,
                    const size_t *cuts, size_t ncuts)
{
	struct buf log = BUF_INIT;

	run(&log, bytes, m, cuts, ncuts);
	if (!span_same(buf_span(&log), buf_span(want)))
		fail_msg("%s, %zu cuts, the first at %zu:\n%s\nnot\n%s", name, ncuts, cuts[0], log.p, want->p);
	buf_release(&log);
}

static void every_way(const char *name, struct span bytes, const struct manner *m)
{
	struct buf want = BUF_INIT;
	size_t *cuts = calloc(bytes.n + 1, sizeof *cuts);
	uint64_t state = 7;

	assert_non_null(cuts);
	run(&want, bytes, m, NULL, 0);
	for (cuts[0] = 0; cuts[0] <= bytes.n; cuts[0] += bytes.n < 4000 ? 1 : bytes.n / 500)
		compare(name, &want, bytes, m, cuts, 1);
	for (size_t i = 0; i < bytes.n; i++)
		cuts[i] = i;
	compare(name, &want, bytes, m, cuts, bytes.n);
	for (int round = 0; round < 20; round++) {
		size_t n = 0;

		for (size_t at = 0; at < bytes.n && n < bytes.n; at += test_random(&state) % (round + 2))
			cuts[n++] = at;
		compare(name, &want, bytes, m, cuts, n);
	}
	free(cuts);
	buf_release(&want);
}

static const struct manner manners[] = {
	{ 0, false, NULL },        { 0, true, NULL },        { 0, false, &frame_sse }, { 0, true, &frame_sse },
	{ 0, false, &frame_json }, { 0, false, &frame_aws }, { 20, false, NULL },      { 9, false, NULL },
};

static const struct row {
	const char *name;
	struct span bytes;
} rows[] = {
	{ "line ends", SPAN("data: a\r\ndata: b\rdata: c\n\n\r\r\n\n\rdata: d\r\r\ndata: e\n\r\ndata: f\r\n\r") },
	{ "marks", SPAN("\xef\xbb\xbf\xef\xbb\xbf"
	                "data: 1\n\ndata: \xef\xbb\xbf\n\n") },
	{ "half a mark", SPAN("\xef\xbb") },
	{ "half a mark and data", SPAN("\xef"
	                               "data: 1\n\ndata: 2\n\n") },
	{ "fields", SPAN("event:e\nid:i\nretry:007\ndata\ndata:x\n\nid\nretry: 8\ndata: y\n\n: c\nevent: t\n\n") },
	{ "names",
	  SPAN("d\nda\ndat\ndata\n\ne\nev\neven\nevent\ni\nid\nr\nretr\nretry\ndatabase\nidea\nretrying\n\n") },
	{ "like one another",
	  SPAN("data: {\"n\":1,\"s\":\"a\"}\n\ndata: {\"n\":2,\"s\":\"b\"}\n\ndata: {\"n\":33,\"s\":\"\"}\n\n"
	       "data: {\"n\":4,\"s\":\"\\n\"}\r\n\r\ndata: {\"n\":5,\"s\":\"\xff\"}\n\ndata: {\"n\":6,\"s\":\"c\"} \n\n"
	       "data: {\"n\":7,\"s\":\"d\"}\ndata: {\"n\":8,\"s\":\"d\"}\n\ndata: {\"n\":9,\"s\":\"e\"}") },
	{ "folded, then like it",
	  SPAN("data: {\ndata: \"n\":1}\n\ndata: {\ndata: \"n\":2}\n\ndata: {\n\"n\":3}\n\ndata: {\"n\":4}\n\n") },
	{ "texts",
	  SPAN("{\"a\":\"}\\\"\"}{ \"b\" : [ 1 , { } ] }[3,\n\"x\",[4],tru]5 -6e7 nul null\"y\" [DONE] [DON]") },
	{ "texts like one another",
	  SPAN("{\"n\":1}\n{\"n\":2}\n{\"n\":3}{\"n\":44}\n{\"n\": 5}\n{\"n\": 6}\n{\"n\":\n7}\n{\"n\":\n8}{\"n\":") },
	{ "torn texts",
	  SPAN("{\"a\":\"x\n{\"b\":1\n{\"c\":[}\n{\"d\":\"\\\n]\n}\n{{}}\n[[\n{\"e\":1}{\"f\" \"g\"}\n\"open") },
	{ "kinds", SPAN("data: 1\n\n{\"n\":2}\n [3]\n: c\nid: 1\n\n[4,\ndata: 5\n\n  data: 6\n\n\t{\"n\":7}\ndat: "
	                "8\n\n{9}\nda") },
	{ "rubbish", SPAN("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20") },
	{ "zeros", SPAN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") },
	{ "page", SPAN("\n <html>\r\n</html>") },
};

static void rows_do_not_depend_on_cuts(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t m = 0; m < ROWS(manners); m++)
			every_way(rows[i].name, rows[i].bytes, &manners[m]);
}

static struct buf slurp(const char *path)
{
	struct buf b = BUF_INIT;
	FILE *file = fopen(path, "rb");
	char part[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		buf_add(&b, part, n);
	fclose(file);
	return b;
}

/* A line feed in an event stream ends a line, whatever a JSON text of the same shape had there. */
static void a_folded_shape_is_none_for_a_line(void **unused)
{
	static const char bytes[] = "{\n\"n\":1}\n{\n\"n\":2}\n{\n\"n\":3}\ndata: {\n\"n\":4}\n\n";
	struct buf log = BUF_INIT;

	(void)unused;
	run(&log, span_of(bytes), &manners[0], NULL, 0);
	assert_non_null(strstr(log.p, "data={ line="));
	buf_release(&log);
}

static void goldens_do_not_depend_on_cuts(void **unused)
{
	struct buf pattern = BUF_INIT;
	glob_t found;

	(void)unused;
	buf_addf(&pattern, "%s/tests/frame/*/*.in", getenv("TOP_SRC") ? getenv("TOP_SRC") : "..");
	assert_int_equal(glob(pattern.p, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 50);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf b = slurp(found.gl_pathv[i]);

		every_way(found.gl_pathv[i], buf_span(&b), &manners[0]);
		every_way(found.gl_pathv[i], buf_span(&b), &manners[1]);
		every_way(found.gl_pathv[i], buf_span(&b), &manners[6]);
		buf_release(&b);
	}
	globfree(&found);
	buf_release(&pattern);
}

/* ---- what real inputs are made of, in any mixture */

static const struct span mixture[] = {
	SPAN("data: {\"n\":1}\n\n"),
	SPAN("data:{\"n\":2}\r\n\r\n"),
	SPAN("data: [\ndata: 3]\n"),
	SPAN("data: {\"torn\":\n"),
	SPAN("data: [DONE]\n\n"),
	SPAN("data\n"),
	SPAN("event: error\n"),
	SPAN("event: error\ndata: upstream failed\n\n"),
	SPAN("id: 7\nretry: 10\n"),
	SPAN("error: {\"code\":1}\n"),
	SPAN("error: no object\n"),
	SPAN(": keep-alive\n\n"),
	SPAN(":\n"),
	SPAN("upstream failed\n"),
	SPAN("52\r\n"),
	SPAN("<html>\n<body>502</body>\n</html>\n"),
	SPAN("{\"error\":{\"message\":\"x\"}}\n"),
	SPAN("{\n  \"pretty\": [ 1, 2 ]\n}\n"),
	SPAN("[{\"a\":1}\n,\r\n{\"b\":2}]\n"),
	SPAN("[DONE]\n"),
	SPAN("{\"torn\":\"\n"),
	SPAN("\"text\" 5 null\n"),
	SPAN("  data: indented\n"),
	SPAN("data: error: no memory\n\n"),
	SPAN("data: : PROCESSING\n\n"),
	SPAN("data: {\"n\":5}\n"),
	SPAN("nul \0 nul\n"),
	SPAN("\t{\"indented\":1}\n"),
	SPAN("\n"),
	SPAN("\r\n"),
	SPAN("\r"),
	SPAN(" "),
	SPAN("\xef\xbb\xbf"),
	SPAN("data: \xff\xe2\x82\n\n"),
	SPAN("\0\0\0\20\0\0\0\0\5\302\110\353\175\230\310\377"),
	SPAN("\0\0\0\20\0\0\0\0\5\302\110\353\175\230\310\376"),
	SPAN("\x1f\x8b\x08\0\n{\"n\":4}\n"),
};

/* Half of the time the whole of a piece, else the beginning of it. */
static void add_piece(struct buf *b, uint64_t *state)
{
	struct span piece = mixture[test_random(state) % ROWS(mixture)];

	if (test_random(state) % 2)
		piece.n = test_random(state) % piece.n + 1;
	buf_addspan(b, piece);
}

static void mixtures_do_not_depend_on_cuts(void **unused)
{
	const char *rounds = getenv("FRAME_ROUNDS");
	long n = rounds ? atol(rounds) : 150;

	(void)unused;
	for (long round = 0; round < n; round++) {
		uint64_t state = 1000 + (uint64_t)round;
		struct buf b = BUF_INIT;
		char name[40];

		for (unsigned i = test_random(&state) % 8 + 1; i > 0; i--)
			add_piece(&b, &state);
		snprintf(name, sizeof name, "mixture %ld", round);
		every_way(name, buf_span(&b), &manners[round % 3 == 2 ? 6 : round % 3]);
		buf_release(&b);
	}
}

/* ---- which framing */

static const struct beginning {
	const char *name;
	struct span bytes;
	const struct frame_format *format; /* that alone says yes; NULL: none does */
} beginnings[] = {
	{ "data", SPAN("data: x\n"), &frame_sse },
	{ "data without a colon", SPAN("data\n"), &frame_sse },
	{ "event", SPAN("event:x"), &frame_sse },
	{ "id", SPAN("id: 1\r\n"), &frame_sse },
	{ "retry", SPAN("retry:1\r"), &frame_sse },
	{ "comment", SPAN(": hello"), &frame_sse },
	{ "object", SPAN("{\"a\":1}"), &frame_json },
	{ "array", SPAN("[1]"), &frame_json },
	{ "frame", SPAN("\0\0\0\20\0\0\0\0\5\302\110\353\175\230\310\377"), &frame_aws },
	{ "page", SPAN("<html>"), NULL },
	{ "text", SPAN("database error"), NULL },
	{ "damaged frame", SPAN("\0\0\0\20\0\0\0\0\5\302\110\352\175\230\310\377"), NULL },
};

static void one_format_knows(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ROWS(beginnings); i++) {
		const struct beginning *b = &beginnings[i];

		for (int k = 0; k < FRAME_FORMATS; k++) {
			enum frame_known known = frame_formats[k]->knows(b->bytes.p, b->bytes.n, true);

			EXPECT(b->name, (known == KNOWN_YES) == (frame_formats[k] == b->format));
			EXPECT(b->name, known != KNOWN_LATER);
		}
	}
}

/* ---- frames */

static void be32(struct buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(b, (char)(v >> shift));
}

static uint32_t crc(const struct buf *b)
{
	return (uint32_t)crc32(0, (const unsigned char *)b->p, (unsigned)b->len);
}

static void header(struct buf *b, const char *name, const char *value)
{
	buf_addc(b, (char)strlen(name));
	buf_adds(b, name);
	buf_addc(b, 7);
	buf_addc(b, 0);
	buf_addc(b, (char)strlen(value));
	buf_adds(b, value);
}

static struct buf frame_of(const struct buf *headers, const char *payload)
{
	struct buf b = BUF_INIT;

	be32(&b, (uint32_t)(16 + headers->len + strlen(payload)));
	be32(&b, (uint32_t)headers->len);
	be32(&b, crc(&b));
	buf_addspan(&b, buf_span(headers));
	buf_adds(&b, payload);
	be32(&b, crc(&b));
	return b;
}

/* A frame that others made has these checksums: the builder above is right. */
static void frames_are_checked(void **unused)
{
	static const struct manner aws = { 0, false, &frame_aws };
	struct buf headers = BUF_INIT, b, log = BUF_INIT;

	(void)unused;
	header(&headers, ":event-type", "contentBlockDelta");
	header(&headers, ":content-type", "application/json");
	header(&headers, ":message-type", "event");
	b = frame_of(&headers, "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi\"},\"p\":\"ab\"}");
	assert_int_equal(b.len, 0x9d);
	assert_memory_equal(b.p, "\0\0\0\x9d\0\0\0\x57\xb9\xbb\xf8\x9f", 12);
	assert_memory_equal(b.p + b.len - 4, "\x8b\x38\xb2\x68", 4);
	run(&log, buf_span(&b), &aws, NULL, 0);
	assert_non_null(strstr(log.p, "event 1 at 0 lines=1 type=contentBlockDelta"));
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.p[bit / 8] ^= (char)(1 << bit % 8);
		buf_reset(&log);
		run(&log, buf_span(&b), &aws, NULL, 0);
		if (strncmp(log.p, "fault 1 at 0: ", 14) != 0)
			fail_msg("bit %zu: %s", bit, log.p);
		b.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_release(&headers);
	buf_release(&b);
	buf_release(&log);
}

/* ---- ceilings */

static void ceilings_are_exact(void **unused)
{
	static const struct {
		const char *name;
		struct span bytes;
		size_t size; /* with this ceiling all is well, with one less it is not */
	} large[] = {
		{ "line", SPAN(": long comment -------\ndata: 12345\nunknown: --------\n\n"), 11 },
		{ "type", SPAN("event: 12345\ndata: 1\n\n"), 12 },
		{ "joined", SPAN("data: [1,\ndata: 2]\n\n"), 6 + 3 },
		{ "joined longer than a line", SPAN("data: [\ndata: 1,\ndata: 2\ndata: ]\ndata:\ndata:\ndata:\n\n"),
		  11 },
		{ "last line", SPAN("data: 12345"), 11 },
		{ "text", SPAN("{\"n\":1}\n{\"n\":1234}\n"), 10 },
		{ "element", SPAN("[1,[2,3],4]"), 5 },
		{ "number", SPAN("[1,12345]"), 5 },
		{ "rubbish", SPAN("{}\nrubbish\n{}"), 7 },
		{ "frame", SPAN("\0\0\0\20\0\0\0\0\5\302\110\353\175\230\310\377"), 16 },
	};

	(void)unused;
	for (size_t i = 0; i < ROWS(large); i++) {
		struct manner m = { large[i].size, false, NULL };
		struct buf log = BUF_INIT;

		run(&log, large[i].bytes, &m, NULL, 0);
		EXPECT(large[i].name, !strstr(log.p, "--max-size"));
		every_way(large[i].name, large[i].bytes, &m);
		m.max--;
		buf_reset(&log);
		run(&log, large[i].bytes, &m, NULL, 0);
		EXPECT(large[i].name, strstr(log.p, "--max-size"));
		every_way(large[i].name, large[i].bytes, &m);
		buf_release(&log);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_do_not_depend_on_cuts),
		cmocka_unit_test(goldens_do_not_depend_on_cuts),
		cmocka_unit_test(mixtures_do_not_depend_on_cuts),
		cmocka_unit_test(a_folded_shape_is_none_for_a_line),
		cmocka_unit_test(one_format_knows),
		cmocka_unit_test(frames_are_checked),
		cmocka_unit_test(ceilings_are_exact),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
