/* SPDX-License-Identifier: MIT */
/*
 * opt: one table per program says what it takes.
 *
 * The table drives getopt_long(3) and --help; tests/all-programs.bats holds the page against
 * --help, so the three agree. -h/--help and -V/--version are added to every program and answered here.
 *
 *	static const struct opt options[] = {
 *		{ 'f', "format", "FORMAT", "read FORMAT instead of guessing" },
 *		{ 'M', "max-size", "SIZE", "..." },
 *		{ OPT_LONG + 0, "encoded", NULL, "leave bodies as they are encoded" },
 *		{ 0 },
 *	};
 *	struct opt_parser p;
 *	opt_init(&p, &(struct opt_program){ "sse-split", "[FILE...]", "split ...", options }, argc, argv);
 *	while ((c = opt_next(&p)) != -1)
 *		switch (c) { case 'f': use(p.value); ... }
 *	p.operands, p.noperands, p.command
 *
 * Wrong use ends the program: one line, a hint at --help, status 2.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

enum { OPT_LONG = 256 }; /* ids from here on have no letter */

struct opt {
	int	    id;	  /* the letter, or OPT_LONG + n; 0 ends the table */
	const char *name; /* the long name; NULL for a letter alone */
	const char *arg;  /* name of its argument, NULL when it takes none */
	const char *help; /* a line of --help; may hold line feeds */
};

struct opt_program {
	const char	 *name;
	const char	 *operands; /* as in the synopsis: "[FILE...]" */
	const char	 *about;    /* one line: what it does */
	const struct opt *options;
	bool		  takes_command; /* `-- COMMAND...` may follow */
};

struct opt_parser {
	const char *value; /* argument of the option that opt_next returned */
	char	  **operands;
	int	    noperands;
	char	  **command; /* NULL-terminated, what follows the first `--`; NULL when there is none */

	const struct opt_program *program;
	int			  argc;
	char			**argv;
	char			 *letters;  /* for getopt_long */
	void			 *longs;
};

/* Also calls err_init. */
void opt_init(struct opt_parser *p, const struct opt_program *program, int argc, char **argv);
int opt_next(struct opt_parser *p); /* an id, or -1 after the last; then operands are set */

/* Wrong use: says it with a hint at --help, and ends with status 2. */
void opt_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Values of options. Each ends the program as opt_wrong does when text is no such thing. */
size_t opt_size(const char *name, const char *text);	/* 64M, 10k, 0; k, M, G are powers of 1024 */
double opt_seconds(const char *name, const char *text); /* 1.5; 0 is allowed, negative is not */
double opt_amount(const char *name, const char *text);	/* the same of anything else */
long opt_number(const char *name, const char *text, long least, long most);

/* The place of text in a NULL-terminated list of words, for options that choose. */
int opt_word(const char *name, const char *text, const char *const *words);

#endif
