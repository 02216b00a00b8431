/* SPDX-License-Identifier: MIT */
/* server: an HTTP/1.1 server on libmicrohttpd. See server.h. */
#include "net/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A connection's memory holds its request's headers, and then one piece of its answer. */
enum { MEMORY = 64 * 1024, BLOCK = 32 * 1024, CONNECTIONS = 4000, IDLE = 300, BACKLOG = 511, EVENTS = 64 };

/* ---- a connection that waits for us is not looked at by libmicrohttpd: that its client left is seen here */

static void suspend(struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct epoll_event e = { .events = EPOLLRDHUP, .data.ptr = x };

	x->suspended = true;
	MHD_suspend_connection(x->connection);
	epoll_ctl(x->server->fd, EPOLL_CTL_ADD, info->connect_fd, &e);
}

/* libmicrohttpd tells nobody who waits outside of it that a connection goes on. */
static void ring(struct server *s)
{
	if (!s->rung && eventfd_write(s->bell, 1) == 0)
		s->rung = true;
}

static void hear(struct server *s)
{
	eventfd_t n;

	if (s->rung && eventfd_read(s->bell, &n) == 0)
		s->rung = false;
}

void server_wake(struct exchange *x)
{
	const union MHD_ConnectionInfo *info;

	if (!x->suspended)
		return;
	info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	epoll_ctl(x->server->fd, EPOLL_CTL_DEL, info->connect_fd, NULL);
	x->suspended = false;
	MHD_resume_connection(x->connection);
	ring(x->server);
}

static void look_who_left(struct server *s)
{
	struct epoll_event events[EVENTS];
	int n;

	do {
		n = epoll_wait(s->fd, events, EVENTS, 0);
		for (int i = 0; i < n; i++) {
			struct exchange *x = events[i].data.ptr;

			if (!x) /* libmicrohttpd's own, or the bell */
				continue;
			x->left = true;
			server_wake(x);
		}
	} while (n == EVENTS);
}

/* ---- the answer */

/* With nothing to send to, the kernel answers what comes, and what was to be sent, with RST. */
static void reset(struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(info->connect_fd, &none, sizeof none);
}

static ssize_t on_pull(void *ctx, uint64_t at, char *to, size_t room)
{
	struct exchange *x = ctx;
	struct server *s = x->server;
	ssize_t n = x->left || s->closing ? PULL_CUT : s->hooks.pull(s->hooks.ctx, x, to, room);

	(void)at;
	switch (n) {
	case 0:
		suspend(x);
		return 0;
	case PULL_END:
		return MHD_CONTENT_READER_END_OF_STREAM;
	case PULL_RESET:
		reset(x);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	case PULL_CUT:
		return MHD_CONTENT_READER_END_WITH_ERROR;
	default:
		return n;
	}
}

static size_t size_of(const struct fields *headers, size_t more)
{
	size_t n = 0;

	for (size_t i = 0; i < headers->count; i++)
		n += strlen(headers->list[i].name) + (headers->list[i].value ? strlen(headers->list[i].value) : 0) + more;
	return n;
}

/* The request's are still in the connection's memory, each with a record of libmicrohttpd's. The rest is for the
 * status line and what it adds. */
static bool fits(const struct exchange *x, const struct fields *headers)
{
	enum { RECORD = 64, SEPARATORS = 4, REST = 256 };

	return strlen(x->method) + strlen(x->target) + size_of(&x->headers, SEPARATORS + RECORD) +
	               size_of(headers, SEPARATORS) + REST <=
	       MEMORY;
}

bool server_answer(struct exchange *x, int status, const struct fields *headers, int64_t length)
{
	struct MHD_Response *r;

	if (!fits(x, headers))
		return false;
	x->status = status;
	if (length == 0)
		r = MHD_create_response_from_buffer(0, (void *)(uintptr_t)"", MHD_RESPMEM_PERSISTENT);
	else
		r = MHD_create_response_from_callback(length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)length, BLOCK, on_pull, x,
		                                      NULL);
	if (!r)
		err_nomem();
	for (size_t i = 0; i < headers->count; i++)
		if (headers->list[i].value)
			MHD_add_response_header(r, headers->list[i].name, headers->list[i].value);
	if (x->server->clients > x->server->most / 2) /* others wait for its place */
		MHD_add_response_header(r, "Connection", "close");
	x->reply = r;
	server_wake(x);
	return true;
}

