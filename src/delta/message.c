/* SPDX-License-Identifier: MIT */
/* message: opening, closing and handing over. See delta_impl.h for who calls what. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "delta/delta_impl.h"
#include "delta/failure.h"

void delta_report(struct delta *d, enum status status, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	d->sink->report(d->sink->ctx, status, text);
}

static void reset(struct delta *d)
{
	delta_calls_reset(d);
	arena_reset(&d->arena);
	tree_reset(&d->tree);
	buf_reset(&d->error);
	buf_reset(&d->saved);
	d->ended = d->complete = d->sentinel = d->waiting = d->detached = d->overflow = false;
	d->replaced = false;
	d->grown = d->broadened = 0;
	d->printed_text = (struct text_hash){ 0 };
	d->printed = NULL;
	d->format = NULL;
	d->native.used = 0;
	d->follow.valid = d->follow.recording = false;
}

void delta_open(struct delta *d, const struct delta_format *f)
{
	reset(d);
	d->format = d->recent = f;
	d->whole = (d->wants & DELTA_WANT_WHOLE) != 0;
	d->printed = f->corrects && !d->whole && d->sink->text ? &d->printed_text : NULL;
	d->tree.root = tree_object(&d->tree);
	if (f->size > d->statesize) {
		d->state = mem_resize(d->state, f->size);
		d->statesize = f->size;
	}
	if (f->size)
		memset(d->state, 0, f->size);
}

void delta_error(struct delta *d, const struct json *j, uint32_t node)
{
	if (json_kind(j, node) > JSON_NULL)
		follow_never(d);
	if (json_kind(j, node) > JSON_NULL && d->error.len == 0)
		json_compact(&d->error, j, node);
}

void delta_blocked(struct delta *d, const struct json *j, uint32_t reason, uint32_t words)
{
	struct buf text = BUF_INIT;

	if (!(d->wants & DELTA_WANT_BLOCKED))
		return;
	if (json_kind(j, reason) == JSON_STRING)
		json_unescape(&text, json_string(j, reason));
	else
		buf_addspan(&text, json_text(j, reason));
	if (json_filled(j, words)) {
		buf_adds(&text, ": ");
		json_unescape(&text, json_string(j, words));
	}
	delta_report(d, ST_OK, "prompt blocked: %s", buf_str(&text));
	buf_release(&text);
}

static void say_error(struct delta *d)
{
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	json_parse(&j, d->error.p, d->error.len);
	failure_say(&text, &j, JSON_ROOT);
	delta_report(d, ST_NO, "provider's error: %s", text.len ? text.p : "it does not say which");
	buf_release(&text);
	json_release(&j);
}

static void streamed_arguments(struct delta *d, struct delta_message *m)
{
	size_t n = 0, i = 0;

	if (!d->detached)
		return;
	for (const struct delta_call *c = d->calls; c; c = c->next)
		n += !c->hidden;
	if (n > d->nstreamed) {
		d->streamed = mem_resize(d->streamed, n * sizeof *d->streamed);
		d->nstreamed = n;
	}
	for (const struct delta_call *c = d->calls; c; c = c->next)
		if (!c->hidden) {
			struct span s = c->arguments ? tree_string(c->arguments) : SPAN_NONE;

			d->streamed[i++] = s.n ? s : SPAN_NONE;
		}
	m->streamed = d->streamed;
	m->nstreamed = n;
}

const struct json *delta_message_json(const struct delta_message *m)
{
	if (m->json->used == 0)
		json_parse(m->json, m->native.p, m->native.n);
	return m->json;
}

/* Hands over what stands in d->text, then reports what is wrong with it. `whole`: it was not streamed. */
static void hand_over(struct delta *d, struct delta_message *m, bool whole, const char *cut)
{
	m->format = d->format;
	m->native = buf_span(&d->text);
	m->json = &d->native;
	m->error = d->error.len ? buf_span(&d->error) : SPAN_NONE;
	m->source = d->source.len ? buf_span(&d->source) : SPAN_NONE;
	d->messages++;
	if (d->sink->message)
		d->sink->message(d->sink->ctx, m);
	if (m->error.p)
		say_error(d);
	if (m->cut)
		delta_report(d, ST_INPUT, "%s", cut);
	arguments_report(d, m, whole);
	reset(d);
}

