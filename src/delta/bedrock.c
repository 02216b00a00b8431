/* SPDX-License-Identifier: MIT */
/*
 * bedrock: Amazon Bedrock's Converse, and the plain text models of its InvokeModel.
 *
 * An SDK's form names the event; what stands in a frame does not (the frame's header does, and a
 * record of sse-split -e with it):
 *
 *	{"messageStart":{"role":"assistant"}}
 *	{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"f"}}}}
 *	{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a"}}}}
 *	{"contentBlockStop":{"contentBlockIndex":1}}
 *	{"messageStop":{"stopReason":"tool_use"}}
 *	{"metadata":{"usage":{"inputTokens":9,"outputTokens":3,"totalTokens":12},"metrics":{"latencyMs":312}}}
 *
 *	{"p":"abc","role":"assistant"}
 *	{"contentBlockIndex":0,"delta":{"text":"Hel"},"p":"abcdef"}
 *	{"contentBlockIndex":0,"p":"ab"}
 *	{"p":"abcd","stopReason":"end_turn"}
 *	{"metrics":{"latencyMs":312},"p":"a","usage":{"inputTokens":9,"outputTokens":1,"totalTokens":10}}
 *
 *	{"generation":" Hel","prompt_token_count":9,"generation_token_count":1,"stop_reason":null}	Llama
 *	{"outputText":"Hel","index":0,"totalOutputTextTokenCount":1,"completionReason":null}	Titan
 *	{"completion":" Hel","stop_reason":null,"stop":null}	Claude 2
 *	{"outputs":[{"text":" Hel","stop_reason":null}]}	Mistral
 *
 * Specification: Amazon Bedrock API reference, ConverseStream and Converse; "Inference request
 * parameters and response fields" for the text models. Text and reasoning have no start; metadata
 * comes after messageStop, before it, or never; `p` is padding. The text models end with a reason;
 * what Titan answers without streaming has another shape, and is taken in both.
 */
#include <string.h>

#include "base/base64.h"
#include "delta/blocks.h"
#include "delta/delta_impl.h"

struct state {
	struct blocks blocks;
	struct tree_node *message; /* NULL: a text model */
	bool touched;              /* something other than messageStart and metadata was seen */
	bool warned;               /* that a delta of an unknown kind is kept aside */
};

enum event {
	NO_EVENT,
	MESSAGE_START,
	BLOCK_START,
	BLOCK_DELTA,
	BLOCK_STOP,
	MESSAGE_STOP,
	METADATA,
	EXCEPTION,
	PLAIN, /* of a text model */
};

static const char *const names[] = {
	[MESSAGE_START] = "messageStart",  [BLOCK_START] = "contentBlockStart", [BLOCK_DELTA] = "contentBlockDelta",
	[BLOCK_STOP] = "contentBlockStop", [MESSAGE_STOP] = "messageStop",      [METADATA] = "metadata",
};

static const char metrics[] = "amazon-bedrock-invocationMetrics";

static bool has(const struct json *j, uint32_t at, const char *key)
{
	return json_get(j, at, key) != 0;
}

/* Which event a member of an SDK's form is. */
static enum event member_event(const struct json *j, uint32_t v)
{
	struct span key = json_string(j, json_key(v));

	if (json_kind(j, v) != JSON_OBJECT)
		return NO_EVENT;
	for (size_t e = MESSAGE_START; e <= METADATA; e++)
		if (span_is(key, names[e]))
			return (enum event)e;
	if (key.n > 9 && memcmp(key.p + key.n - 9, "Exception", 9) == 0)
		return EXCEPTION;
	return NO_EVENT;
}

/* The event of an SDK's form: one member says it, and nothing else but padding and statistics, and
 * members that are null, stand beside it. */
static enum event named_event(const struct json *j, uint32_t at)
{
	enum event found = NO_EVENT;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		enum event e = member_event(j, v);

		if (e != NO_EVENT)
			found = e;
		else if (json_kind(j, v) != JSON_NULL && !json_is(j, json_key(v), "p") &&
		         !json_is(j, json_key(v), metrics))
			return NO_EVENT;
	}
	return found;
}

static bool only(const struct json *j, uint32_t at, const char *const *keys)
{
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		size_t i = 0;

		while (keys[i] && !json_is(j, json_key(v), keys[i]))
			i++;
		if (!keys[i] && json_kind(j, v) != JSON_NULL)
			return false;
	}
	return true;
}

