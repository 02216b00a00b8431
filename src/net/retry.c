/* SPDX-License-Identifier: MIT */
/* retry: whether a failed attempt is worth another one, and when. See retry.h. */
#include "net/retry.h"

#include <stdlib.h>
#include <string.h>

#include "cassette/date.h"

static double number(struct span s)
{
	char text[32], *end;
	double d;

	if (!s.p || s.n == 0 || s.n >= sizeof text || s.p[0] < '0' || s.p[0] > '9')
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	d = strtod(text, &end);
	return *end == '\0' && d < 1e12 ? d : -1;
}

double retry_after(struct span value, time_t now)
{
	double seconds = number(value);
	int64_t date;

	if (seconds >= 0)
		return seconds;
	if (!date_http_seconds(value, now, &date))
		return -1;
	return date > now ? (double)(date - now) : 0;
}

bool retry_status(long status)
{
	return status == 408 || status == 409 || status == 429 || status >= 500;
}

static double asked_delay(const struct retry_reply *r, time_t now)
{
	double ms, seconds;

	if (r->headers) {
		ms = number(fields_get(r->headers, "retry-after-ms"));
		if (ms >= 0)
			return ms / 1000;
		seconds = retry_after(fields_get(r->headers, "retry-after"), now);
		if (seconds >= 0)
			return seconds;
	}
	return r->problem ? r->problem->delay : -1;
}

static double backoff(long done, double chance)
{
	double d = done > 5 ? 8 : 0.5 * (double)(1L << (done - 1));

	return (d > 8 ? 8 : d) * (1 - 0.25 * chance);
}

static bool worth(const struct retry_reply *r)
{
	struct span should = r->headers ? fields_get(r->headers, "x-should-retry") : SPAN_NONE;

	if (r->network)
		return true;
	if (span_is(should, "true"))
		return true;
	return !span_is(should, "false") && retry_status(r->status);
}

struct retry retry_decide(const struct retry_policy *p, const struct retry_reply *r, long done, double chance,
                          time_t now)
{
	struct retry no = { 0 };
	double asked = asked_delay(r, now);

	if (!worth(r))
		return no;
	if (r->status == 402 || (r->problem && r->problem->hopeless)) {
		no.why = "a budget is used up, trying again is useless";
		return no;
	}
	if (done > p->most)
		return no;
	if (asked > p->cap) {
		no.wait = asked;
		no.why = "the server asks for a longer wait than --retry-cap";
		return no;
	}
	return (struct retry){ true, asked >= 0 ? asked : backoff(done, chance), NULL };
}
