/* SPDX-License-Identifier: MIT */
/* tally: times, tokens and cost of a stream. See tally.h. */
#include "delta/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "delta/delta.h"
#include "delta/normal.h"
#include "json/json.h"

const struct tally_name tally_names[TALLY_COUNT] = {
	[TALLY_FIRST_EVENT] = { "first_event", "first event, s" },
	[TALLY_FIRST_REASONING] = { "first_reasoning", "first reasoning, s" },
	[TALLY_FIRST_TEXT] = { "first_text", "first text, s" },
	[TALLY_FIRST_CALL] = { "first_call", "first tool call, s" },
	[TALLY_LAST_EVENT] = { "last_event", "last event, s" },
	[TALLY_GAP_P50] = { "gap_p50", "gap p50, s" },
	[TALLY_GAP_P95] = { "gap_p95", "gap p95, s" },
	[TALLY_GAP_MAX] = { "gap_max", "gap max, s" },
	[TALLY_EVENTS] = { "events", "events" },
	[TALLY_EVENT_RATE] = { "events_per_second", "events/s" },
	[TALLY_BYTES] = { "bytes", "bytes" },
	[TALLY_MESSAGES] = { "messages", "messages" },
	[TALLY_FINISH] = { "finish", "finish" },
	[TALLY_INPUT] = { "input_tokens", "input tokens" },
	[TALLY_OUTPUT] = { "output_tokens", "output tokens" },
	[TALLY_REASONING] = { "reasoning_tokens", "reasoning tokens" },
	[TALLY_CACHED] = { "cached_tokens", "cached tokens" },
	[TALLY_CACHE_WRITE] = { "cache_write_tokens", "cache write tokens" },
	[TALLY_TOTAL] = { "total_tokens", "total tokens" },
	[TALLY_TOKEN_RATE] = { "tokens_per_second", "tokens/s" },
	[TALLY_COST] = { "cost", "cost" },
};

/* A number of the provider's, as it spelled it; the sum when there are several messages. */
struct count {
	struct buf text;
	double sum;
	size_t known; /* messages that say it */
};

/* When something was seen first and last; negative: never. */
struct seen {
	double first, last;
};

struct tally {
	struct delta *delta;
	struct delta_sink sink;
	tally_report *report;
	void *ctx;
	size_t max;
	bool telling; /* what delta reports now is about a message */
	struct json json;
	struct normal normal;

	double now, before; /* of the record at hand, of the one before it */
	double first, last;
	size_t events, bytes, messages;
	double *gaps;
	size_t ngaps, room;
	bool full; /* no more of them are remembered */
	struct seen text, reasoning, call;
	struct seen output;      /* any of them, of the message that is open */
	bool thought;            /* it has reasoning that was seen */
	double speaking, spoken; /* seconds in which messages arrived, their tokens */
	bool unfair;             /* some are not fit for a rate */
	struct buf finish;
	struct count usage[USAGE_COUNT];
};

static void see(struct seen *s, double now)
{
	if (s->first < 0)
		s->first = now;
	s->last = now;
}

static void forget(struct seen *s)
{
	s->first = s->last = -1;
}

static void text(void *ctx, unsigned choice, struct span piece)
{
	struct tally *t = ctx;

	(void)choice;
	(void)piece;
	see(&t->text, t->now);
	see(&t->output, t->now);
}

static void reasoning(void *ctx, unsigned choice, struct span piece)
{
	struct tally *t = ctx;

	(void)choice;
	(void)piece;
	see(&t->reasoning, t->now);
	see(&t->output, t->now);
	t->thought = true;
}

static void call(void *ctx, enum delta_call_event event, const struct delta_call_view *view)
{
	struct tally *t = ctx;

	(void)view;
	if (event == DELTA_CALL_DONE)
		return;
	see(&t->call, t->now);
	see(&t->output, t->now);
}

static double number(struct span text)
{
	char copy[64];
	size_t n = text.n < sizeof copy ? text.n : sizeof copy - 1;

	memcpy(copy, text.p, n);
	copy[n] = '\0';
	return strtod(copy, NULL);
}

