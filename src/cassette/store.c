/* SPDX-License-Identifier: MIT */
/* store: interactions into a cassette file, whole or not at all. See store.h. */
#include "cassette/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cassette/splice.h"

typedef void visit(void *context, struct cassette *c, struct interaction *i, struct fault *f);

/* Calls each for the interactions of a file, until one sets a fault. */
static int walk(const char *path, visit *each, void *context, struct fault *f)
{
	struct interaction i;
	struct cassette *c;
	struct in in;
	int r = -1;

	if (in_open(&in, path, 0, f) < 0)
		return -1;
	interaction_init(&i);
	c = cassette_new(&in, 0, f);
	while (c && f->status == ST_OK && (r = cassette_next(c, &i, f)) > 0)
		each(context, c, &i, f);
	if (r == 0)
		each(context, c, NULL, f);
	cassette_free(c);
	interaction_release(&i);
	in_close(&in);
	return f->status == ST_OK ? 0 : -1;
}

/* The file is there and not empty: 1; it is not: 0; nobody knows: -1. */
static int exists(const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return st.st_size > 0;
	return errno == ENOENT ? 0 : fault_set(f, ST_TROUBLE, "%s", strerror(errno));
}

/* ---- what is read back must say the same as what was meant to be written */

struct check {
	struct digest digest;
	struct buf scratch;
	bool bare; /* without place and extras, which move with the neighbours */
};

static void check_add(struct check *k, struct interaction *i)
{
	uint64_t id = i->id;
	size_t n = i->nextras;

	if (k->bare) {
		i->id = 0;
		i->nextras = 0;
	}
	digest_add(&k->digest, i, &k->scratch);
	i->id = id;
	i->nextras = n;
}

static void check_visit(void *check, struct cassette *c, struct interaction *i, struct fault *f)
{
	(void)c;
	(void)f;
	if (i)
		check_add(check, i);
}

static int read_back(const char *path, const struct digest *wrote, bool bare, struct fault *f)
{
	struct check k = { .bare = bare };
	struct fault inner = { 0 };
	int r = walk(path, check_visit, &k, &inner);

	buf_release(&k.scratch);
	if (r < 0)
		return fault_set(f, ST_TROUBLE, "what was written does not read back: %s", inner.text);
	if (wrote->hash != k.digest.hash || wrote->count != k.digest.count)
		return fault_set(f, ST_TROUBLE, "what was written does not read back the same");
	return 0;
}

int store_commit(struct replace *r, const struct cassette_writer *w, struct fault *f)
{
	struct digest wrote = cassette_writer_digest(w);

	if (replace_close(r, f) < 0 || read_back(r->beside, &wrote, false, f) < 0)
		return -1;
	return replace_commit(r, f);
}

/* ---- an addition */

struct addition {
	const char *path;   /* of the file itself */
	const char *format; /* asked for, or that of the file */
	bool json;
	struct interaction *const *list;
	store_drop *drop;
	void *context;
	struct replace replace;
	struct cassette_writer *writer;

	/* What the first reading found. */
	struct check kept;
	struct splice splice;
	struct splice_json pieces; /* one for each interaction, where a JSON text has it */
	bool cutting;              /* the one before is cut, up to the next */
	const char *fixed;         /* cassette_fixed */
	bool block;
};

static void note_piece(struct addition *a, const struct cassette_layout *l)
{
	struct splice_json *s = &a->pieces;

	if ((s->n & (s->n - 1)) == 0)
		s->pieces = mem_resize(s->pieces, (s->n ? 2 * s->n : 1) * sizeof *s->pieces);
	s->pieces[s->n++] = (struct piece){ l->from, l->to, a->cutting };
	s->opened = l->opened;
}

static void note(struct addition *a, struct cassette *c, struct interaction *i)
{
	struct cassette_layout layout = cassette_layout(c);

	if (a->cutting)
		a->splice.cuts[a->splice.n - 1].to = layout.line;
	a->cutting = a->drop && a->drop(a->context, i);
	note_piece(a, &layout);
	if (!a->cutting) {
		check_add(&a->kept, i);
		return;
	}
	a->splice.cuts = mem_resize(a->splice.cuts, (a->splice.n + 1) * sizeof *a->splice.cuts);
	a->splice.cuts[a->splice.n++].from = layout.line;
}

