/* SPDX-License-Identifier: MIT */
/*
 * httpd: an HTTP/1.1 server that does what a script says, for the tests of sse-post.
 *
 *	httpd [-ef] [-g FIFO] [-l PREFIX] [-t SECONDS] SCRIPT
 *
 * It listens on a free port of 127.0.0.1 and prints it. Each request gets the script's next reply;
 * after the last one the program ends. -e: a request counts as read with its head. -f: a process per connection, each
 *with the whole script, until it is ended. -l: request N is kept in PREFIX.N, bytes as they came. -t: it ends after so
 * many seconds whatever happens (60). What it sees it prints: "request POST /v1", "gone".
 *
 * A script is lines; `reply` begins a reply. \n \r \t \\ \xHH are as in C.
 *
 *	status 429 Too Many Requests      200 OK unless said
 *	header Retry-After: 1
 *	chunked                           or: length N; neither: the connection's end ends the body
 *	body data: {"a":1}\n\n            one write; the head, if it is still due, is another before it
 *	fill 100000                       so many bytes
 *	raw \r\n                          the same without a chunk around it
 *	file PATH                         what is in there
 *	head                              send the head now
 *	go                                wait for a byte from FIFO
 *	gone                              wait for the client to leave, and print it
 *	deaf                              read nothing more, until ended
 *	cut, reset                        leave now, with FIN or with RST
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES = 1024, REQUEST = 8 << 20 };

struct server {
	char *lines[LINES];
	int count;
	int next; /* line of the next reply */
	int listener, fifo;
	bool early;
	bool forks;
	const char *prefix;
	int served;
};

