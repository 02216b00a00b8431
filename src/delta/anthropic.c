/* SPDX-License-Identifier: MIT */
/*
 * anthropic: the Messages API, as Anthropic, Vertex AI and (inside Bedrock's InvokeModel) Amazon
 * stream it.
 *
 *	{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}
 *	{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
 *	{"type":"ping"}
 *	{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}
 *	{"type":"content_block_stop","index":0}
 *	{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}
 *	{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}
 *	{"type":"content_block_stop","index":1}
 *	{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":31}}
 *	{"type":"message_stop"}
 *	{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
 *	{"type":"vertex_event","usage":{"input_tokens":9,"output_tokens":1,"tiers":{…}}}	Vertex AI, anywhere
 *
 * Specification: Anthropic API reference, "Streaming Messages". Usage is cumulative, so the last
 * number wins; what a result block holds arrives whole with its start; content may be there before
 * any block starts; a gateway that tries again may begin another message inside an unfinished one.
 */
#include <string.h>

#include "delta/blocks.h"
#include "delta/delta_impl.h"

struct state {
	struct blocks blocks;
	struct tree_node *content; /* of the message: takes the blocks at its end */
	bool started;              /* message_start was seen */
	bool touched;              /* anything else was seen */
	bool warned;               /* that a delta of unknown type is kept aside */
};

enum event {
	NO_EVENT,
	BLOCK_DELTA,
	BLOCK_START,
	BLOCK_STOP,
	MESSAGE_START,
	MESSAGE_DELTA,
	MESSAGE_STOP,
	PING,
	ERROR,
	VERTEX,
	BLOCK_OTHER,
	MESSAGE_OTHER,
};

static enum event event_of(const struct json *j, uint32_t at)
{
	static const struct span names[] = {
		[BLOCK_DELTA] = SPAN("content_block_delta"),
		[BLOCK_START] = SPAN("content_block_start"),
		[BLOCK_STOP] = SPAN("content_block_stop"),
		[MESSAGE_START] = SPAN("message_start"),
		[MESSAGE_DELTA] = SPAN("message_delta"),
		[MESSAGE_STOP] = SPAN("message_stop"),
		[PING] = SPAN("ping"),
		[ERROR] = SPAN("error"),
		[VERTEX] = SPAN("vertex_event"),
	};
	uint32_t type = json_get(j, at, "type");
	struct span s = json_string(j, type);

	if (!s.p)
		return NO_EVENT;
	for (size_t e = BLOCK_DELTA; e <= VERTEX; e++)
		if (j->tape[type].escaped ? json_is_span(j, type, names[e]) : span_same(s, names[e]))
			return (enum event)e;
	if (span_starts(s, "content_block_"))
		return BLOCK_OTHER;
	return span_starts(s, "message_") ? MESSAGE_OTHER : NO_EVENT;
}

/* {"type":"overloaded_error","message":"Overloaded"}: an error that nothing was put around. */
static bool flat_error(const struct json *j, uint32_t at)
{
	struct span type = json_string(j, json_get(j, at, "type"));

	return type.n > 6 && memcmp(type.p + type.n - 6, "_error", 6) == 0 &&
	       json_kind(j, json_get(j, at, "message")) == JSON_STRING;
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	enum event e = event_of(j, at);

	if (e == PING)
		return KNOWS_NOISE;
	if (e == ERROR || (e == NO_EVENT && flat_error(j, at)))
		return json_kind(j, json_get(j, at, "sequence_number")) > JSON_NULL ? KNOWS_NOT : KNOWS_ERROR;
	if (e == BLOCK_OTHER || e == MESSAGE_OTHER) /* an event has no id: not message_batch */
		return json_get(j, at, "id") ? KNOWS_NOT : KNOWS_INSIDE;
	if (e == MESSAGE_STOP) /* alone it is no message */
		return KNOWS_INSIDE;
	if (e != NO_EVENT)
		return KNOWS_CHUNK;
	if (json_is(j, json_get(j, at, "type"), "message") && json_get(j, at, "role") &&
	    json_kind(j, json_get(j, at, "content")) == JSON_ARRAY)
		return KNOWS_WHOLE;
	return KNOWS_NOT;
}

static bool ends(const struct json *j, uint32_t at)
{
	enum event e = event_of(j, at);

	return e == MESSAGE_STOP || e == BLOCK_STOP;
}

