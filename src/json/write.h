/* SPDX-License-Identifier: MIT */
/*
 * write: JSON text into a buf, and the inside of JSON strings out of it.
 *
 * Escaped form is what stands between the quotes of a JSON string; decoded form is UTF-8.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "base/buf.h"
#include "json/json.h"

/* Appends bytes as a JSON string with its quotes. Only what must be escaped is; ill-formed UTF-8
 * becomes U+FFFD. json_escape is the same without quotes. */
void json_quote(struct buf *b, struct span bytes);
void json_escape(struct buf *b, struct span bytes);

/* Appends what an escaped form stands for. A lone surrogate becomes U+FFFD. */
void json_unescape(struct buf *b, struct span escaped);

/* Appends a node's text without the white space between its tokens. */
void json_compact(struct buf *b, const struct json *j, uint32_t node);

/* Appends `,` unless b ends with an opening bracket, a comma or a colon; then `"key":`. For objects
 * that are written member by member. */
void json_member(struct buf *b, const char *key);

#endif
