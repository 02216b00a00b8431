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

bool date_to_http(struct buf *b, struct span text)
{
	char s[48], *rest;
	int year, month, day, h, m, sec, n = 0;
	long offset;
	time_t t;
	struct tm tm;

	if (!copy(s, sizeof s, text) ||
	    sscanf(s, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &h, &m, &sec, &n) != 6 || n == 0 ||
	    month < 1 || month > 12)
		return false;
	rest = s + n;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!zone(rest, &offset))
		return false;
	t = (time_t)((days_before(year, month - 1) + day - 1) * 86400 + h * 3600L + m * 60L + sec - offset);
	if (!gmtime_r(&t, &tm))
		return false;
	buf_addf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
	         months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

bool date_from_http(struct buf *b, struct span text)
{
	char s[48], name[4];
	int year, day, h, m, sec, n = 0;
	const char *month;

	if (!copy(s, sizeof s, text) ||
	    sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, name, &year, &h, &m, &sec, &n) != 6 ||
	    n == 0 || s[n])
		return false;
	month = strstr(months, name);
	if (!month || (month - months) % 3)
		return false;
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, (int)(month - months) / 3 + 1, day, h, m, sec);
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
