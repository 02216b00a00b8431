/* SPDX-License-Identifier: MIT */
/*
 * gemini_args: arguments of a function call that Vertex streams by path.
 *
 *	"partialArgs":[{"jsonPath":"$.city","stringValue":"Flo","willContinue":true}]
 *	"partialArgs":[{"jsonPath":"$.city","stringValue":"rence"}]
 *	"partialArgs":[{"jsonPath":"$.days[0]","numberValue":3},{"jsonPath":"$[\"a b\"]","nullValue":"NULL_VALUE"}]
 *
 * Each element sets one value. A string whose element said willContinue goes on with the next
 * element of the same path; otherwise the last value of a path wins. A path is `$` followed by
 * `.name`, `[n]` and `["name"]` (or with single quotes), the singular part of RFC 9535.
 */
#ifndef DELTA_GEMINI_ARGS_H
#define DELTA_GEMINI_ARGS_H

#include "delta/delta_impl.h"

/* Merges the elements of an array into args, an open object. A path that is no such path is
 * reported and its value dropped. */
void gemini_args_add(struct delta *d, struct tree_node *args, const struct json *j, uint32_t partials);

#endif
