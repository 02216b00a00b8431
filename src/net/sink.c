/* SPDX-License-Identifier: MIT */
/* sink: where a reply goes. See sink.h. */
#include "net/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "net/stop.h"

int sink_open(struct sink *s, const char *dump, bool include, struct fault *f)
{
	int flags = fcntl(1, F_GETFL), fd;

	*s = (struct sink){ .include = include };
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return fault_set(f, ST_TROUBLE, "standard output: %s", strerror(EBADF));
	out_open(&s->out, 1, "standard output");
	if (!dump)
		return 0;
	fd = open(dump, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return fault_set(f, ST_TROUBLE, "%s: %s", dump, strerror(errno));
	out_open(&s->dump, fd, dump);
	s->dumps = true;
	return 0;
}

/* Where a pipe is writable, PIPE_BUF bytes do not block. */
static void write_what_fits(struct out *o, struct span bytes)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	size_t n;

	while (bytes.n && poll(&p, 1, 0) == 1) {
		n = out_some(o, bytes.p, bytes.n < PIPE_BUF ? bytes.n : PIPE_BUF);
		if (n == 0)
			break;
		bytes = (struct span){ bytes.p + n, bytes.n - n };
	}
}

static void write_now(struct out *o, struct span bytes)
{
	size_t n;

	stop_interrupts(true);
	while (bytes.n && !stop_signal()) {
		n = out_some(o, bytes.p, bytes.n);
		bytes = (struct span){ bytes.p + n, bytes.n - n };
	}
	write_what_fits(o, bytes);
	stop_interrupts(false);
}

void sink_head(struct sink *s, const struct client_reply *r)
{
	if (s->dumps)
		write_now(&s->dump, buf_span(&r->head));
	if (s->include)
		write_now(&s->out, buf_span(&r->head));
}

void sink_body(struct sink *s, struct span piece)
{
	write_now(&s->out, piece);
}

enum status sink_close(struct sink *s)
{
	if (s->dumps)
		out_close(&s->dump);
	return out_close(&s->out);
}
