/* SPDX-License-Identifier: MIT */
/* redact_rules: the options that say what else is redacted in a recording. See redact_rules.h. */
#include "cassette/redact_rules.h"

#include <stdlib.h>

#include "base/mem.h"
#include "json/path.h"

static int add_variable(struct redact_rules *r, const char *name, const char *value, struct fault *f)
{
	if (!value || !*value)
		return fault_set(f, ST_USAGE, "variable '%s' of --redact-env is not set", name);
	if (!secret_values_add(&r->values, span_of(value)))
		return fault_set(f, ST_USAGE, "value of variable '%s' is too short to be looked for", name);
	return 0;
}

static int add_path(struct redact_rules *r, const char *text, struct fault *f)
{
	r->paths = mem_resize(r->paths, (r->npaths + 1) * sizeof *r->paths);
	if (path_parse(&r->paths[r->npaths], span_of(text), f) < 0)
		return -1;
	r->npaths++;
	return 0;
}

static int add_name(const char ***names, size_t *n, const char *name, struct fault *f)
{
	if (!*name)
		return fault_set(f, ST_USAGE, "missing name of a header");
	*names = mem_resize(*names, (*n + 1) * sizeof **names);
	(*names)[(*n)++] = name;
	return 0;
}

int redact_rules_add(struct redact_rules *r, int option, const char *value, char *(*lookup)(const char *),
                     struct fault *f)
{
	switch (option) {
	case REDACT_ENV:
		return add_variable(r, value, lookup(value), f);
	case REDACT_HEADER:
		return add_name(&r->headers, &r->nheaders, value, f);
	case REDACT_JSON:
		return add_path(r, value, f);
	default:
		return add_name(&r->dropped, &r->ndropped, value, f);
	}
}

void redact_rules_release(struct redact_rules *r)
{
	for (size_t i = 0; i < r->npaths; i++)
		path_release(&r->paths[i]);
	free(r->paths);
	free(r->headers);
	free(r->dropped);
	secret_values_release(&r->values);
	*r = (struct redact_rules){ 0 };
}
