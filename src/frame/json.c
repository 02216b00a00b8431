/* SPDX-License-Identifier: MIT */
/*
 * json: JSON texts, one after the other (RFC 8259): a line each, as Ollama sends them,
 *
 *	{"model":"llama3.2","message":{"role":"assistant","content":"Hel"},"done":false}
 *	{"model":"llama3.2","message":{"role":"assistant","content":"lo"},"done":true}
 *
 * glued together, spread over many lines, or as the elements of an array that arrives in pieces, as
 * Gemini's streamGenerateContent does without alt=sse:
 *
 *	[{
 *	  "candidates": [ { "content": { "parts": [ { "text": "Hel" } ] } } ]
 *	}
 *	,
 *
 * A text is found by its brackets and strings; whether it is good JSON is for others to judge.
 * What is torn ends where that shows: at a line end inside a string, at a bracket that closes
 * another kind, at a value that cannot stand where it stands. It leaves as it is, up to the end
 * of that line, and the next line begins anew.
 */
#include <string.h>

#include "base/simd.h"
#include "frame/frame_impl.h"
#include "json/json.h"

enum state { BETWEEN, NESTED, STRING, ESCAPE, SCALAR, TORN };

struct texts {
	enum state state;
	size_t scanned;  /* bytes of the text, which begins the window */
	size_t line;     /* where the line begins that is being scanned */
	bool line_blank; /* and nothing but blanks was seen on it */
	bool spaced;     /* there are blanks between tokens */
	bool array;      /* the texts are its elements */
	char last;       /* of an array: '[', ',' or 'e' for an element; 0: its fault was said */
	char before;     /* the last byte between strings that is no blank */
	unsigned depth;
	uint64_t squares[JSON_DEPTH / 64]; /* for each open bracket: is it square? */
};

enum found { FOUND_NOTHING, FOUND_END, FOUND_TEAR };

static bool value_begins(char c)
{
	return c == '{' || c == '[' || c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' ||
	       c == 'n';
}

static bool is_square(const struct texts *t, unsigned depth)
{
	return t->squares[depth / 64] >> depth % 64 & 1;
}

/* False when a value cannot begin here. */
static bool open_bracket(struct texts *t, char c)
{
	uint64_t bit = (uint64_t)1 << t->depth % 64;

	if (t->depth && !strchr("[,:", t->before))
		return false;
	if (t->depth < JSON_DEPTH) {
		t->squares[t->depth / 64] &= ~bit;
		if (c == '[')
			t->squares[t->depth / 64] |= bit;
	}
	t->depth++;
	return true;
}

/* False when it is another kind of bracket that is open. */
static bool close_bracket(struct texts *t, char c)
{
	t->depth--;
	return t->depth >= JSON_DEPTH || is_square(t, t->depth) == (c == ']');
}

/* Inside a string from i on; returns where the scan goes on. */
static size_t scan_string(struct texts *t, const char *p, size_t i, size_t n)
{
	if (t->state == ESCAPE) {
		t->state = STRING;
		i += p[i] != '\n' && p[i] != '\r';
	}
	while (n - i >= SIMD_WIDTH) {
		size_t stop = simd_string_stop(p + i);

		i += stop;
		if (stop < SIMD_WIDTH)
			break;
	}
	if (i == n)
		return i;
	if (p[i] == '\\')
		t->state = ESCAPE;
	else if (p[i] == '"')
		t->state = NESTED;
	else if (p[i] == '\n' || p[i] == '\r')
		t->state = TORN;
	return t->state == TORN ? i : i + 1;
}

/* Between the strings, at p[i]. */
static enum found scan_byte(struct texts *t, char c, size_t i)
{
	bool good = true;

	switch (c) {
	case '\n':
		t->line = i + 1;
		t->line_blank = true;
		t->spaced = true;
		return FOUND_NOTHING;
	case ' ':
	case '\t':
	case '\r':
		t->spaced = true;
		return FOUND_NOTHING;
	case '"':
		good = !t->depth || strchr("{[,:", t->before);
		t->state = STRING;
		break;
	case '{':
	case '[':
		good = open_bracket(t, c);
		break;
	case '}':
	case ']':
		good = close_bracket(t, c);
		break;
	}
	if (!good) {
		t->state = TORN;
		return FOUND_TEAR;
	}
	t->before = c;
	t->line_blank = false;
	return FOUND_NOTHING;
}

