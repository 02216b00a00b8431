/* SPDX-License-Identifier: MIT */
/* arguments: the JSON text of a tool call's arguments, as it comes in pieces. See arguments.h. */
#include "delta/arguments.h"

#include <string.h>

#include "delta/delta_impl.h"

/* The character that an escape stands for, if it is one of ASCII that JSON has a use for; *length is that of
 * the escape. */
static char escaped_character(struct span s, size_t *length)
{
	char c = 'x';

	*length = 2;
	if (s.n < 2)
		return c;
	if (strchr("nrt", s.p[1]))
		return ' ';
	if (s.p[1] != 'u' || s.n < 6)
		return s.p[1] == '"' || s.p[1] == '\\' ? s.p[1] : c;
	*length = 6;
	if (span_starts((struct span){ s.p + 2, 4 }, "00")) {
		struct buf b = BUF_INIT;

		json_unescape(&b, (struct span){ s.p, 6 });
		c = b.len == 1 ? b.p[0] : c;
		buf_release(&b);
	}
	return c;
}

/* The first character that is no white space, and in *length the bytes up to and with it. '\0': there is none. */
static char first_of(struct span s, size_t *length)
{
	size_t n;

	for (*length = 0; *length < s.n; *length += n) {
		char c = s.p[*length];

		n = 1;
		if (c == '\\')
			c = escaped_character((struct span){ s.p + *length, s.n - *length }, &n);
		if (c != ' ') {
			*length += n;
			return c;
		}
	}
	return '\0';
}

static bool begins_object(struct span piece)
{
	size_t length;

	return piece.n && strchr("{ \\", piece.p[0]) && first_of(piece, &length) == '{';
}

/* "{", or "{}" in which only white space is: what may turn out to stand before the arguments. */
static bool is_empty_object(struct span s)
{
	size_t i, k;
	char next;

	if (s.n > 64 || first_of(s, &i) != '{') /* pieces of arguments are longer, or are seldom white space */
		return false;
	next = first_of((struct span){ s.p + i, s.n - i }, &k);
	i += k;
	return !next || (next == '}' && !first_of((struct span){ s.p + i, s.n - i }, &k));
}

static void scan_character(struct arguments *a, char c, size_t behind)
{
	if (a->string) {
		a->string = a->backslash || c != '"';
		a->backslash = !a->backslash && c == '\\';
	} else if (c == '{' || c == '[') {
		a->stray = a->stray || (a->depth == 0 && a->end);
		a->depth++;
	} else if (c == '}' || c == ']') {
		a->stray = a->stray || a->depth == 0;
		a->depth -= a->depth > 0;
		if (a->depth == 0)
			a->end = behind;
	} else {
		a->string = c == '"';
		a->stray = a->stray || (a->depth == 0 && c != ' ');
	}
}

static bool is_json(struct span escaped, size_t *at, const char **error)
{
	struct buf text = BUF_INIT;
	bool cut;

	json_unescape(&text, escaped);
	*error = json_check(text.p ? text.p : "", text.len, at, &cut);
	buf_release(&text);
	return !*error;
}

/* Is the object that began last whole, with nothing behind it? What was scanned is not scanned again. */
static bool scan(struct arguments *a, struct span s)
{
	size_t length, at;
	const char *error;

	for (; a->seen < s.n; a->seen += length) {
		char c = s.p[a->seen];

		length = 1;
		if (c == '\\')
			c = escaped_character((struct span){ s.p + a->seen, s.n - a->seen }, &length);
		scan_character(a, c, a->seen + length);
	}
	if (a->depth || !a->end || a->stray)
		return false;
	if (!a->judged)
		a->whole = is_json((struct span){ s.p + a->second, a->end - a->second }, &at, &error);
	a->judged = true;
	return a->whole;
}

static bool is_object(struct span s)
{
	size_t length;

	return first_of(s, &length) == '{';
}

