/* SPDX-License-Identifier: MIT */
/*
 * What a merger reports, as text: every callback of delta.h is a line. For the tests that compare two
 * ways to merge the same lines.
 */
#ifndef TESTS_HEARD_H
#define TESTS_HEARD_H

#include "test.h"

#include <glob.h>

#include "delta/delta_impl.h"

struct heard {
	struct buf said;
	unsigned long line; /* of the reports; 0: they have none */
	struct buf *faults; /* where reports go instead of `said`, or NULL */
};

static inline void heard_say_piece(struct heard *h, const char *what, size_t which, struct span piece)
{
	buf_addf(&h->said, "%s %zu %d ", what, which, piece.p != NULL);
	buf_addspan(&h->said, piece);
	buf_addc(&h->said, '\n');
}

static inline void heard_text(void *ctx, unsigned choice, struct span piece)
{
	heard_say_piece(ctx, "text", choice, piece);
}

static inline void heard_reasoning(void *ctx, unsigned choice, struct span piece)
{
	heard_say_piece(ctx, "reasoning", choice, piece);
}

static inline void heard_refusal(void *ctx, unsigned choice, struct span piece)
{
	heard_say_piece(ctx, "refusal", choice, piece);
}

static inline void heard_call(void *ctx, enum delta_call_event event, const struct delta_call_view *c)
{
	heard_say_piece(ctx, "call", c->number * 3 + event, c->piece);
	heard_say_piece(ctx, "id", c->choice, c->id);
	heard_say_piece(ctx, "name", 0, c->name);
	heard_say_piece(ctx, "arguments", 0, c->arguments);
}

static inline void heard_message(void *ctx, const struct delta_message *m)
{
	struct heard *h = ctx;
	struct normal n = { 0 };

	heard_say_piece(h, m->format->name, (size_t)m->complete * 4 + m->cut * 2 + m->bare, m->native);
	heard_say_piece(h, "error", 0, m->error);
	for (size_t i = 0; i < m->nstreamed; i++)
		heard_say_piece(h, "streamed", i, m->streamed[i]);
	delta_normal_lines(m, &n, &h->said);
	normal_release(&n);
}

static inline void heard_report(void *ctx, enum status status, const char *fault)
{
	struct heard *h = ctx;

	if (h->faults)
		buf_addf(h->faults, "%d %s\n", (int)status, fault);
	else
		buf_addf(&h->said, "line %lu: %d %s\n", h->line, (int)status, fault);
}

/* The sink that fills h. */
static inline struct delta_sink heard_sink(struct heard *h, unsigned wants)
{
	return (struct delta_sink){ .ctx = h,
		                    .text = heard_text,
		                    .reasoning = heard_reasoning,
		                    .refusal = heard_refusal,
		                    .call = wants & DELTA_WANT_CALLS ? heard_call : NULL,
		                    .message = heard_message,
		                    .report = heard_report };
}

/* Merges the lines, one by one. The last one ends with a line feed. */
static inline void merge_lines(struct delta *d, struct span lines)
{
	while (lines.n) {
		const char *lf = memchr(lines.p, '\n', lines.n);

		delta_line(d, (struct span){ lines.p, (size_t)(lf - lines.p) }, false);
		lines.n -= (size_t)(lf + 1 - lines.p);
		lines.p = lf + 1;
	}
	delta_end(d);
}

/* Appends the file, whose last line gets a line feed if it lacks one. */
static inline void read_lines(const char *path, struct buf *to)
{
	char room[4096];
	FILE *in = fopen(path, "rb");
	size_t n;

	assert_non_null(in);
	while ((n = fread(room, 1, sizeof room, in)) > 0)
		buf_add(to, room, n);
	fclose(in);
	if (to->len && to->p[to->len - 1] != '\n')
		buf_addc(to, '\n');
}

/* The golden inputs of a format, or of all for "*". */
static inline void golden_inputs(const char *format, glob_t *found)
{
	struct buf pattern = BUF_INIT;

	buf_addf(&pattern, "%s/tests/delta/%s/*.in", getenv("TOP_SRC") ? getenv("TOP_SRC") : "..", format);
	assert_int_equal(glob(pattern.p, 0, NULL, found), 0);
	buf_release(&pattern);
}

#endif
