/* SPDX-License-Identifier: MIT */
/* sse-post: put a request on the wire, and its answer on standard output as it arrives. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/in.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/out.h"
#include "cassette/redact_rules.h"
#include "net/key.h"
#include "net/provider.h"
#include "net/stop.h"
#include "net/talk.h"

enum { MODEL = OPT_LONG, STREAM, ANY, KEY_FILE, KEY_COMMAND, DRY_RUN, INCLUDE, REPORT, CONNECT, FIRST_BYTE, IDLE };
enum { MAX_TIME = IDLE + 1, RETRY, RETRY_CAP, ALLOW_HTTP, INSECURE_ARGV, CACERT, CERT, CERT_KEY };
enum { PROXY = CERT_KEY + 1, RESOLVE, UNIX_SOCKET, HTTP1, MODE, IGNORE, RULES };

static const struct opt options[] = {
	{ 'p', "provider", "NAME", "endpoint, key, headers of NAME; -p list prints them" },
	{ MODEL, "model", "MODEL", "the {model} of the endpoint; default: the body's" },
	{ STREAM, "stream", NULL, "ask for a stream: set \"stream\" in the body" },
	{ ANY, "any", NULL, "send a body that is not JSON too" },
	{ 'H', "header", "HEADER", "'Name: value'; 'Name:' removes one; @FILE reads them" },
	{ 'k', "key-env", "NAME", "the variable that holds the key" },
	{ KEY_FILE, "key-file", "FILE", "the file that holds the key" },
	{ KEY_COMMAND, "key-command", "COMMAND", "the shell command that prints the key" },
	{ 'C', "cassette", "FILE", "replay the answer from FILE, or record it there" },
	{ MODE, "mode", "MODE", "auto, replay (no network) or record (anew)" },
	{ IGNORE, "ignore", "PATH", "leave .messages[].id and the like out of the match" },
	REDACT_OPTIONS(RULES),
	{ DRY_RUN, "dry-run", NULL, "print the request, redacted, and send nothing" },
	{ 'D', "dump-header", "FILE", "write the response's headers to FILE" },
	{ INCLUDE, "include", NULL, "print them before the body" },
	{ REPORT, "report", "FILE", "append a line of JSON: status, times, bytes, limits" },
	{ 'v', "verbose", NULL, "trace the exchange on stderr, redacted" },
	{ CONNECT, "connect-timeout", "SECONDS", "for name, TCP and TLS; 10, 0 is none" },
	{ FIRST_BYTE, "first-byte-timeout", "SECONDS", "until the body begins; 600" },
	{ IDLE, "idle-timeout", "SECONDS", "between two bytes; 120" },
	{ MAX_TIME, "max-time", "SECONDS", "for everything; none" },
	{ RETRY, "retry", "N", "further attempts, while nothing was written; 2" },
	{ RETRY_CAP, "retry-cap", "SECONDS", "longest wait a server may ask for; 120" },
	{ 'M', "max-size", "SIZE", "ceiling of the request's body; 64M, 0 is none" },
	{ ALLOW_HTTP, "allow-http", NULL, "let a key travel over plain http" },
	{ INSECURE_ARGV, "insecure-argv", NULL, "let secrets stand in the arguments" },
	{ CACERT, "cacert", "FILE", "authorities to trust in place of the system's" },
	{ CERT, "cert", "FILE", "our certificate, PEM" },
	{ CERT_KEY, "cert-key", "FILE", "its key, where it is not in the same file" },
	{ PROXY, "proxy", "URL", "in place of the environment's; '' for none" },
	{ RESOLVE, "resolve", "HOST:PORT:ADDR", "connect to ADDR for HOST:PORT" },
	{ UNIX_SOCKET, "unix-socket", "PATH", "connect to a Unix socket" },
	{ HTTP1, "http1.1", NULL, "do not offer HTTP/2" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	"sse-post", "[URL] [FILE]", "POST a JSON body; copy the answer to standard output as it arrives.",
	options,    false,
};

static struct redact_rules rules;

static struct talk talk = {
	.say = err_tell,
	.wish = { .lookup = getenv, .max = 64 << 20, .rules = &rules },
	.client = { .connect_timeout = 10, .first_byte_timeout = 600, .idle_timeout = 120 },
	.policy = { .most = 2, .cap = 120 },
	.rules = { .by = MATCH_DEFAULT },
};

/* Options that only fill a place; the others are in take(). */
static const struct {
	int id;
	const char *name, **text;
	double *seconds;
	bool *yes;
} places[] = {
	{ MODEL, .text = &talk.wish.model },
	{ 'k', .text = &talk.wish.key_variable },
	{ KEY_FILE, .text = &talk.wish.key_file },
	{ KEY_COMMAND, .text = &talk.wish.key_command },
	{ 'D', .text = &talk.dump },
	{ 'C', .text = &talk.cassette },
	{ REPORT, .text = &talk.report },
	{ CACERT, .text = &talk.client.cacert },
	{ CERT, .text = &talk.client.cert },
	{ CERT_KEY, .text = &talk.client.cert_key },
	{ PROXY, .text = &talk.client.proxy },
	{ UNIX_SOCKET, .text = &talk.client.unix_socket },
	{ CONNECT, "--connect-timeout", .seconds = &talk.client.connect_timeout },
	{ FIRST_BYTE, "--first-byte-timeout", .seconds = &talk.client.first_byte_timeout },
	{ IDLE, "--idle-timeout", .seconds = &talk.client.idle_timeout },
	{ MAX_TIME, "--max-time", .seconds = &talk.max_time },
	{ RETRY_CAP, "--retry-cap", .seconds = &talk.policy.cap },
	{ STREAM, .yes = &talk.wish.stream },
	{ ANY, .yes = &talk.wish.any },
	{ DRY_RUN, .yes = &talk.dry_run },
	{ INCLUDE, .yes = &talk.include },
	{ 'v', .yes = &talk.verbose },
	{ ALLOW_HTTP, .yes = &talk.wish.allow_http },
	{ INSECURE_ARGV, .yes = &talk.wish.insecure_argv },
	{ HTTP1, .yes = &talk.client.http1 },
};

