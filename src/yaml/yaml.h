/* SPDX-License-Identifier: MIT */
/*
 * yaml: a YAML 1.1 stream as events, in and out (libyaml; this folder is its only user).
 *
 * In: yaml_next gives one event after the other, in the order of the text:
 *
 *	- id: 0          EV_LIST EV_MAP EV_SCALAR(id) EV_SCALAR(0)
 *	  body: |        EV_SCALAR(body) EV_SCALAR(two words\n)
 *	    two words    EV_CLOSE EV_CLOSE
 *
 * The text of a scalar stays where it is until yaml_forget, so that a consumer holds on to the one
 * copy that libyaml made. Ceiling: `max` bytes from one yaml_unit to the next, counted on what is
 * handed to libyaml, since it builds a scalar before it returns it. Nesting needs no ceiling here:
 * libyaml returns each collection before it has read 1024 characters further, and the consumer
 * counts.
 */
#ifndef YAML_YAML_H
#define YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/in.h"
#include "base/span.h"

enum ev_kind {
	EV_END,      /* of the stream */
	EV_DOCUMENT, /* one begins */
	EV_DOCUMENT_END,
	EV_MAP,
	EV_LIST,
	EV_CLOSE, /* of the innermost map or list */
	EV_SCALAR,
	EV_ALIAS, /* text is the anchor's name */
};

enum yaml_style { YAML_PLAIN, YAML_SINGLE, YAML_DOUBLE, YAML_LITERAL, YAML_FOLDED };

struct ev {
	enum ev_kind kind;
	enum yaml_style style; /* of a scalar */
	bool flow;             /* of a map or list: [ ] or { } */
	bool word;             /* a scalar that is no string, from JSON text (cassette/source.h) */
	struct span text;      /* UTF-8, NUL-terminated; until yaml_forget */
	const char *tag;       /* resolved, "tag:yaml.org,2002:binary"; NULL without one; until yaml_forget */
	const char *anchor;    /* NULL without one; until yaml_forget */
	uint32_t line;         /* from 1 */
	uint32_t column;       /* from 0, in characters */
};

struct yaml_reader;

/* Reads from in, which stays the caller's. max == 0: no ceiling. */
struct yaml_reader *yaml_reader_new(struct in *in, size_t max);
void yaml_reader_free(struct yaml_reader *r);

/* The next event. -1 with a fault when the text is no YAML, cannot be read, or passes the ceiling;
 * e->line is then its place. */
int yaml_next(struct yaml_reader *r, struct ev *e, struct fault *f);

void yaml_forget(struct yaml_reader *r); /* every text so far may go */
void yaml_unit(struct yaml_reader *r);   /* the ceiling counts from here */

struct yaml_writer;

/* Takes what was written; a fault of its own is its caller's business. */
typedef void yaml_sink(void *context, const void *p, size_t n);

/* marked: the document begins with "---". */
struct yaml_writer *yaml_writer_new(yaml_sink *sink, void *context, bool marked);
void yaml_put_map(struct yaml_writer *w, bool flow);
void yaml_put_list(struct yaml_writer *w, bool flow);
void yaml_put_close(struct yaml_writer *w);
void yaml_put_text(struct yaml_writer *w, struct span text); /* a string; !!binary when it is no UTF-8 */
void yaml_put_key(struct yaml_writer *w, struct span text);  /* a string, plain where that is safe */
void yaml_put_word(struct yaml_writer *w, struct span text); /* plain: a number, true, null */
void yaml_writer_flush(struct yaml_writer *w);               /* all that was put goes to the sink */
void yaml_writer_end(struct yaml_writer *w);                 /* flushes */
void yaml_writer_free(struct yaml_writer *w);

/* Of well-formed UTF-8. Double-quoted: whatever some reader or libyaml's emitter would not keep in
 * another style (carriage returns, tabs, astral and control characters, U+2028, spaces at the end of
 * a line, ...). Else literal when it has line feeds, else single-quoted. Never plain, never folded. */
enum yaml_style yaml_text_style(struct span text);

#endif
