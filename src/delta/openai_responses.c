/* SPDX-License-Identifier: MIT */
/*
 * openai-responses: the event stream of OpenAI's Responses API, also of Azure, xAI, DeepSeek,
 * OpenRouter, LM Studio, Copilot and Bedrock.
 *
 *	{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","output":[],…}}
 *	{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],…}}
 *	{"type":"response.content_part.added","output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","text":"",…}}
 *	{"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hel","logprobs":[]}
 *	{"type":"response.output_item.done","output_index":0,"item":{…}}
 *	{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[…],"usage":{…},…}}
 *	{"type":"codex.rate_limits","plan_type":"plus","rate_limits":{…}}	ChatGPT's, anywhere
 *
 * Specification: OpenAI API reference, "Responses", "Streaming events". The last event repeats the
 * whole answer, and is believed; the items are gathered from the events between (responses_items.c,
 * responses_events.c) for streams that never come to it, or whose last event has an empty output.
 */
#include <string.h>

#include "delta/responses_impl.h"

/* The event's type without "response."; absent when it has another. */
static struct span event_name(const struct json *j, uint32_t at)
{
	struct span type = json_string(j, json_get(j, at, "type"));
	size_t n = strlen("response.");

	return span_starts(type, "response.") ? (struct span){ type.p + n, type.n - n } : SPAN_NONE;
}

/* Events of the connection that Codex's back end sends among those of the response: codex.rate_limits. */
static bool is_aside(const struct json *j, uint32_t at)
{
	struct span type = json_string(j, json_get(j, at, "type"));

	return span_starts(type, "codex.") || span_starts(type, "responsesapi.");
}

/* Codex's back end says done, whatever came of it, where others say completed; some say both. */
static bool is_terminal(struct span name)
{
	return span_is(name, "done") || span_is(name, "completed") || span_is(name, "incomplete") || span_is(name, "failed") ||
	       span_is(name, "cancelled");
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "type");

	if (json_is(j, type, "keepalive"))
		return KNOWS_NOISE;
	if (event_name(j, at).p || is_aside(j, at) || json_kind(j, json_get(j, at, "sequence_number")) > JSON_NULL)
		return KNOWS_CHUNK;
	return !type && json_is(j, json_get(j, at, "object"), "response") ? KNOWS_WHOLE : KNOWS_NOT;
}

static bool is_error(const struct json *j, uint32_t at, struct span name)
{
	return json_is(j, json_get(j, at, "type"), "error") || span_is(name, "error");
}

/* Only response.created begins a response, since Copilot changes the id within one; but after a
 * terminal event also what could only belong to another: an error, or the stream of one that was
 * resumed. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct responses *s = d->state;
	struct span name = event_name(j, at), id;
	bool created = span_is(name, "created");
	struct tree_node *known;

	if (!created && !s->terminal)
		return OPENS_NOT;
	id = json_text(j, json_path(j, at, "response.id"));
	known = s->created ? s->created : tree_get(d->tree.root, "id");
	if (created)
		return d->ended || (s->begun && !span_same(id, tree_raw(known))) ? OPENS_NEW : OPENS_NOT;
	if (is_error(j, at, name))
		return OPENS_NEW;
	if (is_terminal(name))
		return id.p && !span_same(id, tree_raw(tree_get(d->tree.root, "id"))) ? OPENS_NEW : OPENS_NOT;
	return id.p || json_get(j, at, "output_index") ? OPENS_NEW : OPENS_NOT;
}

/* ---- snapshots */

static void snapshot(struct delta *d, const struct json *j, uint32_t response, bool terminal)
{
	struct tree_node *root = d->tree.root;
	uint32_t v = json_first(j, response);

	tree_arrange(&d->tree, root, j, response);
	for (struct tree_node *n = root->first; v; v = json_next(j, response, v), n = n->next)
		if (json_is(j, json_key(v), "output"))
			responses_output(d, j, v, terminal);
		else
			tree_set(n, j, v);
	delta_error(d, j, json_get(j, response, "error"));
}