static void survey(void *addition, struct cassette *c, struct interaction *i, struct fault *f)
{
	struct addition *a = addition;
	struct cassette_layout layout = cassette_layout(c);

	(void)f;
	if (i) {
		note(a, c, i);
		return;
	}
	if (a->cutting)
		a->splice.cuts[a->splice.n - 1].to = layout.end;
	a->splice.end = layout.end;
	a->splice.indent = layout.column;
	a->block = layout.block && a->pieces.n > 0;
	a->json = cassette_is_json(c);
	a->fixed = cassette_fixed(c);
	if (cassette_format(c))
		a->format = cassette_format(c);
}

/* The new ones as items of the list. */
static int write_items(struct addition *a, struct buf *items, struct fault *f)
{
	uint64_t place = a->pieces.n - a->splice.n;
	struct interaction back;
	int r = 0;

	interaction_init(&back);
	for (size_t k = 0; r == 0 && a->list[k]; k++) {
		r = cassette_write_item(a->format, a->json, place + k, a->list[k], &back, items, f);
		check_add(&a->kept, &back);
	}
	interaction_release(&back);
	return r;
}

/* Puts the new ones into the old file. */
static int splice(struct addition *a, struct fault *f)
{
	struct buf items = BUF_INIT;
	struct in in;
	int r = write_items(a, &items, f);

	if (r == 0)
		r = in_open(&in, a->path, 0, f);
	if (r == 0) {
		r = a->json ? splice_json(&a->pieces, &in, buf_span(&items), &a->replace, f)
		            : splice_copy(&a->splice, &in, buf_span(&items), &a->replace, f);
		in_close(&in);
	}
	buf_release(&items);
	if (r < 0 || replace_close(&a->replace, f) < 0)
		return -1;
	return read_back(a->replace.beside, &a->kept.digest, true, f);
}

static void copy(void *addition, struct cassette *c, struct interaction *i, struct fault *f)
{
	struct addition *a = addition;

	(void)c;
	if (i && !a->pieces.pieces[i->id].cut)
		cassette_write(a->writer, i, f);
}

/* All of the file anew, or for the first time. */
static int rewrite(struct addition *a, struct fault *f)
{
	a->writer = cassette_writer_new(a->format, a->json, replace_add, &a->replace);
	if (!a->writer)
		return fault_set(f, ST_USAGE, "no cassette format '%s'", a->format);
	if (a->pieces.n > 0 && walk(a->path, copy, a, f) < 0)
		return -1;
	for (size_t k = 0; a->list[k]; k++)
		if (cassette_write(a->writer, a->list[k], f) < 0)
			return -1;
	cassette_writer_end(a->writer);
	return store_commit(&a->replace, a->writer, f);
}

static int put(struct addition *a, struct fault *f)
{
	struct fault inner = { 0 };
	int there = exists(a->path, f);

	if (there < 0 || (there && walk(a->path, survey, a, f) < 0))
		return -1;
	if (a->fixed)
		return fault_set(f, ST_INPUT, "cannot add to a file that is %s", a->fixed);
	if (a->block || (a->json && a->pieces.n > 0)) {
		if (splice(a, &inner) == 0)
			return replace_commit(&a->replace, f);
		replace_again(&a->replace);
	}
	return rewrite(a, f);
}

int store_add(const char *path, const char *format, struct interaction *const *list, store_drop *drop, void *context,
              struct fault *f)
{
	struct addition a = { .format = format ? format : "go-vcr",
		              .list = list,
		              .drop = drop,
		              .context = context,
		              .kept = { .bare = true } };
	int r = replace_begin(&a.replace, path, f);

	a.path = a.replace.path;
	if (r == 0)
		r = replace_lock(&a.replace, f);
	if (r == 0)
		r = put(&a, f);
	cassette_writer_free(a.writer);
	buf_release(&a.kept.scratch);
	free(a.splice.cuts);
	free(a.pieces.pieces);
	replace_end(&a.replace);
	return r;
}
