/* SPDX-License-Identifier: MIT */
/*
 * same: do two JSON texts say the same, and where do they not?
 *
 * By value: the order of an object's members does not count, nor how a string is escaped or a number
 * spelled (1, 1.0 and 10e-1 are one number, compared exactly, however many digits it has).
 */
#ifndef JSON_SAME_H
#define JSON_SAME_H

#include "base/buf.h"
#include "json/json.h"

/* One difference: its path as jq spells it, ".messages[0].content", and the two nodes, 0 where a side
 * has nothing. */
typedef void json_differ(void *context, struct span path, uint32_t a, uint32_t b);

/* Calls differ (may be NULL) for each difference; returns how many there are. */
size_t json_compare(const struct json *a, const struct json *b, json_differ *differ, void *context);

static inline bool json_same(const struct json *a, const struct json *b)
{
	return json_compare(a, b, NULL, NULL) == 0;
}

bool json_same_number(struct span a, struct span b);

#endif
