/* SPDX-License-Identifier: MIT */
/*
 * responses_impl: what openai_responses.c and the responses_*.c share, for these alone.
 *
 * A response is a top level, which snapshots replace, and a table of output items, which grow
 * between them. The table is keyed by output_index; the ids of items are no key, since Copilot sends
 * a new one with every event.
 */
#ifndef DELTA_RESPONSES_IMPL_H
#define DELTA_RESPONSES_IMPL_H

#include "delta/delta_impl.h"

/* d->state. The tables are arrays in the text of nodes, so that the tree frees them. */
struct responses {
	struct tree_node *created; /* the id that response.created gave; NULL: there was none */
	struct tree_node *items;   /* the table, in the order of output_index */
	struct tree_node *told;    /* the parts that were said aloud, in the order in which they began */
	bool begun;                /* a snapshot or an item came */
	bool terminal;             /* so did completed, incomplete, failed or cancelled */
};

struct responses_item {
	long index; /* output_index */
	long voice; /* its number for responses_say, which stays when the index is corrected */
	struct tree_node *node;
	struct delta_call *call; /* of function_call and custom_tool_call, else NULL */
};

/* The table. An item pointer is valid until the next one is added. */
struct responses_item *responses_find_item(const struct responses *s, long index); /* or NULL */
/* By id, for events without an index only: Copilot gives an item another id with each event. */
struct responses_item *responses_item_called(const struct responses *s, struct span id); /* or NULL */
struct responses_item *responses_add_item(struct delta *d, long index);            /* NULL: the ceiling is passed */
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

/* Texts said aloud, each part once however often the stream repeats it. `item` is any number that
 * stays the item's own. A piece is also appended to `to`; what came whole is said unless pieces of it
 * were, and kept by the caller. */
enum responses_kind { RESPONSES_TEXT, RESPONSES_SUMMARY, RESPONSES_REASONING };
void responses_say(struct delta *d, long item, long part, enum responses_kind kind, struct tree_node *to,
                   struct span piece);
void responses_say_whole(struct delta *d, long item, long part, enum responses_kind kind, struct span text);
void responses_say_part(struct delta *d, long item, long part, const struct json *j, uint32_t at);
void responses_say_item(struct delta *d, long item, const struct json *j, uint32_t at);

#endif
