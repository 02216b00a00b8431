/* SPDX-License-Identifier: MIT */
/* timing: spans of time as files spell them. See timing.h. */
#include "cassette/timing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"

enum { SECOND = 1000000000, MILLISECOND = 1000000 };

static void fraction_put(struct buf *b, uint64_t part, uint64_t unit)
{
	char digits[24];
	int n = 0;

	for (; part > 0; part %= unit) {
		unit /= 10;
		digits[n++] = (char)('0' + part / unit);
	}
	if (n > 0) {
		buf_addc(b, '.');
		buf_add(b, digits, (size_t)n);
	}
}

static void units_put(struct buf *b, int64_t ns, uint64_t unit)
{
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		buf_addc(b, '-');
	buf_addn(b, u / unit);
	fraction_put(b, u % unit, unit);
}

void seconds_put(struct buf *b, int64_t ns)
{
	units_put(b, ns, SECOND);
}

void milliseconds_put(struct buf *b, int64_t ns)
{
	units_put(b, ns, MILLISECOND);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Adds digits and fraction at *t, in units of unit nanoseconds, to *u; false: no number there, or
 * one too large. Digits below a nanosecond are read over. */
static bool number_get(struct span *t, uint64_t unit, uint64_t *u)
{
	uint64_t whole = 0;
	size_t digits = 0;

	for (; t->n && is_digit(*t->p); t->p++, t->n--, digits++) {
		whole = whole * 10 + (uint64_t)(*t->p - '0');
		if (whole > INT64_MAX / unit)
			return false;
	}
	*u += whole * unit;
	if (t->n && *t->p == '.') {
		for (t->p++, t->n--; t->n && is_digit(*t->p); t->p++, t->n--, digits++) {
			unit /= 10;
			*u += (uint64_t)(*t->p - '0') * unit;
		}
	}
	return digits > 0 && *u <= INT64_MAX;
}

/* Exponents, which other writers of JSON use for small numbers. */
static bool exponent_get(struct span t, double unit, int64_t *ns)
{
	char text[80], *end;
	size_t e = 0;
	double d;

	while (e < t.n && t.p[e] != 'e' && t.p[e] != 'E')
		e++;
	if (e == t.n || t.n >= sizeof text)
		return false;
	memcpy(text, t.p, t.n);
	text[t.n] = '\0';
	d = strtod(text, &end);
	if (*end || !(d > -9e9 && d < 9e9))
		return false;
	*ns = (int64_t)(d * unit + (d < 0 ? -0.5 : 0.5));
	return true;
}

static bool units_get(struct span t, uint64_t unit, int64_t *ns)
{
	struct span all = t;
	bool minus = t.n && *t.p == '-';
	uint64_t u = 0;

	if (minus)
		t = (struct span){ t.p + 1, t.n - 1 };
	if (!number_get(&t, unit, &u))
		return false;
	if (t.n)
		return exponent_get(all, (double)unit, ns);
	*ns = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

bool seconds_get(struct span text, int64_t *ns)
{
	return units_get(text, SECOND, ns);
}

bool milliseconds_get(struct span text, int64_t *ns)
{
	return units_get(text, MILLISECOND, ns);
}

void go_duration_put(struct buf *b, int64_t ns)
{
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, m = u / SECOND / 60;
	uint64_t unit = u < 1000 ? 1 : u < 1000000 ? 1000 : 1000000;

	if (ns < 0)
		buf_addc(b, '-');
	if (u > 0 && u < SECOND) {
		buf_addn(b, u / unit);
		fraction_put(b, u % unit, unit);
		buf_adds(b, unit == 1 ? "ns" : unit == 1000 ? "\xc2\xb5s" : "ms");
		return;
	}
	if (m >= 60)
		buf_addf(b, "%" PRIu64 "h", m / 60);
	if (m > 0)
		buf_addf(b, "%" PRIu64 "m", m % 60);
	buf_addn(b, u / SECOND % 60);
	fraction_put(b, u % SECOND, SECOND);
	buf_addc(b, 's');
}

/* The unit at the front of t, in nanoseconds, and its length; 0: none. Longer names come first. */
static uint64_t go_unit(struct span t, size_t *n)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 },       { "us", 1000 },  { "\xc2\xb5s", 1000 },   { "\xce\xbcs", 1000 },
		{ "ms", 1000000 }, { "s", SECOND }, { "m", 60ull * SECOND }, { "h", 3600ull * SECOND },
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (span_starts(t, units[i].name)) {
			*n = strlen(units[i].name);
			return units[i].ns;
		}
	return 0;
}

