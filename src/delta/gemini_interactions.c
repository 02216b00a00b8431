/* SPDX-License-Identifier: MIT */
/*
 * gemini-interactions: Google's Interactions API, an interaction of typed steps.
 *
 *	{"event_type":"interaction.created","interaction":{"id":"i","object":"interaction","model":"m","status":"in_progress"}}
 *	{"event_type":"interaction.status_update","interaction_id":"i","status":"in_progress"}
 *	{"event_type":"step.start","index":0,"step":{"type":"thought"}}
 *	{"event_type":"step.delta","index":0,"delta":{"type":"thought_summary","content":{"type":"text","text":"So"}}}
 *	{"event_type":"step.delta","index":0,"delta":{"type":"thought_signature","signature":"…"}}
 *	{"event_type":"step.stop","index":0}
 *	{"event_type":"step.start","index":1,"step":{"type":"function_call","id":"c","name":"f","arguments":{}}}
 *	{"event_type":"step.delta","index":1,"delta":{"type":"arguments_delta","arguments":"{\"a\":1}"}}
 *	{"event_type":"step.stop","index":1}
 *	{"event_type":"error","error":{"code":"service_unavailable","message":"…"}}
 *	{"event_type":"interaction.completed","interaction":{"id":"i","status":"requires_action","usage":{…},…}}
 *
 * Before there were steps, and where they are not enabled, what a model put out is a list of contents,
 * the text of each in itself:
 *
 *	{"event_type":"interaction.start","interaction":{"id":"i","object":"interaction","model":"m","status":"in_progress"}}
 *	{"event_type":"content.start","index":0,"content":{"type":"text"}}
 *	{"event_type":"content.delta","index":0,"delta":{"type":"text","text":"Hel"}}
 *	{"event_type":"content.stop","index":0}
 *	{"event_type":"interaction.complete","interaction":{"id":"i","status":"completed","usage":{…},…}}
 *
 * Specification: Gemini Interactions API reference, Interaction, Step and StepDelta (revision
 * 2026-05-20), and ContentStart, ContentDelta (before it). An `interaction` is a snapshot of all but
 * the steps; the last one wins. Text goes on in the last part of its step's content, summaries of
 * thoughts in its summary; results and annotations are appended; of anything else the last value wins.
 */
#include <string.h>

#include "delta/delta_impl.h"

enum { STEPS = 1 << 16 }; /* an index beyond is no index */

struct state {
	struct tree_node *steps;
	bool contents; /* there are no steps, but contents */
};

/* One step event. */
struct event {
	size_t index;
	struct tree_node *step;
};

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "event_type");
	struct span word = json_string(j, type);

	if (span_is(word, "error"))
		return KNOWS_ERROR;
	if (json_kind(j, json_get(j, at, "sequence_number")) > JSON_NULL)
		return KNOWS_NOT;
	if (json_kind(j, type) > JSON_NULL)
		return span_starts(word, "interaction.") || span_starts(word, "step.") || span_starts(word, "content.")
		               ? KNOWS_CHUNK
		               : KNOWS_NOT;
	if (json_kind(j, json_get(j, at, "steps")) == JSON_ARRAY ||
	    json_is(j, json_get(j, at, "object"), "interaction"))
		return KNOWS_WHOLE;
	return KNOWS_NOT;
}

static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t type = json_get(j, at, "event_type");

	(void)d;
	return json_is(j, type, "interaction.created") || json_is(j, type, "interaction.start") ? OPENS_NEW : OPENS_NOT;
}

static bool empty(const struct json *j, uint32_t v)
{
	enum json_kind kind = json_kind(j, v);

	return kind <= JSON_NULL || (kind == JSON_STRING && !json_filled(j, v)) ||
	       (kind >= JSON_ARRAY && !json_first(j, v));
}

/* The last value wins, but an empty one never erases. */
static void last_filled(struct delta *d, struct tree_node *object, const struct json *j, uint32_t v)
{
	struct tree_node *to = tree_put(&d->tree, object, json_string(j, json_key(v)));

	if ((tree_is_null(to) || !empty(j, v)) && (d->whole || json_kind(j, v) < JSON_ARRAY))
		tree_set(to, j, v);
}

static struct tree_node *steps(struct delta *d)
{
	struct state *s = d->state;

