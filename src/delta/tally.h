/* SPDX-License-Identifier: MIT */
/*
 * tally: what the records of a stream (sse-record(5), with t) say about its time, and what its
 * messages say about tokens and cost.
 *
 *	struct tally *t = tally_new(max, report, ctx);
 *	for each line: tally_line(t, line, cut, &fault)
 *	tally_end(t, figures)
 *
 * Times are seconds since sse-split began. A figure that is not known has no text: it is never made
 * up of others. Tokens per second are those that the provider counted, over the time from the first
 * piece of text, reasoning or a tool call to the last; they are not known when that is no time, nor
 * when tokens of reasoning were counted that nobody saw arrive.
 */
#ifndef DELTA_TALLY_H
#define DELTA_TALLY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum tally_figure {
	TALLY_FIRST_EVENT,
	TALLY_FIRST_REASONING,
	TALLY_FIRST_TEXT,
	TALLY_FIRST_CALL,
	TALLY_LAST_EVENT,
	TALLY_GAP_P50,
	TALLY_GAP_P95,
	TALLY_GAP_MAX,
	TALLY_EVENTS,
	TALLY_EVENT_RATE,
	TALLY_BYTES,
	TALLY_MESSAGES,
	TALLY_FINISH,
	TALLY_INPUT,
	TALLY_OUTPUT,
	TALLY_REASONING,
	TALLY_CACHED,
	TALLY_CACHE_WRITE,
	TALLY_TOTAL,
	TALLY_TOKEN_RATE,
	TALLY_COST,
	TALLY_COUNT,
};

/* In that order: the key in JSON, the title in a table. */
extern const struct tally_name {
	const char *key, *title;
} tally_names[TALLY_COUNT];

struct tally;

/* A message that was cut, a provider's error, or too many events. What is no chunk of any provider is
 * no fault. */
typedef void tally_report(void *ctx, enum status status, const char *fault);

/* max: ceiling of one message, and of what is remembered of the gaps; 0 is none. */
struct tally *tally_new(size_t max, tally_report *report, void *ctx);
void tally_free(struct tally *t);

/* One line, without its line feed. -1 with a fault (ST_INPUT): it is no record with a time. */
int tally_line(struct tally *t, struct span line, bool cut, struct fault *f);

/* The end of the stream. Fills the figures with JSON text, empty where nothing is known; `people`
 * asks for fewer digits. False: there was no record. Begins anew. */
bool tally_end(struct tally *t, bool people, struct buf figures[TALLY_COUNT]);

#endif
