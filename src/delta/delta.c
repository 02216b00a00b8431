/* SPDX-License-Identifier: MIT */
/*
 * delta: chunks in, finished messages out. See delta.h.
 *
 * This file takes a line apart, finds the format and the message that a chunk belongs to.
 * message.c opens and closes messages, grow.c holds what the formats say as they merge.
 */
#include "delta/delta.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/mem.h"
#include "delta/delta_impl.h"
#include "delta/failure.h"

/* The order matters only to people; each knows is exclusive. */
const struct delta_format *const delta_formats[] = {
	&delta_openai_chat,
	&delta_openai_completion,
	&delta_openai_responses,
	&delta_anthropic,
	&delta_bedrock,
	&delta_ollama,
	&delta_cohere,
	&delta_cohere_1,
	&delta_workers_ai,
	&delta_text_generation,
	&delta_gemini,
	&delta_gemini_interactions,
	NULL,
};

const struct delta_format *delta_format_named(const char *name)
{
	for (size_t i = 0; delta_formats[i]; i++)
		if (!strcmp(delta_formats[i]->name, name))
			return delta_formats[i];
	return NULL;
}

void delta_formats_put(struct buf *b)
{
	for (size_t i = 0; delta_formats[i]; i++)
		buf_addf(b, "%-20s %s\n", delta_formats[i]->name, delta_formats[i]->about);
}

const struct delta_format *delta_format_of(const struct json *j)
{
	for (size_t i = 0; delta_formats[i]; i++)
		if (delta_formats[i]->knows(j, JSON_ROOT) != KNOWS_NOT)
			return delta_formats[i];
	return NULL;
}

struct delta *delta_new(const struct delta_format *format, const struct delta_sink *sink, unsigned wants, size_t max)
{
	struct delta *d = mem_zero(sizeof *d);

	d->forced = format;
	d->sink = sink;
	d->wants = wants;
	d->max = max;
	d->held.max = max;
	return d;
}

void delta_free(struct delta *d)
{
	delta_calls_reset(d);
	dict_release(&d->by_index);
	dict_release(&d->by_id);
	dict_release(&d->by_choice);
	arena_release(&d->arena);
	tree_release(&d->tree);
	json_release(&d->json);
	json_like_release(&d->like);
	json_release(&d->inner);
	json_release(&d->native);
	buf_release(&d->error);
	buf_release(&d->text);
	buf_release(&d->held);
	buf_release(&d->unwrapped);
	buf_release(&d->saved);
	buf_release(&d->key);
	buf_release(&d->source);
	buf_release(&d->doubt);
	buf_release(&d->unended_id);
	buf_release(&d->follow.line);
	free(d->streamed);
	free(d->state);
	free(d);
}

/* The chunk's format; the latest in use is asked first, so that a stream costs one question a chunk. */
static const struct delta_format *find_format(const struct delta *d, const struct json *j, uint32_t at,
					      enum delta_knows *knows)
{
	const struct delta_format *first = d->forced ? d->forced : d->recent;

	*knows = first ? first->knows(j, at) : KNOWS_NOT;
	if (*knows != KNOWS_NOT)
		return first;
	for (size_t i = 0; !d->forced && delta_formats[i]; i++)
		if (delta_formats[i] != first && (*knows = delta_formats[i]->knows(j, at)) != KNOWS_NOT)
			return delta_formats[i];
	return NULL;
}

/* What makes the message broader is counted by its chunk, as what makes it longer is by delta_room:
 * beyond the ceiling, what still comes of it is dropped unseen. */
static void add(struct delta *d, const struct json *j, uint32_t at)
{
	size_t made = d->tree.made;

	if (d->max && d->broadened > d->max) {
		follow_never(d);
		delta_overflow(d);
		return;
	}
	d->format->add(d, j, at);
	if (d->tree.made != made)
		d->broadened += json_text(j, at).n;
}