void delta_close(struct delta *d, const char *cut)
{
	struct delta_message m = { .complete = DELTA_NO };
	struct tree_node *error;

	if (!d->format)
		return;
	if (d->format->finish)
		d->format->finish(d);
	m.bare = d->tree.root->first == NULL && d->saved.len > 0;
	if (d->complete || d->error.len)
		m.complete = DELTA_YES;
	m.cut = m.complete == DELTA_NO;
	if (d->complete && !d->error.len) /* an error leaves open what a cut would */
		for (struct delta_call *c = d->calls; c; c = c->next)
			delta_call_done(d, c);
	for (struct delta_call *c = d->error.len ? d->calls : NULL; c; c = c->next)
		m.open = m.open || !c->done;
	if (d->error.len && !m.bare) {
		error = tree_key(&d->tree, d->tree.root, "error");
		if (tree_is_null(error))
			tree_set_text(error, buf_span(&d->error));
	}
	buf_reset(&d->text);
	if (m.bare)
		buf_addspan(&d->text, buf_span(&d->saved));
	else
		tree_write(&d->text, d->tree.root);
	streamed_arguments(d, &m);
	hand_over(d, &m, false, cut);
}

void delta_bare_error(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at, uint32_t error)
{
	delta_close(d, DELTA_OVERTAKEN);
	delta_open(d, f);
	json_compact(&d->saved, j, at);
	delta_error(d, j, error);
	delta_close(d, "");
}

/* What happens while a message streams, said at once for one that came whole. */
static void tell_whole(struct delta *d, const struct delta_message *m)
{
	struct normal n = { 0 };
	size_t number = 0;

	for (size_t nth = 0; delta_normal(m, nth, &n); nth++) {
		unsigned choice = (unsigned)n.index;

		delta_reasoning(d, choice, NULL, buf_span(&n.reasoning));
		delta_text(d, choice, NULL, buf_span(&n.text));
		delta_refusal(d, choice, NULL, buf_span(&n.refusal));
		for (size_t i = 0; d->sink->call && i < n.ncalls; i++) {
			struct normal_call *c = &n.calls[i];
			struct delta_call_view view = { .number = number,
				                        .choice = choice,
				                        .text = c->text,
				                        .id = c->id,
				                        .name = buf_span(&c->name),
				                        .arguments = buf_span(&c->arguments),
				                        .piece = buf_span(&c->arguments),
				                        .source = d->source.len ? buf_span(&d->source) : SPAN_NONE };

			for (int e = DELTA_CALL_OPEN; e <= DELTA_CALL_DONE; e++)
				d->sink->call(d->sink->ctx, (enum delta_call_event)e, &view);
			number++;
		}
	}
	normal_release(&n);
}

static bool says_an_end(struct span finish_reason)
{
	return finish_reason.p && !span_is(finish_reason, "null") && !span_is(finish_reason, "\"in_progress\"") &&
	       !span_is(finish_reason, "\"queued\"");
}

void delta_whole(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	struct delta_message m = { .format = f, .complete = DELTA_UNKNOWN };
	enum delta_tri complete = DELTA_YES;
	struct normal n = { 0 };

	delta_open(d, f);
	buf_reset(&d->text);
	json_compact(&d->text, j, at);
	delta_error(d, j, json_get(j, at, "error"));
	m.native = buf_span(&d->text);
	m.json = &d->native;
	for (size_t nth = 0; !d->error.len && delta_normal(&m, nth, &n); nth++) {
		delta_error(d, m.json, n.error);
		if (!says_an_end(n.finish_reason) && !n.finish)
			complete = DELTA_UNKNOWN;
	}
	m.complete = complete;
	m.error = d->error.len ? buf_span(&d->error) : SPAN_NONE;
	normal_release(&n);
	tell_whole(d, &m);
	hand_over(d, &m, true, NULL);
}

bool delta_message_put(const struct delta_message *m, struct buf *b)
{
	size_t before = b->len;

	if (!m->cut && !m->bare && !m->open)
		m->format->message(delta_message_json(m), b);
	return b->len > before;
}
