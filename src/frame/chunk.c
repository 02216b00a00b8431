/* SPDX-License-Identifier: MIT */
/* chunk: an event as lines. See chunk.h. */
#include "frame/chunk.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "frame/frame_impl.h"
#include "json/json.h"
#include "json/write.h"

void chunk_release(struct chunk *c)
{
	buf_release(&c->made);
	buf_release(&c->plain);
	buf_release(&c->record);
}

static struct span quoted(struct chunk *c, struct span bytes)
{
	buf_reset(&c->made);
	json_quote(&c->made, bytes);
	return buf_span(&c->made);
}

/* Good JSON holds line feeds only between its tokens. */
static struct span without_line_feeds(struct chunk *c, struct span data)
{
	buf_reset(&c->made);
	while (data.n) {
		const char *lf = memchr(data.p, '\n', data.n);
		size_t n = lf ? (size_t)(lf - data.p) : data.n;

		buf_add(&c->made, data.p, n);
		n += lf != NULL;
		data.p += n;
		data.n -= n;
	}
	return buf_span(&c->made);
}

static struct span squeezed(struct chunk *c, struct span data)
{
	buf_reset(&c->made);
	json_squeeze(&c->made, data);
	return buf_span(&c->made);
}

static struct span good(struct chunk *c, const struct frame_event *event, struct span data)
{
	if (event->spaced)
		return squeezed(c, data);
	return event->lines > 1 ? without_line_feeds(c, data) : data;
}

static struct span repaired(struct chunk *c, struct span data)
{
	if (utf8_valid(data.p, data.n))
		return data;
	buf_reset(&c->plain);
	c->repaired = utf8_repair(&c->plain, data.p, data.n);
	return buf_span(&c->plain);
}

static struct span first_line(struct span data)
{
	const char *lf = memchr(data.p, '\n', data.n);

	return (struct span){ data.p, lf ? (size_t)(lf - data.p) : data.n };
}

static bool is_json(struct span s)
{
	size_t at;
	bool cut;

	return json_check(s.p, s.n, &at, &cut) == NULL;
}

/* Is each line of data JSON or the sentinel? Of a cut event the last need not be. */
static bool is_json_lines(struct span data, bool cut)
{
	for (bool first = true;; first = false) {
		struct span line = first_line(data);
		bool last = line.n == data.n;

		if (!frame_sentinel(line) && !is_json(line) && !(last && cut && !first))
			return false;
		if (last)
			return true;
		data.p += line.n + 1;
		data.n -= line.n + 1;
	}
}

/* Of data that is not JSON: a line that is a chunk all the same. Text may hold a number on a line of its own. */
static bool is_whole(struct span line)
{
	return frame_sentinel(line) || (line.n > 1 && (*line.p == '{' || *line.p == '[') && is_json(line));
}

/* What the next chunk is made of: a line, or all lines up to the next that is whole. */
static struct span piece(const struct chunk *c, struct span data)
{
	struct span all = first_line(data);

	if (!c->lines)
		return data;
	if (c->each || is_whole(all))
		return all;
	while (all.n < data.n) {
		struct span line = first_line((struct span){ data.p + all.n + 1, data.n - all.n - 1 });

		if (is_whole(line))
			break;
		all.n += 1 + line.n;
	}
	return all;
}

static struct span after(struct span data, struct span piece)
{
	return piece.n == data.n ? SPAN_NONE : (struct span){ data.p + piece.n + 1, data.n - piece.n - 1 };
}

/* Text behind a mark that says that it is an error; absent if there is none. */
static struct span marked_error(struct span text)
{
	static const char *const marks[] = { "error:", "[error]" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t n = strlen(marks[i]);

		if (text.n <= n || strncasecmp(text.p, marks[i], n) != 0)
			continue;
		while (n < text.n && (text.p[n] == ' ' || text.p[n] == ':'))
			n++;
		return n < text.n ? (struct span){ text.p + n, text.n - n } : text;
	}
	return SPAN_NONE;
}

/* What went wrong, if a text in an event stream is that; absent if it is not. */
static struct span error_text(const struct chunk *c, const struct frame_event *event, struct span text)
{
	struct span marked;

	if (c->frame->strict || c->frame->format != &frame_sse)
		return SPAN_NONE;
	marked = marked_error(text);
	return marked.p || !span_is(event->type, "error") ? marked : text;
}

/* The message is text, or a JSON string, or already the object of an error. */
static struct span error_object(struct chunk *c, struct span message)
{
	bool json = message.n > 1 && (*message.p == '"' || *message.p == '{') && is_json(message);
	bool object = json && *message.p == '{';

	buf_reset(&c->made);
	buf_adds(&c->made, object ? "{\"error\":" : "{\"error\":{\"type\":\"error\",\"message\":");
	if (json)
		buf_addspan(&c->made, message);
	else
		json_quote(&c->made, message);
	buf_adds(&c->made, object ? "}" : "}}");
	return buf_span(&c->made);
}

