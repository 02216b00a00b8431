/* SPDX-License-Identifier: MIT */
/*
 * gemini: Google's streamGenerateContent, of the Gemini API and of Vertex AI.
 *
 *	{"candidates":[{"content":{"parts":[{"text":"Flo"}],"role":"model"},"index":0}],"usageMetadata":{…},"modelVersion":"m","responseId":"r"}
 *	{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"…"}],"role":"model"},"finishReason":"STOP","index":0}],…}
 *	{"promptFeedback":{"blockReason":"SAFETY"},…}
 *
 * Specification: Gemini API reference, GenerateContentResponse; Vertex AI reference of the same,
 * which adds partialArgs (gemini_args.h). Every chunk has the shape of a whole response, so a
 * whole response takes the way of a stream that has one chunk.
 *
 * Parts are appended. Text goes on with the last part of the chunk before, when that is text of
 * the same kind (thought or not) and was not signed. A function call is whole in one part, unless
 * it has willContinue, or the next one has no name. finishReason comes once, in a candidate's last
 * chunk; but some servers send it first as well, and the models before Gemini 2 sent it in every chunk,
 * and what they found in the web after all of them:
 *
 *	{"candidates":[{"content":{"parts":[{"text":"Flo"}],…},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1,"totalTokenCount":9}}
 *	{"candidates":[{"content":{"parts":[{"text":"rence"}],…},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":2,"totalTokenCount":10}}
 *	{"candidates":[{"content":{},"index":0,"groundingMetadata":{…}}],"usageMetadata":{…}}
 *
 * Google's Code Assist, which serves command line agents, puts a chunk into another object:
 *
 *	{"response":{"candidates":[…],"usageMetadata":{…}},"traceId":"…"}
 */
#include <string.h>

#include "delta/choices.h"
#include "delta/delta_impl.h"
#include "delta/gemini_args.h"

struct state {
	struct choices candidates;
	size_t open;  /* calls that are not done */
	bool blocked; /* the prompt was refused: there may be no candidate at all */
	bool said;    /* a candidate has content */
};

/* delta_call.index: is more of the call to come? */
enum { WHOLE, STREAMS };

/* What is sent to one candidate. */
struct candidate {
	unsigned number;
	struct tree_node *node, *content;
	struct tree_node *parts; /* NULL when nobody wants them */
	struct tree_node *last;  /* part of the chunk before */
	bool alone;              /* the chunk has one part for it */
};


/* Google's own error body: {"error":{"code":429,"message":"…","status":"RESOURCE_EXHAUSTED"}}. */
static bool google_error(const struct json *j, uint32_t at)
{
	uint32_t error = json_get(j, at, "error");

	return json_kind(j, json_get(j, error, "code")) == JSON_NUMBER &&
	       json_kind(j, json_get(j, error, "message")) == JSON_STRING &&
	       json_filled(j, json_get(j, error, "status"));
}

static bool has_usage(const struct json *j, uint32_t at)
{
	return json_kind(j, json_get(j, at, "usageMetadata")) == JSON_OBJECT;
}

/* Usage alone is also what answers to other requests have: embeddings. */
static bool is_response(const struct json *j, uint32_t at)
{
	return json_kind(j, json_get(j, at, "candidates")) == JSON_ARRAY ||
	       json_kind(j, json_get(j, at, "promptFeedback")) == JSON_OBJECT ||
	       (has_usage(j, at) && (json_filled(j, json_get(j, at, "modelVersion")) ||
	                             json_filled(j, json_get(j, at, "responseId"))));
}

/* The chunk itself, when it stands in another object. */
static uint32_t inner(const struct json *j, uint32_t at)
{
	uint32_t response;

	if (json_kind(j, json_get(j, at, "candidates")) == JSON_ARRAY)
		return at;
	response = json_get(j, at, "response");
	if (json_kind(j, response) != JSON_OBJECT || is_response(j, at))
		return at;
	return is_response(j, response) || has_usage(j, response) ? response : at;
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	at = inner(j, at);
	if (json_kind(j, json_get(j, at, "candidates")) == JSON_ARRAY)
		return KNOWS_CHUNK;
	if (json_get(j, at, "event_type") || json_get(j, at, "serverContent"))
		return KNOWS_NOT;
	if (is_response(j, at))
		return KNOWS_CHUNK;
	if (has_usage(j, at))
		return KNOWS_INSIDE;
	return google_error(j, at) && !json_get(j, at, "choices") ? KNOWS_ERROR : KNOWS_NOT;
}

