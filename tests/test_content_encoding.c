/* SPDX-License-Identifier: MIT */
/* cassette/content_encoding: whatever the pieces, the same text; what is short, broken or not encoded is known. */
#include "test.h"

#include <zlib.h>

#include "cassette/content_encoding.h"

static const char text[] = "data: {\"a\":1}\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";

#ifdef HAVE_BROTLI
static const char br[] =
	"\x1b\x2b\x00\xf8\x2d\x0e\x78\x93\x2f\x44\xf1\x72\x35\x08\xcd\xfe\xae\x5a\xbc\x0c\x13\x21\x0b\x85"
	"\xda\xda\x2b\x1d\xba\x06\x89\xe9\xea\x93\x8a\x68\xb2\x54\x09\xa0\xd2\xbd\x30\x71\x74\x70\x01";
#endif
#ifdef HAVE_ZSTD
static const char zstd[] =
	"\x28\xb5\x2f\xfd\x04\x58\xed\x00\x00\xb8\x64\x61\x74\x61\x3a\x20\x7b\x22\x61\x22\x3a\x31\x7d\x0a"
	"\x0a\x5b\x44\x4f\x4e\x45\x5d\x0a\x0a\x01\x00\xf2\xcd\x3a\xa8\x0d\x43\xe8";
static const char skippable[] = "\x50\x2a\x4d\x18\x02\x00\x00\x00xy";
#endif

/* window as in deflateInit2(3). */
static void pack(struct span in, int window, struct buf *to)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
	buf_room(to, deflateBound(&z, in.n) + 64);
	z.next_out = (Bytef *)to->p + to->len;
	z.avail_out = (uInt)(to->cap - to->len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	to->len += z.total_out;
	deflateEnd(&z);
}

enum outcome { WHOLE, SHORT, BROKEN, UNKNOWN };

/* Fed in pieces of up to `piece` bytes, pulled in pieces of up to `room`. */
static enum outcome unpack(const char *list, struct span body, size_t piece, size_t room, struct buf *to)
{
	struct content_decoder d;
	enum outcome outcome = WHOLE;
	char bytes[256];
	ssize_t n = 0;

	if (!content_decoder_init(&d, span_of(list)))
		return UNKNOWN;
	while (body.n && n >= 0) {
		struct span one = { body.p, body.n < piece ? body.n : piece };

		body = (struct span){ body.p + one.n, body.n - one.n };
		content_decoder_feed(&d, one);
		while ((n = content_decoder_pull(&d, bytes, room)) > 0)
			buf_add(to, bytes, (size_t)n);
	}
	outcome = n < 0 ? BROKEN : content_decoder_is_whole(&d) ? WHOLE : SHORT;
	content_decoder_release(&d);
	return outcome;
}

struct row {
	const char *name, *list;
	struct buf body;
	const char *want;
	enum outcome outcome;
	bool prefixes; /* each beginning of the body is short */
};

static struct row rows[40];
static size_t nrows;

static struct row *row(const char *name, const char *list, const char *want, enum outcome outcome)
{
	rows[nrows] = (struct row){ .name = name, .list = list, .want = want, .outcome = outcome };
	return &rows[nrows++];
}

static void add_zlib_rows(void)
{
	struct row *r = row("gzip", "gzip", text, WHOLE);
	struct buf inner = BUF_INIT;

	r->prefixes = true;
	pack(span_of(text), 31, &r->body);
	pack(span_of(text), 31, &row("any case, x-", " X-GZip ,identity", text, WHOLE)->body);
	r = row("members", "gzip", "data: 1\n\ndata: 2\n\n", WHOLE);
	pack(SPAN("data: 1\n\n"), 31, &r->body);
	pack(SPAN("data: 2\n\n"), 31, &r->body);
	r = row("garbage behind gzip", "gzip", text, WHOLE);
	pack(span_of(text), 31, &r->body);
	buf_adds(&r->body, "garbage, more than a header's worth of it");
	r = row("zeros behind gzip", "gzip", text, WHOLE);
	pack(span_of(text), 31, &r->body);
	buf_add(&r->body, "\0\0\0\0", 4);
	r = row("checksum", "gzip", text, BROKEN);
	pack(span_of(text), 31, &r->body);
	r->body.p[r->body.len - 6] ^= 1;
	r = row("broken inside", "gzip", "", BROKEN);
	pack(span_of(text), 31, &r->body);
	memset(r->body.p + 10, 0xff, 8);
	buf_adds(&row("plain under gzip", "gzip", "data: 1\n\n", WHOLE)->body, "data: 1\n\n");
	r = row("deflate", "deflate", text, WHOLE);
	r->prefixes = true;
	pack(span_of(text), 15, &r->body);
	r = row("bare deflate", "deflate", text, WHOLE);
	r->prefixes = true;
	pack(span_of(text), -15, &r->body);
	r = row("garbage behind deflate", "deflate", text, WHOLE);
	pack(span_of(text), 15, &r->body);
	buf_adds(&r->body, "\x1f\x8bxyz");
	buf_adds(&row("plain under deflate", "deflate", "{\"text\":\"not packed\"}", WHOLE)->body,
	         "{\"text\":\"not packed\"}");
	r = row("twice", "gzip, deflate", text, WHOLE);
	pack(span_of(text), 31, &inner);
	pack(buf_span(&inner), 15, &r->body);
	r = row("plain inside", "gzip,\tdeflate", text, WHOLE);
	pack(span_of(text), 15, &r->body);
	buf_release(&inner);
}

