/* SPDX-License-Identifier: MIT */
/* problem: what a provider's error body says that matters to a client. See problem.h. */
#include "net/problem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/write.h"

enum { WORD_MAX = 64 };

/* 429 means "later" as a rule; with one of these words it means "not before you pay". */
static const char *const hopeless[] = {
	"insufficient_quota",
	"credit_balance_exhausted",
	"organization_spend_limit_exceeded",
	"project_spend_limit_exceeded",
	"organization_usage_limit_exceeded",
	"enforced_spend_limit_reached",
	"billing_hard_limit_reached",
	"billing_error",
	"payment_required",
	NULL,
};

/* A name such as rate_limit_error, and nothing that could be a sentence or a payload. */
static bool is_word(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && !strchr("_-.", s.p[i]))
			return false;
	return s.n > 0 && s.n <= WORD_MAX;
}

static void take_word(struct problem *p, const struct json *j, uint32_t object, const char *path)
{
	struct span s = json_string(j, json_path(j, object, path));

	if (!s.p || !is_word(s))
		return;
	if (p->word.len == 0)
		buf_addspan(&p->word, s);
	for (int i = 0; hopeless[i]; i++)
		p->hopeless |= span_is(s, hopeless[i]);
}

/* Seconds in "37s", "1.5s"; negative when it is no such thing. */
static double duration(struct span s)
{
	char text[32], *end;
	double d;

	if (!s.p || s.n == 0 || s.n >= sizeof text || s.p[s.n - 1] != 's')
		return -1;
	memcpy(text, s.p, s.n - 1);
	text[s.n - 1] = '\0';
	d = strtod(text, &end);
	return end != text && *end == '\0' && d >= 0 && d < 1e9 ? d : -1;
}

static bool contains(struct span s, const char *what)
{
	return s.p && memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* google.rpc: RetryInfo has retryDelay, QuotaFailure the limit that was hit; one per day does not
 * pass by waiting. */
static void read_details(struct problem *p, const struct json *j, uint32_t details)
{
	for (uint32_t d = json_first(j, details); d; d = json_next(j, details, d)) {
		uint32_t violations = json_get(j, d, "violations");
		double delay = duration(json_string(j, json_get(j, d, "retryDelay")));

		if (delay >= 0)
			p->delay = delay;
		p->hopeless |= contains(json_string(j, json_path(j, d, "metadata.quota_limit")), "PerDay");
		for (uint32_t v = json_first(j, violations); v; v = json_next(j, violations, v))
			p->hopeless |= contains(json_string(j, json_get(j, v, "quotaId")), "PerDay");
	}
}

void problem_read(struct problem *p, struct span body)
{
	struct json j = JSON_INIT;
	uint32_t root = JSON_ROOT, error;

	if (json_parse(&j, body.p, body.n) == 0) {
		if (json_kind(&j, root) == JSON_ARRAY)
			root = json_first(&j, root);
		error = json_get(&j, root, "error");
		take_word(p, &j, error, "code");
		take_word(p, &j, error, "type");
		take_word(p, &j, error, "details.error_code");
		take_word(p, &j, error, "status");
		if (!error) {
			take_word(p, &j, root, "code");
			take_word(p, &j, root, "type");
			take_word(p, &j, root, "__type");
		}
		read_details(p, &j, json_get(&j, error, "details"));
	}
	json_release(&j);
}

void problem_release(struct problem *p)
{
	buf_release(&p->word);
}
