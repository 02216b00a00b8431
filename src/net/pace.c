/* SPDX-License-Identifier: MIT */
/* pace: where a recorded body is cut into writes, and when each is due. See pace.h. */
#include "net/pace.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cassette/timing.h"

enum { RANDOM_LONGEST = 64 };

bool pace_parse_cut(struct pace_options *o, const char *text)
{
	const char *number = text;
	char *end;

	*o = (struct pace_options){ .speed = o->speed, .rate = o->rate, .cut = PACE_BYTES, .bytes = 1 };
	if (!strcmp(text, "byte"))
		return true;
	if (!strcmp(text, "event") || !strcmp(text, "line")) {
		o->cut = *text == 'e' ? PACE_EVENT : PACE_LINE;
		return true;
	}
	if (!strncmp(text, "random:", 7)) {
		o->cut = PACE_RANDOM;
		number = text + 7;
	}
	errno = 0;
	o->seed = isdigit((unsigned char)*number) ? strtoull(number, &end, 10) : (end = NULL, 0);
	o->bytes = (size_t)o->seed;
	return end && !*end && errno == 0 && (o->cut == PACE_RANDOM || o->bytes > 0);
}

void pace_init(struct pace *p, const struct pace_options *o, const struct interaction *i, struct span body)
{
	bool as_stored = body.p == i->response.body.p && body.n == i->response.body.n;

	*p = (struct pace){ .o = o, .i = i, .body = body, .random = o->seed };
	p->arrivals = o->speed > 0 && i->response.narrivals > 0 && as_stored;
	p->receive = o->speed > 0 && !p->arrivals ? timing_receive(i) : 0;
}

static double seconds(const struct pace *p, int64_t ns)
{
	return p->o->speed > 0 && ns > 0 ? (double)ns / 1e9 / p->o->speed : 0;
}

double pace_head(const struct pace *p)
{
	return seconds(p, p->i->duration);
}

static bool by_rate(const struct pace *p)
{
	return p->o->rate > 0 && !p->arrivals && p->receive == 0;
}

/* Moves event_end behind byte `at`. What is in no event counts to the one before it. */
static void find_event(struct pace *p, size_t at)
{
	struct frame_event e;
	size_t used;

	while (p->event_end <= at) {
		struct span rest = { p->body.p + p->framed, p->body.n - p->framed };
		enum frame_result r = frame_next(&p->frame, rest.p, rest.n, true, &used, &e);

		p->framed += used;
		if (r == FRAME_END || r == FRAME_MORE) {
			p->event_end = p->body.n;
		} else if (r == FRAME_EVENT) {
			p->events += p->event_end > 0;
			p->event_end = p->framed;
		}
	}
}

static size_t line_end(struct span body, size_t at)
{
	while (at < body.n && body.p[at] != '\n' && body.p[at] != '\r')
		at++;
	at += at + 1 < body.n && body.p[at] == '\r' && body.p[at + 1] == '\n';
	return at < body.n ? at + 1 : at;
}

static size_t cut_after(struct pace *p, size_t at)
{
	switch (p->o->cut) {
	case PACE_EVENT:
		find_event(p, at);
		return p->event_end;
	case PACE_LINE:
		return line_end(p->body, at);
	case PACE_BYTES:
		return p->body.n - at > p->o->bytes ? at + p->o->bytes : p->body.n;
	case PACE_RANDOM:
		return at + 1 + random_next(&p->random) % RANDOM_LONGEST;
	default:
		break;
	}
	if (p->arrivals)
		return p->arrived + p->i->response.arrivals[p->arrival].bytes;
	if (p->receive == 0 && !by_rate(p))
		return p->body.n;
	find_event(p, at);
	return p->event_end;
}

/* Moves to the arrival that holds byte `last`. */
static const struct arrival *find_arrival(struct pace *p, size_t last)
{
	const struct response *r = &p->i->response;

	while (p->arrival + 1 < r->narrivals && p->arrived + r->arrivals[p->arrival].bytes <= last)
		p->arrived += r->arrivals[p->arrival++].bytes;
	return &r->arrivals[p->arrival];
}

static double due_at(struct pace *p, size_t end)
{
	if (p->arrivals)
		return seconds(p, find_arrival(p, end - 1)->at);
	if (p->receive > 0)
		return pace_head(p) + seconds(p, (int64_t)((double)p->receive * ((double)end / (double)p->body.n)));
	if (!by_rate(p))
		return pace_head(p);
	find_event(p, end - 1);
	return pace_head(p) + (double)p->events / p->o->rate;
}

bool pace_next(struct pace *p, size_t *end, double *due)
{
	if (p->at >= p->body.n)
		return false;
	if (p->arrivals)
		find_arrival(p, p->at);
	*end = cut_after(p, p->at);
	if (*end > p->body.n)
		*end = p->body.n;
	*due = due_at(p, *end);
	p->at = *end;
	return true;
}

void pace_release(struct pace *p)
{
	frame_release(&p->frame);
}
