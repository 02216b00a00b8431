/* SPDX-License-Identifier: MIT */
/*
 * text-generation: servers whose own interface does nothing but go on with a text: llama.cpp, TGI,
 * watsonx.ai; and ERNIE, whose chunks are like theirs.
 *
 *	{"index":0,"content":"Hel","tokens":[],"stop":false,"id_slot":0,"tokens_predicted":1,"tokens_evaluated":5}
 *	{"index":0,"content":"","tokens":[],"stop":true,"model":"m","tokens_predicted":2,"stop_type":"eos","timings":{…}}
 *
 *	{"index":1,"token":{"id":1,"text":"Hel","logprob":-0.1,"special":false},"generated_text":null,"details":null}
 *	{"index":2,"token":{…},"generated_text":"Hello","details":{"finish_reason":"length","generated_tokens":2}}
 *	{"generated_text":"Hello","details":{"finish_reason":"length","generated_tokens":2,"tokens":[…]}}
 *	{"error":"text","error_type":"validation"}
 *
 *	{"model_id":"m","results":[{"generated_text":"Hel","generated_token_count":1,"stop_reason":"not_finished"}]}
 *
 *	{"id":"as-1","object":"chat.completion","sentence_id":0,"is_end":false,"result":"Hel","usage":{…}}
 *	{"id":"as-1","object":"chat.completion","result":"Hello","need_clear_history":false,"usage":{…}}
 *
 * Specification: llama.cpp's tools/server (README and server-task.cpp); TGI's docs/openapi.json; IBM
 * watsonx.ai API, "Text generation"; Baidu's Qianfan v1. What TGI sends beside a token is the details'
 * tokens of its whole answer, and the text of its last chunk is the whole one; texts of special tokens
 * are no part of it. Of llama.cpp and watsonx every chunk has the shape of the whole answer, which is a
 * stream of one.
 */
#include "delta/choices.h"
#include "delta/delta_impl.h"

enum server { NO_SERVER, LLAMA_CPP, TGI, WATSONX, ERNIE };

struct state {
	enum server server;
	bool counting; /* the counter was seen, */
	long count;    /* the last time with this value */
	bool said;     /* text has come */
	struct choices results; /* of watsonx */
};

/* Where what is: keys and paths from what holds the text, save for the counter and the model. */
static const struct layout {
	const char *text;
	const char *lists[2]; /* that come in pieces */
	const char *counter;  /* goes up, and begins anew with each message */
	const char *model, *reason, *input, *output;
} layouts[] = {
	[LLAMA_CPP] = { "content",
	                { "tokens", "completion_probabilities" },
	                "tokens_predicted",
	                "model",
	                "stop_type",
	                "tokens_evaluated",
	                "tokens_predicted" },
	[TGI] = { "generated_text",
	          { NULL },
	          "index",
	          "model",
	          "details.finish_reason",
	          "details.input_length",
	          "details.generated_tokens" },
	[WATSONX] = { "generated_text",
	              { "generated_tokens", "input_tokens" },
	              NULL,
	              "model_id",
	              "stop_reason",
	              "input_token_count",
	              "generated_token_count" },
	[ERNIE] = { "result",
	            { NULL },
	            "sentence_id",
	            "model",
	            "finish_reason",
	            "usage.prompt_tokens",
	            "usage.completion_tokens" },
};

static bool is_bool(const struct json *j, uint32_t node)
{
	enum json_kind kind = json_kind(j, node);

	return kind == JSON_TRUE || kind == JSON_FALSE;
}

static bool is_text(const struct json *j, uint32_t node)
{
	return json_kind(j, node) == JSON_STRING;
}

