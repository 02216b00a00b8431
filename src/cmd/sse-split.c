/* SPDX-License-Identifier: MIT */
/* sse-split: a streamed response body in, one JSON chunk per line out. See sse-split(1). */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/controls.h"
#include "base/opt.h"
#include "base/out.h"
#include "cassette/streams.h"
#include "frame/chunk.h"
#include "json/filter.h"

enum kind { NOT_JSON = STREAMS_KINDS, ILL_FORMED, SEVERAL, COMMENT, FILTER, KINDS };

struct split {
	bool raw, blanked, halted;
	struct filter *filter;
	struct streams streams;
	struct chunk chunk;
	struct out out;
	struct buf line;
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

static void report_file(void *ctx, enum streams_kind kind, enum status status, const char *place, const char *text)
{
	struct split *s = ctx;

	if (kind == STREAMS_ONCE || err_few(&s->few[kind], status))
		err_tell(status, place, text);
}

static const char *place(struct split *s, const struct frame_event *event)
{
	return streams_place(&s->streams, event);
}

static void report(struct split *s, const struct frame_event *event)
{
	const struct chunk *c = &s->chunk;

	if (event->cut)
		err_say(ST_INPUT, place(s, event), "cut: input ended inside it%s", c->frame->strict ? "; left out" : "");
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

	if (separator_print(&s->streams.separator) && !s->raw)
		out_addc(&s->out, '\n');
	if (s->blanked) {
		buf_reset(&s->line);
		buf_addspan(&s->line, line);
		controls_blank(s->line.p, s->line.len, "\n\t");
		line = buf_span(&s->line);
	}
	out_addline(&s->out, line);
}

static void filter(struct split *s, const struct frame_event *event, struct span line)
{
	struct fault f = { 0 };

	s->halted = filter_run(s->filter, line, s->raw, put, s, &f) == FILTER_HALTED;
	if (f.status != ST_OK && err_few(&s->few[FILTER], f.status))
		err_fault(place(s, event), &f);
}

static void print(struct split *s, const struct frame_event *event, struct span line, enum chunk_kind kind)
{
	separator_line(&s->streams.separator, kind == CHUNK_DATA);
	if (s->filter)
		filter(s, event, line);
	else
		put(s, line);
}

static void take(struct split *s, const struct frame_event *event)
{
	struct chunk *c = &s->chunk;
	struct span line;

	if (chunk_is_data(c, event)) {
		print(s, event, event->data, CHUNK_DATA);
		return;
	}
	c->frame = s->streams.frame;
	c->t = s->streams.t;
	c->source = s->streams.source;
	chunk_begin(c, event);
	while (!s->halted && chunk_next(c, event, &line)) {
		if (line.p)
			print(s, event, line, c->kind);
		if (c->kind == CHUNK_SENTINEL)
			separator_sentinel(&s->streams.separator);
	}
	report(s, event);
}

static void split(struct split *s, const char *path)
{
	struct frame_event event;

	if (!streams_open(&s->streams, path))
		return;
	while (!s->halted && streams_next(&s->streams, &event))
		take(s, &event);
	err_few_end(s->few, KINDS, s->streams.in.name);
	streams_close(&s->streams);
}

static void set(struct split *s, int option, const char *value)
{
	struct fault f = { 0 };

	switch (option) {
	case 'a':
		s->streams.timed = true; /* fall through */
	case 'e':
		s->chunk.records = true;
		break;
	case 'f':
		s->streams.forced = frame_formats[opt_word("--format", value, frame_names())];
		break;
	case 'M':
		s->streams.max = opt_size("--max-size", value);
		break;
	case 'q':
		s->filter = filter_new(value, err_line, &f);
		if (!s->filter)
			err_die(ST_USAGE, "--filter", "%s", f.text);
		break;
	case 'r':
		s->raw = true;
		break;
	case 's':
		s->streams.strict = true;
		break;
	case 't':
		s->chunk.text = true;
		break;
	}
}

int main(int argc, char **argv)
{
	static const struct opt_program program = { "sse-split", "[FILE...]",
		                                    "Split streamed response bodies into JSON chunks, one per line.",
		                                    options, false };
	struct split s = {
		.streams = { .max = 64 << 20, .start = clock_now(), .report = report_file, .ctx = &s },
		.few = { [STREAMS_FRAMING] = { "faults of framing" }, [STREAMS_RECORD] = { "faults of records" },
		         [STREAMS_ENDING] = { "recorded responses that are not whole" },
		         [STREAMS_SKIPPED] = { "bodies with skipped lines" }, [NOT_JSON] = { "not JSON" },
		         [ILL_FORMED] = { "ill-formed UTF-8" }, [SEVERAL] = { "several JSON texts in one event" },
		         [COMMENT] = { "data is a comment" }, [FILTER] = { "the filter failed" } },
	};
	struct opt_parser p;
	int c;

	opt_init(&p, &program, argc, argv);
	while ((c = opt_next(&p)) != -1)
		set(&s, c, p.value);
	if (s.raw && !s.filter)
		opt_wrong("-r is for the results of -q");
	s.blanked = s.raw && isatty(1);
	s.streams.named = p.noperands > 1;
	streams_init(&s.streams);
	out_open(&s.out, 1, "standard output");
	for (int i = 0; !s.halted && i < (p.noperands ? p.noperands : 1); i++)
		split(&s, p.noperands ? p.operands[i] : NULL);
	streams_end(&s.streams);
	return (int)out_close(&s.out);
}
