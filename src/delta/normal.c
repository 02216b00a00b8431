/* SPDX-License-Identifier: MIT */
/* normal: the same view of every provider's finished message. See normal.h. */
#include "delta/normal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "delta/delta_impl.h"
#include "json/write.h"

static void empty(struct normal *n)
{
	struct normal was = *n;

	*n = (struct normal){ .text = was.text, .reasoning = was.reasoning, .refusal = was.refusal,
			      .scratch = was.scratch, .calls = was.calls, .room = was.room,
			      .signatures = was.signatures, .signature_room = was.signature_room,
			      .choice = was.choice, .nth = was.nth };
	buf_reset(&n->text);
	buf_reset(&n->reasoning);
	buf_reset(&n->refusal);
	buf_reset(&n->scratch);
}

void normal_release(struct normal *n)
{
	for (size_t i = 0; i < n->room; i++) {
		buf_release(&n->calls[i].name);
		buf_release(&n->calls[i].arguments);
	}
	free(n->calls);
	free(n->signatures);
	buf_release(&n->text);
	buf_release(&n->reasoning);
	buf_release(&n->refusal);
	buf_release(&n->scratch);
	*n = (struct normal){ 0 };
}

struct normal_call *normal_call(struct normal *n)
{
	struct normal_call *c;

	if (n->ncalls == n->room) {
		size_t room = mem_grow(n->room, n->room + 1);

		n->calls = mem_resize(n->calls, room * sizeof *n->calls);
		memset(n->calls + n->room, 0, (room - n->room) * sizeof *n->calls);
		n->room = room;
	}
	c = &n->calls[n->ncalls++];
	c->id = SPAN_NONE;
	c->text = false;
	buf_reset(&c->name);
	buf_reset(&c->arguments);
	return c;
}

void normal_calls(struct normal *n, const struct json *j, uint32_t list)
{
	for (uint32_t e = json_kind(j, list) == JSON_ARRAY ? json_first(j, list) : 0; e; e = json_next(j, list, e)) {
		struct normal_call *c = normal_call(n);
		uint32_t f = json_get(j, e, "function");

		c->id = json_text(j, json_get(j, e, "id"));
		normal_text(&c->name, j, json_get(j, f, "name"));
		normal_arguments(&c->arguments, j, json_get(j, f, "arguments"));
	}
}

uint32_t normal_choice(struct normal *n, const struct json *j, uint32_t array, size_t nth)
{
	n->choice = nth > 0 && n->choice && n->nth + 1 == nth ? json_next(j, array, n->choice) : json_at(j, array, nth);
	n->nth = nth;
	return n->choice;
}

void normal_text(struct buf *to, const struct json *j, uint32_t string)
{
	buf_addspan(to, json_string(j, string));
}

static void add_signature(struct normal *n, struct normal_signature s)
{
	if (n->nsignatures == n->signature_room) {
		n->signature_room = mem_grow(n->signature_room, n->signature_room + 1);
		n->signatures = mem_resize(n->signatures, n->signature_room * sizeof *n->signatures);
	}
	n->signatures[n->nsignatures++] = s;
}

void normal_signature(struct normal *n, const struct json *j, long call, uint32_t signature)
{
	if (json_filled(j, signature))
		add_signature(n, (struct normal_signature){ call, json_string(j, signature), SPAN_NONE });
}

void normal_redacted(struct normal *n, const struct json *j, uint32_t data)
{
	if (json_filled(j, data))
		add_signature(n, (struct normal_signature){ NORMAL_REASONING, SPAN_NONE, json_string(j, data) });
}

void normal_usage(struct normal *n, enum normal_usage u, const struct json *j, uint32_t number)
{
	if (json_kind(j, number) == JSON_NUMBER)
		n->usage[u] = json_text(j, number);
}

void normal_usage_path(struct normal *n, enum normal_usage u, const struct json *j, uint32_t object, const char *path)
{
	normal_usage(n, u, j, json_path(j, object, path));
}

void normal_arguments(struct buf *to, const struct json *j, uint32_t value)
{
	struct buf compact = BUF_INIT;

	if (json_kind(j, value) == JSON_STRING) {
		normal_text(to, j, value);
	} else if (json_kind(j, value) > JSON_NULL) {
		json_compact(&compact, j, value);
		json_escape(to, buf_span(&compact));
		buf_release(&compact);
	}
}

static const struct {
	const char *word;
	const char *reasons; /* separated by spaces */
} finishes[] = {
	{ "stop", " stop end_turn stop_sequence STOP completed COMPLETE STOP_SEQUENCE eos_token eos FINISH "
		  "word normal " },
	{ "length", " length max_tokens MAX_TOKENS max_output_tokens incomplete model_context_window_exceeded LENGTH "
		    "model_length ERROR_LIMIT limit token_limit time_limit " },
	{ "tool_calls", " tool_calls function_call tool_use TOOL_CALL requires_action " },
	{ "content_filter", " content_filter refusal SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII LANGUAGE "
			    "IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION guardrail_intervened "
			    "content_filtered CONTENT_FILTERED MODEL_ARMOR JAILBREAK sensitive ERROR_TOXIC " },
	{ "pause", " pause_turn compaction " },
	{ "error", " error failed ERROR TIMEOUT MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS "
		   "MISSING_THOUGHT_SIGNATURE MALFORMED_RESPONSE malformed_model_output "
		   "malformed_tool_use cancelled network_error insufficient_system_resource abort " },
};

const char *normal_finish(struct span reason, bool calls)
{
	char word[64];

	if (!reason.p || reason.n + 3 > sizeof word)
		return NULL;
	word[0] = word[reason.n + 1] = ' ';
	memcpy(word + 1, reason.p, reason.n);
	word[reason.n + 2] = '\0';
	for (size_t i = 0; i < sizeof finishes / sizeof *finishes; i++)
		if (strstr(finishes[i].reasons, word))
			return calls && i == 0 ? "tool_calls" : finishes[i].word;
	return NULL;
}