/* Chunks that could not be told to belong to one message or the next: now they can. */
void delta_release_held(struct delta *d)
{
	struct buf held = d->held;
	struct json j = JSON_INIT;
	const char *p = held.p;

	if (held.len == 0)
		return;
	d->held = (struct buf){ .max = held.max };
	while (p < held.p + held.len) {
		const char *lf = memchr(p, '\n', (size_t)(held.p + held.len - p));

		if (json_parse(&j, p, (size_t)(lf - p)) == 0)
			add(d, &j, JSON_ROOT);
		p = lf + 1;
	}
	json_release(&j);
	buf_release(&held);
}

/* Of the chunks that wait, those go to the message that is open which have an id and not that of
 * the chunk that begins the next: late statistics under an id of their own. */
static void sort_held(struct delta *d, struct span id)
{
	struct buf held = d->held;
	struct json j = JSON_INIT;
	const char *p = held.p;

	d->held = (struct buf){ .max = held.max };
	while (held.len && p < held.p + held.len) {
		const char *lf = memchr(p, '\n', (size_t)(held.p + held.len - p));
		struct span own = SPAN_NONE;

		if (json_parse(&j, p, (size_t)(lf - p)) == 0)
			own = json_string(&j, json_get(&j, JSON_ROOT, "id"));
		if (own.n && id.n && !span_same(own, id))
			add(d, &j, JSON_ROOT);
		else
			buf_add(&d->held, p, (size_t)(lf + 1 - p));
		p = lf + 1;
	}
	json_release(&j);
	buf_release(&held);
}

static void hold(struct delta *d, const struct json *j, uint32_t at)
{
	size_t before = d->held.len;

	json_compact(&d->held, j, at);
	buf_addc(&d->held, '\n');
	if (d->held.full) { /* too many to wait: they belong to the message that is open */
		d->held.full = false;
		buf_cut(&d->held, before);
		delta_release_held(d);
		add(d, j, at);
	}
}

static void another(struct delta *d, const struct delta_format *f)
{
	delta_close(d, DELTA_OVERTAKEN);
	delta_open(d, f);
	delta_release_held(d);
}

/* Merges a chunk that the next may follow, unless the same would begin another message. */
static void add_noted(struct delta *d, const struct json *j, uint32_t at)
{
	follow_begin(d, d->line);
	add(d, j, at);
	if (follow_may(d) && d->format->opens(d, j, at) != OPENS_NOT)
		follow_never(d);
	follow_end(d);
}

static void merge(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	enum delta_opens opens;

	if (!d->format || d->format != f) {
		if (d->format)
			delta_release_held(d);
		another(d, f);
		add_noted(d, j, at);
		return;
	}
	opens = d->sentinel ? OPENS_NEW : f->opens(d, j, at);
	if (opens == OPENS_HOLD) {
		hold(d, j, at);
		return;
	}
	if (opens == OPENS_NEW) {
		sort_held(d, json_string(j, json_get(j, at, "id")));
		another(d, f);
	} else {
		delta_release_held(d);
	}
	add_noted(d, j, at);
}

/* What says that something went wrong; what a record calls an error is one, whatever it holds. */
static uint32_t error_of(const struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t error = failure_of(j, at, d->stream.chunks);

	return !error && span_is(d->event, "error") ? at : error;
}

/* The member that marks a chunk of a known format, but has a type that no chunk has; or NULL. */
static const char *wrong_member(const struct json *j, uint32_t at)
{
	static const struct {
		const char *key;
		enum json_kind kind;
	} marks[] = {
		{ "choices", JSON_ARRAY },
		{ "candidates", JSON_ARRAY },
		{ "messageStart", JSON_OBJECT },
		{ "contentBlockStart", JSON_OBJECT },
		{ "contentBlockDelta", JSON_OBJECT },
		{ "contentBlockStop", JSON_OBJECT },
		{ "messageStop", JSON_OBJECT },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		uint32_t v = json_get(j, at, marks[i].key);

		if (json_kind(j, v) > JSON_NULL && json_kind(j, v) != marks[i].kind)
			return marks[i].key;
	}
	return NULL;
}

