/* SPDX-License-Identifier: MIT */
/* join: bodies of several interactions, one after the other. See join.h. */
#include "cassette/join.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "cassette/body.h"
#include "frame/frame.h"

/* Well-formed, except that a stream that broke off may end inside a character. */
static bool is_utf8(struct span s)
{
	size_t good = utf8_good(s.p, s.n), bad;

	if (good == s.n)
		return true;
	return good > 0 && (unsigned char)s.p[good] >= 0xc2 && (unsigned char)s.p[good] <= 0xf4 &&
	       utf8_sequence(s.p + good, s.n - good, &bad) == 0 && bad == s.n - good;
}

static bool has_controls(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || ((unsigned char)s.p[i] < ' ' && !strchr("\t\n\v\f\r\033", s.p[i])))
			return true;
	return false;
}

static bool has_text_type(const struct headers *h)
{
	static const char *const types[] = { "text/", "application/json", "application/x-ndjson", "application/jsonl" };
	struct span type = headers_get(h, "content-type");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (type.n >= strlen(types[i]) && !strncasecmp(type.p, types[i], strlen(types[i])))
			return true;
	return false;
}

/* Text in another encoding than UTF-8, or damaged, is text if its type says so and nothing in it denies it: a
 * compressed body has its type too. */
static bool is_text(const struct headers *h, struct span s)
{
	static const struct headers none;

	if (body_is_events(&none, s))
		return true;
	return is_utf8(s) ? !memchr(s.p, 0, s.n) : has_text_type(h) && !has_controls(s);
}

static void keep_tail(struct join *j, struct span s)
{
	size_t have = sizeof j->tail;

	memset(j->tail, 0, sizeof j->tail);
	while (have > 0 && s.n > 0) {
		if (s.p[s.n - 1] != '\r')
			j->tail[--have] = s.p[s.n - 1];
		s.n--;
	}
}

static void put(struct join *j, struct out *out, const struct headers *h, struct span s, bool text)
{
	if (j->text && j->tail[1] != '\n')
		out_addc(out, '\n');
	if (j->text && j->events && (j->tail[1] != '\n' || j->tail[0] != '\n'))
		out_addc(out, '\n');
	out_addspan(out, s);
	j->written++;
	j->text = text;
	j->events = text && body_is_events(h, s);
	keep_tail(j, s);
}

bool join_body(struct join *j, struct out *out, const struct headers *h, struct span s)
{
	bool first = j->bodies++ == 0, text = s.n > 0 && is_text(h, s);

	if (j->held.len > 0)
		j->left_out++;
	buf_release(&j->held);
	if (s.n == 0)
		return true;
	if (text || frame_is_aws(s)) {
		put(j, out, h, s, text);
		return true;
	}
	if (first)
		buf_addspan(&j->held, s);
	else
		j->left_out++;
	return false;
}

void join_end(struct join *j, struct out *out)
{
	if (j->held.len > 0) {
		out_addspan(out, buf_span(&j->held));
		j->written++;
	}
	buf_release(&j->held);
}
