/* SPDX-License-Identifier: MIT */
/*
 * delta/follow: what is merged without being parsed is merged as if it were.
 *
 * Two mergers take the same lines, one of them never letting a line follow another; all that they
 * say must be the same. The lines are those of tests/delta, as they are and after changes of the
 * kinds that following must tell apart.
 */
#include "test.h"

#include <glob.h>

#include "delta/delta_impl.h"

struct heard {
	struct buf said;
	unsigned long line;
};

static void say_piece(struct heard *h, const char *what, size_t which, struct span piece)
{
	buf_addf(&h->said, "%s %zu %d ", what, which, piece.p != NULL);
	buf_addspan(&h->said, piece);
	buf_addc(&h->said, '\n');
}

static void text(void *ctx, unsigned choice, struct span piece)
{
	say_piece(ctx, "text", choice, piece);
}

static void reasoning(void *ctx, unsigned choice, struct span piece)
{
	say_piece(ctx, "reasoning", choice, piece);
}

static void refusal(void *ctx, unsigned choice, struct span piece)
{
	say_piece(ctx, "refusal", choice, piece);
}

static void call(void *ctx, enum delta_call_event event, const struct delta_call_view *c)
{
	say_piece(ctx, "call", c->number * 3 + event, c->piece);
	say_piece(ctx, "id", c->choice, c->id);
	say_piece(ctx, "name", 0, c->name);
	say_piece(ctx, "arguments", 0, c->arguments);
}

static void message(void *ctx, const struct delta_message *m)
{
	struct heard *h = ctx;
	struct normal n = { 0 };

	say_piece(h, m->format->name, (size_t)m->complete * 4 + m->cut * 2 + m->bare, m->native);
	say_piece(h, "error", 0, m->error);
	for (size_t i = 0; i < m->nstreamed; i++)
		say_piece(h, "streamed", i, m->streamed[i]);
	delta_normal_lines(m, &n, &h->said);
	normal_release(&n);
}

static void report(void *ctx, enum status status, const char *fault)
{
	struct heard *h = ctx;

	buf_addf(&h->said, "line %lu: ", h->line);
	say_piece(h, fault, status, SPAN(""));
}

static struct delta *merger(struct heard *h, struct delta_sink *sink, unsigned wants)
{
	*sink = (struct delta_sink){
		h, text, reasoning, refusal, wants & DELTA_WANT_CALLS ? call : NULL, message, report,
	};
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
				buf_adds(to, "{\"type\": \"ping\"}");
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

static void read_lines(const char *path, struct buf *to)
{
	char room[4096];
	FILE *in = fopen(path, "rb");
	size_t n;

	assert_non_null(in);
	while ((n = fread(room, 1, sizeof room, in)) > 0)
		buf_add(to, room, n);
	fclose(in);
	if (to->len && to->p[to->len - 1] != '\n')
		buf_addc(to, '\n');
}

static void test_golden(void **unused)
{
	struct buf pattern = BUF_INIT;
	unsigned long followed = 0;
	const char *rounds = getenv("FOLLOW_ROUNDS"); /* more of them, by hand */
	long most = rounds ? strtol(rounds, NULL, 10) : 20;
	uint64_t state = 1;
	glob_t found;

	(void)unused;
	buf_addf(&pattern, "%s/tests/delta/*/*.in", getenv("TOP_SRC") ? getenv("TOP_SRC") : "..");
	assert_int_equal(glob(pattern.p, 0, NULL, &found), 0);
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
	buf_release(&pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_golden) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
