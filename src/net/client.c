/* SPDX-License-Identifier: MIT */
/* client: streaming HTTP requests on libcurl. See client.h. */
#include "net/client.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/retry.h"

/* What a write callback returns to end the transfer: any length that is not that of the piece. */
enum { WRITE_ERROR = 0 };

enum { WATCH_MAX = 8, KEEPALIVE_IDLE = 30, KEEPALIVE_INTERVAL = 15 };

/* libcurl's words begin with a capital and may end with a full stop; ours do not. */
static void say(struct client_transfer *t, CURLcode code)
{
	const char *words = t->words[0] ? t->words : curl_easy_strerror(code);
	size_t n = strlen(words);
	size_t capitals = 0;
	bool lower;

	for (size_t i = 0; isalpha((unsigned char)words[i]); i++)
		capitals += isupper((unsigned char)words[i]) != 0;
	lower = capitals == 1 && isupper((unsigned char)words[0]); /* SSL and OpenSSL are names */

	while (n && (words[n - 1] == '.' || words[n - 1] == '\n'))
		n--;
	fault_set(&t->fault, ST_TROUBLE, "%c%.*s", lower ? tolower((unsigned char)words[0]) : words[0],
	          n ? (int)n - 1 : 0, words + 1);
}

/* Without this the kernel may hold the ACK of a server's first small segment back for 40 ms after a
 * large request, and Nagle's algorithm at the server waits for it. The option does not last. */
static void quick_ack(const struct client_transfer *t)
{
#ifdef TCP_QUICKACK
	if (t->socket >= 0)
		setsockopt(t->socket, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 }, sizeof(int));
#else
	(void)t;
#endif
}

static int on_socket(void *ctx, curl_socket_t fd, curlsocktype type)
{
	struct client_transfer *t = ctx;

	(void)type;
	t->socket = fd;
	return CURL_SOCKOPT_OK;
}

/* A status line opens a reply; that of a 1xx one is replaced by the next. */
static void status_line(struct client_transfer *t, struct span line)
{
	struct client_reply *r = &t->reply;
	int major = 0, minor = 0;

	buf_reset(&r->head);
	fields_reset(&r->headers);
	r->status = 0;
	if (sscanf(line.p, "HTTP/%d.%d %3ld", &major, &minor, &r->status) < 3) {
		minor = 0;
		if (sscanf(line.p, "HTTP/%d %3ld", &major, &r->status) < 2)
			r->status = 0;
	}
	r->version = 10 * major + minor;
}

/* Header lines of one name are one list. */
static void add_codings(struct client_transfer *t, struct buf *list)
{
	const struct fields *h = &t->reply.headers;

	for (size_t i = 0; i < h->count; i++)
		if (h->list[i].value && field_same(span_of(h->list[i].name), "content-encoding"))
			buf_addf(list, ", %s", h->list[i].value);
}

/* What is encoded in a way that is unknown here is handed on as it is, headers and all. */
static void begin_decoding(struct client_transfer *t)
{
	bool no_body = t->reply.status == 204 || t->reply.status == 304 ||
	               (t->call.method && !strcmp(t->call.method, "HEAD"));
	struct buf list = BUF_INIT;

	if (!no_body)
		add_codings(t, &list);
	t->reply.decoded = content_decoder_init(&t->decoder, buf_span(&list)) && t->decoder.n > 0;
	buf_release(&list);
}

static void head_ends(struct client_transfer *t)
{
	if (t->reply.status < 200)
		return;
	t->headed = true;
	begin_decoding(t);
	if (t->hooks.head)
		t->hooks.head(t->hooks.ctx, &t->reply);
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct client_transfer *t = ctx;
	struct span line = { p, size * n };
	char text[64] = "";

	quick_ack(t);
	if (t->headed) /* a trailer: nobody asks for it */
		return line.n;
	if (span_starts(line, "HTTP/")) {
		memcpy(text, line.p, line.n < sizeof text ? line.n : sizeof text - 1);
		status_line(t, span_of(text));
	} else if (line.n > 2) {
		fields_received(&t->reply.headers, line);
	}
	if (t->reply.headed < 0)
		t->reply.headed = clock_now() - t->start;
	buf_addspan(&t->reply.head, line);
	if (line.n <= 2 && (line.n == 0 || line.p[line.n - 1] == '\n'))
		head_ends(t);
	return line.n;
}