/* The event of a frame's payload, by its shape. */
static enum event bare_event(const struct json *j, uint32_t at)
{
	static const char *const start[] = { "role", "p", NULL };
	static const char *const stop[] = { "stopReason", "additionalModelResponseFields", "p", NULL };
	static const char *const closing[] = { "usage",       "metrics", "trace", "performanceConfig",
		                               "serviceTier", "p",       NULL };

	if (json_kind(j, json_get(j, at, "contentBlockIndex")) == JSON_NUMBER)
		return json_kind(j, json_get(j, at, "delta")) > JSON_NULL   ? BLOCK_DELTA
		       : json_kind(j, json_get(j, at, "start")) > JSON_NULL ? BLOCK_START
		                                                            : BLOCK_STOP;
	if (json_filled(j, json_get(j, at, "role")) && only(j, at, start))
		return MESSAGE_START;
	if (json_filled(j, json_get(j, at, "stopReason")) && only(j, at, stop))
		return MESSAGE_STOP;
	if ((json_path(j, at, "usage.inputTokens") || json_path(j, at, "metrics.latencyMs")) && only(j, at, closing))
		return METADATA;
	return NO_EVENT;
}

/* The key of a text model's text, and of why it ended. */
static const struct plain {
	const char *text, *reason;
	const char *marks[3]; /* one of these stands beside the text */
} plains[] = {
	{ "generation", "stop_reason", { "stop_reason", "generation_token_count", "prompt_token_count" } },
	{ "outputText",
	  "completionReason",
	  { "completionReason", "totalOutputTextTokenCount", "inputTextTokenCount" } },
	{ "completion", "stop_reason", { "stop_reason", "stop", metrics } },
};

/* Mistral has a list around text and reason. */
static const struct plain in_outputs = { "text", "stop_reason", { NULL } };

/* What holds the text: the chunk, or the one element of its outputs. */
static uint32_t holder(const struct json *j, uint32_t at)
{
	uint32_t outputs = json_get(j, at, "outputs"), one = json_first(j, outputs);

	if (json_kind(j, outputs) != JSON_ARRAY || json_kind(j, one) != JSON_OBJECT || json_next(j, outputs, one))
		return at;
	return json_kind(j, json_get(j, one, "text")) == JSON_STRING && has(j, one, "stop_reason") ? one : at;
}

static const struct plain *plain_of(const struct json *j, uint32_t at)
{
	if (holder(j, at) != at)
		return &in_outputs;
	for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
		if (json_kind(j, json_get(j, at, plains[i].text)) != JSON_STRING)
			continue;
		for (size_t k = 0; k < 3; k++)
			if (has(j, at, plains[i].marks[k]))
				return &plains[i];
	}
	return NULL;
}

/* `record` is the event of the record around the chunk, absent without one. */
static enum event event_of(const struct json *j, uint32_t at, struct span record)
{
	enum event e = named_event(j, at);

	for (size_t i = MESSAGE_START; i <= METADATA && e == NO_EVENT; i++)
		if (span_is(record, names[i]))
			e = (enum event)i;
	if (e == NO_EVENT)
		e = bare_event(j, at);
	return e == NO_EVENT && plain_of(j, at) ? PLAIN : e;
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	static const char *const others[] = { "choices", "candidates", "event_type", "sequence_number" };

	if (json_kind(j, json_path(j, at, "output.message")) == JSON_OBJECT ||
	    json_kind(j, json_get(j, json_at(j, json_get(j, at, "results"), 0), "outputText")) == JSON_STRING)
		return KNOWS_WHOLE;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (has(j, at, others[i]))
			return KNOWS_NOT;
	return event_of(j, at, SPAN_NONE) == NO_EVENT ? KNOWS_NOT : KNOWS_CHUNK;
}

