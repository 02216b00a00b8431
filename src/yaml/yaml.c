/* SPDX-License-Identifier: MIT */
/* yaml: a YAML 1.1 stream as events, in and out. See yaml.h. */
#include "yaml/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Below this a scalar is copied beside its fellows; from here on libyaml's own copy is kept. */
enum { SMALL = 512 };

enum { CONFLICT_MARKS = 7 };

/* libyaml reads ahead by this much; it is not yet part of a unit. */
enum { AHEAD = 64 * 1024 };

struct yaml_reader {
	yaml_parser_t parser;
	struct in *in;
	size_t max;
	uint64_t fed;  /* bytes handed to libyaml */
	uint64_t unit; /* fed when the unit began */
	bool full;
	struct fault fault; /* of in */
	uint32_t lines;     /* line feeds in what was fed */
	unsigned marks;     /* '<' at the beginning of the line that is being fed */
	uint32_t conflict;  /* the line of git's first mark; 0: none so far */
	struct arena small;
	yaml_event_t *large; /* events whose text is still in use */
	size_t nlarge, room;
};

/* git marks a merge conflict by lines that begin with seven '<'. No cassette has them: what is in quotes or in a
 * block is indented. In quotes they would go unnoticed, and both sides of the conflict into one body. */
static void watch_conflict(struct yaml_reader *r, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && !r->conflict) {
		while (p < end && r->marks < CONFLICT_MARKS && *p == '<') {
			r->marks++;
			p++;
		}
		if (r->marks == CONFLICT_MARKS)
			r->conflict = r->lines + 1;
		if (p == end)
			return;
		p = memchr(p, '\n', (size_t)(end - p));
		r->marks = p ? 0 : CONFLICT_MARKS + 1;
		if (!p)
			return;
		r->lines++;
		p++;
	}
}

static int feed(void *reader, unsigned char *to, size_t room, size_t *got)
{
	struct yaml_reader *r = reader;
	enum in_result result;

	*got = 0;
	if (r->max && r->fed - r->unit > r->max && r->fed - r->unit - r->max > AHEAD) {
		r->full = true;
		return 0;
	}
	result = in_read(r->in, to, room, got, &r->fault);
	r->fed += *got;
	watch_conflict(r, (const char *)to, *got);
	return result == IN_MORE || result == IN_END;
}

struct yaml_reader *yaml_reader_new(struct in *in, size_t max)
{
	struct yaml_reader *r = mem_zero(sizeof *r);

	r->in = in;
	r->max = max;
	if (!yaml_parser_initialize(&r->parser))
		err_nomem();
	yaml_parser_set_input(&r->parser, feed, r);
	return r;
}

void yaml_reader_free(struct yaml_reader *r)
{
	if (!r)
		return;
	yaml_forget(r);
	arena_release(&r->small);
	free(r->large);
	yaml_parser_delete(&r->parser);
	free(r);
}

void yaml_forget(struct yaml_reader *r)
{
	while (r->nlarge > 0)
		yaml_event_delete(&r->large[--r->nlarge]);
	arena_reset(&r->small);
}

void yaml_unit(struct yaml_reader *r)
{
	r->unit = r->fed;
}

static struct span keep(struct yaml_reader *r, const yaml_char_t *s)
{
	return s ? arena_copy(&r->small, span_of((const char *)s)) : SPAN_NONE;
}

static void scalar(struct yaml_reader *r, struct ev *e, yaml_event_t *from)
{
	static const enum yaml_style styles[] = {
		[YAML_PLAIN_SCALAR_STYLE] = YAML_PLAIN,          [YAML_SINGLE_QUOTED_SCALAR_STYLE] = YAML_SINGLE,
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = YAML_DOUBLE, [YAML_LITERAL_SCALAR_STYLE] = YAML_LITERAL,
		[YAML_FOLDED_SCALAR_STYLE] = YAML_FOLDED,
	};

	e->kind = EV_SCALAR;
	e->style = styles[from->data.scalar.style];
	e->text = (struct span){ (char *)from->data.scalar.value, from->data.scalar.length };
	e->tag = keep(r, from->data.scalar.tag).p;
	e->anchor = keep(r, from->data.scalar.anchor).p;
	if (e->text.n < SMALL) {
		e->text = arena_copy(&r->small, e->text);
		return;
	}
	if (r->nlarge == r->room) {
		r->room = mem_grow(r->room, r->nlarge + 16);
		r->large = mem_resize(r->large, r->room * sizeof *r->large);
	}
	r->large[r->nlarge++] = *from;
	memset(from, 0, sizeof *from);
}

