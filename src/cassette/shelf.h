/* SPDX-License-Identifier: MIT */
/*
 * shelf: all interactions of some cassettes in memory, to be handed out again and again.
 *
 *	shelf_load(&s, "a.yaml", max, &place, &fault);
 *	match_init(&m, &rules, &redact); match_want(&m, &request);
 *	item = shelf_find(&s, &m, false);
 *
 * They are handed out in their order, files one behind the other, each once.
 */
#ifndef CASSETTE_SHELF_H
#define CASSETTE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cassette/cassette.h"
#include "cassette/match.h"

struct shelf_item {
	struct interaction interaction;
	const char *file;  /* borrowed */
	unsigned served;   /* how often; the caller counts */
	bool fresh;        /* shelf_add put it there */
	uint64_t accidents; /* a bit for each that struck it already (net/accident.h) */
};

struct shelf {
	struct shelf_item **items;
	size_t n;
};

/* Adds a file's interactions; path is borrowed. -1 with a fault and its place, appended. Those before it
 * were added. */
int shelf_load(struct shelf *s, const char *path, size_t max, struct buf *place, struct fault *f);

/* Adds a copy. */
struct shelf_item *shelf_add(struct shelf *s, const struct interaction *i, const char *file);

/* The first that matches and was not served, an exact match before others (match.h). repeat: or else the one that
 * was served least. One that only matches redacted never answers in place of an exact match that was served
 * already. NULL: none; then *spent is one that matches and was served, or NULL, and m knows the nearest. */
struct shelf_item *shelf_find(const struct shelf *s, struct match *m, bool repeat, struct shelf_item **spent);

bool shelf_has_fresh(const struct shelf *s, struct match *m); /* one that matches and was added */
size_t shelf_unserved(const struct shelf *s);
void shelf_release(struct shelf *s);

#endif
