/* SPDX-License-Identifier: MIT */
/*
 * next: the request that answers a message's tool calls.
 *
 * The request that the message answers stays as it is, byte for byte; into its list of messages go
 * the assistant message, as -m prints it, and the results, as the provider wants them:
 *
 *	{"model":"m","messages":[{"role":"user","content":"Weather?"}]}
 *	{"model":"m","messages":[{"role":"user","content":"Weather?"},
 *	 {"role":"assistant","tool_calls":[…]},{"role":"tool","tool_call_id":"c1","content":"40 C"}]}
 */
#ifndef DELTA_NEXT_H
#define DELTA_NEXT_H

#include "delta/delta.h"
#include "delta/normal.h"

/* What came of a tool call. */
struct next_result {
	struct span text; /* for the model; what is no UTF-8 in it becomes U+FFFD */
	bool failed;
};

/* Appends the next request to b. n is the message's first choice, results holds one for each of its
 * calls. -1 with a fault (ST_INPUT), which does not name the place, when request is no request that
 * such a message answers; nothing was appended then. */
int delta_next(const struct delta_message *m, const struct normal *n, const struct next_result *results,
               struct span request, struct buf *b, struct fault *f);

/* For the hooks: what they are given, and what they write with. */
struct next {
	const struct delta_message *of;
	struct span text;                     /* of the request */
	const struct json *request, *message; /* each at JSON_ROOT */
	const struct normal *normal;          /* names and ids of the calls */
	const struct next_result *results;
	struct buf *items; /* the elements that are added to the list */
	struct buf *to;
	struct fault *fault;
};

/* Begins an element of the list, or of an array inside of one: a comma where one is due. */
void next_item(struct next *x);
void next_message(struct next *x); /* adds the assistant message, or every item of it */

/* Members of the element that is being written: json_member and the value. An absent id is left out. */
void next_id(struct next *x, const char *key, const struct normal_call *call);
void next_name(struct next *x, const char *key, const struct normal_call *call);
void next_text(struct next *x, const char *key, const struct next_result *result);
bool next_blank(const struct next_result *result); /* nothing but white space: some refuse such a text */

/* A whole hook: the assistant message and, for each call, a message of role tool go into `messages`. name is
 * the key for the tool's name, NULL where only its id counts. */
int next_tools(struct next *x, const char *name);

/* The end of a hook: the request with the items at the end of its list `key`. next_into refuses a
 * request that has none; next_around replaces a member that is no list by one whose first element is
 * its value between `before` and `after`, and makes one where there is none. */
int next_into(struct next *x, const char *key);
int next_around(struct next *x, const char *key, const char *before, const char *after);

#endif
