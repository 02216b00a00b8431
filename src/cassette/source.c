/* SPDX-License-Identifier: MIT */
/* source: a cassette's text as events, whether it is YAML or JSON. See source.h. */
#include "cassette/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/write.h"

/* What may come next in a JSON text. */
enum want { VALUE, VALUE_OR_CLOSE, KEY, KEY_OR_CLOSE, COMMA_OR_CLOSE, NOTHING };

struct source {
	struct yaml_reader *yaml; /* or NULL, and the text is JSON */
	const char *begin, *p, *end;
	uint64_t before; /* bytes of the file before begin */
	enum want want;
	bool object[JSON_DEPTH];
	size_t depth;
	uint32_t line;
	const char *counted; /* line feeds before this are in line */
	struct arena arena;
	struct buf plain;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The first byte that says something; 0 when there is none. */
static char first_byte(struct in *in, struct fault *f)
{
	size_t i = 0;

	for (;;) {
		for (; i < in->n; i++)
			if (!is_space(in->p[i]) && !strchr("\xef\xbb\xbf", in->p[i]))
				return in->p[i];
		if (in_more(in, f) != IN_MORE)
			return 0;
	}
}

/* Is it JSON, or meant to be? Nobody quotes keys in YAML's flow style. */
static bool looks_like_json(const char *p, size_t n)
{
	size_t i = 1;
	bool cut;
	size_t at;

	while (i < n && (is_space(p[i]) || p[i] == '{'))
		i++;
	return i == n || p[i] == '"' || !json_check(p, n, &at, &cut);
}

static int open_json(struct source *s, struct in *in, size_t max, struct fault *f)
{
	struct span all;
	enum in_result r;

	in->max = max;
	r = in_all(in, &all, f);
	if (r == IN_FULL)
		return fault_set(f, ST_INPUT, "JSON text of more than %zu bytes (--max-size)", max);
	if (r == IN_BAD)
		return -1;
	if (span_starts(all, "\xef\xbb\xbf"))
		in_consume(in, 3);
	s->begin = s->p = s->counted = in->p;
	s->before = in->offset;
	s->end = in->p + in->n;
	s->line = 1;
	return 0;
}

/* Files that stand for a cassette, or hold one, and are neither YAML nor JSON. */
static const char *stranger(struct in *in, struct fault *f)
{
	static const struct {
		const char *begins, *what;
	} strangers[] = {
		{ "\x1f\x8b", "compressed by gzip" },
		{ "\x78\x01", "compressed by zlib" },
		{ "\x78\x9c", "compressed by zlib" },
		{ "\x78\xda", "compressed by zlib" },
		{ "httprr trace v", "a trace of httprr" },
		{ "version https://git-lfs.github.com/", "a pointer of Git LFS, not the file" },
	};

	while (in->n < 64 && in_more(in, f) == IN_MORE)
		;
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (span_starts((struct span){ in->p, in->n }, strangers[i].begins))
			return strangers[i].what;
	return NULL;
}

struct source *source_new(struct in *in, size_t max, struct fault *f)
{
	struct source *s = mem_zero(sizeof *s);
	char first = first_byte(in, f);
	const char *what = f->status == ST_OK ? stranger(in, f) : NULL;

	if (what)
		fault_set(f, ST_INPUT, "no cassette: %s", what);