	if (!s->steps) {
		s->steps = tree_key(&d->tree, d->tree.root, s->contents ? "outputs" : "steps");
		s->steps->kind = TREE_ARRAY;
	}
	return s->steps;
}

/* The step of an event; one without a usable index is of the step that is last, or begins one. */
static struct event event_of(struct delta *d, const struct json *j, uint32_t at, bool start)
{
	struct tree_node *list = steps(d);
	size_t have = tree_count(list);
	struct event e = { .index = start || have == 0 ? have : have - 1 };
	long index;

	if (json_long(j, json_get(j, at, "index"), &index) && index >= 0 && index < STEPS)
		e.index = (size_t)index;
	e.step = tree_open(&d->tree, tree_reach(&d->tree, list, e.index));
	return e;
}

static bool is_type(struct tree_node *step, const char *type)
{
	return tree_is(tree_get(step, "type"), type);
}

/* The list of parts in a step, and the last of them that goes on with that type. */
static struct tree_node *part_list(struct delta *d, struct tree_node *step, const char *name)
{
	struct tree_node *list = tree_open(&d->tree, tree_key(&d->tree, step, name));

	if (list->kind != TREE_ARRAY) {
		tree_set_text(list, SPAN("null"));
		list->kind = TREE_ARRAY;
	}
	return list;
}

static struct tree_node *text_part(struct delta *d, struct tree_node *step, const char *name)
{
	struct tree_node *list = part_list(d, step, name);
	struct tree_node *part = list->last ? tree_open(&d->tree, list->last) : NULL;

	if (part && is_type(part, "text"))
		return part;
	part = tree_add(&d->tree, list);
	tree_set_string(tree_key(&d->tree, part, "type"), SPAN("text"));
	return part;
}

/* A piece of text with whatever stands beside it: into the answer, or into a summary of thoughts. */
static void text(struct delta *d, struct tree_node *step, const struct json *j, uint32_t from, bool thought)
{
	struct tree_node *part = d->whole ? text_part(d, step, thought ? "summary" : "content") : NULL;

	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		struct span key = delta_key(d, j, v), piece = json_string(j, v);

		if (span_is(key, "type"))
			continue;
		if (span_is(key, "text") && piece.p) {
			struct tree_node *to = part ? tree_key(&d->tree, part, "text") : NULL;

			if (thought)
				delta_reasoning(d, 0, to, piece);
			else
				delta_text(d, 0, to, piece);
		} else if (part && json_kind(j, v) == JSON_ARRAY) {
			delta_list_all(d, tree_put(&d->tree, part, json_string(j, json_key(v))), j, v);
		} else if (part) {
			last_filled(d, part, j, v);
		}
	}
}

/* A part that is whole: an image, a document, a piece of sound. */
static void whole_part(struct delta *d, struct tree_node *step, const char *name, const struct json *j, uint32_t part)
{
	if (d->whole && delta_room(d, json_text(j, part).n))
		tree_set(tree_add(&d->tree, part_list(d, step, name)), j, part);
}

static void summary(struct delta *d, struct tree_node *step, const struct json *j, uint32_t delta)
{
	uint32_t content = json_get(j, delta, "content");

	if (json_kind(j, content) != JSON_OBJECT)
		content = delta; /* {"type":"thought_summary","text":…} */
	if (json_kind(j, json_get(j, content, "text")) == JSON_STRING)
		text(d, step, j, content, true);
	else if (content != delta)
		whole_part(d, step, "summary", j, content);
}

static void annotations(struct delta *d, struct tree_node *step, const struct json *j, uint32_t delta)
{
	struct tree_node *part = d->whole ? text_part(d, step, "content") : NULL;
	uint32_t one = json_get(j, delta, "annotation"), list = json_get(j, delta, "annotations");

	if (!part)
		return;
	delta_list_all(d, tree_key(&d->tree, part, "annotations"), j, list);
	if (one)
		delta_list(d, tree_key(&d->tree, part, "annotations"), j, one);
}

/* The call of a step: for the user to run when it is a function_call, else the server's own. */
static struct delta_call *call_of(struct delta *d, const struct event *e)
{
	struct delta_call *c = delta_call_at(d, 0, (long)e->index);