/* Members of others' chunks that might have a text of ours beside. */
static bool is_others(const struct json *j, uint32_t at)
{
	static const char *const keys[] = { "choices",    "candidates", "type",     "event",      "event_type",
		                            "done",       "message",    "response", "completion", "generation",
		                            "outputText", "outputs",    "delta",    "role",       "contentBlockIndex" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (json_get(j, at, keys[i]))
			return true;
	return false;
}

/* Whose chunk, answer or finished object it is. */
static enum server server_of(const struct json *j, uint32_t at)
{
	uint32_t first = json_first(j, json_get(j, at, "results"));

	if (is_others(j, at))
		return NO_SERVER;
	if (is_text(j, json_get(j, at, "result")) &&
	    (is_bool(j, json_get(j, at, "is_end")) || is_bool(j, json_get(j, at, "need_clear_history"))))
		return ERNIE;
	if (json_get(j, at, "object"))
		return NO_SERVER;
	if (is_text(j, json_get(j, at, "content")) && is_bool(j, json_get(j, at, "stop")))
		return LLAMA_CPP;
	if (is_text(j, json_path(j, at, "token.text")) || is_text(j, json_get(j, at, "generated_text")))
		return TGI;
	if (is_text(j, json_get(j, first, "generated_text")) && json_get(j, first, "stop_reason"))
		return WATSONX;
	return NO_SERVER;
}

static enum delta_knows knows(const struct json *j, uint32_t at)
{
	switch (server_of(j, at)) {
	case LLAMA_CPP:
	case WATSONX:
		return KNOWS_CHUNK;
	case TGI:
		return json_kind(j, json_get(j, at, "token")) == JSON_OBJECT ? KNOWS_CHUNK : KNOWS_WHOLE;
	case ERNIE:
		return is_bool(j, json_get(j, at, "is_end")) ? KNOWS_CHUNK : KNOWS_WHOLE;
	case NO_SERVER:
		break;
	}
	return is_text(j, json_get(j, at, "error")) && is_text(j, json_get(j, at, "error_type")) ? KNOWS_ERROR
	                                                                                         : KNOWS_NOT;
}

static bool counter(const struct json *j, uint32_t at, enum server server, long *count)
{
	const char *key = layouts[server].counter;

	return key && json_long(j, json_get(j, at, key), count);
}

static bool same_value(const struct json *j, uint32_t node, const struct tree_node *had)
{
	return !node || tree_is_null(had) || span_same(json_text(j, node), tree_raw(had));
}

/* One that was cut has no end: that another began is told by its id, by the number of its prompt (of
 * llama.cpp), and by a counter that goes back. */
static enum delta_opens opens(const struct delta *d, const struct json *j, uint32_t at)
{
	const struct state *s = d->state;
	enum server server = server_of(j, at);
	long count;

	if (d->ended || server != s->server)
		return OPENS_NEW;
	if (server == LLAMA_CPP && !same_value(j, json_get(j, at, "index"), tree_get(d->tree.root, "index")))
		return OPENS_NEW;
	if (server == ERNIE && !same_value(j, json_get(j, at, "id"), tree_get(d->tree.root, "id")))
		return OPENS_NEW;
	return s->counting && counter(j, at, server, &count) && count < s->count ? OPENS_NEW : OPENS_NOT;
}

static bool is_list(const struct layout *l, struct span key)
{
	for (size_t i = 0; i < sizeof l->lists / sizeof *l->lists; i++)
		if (l->lists[i] && span_is(key, l->lists[i]))
			return true;
	return false;
}

/* While it reads the prompt llama.cpp sends a token 0 that it did not make. */
static void pieces(struct delta *d, struct tree_node *to, const struct json *j, uint32_t from, uint32_t array)
{
	if (json_kind(j, json_get(j, from, "prompt_progress")) == JSON_OBJECT)
		array = 0;
	delta_list_all(d, to, j, array);
	if (tree_is_null(to))
		tree_set_text(to, SPAN("[]"));
}

/* The last value that says something: watsonx counts the input in its first chunk and then as 0. */
static void last_filled(enum server server, struct tree_node *to, const struct json *j, uint32_t v)
{
	struct span text = json_text(j, v);
	bool empty = span_is(text, "\"\"") || span_is(text, "[]") || (server == WATSONX && span_is(text, "0"));

	if (json_kind(j, v) != JSON_NULL && (tree_is_null(to) || !empty))
		tree_set(to, j, v);
}

static void say(struct delta *d, struct tree_node *to, unsigned choice, struct span piece)
{
	struct state *s = d->state;

	s->said = s->said || piece.n;
	delta_text(d, choice, to, piece);
}

/* ERNIE's only call, whole: {"name":"f","thoughts":"…","arguments":"{…}"}. */
static void function_call(struct delta *d, struct tree_node *to, const struct json *j, uint32_t at)
{
	struct delta_call *c;
	uint32_t arguments = json_get(j, at, "arguments");

	if (d->calls)
		return;
	c = delta_call_new(d, 0);
	tree_set(to, j, at);
	c->node = tree_open(&d->tree, to);
	c->name = tree_get(to, "name");
	c->arguments = tree_key(&d->tree, to, "arguments");
	if (is_text(j, arguments)) {
		tree_set_string(c->arguments, SPAN(""));
		delta_call_piece(d, c, json_string(j, arguments));
	} else if (arguments) {
		delta_call_value(d, c, j, arguments);
	}
	delta_call_done(d, c);
}

/* The members of what holds the text. */
static void members(struct delta *d, struct tree_node *to, unsigned choice, const struct json *j, uint32_t from)
{
	const struct state *s = d->state;
	const struct layout *l = &layouts[s->server];

	for (uint32_t v = json_first(j, from); v; v = json_next(j, from, v)) {
		struct span key = delta_key(d, j, v);
		struct tree_node *n;

		if (span_is(key, "error"))
			continue;
		n = tree_put(&d->tree, to, json_string(j, json_key(v)));
		if (s->server == WATSONX && span_is(key, "results"))
			continue;
		if (span_is(key, l->text) && is_text(j, v))
			say(d, n, choice, json_string(j, v));
		else if (json_kind(j, v) == JSON_ARRAY && is_list(l, key))
			pieces(d, n, j, from, v);
		else if (s->server == ERNIE && span_is(key, "function_call") && json_kind(j, v) == JSON_OBJECT)
			function_call(d, n, j, v);
		else
			last_filled(s->server, n, j, v);
	}
}

/* A token's text, and the token itself for the details. */
static void token(struct delta *d, struct tree_node *details, const struct json *j, uint32_t at)
{
	uint32_t top = json_get(j, at, "top_tokens"), t = json_get(j, at, "token");

	if (json_kind(j, json_get(j, t, "special")) != JSON_TRUE)
		say(d, tree_key(&d->tree, d->tree.root, "generated_text"), 0, json_string(j, json_get(j, t, "text")));
	delta_list(d, tree_key(&d->tree, details, "tokens"), j, t);
	if (json_first(j, top))
		delta_list(d, tree_key(&d->tree, details, "top_tokens"), j, top);
}

/* The whole text, which is said where no token said anything. */
static void generated_text(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v)
{
	const struct state *s = d->state;

	if (s->said)
		delta_text_whole(d, &d->printed_text, json_string(j, v));
	else
		say(d, NULL, 0, json_string(j, v));
	if (d->whole && delta_room(d, json_text(j, v).n))
		tree_set(to, j, v);
}

static void tgi(struct delta *d, const struct json *j, uint32_t at)
{
	struct tree_node *root = d->tree.root, *whole = tree_key(&d->tree, root, "generated_text");
	struct tree_node *details = tree_key(&d->tree, root, "details");

	tree_become_object(details);
	token(d, details, j, at);
	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v)) {
		struct span key = delta_key(d, j, v);

		if (span_is(key, "generated_text") && is_text(j, v))
			generated_text(d, whole, j, v);
		else if (span_is(key, "details"))
			delta_last_all(d, details, j, v);
		else if (!span_is(key, "token") && !span_is(key, "top_tokens") && !span_is(key, "index") &&
		         !span_is(key, "error") && !span_is(key, "generated_text"))
			last_filled(TGI, tree_put(&d->tree, root, json_string(j, json_key(v))), j, v);
	}
	d->complete = is_text(j, json_get(j, at, "generated_text")) ||
	              json_kind(j, json_get(j, at, "details")) == JSON_OBJECT;
}