/* An enum is a word or, with enum-encoding=int, a number; 0 means unspecified. */
static bool is_set(struct span word, struct span number)
{
	if (word.p)
		return word.n && !span_is(word, "FINISH_REASON_UNSPECIFIED") && !span_is(word, "BLOCK_REASON_UNSPECIFIED") &&
		       !span_is(word, "BLOCKED_REASON_UNSPECIFIED");
	return number.n && number.p[0] >= '1' && number.p[0] <= '9';
}

static bool is_enum(const struct json *j, uint32_t value)
{
	return is_set(json_string(j, value), json_kind(j, value) == JSON_NUMBER ? json_text(j, value) : SPAN_NONE);
}

static bool is_stop(struct tree_node *reason)
{
	return tree_is(reason, "STOP") || span_is(tree_raw(reason), "1");
}

static bool finished(struct tree_node *candidate)
{
	struct tree_node *reason = tree_get(candidate, "finishReason");

	return is_set(tree_string(reason), tree_raw(reason));
}

/* Has a candidate content: a part that is not empty? */
static bool speaks(const struct json *j, uint32_t candidate)
{
	uint32_t parts = json_path(j, candidate, "content.parts");

	for (uint32_t p = json_first(j, parts); p; p = json_next(j, parts, p))
		if (!json_get(j, p, "text") || json_filled(j, json_get(j, p, "text")))
			return true;
	return false;
}

static bool any_has_parts(const struct json *j, uint32_t candidates)
{
	for (uint32_t c = json_first(j, candidates); c; c = json_next(j, candidates, c))
		if (json_first(j, json_path(j, c, "content.parts")))
			return true;
	return false;
}

static bool any_speaks(const struct json *j, uint32_t candidates)
{
	for (uint32_t c = json_first(j, candidates); c; c = json_next(j, candidates, c))
		if (speaks(j, c))
			return true;
	return false;
}

static bool any_ends(const struct json *j, uint32_t candidates)
{
	for (uint32_t c = json_first(j, candidates); c; c = json_next(j, candidates, c))
		if (is_enum(j, json_get(j, c, "finishReason")))
			return true;
	return false;
}

/* A prompt that costs the same, and an answer that costs more by what the chunk brings. */
static bool costs_on(const struct delta *d, const struct json *j, uint32_t usage, bool brings)
{
	struct span had = tree_raw(tree_get(d->tree.root, "usageMetadata"));
	struct json before = JSON_INIT;
	long prompt[2], total[2];
	bool known = json_parse(&before, had.p, had.n) == 0 &&
	             json_long(&before, json_get(&before, JSON_ROOT, "promptTokenCount"), &prompt[0]) &&
	             json_long(&before, json_get(&before, JSON_ROOT, "totalTokenCount"), &total[0]) &&
	             json_long(j, json_get(j, usage, "promptTokenCount"), &prompt[1]) &&
	             json_long(j, json_get(j, usage, "totalTokenCount"), &total[1]);

	json_release(&before);
	return known && prompt[0] == prompt[1] && (brings ? total[1] > total[0] : total[1] >= total[0]);
}

/* A chunk without responseId after the end of its candidate: does it go on with the message all the
 * same? It does if it has no content, or if STOP came before any content. Otherwise finishReason is in every
 * chunk. Then another message has another model, another prompt (those models send promptFeedback in the first
 * chunk), or usage that does not continue the counts. Usage comes in each chunk, or in the last alone. */
static bool continues(const struct delta *d, struct tree_node *candidate, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	uint32_t candidates = json_get(j, at, "candidates"), usage = json_get(j, at, "usageMetadata");
	struct tree_node *model = tree_get(d->tree.root, "modelVersion");
	bool counts = json_first(j, usage);
	bool counted = tree_raw(tree_get(d->tree.root, "usageMetadata")).n > 4; /* than null or {} */

	if (!any_speaks(j, candidates) && !any_ends(j, candidates))
		return true;
	if (json_first(j, json_get(j, at, "promptFeedback")) ||
	    !span_same(tree_string(model), json_string(j, json_get(j, at, "modelVersion"))))
		return false;
	if (counts && counted)
		return costs_on(d, j, usage, any_has_parts(j, candidates));
	return s->said ? !counted : is_stop(tree_get(candidate, "finishReason"));
}