	if (!c) {
		c = delta_call_new(d, 0);
		delta_call_index(d, c, (long)e->index);
		c->hidden = !is_type(e->step, "function_call");
		delta_call_detach(d, c);
	}
	c->node = e->step;
	c->id = tree_get(e->step, "id");
	c->name = tree_get(e->step, "name");
	return c;
}

static void arguments(struct delta *d, const struct event *e, const struct json *j, uint32_t v)
{
	struct delta_call *c = call_of(d, e);

	if (json_kind(j, v) == JSON_STRING) {
		delta_call_piece(d, c, json_string(j, v));
	} else if (json_kind(j, v) >= JSON_ARRAY && json_first(j, v)) {
		c->arguments = tree_key(&d->tree, e->step, "arguments");
		delta_call_value(d, c, j, v);
	}
}

/* Arguments as they are at the end: the text that came, else the value of the start, else none, {}. */
static void settle(struct delta *d, struct delta_call *c)
{
	struct tree_node *value = tree_get(c->node, "arguments");

	if (tree_string(c->arguments).n) {
		delta_call_close(d, c, value ? value : tree_key(&d->tree, c->node, "arguments"));
	} else if (value && !tree_is_null(value)) {
		c->arguments = value;
	} else {
		c->arguments = tree_new(&d->tree);
		tree_set_text(c->arguments, SPAN("{}"));
	}
}

static void stop(struct delta *d, const struct event *e)
{
	struct delta_call *c = delta_call_at(d, 0, (long)e->index);

	if (!c || c->done)
		return;
	call_of(d, e); /* its name may have come behind its arguments */
	settle(d, c);
	delta_call_done(d, c);
}

/* Says what a step had in it from the start. */
static void tell_parts(struct delta *d, const struct json *j, uint32_t list, bool thought)
{
	for (uint32_t p = json_first(j, list); p; p = json_next(j, list, p)) {
		struct span piece = json_string(j, json_get(j, p, "text"));

		if (thought)
			delta_reasoning(d, 0, NULL, piece);
		else
			delta_text(d, 0, NULL, piece);
	}
}

static void step_members(struct delta *d, const struct event *e, const struct json *j, uint32_t step)
{
	for (uint32_t v = json_first(j, step); v; v = json_next(j, step, v)) {
		struct tree_node *to = tree_put(&d->tree, e->step, json_string(j, json_key(v)));
		size_t n = json_text(j, v).n;

		if (!tree_is_null(to))
			continue;
		if (json_is(j, json_key(v), "arguments") ? delta_call_room(d, n) : d->whole && delta_room(d, n))
			tree_set(to, j, v);
		else if (json_kind(j, v) < JSON_ARRAY)
			tree_set(to, j, v);
	}
}

static void start(struct delta *d, const struct event *e, const struct json *j, uint32_t step)
{
	struct delta_call *before = delta_call_at(d, 0, (long)e->index);

	if (before) { /* begun again */
		before->hidden = true;
		before->replaced = true;
	}
	tree_set_text(e->step, SPAN("null"));
	step_members(d, e, j, step);
	if (is_type(e->step, "function_call"))
		delta_call_piece(d, call_of(d, e), SPAN(""));
	else if (is_type(e->step, "model_output"))
		tell_parts(d, j, json_get(j, step, "content"), false);
	else if (is_type(e->step, "text"))
		delta_text(d, 0, NULL, json_string(j, json_get(j, step, "text")));
	else if (is_type(e->step, "thought"))
		tell_parts(d, j, json_get(j, step, "summary"), true);
}

/* What a delta says to whom it belongs, where no step was begun. */
static void begin_unsaid(struct delta *d, struct tree_node *step, struct span type)
{
	static const char *const parts[] = { "text", "image", "audio", "video", "document" };
	const struct state *s = d->state;
	struct tree_node *to;

	if (tree_get(step, "type"))
		return;
	to = tree_key(&d->tree, step, "type");
	tree_set_string(to, type);
	if (span_starts(type, "thought_"))
		tree_set_string(to, SPAN("thought"));
	if (span_is(type, "arguments_delta"))
		tree_set_string(to, SPAN("function_call"));
	if (span_starts(type, "text_annotation"))
		tree_set_string(to, SPAN("model_output"));
	for (size_t i = 0; i < sizeof parts / sizeof *parts && !s->contents; i++)
		if (span_is(type, parts[i]))
			tree_set_string(to, SPAN("model_output"));
}

