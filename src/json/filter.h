/* SPDX-License-Identifier: MIT */
/*
 * filter: a jq program, compiled once and run on one JSON text after the other (libjq).
 *
 * For what a user writes, and wherever a JSON value must be computed. Values pass through libjq's
 * own representation: jq 1.6 reads numbers as doubles. Nothing of libjq is touched before the
 * first filter_new.
 *
 *	struct filter *q = filter_new(".choices[0].delta", err_line, &fault);
 *	filter_run(q, chunk, false, print, out, &fault);
 */
#ifndef JSON_FILTER_H
#define JSON_FILTER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"

struct filter;

enum filter_result {
	FILTER_DONE,
	FILTER_FAILED, /* a runtime error, or text is no JSON: in the fault, ST_INPUT; go on with the next text */
	FILTER_HALTED, /* the program called halt or halt_error: run it no more; the latter's words are in the fault */
};

/* One result: compact JSON, or with raw the bytes of a string. Valid until the callback returns. */
typedef void filter_put(void *context, struct span result);

/* NULL when program does not compile; the fault (ST_USAGE) holds jq's own words. Lines that its `debug`
 * shows, ["DEBUG:",value] as in jq, go to debug(NULL, line), nowhere when that is NULL. */
struct filter *filter_new(const char *program, filter_put *debug, struct fault *f);
void filter_free(struct filter *q);

/* Calls put for each result, in order, those before an error included. */
enum filter_result filter_run(struct filter *q, struct span text, bool raw, filter_put *put, void *context,
                              struct fault *f);

#endif
