/* SPDX-License-Identifier: MIT */
/*
 * url: the parts of a URL (RFC 3986) as spans of it, and its query as a form.
 *
 *	https://user:secret@api.example.com:8443/v1/chat?alt=sse&key=abc#top
 *	        `--userinfo-' `------host------'`--path-' `----query---'
 */
#ifndef CASSETTE_URL_H
#define CASSETTE_URL_H

#include "base/buf.h"
#include "base/span.h"

struct span url_host(struct span url);   /* with its port; empty when there is none */
struct span url_path(struct span url);   /* up to `?` or `#`; empty when there is none */
struct span url_query(struct span url);  /* without `?`; absent when there is none */
struct span url_target(struct span url); /* path and query, as in a request line */

/* Do two paths name the same resource? Percent-encoding does not count, except that an encoded slash is not a slash. */
bool url_same_path(struct span a, struct span b);

/* Do two queries or forms hold the same parameters? The order of parameters with different names does not count, nor
 * does percent-encoding. An absent query is as good as an empty one. */
bool url_same_form(struct span a, struct span b);

/* Is this body one that a form of the type application/x-www-form-urlencoded can have? curl -d sends anything under
 * that type. */
bool url_is_form(struct span body);

/* Appends "name=value" as a form has it, percent-encoded with + for a space; before it "&" if b is not empty. */
void url_put_pair(struct buf *b, struct span name, struct span value);

/* Appends {"name":["value",...],...} in the order of the names, from a query and a form body, either
 * absent, decoded; nothing when there is no pair. */
void url_form(struct span query, struct span body, struct buf *json);

/* Appends [{"name":"alt","value":"sse"},...] in the order of the query, decoded. */
void url_pairs(struct span query, struct buf *json);

#endif