enum taken { TAKEN, NOT_NOW, BROKEN };

static enum taken deliver(struct client_transfer *t, struct span piece)
{
	if (!t->hooks.body(t->hooks.ctx, piece))
		return NOT_NOW;
	t->reply.bytes += piece.n;
	return TAKEN;
}

/* What is decoded by now, a piece of t->plain at a time. */
static enum taken drain(struct client_transfer *t)
{
	enum { ROOM = 64 * 1024 };
	enum taken r = TAKEN;
	ssize_t n = 0;

	do {
		if (t->plain.len)
			r = deliver(t, buf_span(&t->plain));
		if (r != TAKEN)
			break;
		buf_reset(&t->plain);
		buf_room(&t->plain, ROOM);
		n = content_decoder_pull(&t->decoder, t->plain.p, ROOM);
		t->plain.len = n > 0 ? (size_t)n : 0;
	} while (n > 0);
	if (n < 0)
		fault_set(&t->fault, ST_TROUBLE, "its Content-Encoding is broken");
	return n < 0 ? BROKEN : r;
}

/* A piece that could not be delivered comes again, whole or with more: what the decoder has of it is passed over. */
static enum taken decode(struct client_transfer *t, struct span piece)
{
	enum taken r = drain(t);
	size_t before = t->fed, known = before < piece.n ? before : piece.n;

	if (r != TAKEN)
		return r;
	t->fed -= known;
	content_decoder_feed(&t->decoder, (struct span){ piece.p + known, piece.n - known });
	r = drain(t);
	if (r == NOT_NOW)
		t->fed = before + piece.n - known;
	return r;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct client_transfer *t = ctx;
	struct span piece = { p, size * n };
	enum taken r;

	quick_ack(t);
	if (piece.n == 0 || !t->headed) /* what follows a 101 is no HTTP */
		return piece.n;
	if (t->reply.first_byte < 0)
		t->reply.first_byte = clock_now() - t->start;
	r = t->decoder.n ? decode(t, piece) : deliver(t, piece);
	if (r != TAKEN) {
		t->paused = r == NOT_NOW;
		return r == NOT_NOW ? CURL_WRITEFUNC_PAUSE : WRITE_ERROR;
	}
	t->last = clock_now(); /* after the hook: a reader who blocks is no silent server */
	return piece.n;
}

static int on_trace(CURL *easy, curl_infotype type, char *p, size_t n, void *ctx)
{
	struct client_transfer *t = ctx;
	char kind = type == CURLINFO_TEXT ? '*' : type == CURLINFO_HEADER_OUT ? '>' : '<';
	struct span text = { p, n };

	(void)easy;
	if (type != CURLINFO_TEXT && type != CURLINFO_HEADER_OUT && type != CURLINFO_HEADER_IN)
		return 0;
	while (text.n) {
		const char *lf = memchr(text.p, '\n', text.n);
		struct span line = { text.p, lf ? (size_t)(lf - text.p) : text.n };

		text.p += line.n + (lf != NULL);
		text.n -= line.n + (lf != NULL);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n)
			t->hooks.trace(t->hooks.ctx, kind, line);
	}
	return 0;
}

static long milliseconds(double seconds)
{
	return seconds <= 0 || seconds * 1000 > INT_MAX ? INT_MAX : (long)(seconds * 1000) + 1;
}

/* libcurl's own ways for what has no body, since those know what answer to wait for. */
static void set_method(struct client_transfer *t)
{
	const char *method = t->call.method ? t->call.method : "POST";
	bool bodied = t->call.body.n > 0 || !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH");

	if (bodied) {
		curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->call.body.n ? t->call.body.p : "");
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->call.body.n);
	} else if (!strcmp(method, "HEAD")) {
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	}
	if (strcmp(method, bodied ? "POST" : "GET"))
		curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
}

