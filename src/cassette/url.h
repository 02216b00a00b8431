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

/* Appends {"name":["value",...],...} in the order of the names, from a query and a form body, either
 * absent, decoded; nothing when there is no pair. */
void url_form(struct span query, struct span body, struct buf *json);

/* Appends [{"name":"alt","value":"sse"},...] in the order of the query, decoded. */
void url_pairs(struct span query, struct buf *json);

#endif