/* messageStart says nothing of which message it is: it begins another when the one that is open
 * has anything in it. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	enum event e = event_of(j, at, d->event);

	if (d->ended)
		return e == METADATA && s->message ? OPENS_NOT : OPENS_NEW;
	if (e == EXCEPTION)
		return OPENS_NOT;
	if ((e == PLAIN) != (s->message == NULL))
		return OPENS_NEW;
	return e == MESSAGE_START && s->touched ? OPENS_NEW : OPENS_NOT;
}

static struct tree_node *message_node(struct delta *d, struct state *s)
{
	struct tree_node *root = d->tree.root;

	if (!s->message) {
		s->message = tree_key(&d->tree, tree_key(&d->tree, root, "output"), "message");
		tree_key(&d->tree, s->message, "role");
		tree_key(&d->tree, s->message, "content");
		tree_key(&d->tree, root, "stopReason");
	}
	return s->message;
}

/* Members of an event's payload, less those that are seen to elsewhere. */
static void members(struct delta *d, struct tree_node *to, const struct json *j, uint32_t from)
{
	static const char *const known[] = { "contentBlockIndex", "start", "delta" };

	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		bool skip = member_event(j, v) != NO_EVENT;

		for (size_t i = 0; i < sizeof known / sizeof *known && !skip; i++)
			skip = json_is(j, json_key(v), known[i]);
		if (json_is(j, json_key(v), "p"))
			delta_ignore(d, j, v);
		else if (!skip && d->whole && delta_room(d, json_text(j, v).n))
			delta_last(d, to, j, v);
	}
}

/* The text of base64 goes on: bytes that did not fill their last four characters are joined with
 * those that follow. */
static void base64_grow(struct delta *d, struct tree_node *to, struct span piece)
{
	struct span had = tree_string(to);
	struct buf more = BUF_INIT, bytes = BUF_INIT, text = BUF_INIT;
	size_t keep = had.n - (had.n % 4 ? had.n % 4 : had.n ? 4 : 0);

	follow_never(d);
	if (!d->whole || !piece.p || !delta_room(d, piece.n))
		return;
	json_unescape(&more, piece);
	if ((had.n % 4 || (had.n && had.p[had.n - 1] == '=')) && base64_decode(&bytes, had.p + keep, had.n - keep) &&
	    base64_decode(&bytes, more.p, more.len)) {
		buf_add(&text, had.p, keep);
		base64_encode(&text, bytes.p, bytes.len, 0);
		tree_set_string(to, buf_span(&text));
	} else {
		json_escape(&text, buf_span(&more));
		tree_append(to, buf_span(&text));
	}
	buf_release(&more);
	buf_release(&bytes);
	buf_release(&text);
}

/* A signature comes once, or in pieces, or again. */
static void signature(struct delta *d, struct tree_node *to, struct span piece)
{
	follow_never(d);
	if (!span_same(tree_string(to), piece))
		delta_grow(d, to, piece);
}

static void reasoning(struct delta *d, struct block *b, const struct json *j, uint32_t from)
{
	struct tree_node *to = tree_key(&d->tree, b->node, "reasoningContent");

	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		struct span key = delta_key(d, j, v), piece = json_string(j, v);
		bool text = span_is(key, "text");

		if (piece.p && (text || span_is(key, "signature"))) {
			struct tree_node *inner = tree_key(&d->tree, to, "reasoningText"), *grows;

			if (tree_is_null(inner)) /* requests refuse a signature without a text */
				tree_set_string(tree_key(&d->tree, inner, "text"), SPAN(""));
			grows = tree_put(&d->tree, inner, json_string(j, json_key(v)));
			if (text)
				delta_reasoning(d, 0, grows, piece);
			else
				signature(d, grows, piece);
		} else if (piece.p && span_is(key, "redactedContent")) {
			base64_grow(d, tree_put(&d->tree, to, json_string(j, json_key(v))), piece);
		} else if (d->whole) {
			delta_last(d, to, j, v);
		}
	}
}

/* toolUse of a start or a delta. Amazon's own tools are told by their type; Nova gives the user's one too. */
static void tool_use(struct delta *d, struct block *b, const struct json *j, uint32_t from)
{
	uint32_t input = json_get(j, from, "input");
	struct buf text = BUF_INIT;

	b->body = tree_key(&d->tree, b->node, "toolUse");
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v))
		if (v != input)
			delta_last(d, b->body, j, v);
	if (b->body->kind != TREE_OBJECT)
		b->body->kind = TREE_OBJECT;
	tree_key(&d->tree, b->body, "input");
	if (!b->call)
		block_call(d, b, "toolUseId", "name", tree_is(tree_get(b->body, "type"), "server_tool_use"));
	if (json_kind(j, input) == JSON_STRING) {
		block_input(d, b, json_string(j, input));
	} else if (json_kind(j, input) > JSON_NULL) {
		normal_arguments(&text, j, input);
		block_input(d, b, buf_span(&text));
	}
	buf_release(&text);
}

