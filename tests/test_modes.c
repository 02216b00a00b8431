/* SPDX-License-Identifier: MIT */
/*
 * delta/view: the modes agree.
 *
 * Each input is merged once for -n, once for -t and once for -c, with what each of them wants. They must
 * find the same messages. For a complete message of one choice, -t prints its text and then its refusal,
 * and -c prints its tool calls. Arguments of a finished call that are not JSON are always reported.
 *
 * The inputs are those of tests/delta, or if CORPUS is set the streams in it.
 */
#include "heard.h"

#include "delta/text_hash.h"
#include "delta/view.h"
#include "frame/chunk.h"
#include "frame/frame.h"

/* What one mode printed and reported, message by message: each of these ends with a NUL. */
struct run {
	struct view view;
	struct delta_sink inner;
	struct buf printed, reports;
	size_t messages;
};

/* Of -n: what the other modes must print; whether they must. */
struct wanted {
	struct run run;
	struct buf text, calls;
	struct buf judged; /* a character for each message: y, n, or e: an error or its limit of tokens ended it, and a call may be open */
	struct buf bad;	   /* y or n */
};

static void pass_text(void *ctx, unsigned choice, struct span piece)
{
	struct run *r = ctx;

	if (r->inner.text)
		r->inner.text(&r->view, choice, piece);
}

static void pass_refusal(void *ctx, unsigned choice, struct span piece)
{
	struct run *r = ctx;

	if (r->inner.refusal)
		r->inner.refusal(&r->view, choice, piece);
}

static void pass_call(void *ctx, enum delta_call_event event, const struct delta_call_view *call)
{
	struct run *r = ctx;

	r->inner.call(&r->view, event, call);
}

static void end_message(struct run *r, const struct delta_message *m)
{
	r->inner.message(&r->view, m);
	if (r->messages++)
		buf_addc(&r->reports, '\0'); /* reports follow the message that they are about */
	buf_addspan(&r->printed, buf_span(&r->view.lines));
	buf_addc(&r->printed, '\0');
	buf_reset(&r->view.lines);
}

static void pass_message(void *ctx, const struct delta_message *m)
{
	end_message(ctx, m);
}

static void pass_report(void *ctx, enum status status, const char *fault)
{
	struct run *r = ctx;

	(void)status;
	buf_addf(&r->reports, "%s\n", fault);
}

static void merge_mode(struct run *r, enum view_mode mode, struct span lines, void (*message)(void *, const struct delta_message *))
{
	struct delta_sink sink = { .ctx = r, .text = pass_text, .refusal = pass_refusal, .message = message, .report = pass_report };
	struct delta *d;

	r->view.mode = mode;
	r->inner = view_sink(&r->view);
	if (r->inner.call)
		sink.call = pass_call;
	d = delta_new(NULL, &sink, view_wants(&r->view), 0);
	merge_lines(d, lines);
	delta_free(d);
	buf_addc(&r->reports, '\0');
}

static void release(struct run *r)
{
	view_release(&r->view);
	buf_release(&r->printed);
	buf_release(&r->reports);
}

/* ---- what -n prints for a message */

static void want_text(struct wanted *w, const struct normal *n)
{
	size_t start = w->text.len;

	json_unescape(&w->text, buf_span(&n->text));
	json_unescape(&w->text, buf_span(&n->refusal));
	if (w->text.len > start && w->text.p[w->text.len - 1] != '\n')
		buf_addc(&w->text, '\n');
	buf_addc(&w->text, '\0');
}

static void want_calls(struct wanted *w, const struct delta_message *m, const struct normal *n, bool *bad)
{
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n->ncalls; i++) {
		const struct normal_call *c = &n->calls[i];
		struct delta_call_view view = { .id = c->id,
			                        .name = buf_span(&c->name),
			                        .arguments = buf_span(&c->arguments),
			                        .source = m->source };

		delta_call_put(&view, &w->calls);
		buf_reset(&text);
		json_unescape(&text, buf_span(&c->arguments));
		*bad |= !c->text && json_parse(&j, buf_str(&text), text.len) < 0;
	}
	buf_addc(&w->calls, '\0');
	json_release(&j);
	buf_release(&text);
}

