/* SPDX-License-Identifier: MIT */
/* sniff: input that is meant for another program. See sniff.h. */
#include "delta/sniff.h"

#include <string.h>

#include "base/utf8.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trimmed(struct span s)
{
	while (s.n && blank(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool starts_with_any(struct span line, const char *const *beginnings)
{
	for (; *beginnings; beginnings++)
		if (span_starts(line, *beginnings))
			return true;
	return false;
}

bool sniff_is_field(struct span line)
{
	static const char *const fields[] = { "event:", "id:", "retry:", ":", NULL };

	return starts_with_any(line, fields);
}

/* "version: 2" and nothing more. */
static bool is_version(struct span line)
{
	static const char key[] = "version: ";
	size_t n = sizeof key - 1;

	if (line.n <= n || !span_starts(line, key))
		return false;
	for (size_t i = n; i < line.n; i++)
		if (line.p[i] < '0' || line.p[i] > '9')
			return false;
	return true;
}

/* The first lines of YAML cassettes: go-vcr, vcrpy, Ruby VCR, Datadog's test agent, langchain. */
static bool is_yaml(struct span line)
{
	static const char *const lines[] = { "---",       "interactions:", "http_interactions:", "request:",
		                             "requests:", "responses:",    "interactions: []",   "- request:" };

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (span_is(line, lines[i]))
			return true;
	return is_version(line) || span_starts(line, "- !ruby/struct:VCR");
}

/* The second line of a cassette in JSON that is laid out: HAR, Ruby VCR, vcrpy. */
static bool is_cassette_member(struct span line)
{
	static const char *const keys[] = { "\"log\":", "\"log\" :", "\"interactions\":", "\"http_interactions\":", NULL };

	return starts_with_any(line, keys);
}

static bool is_html(struct span line)
{
	static const char *const beginnings[] = { "<!", "<html", "<HTML", "<?xml", NULL };

	return starts_with_any(line, beginnings);
}

/* Brackets alone, as JSON begins that is laid out for reading. */
static bool is_bracket(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!strchr("[{ ", line.p[i]) || line.p[i] == '\0')
			return false;
	return true;
}

static bool has(struct span line, const char *word)
{
	return memmem(line.p, line.n, word, strlen(word)) != NULL;
}

/* Text has no NUL, and other control characters besides white space, backspace and escape only in UTF-8. */
static bool is_binary(struct span line)
{
	static const char *const magic[] = { "\x89PNG\r", "PK\x03\x04", "%PDF-", NULL };
	bool controls = false;

	if (starts_with_any(line, magic))
		return true;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c == '\0')
			return true;
		controls |= c < 0x20 && !strchr("\t\r\b\f\v\033", c);
	}
	return controls && !utf8_valid(line.p, line.n);
}

static enum sniff_kind kind_of(struct span line)
{
	if (span_starts(line, "\x1f\x8b"))
		return SNIFF_GZIP;
	if (span_starts(line, "\x28\xb5\x2f\xfd"))
		return SNIFF_ZSTD;
	if (is_binary(line))
		return has(line, ":message-type") ? SNIFF_FRAMES : SNIFF_BINARY;
	if (span_starts(line, "data:"))
		return SNIFF_EVENTS;
	if (is_html(trimmed(line)))
		return SNIFF_HTML;
	return is_yaml(trimmed(line)) ? SNIFF_CASSETTE : SNIFF_UNKNOWN;
}

/* Does it begin as JSON does? "[2026-01-01 12:00:00] started" and "{'a': 1}" are lines of a log. */
static bool is_json(struct span line)
{
	size_t i = 1;

	if (line.n == 0 || !strchr("{[\"", *line.p))
		return false;
	while (i < line.n && blank(line.p[i]))
		i++;
	return *line.p == '"' || i == line.n || strchr(*line.p == '{' ? "\"}" : "{[\"]", line.p[i]);
}

static enum sniff_result wrong(struct sniff *s, enum sniff_kind kind)
{
	s->kind = kind;
	return SNIFF_WRONG;
}

