/* SPDX-License-Identifier: MIT */
/* chunk: an event as lines. See chunk.h. */
#include "frame/chunk.h"

#include <string.h>

#include "base/utf8.h"
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

/* How many chunks the lines of data are; 0 when they are not. */
static uint32_t count_lines(struct span data, bool cut)
{
	uint32_t n = 0;

	for (;;) {
		struct span line = first_line(data);
		bool last = line.n == data.n;

		if (!frame_sentinel(line) && !is_json(line) && !(last && cut && n))
			return 0;
		n++;
		if (last)
			return n;
		data.p += line.n + 1;
		data.n -= line.n + 1;
	}
}

static const char *check(struct chunk *c, const struct frame_event *event)
{
	bool cut;

	if (event->lines > 1)
		return json_check(event->data.p, event->data.n, &c->error_at, &cut);
	return json_like_check(&c->frame->like, event->data.p, event->data.n, &c->error_at, &cut);
}

void chunk_begin(struct chunk *c, const struct frame_event *event)
{
	struct span data = event->data.p ? event->data : SPAN("");
	bool cut;

	c->error = NULL;
	c->repaired = c->split = 0;
	c->kind = CHUNK_DATA;
	c->rest = SPAN_NONE;
	if (event->cut && c->frame->strict)
		return;
	if (event->checked && !c->text) {
		c->rest = good(c, event, data);
		return;
	}
	if (data.n == 0 || frame_sentinel(data)) {
		c->kind = data.n ? CHUNK_SENTINEL : CHUNK_EMPTY;
		if (c->records || data.n)
			c->rest = quoted(c, data);
		return;
	}
	if (!c->text && !check(c, event)) {
		c->rest = good(c, event, data);
		return;
	}
	data = repaired(c, data);
	if (c->text) {
		c->rest = quoted(c, data);
		return;
	}
	c->error = json_check(data.p, data.n, &c->error_at, &cut);
	if (c->error && !c->frame->strict && event->lines > 1)
		c->split = count_lines(data, event->cut);
	if (c->split > 0) {
		c->error = NULL;
		c->rest = data;
	} else {
		c->rest = c->error ? quoted(c, data) : good(c, event, data);
	}
}

/* The chunk of the first line of several. */
static struct span line_chunk(struct chunk *c, bool cut)
{
	struct span line = first_line(c->rest);
	bool last = line.n == c->rest.n;

	c->rest = last ? SPAN_NONE : (struct span){ line.p + line.n + 1, c->rest.n - line.n - 1 };
	c->kind = frame_sentinel(line) ? CHUNK_SENTINEL : CHUNK_DATA;
	return c->kind == CHUNK_SENTINEL || (last && cut && !is_json(line)) ? quoted(c, line) : line;
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
		json = line_chunk(c, event->cut);
	else
		c->rest = SPAN_NONE;
	if (c->records)
		*line = record(c, event, json);
	else
		*line = c->kind == CHUNK_SENTINEL ? SPAN_NONE : json;
	return true;
}
