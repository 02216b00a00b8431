/* SPDX-License-Identifier: MIT */
/* outgoing: one POST from what the user said, checked before anything is sent. See outgoing.h. */
#include "net/outgoing.h"

#include <string.h>

#include "base/in.h"
#include "base/secret_name.h"
#include "cassette/redact_body.h"
#include "net/body.h"
#include "net/key.h"

static int refuse_forged(struct span name, struct fault *f)
{
	static const char *const ours[] = { "content-length", "transfer-encoding", NULL };

	for (int i = 0; ours[i]; i++)
		if (field_same(name, ours[i]))
			return fault_set(f, ST_USAGE, "header '%s' follows from the body and cannot be set", ours[i]);
	return 0;
}

static int header_file(struct outgoing *r, const char *path, size_t max, struct fault *f)
{
	struct in in;
	struct span all;
	int bad = in_open(&in, path, max, f);

	if (bad == 0) {
		if (in_all(&in, &all, f) == IN_FULL)
			fault_set(f, ST_USAGE, "more than --max-size");
		bad = f->status != ST_OK ? -1 : fields_lines(&r->headers, all, f);
		in_close(&in);
	}
	if (bad < 0) {
		struct fault inner = *f;

		*f = (struct fault){ 0 };
		return fault_set(f, ST_USAGE, "header file %s: %s", path, inner.text);
	}
	return 0;
}

/* Headers that users of this machine may read as arguments, or that must not go over plain HTTP. */
static bool is_secret(struct span name, struct span value)
{
	return value.n > 0 && secret_name(SECRET_HEADER, name) == SECRET_YES && !secret_is_number(value);
}

/* Of "Name: value". */
static struct span value_in(const char *text)
{
	const char *colon = strchr(text, ':');

	return span_of(colon ? colon + 1 + strspn(colon + 1, " \t") : "");
}

