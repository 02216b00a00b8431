/* SPDX-License-Identifier: MIT */
/*
 * input_kind: which output of the suite, or of a provider, an input is that another program should have got.
 *
 *	data: {"choices":[...]}                                  INPUT_EVENTS
 *	{"event":"message","data":{"choices":[...]}}             INPUT_EVENT_RECORDS
 *	{"choices":[...]}                                        INPUT_CHUNKS
 *	{"format":"openai-chat","index":0,"text":"Hi",...}       INPUT_MESSAGES
 *	{"id":0,"request":{...},"response":{"status":200,...}}   INPUT_INTERACTIONS
 *	{"model":"m","messages":[...]}                           INPUT_REQUEST
 */
#ifndef CASSETTE_INPUT_KIND_H
#define CASSETTE_INPUT_KIND_H

#include <stdbool.h>

#include "base/span.h"

enum input_kind {
	INPUT_UNKNOWN, /* a cassette, too */
	INPUT_EVENTS,
	INPUT_FRAMES,
	INPUT_EVENT_RECORDS,
	INPUT_CHUNKS, /* also a whole response, and an array of chunks */
	INPUT_MESSAGES,
	INPUT_INTERACTIONS,
	INPUT_REQUEST,
	INPUT_MARKUP,
	INPUT_BINARY,
	INPUT_UNDECIDED, /* more bytes decide; if there are none, it is INPUT_UNKNOWN */
};

/* By its first bytes. */
enum input_kind input_kind(struct span head);

/* "an event stream; use sse-split": what it is, and the program that reads it. NULL if that is not known. */
const char *input_kind_text(enum input_kind kind);

#endif
