/* SPDX-License-Identifier: MIT */
/*
 * openai-chat: OpenAI's chat.completion.chunk and everybody who speaks it: Azure, OpenRouter, Groq,
 * Mistral, DeepSeek, xAI, llama.cpp and the rest, each with its own idea of it.
 *
 *	{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
 *	{"id":"c1",…,"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}
 *	{"id":"c1",…,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a"}}]}}]}
 *	{"id":"c1",…,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
 *	{"id":"c1",…,"choices":[],"usage":{"prompt_tokens":1,…}}
 *
 * Specification: OpenAI API reference, "The chat completion chunk object"; the dialects as recorded
 * (Azure sends its first chunk with an empty id, Groq compound a new id with each chunk, Mistral
 * content as a list, OpenRouter the finish twice, Cerebras two calls on one index, …).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "delta/choices.h"
#include "delta/delta_impl.h"
#include "delta/failure.h"
#include "delta/openai_common.h"
#include "delta/openai_tools.h"
#include "delta/snowflake.h"

enum { MOST_TOLD = 64 };

/* Where a choice keeps such a thing for a while; no member of it is called so. */
static const char full_message[] = "delta";

struct state {
	bool billed;               /* usage came with or after the end */
	struct tree_node *last_id; /* of the latest chunk: ids may change inside a message */
	struct choices choices;
	struct dict keyed;    /* elements of lists by what tells them apart (by_key) */
	bool told[MOST_TOLD]; /* choices whose deltas or message said something; the last is all the others */
	bool whole;           /* object is that of an answer that was not streamed */
	bool counts;          /* usage was {} so far: Snowflake fills it at the end, and says no more */
	bool counted;         /* usage has come */
	bool snapshots;       /* the message came beside its first delta: its text is kept in every mode */
};

/* What is sent to one choice. */
struct choice {
	unsigned number;
	struct tree_node *node, *message;
};

/* Where a list has nothing in it, servers written in Go say null, and others leave it out: of such a
 * chunk its object tells, or that it has nothing but the usage. */
static bool knows_without_choices(const struct json *j, uint32_t at)
{
	static const char *const beside[] = { "id",      "object", "created",
		                              "model",   "usage",  "system_fingerprint",
		                              "choices", "error",  "service_tier" };
	uint32_t object = json_get(j, at, "object");

	if (json_is(j, object, "chat.completion.chunk"))
		return true;
	if (json_is(j, object, "text_completion") ||
	    (!json_get(j, at, "choices") && json_kind(j, json_path(j, at, "usage.prompt_tokens")) != JSON_NUMBER))
		return false;
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		size_t i = 0;

		while (i < sizeof beside / sizeof *beside && !json_is(j, json_key(v), beside[i]))
			i++;
		if (i == sizeof beside / sizeof *beside && json_kind(j, v) != JSON_NULL)
			return false;
	}
	return true;
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	uint32_t choices = json_get(j, at, "choices"), first, object;

	if (json_kind(j, choices) <= JSON_NULL && json_kind(j, json_get(j, at, "error")) <= JSON_NULL)
		return knows_without_choices(j, at) ? KNOWS_CHUNK : KNOWS_NOT;
	if (json_kind(j, choices) != JSON_ARRAY)
		return KNOWS_NOT;
	first = json_first(j, choices);
	object = json_get(j, at, "object");
	if (json_is(j, object, "text_completion") ||
	    (first && json_get(j, first, "text") && !json_get(j, first, "delta") && !json_get(j, first, "message")))
		return KNOWS_NOT;
	if (!json_get(j, first, "message") || json_get(j, first, "delta")) /* Perplexity sends both */
		return KNOWS_CHUNK;
	return json_is(j, object, "chat.completion.chunk") ? KNOWS_CHUNK : KNOWS_WHOLE;
}

static bool filled(const struct json *j, uint32_t node)
{
	return json_filled(j, node) || json_first(j, node);
}

static bool has_payload(const struct json *j, uint32_t delta)
{
	static const char *const payload[] = { "content",         "reasoning",      "reasoning_content",
		                               "reasoning_text",  "thinking",       "reasoning_details",
		                               "thinking_blocks", "tool_calls",     "function_call",
		                               "refusal",         "audio",          "content_list" };

	for (size_t i = 0; i < sizeof payload / sizeof *payload; i++)
		if (filled(j, json_get(j, delta, payload[i])))
			return true;
	return false;
}

static bool has_choice(const struct json *j, uint32_t choices, bool role_will_do)
{
	for (uint32_t c = json_first(j, choices); c; c = json_next(j, choices, c)) {
		uint32_t delta = json_get(j, c, "delta");

		if (has_payload(j, delta) || filled(j, json_get(j, c, "message")) ||
		    (role_will_do && json_filled(j, json_get(j, delta, "role"))))
			return true;
	}
	return false;
}

