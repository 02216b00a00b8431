/* SPDX-License-Identifier: MIT */
/* content_encoding: a body decoded by its Content-Encoding while it arrives. See content_encoding.h. */
#include "cassette/content_encoding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "config.h"
#ifdef HAVE_BROTLI
#include <brotli/decode.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { PIECE = 16 * 1024, HELD_MAX = 64 * 1024, ZLIB_MAX = 1 << 30, BARE = 8 };

enum state {
	BEGUN,
	AT_AN_END, /* the text so far is whole; another one may follow */
	FINISHED,  /* what follows is dropped */
	PLAIN,     /* not encoded */
	BROKEN,
};

/* One encoding of a body. */
struct coding {
	const struct coding_kind *kind;
	enum state state;
	struct buf in; /* fed and not used yet, from `used` on */
	size_t used;
	struct buf held; /* all input before the first output, for a body that is not encoded after all */
	size_t total;    /* bytes fed */
	bool output;     /* there was some */

	z_stream z;
	bool zlib; /* z is initialised */
#ifdef HAVE_BROTLI
	BrotliDecoderState *br;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DCtx *zstd;
#endif
};

struct coding_kind {
	const char *name;
	bool (*begins)(struct span body); /* can an encoded body begin so? NULL: with any bytes */
	/* Decodes from in to *to and moves both; sets the state. It may need more of either. */
	void (*decode)(struct coding *c, char **to, size_t *room);
};

static struct span input(const struct coding *c)
{
	return (struct span){ c->in.p + c->used, c->in.len - c->used };
}

/* ---- gzip and deflate */

/* window: zlib's window bits: 31 gzip, 15 zlib's own wrapping, -15 none. */
static void open_zlib(struct coding *c, int window)
{
	if (inflateInit2(&c->z, window) != Z_OK)
		err_nomem();
	c->zlib = true;
}

static int inflate_some(struct coding *c, char **to, size_t *room)
{
	struct span in = input(c);
	int r;

	in.n = in.n < ZLIB_MAX ? in.n : ZLIB_MAX;
	*room = *room < ZLIB_MAX ? *room : ZLIB_MAX;
	c->z.next_in = (Bytef *)(uintptr_t)in.p;
	c->z.avail_in = (uInt)in.n;
	c->z.next_out = (Bytef *)*to;
	c->z.avail_out = (uInt)*room;
	r = inflate(&c->z, Z_SYNC_FLUSH);
	c->used += in.n - c->z.avail_in;
	*to += *room - c->z.avail_out;
	*room = c->z.avail_out;
	if (r == Z_MEM_ERROR)
		err_nomem();
	return r == Z_BUF_ERROR ? Z_OK : r; /* no more input, or no more room */
}

static bool agrees(struct span body, const char *magic, size_t n)
{
	return memcmp(body.p, magic, body.n < n ? body.n : n) == 0;
}

static bool gzip_begins(struct span body)
{
	return agrees(body, "\x1f\x8b", 2);
}

/* Members may follow one another; anything else behind a member is not part of the body. */
static void gzip_decode(struct coding *c, char **to, size_t *room)
{
	int r;

	if (!c->zlib)
		open_zlib(c, 31);
	r = inflate_some(c, to, room);
	if (r == Z_STREAM_END) {
		c->state = AT_AN_END;
		inflateReset(&c->z);
	} else if (r == Z_OK) {
		if (c->z.total_out > 0)
			c->state = BEGUN;
	} else {
		c->state = c->state == AT_AN_END && c->z.total_out == 0 ? FINISHED : BROKEN;
	}
}

static bool is_zlib(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (u[0] & 0x0f) == 8 && (u[0] << 8 | u[1]) % 31 == 0;
}

/* A few bytes suffice: compressed ones are hardly ever all printable. */
static bool is_ascii_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] < 0x20 || p[i] > 0x7e) && p[i] != '\n' && p[i] != '\r' && p[i] != '\t')
			return false;
	return true;
}