/* A whole call without arguments has {}, whatever the provider spells. */
static void default_arguments(const struct delta_message *m, struct normal *n)
{
	for (size_t i = 0; i < n->ncalls && !m->cut && !m->error.p; i++)
		if (n->calls[i].arguments.len == 0 && !n->calls[i].text)
			buf_adds(&n->calls[i].arguments, "{}");
}

bool delta_normal(const struct delta_message *m, size_t nth, struct normal *n)
{
	empty(n);
	if (m->bare) {
		n->finish = "error";
		return nth == 0;
	}
	if (!m->format->normal(delta_message_json(m), nth, n))
		return false;
	if (span_is(n->finish_reason, "\"\""))
		n->finish_reason = SPAN_NONE; /* it says no more than null */
	if (!n->finish) {
		struct span r = n->finish_reason;
		bool quoted = r.n >= 2 && r.p[0] == '"';

		n->finish = normal_finish(quoted ? (struct span){ r.p + 1, r.n - 2 } : SPAN_NONE, n->ncalls > 0);
	}
	if (!n->finish && m->error.p)
		n->finish = "error";
	if (!n->finish && (!n->finish_reason.p || span_is(n->finish_reason, "null")) && m->complete == DELTA_YES && n->ncalls)
		n->finish = "tool_calls"; /* some end without a word */
	if (m->streamed && nth == 0 && m->nstreamed == n->ncalls)
		for (size_t i = 0; i < n->ncalls; i++)
			if (m->streamed[i].p) {
				buf_reset(&n->calls[i].arguments);
				buf_addspan(&n->calls[i].arguments, m->streamed[i]);
			}
	default_arguments(m, n);
	return true;
}

static void put_raw(struct buf *b, const char *key, struct span text)
{
	json_member(b, key);
	buf_addspan(b, text.p ? text : SPAN("null"));
}

static void put_string(struct buf *b, const char *key, struct span escaped)
{
	json_member(b, key);
	buf_addc(b, '"');
	buf_addspan(b, escaped);
	buf_addc(b, '"');
}

static void put_call(struct buf *b, struct span id, struct span name, struct span arguments)
{
	buf_addc(b, '{');
	put_raw(b, "id", id);
	put_string(b, "name", name);
	put_string(b, "arguments", arguments);
}

static void put_source(struct buf *b, struct span source)
{
	if (source.p)
		put_raw(b, "source", source);
}

static void put_calls(struct buf *b, const struct normal *n)
{
	json_member(b, "tool_calls");
	buf_addc(b, '[');
	for (size_t i = 0; i < n->ncalls; i++) {
		if (i)
			buf_addc(b, ',');
		put_call(b, n->calls[i].id, buf_span(&n->calls[i].name), buf_span(&n->calls[i].arguments));
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void put_signatures(struct buf *b, const struct normal *n)
{
	json_member(b, "signatures");
	buf_addc(b, '[');
	for (size_t i = 0; i < n->nsignatures; i++) {
		const struct normal_signature *s = &n->signatures[i];

		buf_adds(b, i ? ",{" : "{");
		if (s->call != NORMAL_REASONING) {
			json_member(b, "call");
			buf_addf(b, "%ld", s->call);
		}
		put_string(b, s->signature.p ? "signature" : "redacted", s->signature.p ? s->signature : s->redacted);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void put_usage(struct buf *b, const struct normal *n)
{
	static const char *const names[USAGE_COUNT] = { "input_tokens",	      "output_tokens", "reasoning_tokens",
							"cached_tokens",      "cache_write_tokens",
							"total_tokens",	      "cost" };

	json_member(b, "usage");
	buf_addc(b, '{');
	for (int u = 0; u < USAGE_COUNT; u++)
		if (n->usage[u].p)
			put_raw(b, names[u], n->usage[u]);
	buf_addc(b, '}');
}

void delta_normal_put(const struct delta_message *m, const struct normal *n, struct buf *b)
{
	static const char *const tri[] = { "null", "false", "true" };

	buf_addc(b, '{');
	put_string(b, "format", span_of(m->format->name));
	json_member(b, "index");
	buf_addf(b, "%ld", n->index);
	put_raw(b, "id", n->id);
	put_raw(b, "model", n->model);
	put_string(b, "role", n->role.p ? n->role : SPAN("assistant"));
	put_string(b, "text", buf_span(&n->text));
	put_string(b, "reasoning", buf_span(&n->reasoning));
	if (n->refusal.len)
		put_string(b, "refusal", buf_span(&n->refusal));
	put_calls(b, n);
	if (n->nsignatures)
		put_signatures(b, n);
	json_member(b, "finish");
	if (n->finish)
		buf_addf(b, "\"%s\"", n->finish);
	else
		buf_adds(b, "null");
	put_raw(b, "finish_reason", n->finish_reason);
	put_usage(b, n);
	put_raw(b, "complete", span_of(tri[m->complete]));
	put_raw(b, "error", m->error);
	put_source(b, m->source);
	buf_addc(b, '}');
}

void delta_normal_lines(const struct delta_message *m, struct normal *scratch, struct buf *b)
{
	for (size_t nth = 0; delta_normal(m, nth, scratch); nth++) {
		delta_normal_put(m, scratch, b);
		buf_addc(b, '\n');
	}
}

void delta_call_put(const struct delta_call_view *call, struct buf *b)
{
	put_call(b, call->id, call->name, call->arguments);
	put_source(b, call->source);
	buf_adds(b, "}\n");
}
