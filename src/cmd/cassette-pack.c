/* SPDX-License-Identifier: MIT */
/* cassette-pack: interactions in, a cassette out. See cassette-pack(1). */
#include <stdlib.h>
#include <string.h>

#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "base/replace.h"
#include "cassette/blank.h"
#include "cassette/cassette.h"
#include "cassette/record.h"
#include "cassette/store.h"
#include "cassette/writer.h"

/* Of a line. Libyaml counts in int. */
enum { LONGEST = 1 << 30 };

enum { NO_REDACT = OPT_LONG, REDACT_ENV };

static const struct opt options[] = {
	{ 'f', "format", "FORMAT",
	  "go-vcr, go-vcr-1, vcrpy, ruby-vcr or har\n(default: that of the first record, else go-vcr)" },
	{ 'o', "output", "FILE", "replace FILE at the end, whole or not at all" },
	{ NO_REDACT, "no-redact", NULL, "keep secrets as they are" },
	{ REDACT_ENV, "redact-env", "NAME", "blank the value of this variable wherever it stands" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	.name = "cassette-pack",
	.operands = "[FILE...]",
	.about = "Write a cassette of interactions as cassette-extract prints them.",
	.options = options,
};

struct pack {
	const char *format, *file;
	bool keep;
	struct redact redact;
	struct blanked blanked;
	struct out out;
	struct replace replace;
	struct cassette_writer *writer;
	struct interaction i;
	struct json json;
	struct buf place;
	struct err_few few;
};

static void to_out(void *out, const void *p, size_t n)
{
	out_add(out, p, n);
}

static void open_writer(struct pack *k, const struct interaction *first)
{
	const char *format = k->format ? k->format : "go-vcr";

	for (size_t e = 0; !k->format && e < first->nextras; e++)
		for (const char *const *f = cassette_formats(); *f; f++)
			if (span_is(first->extras[e].format, *f))
				format = *f;
	k->writer = k->file ? cassette_writer_new(format, false, replace_add, &k->replace)
	                    : cassette_writer_new(format, false, to_out, &k->out);
}

static void one(struct pack *k, struct span line)
{
	struct fault f = { 0 };

	if (record_get(&k->i, &k->json, line, &f) < 0) {
		if (err_few(&k->few, f.status))
			err_fault(buf_str(&k->place), &f);
		return;
	}
	if (k->i.note)
		err_note(buf_str(&k->place), "%s", k->i.note);
	if (!k->keep)
		interaction_blank(&k->i, &k->redact, &k->blanked);
	if (!k->writer)
		open_writer(k, &k->i);
	if (cassette_write(k->writer, &k->i, &f) < 0)
		err_fault(buf_str(&k->place), &f);
}

static void pack(struct pack *k, const char *path)
{
	struct fault f = { 0 };
	bool cut, any = false;
	enum in_result r;
	struct span line;
	struct in in;

	if (in_open(&in, path, LONGEST, &f) < 0) {
		err_fault(path, &f);
		return;
	}
	for (unsigned long n = 1; (r = in_line(&in, &line, &cut, &f)) == IN_MORE; n++) {
		buf_reset(&k->place);
		buf_addf(&k->place, "%s:%lu", in.name, n);
		if (line.n == 0)
			continue;
		any = true;
		one(k, line);
	}
	if (r == IN_FULL)
		fault_set(&f, ST_INPUT, "record of more than %d bytes", LONGEST);
	else if (!any)
		fault_set(&f, ST_INPUT, "no record");
	err_few_end(&k->few, 1, in.name);
	err_fault(in.name, &f);
	in_close(&in);
}

static void finish(struct pack *k)
{
	struct buf b = BUF_INIT;

	cassette_writer_end(k->writer);
	cassette_writer_losses(k->writer, &b);
	if (b.len)
		err_note(NULL, "no place in this format for: %s", buf_str(&b));
	buf_reset(&b);
	blanked_words(&k->blanked, &b);
	if (b.len)
		err_note(NULL, "redacted: %s", buf_str(&b));
	if (k->blanked.unread)
		err_note(NULL, "not looked into for secrets: bodies whose encoding cannot be undone (%zu)", k->blanked.unread);
	buf_release(&b);
}

/* A file is replaced only by what is whole. */
static void commit(struct pack *k)
{
	struct fault f = { 0 };

	if (err_status() == ST_OK)
		store_commit(&k->replace, k->writer, &f);
	else
		err_note(k->file, "left as it was");
	err_fault(k->file, &f);
	replace_end(&k->replace);
}

static void secret(struct pack *k, const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		opt_wrong("variable '%s' of --redact-env is not set", name);
	if (!redact_secret(&k->redact, span_of(value)))
		opt_wrong("value of variable '%s' is too short to be looked for", name);
}

int main(int argc, char **argv)
{
	struct pack k = { .json = JSON_INIT, .few = { .kind = "lines that are no records" } };
	struct fault f = { 0 };
	struct opt_parser p;
	bool secrets = false;
	int c;

	opt_init(&p, &program, argc, argv);
	while ((c = opt_next(&p)) != -1)
		switch (c) {
		case 'f':
			k.format = cassette_formats()[opt_word("--format", p.value, cassette_formats())];
			break;
		case 'o':
			k.file = p.value;
			break;
		case NO_REDACT:
			k.keep = true;
			break;
		case REDACT_ENV:
			secret(&k, p.value);
			secrets = true;
			break;
		}
	if (k.keep && secrets)
		opt_wrong("--no-redact and --redact-env do not go together");
	out_open(&k.out, 1, "standard output");
	if (k.file && replace_begin(&k.replace, k.file, &f) < 0)
		err_fault(k.file, &f);
	else if (k.file)
		replace_guard(&k.replace);
	interaction_init(&k.i);
	if (p.noperands == 0)
		pack(&k, "-");
	for (int i = 0; i < p.noperands; i++)
		pack(&k, p.operands[i]);
	if (k.writer)
		finish(&k);
	if (k.file && f.status == ST_OK)
		commit(&k);
	return (int)out_close(&k.out);
}
