/* SPDX-License-Identifier: MIT */
/* reader: the interactions of an input, a cassette or records. See reader.h. */
#include "cassette/reader.h"

#include <string.h>

#include "cassette/record.h"

/* The first line that is not empty, which stays in the window. Absent if there is none. */
static struct span first_line(struct in *in, struct fault *f)
{
	for (;;) {
		struct span window = in_window(in);
		const char *lf;

		while (window.n && (*window.p == '\n' || *window.p == '\r'))
			window = (struct span){ window.p + 1, window.n - 1 };
		if (window.n && *window.p != '{') /* no record */
			return SPAN_NONE;
		lf = window.n ? memchr(window.p, '\n', window.n) : NULL;
		if (lf)
			return (struct span){ window.p, (size_t)(lf - window.p) };
		if (in_more(in, f) != IN_MORE)
			return window.n ? window : SPAN_NONE;
	}
}

static bool holds_records(struct reader *r, struct fault *f)
{
	struct span line = first_line(&r->in, f);
	struct fault none = { 0 };
	bool is_record = line.p && record_get(&r->interaction, &r->json, line, &none) == 0;

	interaction_reset(&r->interaction);
	return is_record;
}

static void set_place(struct reader *r)
{
	buf_reset(&r->place);
	buf_adds(&r->place, r->in.name);
	if (r->line)
		buf_addf(&r->place, ":%lu", r->line);
}

static size_t record_max(size_t max)
{
	return max && max < READER_RECORD_MAX / 6 ? 6 * max : READER_RECORD_MAX;
}

void reader_open(struct reader *r, const char *path, enum reader_input input, size_t max, struct fault *f)
{
	*r = (struct reader){ .json = JSON_INIT };
	interaction_init(&r->interaction);
	buf_adds(&r->place, path);
	if (in_open(&r->in, path, record_max(max), f) < 0)
		return;
	r->opened = true;
	set_place(r);
	if (input == READ_RECORDS || holds_records(r, f))
		return;
	r->in.max = 0; /* the cassette's own limit is that of an interaction */
	if (f->status == ST_OK)
		r->cassette = cassette_new(&r->in, max, f);
}

static enum reader_result last_record(struct reader *r, enum in_result result, struct fault *f)
{
	if (result == IN_FULL)
		fault_set(f, ST_INPUT, "record of more than %zu bytes (--max-size)", r->in.max);
	else if (result == IN_END && !r->any)
		fault_set(f, ST_INPUT, "no record");
	r->line = 0;
	set_place(r);
	return f->status == ST_OK ? READER_END : READER_BAD;
}

static uint64_t id_of(const struct json *record, uint64_t otherwise)
{
	long id;

	return json_long(record, json_get(record, JSON_ROOT, "id"), &id) && id >= 0 ? (uint64_t)id : otherwise;
}

static enum reader_result next_record(struct reader *r, struct fault *f)
{
	enum in_result result;
	struct span line;
	bool cut;

	do {
		result = in_line(&r->in, &line, &cut, f);
		r->line++;
	} while (result == IN_MORE && line.n == 0);
	if (result != IN_MORE)
		return last_record(r, result, f);
	r->any = true;
	set_place(r);
	if (record_get(&r->interaction, &r->json, line, f) < 0)
		return READER_LINE;
	r->interaction.id = id_of(&r->json, r->count++);
	return READER_ONE;
}

enum reader_result reader_next(struct reader *r, struct fault *f)
{
	int n;

	if (f->status != ST_OK)
		return READER_BAD;
	if (!r->cassette)
		return next_record(r, f);
	n = cassette_next(r->cassette, &r->interaction, f);
	return n > 0 ? READER_ONE : n < 0 ? READER_BAD : READER_END;
}

const char *reader_place(struct reader *r)
{
	return r->cassette ? cassette_place(r->cassette) : buf_str(&r->place);
}

void reader_close(struct reader *r)
{
	cassette_free(r->cassette);
	interaction_release(&r->interaction);
	json_release(&r->json);
	buf_release(&r->place);
	if (r->opened)
		in_close(&r->in);
}
