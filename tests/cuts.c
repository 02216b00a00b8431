/* SPDX-License-Identifier: MIT */
/*
 * cuts: what a program makes of an input that is cut, by brute force.
 *
 *	cuts [-n MAX] [-l | -t] [-p] INPUT PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM on INPUT, then on each beginning of INPUT, or on MAX of them, evenly spread. Each run must
 * end by itself with status 0, 1 or 3; with 3 something must stand on stderr, with 0 nothing where the
 * whole input gave nothing.
 *
 *	-l  what is written is lines: all but the last of a cut run begin the whole output
 *	-t  what is written is text: that of a cut run begins the whole, but for a line feed at its end
 *	    and a U+FFFD before that, which stands for half a character
 *	-p  also: INPUT through a pipe that keeps packets apart, 1, 2, 3, 7 and 64 bytes at a time,
 *	    gives the same output and status as the whole
 *
 * INPUT is standard input, or the file that the argument `{}` becomes. What fails is told on
 * stdout, and the status is 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 60, SHOWN = 8 };

struct bytes {
	char  *p;
	size_t n;
};

struct run {
	int	     status; /* exit status, or 128 and the signal */
	struct bytes out, err;
};

static char **command;
static int feed, out_file, err_file; /* temporary files */
static unsigned failures;

