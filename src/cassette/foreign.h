/* SPDX-License-Identifier: MIT */
/*
 * foreign: files of other tools that record or stub HTTP. They are told by name and not read.
 *
 * Answers are static text such as "a cassette of ReqCassette", or NULL.
 */
#ifndef CASSETTE_FOREIGN_H
#define CASSETTE_FOREIGN_H

#include "cassette/cassette_impl.h"

/* By a key of the map around. *recorded, set only with an answer: it holds recorded interactions. */
const char *foreign_key(struct span key, bool *recorded);

/* By the members of a map that are parts of some format, but of none that is known. */
const char *foreign_parts(const struct node *parts);

/* By the shape of the first interaction; asked before the formats, some of which it looks like. */
const char *foreign_interaction(const struct root *root, struct node *first);

#endif
