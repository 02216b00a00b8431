/* SPDX-License-Identifier: MIT */
/*
 * openai_common: what chat completions and the older text completions have in common: an envelope
 * with a list of choices, and usage.
 *
 *	{"id":"c1","object":…,"created":7,"model":"m","choices":[{"index":0,…,"logprobs":null,"finish_reason":null}],"usage":null}
 */
#ifndef DELTA_OPENAI_COMMON_H
#define DELTA_OPENAI_COMMON_H

#include "delta/delta_impl.h"

/* The first value that is not null, "" or 0 stays. */
void openai_first_filled(struct tree_node *to, const struct json *j, uint32_t v);

/* The last value that is not null, and not "" if there was another. */
void openai_last_filled(struct tree_node *to, const struct json *j, uint32_t v);

/* Lists of logprobs go on, whatever they are called. */
void openai_logprobs(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v);

/* The choice has its finish_reason, or, without that member, its stop_reason (DeepSeek on Bedrock). */
bool openai_finished(struct tree_node *choice);

/* The usage of every dialect; Groq's stands in x_groq unless it was asked for, of Bedrock's InvokeModel
 * there is what Amazon counted. */
void openai_usage(const struct json *j, struct normal *n);

#endif
