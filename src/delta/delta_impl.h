/* SPDX-License-Identifier: MIT */
/*
 * delta_impl: what a format is, for delta.c and the format files alone.
 *
 * A format merges chunks into d->tree.root, the native object, and says what happens through the
 * functions below; it never prints and keeps no text of its own. `j, at` is the chunk: node `at`
 * of j, since a record of sse-split -e may stand around it. Projections (normal, message, next)
 * see only the finished object, at JSON_ROOT, so that whole responses take the same way.
 */
#ifndef DELTA_DELTA_IMPL_H
#define DELTA_DELTA_IMPL_H

#include "base/arena.h"
#include "base/dict.h"
#include "delta/arguments.h"
#include "delta/delta.h"
#include "delta/follow.h"
#include "delta/next.h"
#include "delta/normal.h"
#include "delta/put.h"
#include "delta/sniff.h"
#include "delta/text_hash.h"
#include "json/like.h"
#include "json/tree.h"
#include "json/write.h"

enum delta_knows {
	KNOWS_NOT,
	KNOWS_CHUNK,
	KNOWS_WHOLE, /* a whole response, whose text is the native object */
	KNOWS_ERROR, /* only an error: of the message that is open, of whatever format, or a body of its own */
	KNOWS_NOISE, /* a sign of life that says nothing */
	KNOWS_INSIDE, /* part of the open message of this format; nothing of ours without one */
	KNOWS_CLOSING, /* usage at the end of a stream: part of the open message if its format has `closing` */
};

enum delta_opens {
	OPENS_NOT,  /* belongs to the message that is open */
	OPENS_NEW,  /* begins another */
	OPENS_HOLD, /* cannot be told yet */
};

struct delta_call {
	unsigned choice;
	size_t	 number;
	long	 index;	  /* whatever the format keys it by (delta_call_index) */
	bool	 opened, done;
	bool	 replaced; /* its index is another's now */
	bool	 hidden; /* not a call for the user to run: nobody is told */
	bool	 text;	  /* of a custom tool: its arguments are any text, not JSON */
	bool	 told;	  /* the sink had a piece of its arguments */
	struct tree_node *id, *name; /* NULL or in the tree */
	struct tree_node *arguments; /* in the tree, or detached while the native object wants a value */
	struct tree_node *node;	     /* the call itself, for the format */
	struct arguments args;	     /* what is known of the text in that node */
	struct delta_call *twin;     /* takes the further pieces; NULL: there is none */
	struct delta_call *next;     /* of all, and of its choice */
	struct delta_call *next_of_choice;
};

struct delta_format {
	const char *name;  /* the value of -f, the test folder, "format" of -n */
	const char *about; /* one line for -f help and the page */
	size_t	    size;  /* of d->state, zeroed for each message; what it points to is in d->arena or d->tree */
	bool	    typed; /* a chunk says its kind as "type", and one of a new kind may be passed by */
	bool	    follows; /* add keeps the promise of follow.h */
	bool	    again; /* and the second one there */
	bool	    closing; /* its streams may end with another format's usage chunk (KNOWS_CLOSING) */
	bool	    corrects; /* a text that was streamed may come again as a whole, and differ (delta_text_whole) */
	bool	    sums_up; /* a whole response under the id of the message that is open is its last chunk */

