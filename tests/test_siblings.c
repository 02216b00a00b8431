/* SPDX-License-Identifier: MIT */
/*
 * delta: chunks of one format in the midst of another's, reordered and with other values.
 *
 * Streams are put together from the golden inputs: the beginning of one, then lines of any, whole or
 * changed at one of their values. Nothing may crash, and whatever comes out is JSON: each message in every
 * shape, each tool call, the request that answers it. SIBLINGS_ROUNDS=20000 is worth a run after a change
 * in delta/.
 */
#include "heard.h"

#include "delta/next.h"

/* A line of a golden input, and the place of that input in the list. */
struct golden_line {
	struct span text;
	size_t file;
};

static struct {
	struct buf *files;
	size_t nfiles, nlines;
	struct golden_line *lines;
} golden;

static void add_lines(size_t file)
{
	struct span rest = buf_span(&golden.files[file]);

	while (rest.n) {
		const char *lf = memchr(rest.p, '\n', rest.n);

		golden.lines = realloc(golden.lines, (golden.nlines + 1) * sizeof *golden.lines);
		assert_non_null(golden.lines);
		golden.lines[golden.nlines++] = (struct golden_line){ { rest.p, (size_t)(lf - rest.p) }, file };
		rest.n -= (size_t)(lf + 1 - rest.p);
		rest.p = lf + 1;
	}
}

static void read_golden(void)
{
	glob_t found;

	golden_inputs("*", &found);
	golden.files = calloc(found.gl_pathc, sizeof *golden.files);
	assert_non_null(golden.files);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		read_lines(found.gl_pathv[i], &golden.files[golden.nfiles]);
		if (golden.files[golden.nfiles].len < 1 << 16)
			add_lines(golden.nfiles++);
		else
			buf_reset(&golden.files[golden.nfiles]);
	}
	globfree(&found);
}

/* ---- changes */

static const char *const values[] = {
	"null", "true", "false", "0", "1", "-1", "7.5", "1e400", "65536", "99999999999999999999", "\"\"", "\"x\"", "\"stop\"", "\"null\"",
	"\"\\ud83d\"", "\"{}\"", "\"{\\\"a\\\":1}\"", "{}", "[]", "[null]", "[{}]", "[[]]", "{\"\":null}", "{\"index\":3}", "{\"text\":\"t\"}",
	"{\"type\":\"text\"}", "[{\"type\":\"text\",\"text\":\"t\"}]", "{\"a\":{\"b\":[1]}}",
};

/* The line with one of its tokens or values replaced, by one of `values` or by one of the other line. */
static void change(struct buf *to, struct span line, struct span other, uint64_t *state)
{
	struct json j = JSON_INIT, k = JSON_INIT;
	struct span old, new = span_of(values[test_random(state) % ROWS(values)]);

	if (json_parse(&j, line.p, line.n) < 0 || j.used < 2) {
		buf_addspan(to, line);
		json_release(&j);
		return;
	}
	if (test_random(state) % 3 == 0 && json_parse(&k, other.p, other.n) == 0)
		new = json_text(&k, 1 + test_random(state) % (k.used - 1));
	old = json_text(&j, 1 + test_random(state) % (j.used - 1));
	buf_add(to, line.p, (size_t)(old.p - line.p));
	buf_addspan(to, new);
	buf_add(to, old.p + old.n, (size_t)(line.p + line.n - old.p - old.n));
	json_release(&j);
	json_release(&k);
}

static struct span any_line(uint64_t *state)
{
	return golden.lines[test_random(state) % golden.nlines].text;
}

/* A run of lines of one input, some of them changed, left out, repeated or moved. */
static void add_run(struct buf *to, size_t from, size_t most, uint64_t *state)
{
	size_t file = golden.lines[from].file;

	for (size_t n = 0; n < most && from + n < golden.nlines && golden.lines[from + n].file == file; n++) {
		struct span line = golden.lines[from + n].text;
		unsigned how = test_random(state) % 12;

		if (how == 0)
			continue;
		if (how == 1)
			line = golden.lines[from + test_random(state) % (n + 1)].text;
		if (how == 2)
			line = any_line(state);
		if (how < 6)
			change(to, line, any_line(state), state);
		else
			buf_addspan(to, line);
		buf_addc(to, '\n');
		if (how == 6)
			buf_addc(to, '\n');
	}
}

