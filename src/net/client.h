/* SPDX-License-Identifier: MIT */
/*
 * client: streaming HTTP requests on libcurl, with clocks that know a silent server from a slow one.
 * client.c is the sole includer of curl.h.
 *
 * A client is a loop; transfers run on it. A piece of a body is handed on in the call in which it
 * was read, decoded if the server encoded it in a known way and otherwise as it is. Between calls nothing
 * happens.
 *
 *	client_init(&c, &options);
 *	client_start(&c, &t, &call, &hooks);
 *	while (!t.ended)
 *		client_step(&c, watch, nwatch, -1);
 *	client_finish(&t);
 *
 * Clocks, each with a message of its own, 0 for none:
 *
 *	connect      name, TCP, proxy and TLS together
 *	first_byte   from the request's last byte to the body's first
 *	idle         between two bytes, of the request going out or of the body coming in
 *	deadline     a point in time (clock_now) at which the transfer ends
 *
 * Time that a hook takes, writing to a reader who does not read, counts for none of them but the
 * deadline. LOW_SPEED of libcurl is no idle clock: it ends a slow stream and misses a stalled one.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cassette/content_encoding.h"
#include "net/field.h"

struct client_options {
	double connect_timeout; /* seconds */
	double first_byte_timeout;
	double idle_timeout;

	bool http1;         /* no HTTP/2 */
	const char *cacert; /* file, directory of authorities in place of the system's; NULL: those */
	const char *capath;
	const char *cert; /* our own certificate and its key, PEM */
	const char *cert_key;
	const char *proxy;       /* NULL: as the environment says, "": none */
	const char *unix_socket; /* connect there instead */
	const char **resolve;    /* "host:port:address", NULL-terminated; may be NULL */
};

/* What goes out. Everything is borrowed until the transfer ends. */
struct client_call {
	const char *method; /* NULL: POST; one without a body that is not POST, PUT or PATCH has no length */
	const char *url;
	const struct fields *headers; /* as they are, names and all; only Host, Accept-Encoding, lengths are added */
	struct span body;
	bool direct; /* past every proxy */
	double deadline;
};

/* What came in. */
struct client_reply {
	long status;     /* 0: none yet */
	int version;     /* 10, 11, 20 */
	struct buf head; /* status line and fields as on the wire, up to and with the empty line */
	struct fields headers;
	bool decoded;   /* the body is handed on decompressed */
	uint64_t bytes; /* of the body, as handed on */
	double dns;     /* seconds since the start, each when that was done; negative: not reached */
	double connected;
	double tls;
	double headed; /* the first header */
	double first_byte;
	double total;
};

enum client_end {
	CLIENT_RUNNING,
	CLIENT_WHOLE,  /* the reply is whole, as far as HTTP can tell */
	CLIENT_FAILED, /* no reply came: name, network, TLS, proxy */
	CLIENT_CUT,    /* it broke off after its headers */
	CLIENT_LATE,   /* a clock ran out */
	CLIENT_STOPPED, /* client_stop ended it */
};

struct client_transfer;

struct client_hooks {
	void *ctx;
	void (*head)(void *ctx, const struct client_reply *r); /* the final reply's headers are whole */
	/* False: cannot take it now; it comes again after client_resume. */
	bool (*body)(void *ctx, struct span piece);
	/* A line of what happens: '*' libcurl's words, '>' header sent, '<' received. Not redacted.
	 * NULL: no trace. */
	void (*trace)(void *ctx, char kind, struct span line);
};

struct client {
	void *multi;
	struct client_options options;
	struct client_transfer *running;
};

struct client_transfer {
	enum client_end ended;
	bool reset;         /* CUT: by the server, not by an end that came too early */
	bool passing;       /* FAILED, CUT, LATE: of a kind that may pass when tried again */
	struct fault fault; /* why it did not end WHOLE; may hold what libcurl quotes: redact */
	struct client_reply reply;

	struct client *client;
	struct client_transfer *next;
	struct client_call call;
	struct client_hooks hooks;
	void *easy, *fields, *resolve;
	int socket;
	bool headed, paused, sending;
	struct content_decoder decoder;
	struct buf plain; /* decoded, and not taken yet */
	size_t fed;       /* bytes at the front of the next piece that the decoder has already */
	uint64_t sent;
	double start, last; /* clock_now of the start, of the last sign of life */
	char words[256];    /* of libcurl, when it fails */
};

/* Sets cacert and capath from curl's own variables, CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR: its
 * program reads them, its library does not. lookup is getenv(3). */
void client_trust(struct client_options *o, char *lookup(const char *variable));

int client_init(struct client *c, const struct client_options *o, struct fault *f);
void client_release(struct client *c);

void client_start(struct client *c, struct client_transfer *t, const struct client_call *call,
                  const struct client_hooks *hooks);

/* Moves every transfer on, then waits until one can move, a clock runs out, a watched descriptor
 * is ready or `most` seconds have gone (negative: no limit). An error or hang-up on a watched
 * descriptor ends the wait too, its events may be 0; revents is filled. Returns at once when a
 * transfer ended. */
void client_step(struct client *c, struct pollfd *watch, size_t nwatch, double most);

void client_resume(struct client_transfer *t);
void client_stop(struct client_transfer *t);   /* ends it when it runs; its reply stays */
void client_finish(struct client_transfer *t); /* ends it when it runs; frees what it holds */

void client_reply_release(struct client_reply *r); /* client_finish does it; for replies made by hand */

/* What libcurl takes a URL for, so that judging it and using it cannot differ. */
struct client_url {
	char *scheme; /* "http", "https" */
	char *host;
	char *query; /* NULL: none */
	char *place; /* scheme, host, port and path: the URL without what may be secret */
	char *user;  /* NULL when it holds neither a user name nor a password */
	char *password;
	bool loopback;
};

int client_url_parse(struct client_url *u, const char *url, struct fault *f);
void client_url_release(struct client_url *u);

#endif
