/* SPDX-License-Identifier: MIT */
/* store: interactions into a cassette file, whole or not at all. See store.h. */
#include "cassette/store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What is read back must say the same as what was meant to be written. */
static int read_back(const char *path, struct digest *d, struct fault *f)
{
	struct interaction i;
	struct cassette *c;
	struct buf scratch = BUF_INIT;
	struct in in;
	int r = -1;

	if (in_open(&in, path, 0, f) < 0)
		return -1;
	interaction_init(&i);
	c = cassette_new(&in, 0, f);
	while (c && (r = cassette_next(c, &i, f)) > 0)
		digest_add(d, &i, &scratch);
	cassette_free(c);
	interaction_release(&i);
	buf_release(&scratch);
	in_close(&in);
	return r;
}

int store_commit(struct replace *r, const struct cassette_writer *w, struct fault *f)
{
	struct digest wrote = cassette_writer_digest(w), found = { 0 };
	struct fault inner = { 0 };

	if (replace_close(r, f) < 0)
		return -1;
	if (read_back(r->beside, &found, &inner) < 0)
		return fault_set(f, ST_TROUBLE, "what was written does not read back: %s", inner.text);
	if (wrote.hash != found.hash || wrote.count != found.count)
		return fault_set(f, ST_TROUBLE, "what was written does not read back the same");
	return replace_commit(r, f);
}

struct addition {
	struct replace replace;
	struct cassette_writer *writer;
	const char *format;
	store_drop *drop;
	void *context;
};

/* The format and syntax of a file that exists win. */
static int open_writer(struct addition *a, const struct cassette *c, struct fault *f)
{
	const char *format = c && cassette_format(c) ? cassette_format(c) : a->format;

	if (!a->writer)
		a->writer = cassette_writer_new(format, c && cassette_is_json(c), replace_add, &a->replace);
	return a->writer ? 0 : fault_set(f, ST_USAGE, "no cassette format '%s'", format);
}

static int copy(struct addition *a, struct in *in, struct fault *f)
{
	struct interaction i;
	struct cassette *c = cassette_new(in, 0, f);
	int r = -1;

	interaction_init(&i);
	while (c && (r = cassette_next(c, &i, f)) > 0) {
		if (open_writer(a, c, f) < 0)
			break;
		if (!(a->drop && a->drop(a->context, &i)) && cassette_write(a->writer, &i, f) < 0)
			break;
	}
	cassette_free(c);
	interaction_release(&i);
	return r == 0 ? 0 : -1;
}

static int copy_existing(struct addition *a, struct fault *f)
{
	struct stat st;
	struct in in;
	int r;

	if (stat(a->replace.path, &st) < 0)
		return errno == ENOENT ? 0 : fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	if (st.st_size == 0)
		return 0;
	if (in_open(&in, a->replace.path, 0, f) < 0)
		return -1;
	r = copy(a, &in, f);
	in_close(&in);
	return r;
}

int store_add(const char *path, const char *format, struct interaction *i, store_drop *drop, void *context,
              struct buf *lost, struct fault *f)
{
	struct addition a = { .format = format ? format : "go-vcr", .drop = drop, .context = context };
	int r = replace_begin(&a.replace, path, f);

	if (r == 0)
		r = replace_lock(&a.replace, f);
	if (r == 0)
		r = copy_existing(&a, f);
	if (r == 0)
		r = open_writer(&a, NULL, f);
	if (r == 0)
		r = cassette_write(a.writer, i, f);
	if (r == 0) {
		cassette_writer_end(a.writer);
		r = store_commit(&a.replace, a.writer, f);
	}
	if (r == 0 && lost)
		cassette_writer_losses(a.writer, lost);
	cassette_writer_free(a.writer);
	replace_end(&a.replace);
	return r;
}
