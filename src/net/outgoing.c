/* SPDX-License-Identifier: MIT */
/* outgoing: one POST from what the user said, checked before anything is sent. See outgoing.h. */
#include "net/outgoing.h"

#include <string.h>

#include "base/in.h"
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

/* The value as a whole, and what stands behind "Bearer ": it may be echoed alone. */
static void keep_secret(struct outgoing *r, struct span value)
{
	const char *space = value.n ? memchr(value.p, ' ', value.n) : NULL;

	r->secret = true;
	redact_secret(&r->redact, value);
	if (space)
		redact_secret(&r->redact, (struct span){ space + 1, (size_t)(value.p + value.n - space - 1) });
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
		if (redact_is_header(name) && name.n < strlen(text) - 1 && !w->insecure_argv)
			return fault_set(f, ST_USAGE,
			                 "header '%.*s' in the arguments can be seen by all users of this machine; "
			                 "use -k, or -H @FILE, or insist with --insecure-argv",
			                 (int)name.n, name.p);
		if (fields_line(&r->headers, span_of(text), f) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->headers.count; i++) {
		if (refuse_forged(span_of(r->headers.list[i].name), f) < 0)
			return -1;
		if (r->headers.list[i].value && redact_is_header(span_of(r->headers.list[i].name))) {
			keep_secret(r, span_of(r->headers.list[i].value));
		}
	}
	return 0;
}

/* A key in a URL ends up in logs everywhere, and here in the arguments too. */
static bool secret_query(const char *query)
{
	for (const char *p = query; p && *p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL)
		if (redact_is_parameter((struct span){ p, strcspn(p, "=&") }))
			return true;
	return false;
}

/* A user name without a password is one itself, with one it may be any word of the body. */
static void keep_url_secrets(struct outgoing *r)
{
	const struct client_url *u = &r->parts;
	const char *password = u->password && *u->password ? u->password : u->user;

	if (password)
		keep_secret(r, span_of(password));
	for (const char *p = u->query; p && *p; p += strcspn(p, "&"), p += *p == '&') {
		size_t name = strcspn(p, "=&"), n = strcspn(p, "&");

		if (n > name + 1 && redact_is_parameter((struct span){ p, name }))
			keep_secret(r, (struct span){ p + name + 1, n - name - 1 });
	}
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
	if (w->url && !w->insecure_argv && (r->parts.user || secret_query(r->parts.query)))
		return fault_set(f, ST_USAGE,
		                 "the URL holds a secret that all users of this machine can see; "
		                 "use -k, or insist with --insecure-argv");
	keep_url_secrets(r);
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
	*r = (struct outgoing){ .body = body };
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
	keep_secret(r, buf_span(key));
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
	redact_text(&r->redact, b, r->body);
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
