/* SPDX-License-Identifier: MIT */
/* ended: SIGCHLD as a descriptor. See ended.h. */
#include "net/ended.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int ends[2] = { -1, -1 };
static struct sigaction before;

static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	if (write(ends[1], "", 1) < 0) {
		/* full: readable already */
	}
	errno = saved;
}

int ended_watch(struct fault *f)
{
	struct sigaction mine = { .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP | SA_RESTART };

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	sigaction(SIGCHLD, &mine, &before);
	return 0;
}

int ended_fd(void)
{
	return ends[0];
}

void ended_clear(void)
{
	char some[64];

	while (read(ends[0], some, sizeof some) > 0)
		;
}

void ended_watch_no_more(void)
{
	if (ends[0] < 0)
		return;
	sigaction(SIGCHLD, &before, NULL);
	close(ends[0]);
	close(ends[1]);
	ends[0] = ends[1] = -1;
}