/* The candidate of a chunk that has finished before, or NULL. */
static struct tree_node *finished_before(const struct state *s, const struct json *j, uint32_t candidates)
{
	struct tree_node *n;

	for (uint32_t c = json_first(j, candidates); c; c = json_next(j, candidates, c))
		if ((n = choice_find(&s->candidates, choice_number(j, c))) != NULL && finished(n))
			return n;
	return NULL;
}

/* A stream has the responseId in every chunk, or in none. Where it is the same, so is the message,
 * whatever ended before; without one to tell by, whatever follows a refusal or an error is another
 * message, and perhaps what comes of a candidate that has finished before. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	struct tree_node *candidate;
	struct span id, ours;
	uint32_t candidates;

	if (!d->ended)
		return OPENS_NOT;
	at = inner(j, at);
	candidates = json_get(j, at, "candidates");
	id = json_string(j, json_get(j, at, "responseId"));
	ours = tree_string(tree_get(d->tree.root, "responseId"));
	if (id.n)
		return span_same(id, ours) ? OPENS_NOT : OPENS_NEW;
	if (!json_first(j, candidates))
		return is_enum(j, json_path(j, at, "promptFeedback.blockReason")) ? OPENS_NEW : OPENS_NOT;
	if (s->blocked || d->error.len)
		return OPENS_NEW;
	candidate = finished_before(s, j, candidates);
	if (!candidate)
		return OPENS_NOT;
	if (ours.n && (any_speaks(j, candidates) || any_ends(j, candidates)))
		return OPENS_NEW;
	return continues(d, candidate, j, at) ? OPENS_NOT : OPENS_NEW;
}

static bool empty(const struct json *j, uint32_t v)
{
	enum json_kind kind = json_kind(j, v);

	return kind <= JSON_NULL || (kind == JSON_STRING && !json_filled(j, v)) ||
	       (kind >= JSON_ARRAY && !json_first(j, v));
}

/* The last value wins, but an empty one never erases. Returns the node. */
static struct tree_node *last_filled(struct delta *d, struct tree_node *object, const struct json *j, uint32_t v)
{
	struct tree_node *to = tree_put(&d->tree, object, json_string(j, json_key(v)));

	if ((tree_is_null(to) || !empty(j, v)) && (d->whole || json_kind(j, v) < JSON_ARRAY))
		tree_set(to, j, v);
	return to;
}

/* Every chunk has another usage: all that is done with it is to keep it, until the end (continues). */
static void usage(struct delta *d, const struct json *j, uint32_t v)
{
	struct tree_node *to = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));

	if (!empty(j, v))
		delta_set(d, to, j, v);
	else if (tree_is_null(to))
		tree_set(to, j, v);
}

/* The open call of a candidate, or NULL. */
static struct delta_call *open_call(const struct delta *d, const struct candidate *c)
{
	const struct state *s = d->state;
	struct delta_call *call = s->open ? delta_call_latest(d, c->number) : NULL;

	return call && !call->done ? call : NULL;
}

static void close_call(struct delta *d, struct delta_call *call)
{
	if (!call)
		return;
	delta_call_done(d, call);
	((struct state *)d->state)->open--;
}

static bool is_empty_object(const struct tree_node *args)
{
	return tree_is_null(args) || (args->kind == TREE_OBJECT ? !args->first : span_is(tree_raw(args), "{}"));
}

/* The end of a call may be left unsaid. One that is whole without arguments may still get them, in a part
 * without a name. */
static void end_call(struct delta *d, struct delta_call *call)
{
	if (call && (call->index == STREAMS || !is_empty_object(call->arguments)))
		close_call(d, call);
}

/* Adds args, all or some of them. They are passed on when the call is done, since some come by path and others
 * in parts that have no name. */
static void call_args(struct delta *d, struct delta_call *call, struct tree_node *to, const struct json *j,
                      uint32_t args)
{
	call->arguments = to;
	if (!delta_call_room(d, json_text(j, args).n))
		return;
	if (is_empty_object(to)) {
		tree_set(to, j, args);
		return;
	}
	tree_open(&d->tree, to);
	for (uint32_t v = json_first(j, args); v; v = json_next(j, args, v))
		tree_set(tree_put(&d->tree, to, json_string(j, json_key(v))), j, v);
}

