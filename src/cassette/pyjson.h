/* SPDX-License-Identifier: MIT */
/*
 * pyjson: a tree as PyYAML would load it, dumped as Python's json.dumps would dump that.
 *
 *	model: gpt-4o          {"model": "gpt-4o", "stop": true, "t": 0.7, "when": "1\u00bd h"}
 *	stop: yes
 *	t: .7
 *	when: 1½ h
 *
 * Cassettes with `parsed_body` hold bodies as trees, and the tools that wrote them replay this dump:
 * separators ", " and ": ", everything beyond ASCII escaped, floats by repr, YAML 1.1's idea of what
 * a plain word is (base 60 and octal numbers, yes and no).
 */
#ifndef CASSETTE_PYJSON_H
#define CASSETTE_PYJSON_H

#include "cassette/doc.h"

/* Appends the dump of n. -1 with a fault: something that json.dumps refuses, such as a date. */
int pyjson_put(struct buf *b, struct doc *d, const struct node *n, struct fault *f);

#endif
