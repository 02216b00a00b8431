/* SPDX-License-Identifier: MIT */
/* key: where an API key comes from. See key.h. */
#include "net/key.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { KEY_MAX = 64 * 1024 }; /* tokens of cloud providers have a few kilobytes */

extern char **environ;

static int finish(const char *what, const char *name, struct buf *key, struct fault *f)
{
	if (key->len && key->p[key->len - 1] == '\n')
		buf_cut(key, key->len - 1);
	if (key->len && key->p[key->len - 1] == '\r')
		buf_cut(key, key->len - 1);
	if (key->full)
		return fault_set(f, ST_USAGE, "the key %s %s has more than %d bytes", what, name, KEY_MAX);
	if (key->len == 0)
		return fault_set(f, ST_USAGE, "the key %s %s is empty", what, name);
	for (size_t i = 0; i < key->len; i++)
		if ((unsigned char)key->p[i] < ' ' || key->p[i] == 0x7f)
			return fault_set(f, ST_USAGE, "the key %s %s holds a control character", what, name);
	return 0;
}

/* What looks like a variable of the shell; somebody will give the key itself in its place. */
static bool is_shown(const char *name)
{
	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

int key_from_variable(const char *name, const char *value, struct buf *key, struct fault *f)
{
	if (!value && is_shown(name))
		return fault_set(f, ST_USAGE, "no key: the variable %s is not set", name);
	if (!value)
		return fault_set(f, ST_USAGE, "no key: the variable that -k names is not set; it takes a name, no key");
	buf_adds(key, value);
	return finish("in variable", name, key, f);
}

static int slurp(int fd, struct buf *key)
{
	char piece[4096];
	ssize_t n;

	key->max = KEY_MAX;
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n > 0)
			buf_add(key, piece, (size_t)n);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

int key_from_file(const char *path, struct buf *key, bool *loose, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*loose = false;
	if (fd < 0 || fstat(fd, &st) < 0 || slurp(fd, key) < 0) {
		fault_set(f, ST_USAGE, "no key: %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	*loose = S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO));
	return finish("in file", path, key, f);
}

static int spawn(const char *command, int out, pid_t *pid)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t pipes;
	int r;

	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &pipes);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	r = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return r;
}

int key_from_command(const char *command, struct buf *key, struct fault *f)
{
	int ends[2], status = 0, r, bad;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(f, ST_TROUBLE, "--key-command: %s", strerror(errno));
	r = spawn(command, ends[1], &pid);
	close(ends[1]);
	bad = r == 0 ? slurp(ends[0], key) : 0;
	close(ends[0]);
	if (r != 0 || bad < 0)
		return fault_set(f, ST_TROUBLE, "--key-command: %s", strerror(r ? r : errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		return fault_set(f, ST_TROUBLE, "--key-command was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return fault_set(f, ST_TROUBLE, "--key-command failed with status %d", WEXITSTATUS(status));
	return finish("from", "--key-command", key, f);
}

static int from_provider(const struct provider *p, provider_lookup *lookup, const struct fields *h,
                         struct provider_auth *auth, struct buf *key, struct fault *f)
{
	if (!p)
		return 0;
	for (int i = 0; i < PROVIDER_AUTHS && p->auth[i].variable; i++)
		if (fields_has(h, p->auth[i].header))
			return 0;
	for (int i = 0; i < PROVIDER_AUTHS && p->auth[i].variable; i++) {
		const char *value = lookup(p->auth[i].variable);

		*auth = p->auth[i];
		if (value && *value)
			return key_from_variable(p->auth[i].variable, value, key, f);
	}
	if (p->keyless)
		return 0;
	return fault_set(f, ST_USAGE, "no key for %s: set %s%s%s, or use -k, --key-file or --key-command", p->name,
	                 p->auth[0].variable, p->auth[1].variable ? " or " : "",
	                 p->auth[1].variable ? p->auth[1].variable : "");
}

int key_find(const struct key_source *s, const struct provider *p, provider_lookup *lookup, const struct fields *h,
             struct provider_auth *auth, struct buf *key, bool *loose, struct fault *f)
{
	*auth = provider_auth_for(p, s->variable);
	if (s->variable)
		return key_from_variable(s->variable, lookup(s->variable), key, f);
	if (s->file)
		return key_from_file(s->file, key, loose, f);
	if (s->command)
		return key_from_command(s->command, key, f);
	return from_provider(p, lookup, h, auth, key, f);
}

void key_guard_memory(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
#ifdef __linux__
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
