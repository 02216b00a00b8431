/* SPDX-License-Identifier: MIT */
/* body: bodies without their Content-Encoding (RFC 9110 section 8.4). See body.h. */
#include "cassette/body.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/utf8.h"
#include "cassette/content_encoding.h"
#include "config.h"
#ifdef HAVE_BROTLI
#include <brotli/decode.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { PIECE = 64 * 1024 };

enum decoded { DECODED, NOT_ENCODED, CUT, TOO_LARGE, UNKNOWN };

/* zlib's window bits: 31 gzip, 15 zlib's own wrapping, -15 none. */
static enum decoded zlib_decode(struct span in, int window, struct buf *to, size_t max)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = in.n > UINT_MAX ? UINT_MAX : (uInt)in.n };
	int r = Z_OK;

	if (inflateInit2(&z, window) != Z_OK)
		err_nomem();
	while (r == Z_OK) {
		if (max && to->len > max)
			break;
		buf_room(to, PIECE);
		z.next_out = (Bytef *)to->p + to->len;
		z.avail_out = PIECE;
		r = inflate(&z, Z_NO_FLUSH);
		to->len += PIECE - z.avail_out;
		if (r == Z_STREAM_END && window == 31 && z.avail_in > 0) /* gzip's members may follow one another */
			r = inflateReset(&z);
	}
	inflateEnd(&z);
	if (max && to->len > max)
		return TOO_LARGE;
	if (r == Z_STREAM_END)
		return DECODED;
	return r == Z_BUF_ERROR ? CUT : NOT_ENCODED;
}

const char *body_unzip(struct span packed, struct buf *to, size_t max)
{
	switch (zlib_decode(packed, span_starts(packed, "\x1f\x8b") ? 31 : 15, to, max)) {
	case DECODED:
		return NULL;
	case CUT:
		return "ends too early";
	case TOO_LARGE:
		return "holds more than --max-size";
	default:
		return "cannot be unpacked";
	}
}

static enum decoded gzip_decode(struct span in, struct buf *to, size_t max)
{
	enum decoded d;

	if (!span_starts(in, "\x1f\x8b"))
		return NOT_ENCODED;
	d = zlib_decode(in, 31, to, max);
	return d == NOT_ENCODED ? CUT : d;
}

/* "deflate" means zlib's wrapping, and some servers send it bare. */
static enum decoded deflate_decode(struct span in, struct buf *to, size_t max)
{
	enum decoded d = zlib_decode(in, 15, to, max);

	if (d != NOT_ENCODED || to->len > 0)
		return d;
	return zlib_decode(in, -15, to, max);
}

#ifdef HAVE_BROTLI
static enum decoded br_decode(struct span in, struct buf *to, size_t max)
{
	BrotliDecoderState *b = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	const uint8_t *p = (const uint8_t *)in.p;
	BrotliDecoderResult r;
	size_t left = in.n;

	if (!b)
		err_nomem();
	do {
		uint8_t *out;
		size_t room = PIECE;

		buf_room(to, PIECE);
		out = (uint8_t *)to->p + to->len;
		r = BrotliDecoderDecompressStream(b, &left, &p, &room, &out, NULL);
		to->len += PIECE - room;
	} while (r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && !(max && to->len > max));
	BrotliDecoderDestroyInstance(b);
	if (max && to->len > max)
		return TOO_LARGE;
	if (r == BROTLI_DECODER_RESULT_SUCCESS)
		return left ? NOT_ENCODED : DECODED;
	return r == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && to->len > 0 && !utf8_valid(in.p, in.n) ? CUT
	                                                                                             : NOT_ENCODED;
}
#else
static enum decoded br_decode(struct span in, struct buf *to, size_t max)
{
	(void)to;
	(void)max;
	return utf8_valid(in.p, in.n) ? NOT_ENCODED : UNKNOWN;
}
#endif

