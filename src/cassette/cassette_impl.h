/* SPDX-License-Identifier: MIT */
/*
 * cassette_impl: what a cassette format is made of. For src/cassette only.
 *
 * A format says how one interaction of its own looks as a tree, both ways. It reads the members it
 * understands and takes them off the tree; what is left over is kept as JSON under the format's
 * name and comes back when the interaction is written in that format again. `keys` are members
 * that the format always writes and that follow from the rest (content_length): they are left over
 * only where a file says something else than the rule.
 */
#ifndef CASSETTE_CASSETTE_IMPL_H
#define CASSETTE_CASSETTE_IMPL_H

#include "cassette/cassette.h"
#include "cassette/doc.h"

/* Around the interactions. */
struct root {
	bool is_list;    /* no map around */
	bool is_whole;   /* a map of a format's parts, and no list */
	const char *key; /* of the list: "interactions", "http_interactions", "entries" */
	long version;    /* 0 when none was seen so far */
};

/* A read in progress: format hooks set faults through it. */
struct reading {
	struct doc *doc;
	struct interaction *i;
	struct fault *f;
	const struct root *root;
};

struct cassette_key {
	const char *path; /* "request.content_length" */
	/* Appends the value as JSON; nothing: the key is left out. NULL: it always is. */
	void (*rule)(const struct interaction *i, struct buf *json);
	bool marked; /* where it is missing the record says null, and it is not written */
};

/* Beside the list of interactions. */
struct cassette_member {
	const char *key;
	const char *json;
	bool behind; /* the list */
};

/* As a format's own tools write it; both are read. */
enum cassette_syntax { SYNTAX_YAML, SYNTAX_JSON };

struct cassette_format {
	const char *name;  /* value of -f, key in records, tests/cassette/NAME */
	const char *about; /* one line */

	/* Does the first interaction have this shape, or the map of parts? Exactly one format says yes. */
	bool (*knows)(const struct root *root, const struct node *first);

	/* Files without a list of interactions: keys of the root map that hold them instead. Their values are read as
	 * one map, before the first interaction. NULL: there are no such files. */
	const char *const *parts;

	/* The tree of interaction number n out of that map, for read; NULL after the last, or with a fault. */
	struct node *(*assemble)(struct reading *r, struct node *parts, uint64_t n);

	/* Tree to interaction; takes off what it understood. */
	int (*read)(struct reading *r, struct node *top);

	/* Interaction to tree, all but the keys below. */
	void (*write)(const struct interaction *i, struct arena *a, struct node *top);

	/* All members that may stand in an interaction, "response.status", in the order in which they are
	 * written; those without a rule that write makes too. Ends with { NULL }. */
	const struct cassette_key *keys;

	/* The file around the interactions. */
	enum cassette_syntax syntax;
	bool marked;      /* YAML that begins with --- */
	long version;     /* as read back from members */
	const char *wrap; /* the root's one member, around the rest; NULL: none */
	const char *list;
	const struct cassette_member *members; /* ends with { NULL } */
};

const struct cassette_format *cassette_format_named(const char *name); /* NULL: none */
bool cassette_format_known(struct span name);

extern const struct cassette_format cassette_go_vcr, cassette_go_vcr_1, cassette_vcrpy, cassette_ruby_vcr, cassette_har;

/* Members that hooks read. Each takes the node off its parent; what is missing or of the wrong
 * kind is a fault with its key path. */
struct node *read_map(struct reading *r, struct node *parent, const char *key); /* left on its parent */
int read_text(struct reading *r, struct node *parent, const char *key, struct span *text);
int read_text_if(struct reading *r, struct node *parent, const char *key,
                 struct span *text); /* may be missing or null */
int read_header(struct reading *r, const struct node *n, struct headers *h, struct span name, struct span value);
int read_status(struct reading *r, struct node *parent, const char *key, int *status);
int read_headers(struct reading *r, struct node *parent, const char *key, struct headers *h);
int read_timing(struct reading *r, struct node *parent, const char *key);    /* timing.h's object */
int read_bytes(struct reading *r, const struct node *n, struct span *bytes); /* a scalar, !!binary or text */

/* JSON text of a node: compact; numbers and words that JSON has, the rest as strings. */
void node_json(struct buf *b, const struct node *n);

/* Members that hooks write; texts are borrowed. */
void write_text(struct arena *a, struct node *parent, const char *key, struct span text);
void write_text_if(struct arena *a, struct node *parent, const char *key, struct span text); /* absent: no key */
void write_text_or_null(struct arena *a, struct node *parent, const char *key, struct span text);
void write_number(struct arena *a, struct node *parent, const char *key, long number);
void write_headers(struct arena *a, struct node *parent, const char *key, const struct headers *h);
void write_timing(struct arena *a, struct node *parent, const char *key, const struct interaction *i);

/* The tree of a JSON text, hung on parent under key (copied). */
struct node *write_json(struct arena *a, struct node *parent, const char *key, struct span json);

/* The node at a dotted path below top, or NULL; *parent is the map that it hangs on or would hang on,
 * NULL when that is missing too; *name, when it is asked for, its key. */
struct node *node_find(struct node *top, const char *path, struct node **parent, const char **name);

/* Collects what is left of the tree into i->extras; the format's name stands there even when nothing
 * is, so that a record says where it came from. */
void extra_collect(struct reading *r, const struct cassette_format *format, struct node *top);

#endif
