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

/* Do two escaped forms stand for the same? */
bool json_same_escaped(struct span a, struct span b);

/* json_unescape for a string that comes in pieces, where a character may be cut between its two
 * surrogates: a high one at the end of a piece waits in the tail for the next. Start with zeroes. */
struct json_tail {
	char   text[6]; /* the escape that waits, \\uD83D */
	size_t n;
};
void json_unescape_piece(struct buf *b, struct json_tail *tail, struct span escaped);
void json_unescape_end(struct buf *b, struct json_tail *tail); /* what still waits is lone */

/* Appends a node's text without the white space between its tokens. */
void json_compact(struct buf *b, const struct json *j, uint32_t node);

/* Appends a text that json_check found good, without the white space between its tokens. */
void json_squeeze(struct buf *b, struct span text);

/* Appends `,` unless b ends with an opening bracket, a comma or a colon; then `"key":`. For objects
 * that are written member by member. */
void json_member(struct buf *b, const char *key);

#endif
