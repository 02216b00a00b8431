/* SPDX-License-Identifier: MIT */
/*
 * source: a cassette's text as events, whether it is YAML or JSON.
 *
 * The first bytes decide: after `{` or `[` the text is read whole and taken for JSON (libyaml refuses
 * surrogate pairs, which are legal there), unless its keys are not quoted: that is YAML's flow style.
 * A file that is compressed as a whole (gzip, zlib, or the base64 of gzip) is read whole and unpacked first.
 * Events are those of yaml/yaml.h; a JSON string is double-quoted, and the other JSON scalars are
 * `word`.
 */
#ifndef CASSETTE_SOURCE_H
#define CASSETTE_SOURCE_H

#include "base/in.h"
#include "cassette/input_kind.h"
#include "yaml/yaml.h"

struct source;

/* in stays the caller's. NULL with a fault when it cannot be read or passes the ceiling; an empty
 * input is a source without events. */
struct source *source_new(struct in *in, size_t max, struct fault *f);
void source_free(struct source *s);

int source_next(struct source *s, struct ev *e, struct fault *f); /* as yaml_next */
bool source_is_json(const struct source *s);
bool source_is_packed(const struct source *s);

/* Of a JSON text that turned out to be no cassette: what it is. */
enum input_kind source_kind(const struct source *s);

uint64_t source_offset(const struct source *s); /* in the file, behind the last event of a JSON text */
void source_forget(struct source *s);
void source_unit(struct source *s);

#endif
