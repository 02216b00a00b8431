/* SPDX-License-Identifier: MIT */
/*
 * pieces [-b N | -s SEED] FILE -- COMMAND...
 *
 * Runs COMMAND with FILE as its standard input, cut into pieces of N bytes or, with -s, of random
 * sizes: every read of COMMAND sees one piece. An ordinary pipe joins what is written; one with
 * O_DIRECT keeps packets apart (pipe(2)), and where there is none a SOCK_SEQPACKET pair does so.
 * Without -b and -s a piece is as large as a packet may be. Exits as COMMAND does; 127 is trouble.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TROUBLE = 127, PACKET = 4096 };

static void die(const char *what)
{
	fprintf(stderr, "pieces: %s: %s\n", what, strerror(errno));
	exit(TROUBLE);
}

static void packets(int fd[2])
{
#ifdef O_DIRECT
	if (pipe2(fd, O_DIRECT) < 0)
		die("pipe2");
#else
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		die("socketpair");
	fd[0] = pair[0];
	fd[1] = pair[1];
#endif
}

/* Numerical Recipes' generator: the same pieces on every machine. Small ones are the likely ones. */
static size_t random_size(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	switch (*state >> 30) {
	case 0:
		return 1 + (*state >> 16) % 3;
	case 1:
		return 1 + (*state >> 16) % 30;
	case 2:
		return 1 + (*state >> 16) % 300;
	default:
		return 1 + (*state >> 16) % PACKET;
	}
}

static bool send_piece(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EPIPE)
			return false; /* COMMAND has read enough */
		if (w < 0)
			die("write");
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static void deliver(FILE *file, int fd, size_t size, uint32_t *seed)
{
	char piece[PACKET];
	size_t n;

	do {
		size_t want = seed ? random_size(seed) : size;

		n = fread(piece, 1, want, file);
	} while (n > 0 && send_piece(fd, piece, n));
	if (ferror(file))
		die("read");
}

static pid_t start(char **command, int fd[2])
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return child;
	dup2(fd[0], 0);
	close(fd[0]);
	close(fd[1]);
	execvp(command[0], command);
	die(command[0]);
	return -1;
}

static size_t number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || n > UINT32_MAX) {
		fprintf(stderr, "pieces: '%s' is no number\n", text);
		exit(TROUBLE);
	}
	return n;
}

int main(int argc, char **argv)
{
	size_t size = PACKET;
	uint32_t seed = 0;
	bool random = false;
	int c, fd[2], status;
	FILE *file;
	pid_t child;

	while ((c = getopt(argc, argv, "+b:s:")) != -1) {
		if (c == 'b')
			size = number(optarg);
		else if (c == 's')
			seed = (uint32_t)number(optarg), random = true;
		else
			return TROUBLE;
	}
	if (argc - optind < 3 || strcmp(argv[optind + 1], "--") || size == 0 || size > PACKET) {
		fprintf(stderr, "usage: pieces [-b 1..%d | -s SEED] FILE -- COMMAND...\n", PACKET);
		return TROUBLE;
	}
	file = fopen(argv[optind], "r");
	if (!file)
		die(argv[optind]);
	packets(fd);
	child = start(argv + optind + 2, fd);
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	deliver(file, fd[1], size, random ? &seed : NULL);
	close(fd[1]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