static bool same_id(const struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t id = json_path(j, at, "message.id");

	return span_same(json_text(j, id), tree_raw(tree_get(d->tree.root, "id")));
}

/* A message_start inside an unfinished message begins another, except a second one of the same
 * message. When that comes late, what follows tells whether the message was begun anew. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	enum event e = event_of(j, at);

	if (e == MESSAGE_START && !d->ended) {
		if (!s->touched)
			return !s->started || same_id(d, j, at) ? OPENS_NOT : OPENS_NEW;
		return s->started && json_filled(j, json_path(j, at, "message.id")) && same_id(d, j, at) ? OPENS_HOLD
		                                                                                         : OPENS_NEW;
	}
	if (e == BLOCK_START && d->held.len &&
	    block_find(&s->blocks, block_index(&s->blocks, j, json_get(j, at, "index"), true)))
		return OPENS_NEW;
	return d->ended && (e == MESSAGE_START || e == BLOCK_START) ? OPENS_NEW : OPENS_NOT;
}

/* What the server runs itself is nobody's call. */
static void call(struct delta *d, struct block *b)
{
	block_call(d, b, "id", "name", !tree_is(tree_get(b->node, "type"), "tool_use"));
}

/* What a block begins with. When nobody wants the whole, what a call is known by is enough. */
static void fill(struct delta *d, struct block *b, const struct json *j, uint32_t from)
{
	static const char *const needed[] = { "type", "id", "name", "input" };
	struct span type = json_string(j, json_get(j, from, "type"));

	if (json_kind(j, from) != JSON_OBJECT)
		return;
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		struct span key = delta_key(d, j, v);
		bool keep = d->whole && delta_room(d, json_text(j, v).n);
		struct tree_node *to;

		for (size_t i = 0; i < sizeof needed / sizeof *needed && !keep; i++)
			keep = span_is(key, needed[i]);
		to = keep ? tree_put(&d->tree, b->node, json_string(j, json_key(v))) : NULL;
		if (span_is(key, "text") && span_is(type, "text"))
			delta_text(d, 0, to, json_string(j, v));
		else if (span_is(key, "thinking") && span_is(type, "thinking"))
			delta_reasoning(d, 0, to, json_string(j, v));
		else if (to)
			tree_set(to, j, v);
	}
	if (tree_get(b->node, "input") || span_is(type, "tool_use"))
		call(d, b);
	else if (b->call) /* begun again as something else */
		b->call->hidden = true;
}

static bool is_known(struct span key)
{
	static const struct span known[] = { SPAN("type"),          SPAN("index"),   SPAN("delta"),
		                             SPAN("content_block"), SPAN("message"), SPAN("usage") };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (span_same(key, known[i]))
			return true;
	return false;
}

/* The members of an event that nothing else looks at, but that somebody sent. */
static void rest(struct delta *d, struct tree_node *to, const struct json *j, uint32_t at)
{
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct span key = delta_key(d, j, v);

		if (is_known(key))
			continue;
		if (span_is(key, "p") || span_is(key, "obfuscation"))
			delta_ignore(d, j, v);
		else if (d->whole && delta_room(d, json_text(j, v).n))
			delta_last(d, to, j, v);
	}
}

static struct tree_node *content(struct delta *d, struct state *s)
{
	if (!s->content)
		s->content = tree_key(&d->tree, d->tree.root, "content");
	return s->content;
}

static void prefill(struct delta *d, struct state *s, const struct json *j, uint32_t list)
{
	long index = 0;

	content(d, s);
	for (uint32_t e = json_first(j, list); e; e = json_next(j, list, e)) {
		struct block *b = block_new(d, &s->blocks, index++);

		b->prefilled = true;
		fill(d, b, j, e);
		block_stop(d, b);
	}
}

static void message_start(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	uint32_t message = json_get(j, at, "message");

	if (s->started || json_kind(j, message) != JSON_OBJECT)
		return;
	s->started = true;
	for (uint32_t v = json_first(j, message); v; v = json_next(j, message, v))
		if (json_is(j, json_key(v), "content"))
			prefill(d, s, j, v);
		else
			delta_last(d, d->tree.root, j, v);
}

/* The model that was asked declined, and what follows is another's: an answer that is not streamed
 * names the last one. */
