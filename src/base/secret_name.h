/* SPDX-License-Identifier: MIT */
/*
 * secret_name: is the value with this name a secret?
 *
 * The last word of the name decides, in any spelling: token, access_token, accessToken, Access-Token,
 * access%5Ftoken and auth[token] are all tokens. Words end at every character that is neither a letter nor
 * a digit, and where the case changes (apiKey, APIKey); digits belong to their word, so that neither key2
 * nor oauth2 is a key or an auth. Names that contain a word of other kinds of keys and tokens (page_token,
 * cache-key, Idempotency-Key) are not secrets.
 *
 * This table is the only one of the suite: it decides what is redacted in recordings, traces and reports,
 * what may be given as an argument, and which variables a tool inherits.
 */
#ifndef BASE_SECRET_NAME_H
#define BASE_SECRET_NAME_H

#include <stdbool.h>

#include "base/span.h"

/* What the name is one of. */
enum secret_place {
	SECRET_HEADER,
	SECRET_PARAMETER, /* of a URL or a form */
	SECRET_MEMBER,    /* of a JSON object */
	SECRET_VARIABLE,  /* of the environment */
};

enum secret_kind {
	SECRET_NO,
	SECRET_NEVER, /* a member: not a secret whatever its value */
	SECRET_MAYBE, /* a member: a secret if its value is like one (secret_is_credential) */
	SECRET_YES,
};

enum secret_kind secret_name(enum secret_place place, struct span name);

/* A decimal number: the value of a name such as llm-token or max_token is a count. */
bool secret_is_number(struct span value);

/* Does this value look like a credential? It has a known prefix (sk-, ghp_, AIza, Bearer, ek_), the form of a
 * JWT, or at least 20 bytes without white space, with letters and digits, and without `/` and `.`. */
bool secret_is_credential(struct span value);

/* An ephemeral key of OpenAI, ek_...: a secret with any name but those of SECRET_NEVER. */
bool secret_is_ephemeral(struct span value);

/* May this value be looked for in other text? A short or word-like one, such as "ollama" or "test", may
 * not: it may be any word there. At least 16 bytes, or at least 8 with letters and digits; of a
 * cookie, at least 20 with a digit. */
bool secret_is_distinct(struct span value);
bool secret_is_distinct_cookie(struct span value);

#endif
