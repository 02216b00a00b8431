/* SPDX-License-Identifier: MIT */
/*
 * err: what is said to people, and the exit status.
 *
 * Every message is one line on stderr,
 *
 *	PROGRAM: PLACE: FAULT
 *
 * lower case, no full stop; control characters of whatever is quoted are blanked, so that bytes
 * from outside never reach the terminal. A message raises the exit status of the process to its
 * own; with several faults the highest wins (sseutils(7), EXIT STATUS).
 *
 * Layers below cmd/ do not print. They fill a struct fault, which the program shows.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/span.h"

enum status {
	ST_OK = 0,      /* done */
	ST_NO = 1,      /* the answer is no */
	ST_USAGE = 2,   /* used wrongly; nothing was read */
	ST_INPUT = 3,   /* bad input: malformed, empty, ended too early */
	ST_TROUBLE = 4, /* read, write, memory, network; trying again may help */
};

/* What went wrong, for a caller to show or to drop. status is ST_OK when nothing did. */
struct fault {
	enum status status;
	char	    text[480]; /* cut when longer, never in the middle of a UTF-8 character */
};

/* Fills f (an earlier fault is kept: the first is the cause) and returns -1. */
int fault_set(struct fault *f, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Name of the program for messages; standard descriptors that are closed become unusable ones,
 * so that no file that is opened later can be taken for them. Call first thing in main. */
void err_init(const char *program);
const char *err_program(void);

/* Say it and raise the status; place may be NULL. */
void err_say(enum status status, const char *place, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void err_fault(const char *place, const struct fault *f);

/* Say something that is not a fault: the status stays. */
void err_note(const char *place, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* err_note when status is ST_OK, else err_say: for layers that are given one place for both. */
void err_tell(enum status status, const char *place, const char *text);

/* A line that is no message but what somebody asked to see there, as it is. */
void err_line(void *unused, struct span line);

/* Faults that may come by the thousand: the first five of a kind are said, the others counted.
 *
 *	if (err_few(&few, ST_INPUT))
 *		err_say(ST_INPUT, place, "not JSON: ...");
 */
struct err_few {
	const char   *kind;
	unsigned long n;
};
bool err_few(struct err_few *k, enum status status); /* raises; is it one of the first? */
void err_few_end(struct err_few *k, unsigned kinds, const char *place); /* says how many more; begins anew */

/* Say it and end. */
void err_die(enum status status, const char *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void err_nomem(void) __attribute__((noreturn));

void err_raise(enum status status); /* raise without a word */
enum status err_status(void);	    /* the highest so far */

/* Called before a message, to write what is whole: on a terminal, and where both streams go to one
 * file, a message stands behind the output that it is about (base/out registers itself). */
extern void (*err_before_message)(void);

#endif
