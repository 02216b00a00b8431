/* SPDX-License-Identifier: MIT */
/* opt: one table per program says what it takes. See opt.h. */
#include "base/opt.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/out.h"

enum { HELP_COLUMN = 28 };

static const struct opt common[] = {
	{ 'h', "help", NULL, "print this help" },
	{ 'V', "version", NULL, "print the version" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program *current; /* for opt_wrong's hint */

void opt_wrong(const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	err_die(ST_USAGE, NULL, "%s; try '%s --help'", buf_str(&b), current ? current->name : err_program());
}

static size_t count(const struct opt *o)
{
	size_t n = 0;

	while (o[n].id)
		n++;
	return n;
}

static void add_options(const struct opt *table, struct buf *letters, struct option *longs)
{
	for (const struct opt *o = table; o->id; o++) {
		if (o->id < OPT_LONG) {
			buf_addc(letters, (char)o->id);
			if (o->arg)
				buf_addc(letters, ':');
		}
		if (o->name)
			*longs++ = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL, o->id };
	}
}

/* GNU getopt moves operands across `--`, so what belongs to COMMAND is cut off before it looks. */
static void cut_command(struct opt_parser *p)
{
	for (int i = 1; i < p->argc; i++)
		if (!strcmp(p->argv[i], "--")) {
			p->argc = i;
			p->command = p->argv + i + 1;
			p->argv = memcpy(mem_zero(((size_t)i + 1) * sizeof *p->argv), p->argv,
					 (size_t)i * sizeof *p->argv);
			return;
		}
}

void opt_init(struct opt_parser *p, const struct opt_program *program, int argc, char **argv)
{
	size_t n = count(program->options), m = count(common);
	struct buf letters = BUF_INIT;
	struct option *longs = mem_zero((n + m + 1) * sizeof *longs);

	*p = (struct opt_parser){ .program = program, .argc = argc, .argv = argv };
	current = program;
	err_init(argc > 0 ? argv[0] : program->name);
	buf_addc(&letters, ':'); /* a missing argument is ':', and getopt keeps quiet */
	add_options(program->options, &letters, longs);
	for (n = 0; longs[n].name; n++)
		;
	add_options(common, &letters, longs + n);
	p->letters = buf_take(&letters);
	p->longs = longs;
	if (program->takes_command)
		cut_command(p);
	opterr = 0;
	optind = 1;
}

static void help_option(struct buf *b, const struct opt *o)
{
	size_t start = b->len;

	if (o->id < OPT_LONG)
		buf_addf(b, "  -%c", o->id);
	else
		buf_adds(b, "    ");
	if (o->name)
		buf_addf(b, "%s--%s", o->id < OPT_LONG ? ", " : "  ", o->name);
	if (o->arg)
		buf_addf(b, " %s", o->arg);
	if (b->len - start >= HELP_COLUMN) {
		buf_addc(b, '\n');
		start = b->len;
	}
	for (const char *line = o->help; line; start = b->len) {
		const char *lf = strchr(line, '\n');

		while (b->len - start < HELP_COLUMN)
			buf_addc(b, ' ');
		buf_add(b, line, lf ? (size_t)(lf - line) : strlen(line));
		buf_addc(b, '\n');
		line = lf ? lf + 1 : NULL;
	}
}

static void answer(const struct buf *b) __attribute__((noreturn));
static void answer(const struct buf *b)
{
	struct out out;

	out_open(&out, 1, "standard output");
	out_addspan(&out, buf_span(b));
	exit(out_close(&out));
}

static void help(const struct opt_program *g)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "usage: %s [OPTION]... %s\n%s\n\n", g->name, g->operands, g->about);
	for (const struct opt *o = g->options; o->id; o++)
		help_option(&b, o);
	for (const struct opt *o = common; o->id; o++)
		help_option(&b, o);
	buf_addf(&b, "\nExit status: 0 done, 1 no, 2 used wrongly, 3 bad input, 4 trouble.\nSee %s(1).\n", g->name);
	answer(&b);
}

static void version(const struct opt_program *g)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s (%s) %s\n", g->name, PACKAGE_NAME, PACKAGE_VERSION);
	answer(&b);
}

/* Do two long options begin so? */
static bool is_ambiguous(const struct opt_parser *p, const char *name, size_t n)
{
	int found = 0;

	for (const struct option *o = p->longs; o->name; o++)
		found += !strncmp(o->name, name, n);
	return found > 1;
}

/* Says what getopt did not like. A long option stands in the last argument that it consumed; of a
 * letter only optopt tells, since more letters may follow it in the same argument. */
static void wrong_option(const struct opt_parser *p, bool missing) __attribute__((noreturn));
static void wrong_option(const struct opt_parser *p, bool missing)
{
	const char *word = p->argv[optind - 1];
	const struct option *o = p->longs;
	size_t n = strcspn(word, "="); /* its value may be a secret */

	if (missing && !strncmp(word, "--", 2))
		opt_wrong("option '%s' needs an argument", word);
	if (missing)
		opt_wrong("option '-%c' needs an argument", optopt);
	if (!optopt)
		opt_wrong(n > 2 && is_ambiguous(p, word + 2, n - 2) ? "option '%.*s' is ambiguous" : "unknown option '%.*s'", (int)n,
		          word);
	while (o->name && o->val != optopt)
		o++;
	if (o->name)
		opt_wrong("option '--%s' takes no argument", o->name);
	opt_wrong("unknown option '-%c'", optopt);
}

int opt_next(struct opt_parser *p)
{
	int c = getopt_long(p->argc, p->argv, p->letters, p->longs, NULL);

	p->value = optarg;
	switch (c) {
	case 'h':
		help(p->program);
		break;
	case 'V':
		version(p->program);
		break;
	case ':':
	case '?':
		wrong_option(p, c == ':');
	case -1:
		p->operands = p->argv + optind;
		p->noperands = p->argc - optind;
		break;
	}
	return c;
}

size_t opt_size(const char *name, const char *text)
{
	static const char units[] = "kMG";
	char *end;
	unsigned long long n;
	const char *unit;
	int shift = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (end != text && *end && end[1] == '\0' && (unit = strchr(units, *end == 'K' ? 'k' : *end)) != NULL) {
		shift = 10 * ((int)(unit - units) + 1);
		end++;
	}
	if (end == text || *end || *text < '0' || *text > '9' || errno || n > ((size_t)-1 >> shift))
		opt_wrong("%s '%s' is no size such as 64M, 512k or 0", name, text);
	return (size_t)n << shift;
}

/* False: text is no number of which there can be that much. */
static bool amount(const char *text, double *d)
{
	char *end;

	errno = 0;
	*d = strtod(text, &end);
	return end != text && !*end && !errno && *d >= 0 && *d <= 1e9 && !text[strspn(text, "0123456789.")];
}

double opt_seconds(const char *name, const char *text)
{
	double d;

	if (!amount(text, &d))
		opt_wrong("%s '%s' is no number of seconds", name, text);
	return d;
}

double opt_amount(const char *name, const char *text)
{
	double d;

	if (!amount(text, &d))
		opt_wrong("%s '%s' is no number such as 10 or 0.5", name, text);
	return d;
}

long opt_number(const char *name, const char *text, long least, long most)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end || errno || n < least || n > most)
		opt_wrong("%s '%s' is no number from %ld to %ld", name, text, least, most);
	return n;
}

int opt_word(const char *name, const char *text, const char *const *words)
{
	struct buf b = BUF_INIT;

	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	for (int i = 0; words[i]; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", words[i]);
	opt_wrong("%s '%s' is none of %s", name, text, buf_str(&b));
}
