/* SPDX-License-Identifier: MIT */
/* visit: one request of a client and how it is answered. See visit.h. */
#include "net/visit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/refusal.h"

static void say(struct visit *v, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(struct visit *v, enum status status, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	v->serve->say(status, buf_str(&v->place), buf_str(&b));
	buf_release(&b);
}

/* ---- refused */

static void refuse(struct visit *v, int code, const char *retry_after, struct span message)
{
	struct fields h = FIELDS_INIT;

	v->kind = VISIT_REFUSED;
	refusal_put(&v->text, code, message);
	fields_put(&h, SPAN("Content-Type"), SPAN("application/json"));
	if (retry_after)
		fields_put(&h, SPAN("Retry-After"), span_of(retry_after));
	if (!server_answer(v->x, code, &h, (int64_t)v->text.len))
		server_drop(v->x, PULL_CUT);
	v->headed = true;
	fields_release(&h);
}

static ssize_t refused_pull(struct visit *v, char *to, size_t room)
{
	size_t n = v->text.len - v->sent < room ? v->text.len - v->sent : room;

	if (n == 0)
		return PULL_END;
	memcpy(to, v->text.p + v->sent, n);
	v->sent += n;
	return (ssize_t)n;
}

static void no_match(struct visit *v, const struct match *m, const struct shelf_item *spent)
{
	struct buf why = BUF_INIT;
	struct buf b = BUF_INIT;

	if (spent && v->serve->in_order)
		buf_adds(&why, "all interactions were served already (--repeat serves them again)");
	else if (spent)
		buf_addf(&why, "interaction %llu of %s matches, but was served already (--repeat serves it again)",
		         (unsigned long long)spent->interaction.id, spent->file);
	else
		match_nearest(m, &why, v->serve->verbose);
	v->serve->unmatched++;
	say(v, ST_NO, "no recorded request matches; %s", buf_str(&why));
	buf_addf(&b, "no recorded request matches %s; %s", buf_str(&v->place), buf_str(&why));
	refuse(v, 404, NULL, buf_span(&b));
	buf_release(&b);
	buf_release(&why);
}

/* ---- from a cassette */

static const char too_long[] = "its headers are too long to be sent";

static void cannot_replay(struct visit *v, enum status status, const char *why)
{
	say(v, status, "interaction %llu of %s: %s", (unsigned long long)v->item->interaction.id, v->item->file, why);
	refuse(v, 502, NULL, span_of(why));
}

static void replay_head(struct visit *v)
{
	v->headed = true;
	v->due = -1;
	if (accident_denies_answer(v->accident))
		server_drop(v->x, v->accident->kind == ACCIDENT_RESET ? PULL_RESET : PULL_CUT);
	else if (!server_answer(v->x, v->replay.status, &v->replay.headers, v->replay.length))
		cannot_replay(v, ST_INPUT, too_long);
}

static void tell_replay(struct visit *v)
{
	struct buf b = BUF_INIT;

	if (v->accident)
		buf_addf(&b, ", with the fault %s", accident_name(v->accident));
	say(v, ST_OK, "interaction %llu of %s%s", (unsigned long long)v->item->interaction.id, v->item->file,
	    buf_str(&b));
	buf_release(&b);
}

static void replay(struct visit *v, struct shelf_item *item)
{
	struct serve *s = v->serve;
	struct fault f = { 0 };

	v->kind = VISIT_REPLAY;
	v->item = item;
	v->accident = accidents_strike(&s->accidents, item->interaction.id, &item->accidents);
	item->served++;
	s->served++;
	if (s->verbose)
		tell_replay(v);
	if (v->accident && v->accident->kind == ACCIDENT_STATUS) {
		refuse(v, v->accident->status, v->accident->retry_after, SPAN("a fault that was asked for"));
		return;
	}
	if (replay_start(&v->replay, &item->interaction, v->accident, &s->pace,
	                 fields_get(&v->x->headers, "accept-encoding"), s->max, &f) < 0) {
		cannot_replay(v, f.status, f.text);
		return;
	}
	if (v->accident && v->accident->kind == ACCIDENT_GARBAGE)
		accidents_noise(&s->accidents, v->replay.noise);
	v->due = v->replay.head_due;
	if (v->due <= 0)
		replay_head(v);
}

/* Whoever met with an accident may ask again; one who waited until it was over has had his answer. */
static void give_back(struct visit *v, bool left)
{
	if (!v->accident || (v->accident->kind == ACCIDENT_STALL && !left))
		return;
	v->item->served--;
	v->serve->served--;
}

/* ---- from the upstream */

static void relay(struct visit *v)
{
	struct serve *s = v->serve;

	if (!relay_target(v->x).p) {
		say(v, ST_INPUT, "what is asked for is no path");
		refuse(v, 400, NULL, SPAN("what is asked for is no path"));
		return;
	}
	v->kind = VISIT_RELAY;
	s->relayed++;
	relay_start(&v->relay, &s->net, v->x, buf_str(&s->origin), s->record != NULL, s->max, &s->redact);
}

/* An answer came, and is to be recorded if it can be. */
static bool has_answer(const struct visit *v)
{
	const struct client_transfer *t = &v->relay.transfer;

	return v->serve->record && t->ended != CLIENT_FAILED && t->headed;
}

static void not_recorded(struct visit *v, const char *why)
{
	v->serve->unrecorded++;
	say(v, ST_OK, "not recorded: %s", why);
}

/* False: it was reported why not. */
static bool worth_keeping(struct visit *v)
{
	struct buf scratch = BUF_INIT;
	const char *why = keep_refuses(v->serve->mode, span_of(v->x->method), &v->relay.transfer, &scratch);

	if (!why && v->relay.keep.body.full)
		why = "the answer is larger than --max-size";
	if (why)
		not_recorded(v, why);
	buf_release(&scratch);
	return !why;
}

/* In the file the whole URL decides, since it may hold interactions with several hosts. */
static struct match_rules recorded_rules(const struct serve *s)
{
	struct match_rules rules = s->rules;

	rules.by = MATCH_DEFAULT;
	return rules;
}

/* What was there before gives way, save what this run has put there. */
static bool replaces(struct serve *s, const struct interaction *i, const struct redact *redact)
{
	struct match_rules rules = recorded_rules(s);
	struct match m;
	bool fresh;

	if (s->mode != MODE_RECORD)
		return false;
	match_init(&m, &rules, redact);
	match_want(&m, &i->request);
	fresh = shelf_has_fresh(&s->shelf, &m);
	match_release(&m);
	return !fresh;
}

/* Those that are to be stored together. */
struct batch {
	struct visit **visits;
	struct keep_item *items;
	size_t n;
};

static void batch_add(struct batch *b, struct visit *v)
{
	struct relay *r = &v->relay;
	struct keep_item *item = &b->items[b->n];
	struct fault f = { 0 };

	b->visits[b->n++] = v;
	*item = (struct keep_item){ .redact = &r->redact };
	interaction_init(&item->i);
	relay_interaction(r, &item->i);
	item->replace = replaces(v->serve, &item->i, &r->redact);
	if (keep_redact(item, v->serve->max, &f) == 0)
		return;
	not_recorded(v, f.text);
	interaction_release(&item->i);
	b->n--;
}

/* If not all of them can be written, each is for itself. */
static void batch_store(struct serve *s, struct batch *b, size_t from, size_t n)
{
	struct fault f = { 0 };
	struct match_rules rules = recorded_rules(s);
	bool good = keep_store(s->record, &b->items[from], n, &rules, &f) == 0;

	for (size_t k = from; !good && n > 1 && k < from + n; k++)
		batch_store(s, b, k, 1);
	if (!good && n == 1) {
		s->unrecorded++;
		say(b->visits[from], f.status, "not recorded in %s: %s", s->record, f.text);
	}
	for (size_t k = from; good && k < from + n; k++) {
		s->recorded++;
		shelf_add(&s->shelf, &b->items[k].i, s->record)->served = 1;
	}
}

static void record(struct serve *s, struct visit **list, size_t n)
{
	struct batch b = { mem_zero(n * sizeof *b.visits), mem_zero(n * sizeof *b.items), 0 };

	for (size_t k = 0; k < n; k++)
		if (has_answer(list[k]) && worth_keeping(list[k]))
			batch_add(&b, list[k]);
	if (b.n > 0)
		batch_store(s, &b, 0, b.n);
	for (size_t k = 0; k < b.n; k++)
		interaction_release(&b.items[k].i);
	free(b.visits);
	free(b.items);
}

static void tell_relay(struct visit *v)
{
	const struct client_transfer *t = &v->relay.transfer;
	struct buf why = BUF_INIT;

	redact_text(&v->relay.redact, &why, span_of(t->fault.text));
	if (t->ended == CLIENT_WHOLE && !v->relay.answered)
		buf_adds(&why, too_long);
	if (!v->relay.answered)
		say(v, ST_TROUBLE, "%s: %s", v->serve->up.place, buf_str(&why));
	else if (t->ended != CLIENT_WHOLE)
		say(v, ST_OK, "the response broke off after %llu bytes: %s", (unsigned long long)t->reply.bytes,
		    buf_str(&why));
	else if (v->serve->verbose)
		say(v, ST_OK, "%ld from %s", t->reply.status, v->serve->up.place);
	if (!v->relay.answered)
		refuse(v, t->ended == CLIENT_LATE ? 504 : 502, NULL, buf_span(&why));
	buf_release(&why);
}

static bool is_over(const struct visit *v)
{
	return v->kind == VISIT_RELAY && v->relay.transfer.ended && !v->told;
}

static void relays_over(struct serve *s, struct visit **list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		tell_relay(list[k]);
	record(s, list, n);
	for (size_t k = 0; k < n; k++) {
		list[k]->told = true;
		server_wake(list[k]->x);
	}
}

/* The client does not see the end before it is on disk: visits_step sees to that. */
static ssize_t relayed_pull(struct visit *v, char *to, size_t room)
{
	ssize_t n = relay_pull(&v->relay, to, room);

	return n < 0 && !v->told ? 0 : n;
}

/* All that have ended, the oldest first: one writing of the file takes as long as many. */
static void see_to_the_ended(struct serve *s)
{
	struct visit **list;
	size_t n = 0, k;

	for (struct visit *v = s->visits; v; v = v->next)
		n += is_over(v);
	if (n == 0)
		return;
	list = mem_alloc(n * sizeof *list);
	k = n;
	for (struct visit *v = s->visits; v; v = v->next)
		if (is_over(v))
			list[--k] = v;
	relays_over(s, list, n);
	free(list);
}

/* ---- any */

static void set_place(struct visit *v)
{
	struct redact redact = { .rules = &v->serve->redact };

	relay_secrets(v->x, &redact);
	buf_addf(&v->place, "%s ", v->x->method);
	redact_url(&redact, &v->place, span_of(v->x->target));
	redact_release(&redact);
}

static void want(const struct exchange *x, struct interaction *i)
{
	i->request.method = span_of(x->method);
	i->request.url = span_of(x->target);
	i->request.body = buf_span(&x->body);
	keep_headers(&x->headers, &i->request.headers, &i->arena);
}

static void decide(struct visit *v)
{
	struct serve *s = v->serve;
	struct redact redact = { .rules = &s->redact };
	struct interaction wanted;
	struct shelf_item *item = NULL, *spent = NULL;
	struct match m;

	interaction_init(&wanted);
	want(v->x, &wanted);
	relay_secrets(v->x, &redact);
	match_init(&m, &s->rules, &redact);
	match_want(&m, &wanted.request);
	if (s->mode != MODE_RECORD)
		item = shelf_find(&s->shelf, &m, s->repeat, &spent);
	if (item)
		replay(v, item);
	else if (s->upstream && s->mode != MODE_REPLAY)
		relay(v);
	else
		no_match(v, &m, spent);
	match_release(&m);
	redact_release(&redact);
	interaction_release(&wanted);
}

static void on_request(void *ctx, struct exchange *x)
{
	struct serve *s = ctx;
	struct visit *v = mem_zero(sizeof *v);

	v->serve = s;
	v->x = x;
	v->start = clock_now();
	v->due = -1;
	v->next = s->visits;
	if (s->visits)
		s->visits->before = v;
	s->visits = v;
	x->user = v;
	set_place(v);
	if (x->too_large) {
		say(v, ST_INPUT, "a body of more than %zu bytes (--max-size)", s->max);
		refuse(v, 413, NULL, SPAN("the body is larger than the server takes"));
	} else {
		decide(v);
	}
}

static ssize_t on_pull(void *ctx, struct exchange *x, char *to, size_t room)
{
	struct visit *v = x->user;
	double now = clock_now() - v->start;

	(void)ctx;
	v->due = -1;
	switch (v->kind) {
	case VISIT_REPLAY:
		return replay_pull(&v->replay, now, to, room, &v->due);
	case VISIT_RELAY:
		return relayed_pull(v, to, room);
	default:
		return refused_pull(v, to, room);
	}
}

static void on_over(void *ctx, struct exchange *x, bool left)
{
	struct serve *s = ctx;
	struct visit *v = x->user;

	if (is_over(v))
		relays_over(s, &v, 1);
	if (v->kind == VISIT_RELAY && !v->relay.transfer.ended && s->record && !s->over)
		not_recorded(v, "the client left");
	if (v->item)
		give_back(v, left);
	replay_release(&v->replay);
	relay_release(&v->relay);
	buf_release(&v->text);
	buf_release(&v->place);
	if (v->before)
		v->before->next = v->next;
	else
		s->visits = v->next;
	if (v->next)
		v->next->before = v->before;
	free(v);
}

const struct server_hooks visit_hooks = { NULL, on_request, on_pull, on_over };

double visits_step(struct serve *s)
{
	double first = -1;

	see_to_the_ended(s);
	for (struct visit *v = s->visits; v; v = v->next) {
		double left = v->start + v->due - clock_now();

		if (v->due < 0)
			continue;
		if (left > 0) {
			if (first < 0 || left < first)
				first = left;
			continue;
		}
		v->due = -1;
		if (v->headed)
			server_wake(v->x);
		else
			replay_head(v);
	}
	return first;
}