static int user_headers(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	for (size_t i = 0; w->headers && w->headers[i]; i++) {
		const char *text = w->headers[i];
		struct span name = field_name(span_of(text));

		if (*text == '@') {
			if (header_file(r, text + 1, w->max, f) < 0)
				return -1;
			continue;
		}
		if (is_secret(name, value_in(text)) && !w->insecure_argv)
			return fault_set(f, ST_USAGE,
			                 "header '%.*s' in the arguments can be seen by all users of this machine; "
			                 "use -k, or -H @FILE, or insist with --insecure-argv",
			                 (int)name.n, name.p);
		if (fields_line(&r->headers, span_of(text), f) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->headers.count; i++) {
		struct span name = span_of(r->headers.list[i].name), value = span_of(r->headers.list[i].value);

		if (refuse_forged(name, f) < 0)
			return -1;
		r->secret |= is_secret(name, value);
		redact_learn_header(&r->redact, name, value);
	}
	return 0;
}

/* A key in a URL ends up in logs everywhere, and here in the arguments too. */
static bool secret_url(const struct outgoing *r, struct span url)
{
	struct buf shown = BUF_INIT;
	bool any = redact_url(&r->redact, &shown, url) > 0;

	buf_release(&shown);
	return any;
}

static int endpoint(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	struct buf model = BUF_INIT;
	int bad = 0;

	if (w->url) {
		buf_adds(&r->url, w->url);
	} else {
		if (w->model)
			buf_adds(&model, w->model);
		else
			body_model(&r->json, &model);
		bad = provider_url(w->provider, w->lookup, buf_span(&model), &r->url, f);
		buf_release(&model);
	}
	if (bad < 0 || client_url_parse(&r->parts, buf_str(&r->url), f) < 0)
		return -1;
	if (w->url && !w->insecure_argv && secret_url(r, buf_span(&r->url)))
		return fault_set(f, ST_USAGE,
		                 "the URL holds a secret that all users of this machine can see; "
		                 "use -k, or insist with --insecure-argv");
	r->secret |= secret_url(r, buf_span(&r->url));
	redact_learn_url(&r->redact, buf_span(&r->url));
	return 0;
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* Chat completions is the one dialect that sends no usage in a stream unless asked. */
static int stream(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	bool usage = ends_in(r->parts.place, "/chat/completions") && !(w->provider && w->provider->no_usage);

	if (!w->stream || (w->provider && w->provider->always_streams))
		return 0;
	if (body_stream(&r->json, r->body, usage, &r->spliced, f) < 0)
		return -1;
	r->body = buf_span(&r->spliced);
	return 0;
}

static int own_headers(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	if (w->provider && provider_headers(w->provider, w->lookup, &r->headers, f) < 0)
		return -1;
	fields_default(&r->headers, SPAN("Content-Type"), SPAN("application/json"), f);
	fields_default(&r->headers, SPAN("Accept"), SPAN("text/event-stream, application/json"), f);
	fields_default(&r->headers, SPAN("Accept-Encoding"), SPAN("identity"), f); /* gzip makes lumps of streams */
	fields_default(&r->headers, SPAN("User-Agent"), SPAN(PACKAGE_NAME "/" PACKAGE_VERSION), f);
	return 0;
}

int outgoing_init(struct outgoing *r, const struct outgoing_wish *w, struct span body, struct fault *f)
{
	*r = (struct outgoing){ .body = body, .redact = { .rules = w->rules } };
	if (body_check(&r->json, body, f) == 0)
		return 0;
	if (!w->any)
		return -1;
	*f = (struct fault){ 0 };
	return 0;
}

int outgoing_address(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	if (user_headers(r, w, f) < 0 || endpoint(r, w, f) < 0 || stream(r, w, f) < 0)
		return -1;
	return own_headers(r, w, f);
}

static int set_key(struct outgoing *r, struct provider_auth auth, struct buf *key, struct fault *f)
{
	struct buf value = BUF_INIT;
	int bad;

	buf_adds(&value, auth.prefix);
	buf_addspan(&value, buf_span(key));
	r->secret = true;
	redact_learn_key(&r->redact, buf_span(key));
	bad = fields_add(&r->headers, span_of(auth.header), buf_span(&value), f);
	buf_release(&value);
	return bad;
}

int outgoing_unlock(struct outgoing *r, const struct outgoing_wish *w, struct fault *f)
{
	struct key_source source = { w->key_variable, w->key_file, w->key_command };
	struct provider_auth auth;
	struct buf key = BUF_INIT;
	int bad = key_find(&source, w->provider, w->lookup, &r->headers, &auth, &key, &r->loose, f);

	if (bad == 0 && key.len)
		bad = set_key(r, auth, &key, f);
	buf_release(&key);
	if (bad == 0 && r->secret && !strcmp(r->parts.scheme, "http") && !r->parts.loopback && !w->local &&
	    !w->allow_http)
		return fault_set(f, ST_USAGE, "a key would go over plain http to %s; insist with --allow-http",
		                 r->parts.host);
	return bad;
}

void outgoing_show(const struct outgoing *r, struct buf *b)
{
	buf_adds(b, "POST ");
	redact_url(&r->redact, b, buf_span(&r->url));
	buf_addc(b, '\n');
	for (size_t i = 0; i < r->headers.count; i++) {
		const struct field *h = &r->headers.list[i];

		if (!h->value)
			continue;
		buf_addf(b, "%s: ", h->name);
		redact_header(&r->redact, b, span_of(h->name), span_of(h->value));
		buf_addc(b, '\n');
	}
	buf_addc(b, '\n');
	redact_body(&r->redact, b, fields_get(&r->headers, "content-type"), r->body);
	if (r->body.n && r->body.p[r->body.n - 1] != '\n')
		buf_addc(b, '\n');
}

void outgoing_redact(struct outgoing *r, struct buf *b, struct span bytes)
{
	redact_line(&r->redact, b, bytes);
}

void outgoing_release(struct outgoing *r)
{
	buf_release(&r->url);
	client_url_release(&r->parts);
	fields_release(&r->headers);
	buf_release(&r->spliced);
	json_release(&r->json);
	redact_release(&r->redact);
}