void arguments_parsed(struct delta_call *c, size_t n)
{
	c->args = (struct arguments){ .seen = n, .end = n, .judged = true, .whole = true };
}

bool delta_call_whole(struct delta_call *c)
{
	struct span s = tree_string(c->arguments);
	size_t at, length;
	const char *error;

	if (c->text || s.n == 0)
		return false;
	if (!strchr("{[", first_of(s, &length))) /* null and the like; a long one is not looked at again and again */
		return s.n <= 64 && is_json(s, &at, &error);
	if (!strchr("}] nrtdD0", s.p[s.n - 1])) /* most pieces end otherwise */
		return false;
	if (c->args.seen || !is_json(s, &at, &error)) /* faster than a scan, but begins anew each time */
		return scan(&c->args, s);
	arguments_parsed(c, s.n);
	return true;
}

void arguments_replaced(struct delta_call *c)
{
	c->args = (struct arguments){ 0 };
}

static void tell_rest(struct delta *d, struct delta_call *c)
{
	struct span s = tree_string(c->arguments);
	size_t untold = c->args.untold < s.n ? c->args.untold : s.n;

	c->args.untold = 0;
	if (d->holding == c)
		d->holding = NULL;
	if (untold)
		delta_call_tell(d, c, DELTA_CALL_ARGUMENTS, (struct span){ s.p + s.n - untold, untold });
}

void arguments_other(struct delta *d, const struct delta_call *c)
{
	if (d->holding && d->holding != c)
		tell_rest(d, d->holding);
}

static void compact(struct buf *b, struct span escaped)
{
	struct buf text = BUF_INIT;

	json_unescape(&text, escaped);
	json_squeeze(b, buf_span(&text));
	buf_release(&text);
}

static bool same_value(struct span a, struct span b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	compact(&x, a);
	compact(&y, b);
	same = span_same(buf_span(&x), buf_span(&y));
	buf_release(&x);
	buf_release(&y);
	return same;
}

/* The second object becomes the arguments of a call of its own, or stays where it is. */
static void divide(struct delta *d, struct delta_call *c, struct span second)
{
	struct buf text = BUF_INIT;
	struct delta_call *twin;

	buf_addspan(&text, second);
	buf_cut(&c->arguments->text, c->args.second);
	c->args.seen = c->args.end = c->args.second;
	c->args.second = c->args.untold = 0;
	twin = d->format->twin && !c->hidden ? d->format->twin(d, c) : NULL;
	if (!twin) {
		c->args.glued = true;
		twin = c;
	} else if (!twin->opened) {
		delta_call_tell(d, twin, DELTA_CALL_OPEN, SPAN_NONE);
		twin->opened = true;
	}
	tree_append(twin->arguments, buf_span(&text));
	twin->args.untold = text.len;
	tell_rest(d, twin);
	c->twin = twin == c ? NULL : twin;
	buf_release(&text);
}

/* A second object is whole: the same again, or another. */
static void settle(struct delta *d, struct delta_call *c)
{
	struct arguments *a = &c->args;
	struct span s = tree_string(c->arguments);
	struct span first = { s.p, a->second }, second = { s.p + a->second, s.n - a->second };

	if (!scan(a, s))
		return;
	if (!same_value(first, second)) {
		divide(d, c, second);
		return;
	}
	buf_cut(&c->arguments->text, a->second);
	a->seen = a->end = a->second;
	a->second = a->untold = 0;
}

/* An object begins where a whole one has been. */
static void begin_second(struct delta *d, struct delta_call *c)
{
	struct span s = tree_string(c->arguments);

	if (!c->done && is_empty_object(s)) {
		tree_set_string(c->arguments, SPAN(""));
		arguments_replaced(c);
		d->holding = NULL;
	} else {
		c->args.second = c->args.seen = s.n;
		c->args.end = 0;
		c->args.judged = false;
	}
}