static void want_message(void *ctx, const struct delta_message *m)
{
	struct wanted *w = ctx; /* its first member is the run */
	struct normal n = { 0 };
	bool open, bad = false, judged = m->complete == DELTA_YES && !m->bare && !delta_normal(m, 1, &n);

	delta_normal(m, 0, &n);
	want_text(w, &n);
	want_calls(w, m, &n, &bad);
	open = m->error.p || (n.finish && !strcmp(n.finish, "length"));
	buf_addc(&w->judged, !judged ? 'n' : open ? 'e' : 'y');
	buf_addc(&w->bad, judged && !open && bad ? 'y' : 'n');
	normal_release(&n);
	end_message(&w->run, m);
}

/* ---- the comparison */

/* The part of message i. */
static struct span part(const struct buf *b, size_t i)
{
	const char *p = b->p;

	while (i-- > 0)
		p += strlen(p) + 1;
	return span_of(p);
}

static bool has(struct span s, const char *word)
{
	return memmem(s.p, s.n, word, strlen(word)) != NULL;
}

static size_t differences; /* of the test at hand */

static void expect_same(const char *path, size_t i, const char *what, struct span got, struct span want)
{
	if (span_same(got, want))
		return;
	print_error("%s, message %zu: %s prints\n%.*snot\n%.*s", path, i, what, (int)got.n, got.p, (int)want.n, want.p);
	differences++;
}

/* That is reported before the message. */
static bool replaced(const struct buf *reports, size_t i)
{
	return has(part(reports, i > 0 ? i - 1 : 0), "was replaced");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Calls are printed in the order in which they are complete. */
static void sort_lines(struct buf *to, struct span lines)
{
	char *copy = strndup(lines.p, lines.n), *rest = copy, *line;
	const char *all[1024];
	size_t n = 0;

	assert_non_null(copy);
	while ((line = strsep(&rest, "\n")) != NULL && n < ROWS(all))
		if (*line)
			all[n++] = line;
	qsort(all, n, sizeof *all, by_text);
	for (size_t i = 0; i < n; i++)
		buf_addf(to, "%s\n", all[i]);
	free(copy);
}

static void expect_calls(const char *path, size_t i, struct span got, struct span want)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	sort_lines(&a, got);
	sort_lines(&b, want);
	expect_same(path, i, "-c", buf_span(&a), buf_span(&b));
	buf_release(&a);
	buf_release(&b);
}

static void expect_modes(const char *path, struct span lines, size_t *judged)
{
	struct wanted w = { .run.messages = 0 };
	struct run text = { .messages = 0 }, calls = { .messages = 0 };

	merge_mode(&w.run, VIEW_NORMALIZE, lines, want_message);
	merge_mode(&text, VIEW_TEXT, lines, pass_message);
	merge_mode(&calls, VIEW_CALLS, lines, pass_message);
	EXPECT(path, text.messages == w.run.messages && calls.messages == w.run.messages);
	for (size_t i = 0; i < w.run.messages; i++) {
		if (w.bad.p[i] == 'y' && !has(part(&w.run.reports, i), "are not JSON")) {
			print_error("%s, message %zu: nothing is reported of arguments that are not JSON\n", path, i);
			differences++;
		}
		if (w.judged.p[i] == 'n')
			continue;
		++*judged;
		if (!replaced(&text.reports, i))
			expect_same(path, i, "-t", part(&text.printed, i), part(&w.text, i));
		if (w.judged.p[i] == 'y')
			expect_calls(path, i, part(&calls.printed, i), part(&w.calls, i));
	}
	release(&w.run);
	release(&text);
	release(&calls);
	buf_release(&w.text);
	buf_release(&w.calls);
	buf_release(&w.judged);
	buf_release(&w.bad);
}

