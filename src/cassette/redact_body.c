/* SPDX-License-Identifier: MIT */
/* redact_body: the secrets in a body, by what it is. See redact_body.h. */
#include "cassette/redact_body.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret_name.h"
#include "cassette/multipart.h"
#include "json/path.h"
#include "json/write.h"

/* One JSON text in a body, and what was found in it so far. */
struct search {
	const struct redact *redact;
	const struct json *json;
	size_t offset; /* of the text in the body */
	struct redact_hits hits;
	struct buf name, value; /* scratch */
};

/* A node of JSON that is not redacted yet. */
static void add_node(void *search, uint32_t node)
{
	struct search *s = search;
	bool string = json_kind(s->json, node) == JSON_STRING;
	struct span text = string ? json_string(s->json, node) : json_text(s->json, node);

	if (json_kind(s->json, node) == JSON_NULL || text.n == 0 || (string && span_is(text, REDACTED)))
		return;
	redact_hits_add(&s->hits, (struct redact_hit){ s->offset + (size_t)(text.p - s->json->text), text.n, !string });
}

/* ---- members by their names */

static struct span decoded(const struct json *j, uint32_t string, struct buf *scratch)
{
	if (!j->tape[string].escaped)
		return json_string(j, string);
	buf_reset(scratch);
	json_unescape(scratch, json_string(j, string));
	return buf_span(scratch);
}

static bool key_is_one_of(const struct json *j, uint32_t key, const char *const *names)
{
	for (; *names; names++)
		if (json_is(j, key, *names))
			return true;
	return false;
}

/* {"token":" Hel","logprob":-0.1} */
static bool is_of_logprobs(const struct json *j, uint32_t object)
{
	static const char *const names[] = { "logprob", "log_prob", "logProb", "logProbability", NULL };

	for (uint32_t c = json_first(j, object); c; c = json_next(j, object, c))
		if (key_is_one_of(j, json_key(c), names))
			return true;
	return false;
}

/* Is this member of an object what a model gives to a tool? The object names the tool or the call, or is the
 * value of a member that says so: {"function":{"arguments":{...}}}. around is its key, 0 if it has none. */
static bool is_of_call(const struct json *j, uint32_t object, uint32_t around, uint32_t member)
{
	static const char *const arguments[] = { "arguments", "args", "input", NULL };
	static const char *const ids[] = { "tool_name",  "toolName",   "tool_call_id", "toolCallId",
		                           "toolUseId",  "tool_use_id", "call_id",     "callId", NULL };
	static const char *const calls[] = { "function", "functionCall", "function_call", "toolCall",
		                             "tool_call", "toolUse",     "tool_use",      NULL };
	struct span type = json_string(j, json_get(j, object, "type"));
	bool named = json_kind(j, json_get(j, object, "name")) == JSON_STRING;

	if (!key_is_one_of(j, json_key(member), arguments))
		return false;
	if (around && key_is_one_of(j, around, calls))
		return true;
	for (uint32_t c = json_first(j, object); c; c = json_next(j, object, c))
		if (key_is_one_of(j, json_key(c), ids))
			return true;
	if (named && !json_is(j, json_key(member), "input"))
		return true;
	return named && type.p && (memmem(type.p, type.n, "tool", 4) || memmem(type.p, type.n, "function", 8));
}

/* {"client_secret":{"value":"ek_..."}} of OpenAI's Realtime API */
static bool is_client_secret(const struct json *j, uint32_t around, uint32_t key)
{
	return around && json_is(j, key, "value") && (json_is(j, around, "client_secret") || json_is(j, around, "clientSecret"));
}

static bool is_secret(struct search *s, uint32_t around, uint32_t member)
{
	struct span value = decoded(s->json, member, &s->value);
	uint32_t key = json_key(member);

	switch (secret_name(SECRET_MEMBER, decoded(s->json, key, &s->name))) {
	case SECRET_YES:
		return true;
	case SECRET_MAYBE:
		return secret_is_credential(value);
	case SECRET_NO:
		return secret_is_ephemeral(value) || is_client_secret(s->json, around, key);
	default:
		return false;
	}
}

