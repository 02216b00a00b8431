/* SPDX-License-Identifier: MIT */
/* bases: the environment of a command whose clients are to talk to a server of ours. See bases.h. */
#include "net/bases.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cassette/url.h"
#include "net/field.h"
#include "net/provider.h"

/* What clients add besides the paths of provider.c's table. Where a method stands before it, another one asks
 * for something else: Gemini's clients post to /models/{model}:generateContent. */
static const struct {
	const char *variable, *tail;
} tails[] = {
	{ "OPENAI_BASE_URL", "/completions" },
	{ "OPENAI_BASE_URL", "/embeddings" },
	{ "OPENAI_BASE_URL", "/moderations" },
	{ "OPENAI_BASE_URL", "/models" },
	{ "OPENAI_BASE_URL", "GET /models/{model}" },
	{ "OPENROUTER_BASE_URL", "/models" },
	{ "OPENROUTER_BASE_URL", "/responses" },
	{ "ANTHROPIC_BASE_URL", "/v1/messages/count_tokens" },
	{ "ANTHROPIC_BASE_URL", "/v1/models" },
	{ "COHERE_BASE_URL", "/v1/chat" },
	{ "COHERE_BASE_URL", "/v2/embed" },
	{ "BEDROCK_BASE_URL", "/model/{model}/converse" },
	{ "BEDROCK_BASE_URL", "/model/{model}/invoke" },
	{ "OLLAMA_HOST", "/api/generate" },
	{ "OLLAMA_HOST", "/api/embed" },
	{ "OLLAMA_HOST", "/api/tags" },
};

/* Other names of the same base. */
static const struct {
	const char *name, *variable;
} aliases[] = {
	{ "OPENAI_API_BASE", "OPENAI_BASE_URL" },
	{ "CO_API_URL", "COHERE_BASE_URL" },
	{ "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "BEDROCK_BASE_URL" },
	{ "ANTHROPIC_BEDROCK_BASE_URL", "BEDROCK_BASE_URL" },
};

/* ---- a list of variables */

struct list {
	struct arena *arena;
	char **all;
	size_t n;
};

static char **find(const struct list *l, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < l->n; i++)
		if (!strncmp(l->all[i], name, n) && l->all[i][n] == '=')
			return &l->all[i];
	return NULL;
}

static const char *value_of(const struct list *l, const char *name)
{
	char **at = find(l, name);

	return at ? strchr(*at, '=') + 1 : "";
}

static void set(struct list *l, const char *name, const char *value)
{
	char **at = find(l, name);

	*(at ? at : &l->all[l->n++]) = arena_printf(l->arena, "%s=%s", name, value);
	l->all[l->n] = NULL;
}

/* ---- where a path ends and a tail begins */

/* Cuts the last segment off, with its slash. */
static struct span last_segment(struct span *path)
{
	const char *slash = span_last(*path, '/');
	size_t from = slash ? (size_t)(slash - path->p) : 0;
	struct span segment = { path->p + from, path->n - from };

	path->n = from;
	return segment;
}

/* {model} stands for any name, and what a verb behind it is does not matter. */
static bool segment_fits(struct span segment, struct span wanted)
{
	if (!span_starts(wanted, "/{model}"))
		return span_same(segment, wanted);
	return segment.n > 1 && (!memchr(wanted.p, ':', wanted.n) || memchr(segment.p, ':', segment.n));
}

/* Cuts the tail off the path; false: it does not end so. */
static bool cut_tail(struct span *path, const char *tail)
{
	struct span rest = *path, wanted = { tail, strcspn(tail, "?") };

	while (wanted.n)
		if (!rest.n || !segment_fits(last_segment(&rest), last_segment(&wanted)))
			return false;
	*path = rest;
	return true;
}

static void try_tail(struct span method, struct span path, const char *tail, struct span *base)
{
	if (!strncmp(tail, "GET ", 4)) {
		if (!field_same(method, "GET"))
			return;
		tail += 4;
	}
	if (cut_tail(&path, tail) && (!base->p || path.n < base->n))
		*base = path;
}

/* The base under which a client that reads the variable asked for this; absent: it would not. The
 * longest tail counts. */
static struct span base_of(const char *variable, const struct shelf_item *item)
{
	const struct request *q = &item->interaction.request;
	struct span path = url_path(q->url), base = SPAN_NONE;

