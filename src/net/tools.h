/* SPDX-License-Identifier: MIT */
/*
 * tools: which command a tool is, and what surrounds it when it is run.
 *
 *	struct tools t = { .folder = "tools" };
 *	tools_add(&t, "weather=./weather --celsius", &fault);
 *	char **argv = tools_command(&t, "weather");      its words; "tools/NAME" for what was not added
 *	char **envp = tools_environment(environ, &arguments);
 */
#ifndef NET_TOOLS_H
#define NET_TOOLS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "json/json.h"

struct tool {
	char *name;
	char **argv;
	struct tool *next;
};

struct tools {
	struct tool *first;
	const char *folder; /* of executables, each of them the tool of its name; NULL: none */
	struct arena arena;
};

/* NAME=COMMAND; the last of a name holds. -1 with a fault (ST_USAGE). */
int tools_add(struct tools *t, const char *spec, struct fault *f);

/* The command of a tool, or NULL: there is none of that name. Valid as long as t. Names that are no
 * plain file names are never looked for in the folder. */
char **tools_command(struct tools *t, struct span name);
void tools_release(struct tools *t);

/* The variables that a tool is given: those of base less the keys of providers and what begins with
 * TOOL_ARG_; and, where arguments is an object, TOOL_ARG_NAME for each of its members that is a
 * string, a number, true or false. Strings are decoded; one that holds a NUL, or is longer than
 * TOOLS_LONGEST, is left out. base is borrowed; the result lives in the arena. */
enum { TOOLS_LONGEST = 64 * 1024 };
char **tools_environment(struct arena *a, char *const *base, const struct json *arguments);

#endif