/* "deflate" means zlib's wrapping, and some servers send it bare. Bare, any byte can begin it. */
static void deflate_decode(struct coding *c, char **to, size_t *room)
{
	int r;

	if (!c->zlib) {
		struct span in = input(c);

		if (in.n < 2 || (!is_zlib(in.p) && in.n < BARE))
			return;
		if (!is_zlib(in.p) && is_ascii_text(in.p, BARE)) {
			c->state = PLAIN;
			return;
		}
		open_zlib(c, is_zlib(in.p) ? 15 : -15);
	}
	r = inflate_some(c, to, room);
	c->state = r == Z_OK ? BEGUN : r == Z_STREAM_END ? FINISHED : BROKEN;
}

/* ---- br and zstd */

#ifdef HAVE_BROTLI
static void br_decode(struct coding *c, char **to, size_t *room)
{
	struct span in = input(c);
	const uint8_t *from = (const uint8_t *)in.p;
	uint8_t *out = (uint8_t *)*to;
	BrotliDecoderResult r;

	if (!c->br && !(c->br = BrotliDecoderCreateInstance(NULL, NULL, NULL)))
		err_nomem();
	r = BrotliDecoderDecompressStream(c->br, &in.n, &from, room, &out, NULL);
	*to = (char *)out;
	c->used = c->in.len - in.n;
	if (r == BROTLI_DECODER_RESULT_ERROR || (r == BROTLI_DECODER_RESULT_SUCCESS && in.n > 0 && !c->output))
		c->state = BROKEN; /* any byte can begin a short text by chance */
	else if (r == BROTLI_DECODER_RESULT_SUCCESS)
		c->state = FINISHED;
}
#endif

#ifdef HAVE_ZSTD
enum { WINDOW_LOG = 23 }; /* a sender may ask for a window of 8 MiB, not more (RFC 9659) */

/* A frame, or one that is to be skipped. */
static bool zstd_begins(struct span body)
{
	return agrees(body, "\x28\xb5\x2f\xfd", 4) ||
	       ((*body.p & 0xf0) == 0x50 && agrees((struct span){ body.p + 1, body.n - 1 }, "\x2a\x4d\x18", 3));
}