/* Parts of a result are the elements of its content. */
static void tool_result(struct delta *d, struct block *b, const struct json *j, uint32_t v)
{
	struct tree_node *to = tree_open(&d->tree, tree_key(&d->tree, b->node, "toolResult"));
	bool object = json_kind(j, v) == JSON_OBJECT;
	uint32_t parts = object ? json_get(j, v, "content") : v;

	delta_list_all(d, tree_key(&d->tree, to, "content"), j, parts);
	for (uint32_t m = json_first(j, object && d->whole ? v : 0); m; m = json_next(j, v, m))
		if (m != parts)
			delta_last(d, to, j, m);
}

/* An image's bytes come in pieces. */
static void image(struct delta *d, struct block *b, const struct json *j, uint32_t from)
{
	struct tree_node *to = tree_open(&d->tree, tree_key(&d->tree, b->node, "image"));

	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		uint32_t bytes = json_is(j, json_key(v), "source") ? json_get(j, v, "bytes") : 0;

		if (json_kind(j, bytes) == JSON_STRING)
			base64_grow(d, tree_key(&d->tree, tree_key(&d->tree, to, "source"), "bytes"),
			            json_string(j, bytes));
		else if (d->whole)
			delta_last(d, to, j, v);
	}
}

/* A kind that nobody told us of: how its pieces join is unknown, so each is kept as it came. */
static void keep_aside(struct delta *d, struct state *s, struct block *b, const struct json *j, uint32_t v)
{
	struct span key = json_string(j, json_key(v));
	struct buf one = BUF_INIT;
	struct json parsed = JSON_INIT;

	if (!s->warned)
		delta_report(d, ST_OK, "delta of unknown type '%.*s', kept in \"deltas\" of its block",
		             (int)(key.n < 60 ? key.n : 60), key.p);
	s->warned = true;
	buf_addf(&one, "{\"%.*s\":", (int)key.n, key.p);
	json_compact(&one, j, v);
	buf_addc(&one, '}');
	json_parse(&parsed, one.p, one.len);
	delta_list(d, tree_key(&d->tree, b->node, "deltas"), &parsed, JSON_ROOT);
	json_release(&parsed);
	buf_release(&one);
}

/* A block is of one kind; a piece of another kind at the same index belongs to a block of its own. */
static struct block *of_kind(struct delta *d, struct state *s, struct block *b, struct span key)
{
	static const char *const kinds[] = { "text", "reasoningContent", "toolUse", "toolResult", "image" };
	bool is_kind = false;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !is_kind; i++)
		is_kind = span_is(key, kinds[i]);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && is_kind; i++)
		if (!span_is(key, kinds[i]) && !tree_is_null(tree_get(b->node, kinds[i]))) {
			b = block_new(d, &s->blocks, b->index);
			b->grown = true;
			break;
		}
	return b;
}

/* A member of a delta, or of a start that holds the same. */
static void delta_member(struct delta *d, struct state *s, struct block *b, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	enum json_kind kind = json_kind(j, v);

	if (kind == JSON_NULL)
		return;
	b = of_kind(d, s, b, key);
	if (span_is(key, "text") && kind == JSON_STRING)
		delta_text(d, 0, d->whole ? tree_key(&d->tree, b->node, "text") : NULL, json_string(j, v));
	else if (span_is(key, "toolUse") && kind == JSON_OBJECT)
		tool_use(d, b, j, v);
	else if (span_is(key, "reasoningContent") && kind == JSON_OBJECT)
		reasoning(d, b, j, v);
	else if (span_is(key, "citation"))
		delta_list(d, tree_key(&d->tree, b->node, "citations"), j, v);
	else if (span_is(key, "toolResult") && kind >= JSON_ARRAY)
		tool_result(d, b, j, v);
	else if (span_is(key, "image") && kind == JSON_OBJECT)
		image(d, b, j, v);
	else
		keep_aside(d, s, b, j, v);
}

static void block_delta(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	uint32_t delta = json_get(j, at, "delta");
	long index = block_index(&s->blocks, j, json_get(j, at, "contentBlockIndex"), false);

	s->blocks.last = index;
	if (!block_find(&s->blocks, index))
		block_new(d, &s->blocks, index);
	block_find(&s->blocks, index)->grown = true;
	for (uint32_t v = json_first(j, delta); v; v = json_next(j, delta, v))
		delta_member(d, s, block_find(&s->blocks, index), j, v);
	members(d, block_find(&s->blocks, index)->node, j, at);
}