void arguments_add(struct delta *d, struct delta_call *c, struct span piece)
{
	struct arguments *a = &c->args;

	if (begins_object(piece) && !a->second && !a->glued && is_object(tree_string(c->arguments)) && delta_call_whole(c))
		begin_second(d, c);
	if (!delta_room(d, piece.n)) {
		tell_rest(d, c);
		if (piece.n)
			delta_call_tell(d, c, DELTA_CALL_ARGUMENTS, piece);
		return;
	}
	tree_append(c->arguments, piece);
	if (piece.n == 0)
		return;
	a->untold += piece.n;
	if (a->second)
		settle(d, c);
	else if (!c->text && !c->told && is_empty_object(tree_string(c->arguments)))
		d->holding = c;
	else
		tell_rest(d, c);
}

void arguments_end(struct delta *d, struct delta_call *c)
{
	tell_rest(d, c);
	if (!c->told)
		delta_call_tell(d, c, DELTA_CALL_ARGUMENTS, c->text ? SPAN("") : SPAN_NONE);
}

/* ---- what is reported of a finished message */

static bool ran_out(const struct delta_message *m, unsigned choice)
{
	struct normal n = { 0 };
	bool length = false;

	for (size_t nth = 0; delta_normal(m, nth, &n); nth++)
		if ((unsigned)n.index == choice)
			length = n.finish && !strcmp(n.finish, "length");
	normal_release(&n);
	return length;
}

/* One after the other, each call of a message. */
struct review {
	const struct delta_message *message;
	size_t number;	 /* of the call, as -n counts them */
	struct dict ids; /* of the calls so far, each with its number plus one */
	bool twice;	 /* two have the same: that was reported */
};

static void review_arguments(struct delta *d, struct review *r, unsigned choice, struct span escaped)
{
	const char *error;
	size_t at;

	if (escaped.n && !is_json(escaped, &at, &error))
		delta_report(d, ran_out(r->message, choice) ? ST_OK : ST_INPUT,
		             "arguments of call %zu are not JSON: %s at byte %zu", r->number, error, at);
}

static void review_id(struct delta *d, struct review *r, unsigned choice, struct span id)
{
	size_t had;

	if (id.n == 0 || r->twice)
		return;
	had = (size_t)(uintptr_t)dict_get(&r->ids, choice, id);
	r->twice = had > 0;
	if (had)
		delta_report(d, ST_OK, "calls %zu and %zu have the same id", had - 1, r->number);
	else
		dict_put(&r->ids, choice, id, (void *)(uintptr_t)(r->number + 1));
}

static void review_streamed(struct delta *d, struct review *r)
{
	for (struct delta_call *c = d->calls; c; c = c->next) {
		struct span text = tree_string(c->arguments);
		bool known = c->args.whole && c->args.end == text.n && !c->args.second;

		if (c->hidden)
			continue;
		if (c->done && !c->text && !known && !d->overflow)
			review_arguments(d, r, c->choice, text);
		review_id(d, r, c->choice, tree_string(c->id));
		r->number++;
	}
}

static void review_whole(struct delta *d, struct review *r)
{
	struct normal n = { 0 };

	for (size_t nth = 0; delta_normal(r->message, nth, &n); nth++)
		for (size_t i = 0; i < n.ncalls; i++, r->number++) {
			struct span id = n.calls[i].id;

			if (!n.calls[i].text)
				review_arguments(d, r, (unsigned)n.index, buf_span(&n.calls[i].arguments));
			if (id.n > 2 && id.p[0] == '"')
				review_id(d, r, (unsigned)n.index, (struct span){ id.p + 1, id.n - 2 });
		}
	normal_release(&n);
}

void arguments_report(struct delta *d, const struct delta_message *m, bool whole)
{
	struct review r = { .message = m, .ids.arena = &d->arena };

	if (!(d->wants & DELTA_WANT_CHECKS) || m->bare)
		return;
	if (whole)
		review_whole(d, &r);
	else
		review_streamed(d, &r);
}
