/* SPDX-License-Identifier: MIT */
/* next: the request that answers a message's tool calls. See next.h. */
#include "delta/next.h"

#include <string.h>

#include "delta/delta_impl.h"

void next_item(struct next *x)
{
	if (x->items->len && !strchr("[,", x->items->p[x->items->len - 1]))
		buf_addc(x->items, ',');
}

void next_message(struct next *x)
{
	struct buf *b = x->items;
	size_t start;

	next_item(x);
	start = b->len;
	if (!delta_message_put(x->of, b) || b->p[start] != '[')
		return;
	memmove(b->p + start, b->p + start + 1, b->len - start - 2); /* a list: its items become ours */
	buf_cut(b, b->len - 2);
}

void next_id(struct next *x, const char *key, const struct normal_call *call)
{
	if (!call->id.p || span_is(call->id, "null"))
		return;
	json_member(x->items, key);
	buf_addspan(x->items, call->id);
}

void next_name(struct next *x, const char *key, const struct normal_call *call)
{
	json_member(x->items, key);
	buf_addc(x->items, '"');
	buf_addspan(x->items, buf_span(&call->name));
	buf_addc(x->items, '"');
}

void next_text(struct next *x, const char *key, const struct next_result *result)
{
	json_member(x->items, key);
	json_quote(x->items, result->text);
}

bool next_blank(const struct next_result *result)
{
	for (size_t i = 0; i < result->text.n; i++)
		if (!strchr(" \t\r\n\v\f", result->text.p[i]) || result->text.p[i] == '\0')
			return false;
	return true;
}

/* The request with what stands from `from` to `on` replaced by three pieces. */
static int splice(struct next *x, const char *from, const char *on, struct span before, struct span middle,
                  struct span after)
{
	buf_add(x->to, x->text.p, (size_t)(from - x->text.p));
	buf_addspan(x->to, before);
	buf_addspan(x->to, middle);
	buf_addspan(x->to, after);
	buf_add(x->to, on, (size_t)(x->text.p + x->text.n - on));
	return 0;
}

/* Behind the last element of an array, or its opening bracket. */
static int append(struct next *x, uint32_t array)
{
	const struct json *j = x->request;
	const char *at = json_text(j, array).p + 1;
	uint32_t last = 0;

	for (uint32_t e = json_first(j, array); e; e = json_next(j, array, e))
		last = e;
	if (last)
		at = json_text(j, last).p + json_text(j, last).n;
	return splice(x, at, at, last && x->items->len ? SPAN(",") : SPAN(""), buf_span(x->items), SPAN(""));
}

int next_into(struct next *x, const char *key)
{
	uint32_t list = json_get(x->request, JSON_ROOT, key);

	if (json_kind(x->request, list) != JSON_ARRAY)
		return fault_set(x->fault, ST_INPUT, "no list '%s' for an answer to %s", key, x->of->format->name);
	return append(x, list);
}

/* A list where there is none: a new member, or instead of a null. */
static int make(struct next *x, const char *key, uint32_t null)
{
	struct span root = json_text(x->request, JSON_ROOT), text = json_text(x->request, null);
	struct buf list = BUF_INIT;

	if (null) {
		splice(x, text.p, text.p + text.n, SPAN("["), buf_span(x->items), SPAN("]"));
		return 0;
	}
	if (json_first(x->request, JSON_ROOT))
		buf_addc(&list, ',');
	buf_addf(&list, "\"%s\":[", key);
	splice(x, root.p + root.n - 1, root.p + root.n - 1, buf_span(&list), buf_span(x->items), SPAN("]"));
	buf_release(&list);
	return 0;
}

int next_around(struct next *x, const char *key, const char *before, const char *after)
{
	uint32_t old = json_get(x->request, JSON_ROOT, key);
	struct span text = json_text(x->request, old);
	struct buf first = BUF_INIT, rest = BUF_INIT;

	if (json_kind(x->request, old) <= JSON_NULL)
		return make(x, key, old);
	buf_addf(&first, "[%s", before);
	buf_addspan(&first, text);
	buf_addf(&rest, "%s,", after);
	buf_addspan(&rest, buf_span(x->items));
	splice(x, text.p, text.p + text.n, buf_span(&first), buf_span(&rest), SPAN("]"));
	buf_release(&first);
	buf_release(&rest);
	return 0;
}

int delta_next(const struct delta_message *m, const struct normal *n, const struct next_result *results,
               struct span request, struct buf *b, struct fault *f)
{
	struct json j = JSON_INIT;
	struct buf items = BUF_INIT;
	struct next x = { m, request, &j, delta_message_json(m), n, results, &items, b, f };
	int r;

	if (json_parse(&j, request.p, request.n) < 0)
		r = fault_set(f, ST_INPUT, "not JSON: %s at byte %zu", j.error, j.error_at);
	else if (json_kind(&j, JSON_ROOT) != JSON_OBJECT || !m->format->next)
		r = fault_set(f, ST_INPUT, "no request that tool calls of %s answer", m->format->name);
	else
		r = m->format->next(&x);
	buf_release(&items);
	json_release(&j);
	return r;
}

int next_tools(struct next *x, const char *name)
{
	next_message(x);
	for (size_t i = 0; i < x->normal->ncalls; i++) {
		const struct normal_call *call = &x->normal->calls[i];

		next_item(x);
		buf_adds(x->items, "{\"role\":\"tool\"");
		if (name)
			next_name(x, name, call);
		next_id(x, "tool_call_id", call);
		next_text(x, "content", &x->results[i]);
		buf_addc(x->items, '}');
	}
	return next_into(x, "messages");
}