/* What stands beside the snapshot (Copilot's copilot_usage). */
static void beside(struct delta *d, const struct json *j, uint32_t at)
{
	static const char *const envelope[] = { "type", "sequence_number", "response", "obfuscation", NULL };

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		size_t i = 0;

		while (envelope[i] && !json_is(j, json_key(v), envelope[i]))
			i++;
		if (!envelope[i])
			delta_last(d, d->tree.root, j, v);
	}
}

/* A server whose last snapshot does not know yet that it is the last: the event's name does. */
static void terminal_status(struct delta *d, struct span name)
{
	struct tree_node *status = tree_key(&d->tree, d->tree.root, "status");

	if (tree_is_null(status) || tree_is(status, "in_progress") || tree_is(status, "queued"))
		tree_set_string(status, span_is(name, "done") ? SPAN("completed") : name);
}

static void add_snapshot(struct delta *d, const struct json *j, uint32_t at, struct span name)
{
	struct responses *s = d->state;
	uint32_t response = json_get(j, at, "response");
	bool terminal = is_terminal(name);

	follow_never(d);
	s->begun = true;
	if (json_kind(j, response) == JSON_OBJECT)
		snapshot(d, j, response, terminal);
	beside(d, j, at);
	if (span_is(name, "created") && !s->created) {
		s->created = tree_new(&d->tree);
		tree_set(s->created, j, json_get(j, response, "id"));
	}
	if (!terminal)
		return;
	terminal_status(d, name);
	if ((span_is(name, "failed") || tree_is(tree_get(d->tree.root, "status"), "failed")) && !d->error.len)
		delta_error(d, j, json_get(j, at, "type")); /* it does not say why */
	s->terminal = d->ended = d->complete = true;
}

/* {"type":"error","error":{…}}, or the members of the error in the event itself. response.failed may
 * follow. */
static void add_error(struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t error = json_get(j, at, "error");
	struct tree_node *bare = tree_object(&d->tree);
	struct buf text = BUF_INIT;
	struct json parsed = JSON_INIT;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		if (!json_is(j, json_key(v), "type") && !json_is(j, json_key(v), "sequence_number"))
			tree_set(tree_put(&d->tree, bare, json_string(j, json_key(v))), j, v);
	tree_write(&text, bare);
	json_parse(&parsed, text.p, text.len);
	if (json_kind(j, error) > JSON_NULL)
		delta_error(d, j, error);
	else
		delta_error(d, &parsed, JSON_ROOT);
	d->ended = d->complete = true;
	json_release(&parsed);
	buf_release(&text);
}

/* Kept as it came, the last of each type. */
static void add_aside(struct delta *d, const struct json *j, uint32_t at)
{
	struct span type = json_string(j, json_get(j, at, "type"));

	follow_never(d);
	if (d->whole && delta_room(d, json_text(j, at).n))
		tree_set(tree_put(&d->tree, d->tree.root, type), j, at);
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct span name = event_name(j, at);

	if (is_aside(j, at))
		add_aside(d, j, at);
	else if (is_error(j, at, name))
		add_error(d, j, at);
	else if (name.p && (is_terminal(name) || json_kind(j, json_get(j, at, "response")) == JSON_OBJECT))
		add_snapshot(d, j, at, name);
	else if (name.p)
		responses_item_event(d, j, at, name);
	else
		follow_never(d); /* it has a sequence_number, and no meaning that is known */
}

static void finish(struct delta *d)
{
	const struct responses *s = d->state;
	struct tree_node *root = d->tree.root, *status;

	if (!s->begun)
		return;
	if (!tree_get(root, "object"))
		tree_set_text(tree_key(&d->tree, root, "object"), SPAN("\"response\""));
	status = tree_key(&d->tree, root, "status");
	if (tree_is_null(status))
		tree_set_text(status, SPAN("\"in_progress\""));
	responses_items_finish(d, s->terminal && tree_is(status, "completed"));
}

/* ---- the same view as of every provider */

