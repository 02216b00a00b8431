/* SPDX-License-Identifier: MIT */
/* talk: one exchange, from what the user said to the last byte of the answer. See talk.h. */
#include "net/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/in.h"
#include "base/out.h"
#include "net/play.h"
#include "net/report.h"
#include "net/stop.h"

/* Every message goes this way: what it quotes came from outside, and may hold the key. */
static void tell(struct talk *t, enum status status, const char *place, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void tell(struct talk *t, enum status status, const char *place, const char *fmt, ...)
{
	struct buf plain = BUF_INIT, shown = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&plain, fmt, ap);
	va_end(ap);
	outgoing_redact(&t->outgoing, &shown, buf_span(&plain));
	t->say(status, place, buf_str(&shown));
	buf_release(&plain);
	buf_release(&shown);
}

static void tell_fault(struct talk *t, const char *place, const struct fault *f)
{
	tell(t, f->status, place, "%s", f->text);
}

static int read_body(struct talk *t, struct in *in, struct span *body)
{
	struct fault f = { 0 };

	if (in_open(in, t->file, t->wish.max, &f) == 0 && in_all(in, body, &f) == IN_FULL)
		fault_set(&f, ST_USAGE, "the body is larger than --max-size (%zu bytes)", t->wish.max);
	if (f.status == ST_OK)
		return 0;
	t->say(f.status, in->name ? in->name : t->file, f.text);
	return -1;
}