static void die(const char *what)
{
	fprintf(stderr, "cuts: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void failure(const char *what, size_t at, const struct run *r)
{
	if (++failures > SHOWN)
		return;
	printf("%s %zu: status %d, %zu bytes out; stderr: %.*s%s", what, at, r->status, r->out.n, (int)r->err.n,
	       r->err.p, r->err.n ? "" : "nothing\n");
}

static int temporary(char *path, size_t size)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, size, "%s/sseutils-cuts.XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		die(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static struct bytes slurp(int fd)
{
	struct stat st;
	struct bytes b;

	if (fstat(fd, &st) < 0)
		die("stat");
	b.n = (size_t)st.st_size;
	b.p = malloc(b.n + 1);
	if (!b.p || pread(fd, b.p, b.n, 0) != (ssize_t)b.n)
		die("read");
	b.p[b.n] = '\0';
	return b;
}

static pid_t start(int stdin_fd)
{
	pid_t pid;

	if (ftruncate(out_file, 0) < 0 || ftruncate(err_file, 0) < 0)
		die("truncate");
	lseek(out_file, 0, SEEK_SET);
	lseek(err_file, 0, SEEK_SET);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	alarm(SECONDS); /* what hangs dies of it */
	dup2(stdin_fd, 0);
	dup2(out_file, 1);
	dup2(err_file, 2);
	execvp(command[0], command);
	_exit(127);
}

static struct run finish(pid_t pid)
{
	struct run r = { 0 };
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("wait");
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	r.out = slurp(out_file);
	r.err = slurp(err_file);
	return r;
}

static struct run run_cut(size_t n)
{
	if (ftruncate(feed, (off_t)n) < 0)
		die("truncate");
	lseek(feed, 0, SEEK_SET);
	return finish(start(feed));
}

static void run_release(struct run *r)
{
	free(r->out.p);
	free(r->err.p);
}

static bool begins(const struct bytes *whole, const char *p, size_t n)
{
	return n <= whole->n && memcmp(whole->p, p, n) == 0;
}

static size_t without_last_line(const struct bytes *b)
{
	size_t n = b->n;

	if (n > 0)
		n--; /* its own line feed */
	while (n > 0 && b->p[n - 1] != '\n')
		n--;
	if (n > 0 && (n == 1 || b->p[n - 2] == '\n'))
		n--; /* the empty line that separates it from the stream before */
	return n;
}

static bool begins_as_text(const struct bytes *whole, const struct bytes *text)
{
	size_t n = text->n;

	if (n > 0 && text->p[n - 1] == '\n')
		n--;
	if (!begins(whole, text->p, n) && n >= 3 && !memcmp(text->p + n - 3, "\xef\xbf\xbd", 3))
		n -= 3;
	return begins(whole, text->p, n);
}

static void judge_cut(const struct run *whole, const struct run *r, size_t at, char mode)
{
	if (r->status != 0 && r->status != 1 && r->status != 3)
		failure("cut at byte", at, r);
	else if (r->status == 3 && r->err.n == 0)
		failure("nothing said, cut at byte", at, r);
	else if (r->status == 0 && r->err.n && !whole->err.n)
		failure("something said, cut at byte", at, r);
	else if (mode == 'l' && !begins(&whole->out, r->out.p, without_last_line(&r->out)))
		failure("lines are not the whole's, cut at byte", at, r);
	else if (mode == 't' && !begins_as_text(&whole->out, &r->out))
		failure("text is not the whole's, cut at byte", at, r);
}

/* From the end to the front, since a file is shortened more easily than it grows. */
static void all_cuts(const struct run *whole, size_t n, size_t max, char mode)
{
	size_t places = n <= max ? n : max;

	for (size_t i = places; i-- > 0;) {
		size_t at = places == n ? i : (size_t)((double)i * (double)n / (double)places);
		struct run r = run_cut(at);

		judge_cut(whole, &r, at, mode);
		run_release(&r);
	}
}

#ifdef O_DIRECT
static void pieces(const struct run *whole, const struct bytes *input, size_t size)
{
	int pipe_fds[2];
	struct run r;
	pid_t pid;

	if (pipe2(pipe_fds, O_DIRECT | O_CLOEXEC) < 0)
		die("pipe");
	pid = start(pipe_fds[0]);
	close(pipe_fds[0]);
	for (size_t i = 0; i < input->n; i += size)
		if (write(pipe_fds[1], input->p + i, input->n - i < size ? input->n - i : size) < 0)
			break; /* the program left: what it said is judged below */
	close(pipe_fds[1]);
	r = finish(pid);
	if (r.status != whole->status || r.out.n != whole->out.n || !begins(&whole->out, r.out.p, r.out.n))
		failure("not as the whole, in pieces of", size, &r);
	run_release(&r);
}

static void all_pieces(const struct run *whole, const struct bytes *input)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 64 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (input->n / sizes[i] <= 200000)
			pieces(whole, input, sizes[i]);
}
#else
static void all_pieces(const struct run *whole, const struct bytes *input)
{
	(void)whole;
	(void)input;
}
#endif

static struct bytes read_input(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct bytes b;

	if (fd < 0)
		die(path);
	b = slurp(fd);
	close(fd);
	return b;
}

static bool put_file(char **arguments, char *path)
{
	for (; *arguments; arguments++)
		if (!strcmp(*arguments, "{}")) {
			*arguments = path;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	char feed_path[4096], path[4096], mode = '\0';
	bool packets = false;
	size_t max = (size_t)-1;
	struct bytes input;
	struct run whole;
	int c;

	while ((c = getopt(argc, argv, "+n:ltp")) != -1)
		switch (c) {
		case 'n':
			max = (size_t)strtoul(optarg, NULL, 10);
			break;
		case 'p':
			packets = true;
			break;
		default:
			mode = (char)c;
		}
	if (argc - optind < 2 || mode == '?') {
		fputs("usage: cuts [-n MAX] [-l | -t] [-p] INPUT PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	input = read_input(argv[optind]);
	command = argv + optind + 1;
	feed = temporary(feed_path, sizeof feed_path);
	out_file = temporary(path, sizeof path);
	unlink(path);
	err_file = temporary(path, sizeof path);
	unlink(path);
	if (write(feed, input.p, input.n) != (ssize_t)input.n)
		die(feed_path);
	if (!put_file(command, feed_path))
		unlink(feed_path);
	whole = run_cut(input.n);
	if (packets)
		all_pieces(&whole, &input);
	all_cuts(&whole, input.n, max, mode);
	unlink(feed_path);
	if (failures > SHOWN)
		printf("and %u more\n", failures - SHOWN);
	return failures > 0;
}
