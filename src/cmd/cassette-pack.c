/* SPDX-License-Identifier: MIT */
/* cassette-pack: interactions in, a cassette out. See cassette-pack(1). */
#include <stdlib.h>

#include "base/opt.h"
#include "base/out.h"
#include "base/replace.h"
#include "cassette/blank.h"
#include "cassette/reader.h"
#include "cassette/redact_rules.h"
#include "cassette/store.h"
#include "cassette/writer.h"

enum { NO_REDACT = OPT_LONG, CHECK, RULES };

static const struct opt options[] = {
	{ 'f', "format", "FORMAT",
	  "go-vcr, go-vcr-1, vcrpy, ruby-vcr or har\n(default: that of the first record, else go-vcr)" },
	{ 'o', "output", "FILE", "replace FILE at the end, whole or not at all" },
	{ CHECK, "check", NULL, "print where secrets are, and write nothing" },
	{ NO_REDACT, "no-redact", NULL, "keep secrets as they are" },
	REDACT_OPTIONS(RULES),
	{ 'M', "max-size", "SIZE", "limit of a decompressed body (64M; 0 is none)" },
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
	bool keep, check;
	struct redact_rules rules;
	size_t max;
	struct blanked blanked;
	struct out out;
	struct replace replace;
	struct cassette_writer *writer;
	struct reader reader;
	struct err_few few;
};

static void to_out(void *out, const void *p, size_t n)
{
	out_add(out, p, n);
}

static void open_writer(struct pack *k, const struct interaction *first)
{
	const char *format = k->format ? k->format : cassette_format_of(first);

	k->writer = k->file ? cassette_writer_new(format, false, replace_add, &k->replace)
	                    : cassette_writer_new(format, false, to_out, &k->out);
}

/* With --check: one place of a secret. */
static void print_place(void *ctx, const char *place)
{
	struct pack *k = ctx;
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s: interaction %llu: %s\n", k->reader.in.name, (unsigned long long)k->reader.interaction.id, place);
	out_addspan(&k->out, buf_span(&b));
	err_raise(ST_NO);
	buf_release(&b);
}

/* Each interaction has credentials of its own. */
static void redact(struct pack *k)
{
	struct redact r = { .rules = &k->rules };
	struct fault f = { 0 };

	interaction_blank(&k->reader.interaction, &r, k->max, &k->blanked, &f);
	err_fault(reader_place(&k->reader), &f);
	redact_release(&r);
}

static void one(struct pack *k)
{
	struct interaction *i = &k->reader.interaction;
	struct fault f = { 0 };

	if (i->note && !k->check)
		err_note(reader_place(&k->reader), "%s", i->note);
	if (!k->keep)
		redact(k);
	if (!k->check && !k->writer)
		open_writer(k, i);
	if (!k->check && cassette_write(k->writer, i, &f) < 0)
		err_fault(reader_place(&k->reader), &f);
}

static void pack(struct pack *k, const char *path)
{
	struct reader *r = &k->reader;
	enum reader_result result;
	struct fault f = { 0 };

	reader_open(r, path, k->check ? READ_ANY : READ_RECORDS, k->max, &f);
	while ((result = reader_next(r, &f)) == READER_ONE || result == READER_LINE) {
		if (result == READER_ONE)
			one(k);
		else if (err_few(&k->few, f.status))
			err_fault(reader_place(r), &f);
		f = (struct fault){ 0 };
	}
	err_few_end(&k->few, 1, path);
	err_fault(reader_place(r), &f);
	reader_close(r);
}

/* What was left out, and what was redacted. */
static void report(struct pack *k)
{
	struct buf b = BUF_INIT;

	if (k->writer)
		cassette_writer_losses(k->writer, &b);
	if (b.len)
		err_note(NULL, "no place in this format for: %s", buf_str(&b));
	buf_reset(&b);
	blanked_words(&k->blanked, &b);
	if (b.len && !k->check)
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

static void take(struct pack *k, int c, const char *value)
{
	struct fault f = { 0 };

	if (c == 'f')
		k->format = cassette_formats()[opt_word("--format", value, cassette_formats())];
	else if (c == 'o')
		k->file = value;
	else if (c == 'M')
		k->max = opt_size("--max-size", value);
	else if (c >= RULES && redact_rules_add(&k->rules, c - RULES, value, getenv, &f) < 0)
		opt_wrong("%s", f.text);
	k->keep |= c == NO_REDACT;
	k->check |= c == CHECK;
}

static void check_options(const struct pack *k)
{
	if (k->keep && redact_rules_any(&k->rules))
		opt_wrong("--no-redact excludes --redact-env, --redact-header, --redact-json and --drop-header");
	if (k->check && (k->keep || k->format || k->file))
		opt_wrong("--check writes nothing: it excludes --format, --output and --no-redact");
}

int main(int argc, char **argv)
{
	struct pack k = { .max = (size_t)64 << 20, .few = { .kind = "lines that are no records" } };
	struct fault f = { 0 };
	struct opt_parser p;

	opt_init(&p, &program, argc, argv);
	for (int c; (c = opt_next(&p)) != -1;)
		take(&k, c, p.value);
	check_options(&k);
	k.blanked.ctx = &k;
	k.blanked.found = k.check ? print_place : NULL;
	out_open(&k.out, 1, "standard output");
	if (k.file && replace_begin(&k.replace, k.file, &f) < 0)
		err_fault(k.file, &f);
	else if (k.file)
		replace_guard(&k.replace);
	if (p.noperands == 0)
		pack(&k, "-");
	for (int i = 0; i < p.noperands; i++)
		pack(&k, p.operands[i]);
	if (k.writer)
		cassette_writer_end(k.writer);
	report(&k);
	if (k.file && f.status == ST_OK)
		commit(&k);
	return (int)out_close(&k.out);
}
