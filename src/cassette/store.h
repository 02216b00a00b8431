/* SPDX-License-Identifier: MIT */
/*
 * store: interactions into a cassette file, whole or not at all.
 *
 * Programs that record share files: each addition takes the lock on the folder, reads the file as it
 * is now, and replaces it by one with the interactions at its end (base/replace). Call it when the
 * responses are complete, never before: the lock is not held while anybody waits for a network. It takes
 * as long as the file is large, however many are added.
 *
 * What stands in the file stays as it is spelled, comments too: the new interactions are put behind the
 * list's last one, and those that give way are cut out (splice.h). Where that does not work, in a list
 * that is empty or in YAML's flow style, the whole file is written anew.
 */
#ifndef CASSETTE_STORE_H
#define CASSETTE_STORE_H

#include "base/replace.h"
#include "cassette/cassette.h"
#include "cassette/writer.h"

/* Shall this interaction of the file give way to the new ones? */
typedef bool store_drop(void *context, const struct interaction *old);

/* Adds those of list up to NULL, which must be redacted already. A file that is there keeps its format,
 * and its syntax if that is JSON; a new one, or an empty one, gets `format` (NULL: go-vcr). drop may be
 * NULL. -1 with a fault, and the file is as it was. */
int store_add(const char *path, const char *format, struct interaction *const *list, store_drop *drop, void *context,
              struct fault *f);

/* Puts what was written to r and to w in the file's place, after it was read back and found the
 * same. */
int store_commit(struct replace *r, const struct cassette_writer *w, struct fault *f);

#endif