/* The parts of a list that are of that kind, in an item that has others of `usual` kind. */
static void normal_texts(struct buf *to, const struct json *j, uint32_t parts, enum responses_kind kind,
                         enum responses_kind usual)
{
	bool first = true;

	for (uint32_t p = json_kind(j, parts) == JSON_ARRAY ? json_first(j, parts) : 0; p; p = json_next(j, parts, p)) {
		if (responses_kind(j, p, usual) != kind)
			continue;
		if (!first && kind == RESPONSES_SUMMARY)
			buf_adds(to, "\\n\\n");
		first = false;
		normal_text(to, j, json_get(j, p, "text"));
		normal_text(to, j, json_get(j, p, "refusal"));
	}
}

/* An item's reasoning is its summary, or without one its own words; items stand a blank line apart. */
static void normal_reasoning(struct normal *n, const struct json *j, uint32_t item, enum responses_kind usual)
{
	buf_reset(&n->scratch);
	normal_texts(&n->scratch, j, json_get(j, item, "summary"), RESPONSES_SUMMARY, RESPONSES_SUMMARY);
	if (n->scratch.len == 0)
		normal_texts(&n->scratch, j, json_get(j, item, "content"), RESPONSES_REASONING, usual);
	if (n->scratch.len && n->reasoning.len)
		buf_adds(&n->reasoning, "\\n\\n");
	buf_addspan(&n->reasoning, buf_span(&n->scratch));
}

/* Servers that put reasoning into messages, or answers into reasoning, say so by the type of the part. */
static void normal_said(struct normal *n, const struct json *j, uint32_t item, enum responses_kind usual)
{
	normal_texts(&n->text, j, json_get(j, item, "content"), RESPONSES_TEXT, usual);
	normal_reasoning(n, j, item, usual);
}

/* The id that the call's output goes back under is call_id, not the item's. */
static void normal_one_call(struct normal *n, const struct json *j, uint32_t item, const char *arguments)
{
	struct normal_call *c = normal_call(n);

	c->id = json_text(j, json_get(j, item, "call_id"));
	if (!c->id.p)
		c->id = SPAN("null");
	normal_text(&c->name, j, json_get(j, item, "name"));
	normal_arguments(&c->arguments, j, json_get(j, item, arguments));
	c->text = !strcmp(arguments, "input");
}

static void normal_item(struct normal *n, const struct json *j, uint32_t item)
{
	uint32_t type = json_get(j, item, "type");

	if (json_is(j, type, "message"))
		normal_said(n, j, item, RESPONSES_TEXT);
	else if (json_is(j, type, "reasoning"))
		normal_said(n, j, item, RESPONSES_REASONING);
	else if (json_is(j, type, "function_call"))
		normal_one_call(n, j, item, "arguments");
	else if (json_is(j, type, "custom_tool_call"))
		normal_one_call(n, j, item, "input");
}