	/* Is it mine? Decisive and exclusive: exactly one format knows a given chunk. */
	enum delta_knows (*knows)(const struct json *j, uint32_t at);
	/* Is it only the end of something, so that no message begins with it? Optional. */
	bool (*ends)(const struct json *j, uint32_t at);
	/* Asked of every chunk while a message is open. */
	enum delta_opens (*opens)(const struct delta *d, const struct json *j, uint32_t at);
	/* After a boundary, while an ended message waits: is this its late usage? NULL: the message is
	 * finished at the boundary. */
	bool (*late)(const struct delta *d, const struct json *j, uint32_t at);
	/* Merge. Sets d->ended when the message's own terminal marks were seen, d->complete when
	 * the provider has ended it. */
	void (*add)(struct delta *d, const struct json *j, uint32_t at);
	/* Another call with the id and the name of this one, whose arguments are an empty string. Optional:
	 * NULL, and what it returns, mean that the native object has no place for it. */
	struct delta_call *(*twin)(struct delta *d, struct delta_call *c);
	/* No more chunks: give the native object its final shape. Optional. */
	void (*finish)(struct delta *d);
	/* The projections. `normal` is false when there is no choice nth > 0. */
	bool (*normal)(const struct json *j, size_t nth, struct normal *n);
	void (*message)(const struct json *j, struct buf *b);
	/* The request that answers the calls (next.h). NULL: the format has no tool calls. */
	int (*next)(struct next *x);
};

/* What is known of the stream at hand. */
struct stream {
	bool known, chunks;  /* a chunk or an error was seen; a chunk was seen */
	bool lines;	     /* a line was seen */
	unsigned long first; /* the first line of unknown content; 0: none yet */
	size_t unknown, texts; /* objects of no known format, and data that is not JSON, before the first chunk */
};

enum stream_boundary { BOUNDARY_EMPTY, BOUNDARY_SENTINEL, BOUNDARY_SOURCE };

struct delta {
	/* For formats to read and set. */
	struct tree	 tree;	 /* tree.root is the native object, an empty object at the first add */
	void		*state;	 /* format->size zero bytes at the first add */
	struct arena	 arena;	 /* memory that lasts as long as the message: for tables, with base/dict.h */
	bool		 ended;	 /* every terminal mark was seen; a chunk may now open another message */
	bool		 complete; /* the provider ended the message itself */
	bool		 sentinel; /* [DONE] was seen */
	struct span	 event;	 /* of the record around the chunk; absent without one */
	bool		 whole;	 /* DELTA_WANT_WHOLE: when false, do not gather what grows */
	struct delta_call *calls; /* of this message, in order */

	/* The core's own. */
	const struct delta_format *forced, *format; /* format is NULL between messages */
	const struct delta_format *recent;	    /* of the message that is open, or the one before */
	const struct delta_sink *sink;
	unsigned   wants;
	struct span line; /* that is being merged */
	size_t	   max, messages, statesize;
	struct delta_call *lastcall;
	struct delta_call *holding; /* whose {} the sink was not told of; or NULL */
	struct dict by_index, by_id; /* calls, of each the most recent */
	struct dict by_choice;	     /* struct choice_calls */
	struct json json, inner, native;
	struct json_like like; /* of json's texts */
	struct buf error, text, held, unwrapped, saved, key;
	struct span *streamed;
	size_t	   nstreamed, grown;
	size_t	   broadened; /* bytes of the chunks that made nodes */
	bool	   detached; /* some arguments are detached: see delta_message.streamed */
	struct follow follow;
	struct stream stream;
	struct sniff sniff;
	bool	   recognised; /* a chunk or an error was seen in this file */
	unsigned long number; /* of the line, from 1 in its file */
	bool	   begins;    /* the line is the first of its stream */
	bool	   waiting;   /* a boundary was seen after the message, which had ended: only late usage joins it */
	size_t	   foreign;   /* streams of this file that are not LLM responses */
	struct buf doubt;     /* lines of objects at the beginning of a stream: error bodies, unless chunks follow */
	struct buf source;    /* of the records, JSON text; empty: none */
	const struct delta_format *unended_format; /* of the message that an empty line truncated, or NULL */
	struct buf unended_id;
	bool	   unended_told; /* empty lines between chunks were reported */
	struct text_hash printed_text; /* of choice 0 */
	struct text_hash *printed; /* hash of the text that comes now: &printed_text or the format's own; NULL: not needed */
	bool	   replaced; /* reported that another text replaces the printed one */
	bool	   overflow; /* the message passed the ceiling; its rest is dropped */
};

