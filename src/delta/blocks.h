/* SPDX-License-Identifier: MIT */
/*
 * blocks: the content of a message that is sent as blocks with an index, as Anthropic's Messages
 * and Amazon's Converse do. For these two alone.
 *
 * A block is made when it starts, or when a piece of it comes without a start; until the message
 * ends it stands for itself, then all are put in the order of their indexes. Indexes that nothing
 * was sent for leave no hole.
 */
#ifndef DELTA_BLOCKS_H
#define DELTA_BLOCKS_H

#include "delta/delta_impl.h"

struct block {
	long index;
	size_t number;           /* in order of arrival */
	struct tree_node *node;  /* what will be the element of content */
	struct tree_node *body;  /* the object with the call's name and "input"; set before block_call */
	struct delta_call *call; /* NULL: no tool use */
	bool prefilled;          /* was there before any block started */
	bool grown;              /* something came after its start */
	bool stopped;
	struct block *before;    /* that arrived before it */
};

/* Part of a format's state; starts as zeroes. */
struct blocks {
	struct block *newest;
	struct dict by_index; /* of each the latest */
	size_t count;
	long last, highest;   /* indexes: of what came latest, of all */
};

/* The index that an event names, or the one for an event that names none: that of the latest block,
 * for a start that of a new one. */
long block_index(const struct blocks *s, const struct json *j, uint32_t index, bool start);

/* The latest block of that index, or NULL. One that was prefilled answers to its place as long as
 * no other has started there. */
struct block *block_find(const struct blocks *s, long index);
struct block *block_new(struct delta *d, struct blocks *s, long index);

/* The block for a start: a start repeated before anything came is the same block begun again;
 * otherwise both stay. */
struct block *block_start(struct delta *d, struct blocks *s, long index);

/* The block is a tool use, whose id and name stand in body under these keys. `hidden`: it is not
 * for the user to run. */
void block_call(struct delta *d, struct block *b, const char *id, const char *name, bool hidden);

/* A piece of the call's input. block_call was called. */
void block_input(struct delta *d, struct block *b, struct span piece);

/* The input that was streamed becomes body's "input"; without any, input is as it came, {} when
 * none did. block_stop also says that the call is whole. */
void block_stop(struct delta *d, struct block *b);

/* For the hook delta_format.twin: stops the block of a call, and makes another that began like it. */
struct delta_call *block_twin(struct delta *d, struct blocks *s, struct delta_call *c, const char *id, const char *name);

/* The end of the message: all blocks become elements of content, less those without a member, and
 * the calls take the order of their blocks. */
void blocks_finish(struct delta *d, struct blocks *s, struct tree_node *content);

#endif
