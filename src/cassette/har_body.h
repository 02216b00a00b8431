/* SPDX-License-Identifier: MIT */
/*
 * har_body: bodies as HAR's content and postData keep them.
 *
 *	{"text":"{}"}                                   as it is
 *	{"text":"AAE=","encoding":"base64"}             "_encoding" in a request, for which the standard has none
 *	{"text":"[\"H4sI\",\"AAA=\"]","encoding":"base64"}  Polly.js: a compressed body in pieces
 *	{"text":"1f8b08","_isBinary":true}              Polly.js before 6: in hexadecimal digits, also in pieces
 *	{"textJSON":{"model":"m"}}                      a tree
 *	{"mimeType":"multipart/form-data; boundary=X","params":[{"name":"a","value":"1"}]}   a form
 */
#ifndef CASSETTE_HAR_BODY_H
#define CASSETTE_HAR_BODY_H

#include "cassette/cassette_impl.h"

/* The body of a request or response, side, out of its member key; takes off what it understood. h are the headers of
 * that side, entry is the interaction's tree. */
int har_read_body(struct reading *r, const struct node *entry, const struct headers *h, struct node *side,
                  const char *key, struct span *body);

#endif
