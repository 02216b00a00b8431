/* SPDX-License-Identifier: MIT */
/* sse-split: a streamed response body in, one JSON chunk per line out. See sse-split(1). */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "frame/chunk.h"
#include "frame/frame.h"
#include "json/filter.h"

enum { TELL = 5 }; /* reports of one kind for each FILE before they are only counted */

enum kind { NOT_JSON, ILL_FORMED, SEVERAL, FILTER, KINDS };

static const char *const kinds[KINDS] = {
	[NOT_JSON] = "that are not JSON",
	[ILL_FORMED] = "with ill-formed UTF-8",
	[SEVERAL] = "with several JSON texts",
	[FILTER] = "on which the filter failed",
};

struct split {
	bool records, arrival, strict, raw, halted;
	size_t max;
	const struct frame_format *format;
	struct filter *filter;

	struct in in;
	struct frame frame;
	struct chunk chunk;
	struct out out;
	struct buf line, place;
	double start, now; /* seconds; now is when the last bytes came */
	uint64_t told[KINDS];
};

static const struct opt options[] = {
	{ 'e', "events", NULL, "print records: event type, id, retry and data" },
	{ 'a', "arrival", NULL, "print records with t, the seconds since the start" },
	{ 't', "text", NULL, "data is text: print it as JSON strings" },
	{ 's', "strict", NULL, "dispatch as WHATWG says: no cut event, no event without data" },
	{ 'f', "format", "FRAMING", "sse, json or aws, instead of recognising it" },
	{ 'q', "filter", "FILTER", "run a jq program on every line" },
	{ 'r', "raw-output", NULL, "with -q: print strings raw" },
	{ 'M', "max-size", "SIZE", "largest event, line, text or frame (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *place(struct split *s, const struct frame_event *event)
{
	buf_reset(&s->place);
	buf_addf(&s->place, "%s: event %" PRIu64 " at byte %" PRIu64, s->in.name, event->number, event->offset);
	return buf_str(&s->place);
}

/* Is this one of the first of its kind, and to be said? */
static bool tell(struct split *s, enum kind kind, enum status status)
{
	err_raise(status);
	return s->told[kind]++ < TELL;
}

static void tell_rest(struct split *s)
{
	for (int k = 0; k < KINDS; k++) {
		if (s->told[k] > TELL)
			err_note(s->in.name, "%" PRIu64 " more events %s", s->told[k] - TELL, kinds[k]);
		s->told[k] = 0;
	}
}

static void report(struct split *s, const struct frame_event *event)
{
	const struct chunk *c = &s->chunk;

	if (event->cut)
		err_say(ST_INPUT, place(s, event), "cut: input ended inside it");
	else if (c->error && tell(s, NOT_JSON, ST_INPUT))
		err_say(ST_INPUT, place(s, event), "not JSON: %s, at byte %zu of its data", c->error, c->error_at);
	if (c->repaired && tell(s, ILL_FORMED, ST_INPUT))
		err_say(ST_INPUT, place(s, event), "ill-formed UTF-8 replaced by U+FFFD, %zu times", c->repaired);
	if (c->split && tell(s, SEVERAL, ST_OK))
		err_note(place(s, event), "several JSON texts in one event: %u chunks", c->split);
}

static void put(void *context, struct span line)
{
	struct split *s = context;

	out_addline(&s->out, line);
}

static void filter(struct split *s, const struct frame_event *event, struct span line)
{
	struct fault f = { 0 };
	enum filter_result r = filter_run(s->filter, line, s->raw, put, s, &f);

	s->halted = r == FILTER_HALTED;
	if (f.status != ST_OK && tell(s, FILTER, f.status))
		err_fault(place(s, event), &f);
}

static void print(struct split *s, const struct frame_event *event, struct span json)
{
	if (s->records) {
		buf_reset(&s->line);
		s->chunk.repaired += chunk_record(&s->line, event, s->arrival ? s->now - s->start : -1, json);
		json = buf_span(&s->line);
	}
	if (s->filter)
		filter(s, event, json);
	else
		put(s, json);
}

static void take(struct split *s, const struct frame_event *event)
{
	struct span json;

	if (event->cut && s->frame.strict) {
		err_say(ST_INPUT, place(s, event), "cut: input ended inside it; left out");
		return;
	}
	if (chunk_is_data(&s->chunk, event)) {
		print(s, event, event->data);
		return;
	}
	chunk_begin(&s->chunk, event);
	while (!s->halted && chunk_next(&s->chunk, &json))
		print(s, event, json);
	if (event->cut || s->chunk.error || s->chunk.repaired || s->chunk.split)
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
		s->now = seconds();
	return true;
}

static void pump(struct split *s)
{
	struct frame_event event;
	size_t used;

	while (!s->halted) {
		enum frame_result r = frame_next(&s->frame, s->in.p, s->in.n, s->in.ended, &used, &event);

		in_consume(&s->in, used);
		if (r == FRAME_EVENT)
			take(s, &event);
		else if (r == FRAME_BAD)
			err_fault(place(s, &event), &s->frame.fault);
		else if (r == FRAME_END || !more(s))
			break;
	}
}

static void split(struct split *s, const char *path)
{
	struct fault f = { 0 };
	const char *nothing;

	if (in_open(&s->in, path, 0, &f) < 0) {
		err_fault(path, &f);
		return;
	}
	frame_reset(&s->frame);
	pump(s);
	nothing = s->in.ended ? frame_nothing(&s->frame) : NULL;
	if (nothing)
		err_say(ST_INPUT, s->in.name, "%s", nothing);
	tell_rest(s);
	in_close(&s->in);
}

static const struct frame_format *format(const char *value)
{
	const char *names[FRAME_FORMATS + 1] = { NULL };

	for (int i = 0; i < FRAME_FORMATS; i++)
		names[i] = frame_name(frame_formats[i]);
	return frame_formats[opt_word("-f", value, names)];
}

static struct filter *compile(const char *program)
{
	struct fault f = { 0 };
	struct filter *q = filter_new(program, &f);

	if (!q)
		err_die(ST_USAGE, "-q", "%s", f.text);
	return q;
}

static void options_of(struct split *s, struct opt_parser *p)
{
	const char *program = NULL;
	int c;

	while ((c = opt_next(p)) != -1)
		switch (c) {
		case 'a':
			s->arrival = s->records = true;
			break;
		case 'e':
			s->records = true;
			break;
		case 't':
			s->chunk.text = true;
			break;
		case 's':
			s->strict = true;
			break;
		case 'f':
			s->format = format(p->value);
			break;
		case 'q':
			program = p->value;
			break;
		case 'r':
			s->raw = true;
			break;
		case 'M':
			s->max = opt_size("-M", p->value);
			break;
		}
	if (s->raw && !program)
		opt_wrong("-r is for the results of -q");
	if (program)
		s->filter = compile(program);
	s->chunk.like = &s->frame.like;
	s->chunk.all = s->records;
	s->chunk.by_line = !s->strict;
}

int main(int argc, char **argv)
{
	static const struct opt_program program = {
		.name = "sse-split",
		.operands = "[FILE...]",
		.about = "Splits streamed response bodies into JSON chunks, one per line.",
		.options = options,
	};
	struct split s = { .max = 64 << 20, .start = seconds() };
	struct opt_parser p;

	opt_init(&p, &program, argc, argv);
	options_of(&s, &p);
	out_open(&s.out, 1, "standard output");
	frame_init(&s.frame, s.max, s.strict, s.format);
	for (int i = 0; !s.halted && i < (p.noperands ? p.noperands : 1); i++)
		split(&s, p.noperands ? p.operands[i] : NULL);
	frame_release(&s.frame);
	chunk_release(&s.chunk);
	filter_free(s.filter);
	buf_release(&s.line);
	buf_release(&s.place);
	return out_close(&s.out);
}
