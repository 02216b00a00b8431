/* SPDX-License-Identifier: MIT */
/* err: what is said to people, and the exit status. See err.h. */
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/controls.h"

void (*err_before_message)(void);

enum { FEW = 5 };

static const char *program = "sseutils";
static enum status highest;

/* A closed descriptor is opened the wrong way round (0 for writing, 1 and 2 for reading), so that
 * using it gives EBADF, as if it were closed, and the next open(2) gets another number. */
static void hold_descriptor(int fd)
{
	int got;

	if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
		return;
	got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	if (got >= 0 && got != fd) {
		dup2(got, fd);
		close(got);
	}
}

void err_init(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	for (int fd = 0; fd <= 2; fd++)
		hold_descriptor(fd);
	if (argv0 && *argv0)
		program = slash ? slash + 1 : argv0;
	if (!strncmp(program, "lt-", 3))
		program += 3;
}

const char *err_program(void)
{
	return program;
}

static void trim_character(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && ((unsigned char)s[n - 1] & 0x80))
		n--;
	s[n] = '\0';
}

int fault_set(struct fault *f, enum status status, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (f->status != ST_OK)
		return -1;
	f->status = status;
	va_start(ap, fmt);
	n = vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof f->text)
		trim_character(f->text);
	return -1;
}

/* A flush that fails says so, and must not flush again. */
static void flush_output(void)
{
	static bool flushing;

	if (flushing || !err_before_message)
		return;
	flushing = true;
	err_before_message();
	flushing = false;
}

void err_line(void *unused, struct span line)
{
	(void)unused;
	flush_output();
	if (dprintf(2, "%.*s\n", (int)line.n, line.p) < 0) {
		/* nowhere left to complain */
	}
}

static void say(const char *place, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void say(const char *place, const char *fmt, va_list ap)
{
	char line[1400];
	int at;

	flush_output();
	at = place ? snprintf(line, 900, "%s: %s: ", program, place) : snprintf(line, 900, "%s: ", program);
	if (at >= 900)
		at = 899;
	if (vsnprintf(line + at, sizeof line - (size_t)at - 1, fmt, ap) >= (int)sizeof line - at - 1)
		trim_character(line);
	controls_blank(line, strlen(line), "");
	strcat(line, "\n");
	if (write(2, line, strlen(line)) < 0) {
		/* nowhere left to complain */
	}
}

void err_say(enum status status, const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(place, fmt, ap);
	va_end(ap);
	err_raise(status);
}

void err_note(const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(place, fmt, ap);
	va_end(ap);
}

void err_tell(enum status status, const char *place, const char *text)
{
	if (status == ST_OK)
		err_note(place, "%s", text);
	else
		err_say(status, place, "%s", text);
}

void err_fault(const char *place, const struct fault *f)
{
	if (f->status != ST_OK)
		err_say(f->status, place, "%s", f->text);
}

bool err_few(struct err_few *k, enum status status)
{
	err_raise(status);
	return k->n++ < FEW;
}

void err_few_end(struct err_few *k, unsigned kinds, const char *place)
{
	for (; kinds-- > 0; k++) {
		if (k->n > FEW)
			err_note(place, "%lu more: %s", k->n - FEW, k->kind);
		k->n = 0;
	}
}

void err_die(enum status status, const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(place, fmt, ap);
	va_end(ap);
	err_raise(status);
	exit(highest);
}

void err_nomem(void)
{
	err_die(ST_TROUBLE, NULL, "out of memory");
}

void err_raise(enum status status)
{
	if (status > highest)
		highest = status;
}

enum status err_status(void)
{
	return highest;
}