/* After the end of a message: only a chunk with another id can begin the next one, and it must say
 * so, since usage, filters and statistics come late and under ids of their own. Where there are no
 * ids (Snowflake), only what has something to say can; and so can it under the same id once the
 * usage of the message came (the same recording twice). */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	struct span id;
	bool usage;
	uint32_t choices;

	if (!d->ended)
		return OPENS_NOT;
	id = json_string(j, json_get(j, at, "id"));
	usage = json_kind(j, json_get(j, at, "usage")) == JSON_OBJECT;
	choices = json_get(j, at, "choices");
	if (id.n &&
	    (span_same(id, tree_string(s->last_id)) || span_same(id, tree_string(tree_get(d->tree.root, "id"))))) {
		if (!s->billed || usage || !json_first(j, choices))
			return OPENS_NOT;
		return has_choice(j, choices, true) ? OPENS_NEW : OPENS_HOLD;
	}
	if (json_first(j, json_get(j, at, "prompt_filter_results")) || has_choice(j, choices, id.n && !usage))
		return OPENS_NEW;
	return id.n || (!usage && json_first(j, choices)) ? OPENS_HOLD : OPENS_NOT;
}

/* Some gateways send the usage after the sentinel, in a chunk without choices. */
static bool late(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	struct span id = json_string(j, json_get(j, at, "id"));

	return json_kind(j, json_get(j, at, "usage")) == JSON_OBJECT && !json_first(j, json_get(j, at, "choices")) && id.n &&
	       (span_same(id, tree_string(s->last_id)) || span_same(id, tree_string(tree_get(d->tree.root, "id"))));
}

/* Arrays of objects keyed by a member: replaced where the key is known, else appended. */
static void by_key(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array, const char *key)
{
	struct state *s = d->state;

	if (json_kind(j, array) != JSON_ARRAY)
		return;
	tree_open(&d->tree, to);
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e)) {
		struct span value = json_text(j, json_get(j, e, key));
		struct tree_node *n = value.p ? dict_get(&s->keyed, (uintptr_t)to, value) : NULL;

		if (!n) {
			n = tree_add(&d->tree, to);
			s->keyed.arena = &d->arena;
			if (value.p)
				dict_put(&s->keyed, (uintptr_t)to, arena_copy(&d->arena, value), n);
		}
		tree_set(n, j, e);
	}
}

static bool one_part(const struct json *j, uint32_t part, const char *type)
{
	return json_is(j, json_get(j, part, "type"), type);
}

/* Text that is part of a list; some give it no type, or the one that Responses has for it. */
static bool is_text(const struct json *j, uint32_t part)
{
	uint32_t type = json_get(j, part, "type");

	return json_is(j, type, "text") || json_is(j, type, "output_text") ||
	       (!type && json_kind(j, json_get(j, part, "text")) == JSON_STRING);
}

/* Mistral's content as a list: what was a string so far becomes its first part. */
static struct tree_node *parts(struct delta *d, struct tree_node *content)
{
	struct tree_node *part;
	struct buf text = BUF_INIT;

	if (content->kind == TREE_ARRAY)
		return content;
	buf_addspan(&text, tree_string(content));
	content->kind = TREE_ARRAY;
	content->first = content->last = NULL;
	if (text.len) {
		part = tree_add(&d->tree, content);
		tree_set_string(tree_key(&d->tree, part, "type"), SPAN("text"));
		tree_set_string(tree_key(&d->tree, part, "text"), buf_span(&text));
	}
	buf_release(&text);
	return content;
}

/* The last part when it is of that type, else a new one. */
static struct tree_node *last_part(struct delta *d, struct tree_node *list, const char *type)
{
	struct tree_node *part = list->last;

	if (part && part->kind == TREE_OBJECT && tree_is(tree_get(part, "type"), type))
		return part;
	part = tree_add(&d->tree, list);
	tree_set_string(tree_key(&d->tree, part, "type"), span_of(type));
	return part;
}

/* How parts of the content say what was thought: Mistral, and Databricks. */
static const struct thought {
	const char *part, *list, *element;
} thoughts[] = {
	{ "thinking", "thinking", "text" },
	{ "reasoning", "summary", "summary_text" },
};

static const struct thought *thought_of(const struct json *j, uint32_t part)
{
	for (size_t i = 0; i < sizeof thoughts / sizeof *thoughts; i++)
		if (one_part(j, part, thoughts[i].part) &&
		    json_kind(j, json_get(j, part, thoughts[i].list)) == JSON_ARRAY)
			return &thoughts[i];
	return NULL;
}

/* An object that is a part of the content without a list around it, not JSON that the model was made to answer with. */
static bool is_part(const struct json *j, uint32_t object)
{
	static const char *const others[] = { "refusal", "image_url", "reference", "document_url", "input_audio" };
	bool part = is_text(j, object) || thought_of(j, object);

	for (size_t i = 0; i < sizeof others / sizeof *others && !part; i++)
		part = one_part(j, object, others[i]);
	return part;
}

/* An element of its list: the text goes on, of what stands beside it the last that says something. */
static void thought_element(struct delta *d, struct choice *c, struct tree_node *to, const struct json *j, uint32_t e)
{
	for (uint32_t v = json_first(j, e); v; v = json_next(j, e, v))
		if (json_is(j, json_key(v), "text"))
			delta_reasoning(d, c->number, tree_key(&d->tree, to, "text"), json_string(j, v));
		else if (!json_is(j, json_key(v), "type"))
			openai_last_filled(tree_put(&d->tree, to, json_string(j, json_key(v))), j, v);
}