static void take(struct yaml_reader *r, struct ev *e, yaml_event_t *from)
{
	switch (from->type) {
	case YAML_DOCUMENT_START_EVENT:
		e->kind = EV_DOCUMENT;
		break;
	case YAML_DOCUMENT_END_EVENT:
		e->kind = EV_DOCUMENT_END;
		break;
	case YAML_MAPPING_START_EVENT:
		e->kind = EV_MAP;
		e->flow = from->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
		e->tag = keep(r, from->data.mapping_start.tag).p;
		e->anchor = keep(r, from->data.mapping_start.anchor).p;
		break;
	case YAML_SEQUENCE_START_EVENT:
		e->kind = EV_LIST;
		e->flow = from->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
		e->tag = keep(r, from->data.sequence_start.tag).p;
		e->anchor = keep(r, from->data.sequence_start.anchor).p;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		e->kind = EV_CLOSE;
		break;
	case YAML_SCALAR_EVENT:
		scalar(r, e, from);
		break;
	case YAML_ALIAS_EVENT:
		e->kind = EV_ALIAS;
		e->text = keep(r, from->data.alias.anchor);
		break;
	default:
		e->kind = EV_END;
	}
}

static int conflict(const struct yaml_reader *r, struct ev *e, struct fault *f)
{
	e->line = r->conflict;
	return fault_set(f, ST_INPUT, "merge conflict at line %u", r->conflict);
}

/* libyaml's messages come in two halves, "while parsing a block mapping" and what went wrong. */
static int bad(struct yaml_reader *r, struct ev *e, struct fault *f)
{
	const yaml_parser_t *p = &r->parser;

	e->line = (uint32_t)(p->problem_mark.line ? p->problem_mark.line : p->mark.line) + 1;
	if (r->conflict && e->line >= r->conflict)
		return conflict(r, e, f);
	if (r->full)
		return fault_set(f, ST_INPUT, "interaction of more than %zu bytes (--max-size)", r->max);
	if (r->fault.status != ST_OK) {
		*f = r->fault;
		return -1;
	}
	if (p->error == YAML_MEMORY_ERROR)
		err_nomem();
	return fault_set(f, ST_INPUT, "no YAML: %s%s%s", p->context ? p->context : "", p->context ? ", " : "",
	                 p->problem ? p->problem : "unreadable");
}

int yaml_next(struct yaml_reader *r, struct ev *e, struct fault *f)
{
	yaml_event_t from;

	*e = (struct ev){ .kind = EV_END };
	do {
		if (!yaml_parser_parse(&r->parser, &from))
			return bad(r, e, f);
	} while (from.type == YAML_STREAM_START_EVENT);
	e->line = (uint32_t)from.start_mark.line + 1;
	e->column = (uint32_t)from.start_mark.column;
	if (r->conflict &&
	    (from.end_mark.line + 1 > r->conflict || (from.type == YAML_SCALAR_EVENT && e->line == r->conflict))) {
		yaml_event_delete(&from);
		return conflict(r, e, f);
	}
	take(r, e, &from);
	yaml_event_delete(&from);
	return 0;
}

struct yaml_writer {
	yaml_emitter_t emitter;
	yaml_sink *sink;
	void *context;
	bool *maps; /* of the open collections, which are maps */
	size_t depth, room;
	bool literal; /* the last scalar was */
};

static int drain(void *writer, unsigned char *p, size_t n)
{
	struct yaml_writer *w = writer;

	w->sink(w->context, p, n);
	return 1;
}

/* The emitter fails for want of memory, and when events come in an order that makes no document. */
static void emit(struct yaml_writer *w, yaml_event_t *e, int made)
{
	if (!made || !yaml_emitter_emit(&w->emitter, e))
		err_nomem();
}

struct yaml_writer *yaml_writer_new(yaml_sink *sink, void *context, bool marked)
{
	struct yaml_writer *w = mem_zero(sizeof *w);
	yaml_event_t e;

	w->sink = sink;
	w->context = context;
	if (!yaml_emitter_initialize(&w->emitter))
		err_nomem();
	yaml_emitter_set_output(&w->emitter, drain, w);
	yaml_emitter_set_unicode(&w->emitter, 1);
	yaml_emitter_set_width(&w->emitter, -1);
	yaml_emitter_set_indent(&w->emitter, 2);
	emit(w, &e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
	emit(w, &e, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, !marked));
	return w;
}

static void opened(struct yaml_writer *w, bool map)
{
	if (w->depth == w->room) {
		w->room = mem_grow(w->room, w->depth + 16);
		w->maps = mem_resize(w->maps, w->room * sizeof *w->maps);
	}
	w->maps[w->depth++] = map;
}

void yaml_put_map(struct yaml_writer *w, bool flow)
{
	yaml_mapping_style_t style = flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;
	yaml_event_t e;

	emit(w, &e, yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, style));
	opened(w, true);
}