static void start(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	uint32_t what = json_get(j, at, "start");
	long index = block_index(&s->blocks, j, json_get(j, at, "contentBlockIndex"), true);
	struct block *b = block_start(d, &s->blocks, index);

	for (uint32_t v = json_first(j, what); v; v = json_next(j, what, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "toolUse") || span_is(key, "text") || span_is(key, "reasoningContent"))
			delta_member(d, s, b, j, v);
		else if (d->whole && delta_room(d, json_text(j, v).n))
			delta_last(d, b->node, j, v);
		b = block_find(&s->blocks, index);
	}
	members(d, b->node, j, at);
}

static void block_end(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	struct block *b =
		block_find(&s->blocks, block_index(&s->blocks, j, json_get(j, at, "contentBlockIndex"), false));

	if (!b)
		return;
	members(d, b->node, j, at);
	block_stop(d, b);
}

/* {"throttlingException":{"message":…}} becomes {"error":{"type":"throttlingException","message":…}},
 * which is what sse-split makes of such a frame. */
static void exception(struct delta *d, const struct json *j, uint32_t v)
{
	struct buf text = BUF_INIT;
	struct json parsed = JSON_INIT;

	buf_adds(&text, "{\"error\":{\"type\":");
	buf_addspan(&text, json_text(j, json_key(v)));
	for (uint32_t m = json_first(j, v); m; m = json_next(j, v, m)) {
		buf_addc(&text, ',');
		buf_addspan(&text, json_text(j, json_key(m)));
		buf_addc(&text, ':');
		json_compact(&text, j, m);
	}
	buf_adds(&text, "}}");
	if (!d->tree.root->first)
		buf_addspan(&d->saved, buf_span(&text));
	json_parse(&parsed, text.p, text.len);
	delta_error(d, &parsed, json_get(&parsed, JSON_ROOT, "error"));
	d->ended = d->complete = true;
	json_release(&parsed);
	buf_release(&text);
}

static void payload(struct delta *d, struct state *s, enum event e, const struct json *j, uint32_t at)
{
	struct tree_node *message = e == EXCEPTION ? NULL : message_node(d, s);

	s->touched = s->touched || (e != MESSAGE_START && e != METADATA);
	switch (e) {
	case MESSAGE_START:
		members(d, message, j, at);
		break;
	case BLOCK_START:
		start(d, s, j, at);
		break;
	case BLOCK_DELTA:
		block_delta(d, s, j, at);
		break;
	case BLOCK_STOP:
		block_end(d, s, j, at);
		break;
	case EXCEPTION:
		exception(d, j, at);
		break;
	default:
		members(d, d->tree.root, j, at);
	}
	if (e == MESSAGE_STOP)
		d->ended = d->complete = true;
}

static void plain_members(struct delta *d, struct tree_node *to, const struct json *j, uint32_t from, uint32_t text,
                          uint32_t but)
{
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v))
		if (v == text)
			delta_text(d, 0, tree_put(&d->tree, to, json_string(j, json_key(v))), json_string(j, v));
		else if (json_is(j, json_key(v), "p"))
			delta_ignore(d, j, v);
		else if (v != but)
			delta_last(d, to, j, v);
}

static void plain(struct delta *d, const struct json *j, uint32_t at)
{
	const struct plain *p = plain_of(j, at);
	uint32_t from = holder(j, at), outputs = from == at ? 0 : json_get(j, at, "outputs");
	struct tree_node *to = d->tree.root;

	if (outputs) {
		struct tree_node *list = tree_key(&d->tree, d->tree.root, "outputs");

		list->kind = TREE_ARRAY;
		to = list->first ? list->first : tree_add(&d->tree, list);
		to->kind = TREE_OBJECT;
		plain_members(d, d->tree.root, j, at, 0, outputs);
	}
	plain_members(d, to, j, from, json_get(j, from, p->text), 0);
	d->ended = d->complete = !tree_is_null(tree_get(to, p->reason));
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	enum event e;

	if (named_event(j, at) == NO_EVENT) {
		e = event_of(j, at, d->event);
		if (e == PLAIN)
			plain(d, j, at);
		else
			payload(d, s, e, j, at);
		return;
	}
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		if ((e = member_event(j, v)) != NO_EVENT)
			payload(d, s, e, j, v);
	if (s->message)
		members(d, d->tree.root, j, at);
}