static void thinking(struct delta *d, struct choice *c, struct tree_node *content, const struct json *j, uint32_t part,
                     const struct thought *kind)
{
	struct tree_node *to = last_part(d, parts(d, content), kind->part);
	struct tree_node *inner = tree_key(&d->tree, to, kind->list);
	uint32_t list = json_get(j, part, kind->list);

	if (tree_is_null(inner))
		inner->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e))
		if (one_part(j, e, kind->element))
			thought_element(d, c, last_part(d, inner, kind->element), j, e);
		else
			tree_set(tree_add(&d->tree, inner), j, e);
	for (uint32_t v = json_first(j, part); v; v = json_next(j, part, v))
		if (v != list && !json_is(j, json_key(v), "type"))
			delta_last(d, to, j, v);
}

/* The last part when it is text and nothing more, else a new one. */
static struct tree_node *text_part_to_grow(struct delta *d, struct tree_node *list)
{
	struct tree_node *last = list->last;

	if (last && last->kind == TREE_OBJECT && tree_count(last) > 2) {
		last = tree_add(&d->tree, list);
		tree_set_string(tree_key(&d->tree, last, "type"), SPAN("text"));
		return last;
	}
	return last_part(d, list, "text");
}

/* Keeps a piece that only the comparison with a snapshot needs. */
static void keep_for_snapshot(struct delta *d, struct tree_node *to, struct span piece)
{
	const struct state *s = d->state;

	if (d->whole || !s->snapshots)
		return;
	follow_never(d);
	if (delta_room(d, piece.n))
		tree_append(to, piece);
}

static void content_text(struct delta *d, struct choice *c, struct tree_node *content, struct span piece)
{
	if (content->kind == TREE_ARRAY && piece.n)
		content = tree_key(&d->tree, text_part_to_grow(d, content), "text");
	else if (piece.n == 0 && (content->kind == TREE_ARRAY || content->text.len))
		return; /* "" adds nothing, not even to a null that was said */
	delta_text(d, c->number, content, piece);
	keep_for_snapshot(d, content, piece);
}

/* A part of text goes on with the one before, unless it has more to say than that (citations). */
static void text_part(struct delta *d, struct choice *c, struct tree_node *content, const struct json *j, uint32_t part)
{
	uint32_t text = json_get(j, part, "text");
	bool more = false;
	struct tree_node *to;

	for (uint32_t v = json_first(j, part); v && !more; v = json_next(j, part, v))
		more = v != text && !json_is(j, json_key(v), "type") && filled(j, v);
	if (!more || !d->whole) {
		content_text(d, c, content, json_string(j, text));
		return;
	}
	to = tree_add(&d->tree, parts(d, content));
	tree_set(to, j, part);
	to = tree_key(&d->tree, tree_open(&d->tree, to), "text");
	tree_set_string(to, SPAN(""));
	delta_text(d, c->number, to, json_string(j, text));
}

/* Workers AI parses JSON that the model answers with. The text of that JSON is appended to the content. */
static void content_object(struct delta *d, struct choice *c, struct tree_node *to, const struct json *j, uint32_t v)
{
	struct buf text = BUF_INIT;

	follow_never(d);
	normal_arguments(&text, j, v);
	content_text(d, c, to, buf_span(&text));
	buf_release(&text);
}

static void content_part(struct delta *d, struct choice *c, struct tree_node *to, const struct json *j, uint32_t e)
{
	const struct thought *thought = thought_of(j, e);

	if (is_text(j, e))
		text_part(d, c, to, j, e);
	else if (thought)
		thinking(d, c, to, j, e, thought);
	else if (d->whole)
		tree_set(tree_add(&d->tree, parts(d, to)), j, e);
}

static void content(struct delta *d, struct choice *c, const struct json *j, uint32_t v)
{
	struct tree_node *to = tree_key(&d->tree, c->message, "content");

	if (json_kind(j, v) == JSON_NULL && tree_is_null(to))
		buf_adds(&to->text, "null"); /* said, unlike the null that every content begins as */
	if (json_kind(j, v) == JSON_STRING)
		content_text(d, c, to, json_string(j, v));
	if (json_kind(j, v) == JSON_OBJECT && is_part(j, v))
		content_part(d, c, to, j, v);
	else if (json_kind(j, v) == JSON_OBJECT)
		content_object(d, c, to, j, v);
	if (json_kind(j, v) != JSON_ARRAY)
		return;
	for (uint32_t e = json_first(j, v); e; e = json_next(j, v, e))
		content_part(d, c, to, j, e);
}

/* A signature ends a block: a text that comes after it, and not with the same, begins another. */
static bool signed_before(struct tree_node *last, const struct json *j, uint32_t e)
{
	static const char *const texts[] = { "text", "thinking", "summary" };
	struct span signature = tree_string(tree_get(last, "signature"));
	bool says = false;

	for (size_t i = 0; signature.n && i < sizeof texts / sizeof *texts; i++)
		says = says || json_filled(j, json_get(j, e, texts[i]));
	return says && !span_same(signature, json_string(j, json_get(j, e, "signature")));
}

/* Does an element go on with the last one? Of reasoning_details every one says index 0, so it does
 * when type and index are the same, except for encrypted blobs, which are always complete. */
static bool detail_goes_on(struct tree_node *last, const struct json *j, uint32_t e)
{
	uint32_t type = json_get(j, e, "type"), index = json_get(j, e, "index");

	if (!last || last->kind != TREE_OBJECT || json_is(j, type, "reasoning.encrypted") ||
	    json_is(j, type, "redacted_thinking"))
		return false;
	if (signed_before(last, j, e))
		return false;
	return span_same(tree_string(tree_get(last, "type")), json_string(j, type)) &&
	       span_same(tree_raw(tree_get(last, "index")), json_text(j, index));
}