static void fallback(struct delta *d, const struct json *j, uint32_t model)
{
	if (d->whole && json_filled(j, model))
		tree_set(tree_key(&d->tree, d->tree.root, "model"), j, model);
}

static void start(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	struct block *b = block_start(d, &s->blocks, block_index(&s->blocks, j, json_get(j, at, "index"), true));

	content(d, s);
	fill(d, b, j, json_get(j, at, "content_block"));
	if (tree_is(tree_get(b->node, "type"), "fallback"))
		fallback(d, j, json_path(j, at, "content_block.to.model"));
	rest(d, b->node, j, at);
}

enum how { INPUT, TEXT, REASONING, GROW, LAST, APPEND };

/* What each type of delta carries, the key in the block where it goes, and the type of a block
 * whose start was never seen. */
static const struct kind {
	const char *type, *from, *to, *block;
	enum how how;
} kinds[] = {
	{ "text_delta", "text", "text", "text", TEXT },
	{ "input_json_delta", "partial_json", "input", "tool_use", INPUT },
	{ "thinking_delta", "thinking", "thinking", "thinking", REASONING },
	{ "signature_delta", "signature", "signature", "thinking", LAST },
	{ "citations_delta", "citation", "citations", "text", APPEND },
	{ "compaction_delta", "content", "content", "compaction", GROW },
};

static const struct kind *kind_of(const struct json *j, uint32_t delta)
{
	uint32_t type = json_get(j, delta, "type");

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (json_is(j, type, kinds[i].type))
			return &kinds[i];
	return NULL;
}

/* A piece of the input's text; some servers give the whole as a value. */
static void input(struct delta *d, struct block *b, const struct json *j, uint32_t v)
{
	struct buf text = BUF_INIT;

	if (!b->call)
		call(d, b);
	if (json_kind(j, v) == JSON_STRING) {
		block_input(d, b, json_string(j, v));
		return;
	}
	follow_never(d);
	normal_arguments(&text, j, v);
	block_input(d, b, buf_span(&text));
	buf_release(&text);
}

/* Is there a text where one is awaited, or nothing? */
static bool fits(const struct kind *kind, const struct json *j, uint32_t delta)
{
	enum json_kind have = json_kind(j, json_get(j, delta, kind->from));

	return have <= JSON_NULL || have == JSON_STRING || (kind->how != TEXT && kind->how != REASONING && kind->how != GROW);
}

static void apply(struct delta *d, struct block *b, const struct kind *kind, const struct json *j, uint32_t v)
{
	struct tree_node *to = NULL, *type = tree_get(b->node, "type");
	struct span piece = json_string(j, v);

	if (kind->how == INPUT) {
		input(d, b, j, v);
		return;
	}
	if (d->whole)
		to = tree_key(&d->tree, b->node, kind->to);
	if (kind->how == TEXT && tree_is(type, "text"))
		delta_text(d, 0, to, piece);
	else if (kind->how == REASONING && tree_is(type, "thinking"))
		delta_reasoning(d, 0, to, piece);
	else if (kind->how <= GROW) /* text of a block that is none is not the message's text */
		delta_grow(d, to, piece);
	else if (to && kind->how == LAST && json_kind(j, v) != JSON_NULL && delta_room(d, piece.n))
		tree_set(to, j, v);
	else if (to && kind->how == APPEND && json_kind(j, v) != JSON_NULL)
		delta_list(d, to, j, v);
}

/* A type that nobody told us of: how its pieces join is unknown, so each is kept as it came. */
static void keep_aside(struct delta *d, struct state *s, struct block *b, const struct json *j, uint32_t delta)
{
	struct span type = json_string(j, json_get(j, delta, "type"));

	if (!s->warned)
		delta_report(d, ST_OK, "delta of unknown type '%.*s', kept in \"deltas\" of its block",
		             (int)(type.n < 60 ? type.n : 60), type.p ? type.p : "");
	s->warned = true;
	if (d->whole)
		delta_list(d, tree_key(&d->tree, b->node, "deltas"), j, delta);
}

