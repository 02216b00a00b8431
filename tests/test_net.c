/* SPDX-License-Identifier: MIT */
/* net/: when to try again, what an error body says, header fields, when the first event is whole. */
#include "test.h"

#include <math.h>
#include <time.h>

#include "net/first.h"
#include "net/field.h"
#include "net/problem.h"
#include "net/retry.h"

enum { NOW = 1445412480 }; /* Wed, 21 Oct 2015 07:28:00 GMT */

static void retry_after_is_seconds_or_a_date(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} rows[] = {
		{ "0", 0 },
		{ "1.5", 1.5 },
		{ "120", 120 },
		{ "Wed, 21 Oct 2015 07:28:30 GMT", 30 },
		{ "Wed, 21 Oct 2015 07:27:00 GMT", 0 },
		{ "Wednesday, 21-Oct-15 07:28:30 GMT", 30 },
		{ "Wed Oct 21 07:28:30 2015", 30 },
		{ "Sun Nov  1 07:28:00 2015", 11 * 86400 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 0 },
		{ "Sunday, 21-Oct-65 07:28:00 GMT", 50 * 365.25 * 86400 + 43200 },
		{ "Sunday, 21-Oct-66 07:28:00 GMT", 0 },
		{ "Wed, 21 Okt 2015 07:28:30 GMT", -1 },
		{ "Wed, 21 Oct 2015 24:28:30 GMT", -1 },
		{ "Wed, 00 Oct 2015 07:28:30 GMT", -1 },
		{ "Wed Oct 21 07:28:30 2015 GMT", -1 },
		{ "Wednesday, 21-Oct-15 07:28:30", -1 },
		{ "", -1 },
		{ "-1", -1 },
		{ "soon", -1 },
		{ "1e3x", -1 },
		{ "1 2", -1 },
		{ "inf", -1 },
		{ "nan", -1 },
		{ "0x10", 16 },
		{ "Wed, 21 Oct 2015 07:28:30 CET", -1 },
		{ "99999999999999999999", -1 },
		{ "1234567890123456789012345678901234567890", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		EXPECT(rows[i].text, retry_after(span_of(rows[i].text), NOW) == rows[i].seconds);
	assert_true(retry_after(SPAN_NONE, NOW) < 0);
}

static void waits_double_up_to_eight_seconds(void **state)
{
	static const double most[] = { 0.5, 1, 2, 4, 8, 8, 8, 8, 8 };
	struct retry_policy policy = { .most = 100, .cap = 120 };
	struct retry_reply reply = { .status = 500 };

	(void)state;
	for (long done = 1; done <= (long)ROWS(most); done++) {
		struct retry late = retry_decide(&policy, &reply, done, 0, NOW);
		struct retry soon = retry_decide(&policy, &reply, done, 0.999, NOW);

		assert_true(late.again && fabs(late.wait - most[done - 1]) < 1e-9);
		assert_true(soon.again && soon.wait > 0.75 * most[done - 1] && soon.wait < 0.76 * most[done - 1]);
	}
	assert_true(retry_decide(&policy, &reply, 100, 0, NOW).again);
	assert_false(retry_decide(&policy, &reply, 101, 0, NOW).again);
}

static void who_is_tried_again(void **state)
{
	static const struct {
		const char *row;
		long status;
		bool network;
		const char *headers;
		const char *body;
		bool again;
		double wait; /* negative: whatever the backoff says */
	} rows[] = {
		{ "network", 0, true, "", "", true, -1 },
		{ "no network fault, no status", 0, false, "", "", false, 0 },
		{ "a good head, no body", 200, true, "", "", true, -1 },
		{ "408", 408, false, "", "", true, -1 },
		{ "409", 409, false, "", "", true, -1 },
		{ "429", 429, false, "", "", true, -1 },
		{ "500", 500, false, "", "", true, -1 },
		{ "529", 529, false, "", "", true, -1 },
		{ "400", 400, false, "", "", false, 0 },
		{ "404", 404, false, "Retry-After: 1", "", false, 0 },
		{ "told to", 400, false, "X-Should-Retry: true\nRETRY-AFTER: 3", "", true, 3 },
		{ "told not to", 500, false, "x-should-retry: false", "", false, 0 },
		{ "milliseconds first", 429, false, "retry-after: 9\nretry-after-ms: 1500", "", true, 1.5 },
		{ "milliseconds that are none", 429, false, "retry-after: 9\nretry-after-ms: x", "", true, 9 },
		{ "the cap itself", 429, false, "retry-after: 120", "", true, 120 },
		{ "more than the cap", 429, false, "retry-after: 120.5", "", false, 120.5 },
		{ "402", 402, false, "x-should-retry: true", "", false, 0 },
		{ "quota", 429, false, "", "{\"error\":{\"code\":\"insufficient_quota\",\"type\":\"x\"}}", false, 0 },
		{ "quota as type", 429, false, "", "{\"error\":{\"type\":\"billing_error\"}}", false, 0 },
		{ "quota, deep", 429, false, "",
		  "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"details\":"
		  "{\"error_code\":\"enforced_spend_limit_reached\"}}}",
		  false, 0 },
		{ "a delay in the body", 429, false, "", "{\"error\":{\"details\":[{},{\"retryDelay\":\"2.5s\"}]}}",
		  true, 2.5 },
		{ "the header before it", 429, false, "retry-after: 1",
		  "{\"error\":{\"details\":[{\"retryDelay\":\"2s\"}]}}", true, 1 },
		{ "a limit per day", 429, false, "",
		  "{\"error\":{\"details\":[{\"metadata\":{\"quota_limit\":\"RequestsPerDay\"}}]}}", false, 0 },
		{ "a body that is no JSON", 503, false, "", "<html>", true, -1 },
	};
	struct retry_policy policy = { .most = 2, .cap = 120 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fields h = FIELDS_INIT;
		struct problem p = PROBLEM_INIT;
		struct fault f = { 0 };
		struct retry_reply reply = { rows[i].status, rows[i].network, &h, &p };
		struct retry r;

		assert_int_equal(fields_lines(&h, span_of(rows[i].headers), &f), 0);
		problem_read(&p, span_of(rows[i].body));
		r = retry_decide(&policy, &reply, 1, 0, NOW);
		EXPECT(rows[i].row, r.again == rows[i].again);
		EXPECT(rows[i].row, rows[i].wait < 0 ? r.wait == 0.5 : r.wait == rows[i].wait);
		problem_release(&p);
		fields_release(&h);
	}
}

static void an_error_has_a_word(void **state)
{
	static const struct {
		const char *body;
		const char *word;
	} rows[] = {
		{ "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"c\"}}", "c" },
		{ "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":null}}", "t" },
		{ "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}", "RESOURCE_EXHAUSTED" },
		{ "[{\"error\":{\"code\":429,\"status\":\"UNAVAILABLE\"}}]", "UNAVAILABLE" },
		{ "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}", "overloaded_error" },
		{ "{\"__type\":\"ThrottlingException\"}", "ThrottlingException" },
		{ "{\"code\":\"c\",\"message\":\"m\"}", "c" },
		{ "{\"error\":\"a sentence\"}", "" },
		{ "{\"error\":{\"type\":\"a sentence, not a word\"}}", "" },
		{ "[]", "" },
		{ "7", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct problem p = PROBLEM_INIT;

		problem_read(&p, span_of(rows[i].body));
		EXPECT(rows[i].body, strcmp(buf_str(&p.word), rows[i].word) == 0);
		problem_release(&p);
	}
}

static void fields_that_could_forge_another_do_not_get_in(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{ "Name: value", true },
		{ "Name:value", true },
		{ "Name:", true },
		{ "Name;", true },
		{ "N-a_m.e~1: v", true },
		{ "Name: a\tb", true },
		{ "Name: caf\303\251", true },
		{ "Name", false },
		{ ": value", false },
		{ "Na me: v", false },
		{ "Name : v", true },
		{ "N\001: v", false },
		{ "N(: v", false },
		{ "Name: a\rb", false },
		{ "Name: a\nb", false },
		{ "Name: a\177b", false },
		{ "Name: a\001b", false },
		{ "", false },
		{ "Na;me;", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fields h = FIELDS_INIT;
		struct fault f = { 0 };

		EXPECT(rows[i].line, (fields_line(&h, span_of(rows[i].line), &f) == 0) == rows[i].good);
		EXPECT(rows[i].line, h.count == (size_t)rows[i].good);
		fields_release(&h);
	}
}

static void the_first_of_a_name_wins(void **state)
{
	struct fields h = FIELDS_INIT;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(fields_lines(&h, SPAN("ACCEPT: mine\r\n\r\nUser-Agent:\n"), &f), 0);
	assert_int_equal(fields_default(&h, SPAN("Accept"), SPAN("yours"), &f), 0);
	assert_int_equal(fields_default(&h, SPAN("user-agent"), SPAN("yours"), &f), 0);
	assert_int_equal(fields_default(&h, SPAN("X"), SPAN("yours"), &f), 0);
	assert_int_equal(h.count, 3);
	expect_bytes("accept", fields_get(&h, "accept"), SPAN("mine"));
	assert_null(fields_get(&h, "user-agent").p);
	assert_true(fields_has(&h, "user-agent"));
	fields_release(&h);
}

/* A comment, a type and a retry are no event that a reader waits for; the time of its last byte is. */
static void the_first_event_is_whole_with_its_last_byte(void **state)
{
	static const struct {
		const char *body;
		int at; /* its last byte, from 1; 0: there is none */
	} rows[] = {
		{ "data: 1\n\ndata: 2\n\n", 9 },
		{ ": hello\n\n: hello\n\ndata: 1\n\n", 27 },
		{ "event: ping\n\ndata: 1\n\n", 22 },
		{ "retry: 3\n\n", 0 },
		{ "{\"a\":1}\n{\"a\":2}\n", 7 },
		{ "<html>", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct first first;
		int at = 0;

		first_init(&first);
		for (int n = 1; n <= (int)strlen(rows[i].body); n++)
			if (first_add(&first, (struct span){ rows[i].body + n - 1, 1 }))
				at = n;
		EXPECT(rows[i].body, at == rows[i].at);
		first_release(&first);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
		cmocka_unit_test(waits_double_up_to_eight_seconds),
		cmocka_unit_test(who_is_tried_again),
		cmocka_unit_test(an_error_has_a_word),
		cmocka_unit_test(fields_that_could_forge_another_do_not_get_in),
		cmocka_unit_test(the_first_of_a_name_wins),
		cmocka_unit_test(the_first_event_is_whole_with_its_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
