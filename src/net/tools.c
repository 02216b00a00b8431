/* SPDX-License-Identifier: MIT */
/* tools: which command a tool is, and what surrounds it. See tools.h. */
#include "net/tools.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/words.h"
#include "json/write.h"

enum { MOST_BYTES = 512 * 1024 }; /* of all TOOL_ARG_: systems have a limit for the whole */

int tools_add(struct tools *t, const char *spec, struct fault *f)
{
	const char *equals = strchr(spec, '=');
	struct tool *tool;
	char **argv;

	if (!equals || equals == spec)
		return fault_set(f, ST_USAGE, "it is not NAME=COMMAND");
	argv = words_split(equals + 1, f);
	if (!argv)
		return -1;
	tool = mem_zero(sizeof *tool);
	tool->name = mem_dup(spec, (size_t)(equals - spec));
	tool->argv = argv;
	tool->next = t->first;
	t->first = tool;
	return 0;
}

void tools_release(struct tools *t)
{
	struct tool *rest;

	for (struct tool *tool = t->first; tool; tool = rest) {
		rest = tool->next;
		free(tool->name);
		free(tool->argv);
		free(tool);
	}
	arena_release(&t->arena);
}

/* The model chooses the name: it must not lead out of the folder, nor to what is hidden there. */
static bool is_plain(struct span name)
{
	return name.n > 0 && name.n < 256 && name.p[0] != '.' && !memchr(name.p, '/', name.n) &&
	       !memchr(name.p, '\0', name.n);
}

static char **in_folder(struct tools *t, struct span name)
{
	char *path, **argv;
	struct stat st;

	if (!t->folder || !is_plain(name))
		return NULL;
	path = arena_printf(&t->arena, "%s%s/%.*s", strchr(t->folder, '/') ? "" : "./", t->folder, (int)name.n, name.p);
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return NULL;
	argv = arena_zero(&t->arena, 2 * sizeof *argv);
	argv[0] = path;
	return argv;
}

char **tools_command(struct tools *t, struct span name)
{
	for (struct tool *tool = t->first; tool; tool = tool->next)
		if (span_is(name, tool->name))
			return tool->argv;
	return in_folder(t, name);
}

/* ---- the environment */

static bool is_key(struct span name)
{
	static const char *const others[] = { "ANTHROPIC_AUTH_TOKEN", "AWS_BEARER_TOKEN_BEDROCK",
		                              "AZURE_OPENAI_AD_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN", "HF_TOKEN" };
	static const char end[] = "_API_KEY";
	size_t n = sizeof end - 1;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (span_is(name, others[i]))
			return true;
	return name.n >= n && memcmp(name.p + name.n - n, end, n) == 0;
}

static bool is_passed_on(const char *variable)
{
	struct span name = { variable, strcspn(variable, "=") };

	return !is_key(name) && !span_starts(name, "TOOL_ARG_");
}

/* NAME of TOOL_ARG_NAME: letters in upper case, digits, and _ for all else. */
static void put_name(struct buf *b, struct span key)
{
	buf_adds(b, "TOOL_ARG_");
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		buf_addc(b, (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
	}
}

/* One variable; NULL: this member makes none. */
static char *variable(struct arena *a, const struct json *j, uint32_t value)
{
	struct buf b = BUF_INIT, key = BUF_INIT;
	enum json_kind kind = json_kind(j, value);
	char *text = NULL;

	if (kind < JSON_FALSE || kind > JSON_STRING)
		return NULL;
	json_unescape(&key, json_string(j, json_key(value)));
	put_name(&b, buf_span(&key));
	buf_addc(&b, '=');
	if (kind == JSON_STRING)
		json_unescape(&b, json_string(j, value));
	else
		buf_addspan(&b, json_text(j, value));
	if (b.len <= TOOLS_LONGEST && !memchr(b.p, '\0', b.len))
		text = (char *)arena_copy(a, buf_span(&b)).p;
	buf_release(&b);
	buf_release(&key);
	return text;
}

/* Sets it, in the place of one of the same name if there is. Returns how many there are. */
static size_t set(char **list, size_t n, char *text)
{
	size_t length = strcspn(text, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (!strncmp(list[i], text, length)) {
			list[i] = text;
			return n;
		}
	list[n] = text;
	return n + 1;
}

char **tools_environment(struct arena *a, char *const *base, const struct json *arguments)
{
	bool object = json_kind(arguments, arguments->used ? JSON_ROOT : 0) == JSON_OBJECT;
	size_t members = object ? json_count(arguments, JSON_ROOT) : 0, n = 0, first, bytes = 0;
	char **list;

	while (base[n])
		n++;
	list = arena_zero(a, (n + members + 1) * sizeof *list);
	n = 0;
	for (; *base; base++)
		if (is_passed_on(*base))
			list[n++] = *base;
	first = n;
	for (uint32_t v = object ? json_first(arguments, JSON_ROOT) : 0; v; v = json_next(arguments, JSON_ROOT, v)) {
		char *text = variable(a, arguments, v);

		if (text && (bytes += strlen(text)) <= MOST_BYTES)
			n = first + set(list + first, n - first, text);
	}
	return list;
}