/* Goes on from t->scanned. FOUND_END: the text ends at t->scanned; FOUND_TEAR: it is torn there. */
static enum found scan(struct texts *t, const char *p, size_t n)
{
	size_t i = t->scanned;
	enum found found = FOUND_NOTHING;

	while (i < n && !found) {
		if (t->state == STRING || t->state == ESCAPE) {
			i = scan_string(t, p, i, n);
			if (t->state == TORN)
				found = FOUND_TEAR;
		} else {
			found = scan_byte(t, p[i], i);
			i += !found;
		}
		if (!found && t->state == NESTED && t->depth == 0)
			found = FOUND_END;
	}
	t->scanned = i;
	return found;
}

static enum frame_result too_large(struct frame *f, const struct frame_window *w, struct frame_event *event)
{
	frame_place(f, event, f->offset + w->used);
	return frame_too_large(f, "JSON text");
}

static enum frame_result give(struct frame *f, struct texts *t, struct frame_window *w, size_t n,
                              struct frame_event *event)
{
	if (frame_beyond(f, n))
		return too_large(f, w, event);
	frame_place(f, event, f->offset + w->used);
	event->data = (struct span){ w->p + w->used, n };
	event->spaced = t->spaced;
	w->used += n;
	t->state = BETWEEN;
	return FRAME_EVENT;
}

/* The end of the window is inside a text. */
static enum frame_result unfinished(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	size_t n = w->n - w->used;
	enum frame_result r;

	if (frame_beyond(f, n))
		return too_large(f, w, event);
	if (!w->ended)
		return FRAME_MORE;
	t->array = false; /* one report is enough */
	r = give(f, t, w, n, event);
	event->cut = true;
	return r;
}

/* What is no JSON, up to the end of its line. Its size is measured up to where that was seen, white space
 * included: how much of it an earlier read held must not matter. */
static enum frame_result torn(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	const char *p = w->p + w->used;
	size_t n = w->n - w->used, extent = t->scanned, end = extent;
	enum frame_result r;

	if (t->line_blank && t->line > 0)
		end = t->line;
	else
		end = frame_line_end(p, end, n);
	t->scanned = end;
	if (end == n && !w->ended)
		return unfinished(f, t, w, event);
	if (frame_beyond(f, extent > end ? extent : end))
		return too_large(f, w, event);
	while (end > 0 && frame_blank(p[end - 1]))
		end--;
	r = give(f, t, w, end, event);
	event->spaced = false;
	return r;
}

static bool scalar_ends(char c)
{
	return frame_blank(c) || strchr(",:{}[]\"", c);
}

static enum frame_result scalar(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	const char *p = w->p + w->used;
	size_t n = w->n - w->used, at;
	bool cut;

	while (t->scanned < n && !scalar_ends(p[t->scanned]))
		t->scanned++;
	if (t->scanned == n && !w->ended)
		return unfinished(f, t, w, event);
	if (!json_check(p, t->scanned, &at, &cut))
		return give(f, t, w, t->scanned, event);
	if (cut && t->scanned == n)
		return unfinished(f, t, w, event);
	t->state = TORN;
	return torn(f, t, w, event);
}

static enum frame_result nested(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	const char *p = w->p + w->used;
	size_t n = w->n - w->used, at;
	bool cut;

	if (t->scanned == 0) {
		const struct json_shape *like = *p == '{' ? json_like(&f->like, p, n, &at) : NULL;

		if (like)
			t->spaced = like->spaced;
		if (like || !json_check_spaced(p, n, &at, &cut, &t->spaced)) {
			enum frame_result r = give(f, t, w, at, event);

			event->checked = like != NULL;
			return r;
		}
	}
	switch (scan(t, p, n)) {
	case FOUND_END:
		return give(f, t, w, t->scanned, event);
	case FOUND_TEAR:
		return torn(f, t, w, event);
	default:
		return unfinished(f, t, w, event);
	}
}

