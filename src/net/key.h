/* SPDX-License-Identifier: MIT */
/*
 * key: where an API key comes from. Never from the command line, which every user of the machine
 * can read.
 *
 * Each function appends the key to an empty buf: one line feed (or CRLF) at its end is dropped, and
 * a key that is empty or could forge a header is refused. No fault ever quotes it.
 */
#ifndef NET_KEY_H
#define NET_KEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/field.h"
#include "net/provider.h"

/* Where the user said that it is; at most one is set. */
struct key_source {
	const char *variable;
	const char *file;
	const char *command;
};

/* The key from where the user said, else from the first of the provider's variables that is set,
 * and how it goes out. None is needed, and key stays empty, when a header of h carries one already
 * or the provider works without. -1 with a fault that says what to do. */
int key_find(const struct key_source *s, const struct provider *p, provider_lookup *lookup, const struct fields *h,
             struct provider_auth *auth, struct buf *key, bool *loose, struct fault *f);

int key_from_variable(const char *name, const char *value, struct buf *key, struct fault *f);

/* *loose: others than the owner may read the file. */
int key_from_file(const char *path, struct buf *key, bool *loose, struct fault *f);

/* What `sh -c COMMAND` prints; its standard input is empty, as ours may be the body. */
int key_from_command(const char *command, struct buf *key, struct fault *f);

/* No core file and no look into this process by others of the same user, where the system can. */
void key_guard_memory(void);

#endif