enum sniff_result sniff_line(struct sniff *s, struct span line)
{
	enum sniff_kind kind;

	if (s->kind)
		return SNIFF_SKIP;
	if (sniff_is_field(line))
		return SNIFF_FIELD;
	if (s->bracket)
		return wrong(s, is_cassette_member(trimmed(line)) ? SNIFF_CASSETTE : SNIFF_LAID_OUT);
	kind = s->decided ? SNIFF_UNKNOWN : kind_of(line);
	line = trimmed(line);
	if (kind)
		return wrong(s, kind);
	if (line.n && !s->decided && is_bracket(line)) {
		s->bracket = true;
		return SNIFF_SKIP;
	}
	if (is_json(line)) {
		s->json = true;
		return SNIFF_TAKE;
	}
	s->decided = true;
	s->texts += line.n > 0;
	return SNIFF_SKIP;
}

static bool is_object(const struct json *j, const char *path)
{
	return json_kind(j, json_path(j, JSON_ROOT, path)) == JSON_OBJECT;
}

static bool is_kind(const struct json *j, const char *path, enum json_kind kind)
{
	return json_kind(j, json_path(j, JSON_ROOT, path)) == kind;
}

/* cassette-record(5) */
static bool is_record(const struct json *j)
{
	return is_kind(j, "request.method", JSON_STRING) && is_kind(j, "request.url", JSON_STRING) &&
	       (is_kind(j, "response.status", JSON_NUMBER) || is_kind(j, "response", JSON_NULL));
}

/* HAR, Ruby VCR, vcrpy; Datadog's test agent, whose file is one interaction of vcrpy. */
static bool is_cassette(const struct json *j)
{
	return is_kind(j, "log.entries", JSON_ARRAY) || is_kind(j, "http_interactions", JSON_ARRAY) ||
	       (is_kind(j, "interactions", JSON_ARRAY) && !json_get(j, JSON_ROOT, "id")) ||
	       (is_object(j, "request") && is_object(j, "response.status"));
}

bool sniff_json(struct sniff *s, const struct json *j)
{
	if (s->decided)
		return false;
	s->decided = true;
	if (is_record(j))
		s->kind = SNIFF_RECORDS;
	else if (is_cassette(j))
		s->kind = SNIFF_CASSETTE;
	return s->kind != SNIFF_UNKNOWN;
}

bool sniff_end(struct sniff *s)
{
	if (s->kind)
		return false;
	if (s->bracket)
		s->kind = SNIFF_LAID_OUT;
	return s->bracket || (s->texts && !s->json);
}

void sniff_put(const struct sniff *s, struct buf *to, const char *wanted, const char *programs)
{
	static const struct {
		const char *name, *before; /* before the programs; NULL: nothing helps */
	} kinds[] = {
		[SNIFF_UNKNOWN] = { "plain text", NULL },
		[SNIFF_EVENTS] = { "an event stream", "" },
		[SNIFF_FRAMES] = { "an event stream in Amazon frames", "" },
		[SNIFF_CASSETTE] = { "a cassette", "cassette-extract and " },
		[SNIFF_RECORDS] = { "interaction records", "" },
		[SNIFF_LAID_OUT] = { "JSON over several lines", "" },
		[SNIFF_GZIP] = { "gzip", "gzip -dc and " },
		[SNIFF_ZSTD] = { "zstd", "zstd -dc and " },
		[SNIFF_HTML] = { "HTML or XML", NULL },
		[SNIFF_BINARY] = { "binary data", NULL },
	};

	struct buf pipe = BUF_INIT;

	if (kinds[s->kind].before) {
		buf_addf(&pipe, "%s%s", kinds[s->kind].before, programs);
		buf_addf(to, "%s, not %s; put %s before", kinds[s->kind].name, wanted, buf_str(&pipe));
	} else {
		buf_addf(to, "%s, not %s", kinds[s->kind].name, wanted);
	}
	buf_release(&pipe);
}
