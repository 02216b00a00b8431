/* SPDX-License-Identifier: MIT */
/* redact: secrets become REDACTED. See redact.h. */
#include "base/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/secret_name.h"

static struct span part(struct span s, size_t from, size_t to)
{
	return (struct span){ s.p + from, to - from };
}

static struct span after(struct span s, size_t n)
{
	return part(s, n, s.n);
}

static size_t until(struct span s, const char *stops)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == '\0' || !strchr(stops, s.p[n])))
		n++;
	return n;
}

static bool same_name(struct span a, const char *b)
{
	return a.n == strlen(b) && !strncasecmp(a.p, b, a.n);
}

static bool listed(struct span name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_name(name, list[i]))
			return true;
	return false;
}

bool redact_is_header(const struct redact *r, struct span name)
{
	return secret_name(SECRET_HEADER, name) != SECRET_NO ||
	       (r->rules && listed(name, r->rules->headers, r->rules->nheaders));
}

bool redact_is_dropped(const struct redact *r, struct span name)
{
	return r->rules && listed(name, r->rules->dropped, r->rules->ndropped);
}

static bool is_parameter(struct span name)
{
	return secret_name(SECRET_PARAMETER, name) != SECRET_NO;
}

void redact_release(struct redact *r)
{
	secret_values_release(&r->values);
	if (r->key.p)
		memset(r->key.p, 0, r->key.len);
	buf_release(&r->key);
}

/* ---- learning values */

static struct span trim(struct span s, const char *blanks)
{
	while (s.n && strchr(blanks, *s.p))
		s = after(s, 1);
	while (s.n && strchr(blanks, s.p[s.n - 1]))
		s.n--;
	return s;
}

