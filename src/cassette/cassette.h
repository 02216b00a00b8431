/* SPDX-License-Identifier: MIT */
/*
 * cassette: recorded HTTP interactions in files of every make.
 *
 *	struct in in;                              base/in.h
 *	struct cassette *c = cassette_new(&in, max, &f);
 *	struct interaction i;
 *	interaction_init(&i);
 *	while ((r = cassette_next(c, &i, &f)) > 0)
 *		use(&i);
 *	if (r < 0)
 *		err_fault(cassette_place(c), &f);
 *
 * One interaction is held at a time. Its texts are spans into memory of the cassette, until the
 * next cassette_next; what is made besides lives in its own arena, until interaction_reset. A
 * program that builds an interaction itself puts there what must stay, or spans of its own.
 */
#ifndef CASSETTE_CASSETTE_H
#define CASSETTE_CASSETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/in.h"
#include "base/span.h"

struct header {
	struct span name; /* as spelled */
	struct span *values;
	size_t n;
};

struct headers {
	struct header *list; /* in the order of the file; a name stands once */
	size_t n;
};

struct request {
	struct span method, url;
	struct span proto; /* "HTTP/1.1"; absent when unknown */
	struct headers headers;
	struct span body; /* as stored; absent is null */
};

struct arrival {
	int64_t at;   /* nanoseconds since the request was sent */
	size_t bytes; /* of the stored body */
};

enum ending { END_WHOLE, END_CUT, END_RESET };

struct response {
	int status;
	struct span reason; /* absent when unknown */
	struct span proto;
	struct headers headers;
	struct span body;
	struct arrival *arrivals; /* their bytes sum up to the body's; none when unknown */
	size_t narrivals;
	enum ending end;
};

/* What only one format knows, as JSON text: {"form":{"alt":["sse"]}}. */
struct extra {
	struct span format;
	struct span json;
};

struct interaction {
	uint64_t id; /* place in its file, from 0 */
	struct request request;
	struct response response;
	int64_t duration;    /* nanoseconds to the response's headers; -1: unknown */
	struct span started; /* RFC 3339, as spelled; absent when unknown */
	struct extra *extras;
	size_t nextras;

	const char *note; /* what is odd about it, in words; NULL: nothing */
	struct arena arena;
};

void interaction_init(struct interaction *i);
void interaction_reset(struct interaction *i);
void interaction_release(struct interaction *i);

enum { HEADERS_MAX = 10000 };

/* Adds a value; both spans are borrowed. A name that is there already gets another value; an absent
 * value makes a name without one. False: that would be more than HEADERS_MAX names. */
bool headers_add(struct headers *h, struct arena *a, struct span name, struct span value);

/* The first value of a name, whatever its case; absent when there is none. */
struct span headers_get(const struct headers *h, const char *name);

/* A copy that needs nobody else's memory; to is reset first. */
void interaction_copy(struct interaction *to, const struct interaction *from);

void interaction_extra(struct interaction *i, struct span format, struct span json);
struct span interaction_extra_get(const struct interaction *i, const char *format);

struct cassette;

/* in stays the caller's. max == 0: no ceiling. */
struct cassette *cassette_new(struct in *in, size_t max, struct fault *f);
void cassette_free(struct cassette *c);

/* 1: there is one in i; 0: no more; -1: a fault, and the ones before it were whole. */
int cassette_next(struct cassette *c, struct interaction *i, struct fault *f);

const char *cassette_format(const struct cassette *c); /* its name; NULL before the first interaction */
bool cassette_is_json(const struct cassette *c);

/* Why nothing can be added to the file: "compressed". NULL: it can. After the last interaction. */
const char *cassette_fixed(const struct cassette *c);
const char *cassette_place(struct cassette *c); /* "file:line" of the last fault; until the next call */

/* Where things stand in the file, for who changes it without writing it anew. Lines count from 1; the
 * other places are offsets in a JSON text. */
struct cassette_layout {
	bool block;      /* a YAML list in block style */
	uint32_t column; /* of its dashes */
	uint32_t line;   /* of the interaction that was read last */
	uint32_t end;    /* the first line behind the list, once it was read */

	uint64_t opened;   /* behind the list's bracket */
	uint64_t from, to; /* of the interaction that was read last */
};
struct cassette_layout cassette_layout(const struct cassette *c);

/* NULL-terminated: what cassette-pack -f takes. */
const char *const *cassette_formats(void);

/* The one of them that the interaction came from; "go-vcr" if it does not say. */
const char *cassette_format_of(const struct interaction *i);

#endif
