/* SPDX-License-Identifier: MIT */
/*
 * proxy: an HTTP proxy that knows CONNECT and nothing else, for the tests of sse-post.
 *
 *	proxy [-r STATUS] [-t SECONDS] PORT
 *
 * Whatever host a client asks for, it gets 127.0.0.1:PORT, so that any name can be tested. It
 * prints its own port, then the first line of each request. -r: it refuses with STATUS.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int upstream;
static const char *refusal;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void relay(int a, int b)
{
	struct pollfd p[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
	char piece[16384];

	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			ssize_t n = p[i].revents ? recv(p[i].fd, piece, sizeof piece, 0) : -2;

			if (n == -2)
				continue;
			if (n <= 0 || send(p[1 - i].fd, piece, (size_t)n, MSG_NOSIGNAL) != n)
				return;
		}
}

static void serve(int fd)
{
	struct sockaddr_in a = loopback(upstream);
	char head[8192] = "", line[512];
	size_t n = 0;
	int up;

	while (!strstr(head, "\r\n\r\n")) {
		ssize_t got = recv(fd, head + n, sizeof head - 1 - n, 0);

		if (got <= 0)
			return;
		n += (size_t)got;
		head[n] = '\0';
	}
	printf("%.*s\n", (int)strcspn(head, "\r"), head);
	if (refusal || strncmp(head, "CONNECT ", 8) != 0) {
		snprintf(line, sizeof line, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n",
		         refusal ? refusal : "405 Method Not Allowed");
		say(fd, line);
		return;
	}
	up = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(up, (struct sockaddr *)&a, sizeof a) < 0) {
		say(fd, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
		return;
	}
	say(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
	relay(fd, up);
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof a;
	unsigned seconds = 60;
	int listener;

	for (int c; (c = getopt(argc, argv, "r:t:")) != -1;) {
		if (c == 'r')
			refusal = optarg;
		else if (c == 't')
			seconds = (unsigned)atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	upstream = atoi(argv[optind]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGCHLD, SIG_IGN);
	alarm(seconds);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, n) < 0 || listen(listener, 16) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &n) < 0)
		die("listen");
	printf("%d\n", ntohs(a.sin_port));
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			die("accept");
		if (fork() == 0) {
			alarm(seconds);
			serve(fd);
			return 0;
		}
		close(fd);
	}
}
