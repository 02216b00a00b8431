/* SPDX-License-Identifier: MIT */
/*
 * openai_tools: tool calls as chat completions stream them.
 *
 *	"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]
 *	"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]
 *
 * index is missing, null, repeated, reused for another call; ids are empty, repeated or late; names
 * come with every fragment or after the arguments. The rules for finding the call that a fragment
 * belongs to are in openai_tools.c.
 */
#ifndef DELTA_OPENAI_TOOLS_H
#define DELTA_OPENAI_TOOLS_H

#include "delta/delta_impl.h"

/* Merges the fragments of an array into the calls of a choice, whose array is `to`. */
void openai_tool_calls(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t array);

/* The legacy "function_call":{"name":…,"arguments":…}: one call, without an id. */
void openai_function_call(struct delta *d, unsigned choice, struct tree_node *to, const struct json *j, uint32_t v);

/* The hook delta_format.twin, for the array of the calls of c's choice; NULL is allowed. */
struct delta_call *openai_tool_twin(struct delta *d, struct tree_node *list, struct delta_call *c);

/* Gives calls that never said them their type and empty arguments. NULL is allowed. */
void openai_tools_finish(struct tree_node *calls, struct tree_node *function_call);

/* Finished calls, for the neutral view. */
void openai_tools_normal(const struct json *j, uint32_t calls, uint32_t function_call, struct normal *n);

#endif