/* Unless the caller says something: what libcurl would add is kept away, a wait for 100-continue, the type of a form,
 * any type; and no encoding is asked for, since one that gathers makes lumps of a stream. */
static const char *const defaults[] = { "Expect:", "Content-Type:", "Accept:", "Accept-Encoding: identity", NULL };

static void set_request(struct client_transfer *t)
{
	struct curl_slist *list = NULL;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < t->call.headers->count; i++) {
		const struct field *h = &t->call.headers->list[i];

		buf_reset(&b);
		buf_addf(&b, !h->value ? "%s:" : *h->value ? "%s: %s" : "%s;", h->name, h->value);
		list = curl_slist_append(list, buf_str(&b));
	}
	for (int i = 0; defaults[i]; i++) {
		struct span name = field_name(span_of(defaults[i]));

		buf_reset(&b);
		buf_addspan(&b, name);
		if (!fields_has(t->call.headers, buf_str(&b)))
			list = curl_slist_append(list, defaults[i]);
	}
	buf_release(&b);
	t->fields = list;
	curl_easy_setopt(t->easy, CURLOPT_URL, t->call.url);
	curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, list);
	set_method(t);
}

static void set_connection(struct client_transfer *t, const struct client_options *o)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; o->resolve && o->resolve[i]; i++)
		list = curl_slist_append(list, o->resolve[i]);
	t->resolve = list;
	curl_easy_setopt(t->easy, CURLOPT_RESOLVE, list);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(o->connect_timeout));
	curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE);
	curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
	                 (long)(o->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	curl_easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_UNIX_SOCKET_PATH, o->unix_socket);
	if (o->proxy)
		curl_easy_setopt(t->easy, CURLOPT_PROXY, o->proxy);
	else if (t->call.direct)
		curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	if (o->cacert || o->capath) { /* both: what is not given is none, not the system's */
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, o->cacert);
		curl_easy_setopt(t->easy, CURLOPT_CAPATH, o->capath);
	}
	curl_easy_setopt(t->easy, CURLOPT_SSLCERT, o->cert);
	curl_easy_setopt(t->easy, CURLOPT_SSLKEY, o->cert_key);
}

static void set_hooks(struct client_transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->words);
	curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_SOCKOPTDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	if (t->hooks.trace) {
		curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L);
		curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_trace);
		curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
	}
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

static const char *set(const char *value)
{
	return value && *value ? value : NULL;
}

void client_trust(struct client_options *o, char *lookup(const char *variable))
{
	o->cacert = set(lookup("CURL_CA_BUNDLE"));
	o->capath = o->cacert ? NULL : set(lookup("SSL_CERT_DIR"));
	if (!o->cacert)
		o->cacert = set(lookup("SSL_CERT_FILE"));
}

int client_init(struct client *c, const struct client_options *o, struct fault *f)
{
	*c = (struct client){ .options = *o };
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(c->multi = curl_multi_init()))
		return fault_set(f, ST_TROUBLE, "libcurl cannot be started");
	return 0;
}

void client_release(struct client *c)
{
	while (c->running)
		client_finish(c->running);
	if (c->multi)
		curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	*c = (struct client){ 0 };
}

void client_start(struct client *c, struct client_transfer *t, const struct client_call *call,
                  const struct client_hooks *hooks)
{
	*t = (struct client_transfer){ .client = c, .call = *call, .hooks = *hooks, .socket = -1, .next = c->running };
	t->reply.dns = t->reply.connected = t->reply.tls = t->reply.headed = t->reply.first_byte = -1;
	t->start = t->last = clock_now();
	c->running = t;
	if (!(t->easy = curl_easy_init()))
		err_nomem();
	set_request(t);
	set_connection(t, &c->options);
	set_hooks(t);
	curl_multi_add_handle(c->multi, t->easy);
}

static double moment(const struct client_transfer *t, CURLINFO what)
{
	curl_off_t us = 0;

	curl_easy_getinfo(t->easy, what, &us);
	return us > 0 ? (double)us / 1e6 : -1;
}

