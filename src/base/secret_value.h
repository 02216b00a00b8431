/* SPDX-License-Identifier: MIT */
/*
 * secret_value: finds known secrets in text, however they are spelled.
 *
 *	a/b"c       as it is
 *	a\/b\"c     escaped as in JSON, also twice; a\u002fb\u0022c, any character of it
 *	a%2Fb%22c   percent-encoded, any character of it, also twice
 *	a&#47;b&quot;c   as in HTML
 *	YS9iImM=    in base64 or base64url, alone or inside of a longer text at each of its three alignments
 *	612f622263  in hexadecimal digits
 *
 *	struct secret_values s = { 0 };
 *	secret_values_add(&s, value);
 *	while (secret_values_find(&s, text, &at, &n))
 *		... text.p[at .. at + n) is one; the next search begins after it
 *		at += n;
 */
#ifndef BASE_SECRET_VALUE_H
#define BASE_SECRET_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

enum { SECRET_SHORTEST = 4 };

struct secret_values {
	struct secret_pattern *patterns;
	size_t n;
	bool first[256]; /* bytes that may begin one */
};

/* Copies the value. False: it has fewer than SECRET_SHORTEST bytes, and is not looked for. */
bool secret_values_add(struct secret_values *s, struct span value);
void secret_values_release(struct secret_values *s); /* also overwrites the copies */

/* The first one at *at or after it, the longest of several there. */
bool secret_values_find(const struct secret_values *s, struct span text, size_t *at, size_t *n);

#endif