/* Members of a delta that are members of its step. */
static void members(struct delta *d, const struct event *e, const struct json *j, uint32_t delta)
{
	for (uint32_t v = json_first(j, delta); v; v = json_next(j, delta, v)) {
		struct span key = delta_key(d, j, v);
		bool text = json_kind(j, v) == JSON_STRING;

		if (span_is(key, "type"))
			continue;
		if (span_is(key, "arguments") && (text || is_type(e->step, "function_call")))
			arguments(d, e, j, v);
		else if (span_is(key, "text") && text && is_type(e->step, "text"))
			delta_text(d, 0, d->whole ? tree_key(&d->tree, e->step, "text") : NULL, json_string(j, v));
		else if (json_kind(j, v) == JSON_ARRAY && d->whole)
			delta_list_all(d, tree_put(&d->tree, e->step, json_string(j, json_key(v))), j, v);
		else
			last_filled(d, e->step, j, v);
	}
}

static void step_delta(struct delta *d, const struct event *e, const struct json *j, uint32_t delta)
{
	const struct state *s = d->state;
	struct span type = json_string(j, json_get(j, delta, "type"));

	if (json_kind(j, delta) != JSON_OBJECT)
		return;
	begin_unsaid(d, e->step, type);
	if (s->contents && !span_starts(type, "thought") && !is_type(e->step, "thought"))
		members(d, e, j, delta);
	else if (span_is(type, "text"))
		text(d, e->step, j, delta, is_type(e->step, "thought"));
	else if (span_is(type, "thought_summary"))
		summary(d, e->step, j, delta);
	else if (span_starts(type, "text_annotation"))
		annotations(d, e->step, j, delta);
	else if (span_is(type, "image") || span_is(type, "audio") || span_is(type, "video") ||
	         span_is(type, "document"))
		whole_part(d, e->step, "content", j, delta);
	else
		members(d, e, j, delta);
}

/* The text of all steps in a snapshot. */
static void check_text(struct delta *d, const struct json *j, uint32_t list)
{
	struct buf text = BUF_INIT;

	for (uint32_t step = json_first(j, list); step; step = json_next(j, list, step)) {
		uint32_t content = json_get(j, step, "content");

		normal_text(&text, j, json_is(j, json_get(j, step, "type"), "text") ? json_get(j, step, "text") : 0);
		for (uint32_t p = json_first(j, content); p; p = json_next(j, content, p))
			normal_text(&text, j, json_get(j, p, "text"));
	}
	delta_text_whole(d, &d->printed_text, buf_span(&text));
	buf_release(&text);
}

/* Steps in a snapshot are there already, unless it has them all. */
static void snapshot(struct delta *d, const struct json *j, uint32_t interaction)
{
	struct state *s = d->state;

	for (uint32_t v = json_first(j, interaction); v; v = json_next(j, interaction, v)) {
		bool list = json_is(j, json_key(v), "steps") || json_is(j, json_key(v), "outputs");

		if (!list || json_kind(j, v) != JSON_ARRAY) {
			last_filled(d, d->tree.root, j, v);
		} else if (json_first(j, v) && !d->whole) {
			check_text(d, j, v);
		} else if (json_first(j, v)) {
			s->steps = tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)));
			tree_set(s->steps, j, v);
			tree_open(&d->tree, s->steps);
		}
	}
	delta_error(d, j, json_get(j, interaction, "error"));
}

static bool running(struct tree_node *status)
{
	return tree_string(status).n == 0 || tree_is(status, "in_progress") || tree_is(status, "queued");
}

/* The status of an update ends an interaction only where none is completed after it. */
static void ends(struct delta *d, struct span type, bool whole)
{
	struct tree_node *status = tree_get(d->tree.root, "status");

	if (span_is(type, "interaction.completed") || span_is(type, "interaction.complete") || (whole && !running(status)))
		d->ended = d->complete = true;
	if (tree_is(status, "failed") || tree_is(status, "cancelled") || tree_is(status, "incomplete"))
		d->complete = true;
	if (d->error.len)
		d->ended = true;
}