static void take_times(struct client_transfer *t)
{
	t->reply.dns = moment(t, CURLINFO_NAMELOOKUP_TIME_T);
	t->reply.connected = moment(t, CURLINFO_CONNECT_TIME_T);
	t->reply.tls = moment(t, CURLINFO_APPCONNECT_TIME_T);
	t->reply.total = clock_now() - t->start;
}

static void leave(struct client_transfer *t, enum client_end end)
{
	struct client_transfer **at = &t->client->running;

	take_times(t);
	t->ended = end;
	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	curl_multi_remove_handle(t->client->multi, t->easy);
}

/* A proxy refused the tunnel, and will again: 407 wants a password, 403 forbids the host. */
static bool proxy_refuses(const struct client_transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 400 && !retry_status(status);
}

/* What a second attempt may find changed; certificates, bad URLs and local files are not of it. */
static bool may_pass(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return true;
	default:
		return false;
	}
}

static void late(struct client_transfer *t, bool passing)
{
	t->passing = passing;
	leave(t, CLIENT_LATE);
}

static void done(struct client_transfer *t, CURLcode code)
{
	long os_error = 0;

	if (code == CURLE_OK && t->headed && t->decoder.n && !content_decoder_is_whole(&t->decoder)) {
		t->passing = true;
		fault_set(&t->fault, ST_TROUBLE, "the compressed text ends too early");
		leave(t, CLIENT_CUT);
		return;
	}
	if (code == CURLE_OK && t->headed) {
		leave(t, CLIENT_WHOLE);
		return;
	}
	if (code == CURLE_OK) {
		t->passing = t->reply.status != 101;
		if (t->passing)
			fault_set(&t->fault, ST_TROUBLE, "the connection ended inside the response's headers");
		else
			fault_set(&t->fault, ST_TROUBLE, "no answer came behind the status 101");
		leave(t, CLIENT_FAILED);
		return;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		fault_set(&t->fault, ST_TROUBLE, "no connection within %g s", t->client->options.connect_timeout);
		late(t, true);
		return;
	}
	if (t->fault.status == ST_OK)
		say(t, code);
	t->passing = may_pass(code) && !proxy_refuses(t);
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_error);
	t->reset = os_error == ECONNRESET || code == CURLE_HTTP2_STREAM;
	leave(t, t->headed ? CLIENT_CUT : CLIENT_FAILED);
}

static void collect(struct client *c)
{
	int left;

	for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left)) != NULL;) {
		CURLcode code = m->data.result;
		char *t;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		done((struct client_transfer *)(void *)t, code);
	}
}

/* The clock that runs now: its budget in seconds, 0 for none. */
static double budget(struct client_transfer *t)
{
	const struct client_options *o = &t->client->options;
	curl_off_t sent = 0;

	if (t->paused || moment(t, CURLINFO_PRETRANSFER_TIME_T) < 0) {
		t->last = clock_now();
		return 0;
	}
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	if (t->sent != (uint64_t)sent) {
		t->sent = (uint64_t)sent;
		t->last = clock_now();
	}
	t->sending = t->sent < t->call.body.n && !t->headed;
	return t->reply.first_byte >= 0 || t->sending ? o->idle_timeout : o->first_byte_timeout;
}

static void out_of_time(struct client_transfer *t, double seconds)
{
	bool begun = t->reply.first_byte >= 0;

	if (begun)
		fault_set(&t->fault, ST_TROUBLE, "no byte came for %g s", seconds);
	else if (t->sending)
		fault_set(&t->fault, ST_TROUBLE, "the server took no byte for %g s", seconds);
	else
		fault_set(&t->fault, ST_TROUBLE, "no answer within %g s", seconds);
	late(t, !begun);
}

/* Ends what is late; returns the seconds until the next clock of the others runs out. */
static double check_clocks(struct client *c)
{
	double next = 1e9, now = clock_now();

	for (struct client_transfer *t = c->running, *after; t; t = after) {
		double allowed = budget(t), left = t->last + allowed - now;

		after = t->next;
		if (allowed > 0 && left <= 0) {
			out_of_time(t, allowed);
			continue;
		}
		if (t->call.deadline > 0 && t->call.deadline <= now) {
			fault_set(&t->fault, ST_TROUBLE, "not done within the time allowed");
			late(t, false);
			continue;
		}
		if (allowed > 0 && left < next)
			next = left;
		if (t->call.deadline > 0 && t->call.deadline - now < next)
			next = t->call.deadline - now;
	}
	return next;
}