static void normal_usages(struct normal *n, const struct json *j)
{
	uint32_t u = json_get(j, JSON_ROOT, "usage");

	normal_usage_path(n, USAGE_INPUT, j, u, "input_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, u, "output_tokens");
	normal_usage_path(n, USAGE_REASONING, j, u, "output_tokens_details.reasoning_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "input_tokens_details.cached_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "input_tokens_details.cache_write_tokens");
	normal_usage_path(n, USAGE_TOTAL, j, u, "total_tokens");
	normal_usage_path(n, USAGE_COST, j, u, "cost");
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t output = json_get(j, JSON_ROOT, "output"), status = json_get(j, JSON_ROOT, "status");

	if (nth > 0)
		return false;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	n->finish_reason = json_text(j, status);
	for (uint32_t i = json_first(j, output); i; i = json_next(j, output, i))
		normal_item(n, j, i);
	normal_usages(n, j);
	if (json_is(j, status, "incomplete"))
		n->finish = normal_finish(json_string(j, json_path(j, JSON_ROOT, "incomplete_details.reason")), false);
	return true;
}

/* ---- the next request */

static bool is_one_of(const struct json *j, uint32_t string, const char *const *words)
{
	for (; *words; words++)
		if (json_is(j, string, *words))
			return true;
	return false;
}

static bool put_annotations(struct buf *b, const struct json *j, uint32_t v)
{
	buf_addspan(b, v ? json_text(j, v) : SPAN("[]"));
	return true;
}

static bool put_part(struct buf *b, const struct json *j, uint32_t part)
{
	static const struct put text[] = { { "annotations", put_annotations, true }, { 0 } };

	put_object(b, j, part, json_is(j, json_get(j, part, "type"), "output_text") ? text : NULL);
	return true;
}

static bool put_content(struct buf *b, const struct json *j, uint32_t v)
{
	size_t before = b->len;

	if (!put_list(b, j, v, put_part)) { /* no parts, or no list */
		buf_cut(b, before);
		json_compact(b, j, v);
	}
	return true;
}

/* The items as `input` wants them: all that the model said, ids and encrypted reasoning with it.
 * Left out is what the server only reports: created_by, which no input item has; status, which
 * reasoning, messages and calls for the user get refused for ("Unknown parameter: 'input[1].status'"),
 * while the server's own tools demand it; and a picture that was never finished.
 *
 * A request with "store":false is answered by a server that has kept nothing: it cannot find
 * reasoning by its id, and wants it encrypted or not at all; the ids of what was said beside it
 * would only tell that it is missing. */
static void put_items(struct buf *b, const struct json *j, bool stored)
{
	static const char *const said[] = { "message", "function_call", "custom_tool_call", NULL };
	uint32_t output = json_get(j, JSON_ROOT, "output");
	const char *comma = "";

	for (uint32_t i = json_first(j, output); i; i = json_next(j, output, i)) {
		uint32_t type = json_get(j, i, "type");
		bool reasoning = json_is(j, type, "reasoning"), ours = is_one_of(j, type, said);
		const struct put with[] = {
			{ "created_by", NULL, false },
			{ "partial_image_b64", NULL, false },
			{ "partial_image_index", NULL, false },
			{ "arguments", put_arguments_text, json_is(j, type, "function_call") },
			{ "input", put_text, json_is(j, type, "custom_tool_call") },
			{ "content", put_content, false },
			{ ours || reasoning ? "status" : NULL, NULL, false },
			{ ours && !stored ? "id" : NULL, NULL, false },
			{ 0 },
		};

		if (reasoning && !stored && !json_filled(j, json_get(j, i, "encrypted_content")))
			continue;
		buf_adds(b, comma);
		put_object(b, j, i, with);
		comma = ",";
	}
}

static void message(const struct json *j, struct buf *b)
{
	if (json_kind(j, json_get(j, JSON_ROOT, "output")) != JSON_ARRAY)
		return;
	buf_addc(b, '[');
	put_items(b, j, true);
	buf_addc(b, ']');
}

static void call_output(struct next *x, const struct normal_call *call, const struct next_result *result)
{
	next_item(x);
	buf_adds(x->items, call->text ? "{\"type\":\"custom_tool_call_output\"" : "{\"type\":\"function_call_output\"");
	next_id(x, "call_id", call);
	next_text(x, "output", result);
	buf_addc(x->items, '}');
}

static int next(struct next *x)
{
	uint32_t store = json_get(x->request, JSON_ROOT, "store"), input = json_get(x->request, JSON_ROOT, "input");

	put_items(x->items, x->message, json_kind(x->request, store) != JSON_FALSE);
	for (size_t i = 0; i < x->normal->ncalls; i++)
		call_output(x, &x->normal->calls[i], &x->results[i]);
	if (json_kind(x->request, input) == JSON_ARRAY)
		return next_into(x, "input");
	return next_around(x, "input", "{\"role\":\"user\",\"content\":", "}");
}

const struct delta_format delta_openai_responses = {
	.name = "openai-responses",
	.about = "OpenAI Responses, also of Azure, xAI, OpenRouter, Copilot",
	.size = sizeof(struct responses),
	.corrects = true,
	.follows = true,
	.typed = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
