/* SPDX-License-Identifier: MIT */
/* serve: a server that answers from cassettes and from an upstream. See serve.h. */
#include "net/serve.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cassette/url.h"
#include "net/bases.h"
#include "net/ended.h"
#include "net/stop.h"
#include "net/visit.h"

/* ---- before */

static void say_fault(struct serve *s, const char *place, const struct fault *f)
{
	s->say(f->status, place, f->text);
}

static int load(struct serve *s, const char *path)
{
	struct fault f = { 0 };
	struct buf place = BUF_INIT;
	int r = shelf_load(&s->shelf, path, s->max, &place, &f);

	if (r < 0)
		say_fault(s, buf_str(&place), &f);
	buf_release(&place);
	return r;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The file that is recorded into is the last one, unless it stands among the others. */
static int load_all(struct serve *s)
{
	bool listed = false;

	if (s->mode == MODE_RECORD)
		return 0;
	for (size_t i = 0; s->cassettes[i]; i++) {
		listed |= s->record && same_file(s->cassettes[i], s->record);
		if (load(s, s->cassettes[i]) < 0)
			return -1;
	}
	return s->record && !listed && is_there(s->record) ? load(s, s->record) : 0;
}

/* The URL without its path, as it was spelled; what is judged is what libcurl makes of it. */
static int find_origin(struct serve *s, struct fault *f)
{
	struct span url = span_of(s->upstream), rest;

	if (client_url_parse(&s->up, s->upstream, f) < 0)
		return -1;
	if (s->up.user || s->up.query)
		return fault_set(f, ST_USAGE, "the upstream has a password or a query in its URL");
	if (!strcmp(s->up.scheme, "http") && !s->up.loopback && !s->allow_http)
		return fault_set(f, ST_USAGE, "keys would go there in clear text, use https or --allow-http");
	rest = url_target(url);
	buf_add(&s->origin, url.p, (size_t)(rest.p - url.p));
	return 0;
}

/* A client takes a descriptor, and perhaps one more upstream; the rest is for files and for ourselves. */
static unsigned most_clients(const struct serve *s)
{
	enum { RESERVED = 24, PLENTY = 1000000 };
	struct rlimit most;
	rlim_t n = PLENTY;

	if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_max < n)
		n = most.rlim_max;
	n = n > RESERVED ? (n - RESERVED) / (s->upstream ? 2 : 1) : 0;
	return n ? (unsigned)n : 1;
}

int serve_open(struct serve *s)
{
	struct server_hooks hooks = visit_hooks;
	struct fault f = { 0 };

	hooks.ctx = s;
	s->server = (struct server){ .fd = -1, .listener = -1, .bell = -1 }; /* for serve_close, if it does not open */
	if (s->upstream && find_origin(s, &f) < 0) {
		say_fault(s, "--upstream", &f);
		return -1;
	}
	s->rules.max = s->max;
	if (load_all(s) < 0)
		return -1;
	if (s->in_order)
		s->say(ST_OK, NULL, "--match order compares nothing: each request gets the next interaction, whatever it asks");
	if (stop_init(&f) < 0 || client_init(&s->net, &s->client, &f) < 0 ||
	    server_open(&s->server, s->bind, &hooks, s->max, most_clients(s), &f) < 0) {
		say_fault(s, NULL, &f);
		return -1;
	}
	return 0;
}

/* ---- the command */

static void tell_astray(void *ctx, const char *variable, struct span base, const struct shelf_item *item,
                        struct span its)
{
	struct serve *s = ctx;
	struct buf b = BUF_INIT;

	buf_addf(&b, "interaction %llu lies under '%.*s', which %s='%.*s' does not reach",
	         (unsigned long long)item->interaction.id, (int)its.n, its.p, variable, (int)base.n, base.p);
	s->say(ST_OK, item->file, buf_str(&b));
	buf_release(&b);
}

/* A server that listens everywhere is reached here. */
static const char *local_address(struct serve *s)
{
	const char *a = s->server.address, *port = strrchr(a, ':');

	if (!strncmp(a, "0.0.0.0:", 8))
		return arena_printf(&s->arena, "127.0.0.1%s", port);
	return !strncmp(a, "[::]:", 5) ? arena_printf(&s->arena, "[::1]%s", port) : a;
}

static int start_command(struct serve *s)
{
	struct bases bases = { .shelf = &s->shelf,
		               .address = local_address(s),
		               .path = SPAN_NONE,
		               .keys = !s->upstream || s->mode == MODE_REPLAY,
		               .astray = tell_astray,
		               .ctx = s };
	struct fault f = { 0 };

	if (s->upstream) {
		bases.path = url_path(span_of(s->upstream));
		while (bases.path.n && bases.path.p[bases.path.n - 1] == '/')
			bases.path.n--;
	}
	if (ended_watch(&f) == 0 &&
	    child_start(&s->child, s->command, bases_environment(&bases, s->environment, &s->arena), &f) == 0)
		return 0;
	say_fault(s, s->command[0], &f);
	return -1;
}

/* As many descriptors as the system gives: each client takes one, and perhaps one more upstream. The
 * command keeps the usual number. */
static void allow_many(void)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < most.rlim_max) {
		most.rlim_cur = most.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most);
	}
}

/* ---- the loop */

static void on_signal(struct serve *s)
{
	bool to_all;
	int sig = stop_take(&to_all);

	if (!s->child.pid)
		s->over = true;
	else if (sig && !to_all)
		kill(s->child.pid, sig);
}

static double sooner(double a, double b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static void step(struct serve *s)
{
	struct pollfd watch[3] = { { .fd = s->server.fd, .events = POLLIN }, { .fd = stop_fd(), .events = POLLIN } };
	double wait;

	server_step(&s->server);
	wait = visits_step(s);
	wait = sooner(wait, server_wait(&s->server)); /* asked behind it, since it may have woken some */
	watch[2] = (struct pollfd){ .fd = ended_fd(), .events = POLLIN };
	client_step(&s->net, watch, s->command ? 3 : 2, wait);
	if (watch[1].revents)
		on_signal(s);
	if (s->command && watch[2].revents) {
		ended_clear();
		s->over |= child_ended(&s->child);
	}
}

void serve_run(struct serve *s)
{
	if (s->command && start_command(s) < 0)
		return;
	allow_many();
	while (!s->over)
		step(s);
}

/* ---- after */

static void summarize(struct serve *s)
{
	size_t unused = shelf_unserved(&s->shelf);
	struct buf b = BUF_INIT;

	if (s->all_used && unused)
		s->say(ST_NO, NULL, "not all interactions were used");
	if (!s->command || s->verbose || unused || s->unmatched || s->relayed) {
		buf_addf(&b, "%zu served, %zu unmatched, %zu unused", s->served, s->unmatched, unused);
		if (s->upstream)
			buf_addf(&b, ", %zu from the upstream, %zu recorded", s->relayed, s->recorded);
		if (s->unrecorded)
			buf_addf(&b, ", %zu not recorded", s->unrecorded);
		s->say(ST_OK, NULL, buf_str(&b));
	}
	buf_release(&b);
}

int serve_close(struct serve *s)
{
	bool done = s->over;

	s->over = true;
	if (done) {
		visits_step(s);          /* what came last is recorded */
		server_step(&s->server); /* sees who left with the command: an interrupted answer was not served */
		summarize(s);
	}
	server_close(&s->server);
	client_release(&s->net);
	client_url_release(&s->up);
	ended_watch_no_more();
	shelf_release(&s->shelf);
	match_rules_release(&s->rules);
	buf_release(&s->origin);
	arena_release(&s->arena);
	return s->child.status;
}
