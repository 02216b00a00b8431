/* SPDX-License-Identifier: MIT */
/*
 * writer: interactions into a cassette of any make.
 *
 *	struct cassette_writer *w = cassette_writer_new("go-vcr", false, sink, context);
 *	cassette_write(w, &i, &f) ...
 *	cassette_writer_end(w);
 *	writer_losses(w, &b)           what the format had no place for
 *	writer_digest(w)               must be that of the written file, read again
 *
 * Each interaction is read back from the tree that was written, and compared: what does not come
 * back was lost, whatever the format.
 */
#ifndef CASSETTE_WRITER_H
#define CASSETTE_WRITER_H

#include "cassette/cassette.h"

typedef void cassette_sink(void *context, const void *p, size_t n);

/* json: in JSON's syntax also where the format is YAML as a rule (HAR is always JSON). NULL: there is
 * no such format. */
struct cassette_writer *cassette_writer_new(const char *format, bool json, cassette_sink *sink, void *context);
void cassette_writer_free(struct cassette_writer *w);

/* Writes i as the next interaction; its id becomes its place. -1 with a fault (and nothing is
 * written) when the format cannot hold it at all. */
int cassette_write(struct cassette_writer *w, struct interaction *i, struct fault *f);
void cassette_writer_end(struct cassette_writer *w);

/* Appends "duration, request protocol (2 interactions)"; nothing when nothing was lost. */
void cassette_writer_losses(const struct cassette_writer *w, struct buf *b);

/* Appends i as it stands in a list, at that place of its file: in YAML unindented, "- id: 3\n  request:…",
 * in JSON on a line. back becomes what a reader will see in it. */
int cassette_write_item(const char *format, bool json, uint64_t place, struct interaction *i, struct interaction *back,
                        struct buf *text, struct fault *f);

/* A digest of everything that the records of these interactions say, in their order. */
struct digest {
	uint64_t hash;
	uint64_t count;
};
void digest_add(struct digest *d, const struct interaction *i, struct buf *scratch);
struct digest cassette_writer_digest(const struct cassette_writer *w);

#endif