struct reply {
	int fd;
	char head[128 * 1024];
	bool headed, chunked, length, over;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static size_t unescape(char *s)
{
	char *to = s;

	for (char *p = s; *p; p++) {
		char hex[3] = "";

		if (*p != '\\') {
			*to++ = *p;
			continue;
		}
		switch (*++p) {
		case 'n':
			*to++ = '\n';
			break;
		case 'r':
			*to++ = '\r';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'x':
			memcpy(hex, p + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			p += 2;
			break;
		default:
			*to++ = *p;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

static void put(struct reply *r, const char *p, size_t n)
{
	while (n && !r->over) {
		ssize_t w = send(r->fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			r->over = true;
			return;
		}
		p += w;
		n -= (size_t)w;
	}
}

static void send_head(struct reply *r)
{
	if (r->headed)
		return;
	r->headed = true;
	if (strncmp(r->head, "HTTP/", 5) != 0) {
		memmove(r->head + 17, r->head, strlen(r->head) + 1);
		memcpy(r->head, "HTTP/1.1 200 OK\r\n", 17);
	}
	strcat(r->head, "\r\n");
	put(r, r->head, strlen(r->head));
}

static void body(struct reply *r, const char *p, size_t n)
{
	char *piece;
	int at;

	send_head(r);
	if (!r->chunked) {
		put(r, p, n);
		return;
	}
	piece = malloc(n + 32);
	at = sprintf(piece, "%zx\r\n", n);
	memcpy(piece + at, p, n);
	memcpy(piece + at + n, "\r\n", 2);
	put(r, piece, n + (size_t)at + 2);
	free(piece);
}

static void send_file(struct reply *r, const char *path)
{
	char piece[4096];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		die(path);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		body(r, piece, n);
	fclose(f);
}

static void wait_gone(struct reply *r)
{
	char piece[4096];

	send_head(r);
	while (recv(r->fd, piece, sizeof piece, 0) > 0)
		;
	puts("gone");
	r->over = true;
}

static void leave(struct reply *r, bool reset)
{
	if (reset)
		setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
	r->over = true;
}

static void fill(struct reply *r, const char *count)
{
	size_t n = strtoul(count, NULL, 10);
	char *p = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = i % 64 == 63 ? '\n' : 'x';
	body(r, p, n);
	free(p);
}

static void obey(struct server *s, struct reply *r, const char *line)
{
	char *text = strdup(line), *arg = text + strcspn(text, " ");
	char go;

	if (*arg)
		*arg++ = '\0';
	if (!strcmp(text, "status")) {
		snprintf(r->head, sizeof r->head, "HTTP/1.1 %s\r\n", arg);
	} else if (!strcmp(text, "header")) {
		unescape(arg);
		strcat(strcat(r->head, arg), "\r\n");
	} else if (!strcmp(text, "chunked")) {
		r->chunked = true;
		strcat(r->head, "Transfer-Encoding: chunked\r\n");
	} else if (!strcmp(text, "length")) {
		r->length = true;
		sprintf(r->head + strlen(r->head), "Content-Length: %s\r\n", arg);
	} else if (!strcmp(text, "body")) {
		body(r, arg, unescape(arg));
	} else if (!strcmp(text, "raw")) {
		put(r, arg, unescape(arg));
	} else if (!strcmp(text, "fill")) {
		fill(r, arg);
	} else if (!strcmp(text, "file")) {
		send_file(r, arg);
	} else if (!strcmp(text, "head")) {
		send_head(r);
	} else if (!strcmp(text, "go")) {
		if (read(s->fifo, &go, 1) != 1)
			die("fifo");
	} else if (!strcmp(text, "gone")) {
		wait_gone(r);
	} else if (!strcmp(text, "deaf")) {
		for (;;)
			pause();
	} else if (!strcmp(text, "cut") || !strcmp(text, "reset")) {
		leave(r, *text == 'r');
	} else if (*text && *text != '#') {
		fprintf(stderr, "httpd: what is '%s'?\n", text);
		exit(2);
	}
	free(text);
}

/* The request's length, once it is whole; 0 until then. */
static size_t whole(const struct server *s, const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4), *length;
	size_t head, want;

	if (!end)
		return 0;
	head = (size_t)(end - p) + 4;
	if (s->early)
		return head;
	length = strcasestr(p, "content-length:");
	want = head + (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
	return n >= want ? want : 0;
}

static void keep(struct server *s, const char *p, size_t n)
{
	char path[4096];
	FILE *f;

	if (!s->prefix)
		return;
	snprintf(path, sizeof path, "%s.%d", s->prefix, s->served);
	f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		die(path);
}

static bool read_request(struct server *s, int fd)
{
	static char p[REQUEST + 1];
	size_t n = 0;
	ssize_t got;

	while (!whole(s, p, n)) {
		got = recv(fd, p + n, REQUEST - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		p[n] = '\0';
	}
	s->served++;
	keep(s, p, n);
	printf("request %.*s\n", (int)strcspn(p, "\r") - 9, p); /* without " HTTP/1.1" */
	return true;
}

/* One request and its reply; false when the connection is to be closed. */
static bool serve(struct server *s, int fd)
{
	struct reply r = { .fd = fd };

	if (!read_request(s, fd))
		return false;
	while (s->next < s->count && !r.over && strcmp(s->lines[s->next], "reply") != 0)
		obey(s, &r, s->lines[s->next++]);
	while (s->next < s->count && strcmp(s->lines[s->next], "reply") != 0)
		s->next++;
	s->next++;
	if (!r.over) {
		send_head(&r);
		if (r.chunked)
			put(&r, "0\r\n\r\n", 5);
	}
	return !r.over && (r.chunked || r.length);
}

/* A request that was answered before it was read is read to its end: closed with bytes unread, a
 * connection ends in a reset, which may overtake the answer. */
static void linger(int fd)
{
	static char rest[65536];

	shutdown(fd, SHUT_WR);
	while (read(fd, rest, sizeof rest) > 0)
		;
}

/* The client may come back on the connection or on another one. */
static void connection(struct server *s, int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	while (s->next <= s->count && serve(s, fd) && s->next <= s->count) {
		struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
			               { .fd = s->forks ? -1 : s->listener, .events = POLLIN } };

		poll(p, 2, -1);
		if (!p[0].revents)
			break;
	}
	if (s->early)
		linger(fd);
	close(fd);
}

static void read_script(struct server *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[65536];

	if (!f)
		die(path);
	while (s->count < LINES && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		s->lines[s->count++] = strdup(line + strspn(line, "\t "));
	}
	fclose(f);
	while (s->next < s->count && strcmp(s->lines[s->next], "reply") != 0)
		s->next++;
	s->next++;
}

static void listen_on(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&a, n) < 0 || listen(s->listener, 64) < 0 ||
	    getsockname(s->listener, (struct sockaddr *)&a, &n) < 0)
		die("listen");
	printf("%d\n", ntohs(a.sin_port));
}

int main(int argc, char **argv)
{
	static struct server s = { .fifo = -1 };
	unsigned seconds = 60;

	for (int c; (c = getopt(argc, argv, "efg:l:t:")) != -1;) {
		if (c == 'e')
			s.early = true;
		else if (c == 'f')
			s.forks = true;
		else if (c == 'g')
			s.fifo = open(optarg, O_RDWR | O_CLOEXEC);
		else if (c == 'l')
			s.prefix = optarg;
		else if (c == 't')
			seconds = (unsigned)atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGCHLD, SIG_IGN);
	alarm(seconds);
	read_script(&s, argv[optind]);
	listen_on(&s);
	while (s.next <= s.count) {
		int fd = accept(s.listener, NULL, NULL);

		if (fd < 0)
			die("accept");
		if (s.forks && fork() > 0) {
			close(fd);
			continue;
		}
		connection(&s, fd);
		if (s.forks)
			return 0;
	}
	return 0;
}
