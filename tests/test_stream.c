/* SPDX-License-Identifier: MIT */
/*
 * delta/stream: a message never goes on in another stream.
 *
 * Of two golden inputs of a format, half of the first and the whole second are merged with a boundary
 * between them. Whatever is reported must be what each of them gives alone; only a message that ended
 * with its input ends with its stream instead.
 */
#include "heard.h"

/* An input of up to this many bytes takes part. */
enum { LARGEST = 1 << 14 };

enum boundary { EMPTY_LINE, SENTINEL, SOURCE, BOUNDARIES };

/* What lines give alone. */
struct alone {
	struct buf lines, said, faults;
	size_t messages;
};

struct input {
	const char *path;
	struct alone half, whole;
};

static void merge_alone(struct alone *a)
{
	struct heard h = { .said = a->said, .faults = &a->faults };
	struct delta_sink sink = heard_sink(&h, DELTA_WANT_CALLS);
	struct delta *d = delta_new(NULL, &sink, DELTA_WANT_CALLS | DELTA_WANT_WHOLE, 0);

	merge_lines(d, buf_span(&a->lines));
	delta_free(d);
	a->said = h.said;
}

static void release(struct alone *a)
{
	buf_release(&a->lines);
	buf_release(&a->said);
	buf_release(&a->faults);
}

static bool is_record(const struct json *j)
{
	return json_get(j, JSON_ROOT, "event") && json_get(j, JSON_ROOT, "data");
}

/* Makes each line that is JSON a record of that source. */
static void add_record(struct buf *to, struct span line, int source)
{
	struct json j = JSON_INIT;

	if (json_parse(&j, line.p, line.n) < 0) {
		buf_addspan(to, line);
	} else if (is_record(&j)) {
		while (line.p[line.n - 1] != '}')
			line.n--;
		buf_add(to, line.p, line.n - 1);
		buf_addf(to, ",\"source\":{\"id\":%d}}", source);
	} else {
		buf_adds(to, "{\"event\":\"message\",\"data\":");
		buf_addspan(to, line);
		buf_addf(to, ",\"source\":{\"id\":%d}}", source);
	}
	buf_addc(to, '\n');
	json_release(&j);
}

/* The first of so many lines, or all, as they are or as records. */
static void take_lines(struct alone *a, const struct buf *file, size_t most, bool records, int source)
{
	struct span rest = buf_span(file);

	for (size_t n = 0; rest.n && n < most; n++) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		struct span line = { rest.p, (size_t)(lf - rest.p) };

		if (records) {
			add_record(&a->lines, line, source);
		} else {
			buf_addspan(&a->lines, line);
			buf_addc(&a->lines, '\n');
		}
		rest.n -= line.n + 1;
		rest.p = lf + 1;
	}
}

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->p[i] == '\n';
	return n;
}

static void read_input(struct input *in, const char *path, enum boundary boundary)
{
	struct buf file = BUF_INIT;
	size_t n;

	in->path = path;
	read_lines(path, &file);
	n = count_lines(&file);
	take_lines(&in->half, &file, n / 2 + (n == 1), boundary == SOURCE, 0);
	take_lines(&in->whole, &file, n, boundary == SOURCE, 1);
	if (boundary == SENTINEL)
		buf_adds(&in->half.lines, "{\"event\":\"message\",\"data\":\"[DONE]\"}\n");
	merge_alone(&in->half);
	merge_alone(&in->whole);
	buf_release(&file);
}

/* Faults, without those that are about a file as a whole, and with one word for both ends. */
static void faults_of(struct buf *to, const struct buf *faults)
{
	static const char *const skipped[] = { "LLM response", "empty lines between chunks", "text before the first chunk",
		                               "plain text", "fields of an event stream" };
	struct span rest = buf_span(faults);

	while (rest.n) {
		size_t n = (size_t)((const char *)memchr(rest.p, '\n', rest.n) + 1 - rest.p);
		bool skip = false;

		for (size_t i = 0; i < ROWS(skipped); i++)
			skip |= memmem(rest.p, n, skipped[i], strlen(skipped[i])) != NULL;
		if (memmem(rest.p, n, "ended before its end", 20))
			buf_adds(to, "3 truncated\n");
		else if (!skip)
			buf_add(to, rest.p, n);
		rest.p += n;
		rest.n -= n;
	}
}

static void expect_pair(const struct input *a, const struct input *b, enum boundary boundary)
{
	struct alone both = { .messages = 0 };
	struct buf said = BUF_INIT, faults = BUF_INIT, got = BUF_INIT;

	buf_addspan(&both.lines, buf_span(&a->half.lines));
	buf_adds(&both.lines, boundary == EMPTY_LINE ? "\n" : "");
	buf_addspan(&both.lines, buf_span(&b->whole.lines));
	merge_alone(&both);
	buf_addspan(&said, buf_span(&a->half.said));
	buf_addspan(&said, buf_span(&b->whole.said));
	faults_of(&faults, &a->half.faults);
	faults_of(&faults, &b->whole.faults);
	faults_of(&got, &both.faults);
	if (!span_same(buf_span(&said), buf_span(&both.said)) || !span_same(buf_span(&faults), buf_span(&got)))
		fail_msg("half of %s, boundary %d, %s\ngot\n%s%s\nnot\n%s%s", a->path, (int)boundary, b->path, buf_str(&both.said),
		         buf_str(&got), buf_str(&said), buf_str(&faults));
	release(&both);
	buf_release(&said);
	buf_release(&faults);
	buf_release(&got);
}

static bool takes_part(const char *path)
{
	struct buf other = BUF_INIT;
	FILE *f = fopen(path, "rb");
	bool small;

	assert_non_null(f);
	small = fseek(f, 0, SEEK_END) == 0 && ftell(f) <= LARGEST;
	fclose(f);
	buf_addf(&other, "%.*s.args", (int)(strlen(path) - 3), path);
	small = small && access(buf_str(&other), F_OK) != 0; /* it is merged with other options */
	buf_release(&other);
	return small;
}

static void test_pairs_of(const char *format, enum boundary boundary, size_t *pairs)
{
	struct input *inputs;
	size_t n = 0;
	glob_t found;

	golden_inputs(format, &found);
	inputs = calloc(found.gl_pathc, sizeof *inputs);
	assert_non_null(inputs);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (takes_part(found.gl_pathv[i]))
			read_input(&inputs[n++], found.gl_pathv[i], boundary);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++, ++*pairs)
			expect_pair(&inputs[i], &inputs[k], boundary);
	for (size_t i = 0; i < n; i++) {
		release(&inputs[i].half);
		release(&inputs[i].whole);
	}
	free(inputs);
	globfree(&found);
}

static void test_pairs(void **unused)
{
	size_t pairs = 0;

	(void)unused;
	for (size_t i = 0; delta_formats[i]; i++)
		for (int boundary = 0; boundary < BOUNDARIES; boundary++)
			test_pairs_of(delta_formats[i]->name, (enum boundary)boundary, &pairs);
	print_message("%zu pairs\n", pairs);
	assert_true(pairs > 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pairs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
