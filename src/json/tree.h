/* SPDX-License-Identifier: MIT */
/*
 * tree: a JSON value under construction, made of the bytes of others.
 *
 * A merged message is a tree whose leaves are spans copied from chunks as they were spelled, and
 * strings that grow in escaped form, so nothing is decoded and encoded again. What need not be
 * looked into stays text (TREE_RAW), however large it is; tree_open turns such a text into nodes
 * where a rule must reach inside.
 *
 * Nodes belong to their tree and live until tree_reset, which keeps their memory for the next
 * message. Keys and words are compared by what they stand for, however they are spelled.
 */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include "base/buf.h"
#include "json/json.h"
#include "json/members.h"

enum tree_kind {
	TREE_RAW,    /* text: any JSON value, compact; "null" when new */
	TREE_STRING, /* text: the inside of a string that grows */
	TREE_LIST,   /* text: elements of an array joined by commas, never looked into again */
	TREE_ARRAY,  /* children */
	TREE_OBJECT, /* children with keys */
};

struct tree_node {
	enum tree_kind	  kind;
	bool		  escaped; /* of an object: a key has a backslash in it */
	uint32_t	  added;   /* of an object: how many members it got; it may have lost some */
	struct buf	  text;
	struct buf	  key; /* escaped form, without quotes */
	struct tree_node *first, *last, *next;
	struct tree_node *hint;	   /* of an object: the member that is likely asked for next */
	struct members	 *members; /* of an object with many members; else NULL */
	struct places	 *places;  /* of an array with many elements: the first of them by number; else NULL */
	struct tree_node *pooled; /* all nodes of the tree, used or not */
};

struct tree {
	struct tree_node *root; /* NULL until somebody sets it */
	struct tree_node *all, *unused;
	size_t		  made; /* how many nodes were ever asked for, */
	size_t		  put;  /* and how many of them by a key that was new */
	struct json	  scratch;
};

#define TREE_INIT { 0 }

void tree_reset(struct tree *t); /* no root, no nodes */
void tree_release(struct tree *t);

struct tree_node *tree_new(struct tree *t); /* a detached null */
struct tree_node *tree_object(struct tree *t);
struct tree_node *tree_array(struct tree *t);

/* Members and elements. The parent must be open: an OBJECT or ARRAY, or a null that becomes one. */
struct tree_node *tree_find(struct tree_node *object, struct span key);		     /* key has no escapes; NULL: none */
struct tree_node *tree_put(struct tree *t, struct tree_node *object, struct span key); /* found, or a new null at the end */
struct tree_node *tree_add(struct tree *t, struct tree_node *array);		     /* a new null at the end */
struct tree_node *tree_at(struct tree_node *array, size_t i);			     /* NULL: none */
struct tree_node *tree_reach(struct tree *t, struct tree_node *array, size_t i);     /* filled up with nulls */
size_t tree_count(struct tree_node *parent);
void tree_attach(struct tree_node *array, struct tree_node *child);		     /* a detached node, at the end */
void tree_order(struct tree_node *array, struct tree_node *const *elements, size_t n); /* these, and no others */
void tree_compact(struct tree_node *array); /* drops elements that are null; NULL and other kinds are fine */
void tree_remove(struct tree_node *parent, struct tree_node *child);
void tree_first(struct tree_node *object, struct tree_node *member);		     /* moves a member to the front */
/* The members of the JSON object `like` come first and in its order, as nulls where they are new;
 * what n has besides stays behind them. A null becomes an object. */
void tree_arrange(struct tree *t, struct tree_node *n, const struct json *j, uint32_t like);

/* The same, by a C string. */
static inline struct tree_node *tree_get(struct tree_node *object, const char *key)
{
	return tree_find(object, span_of(key));
}

static inline struct tree_node *tree_key(struct tree *t, struct tree_node *object, const char *key)
{
	return tree_put(t, object, span_of(key));
}

/* Values. */
void tree_set(struct tree_node *n, const struct json *j, uint32_t node); /* RAW, compact */
void tree_set_text(struct tree_node *n, struct span json_text);		 /* RAW; compact already */
void tree_set_string(struct tree_node *n, struct span escaped);		 /* STRING */
void tree_append(struct tree_node *n, struct span escaped);		 /* STRING; a raw string goes on growing */
void tree_list_add(struct tree_node *n, const struct json *j, uint32_t node); /* LIST; a raw array goes on */
bool tree_is_null(const struct tree_node *n);				 /* also true of NULL */
bool tree_is(const struct tree_node *n, const char *text);		 /* a string; text needs no escapes */
struct span tree_string(const struct tree_node *n);			 /* the inside of a string; absent: no string */
struct span tree_raw(const struct tree_node *n);			 /* text of a RAW, absent otherwise */

/* A RAW object or array becomes nodes, one level deep; others stay. Returns n. */
struct tree_node *tree_open(struct tree *t, struct tree_node *n);
/* A null becomes an object without members; others stay. */
void tree_become_object(struct tree_node *n);

/* Appends the JSON text of n. */
void tree_write(struct buf *b, const struct tree_node *n);

#endif
