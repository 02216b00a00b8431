/* SPDX-License-Identifier: MIT */
/* follow: a chunk that differs from the one before only in its text. See follow.h. */
#include "delta/follow.h"

#include <string.h>

#include "delta/delta_impl.h"
#include "json/json.h"

void follow_never(struct delta *d)
{
	d->follow.recording = false;
}

void follow_begin(struct delta *d, struct span line)
{
	struct follow *f = &d->follow;

	f->valid = false;
	f->recording = d->format->follows && !d->ended && d->held.len == 0;
	f->source = line;
	f->nholes = 0;
	f->nodes = d->tree.made;
}

void follow_note(struct delta *d, struct follow_hole hole, struct span token)
{
	struct follow *f = &d->follow;
	unsigned at;

	if (!f->recording)
		return;
	if (f->nholes == FOLLOW_HOLES || !token.p || token.p < f->source.p ||
	    token.p + token.n > f->source.p + f->source.n) { /* not a piece of this line */
		f->recording = false;
		return;
	}
	hole.start = (size_t)(token.p - f->source.p);
	hole.length = token.n;
	for (at = f->nholes; at > 0 && f->holes[f->byplace[at - 1]].start > hole.start; at--)
		f->byplace[at] = f->byplace[at - 1];
	if (at > 0 && f->holes[f->byplace[at - 1]].start + f->holes[f->byplace[at - 1]].length >= hole.start)
		f->recording = false; /* the same token went to two places */
	f->byplace[at] = f->nholes;
	f->holes[f->nholes++] = hole;
}

void follow_end(struct delta *d)
{
	struct follow *f = &d->follow;

	f->valid = f->recording && f->nholes > 0 && !d->ended && d->tree.made == f->nodes;
	f->recording = false;
	if (!f->valid)
		return;
	buf_reset(&f->line);
	buf_addspan(&f->line, f->source);
}

static void effect(struct delta *d, const struct follow_hole *h, struct span token)
{
	switch (h->effect) {
	case FOLLOW_TEXT:
		delta_text(d, h->choice, h->to, token);
		break;
	case FOLLOW_REASONING:
		delta_reasoning(d, h->choice, h->to, token);
		break;
	case FOLLOW_GROW:
		delta_grow(d, h->to, token);
		break;
	case FOLLOW_PIECE:
		delta_call_piece(d, h->call, token);
		break;
	case FOLLOW_SET:
		tree_set_text(h->to, token);
		break;
	case FOLLOW_NOTHING:
		break;
	}
}

/* The token at p that fills the hole: absent when there is none. */
static struct span fill(const struct follow_hole *h, const char *p, const char *end)
{
	size_t n = 0;
	bool cut, spaced = false;

	if (h->kind == FOLLOW_STRING)
		return json_string_at(p, (size_t)(end - p), &n) ? (struct span){ p, n } : SPAN_NONE;
	if (p == end || (h->kind == FOLLOW_NUMBER ? *p != '-' && (*p < '0' || *p > '9') : *p != '{'))
		return SPAN_NONE;
	if (json_check_spaced(p, (size_t)(end - p), &n, &cut, &spaced) || spaced || p[1] == '}')
		return SPAN_NONE;
	return (struct span){ p, n };
}

bool follow_line(struct delta *d, struct span line)
{
	struct follow *f = &d->follow;
	struct span tokens[FOLLOW_HOLES];
	const char *p = line.p, *end = line.p + line.n;
	size_t same = 0; /* how far the last line was compared */

	if (!f->valid)
		return false;
	for (unsigned i = 0; i <= f->nholes; i++) {
		const struct follow_hole *h = i < f->nholes ? &f->holes[f->byplace[i]] : NULL;
		size_t n = (h ? h->start : f->line.len) - same;
		struct span token;

		if ((size_t)(end - p) < n || memcmp(p, f->line.p + same, n) != 0)
			return false;
		p += n;
		if (!h)
			break;
		token = fill(h, p, end);
		if (!token.p || (token.n == 0) != (h->length == 0))
			return false;
		tokens[f->byplace[i]] = token;
		p += token.n;
		same = h->start + h->length;
	}
	if (p != end)
		return false;
	for (unsigned i = 0; i < f->nholes; i++)
		effect(d, &f->holes[i], tokens[i]);
	return true;
}