static void call_members(struct delta *d, struct delta_call *call, struct tree_node *to, const struct json *j,
                         uint32_t body)
{
	uint32_t args = 0;

	for (uint32_t v = json_first(j, body); v; v = json_next(j, body, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "partialArgs") || span_is(key, "willContinue"))
			continue;
		if (span_is(key, "args") && json_kind(j, v) == JSON_OBJECT)
			args = v, tree_put(&d->tree, to, json_string(j, json_key(v)));
		else
			last_filled(d, to, j, v);
	}
	call->id = tree_get(to, "id");
	call->name = tree_get(to, "name");
	if (!call->opened)
		delta_call_piece(d, call, SPAN(""));
	if (args)
		call_args(d, call, tree_get(to, "args"), j, args);
}

/* The part that holds a call: its own members, signatures above all, stay beside the call. */
static struct tree_node *call_part(struct delta *d, struct tree_node *part, const struct json *j, uint32_t p)
{
	for (uint32_t v = json_first(j, p); v; v = json_next(j, p, v))
		if (json_is(j, json_key(v), "functionCall"))
			tree_key(&d->tree, part, "functionCall");
		else
			last_filled(d, part, j, v);
	return tree_key(&d->tree, part, "functionCall");
}

static struct delta_call *begin_call(struct delta *d, struct candidate *c)
{
	struct delta_call *call = delta_call_new(d, c->number);

	call->node = c->parts ? tree_add(&d->tree, c->parts) : tree_new(&d->tree);
	((struct state *)d->state)->open++;
	return call;
}

/* Without args a call has none: {}, which the native object says only where it had to be built. */
static void default_args(struct delta *d, struct delta_call *call, struct tree_node *to)
{
	if (call->index == STREAMS) {
		call->arguments = tree_key(&d->tree, to, "args");
		if (is_empty_object(call->arguments))
			tree_set_text(call->arguments, SPAN("{}"));
		tree_open(&d->tree, call->arguments);
	} else if (!call->arguments) {
		call->arguments = tree_new(&d->tree);
		tree_set_text(call->arguments, SPAN("{}"));
	}
}

/* Does args agree with what the call has? `more`: args may have members that the call lacks. */
static bool agrees(struct delta *d, struct delta_call *call, const struct json *j, uint32_t args, bool more)
{
	struct buf had = BUF_INIT, has = BUF_INIT;
	bool agrees;

	tree_open(&d->tree, call->arguments);
	agrees = more || tree_count(call->arguments) == json_count(j, args);
	for (uint32_t v = json_first(j, args); v && agrees; v = json_next(j, args, v)) {
		struct tree_node *member = tree_find(call->arguments, json_string(j, json_key(v)));

		buf_reset(&had);
		buf_reset(&has);
		if (member)
			tree_write(&had, member);
		json_compact(&has, j, v);
		agrees = member ? span_same(buf_span(&had), buf_span(&has)) : more;
	}
	buf_release(&had);
	buf_release(&has);
	return agrees;
}

enum relation { ANOTHER, GOES_ON, AGAIN };

/* Does the part belong to the open call? A part without a name continues it, unless its arguments contradict. A
 * part with its name and id continues it if the call is streamed, or has no arguments yet. */
static enum relation relation(struct delta *d, struct delta_call *call, const struct json *j, uint32_t body)
{
	struct span id = json_string(j, json_get(j, body, "id")), had = call ? tree_string(call->id) : SPAN_NONE;
	bool named = json_filled(j, json_get(j, body, "name")), same = id.n && span_same(id, had);
	uint32_t args = json_get(j, body, "args");

	if (!call || (named && !same))
		return ANOTHER;
	if (call->index == STREAMS || is_empty_object(call->arguments))
		return GOES_ON;
	if (json_kind(j, args) != JSON_OBJECT)
		return named ? ANOTHER : GOES_ON;
	if (agrees(d, call, j, args, false))
		return AGAIN;
	return !named && (same || !id.n || !had.n) && agrees(d, call, j, args, true) ? GOES_ON : ANOTHER;
}

/* A call of its own; without a name it has that of the one before. */
static struct delta_call *another_call(struct delta *d, struct candidate *c, const struct json *j, uint32_t body)
{
	struct delta_call *before = delta_call_latest(d, c->number), *call;
	struct tree_node *to;

