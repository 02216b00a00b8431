/* SPDX-License-Identifier: MIT */
/* delta-merge: chunks, one per line, become finished messages. See delta-merge(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "delta/delta.h"
#include "delta/normal.h"
#include "delta/watch.h"
#include "json/write.h"

enum mode { NATIVE, NORMALIZE, MESSAGE, TEXT, CALLS };

struct merge {
	enum mode mode;
	struct out out, err;
	struct watch *watch; /* NULL without -w */
	const char *file;
	unsigned long line; /* of the chunk that is being merged; 0 at the end of a file */
	struct buf buf, shown; /* for stdout, and for stderr with -w */
	struct normal normal;
	struct json_tail tail; /* a high surrogate at the end of a piece of text */
	bool text, ended_line; /* choice 0 printed something; its last byte was a line feed */
};

static const struct opt options[] = {
	{ 'n', "normalize", NULL, "print the same view of every provider's message" },
	{ 'm', "message", NULL, "print the assistant message for the next request" },
	{ 't', "text", NULL, "print the text of choice 0 as it arrives" },
	{ 'c', "calls", NULL, "print each tool call when it is complete" },
	{ 'w', "watch", NULL, "show on stderr what arrives" },
	{ 'f', "format", "FORMAT", "take chunks for FORMAT instead of recognising it;\n'-f help' lists the formats" },
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

static void on_text(void *ctx, unsigned choice, struct span piece)
{
	struct merge *m = ctx;

	if (m->watch)
		watch_text(m->watch, choice, piece);
	if (m->mode != TEXT || choice != 0)
		return;
	json_unescape_piece(&m->buf, &m->tail, piece);
	m->text = true;
	if (m->buf.len)
		m->ended_line = m->buf.p[m->buf.len - 1] == '\n';
}

static void on_reasoning(void *ctx, unsigned choice, struct span piece)
{
	struct merge *m = ctx;

	if (m->watch)
		watch_reasoning(m->watch, choice, piece);
}

static void on_call(void *ctx, enum delta_call_event event, const struct delta_call_view *call)
{
	struct merge *m = ctx;

	if (m->watch)
		watch_call(m->watch, event, call);
	if (m->mode == CALLS && event == DELTA_CALL_DONE)
		delta_call_put(call, &m->buf);
}

static void end_text(struct merge *m)
{
	bool lone = m->tail.n > 0;

	json_unescape_end(&m->buf, &m->tail);
	if (m->text && (lone || !m->ended_line))
		buf_addc(&m->buf, '\n');
	m->text = m->ended_line = false;
}

static void on_message(void *ctx, const struct delta_message *message)
{
	struct merge *m = ctx;

	if (m->watch)
		watch_message(m->watch, message);
	if (m->mode == NORMALIZE) {
		delta_normal_lines(message, &m->normal, &m->buf);
	} else if (m->mode == TEXT) {
		end_text(m);
	} else if (m->mode == NATIVE) {
		buf_addspan(&m->buf, message->native);
		buf_addc(&m->buf, '\n');
	} else if (m->mode == MESSAGE && delta_message_put(message, &m->buf)) {
		buf_addc(&m->buf, '\n');
	}
}

/* Hands over what the callbacks gathered, so that it stands before what is said or waited for. */
static void emit(struct merge *m)
{
	out_addspan(&m->out, buf_span(&m->buf));
	buf_reset(&m->buf);
	if (m->watch) {
		out_addspan(&m->err, buf_span(&m->shown));
		buf_reset(&m->shown);
	}
}

static void on_report(void *ctx, enum status status, const char *fault)
{
	struct merge *m = ctx;
	char place[4200];

	if (m->watch) {
		watch_break(m->watch);
		emit(m);
		out_flush(&m->err);
	}
	snprintf(place, sizeof place, m->line ? "%s:%lu" : "%s", m->file, m->line);
	err_say(status, place, "%s", fault);
}

static void merge_file(struct merge *m, struct delta *d, const char *path, size_t max)
{
	struct in in;
	struct fault f = { 0 };
	struct span line;
	bool cut;
	enum in_result r;

	m->file = path && strcmp(path, "-") != 0 ? path : "standard input";
	m->line = 0;
	if (in_open(&in, path, max, &f) < 0) {
		err_fault(m->file, &f);
		return;
	}
	while ((r = in_line(&in, &line, &cut, &f)) == IN_MORE) {
		m->line++;
		delta_line(d, line, cut);
		if (m->buf.len || m->shown.len)
			emit(m);
	}
	m->line++;
	if (r == IN_FULL)
		on_report(m, ST_INPUT, "line of more than --max-size");
	m->line = 0;
	if (delta_end(d) == 0 && r == IN_END)
		err_say(ST_INPUT, m->file, "no message");
	emit(m);
	err_fault(m->file, &f);
	in_close(&in);
}

static const struct delta_format *format(struct merge *m, const char *name)
{
	const struct delta_format *f = delta_format_named(name);

	if (f)
		return f;
	if (strcmp(name, "help") != 0)
		opt_wrong("unknown format '%s'; '-f help' lists them", name);
	delta_formats_put(&m->buf);
	emit(m);
	exit(out_close(&m->out));
}

static void choose(struct merge *m, enum mode mode)
{
	if (m->mode != NATIVE && m->mode != mode)
		opt_wrong("only one of -n, -m, -t and -c can be asked for");
	m->mode = mode;
}

/* What is not asked for is not gathered. */
static unsigned wants(const struct merge *m)
{
	static const unsigned of_mode[] = { DELTA_WANT_WHOLE, DELTA_WANT_WHOLE, DELTA_WANT_WHOLE, 0, DELTA_WANT_CALLS };

	return of_mode[m->mode] | (m->watch ? DELTA_WANT_WHOLE | DELTA_WANT_CALLS : 0);
}

int main(int argc, char **argv)
{
	struct merge m = { .mode = NATIVE };
	struct delta_sink sink = { &m, on_text, on_reasoning, on_call, on_message, on_report };
	const struct delta_format *forced = NULL;
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
			m.watch = m.watch ? m.watch : watch_new(&m.shown, isatty(2) && !getenv("NO_COLOR"));
		else
			choose(&m, c == 'n' ? NORMALIZE : c == 'm' ? MESSAGE : c == 't' ? TEXT : CALLS);
	}
	if (m.watch)
		out_open(&m.err, 2, "standard error");
	if (!m.watch && m.mode != CALLS)
		sink.call = NULL;
	d = delta_new(forced, &sink, wants(&m), max);
	if (p.noperands == 0)
		merge_file(&m, d, NULL, max);
	for (int i = 0; i < p.noperands; i++)
		merge_file(&m, d, p.operands[i], max);
	delta_free(d);
	normal_release(&m.normal);
	buf_release(&m.buf);
	if (m.watch)
		out_flush(&m.err);
	watch_free(m.watch);
	return out_close(&m.out);
}