static void find_members(struct search *s, uint32_t node, uint32_t around)
{
	const struct json *j = s->json;
	bool object = json_kind(j, node) == JSON_OBJECT, open = object && !is_of_logprobs(j, node);

	for (uint32_t c = json_first(j, node); c; c = json_next(j, node, c)) {
		if (json_kind(j, c) == JSON_STRING && open && is_secret(s, around, c))
			add_node(s, c);
		else if (json_kind(j, c) >= JSON_ARRAY && !(object && is_of_call(j, node, around, c)))
			find_members(s, c, object ? json_key(c) : 0);
	}
}

static void find_paths(struct search *s)
{
	const struct redact_rules *rules = s->redact->rules;

	for (size_t i = 0; rules && i < rules->npaths; i++)
		path_find(&rules->paths[i], s->json, add_node, s);
}

/* The parameters of form data, without the files in it. */
static void find_parts(struct search *s, struct span type, struct span body)
{
	struct multipart m;

	if (!type.p || !multipart_split(&m, type, body))
		return;
	for (size_t i = 0; i < m.n; i++) {
		const struct part *p = &m.parts[i];

		if (secret_name(SECRET_PARAMETER, p->name) == SECRET_YES && !p->is_file && p->body.n > 0 &&
		    !secret_is_number(p->body) && !span_is(p->body, REDACTED))
			redact_hits_add(&s->hits, (struct redact_hit){ (size_t)(p->body.p - body.p), p->body.n, false });
	}
	multipart_release(&m);
}

/* Each JSON text of a stream: a line of NDJSON, or the data of an event. */
static void find_paths_in_lines(struct search *s, struct json *j, struct span body)
{
	for (size_t at = 0, n; at < body.n; at += n + 1) {
		const char *lf = memchr(body.p + at, '\n', body.n - at);
		struct span line = { body.p + at, lf ? (size_t)(lf - body.p) - at : body.n - at };

		n = line.n;
		if (span_starts(line, "data:"))
			line = (struct span){ line.p + 5, line.n - 5 };
		s->offset = (size_t)(line.p - body.p);
		if (json_parse(j, line.p, line.n) == 0)
			find_paths(s);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct redact_hit *x = a, *y = b;

	return x->at != y->at ? x->at < y->at ? -1 : 1 : x->n > y->n ? -1 : x->n < y->n;
}

/* The nodes found, without those inside of others, and the known values between them. */
static void merge(const struct redact *r, struct span body, struct redact_hits *nodes, struct redact_hits *hits)
{
	size_t at = 0;

	if (nodes->n)
		qsort(nodes->list, nodes->n, sizeof *nodes->list, by_place);
	for (size_t i = 0; i < nodes->n; i++) {
		const struct redact_hit *h = &nodes->list[i];

		if (h->at < at)
			continue;
		redact_find_text(r, body, at, h->at, hits);
		redact_hits_add(hits, *h);
		at = h->at + h->n;
	}
	redact_find_text(r, body, at, body.n, hits);
}

/* ---- bodies */

bool redact_is_form(struct span type, struct span body)
{
	static const char form[] = "application/x-www-form-urlencoded";
	struct json j = JSON_INIT;
	bool json;

	if (type.n < sizeof form - 1 || strncasecmp(type.p, form, sizeof form - 1) != 0)
		return false;
	json = json_parse(&j, body.p, body.n) == 0;
	json_release(&j);
	return !json;
}

void redact_find_body(const struct redact *r, struct span type, struct span body, struct redact_hits *hits)
{
	struct json j = JSON_INIT;
	struct search s = { .redact = r, .json = &j };

	if (body.n == 0)
		return;
	if (json_parse(&j, body.p, body.n) == 0) {
		find_members(&s, JSON_ROOT, 0);
		find_paths(&s);
	} else if (redact_is_form(type, body)) {
		redact_find_form(r, body, 0, body.n, hits);
		body.n = 0;
	} else {
		find_parts(&s, type, body);
		if (r->rules && r->rules->npaths)
			find_paths_in_lines(&s, &j, body);
	}
	merge(r, body, &s.hits, hits);
	redact_hits_release(&s.hits);
	json_release(&j);
	buf_release(&s.name);
	buf_release(&s.value);
}

size_t redact_body(const struct redact *r, struct buf *to, struct span type, struct span body)
{
	struct redact_hits hits = { 0 };
	size_t n;

	redact_find_body(r, type, body, &hits);
	redact_apply(&hits, body, to);
	n = hits.n;
	redact_hits_release(&hits);
	return n;
}
