/* SPDX-License-Identifier: MIT */
/* calls: the tool calls of a message as commands, and their results. See calls.h. */
#include "net/calls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/controls.h"
#include "base/mem.h"
#include "base/words.h"
#include "json/write.h"

static struct span decoded(struct arena *a, struct span escaped, const char *behind)
{
	struct buf b = BUF_INIT;
	struct span s;

	json_unescape(&b, escaped);
	buf_adds(&b, behind);
	s = arena_copy(a, buf_span(&b));
	buf_release(&b);
	return s;
}

/* JSON for a function, with a line feed behind it, so that `read` is content; nothing at all stands
 * for no arguments. A custom tool has its text, as it is. */
static void plan_input(struct calls *c, struct call *call, const struct normal_call *n, struct json *j)
{
	struct span text = n->arguments.len ? buf_span(&n->arguments) : SPAN("{}");

	call->input = n->text ? decoded(&c->arena, buf_span(&n->arguments), "") : decoded(&c->arena, text, "\n");
	if (!n->text && json_parse(j, call->input.p, call->input.n) < 0)
		fault_set(&call->fault, ST_INPUT, "arguments are not JSON: %s at byte %zu", j->error, j->error_at);
}

static void plan(struct calls *c, struct call *call, const struct normal_call *n, struct tools *t,
                 char *const *environment)
{
	struct span name = decoded(&c->arena, buf_span(&n->name), "");
	struct json j = JSON_INIT;

	call->name = name.p;
	call->argv = tools_command(t, name);
	if (!call->argv)
		fault_set(&call->fault, ST_INPUT, "there is no such tool");
	plan_input(c, call, n, &j);
	call->envp = tools_environment(&c->arena, environment, &j);
	json_release(&j);
}

void calls_plan(struct calls *c, const struct normal *n, struct tools *t, char *const *environment)
{
	c->n = n->ncalls;
	c->calls = mem_zero(c->n * sizeof *c->calls);
	c->results = mem_zero(c->n * sizeof *c->results);
	for (size_t i = 0; i < c->n; i++)
		plan(c, &c->calls[i], &n->calls[i], t, environment);
}

/* What $(…) would be. */
static void settle(struct call *call, struct job *job, const struct job_limits *limits)
{
	struct buf why = BUF_INIT;

	while (job->output.len && job->output.p[job->output.len - 1] == '\n')
		buf_cut(&job->output, job->output.len - 1);
	buf_addspan(&call->text, buf_span(&job->output));
	if (job_failed(job)) {
		job_why(job, limits, &why);
		fault_set(&call->fault, ST_TROUBLE, "%s", buf_str(&why));
		call->stopped = job->end == JOB_STOPPED || job->end == JOB_WAITS;
	}
	buf_release(&why);
	buf_release(&job->output);
}

int calls_run(struct calls *c, const struct job_limits *limits, job_said *said, void *ctx, struct fault *f)
{
	struct job *jobs = mem_zero(c->n * sizeof *jobs);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < c->n; i++) {
		struct call *call = &c->calls[i];

		if (call->fault.status == ST_OK)
			jobs[n++] = (struct job){ .name = call->name,
				                  .argv = call->argv,
				                  .envp = call->envp,
				                  .input = call->input,
				                  .output.max = c->max };
	}
	r = jobs_run(jobs, n, limits, said, ctx, f);
	n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->calls[i].fault.status == ST_OK)
			settle(&c->calls[i], &jobs[n++], limits);
	free(jobs);
	return r;
}

const struct next_result *calls_results(struct calls *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct call *call = &c->calls[i];

		c->results[i].failed = call->fault.status != ST_OK;
		if (c->results[i].failed)
			buf_addf(&call->text, "%serror: %s", call->text.len ? "\n" : "", call->fault.text);
		c->results[i].text = buf_span(&call->text);
	}
	return c->results;
}

/* What a model wrote cannot move the cursor. */
static void put_call(const struct call *call, struct buf *b)
{
	struct span input = call->input;
	bool line = input.n && input.p[input.n - 1] == '\n';
	size_t start = b->len;

	input.n -= line;
	buf_adds(b, line ? "printf '%s\\n' " : "printf %s ");
	words_quote(b, input);
	buf_adds(b, " |");
	for (char **word = call->argv; *word; word++) {
		buf_addc(b, ' ');
		words_quote(b, span_of(*word));
	}
	controls_blank(b->p + start, b->len - start, "");
}

void calls_put(const struct calls *c, struct buf *b)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->calls[i].fault.status == ST_OK) {
			put_call(&c->calls[i], b);
			buf_addc(b, '\n');
		}
}

static bool yes(int tty)
{
	char c, first = '\0';

	while (read(tty, &c, 1) == 1 && c != '\n')
		if (!first && c != ' ')
			first = c;
	return first == 'y' || first == 'Y';
}

void calls_ask(struct calls *c, int tty)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < c->n; i++) {
		struct call *call = &c->calls[i];

		if (call->fault.status != ST_OK)
			continue;
		buf_reset(&b);
		put_call(call, &b);
		buf_adds(&b, "\nrun this? [y/N] ");
		if (write(tty, b.p, b.len) != (ssize_t)b.len || !yes(tty))
			fault_set(&call->fault, ST_NO, "the user does not want this call");
	}
	buf_release(&b);
}

void calls_release(struct calls *c)
{
	for (size_t i = 0; i < c->n; i++)
		buf_release(&c->calls[i].text);
	free(c->calls);
	free(c->results);
	arena_release(&c->arena);
}