static void block_delta(struct delta *d, struct state *s, const struct json *j, uint32_t at)
{
	uint32_t delta = json_get(j, at, "delta");
	const struct kind *kind = kind_of(j, delta);
	long index = block_index(&s->blocks, j, json_get(j, at, "index"), false);
	struct block *b = block_find(&s->blocks, index);

	if (!b) {
		content(d, s);
		b = block_new(d, &s->blocks, index);
		if (kind)
			tree_set_string(tree_key(&d->tree, b->node, "type"), span_of(kind->block));
	}
	s->blocks.last = index;
	b->grown = true;
	if (kind && !fits(kind, j, delta))
		kind = NULL;
	if (!kind && delta)
		keep_aside(d, s, b, j, delta);
	for (uint32_t v = json_first(j, kind ? delta : 0); v; v = json_next(j, delta, v))
		if (json_is(j, json_key(v), kind->from))
			apply(d, b, kind, j, v);
		else if (d->whole && !json_is(j, json_key(v), "type") && delta_room(d, json_text(j, v).n))
			delta_last(d, b->node, j, v);
	rest(d, b->node, j, at);
}

/* content_block_stop, and whatever else is said of a block. */
static void block_event(struct delta *d, struct state *s, enum event e, const struct json *j, uint32_t at)
{
	struct block *b = block_find(&s->blocks, block_index(&s->blocks, j, json_get(j, at, "index"), false));

	rest(d, b ? b->node : d->tree.root, j, at);
	if (b && e == BLOCK_STOP)
		block_stop(d, b);
}

/* What Vertex AI counts itself: kept apart, since it tells of another moment than the usage of the message. */
static void vertex(struct delta *d, const struct json *j, uint32_t at)
{
	struct tree_node *to = tree_open(&d->tree, tree_key(&d->tree, d->tree.root, "vertex_event"));

	to->kind = TREE_OBJECT;
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		if (json_is(j, json_key(v), "type") || !d->whole || !delta_room(d, json_text(j, v).n))
			continue;
		if (json_kind(j, v) == JSON_OBJECT)
			delta_deep(d, tree_open(&d->tree, tree_put(&d->tree, to, json_string(j, json_key(v)))), j, v);
		else
			delta_last(d, to, j, v);
	}
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	enum event e = event_of(j, at);
	uint32_t usage = json_get(j, at, "usage");

	if (e == VERTEX) {
		vertex(d, j, at);
		return;
	}
	s->touched = s->touched || e != MESSAGE_START;
	if (e == BLOCK_DELTA) {
		block_delta(d, s, j, at);
	} else if (e == BLOCK_START) {
		start(d, s, j, at);
	} else if (e == BLOCK_STOP || e == BLOCK_OTHER) {
		block_event(d, s, e, j, at);
	} else {
		if (e == MESSAGE_START)
			message_start(d, s, j, at);
		else
			delta_last_all(d, d->tree.root, j, json_get(j, at, "delta"));
		rest(d, d->tree.root, j, at);
	}
	if (usage)
		delta_last_all(d, tree_open(&d->tree, tree_key(&d->tree, d->tree.root, "usage")), j, usage);
	if (e == MESSAGE_STOP)
		d->ended = d->complete = true;
}

static struct delta_call *twin(struct delta *d, struct delta_call *c)
{
	struct state *s = d->state;

	return block_twin(d, &s->blocks, c, "id", "name");
}

static void finish(struct delta *d)
{
	struct state *s = d->state;
	struct tree_node *root = d->tree.root;

	if (!root->first)
		return;
	if (!tree_get(root, "type"))
		tree_set_text(tree_key(&d->tree, root, "type"), SPAN("\"message\""));
	if (!tree_get(root, "role"))
		tree_set_text(tree_key(&d->tree, root, "role"), SPAN("\"assistant\""));
	content(d, s)->kind = TREE_ARRAY;
	blocks_finish(d, &s->blocks, content(d, s));
	tree_key(&d->tree, root, "stop_reason");
}