/* A text that has sources is a block of another kind: {"citationsContent":{"content":[{"text":…}],"citations":[…]}}. */
static void cite(struct delta *d, struct tree_node *block)
{
	struct tree_node *text = tree_get(block, "text"), *citations = tree_get(block, "citations"), *cited, *list;

	if (!text || !citations)
		return;
	tree_remove(block, text);
	tree_remove(block, citations);
	cited = tree_key(&d->tree, block, "citationsContent");
	list = tree_key(&d->tree, cited, "content");
	list = tree_add(&d->tree, list);
	list->kind = TREE_OBJECT;
	tree_attach(list, text);
	tree_attach(cited, citations);
}

static struct delta_call *twin(struct delta *d, struct delta_call *c)
{
	struct state *s = d->state;

	return block_twin(d, &s->blocks, c, "toolUseId", "name");
}

static void finish(struct delta *d)
{
	struct state *s = d->state;
	struct tree_node *role = tree_get(s->message, "role"), *list = tree_get(s->message, "content");

	if (!s->message)
		return;
	if (tree_is_null(role))
		tree_set_text(role, SPAN("\"assistant\""));
	list->kind = TREE_ARRAY;
	blocks_finish(d, &s->blocks, list);
	for (struct tree_node *b = list->first; b; b = b->next)
		cite(d, b);
}

static void normal_block(const struct json *j, uint32_t block, struct normal *n)
{
	uint32_t call = json_get(j, block, "toolUse"), cited = json_path(j, block, "citationsContent.content");
	struct normal_call *c;

	normal_text(&n->text, j, json_get(j, block, "text"));
	for (uint32_t e = json_first(j, cited); e; e = json_next(j, cited, e))
		normal_text(&n->text, j, json_get(j, e, "text"));
	normal_text(&n->reasoning, j, json_path(j, block, "reasoningContent.reasoningText.text"));
	normal_signature(n, j, NORMAL_REASONING, json_path(j, block, "reasoningContent.reasoningText.signature"));
	normal_redacted(n, j, json_path(j, block, "reasoningContent.redactedContent"));
	if (json_kind(j, call) != JSON_OBJECT || json_is(j, json_get(j, call, "type"), "server_tool_use"))
		return;
	c = normal_call(n);
	c->id = json_text(j, json_get(j, call, "toolUseId"));
	normal_text(&c->name, j, json_get(j, call, "name"));
	normal_arguments(&c->arguments, j, json_get(j, call, "input"));
}