static void detail(struct delta *d, struct choice *c, struct tree_node *list, const struct json *j, uint32_t e,
                   bool aloud)
{
	struct tree_node *last = list->last;

	if (!detail_goes_on(last, j, e))
		last = tree_add(&d->tree, list);
	if (last->kind != TREE_OBJECT)
		last->kind = TREE_OBJECT;
	for (uint32_t v = json_first(j, e); v; v = json_next(j, e, v)) {
		struct span key = delta_key(d, j, v);
		struct tree_node *to = tree_put(&d->tree, last, json_string(j, json_key(v)));

		if (json_kind(j, v) == JSON_STRING &&
		    (span_is(key, "text") || span_is(key, "summary") || span_is(key, "thinking"))) {
			if (aloud)
				delta_reasoning(d, c->number, to, json_string(j, v));
			else
				delta_grow(d, to, json_string(j, v));
		} else {
			openai_last_filled(to, j, v);
		}
	}
}

static void details(struct delta *d, struct choice *c, struct tree_node *to, const struct json *j, uint32_t v,
                    bool aloud)
{
	if (json_kind(j, v) != JSON_ARRAY)
		return;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, v); e; e = json_next(j, v, e))
		detail(d, c, to, j, e, aloud);
}

/* Base64 in pieces. What follows a piece with padding is joined to the bytes of its last four
 * characters; that depends on what was there, so a piece makes no pattern. */
static void audio_data(struct delta *d, struct tree_node *to, struct span piece)
{
	struct span had = tree_string(to);
	struct buf bytes = BUF_INIT, text = BUF_INIT;

	follow_never(d);
	if (had.n && had.n % 4 == 0 && had.p[had.n - 1] == '=' && piece.n &&
	    base64_decode(&bytes, had.p + had.n - 4, 4) && base64_decode(&bytes, piece.p, piece.n)) {
		base64_encode(&text, bytes.p, bytes.len, 0);
		tree_append(to, SPAN("")); /* a string that grows, if it was none */
		buf_cut(&to->text, to->text.len - 4);
		delta_grow(d, to, buf_span(&text));
	} else {
		delta_grow(d, to, piece);
	}
	buf_release(&bytes);
	buf_release(&text);
}

static void audio(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v)
{
	if (json_kind(j, v) != JSON_OBJECT)
		return;
	tree_become_object(tree_open(&d->tree, to));
	for (uint32_t m = json_first(j, v); m; m = json_next(j, v, m)) {
		struct span key = delta_key(d, j, m);
		struct tree_node *n = tree_put(&d->tree, to, json_string(j, json_key(m)));

		if (span_is(key, "data") && json_kind(j, m) == JSON_STRING)
			audio_data(d, n, json_string(j, m));
		else if (span_is(key, "transcript") && json_kind(j, m) == JSON_STRING)
			delta_grow(d, n, json_string(j, m));
		else
			openai_last_filled(n, j, m);
	}
}

/* Where reasoning may stand as a string: DeepSeek and most, OpenRouter and Groq, Copilot. */
static const char *const places[] = { "reasoning_content", "reasoning", "reasoning_text", "thinking" };

/* Of the places in one delta, the one that is said aloud: they repeat each other. */
static uint32_t aloud(const struct json *j, uint32_t delta)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		uint32_t v = json_get(j, delta, places[i]);

		if (json_filled(j, v))
			return v;
	}
	return 0;
}

static void reasoning(struct delta *d, struct choice *c, struct tree_node *to, const struct json *j, uint32_t v,
                      bool loud)
{
	if (loud)
		delta_reasoning(d, c->number, to, json_string(j, v));
	else
		delta_grow(d, to, json_string(j, v));
}

static void refusal(struct delta *d, struct choice *c, struct tree_node *to, struct span piece)
{
	delta_refusal(d, c->number, to, piece);
	keep_for_snapshot(d, to, piece);
}

static void member(struct delta *d, struct choice *c, const struct json *j, uint32_t delta, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *to;

	if (span_is(key, "content")) {
		content(d, c, j, v);
		return;
	}
	if (snowflake_repeats(j, delta, key)) {
		follow_never(d);
		return;
	}
	to = tree_put(&d->tree, c->message, json_string(j, json_key(v)));
	if (json_kind(j, v) == JSON_NULL)
		return;
	if (span_is(key, "role"))
		openai_first_filled(to, j, v);
	else if (span_is(key, "tool_calls"))
		openai_tool_calls(d, c->number, to, j, v);
	else if (span_is(key, "function_call"))
		openai_function_call(d, c->number, to, j, v);
	else if (span_is(key, "content_list") && json_kind(j, v) == JSON_ARRAY)
		snowflake_list(d, c->number, to, j, v);
	else if (span_is(key, "reasoning_details") || span_is(key, "thinking_blocks"))
		details(d, c, to, j, v, !aloud(j, delta));
	else if (span_is(key, "refusal") && json_kind(j, v) == JSON_STRING)
		refusal(d, c, to, json_string(j, v));
	else if ((span_starts(key, "reasoning") || span_is(key, "thinking")) && json_kind(j, v) == JSON_STRING)
		reasoning(d, c, to, j, v, v == aloud(j, delta));
	else if (span_is(key, "audio"))
		audio(d, to, j, v);
	else if (span_is(key, "annotations") || span_is(key, "images"))
		delta_list_all(d, to, j, v);
	else if (span_is(key, "executed_tools"))
		by_key(d, to, j, v, "index");
	else if (span_is(key, "provider_metadata") && json_kind(j, v) == JSON_OBJECT)
		delta_deep(d, tree_open(&d->tree, to), j, v);
	else if (json_kind(j, v) == JSON_ARRAY)
		delta_extend(d, to, j, v);
	else
		tree_set(to, j, v);
}