void server_drop(struct exchange *x, int how)
{
	x->left = true;
	x->reset = how == PULL_RESET;
	server_wake(x);
}

static enum MHD_Result send_answer(struct exchange *x)
{
	enum MHD_Result good = MHD_queue_response(x->connection, (unsigned)x->status, x->reply);

	MHD_destroy_response(x->reply);
	x->reply = NULL;
	return good;
}

/* ---- the request */

static enum MHD_Result on_field(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	fields_put(ctx, span_of(name), span_of(value ? value : ""));
	return MHD_YES;
}

static bool says_too_much(const struct exchange *x)
{
	struct span length = fields_get(&x->headers, "content-length");

	return length.p && x->server->max && strtoull(length.p, NULL, 10) > x->server->max;
}

/* Its head is there. */
static void begin(struct exchange *x, struct MHD_Connection *connection, const char *method)
{
	x->seen = true;
	x->connection = connection;
	x->method = mem_dup(method, strlen(method));
	MHD_get_connection_values(connection, MHD_HEADER_KIND, on_field, &x->headers);
	x->too_large = says_too_much(x);
}

/* Beyond the ceiling the rest is read and forgotten: whoever closes with bytes unread resets the connection,
 * and then the client may never see why. */
static void take(struct exchange *x, const char *upload, size_t n)
{
	if (!x->too_large)
		buf_add(&x->body, upload, n);
	x->too_large |= x->body.full;
	if (x->too_large)
		buf_release(&x->body);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *n, void **exchange)
{
	struct server *s = ctx;
	struct exchange *x = *exchange;

	(void)url;
	(void)version;
	if (s->closing)
		return MHD_NO;
	if (!x->seen) {
		begin(x, connection, method);
		if (!x->too_large)
			return MHD_YES;
	}
	if (*n) {
		take(x, upload, *n);
		*n = 0;
		return MHD_YES;
	}
	if (!x->whole) {
		x->whole = true;
		s->hooks.request(s->hooks.ctx, x);
	}
	if (x->reset)
		reset(x);
	if (x->left)
		return MHD_NO;
	if (x->reply)
		return send_answer(x);
	suspend(x);
	return MHD_YES;
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **of_connection,
                          enum MHD_ConnectionNotificationCode what)
{
	struct server *s = ctx;

	(void)connection;
	(void)of_connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		s->clients++;
	} else {
		s->clients--;
		s->closed = true;
	}
}

/* The request line was read. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	struct server *s = ctx;
	struct exchange *x = mem_zero(sizeof *x);

	x->server = s;
	x->connection = connection;
	x->target = mem_dup(target, strlen(target));
	x->body.max = s->max;
	x->next = s->first;
	if (s->first)
		s->first->before = x;
	s->first = x;
	return x;
}

static void on_over(void *ctx, struct MHD_Connection *connection, void **exchange,
                    enum MHD_RequestTerminationCode why)
{
	struct server *s = ctx;
	struct exchange *x = *exchange;

	(void)connection;
	if (!x)
		return;
	if (x->whole)
		s->hooks.over(s->hooks.ctx, x, x->left || why != MHD_REQUEST_TERMINATED_COMPLETED_OK);
	if (x->before)
		x->before->next = x->next;
	else
		s->first = x->next;
	if (x->next)
		x->next->before = x->before;
	if (x->reply)
		MHD_destroy_response(x->reply);
	fields_release(&x->headers);
	buf_release(&x->body);
	free(x->method);
	free(x->target);
	free(x);
	*exchange = NULL;
}

/* ---- where it listens */

