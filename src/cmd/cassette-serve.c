/* SPDX-License-Identifier: MIT */
/* cassette-serve: an HTTP server that answers from cassettes, and records what it does not know. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/out.h"
#include "cassette/match.h"
#include "cassette/redact_rules.h"
#include "net/serve.h"

extern char **environ;

enum { CUT = OPT_LONG, RATE, FAULT, SEED, MODE, MATCH, IGNORE, REPEAT, ALL_USED, ALLOW_HTTP, RULES };

static const struct opt options[] = {
	{ 'B', "bind", "HOST:PORT", "where to listen; 127.0.0.1:0, 0 is a free port" },
	{ 'x', "speed", "FACTOR", "1 as recorded, 10 ten times faster; 0: at once" },
	{ RATE, "rate", "N", "N events a second, where no times were recorded" },
	{ CUT, "cut", "HOW", "where writes end: event, line, byte, N, random:SEED" },
	{ FAULT, "fault", "KIND[@ID|@P%]", "status:CODE[:RETRY_AFTER], cut:BYTES, reset:BYTES,\nstall:BYTES:SECONDS or garbage:BYTES; once for each" },
	{ SEED, "seed", "N", "of what --fault leaves to chance" },
	{ MATCH, "match", "PARTS", "method,path,query,body; headers:NAME too; or order" },
	{ IGNORE, "ignore", "PATH", "leave .messages[].id and the like out of bodies" },
	{ REPEAT, "repeat", NULL, "serve interactions again when all that match were" },
	{ ALL_USED, "all-used", NULL, "status 1 when an interaction was not asked for" },
	{ 'u', "upstream", "URL", "ask there for what matches nothing" },
	{ 'o', "output", "FILE", "record there what the upstream answers" },
	{ MODE, "mode", "MODE", "auto, replay (no upstream) or record (anew)" },
	REDACT_OPTIONS(RULES),
	{ ALLOW_HTTP, "allow-http", NULL, "let keys travel to the upstream over plain http" },
	{ 'M', "max-size", "SIZE", "ceiling of a body; 64M, 0 is none" },
	{ 'v', "verbose", NULL, "say what is asked and answered, and what differs" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	.name = "cassette-serve",
	.operands = "[CASSETTE...] [-- COMMAND...]",
	.about = "Serve recorded HTTP to any client; with an upstream, record too.",
	.options = options,
	.takes_command = true,
};

static struct serve serve = {
	.say = err_tell,
	.bind = "127.0.0.1:0",
	.rules = { .by = MATCH_METHOD | MATCH_PATH | MATCH_QUERY | MATCH_BODY },
	.max = (size_t)64 << 20,
	.client = { .connect_timeout = 10, .first_byte_timeout = 600, .idle_timeout = 120 },
};

/* method,path,headers:x-session */
static void take_match(const char *value)
{
	static const char *const parts[] = { "method", "path", "query", "body", "order", NULL };
	static const unsigned bits[] = { MATCH_METHOD, MATCH_PATH, MATCH_QUERY, MATCH_BODY };
	char *list = mem_dup(value, strlen(value)), *rest = list; /* stays: names point into it */
	const char **names = mem_zero((strlen(value) / 2 + 1) * sizeof *names);
	size_t n = 0;

	serve.rules.by = 0;
	serve.in_order = !strcmp(value, "order");
	if (serve.in_order)
		return;
	for (char *part; (part = strsep(&rest, ",")) != NULL;) {
		if (!strncmp(part, "headers:", 8) && part[8]) {
			serve.rules.by |= MATCH_HEADERS;
			names[n++] = part + 8;
		} else if (!strcmp(part, "order")) {
			opt_wrong("--match order takes no other part");
		} else {
			serve.rules.by |= bits[opt_word("--match", part, parts)];
		}
	}
	serve.rules.headers = names;
}

static void take(int c, const char *value)
{
	struct fault f = { 0 };

	if (c == 'B')
		serve.bind = value;
	else if (c == 'x')
		serve.pace.speed = opt_amount("--speed", value);
	else if (c == RATE)
		serve.pace.rate = opt_amount("--rate", value);
	else if (c == CUT && !pace_parse_cut(&serve.pace, value))
		opt_wrong("--cut '%s': event, line, byte, N or random:SEED", value);
	else if (c == FAULT && !accidents_add(&serve.accidents, mem_dup(value, strlen(value))))
		opt_wrong("--fault '%s' is none, or there are more than %d", value, ACCIDENTS_MAX);
	else if (c == SEED)
		serve.accidents.seed = (uint64_t)opt_number("--seed", value, 0, 1000000000);
	else if (c == MATCH)
		take_match(value);
	else if (c == IGNORE && match_ignore(&serve.rules, value, &f) < 0)
		opt_wrong("%s", f.text);
	else if (c >= RULES && redact_rules_add(&serve.redact, c - RULES, value, getenv, &f) < 0)
		opt_wrong("%s", f.text);
	else if (c == 'u')
		serve.upstream = value;
	else if (c == 'o')
		serve.record = value;
	else if (c == MODE)
		serve.mode = (enum mode)opt_word("--mode", value, mode_words);
	else if (c == 'M')
		serve.max = opt_size("--max-size", value);
	serve.repeat |= c == REPEAT;
	serve.all_used |= c == ALL_USED;
	serve.allow_http |= c == ALLOW_HTTP;
	serve.verbose |= c == 'v';
}

static void check(const struct opt_parser *p)
{
	if (p->command && !*p->command)
		opt_wrong("which command? behind -- there is none");
	if (p->noperands == 0 && !serve.upstream)
		opt_wrong("what to serve? a CASSETTE or -u URL is needed");
	if (serve.record && !serve.upstream)
		opt_wrong("-o records what an upstream says, -u is missing");
	if (serve.rules.nignore && !(serve.rules.by & MATCH_BODY))
		opt_wrong("--ignore needs --match with body");
	if (serve.mode == MODE_RECORD && !serve.record)
		opt_wrong("--mode record needs -u URL and -o FILE");
	for (int i = 0; i < p->noperands; i++)
		if (!strcmp(p->operands[i], "-"))
			opt_wrong("a cassette is a file, not standard input");
}

/* The first line of standard output, which stays open: nobody else shall get its descriptor. A command
 * has it for itself. */
static void tell_address(struct out *out)
{
	if (serve.command)
		return;
	out_add(out, "http://", 7);
	out_addspan(out, span_of(serve.server.address));
	out_addc(out, '\n');
	out_flush(out);
}

int main(int argc, char **argv)
{
	struct opt_parser p;
	struct out out;
	int status;

	client_trust(&serve.client, getenv);
	serve.environment = environ;
	opt_init(&p, &program, argc, argv);
	for (int c; (c = opt_next(&p)) != -1;)
		take(c, p.value);
	check(&p);
	serve.cassettes = (const char *const *)p.operands;
	serve.command = p.command;
	out_open(&out, 1, "standard output");
	if (serve_open(&serve) == 0) {
		tell_address(&out);
		serve_run(&serve);
	}
	status = serve_close(&serve);
	out_close(&out);
	return status ? status : (int)err_status();
}
