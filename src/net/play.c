/* SPDX-License-Identifier: MIT */
/* play: the answer from a cassette in place of the network. See play.h. */
#include "net/play.h"

#include <string.h>
#include <sys/stat.h>

#include "cassette/body.h"
#include "cassette/content_encoding.h"
#include "net/keep.h"

void play_request(struct interaction *i, const struct outgoing *o)
{
	i->request.method = SPAN("POST");
	i->request.url = buf_span(&o->url);
	i->request.proto = SPAN("HTTP/1.1");
	i->request.body = o->body;
	keep_headers(&o->headers, &i->request.headers, &i->arena);
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !(S_ISREG(st.st_mode) && st.st_size == 0);
}

/* The first exact match, or else the first one. */
static int search(struct play *p, const char **place, struct fault *f)
{
	struct interaction first;
	bool any = false;
	int r;

	interaction_init(&first);
	while ((r = cassette_next(p->cassette, &p->interaction, f)) > 0) {
		enum match_result m = match_try(&p->match, &p->interaction.request, p->interaction.id, NULL);

		if (m == MATCH_EXACT)
			break;
		if (m != MATCH_NONE && !any)
			interaction_copy(&first, &p->interaction);
		any |= m != MATCH_NONE;
	}
	if (r < 0)
		*place = cassette_place(p->cassette);
	if (r == 0 && any) {
		interaction_copy(&p->interaction, &first);
		r = 1;
	}
	interaction_release(&first);
	return r;
}

int play_find(struct play *p, const char *path, const struct outgoing *o, const struct match_rules *rules,
              const char **place, struct fault *f)
{
	struct interaction wanted;
	int r;

	*place = path;
	match_init(&p->match, rules, &o->redact);
	if (!is_there(path))
		return 0;
	if (in_open(&p->in, path, rules->max, f) < 0)
		return -1;
	p->open = true;
	interaction_init(&p->interaction);
	p->cassette = cassette_new(&p->in, rules->max, f);
	if (!p->cassette)
		return -1;
	interaction_init(&wanted);
	play_request(&wanted, o);
	match_want(&p->match, &wanted.request);
	r = search(p, place, f);
	interaction_release(&wanted);
	return r;
}

static void add_head(const struct response *p, struct client_reply *r)
{
	r->status = p->status;
	r->version = span_starts(p->proto, "HTTP/2") ? 20 : 11;
	buf_addf(&r->head, "HTTP/%s %d", r->version == 20 ? "2" : "1.1", p->status);
	buf_addf(&r->head, "%s%.*s\r\n", p->reason.n ? " " : "", (int)p->reason.n, p->reason.n ? p->reason.p : "");
	for (size_t i = 0; i < p->headers.n; i++) {
		const struct header *h = &p->headers.list[i];

		for (size_t k = 0; k < h->n; k++) {
			size_t start = r->head.len;

			buf_addspan(&r->head, h->name);
			buf_adds(&r->head, ": ");
			buf_addspan(&r->head, h->values[k]);
			fields_received(&r->headers, (struct span){ r->head.p + start, r->head.len - start });
			buf_adds(&r->head, "\r\n");
		}
	}
	buf_adds(&r->head, "\r\n");
}

int play_reply(struct play *p, size_t max, struct client_reply *r, struct span *body, struct fault *f)
{
	struct span coding = headers_get(&p->interaction.response.headers, "content-encoding");
	int bad = 0;

	*body = p->interaction.response.body;
	if (!coding.p || content_encoding_is_known(coding))
		bad = body_decode(&p->interaction, false, &p->decoded, max, body, f);
	*r = (struct client_reply){
		.dns = -1, .connected = -1, .tls = -1, .headed = -1, .first_byte = -1, .total = -1
	};
	add_head(&p->interaction.response, r);
	if (!body->p)
		*body = SPAN("");
	r->bytes = body->n;
	return bad;
}

void play_release(struct play *p)
{
	match_release(&p->match);
	if (!p->open)
		return;
	cassette_free(p->cassette);
	interaction_release(&p->interaction);
	buf_release(&p->decoded);
	in_close(&p->in);
}
