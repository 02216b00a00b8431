/* SPDX-License-Identifier: MIT */
/*
 * stop: SIGINT, SIGTERM and SIGHUP as a descriptor that becomes readable, so that a loop can end in
 * order: finish what is in hand, then die of the signal all the same, for the shell to see.
 *
 * A signal that was ignored when the program began (nohup) stays ignored. SIGPIPE is ignored from
 * stop_init on: a connection that the peer closed must not end the program; a write to standard
 * output that fails with EPIPE still does (out.h).
 */
#ifndef NET_STOP_H
#define NET_STOP_H

#include <stdbool.h>

#include "base/err.h"

int stop_init(struct fault *f);
int stop_fd(void);     /* readable (POLLIN) once a signal came */
int stop_signal(void); /* which one; 0: none yet */

/* The same, once: stop_fd is not readable any more until the next. *to_all: the terminal sent it, and
 * to each process in its foreground. */
int stop_take(bool *to_all);

/* While on, a call that blocks ends with EINTR after a signal, also if the signal came just before the call: for a
 * write to a reader who does not read. Uses alarm(2). */
void stop_interrupts(bool on);

void stop_die(void) __attribute__((noreturn)); /* of the signal that came */

#endif
