/* SPDX-License-Identifier: MIT */
/* source: a cassette's text as events, whether it is YAML or JSON. See source.h. */
#include "cassette/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/mem.h"
#include "cassette/body.h"
#include "json/json.h"
#include "json/write.h"

/* Bytes that tell what is no text; and within which an event stream has data. */
enum { HEAD = 64, UNDECIDED = 64 * 1024 };

/* What may come next in a JSON text. */
enum want { VALUE, VALUE_OR_CLOSE, KEY, KEY_OR_CLOSE, COMMA_OR_CLOSE, NOTHING };

struct source {
	struct yaml_reader *yaml; /* or NULL, and the text is JSON */
	struct in unpacked;       /* what the file holds, if it is packed */
	struct buf inside;        /* its bytes */
	bool packed;
	const char *late; /* what is wrong with the packing, told at its end */
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
static const char *stranger(struct span head)
{
	static const struct {
		const char *begins, *what;
	} strangers[] = {
		{ "httprr trace v", "a trace of httprr" },
		{ "version https://git-lfs.github.com/", "a pointer of Git LFS, not the file" },
	};

	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (span_starts(head, strangers[i].begins))
			return strangers[i].what;
	return NULL;
}

/* What can be told from the first bytes, except of JSON. */
static const char *misplaced(struct in *in, struct fault *f)
{
	const char *what;
	enum input_kind kind;

	while (in->n < HEAD && in_more(in, f) == IN_MORE)
		;
	what = stranger(in_window(in));
	if (what)
		return what;
	while ((kind = input_kind(in_window(in))) == INPUT_UNDECIDED && in->n < UNDECIDED && in_more(in, f) == IN_MORE)
		;
	return input_kind_text(kind);
}

/* gzip, zlib (Ruby's VCR), or the base64 of gzip (langchain). */
static bool is_packed(struct in *in, struct fault *f)
{
	static const char *const begins[] = { "\x1f\x8b", "\x78\x01", "\x78\x9c", "\x78\xda", "H4sI" };

	while (in->n < 4 && in_more(in, f) == IN_MORE)
		;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (span_starts(in_window(in), begins[i]))
			return true;
	return false;
}

/* Of one that breaks off, what is there is read first. */
static int unpack(struct source *s, struct in *in, size_t max, struct fault *f)
{
	struct buf plain = BUF_INIT;
	struct span all;
	enum in_result r;

	in->max = max;
	r = in_all(in, &all, f);
	if (r == IN_FULL)
		return fault_set(f, ST_INPUT, "compressed file of more than %zu bytes (--max-size)", max);
	if (r == IN_BAD)
		return -1;
	if (*all.p == 'H' && base64_decode(&plain, all.p, all.n))
		all = buf_span(&plain);
	s->late = body_unzip(all, &s->inside, max);
	buf_release(&plain);
	if (s->late && (!s->inside.len || (max && s->inside.len > max)))
		return fault_set(f, ST_INPUT, "compressed file that %s", s->late);
	in_memory(&s->unpacked, in->name, buf_span(&s->inside));
	s->packed = true;
	return 0;
}

static int open_text(struct source *s, struct in *in, size_t max, struct fault *f)
{
	char first = first_byte(in, f);
	struct fault ignored = { 0 };
	const char *what;

	if (f->status != ST_OK)
		return -1;
	if (first == '{' || first == '[') {
		if (open_json(s, in, max, f) < 0)
			return -1;
		if (looks_like_json(s->p, (size_t)(s->end - s->p)))
			return 0;
	}
	what = first == '{' || first == '[' ? NULL : misplaced(in, f);
	if (what) {
		in_drain(in, &ignored);
		return fault_set(f, ST_INPUT, "not a cassette: %s", what);
	}
	s->yaml = yaml_reader_new(in, max);
	return 0;
}

struct source *source_new(struct in *in, size_t max, struct fault *f)
{
	struct source *s = mem_zero(sizeof *s);
	int r = is_packed(in, f) ? unpack(s, in, max, f) : 0;

	if (f->status == ST_OK && r == 0)
		r = open_text(s, s->packed ? &s->unpacked : in, max, f);
	if (f->status == ST_OK && r == 0)
		return s;
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
	buf_release(&s->inside);
	free(s);
}

bool source_is_json(const struct source *s)
{
	return !s->yaml;
}

bool source_is_packed(const struct source *s)
{
	return s->packed;
}

enum input_kind source_kind(const struct source *s)
{
	return s->yaml ? INPUT_UNKNOWN : input_kind((struct span){ s->begin, (size_t)(s->end - s->begin) });
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

/* git leaves its marks at the beginning of a line, where no JSON text goes on. */
static void name_conflict(const struct source *s, uint32_t line, struct fault *f)
{
	struct span rest = { s->p, (size_t)(s->end - s->p) };

	if ((s->p == s->begin || s->p[-1] == '\n') && span_starts(rest, "<<<<<<<")) {
		*f = (struct fault){ 0 };
		fault_set(f, ST_INPUT, "merge conflict at line %u", line);
	}
}

static int next_event(struct source *s, struct ev *e, struct fault *f)
{
	int r;

	if (s->yaml)
		return yaml_next(s->yaml, e, f);
	*e = (struct ev){ .kind = EV_END };
	r = next_json(s, e, f);
	if (r < 0) {
		e->line = line_here(s);
		name_conflict(s, e->line, f);
	}
	return r;
}

int source_next(struct source *s, struct ev *e, struct fault *f)
{
	int r = next_event(s, e, f);

	if (s->late && (r < 0 || e->kind == EV_END)) {
		*f = (struct fault){ 0 };
		return fault_set(f, ST_INPUT, "compressed file that %s", s->late);
	}
	return r;
}