#ifdef HAVE_ZSTD
/* A sender may ask for a window of 8 MiB, not more (RFC 9659). */
static enum decoded zstd_decode(struct span in, struct buf *to, size_t max)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer from = { in.p, in.n, 0 };
	size_t result = 1;
	bool more = span_starts(in, "\x28\xb5\x2f\xfd");

	if (!z)
		err_nomem();
	if (!more) {
		ZSTD_freeDCtx(z);
		return NOT_ENCODED;
	}
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 23);
	while (more && !(max && to->len > max)) {
		ZSTD_outBuffer out = { NULL, PIECE, 0 };

		buf_room(to, PIECE);
		out.dst = to->p + to->len;
		result = ZSTD_decompressStream(z, &out, &from);
		to->len += out.pos;
		more = !ZSTD_isError(result) && (from.pos < from.size || out.pos == out.size);
	}
	ZSTD_freeDCtx(z);
	if (max && to->len > max)
		return TOO_LARGE;
	return result == 0 ? DECODED : CUT;
}
#else
static enum decoded zstd_decode(struct span in, struct buf *to, size_t max)
{
	(void)to;
	(void)max;
	return utf8_valid(in.p, in.n) ? NOT_ENCODED : UNKNOWN;
}
#endif

static enum decoded decode(struct span coding, struct span in, struct buf *to, size_t max)
{
	static const struct {
		const char *name;
		enum decoded (*decode)(struct span, struct buf *, size_t);
	} codings[] = {
		{ "gzip", gzip_decode }, { "x-gzip", gzip_decode }, { "deflate", deflate_decode },
		{ "br", br_decode },     { "zstd", zstd_decode },
	};

	if (coding.n == 0 || (coding.n == 8 && !strncasecmp(coding.p, "identity", 8)))
		return NOT_ENCODED;
	for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
		if (coding.n == strlen(codings[i].name) && !strncasecmp(coding.p, codings[i].name, coding.n))
			return codings[i].decode(in, to, max);
	return utf8_valid(in.p, in.n) ? NOT_ENCODED : UNKNOWN;
}

static enum body_result failed(enum decoded d, struct span coding, size_t max, struct span *bytes, struct fault *f)
{
	int n = coding.n > 40 ? 40 : (int)coding.n;

	switch (d) {
	case CUT:
		fault_set(f, ST_INPUT, "body ends too early for its encoding %.*s", n, coding.p);
		return BODY_CUT;
	case TOO_LARGE:
		*bytes = SPAN("");
		fault_set(f, ST_INPUT, "body of more than %zu bytes when decoded (--max-size)", max);
		return BODY_TOO_LARGE;
	case UNKNOWN:
		*bytes = SPAN("");
		fault_set(f, ST_INPUT, "body in the encoding %.*s, which cannot be decoded here", n, coding.p);
		return BODY_UNKNOWN;
	default:
		return BODY_OK;
	}
}

/* The last coding of the list, which was applied last; cuts it off. */
static struct span last_coding(struct span *list)
{
	const char *comma = span_last(*list, ',');
	struct span one = *list;

	if (comma)
		one = (struct span){ comma + 1, list->n - (size_t)(comma + 1 - list->p) };
	list->n = comma ? (size_t)(comma - list->p) : 0;
	while (one.n && (*one.p == ' ' || *one.p == '\t'))
		one = (struct span){ one.p + 1, one.n - 1 };
	while (one.n && (one.p[one.n - 1] == ' ' || one.p[one.n - 1] == '\t'))
		one.n--;
	return one;
}

enum body_result body_decode(const struct interaction *i, bool request, struct buf *scratch, size_t max,
                             struct span *bytes, struct fault *f)
{
	struct span list = headers_get(request ? &i->request.headers : &i->response.headers, "content-encoding");
	struct buf next = BUF_INIT;
	enum body_result r = BODY_OK;

	*bytes = request ? i->request.body : i->response.body;
	for (int n = 0; list.n > 0 && bytes->n > 0 && r == BODY_OK; n++) {
		struct span coding = last_coding(&list);
		enum decoded d = n < CONTENT_CODINGS ? decode(coding, *bytes, &next, max) : UNKNOWN;

		r = failed(d, coding, max, bytes, f);
		if (d == DECODED || d == CUT) {
			struct buf old = *scratch;

			*scratch = next;
			next = old;
			*bytes = buf_span(scratch);
		}
		buf_reset(&next);
	}
	buf_release(&next);
	return r;
}

bool body_is_events(const struct headers *h, struct span body)
{
	static const char *const starts[] = { "data:", "event:", "id:", "retry:", ":" };
	struct span type = headers_get(h, "content-type");

	if (type.n >= 17 && !strncasecmp(type.p, "text/event-stream", 17))
		return true;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (span_starts(body, starts[i]))
			return true;
	return false;
}