static void count(struct count *c, struct span value)
{
	if (!value.p)
		return;
	buf_reset(&c->text);
	buf_addspan(&c->text, value);
	c->sum += number(value);
	c->known++;
}

/* The tokens of a message, if they are those that arrived while it spoke. */
static void rate(struct tally *t)
{
	struct span tokens = t->normal.usage[USAGE_OUTPUT], thoughts = t->normal.usage[USAGE_REASONING];
	bool hidden = thoughts.p && number(thoughts) > 0 && !t->thought;

	if (!tokens.p || hidden || t->output.last <= t->output.first) {
		t->unfair = true;
		return;
	}
	t->speaking += t->output.last - t->output.first;
	t->spoken += number(tokens);
}

static void message(void *ctx, const struct delta_message *m)
{
	struct tally *t = ctx;

	t->telling = m->cut || m->error.p;
	t->messages++;
	delta_normal(m, 0, &t->normal);
	for (int u = 0; u < USAGE_COUNT; u++)
		count(&t->usage[u], t->normal.usage[u]);
	buf_reset(&t->finish);
	if (t->normal.finish)
		buf_addf(&t->finish, "\"%s\"", t->normal.finish);
	rate(t);
	forget(&t->output);
	t->thought = false;
}

static void report(void *ctx, enum status status, const char *fault)
{
	struct tally *t = ctx;

	if (t->telling && status != ST_OK) /* notes are about other things */
		t->report(t->ctx, status, fault);
}

static void begin(struct tally *t)
{
	forget(&t->text);
	forget(&t->reasoning);
	forget(&t->call);
	forget(&t->output);
	t->events = t->bytes = t->messages = t->ngaps = 0;
	t->speaking = t->spoken = 0;
	t->unfair = t->thought = t->telling = t->full = false;
	buf_reset(&t->finish);
	for (int u = 0; u < USAGE_COUNT; u++) {
		t->usage[u].sum = 0;
		t->usage[u].known = 0;
	}
}

struct tally *tally_new(size_t max, tally_report *said, void *ctx)
{
	struct tally *t = mem_zero(sizeof *t);

	t->sink = (struct delta_sink){ t, text, reasoning, text, call, message, report };
	t->delta = delta_new(NULL, &t->sink, DELTA_WANT_WHOLE | DELTA_WANT_CALLS, max);
	t->report = said;
	t->ctx = ctx;
	t->max = max;
	begin(t);
	return t;
}

void tally_free(struct tally *t)
{
	delta_free(t->delta);
	json_release(&t->json);
	normal_release(&t->normal);
	free(t->gaps);
	buf_release(&t->finish);
	for (int u = 0; u < USAGE_COUNT; u++)
		buf_release(&t->usage[u].text);
	free(t);
}

/* Between two records; a clock that went back began anew: two streams in one file. */
static void gap(struct tally *t, double seconds)
{
	if (seconds < 0)
		return;
	if (t->max && t->ngaps >= t->max / sizeof *t->gaps) {
		if (!t->full)
			t->report(t->ctx, ST_INPUT, "more events than --max-size; gaps are those of the first");
		t->full = true;
		return;
	}
	if (t->ngaps == t->room) {
		t->room = mem_grow(t->room, t->room + 1);
		t->gaps = mem_resize(t->gaps, t->room * sizeof *t->gaps);
	}
	t->gaps[t->ngaps++] = seconds;
}

