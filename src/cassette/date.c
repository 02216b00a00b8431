/* SPDX-License-Identifier: MIT */
/* date: a moment as files spell it. See date.h. */
#include "cassette/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";

/* Days from 1970-01-01 to the first of a month (0 is January); timegm(3) is not everywhere. */
static long long days_before(long year, int month)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	long y = year - (month < 2); /* leap days of years whose February has passed */
	long long leaps = y / 4 - y / 100 + y / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);

	return (long long)(year - 1970) * 365 + leaps + before[month];
}

static bool copy(char *to, size_t size, struct span s)
{
	if (!s.p || s.n >= size || memchr(s.p, 0, s.n))
		return false;
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

/* Z, +hh:mm or -hh:mm, in seconds. */
static bool zone(const char *s, long *offset)
{
	int h, m, n = 0;

	*offset = 0;
	if (!strcmp(s, "Z") || !strcmp(s, "z"))
		return true;
	if ((*s != '+' && *s != '-') || sscanf(s + 1, "%2d:%2d%n", &h, &m, &n) != 2 || s[1 + n])
		return false;
	*offset = (h * 60L + m) * (*s == '-' ? -60 : 60);
	return true;
}

struct moment {
	int year, month, day, hour, minute, second; /* month from 1 */
};

static bool is_moment(const struct moment *m)
{
	return m->month >= 1 && m->month <= 12 && m->day >= 1 && m->day <= 31 && m->hour >= 0 && m->hour < 24 &&
	       m->minute >= 0 && m->minute < 60 && m->second >= 0 && m->second <= 60 && m->year > 0;
}

static int64_t seconds_of(const struct moment *m)
{
	return (days_before(m->year, m->month - 1) + m->day - 1) * 86400 + m->hour * 3600L + m->minute * 60L + m->second;
}

bool date_seconds(struct span text, int64_t *seconds)
{
	char s[48], *rest;
	struct moment m;
	int n = 0;
	long offset;

	if (!copy(s, sizeof s, text) ||
	    sscanf(s, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &m.year, &m.month, &m.day, &m.hour, &m.minute, &m.second,
	           &n) != 6 ||
	    n == 0 || !is_moment(&m))
		return false;
	rest = s + n;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!zone(rest, &offset))
		return false;
	*seconds = seconds_of(&m) - offset;
	return true;
}

bool date_to_http(struct buf *b, struct span text)
{
	int64_t seconds;
	time_t t;
	struct tm tm;

	if (!date_seconds(text, &seconds))
		return false;
	t = (time_t)seconds;
	if (!gmtime_r(&t, &tm))
		return false;
	buf_addf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
	         months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

/* 1 to 12; 0: no month's name. */
static int month_named(const char *name)
{
	const char *at = strlen(name) == 3 ? strstr(months, name) : NULL;

	return at && (at - months) % 3 == 0 ? (int)(at - months) / 3 + 1 : 0;
}

/* The century is that in which the year is not more than 50 years after now. */
static int full_year(int two_digits, int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm = { 0 };
	int year;

	gmtime_r(&t, &tm);
	year = (tm.tm_year + 1900) / 100 * 100 + two_digits;
	return year > tm.tm_year + 1900 + 50 ? year - 100 : year;
}

/* RFC 9110 section 5.6.7. The name of the day is not checked. */
static bool http_moment(const char *s, int64_t now, struct moment *m)
{
	char name[4] = "";
	int n = 0;

	if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &m->day, name, &m->year, &m->hour, &m->minute,
	           &m->second, &n) == 6 &&
	    n && !s[n]) {
		m->month = month_named(name);
		return is_moment(m);
	}
	n = 0;
	if (sscanf(s, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &m->day, name, &m->year, &m->hour, &m->minute,
	           &m->second, &n) == 6 &&
	    n && !s[n]) {
		m->month = month_named(name);
		m->year = full_year(m->year, now);
		return is_moment(m);
	}
	n = 0;
	if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", name, &m->day, &m->hour, &m->minute, &m->second,
	           &m->year, &n) != 6 ||
	    !n || s[n])
		return false;
	m->month = month_named(name);
	return is_moment(m);
}

bool date_http_seconds(struct span text, int64_t now, int64_t *seconds)
{
	char s[48];
	struct moment m;

	if (!copy(s, sizeof s, text) || !http_moment(s, now, &m))
		return false;
	*seconds = seconds_of(&m);
	return true;
}

bool date_from_http(struct buf *b, struct span http)
{
	char s[48];
	struct moment m;

	if (!copy(s, sizeof s, http) || !http_moment(s, time(NULL), &m))
		return false;
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", m.year, m.month, m.day, m.hour, m.minute, m.second);
	return true;
}

static bool date_without_zone(struct buf *b, struct span text)
{
	char s[48];
	int year, month, day, h, m, sec, n = 0;

	if (!copy(s, sizeof s, text) ||
	    sscanf(s, "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &year, &month, &day, &h, &m, &sec, &n) != 6 || n == 0 ||
	    (s[n] && strcmp(s + n, " GMT") != 0 && strcmp(s + n, " UTC") != 0) || month < 1 || month > 12)
		return false;
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, h, m, sec);
	return true;
}

bool date_from_file(struct buf *b, struct span text)
{
	struct buf http = BUF_INIT;
	bool rfc3339 = text.n > 10 && (text.p[10] == 'T' || text.p[10] == 't') && date_to_http(&http, text);

	buf_release(&http);
	if (rfc3339)
		buf_addspan(b, text);
	return rfc3339 || date_from_http(b, text) || date_without_zone(b, text);
}
