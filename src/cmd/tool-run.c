/* SPDX-License-Identifier: MIT */
/* tool-run: runs the tool calls of a message and prints the request that answers it. See tool-run(1). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "delta/finished.h"
#include "delta/next.h"
#include "net/calls.h"
#include "net/stop.h"
#include "net/tools.h"

enum { TIMEOUT = OPT_LONG, STRICT, DRY_RUN, CONFIRM };

extern char **environ;

static const struct opt options[] = {
	{ 'T', "tool", "NAME=COMMAND", "the command of a tool, in words like a shell's" },
	{ 'd', "directory", "DIR", "the other tools: executables in DIR" },
	{ 'j', "jobs", "N", "run at most N calls at once (8)" },
	{ TIMEOUT, "timeout", "SECONDS", "what a call may take (120; 0 is for ever)" },
	{ STRICT, "strict", NULL, "stop when a call fails, instead of telling the model" },
	{ DRY_RUN, "dry-run", NULL, "print the commands instead of running them" },
	{ CONFIRM, "confirm", NULL, "ask on the terminal before each command" },
	{ 'M', "max-size", "SIZE", "ceiling of each input and output (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	.name = "tool-run",
	.operands = "REQUEST [MESSAGE]",
	.about = "Run a message's tool calls; print the request that goes on with their results.",
	.options = options,
};

static struct {
	struct tools tools;
	struct job_limits limits;
	size_t max;
	bool dry_run, confirm;
	struct in request, message; /* each whole, as the window */
	struct finished finished;
	struct calls calls;
	struct out out;
} run = { .limits = { .at_once = 8, .seconds = 120 }, .max = (size_t)64 << 20 };

static void slurp(struct in *in, const char *path)
{
	struct fault f = { 0 };

	in_whole(in, path, run.max, &f);
	err_fault(in->name, &f);
}

/* The answer, for results that are there or still empty. */
static bool answer(const struct next_result *results, struct buf *b)
{
	struct fault f = { 0 };

	delta_next(&run.finished.message, &run.finished.normal, results, in_window(&run.request), b, &f);
	err_fault(run.request.name, &f);
	return f.status == ST_OK;
}

/* Says which calls failed in that way; the model is told too. False: it ends here. */
static bool report(enum status kind)
{
	bool good = true;

	for (size_t i = 0; i < run.calls.n; i++) {
		const struct call *c = &run.calls.calls[i];

		if (c->fault.status != kind || c->stopped)
			continue;
		if (run.limits.strict)
			err_fault(c->name, &c->fault);
		else
			err_note(c->name, "%s", c->fault.text);
		good = !run.limits.strict;
	}
	return good;
}

static void ask(void)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (tty < 0)
		err_die(ST_TROUBLE, "/dev/tty", "cannot ask: %s", strerror(errno));
	calls_ask(&run.calls, tty);
	close(tty);
}

static void said(void *ctx, const struct job *job, struct span line)
{
	(void)ctx;
	err_note(job->name, "%.*s", (int)line.n, line.p);
}

static void run_calls(void)
{
	struct fault f = { 0 };
	struct buf b = BUF_INIT;

	if (stop_init(&f) == 0)
		calls_run(&run.calls, &run.limits, said, NULL, &f);
	if (stop_signal())
		stop_die();
	err_fault(NULL, &f);
	if (report(ST_TROUBLE) && f.status == ST_OK && answer(calls_results(&run.calls), &b)) {
		out_addspan(&run.out, buf_span(&b));
		if (b.p[b.len - 1] != '\n')
			out_addc(&run.out, '\n');
	}
	buf_release(&b);
}

static void go(void)
{
	struct fault f = { 0 };
	struct buf b = BUF_INIT;

	if (finished_read(&run.finished, in_window(&run.message), &f) < 0) {
		err_fault(run.message.name, &f);
		return;
	}
	if (run.finished.normal.ncalls == 0) {
		err_raise(ST_NO);
		return;
	}
	run.calls.max = run.max;
	calls_plan(&run.calls, &run.finished.normal, &run.tools, environ);
	if (answer(run.calls.results, &b) && report(ST_INPUT)) { /* tried before a tool does what cannot be undone */
		buf_reset(&b);
		if (run.confirm && !run.dry_run)
			ask();
		if (run.dry_run)
			calls_put(&run.calls, &b);
		else if (report(ST_NO))
			run_calls();
		out_addspan(&run.out, buf_span(&b));
	}
	buf_release(&b);
	calls_release(&run.calls);
}

static void take(int c, const char *value)
{
	struct fault f = { 0 };

	if (c == 'T' && tools_add(&run.tools, value, &f) < 0)
		opt_wrong("--tool '%s': %s", value, f.text);
	else if (c == 'd')
		run.tools.folder = value;
	else if (c == 'j')
		run.limits.at_once = (size_t)opt_number("--jobs", value, 1, 1000);
	else if (c == 'M')
		run.max = opt_size("--max-size", value);
	else if (c == TIMEOUT)
		run.limits.seconds = opt_seconds("--timeout", value);
	run.limits.strict |= c == STRICT;
	run.dry_run |= c == DRY_RUN;
	run.confirm |= c == CONFIRM;
}

static void operands(const struct opt_parser *p)
{
	struct stat st;

	if (p->noperands < 1 || p->noperands > 2)
		opt_wrong("there must be a REQUEST, and can be a MESSAGE");
	if (!strcmp(p->operands[0], "-") && (p->noperands == 1 || !strcmp(p->operands[1], "-")))
		opt_wrong("REQUEST and MESSAGE cannot both be standard input");
	if (run.tools.folder && (stat(run.tools.folder, &st) < 0 || !S_ISDIR(st.st_mode)))
		opt_wrong("--directory '%s' is no folder", run.tools.folder);
}

int main(int argc, char **argv)
{
	struct opt_parser p;

	opt_init(&p, &program, argc, argv);
	for (int c; (c = opt_next(&p)) != -1;)
		take(c, p.value);
	operands(&p);
	out_open(&run.out, 1, "standard output");
	slurp(&run.request, p.operands[0]);
	slurp(&run.message, p.noperands > 1 ? p.operands[1] : "-");
	if (err_status() == ST_OK)
		go();
	finished_release(&run.finished);
	tools_release(&run.tools);
	return out_close(&run.out);
}