bool go_duration_get(struct span t, int64_t *ns)
{
	bool minus = t.n && *t.p == '-';
	uint64_t u = 0;

	if (t.n && (*t.p == '-' || *t.p == '+'))
		t = (struct span){ t.p + 1, t.n - 1 };
	if (t.n == 0)
		return false;
	while (t.n > 0) {
		size_t digits = 0, n;
		uint64_t unit;

		while (digits < t.n && (is_digit(t.p[digits]) || t.p[digits] == '.'))
			digits++;
		unit = go_unit((struct span){ t.p + digits, t.n - digits }, &n);
		if (unit == 0 && u == 0 && span_is(t, "0"))
			break;
		if (unit == 0 || !number_get(&t, unit, &u) || t.n < n)
			return false;
		t = (struct span){ t.p + n, t.n - n };
	}
	*ns = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

void timing_put(struct buf *b, const struct response *p)
{
	static const char *const ends[] = { NULL, "cut", "reset" };

	if (p->narrivals == 0 && p->end == END_WHOLE)
		return;
	buf_addc(b, '{');
	if (p->narrivals) {
		json_member(b, "arrivals");
		buf_addc(b, '[');
		for (size_t k = 0; k < p->narrivals; k++) {
			buf_adds(b, k ? ",[" : "[");
			seconds_put(b, p->arrivals[k].at);
			buf_addf(b, ",%zu]", p->arrivals[k].bytes);
		}
		buf_addc(b, ']');
	}
	if (ends[p->end]) {
		json_member(b, "end");
		buf_addf(b, "\"%s\"", ends[p->end]);
	}
	buf_addc(b, '}');
}

static const char *arrivals_get(struct interaction *i, const struct json *j, uint32_t list)
{
	size_t n = json_count(j, list), k = 0, sum = 0;
	struct arrival *a = arena_alloc(&i->arena, (n + 1) * sizeof *a);

	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e), k++) {
		long bytes;

		if (json_kind(j, e) != JSON_ARRAY || json_count(j, e) != 2 ||
		    !seconds_get(json_text(j, json_at(j, e, 0)), &a[k].at) || !json_long(j, json_at(j, e, 1), &bytes) ||
		    bytes < 0)
			return "arrivals are no list of [seconds, bytes]";
		a[k].bytes = (size_t)bytes;
		sum += a[k].bytes;
	}
	if (sum != i->response.body.n) {
		i->note = "arrivals do not sum up to the body's length: left out";
		return NULL;
	}
	i->response.arrivals = a;
	i->response.narrivals = n;
	return NULL;
}

const char *timing_get(struct interaction *i, const struct json *j, uint32_t object)
{
	uint32_t arrivals = json_get(j, object, "arrivals"), end = json_get(j, object, "end");
	const char *wrong = NULL;

	if (json_kind(j, arrivals) > JSON_NULL)
		wrong = json_kind(j, arrivals) == JSON_ARRAY ? arrivals_get(i, j, arrivals)
		                                             : "arrivals are no list of [seconds, bytes]";
	if (json_kind(j, end) <= JSON_NULL)
		return wrong;
	if (json_is(j, end, "cut"))
		i->response.end = END_CUT;
	else if (json_is(j, end, "reset"))
		i->response.end = END_RESET;
	else
		return "end is neither cut nor reset";
	return wrong;
}

int64_t timing_receive(const struct interaction *i)
{
	struct span har = interaction_extra_get(i, "har");
	struct json j = JSON_INIT;
	int64_t ns = 0;

	if (har.p && json_parse(&j, har.p, har.n) == 0 &&
	    !milliseconds_get(json_text(&j, json_get(&j, json_get(&j, JSON_ROOT, "timings"), "receive")), &ns))
		ns = 0;
	json_release(&j);
	return ns > 0 ? ns : 0;
}
