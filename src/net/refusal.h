/* SPDX-License-Identifier: MIT */
/*
 * refusal: an error's body in a shape that the clients of all providers understand.
 *
 *	{"type":"error","error":{"type":"not_found_error","code":404,"status":"NOT_FOUND","message":"..."}}
 *
 * error.type and the outer type are Anthropic's, error.code and error.status Google's; OpenAI's clients
 * look for error.message.
 */
#ifndef NET_REFUSAL_H
#define NET_REFUSAL_H

#include "base/buf.h"

void refusal_put(struct buf *b, int code, struct span message);

#endif