static bool *told(struct delta *d, const struct choice *c)
{
	struct state *s = d->state;

	return &s->told[c->number < MOST_TOLD ? c->number : MOST_TOLD - 1];
}

/* A message in a chunk: all of the answer at once, or so far, beside its deltas. The first is as good as a delta.
 * A later one is kept until the end if it has content, since the next may replace it. */
static void whole_message(struct delta *d, struct choice *c, const struct json *j, uint32_t message)
{
	struct state *s = d->state;

	if (json_kind(j, message) != JSON_OBJECT)
		return;
	follow_never(d);
	if (*told(d, c)) {
		if ((d->whole || s->snapshots || (d->wants & DELTA_WANT_CALLS)) && has_payload(j, message))
			tree_set(tree_key(&d->tree, c->node, full_message), j, message);
		else if (c->number == 0 && json_filled(j, json_get(j, message, "content")))
			delta_text_whole(d, &d->printed_text, json_string(j, json_get(j, message, "content")));
		return;
	}
	for (uint32_t v = json_first(j, message); v; v = json_next(j, message, v))
		member(d, c, j, message, v);
	*told(d, c) = has_payload(j, message);
}

/* What a string has behind all that was known of it, in escaped form; false: it does not begin so. */
static bool goes_on(struct span had, struct span now, struct buf *rest)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same;

	json_unescape(&a, had);
	json_unescape(&b, now);
	same = a.len <= b.len && span_same(buf_span(&a), (struct span){ b.p, a.len });
	if (same)
		json_escape(rest, (struct span){ b.p + a.len, b.len - a.len });
	buf_release(&a);
	buf_release(&b);
	return same;
}

/* Of the places of reasoning the one that -n shows. */
static bool is_first_place(struct tree_node *message, struct span key)
{
	size_t i = 0;

	while (i < sizeof places / sizeof *places && !tree_string(tree_get(message, places[i])).n)
		i++;
	return i < sizeof places / sizeof *places && span_is(key, places[i]);
}

/* A string of the snapshot, of which the deltas made the beginning. */
static void snapshot_string(struct delta *d, struct choice *c, struct tree_node *to, struct span key, struct span rest)
{
	if (span_is(key, "content"))
		content_text(d, c, to, rest);
	else if (is_first_place(c->message, key))
		delta_reasoning(d, c->number, to, rest);
	else if (span_is(key, "refusal"))
		refusal(d, c, to, rest);
	else
		delta_grow(d, to, rest);
}

static bool says_nothing(const struct tree_node *n)
{
	if (tree_is_null(n))
		return true;
	if (n->kind == TREE_ARRAY || n->kind == TREE_OBJECT)
		return !n->first;
	return tree_string(n).p ? tree_string(n).n == 0 : span_is(tree_raw(n), "[]") || span_is(tree_raw(n), "{}");
}

/* A member of the snapshot counts if the deltas did not bring it, or if it is a string that begins as they made it. */
static void snapshot_member(struct delta *d, struct choice *c, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v), now = json_string(j, v);
	struct tree_node *to = tree_find(c->message, key);
	bool kept = d->whole || ((struct state *)d->state)->snapshots;
	struct buf rest = BUF_INIT;

	if (json_kind(j, v) == JSON_NULL || (to && json_kind(j, v) >= JSON_STRING && !filled(j, v)))
		return;
	if (span_is(key, "content") && !kept)
		return;
	if (says_nothing(to))
		member(d, c, j, JSON_ROOT, v);
	else if (now.p && tree_string(to).p && goes_on(tree_string(to), now, &rest) && rest.len)
		snapshot_string(d, c, to, key, buf_span(&rest));
	buf_release(&rest);
}

static void take_snapshot(struct delta *d, struct tree_node *choice)
{
	struct choice c = { .node = choice, .message = tree_get(choice, "message") };
	struct tree_node *full = tree_get(choice, full_message), *index = tree_get(choice, "index");
	struct json j = JSON_INIT;
	struct buf text = BUF_INIT;

	if (!full)
		return;
	c.number = (unsigned)strtoul(buf_str(&index->text), NULL, 10);
	tree_write(&text, full);
	tree_remove(choice, full);
	if (json_parse(&j, text.p, text.len) == 0)
		for (uint32_t v = json_first(&j, JSON_ROOT); v; v = json_next(&j, JSON_ROOT, v))
			snapshot_member(d, &c, &j, v);
	json_release(&j);
	buf_release(&text);
}