/* What an event has besides what its type is about. */
static void envelope(struct delta *d, const struct json *j, uint32_t at)
{
	static const char *const known[] = { "event_type", "index", "step", "delta", "interaction", "content" };
	const size_t n = sizeof known / sizeof *known;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct tree_node *id = tree_get(d->tree.root, "id");
		size_t i;

		for (i = 0; i < n && !json_is(j, json_key(v), known[i]); i++)
			;
		if (i < n)
			continue;
		if (!json_is(j, json_key(v), "interaction_id"))
			last_filled(d, d->tree.root, j, v);
		else if (!id)
			tree_set(tree_key(&d->tree, d->tree.root, "id"), j, v);
	}
}

/* step.start, step.delta, step.stop, and the same of contents. */
static void step_event(struct delta *d, const struct json *j, uint32_t at, struct span word, uint32_t step)
{
	bool begins = span_is(word, "start");
	struct event e = event_of(d, j, at, begins);

	if (json_kind(j, step) == JSON_OBJECT && (begins || !tree_get(e.step, "type")))
		start(d, &e, j, step);
	else
		step_members(d, &e, j, step);
	step_delta(d, &e, j, json_get(j, at, "delta"));
	if (span_is(word, "stop"))
		stop(d, &e);
}

static struct span behind(struct span type, const char *prefix)
{
	size_t n = strlen(prefix);

	return span_starts(type, prefix) ? (struct span){ type.p + n, type.n - n } : SPAN_NONE;
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	struct span type = json_string(j, json_get(j, at, "event_type"));
	struct span step = behind(type, "step."), content = behind(type, "content.");
	uint32_t interaction = json_get(j, at, "interaction");

	if (content.p) {
		s->contents = s->contents || !s->steps;
		step_event(d, j, at, content, json_get(j, at, "content"));
	} else if (step.p) {
		step_event(d, j, at, step, json_get(j, at, "step"));
	}
	snapshot(d, j, interaction);
	envelope(d, j, at);
	if (!step.p && !content.p)
		ends(d, type, json_kind(j, interaction) == JSON_OBJECT);
}

static void finish(struct delta *d)
{
	struct tree_node *root = d->tree.root;
	struct tree_node *status = tree_get(root, "status");
	bool good = tree_is(status, "completed") || tree_is(status, "requires_action");
	long last = -1;

	for (struct delta_call *c = d->calls; c; c = c->next) {
		if (!c->done) {
			settle(d, c);
			c->hidden = c->hidden || !good;
		}
		if (c->index < last)
			d->detached = false; /* not in the order of the steps */
		last = c->index;
	}
	if (root->first)
		tree_compact(steps(d));
}

static void normal_call_step(const struct json *j, uint32_t step, struct normal *n)
{
	struct normal_call *c = normal_call(n);
	uint32_t arguments = json_get(j, step, "arguments");

	c->id = json_text(j, json_get(j, step, "id"));
	normal_text(&c->name, j, json_get(j, step, "name"));
	if (json_kind(j, arguments) > JSON_NULL)
		normal_arguments(&c->arguments, j, arguments);
	else
		buf_adds(&c->arguments, "{}");
}

static void normal_texts(struct buf *to, const struct json *j, uint32_t list)
{
	for (uint32_t p = json_first(j, list); p; p = json_next(j, list, p))
		normal_text(to, j, json_get(j, p, "text"));
}

