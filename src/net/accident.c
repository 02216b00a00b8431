/* SPDX-License-Identifier: MIT */
/* accident: what goes wrong on purpose. See accident.h. */
#include "net/accident.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static const char *const kinds[] = { "status", "cut", "reset", "stall", "garbage", NULL };

static bool number(const char *text, uint64_t most, uint64_t *n)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*n = strtoull(text, &end, 10);
	return !*end && errno == 0 && *n <= most;
}

static bool fraction(const char *text, double most, double *d)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	*d = strtod(text, &end);
	return !*end && isfinite(*d) && *d <= most;
}

/* Cuts text at the first c and returns what is behind, or NULL. */
static char *behind(char *text, char c)
{
	char *at = text ? strchr(text, c) : NULL;

	if (at)
		*at++ = '\0';
	return at;
}

static bool whom(struct accident *a, char *text)
{
	size_t n = text ? strlen(text) : 0;

	a->probability = 1;
	if (!text)
		return true;
	if (n && text[n - 1] == '%') {
		text[n - 1] = '\0';
		if (!fraction(text, 100, &a->probability))
			return false;
		a->probability /= 100;
		return true;
	}
	a->one = true;
	return number(text, UINT64_MAX, &a->id);
}

static bool what(struct accident *a, char *first, char *second)
{
	uint64_t n;

	if (!number(first, a->kind == ACCIDENT_STATUS ? 599 : SIZE_MAX, &n))
		return false;
	a->bytes = (size_t)n;
	switch (a->kind) {
	case ACCIDENT_STATUS:
		a->status = (int)n;
		a->retry_after = second;
		return n >= 200 && (!second || *second);
	case ACCIDENT_STALL:
		return fraction(second, 1e6, &a->seconds);
	default:
		return !second;
	}
}

bool accidents_add(struct accidents *all, char *text)
{
	struct accident a = { 0 };
	char *at = behind(text, '@'), *first = behind(text, ':'), *second = behind(first, ':');
	int kind = 0;

	while (kinds[kind] && strcmp(kinds[kind], text))
		kind++;
	if (!kinds[kind] || all->n == ACCIDENTS_MAX)
		return false;
	a.kind = (enum accident_kind)kind;
	if (!what(&a, first, second) || !whom(&a, at))
		return false;
	all->list[all->n++] = a;
	return true;
}

const struct accident *accidents_strike(struct accidents *all, uint64_t id, uint64_t *struck)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct accident *a = &all->list[i];
		uint64_t bit = (uint64_t)1 << i;

		if (*struck & bit || (a->one && a->id != id))
			continue;
		if (a->probability < 1 && random_unit(&all->seed) >= a->probability)
			continue;
		*struck |= bit;
		return a;
	}
	return NULL;
}

bool accident_denies_answer(const struct accident *a)
{
	return a && a->bytes == 0 && (a->kind == ACCIDENT_CUT || a->kind == ACCIDENT_RESET);
}

const char *accident_name(const struct accident *a)
{
	return kinds[a->kind];
}

void accidents_noise(struct accidents *a, char *to)
{
	for (int i = 0; i < ACCIDENT_NOISE; i++)
		to[i] = (char)(i ? 0x80 | random_next(&a->seed) : 0xff);
}
