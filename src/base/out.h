/* SPDX-License-Identifier: MIT */
/*
 * out: bytes to a descriptor, never lost without a word.
 *
 * What is added is gathered and written in large pieces; base/in flushes every open out before a
 * read that may block, so a live stream passes without delay and a file at full speed. A write
 * that fails ends the program: status 4 and a message, except for EPIPE, which ends it as SIGPIPE
 * does (libcurl ignores that signal while it runs a callback, so it is raised here by hand).
 *
 *	struct out out;
 *	out_open(&out, 1, "standard output");
 *	out_add(&out, p, n);
 *	return out_close(&out);            in main: the exit status of the program
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct out {
	int fd;
	const char *name; /* for messages; borrowed */
	struct buf held;
	struct out *next;
};

void out_open(struct out *o, int fd, const char *name);
void out_add(struct out *o, const void *p, size_t n);
void out_addc(struct out *o, char c);
void out_addspan(struct out *o, struct span s);
void out_addline(struct out *o, struct span s); /* and a line feed */

/* One write(2) of what nothing is held before; returns how much of it was written, 0 if a signal came first. */
size_t out_some(struct out *o, const void *p, size_t n);

/* Columns of the terminal that o goes to; 0: it goes to something else. */
size_t out_columns(const struct out *o);

void out_flush(struct out *o);
void out_flush_all(void); /* every open out */

/* Flushes, closes the descriptor and finds the errors that only close(2) tells. Returns the exit
 * status of the process, err_status(). */
enum status out_close(struct out *o);

/* Dies of SIGPIPE, whatever was done to that signal. */
void out_die_of_sigpipe(void) __attribute__((noreturn));

#endif
