/* SPDX-License-Identifier: MIT */
/* delta-merge: chunks, one per line, become finished messages. See delta-merge(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "delta/delta.h"
#include "delta/view.h"

struct merge {
	struct view view;
	struct buf shown; /* with -w, for stderr */
	struct out out, err;
	const char *file;
	struct err_few few[2]; /* faults, notes */
	bool watch, verbose;
	unsigned long line; /* of the chunk that is being merged; 0 at the end of a file */
};

static const struct opt options[] = {
	{ 'n', "normalize", NULL, "print the same view of every provider's message" },
	{ 'm', "message", NULL, "print the assistant message for the next request" },
	{ 't', "text", NULL, "print the text of choice 0 as it arrives" },
	{ 'c', "calls", NULL, "print each tool call when it is complete" },
	{ 'w', "watch", NULL, "also show on stderr what arrives" },
	{ 'f', "format", "FORMAT", "take chunks for FORMAT instead of recognising it;\n'-f help' lists the formats" },
	{ 'v', "verbose", NULL, "report each stream that is not an LLM response" },
	{ 'M', "max-size", "SIZE", "ceiling of a line and of a message (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	"delta-merge",
	"[FILE...]",
	"Assemble the chunks of streamed LLM responses, one per line, into messages.",
	options,
	false,
};

/* Hands over what the view gathered. */
static void emit(struct merge *m)
{
	out_addspan(&m->out, buf_span(&m->view.lines));
	buf_reset(&m->view.lines);
	if (m->view.watch) {
		out_addspan(&m->err, buf_span(&m->shown));
		buf_reset(&m->shown);
	}
}

static void report(void *ctx, enum status status, const char *fault)
{
	struct view *view = ctx; /* the first member */
	struct merge *m = (struct merge *)view;
	char place[4200];

	if (view->watch)
		watch_break(view->watch);
	emit(m);
	out_flush_all(); /* what is whole stands before what is said about the rest */
	if (m->line && status == ST_INPUT && !err_few(&m->few[0], status))
		return;
	if (m->line && status == ST_OK && !m->verbose && !err_few(&m->few[1], status))
		return;
	snprintf(place, sizeof place, m->line ? "%s:%lu" : "%s", m->file, m->line);
	err_tell(status, place, fault);
}

static void merge_lines(struct merge *m, struct delta *d, struct in *in)
{
	struct fault f = { 0 };
	struct span line;
	enum in_result r;
	bool cut;

	m->line = 1;
	while ((r = delta_skips(d) ? in_drain(in, &f) : in_line(in, &line, &cut, &f)) == IN_MORE) {
		delta_line(d, line, cut);
		m->line++;
		in_consume(in, delta_ahead(d, in_window(in), &m->line));
		if (m->view.lines.len || m->shown.len)
			emit(m);
	}
	if (r == IN_FULL)
		report(&m->view, ST_INPUT, "line of more than --max-size");
	m->line = 0;
	if (!delta_end(d) && r == IN_END)
		err_say(ST_INPUT, m->file, "no message");
	emit(m);
	err_few_end(m->few, 2, m->file);
	err_fault(m->file, &f);
}

static void merge_file(struct merge *m, struct delta *d, const char *path, size_t max)
{
	struct in in;
	struct fault f = { 0 };

	m->file = path && strcmp(path, "-") != 0 ? path : "standard input";
	if (in_open(&in, path, max, &f) < 0) {
		err_fault(m->file, &f);
		return;
	}
	merge_lines(m, d, &in);
	in_close(&in);
}

static const struct delta_format *format(struct merge *m, const char *name)
{
	const struct delta_format *f = delta_format_named(name);

	if (f)
		return f;
	if (strcmp(name, "help") != 0)
		opt_wrong("unknown format '%s'; '-f help' lists them", name);
	delta_formats_put(&m->view.lines);
	emit(m);
	exit(out_close(&m->out));
}

static void choose(struct view *v, enum view_mode mode)
{
	if (v->mode != VIEW_NATIVE && v->mode != mode)
		opt_wrong("only one of -n, -m, -t and -c can be asked for");
	v->mode = mode;
}

static bool one_terminal(void)
{
	struct stat out, err;

	return isatty(1) && isatty(2) && !fstat(1, &out) && !fstat(2, &err) && out.st_rdev == err.st_rdev;
}

/* The live view has the text too: on one terminal it is all that is printed with -t. */
static void prepare(struct merge *m)
{
	const char *no_color = getenv("NO_COLOR");
	bool alone = m->view.mode == VIEW_TEXT && m->watch && one_terminal();

	m->view.blank = m->view.mode == VIEW_TEXT && isatty(1);
	if (alone)
		m->view.mode = VIEW_NONE;
	if (!m->watch)
		return;
	m->view.watch = watch_new(alone ? &m->view.lines : &m->shown, isatty(2) && !(no_color && *no_color));
	out_open(&m->err, 2, "standard error");
}

int main(int argc, char **argv)
{
	struct merge m = { .view = { .mode = VIEW_NATIVE }, .few = { { "faults of its lines", 0 }, { "notes on its lines", 0 } } };
	const struct delta_format *forced = NULL;
	struct delta_sink sink;
	struct opt_parser p;
	struct delta *d;
	size_t max = (size_t)64 << 20;
	int c;

	opt_init(&p, &program, argc, argv);
	out_open(&m.out, 1, "standard output");
	while ((c = opt_next(&p)) != -1) {
		if (c == 'f')
			forced = format(&m, p.value);
		else if (c == 'M')
			max = opt_size("--max-size", p.value);
		else if (c == 'w')
			m.watch = true;
		else if (c == 'v')
			m.verbose = true;
		else
			choose(&m.view, c == 'n'   ? VIEW_NORMALIZE
					: c == 'm' ? VIEW_MESSAGE
					: c == 't' ? VIEW_TEXT
						   : VIEW_CALLS);
	}
	prepare(&m);
	sink = view_sink(&m.view);
	sink.report = report;
	d = delta_new(forced, &sink, view_wants(&m.view) | (m.verbose ? DELTA_NAME_FOREIGN : 0), max);
	if (p.noperands == 0)
		merge_file(&m, d, NULL, max);
	for (int i = 0; i < p.noperands; i++)
		merge_file(&m, d, p.operands[i], max);
	delta_free(d);
	view_release(&m.view);
	if (m.view.watch)
		out_flush(&m.err);
	watch_free(m.view.watch);
	return out_close(&m.out);
}