/* Frames may follow one another. */
static void zstd_decode(struct coding *c, char **to, size_t *room)
{
	ZSTD_inBuffer in = { c->in.p, c->in.len, c->used };
	ZSTD_outBuffer out = { *to, *room, 0 };
	size_t r;

	if (!c->zstd) {
		if (!(c->zstd = ZSTD_createDCtx()))
			err_nomem();
		ZSTD_DCtx_setParameter(c->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	}
	r = ZSTD_decompressStream(c->zstd, &out, &in);
	c->used = in.pos;
	*to += out.pos;
	*room -= out.pos;
	if (ZSTD_isError(r))
		c->state = c->state == AT_AN_END ? FINISHED : BROKEN;
	else if (r == 0)
		c->state = AT_AN_END;
	else if (out.pos > 0)
		c->state = BEGUN;
}
#endif

/* ---- the list of encodings */

static const struct coding_kind kinds[] = {
	{ "gzip", gzip_begins, gzip_decode },
	{ "x-gzip", gzip_begins, gzip_decode },
	{ "deflate", NULL, deflate_decode },
#ifdef HAVE_BROTLI
	{ "br", NULL, br_decode },
#endif
#ifdef HAVE_ZSTD
	{ "zstd", zstd_begins, zstd_decode },
#endif
};

static struct span trim(struct span s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool is_named(struct span s, const char *name)
{
	return s.n == strlen(name) && !strncasecmp(s.p, name, s.n);
}

static bool add_layer(struct content_decoder *d, struct span name)
{
	if (name.n == 0 || is_named(name, "identity"))
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && d->n < CONTENT_CODINGS; i++)
		if (is_named(name, kinds[i].name)) {
			d->layers[d->n] = mem_zero(sizeof **d->layers);
			d->layers[d->n++]->kind = &kinds[i];
			return true;
		}
	return false;
}

/* The encoding that was applied last stands last, and is undone first. */
bool content_decoder_init(struct content_decoder *d, struct span list)
{
	*d = (struct content_decoder){ 0 };
	while (list.n) {
		const char *comma = span_last(list, ',');
		struct span last = comma ? (struct span){ comma + 1, list.n - (size_t)(comma + 1 - list.p) } : list;

		list.n = comma ? (size_t)(comma - list.p) : 0;
		if (!add_layer(d, trim(last))) {
			content_decoder_release(d);
			return false;
		}
	}
	return true;
}

bool content_encoding_is_known(struct span list)
{
	struct content_decoder d;
	bool known = content_decoder_init(&d, list);

	content_decoder_release(&d);
	return known;
}

static void release_layer(struct coding *c)
{
	if (c->zlib)
		inflateEnd(&c->z);
#ifdef HAVE_BROTLI
	if (c->br)
		BrotliDecoderDestroyInstance(c->br);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeDCtx(c->zstd);
#endif
	buf_release(&c->in);
	buf_release(&c->held);
	free(c);
}

void content_decoder_release(struct content_decoder *d)
{
	for (size_t i = 0; i < d->n; i++)
		release_layer(d->layers[i]);
	*d = (struct content_decoder){ 0 };
}

/* ---- through one encoding, and through all of them */

static void feed(struct coding *c, struct span piece)
{
	buf_drop(&c->in, c->used);
	c->used = 0;
	buf_addspan(&c->in, piece);
	c->total += piece.n;
	if (!c->output && c->held.len + piece.n <= HELD_MAX && c->state != PLAIN)
		buf_addspan(&c->held, piece);
	if (c->state == BEGUN && !c->output && c->kind->begins && !c->kind->begins(buf_span(&c->held)))
		c->state = PLAIN;
}

/* The body turns out not to be encoded: it begins with what was held, unless that was too much. */
static bool take_back(struct coding *c)
{
	if (c->output || c->kind->begins || c->held.len != c->total)
		return false;
	buf_reset(&c->in);
	buf_addspan(&c->in, buf_span(&c->held));
	c->used = 0;
	c->state = PLAIN;
	return true;
}

static size_t copy(struct coding *c, char *to, size_t room)
{
	struct span in = input(c);
	size_t n = in.n < room ? in.n : room;

	if (n)
		memcpy(to, in.p, n);
	c->used += n;
	return n;
}

/* Until there is output, or nothing moves any more. */
static size_t decode(struct coding *c, char *to, size_t room)
{
	char *at = to;
	size_t before;

	do {
		size_t left = room;

		before = c->used;
		c->kind->decode(c, &at, &left);
	} while (at == to && c->used > before && (c->state == BEGUN || c->state == AT_AN_END));
	return (size_t)(at - to);
}

static ssize_t pull_layer(struct coding *c, char *to, size_t room)
{
	size_t n = 0;

	if (c->state == FINISHED)
		c->used = c->in.len;
	if ((c->state == BEGUN || c->state == AT_AN_END) && c->total > 0)
		n = decode(c, to, room);
	if (c->state == BROKEN && take_back(c))
		n = 0;
	if (c->state == PLAIN)
		return (ssize_t)copy(c, to, room);
	if (n == 0)
		return c->state == BROKEN ? -1 : 0;
	c->output = true;
	buf_release(&c->held);
	return (ssize_t)n;
}

static ssize_t pull(struct content_decoder *d, size_t layer, char *to, size_t room)
{
	char piece[PIECE];
	ssize_t n;

	while ((n = pull_layer(d->layers[layer], to, room)) == 0 && layer > 0) {
		n = pull(d, layer - 1, piece, sizeof piece);
		if (n <= 0)
			break;
		feed(d->layers[layer], (struct span){ piece, (size_t)n });
	}
	return n;
}

ssize_t content_decoder_pull(struct content_decoder *d, char *to, size_t room)
{
	return pull(d, d->n - 1, to, room);
}

void content_decoder_feed(struct content_decoder *d, struct span piece)
{
	if (piece.n)
		feed(d->layers[0], piece);
}

bool content_decoder_is_whole(const struct content_decoder *d)
{
	bool whole = true;

	for (size_t i = 0; i < d->n; i++)
		whole &= d->layers[i]->state != BEGUN && d->layers[i]->state != BROKEN;
	return whole || d->layers[0]->total == 0;
}

bool content_decoder_is_plain(const struct content_decoder *d)
{
	bool plain = true;

	for (size_t i = 0; i < d->n; i++)
		plain &= d->layers[i]->state == PLAIN;
	return plain;
}
