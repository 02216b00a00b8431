/* SPDX-License-Identifier: MIT */
/* sink: where a reply goes. See sink.h. */
#include "net/sink.h"

#include <errno.h>
#include <fcntl.h>
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

static void write_now(struct out *o, struct span bytes)
{
	stop_at_once(true);
	out_addspan(o, bytes);
	out_flush(o);
	stop_at_once(false);
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