/* What stands beside an error (Anthropic's request_id) stays, where the message has nothing of that name. */
static void keep_beside(struct delta *d, const struct json *j, uint32_t at, uint32_t error)
{
	static const char *const known[] = { "error", "type", "event_type", "event_id", "p", "obfuscation" };

	for (uint32_t v = json_first(j, at == error ? 0 : at); v; v = json_next(j, at, v)) {
		bool skip = !d->whole;

		for (size_t i = 0; i < sizeof known / sizeof *known && !skip; i++)
			skip = json_is(j, json_key(v), known[i]);
		if (!skip && tree_is_null(tree_put(&d->tree, d->tree.root, json_string(j, json_key(v)))))
			delta_last(d, d->tree.root, j, v);
	}
}

/* Providers ask their clients to pass by the events that they do not know. */
static bool is_new_kind(const struct delta *d, const struct json *j, uint32_t at)
{
	return d->format && d->format->typed && json_filled(j, json_get(j, at, "type"));
}

void delta_provider_error(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at,
                          uint32_t error)
{
	stream_settle(d, true);
	stream_known(d);
	delta_release_held(d);
	if (d->format && !d->ended) {
		delta_error(d, j, error);
		keep_beside(d, j, at, error);
		d->ended = d->complete = true;
		return;
	}
	f = d->forced ? d->forced : f ? f : d->format ? d->format : delta_formats[0];
	delta_bare_error(d, f, j, at, error);
}

/* Handles a chunk that no format takes, or that is only an error: an error inside the open message,
 * an error body, an event of a new type, or an unknown object. f is the format whose error it is, or
 * NULL. */
static void stranger(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	uint32_t error = error_of(d, j, at);
	const char *wrong;

	if (!error && f)
		error = at;
	if (error == at && !d->stream.known && !failure_of(j, at, true) && !span_is(d->event, "error")) {
		stream_doubt(d, j, at);
	} else if (error) {
		delta_provider_error(d, f, j, at, error);
	} else if (is_new_kind(d, j, at)) {
		struct span type = json_string(j, json_get(j, at, "type"));

		delta_report(d, ST_OK, "event of unknown type '%.*s', left out", (int)(type.n < 60 ? type.n : 60), type.p);
	} else if (d->forced) {
		delta_report(d, ST_INPUT, "not a chunk of %s", d->forced->name);
	} else if ((wrong = wrong_member(j, at)) != NULL) {
		delta_report(d, ST_INPUT, "not a chunk of any known format: '%s' has the wrong type", wrong);
	} else {
		stream_unknown(d);
	}
}

/* MiniMax streams an answer and then repeats the whole of it, with its usage. */
static bool sums_up(const struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	struct span id = json_string(j, json_get(j, at, "id"));

	return f->sums_up && d->format == f && !d->waiting && id.n && span_same(id, tree_string(tree_get(d->tree.root, "id")));
}

static void merge_chunk(struct delta *d, const struct delta_format *f, enum delta_knows knows, const struct json *j,
                        uint32_t at)
{
	stream_chunk(d, f, j, at);
	if (knows == KNOWS_WHOLE) {
		delta_release_held(d);
		delta_close(d, DELTA_OVERTAKEN);
		delta_whole(d, f, j, at);
	} else if (!d->format && f->ends && f->ends(j, at)) {
		delta_report(d, ST_OK, "the end of a message that did not begin; skipped");
	} else {
		merge(d, f, j, at);
	}
}

/* A chunk that carries no data: a ping, or {}, with which some gateways show that they are alive. */
static void keepalive(struct delta *d, const struct delta_format *f)
{
	follow_nothing(d);
	if (f)
		stream_known(d);
	else
		stream_empty(d);
}