	if (!json_get(j, body, "name") && !json_get(j, body, "args") && !json_first(j, json_get(j, body, "partialArgs")))
		return NULL; /* the end of nothing */
	call = begin_call(d, c);
	if (!json_filled(j, json_get(j, body, "name")) && before && tree_string(before->name).n) {
		to = tree_key(&d->tree, tree_key(&d->tree, call->node, "functionCall"), "name");
		tree_set_string(to, tree_string(before->name));
	}
	return call;
}

static void function_call(struct delta *d, struct candidate *c, const struct json *j, uint32_t p, uint32_t body)
{
	bool more = json_kind(j, json_get(j, body, "willContinue")) == JSON_TRUE;
	uint32_t partials = json_get(j, body, "partialArgs");
	struct delta_call *call = open_call(d, c);
	enum relation relation_to = relation(d, call, j, body);
	bool streamed;
	struct tree_node *to;

	follow_never(d);
	if (relation_to == AGAIN)
		return;
	if (relation_to == ANOTHER) {
		close_call(d, call);
		call = another_call(d, c, j, body);
		if (!call)
			return;
	}
	streamed = call->index == STREAMS;
	call->index = more || json_first(j, partials) ? STREAMS : call->index;
	to = call_part(d, call->node, j, p);
	call_members(d, call, to, j, body);
	default_args(d, call, to);
	gemini_args_add(d, call->arguments, j, partials);
	if (!more && (streamed || call->index == STREAMS))
		close_call(d, call);
}

/* Text that other text may follow: nothing but text and what kind of text it is. */
static bool plain(struct tree_node *part)
{
	if (!part || part->kind != TREE_OBJECT || !tree_get(part, "text"))
		return false;
	for (struct tree_node *n = part->first; n; n = n->next)
		if (!span_is(buf_span(&n->key), "text") && !span_is(buf_span(&n->key), "thought"))
			return false;
	return true;
}

static bool is_thought(struct tree_node *part)
{
	return span_is(tree_raw(tree_get(part, "thought")), "true");
}

/* Nothing but text, its kind and its signature. */
static bool textual(const struct json *j, uint32_t part)
{
	for (uint32_t v = json_first(j, part); v; v = json_next(j, part, v))
		if (!json_is(j, json_key(v), "text") && !json_is(j, json_key(v), "thought") &&
		    !json_is(j, json_key(v), "thoughtSignature"))
			return false;
	return true;
}

/* Where the text of a part goes: on with the part before, or into a part of its own, which a
 * signature without text is as well. NULL: nowhere. */
static struct tree_node *text_node(struct delta *d, struct candidate *c, const struct json *j, uint32_t p,
                                   uint32_t text, bool thought)
{
	struct tree_node *part = c->parts ? c->parts->last : NULL;
	uint32_t signature = json_get(j, p, "thoughtSignature");
	bool joins = textual(j, p);

	if (!c->parts)
		return NULL;
	if (joins && !json_filled(j, text) && !json_filled(j, signature) && part)
		return NULL; /* it says nothing */
	joins = joins && json_filled(j, text);
	if (!joins || !part || part != c->last || !plain(part) || is_thought(part) != thought) {
		if (!delta_room(d, json_text(j, p).n - json_text(j, text).n))
			return NULL;
		part = tree_add(&d->tree, c->parts);
		part->kind = TREE_OBJECT;
		if (joins && c->alone)
			follow_again(d); /* with this one it would be joined */
	}
	if (json_filled(j, signature))
		follow_never(d); /* nothing is joined with it */
	for (uint32_t v = json_first(j, p); v; v = json_next(j, p, v))
		if (json_is(j, json_key(v), "text"))
			tree_key(&d->tree, part, "text"); /* of several, the last: no other is kept */
		else if (v != signature || json_filled(j, v))
			last_filled(d, part, j, v);
	return tree_get(part, "text");
}

static void text_part(struct delta *d, struct candidate *c, const struct json *j, uint32_t p, uint32_t text)
{
	bool thought = json_kind(j, json_get(j, p, "thought")) == JSON_TRUE;
	struct tree_node *to = text_node(d, c, j, p, text, thought);

	if (thought)
		delta_reasoning(d, c->number, to, json_string(j, text));
	else
		delta_text(d, c->number, to, json_string(j, text));
}

