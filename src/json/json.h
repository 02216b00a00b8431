/* SPDX-License-Identifier: MIT */
/*
 * json: a JSON text as spans of its own bytes (RFC 8259).
 *
 * One pass validates a text and writes a tape of tokens, reused from text to text, so that a
 * chunk costs no allocation. Nothing is decoded: a token is a span of the original bytes, numbers
 * and escapes keep their spelling, and what is copied out is what came in.
 *
 *	struct json j = JSON_INIT;
 *	if (json_parse(&j, p, n) < 0)
 *		... j.error, at byte j.error_at; j.cut when the text only ended too early
 *	uint32_t choices = json_get(&j, JSON_ROOT, "choices");
 *	for (uint32_t c = json_first(&j, choices); c; c = json_next(&j, choices, c))
 *		...
 *
 * The text must stay where it is as long as the tape is used. A node is its index on the tape: 1
 * is the root, 0 stands for "none". Every function takes none: json_get of none is none, its kind
 * is JSON_NONE, its text is absent.
 *
 * Refused besides what RFC 8259 refuses: ill-formed UTF-8, nesting beyond JSON_DEPTH, texts of
 * 4 GiB and more, a byte order mark. Lone surrogates written as \u escapes pass, and so do
 * duplicate keys (json_get finds the last, as decoders do).
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { JSON_DEPTH = 512, JSON_ROOT = 1 };

enum json_kind {
	JSON_NONE, /* no such node */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_node {
	uint32_t start;	 /* of the token; of a string, the byte after its quote */
	uint32_t length; /* of a string, without its quotes; of a container, brackets included */
	uint32_t after;	 /* the node that follows this one and all it holds */
	uint8_t	 kind;
	bool	 escaped; /* a string with a backslash in it */
};

struct json {
	const char	 *text;
	struct json_node *tape; /* members of an object are key, value, key, value */
	uint32_t	  used;
	bool		  spaced; /* there is white space between or around tokens, */
	uint32_t	  space;  /* the first at this byte */

	const char *error; /* NULL, or what is wrong, in words */
	size_t	    error_at;
	bool	    cut; /* the text is the beginning of a valid one */

	uint32_t capacity;
	struct json_known *known; /* NULL, or JSON_KNOWN answers of json_get to tapes with the same keys (mould.h) */
};

#define JSON_INIT { 0 }

struct json_known {
	const char *key;
	uint32_t    object, found;
};

enum { JSON_KNOWN_BITS = 6, JSON_KNOWN = 1 << JSON_KNOWN_BITS };

/* The whole of text[0..n) is one JSON text. 0, or -1 with error set and an empty tape. */
int json_parse(struct json *j, const char *text, size_t n);
void json_release(struct json *j);

/* The same judgement without a tape: NULL, or what is wrong; *at is where. */
const char *json_check(const char *text, size_t n, size_t *at, bool *cut);

/* One value at the front of text: NULL, and *at is the byte after it; or what is wrong, and *at is
 * where. A number that reaches the end of text counts as whole. */
const char *json_check_prefix(const char *text, size_t n, size_t *at, bool *cut);

/* The same; *spaced is whether white space stands before the value or between its tokens. */
const char *json_check_spaced(const char *text, size_t n, size_t *at, bool *cut, bool *spaced);

/* The inside of a string, at the byte after its opening quote: true, and *length is that of the
 * inside, *escaped is set when a backslash is in it; text[*length] is then the closing quote. False: it
 * is no valid string, or ends too early. */
bool json_string_at(const char *text, size_t n, size_t *length, bool *escaped);

static inline enum json_kind json_kind(const struct json *j, uint32_t node)
{
	return node ? (enum json_kind)j->tape[node].kind : JSON_NONE;
}

/* The bytes of a token: a string with its quotes, a container with its brackets. */
static inline struct span json_text(const struct json *j, uint32_t node)
{
	const struct json_node *t = &j->tape[node];
	uint32_t quote = t->kind == JSON_STRING;

	return node ? (struct span){ j->text + t->start - quote, t->length + 2 * quote } : SPAN_NONE;
}

/* The inside of a string, escapes as spelled; absent when node is no string. */
static inline struct span json_string(const struct json *j, uint32_t node)
{
	const struct json_node *t = &j->tape[node];

	return json_kind(j, node) == JSON_STRING ? (struct span){ j->text + t->start, t->length } : SPAN_NONE;
}

/* Walking: the elements of an array, the values of an object; none at the end. */
static inline uint32_t json_first(const struct json *j, uint32_t parent)
{
	enum json_kind kind = json_kind(j, parent);

	if (kind < JSON_ARRAY || j->tape[parent].after == parent + 1)
		return 0;
	return parent + (kind == JSON_OBJECT ? 2 : 1);
}

static inline uint32_t json_next(const struct json *j, uint32_t parent, uint32_t child)
{
	uint32_t next = j->tape[child].after;

	if (next >= j->tape[parent].after)
		return 0;
	return next + (j->tape[parent].kind == JSON_OBJECT);
}

/* The key of an object's value: its node is the one before the value. */
static inline uint32_t json_key(uint32_t value)
{
	return value - 1;
}

/* Is node the string s, given as decoded bytes? Escapes are looked through. */
bool json_is_span(const struct json *j, uint32_t node, struct span s);

static inline bool json_is(const struct json *j, uint32_t node, const char *s)
{
	return json_is_span(j, node, span_of(s)); /* here, so that the length of a literal costs nothing */
}

uint32_t json_get_span(const struct json *j, uint32_t object, struct span key); /* the last of that key */

/* The same, and the answer is kept where j->known is: by the address of the key, which is a constant of
 * the program. */
uint32_t json_get_known(const struct json *j, uint32_t object, struct span key);

/* Where the answer may be, there or in the place beside it (i ^ 1). Constants lie close to each other, in an
 * order that the linker chose. */
static inline size_t json_known_at(uint32_t object, const char *key)
{
	return ((uint32_t)(uintptr_t)key * 0x9e3779b1u + object * 0x85ebca6bu) >> (32 - JSON_KNOWN_BITS);
}

static inline uint32_t json_get(const struct json *j, uint32_t object, const char *key)
{
	if (j->known) {
		size_t i = json_known_at(object, key);
		const struct json_known *k = &j->known[i];

		if (k->key != key || k->object != object)
			k = &j->known[i ^ 1];
		if (k->key == key && k->object == object)
			return k->found;
	}
	return json_get_known(j, object, span_of(key));
}

uint32_t json_path(const struct json *j, uint32_t object, const char *path); /* "delta.text" */
uint32_t json_at(const struct json *j, uint32_t array, size_t i);
size_t json_count(const struct json *j, uint32_t container);

/* A number that is an integer within long, 1.0 and 1e2 as well as 1; false otherwise. */
bool json_long(const struct json *j, uint32_t node, long *value);

/* A string that is there and not empty. */
static inline bool json_filled(const struct json *j, uint32_t node)
{
	return json_kind(j, node) == JSON_STRING && j->tape[node].length > 0;
}

#endif