/* The list of steps or, without them, of contents. */
static uint32_t list_of(const struct json *j)
{
	uint32_t list = json_get(j, JSON_ROOT, "steps");

	return json_kind(j, list) == JSON_ARRAY ? list : json_get(j, JSON_ROOT, "outputs");
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	uint32_t list = list_of(j), usage = json_get(j, JSON_ROOT, "usage");
	uint32_t model = json_get(j, JSON_ROOT, "model");

	if (nth > 0)
		return false;
	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	n->model = json_text(j, json_kind(j, model) > JSON_NULL ? model : json_get(j, JSON_ROOT, "agent"));
	n->finish_reason = json_text(j, json_get(j, JSON_ROOT, "status"));
	for (uint32_t s = json_first(j, list); s; s = json_next(j, list, s)) {
		uint32_t type = json_get(j, s, "type");
		bool call = json_is(j, type, "function_call");

		if (call || json_is(j, type, "thought"))
			normal_signature(n, j, call ? (long)n->ncalls : NORMAL_REASONING, json_get(j, s, "signature"));
		if (json_is(j, type, "model_output"))
			normal_texts(&n->text, j, json_get(j, s, "content"));
		else if (json_is(j, type, "text"))
			normal_text(&n->text, j, json_get(j, s, "text"));
		else if (json_is(j, type, "thought"))
			normal_texts(&n->reasoning, j, json_get(j, s, "summary"));
		else if (call)
			normal_call_step(j, s, n);
	}
	normal_usage_path(n, USAGE_INPUT, j, usage, "total_input_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, usage, "total_output_tokens");
	normal_usage_path(n, USAGE_REASONING, j, usage, "total_thought_tokens");
	normal_usage_path(n, USAGE_CACHED, j, usage, "total_cached_tokens");
	normal_usage_path(n, USAGE_TOTAL, j, usage, "total_tokens");
	return true;
}

static bool put_step(struct buf *b, const struct json *j, uint32_t step)
{
	static const struct put call[] = { { "arguments", put_arguments_object, true }, { 0 } };

	put_object(b, j, step, json_is(j, json_get(j, step, "type"), "function_call") ? call : NULL);
	return true;
}

/* The steps, as the input of the next request lists them; contents are what one turn of it says. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t list = list_of(j);
	bool turn = json_kind(j, list) == JSON_ARRAY && list != json_get(j, JSON_ROOT, "steps");

	if (turn)
		buf_adds(b, "{\"role\":\"model\",\"content\":");
	if (!put_list(b, j, list, put_step) && json_kind(j, list) != JSON_ARRAY)
		buf_adds(b, "[]");
	if (turn)
		buf_addc(b, '}');
}

static void function_result(struct next *x, const struct normal_call *call, const struct next_result *result)
{
	buf_adds(x->items, "{\"type\":\"function_result\"");
	next_id(x, "call_id", call);
	next_name(x, "name", call);
	if (result->failed) {
		json_member(x->items, "is_error");
		buf_adds(x->items, "true");
	}
	next_text(x, "result", result);
	buf_addc(x->items, '}');
}

/* Is the request's input contents, which the user said, and not steps or turns? */
static bool says_contents(const struct next *x, uint32_t input)
{
	static const char *const contents[] = { "text", "image", "audio", "video", "document" };
	uint32_t type = json_get(x->request, json_first(x->request, input), "type");

	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
		if (json_is(x->request, type, contents[i]))
			return true;
	return json_kind(x->request, input) != JSON_ARRAY;
}

/* Before there were steps, input was what the user said, or turns. */
static int next_turn(struct next *x, uint32_t input)
{
	next_item(x);
	buf_adds(x->items, "{\"role\":\"user\",\"content\":[");
	for (size_t i = 0; i < x->normal->ncalls; i++) {
		next_item(x);
		function_result(x, &x->normal->calls[i], &x->results[i]);
	}
	buf_adds(x->items, "]}");
	if (says_contents(x, input))
		return next_around(x, "input", "{\"role\":\"user\",\"content\":", "}");
	return next_into(x, "input");
}

/* Input that is no list of steps is what the user said: a string, or one or several contents. */
static int next(struct next *x)
{
	uint32_t input = json_get(x->request, JSON_ROOT, "input");

	next_message(x);
	if (json_kind(x->message, json_get(x->message, JSON_ROOT, "steps")) != JSON_ARRAY)
		return next_turn(x, input);
	for (size_t i = 0; i < x->normal->ncalls; i++) {
		next_item(x);
		function_result(x, &x->normal->calls[i], &x->results[i]);
	}
	if (!says_contents(x, input))
		return next_into(x, "input");
	if (json_kind(x->request, input) == JSON_ARRAY)
		return next_around(x, "input", "{\"type\":\"user_input\",\"content\":", "}");
	if (json_kind(x->request, input) == JSON_STRING)
		return next_around(x, "input", "{\"type\":\"user_input\",\"content\":[{\"type\":\"text\",\"text\":", "}]}");
	return next_around(x, "input", "{\"type\":\"user_input\",\"content\":[", "]}");
}

const struct delta_format delta_gemini_interactions = {
	.name = "gemini-interactions",
	.about = "Gemini Interactions API",
	.size = sizeof(struct state),
	.corrects = true,
	.follows = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
	.next = next,
};