static void choice_member(struct delta *d, struct choice *c, const struct json *j, uint32_t choice, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *to;

	if (span_is(key, "index") || span_is(key, "delta"))
		return;
	if (span_is(key, "message")) {
		whole_message(d, c, j, v);
		return;
	}
	if (span_is(key, "text") && json_kind(j, v) == JSON_STRING) { /* Hugging Face repeats the delta there */
		if (json_kind(j, json_get(j, choice, "delta")) > JSON_NULL)
			delta_ignore(d, j, v);
		else
			content_text(d, c, tree_key(&d->tree, c->message, "content"), json_string(j, v));
		return;
	}
	to = tree_put(&d->tree, c->node, json_string(j, json_key(v)));
	if (json_kind(j, v) == JSON_NULL)
		return;
	if (span_is(key, "finish_reason") && json_kind(j, v) == JSON_STRING && !json_filled(j, v))
		return; /* some say "" where others say null */
	if (span_is(key, "logprobs") && json_kind(j, v) == JSON_OBJECT)
		openai_logprobs(d, to, j, v);
	else if (span_is(key, "content_filter_results") && json_kind(j, v) == JSON_OBJECT)
		delta_last_all(d, tree_open(&d->tree, to), j, v);
	else
		tree_set(to, j, v);
	if (span_is(key, "error")) /* OpenRouter's, of one choice */
		delta_error(d, j, v);
}

static struct tree_node *choice_node(struct delta *d, unsigned number)
{
	struct state *s = d->state;
	struct tree_node *n, *message;
	char digits[16];
	bool made;

	n = choice_at(d, &s->choices, number, &made);
	if (!made)
		return n;
	follow_again(d);
	snprintf(digits, sizeof digits, "%u", number);
	tree_set_text(tree_key(&d->tree, n, "index"), span_of(digits));
	message = tree_key(&d->tree, n, "message");
	tree_key(&d->tree, message, "role");
	tree_key(&d->tree, message, "content");
	tree_key(&d->tree, n, "finish_reason");
	return n;
}

static struct delta_call *twin(struct delta *d, struct delta_call *c)
{
	const struct state *s = d->state;
	struct tree_node *message = tree_get(choice_find(&s->choices, c->choice), "message");

	return openai_tool_twin(d, tree_get(message, "tool_calls"), c);
}

static void add_choice(struct delta *d, const struct json *j, uint32_t at)
{
	struct choice c = { 0 };
	uint32_t delta = json_get(j, at, "delta");
	size_t known = d->lastcall ? d->lastcall->number + 1 : 0;

	if (json_kind(j, at) != JSON_OBJECT)
		return;
	c.number = choice_number(j, at);
	c.node = choice_node(d, c.number);
	c.message = tree_get(c.node, "message");
	if (!*told(d, &c) && delta && json_kind(j, json_get(j, at, "message")) == JSON_OBJECT)
		((struct state *)d->state)->snapshots = true;
	for (uint32_t v = json_first(j, delta); v; v = json_next(j, delta, v))
		member(d, &c, j, delta, v);
	if (!*told(d, &c))
		*told(d, &c) = has_payload(j, delta);
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		choice_member(d, &c, j, at, v);
	if (json_filled(j, json_get(j, at, "finish_reason"))) /* Together sends one before its last call */
		delta_calls_done(d, c.number, known);
}

static void add_choices(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	struct state *s = d->state;

	s->choices.list = to;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t c = json_first(j, array); c; c = json_next(j, array, c))
		add_choice(d, j, c);
	d->ended = d->complete = choices_finished(&s->choices, openai_finished);
}

static void top(struct delta *d, struct state *s, const struct json *j, uint32_t at, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	struct tree_node *to;

	if (span_is(key, "obfuscation") || span_is(key, "p")) {
		delta_ignore(d, j, v);
		return;
	}
	if (span_is(key, "error")) {
		delta_error(d, j, v);
		return;
	}
	to = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));
	if (span_is(key, "choices")) {
		add_choices(d, to, j, v);
	} else if (span_is(key, "id") || span_is(key, "created") || span_is(key, "model")) {
		openai_first_filled(to, j, v);
	} else if (span_is(key, "object")) {
		s->whole = json_is(j, v, "chat.completion");
		tree_set_text(to, SPAN("\"chat.completion\""));
	} else if (span_is(key, "prompt_filter_results")) {
		by_key(d, to, j, v, "prompt_index");
	} else if (span_is(key, "x_groq") && json_kind(j, v) == JSON_OBJECT) {
		delta_last_all(d, tree_open(&d->tree, to), j, v);
		delta_error(d, j, json_get(j, v, "error"));
	} else {
		openai_last_filled(to, j, v);
		if (span_is(key, "base_resp"))
			delta_error(d, j, failure_of(j, at, true));
	}
}

/* Does usage end the message, although a choice has no finish_reason? It does without choices beside it, and the
 * first time if a choice has finished and no choice adds content: LiteLLM sends one finish_reason for several. */
static bool closes(const struct state *s, const struct json *j, uint32_t at)
{
	uint32_t choices = json_get(j, at, "choices");
	bool finished = false;

	if (!s->choices.count || json_kind(j, json_get(j, at, "usage")) != JSON_OBJECT)
		return false;
	if (!json_first(j, choices))
		return true;
	if (s->counted || !json_first(j, json_get(j, at, "usage")) || has_choice(j, choices, false))
		return false;
	for (struct tree_node *c = s->choices.list->first; c && !finished; c = c->next)
		finished = openai_finished(c);
	return finished;
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	uint32_t id = json_get(j, at, "id"), usage = json_get(j, at, "usage");
	bool billed = json_kind(j, usage) == JSON_OBJECT, finished;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		top(d, s, j, at, v);
	if (id) {
		if (!s->last_id) {
			s->last_id = tree_new(&d->tree);
			follow_again(d);
		}
		tree_set(s->last_id, j, id);
	}
	finished = choices_finished(&s->choices, openai_finished) || (s->counts && json_first(j, usage));
	s->counts = s->counts || (billed && !json_first(j, usage));
	if (finished || d->sentinel || closes(s, j, at))
		d->ended = d->complete = true;
	s->counted = s->counted || json_first(j, usage);
	if (d->ended && billed)
		s->billed = true;
	if (d->error.len)
		d->ended = true;
}