static void add_part(struct delta *d, struct candidate *c, const struct json *j, uint32_t p)
{
	uint32_t text = json_get(j, p, "text"), call = json_get(j, p, "functionCall");
	struct state *s = d->state;

	if (json_kind(j, call) == JSON_OBJECT) {
		s->said = true;
		function_call(d, c, j, p, call);
		return;
	}
	if (!json_first(j, p))
		return;
	s->said = s->said || json_kind(j, text) != JSON_STRING || json_filled(j, text);
	if (json_kind(j, text) != JSON_STRING || json_filled(j, text))
		end_call(d, open_call(d, c));
	if (json_kind(j, text) == JSON_STRING)
		text_part(d, c, j, p, text);
	else if (c->parts && delta_room(d, json_text(j, p).n))
		tree_set(tree_add(&d->tree, c->parts), j, p);
}

static void content(struct delta *d, struct candidate *c, const struct json *j, uint32_t from)
{
	c->content = tree_key(&d->tree, c->node, "content");
	if (tree_is_null(c->content))
		c->content->kind = TREE_OBJECT;
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		if (!json_is(j, json_key(v), "parts") || json_kind(j, v) != JSON_ARRAY) {
			last_filled(d, c->content, j, v);
			continue;
		}
		c->parts = d->whole ? tree_key(&d->tree, c->content, "parts") : NULL;
		if (c->parts && c->parts->kind != TREE_ARRAY)
			c->parts->kind = TREE_ARRAY;
		c->last = c->parts ? c->parts->last : NULL;
		c->alone = json_count(j, v) == 1;
		for (uint32_t p = json_first(j, v); p; p = json_next(j, v, p))
			add_part(d, c, j, p);
	}
}

/* groundingMetadata, citationMetadata; and logprobsResult, whose lists always come in pieces. */
static void lists(struct delta *d, struct tree_node *to, const struct json *j, uint32_t from, bool pieces)
{
	if (!d->whole)
		return;
	tree_open(&d->tree, to);
	to->kind = TREE_OBJECT;
	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		if (json_kind(j, v) != JSON_ARRAY)
			last_filled(d, to, j, v);
		else if (pieces)
			delta_list_all(d, tree_put(&d->tree, to, json_string(j, json_key(v))), j, v);
		else
			delta_extend(d, tree_put(&d->tree, to, json_string(j, json_key(v))), j, v);
	}
}

static void candidate_member(struct delta *d, struct candidate *c, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v);
	bool object = json_kind(j, v) == JSON_OBJECT;

	if (object && span_is(key, "content"))
		content(d, c, j, v);
	else if (object && (span_is(key, "groundingMetadata") || span_is(key, "citationMetadata")))
		lists(d, tree_put(&d->tree, c->node, json_string(j, json_key(v))), j, v, false);
	else if (object && span_is(key, "logprobsResult"))
		lists(d, tree_put(&d->tree, c->node, json_string(j, json_key(v))), j, v, true);
	else
		last_filled(d, c->node, j, v);
}

static void add_candidates(struct delta *d, const struct json *j, uint32_t array)
{
	struct state *s = d->state;

	s->candidates.list = tree_key(&d->tree, d->tree.root, "candidates");
	s->candidates.list->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e)) {
		struct candidate c = { .number = choice_number(j, e) };
		bool made;

		if (json_kind(j, e) != JSON_OBJECT)
			continue;
		c.node = choice_at(d, &s->candidates, c.number, &made);
		if (made)
			follow_again(d);
		for (uint32_t v = json_first(j, e); v; v = json_next(j, e, v))
			candidate_member(d, &c, j, v);
		if (finished(c.node))
			end_call(d, open_call(d, &c));
	}
}

static void top(struct delta *d, const struct json *j, uint32_t v)
{
	struct span key = delta_key(d, j, v);

	if (span_is(key, "candidates") && json_kind(j, v) == JSON_ARRAY)
		add_candidates(d, j, v);
	else if (span_is(key, "error"))
		delta_error(d, j, v);
	else if (span_is(key, "usageMetadata") && json_kind(j, v) == JSON_OBJECT)
		usage(d, j, v);
	else
		last_filled(d, d->tree.root, j, v);
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	uint32_t in = inner(j, at), feedback = json_get(j, in, "promptFeedback");

	for (uint32_t v = json_first(j, in); v; v = json_next(j, in, v))
		top(d, j, v);
	for (uint32_t v = json_first(j, in == at ? 0 : at); v; v = json_next(j, at, v))
		if (v != in)
			top(d, j, v);
	if (is_enum(j, json_get(j, feedback, "blockReason")) && !s->blocked) {
		s->blocked = true;
		delta_blocked(d, j, json_get(j, feedback, "blockReason"), json_get(j, feedback, "blockReasonMessage"));
	}
	d->ended = d->complete = choices_finished(&s->candidates, finished) || s->blocked || d->error.len > 0;
	if (d->ended)
		follow_never(d); /* what may go on is told by the usage */
}

