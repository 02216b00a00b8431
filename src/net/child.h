/* SPDX-License-Identifier: MIT */
/* child: one command beside this program, with its standard input, output and error. */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

enum { CHILD_NO_EXEC = 126, CHILD_NOT_FOUND = 127, CHILD_SIGNAL = 128 };

struct child {
	pid_t pid; /* 0: none, or it has ended */
	int status; /* once it has: as a shell's $?, 128 + n for signal n */
};

/* Signals are for it as they were for us when we began. -1 with a fault; its status is then as a
 * shell's. */
int child_start(struct child *c, char *const *argv, char *const *envp, struct fault *f);
bool child_ended(struct child *c); /* looks, and lets it go */

#endif