int tally_line(struct tally *t, struct span line, bool cut, struct fault *f)
{
	uint32_t time, data;
	double now;

	t->telling = false;
	if (json_parse(&t->json, line.p, line.n) < 0)
		return fault_set(f, ST_INPUT, "not JSON: %s at byte %zu", t->json.error, t->json.error_at);
	time = json_get(&t->json, JSON_ROOT, "t");
	data = json_get(&t->json, JSON_ROOT, "data");
	now = json_kind(&t->json, time) == JSON_NUMBER ? number(json_text(&t->json, time)) : -1;
	if (!(now >= 0 && isfinite(now)) || !data)
		return fault_set(f, ST_INPUT, "no record with a time; put sse-split -a before");
	t->now = now;
	if (t->events++ == 0)
		t->first = t->now;
	else
		gap(t, t->now - t->before);
	t->last = t->before = t->now;
	t->bytes += json_text(&t->json, data).n;
	delta_line(t->delta, line, cut);
	return 0;
}

/* ---- the figures */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void put_time(struct buf *b, double seconds, bool people)
{
	if (seconds >= 0)
		buf_addf(b, people ? "%.3f" : "%.6f", seconds);
}

/* Nearest rank: the smallest gap that is not smaller than that part of all. */
static void put_quantile(struct tally *t, struct buf *b, size_t percent, bool people)
{
	size_t rank = (t->ngaps * percent + 99) / 100;

	if (t->ngaps)
		put_time(b, t->gaps[rank - 1], people);
}

static void put_rate(struct buf *b, double n, double seconds, bool people)
{
	if (seconds > 0 && isfinite(n / seconds))
		buf_addf(b, people ? "%.1f" : "%.3f", n / seconds);
}

/* What all messages say is known of the stream. */
static void put_count(const struct tally *t, struct buf *b, const struct count *c)
{
	if (c->known == 0 || c->known != t->messages)
		return;
	if (t->messages == 1)
		buf_addspan(b, buf_span(&c->text));
	else if (isfinite(c->sum))
		buf_addf(b, "%.12g", c->sum);
}

static void put_all(struct tally *t, bool people, struct buf *b)
{
	static const enum tally_figure counts[USAGE_COUNT] = {
		[USAGE_INPUT] = TALLY_INPUT,
		[USAGE_OUTPUT] = TALLY_OUTPUT,
		[USAGE_REASONING] = TALLY_REASONING,
		[USAGE_CACHED] = TALLY_CACHED,
		[USAGE_CACHE_WRITE] = TALLY_CACHE_WRITE,
		[USAGE_TOTAL] = TALLY_TOTAL,
		[USAGE_COST] = TALLY_COST,
	};

	if (t->ngaps)
		qsort(t->gaps, t->ngaps, sizeof *t->gaps, by_value);
	put_time(&b[TALLY_FIRST_EVENT], t->first, people);
	put_time(&b[TALLY_FIRST_REASONING], t->reasoning.first, people);
	put_time(&b[TALLY_FIRST_TEXT], t->text.first, people);
	put_time(&b[TALLY_FIRST_CALL], t->call.first, people);
	put_time(&b[TALLY_LAST_EVENT], t->last, people);
	put_quantile(t, &b[TALLY_GAP_P50], 50, people);
	put_quantile(t, &b[TALLY_GAP_P95], 95, people);
	put_quantile(t, &b[TALLY_GAP_MAX], 100, people);
	buf_addf(&b[TALLY_EVENTS], "%zu", t->events);
	put_rate(&b[TALLY_EVENT_RATE], (double)t->events - 1, t->last - t->first, people);
	buf_addf(&b[TALLY_BYTES], "%zu", t->bytes);
	buf_addf(&b[TALLY_MESSAGES], "%zu", t->messages);
	buf_addspan(&b[TALLY_FINISH], buf_span(&t->finish));
	for (int u = 0; u < USAGE_COUNT; u++)
		put_count(t, &b[counts[u]], &t->usage[u]);
	if (!t->unfair)
		put_rate(&b[TALLY_TOKEN_RATE], t->spoken, t->speaking, people);
}

bool tally_end(struct tally *t, bool people, struct buf figures[TALLY_COUNT])
{
	bool any = t->events > 0;

	delta_end(t->delta);
	for (int i = 0; i < TALLY_COUNT; i++)
		buf_reset(&figures[i]);
	if (any)
		put_all(t, people, figures);
	begin(t);
	return any;
}