static void normal_block(const struct json *j, uint32_t block, struct normal *n)
{
	uint32_t type = json_get(j, block, "type");
	struct normal_call *c;

	if (json_is(j, type, "text")) {
		normal_text(&n->text, j, json_get(j, block, "text"));
	} else if (json_is(j, type, "thinking")) {
		normal_text(&n->reasoning, j, json_get(j, block, "thinking"));
		normal_signature(n, j, NORMAL_REASONING, json_get(j, block, "signature"));
	} else if (json_is(j, type, "redacted_thinking")) {
		normal_redacted(n, j, json_get(j, block, "data"));
	} else if (json_is(j, type, "tool_use")) {
		c = normal_call(n);
		c->id = json_text(j, json_get(j, block, "id"));
		normal_text(&c->name, j, json_get(j, block, "name"));
		normal_arguments(&c->arguments, j, json_get(j, block, "input"));
	}
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t content = json_get(j, JSON_ROOT, "content"), u = json_get(j, JSON_ROOT, "usage");

	if (nth > 0)
		return false;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "model"));
	n->role = json_string(j, json_get(j, JSON_ROOT, "role"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "stop_reason"));
	for (uint32_t e = json_first(j, content); e; e = json_next(j, content, e))
		normal_block(j, e, n);
	normal_usage_path(n, USAGE_INPUT, j, u, "input_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, u, "output_tokens");
	normal_usage_path(n, USAGE_REASONING, j, u, "output_tokens_details.thinking_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "cache_read_input_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "cache_creation_input_tokens");
	normal_usage_path(n, USAGE_TOTAL, j, u, "total_tokens");
	normal_usage_path(n, USAGE_COST, j, u, "cost");
	return true;
}

/* A text block with nothing but white space in it, which the API sends but does not take back. */
static bool blank(const struct json *j, uint32_t block)
{
	struct span text = json_string(j, json_get(j, block, "text"));

	if (!json_is(j, json_get(j, block, "type"), "text") || !text.p)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n && strchr("nrt", text.p[i + 1]))
			i++;
		else if (text.p[i] != ' ')
			return false;
	}
	return true;
}

static bool put_block(struct buf *b, const struct json *j, uint32_t block)
{
	static const struct put call[] = { { "deltas", NULL, false }, { "input", put_arguments_object, true }, { 0 } };
	static const struct put thinking[] = { { "deltas", NULL, false }, { "signature", put_text, true }, { 0 } };
	static const struct put other[] = { { "deltas", NULL, false }, { 0 } };
	uint32_t type = json_get(j, block, "type");
	bool calls = json_is(j, type, "tool_use") || json_is(j, type, "server_tool_use") || json_is(j, type, "mcp_tool_use");

	if (blank(j, block))
		return false;
	put_object(b, j, block, calls ? call : json_is(j, type, "thinking") ? thinking : other);
	return true;
}

/* The answer as the next request wants it: its blocks with their signatures and ids. Nothing if there are none. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t role = json_get(j, JSON_ROOT, "role");
	size_t before = b->len;

	buf_adds(b, "{\"role\":");
	buf_addspan(b, json_filled(j, role) ? json_text(j, role) : SPAN("\"assistant\""));
	json_member(b, "content");
	if (put_list(b, j, json_get(j, JSON_ROOT, "content"), put_block))
		buf_addc(b, '}');
	else
		buf_cut(b, before);
}

/* {"type":"tool_result","tool_use_id":…,"content":[{"type":"text","text":…}],"is_error":true}: a text
 * must not be blank, so a result without one has no content. */
static void tool_result(struct next *x, const struct normal_call *call, const struct next_result *result)
{
	next_item(x);
	buf_adds(x->items, "{\"type\":\"tool_result\"");
	next_id(x, "tool_use_id", call);
	if (!next_blank(result)) {
		json_member(x->items, "content");
		buf_adds(x->items, "[{\"type\":\"text\"");
		next_text(x, "text", result);
		buf_adds(x->items, "}]");
	}
	if (result->failed) {
		json_member(x->items, "is_error");
		buf_adds(x->items, "true");
	}
	buf_addc(x->items, '}');
}

/* All results in one message of the user: the API wants them together, right behind the calls. */
static int next(struct next *x)
{
	next_message(x);
	next_item(x);
	buf_adds(x->items, "{\"role\":\"user\",\"content\":[");
	for (size_t i = 0; i < x->normal->ncalls; i++)
		tool_result(x, &x->normal->calls[i], &x->results[i]);
	buf_adds(x->items, "]}");
	return next_into(x, "messages");
}

const struct delta_format delta_anthropic = {
	.name = "anthropic",
	.about = "Anthropic messages, also of Vertex AI and Bedrock's InvokeModel",
	.size = sizeof(struct state),
	.follows = true,
	.typed = true,
	.knows = knows,
	.ends = ends,
	.opens = opens,
	.add = add,
	.twin = twin,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