static bool finished(struct tree_node *result)
{
	struct tree_node *reason = tree_get(result, "stop_reason");

	return !tree_is_null(reason) && !tree_is(reason, "not_finished") && !tree_is(reason, "NOT_FINISHED");
}

/* Each result is a choice, by its place. */
static void watsonx(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;
	uint32_t results = json_get(j, at, "results");
	unsigned choice = 0;
	bool made;

	members(d, d->tree.root, 0, j, at);
	s->results.list = tree_key(&d->tree, d->tree.root, "results");
	s->results.list->kind = TREE_ARRAY;
	for (uint32_t e = json_first(j, results); e; e = json_next(j, results, e), choice++) {
		struct tree_node *to = choice_at(d, &s->results, choice, &made);

		if (json_kind(j, e) == JSON_OBJECT)
			members(d, to, choice, j, e);
	}
	d->complete = choices_finished(&s->results, finished);
}

static void add(struct delta *d, const struct json *j, uint32_t at)
{
	struct state *s = d->state;

	s->server = server_of(j, at);
	if (counter(j, at, s->server, &s->count))
		s->counting = true;
	if (s->server == TGI)
		tgi(d, j, at);
	else if (s->server == WATSONX)
		watsonx(d, j, at);
	else
		members(d, d->tree.root, 0, j, at);
	if (s->server == LLAMA_CPP || s->server == ERNIE)
		d->complete = json_kind(j, json_get(j, at, s->server == ERNIE ? "is_end" : "stop")) == JSON_TRUE;
	delta_error(d, j, json_get(j, at, "error"));
	d->ended = d->complete || d->error.len;
}

