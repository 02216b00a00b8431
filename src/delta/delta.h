/* SPDX-License-Identifier: MIT */
/*
 * delta: chunks in, finished messages out.
 *
 * A struct delta takes one line after the other: a provider's chunk as sse-split prints it, a
 * record of sse-split -e around one, an array of chunks, a whole response, or an error body. It
 * finds the format, merges the chunks into the object that the API would have answered without
 * streaming, finds where one message ends and the next begins, and calls back:
 *
 *	text, reasoning, call	as it happens, for -t, -c and -w; refusal likewise
 *	message			once for each message, when its end is certain
 *	report			what is wrong with the input; nothing is printed here
 *
 * The finished message is JSON text in the provider's own shape. Everything else that people want
 * of it is a projection of that text, so that a whole response takes the same way as a merged one:
 * delta_normal (normal.h) for any provider alike, delta_message_put for the next request.
 *
 * A stream is one response body, and a message never goes on in the next one. A stream ends at
 *
 *	an empty line				LF or CRLF alone; sse-split prints one between two streams
 *	a record whose data is "[DONE]"		the sentinel of chat completions
 *	a record whose source is another one	{"event":…,"data":…,"source":{"file":"a.yaml","id":3}}
 *	the end of the file
 *
 * A message that is open there is truncated, unless its own end was seen. One exception: after an
 * empty line or the sentinel, openai-chat takes a chunk with the id of the message that ended, no
 * choices and usage as part of that message, since some gateways send the usage last.
 *
 * Spans in callbacks are valid during the call. Strings are in escaped form (json/write.h).
 * Rules and their sources: the format files.
 */
#ifndef DELTA_DELTA_H
#define DELTA_DELTA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "json/json.h"

struct delta;
struct delta_format;

enum delta_tri { DELTA_UNKNOWN, DELTA_NO, DELTA_YES };

/* A finished message, whole, cut, or only an error. */
struct delta_message {
	const struct delta_format *format;
	struct span native;	 /* its JSON text, one line, without line feed */
	struct json *json;	 /* for delta_message_json */
	enum delta_tri complete; /* the provider ended it itself, failed or not */
	bool cut;		 /* input ended, or another message began, before its end */
	bool bare;		 /* there is no message, only an error */
	bool open;		 /* the error came while a tool call was open */
	struct span error;	 /* JSON text of what the provider sent as error; absent: none */
	struct span source;	 /* JSON text of the records' source; absent: none */

	/* Arguments of its tool calls as they were streamed, in call order, where the native object
	 * holds a value instead of that text; otherwise streamed is NULL. Escaped form. */
	const struct span *streamed;
	size_t nstreamed;
};

enum delta_call_event {
	DELTA_CALL_OPEN,      /* a call began; its name may still be missing, or go on */
	DELTA_CALL_ARGUMENTS, /* a piece of its arguments; one at least, {} for a whole call without any */
	DELTA_CALL_DONE,      /* it is whole */
};

/* A tool call as far as it is known. id is JSON text (null when there is none), the others are
 * escaped form. number counts the calls of a message from 0. */
struct delta_call_view {
	size_t number;
	unsigned choice;
	bool text; /* of a custom tool: its arguments are any text, not JSON */
	struct span id, name, arguments; /* of a whole call without arguments these are {} */
	struct span piece; /* DELTA_CALL_ARGUMENTS: what came */
	struct span source; /* JSON text of the records' source; absent: none */
};

/* The native text, parsed; the message is JSON_ROOT. Parsed when it is asked for first, since who
 * prints the text has no need of it. */
const struct json *delta_message_json(const struct delta_message *m);

struct delta_sink {
	void *ctx;
	void (*text)(void *ctx, unsigned choice, struct span piece);
	void (*reasoning)(void *ctx, unsigned choice, struct span piece);
	void (*refusal)(void *ctx, unsigned choice, struct span piece); /* that no format has in its text */
	void (*call)(void *ctx, enum delta_call_event event, const struct delta_call_view *call);
	void (*message)(void *ctx, const struct delta_message *m);
	void (*report)(void *ctx, enum status status, const char *fault);
};

/* What a caller wants, or-ed: what nobody wants is not kept in memory. */
enum {
	DELTA_WANT_CALLS = 1, /* the call callback */
	DELTA_WANT_WHOLE = 2, /* native text in the message callback; otherwise it is "{}" or part of it */
	DELTA_WANT_CHECKS = 4, /* a report of calls whose arguments are not JSON, or that share an id; with one of the others */
	DELTA_NAME_FOREIGN = 8, /* report each stream that is not an LLM response, not only their number */
	DELTA_WANT_BLOCKED = 16, /* a note that the prompt was refused, where nothing else tells */
};

/* format NULL: recognise. max is the ceiling of one message and of the chunks that are held back
 * until the next one decides; 0 is none. sink is borrowed and must outlive it. */
struct delta *delta_new(const struct delta_format *format, const struct delta_sink *sink, unsigned wants, size_t max);
void delta_free(struct delta *d);

/* One line, without its line feed. `cut`: input ended within it. */
void delta_line(struct delta *d, struct span line, bool cut);

/* Takes the lines at the front of a window that can be taken at once, whole ones that differ from the
 * one before only in their words, and returns their bytes; 0 when the next line is for delta_line.
 * *number, that of the first line, becomes that of the one behind them, as they are merged. */
size_t delta_ahead(struct delta *d, struct span window, unsigned long *number);

/* The end of a file: the open message ends here. False: since the last call there was no message, no
 * error, and no stream that could be reported as something else. */
bool delta_end(struct delta *d);

/* True if the input is of another kind, which was reported: the rest of the file is skipped. */
bool delta_skips(const struct delta *d);

/* True if the last line was the first of its stream. */
bool delta_begins(const struct delta *d);

/* The formats, NULL at the end; and one by its name, or NULL. */
extern const struct delta_format *const delta_formats[];
const struct delta_format *delta_format_named(const char *name);
void delta_formats_put(struct buf *b); /* appends the list of -f help */

/* The format of a finished message or whole response, or NULL. */
const struct delta_format *delta_format_of(const struct json *j);

/* Appends the assistant message in the shape that the next request wants, as one line of JSON.
 * False: there is none (it is cut, only an error, a refused prompt, or has a call that an error left open);
 * nothing was appended. */
bool delta_message_put(const struct delta_message *m, struct buf *b);

#endif
