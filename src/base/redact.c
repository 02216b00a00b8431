/* SPDX-License-Identifier: MIT */
/* redact: secrets become REDACTED. See redact.h. */
#include "base/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const headers[] = {
	"authorization",
	"api-key",
	"cookie",
	"set-cookie",
	"x-amz-security-token",
	"x-goog-iam-authorization-token",
	"ocp-apim-subscription-key",
	"helicone-auth",
};

/* Gateways make names of their own: X-Portkey-Api-Key, cf-aig-authorization. */
static const char *const header_ends[] = { "-api-key", "_api_key", "-authorization", "-auth-token", "-access-token" };

static const char *const parameters[] = {
	"key",
	"api_key",
	"api-key",
	"apikey",
	"access_token",
	"refresh_token",
	"id_token",
	"token",
	"auth",
	"client_secret",
	"secret",
	"password",
	"sig",
	"signature",
	"subscription-key",
	"x-amz-signature",
	"x-amz-credential",
	"x-amz-security-token",
	"x-goog-signature",
	"x-goog-credential",
};

static bool listed(struct span name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == name.n && !strncasecmp(list[i], name.p, name.n))
			return true;
	return false;
}

bool redact_is_header(struct span name)
{
	for (size_t i = 0; i < sizeof header_ends / sizeof *header_ends; i++) {
		size_t n = strlen(header_ends[i]);

		if (name.n > n && !strncasecmp(name.p + name.n - n, header_ends[i], n))
			return true;
	}
	return listed(name, headers, sizeof headers / sizeof *headers);
}

bool redact_is_parameter(struct span name)
{
	return listed(name, parameters, sizeof parameters / sizeof *parameters);
}

static void add(struct redact *r, struct buf *pattern)
{
	for (size_t i = 0; i < r->n; i++)
		if (span_same(buf_span(&r->patterns[i]), buf_span(pattern))) {
			buf_release(pattern);
			return;
		}
	r->patterns = mem_resize(r->patterns, (r->n + 1) * sizeof *r->patterns);
	r->patterns[r->n++] = *pattern;
	r->first[(unsigned char)*pattern->p] = true;
}

/* As encoders of JSON write it; some escape the slash. */
static void add_json(struct redact *r, struct span s, bool slash)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\' || (slash && s.p[i] == '/'))
			buf_addc(&b, '\\');
		buf_addc(&b, s.p[i]);
	}
	add(r, &b);
}

static void add_percent(struct redact *r, struct span s, const char *format)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct buf b = BUF_INIT;
	char hex[4];

	for (size_t i = 0; i < s.n; i++) {
		if (memchr(unreserved, s.p[i], sizeof unreserved - 1)) {
			buf_addc(&b, s.p[i]);
			continue;
		}
		hex[0] = '%';
		hex[1] = format[(unsigned char)s.p[i] >> 4];
		hex[2] = format[(unsigned char)s.p[i] & 15];
		buf_add(&b, hex, 3);
	}
	add(r, &b);
}

bool redact_secret(struct redact *r, struct span value)
{
	struct buf plain = BUF_INIT;

	if (value.n < REDACT_SHORTEST)
		return false;
	buf_addspan(&plain, value);
	add(r, &plain);
	add_json(r, value, false);
	add_json(r, value, true);
	add_percent(r, value, "0123456789ABCDEF");
	add_percent(r, value, "0123456789abcdef");
	return true;
}

void redact_release(struct redact *r)
{
	for (size_t i = 0; i < r->n; i++) {
		memset(r->patterns[i].p, 0, r->patterns[i].len);
		buf_release(&r->patterns[i]);
	}
	free(r->patterns);
	*r = (struct redact)REDACT_INIT;
}

/* The longest pattern at the front of s, or 0. *open: s ends inside a longer one. */
static size_t match(const struct redact *r, struct span s, bool *open)
{
	size_t longest = 0;

	*open = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct buf *p = &r->patterns[i];
		size_t n = p->len < s.n ? p->len : s.n;

		if (memcmp(p->p, s.p, n))
			continue;
		if (n < p->len)
			*open = true;
		else if (n > longest)
			longest = n;
	}
	return longest;
}