static void to_the_end(struct tree_node *object, const char *key)
{
	struct tree_node *n = tree_get(object, key);

	if (!n)
		return;
	tree_remove(object, n);
	tree_attach(object, n);
}

/* TGI's details say first how it ended, then give the tokens. */
static void finish(struct delta *d)
{
	const struct state *s = d->state;
	struct tree_node *root = d->tree.root;

	if (s->server == TGI) {
		to_the_end(tree_get(root, "details"), "tokens");
		to_the_end(tree_get(root, "details"), "top_tokens");
	}
	d->complete = d->complete || d->sentinel;
}

/* llama.cpp said it once in a member for each reason. */
static const char *flagged(const struct json *j)
{
	static const char *const flags[][2] = { { "stopped_limit", "length" },
		                                { "stopped_word", "stop" },
		                                { "stopped_eos", "stop" } };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (json_kind(j, json_get(j, JSON_ROOT, flags[i][0])) == JSON_TRUE)
			return flags[i][1];
	return NULL;
}

static void normal_ernie(const struct json *j, struct normal *n)
{
	uint32_t call = json_get(j, JSON_ROOT, "function_call");

	n->id = json_text(j, json_get(j, JSON_ROOT, "id"));
	normal_usage_path(n, USAGE_TOTAL, j, JSON_ROOT, "usage.total_tokens");
	if (json_kind(j, json_get(j, JSON_ROOT, "is_truncated")) == JSON_TRUE)
		n->finish = "length";
	if (json_kind(j, call) == JSON_OBJECT) {
		struct normal_call *c = normal_call(n);

		normal_text(&c->name, j, json_get(j, call, "name"));
		normal_arguments(&c->arguments, j, json_get(j, call, "arguments"));
	}
}

static bool normal(const struct json *j, size_t nth, struct normal *n)
{
	enum server server = server_of(j, JSON_ROOT);
	const struct layout *l = &layouts[server];
	uint32_t results = json_get(j, JSON_ROOT, "results"), from = JSON_ROOT;

	if (server == WATSONX)
		from = normal_choice(n, j, results, nth);
	if (nth > 0 && (server != WATSONX || !from))
		return false;
	n->index = (long)nth;
	if (server == NO_SERVER)
		return true;
	n->model = json_text(j, json_get(j, JSON_ROOT, l->model));
	normal_text(&n->text, j, json_get(j, from, l->text));
	n->finish_reason = json_text(j, json_path(j, from, l->reason));
	normal_usage_path(n, USAGE_INPUT, j, from, l->input);
	normal_usage_path(n, USAGE_OUTPUT, j, from, l->output);
	if (server == LLAMA_CPP) {
		n->finish = flagged(j);
		normal_usage_path(n, USAGE_CACHED, j, from, "timings.cache_n");
	}
	if (server == ERNIE)
		normal_ernie(j, n);
	return true;
}

/* The next request is a prompt, save for ERNIE's: the chat message that says the same. */
static void message(const struct json *j, struct buf *b)
{
	uint32_t call = json_get(j, JSON_ROOT, "function_call");
	struct normal n = { 0 };

	normal(j, 0, &n);
	buf_adds(b, "{\"role\":\"assistant\",\"content\":\"");
	buf_addspan(b, buf_span(&n.text));
	buf_addc(b, '"');
	if (n.ncalls) {
		json_member(b, "function_call");
		put_chat_function(b, j, call);
	}
	buf_addc(b, '}');
	normal_release(&n);
}

const struct delta_format delta_text_generation = {
	.name = "text-generation",
	.about = "native streams of llama.cpp, TGI, watsonx.ai and ERNIE",
	.size = sizeof(struct state),
	.corrects = true,
	.knows = knows,
	.opens = opens,
	.add = add,
	.finish = finish,
	.normal = normal,
	.message = message,
};
