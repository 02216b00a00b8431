/* SPDX-License-Identifier: MIT */
/*
 * openai-completion: OpenAI's legacy text completion, and the servers that still speak it (vLLM,
 * llama.cpp, …).
 *
 *	{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"text":"Hel","index":0,"logprobs":null,"finish_reason":null}]}
 *	{"id":"cmpl-1",…,"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}]}
 *	{"id":"cmpl-1",…,"choices":[],"usage":{"prompt_tokens":1,…}}
 *	{"choices":[{"text":"lo","stop_reason":"stop"}]}	DeepSeek, inside Bedrock's InvokeModel
 *
 * Specification: OpenAI API reference, "Completions". An answer that was not streamed has the shape
 * of a chunk, and is one: a stream of one.
 */
#include <stdio.h>

#include "delta/choices.h"
#include "delta/delta_impl.h"
#include "delta/openai_common.h"

struct state {
	struct tree_node *last_id; /* of the latest chunk */
	struct choices choices;
};

/* Neither the envelope of a stream, nor an index or an end: the answer of Writer, which does not stream so. */
static bool is_bare(const struct json *j, uint32_t at, uint32_t choice)
{
	return !json_get(j, at, "id") && !json_get(j, at, "object") && !json_get(j, at, "created") &&
	       !json_get(j, choice, "index") && !json_get(j, choice, "finish_reason") && !json_get(j, choice, "stop_reason");
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	uint32_t choices = json_get(j, at, "choices"), first;
	bool named = json_is(j, json_get(j, at, "object"), "text_completion");

	if (named && json_kind(j, choices) <= JSON_NULL && json_kind(j, json_get(j, at, "error")) <= JSON_NULL)
		return KNOWS_CHUNK; /* as servers written in Go say an empty list */
	if (json_kind(j, choices) != JSON_ARRAY)
		return KNOWS_NOT;
	first = json_first(j, choices);
	if (named)
		return KNOWS_CHUNK;
	if (!json_get(j, first, "text") || json_get(j, first, "delta") || json_get(j, first, "message"))
		return KNOWS_NOT;
	return is_bare(j, at, first) ? KNOWS_WHOLE : KNOWS_CHUNK;
}

/* After the end only a chunk with another id begins the next answer, and only if it has a choice:
 * usage and statistics come late. Where there are no ids, only what has something to say can. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	struct span id = json_string(j, json_get(j, at, "id"));
	uint32_t choices = json_get(j, at, "choices");

	if (!d->ended || (id.n && (span_same(id, tree_string(s->last_id)) ||
	                           span_same(id, tree_string(tree_get(d->tree.root, "id"))))))
		return OPENS_NOT;
	for (uint32_t c = json_first(j, choices); c; c = json_next(j, choices, c))
		if (id.n || json_filled(j, json_get(j, c, "text")))
			return OPENS_NEW;
	return id.n ? OPENS_HOLD : OPENS_NOT;
}

/* A new one has the members of the chunk. */
static struct tree_node *choice_node(struct delta *d, unsigned number, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	struct tree_node *n;
	char digits[16];
	bool made;

	n = choice_at(d, &s->choices, number, &made);
	if (!made)
		return n;
	tree_arrange(&d->tree, n, j, at);
	snprintf(digits, sizeof digits, "%u", number);
	tree_set_text(tree_key(&d->tree, n, "index"), span_of(digits));
	tree_set_string(tree_key(&d->tree, n, "text"), SPAN(""));
	return n;
}

static void add_choice(struct delta *d, const struct json *j, uint32_t at)
{
	unsigned number = choice_number(j, at);
	struct tree_node *choice;

	if (json_kind(j, at) != JSON_OBJECT)
		return;
	choice = choice_node(d, number, j, at);
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct span key = delta_key(d, j, v);
		struct tree_node *to = tree_put(&d->tree, choice, json_string(j, json_key(v)));

		if (span_is(key, "index"))
			continue;
		if (span_is(key, "text"))
			delta_text(d, number, to, json_string(j, v));
		else if (span_is(key, "logprobs") && json_kind(j, v) == JSON_OBJECT)
			openai_logprobs(d, to, j, v);
		else if (span_is(key, "content_filter_results") && json_kind(j, v) == JSON_OBJECT)
			delta_last_all(d, tree_open(&d->tree, to), j, v);
		else
			openai_last_filled(to, j, v);
	}
}

static void add_choices(struct delta *d, struct tree_node *to, const struct json *j, uint32_t array)
{
	struct state *s = d->state;

	s->choices.list = to;
	if (tree_is_null(to))
		to->kind = TREE_ARRAY;
	for (uint32_t c = json_first(j, array); c; c = json_next(j, array, c))
		add_choice(d, j, c);
}

static void top(struct delta *d, const struct json *j, uint32_t v)
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
	if (span_is(key, "choices"))
		add_choices(d, to, j, v);
	else if (span_is(key, "id") || span_is(key, "created") || span_is(key, "model"))
		openai_first_filled(to, j, v);
	else
		openai_last_filled(to, j, v);
}

/* It ends when every choice has its finish_reason; the closing usage ends what never said why. */
static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	uint32_t id = json_get(j, at, "id");
	bool none, usage;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		top(d, j, v);
	if (id && !s->last_id)
		s->last_id = tree_new(&d->tree);
	if (id)
		tree_set(s->last_id, j, id);
	none = !json_first(j, json_get(j, at, "choices"));
	usage = json_kind(j, json_get(j, at, "usage")) == JSON_OBJECT;
	d->complete = choices_finished(&s->choices, openai_finished) || d->sentinel ||
	              (none && (d->complete || (usage && s->choices.count)));
	d->ended = d->complete || d->error.len;
}

static void finish(struct delta *d)
{
	struct state *s = d->state;

	d->complete = d->complete || d->sentinel;
	choices_sort(d, &s->choices);
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t choice = normal_choice(n, j, json_get(j, JSON_ROOT, "choices"), nth), reason;
	long index;

	if (!choice && nth > 0)
		return false;
	n->index = json_long(j, json_get(j, choice, "index"), &index) ? index : (long)nth;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	reason = json_get(j, choice, "finish_reason");
	n->finish_reason = json_text(j, reason ? reason : json_get(j, choice, "stop_reason"));
	normal_text(&n->text, j, json_get(j, choice, "text"));
	openai_usage(j, n);
	return true;
}

/* There are no messages here: the next request's prompt is this one's with the text behind it. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t text = json_get(j, json_at(j, json_get(j, JSON_ROOT, "choices"), 0), "text");

	if (!text)
		return;
	buf_adds(b, "{\"text\":");
	json_compact(b, j, text);
	buf_addc(b, '}');
}

const struct delta_format delta_openai_completion = {
	.name = "openai-completion",
	.about = "OpenAI's legacy text completions",
	.size = sizeof(struct state),
	.follows = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
};