/* A spoken answer may end without a finish_reason, once all four parts of it are there. */
static bool audio_whole(struct tree_node *message)
{
	static const char *const four[] = { "id", "data", "transcript", "expires_at" };
	struct tree_node *sound = tree_get(message, "audio");

	for (size_t i = 0; i < 4; i++)
		if (tree_is_null(tree_get(sound, four[i])))
			return false;
	return true;
}

/* An error may end an answer without a word of which: then the word that it did is all there is. */
static void ended_by_error(struct delta *d, struct tree_node *finish_reason)
{
	struct span word = tree_raw(finish_reason);
	struct json j = JSON_INIT;

	if (tree_is(finish_reason, "error") && json_parse(&j, word.p, word.n) == 0)
		delta_error(d, &j, JSON_ROOT);
	json_release(&j);
}

static void finish(struct delta *d)
{
	struct state *s = d->state;
	struct tree_node *root = d->tree.root;
	bool audible = s->choices.count > 0;

	if (!root->first)
		return;
	if (!tree_get(root, "object"))
		tree_set_text(tree_key(&d->tree, root, "object"), SPAN("\"chat.completion\""));
	if (!tree_get(root, "choices"))
		tree_key(&d->tree, root, "choices")->kind = TREE_ARRAY;
	choices_sort(d, &s->choices);
	for (struct tree_node *c = s->choices.list ? s->choices.list->first : NULL; c; c = c->next) {
		struct tree_node *message = tree_get(c, "message"), *role = tree_get(message, "role");

		take_snapshot(d, c);
		if (role && tree_is_null(role))
			tree_set_text(role, SPAN("\"assistant\""));
		openai_tools_finish(tree_get(message, "tool_calls"), tree_get(message, "function_call"));
		if (tree_is_null(tree_get(c, "finish_reason")) && !audio_whole(message))
			audible = false;
		ended_by_error(d, tree_get(c, "finish_reason"));
	}
	d->complete = d->complete || d->sentinel || audible || (s->whole && s->choices.count == 0);
	snowflake_finish(d);
}

static bool whole_audio(const struct json *j, uint32_t message)
{
	return json_kind(j, json_path(j, message, "audio.id")) > JSON_NULL &&
	       json_kind(j, json_path(j, message, "audio.data")) > JSON_NULL &&
	       json_kind(j, json_path(j, message, "audio.transcript")) > JSON_NULL &&
	       json_kind(j, json_path(j, message, "audio.expires_at")) > JSON_NULL;
}

static void normal_part(const struct json *j, uint32_t part, struct normal *n)
{
	const struct thought *thought = thought_of(j, part);
	uint32_t inner = thought ? json_get(j, part, thought->list) : 0;

	if (is_text(j, part))
		normal_text(&n->text, j, json_get(j, part, "text"));
	if (one_part(j, part, "refusal"))
		normal_text(&n->refusal, j, json_get(j, part, "refusal"));
	if (thought)
		normal_signature(n, j, NORMAL_REASONING, json_get(j, part, "signature"));
	for (uint32_t t = json_first(j, inner); t; t = json_next(j, inner, t))
		normal_text(&n->reasoning, j, json_get(j, t, "text"));
}

static void normal_content(const struct json *j, uint32_t content_node, struct normal *n)
{
	enum json_kind kind = json_kind(j, content_node);

	if (kind == JSON_OBJECT && is_part(j, content_node))
		normal_part(j, content_node, n);
	else if (kind == JSON_OBJECT)
		normal_arguments(&n->text, j, content_node);
	else
		normal_text(&n->text, j, content_node);
	for (uint32_t e = kind == JSON_ARRAY ? json_first(j, content_node) : 0; e; e = json_next(j, content_node, e))
		normal_part(j, e, n);
}

static void normal_reasoning(const struct json *j, uint32_t message, struct normal *n)
{
	uint32_t list = json_get(j, message, "reasoning_details");

	for (size_t i = 0; i < sizeof places / sizeof *places && n->reasoning.len == 0; i++)
		normal_text(&n->reasoning, j, json_get(j, message, places[i]));
	if (n->reasoning.len)
		return;
	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e)) {
		normal_text(&n->reasoning, j, json_get(j, e, "text"));
		normal_text(&n->reasoning, j, json_get(j, e, "summary"));
	}
	list = n->reasoning.len ? 0 : json_get(j, message, "thinking_blocks");
	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e))
		normal_text(&n->reasoning, j, json_get(j, e, "thinking"));
}

/* Signatures of reasoning, and reasoning that is encrypted as a whole; of two lists that say the same
 * the first. */