static void chunk(struct delta *d, const struct json *j, uint32_t at)
{
	enum delta_knows knows;
	const struct delta_format *f = find_format(d, j, at, &knows);

	if (!json_first(j, at) && !span_is(d->event, "error"))
		knows = KNOWS_NOISE;
	if (knows == KNOWS_WHOLE && sums_up(d, f, j, at))
		knows = KNOWS_CHUNK;
	if (knows == KNOWS_CLOSING && d->format && d->format->closing)
		f = d->format;
	if (knows == KNOWS_INSIDE && d->format != f)
		f = NULL;
	if (stream_late(d, f, j, at)) {
		stream_chunk(d, f, j, at);
		add(d, j, at);
	} else if (knows == KNOWS_NOISE) {
		keepalive(d, f);
	} else if (!f || knows == KNOWS_ERROR) {
		stranger(d, f, j, at);
	} else {
		merge_chunk(d, f, knows, j, at);
	}
}

/* Bedrock's InvokeModel wraps the model's own chunk: {"bytes":"<base64>","p":"padding"}. */
static uint32_t wrapped(const struct json *j, uint32_t at)
{
	uint32_t bytes = 0;

	for (uint32_t v = json_first(j, at); v; v = json_next(j, at, v))
		if (json_is(j, json_key(v), "bytes") && json_kind(j, v) == JSON_STRING)
			bytes = v;
		else if (!json_is(j, json_key(v), "p") && json_kind(j, v) != JSON_NULL)
			return 0;
	return bytes;
}

static void unwrap(struct delta *d, const struct json *j, uint32_t bytes)
{
	struct buf text = BUF_INIT;

	json_unescape(&text, json_string(j, bytes));
	buf_reset(&d->unwrapped);
	if (!base64_decode(&d->unwrapped, text.p, text.len) ||
	    json_parse(&d->inner, d->unwrapped.p, d->unwrapped.len) < 0 ||
	    json_kind(&d->inner, JSON_ROOT) != JSON_OBJECT)
		delta_report(d, ST_INPUT, "no JSON in the chunk's bytes");
	else
		chunk(d, &d->inner, JSON_ROOT);
	buf_release(&text);
}

/* Some servers write a failure as plain text into their stream (vLLM: "error: CUDA out of memory"). */
static bool is_error_text(const struct delta *d, struct span text)
{
	return text.n && (span_is(d->event, "error") || (text.n > 6 && !strncasecmp(text.p, "error:", 6)));
}

static void error_text(struct delta *d, const struct json *j, uint32_t at)
{
	buf_reset(&d->unwrapped);
	buf_adds(&d->unwrapped, "{\"error\":{\"message\":");
	buf_addspan(&d->unwrapped, json_text(j, at));
	buf_adds(&d->unwrapped, "}}");
	json_parse(&d->inner, d->unwrapped.p, d->unwrapped.len);
	chunk(d, &d->inner, JSON_ROOT);
}

/* A record's data that is a string: the sentinel, nothing, or what could not be parsed. */
static void string_data(struct delta *d, const struct json *j, uint32_t at)
{
	struct span text = json_string(j, at);

	if (span_is(text, "[DONE]"))
		stream_boundary(d, BOUNDARY_SENTINEL);
	else if (is_error_text(d, text))
		error_text(d, j, at);
	else if (span_starts(text, ":")) /* a keepalive comment, sent as data */
		delta_report(d, ST_OK, "a comment sent as data, skipped");
	else if (!d->event.p || text.n)
		stream_text(d, text.n);
}

/* What a line, or a record's data, holds. */
static void payload(struct delta *d, const struct json *j, uint32_t at)
{
	uint32_t bytes;

	if (json_kind(j, at) == JSON_STRING)
		string_data(d, j, at);
	else if (json_kind(j, at) != JSON_OBJECT)
		stream_text(d, json_text(j, at).n);
	else if ((bytes = wrapped(j, at)) != 0)
		unwrap(d, j, bytes);
	else
		chunk(d, j, at);
}

/* Gemini without alt=sse answers with an array, which may have been written on one line. */
static void payloads(struct delta *d, const struct json *j, uint32_t at)
{
	if (json_kind(j, at) != JSON_ARRAY) {
		payload(d, j, at);
		return;
	}
	d->line = SPAN_NONE; /* such a line cannot be followed: it has several chunks */
	follow_other(d);
	for (uint32_t e = json_first(j, at); e; e = json_next(j, at, e))
		payload(d, j, e);
}

