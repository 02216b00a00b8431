/* SPDX-License-Identifier: MIT */
/* child: one command beside this program. See child.h. */
#include "net/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

int child_start(struct child *c, char *const *argv, char *const *envp, struct fault *f)
{
	posix_spawnattr_t how;
	sigset_t usual;
	int error;

	*c = (struct child){ 0 };
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE); /* those with handlers come back by themselves */
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigdefault(&how, &usual);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(&c->pid, argv[0], NULL, &how, argv, envp);
	posix_spawnattr_destroy(&how);
	if (!error)
		return 0;
	c->pid = 0;
	c->status = error == ENOENT || error == ENOTDIR ? CHILD_NOT_FOUND : CHILD_NO_EXEC;
	return fault_set(f, ST_USAGE, "cannot be run: %s", strerror(error));
}

bool child_ended(struct child *c)
{
	int status;

	if (c->pid == 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return c->pid == 0;
	c->pid = 0;
	c->status = WIFSIGNALED(status) ? CHILD_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}
