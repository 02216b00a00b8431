/* SPDX-License-Identifier: MIT */
/*
 * failure: what providers, and what stands before them, send when something went wrong and they do
 * not put it as the format at hand does.
 *
 *	{"error":{"message":"…","type":"…","code":400}}	most
 *	{"object":"error","message":"…","type":"BadRequestError","code":400}	vLLM, Mistral
 *	{"message":"…"}  {"Message":"…"}  {"detail":[{"msg":"…"}]}	Cohere, AWS, FastAPI
 *	{"status":"error","msg":"…"}	gateways
 *	{"success":false,"errors":[{"code":7003,"message":"…"}]}	Cloudflare
 *	{"base_resp":{"status_code":1004,"status_msg":"…"}}	MiniMax
 *	{"fault":{"faultstring":"…"}}  {"error_code":17,"error_msg":"…"}	Apigee, Baidu
 *	{"__type":"com.amazon.coral.service#UnknownOperationException"}	AWS
 */
#ifndef DELTA_FAILURE_H
#define DELTA_FAILURE_H

#include "base/buf.h"
#include "json/json.h"

/* The node that says what went wrong, `at` itself when all of it does, or 0. Inside a stream (`inside`)
 * a message alone is no failure, but progress perhaps: it must be marked as an error by its type, a
 * code or a status. {"detail":…} alone and {"status":"error"} are failures everywhere. */
uint32_t failure_of(const struct json *j, uint32_t at, bool inside);

/* Its words for one line on stderr, "type: message", as far as it has either. */
void failure_say(struct buf *to, const struct json *j, uint32_t failure);

#endif