static void add_other_rows(void)
{
	struct row *r;

	row("empty", "gzip", "", WHOLE);
	buf_adds(&row("unknown", "utf-8", "", UNKNOWN)->body, "x");
	buf_adds(&row("one of two unknown", "gzip, aws-chunked", "", UNKNOWN)->body, "x");
	buf_adds(&row("nine", "gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip", "", UNKNOWN)->body, "x");
#ifdef HAVE_BROTLI
	r = row("br", "br", text, WHOLE);
	r->prefixes = true;
	buf_add(&r->body, br, sizeof br - 1);
	pack((struct span){ br, sizeof br - 1 }, 31, &row("br inside gzip", "br, gzip", text, WHOLE)->body);
	buf_adds(&row("plain under br", "br", "data: {\"a\":1}\n\n", WHOLE)->body, "data: {\"a\":1}\n\n");
#endif
#ifdef HAVE_ZSTD
	r = row("zstd", "zstd", text, WHOLE);
	r->prefixes = true;
	buf_add(&r->body, zstd, sizeof zstd - 1);
	r = row("frames", "zstd", text, WHOLE);
	buf_add(&r->body, skippable, sizeof skippable - 1);
	buf_add(&r->body, zstd, sizeof zstd - 1);
	buf_add(&r->body, skippable, sizeof skippable - 1);
	r = row("garbage behind zstd", "zstd", text, WHOLE);
	buf_add(&r->body, zstd, sizeof zstd - 1);
	buf_adds(&r->body, "garbage");
	buf_adds(&row("plain under zstd", "zstd", "ok", WHOLE)->body, "ok");
#endif
	(void)r;
}

static void pieces_do_not_matter(void **state)
{
	static const size_t sizes[][2] = { { 1, 256 }, { 256, 1 }, { 2, 3 }, { 7, 256 }, { 100000, 256 } };
	struct buf to = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < nrows; i++)
		for (size_t k = 0; k < ROWS(sizes); k++) {
			buf_reset(&to);
			EXPECT(rows[i].name, unpack(rows[i].list, buf_span(&rows[i].body), sizes[k][0], sizes[k][1],
			                            &to) == rows[i].outcome);
			expect_bytes(rows[i].name, buf_span(&to), span_of(rows[i].want));
		}
	buf_release(&to);
}

static void what_is_short_is_known(void **state)
{
	struct buf to = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < nrows; i++)
		for (size_t n = 1; rows[i].prefixes && n < rows[i].body.len; n++) {
			buf_reset(&to);
			EXPECT(rows[i].name,
			       unpack(rows[i].list, (struct span){ rows[i].body.p, n }, 5, 256, &to) == SHORT);
			EXPECT(rows[i].name, to.len <= strlen(text) && memcmp(to.len ? to.p : "", text, to.len) == 0);
		}
	buf_release(&to);
}

/* 64 MB in 64 KB in 400 bytes: pulled a piece at a time, and no more is kept than that. */
static void a_bomb_takes_no_memory(void **state)
{
	struct buf zeros = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
	struct content_decoder d;
	char bytes[4096];
	size_t total = 0;
	ssize_t n;

	(void)state;
	buf_room(&zeros, 64 << 20);
	memset(zeros.p, 0, 64 << 20);
	zeros.len = 64 << 20;
	pack(buf_span(&zeros), 31, &once);
	buf_release(&zeros);
	pack(buf_span(&once), 31, &twice);
	assert_true(content_decoder_init(&d, SPAN("gzip, gzip")));
	content_decoder_feed(&d, buf_span(&twice));
	while ((n = content_decoder_pull(&d, bytes, sizeof bytes)) > 0)
		total += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(total, 64 << 20);
	assert_true(content_decoder_is_whole(&d));
	content_decoder_release(&d);
	buf_release(&once);
	buf_release(&twice);
}

static void any_bytes_are_survived(void **state)
{
	static const char *const lists[] = { "gzip", "deflate", "br", "zstd", "gzip, deflate", "zstd, br, gzip" };
	uint64_t random = 7;
	struct buf to = BUF_INIT;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct row *r = &rows[test_random(&random) % nrows];
		struct buf body = BUF_INIT;

		buf_addspan(&body, buf_span(&r->body));
		for (size_t i = test_random(&random) % 4; i > 0 && body.len; i--)
			body.p[test_random(&random) % body.len] = (char)test_random(&random);
		buf_reset(&to);
		unpack(round % 2 ? r->list : lists[test_random(&random) % ROWS(lists)], buf_span(&body),
		       1 + test_random(&random) % 20, 1 + test_random(&random) % 200, &to);
		buf_release(&body);
	}
	buf_release(&to);
}

static int make_rows(void **state)
{
	(void)state;
	add_zlib_rows();
	add_other_rows();
	return 0;
}

static int release_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < nrows; i++)
		buf_release(&rows[i].body);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(what_is_short_is_known),
		cmocka_unit_test(a_bomb_takes_no_memory),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, make_rows, release_rows);
}