/* A text model's answer: node is what holds its text, the root or one of Titan's results. */
static void normal_plain(const struct json *j, uint32_t node, struct normal *n)
{
	static const struct {
		enum normal_usage u;
		const char *path;
	} counts[] = {
		{ USAGE_INPUT, "amazon-bedrock-invocationMetrics.inputTokenCount" },
		{ USAGE_OUTPUT, "amazon-bedrock-invocationMetrics.outputTokenCount" },
		{ USAGE_CACHED, "amazon-bedrock-invocationMetrics.cacheReadInputTokenCount" },
		{ USAGE_CACHE_WRITE, "amazon-bedrock-invocationMetrics.cacheWriteInputTokenCount" },
		{ USAGE_INPUT, "prompt_token_count" },
		{ USAGE_OUTPUT, "generation_token_count" },
		{ USAGE_INPUT, "inputTextTokenCount" },
		{ USAGE_OUTPUT, "totalOutputTextTokenCount" },
	};

	if (holder(j, JSON_ROOT) == node && node != JSON_ROOT) {
		normal_text(&n->text, j, json_get(j, node, in_outputs.text));
		n->finish_reason = json_text(j, json_get(j, node, in_outputs.reason));
	}
	for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
		uint32_t text = json_get(j, node, plains[i].text);

		normal_text(&n->text, j, text);
		if (json_kind(j, text) == JSON_STRING)
			n->finish_reason = json_text(j, json_get(j, node, plains[i].reason));
	}
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		normal_usage_path(n, counts[i].u, j, JSON_ROOT, counts[i].path);
	normal_usage_path(n, USAGE_OUTPUT, j, node, "tokenCount");
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t message = json_path(j, JSON_ROOT, "output.message"), content = json_get(j, message, "content");
	uint32_t u = json_get(j, JSON_ROOT, "usage"), results = json_get(j, JSON_ROOT, "results"), result;

	if (!json_first(j, results))
		results = 0;
	result = results ? normal_choice(n, j, results, nth) : 0;
	if (nth > 0 && !result)
		return false;
	n->index = (long)nth;
	if (!message) {
		normal_plain(j, result ? result : holder(j, JSON_ROOT), n);
		return true;
	}
	n->role = json_string(j, json_get(j, message, "role"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "stopReason"));
	for (uint32_t e = json_first(j, content); e; e = json_next(j, content, e))
		normal_block(j, e, n);
	normal_usage_path(n, USAGE_INPUT, j, u, "inputTokens");
	normal_usage_path(n, USAGE_OUTPUT, j, u, "outputTokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "cacheReadInputTokenCount");
	normal_usage_path(n, USAGE_CACHED, j, u, "cacheReadInputTokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "cacheWriteInputTokenCount");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "cacheWriteInputTokens");
	normal_usage_path(n, USAGE_TOTAL, j, u, "totalTokens");
	return true;
}

/* A text block with nothing but white space in it, which Converse sends but does not take back. */
static bool blank(const struct json *j, uint32_t block)
{
	struct span text = json_string(j, json_get(j, block, "text"));

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\\' && i + 1 < text.n && strchr("nrt", text.p[i + 1]))
			i++;
		else if (text.p[i] != ' ')
			return false;
	return text.p && json_count(j, block) == 1;
}

static bool put_tool_use(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "type", NULL, false }, { "input", put_arguments_object, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool put_reasoning_text(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "text", put_text, true }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool put_reasoning(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "reasoningText", put_reasoning_text, false }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

static bool put_block(struct buf *b, const struct json *j, uint32_t block)
{
	static const struct put with[] = { { "deltas", NULL, false },
		                           { "toolUse", put_tool_use, false },
		                           { "reasoningContent", put_reasoning, false },
		                           { 0 } };

	if (blank(j, block))
		return false;
	put_object(b, j, block, with);
	return true;
}

/* The text of a text model as a message of Converse, since its own next request is a prompt. */
static bool put_plain(struct buf *b, const struct json *j)
{
	struct normal n = { 0 };
	bool text;

	normal(j, 0, &n);
	text = n.text.len > 0;
	buf_adds(b, "[{\"text\":\"");
	buf_addspan(b, buf_span(&n.text));
	buf_adds(b, "\"}]");
	normal_release(&n);
	return text;
}

/* The answer as the next request of Converse wants it; nothing if it has no content. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t m = json_path(j, JSON_ROOT, "output.message"), role = json_get(j, m, "role");
	size_t before = b->len;

	buf_adds(b, "{\"role\":");
	buf_addspan(b, role ? json_text(j, role) : SPAN("\"assistant\""));
	json_member(b, "content");
	if (m ? put_list(b, j, json_get(j, m, "content"), put_block) : put_plain(b, j))
		buf_addc(b, '}');
	else
		buf_cut(b, before);
}

/* {"toolResult":{"toolUseId":…,"content":[{"text":…}],"status":"error"}}. Converse demands a content,
 * and refuses a blank text in it. */
static void put_result(struct next *x, const struct normal_call *call, const struct next_result *result)
{
	static const struct next_result nothing = { .text = { "(no output)", 11 } };

	next_item(x);
	buf_adds(x->items, "{\"toolResult\":{");
	next_id(x, "toolUseId", call);
	json_member(x->items, "content");
	buf_adds(x->items, "[{");
	next_text(x, "text", next_blank(result) ? &nothing : result);
	buf_adds(x->items, "}]");
	if (result->failed) {
		json_member(x->items, "status");
		buf_adds(x->items, "\"error\"");
	}
	buf_adds(x->items, "}}");
}

static int next(struct next *x)
{
	next_message(x);
	next_item(x);
	buf_adds(x->items, "{\"role\":\"user\",\"content\":[");
	for (size_t i = 0; i < x->normal->ncalls; i++)
		put_result(x, &x->normal->calls[i], &x->results[i]);
	buf_adds(x->items, "]}");
	return next_into(x, "messages");
}

const struct delta_format delta_bedrock = {
	.name = "bedrock",
	.about = "Amazon Bedrock's Converse, and text models of its InvokeModel",
	.size = sizeof(struct state),
	.follows = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.twin = twin,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