/* The first byte of a text, or of what is none. */
static void start(struct texts *t, char c)
{
	bool array = t->array;

	*t = (struct texts){ .array = array, .last = t->last ? 'e' : 0, .state = TORN };
	if (c == '{' || c == '[' || c == '"')
		t->state = NESTED;
	else if (value_begins(c))
		t->state = SCALAR;
}

/* [DONE] where a text may begin; 0: no, 1: yes, -1: more bytes will tell. */
static int sentinel(const struct frame_window *w)
{
	size_t n = w->n - w->used < 6 ? w->n - w->used : 6;

	if (memcmp(w->p + w->used, "[DONE]", n) != 0)
		return 0;
	return n == 6 ? 1 : w->ended ? 0 : -1;
}

/* Is c, between the elements of an array, what cannot stand there? One fault of an array is enough. */
static bool misplaced(struct texts *t, char c)
{
	bool good = c == ',' ? t->last == 'e' : c == ']' ? t->last != ',' : t->last != 'e';

	if (!t->array || !t->last || good || (c != ',' && c != ']' && !value_begins(c)))
		return false;
	t->last = 0;
	return true;
}

/* Between two texts. FRAME_EVENT: one begins, or the sentinel was given. */
static enum frame_result between(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	for (;; w->used++) {
		char c;

		frame_skip_blanks(f, w);
		if (w->used == w->n)
			return w->ended ? FRAME_END : FRAME_MORE;
		c = w->p[w->used];
		if (misplaced(t, c)) {
			frame_place(f, event, f->offset + w->used);
			return frame_bad(f, false, "a comma of the JSON array is missing, or is one too many");
		}
		if (t->array && c == ']') {
			t->array = false;
		} else if (!t->array && c == '[' && !sentinel(w)) {
			t->array = true;
			t->last = '[';
		} else if (!t->array || c != ',') {
			return FRAME_EVENT;
		} else if (t->last) {
			t->last = ',';
		}
	}
}

static enum frame_result unclosed(struct frame *f, struct texts *t, const struct frame_window *w,
                                  struct frame_event *event)
{
	t->array = false;
	f->other = NULL;
	frame_place(f, event, f->offset + w->used);
	return frame_bad(f, false, "cut: the JSON array is not closed");
}

/* BETWEEN: FRAME_EVENT when a text has been started. */
static enum frame_result begin(struct frame *f, struct texts *t, struct frame_window *w, struct frame_event *event)
{
	enum frame_result r = between(f, t, w, event);
	const char *p = w->p + w->used;

	if (r == FRAME_END && t->array)
		return unclosed(f, t, w, event);
	if (r != FRAME_EVENT)
		return r;
	if (!t->array && *p == '[' && sentinel(w) < 0)
		return FRAME_MORE;
	if (!value_begins(*p))
		switch (frame_elsewhere(f, p, w->n - w->used, w->ended)) {
		case KNOWN_YES:
			return t->array ? unclosed(f, t, w, event) : FRAME_MORE;
		case KNOWN_LATER:
			return FRAME_MORE;
		default:
			break;
		}
	start(t, *p);
	return FRAME_EVENT;
}

static enum frame_result next(struct frame *f, void *state, struct frame_window *w, struct frame_event *event)
{
	struct texts *t = state;

	if (t->state == BETWEEN) {
		enum frame_result r = begin(f, t, w, event);

		if (r != FRAME_EVENT)
			return r;
		if (!t->array && w->p[w->used] == '[')
			return give(f, t, w, 6, event); /* the sentinel */
	}
	switch (t->state) {
	case SCALAR:
		return scalar(f, t, w, event);
	case TORN:
		return torn(f, t, w, event);
	default:
		return nested(f, t, w, event);
	}
}

static enum frame_known knows(const char *p, size_t n, bool ended)
{
	(void)n;
	(void)ended;
	return *p == '{' || *p == '[' ? KNOWN_YES : KNOWN_NO;
}

static void release(void *state)
{
	(void)state;
}

const struct frame_format frame_json = {
	.name = "json",
	.size = sizeof(struct texts),
	.knows = knows,
	.next = next,
	.release = release,
};