/* curl_multi_poll knows POLLIN, POLLPRI and POLLOUT only, but wakes for errors too. */
static void wait_for(struct client *c, struct pollfd *watch, size_t n, double seconds)
{
	struct curl_waitfd fds[WATCH_MAX];

	for (size_t i = 0; i < n && i < WATCH_MAX; i++)
		fds[i] = (struct curl_waitfd){
			.fd = watch[i].fd,
			.events = (short)((watch[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
			                  (watch[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)),
		};
	curl_multi_poll(c->multi, fds, (unsigned)n, seconds > 0 ? (int)milliseconds(seconds) : 0, NULL);
	if (n)
		poll(watch, n, 0);
}

static size_t count(const struct client *c)
{
	size_t n = 0;

	for (const struct client_transfer *t = c->running; t; t = t->next)
		n++;
	return n;
}

void client_step(struct client *c, struct pollfd *watch, size_t nwatch, double most)
{
	size_t before = count(c);
	double next;
	int running;

	curl_multi_perform(c->multi, &running);
	collect(c);
	next = check_clocks(c);
	if (count(c) != before)
		return;
	if (most >= 0 && most < next)
		next = most;
	wait_for(c, watch, nwatch, next);
}

void client_resume(struct client_transfer *t)
{
	if (!t->paused || t->ended)
		return;
	t->paused = false;
	t->last = clock_now();
	curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

void client_stop(struct client_transfer *t)
{
	if (!t->ended)
		leave(t, CLIENT_STOPPED);
}

void client_finish(struct client_transfer *t)
{
	if (!t->client)
		return;
	client_stop(t);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->fields);
	curl_slist_free_all(t->resolve);
	content_decoder_release(&t->decoder);
	buf_release(&t->plain);
	client_reply_release(&t->reply);
	t->client = NULL;
}

void client_reply_release(struct client_reply *r)
{
	buf_release(&r->head);
	fields_release(&r->headers);
}

static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *text = NULL, *copy;

	if (curl_url_get(u, what, &text, flags) != CURLUE_OK || !text)
		return NULL;
	copy = mem_dup(text, strlen(text));
	curl_free(text);
	return copy;
}

static bool is_loopback(const char *host)
{
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return !strcasecmp(host, "localhost") || !strcmp(host, "[::1]");
}

int client_url_parse(struct client_url *u, const char *url, struct fault *f)
{
	CURLU *h = curl_url();
	CURLUcode code = h ? curl_url_set(h, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;

	*u = (struct client_url){ 0 };
	if (code != CURLUE_OK) {
		curl_url_cleanup(h);
		return fault_set(f, ST_USAGE, "this is no URL that can be posted to");
	}
	u->user = part(h, CURLUPART_USER, 0);
	u->password = part(h, CURLUPART_PASSWORD, 0);
	if (u->password && !u->user)
		u->user = mem_dup("", 0);
	u->scheme = part(h, CURLUPART_SCHEME, 0);
	u->host = part(h, CURLUPART_HOST, 0);
	u->query = part(h, CURLUPART_QUERY, 0);
	u->loopback = u->host && is_loopback(u->host);
	curl_url_set(h, CURLUPART_USER, NULL, 0);
	curl_url_set(h, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(h, CURLUPART_QUERY, NULL, 0);
	curl_url_set(h, CURLUPART_FRAGMENT, NULL, 0);
	u->place = part(h, CURLUPART_URL, 0);
	curl_url_cleanup(h);
	if (!u->host || !u->place || (strcmp(u->scheme, "http") && strcmp(u->scheme, "https"))) {
		client_url_release(u);
		return fault_set(f, ST_USAGE, "this is no URL that can be posted to");
	}
	return 0;
}

void client_url_release(struct client_url *u)
{
	free(u->scheme);
	free(u->user);
	free(u->password);
	free(u->host);
	free(u->query);
	free(u->place);
	*u = (struct client_url){ 0 };
}