/* A finish reason that names an error, such as a malformed call; finishMessage describes it. */
static void ended_by_error(struct delta *d, struct tree_node *candidate)
{
	struct span reason = tree_string(tree_get(candidate, "finishReason"));
	struct tree_node *message = tree_get(candidate, "finishMessage");
	const char *word = normal_finish(reason, false);
	struct buf text = BUF_INIT;
	struct json j = JSON_INIT;

	if (!word || strcmp(word, "error"))
		return;
	buf_adds(&text, "{\"type\":\"");
	buf_addspan(&text, reason);
	buf_addc(&text, '"');
	if (tree_string(message).n) {
		json_member(&text, "message");
		tree_write(&text, message);
	}
	buf_addc(&text, '}');
	if (json_parse(&j, text.p, text.len) == 0)
		delta_error(d, &j, JSON_ROOT);
	json_release(&j);
	buf_release(&text);
}

/* An empty text is worth a part only where nothing else was said. */
static void drop_empty_texts(struct tree_node *parts)
{
	for (struct tree_node *p = parts ? parts->first : NULL; p && parts->first != parts->last; p = p->next)
		if (plain(p) && tree_string(tree_get(p, "text")).n == 0)
			tree_set_text(p, SPAN("null"));
	tree_compact(parts);
}

static void finish(struct delta *d)
{
	struct state *s = d->state;

	for (struct delta_call *c = d->calls; c; c = c->next)
		if (!c->done && c->index == WHOLE)
			close_call(d, c);
	choices_sort(d, &s->candidates);
	for (struct tree_node *c = s->candidates.list ? s->candidates.list->first : NULL; c; c = c->next) {
		drop_empty_texts(tree_get(tree_get(c, "content"), "parts"));
		ended_by_error(d, c);
	}
}

static void normal_part(const struct json *j, uint32_t p, struct normal *n)
{
	bool thought = json_kind(j, json_get(j, p, "thought")) == JSON_TRUE;
	uint32_t body = json_get(j, p, "functionCall"), args = json_get(j, body, "args");
	uint32_t signature = json_get(j, p, "thoughtSignature");
	struct normal_call *call;

	normal_text(thought ? &n->reasoning : &n->text, j, json_get(j, p, "text"));
	normal_signature(n, j, json_kind(j, body) == JSON_OBJECT ? (long)n->ncalls : NORMAL_REASONING, signature);
	if (json_kind(j, body) != JSON_OBJECT)
		return;
	call = normal_call(n);
	call->id = json_text(j, json_get(j, body, "id"));
	normal_text(&call->name, j, json_get(j, body, "name"));
	if (json_kind(j, args) > JSON_NULL)
		normal_arguments(&call->arguments, j, args);
	else
		buf_adds(&call->arguments, "{}");
}

