/* SPDX-License-Identifier: MIT */
/*
 * provider: where a provider's endpoint is and what it wants to see. The table is provider.c.
 *
 * Endpoints and headers are templates. {NAME} is a variable of the environment, {A|B} the first of
 * them that is set and not empty, {model} the model; each is percent-encoded in a URL.
 *
 *	/openai/deployments/{model}/chat/completions?api-version={OPENAI_API_VERSION}
 */
#ifndef NET_PROVIDER_H
#define NET_PROVIDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/field.h"

/* One way to prove who is asking: the variable that holds the key, and the header that carries it. */
struct provider_auth {
	const char *variable;
	const char *header;
	const char *prefix; /* before the key: "Bearer " or "" */
};

enum { PROVIDER_AUTHS = 2, PROVIDER_HEADERS = 2 };

struct provider {
	const char *name;
	const char *base_variable;                 /* its value replaces base */
	const char *base;                          /* template; NULL: the variable must be set */
	const char *path;                          /* template, joined to the base */
	struct provider_auth auth[PROVIDER_AUTHS]; /* tried in this order */
	const char *global_base;                   /* Google's: base when GOOGLE_CLOUD_LOCATION is global */
	const char *headers[PROVIDER_HEADERS];     /* templates; "?" in front: left out when a variable is not set */
	bool keyless;                              /* works without a key */
	bool always_streams;                       /* the endpoint says so, the body has no `stream` */
	bool no_usage;                             /* refuses stream_options.include_usage */
};

/* Value of a variable, NULL when it is not set: getenv(3). */
typedef char *provider_lookup(const char *variable);

const struct provider *provider_find(const char *name); /* NULL: there is none */
const struct provider *provider_after(const struct provider *p); /* NULL: the first, and after the last */

/* How a key goes out whose variable is named (NULL: not known): the provider's first way, a Bearer
 * token when p is NULL. */
struct provider_auth provider_auth_for(const struct provider *p, const char *variable);

/* Appends the endpoint. model may be absent. -1 with a fault (ST_USAGE) that names what is missing. */
int provider_url(const struct provider *p, provider_lookup *lookup, struct span model, struct buf *url,
                 struct fault *f);
bool provider_wants_model(const struct provider *p); /* its endpoint has {model} in it */

/* Adds the headers it wants where they are not there yet. */
int provider_headers(const struct provider *p, provider_lookup *lookup, struct fields *h, struct fault *f);

/* The table for people: name, variables of the key and of the base, endpoint. */
void provider_list(struct buf *b);

#endif
