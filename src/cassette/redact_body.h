/* SPDX-License-Identifier: MIT */
/*
 * redact_body: the secrets in a body, by what it is.
 *
 *	{"api_key":"..."}       one JSON text: members by their names (base/secret_name.h), and known values
 *	api_key=...&q=1         a form, if that is its type and it is not JSON: parameters, and known values
 *	--X ... name="api_key"  multipart: parts that are parameters, not files, and known values
 *	data: {"token":"..."}   anything else, also a stream of JSON texts: known values
 *
 * A member is a secret only if it is a string. Its name says nothing about what is nested in it, or about
 * what is inside of a string. The arguments of tool calls and the members next to `logprob` are text of
 * a model, and never secrets. Values at the paths of --redact-json are replaced in each JSON text of a
 * stream too.
 */
#ifndef CASSETTE_REDACT_BODY_H
#define CASSETTE_REDACT_BODY_H

#include "base/redact.h"
#include "json/json.h"

/* Appends the hits in a body of this Content-Type, which may be absent. */
void redact_find_body(const struct redact *r, struct span type, struct span body, struct redact_hits *hits);

/* Appends the body redacted, and returns how many places were. */
size_t redact_body(const struct redact *r, struct buf *to, struct span type, struct span body);

/* Is a body of this type a form? One that is JSON is not: `curl -d` sends JSON with the type of a form. */
bool redact_is_form(struct span type, struct span body);

#endif
