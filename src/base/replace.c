/* SPDX-License-Identifier: MIT */
/* replace: a file's new contents, put in its place whole or not at all. See replace.h. */
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { HELD = 64 * 1024 };

/* What a signal removes; NULL: nothing. */
static const char *volatile guarded;

/* SA_RESETHAND: the signal is its own again, and is delivered when this returns. */
static void on_signal(int sig)
{
	if (guarded)
		unlink(guarded);
	raise(sig);
}

void replace_guard(struct replace *r)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGXFSZ };
	struct sigaction old, mine = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	guarded = r->beside;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		sigaction(signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(signals[i], &mine, NULL);
	}
}

int replace_begin(struct replace *r, const char *path, struct fault *f)
{
	char *real = realpath(path, NULL); /* NULL as well when there is no such file yet */
	char *folder;
	const char *slash;
	struct buf beside = BUF_INIT;
	struct stat st;

	*r = (struct replace){ .fd = -1, .folder = -1 };
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) { /* /dev/null would not be one any more */
		free(real);
		return fault_set(f, ST_TROUBLE, "no regular file, so it is not replaced");
	}
	if (!real && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return fault_set(f, ST_TROUBLE, "a symbolic link to nothing, so it is not replaced");
	r->path = real ? real : mem_dup(path, strlen(path));
	slash = strrchr(r->path, '/');
	folder = slash ? mem_dup(r->path, (size_t)(slash - r->path) + 1) : mem_dup(".", 1);
	r->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (r->folder < 0)
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	slash = slash ? slash + 1 : r->path;
	buf_add(&beside, r->path, (size_t)(slash - r->path));
	buf_addf(&beside, ".%s.XXXXXX", slash);
	r->beside = buf_take(&beside);
	return 0;
}

int replace_lock(struct replace *r, struct fault *f)
{
	while (flock(r->folder, LOCK_EX) < 0)
		if (errno != EINTR)
			return fault_set(f, ST_TROUBLE, "cannot lock the folder: %s", strerror(errno));
	return 0;
}

/* mkstemp(3) makes files that only their owner may read; a cassette has the mode that it had, or
 * what umask leaves of 666. */
static void set_mode(int fd, const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0) {
		if (fchmod(fd, st.st_mode & 07777) < 0)
			return; /* then it stays private */
	} else {
		mask = umask(0);
		umask(mask);
		if (fchmod(fd, 0666 & ~mask) < 0)
			return;
	}
}

static bool open_beside(struct replace *r)
{
	if (r->fd >= 0 || r->error)
		return !r->error;
	r->fd = mkstemp(r->beside);
	if (r->fd < 0) {
		r->error = errno;
		return false;
	}
	fcntl(r->fd, F_SETFD, FD_CLOEXEC);
	set_mode(r->fd, r->path);
	return true;
}

static void flush(struct replace *r)
{
	const char *p = r->held.p;
	size_t left = r->held.len;

	while (left > 0 && open_beside(r)) {
		ssize_t n = write(r->fd, p, left);

		if (n < 0 && errno != EINTR)
			r->error = errno;
		if (n > 0) {
			p += n;
			left -= (size_t)n;
		}
	}
	buf_reset(&r->held);
}

void replace_add(void *replace, const void *p, size_t n)
{
	struct replace *r = replace;

	if (r->error)
		return;
	buf_add(&r->held, p, n);
	if (r->held.len >= HELD)
		flush(r);
}

int replace_close(struct replace *r, struct fault *f)
{
	flush(r);
	if (open_beside(r) && fsync(r->fd) < 0)
		r->error = errno;
	if (r->fd >= 0 && close(r->fd) < 0 && errno != EINTR && !r->error)
		r->error = errno;
	r->fd = -1;
	return r->error ? fault_set(f, ST_TROUBLE, "%s", strerror(r->error)) : 0;
}

int replace_commit(struct replace *r, struct fault *f)
{
	if (r->fd >= 0 && replace_close(r, f) < 0)
		return -1;
	if (rename(r->beside, r->path) < 0)
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	r->done = true;
	if (fsync(r->folder) < 0 && errno != EINVAL && errno != EBADF) /* some filesystems have no such thing */
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	return 0;
}

static void discard(struct replace *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (r->beside && !r->done)
		unlink(r->beside); /* the name that mkstemp made, or a pattern that is no file */
}

void replace_again(struct replace *r)
{
	discard(r);
	memset(r->beside + strlen(r->beside) - 6, 'X', 6); /* a pattern again */
	buf_reset(&r->held);
	r->error = 0;
}

void replace_end(struct replace *r)
{
	discard(r);
	if (guarded == r->beside)
		guarded = NULL;
	if (r->folder >= 0)
		close(r->folder);
	free(r->beside);
	free(r->path);
	buf_release(&r->held);
	*r = (struct replace){ .fd = -1, .folder = -1 };
}