/* "HOST:PORT" or "PORT" in two; host keeps no brackets. */
static int split(const char *bind, char host[64], const char **port, struct fault *f)
{
	const char *colon = strrchr(bind, ':');
	size_t n = colon ? (size_t)(colon - bind) : 0;
	bool brackets = n > 1 && bind[0] == '[' && bind[n - 1] == ']';

	*port = colon ? colon + 1 : bind;
	if (!**port || strspn(*port, "0123456789") != strlen(*port) || strlen(*port) > 5 || atol(*port) > 65535 || n > 63)
		return fault_set(f, ST_USAGE, "'%s' is no HOST:PORT", bind);
	snprintf(host, 64, "%.*s", (int)(brackets ? n - 2 : n), bind + brackets);
	if (!*host)
		snprintf(host, 64, "127.0.0.1");
	return 0;
}

static int listen_at(struct server *s, const char *bind_to, struct fault *f)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *a;
	char host[64];
	const char *port;
	int error;

	if (split(bind_to, host, &port, f) < 0)
		return -1;
	error = getaddrinfo(host, port, &hints, &a);
	if (error)
		return fault_set(f, ST_USAGE, "'%s': %s", bind_to, gai_strerror(error));
	s->listener = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0 || setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
	    bind(s->listener, a->ai_addr, a->ai_addrlen) < 0 || listen(s->listener, BACKLOG) < 0)
		fault_set(f, ST_TROUBLE, "cannot listen on %s: %s", bind_to, strerror(errno));
	freeaddrinfo(a);
	return f->status == ST_OK ? 0 : -1;
}

static void find_address(struct server *s)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;
	char host[48] = "", port[8] = "";

	getsockname(s->listener, (struct sockaddr *)&a, &n);
	getnameinfo((struct sockaddr *)&a, n, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(s->address, sizeof s->address, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Its descriptor and the bell go into ours, so that there is one to wait for. */
static int join(struct server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct epoll_event e = { .events = EPOLLIN };

	s->fd = epoll_create1(EPOLL_CLOEXEC);
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->fd < 0 || s->bell < 0 || !info)
		return -1;
	return epoll_ctl(s->fd, EPOLL_CTL_ADD, info->epoll_fd, &e) + epoll_ctl(s->fd, EPOLL_CTL_ADD, s->bell, &e);
}

int server_open(struct server *s, const char *bind, const struct server_hooks *hooks, size_t max,
                unsigned most, struct fault *f)
{
	*s = (struct server){ .hooks = *hooks, .max = max, .most = most < CONNECTIONS ? most : CONNECTIONS, .fd = -1, .listener = -1, .bell = -1 };
	if (listen_at(s, bind, f) < 0)
		return -1;
	find_address(s);
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
	                             MHD_OPTION_LISTEN_SOCKET, s->listener, MHD_OPTION_CONNECTION_LIMIT,
	                             s->most, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
	                             MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE, MHD_OPTION_URI_LOG_CALLBACK,
	                             on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_over, s,
	                             MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	                             MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!s->daemon || join(s) < 0)
		return fault_set(f, ST_TROUBLE, "libmicrohttpd cannot be started");
	return 0;
}

double server_wait(const struct server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return MHD_get_timeout(s->daemon, &ms) == MHD_YES ? (double)ms / 1000 : -1;
}

/* Out of descriptors or of connections, libmicrohttpd does not listen any more. It begins again only in the
 * run behind the one in which a client has made room, and nothing else would wake us for that. */
void server_step(struct server *s)
{
	look_who_left(s);
	hear(s);
	s->closed = false;
	MHD_run(s->daemon);
	if (s->closed)
		ring(s);
}

void server_close(struct server *s)
{
	s->closing = true; /* so that no connection is suspended, which libmicrohttpd would abort for */
	if (s->daemon) {
		for (struct exchange *x = s->first; x; x = x->next) {
			x->left = true;
			server_wake(x);
		}
		MHD_run(s->daemon);
		MHD_stop_daemon(s->daemon); /* closes the listener too */
	} else if (s->listener >= 0) {
		close(s->listener);
	}
	if (s->fd >= 0)
		close(s->fd);
	if (s->bell >= 0)
		close(s->bell);
	s->daemon = NULL;
	s->fd = s->listener = s->bell = -1;
}