static struct span text_chunk(struct chunk *c, const struct frame_event *event, struct span text)
{
	struct span error = error_text(c, event, text);

	return error.p ? error_object(c, error) : quoted(c, text);
}

/* Data that is not JSON, and is not to be text. */
static void divide(struct chunk *c, const struct frame_event *event, struct span data)
{
	bool understood = true;

	c->lines = event->lines > 1;
	c->comment = !c->lines && c->frame->format == &frame_sse && span_starts(data, ": ") && data.n > 2;
	if (c->comment) {
		c->error = NULL;
		return;
	}
	c->each = c->lines && is_json_lines(data, event->cut);
	c->rest = data;
	for (struct span at = data; at.p;) {
		struct span p = piece(c, at);

		understood &= c->each || is_whole(p) || error_text(c, event, p).p;
		at = after(at, p);
		c->split++;
	}
	if (understood)
		c->error = NULL;
}

static const char *check(struct chunk *c, const struct frame_event *event)
{
	bool cut;

	if (event->lines > 1)
		return json_check(event->data.p, event->data.n, &c->error_at, &cut);
	return json_like_check(&c->frame->like, event->data.p, event->data.n, &c->error_at, &cut);
}

/* JSON, or what is not and becomes something else. */
static void begin_json(struct chunk *c, const struct frame_event *event, struct span data)
{
	bool error_string = !c->frame->strict && *data.p == '"' && span_is(event->type, "error");
	bool cut;

	if (event->checked || (!error_string && !check(c, event))) {
		c->rest = good(c, event, data);
		return;
	}
	data = repaired(c, data);
	c->error = json_check(data.p, data.n, &c->error_at, &cut);
	if (!c->error)
		c->rest = error_string ? error_object(c, data) : good(c, event, data);
	else if (c->frame->strict)
		c->rest = quoted(c, data);
	else
		divide(c, event, data);
}

void chunk_begin(struct chunk *c, const struct frame_event *event)
{
	struct span data = event->data.p ? event->data : SPAN("");

	c->error = NULL;
	c->repaired = c->split = 0;
	c->comment = c->lines = c->each = false;
	c->kind = CHUNK_DATA;
	c->rest = SPAN_NONE;
	if (event->cut && c->frame->strict)
		return;
	if (data.n == 0 || frame_sentinel(data)) {
		c->kind = data.n ? CHUNK_SENTINEL : CHUNK_EMPTY;
		if (c->records || data.n)
			c->rest = quoted(c, data);
	} else if (c->text) {
		c->rest = quoted(c, repaired(c, data));
	} else {
		begin_json(c, event, data);
	}
}

/* The chunk of the first piece of several. */
static struct span piece_chunk(struct chunk *c, const struct frame_event *event)
{
	struct span p = piece(c, c->rest);

	c->rest = after(c->rest, p);
	c->kind = frame_sentinel(p) ? CHUNK_SENTINEL : CHUNK_DATA;
	if (c->kind == CHUNK_SENTINEL)
		return quoted(c, p);
	return is_whole(p) || (c->each && is_json(p)) ? p : text_chunk(c, event, p);
}

static size_t ill_formed(struct span s)
{
	struct buf unused = BUF_INIT;
	size_t n = 0;

	if (s.n && !utf8_valid(s.p, s.n))
		n = utf8_repair(&unused, s.p, s.n);
	buf_release(&unused);
	return n;
}

static struct span record(struct chunk *c, const struct frame_event *event, struct span json)
{
	struct buf *b = &c->record;

	buf_reset(b);
	buf_addc(b, '{');
	if (c->t >= 0)
		buf_addf(b, "\"t\":%.6f,", c->t);
	buf_adds(b, "\"event\":");
	json_quote(b, event->type.p ? event->type : SPAN("message"));
	if (event->id.p) {
		buf_adds(b, ",\"id\":");
		json_quote(b, event->id);
	}
	if (event->retry.p) {
		buf_adds(b, ",\"retry\":");
		buf_addspan(b, event->retry);
	}
	buf_adds(b, ",\"data\":");
	buf_addspan(b, json);
	if (c->source.p) {
		buf_adds(b, ",\"source\":");
		buf_addspan(b, c->source);
	}
	buf_addc(b, '}');
	c->repaired += ill_formed(event->type) + ill_formed(event->id);
	return buf_span(b);
}

bool chunk_next(struct chunk *c, const struct frame_event *event, struct span *line)
{
	struct span json = c->rest;

	if (!json.p)
		return false;
	if (c->split)
		json = piece_chunk(c, event);
	else
		c->rest = SPAN_NONE;
	if (c->records)
		*line = record(c, event, json);
	else
		*line = c->kind == CHUNK_SENTINEL ? SPAN_NONE : json;
	return true;
}