void yaml_put_list(struct yaml_writer *w, bool flow)
{
	yaml_sequence_style_t style = flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
	yaml_event_t e;

	emit(w, &e, yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, style));
	opened(w, false);
}

void yaml_put_close(struct yaml_writer *w)
{
	bool map = w->maps[--w->depth];
	yaml_event_t e;

	emit(w, &e, map ? yaml_mapping_end_event_initialize(&e) : yaml_sequence_end_event_initialize(&e));
}

static void put_scalar(struct yaml_writer *w, struct span s, const char *tag, yaml_scalar_style_t style)
{
	bool plain = style == YAML_PLAIN_SCALAR_STYLE;
	yaml_event_t e;

	w->literal = style == YAML_LITERAL_SCALAR_STYLE;
	emit(w, &e,
	     yaml_scalar_event_initialize(&e, NULL, (const yaml_char_t *)tag, (const yaml_char_t *)s.p, (int)s.n, plain,
	                                  !plain && !tag, style));
}

/* Characters that are not the same in every style to every reader: cp at p, len bytes long. */
static bool is_awkward(const unsigned char *p, size_t len)
{
	if (len == 1)
		return (*p < 0x20 && *p != '\n') || *p == 0x7f;
	if (len == 2)
		return *p == 0xc2 && p[1] < 0xa0; /* C1 and NEL */
	if (len == 4)
		return true;
	return (*p == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) || /* U+2028, U+2029 */
	       (*p == 0xef && p[1] == 0xbb && p[2] == 0xbf) ||                   /* U+FEFF */
	       (*p == 0xef && p[1] == 0xbf && p[2] >= 0xbe);                     /* U+FFFE, U+FFFF */
}

enum yaml_style yaml_text_style(struct span s)
{
	bool lines = false;
	size_t len, bad;

	for (size_t i = 0; i < s.n; i += len) {
		len = utf8_sequence(s.p + i, s.n - i, &bad);
		if (len == 0 || is_awkward((const unsigned char *)s.p + i, len))
			return YAML_DOUBLE;
		if (s.p[i] == ' ' && (i + 1 == s.n || s.p[i + 1] == '\n'))
			return YAML_DOUBLE;
		lines |= s.p[i] == '\n';
	}
	return lines ? YAML_LITERAL : YAML_SINGLE;
}

void yaml_put_text(struct yaml_writer *w, struct span s)
{
	struct buf b = BUF_INIT;

	if (utf8_valid(s.p, s.n)) {
		enum yaml_style style = yaml_text_style(s);

		put_scalar(w, s, NULL,
		           style == YAML_DOUBLE    ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
		           : style == YAML_LITERAL ? YAML_LITERAL_SCALAR_STYLE
		                                   : YAML_SINGLE_QUOTED_SCALAR_STYLE);
		return;
	}
	base64_encode(&b, s.p, s.n, 76);
	put_scalar(w, buf_span(&b), "tag:yaml.org,2002:binary", YAML_LITERAL_SCALAR_STYLE);
	buf_release(&b);
}

/* A word of letters, digits, - and _ that begins with a letter and that YAML 1.1 takes for nothing
 * else: yes, no, on, off, y, n, true, false, null. */
static bool is_plain_key(struct span s)
{
	static const char *const taken[] = { "yes", "no", "on", "off", "y", "n", "true", "false", "null" };
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-0123456789";

	if (s.n == 0 || s.n > 100 || !memchr(good, *s.p, 52))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!memchr(good, s.p[i], sizeof good - 1))
			return false;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (s.n == strlen(taken[i]) && !strncasecmp(s.p, taken[i], s.n))
			return false;
	return true;
}

void yaml_put_key(struct yaml_writer *w, struct span s)
{
	if (is_plain_key(s))
		put_scalar(w, s, NULL, YAML_PLAIN_SCALAR_STYLE);
	else
		yaml_put_text(w, s);
}

void yaml_put_word(struct yaml_writer *w, struct span s)
{
	put_scalar(w, s, NULL, YAML_PLAIN_SCALAR_STYLE);
}

void yaml_writer_flush(struct yaml_writer *w)
{
	if (!yaml_emitter_flush(&w->emitter))
		err_nomem();
}

void yaml_writer_end(struct yaml_writer *w)
{
	yaml_event_t e;

	/* libyaml remembers a |+ from long before, and would end the document with "...". */
	if (!w->literal)
		w->emitter.open_ended = 0;
	emit(w, &e, yaml_document_end_event_initialize(&e, 1));
	emit(w, &e, yaml_stream_end_event_initialize(&e));
	yaml_writer_flush(w);
}

void yaml_writer_free(struct yaml_writer *w)
{
	if (!w)
		return;
	yaml_emitter_delete(&w->emitter);
	free(w->maps);
	free(w);
}
