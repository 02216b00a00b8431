/* SPDX-License-Identifier: MIT */
/* recorded_body: the response of an interaction record, as the body that was sent. See recorded_body.h. */
#include "cassette/recorded_body.h"

#include <string.h>

#include "cassette/body.h"
#include "cassette/content_encoding.h"
#include "cassette/record.h"
#include "json/write.h"

enum { PIECE = 16 * 1024 };

void recorded_body_init(struct recorded_body *r)
{
	*r = (struct recorded_body){ 0 };
	interaction_init(&r->interaction);
}

void recorded_body_release(struct recorded_body *r)
{
	interaction_release(&r->interaction);
	json_release(&r->json);
	buf_release(&r->decoded);
	buf_release(&r->made);
	buf_release(&r->named);
}

static bool has(struct span text, struct span word)
{
	return memmem(text.p, text.n, word.p, word.n) != NULL;
}

/* An interaction as vcrpy, Ruby VCR and HAR keep it: other than in a record the status is an object, the URL
 * may be `uri`, or both lie in a list. */
static bool is_exchange(const struct json *j, uint32_t n)
{
	return json_kind(j, json_get(j, n, "request")) == JSON_OBJECT &&
	       json_kind(j, json_get(j, n, "response")) == JSON_OBJECT;
}

static bool is_cassette(const struct json *j)
{
	static const char *const lists[] = { "interactions", "http_interactions", "log.entries" };
	uint32_t status = json_path(j, JSON_ROOT, "response.status");

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (is_exchange(j, json_at(j, json_path(j, JSON_ROOT, lists[i]), 0)))
			return true;
	return is_exchange(j, JSON_ROOT) && json_kind(j, json_get(j, status, "code")) == JSON_NUMBER;
}

enum recorded_kind recorded_kind(struct recorded_body *r, struct span text, bool ended)
{
	/* Two searches cost less than parsing; "response" alone is a word of many chunks. */
	if (text.n == 0 || *text.p != '{' || !has(text, SPAN("\"response\"")) || !has(text, SPAN("\"request\"")))
		return RECORDED_NOT;
	if (json_parse(&r->json, text.p, text.n) < 0)
		return ended && r->json.cut ? RECORDED_TRUNCATED : RECORDED_NOT;
	if (record_is(&r->json))
		return RECORDED_INTERACTION;
	return is_cassette(&r->json) ? RECORDED_CASSETTE : RECORDED_NOT;
}

/* The id as it is spelled: that of the record, or its place. */
static void put_id(struct buf *b, const struct json *j, uint64_t nth)
{
	uint32_t id = json_get(j, JSON_ROOT, "id");

	if (json_kind(j, id) == JSON_NUMBER || json_kind(j, id) == JSON_STRING)
		buf_addspan(b, json_text(j, id));
	else
		buf_addn(b, nth);
}

static void put_source(struct recorded_body *r, uint64_t nth)
{
	uint32_t file = json_get(&r->json, JSON_ROOT, "file");

	buf_reset(&r->made);
	buf_addc(&r->made, '{');
	if (json_kind(&r->json, file) == JSON_STRING) {
		json_member(&r->made, "file");
		buf_addspan(&r->made, json_text(&r->json, file));
	}
	json_member(&r->made, "id");
	put_id(&r->made, &r->json, nth);
	if (r->nmarks) {
		json_member(&r->made, "clock");
		buf_adds(&r->made, "\"request\"");
	}
	buf_addc(&r->made, '}');
	r->source = buf_span(&r->made);
}

static void put_name(struct recorded_body *r, uint64_t nth, const char *input)
{
	struct span file = json_string(&r->json, json_get(&r->json, JSON_ROOT, "file"));

	buf_reset(&r->named);
	if (file.n)
		json_unescape(&r->named, file);
	else
		buf_adds(&r->named, input);
	buf_adds(&r->named, ": interaction ");
	put_id(&r->named, &r->json, nth);
	r->name = buf_span(&r->named);
}

/* Decodes the body again in the pieces in which it arrived, only to see how much each of them gives. */
static void decode_pieces(struct recorded_body *r, struct content_decoder *d)
{
	const struct response *p = &r->interaction.response;
	struct span rest = p->body;
	size_t length = 0;
	ssize_t n = 0;

	for (size_t k = 0; k < r->nmarks; k++) {
		size_t left = p->arrivals[k].bytes;

		while (left > 0 && n >= 0) {
			char decoded[PIECE];
			size_t fed = left < PIECE ? left : PIECE;

			content_decoder_feed(d, (struct span){ rest.p, fed });
			rest.p += fed;
			left -= fed;
			while ((n = content_decoder_pull(d, decoded, sizeof decoded)) > 0)
				length += (size_t)n;
		}
		r->marks[k] = n < 0 ? r->bytes.n : length;
	}
}

/* For each arrival, how much of the body can be decoded by then. */
static void mark_arrivals(struct recorded_body *r)
{
	const struct response *p = &r->interaction.response;
	struct content_decoder d;
	size_t sum = 0;

	r->marks = arena_alloc(&r->interaction.arena, r->nmarks * sizeof *r->marks);
	for (size_t k = 0; k < r->nmarks; k++)
		r->marks[k] = sum += p->arrivals[k].bytes;
	if (r->bytes.n == 0 || r->bytes.p == p->body.p ||
	    !content_decoder_init(&d, headers_get(&p->headers, "content-encoding")))
		return;
	decode_pieces(r, &d);
	content_decoder_release(&d);
}

int recorded_body_read(struct recorded_body *r, uint64_t nth, const char *input, bool timed, size_t max,
                       struct fault *f)
{
	int result = record_fill(&r->interaction, &r->json, f);

	r->bytes = SPAN_NONE;
	r->end = r->interaction.response.end;
	r->note = timed ? r->interaction.note : NULL;
	r->nmarks = timed && result == 0 ? r->interaction.response.narrivals : 0;
	r->mark = 0;
	put_source(r, nth);
	put_name(r, nth, input);
	if (result < 0)
		return -1;
	buf_reset(&r->decoded);
	result = body_decode(&r->interaction, false, &r->decoded, max, &r->bytes, f);
	if (r->nmarks)
		mark_arrivals(r);
	return result < 0 ? -1 : 0;
}

double recorded_body_time(struct recorded_body *r, size_t n)
{
	if (!r->nmarks)
		return -1;
	while (r->mark + 1 < r->nmarks && r->marks[r->mark] < n)
		r->mark++;
	return (double)r->interaction.response.arrivals[r->mark].at / 1e9;
}