/* Text and reasoning of a choice: said to the sink, and appended to `to` where the native object
 * keeps it and somebody wants it. piece is escaped form; an empty one is nothing. */
void delta_text(struct delta *d, unsigned choice, struct tree_node *to, struct span piece);
void delta_reasoning(struct delta *d, unsigned choice, struct tree_node *to, struct span piece);
/* The provider sent a text of choice 0 as a whole, in escaped form. Reports it if another one was printed. */
void delta_text_whole(struct delta *d, const struct text_hash *printed, struct span text);
/* The same of a refusal that is no text of the message. */
void delta_refusal(struct delta *d, unsigned choice, struct tree_node *to, struct span piece);
/* A string or number of the chunk that means nothing (padding, a sequence number). */
void delta_ignore(struct delta *d, const struct json *j, uint32_t node);
/* tree_set, where the last value wins and means nothing to the format; of an object of which each
 * chunk has another, so that such chunks can be followed too. to is NULL when nobody wants it. */
void delta_set(struct delta *d, struct tree_node *to, const struct json *j, uint32_t value);
/* Appends to a string that nobody watches (signatures, transcripts …). */
void delta_grow(struct delta *d, struct tree_node *to, struct span piece);
/* Appends an element to a list that nobody looks into again. */
void delta_list(struct delta *d, struct tree_node *to, const struct json *j, uint32_t element);
/* Every element of an array; null and other kinds are nothing. */
void delta_list_all(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array);
/* A list that some send in pieces and others anew each time, longer: one that begins with all that is
 * known replaces it, of others the elements are appended. */
void delta_extend(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array);

/* Counts n bytes that are kept of the message against its ceiling; false: they are to be dropped.
 * The helpers here do so themselves. */
bool delta_room(struct delta *d, size_t n);
void delta_overflow(struct delta *d); /* says, once a message, that something of it is dropped */

/* Tool calls. delta_call_new appends one; its nodes are set by the format, NULL where unknown.
 * delta_call_opened is said once its name is known or pieces come; pieces are appended to
 * call->arguments; delta_call_done says it once, and only then does -c print it. Where an empty piece
 * is another thing to a format than one that is not, it says follow_never. */
struct delta_call *delta_call_new(struct delta *d, unsigned choice);
struct delta_call *delta_call_alone(struct delta *d, unsigned choice); /* it is no delta_call_latest */
void delta_call_index(struct delta *d, struct delta_call *c, long index); /* sets it */
void delta_call_known(struct delta *d, struct delta_call *c); /* its id was set, and stays */
/* Other names under which it is found: an index, an id (as spelled). */
void delta_call_also_at(struct delta *d, struct delta_call *c, long index);
void delta_call_also_called(struct delta *d, struct delta_call *c, struct span id);
/* The most recent of that index, of that id (as spelled), of that choice; or NULL. */
struct delta_call *delta_call_at(const struct delta *d, unsigned choice, long index);
struct delta_call *delta_call_called(const struct delta *d, unsigned choice, struct span id);
struct delta_call *delta_call_latest(const struct delta *d, unsigned choice);
void delta_call_piece(struct delta *d, struct delta_call *c, struct span piece);
void delta_call_value(struct delta *d, struct delta_call *c, const struct json *j, uint32_t value); /* arguments as a value */
void delta_call_done(struct delta *d, struct delta_call *c);
/* Of a choice, in order: the calls that are whole, and those of the first `known` calls of the message that have no
 * arguments; up to the first other. */
void delta_calls_done(struct delta *d, unsigned choice, size_t known);
/* Its arguments are one JSON text, which cannot go on; false of none, and of a custom tool's text. */
bool delta_call_whole(struct delta_call *c);
/* May n bytes of arguments be kept that none of these gathers? False too when nobody wants calls. */
bool delta_call_room(struct delta *d, size_t n);
/* The arguments of a call whose native object wants a value: detached until delta_call_close turns
 * them into `to`: JSON when they are JSON, else the text as a string; when nothing came `to` stays. */
