/* SPDX-License-Identifier: MIT */
/*
 * snowflake: tool calls as Snowflake's Cortex streams them in chat chunks of its own making.
 *
 *	"delta":{"content":"I look","content_list":[{"type":"text","text":"I look"}]}
 *	"delta":{"content_list":[{"tool_use_id":"t1","name":"f"}]}
 *	"delta":{"content_list":[{"input":"{\"a"}]}
 *	"delta":{"type":"tool_use","input":"\":1}","content_list":[{"input":"\":1}"}],"text":""}
 *
 * The list says everything; what newer servers put beside it repeats it. The message gets the list
 * that the next request wants: [{"type":"tool_use","tool_use":{"tool_use_id":"t1","name":"f","input":{"a":1}}}].
 */
#ifndef DELTA_SNOWFLAKE_H
#define DELTA_SNOWFLAKE_H

#include "delta/delta_impl.h"

/* Is this member of a delta a repetition of what its content_list says? */
bool snowflake_repeats(const struct json *j, uint32_t delta, struct span key);

/* Merges a delta's content_list into `to`. Its text is said by `content`. */
void snowflake_list(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t array);

/* The end: the calls get the inputs that were streamed, as values. */
void snowflake_finish(struct delta *d);

/* Finished calls, for the neutral view: usage that was counted ends what has no finish_reason. */
void snowflake_normal(const struct json *j, uint32_t list, struct normal *n);

/* The message for the next request; false: it is no such message. */
bool snowflake_put(struct buf *b, const struct json *j, uint32_t message);

/* The message with the results of the calls; false: there are none. */
bool snowflake_next(struct next *x, uint32_t list);

#endif
