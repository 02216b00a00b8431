/* SPDX-License-Identifier: MIT */
/*
 * redact_rules: the options that say what else is redacted in a recording; the same in every program that writes one.
 *
 *	--redact-env NAME      the value of an environment variable, wherever it is
 *	--redact-header NAME   the value of a header
 *	--redact-json PATH     the value at a path of a JSON body, or of each JSON text of a stream
 *	--drop-header NAME     a header is left out
 *
 *	static const struct opt options[] = { ..., REDACT_OPTIONS(FIRST_ID), { 0 } };
 *	if (c >= FIRST_ID && c < FIRST_ID + REDACT_OPTION_COUNT &&
 *	    redact_rules_add(&rules, c - FIRST_ID, value, getenv, &fault) < 0)
 *		opt_wrong("%s", fault.text);
 */
#ifndef CASSETTE_REDACT_RULES_H
#define CASSETTE_REDACT_RULES_H

#include "base/err.h"
#include "base/redact.h"

enum { REDACT_ENV, REDACT_HEADER, REDACT_JSON, DROP_HEADER, REDACT_OPTION_COUNT };

#define REDACT_OPTIONS(first) \
	{ (first) + REDACT_ENV, "redact-env", "NAME", "redact the value of this variable everywhere" }, \
	{ (first) + REDACT_HEADER, "redact-header", "NAME", "redact this header too" }, \
	{ (first) + REDACT_JSON, "redact-json", "PATH", "redact what is at .user, .messages[].name in bodies" }, \
	{ (first) + DROP_HEADER, "drop-header", "NAME", "leave this header out" }

/* One option. value is borrowed as long as the rules are used; lookup is getenv. -1 with a fault (ST_USAGE). */
int redact_rules_add(struct redact_rules *r, int option, const char *value, char *(*lookup)(const char *),
                     struct fault *f);
void redact_rules_release(struct redact_rules *r);

static inline bool redact_rules_any(const struct redact_rules *r)
{
	return r->values.n || r->nheaders || r->ndropped || r->npaths;
}

#endif