void delta_call_detach(struct delta *d, struct delta_call *c);
void delta_call_close(struct delta *d, struct delta_call *c, struct tree_node *to);

/* For arguments.c: tells the sink, unless the call is hidden. An absent piece is all of the arguments. */
void delta_call_tell(struct delta *d, struct delta_call *c, enum delta_call_event event, struct span piece);

/* The provider sent an error; the first of a message is kept. `node` none or null is nothing. */
void delta_error(struct delta *d, const struct json *j, uint32_t node);
/* The prompt was refused, for that reason and in those words; nodes may be none. */
void delta_blocked(struct delta *d, const struct json *j, uint32_t reason, uint32_t words);
/* Said to the caller: something is wrong with the input. */
void delta_report(struct delta *d, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Merging members of an object into a node (last value wins, null erases nothing). */
void delta_last(struct delta *d, struct tree_node *object, const struct json *j, uint32_t value);
void delta_last_all(struct delta *d, struct tree_node *object, const struct json *j, uint32_t from);
/* The same, going down into objects. */
void delta_deep(struct delta *d, struct tree_node *object, const struct json *j, uint32_t from);

/* The key of an object's value as decoded bytes, valid until the next call. */
struct span delta_key_decoded(struct delta *d, const struct json *j, uint32_t key); /* of one with escapes */

static inline struct span delta_key(struct delta *d, const struct json *j, uint32_t value)
{
	const struct json_node *key = &j->tape[json_key(value)];

	if (key->escaped)
		return delta_key_decoded(d, j, json_key(value));
	return (struct span){ j->text + key->start, key->length };
}

/* Between delta.c and message.c. */
void delta_open(struct delta *d, const struct delta_format *f);
#define DELTA_ENDED	"message cut: input ended before its end"
#define DELTA_STREAM_ENDED "message cut: its stream ended before its end"
#define DELTA_OVERTAKEN "message cut: another message began before its end"
void delta_close(struct delta *d, const char *cut); /* what to say if it is; nothing when none is open */
void delta_whole(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at);
void delta_bare_error(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at,
		      uint32_t error); /* `error` is the node that says it, or `at` itself */
void delta_calls_reset(struct delta *d);
void delta_release_held(struct delta *d);
void delta_provider_error(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at,
			  uint32_t error); /* f: whose error it is, or NULL; error: the node that says it */

/* Between delta.c and stream.c. */
void stream_boundary(struct delta *d, enum stream_boundary why);
void stream_source(struct delta *d, const struct json *j, uint32_t source); /* of the record; 0: none */
void stream_line(struct delta *d); /* a line that is JSON, after stream_source */
bool stream_late(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at);
void stream_known(struct delta *d); /* a chunk of a known format, or an error */
void stream_chunk(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at); /* a chunk */
void stream_empty(struct delta *d); /* {} */
void stream_doubt(struct delta *d, const struct json *j, uint32_t at); /* an error body, or progress before the chunks */
void stream_settle(struct delta *d, bool errors);		       /* those that were in doubt are errors, or not */
void stream_unknown(struct delta *d); /* an object of no known format */
void stream_text(struct delta *d, size_t bytes); /* data that is not a JSON object */
size_t stream_end(struct delta *d); /* at the end of the file; how many streams were not LLM responses */

extern const struct delta_format delta_openai_chat;
extern const struct delta_format delta_openai_completion;
extern const struct delta_format delta_openai_responses;
extern const struct delta_format delta_anthropic;
extern const struct delta_format delta_gemini;
extern const struct delta_format delta_gemini_interactions;
extern const struct delta_format delta_bedrock;
extern const struct delta_format delta_ollama;
extern const struct delta_format delta_cohere;
extern const struct delta_format delta_cohere_1;
extern const struct delta_format delta_workers_ai;
extern const struct delta_format delta_text_generation;

#endif
