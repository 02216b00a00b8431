/* SPDX-License-Identifier: MIT */
/*
 * replace: a file's new contents, written beside it and put in its place whole or not at all.
 *
 *	struct replace r;
 *	if (replace_begin(&r, path, &f) == 0 && replace_lock(&r, &f) == 0) {
 *		replace_add(&r, p, n);
 *		replace_commit(&r, &f);
 *	}
 *	replace_end(&r);
 *
 * Whoever opens the path sees the old file or the new one, whenever the process or the machine
 * stops. A symbolic link stays one: the file that it leads to is replaced. Mode bits are kept.
 *
 * A program that a signal may end calls replace_guard first: what is beside the file is removed then too.
 */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include "base/buf.h"
#include "base/err.h"

struct replace {
	char *path;   /* of the file itself, links followed */
	char *beside; /* where the new contents are */
	int folder;   /* its descriptor */
	int fd;       /* -1 once it is closed */
	struct buf held;
	int error; /* errno of a write that failed; 0: none */
	bool done;
};

/* -1 with a fault when the folder cannot be opened, or the path is a device, a FIFO or a folder. Nothing
 * exists beside the file before the first replace_add or replace_commit. */
int replace_begin(struct replace *r, const char *path, struct fault *f);

/* Waits until nobody else holds the lock on the folder; replace_end gives it back. */
int replace_lock(struct replace *r, struct fault *f);

void replace_add(void *replace, const void *p, size_t n); /* errors show in replace_close */
int replace_close(struct replace *r, struct fault *f);    /* all is on disk: r->beside can be read */
int replace_commit(struct replace *r, struct fault *f);   /* closes, if need be, and renames */
void replace_again(struct replace *r);                    /* forgets what was added; path and lock stay */
/* For the one file of a program that does not handle signals itself; it still dies of them. */
void replace_guard(struct replace *r);
void replace_end(struct replace *r);                      /* also after a fault; what was not committed goes */

#endif
