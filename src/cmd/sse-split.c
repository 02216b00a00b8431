/* SPDX-License-Identifier: MIT */
/* sse-split: a streamed response body in, one JSON chunk per line out. See sse-split(1). */
#include <inttypes.h>

#include "base/clock.h"
#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "frame/chunk.h"
#include "frame/frame.h"
#include "frame/separator.h"
#include "json/filter.h"

enum kind { NOT_JSON, ILL_FORMED, SEVERAL, COMMENT, FILTER, KINDS };

struct split {
	bool raw, arrival, halted;
	struct filter *filter;
	struct frame frame;
	struct chunk chunk;
	struct separator separator;
	struct in in;
	struct out out;
	struct buf place;
	double start;
	struct err_few few[KINDS];
};

static const struct opt options[] = {
	{ 'e', "events", NULL, "print records: event, id, retry and data" },
	{ 'a', "arrival", NULL, "print records with t, the seconds since the start" },
	{ 't', "text", NULL, "data is text: print it as JSON strings" },
	{ 's', "strict", NULL, "drop cut events and those without data (WHATWG)" },
	{ 'f', "format", "FRAMING", "sse, json or aws, instead of recognising it" },
	{ 'q', "filter", "FILTER", "print what a jq program makes of each line" },
	{ 'r', "raw-output", NULL, "with -q: print strings raw" },
	{ 'M', "max-size", "SIZE", "largest event, text or frame (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static const char *place(struct split *s, const struct frame_event *event)
{
	buf_reset(&s->place);
	buf_addf(&s->place, "%s: event %" PRIu64 " at byte %" PRIu64, s->in.name, event->number, event->offset);
	return buf_str(&s->place);
}

static void report(struct split *s, const struct frame_event *event)
{
	const struct chunk *c = &s->chunk;

	if (event->cut)
		err_say(ST_INPUT, place(s, event), "cut: input ended inside it%s", s->frame.strict ? "; left out" : "");
	else if (c->error && err_few(&s->few[NOT_JSON], ST_INPUT))
		err_say(ST_INPUT, place(s, event), "not JSON: %s, at byte %zu of its data%s", c->error, c->error_at,
		        c->split > 1 ? "; lines that are JSON are chunks of their own" : "");
	if (c->comment && err_few(&s->few[COMMENT], ST_OK))
		err_note(place(s, event), "data is a comment, left out");
	if (c->repaired && err_few(&s->few[ILL_FORMED], ST_INPUT))
		err_say(ST_INPUT, place(s, event), "ill-formed UTF-8, replaced by U+FFFD: %zu", c->repaired);
	if (c->split > 1 && !c->error && err_few(&s->few[SEVERAL], ST_OK))
		err_note(place(s, event), "several JSON texts in one event: %" PRIu32 " chunks", c->split);
}

static void put(void *context, struct span line)
{
	struct split *s = context;

	if (separator_print(&s->separator) && !s->raw)
		out_addc(&s->out, '\n');
	out_addline(&s->out, line);
}

static void print(struct split *s, const struct frame_event *event, struct span line, enum chunk_kind kind)
{
	struct fault f = { 0 };

	separator_line(&s->separator, kind == CHUNK_DATA);
	if (!s->filter) {
		put(s, line);
		return;
	}
	s->halted = filter_run(s->filter, line, s->raw, put, s, &f) == FILTER_HALTED;
	if (f.status != ST_OK && err_few(&s->few[FILTER], f.status))
		err_fault(place(s, event), &f);
}

static void take(struct split *s, const struct frame_event *event)
{
	struct span line;

	if (chunk_is_data(&s->chunk, event)) {
		print(s, event, event->data, CHUNK_DATA);
		return;
	}
	chunk_begin(&s->chunk, event);
	while (!s->halted && chunk_next(&s->chunk, event, &line)) {
		if (line.p)
			print(s, event, line, s->chunk.kind);
		if (s->chunk.kind == CHUNK_SENTINEL)
			separator_sentinel(&s->separator);
	}
	report(s, event);
}

/* False: nothing more can be read. */
static bool more(struct split *s)
{
	struct fault f = { 0 };

	if (in_more(&s->in, &f) == IN_BAD) {
		err_fault(s->in.name, &f);
		return false;
	}
	if (s->arrival && !s->in.ended)
		s->chunk.t = clock_now() - s->start;
	return true;
}

static void split(struct split *s, const char *path)
{
	struct fault f = { 0 };
	struct frame_event event;
	enum frame_result r;
	size_t used;

	if (in_open(&s->in, path, 0, &f) < 0) {
		err_fault(path, &f);
		return;
	}
	frame_reset(&s->frame);
	separator_end(&s->separator);
	do {
		r = frame_next(&s->frame, s->in.p, s->in.n, s->in.ended, &used, &event);
		in_consume(&s->in, used);
		if (r == FRAME_EVENT)
			take(s, &event);
		else if (r == FRAME_BAD)
			err_fault(place(s, &event), &s->frame.fault);
	} while (!s->halted && r != FRAME_END && (r != FRAME_MORE || more(s)));
	if (r == FRAME_END && frame_nothing(&s->frame))
		err_say(ST_INPUT, s->in.name, "%s", frame_nothing(&s->frame));
	buf_reset(&s->place);
	if (r == FRAME_END && frame_skipped(&s->frame, &s->place))
		err_note(s->in.name, "%s", buf_str(&s->place));
	err_few_end(s->few, KINDS, s->in.name);
	in_close(&s->in);
}

static void set(struct split *s, int option, const char *value)
{
	struct fault f = { 0 };

	if (option == 'a' || option == 'e')
		s->chunk.records = true;
	if (option == 'a')
		s->arrival = true;
	else if (option == 'f')
		s->frame.forced = frame_formats[opt_word("--format", value, frame_names())];
	else if (option == 'M')
		s->frame.max = opt_size("--max-size", value);
	else if (option == 'q') {
		s->filter = filter_new(value, err_line, &f);
		if (!s->filter)
			err_die(ST_USAGE, "--filter", "%s", f.text);
	} else if (option == 'r')
		s->raw = true;
	else if (option == 's')
		s->frame.strict = true;
	else if (option == 't')
		s->chunk.text = true;
}

static const struct opt_program program = { "sse-split", "[FILE...]",
	                                    "Split streamed response bodies into JSON chunks, one per line.", options, false };

int main(int argc, char **argv)
{
	struct split s = {
		.start = clock_now(),
		.frame = { .max = 64 << 20 },
		.chunk = { .frame = &s.frame, .t = -1 },
		.few = { { "not JSON" }, { "ill-formed UTF-8" }, { "several JSON texts in one event" }, { "data is a comment" }, { "the filter failed" } },
	};
	struct opt_parser p;
	int c;

	opt_init(&p, &program, argc, argv);
	while ((c = opt_next(&p)) != -1)
		set(&s, c, p.value);
	if (s.raw && !s.filter)
		opt_wrong("-r is for the results of -q");
	out_open(&s.out, 1, "standard output");
	for (int i = 0; !s.halted && i < (p.noperands ? p.noperands : 1); i++)
		split(&s, p.noperands ? p.operands[i] : NULL);
	return (int)out_close(&s.out);
}
