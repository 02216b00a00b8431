/* SPDX-License-Identifier: MIT */
/*
 * normal: the same view of every provider's finished message.
 *
 * One struct normal per choice of a message. Texts and arguments are in escaped form, ready to
 * stand between quotes; usage numbers and ids are JSON text as the provider spelled it.
 *
 *	{"format":"openai-chat","index":0,"id":"gen-1","model":"m","role":"assistant","text":"The","reasoning":"",
 *	 "tool_calls":[{"id":"call_1","name":"weather","arguments":"{}"}],"finish":"stop","finish_reason":"stop",
 *	 "usage":{"input_tokens":167,"cost":0.0000375245},"complete":true,"error":null}
 *
 * After reasoning there may be "refusal":"No.", after tool_calls "signatures", which give back what a model
 * thought: of a tool call, of reasoning, and reasoning that is encrypted as a whole:
 *
 *	"signatures":[{"call":0,"signature":"c2ln"},{"signature":"c2ln"},{"redacted":"ZW5j"}]
 */
#ifndef DELTA_NORMAL_H
#define DELTA_NORMAL_H

#include "delta/delta.h"

struct normal_call {
	struct span id; /* JSON text */
	struct buf  name, arguments; /* of a whole call without arguments they are {} */
	bool	    text; /* a custom tool: its arguments are any text, not JSON */
};

struct normal_signature {
	long call;		/* number of its tool call; NORMAL_REASONING: it is of none */
	struct span signature;	/* escaped form; absent: none */
	struct span redacted;	/* the same of encrypted reasoning */
};

enum { NORMAL_REASONING = -1 };

enum normal_usage {
	USAGE_INPUT,
	USAGE_OUTPUT,
	USAGE_REASONING,
	USAGE_CACHED,
	USAGE_CACHE_WRITE,
	USAGE_TOTAL,
	USAGE_COST,
	USAGE_COUNT,
};

struct normal {
	/* What a format's hook fills. Spans point into the message. */
	long	    index;
	struct span id, model, finish_reason; /* JSON text; absent is printed as null */
	struct span role;		      /* escaped form; absent is "assistant" */
	struct buf  text, reasoning, refusal;
	struct normal_call *calls;
	size_t	    ncalls, room;
	struct normal_signature *signatures;
	size_t	    nsignatures, signature_room;
	struct span usage[USAGE_COUNT]; /* JSON numbers; absent is left out */
	uint32_t    error;		/* node of an error of this choice alone, or 0 */

	uint32_t    choice;		/* of normal_choice: what it found, */
	size_t	    nth;		/* and the place of that */

	const char *finish; /* one of the words, or NULL */
	struct buf  scratch; /* for a format that has to spell something itself; empty before the hook */
};

void normal_release(struct normal *n);

/* Fills n with choice `nth` (in the order of the message) and returns true; false when there is
 * none. Choice 0 is always there. n is emptied first; start with zeroes. */
bool delta_normal(const struct delta_message *m, size_t nth, struct normal *n);

/* Appends the line of -n, without its line feed. */
void delta_normal_put(const struct delta_message *m, const struct normal *n, struct buf *b);

/* Appends -n's lines for a whole message: one for each choice, each with its line feed. */
void delta_normal_lines(const struct delta_message *m, struct normal *scratch, struct buf *b);

/* Appends -c's line for a tool call: {"id":…,"name":…,"arguments":…}, with the source if there is one,
 * and a line feed. */
void delta_call_put(const struct delta_call_view *call, struct buf *b);

/* For the hooks. */
struct normal_call *normal_call(struct normal *n);				  /* a new one */
/* The calls of a list whose elements are {"id":…,"function":{"name":…,"arguments":…}}; none if it is no list. */
void normal_calls(struct normal *n, const struct json *j, uint32_t list);
/* Element nth of an array, or 0; at once if the last call found the one before it. */
uint32_t normal_choice(struct normal *n, const struct json *j, uint32_t array, size_t nth);
void normal_text(struct buf *to, const struct json *j, uint32_t string);	  /* appends it, if it is a string */
/* Strings that are not empty; call is the number of a tool call, or NORMAL_REASONING. */
void normal_signature(struct normal *n, const struct json *j, long call, uint32_t signature);
void normal_redacted(struct normal *n, const struct json *j, uint32_t data);
void normal_usage(struct normal *n, enum normal_usage u, const struct json *j, uint32_t number); /* if it is a number */
void normal_usage_path(struct normal *n, enum normal_usage u, const struct json *j, uint32_t object, const char *path);

/* Arguments that a provider sent as a value: compact JSON, as escaped form. A string holds the
 * text of arguments that never became a value; it is taken as it is. None: nothing. */
void normal_arguments(struct buf *to, const struct json *j, uint32_t value);

/* The one word for a provider's own (merge-rules: stop, length, tool_calls, content_filter, pause,
 * error), or NULL. reason is escaped form; absent gives NULL. `calls`: the message has tool calls,
 * which turns stop into tool_calls. */
const char *normal_finish(struct span reason, bool calls);

#endif
