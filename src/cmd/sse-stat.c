/* SPDX-License-Identifier: MIT */
/* sse-stat: times, rates, tokens and cost of recorded streams. See sse-stat(1). */
#include <stdio.h>
#include <string.h>

#include "base/columns.h"
#include "base/err.h"
#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "delta/tally.h"
#include "json/write.h"

enum { JSON = OPT_LONG };

static const struct opt options[] = {
	{ JSON, "json", NULL, "print a JSON object for each file instead of a table" },
	{ 'M', "max-size", "SIZE", "ceiling of a line and a message (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	.name = "sse-stat",
	.operands = "[FILE...]",
	.about = "Times, rates, tokens and cost of streams, from the records of sse-split -a.",
	.options = options,
};

struct stat {
	bool json;
	size_t max;
	struct tally *tally;
	struct out out;
	const char *file; /* the one at hand */
	struct buf figures[TALLY_COUNT];
	struct columns table;
};

static void report(void *ctx, enum status status, const char *fault)
{
	const struct stat *s = ctx;

	err_say(status, s->file, "%s", fault);
}

static void print_object(struct stat *s)
{
	struct buf b = BUF_INIT;

	buf_addc(&b, '{');
	json_member(&b, "file");
	json_quote(&b, span_of(s->file));
	for (int i = 0; i < TALLY_COUNT; i++) {
		json_member(&b, tally_names[i].key);
		buf_addspan(&b, s->figures[i].len ? buf_span(&s->figures[i]) : SPAN("null"));
	}
	buf_addc(&b, '}');
	out_addline(&s->out, buf_span(&b));
	buf_release(&b);
}

/* Words without their quotes. */
static void add_column(struct stat *s)
{
	struct span cells[TALLY_COUNT];

	for (int i = 0; i < TALLY_COUNT; i++) {
		cells[i] = buf_span(&s->figures[i]);
		if (cells[i].n > 1 && cells[i].p[0] == '"')
			cells[i] = (struct span){ cells[i].p + 1, cells[i].n - 2 };
	}
	columns_add(&s->table, span_of(s->file), cells);
}

static void end_file(struct stat *s, bool read)
{
	if (!tally_end(s->tally, !s->json, s->figures)) {
		if (read)
			err_say(ST_INPUT, s->file, "no record");
		return;
	}
	if (s->json)
		print_object(s);
	else
		add_column(s);
}

static void read_file(struct stat *s, const char *path)
{
	struct err_few few = { "lines that are no records", 0 };
	struct fault f = { 0 };
	struct span line;
	struct in in;
	enum in_result r;
	char place[4200];
	bool cut;

	s->file = strcmp(path, "-") ? path : "standard input";
	if (in_open(&in, path, s->max, &f) < 0) {
		err_fault(s->file, &f);
		return;
	}
	for (unsigned long n = 1; (r = in_line(&in, &line, &cut, &f)) == IN_MORE; n++) {
		if (line.n == 0 || tally_line(s->tally, line, cut, &f) == 0)
			continue;
		snprintf(place, sizeof place, "%s:%lu", s->file, n);
		if (err_few(&few, ST_INPUT))
			err_fault(place, &f);
		f = (struct fault){ 0 };
	}
	if (r == IN_FULL)
		err_say(ST_INPUT, s->file, "line of more than --max-size");
	err_fault(s->file, &f);
	err_few_end(&few, 1, s->file);
	end_file(s, r == IN_END);
	in_close(&in);
}

int main(int argc, char **argv)
{
	const char *titles[TALLY_COUNT];
	struct stat s = { .max = (size_t)64 << 20, .table = { .titles = titles, .rows = TALLY_COUNT } };
	struct opt_parser p;

	opt_init(&p, &program, argc, argv);
	for (int c; (c = opt_next(&p)) != -1;)
		if (c == JSON)
			s.json = true;
		else
			s.max = opt_size("--max-size", p.value);
	out_open(&s.out, 1, "standard output");
	for (int i = 0; i < TALLY_COUNT; i++)
		titles[i] = tally_names[i].title;
	s.tally = tally_new(s.max, report, &s);
	if (p.noperands == 0)
		read_file(&s, "-");
	for (int i = 0; i < p.noperands; i++)
		read_file(&s, p.operands[i]);
	columns_print(&s.table, &s.out);
	columns_release(&s.table);
	for (int i = 0; i < TALLY_COUNT; i++)
		buf_release(&s.figures[i]);
	tally_free(s.tally);
	return out_close(&s.out);
}