	if (!what && (first == '{' || first == '[')) {
		if (open_json(s, in, max, f) == 0 && looks_like_json(s->p, (size_t)(s->end - s->p)))
			return s;
	}
	if (f->status == ST_OK) {
		s->yaml = yaml_reader_new(in, max);
		return s;
	}
	source_free(s);
	return NULL;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	yaml_reader_free(s->yaml);
	arena_release(&s->arena);
	buf_release(&s->plain);
	free(s);
}

bool source_is_json(const struct source *s)
{
	return !s->yaml;
}

uint64_t source_offset(const struct source *s)
{
	return s->yaml ? 0 : s->before + (uint64_t)(s->p - s->begin);
}

void source_forget(struct source *s)
{
	if (s->yaml)
		yaml_forget(s->yaml);
	else
		arena_reset(&s->arena);
}

void source_unit(struct source *s)
{
	if (s->yaml)
		yaml_unit(s->yaml);
}

static int bad(struct fault *f, const char *error)
{
	return fault_set(f, ST_INPUT, "no JSON: %s", error);
}

static uint32_t line_here(struct source *s)
{
	const char *lf;

	while (s->counted < s->p && (lf = memchr(s->counted, '\n', (size_t)(s->p - s->counted))) != NULL) {
		s->line++;
		s->counted = lf + 1;
	}
	s->counted = s->p;
	return s->line;
}

static void skip_space(struct source *s)
{
	while (s->p < s->end && is_space(*s->p))
		s->p++;
}

static int open_container(struct source *s, struct ev *e, struct fault *f)
{
	bool object = *s->p == '{';

	if (s->depth == JSON_DEPTH)
		return bad(f, "nested too deeply");
	s->object[s->depth++] = object;
	s->want = object ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
	e->kind = object ? EV_MAP : EV_LIST;
	e->flow = true;
	s->p++;
	return 0;
}

static int close_container(struct source *s, struct ev *e)
{
	s->p++;
	s->depth--;
	s->want = s->depth ? COMMA_OR_CLOSE : NOTHING;
	e->kind = EV_CLOSE;
	return 0;
}

static void string_text(struct source *s, struct ev *e, struct span inside)
{
	e->style = YAML_DOUBLE;
	e->text = inside;
	if (!memchr(inside.p, '\\', inside.n))
		return;
	buf_reset(&s->plain);
	json_unescape(&s->plain, inside);
	e->text = arena_copy(&s->arena, buf_span(&s->plain));
}

static int scalar(struct source *s, struct ev *e, struct fault *f)
{
	bool cut;
	size_t n;
	const char *error = json_check_prefix(s->p, (size_t)(s->end - s->p), &n, &cut);

	if (error) {
		s->p += n;
		return bad(f, error);
	}
	e->kind = EV_SCALAR;
	if (*s->p == '"')
		string_text(s, e, (struct span){ s->p + 1, n - 2 });
	else
		*e = (struct ev){ .kind = EV_SCALAR, .word = true, .text = { s->p, n }, .line = e->line };
	s->p += n;
	if (s->want == KEY || s->want == KEY_OR_CLOSE) {
		skip_space(s);
		if (s->p == s->end || *s->p != ':')
			return bad(f, s->p == s->end ? "text ends too early" : "':' expected after a key");
		s->p++;
		s->want = VALUE;
	} else {
		s->want = s->depth ? COMMA_OR_CLOSE : NOTHING;
	}
	return 0;
}

static int next_json(struct source *s, struct ev *e, struct fault *f)
{
	bool object = s->depth && s->object[s->depth - 1];

	skip_space(s);
	if (s->want == COMMA_OR_CLOSE && s->p < s->end && *s->p == ',') {
		s->p++;
		s->want = object ? KEY : VALUE;
		skip_space(s);
	}
	e->line = line_here(s);
	if (s->want == NOTHING)
		return s->p == s->end ? 0 : bad(f, "something follows the JSON text");
	if (s->p == s->end)
		return bad(f, "text ends too early");
	if ((*s->p == '}' || *s->p == ']') && s->want >= VALUE_OR_CLOSE && s->want != KEY && (*s->p == '}') == object)
		return close_container(s, e);
	if (s->want == COMMA_OR_CLOSE)
		return bad(f, object ? "',' or '}' expected" : "',' or ']' expected");
	if ((s->want == KEY || s->want == KEY_OR_CLOSE) && *s->p != '"')
		return bad(f, "key expected");
	if (*s->p == '{' || *s->p == '[')
		return open_container(s, e, f);
	return scalar(s, e, f);
}

int source_next(struct source *s, struct ev *e, struct fault *f)
{
	int r;

	if (s->yaml)
		return yaml_next(s->yaml, e, f);
	*e = (struct ev){ .kind = EV_END };
	r = next_json(s, e, f);
	if (r < 0)
		e->line = line_here(s);
	return r;
}
