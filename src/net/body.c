/* SPDX-License-Identifier: MIT */
/* body: what has to be known of a request's JSON body, and the one change made to it. See body.h. */
#include "net/body.h"

#include "json/write.h"

int body_check(struct json *j, struct span body, struct fault *f)
{
	size_t line = 1;

	if (body.n == 0)
		return fault_set(f, ST_USAGE, "the body is empty");
	if (json_parse(j, body.p, body.n) == 0)
		return 0;
	for (size_t i = 0; i < j->error_at; i++)
		line += body.p[i] == '\n';
	return fault_set(f, ST_USAGE, "no JSON at byte %zu, line %zu: %s; --any sends it as it is", j->error_at, line,
	                 j->error);
}

void body_model(const struct json *j, struct buf *model)
{
	struct span s = json_string(j, json_get(j, JSON_ROOT, "model"));

	if (s.p)
		json_unescape(model, s);
}

/* The changes to a text: what goes in front of the root's members, and other values in place. */
struct splices {
	struct buf front;
	struct {
		struct span old; /* of the text; empty: put in there */
		const char *text;
	} list[2];
	int count;
};

static void replace(struct splices *s, struct span old, const char *text)
{
	int i = s->count++;

	if (i > 0 && s->list[0].old.p > old.p) {
		s->list[1] = s->list[0];
		i = 0;
	}
	s->list[i].old = old;
	s->list[i].text = text;
}

#define USAGE "{\"include_usage\":true}"

static void want_usage(const struct json *j, struct splices *s)
{
	uint32_t options = json_get(j, JSON_ROOT, "stream_options");
	uint32_t usage = json_get(j, options, "include_usage");
	struct span text = json_text(j, options);

	if (!options)
		buf_adds(&s->front, ",\"stream_options\":" USAGE);
	else if (usage)
		replace(s, json_text(j, usage), "true");
	else if (json_count(j, options) && json_kind(j, options) == JSON_OBJECT)
		replace(s, (struct span){ text.p + 1, 0 }, "\"include_usage\":true,");
	else
		replace(s, text, USAGE);
}

static void apply(const struct json *j, const struct splices *s, struct span body, struct buf *out)
{
	const char *at = json_text(j, JSON_ROOT).p + 1;

	buf_add(out, body.p, (size_t)(at - body.p));
	if (s->front.len) { /* it begins with a comma, which goes behind it when members follow */
		buf_add(out, s->front.p + 1, s->front.len - 1);
		if (json_count(j, JSON_ROOT))
			buf_addc(out, ',');
	}
	for (int i = 0; i < s->count; i++) {
		buf_add(out, at, (size_t)(s->list[i].old.p - at));
		buf_adds(out, s->list[i].text);
		at = s->list[i].old.p + s->list[i].old.n;
	}
	buf_add(out, at, (size_t)(body.p + body.n - at));
}

int body_stream(const struct json *j, struct span body, bool usage, struct buf *out, struct fault *f)
{
	uint32_t stream = json_get(j, JSON_ROOT, "stream");
	struct splices s = { .front = BUF_INIT };

	if (json_kind(j, JSON_ROOT) != JSON_OBJECT)
		return fault_set(f, ST_USAGE, "the body is no JSON object, --stream has nowhere to go");
	if (stream)
		replace(&s, json_text(j, stream), "true");
	else
		buf_adds(&s.front, ",\"stream\":true");
	if (usage)
		want_usage(j, &s);
	apply(j, &s, body, out);
	buf_release(&s.front);
	return 0;
}
