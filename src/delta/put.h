/* SPDX-License-Identifier: MIT */
/*
 * put: what a model answered, as the next request wants it: for the hooks `message` of the formats.
 *
 * Answers contain what requests refuse: nulls, empty arguments, arguments as a string where an object is due,
 * members that only answers have. A table says what becomes of such members; the others are copied.
 *
 *	static const struct put function[] = { { "arguments", put_arguments_text, true }, { 0 } };
 *	put_object(b, j, node, function);
 *
 *	{"name":"f","arguments":"","x":null}	becomes {"name":"f","arguments":"{}"}
 */
#ifndef DELTA_PUT_H
#define DELTA_PUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "json/json.h"

/* Writes the value of a member or an element; v is 0 if there is none. False: it is left out, whatever was
 * written. */
typedef bool put_value(struct buf *b, const struct json *j, uint32_t v);

struct put {
	const char *key;  /* NULL ends the table */
	put_value *write; /* NULL: the member is left out */
	bool always;	  /* also if there is no such member, or null */
};

/* An object without its nulls; something else as it is. `with` is a table, or NULL. */
void put_object(struct buf *b, const struct json *j, uint32_t object, const struct put *with);

/* The elements of an array that element writes; false if there are none. */
bool put_list(struct buf *b, const struct json *j, uint32_t array, put_value *element);

/* A string; no value is "", another one is its JSON text. */
put_value put_text;

/* The arguments of a call as a string of JSON, {} if there are none. */
put_value put_arguments_text;

/* The same as an object. What is not an object becomes {"INVALID_JSON":"the text"}, as Anthropic's guide to
 * fine-grained tool streaming has it. */
put_value put_arguments_object;

/* The lists and objects of chat messages: "tool_calls" and "function_call". */
put_value put_chat_calls, put_chat_function;

#endif
