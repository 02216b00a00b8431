/* SPDX-License-Identifier: MIT */
/*
 * delta/follow: what is merged without being parsed is merged as if it were.
 *
 * Two mergers take the same lines, one of them never letting a line follow another; all that they
 * say must be the same. The lines are those of tests/delta, as they are and after changes of the
 * kinds that following must tell apart.
 */
#include "heard.h"

static struct delta *merger(struct heard *h, struct delta_sink *sink, unsigned wants)
{
	*sink = heard_sink(h, wants);
	return delta_new(NULL, sink, wants, 0);
}

/* The lines as delta-merge takes them. */
static void follow(struct heard *h, unsigned wants, struct span lines, unsigned long *followed)
{
	struct delta_sink sink;
	struct delta *d = merger(h, &sink, wants);

	h->line = 1;
	while (lines.n) {
		const char *lf = memchr(lines.p, '\n', lines.n);
		unsigned long before;
		size_t n;

		delta_line(d, (struct span){ lines.p, (size_t)(lf - lines.p) }, false);
		before = ++h->line;
		lines.n -= (size_t)(lf + 1 - lines.p);
		lines.p = lf + 1;
		n = delta_ahead(d, lines, &h->line);
		lines.p += n;
		lines.n -= n;
		*followed += h->line - before;
	}
	delta_end(d);
	delta_free(d);
}

static void parse_all(struct heard *h, unsigned wants, struct span lines)
{
	struct delta_sink sink;
	struct delta *d = merger(h, &sink, wants);

	for (h->line = 1; lines.n; h->line++) {
		const char *lf = memchr(lines.p, '\n', lines.n);

		d->follow.valid = false;
		delta_line(d, (struct span){ lines.p, (size_t)(lf - lines.p) }, false);
		lines.n -= (size_t)(lf + 1 - lines.p);
		lines.p = lf + 1;
	}
	delta_end(d);
	delta_free(d);
}

static void both(const char *row, const struct buf *lines, unsigned long *followed)
{
	static struct heard a, b;

	for (unsigned wants = 0; wants <= (DELTA_WANT_CALLS | DELTA_WANT_WHOLE | DELTA_WANT_CHECKS); wants++) {
		buf_reset(&a.said);
		buf_reset(&b.said);
		follow(&a, wants, buf_span(lines), followed);
		parse_all(&b, wants, buf_span(lines));
		if (!span_same(buf_span(&a.said), buf_span(&b.said))) {
			fprintf(stderr, "the lines:\n%sfollowing says:\n%sparsing says:\n%s", lines->p, a.said.p, b.said.p);
			fail_msg("%s, wants %u", row, wants);
		}
	}
}

/* ---- lines that differ a little from each other */

static const char *const pieces[] = {
	"",	 "\"",	   "\\",   "\\\"", "\\n",  "\\u00e9", "\\ud83d", "0",	  "1",	      "12",   "-",	 ".5",
	"e5",	 "{",	   "}",	   "[",	   "]",	   ",",	      ":",	 " ",	  "\t",	      "\r",   "\xc3\xa9", "\xff",
	"word ", "\"\"",   "null", "true", "{}",   "{ }",     "[]",	 "\"x\"", "\"x\":1,", "x",    " 7",	 ":0",
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The end of the string value that begins at p, or p. */
static const char *after_string(const char *p, const char *end)
{
	const char *q = p;

	if (*p != ':' || end - p < 2 || p[1] != '"')
		return p;
	for (q += 2; q < end && *q != '"'; q++)
		q += *q == '\\';
	return q < end ? q + 1 : p;
}

/* Other digits, words, none, white space at the end: what following is about. */
static void vary(struct buf *to, struct span line, uint64_t *state)
{
	static const char *const blanks[] = { "", "", "  ", "\t", "                   " };
	unsigned what = test_random(state) % 4;

	while (line.n && strchr("]} ", line.p[line.n - 1]) && what == 0)
		line.n--;
	for (size_t i = 0; i < line.n; i++) {
		bool start = is_digit(line.p[i]) && (i == 0 || !is_digit(line.p[i - 1]));
		const char *value = line.p + i, *behind = after_string(value, line.p + line.n);

		if (start && what == 1 && test_random(state) % 2)
			buf_addn(to, test_random(state) % 9 + 1);
		if (behind > value && what == 3 && test_random(state) % 4 == 0) {
			buf_adds(to, ":\"\"");
			i += (size_t)(behind - value) - 1;
		} else if (line.p[i] == '"' && what == 2 && test_random(state) % 8 == 0) {
			buf_adds(to, test_random(state) % 2 ? "\"" : "\"more");
		} else {
			buf_addc(to, line.p[i]);
		}
	}
	for (const char *rest = line.p + line.n; *rest && *rest != '\n'; rest++) {
		buf_adds(to, blanks[test_random(state) % ROWS(blanks)]);
		buf_addc(to, *rest);
	}
}

/* Anything at all. */
static void mutate(struct buf *to, struct span line, uint64_t *state)
{
	size_t at = line.n ? test_random(state) % line.n : 0, gone = test_random(state) % 4;

	gone = gone < line.n - at ? gone : line.n - at;
	buf_add(to, line.p, at);
	buf_adds(to, pieces[test_random(state) % ROWS(pieces)]);
	buf_add(to, line.p + at + gone, line.n - at - gone);
}

/* What may come between two chunks: a keepalive, and boundaries of streams. */
static const char *const between[] = { "{\"type\": \"ping\"}", "{}", "", "\r", "{\"event\":\"message\",\"data\":\"[DONE]\"}" };

static void varied(struct buf *to, const struct buf *from, uint64_t *state, unsigned most)
{
	struct span all = buf_span(from);

	while (all.n) {
		const char *lf = memchr(all.p, '\n', all.n);
		struct span line = { all.p, (size_t)(lf - all.p) };

		buf_add(to, line.p, line.n + 1);
		for (unsigned n = test_random(state) % most; n > 0; n--) {
			unsigned how = test_random(state) % 8;

			if (how == 0)
				buf_adds(to, between[test_random(state) % ROWS(between)]);
			else if (how < 3)
				mutate(to, line, state);
			else
				vary(to, line, state);
			buf_addc(to, '\n');
		}
		all.n -= line.n + 1;
		all.p += line.n + 1;
	}
}

static void test_golden(void **unused)
{
	unsigned long followed = 0;
	const char *rounds = getenv("FOLLOW_ROUNDS"); /* more of them, by hand */
	long most = rounds ? strtol(rounds, NULL, 10) : 20;
	uint64_t state = 1;
	glob_t found;

	(void)unused;
	golden_inputs("*", &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf lines = BUF_INIT, more = BUF_INIT;

		read_lines(found.gl_pathv[i], &lines);
		both(found.gl_pathv[i], &lines, &followed);
		if (lines.len < 1 << 16)
			for (long round = 0; round < most; round++) {
				buf_reset(&more);
				varied(&more, &lines, &state, 6);
				both(found.gl_pathv[i], &more, &followed);
			}
		buf_release(&lines);
		buf_release(&more);
	}
	assert_true(followed > 1000);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_golden) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
