/* SPDX-License-Identifier: MIT */
/* out: bytes to a descriptor, never lost without a word. See out.h. */
#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Large enough that a system call costs nothing beside the bytes, small enough for the cache. */
enum { HELD = 64 * 1024 };

static struct out *opened;

void out_die_of_sigpipe(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(SIGPIPE, &dfl, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE); /* not reached: the default action ends the process */
}

void out_open(struct out *o, int fd, const char *name)
{
	*o = (struct out){ .fd = fd, .name = name, .next = opened };
	opened = o;
	buf_room(&o->held, HELD);
	err_before_message = out_flush_all;
}

static void failed(struct out *o)
{
	o->held.len = 0; /* what could not be written must not be tried again on the way out */
	if (errno == EPIPE)
		out_die_of_sigpipe();
	err_die(ST_TROUBLE, o->name, "%s", strerror(errno));
}

size_t out_some(struct out *o, const void *p, size_t n)
{
	ssize_t w = write(o->fd, p, n);

	if (w >= 0)
		return (size_t)w;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		poll(&(struct pollfd){ .fd = o->fd, .events = POLLOUT }, 1, -1);
	else if (errno != EINTR)
		failed(o);
	return 0;
}

static void write_all(struct out *o, const char *p, size_t n)
{
	while (n > 0) {
		size_t w = out_some(o, p, n);

		p += w;
		n -= w;
	}
}

size_t out_columns(const struct out *o)
{
	struct winsize size;

	return ioctl(o->fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void out_flush(struct out *o)
{
	size_t n = o->held.len;

	if (n == 0)
		return;
	o->held.len = 0;
	write_all(o, o->held.p, n);
}

void out_add(struct out *o, const void *p, size_t n)
{
	if (o->held.len + n > HELD) {
		out_flush(o);
		if (n >= HELD) {
			write_all(o, p, n);
			return;
		}
	}
	memcpy(o->held.p + o->held.len, p, n);
	o->held.len += n;
}

void out_addc(struct out *o, char c)
{
	out_add(o, &c, 1);
}

void out_addspan(struct out *o, struct span s)
{
	if (s.n)
		out_add(o, s.p, s.n);
}

void out_addline(struct out *o, struct span s)
{
	char *at = o->held.p + o->held.len;

	if (o->held.len + s.n + 1 > HELD) {
		out_addspan(o, s);
		out_addc(o, '\n');
		return;
	}
	if (s.n)
		memcpy(at, s.p, s.n);
	at[s.n] = '\n';
	o->held.len += s.n + 1;
}

void out_flush_all(void)
{
	for (struct out *o = opened; o; o = o->next)
		out_flush(o);
}

enum status out_close(struct out *o)
{
	out_flush(o);
	for (struct out **at = &opened; *at; at = &(*at)->next)
		if (*at == o) {
			*at = o->next;
			break;
		}
	if (close(o->fd) < 0 && errno != EINTR && errno != EBADF)
		failed(o);
	buf_release(&o->held);
	return err_status();
}