static void test_golden(void **unused)
{
	size_t judged = 0;
	glob_t found;

	(void)unused;
	differences = 0;
	golden_inputs("*", &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf lines = BUF_INIT;

		read_lines(found.gl_pathv[i], &lines);
		expect_modes(found.gl_pathv[i], buf_span(&lines), &judged);
		buf_release(&lines);
	}
	assert_true(judged > 200);
	assert_int_equal(differences, 0);
	globfree(&found);
}

/* ---- recorded streams */

static void split(const char *path, struct buf *lines)
{
	struct frame frame = { .max = 0 };
	struct chunk chunk = { .frame = &frame, .t = -1 };
	struct frame_event event;
	struct buf body = BUF_INIT;
	struct span line;
	size_t done = 0, used;
	enum frame_result r;

	read_lines(path, &body);
	frame_reset(&frame);
	do {
		r = frame_next(&frame, body.p + done, body.len - done, true, &used, &event);
		done += used;
		for (chunk_begin(&chunk, &event); r == FRAME_EVENT && chunk_next(&chunk, &event, &line);) {
			buf_addspan(lines, line);
			buf_addc(lines, '\n');
		}
	} while (r != FRAME_END);
	chunk_release(&chunk);
	frame_release(&frame);
	buf_release(&body);
}

/* CORPUS is the folder of other people's recordings; tests/corpus/modes.sh sets it. */
static void test_corpus(void **unused)
{
	struct buf pattern = BUF_INIT;
	size_t judged = 0;
	glob_t found;

	(void)unused;
	differences = 0;
	buf_addf(&pattern, "%s/streams/*", getenv("CORPUS"));
	assert_int_equal(glob(pattern.p, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf lines = BUF_INIT;

		split(found.gl_pathv[i], &lines);
		expect_modes(found.gl_pathv[i], buf_span(&lines), &judged);
		buf_release(&lines);
	}
	assert_true(judged > 100);
	assert_int_equal(differences, 0);
	globfree(&found);
	buf_release(&pattern);
}

/* Pieces and escapes make no difference; a byte more or less does, and so do two that change places. */
static void test_hash(void **unused)
{
	static const char *const tokens[] = { "L", "ow tide ", "in Kiel ", "\\ud83c", "\\udf0a", " at ", "\\\"", "seven", "\\\"", ", gr",
		                              "\\u00fc", "n, and low again at nineteen", "\\n" };
	static const char plain[] = "Low tide in Kiel \xf0\x9f\x8c\x8a at \\\"seven\\\", gr\xc3\xbcn, and low again at nineteen\\n";
	static const char *const others[] = { "", "Low tide in Kiel ", "Low tied in Kiel ", "oLw tide in Kiel ", " in KielLow tide ", "Low tide in Kiel \\ud83c" };
	struct text_hash whole = { 0 }, start = { 0 };

	(void)unused;
	text_hash_add(&whole, span_of(plain));
	for (size_t first = 0; first <= ROWS(tokens); first++) { /* up to here in one piece, from here token by token */
		struct text_hash pieces = { 0 };
		struct buf head = BUF_INIT;

		for (size_t i = 0; i < first; i++)
			buf_adds(&head, tokens[i]);
		text_hash_add(&pieces, buf_span(&head));
		for (size_t i = first; i < ROWS(tokens); i++)
			text_hash_add(&pieces, span_of(tokens[i]));
		assert_true(text_hash_same(&whole, &pieces));
		buf_release(&head);
	}
	text_hash_add(&start, SPAN("Low tide in Kiel "));
	for (size_t i = 0; i < ROWS(others); i++) {
		struct text_hash other = { 0 };

		text_hash_add(&other, span_of(others[i]));
		assert_int_equal(text_hash_same(&start, &other), i == 1);
	}
}

int main(void)
{
	const struct CMUnitTest golden[] = { cmocka_unit_test(test_hash), cmocka_unit_test(test_golden) };
	const struct CMUnitTest corpus[] = { cmocka_unit_test(test_corpus) };

	return getenv("CORPUS") ? cmocka_run_group_tests(corpus, NULL, NULL) : cmocka_run_group_tests(golden, NULL, NULL);
}