static void normal_signatures(const struct json *j, uint32_t message, struct normal *n)
{
	static const char *const lists[] = { "reasoning_details", "thinking_blocks" };
	size_t had = n->nsignatures;

	for (size_t i = 0; i < sizeof lists / sizeof *lists && n->nsignatures == had; i++) {
		uint32_t list = json_get(j, message, lists[i]);

		for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e)) {
			normal_signature(n, j, NORMAL_REASONING, json_get(j, e, "signature"));
			normal_redacted(n, j, json_get(j, e, "data"));
		}
	}
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t choice = normal_choice(n, j, json_get(j, JSON_ROOT, "choices"), nth);
	uint32_t message = json_get(j, choice, "message"), calls = json_get(j, message, "tool_calls");
	long index;

	if (!choice && nth > 0)
		return false;
	n->index = json_long(j, json_get(j, choice, "index"), &index) ? index : (long)nth;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	n->role = json_string(j, json_get(j, message, "role"));
	n->finish_reason = json_text(j, json_get(j, choice, "finish_reason"));
	normal_content(j, json_get(j, message, "content"), n);
	normal_reasoning(j, message, n);
	normal_text(&n->refusal, j, json_get(j, message, "refusal"));
	normal_signatures(j, message, n);
	openai_tools_normal(j, calls, json_get(j, message, "function_call"), n);
	snowflake_normal(j, json_get(j, message, "content_list"), n);
	openai_usage(j, n);
	n->error = json_get(j, choice, "error");
	if (json_kind(j, n->error) <= JSON_NULL && json_is(j, json_get(j, choice, "finish_reason"), "error"))
		n->error = json_get(j, choice, "finish_reason");
	if (json_kind(j, json_get(j, choice, "finish_reason")) <= JSON_NULL && whole_audio(j, message))
		n->finish = "stop";
	return true;
}

/* ---- the answer as the next request wants it */

static bool put_role(struct buf *b, const struct json *j, uint32_t v)
{
	(void)j;
	(void)v;
	buf_adds(b, "\"assistant\"");
	return true;
}

static bool put_type_text(struct buf *b, const struct json *j, uint32_t v)
{
	(void)j;
	(void)v;
	buf_adds(b, "\"text\"");
	return true;
}

static bool put_part(struct buf *b, const struct json *j, uint32_t part)
{
	static const struct put text[] = { { "type", put_type_text, true }, { 0 } };

	put_object(b, j, part, is_text(j, part) ? text : NULL);
	return true;
}

/* A string or parts; an object that a model was made to answer with is its JSON text. */
static bool put_content(struct buf *b, const struct json *j, uint32_t v)
{
	size_t before = b->len;

	if (put_list(b, j, v, put_part))
		return true;
	buf_cut(b, before);
	if (json_kind(j, v) == JSON_ARRAY) /* an empty one */
		v = 0;
	return put_text(b, j, is_text(j, v) ? json_get(j, v, "text") : v);
}

/* Spoken audio is referred to by its id alone. */
static bool put_audio(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put all[] = { { "data", NULL, false }, { "transcript", NULL, false }, { "expires_at", NULL, false }, { 0 } };

	put_object(b, j, v, json_filled(j, json_get(j, v, "id")) ? all : NULL);
	return true;
}

/* Without any of these a message has to have content. */
static bool needs_content(const struct json *j, uint32_t m)
{
	return !json_first(j, json_get(j, m, "tool_calls")) && json_kind(j, json_get(j, m, "function_call")) != JSON_OBJECT &&
	       json_kind(j, json_get(j, m, "audio")) != JSON_OBJECT && !json_filled(j, json_get(j, m, "refusal"));
}

static void message(const struct json *j, struct buf *b)
{
	uint32_t m = json_path(j, json_at(j, json_get(j, JSON_ROOT, "choices"), 0), "message");
	const struct put with[] = { { "role", put_role, true },
		                    { "content", put_content, needs_content(j, m) },
		                    { "tool_calls", put_chat_calls, false },
		                    { "function_call", put_chat_function, false },
		                    { "audio", put_audio, false },
		                    { 0 } };

	if (json_kind(j, m) == JSON_OBJECT && !snowflake_put(b, j, m))
		put_object(b, j, m, with);
}

/* A message of role tool for each call, behind each other; the call without an id that came before
 * tools is answered by its name. */
static int next(struct next *x)
{
	uint32_t m = json_path(x->message, json_at(x->message, json_get(x->message, JSON_ROOT, "choices"), 0), "message");
	size_t tools = json_count(x->message, json_get(x->message, m, "tool_calls"));

	next_message(x);
	if (snowflake_next(x, json_get(x->message, m, "content_list")))
		return next_into(x, "messages");
	for (size_t i = 0; i < x->normal->ncalls; i++) {
		next_item(x);
		buf_adds(x->items, i < tools ? "{\"role\":\"tool\"" : "{\"role\":\"function\"");
		if (i < tools)
			next_id(x, "tool_call_id", &x->normal->calls[i]);
		else
			next_name(x, "name", &x->normal->calls[i]);
		next_text(x, "content", &x->results[i]);
		buf_addc(x->items, '}');
	}
	return next_into(x, "messages");
}

const struct delta_format delta_openai_chat = {
	.name = "openai-chat",
	.about = "OpenAI chat completions and all who speak them",
	.size = sizeof(struct state),
	.corrects = true,
	.follows = true,
	.again = true,
	.sums_up = true,
	.closing = true,
	.knows = knows,
	.opens = opens,
	.late = late,
	.add = add,
	.twin = twin,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