	for (const struct provider *p = NULL; (p = provider_after(p)) != NULL;)
		if (!strcmp(p->base_variable, variable))
			try_tail(q->method, path, p->path, &base);
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (!strcmp(tails[i].variable, variable))
			try_tail(q->method, path, tails[i].tail, &base);
	return base;
}

/* ---- one variable */

static struct span usual_base(const struct provider *p)
{
	struct span path = p->base ? url_path(span_of(p->base)) : SPAN("");

	return path.n && memchr(path.p, '{', path.n) ? SPAN("") : path;
}

static bool same_host(const struct provider *p, const struct shelf_item *item)
{
	return p->base && span_same(url_host(span_of(p->base)), url_host(item->interaction.request.url));
}

static struct span choose(const struct bases *b, const struct provider *p)
{
	struct span first = SPAN_NONE;

	for (size_t i = 0; i < b->shelf->n; i++) {
		struct span base = base_of(p->base_variable, b->shelf->items[i]);

		if (base.p && same_host(p, b->shelf->items[i]))
			return base;
		if (base.p && !first.p)
			first = base;
	}
	return first.p ? first : usual_base(p);
}

/* Each base that was not chosen is told once, whatever variable it is that misses it. */
static void tell_others(const struct bases *b, const char *variable, struct span chosen, struct buf *told)
{
	for (size_t i = 0; i < b->shelf->n; i++) {
		struct span base = base_of(variable, b->shelf->items[i]);
		bool known = !base.p || span_same(base, chosen);

		for (const char *t = buf_str(told), *end; !known && (end = strchr(t, '\n')) != NULL; t = end + 1)
			known = span_same(base, (struct span){ t, (size_t)(end - t) });
		if (known)
			continue;
		b->astray(b->ctx, variable, chosen, b->shelf->items[i], base);
		buf_addspan(told, base);
		buf_addc(told, '\n');
	}
}

static void set_base(const struct bases *b, const struct provider *p, struct list *l, struct buf *told)
{
	struct span base = b->path.p ? b->path : choose(b, p);
	const char *url = arena_printf(l->arena, "http://%s%.*s", b->address, (int)base.n, base.p);

	set(l, p->base_variable, url);
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (!strcmp(aliases[i].variable, p->base_variable))
			set(l, aliases[i].name, url);
	if (!b->path.p)
		tell_others(b, p->base_variable, base, told);
}

/* GOOGLE_API_KEY is left alone: Google's clients complain of two. */
static void set_keys(const struct provider *p, struct list *l)
{
	for (int i = 0; i < PROVIDER_AUTHS && p->auth[i].variable; i++) {
		const char *name = p->auth[i].variable;
		size_t n = strlen(name);

		if (n > 8 && !strcmp(name + n - 8, "_API_KEY") && strcmp(name, "GOOGLE_API_KEY") && !*value_of(l, name))
			set(l, name, "none");
	}
}

static void set_no_proxy(const struct bases *b, struct list *l, const char *name)
{
	const char *old = value_of(l, name), *colon = strrchr(b->address, ':');
	bool brackets = *b->address == '[';
	int n = (int)(colon - b->address) - 2 * brackets;

	if (strcmp(old, "*"))
		set(l, name, arena_printf(l->arena, "%s%s%.*s", old, *old ? "," : "", n, b->address + brackets));
}

char **bases_environment(const struct bases *b, char *const *environment, struct arena *a)
{
	struct list l = { .arena = a };
	struct buf told = BUF_INIT;
	size_t rows = 0;

	while (environment[l.n])
		l.n++;
	for (const struct provider *p = NULL; (p = provider_after(p)) != NULL;)
		rows += 1 + PROVIDER_AUTHS;
	l.all = arena_alloc(a, (l.n + rows + sizeof aliases / sizeof *aliases + 3) * sizeof *l.all);
	memcpy(l.all, environment, (l.n + 1) * sizeof *l.all);
	for (const struct provider *p = NULL; (p = provider_after(p)) != NULL;) {
		set_base(b, p, &l, &told);
		if (b->keys)
			set_keys(p, &l);
	}
	set_no_proxy(b, &l, "NO_PROXY");
	set_no_proxy(b, &l, "no_proxy");
	buf_release(&told);
	return l.all;
}