/* What the numbers mean that the Gemini API and Vertex AI agree upon. */
static const char *numbered_finish(struct span number, bool calls)
{
	static const struct span words[] = { SPAN("STOP"), SPAN("MAX_TOKENS"), SPAN("SAFETY"), SPAN("RECITATION") };

	if (number.n != 1 || number.p[0] < '1' || number.p[0] > '4')
		return NULL;
	return normal_finish(words[number.p[0] - '1'], calls);
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t candidate = normal_choice(n, j, json_get(j, JSON_ROOT, "candidates"), nth);
	uint32_t parts = json_path(j, candidate, "content.parts");
	uint32_t blocked = json_path(j, JSON_ROOT, "promptFeedback.blockReason");
	uint32_t usage = json_get(j, JSON_ROOT, "usageMetadata");
	uint32_t role = json_path(j, candidate, "content.role"), reason = json_get(j, candidate, "finishReason");

	if (!candidate && nth > 0)
		return false;
	n->index = choice_number(j, candidate);
	n->id = json_text(j, json_get(j, JSON_ROOT, "responseId"));
	n->model = json_text(j, json_get(j, JSON_ROOT, "modelVersion"));
	n->role = json_is(j, role, "model") ? SPAN_NONE : json_string(j, role); /* theirs is the assistant */
	n->finish_reason = json_text(j, reason);
	for (uint32_t p = json_first(j, parts); p; p = json_next(j, parts, p))
		normal_part(j, p, n);
	if (json_kind(j, reason) == JSON_NUMBER)
		n->finish = numbered_finish(n->finish_reason, n->ncalls > 0);
	if (!is_enum(j, reason) && is_enum(j, blocked)) {
		n->finish_reason = json_text(j, blocked);
		n->finish = "content_filter";
	}
	normal_usage_path(n, USAGE_INPUT, j, usage, "promptTokenCount");
	normal_usage_path(n, USAGE_OUTPUT, j, usage, "candidatesTokenCount");
	normal_usage_path(n, USAGE_REASONING, j, usage, "thoughtsTokenCount");
	normal_usage_path(n, USAGE_CACHED, j, usage, "cachedContentTokenCount");
	normal_usage_path(n, USAGE_TOTAL, j, usage, "totalTokenCount");
	return true;
}

static bool put_function_call(struct buf *b, const struct json *j, uint32_t v)
{
	static const struct put with[] = { { "args", put_arguments_object, false }, { 0 } };

	put_object(b, j, v, with);
	return true;
}

/* A text without a character says nothing, unless a signature is beside it. */
static bool put_part(struct buf *b, const struct json *j, uint32_t part)
{
	static const struct put with[] = { { "functionCall", put_function_call, false }, { 0 } };
	bool says = false;

	for (uint32_t v = json_first(j, part); v; v = json_next(j, part, v))
		says = says || !(json_kind(j, v) == JSON_NULL || json_is(j, json_key(v), "thought") ||
		                 (json_is(j, json_key(v), "text") && !json_filled(j, v)));
	put_object(b, j, part, with);
	return says;
}

static bool put_parts(struct buf *b, const struct json *j, uint32_t parts)
{
	return put_list(b, j, parts, put_part);
}

static bool put_role(struct buf *b, const struct json *j, uint32_t v)
{
	buf_addspan(b, v ? json_text(j, v) : SPAN("\"model\""));
	return true;
}

/* The content of the first candidate, unless it has no parts: the next request would be refused.
 * Without a role it would be taken for the user's. */
static void message(const struct json *j, struct buf *b)
{
	static const struct put with[] = { { "parts", put_parts, false }, { "role", put_role, true }, { 0 } };
	uint32_t from = json_get(j, json_at(j, json_get(j, JSON_ROOT, "candidates"), 0), "content");
	struct buf parts = BUF_INIT;

	if (json_kind(j, from) == JSON_OBJECT && put_parts(&parts, j, json_get(j, from, "parts")))
		put_object(b, j, from, with);
	buf_release(&parts);
}

/* {"functionResponse":{"id":…,"name":…,"response":{…}}}: the response is an object, so what is none
 * becomes its "output", and a failure its "error". */
static void function_response(struct next *x, const struct normal_call *call, const struct next_result *result)
{
	struct json j = JSON_INIT;

	next_item(x);
	buf_adds(x->items, "{\"functionResponse\":{");
	next_id(x, "id", call);
	next_name(x, "name", call);
	json_member(x->items, "response");
	if (!result->failed && json_parse(&j, result->text.p, result->text.n) == 0 &&
	    json_kind(&j, JSON_ROOT) == JSON_OBJECT) {
		json_compact(x->items, &j, JSON_ROOT);
	} else {
		buf_addc(x->items, '{');
		next_text(x, result->failed ? "error" : "output", result);
		buf_addc(x->items, '}');
	}
	buf_adds(x->items, "}}");
	json_release(&j);
}

static int next(struct next *x)
{
	next_message(x);
	next_item(x);
	buf_adds(x->items, "{\"role\":\"user\",\"parts\":[");
	for (size_t i = 0; i < x->normal->ncalls; i++)
		function_response(x, &x->normal->calls[i], &x->results[i]);
	buf_adds(x->items, "]}");
	return next_into(x, "contents");
}

const struct delta_format delta_gemini = {
	.name = "gemini",
	.about = "Gemini API and Vertex AI, streamGenerateContent",
	.size = sizeof(struct state),
	.follows = true,
	.again = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
