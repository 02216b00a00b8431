/* SPDX-License-Identifier: MIT */
/* finished: a message that is to be answered. See finished.h. */
#include "delta/finished.h"

#include <string.h>

#include "delta/failure.h"
#include "delta/sniff.h"
#include "json/write.h"

/* The message is valid during the call only. */
static void message(void *ctx, const struct delta_message *m)
{
	struct finished *x = ctx;

	if (x->seen++)
		return;
	x->message = *m;
	x->message.json = &x->json;
	x->message.streamed = NULL;
	x->message.nstreamed = 0;
	buf_addspan(&x->text, m->native);
	json_parse(&x->json, x->text.p, x->text.len);
	x->message.native = buf_span(&x->text);
	x->message.error = m->error.p ? SPAN("null") : SPAN_NONE; /* that there was one; it was reported */
}

static void report(void *ctx, enum status status, const char *fault)
{
	struct finished *x = ctx;

	if (status != ST_OK)
		fault_set(x->fault, status, "%s", fault);
}

static bool has(const struct json *j, uint32_t object, const char *key)
{
	return json_get(j, object, key) != 0;
}

/* The option of delta-merge that printed this, or 0. */
static char printed_with(const struct json *j)
{
	uint32_t root = JSON_ROOT, first = json_first(j, root);

	if (json_kind(j, root) == JSON_STRING)
		return 't';
	if (json_kind(j, root) == JSON_ARRAY)
		return first && !has(j, first, "type") ? 0 : 'm';
	if (has(j, root, "format") && has(j, root, "finish") && has(j, root, "complete"))
		return 'n';
	if (has(j, root, "name") && has(j, root, "arguments") && has(j, root, "id"))
		return 'c';
	if (has(j, root, "role") && !has(j, root, "type") && !has(j, root, "id"))
		return 'm';
	return 0;
}

/* Why the calls of a message are not to be run, though the provider ended it itself. */
static int judge(struct finished *x, struct fault *f)
{
	const char *finish;

	if (x->message.complete != DELTA_YES)
		return fault_set(f, ST_INPUT, "message cut: it does not say how it ended");
	delta_normal(&x->message, 0, &x->normal);
	finish = x->normal.finish;
	if (x->normal.ncalls && finish &&
	    (!strcmp(finish, "length") || !strcmp(finish, "content_filter") || !strcmp(finish, "error")))
		return fault_set(f, ST_INPUT, "message ended with '%s': its tool calls may not be whole", finish);
	return 0;
}

static int merge(struct finished *x, const struct json *j, struct fault *f)
{
	struct delta_sink sink = { .ctx = x, .message = message, .report = report };
	struct buf line = BUF_INIT;
	struct delta *d;

	x->fault = f;
	d = delta_new(NULL, &sink, DELTA_WANT_WHOLE, 0);
	json_compact(&line, j, JSON_ROOT);
	delta_line(d, buf_span(&line), false);
	delta_end(d);
	delta_free(d);
	buf_release(&line);
	if (f->status != ST_OK)
		return -1;
	if (x->seen != 1)
		return fault_set(f, ST_INPUT, x->seen ? "more than one message" : "no message");
	return judge(x, f);
}

static struct span line_of(struct span text)
{
	const char *lf = memchr(text.p, '\n', text.n);

	return lf ? (struct span){ text.p, (size_t)(lf - text.p) } : text;
}

static int wrong_kind(const struct sniff *s, struct fault *f)
{
	struct buf text = BUF_INIT;

	sniff_put(s, &text, "a message", "sse-split and delta-merge");
	fault_set(f, ST_INPUT, "%s", buf_str(&text));
	buf_release(&text);
	return -1;
}

/* Is it a line of another kind? The lines of an event stream before its data decide nothing. */
static int judge_lines(struct span text, struct fault *f)
{
	struct sniff s = { 0 };
	enum sniff_result r = SNIFF_FIELD;
	size_t used;

	for (; text.n && r == SNIFF_FIELD; text.p += used, text.n -= used) {
		struct span line = line_of(text);

		used = line.n + (line.n < text.n);
		r = line.n == 0 || span_is(line, "\r") ? SNIFF_FIELD : sniff_line(&s, line);
	}
	if (r == SNIFF_SKIP && s.bracket && text.n && sniff_line(&s, line_of(text)) == SNIFF_WRONG && s.kind == SNIFF_CASSETTE)
		return wrong_kind(&s, f);
	return r == SNIFF_WRONG ? wrong_kind(&s, f) : 0;
}

/* Is it JSON of another kind? */
static int judge_json(const struct json *j, struct fault *f)
{
	struct sniff s = { 0 };

	if (sniff_json(&s, j))
		return wrong_kind(&s, f);
	if (json_kind(j, JSON_ROOT) == JSON_OBJECT && json_first(j, JSON_ROOT) && !delta_format_of(j) &&
	    !failure_of(j, JSON_ROOT, false))
		return fault_set(f, ST_INPUT, "not a message of any known format");
	return 0;
}

/* Several texts, of which the first is a record or does not end a message, are chunks. */
static int judge_several(struct finished *x, struct span first, struct fault *f)
{
	struct json j = JSON_INIT;
	struct fault of_first = { 0 };
	bool chunks = false;

	if (json_parse(&j, first.p, first.n) == 0)
		chunks = (has(&j, JSON_ROOT, "event") && has(&j, JSON_ROOT, "data")) ||
		         (delta_format_of(&j) && merge(x, &j, &of_first) < 0 && x->message.cut);
	json_release(&j);
	return fault_set(f, ST_INPUT, chunks ? "chunks, not a message; put delta-merge before" : "more than one message");
}

static int take(struct finished *x, const struct json *j, struct span text, struct fault *f)
{
	size_t at;
	bool cut;
	char option;

	if (judge_lines(text, f) < 0)
		return -1;
	if (j->error && !j->cut && strchr("{[", text.p[0]) && !json_check_prefix(text.p, text.n, &at, &cut))
		return judge_several(x, (struct span){ text.p, at }, f);
	if (j->error)
		return fault_set(f, ST_INPUT, "not JSON: %s at byte %zu", j->error, j->error_at);
	option = printed_with(j);
	if (option)
		return fault_set(f, ST_USAGE, "what delta-merge -%c prints lacks what an answer needs; leave -%c out",
		                 option, option);
	return judge_json(j, f) < 0 ? -1 : merge(x, j, f);
}

int finished_read(struct finished *x, struct span text, struct fault *f)
{
	struct json j = JSON_INIT;
	int r;

	while (text.n && text.p[0] && strchr(" \t\r\n", text.p[0])) {
		text.p++;
		text.n--;
	}
	if (text.n == 0)
		return fault_set(f, ST_INPUT, "no message");
	json_parse(&j, text.p, text.n);
	r = take(x, &j, text, f);
	json_release(&j);
	return r;
}

void finished_release(struct finished *x)
{
	normal_release(&x->normal);
	buf_release(&x->text);
	json_release(&x->json);
}