static void make_stream(struct buf *to, uint64_t *state)
{
	for (unsigned runs = 1 + test_random(state) % 4; runs > 0; runs--)
		add_run(to, test_random(state) % golden.nlines, 1 + test_random(state) % 12, state);
}

/* ---- what comes out */

struct listener {
	struct json json;
	struct buf made;
	const struct buf *lines; /* that are merged, for a failure */
};

static void expect_json(struct listener *l, const char *what, struct span text)
{
	if (json_parse(&l->json, text.p, text.n) < 0)
		fail_msg("%s is not JSON: %.*s\nthe lines:\n%s", what, (int)text.n, text.p, l->lines->p);
}

static void expect_made(struct listener *l, const char *what)
{
	struct span rest = buf_span(&l->made);

	while (rest.n) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;

		expect_json(l, what, (struct span){ rest.p, n });
		n += lf != NULL;
		rest.p += n;
		rest.n -= n;
	}
	buf_reset(&l->made);
}

static void text(void *ctx, unsigned choice, struct span piece)
{
	struct listener *l = ctx;

	(void)choice;
	buf_addc(&l->made, '"');
	buf_addspan(&l->made, piece);
	buf_addc(&l->made, '"');
	expect_made(l, "a text");
}

static void call(void *ctx, enum delta_call_event event, const struct delta_call_view *c)
{
	struct listener *l = ctx;

	(void)event;
	delta_call_put(c, &l->made);
	expect_made(l, "a call");
}

/* The request that answers the calls, as tool-run makes it. */
static void answer(struct listener *l, const struct delta_message *m, struct normal *n)
{
	static const char request[] =
		"{\"messages\":[],\"input\":[],\"contents\":[],\"model\":\"m\",\"tools\":[{\"name\":\"f\"}]}";
	struct next_result *results = calloc(n->ncalls + 1, sizeof *results);
	struct fault f = { 0 };

	assert_non_null(results);
	for (size_t i = 0; i < n->ncalls; i++)
		results[i] = (struct next_result){ .text = SPAN("a \"result\"\n"), .failed = i % 2 };
	delta_next(m, n, results, span_of(request), &l->made, &f);
	if (f.status == ST_OK)
		expect_made(l, "the next request");
	buf_reset(&l->made);
	free(results);
}

static void message(void *ctx, const struct delta_message *m)
{
	struct listener *l = ctx;
	struct normal n = { 0 };

	expect_json(l, "a message", m->native);
	delta_normal_lines(m, &n, &l->made);
	expect_made(l, "a normal form");
	if (delta_message_put(m, &l->made))
		expect_made(l, "a message to send back");
	if (m->complete == DELTA_YES && !m->bare && delta_normal(m, 0, &n))
		answer(l, m, &n);
	normal_release(&n);
}

static void report(void *ctx, enum status status, const char *fault)
{
	(void)ctx;
	(void)status;
	(void)fault;
}

static void merge_stream(const struct buf *lines, const struct delta_format *format, unsigned wants, size_t max)
{
	struct listener l = { .lines = lines };
	struct delta_sink sink = {
		.ctx = &l, .text = text, .reasoning = text, .refusal = text, .call = call, .message = message, .report = report
	};
	struct delta *d = delta_new(format, &sink, wants, max);

	merge_lines(d, buf_span(lines));
	delta_free(d);
	json_release(&l.json);
	buf_release(&l.made);
}

static void test_siblings(void **unused)
{
	const char *rounds = getenv("SIBLINGS_ROUNDS");
	long most = rounds ? strtol(rounds, NULL, 10) : 6000;
	uint64_t state = 1;
	size_t formats = 0;

	(void)unused;
	read_golden();
	assert_true(golden.nlines > 2000);
	while (delta_formats[formats])
		formats++;
	for (long round = 0; round < most; round++) {
		struct buf lines = BUF_INIT;

		make_stream(&lines, &state);
		merge_stream(&lines, test_random(&state) % 4 ? NULL : delta_formats[test_random(&state) % formats],
		             test_random(&state) % 8, test_random(&state) % 16 ? 0 : 300);
		buf_release(&lines);
	}
	for (size_t i = 0; i < golden.nfiles; i++)
		buf_release(&golden.files[i]);
	free(golden.files);
	free(golden.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_siblings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