static void choose_provider(const char *name)
{
	struct out out;
	struct buf b = BUF_INIT;

	talk.wish.provider = provider_find(name);
	if (talk.wish.provider)
		return;
	if (strcmp(name, "list"))
		opt_wrong("provider '%s' is not known, -p list prints those that are", name);
	provider_list(&b);
	out_open(&out, 1, "standard output");
	out_addspan(&out, buf_span(&b));
	exit(out_close(&out));
}

static void take(int c, const char *value)
{
	static size_t headers, resolve;
	struct fault f = { 0 };

	if (c == 'p')
		choose_provider(value);
	else if (c == 'H')
		talk.wish.headers[headers++] = value;
	else if (c == RESOLVE)
		talk.client.resolve[resolve++] = value;
	else if (c == 'M')
		talk.wish.max = opt_size("--max-size", value);
	else if (c == CACERT)
		talk.client.capath = NULL; /* of the environment */
	else if (c == IGNORE && match_ignore(&talk.rules, value, &f) < 0)
		opt_wrong("%s", f.text);
	else if (c >= RULES && redact_rules_add(&rules, c - RULES, value, getenv, &f) < 0)
		opt_wrong("%s", f.text);
	else if (c == RETRY)
		talk.policy.most = opt_number("--retry", value, 0, 100);
	else if (c == MODE)
		talk.mode = (enum mode)opt_word("--mode", value, mode_words);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (places[i].id != c)
			continue;
		if (places[i].text)
			*places[i].text = value;
		else if (places[i].yes)
			*places[i].yes = true;
		else
			*places[i].seconds = opt_seconds(places[i].name, value);
	}
}

static void operands(const struct opt_parser *p)
{
	for (int i = 0; i < p->noperands; i++) {
		const char *o = p->operands[i];
		bool url = !strncmp(o, "http://", 7) || !strncmp(o, "https://", 8);
		const char **to = url ? &talk.wish.url : &talk.file;

		if (!url && strstr(o, "://"))
			opt_wrong("a URL begins with http:// or https://");
		if (*to)
			opt_wrong("there can be one %s", url ? "URL" : "FILE");
		*to = o;
	}
	if (!talk.wish.url && !talk.wish.provider)
		opt_wrong("where to? a URL or -p PROVIDER is needed");
	if (talk.client.proxy && strchr(talk.client.proxy, '@') && !talk.wish.insecure_argv)
		opt_wrong("--proxy holds a secret that all users of this machine can see; "
		          "use HTTPS_PROXY, or insist with --insecure-argv");
	if (!!talk.wish.key_variable + !!talk.wish.key_file + !!talk.wish.key_command > 1)
		opt_wrong("only one of -k, --key-file and --key-command");
	if (talk.wish.model && (talk.wish.url || !provider_wants_model(talk.wish.provider)))
		opt_wrong("--model has no place in this endpoint, the body says it");
}

int main(int argc, char **argv)
{
	struct opt_parser p;

	key_guard_memory();
	client_trust(&talk.client, getenv);
	talk.wish.headers = mem_zero(((size_t)argc + 1) * sizeof *talk.wish.headers);
	talk.client.resolve = mem_zero(((size_t)argc + 1) * sizeof *talk.client.resolve);
	opt_init(&p, &program, argc, argv);
	for (int c; (c = opt_next(&p)) != -1;)
		take(c, p.value);
	operands(&p);
	talk_run(&talk);
	if (stop_signal())
		stop_die();
	return talk_close(&talk);
}
