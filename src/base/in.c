/* SPDX-License-Identifier: MIT */
/* in: a file or standard input as a window of bytes. See in.h. */
#include "base/in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/out.h"

enum { READ = 128 * 1024, PAGE = 4096 }; /* what one read asks for; where the kernel likes to put it */

int in_open(struct in *in, const char *path, size_t max, struct fault *f)
{
	struct stat st;

	*in = (struct in){ .name = path, .max = max };
	if (!path || !strcmp(path, "-")) {
		in->name = "standard input";
		in->fd = 0;
	} else {
		in->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (in->fd < 0)
			return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	}
	if (fstat(in->fd, &st) < 0)
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	in->regular = S_ISREG(st.st_mode);
	return 0;
}

void in_memory(struct in *in, const char *name, struct span bytes)
{
	*in = (struct in){ .p = bytes.p, .n = bytes.n, .name = name, .ended = true, .fd = -1, .regular = true };
}

/* Moves the window to the front of the memory, but so that what is read next begins a page. */
static void move_to_front(struct in *in)
{
	size_t odd = ((uintptr_t)in->mem + in->n) % PAGE;
	char *to = in->mem + (odd ? PAGE - odd : 0);

	if (in->n)
		memmove(to, in->p, in->n);
	in->p = to;
}

/* The window moves when there is no room behind it, and each byte at most once per doubling; and when
 * that costs nothing beside a read, so that the memory in use stays in the cache. */
static bool make_room(struct in *in)
{
	size_t front = in->mem ? (size_t)(in->p - in->mem) : 0;

	if (in->max && in->n > in->max)
		return false;
	if (in->cap - front - in->n >= READ && !(in->regular && in->n < PAGE))
		return true;
	if (in->cap - in->n < READ + PAGE) {
		in->cap = mem_grow(in->cap, in->n + READ + PAGE);
		in->mem = mem_resize(in->mem, in->cap);
		in->p = in->mem + front;
	}
	move_to_front(in);
	return true;
}

static bool may_block(const struct in *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return !in->regular && poll(&p, 1, 0) <= 0;
}

/* One read, which waits if it must. */
static enum in_result read_some(struct in *in, char *to, size_t room, size_t *got, struct fault *f)
{
	ssize_t r;

	if (may_block(in))
		out_flush_all();
	while ((r = read(in->fd, to, room)) < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			out_flush_all();
			poll(&(struct pollfd){ .fd = in->fd, .events = POLLIN }, 1, -1);
		} else if (errno != EINTR) {
			fault_set(f, ST_TROUBLE, "%s", strerror(errno));
			return IN_BAD;
		}
	}
	*got = (size_t)r;
	in->ended = r == 0;
	return in->ended ? IN_END : IN_MORE;
}

enum in_result in_more(struct in *in, struct fault *f)
{
	enum in_result result;
	size_t got = 0;

	if (in->ended)
		return IN_END;
	if (!make_room(in))
		return IN_FULL;
	result = read_some(in, in->mem + (in->p - in->mem) + in->n, READ, &got, f);
	in->n += got;
	return result;
}

enum in_result in_read(struct in *in, void *to, size_t room, size_t *got, struct fault *f)
{
	enum in_result result;

	if (in->n == 0) {
		*got = 0;
		if (in->ended)
			return IN_END;
		result = read_some(in, to, room, got, f);
		in->offset += *got;
		return result;
	}
	*got = in->n < room ? in->n : room;
	memcpy(to, in->p, *got);
	in_consume(in, *got);
	return IN_MORE;
}

enum in_result in_line(struct in *in, struct span *line, bool *cut, struct fault *f)
{
	size_t seen = 0;

	*cut = false;
	for (;;) {
		const char *lf = in->n > seen ? memchr(in->p + seen, '\n', in->n - seen) : NULL;
		enum in_result r;

		if (lf) {
			*line = (struct span){ in->p, (size_t)(lf - in->p) };
			if (in->max && line->n > in->max)
				return IN_FULL;
			in_consume(in, line->n + 1);
			return IN_MORE;
		}
		seen = in->n;
		r = in_more(in, f);
		if (r == IN_MORE)
			continue;
		if (r == IN_END && in->n > 0) {
			*line = (struct span){ in->p, in->n };
			*cut = true;
			in_consume(in, in->n);
			return IN_MORE;
		}
		return r;
	}
}

enum in_result in_all(struct in *in, struct span *all, struct fault *f)
{
	enum in_result r;

	while ((r = in_more(in, f)) == IN_MORE)
		;
	*all = (struct span){ in->p ? in->p : "", in->n };
	return r;
}

enum in_result in_drain(struct in *in, struct fault *f)
{
	enum in_result r;

	if (in->regular)
		return IN_END;
	do
		in_consume(in, in->n);
	while ((r = in_more(in, f)) == IN_MORE);
	return r;
}

int in_whole(struct in *in, const char *path, size_t max, struct fault *f)
{
	struct span all;

	if (in_open(in, path, max, f) < 0)
		return -1;
	if (in_all(in, &all, f) == IN_FULL)
		fault_set(f, ST_INPUT, "input of more than --max-size");
	return f->status == ST_OK ? 0 : -1;
}

void in_close(struct in *in)
{
	if (in->fd > 0)
		close(in->fd);
	free(in->mem);
	in->mem = NULL;
	in->p = NULL;
	in->n = 0;
}
