/* SPDX-License-Identifier: MIT */
/* ended: SIGCHLD as a descriptor that becomes readable when a child process has ended, for loops that
 * wait for other things too. One at a time in a process. */
#ifndef NET_ENDED_H
#define NET_ENDED_H

#include "base/err.h"

int ended_watch(struct fault *f); /* from now on */
int ended_fd(void);
void ended_clear(void); /* not readable any more, until the next */
void ended_watch_no_more(void);

#endif
