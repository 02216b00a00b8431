/* SPDX-License-Identifier: MIT */
/*
 * responses_impl: what openai_responses.c and the responses_*.c share, for these alone.
 *
 * A response is a top level, which snapshots replace, and a table of output items, which grow
 * between them. An item is found by output_index, and by its id only among those that share an index
 * or if the event has none, since Copilot sends a new id with every event.
 */
#ifndef DELTA_RESPONSES_IMPL_H
#define DELTA_RESPONSES_IMPL_H

#include "delta/delta_impl.h"

/* How parts are told apart that are said aloud. */
enum responses_kind { RESPONSES_TEXT, RESPONSES_SUMMARY, RESPONSES_REASONING, RESPONSES_KINDS };

struct responses_item {
	long index;                     /* output_index */
	size_t number;                  /* in the order in which items began */
	struct tree_node *node;
	struct delta_call *call;        /* of function_call and custom_tool_call, else NULL */
	struct responses_item *before;  /* of all items, the one that began before it */
	struct responses_item *sharing; /* the same among those of its index */
	bool announced;                 /* it came as an item, not only in events about it */
	bool typed;                     /* so is its type certain, or by what such an event says */
	bool done;                      /* its own last event came */
	unsigned ended;                 /* the events that ended its last part, as bits by their rule */
	bool taken;                     /* an element of the terminal output goes on with it */
	struct responses_item *next_of_type; /* while these are looked for */

	/* For responses_say; an item of the closing event takes them over. */
	size_t voice;
	size_t said[RESPONSES_KINDS]; /* how many parts, */
	long furthest[RESPONSES_KINDS]; /* and the highest of them */
};

struct responses_items {
	struct responses_item *newest, *highest; /* highest: the latest of the highest index */
	size_t count;
	struct dict by_index; /* of each the latest */
	bool filed;           /* the others are used, which few streams need: */
	struct dict by_type;  /* of each index and type the latest */
	struct dict by_id;    /* by every id that it had since then */
};

/* d->state */
struct responses {
	struct tree_node *created; /* the id that response.created gave; NULL: there was none */
	struct responses_items items;
	struct dict told;             /* parts that were said aloud */
	struct told *recent;          /* the last of them that was looked up; NULL: none */
	const struct told *reasoning; /* the last that was reasoning */
	bool repeated;                /* items are those of the terminal event, which may number them otherwise */
	size_t voices;
	bool begun;                /* a snapshot or an item came */
	bool terminal;             /* so did completed, incomplete, failed or cancelled */
};

/* The item that an event at that index means; NULL: none that is known. `type`: that such an event
 * belongs to, empty is any; `grows`: an item that is done does not grow any more. */
struct responses_item *responses_find(struct delta *d, long index, struct span type, bool grows, const struct json *j,
                                      uint32_t event);
struct responses_item *responses_item_called(struct delta *d, struct span id); /* or NULL */
/* The same for an event that brings the whole item: does it begin another on its index? `last`: it
 * will not change any more. */
struct responses_item *responses_find_whole(struct delta *d, long index, const struct json *j, uint32_t item, bool last);
struct responses_item *responses_add_item(struct delta *d, long index); /* NULL: the ceiling is passed */
/* Its id or type was set. */
void responses_known(struct delta *d, struct responses_item *item);
/* The index that an event means when it names none: that of the last item, or the next one. */
long responses_implied_index(const struct responses *s, bool next);

/* The item as the chunk has it. `last`: it will not change any more. */
void responses_set_item(struct delta *d, struct responses_item *item, const struct json *j, uint32_t at, bool last);

/* The `output` of a snapshot. A terminal one replaces the table unless it is empty; of any other
 * only the items that are not known yet are taken. */
void responses_output(struct delta *d, const struct json *j, uint32_t array, bool terminal);

/* The table becomes `output`. Calls that are not done stay so unless `completed`. */
void responses_items_finish(struct delta *d, bool completed);

/* A tool call for the user to run begins if the item is one; its arguments came whole: what was not
 * streamed of them is streamed now. */
void responses_begin_call(struct delta *d, struct responses_item *item);
void responses_whole_arguments(struct delta *d, struct delta_call *c, const struct json *j, uint32_t v);

/* Keeps a value of the chunk, counted by what the node grows. */
void responses_store(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v);

/* An event about an item: `name` is its type without "response.". */
void responses_item_event(struct delta *d, const struct json *j, uint32_t at, struct span name);

/* Texts said aloud, each part once however often the stream repeats it. A piece is also appended to
 * `to`; what came whole is said unless pieces of it were, and kept by the caller. */
void responses_say(struct delta *d, struct responses_item *item, long part, enum responses_kind kind,
                   struct tree_node *to, struct span piece);
void responses_say_whole(struct delta *d, struct responses_item *item, long part, enum responses_kind kind,
                         struct span text);
void responses_say_part(struct delta *d, struct responses_item *item, long part, enum responses_kind usual,
                        const struct json *j, uint32_t at);
void responses_say_item(struct delta *d, struct responses_item *item, const struct json *j, uint32_t at);

/* What a part is by its type; any other is what its item usually has. */
enum responses_kind responses_kind(const struct json *j, uint32_t part, enum responses_kind usual);

#endif
