/* SPDX-License-Identifier: MIT */
/* view: the lines of one mode. See view.h. */
#include "delta/view.h"

#include "base/controls.h"

static void print(struct view *v, struct span piece)
{
	size_t start = v->lines.len;

	json_unescape_piece(&v->lines, &v->tail, piece);
	if (v->blank)
		controls_blank(v->lines.p + start, v->lines.len - start, "\n\t");
	v->text = true;
	if (v->lines.len)
		v->ended = v->lines.p[v->lines.len - 1] == '\n';
}

static void text(void *ctx, unsigned choice, struct span piece)
{
	struct view *v = ctx;

	if (v->watch)
		watch_text(v->watch, choice, piece);
	if (v->mode == VIEW_TEXT && choice == 0)
		print(v, piece);
}

static void refusal(void *ctx, unsigned choice, struct span piece)
{
	struct view *v = ctx;

	if (v->watch)
		watch_text(v->watch, choice, piece);
	if (v->mode == VIEW_TEXT && choice == 0)
		buf_addspan(&v->refusal, piece);
}

static void reasoning(void *ctx, unsigned choice, struct span piece)
{
	struct view *v = ctx;

	if (v->watch)
		watch_reasoning(v->watch, choice, piece);
}

static void call(void *ctx, enum delta_call_event event, const struct delta_call_view *c)
{
	struct view *v = ctx;

	if (v->watch)
		watch_call(v->watch, event, c);
	if (v->mode == VIEW_CALLS && event == DELTA_CALL_DONE)
		delta_call_put(c, &v->lines);
}

/* A line feed after a text that lacks one. Half a character at the end of a text that was cut is
 * part of what was cut off. */
static void end_text(struct view *v, bool cut)
{
	bool lone;

	if (v->refusal.len)
		print(v, buf_span(&v->refusal));
	buf_reset(&v->refusal);
	lone = v->tail.n > 0 && !cut;
	if (cut)
		v->tail.n = 0;
	json_unescape_end(&v->lines, &v->tail);
	if (v->text && (lone || !v->ended))
		buf_addc(&v->lines, '\n');
	v->text = v->ended = false;
}

static void message(void *ctx, const struct delta_message *m)
{
	struct view *v = ctx;

	if (v->watch)
		watch_message(v->watch, m);
	if (v->mode == VIEW_NORMALIZE) {
		delta_normal_lines(m, &v->normal, &v->lines);
	} else if (v->mode == VIEW_TEXT) {
		end_text(v, m->cut);
	} else if (v->mode == VIEW_NATIVE) {
		buf_addspan(&v->lines, m->native);
		buf_addc(&v->lines, '\n');
	} else if (v->mode == VIEW_MESSAGE && delta_message_put(m, &v->lines)) {
		buf_addc(&v->lines, '\n');
	}
}

struct delta_sink view_sink(struct view *v)
{
	struct delta_sink sink = { .ctx = v, .message = message };

	if (v->watch || v->mode == VIEW_TEXT) {
		sink.text = text;
		sink.refusal = refusal;
	}
	if (v->watch)
		sink.reasoning = reasoning;
	if (v->watch || v->mode == VIEW_CALLS)
		sink.call = call;
	return sink;
}

unsigned view_wants(const struct view *v)
{
	if (v->watch)
		return DELTA_WANT_WHOLE | DELTA_WANT_CALLS | DELTA_WANT_CHECKS |
		       (v->mode == VIEW_TEXT || v->mode == VIEW_MESSAGE ? DELTA_WANT_BLOCKED : 0);
	if (v->mode == VIEW_TEXT)
		return DELTA_WANT_BLOCKED;
	return DELTA_WANT_CHECKS | (v->mode == VIEW_CALLS ? DELTA_WANT_CALLS : DELTA_WANT_WHOLE) |
	       (v->mode == VIEW_MESSAGE ? DELTA_WANT_BLOCKED : 0);
}

void view_release(struct view *v)
{
	buf_release(&v->lines);
	buf_release(&v->refusal);
	normal_release(&v->normal);
}
