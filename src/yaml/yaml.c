/* SPDX-License-Identifier: MIT */
/* yaml: a YAML 1.1 stream as events, in and out. See yaml.h. */
#include "yaml/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/mem.h"

/* Below this a scalar is copied beside its fellows; from here on libyaml's own copy is kept. */
enum { SMALL = 512 };

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
	struct arena small;
	yaml_event_t *large; /* events whose text is still in use */
	size_t nlarge, room;
};

static int feed(void *reader, unsigned char *to, size_t room, size_t *got)
{
	struct yaml_reader *r = reader;
	size_t n;

	*got = 0;
	if (r->max && r->fed - r->unit > r->max && r->fed - r->unit - r->max > AHEAD) {
		r->full = true;
		return 0;
	}
	while (r->in->n == 0) {
		enum in_result result = in_more(r->in, &r->fault);

		if (result == IN_END)
			return 1;
		if (result != IN_MORE)
			return 0;
	}
	n = r->in->n < room ? r->in->n : room;
	memcpy(to, r->in->p, n);
	in_consume(r->in, n);
	r->fed += n;
	*got = n;
	return 1;
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
	return arena_copy(&r->small, span_of((const char *)s));
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

/* libyaml's messages come in two halves, "while parsing a block mapping" and what went wrong. */
static int bad(struct yaml_reader *r, struct ev *e, struct fault *f)
{
	const yaml_parser_t *p = &r->parser;

	e->line = (uint32_t)(p->problem_mark.line ? p->problem_mark.line : p->mark.line) + 1;
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
	take(r, e, &from);
	yaml_event_delete(&from);
	return 0;
}
