/* SPDX-License-Identifier: MIT */
/* post: one request, attempted until it is answered or trying again is useless. See post.h. */
#include "net/post.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

static bool is_good(long status)
{
	return status >= 200 && status < 300;
}

/* Hands on what was held back; from here on there is no other attempt. */
static void begin(struct post *p)
{
	p->holding = false;
	if (p->begun)
		return;
	p->begun = true;
	p->hooks.head(p->hooks.ctx, &p->last.reply);
	if (p->held.len)
		p->hooks.body(p->hooks.ctx, buf_span(&p->held));
}

static void on_head(void *ctx, const struct client_reply *r)
{
	struct post *p = ctx;

	p->holding = !is_good(r->status);
}

static bool on_body(void *ctx, struct span piece)
{
	struct post *p = ctx;

	if (p->holding && p->held.len + piece.n <= POST_HOLD) {
		buf_addspan(&p->held, piece);
		return true;
	}
	begin(p);
	p->hooks.body(p->hooks.ctx, piece);
	return true;
}

static void on_trace(void *ctx, char kind, struct span line)
{
	struct post *p = ctx;

	p->hooks.trace(p->hooks.ctx, kind, line);
}

static bool woken(struct post *p)
{
	for (size_t i = 0; i < p->nwatch; i++)
		if (p->watch[i].revents)
			p->stopped = true;
	return p->stopped;
}

static void attempt(struct post *p, struct client *c)
{
	const struct client_hooks hooks = {
		.ctx = p,
		.head = on_head,
		.body = on_body,
		.trace = p->hooks.trace ? on_trace : NULL,
	};

	p->attempts++;
	client_start(c, &p->last, &p->call, &hooks);
	while (!p->last.ended) {
		client_step(c, p->watch, p->nwatch, -1);
		if (!p->last.ended && woken(p))
			client_stop(&p->last);
	}
}

static void pause_for(struct post *p, double seconds)
{
	double until = clock_now() + seconds;

	for (double left = seconds; left > 0 && !woken(p); left = until - clock_now())
		poll(p->watch, p->nwatch, (int)(left * 1000) + 1);
}

static double chance(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)(ts.tv_nsec % 1000000) / 1e6;
}

static struct retry judge(struct post *p)
{
	const struct client_reply *r = &p->last.reply;
	bool broken = p->last.ended != CLIENT_WHOLE;
	struct retry_reply reply = {
		.status = r->status,
		.network = broken && p->last.passing && (r->status < 200 || is_good(r->status)),
		.headers = &r->headers,
		.problem = &p->problem,
	};
	struct retry verdict = { 0 };

	if (!is_good(r->status))
		problem_read(&p->problem, buf_span(&p->held));
	if (p->begun || p->stopped || (is_good(r->status) && !broken))
		return verdict;
	return retry_decide(&p->policy, &reply, p->attempts, chance(), time(NULL));
}

static void forget(struct post *p)
{
	client_finish(&p->last);
	buf_reset(&p->held);
	problem_release(&p->problem);
	p->problem = (struct problem)PROBLEM_INIT;
	p->holding = false;
}

static void tell(struct post *p)
{
	struct buf why = BUF_INIT;

	if (p->last.ended == CLIENT_WHOLE)
		post_status_text(&p->last.reply, &why);
	else
		buf_adds(&why, p->last.fault.text);
	if (p->problem.word.len)
		buf_addf(&why, ", %s", buf_str(&p->problem.word));
	p->hooks.retry(p->hooks.ctx, buf_str(&why), &p->verdict, p->attempts);
	buf_release(&why);
}

void post_run(struct post *p, struct client *c)
{
	double start = clock_now();

	p->problem = (struct problem)PROBLEM_INIT;
	for (;;) {
		attempt(p, c);
		p->verdict = judge(p);
		if (!p->verdict.again)
			break;
		if (p->call.deadline > 0 && clock_now() + p->verdict.wait >= p->call.deadline) {
			p->verdict.again = false;
			p->verdict.why = "the wait would pass --max-time";
			break;
		}
		tell(p);
		pause_for(p, p->verdict.wait);
		if (p->stopped)
			break;
		forget(p);
	}
	if (p->last.headed)
		begin(p);
	p->elapsed = clock_now() - start;
}

void post_release(struct post *p)
{
	client_finish(&p->last);
	buf_release(&p->held);
	problem_release(&p->problem);
}

void post_status_text(const struct client_reply *r, struct buf *b)
{
	struct span line = buf_span(&r->head);
	const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
	size_t n = 0;

	buf_addf(b, "%ld", r->status);
	if (!space || line.p + line.n - space < 5 || space[4] != ' ')
		return;
	while (space + 5 + n < line.p + line.n && space[5 + n] != '\r' && space[5 + n] != '\n')
		n++;
	if (n)
		buf_addf(b, " %.*s", (int)n, space + 5);
}

struct span post_request_id(const struct client_reply *r)
{
	static const char *const names[] = {
		"x-request-id", "request-id", "x-generation-id", "apim-request-id", "x-amzn-requestid", "cf-ray", NULL
	};

	for (int i = 0; names[i]; i++) {
		struct span id = fields_get(&r->headers, names[i]);

		if (id.p && id.n)
			return id;
	}
	return SPAN_NONE;
}