static int open_report(struct talk *t)
{
	t->report_fd = -1;
	if (!t->report)
		return 0;
	t->report_fd = open(t->report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (t->report_fd >= 0)
		return 0;
	tell(t, ST_TROUBLE, t->report, "%s", strerror(errno));
	return -1;
}

static void show(struct talk *t)
{
	struct buf b = BUF_INIT;

	outgoing_show(&t->outgoing, &b);
	out_addspan(&t->sink.out, buf_span(&b));
	buf_release(&b);
}

static void on_head(void *ctx, const struct client_reply *r)
{
	sink_head(&((struct talk *)ctx)->sink, r);
}

static void on_body(void *ctx, struct span piece)
{
	struct talk *t = ctx;
	double at = clock_now() - t->post.last.start;

	if (first_add(&t->first, piece) && t->post.last.reply.status < 300) /* an error's body was held back */
		t->first_event = at;
	if (t->cassette)
		keep_piece(&t->keep, piece, at);
	sink_body(&t->sink, piece);
}

static void on_retry(void *ctx, const char *why, const struct retry *r, long done)
{
	struct talk *t = ctx;

	tell(t, ST_OK, t->outgoing.parts.place, "%s; retry %ld of %ld in %.1f s", why, done, t->policy.most, r->wait);
}

/* libcurl tells the fields of HTTP/2 among its own words too; those lines are left out. */
static void on_trace(void *ctx, char kind, struct span line)
{
	struct talk *t = ctx;
	struct span name = field_name(line);
	const char *user = kind == '*' && line.n ? memmem(line.p, line.n, " with user '", 12) : NULL;

	if (user) /* some put their key there */
		line.n = (size_t)(user - line.p);
	if (kind == '*' && (span_starts(line, "h2h3 [") || span_starts(line, "[HTTP/2] [")))
		return;
	if (kind != '*' && name.n < line.n && redact_is_header(&t->outgoing.redact, name))
		tell(t, ST_OK, NULL, "%c %.*s: REDACTED", kind, (int)name.n, name.p);
	else
		tell(t, ST_OK, NULL, "%c %.*s", kind, (int)line.n, line.p);
}

static void set_post(struct talk *t)
{
	t->post = (struct post){
		.call = {
			.url = buf_str(&t->outgoing.url),
			.headers = &t->outgoing.headers,
			.body = t->outgoing.body,
			.direct = t->outgoing.parts.loopback,
			.deadline = t->max_time > 0 ? clock_now() + t->max_time : 0,
		},
		.policy = t->policy,
		.hooks = { t, on_head, on_body, on_retry, t->verbose ? on_trace : NULL },
		.watch = { { .fd = stop_fd(), .events = POLLIN }, { .fd = 1 } },
		.nwatch = 2,
	};
}

/* Where the answer is to be had: a key should not go there unasked. */
static void add_elsewhere(const struct client_reply *r, struct buf *b)
{
	struct span to = fields_get(&r->headers, "location");

	if (r->status >= 300 && r->status < 400 && to.n)
		buf_addf(b, "; it leads to %.*s, where sse-post does not follow", (int)(to.n < 200 ? to.n : 200), to.p);
}

static void tell_refusal(struct talk *t)
{
	const struct client_reply *r = &t->post.last.reply;
	struct span id = post_request_id(r);
	struct buf b = BUF_INIT;

	post_status_text(r, &b);
	if (t->post.problem.word.len)
		buf_addf(&b, ", %s", buf_str(&t->post.problem.word));
	if (id.p)
		buf_addf(&b, ", request id %.*s", (int)(id.n < 100 ? id.n : 100), id.p);
	if (t->post.attempts > 1)
		buf_addf(&b, ", %ld attempts", t->post.attempts);
	if (t->post.verdict.why)
		buf_addf(&b, "; %s", t->post.verdict.why);
	add_elsewhere(r, &b);
	tell(t, ST_NO, t->outgoing.parts.place, "%s", buf_str(&b));
	buf_release(&b);
}

static const char *tell_end(struct talk *t)
{
	const struct client_transfer *last = &t->post.last;
	const char *place = t->outgoing.parts.place;

	if (stop_signal())
		return "signal";
	if (t->post.stopped) /* nobody reads standard output any more */
		out_die_of_sigpipe();
	if (last->ended != CLIENT_WHOLE && last->reply.status >= 300)
		tell_refusal(t);
	switch (last->ended) {
	case CLIENT_WHOLE:
		if (last->reply.status < 200 || last->reply.status > 299)
			tell_refusal(t);
		return "whole";
	case CLIENT_CUT:
		tell(t, ST_INPUT, place, "the response broke off after %" PRIu64 " bytes: %s", last->reply.bytes,
		     last->fault.text);
		return "cut";
	case CLIENT_LATE:
		tell_fault(t, place, &last->fault);
		return "late";
	default:
		tell_fault(t, place, &last->fault);
		return "failed";
	}
}

static void append_report(struct talk *t, const char *end, const char *cassette)
{
	struct buf error = BUF_INIT, line = BUF_INIT, shown = BUF_INIT;
	struct report r = { t->outgoing.parts.place, end, NULL, cassette, t->first_event };
	struct out out;

	if (t->report_fd < 0)
		return;
	if (t->post.last.fault.status != ST_OK) {
		outgoing_redact(&t->outgoing, &error, span_of(t->post.last.fault.text));
		r.error = buf_str(&error);
	}
	report_write(&r, &t->post, &line);
	redact_text(&t->outgoing.redact, &shown, buf_span(&line)); /* a request id may echo the key */
	out_open(&out, t->report_fd, t->report);
	out_addspan(&out, buf_span(&shown));
	out_close(&out);
	buf_release(&error);
	buf_release(&line);
	buf_release(&shown);
}

/* An answer came, and is to be recorded if it can be. */
static bool has_answer(const struct talk *t)
{
	const struct client_transfer *last = &t->post.last;

	return t->cassette && !t->post.stopped && last->ended != CLIENT_FAILED && last->headed;
}

static int store(struct talk *t, struct fault *f)
{
	struct keep_item item = { .redact = &t->outgoing.redact, .replace = t->mode == MODE_RECORD };
	int bad;

	interaction_init(&item.i);
	play_request(&item.i, &t->outgoing);
	keep_fill(&t->keep, &t->post.last, &item.i);
	bad = keep_redact(&item, t->wish.max, f);
	if (bad < 0)
		f->status = ST_OK; /* a limit is reported; nothing failed */
	else
		bad = keep_store(t->cassette, &item, 1, &t->rules, f);
	interaction_release(&item.i);
	return bad;
}

static void record(struct talk *t)
{
	struct fault f = { 0 };
	struct buf scratch = BUF_INIT;
	const char *why = keep_refuses(t->mode, SPAN("POST"), &t->post.last, &scratch);

	if (!why && t->keep.body.full)
		why = "the answer is larger than --max-size";
	if (why)
		tell(t, ST_OK, t->cassette, "not recorded: %s", why);
	else if (store(t, &f) < 0)
		tell(t, f.status, t->cassette, "not recorded: %s", f.text);
	else
		t->recorded = true;
	buf_release(&scratch);
}

static void converse(struct talk *t)
{
	struct fault f = { 0 };
	const char *end;

	if (outgoing_unlock(&t->outgoing, &t->wish, &f) < 0 || stop_init(&f) < 0 ||
	    client_init(&t->net, &t->client, &f) < 0) {
		tell_fault(t, NULL, &f);
		return;
	}
	if (t->outgoing.loose)
		tell(t, ST_OK, t->wish.key_file, "others than you may read this key");
	set_post(t);
	first_init(&t->first);
	keep_init(&t->keep, t->wish.max);
	post_run(&t->post, &t->net);
	end = tell_end(t);
	if (has_answer(t))
		record(t);
	append_report(t, end, t->recorded ? "recorded" : NULL);
	keep_release(&t->keep);
	first_release(&t->first);
	post_release(&t->post);
	client_release(&t->net);
}

/* As if the network had answered so. */
static void replay(struct talk *t, struct play *p)
{
	struct client_transfer *last = &t->post.last;
	struct fault f = { 0 };
	struct span body;

	if (stop_init(&f) < 0) {
		tell_fault(t, NULL, &f);
		return;
	}
	t->post.elapsed = -1;
	last->ended = p->interaction.response.end == END_WHOLE ? CLIENT_WHOLE : CLIENT_CUT;
	if (last->ended == CLIENT_CUT)
		fault_set(&last->fault, ST_INPUT, "so it was recorded");
	if (play_reply(p, t->wish.max, &last->reply, &body, &f) < 0)
		tell_fault(t, t->cassette, &f);
	if (last->reply.status >= 300)
		problem_read(&t->post.problem, body);
	sink_head(&t->sink, &last->reply);
	sink_body(&t->sink, body);
	append_report(t, tell_end(t), "replayed");
	problem_release(&t->post.problem);
	client_reply_release(&last->reply);
}

/* True: the cassette answered, or it cannot be told whether it does. */
static bool answered(struct talk *t)
{
	struct play p = { 0 };
	struct fault f = { 0 };
	struct buf why = BUF_INIT;
	const char *place;
	int found = play_find(&p, t->cassette, &t->outgoing, &t->rules, &place, &f);

	if (found > 0) {
		replay(t, &p);
	} else if (found < 0) {
		tell_fault(t, place, &f);
	} else if (t->mode == MODE_REPLAY) {
		match_nearest(&p.match, &why, t->verbose);
		tell(t, ST_NO, t->cassette, "no recorded request matches; %s", buf_str(&why));
	}
	buf_release(&why);
	play_release(&p);
	return found != 0 || t->mode == MODE_REPLAY;
}

static void answer(struct talk *t)
{
	struct fault f = { 0 };

	t->first_event = -1;
	t->rules.max = t->wish.max;
	if (t->dry_run) {
		if (outgoing_unlock(&t->outgoing, &t->wish, &f) < 0)
			tell_fault(t, NULL, &f);
		else
			show(t);
	} else if (!t->cassette || t->mode == MODE_RECORD || !answered(t)) {
		converse(t);
	}
}

/* Nothing may have gone out before all that can be known to be wrong is known. */
static int prepare(struct talk *t, const struct in *in, struct span body)
{
	struct fault f = { 0 };

	t->wish.local = t->client.unix_socket != NULL;
	if (outgoing_init(&t->outgoing, &t->wish, body, &f) < 0) {
		tell_fault(t, in->name, &f);
		return -1;
	}
	if (outgoing_address(&t->outgoing, &t->wish, &f) < 0) {
		tell_fault(t, NULL, &f);
		return -1;
	}
	return 0;
}

void talk_run(struct talk *t)
{
	struct fault f = { 0 };
	struct span body = SPAN("");
	struct in in;

	if (sink_open(&t->sink, t->dump, t->include, &f) < 0) {
		t->say(f.status, NULL, f.text);
		return;
	}
	if (read_body(t, &in, &body) == 0 && open_report(t) == 0) {
		if (prepare(t, &in, body) == 0)
			answer(t);
		outgoing_release(&t->outgoing);
	}
	in_close(&in);
}

enum status talk_close(struct talk *t)
{
	return sink_close(&t->sink);
}