static void object(struct delta *d, const struct json *j)
{
	uint32_t at = JSON_ROOT, event = json_get(j, JSON_ROOT, "event"), source = 0;

	d->event = SPAN_NONE;
	if (event) {
		uint32_t data = json_get(j, JSON_ROOT, "data");

		if (data) {
			d->event = json_string(j, event);
			at = data;
			source = json_get(j, JSON_ROOT, "source");
		}
	}
	stream_source(d, j, source);
	stream_line(d);
	payloads(d, j, at);
}

static bool blank(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!strchr(" \t\r", line.p[i]) || line.p[i] == '\0')
			return false;
	return true;
}

/* Lines of an event stream between the chunks (sed 's/^data: //'). */
static void field(struct delta *d)
{
	if (!d->sniff.fields)
		delta_report(d, ST_OK, "fields of an event stream without data, skipped; put sse-split before");
	d->sniff.fields = true;
}

static void wrong_input(struct delta *d)
{
	struct buf text = BUF_INIT;

	sniff_put(&d->sniff, &text, "chunks", "sse-split");
	delta_report(d, ST_INPUT, "%s", buf_str(&text));
	buf_release(&text);
}

/* False: the line is not to be parsed. */
static bool sniffed(struct delta *d, struct span line)
{
	switch (sniff_line(&d->sniff, line)) {
	case SNIFF_TAKE:
		return true;
	case SNIFF_SKIP:
		break;
	case SNIFF_FIELD:
		field(d);
		break;
	case SNIFF_WRONG:
		wrong_input(d);
		break;
	}
	return false;
}

static void not_json(struct delta *d, struct span line, bool cut)
{
	const struct json *j = &d->json;

	if (span_is(line, "[DONE]") || span_is(line, "[DONE]\r"))
		stream_boundary(d, BOUNDARY_SENTINEL);
	else if (cut && j->cut)
		delta_report(d, ST_INPUT, "chunk cut short after %zu bytes", line.n);
	else if (sniff_is_field(line))
		field(d);
	else
		delta_report(d, ST_INPUT, "not JSON: %s at byte %zu", j->error, j->error_at);
}

void delta_line(struct delta *d, struct span line, bool cut)
{
	struct json *j = &d->json;

	d->begins = false;
	if (d->number++ == 0 && span_starts(line, "\xef\xbb\xbf")) { /* a byte order mark */
		line.p += 3;
		line.n -= 3;
	}
	if (follow_line(d, line))
		return;
	if (blank(line)) {
		if (line.n == 0 || span_is(line, "\r"))
			stream_boundary(d, BOUNDARY_EMPTY);
		return;
	}
	if (!d->recognised && !sniffed(d, line))
		return;
	follow_other(d);
	d->line = line;
	if (d->max && line.n > d->max)
		delta_report(d, ST_INPUT, "line of %zu bytes, more than --max-size", line.n);
	else if (json_like_parse(&d->like, j, line.p, line.n) < 0)
		not_json(d, line, cut);
	else if (!d->recognised && sniff_json(&d->sniff, j))
		wrong_input(d);
	else
		object(d, j);
}

bool delta_end(struct delta *d)
{
	bool any;

	if (d->format)
		delta_release_held(d);
	delta_close(d, DELTA_ENDED);
	if (!d->recognised && sniff_end(&d->sniff))
		wrong_input(d);
	any = d->sniff.kind || d->sniff.texts;
	any |= stream_end(d) > 0;
	any |= d->messages > 0;
	d->sniff = (struct sniff){ 0 };
	d->messages = 0;
	d->number = 0;
	return any;
}

bool delta_skips(const struct delta *d)
{
	return d->sniff.kind != SNIFF_UNKNOWN;
}

bool delta_begins(const struct delta *d)
{
	return d->begins;
}