/* Replaces in s; ended: no more will come. Returns how much of s was dealt with. */
static size_t replace(const struct redact *r, struct buf *to, struct span s, bool ended, size_t *count)
{
	size_t from = 0, i = 0;

	while (i < s.n) {
		bool open = false;
		size_t n = 0;

		if (r->first[(unsigned char)s.p[i]])
			n = match(r, (struct span){ s.p + i, s.n - i }, &open);
		if (open && !ended)
			break;
		if (n == 0) {
			i++;
			continue;
		}
		buf_add(to, s.p + from, i - from);
		buf_adds(to, REDACTED);
		++*count;
		i += n;
		from = i;
	}
	buf_add(to, s.p + from, i - from);
	return i;
}

size_t redact_text(const struct redact *r, struct buf *to, struct span text)
{
	size_t count = 0;

	replace(r, to, text, true, &count);
	return count;
}

void redact_push(struct redact_stream *s, struct buf *to, struct span piece)
{
	size_t done;

	if (s->held.len == 0) {
		done = replace(s->redact, to, piece, false, &s->count);
		buf_add(&s->held, piece.p + done, piece.n - done);
		return;
	}
	buf_addspan(&s->held, piece);
	buf_drop(&s->held, replace(s->redact, to, buf_span(&s->held), false, &s->count));
}

void redact_end(struct redact_stream *s, struct buf *to)
{
	replace(s->redact, to, buf_span(&s->held), true, &s->count);
	buf_release(&s->held);
}

static struct span until(struct span s, const char *stops)
{
	size_t n = 0;

	while (n < s.n && !strchr(stops, s.p[n]))
		n++;
	return (struct span){ s.p, n };
}

static struct span after(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

/* A secret's name is compared as it is spelled: nobody percent-encodes "key". */
size_t redact_form(const struct redact *r, struct buf *to, struct span form)
{
	size_t count = 0;

	while (form.n > 0) {
		struct span pair = until(form, "&;"), name = until(pair, "="), value = after(pair, name.n);

		if (value.n > 1 && redact_is_parameter(name) && !span_is(value, "=" REDACTED)) {
			buf_addspan(to, name);
			buf_adds(to, "=" REDACTED);
			count++;
		} else {
			count += redact_text(r, to, pair);
		}
		form = after(form, pair.n);
		if (form.n > 0) {
			buf_addc(to, *form.p);
			form = after(form, 1);
		}
	}
	return count;
}

/* user:password between // and @; returns how many, and what of url is left. */
static size_t user(struct buf *to, struct span *url)
{
	struct span scheme = until(*url, ":/?#"), rest = after(*url, scheme.n), authority;
	const char *at;

	if (!span_starts(rest, "://"))
		return 0;
	authority = until(after(rest, 3), "/?#");
	at = span_last(authority, '@');
	buf_add(to, url->p, scheme.n + 3);
	*url = after(*url, scheme.n + 3);
	if (!at)
		return 0;
	*url = after(*url, (size_t)(at - authority.p));
	buf_adds(to, REDACTED);
	return (size_t)(at - authority.p) != sizeof REDACTED - 1 || memcmp(authority.p, REDACTED, sizeof REDACTED - 1);
}

size_t redact_url(const struct redact *r, struct buf *to, struct span url)
{
	size_t count = user(to, &url);
	struct span path = until(url, "?#"), query = after(url, path.n);

	count += redact_text(r, to, path);
	if (query.n && *query.p == '?') {
		buf_addc(to, '?');
		path = until(after(query, 1), "#");
		count += redact_form(r, to, path);
		query = after(query, 1 + path.n);
	}
	return count + redact_text(r, to, query);
}

/* A URL, or the target of a request line. */
static bool is_url(struct span word)
{
	return memmem(word.p, word.n, "://", 3) != NULL || (word.n && *word.p == '/' && memchr(word.p, '?', word.n));
}

size_t redact_line(const struct redact *r, struct buf *to, struct span line)
{
	struct buf b = BUF_INIT;
	size_t count = 0;

	while (line.n > 0) {
		struct span word = until(line, " '\"");

		if (is_url(word))
			count += redact_url(r, &b, word);
		else
			buf_addspan(&b, word);
		line = after(line, word.n);
		if (line.n > 0) {
			buf_addc(&b, *line.p);
			line = after(line, 1);
		}
	}
	count += redact_text(r, to, buf_span(&b));
	buf_release(&b);
	return count;
}

size_t redact_header(const struct redact *r, struct buf *to, struct span name, struct span value)
{
	if (redact_is_header(name) && value.n > 0) {
		buf_adds(to, REDACTED);
		return !span_is(value, REDACTED);
	}
	if (span_starts(value, "http://") || span_starts(value, "https://"))
		return redact_url(r, to, value);
	return redact_text(r, to, value);
}
