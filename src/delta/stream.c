/* SPDX-License-Identifier: MIT */
/*
 * stream: where one response body ends and the next begins. See delta.h for the rules.
 *
 * A boundary is an empty line, the record [DONE], or a record from another source. A message that
 * had not ended by then is truncated; one that had ended is finished at once, except in formats
 * whose usage may come after the sentinel (delta_format.late): these wait for the next line.
 */
#include <string.h>

#include "delta/delta_impl.h"

static struct span id_of_message(const struct delta *d)
{
	struct span id = tree_string(tree_get(d->tree.root, "id"));

	return id.n ? id : tree_string(tree_get(d->tree.root, "responseId"));
}

/* Does the chunk go on with the message that an empty line ended? It has its id, or it is an event
 * without an id that begins no message. */
static bool goes_on(const struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	static const char *const places[] = { "id", "responseId", "message.id", "response.id" };
	static const char *const begins[] = { "message_start", "message-start", "debug", "response.created",
		                              "response.queued", "response.in_progress" };
	uint32_t type = json_get(j, at, "type");

	if (f != d->unended_format)
		return false;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (json_filled(j, json_path(j, at, places[i])))
			return span_same(json_string(j, json_path(j, at, places[i])), buf_span(&d->unended_id));
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (json_is(j, type, begins[i]))
			return false;
	return f->typed && json_filled(j, type);
}

void stream_doubt(struct delta *d, const struct json *j, uint32_t at)
{
	if (d->max && d->doubt.len + json_text(j, at).n > d->max) /* too many to wait */
		stream_settle(d, true);
	json_compact(&d->doubt, j, at);
	buf_addc(&d->doubt, '\n');
}

void stream_settle(struct delta *d, bool errors)
{
	struct buf lines = d->doubt;
	struct json j = JSON_INIT;
	const char *lf;

	d->doubt = (struct buf)BUF_INIT;
	for (const char *p = lines.p; lines.len && p < lines.p + lines.len; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(lines.p + lines.len - p));
		if (!errors)
			d->stream.unknown++;
		else if (json_parse(&j, p, (size_t)(lf - p)) == 0)
			delta_provider_error(d, NULL, &j, JSON_ROOT, JSON_ROOT);
	}
	json_release(&j);
	buf_release(&lines);
}

/* Counts a stream without a known chunk, and begins the next one. */
static void count_stream(struct delta *d)
{
	struct stream *s = &d->stream;

	stream_settle(d, true);
	if (!s->known && s->first && !d->forced) {
		d->foreign++;
		if (d->wants & DELTA_NAME_FOREIGN)
			delta_report(d, ST_OK, "the stream at line %lu%s%s is not an LLM response", s->first,
			             d->source.len ? " from " : "", buf_str(&d->source));
	}
	*s = (struct stream){ 0 };
}

static void end_message(struct delta *d, enum stream_boundary why)
{
	delta_release_held(d);
	if (why == BOUNDARY_SENTINEL)
		d->sentinel = d->ended = true;
	if (d->ended && d->format->late && why != BOUNDARY_SOURCE) {
		d->waiting = true;
		return;
	}
	if (why == BOUNDARY_EMPTY && !d->ended) {
		d->unended_format = d->format;
		buf_addspan(&d->unended_id, id_of_message(d));
	}
	delta_close(d, DELTA_STREAM_ENDED);
}

void stream_boundary(struct delta *d, enum stream_boundary why)
{
	buf_reset(&d->unended_id);
	d->unended_format = NULL;
	if (d->format)
		end_message(d, why);
	d->follow.valid = d->follow.kept = false;
	count_stream(d);
}

bool stream_late(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	if (!d->waiting)
		return false;
	if (f && f == d->format && f->late(d, j, at))
		return true;
	delta_close(d, DELTA_STREAM_ENDED);
	return false;
}

void stream_source(struct delta *d, const struct json *j, uint32_t source)
{
	struct buf text = BUF_INIT;

	if (span_same(source ? json_text(j, source) : SPAN(""), buf_span(&d->source)))
		return;
	if (source)
		json_compact(&text, j, source);
	if (!span_same(buf_span(&text), buf_span(&d->source))) {
		stream_boundary(d, BOUNDARY_SOURCE);
		buf_reset(&d->source);
		buf_addspan(&d->source, buf_span(&text));
	}
	buf_release(&text);
}

void stream_line(struct delta *d)
{
	d->begins = !d->stream.lines;
	d->stream.lines = true;
}

static void report_texts(struct delta *d)
{
	if (d->sniff.texts)
		delta_report(d, ST_OK, "text before the first chunk, lines: %lu; skipped", d->sniff.texts);
	d->sniff.texts = 0;
}

/* Reports what was skipped before the first chunk: until then it may be a stream of something else. */
static void report_skipped(struct delta *d)
{
	struct stream *s = &d->stream;

	if (s->unknown == 1)
		delta_report(d, ST_OK, "an object before the first chunk is of no known format; skipped");
	else if (s->unknown)
		delta_report(d, ST_OK, "%zu objects before the first chunk are of no known format; skipped", s->unknown);
	if (s->texts)
		delta_report(d, ST_INPUT, "before the first chunk, data that is not a JSON object: %zu; skipped", s->texts);
	s->unknown = s->texts = 0;
	report_texts(d);
}

void stream_empty(struct delta *d)
{
	if (!d->stream.first)
		d->stream.first = d->number;
}

void stream_unknown(struct delta *d)
{
	stream_empty(d);
	if (d->stream.known)
		delta_report(d, ST_OK, "not a chunk of any known format; skipped");
	else
		d->stream.unknown++;
}

void stream_text(struct delta *d, size_t bytes)
{
	stream_empty(d);
	if (d->stream.known)
		delta_report(d, ST_INPUT, "data that is not a JSON object, %zu bytes; skipped", bytes);
	else
		d->stream.texts++;
}

size_t stream_end(struct delta *d)
{
	size_t n;

	count_stream(d);
	n = d->foreign;
	if (n == 1)
		delta_report(d, d->messages ? ST_OK : ST_INPUT, "1 stream is not an LLM response");
	else if (n)
		delta_report(d, d->messages ? ST_OK : ST_INPUT, "%zu streams are not LLM responses", n);
	if (n)
		report_texts(d);
	buf_reset(&d->source);
	d->unended_format = NULL;
	d->unended_told = d->recognised = false;
	d->foreign = 0;
	return n;
}

void stream_known(struct delta *d)
{
	d->stream.known = d->recognised = true;
	report_skipped(d);
}

void stream_chunk(struct delta *d, const struct delta_format *f, const struct json *j, uint32_t at)
{
	stream_settle(d, false);
	d->stream.chunks = true;
	stream_known(d);
	if (!d->unended_format)
		return;
	if (!d->unended_told && goes_on(d, f, j, at)) {
		d->unended_told = true;
		delta_report(d, ST_INPUT, "empty lines between chunks; put sse-split before");
	}
	d->unended_format = NULL;
}