static void learn(struct redact *r, struct span value)
{
	if (secret_is_distinct(value))
		secret_values_add(&r->values, value);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The search finds every spelling of the decoded value. */
static void learn_encoded(struct redact *r, struct span value)
{
	struct buf plain = BUF_INIT;

	for (size_t i = 0; i < value.n; i++) {
		bool encoded =
			value.p[i] == '%' && i + 2 < value.n && hex(value.p[i + 1]) >= 0 && hex(value.p[i + 2]) >= 0;

		if (encoded)
			buf_addc(&plain, (char)(hex(value.p[i + 1]) << 4 | hex(value.p[i + 2])));
		else
			buf_addc(&plain, value.p[i] == '+' ? ' ' : value.p[i]);
		i += encoded ? 2 : 0;
	}
	learn(r, value);
	learn(r, buf_span(&plain));
	buf_release(&plain);
}

/* user:password; a user name without a password is the key itself. */
static void learn_user(struct redact *r, struct span user)
{
	size_t colon = until(user, ":");
	struct span password = colon < user.n ? after(user, colon + 1) : SPAN("");

	learn_encoded(r, password.n ? password : part(user, 0, colon));
}

static void learn_basic(struct redact *r, struct span base64)
{
	struct buf plain = BUF_INIT;

	if (base64_decode(&plain, base64.p, base64.n))
		learn_user(r, buf_span(&plain));
	buf_release(&plain);
}

/* Token token="abc", response="..." */
static void learn_parameters(struct redact *r, struct span list)
{
	while (list.n) {
		struct span one = trim(part(list, 0, until(list, ",")), " \t");
		size_t equals = until(one, "=");

		if (equals < one.n && is_parameter(part(one, 0, equals)))
			learn(r, trim(after(one, equals + 1), "\""));
		list = after(list, until(list, ","));
		list = after(list, list.n > 0);
	}
}

/* With a scheme, such as Bearer, Token, Key or Basic, or without one. */
static void learn_credentials(struct redact *r, struct span value)
{
	size_t scheme = until(value, " \t");
	struct span rest = trim(after(value, scheme), " \t");
	size_t colon = until(rest, ":");

	if (rest.n == 0) {
		learn(r, value);
		return;
	}
	if (same_name(part(value, 0, scheme), "basic"))
		learn_basic(r, rest);
	if (colon < rest.n) /* Key id:secret */
		learn(r, after(rest, colon + 1));
	learn(r, rest);
	learn_parameters(r, rest);
}

/* a=1; b=2; in Set-Cookie what follows the first are attributes. */
static void learn_cookies(struct redact *r, struct span value, bool one)
{
	while (value.n) {
		size_t end = until(value, ";"), equals = until(value, "=");
		struct span v = equals < end ? trim(part(value, equals + 1, end), " \t\"") : SPAN("");

		if (secret_is_distinct_cookie(v))
			secret_values_add(&r->values, v);
		value = one ? SPAN("") : after(value, end + (end < value.n));
	}
}

void redact_learn_header(struct redact *r, struct span name, struct span value)
{
	value = trim(value, " \t");
	if (!redact_is_header(r, name) || secret_is_number(value) || span_is(value, REDACTED))
		return;
	if (same_name(name, "cookie") || same_name(name, "set-cookie"))
		learn_cookies(r, value, same_name(name, "set-cookie"));
	else
		learn_credentials(r, value);
}

/* Servers name what is cached and where it is stored in headers that end in -Key: no credentials. */
void redact_learn_response_header(struct redact *r, struct span name, struct span value)
{
	bool is_key = name.n >= 3 && !strncasecmp(name.p + name.n - 3, "key", 3);

	if (!is_key || (r->rules && listed(name, r->rules->headers, r->rules->nheaders)))
		redact_learn_header(r, name, value);
}

static void learn_pairs(struct redact *r, struct span form)
{
	while (form.n) {
		struct span pair = part(form, 0, until(form, "&"));
		size_t equals = until(pair, "=");

		if (equals < pair.n && is_parameter(part(pair, 0, equals)))
			learn_encoded(r, after(pair, equals + 1));
		form = after(form, pair.n + (pair.n < form.n));
	}
}

void redact_learn_key(struct redact *r, struct span key)
{
	buf_reset(&r->key);
	buf_addspan(&r->key, key);
	learn(r, key);
}

/* ---- hits */

void redact_hits_add(struct redact_hits *h, struct redact_hit hit)
{
	if (h->n == h->capacity) {
		h->capacity = h->capacity ? 2 * h->capacity : 8;
		h->list = mem_resize(h->list, h->capacity * sizeof *h->list);
	}
	h->list[h->n++] = hit;
}

void redact_hits_release(struct redact_hits *h)
{
	free(h->list);
	*h = (struct redact_hits){ 0 };
}

void redact_apply(const struct redact_hits *hits, struct span text, struct buf *to)
{
	size_t at = 0;

	for (size_t i = 0; i < hits->n; i++) {
		const struct redact_hit *h = &hits->list[i];

		buf_addspan(to, part(text, at, h->at));
		buf_adds(to, h->quotes ? "\"" REDACTED "\"" : REDACTED);
		at = h->at + h->n;
	}
	buf_addspan(to, after(text, at));
}

/* What the run's rules name may begin inside of what the exchange taught, and the other way round. */
void redact_find_text(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits)
{
	const struct secret_values *sets[2] = { &r->values, r->rules ? &r->rules->values : NULL };
	size_t at[2] = { from, from }, n[2] = { 0, 0 };
	bool found[2] = { true, true };

	text.n = to;
	while (found[0] || found[1]) {
		int first;

		for (int k = 0; k < 2; k++) {
			if (!found[k] || (n[k] && at[k] >= from))
				continue;
			at[k] = at[k] > from ? at[k] : from;
			found[k] = sets[k] && secret_values_find(sets[k], text, &at[k], &n[k]);
		}
		if (!found[0] && !found[1])
			break;
		first = !found[0] || (found[1] && (at[1] < at[0] || (at[1] == at[0] && n[1] > n[0])));
		redact_hits_add(hits, (struct redact_hit){ at[first], n[first], false });
		from = at[first] + n[first];
		n[first] = 0;
	}
}

static void find_pair(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits)
{
	struct span pair = part(text, from, to);
	size_t equals = until(pair, "=");
	struct span value = after(pair, equals < pair.n ? equals + 1 : equals);

	if (value.n == 0 || !is_parameter(part(pair, 0, equals)) || secret_is_number(value))
		redact_find_text(r, text, from, to, hits);
	else if (!span_is(value, REDACTED))
		redact_hits_add(hits, (struct redact_hit){ to - value.n, value.n, false });
}

void redact_find_form(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits)
{
	while (from < to) {
		size_t n = until(part(text, from, to), "&");

		find_pair(r, text, from, from + n, hits);
		from += n + 1;
	}
}

/* user:password between // and @; text[from] is the byte after the slashes. Returns where the host begins. */
static size_t find_user(struct span text, size_t from, size_t to, struct redact_hits *hits)
{
	struct span authority = part(text, from, from + until(part(text, from, to), "/?#"));
	const char *at = span_last(authority, '@');

	if (!at)
		return from;
	authority.n = (size_t)(at - authority.p);
	if (!span_is(authority, REDACTED))
		redact_hits_add(hits, (struct redact_hit){ from, authority.n, false });
	return from + authority.n;
}

/* "scheme://" or "//"; 0: a path. */
static size_t authority_at(struct span url)
{
	size_t scheme = until(url, ":/?#");

	if (span_starts(url, "//"))
		return 2;
	return span_starts(after(url, scheme), "://") ? scheme + 3 : 0;
}

void redact_find_url(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits)
{
	size_t authority = authority_at(part(text, from, to)), n;

	if (authority)
		from = find_user(text, from + authority, to, hits);
	n = until(part(text, from, to), "?#");
	redact_find_text(r, text, from, from + n, hits);
	from += n;
	while (from < to) { /* a query, and a fragment: tokens of OAuth are in either */
		from++;
		n = until(part(text, from, to), text.p[from - 1] == '?' ? "#" : "");
		redact_find_form(r, text, from, from + n, hits);
		from += n;
	}
}

void redact_learn_url(struct redact *r, struct span url)
{
	size_t authority = authority_at(url);
	struct span host = part(url, authority, authority + until(after(url, authority), "/?#"));
	const char *at = authority ? span_last(host, '@') : NULL;
	struct span query = after(url, until(url, "?#"));

	if (at)
		learn_user(r, (struct span){ host.p, (size_t)(at - host.p) });
	if (query.n)
		learn_pairs(r, part(query, 1, *query.p == '?' ? until(query, "#") : query.n));
}

/* Its value is a URL, perhaps a relative one: Location, Content-Location, X-Goog-Upload-URL, Referer. */
static bool holds_url(struct span name, struct span value)
{
	static const char *const ends[] = { "location", "url", "uri", "referer" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (name.n >= n && !strncasecmp(name.p + name.n - n, ends[i], n))
			return true;
	}
	return span_starts(value, "http://") || span_starts(value, "https://");
}

/* Link: <https://...?page=2>; rel="next", <...> */
static void find_links(const struct redact *r, struct span text, struct redact_hits *hits)
{
	size_t at = 0;

	while (at < text.n) {
		size_t open = at + until(after(text, at), "<"), close = open + until(after(text, open), ">");

		open += open < close;
		redact_find_text(r, text, at, open, hits);
		redact_find_url(r, text, open, close, hits);
		at = close;
		if (at == text.n)
			break;
	}
}

void redact_find_header(const struct redact *r, struct span name, struct span value, struct redact_hits *hits)
{
	bool ruled = r->rules && listed(name, r->rules->headers, r->rules->nheaders);

	if (value.n == 0 || span_is(value, REDACTED))
		return;
	if (ruled || (redact_is_header(r, name) &&
	              (!secret_is_number(value) || (r->key.len && span_same(value, buf_span(&r->key))))))
		redact_hits_add(hits, (struct redact_hit){ 0, value.n, false });
	else if (same_name(name, "link"))
		find_links(r, value, hits);
	else if (holds_url(name, value))
		redact_find_url(r, value, 0, value.n, hits);
	else
		redact_find_text(r, value, 0, value.n, hits);
}

/* ---- texts */

typedef void finder(const struct redact *r, struct span text, size_t from, size_t to, struct redact_hits *hits);

static size_t apply(struct redact_hits *hits, struct span text, struct buf *to)
{
	size_t n = hits->n;

	redact_apply(hits, text, to);
	redact_hits_release(hits);
	return n;
}

static size_t redact(finder *find, const struct redact *r, struct buf *to, struct span text)
{
	struct redact_hits hits = { 0 };

	find(r, text, 0, text.n, &hits);
	return apply(&hits, text, to);
}

size_t redact_text(const struct redact *r, struct buf *to, struct span text)
{
	return redact(redact_find_text, r, to, text);
}

size_t redact_form(const struct redact *r, struct buf *to, struct span form)
{
	return redact(redact_find_form, r, to, form);
}

size_t redact_url(const struct redact *r, struct buf *to, struct span url)
{
	return redact(redact_find_url, r, to, url);
}

size_t redact_header(const struct redact *r, struct buf *to, struct span name, struct span value)
{
	struct redact_hits hits = { 0 };

	redact_find_header(r, name, value, &hits);
	return apply(&hits, value, to);
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
		struct span word = part(line, 0, until(line, " '\""));

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
