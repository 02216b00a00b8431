/* SPDX-License-Identifier: MIT */
/*
 * doc: one value of a cassette file as a small tree, the same for YAML and JSON.
 *
 * A node is a map, a list or a scalar; the members of a map and the elements of a list hang on
 * first and next, in the order of the file. Memory is an arena that serves one interaction after
 * the other; texts are those of the source, not copied.
 *
 * Ceilings: DOC_DEPTH levels; `max` bytes of text in one value, and of copies that aliases make.
 */
#ifndef CASSETTE_DOC_H
#define CASSETTE_DOC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/dict.h"
#include "base/err.h"
#include "cassette/source.h"

enum { DOC_DEPTH = 512 };

enum doc_kind { DOC_SCALAR, DOC_MAP, DOC_LIST };

struct node {
	struct node *parent, *next;
	struct node *first, *last;
	uint32_t count;  /* of children */
	uint32_t height; /* levels below this one */
	uint32_t line;   /* from 1; 0 for a node that was made here */

	struct span key; /* in a map */
	enum doc_kind kind;
	struct span text; /* of a scalar, decoded */
	const char *tag;  /* as in struct ev */
	enum yaml_style style;
	bool word; /* from JSON, and no string */
	bool flow; /* to be written on one line */
	bool plain_key;
	bool open;  /* being read */
	bool taken; /* a map whose members were understood */
};

struct doc {
	struct arena arena;
	struct source *source;
	size_t max;    /* 0: no ceiling */
	size_t size;   /* bytes of the texts of the value that is being read */
	size_t copied; /* bytes of nodes that aliases made */
	struct anchor *anchors;
	struct dict named; /* of a name the last of them */
	struct node *top;  /* the value that was read last */
	uint32_t line;     /* of the last event, for faults */
	bool pathed;       /* the last fault begins with a key path */
	bool in_key;       /* what is being read is a key */
};

void doc_init(struct doc *d, struct source *source, size_t max);
void doc_release(struct doc *d);

/* Lets go of the values read so far, unless the file has anchors, which may be meant later. Before
 * the first event of the next value, whose text it would take with it. -1: those pass the ceiling. */
int doc_forget(struct doc *d, struct fault *f);

/* Reads the value that begins with event e. NULL with a fault. */
struct node *doc_read(struct doc *d, const struct ev *e, struct fault *f);

/* Next event of the source; keeps line. */
int doc_event(struct doc *d, struct ev *e, struct fault *f);

struct node *node_get(const struct node *map, const char *key); /* NULL: none, or map is no map */
struct node *node_get_span(const struct node *map, struct span key);
bool node_is_null(const struct node *n);                 /* a plain null, ~ or nothing */
bool node_tagged(const struct node *n, const char *tag); /* "binary" is !!binary and !binary */

/* Appends "response.headers.Accept[0]". */
void node_path(struct buf *b, const struct node *n);

/* Sets a fault that begins with n's key path, and d->line; returns -1. */
int node_fault(struct doc *d, const struct node *n, struct fault *f, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Making trees: a node that hangs on parent (NULL: on nothing); key is NULL in a list. Texts are
 * borrowed. */
struct node *node_add(struct arena *a, struct node *parent, const char *key, enum doc_kind kind);
struct node *node_add_span(struct arena *a, struct node *parent, struct span key, enum doc_kind kind);
struct node *node_add_text(struct arena *a, struct node *parent, const char *key, struct span text);
struct node *node_add_word(struct arena *a, struct node *parent, const char *key, struct span text);
void node_remove(struct node *n);                    /* from its parent */
void node_hang(struct node *parent, struct node *n); /* behind the others */

#endif
