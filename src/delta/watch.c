/* SPDX-License-Identifier: MIT */
/* watch: what arrives, as a person likes to see it on a terminal. See watch.h. */
#include "delta/watch.h"

#include <stdlib.h>

#include "base/controls.h"
#include "base/mem.h"
#include "delta/normal.h"
#include "json/write.h"

enum kind { NOTHING, TEXT, REASONING, CALL };

struct watch {
	struct buf	*to;
	bool		 colour;
	enum kind	 kind; /* of the line that is growing */
	unsigned	 choice;
	size_t		 call;
	bool		 open; /* the line has something on it */
	struct json_tail tail;
	struct buf	 plain;
	struct normal	 normal;
};

struct watch *watch_new(struct buf *to, bool colour)
{
	struct watch *w = mem_zero(sizeof *w);

	w->to = to;
	w->colour = colour;
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	buf_release(&w->plain);
	normal_release(&w->normal);
	free(w);
}

static void paint(struct watch *w, const char *code)
{
	if (w->colour)
		buf_addf(w->to, "\033[%sm", code);
}

void watch_break(struct watch *w)
{
	if (w->open)
		buf_addc(w->to, '\n');
	w->open = false;
	w->kind = NOTHING;
}

/* Begins a line of another kind, choice or call, unless it is the one that is growing. */
static void turn(struct watch *w, enum kind kind, unsigned choice, size_t call)
{
	if (w->kind == kind && w->choice == choice && (kind != CALL || w->call == call))
		return;
	watch_break(w);
	w->tail.n = 0;
	w->kind = kind;
	w->choice = choice;
	w->call = call;
	if (choice)
		buf_addf(w->to, "[%u] ", choice);
}

/* Adds plain UTF-8 without its control characters. */
static void add_clean(struct watch *w, struct span s, bool lines)
{
	size_t start = w->to->len;

	if (s.n == 0)
		return;
	buf_addspan(w->to, s);
	controls_blank(w->to->p + start, s.n, lines ? "\n\t" : "");
	w->open = s.p[s.n - 1] != '\n' || !lines;
}

static void add_piece(struct watch *w, struct span escaped, bool lines)
{
	buf_reset(&w->plain);
	json_unescape_piece(&w->plain, &w->tail, escaped);
	add_clean(w, buf_span(&w->plain), lines);
}

void watch_text(struct watch *w, unsigned choice, struct span piece)
{
	turn(w, TEXT, choice, 0);
	add_piece(w, piece, true);
}

void watch_reasoning(struct watch *w, unsigned choice, struct span piece)
{
	turn(w, REASONING, choice, 0);
	paint(w, "2");
	add_piece(w, piece, true);
	paint(w, "0");
}

void watch_call(struct watch *w, enum delta_call_event event, const struct delta_call_view *call)
{
	bool same = w->kind == CALL && w->call == call->number;

	if (event == DELTA_CALL_OPEN) /* its name may go on */
		return;
	if (event == DELTA_CALL_DONE) {
		if (same)
			watch_break(w);
		return;
	}
	if (!same) {
		turn(w, CALL, call->choice, call->number);
		paint(w, "1");
		add_piece(w, call->name.n ? call->name : SPAN("?"), false);
		paint(w, "0");
		buf_addc(w->to, ' ');
		w->open = true;
	}
	add_piece(w, call->piece, false);
}

static void add_usage(struct watch *w, const char *before, enum normal_usage u, const char *after)
{
	struct span s = w->normal.usage[u];

	if (!s.p)
		return;
	buf_adds(w->to, before);
	buf_addspan(w->to, s);
	buf_adds(w->to, after);
}

/* A part of the number before it, not worth a word when it is nothing. */
static void add_part(struct watch *w, enum normal_usage u, const char *after)
{
	if (!span_is(w->normal.usage[u], "0"))
		add_usage(w, " (", u, after);
}

static void closing(struct watch *w, const struct delta_message *m)
{
	struct span reason = w->normal.finish_reason;

	watch_break(w);
	paint(w, "2");
	buf_adds(w->to, "-- ");
	if (w->normal.index)
		buf_addf(w->to, "[%ld] ", w->normal.index);
	if (m->cut)
		buf_adds(w->to, "cut");
	else if (w->normal.finish)
		buf_adds(w->to, w->normal.finish);
	else
		add_clean(w, reason.p ? reason : SPAN("end"), false);
	add_usage(w, ", ", USAGE_INPUT, " in");
	add_part(w, USAGE_CACHED, " cached)");
	add_usage(w, ", ", USAGE_OUTPUT, " out");
	add_part(w, USAGE_REASONING, " reasoning)");
	add_usage(w, ", cost ", USAGE_COST, "");
	paint(w, "0");
	buf_addc(w->to, '\n');
	w->open = false;
}

void watch_message(struct watch *w, const struct delta_message *m)
{
	for (size_t nth = 0; delta_normal(m, nth, &w->normal); nth++)
		closing(w, m);
}
