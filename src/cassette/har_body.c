/* SPDX-License-Identifier: MIT */
/* har_body: bodies as HAR's content and postData keep them. See har_body.h. */
#include "cassette/har_body.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "cassette/multipart.h"
#include "cassette/url.h"
#include "json/json.h"

/* Appends what the text encodes; false: it is not in that encoding. */
typedef bool decoder(struct buf *b, const char *p, size_t n);

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool hex_decode(struct buf *b, const char *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		int high = digit(p[i]), low = digit(p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_addc(b, (char)(high << 4 | low));
	}
	return n % 2 == 0;
}

/* Polly's list: what its pieces hold, and how long they are, which is left in map. */
static bool decode_pieces(struct reading *r, struct node *map, struct span text, decoder *decode, struct buf *b)
{
	struct node *sizes = node_add(&r->doc->arena, NULL, "_pieces", DOC_LIST), *known = node_get(map, "_pieces");
	struct json j = JSON_INIT;
	bool good = json_parse(&j, text.p, text.n) == 0 && json_kind(&j, JSON_ROOT) == JSON_ARRAY;

	for (uint32_t c = json_first(&j, JSON_ROOT); good && c; c = json_next(&j, JSON_ROOT, c)) {
		struct span piece = json_string(&j, c); /* has no escapes, or is in neither encoding */
		size_t before = b->len;

		good = json_kind(&j, c) == JSON_STRING && decode(b, piece.p, piece.n);
		node_add_word(&r->doc->arena, sizes, NULL,
		              span_of(arena_printf(&r->doc->arena, "%zu", b->len - before)));
	}
	json_release(&j);
	if (good && known)
		node_remove(known);
	if (good)
		node_hang(map, sizes);
	return good;
}

static bool decode_text(struct reading *r, struct node *map, decoder *decode, struct span *body)
{
	struct buf b = BUF_INIT;
	bool good = span_starts(*body, "[") ? decode_pieces(r, map, *body, decode, &b) : decode(&b, body->p, body->n);

	if (good)
		*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	return good;
}

static void read_tree(struct reading *r, struct node *map, struct span *body)
{
	struct node *tree = node_get(map, "textJSON");
	struct buf b = BUF_INIT;

	if (!tree || body->p)
		return;
	node_json(&b, tree);
	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
	node_remove(tree);
}

/* A form's field; empty when it is not there. */
static struct span member(const struct node *param, const char *key)
{
	const struct node *n = node_get(param, key);

	return n && n->kind == DOC_SCALAR && !node_is_null(n) ? n->text : SPAN("");
}

static void put_quoted(struct buf *b, const char *name, struct span value)
{
	buf_addf(b, "; %s=\"", name);
	for (size_t i = 0; i < value.n; i++) { /* as browsers do, HTML 4.10.22.8 */
		if (value.p[i] == '"')
			buf_adds(b, "%22");
		else if (value.p[i] == '\r' || value.p[i] == '\n')
			buf_adds(b, value.p[i] == '\r' ? "%0D" : "%0A");
		else
			buf_addc(b, value.p[i]);
	}
	buf_addc(b, '"');
}

static void put_part(struct buf *b, struct span boundary, const struct node *param)
{
	struct span type = member(param, "contentType");

	buf_adds(b, "--");
	buf_addspan(b, boundary);
	buf_adds(b, "\r\nContent-Disposition: form-data");
	put_quoted(b, "name", member(param, "name"));
	if (node_get(param, "fileName"))
		put_quoted(b, "filename", member(param, "fileName"));
	buf_adds(b, "\r\n");
	if (type.n) {
		buf_adds(b, "Content-Type: ");
		buf_addspan(b, type);
		buf_adds(b, "\r\n");
	}
	buf_adds(b, "\r\n");
	buf_addspan(b, member(param, "value"));
	buf_adds(b, "\r\n");
}

static void put_multipart(struct reading *r, struct buf *b, struct span boundary, const struct node *params)
{
	for (const struct node *c = params->first; c; c = c->next) {
		put_part(b, boundary, c);
		if (node_get(c, "fileName") && !node_get(c, "value"))
			r->i->note = "file of a form was not recorded: its part is empty";
	}
	buf_adds(b, "--");
	buf_addspan(b, boundary);
	buf_adds(b, "--\r\n");
}

/* A form that browsers took apart, made again. Its fields stay on the tree. */
static void read_form(struct reading *r, const struct node *map, struct span *body)
{
	const struct node *params = node_get(map, "params");
	struct span type = member(map, "mimeType"), boundary = multipart_boundary(type);
	struct buf b = BUF_INIT;

	if (body->n || !params || params->kind != DOC_LIST || !params->first)
		return;
	if (!boundary.n)
		boundary = multipart_boundary(headers_get(&r->i->request.headers, "content-type"));
	if (boundary.n) {
		put_multipart(r, &b, boundary, params);
	} else if (type.n >= 10 && !strncasecmp(type.p, "multipart/", 10)) {
		r->i->note = "form cannot be made again: its type names no boundary";
		return;
	} else {
		for (const struct node *c = params->first; c; c = c->next)
			url_put_pair(&b, member(c, "name"), member(c, "value"));
	}
	*body = arena_copy(&r->i->arena, buf_span(&b));
	buf_release(&b);
}

/* Polly.js before 6 marks hexadecimal text, save that of a compressed body in pieces. The mark of a body that is
 * text after all goes: with it the text would be taken for digits when it comes back. */
static void decode_hex(struct reading *r, const struct node *entry, const struct headers *h, struct node *map,
                       struct span *body)
{
	struct node *mark = node_get(map, "_isBinary");
	bool marked = mark && mark->kind == DOC_SCALAR && span_is(mark->text, "true");
	bool pieces = span_starts(*body, "[\"") && node_get(entry, "_order") && headers_get(h, "content-encoding").n;
	struct span text = *body;

	if (!(marked || pieces) || !decode_text(r, map, hex_decode, body))
		return;
	if (!utf8_valid(body->p, body->n))
		return;
	if (marked) {
		node_remove(mark);
	} else {
		*body = text;
		node_remove(node_get(map, "_pieces"));
	}
}

static int decode_body(struct reading *r, const struct node *entry, const struct headers *h, struct node *map,
                       struct span *body)
{
	struct node *encoding = node_get(map, "encoding");

	if (!encoding)
		encoding = node_get(map, "_encoding");
	if (encoding && encoding->kind == DOC_SCALAR && span_is(encoding->text, "base64")) {
		node_remove(encoding);
		if (body->p && !decode_text(r, map, base64_decode, body))
			return node_fault(r->doc, map, r->f, "text that is no base64");
	} else if (!encoding && body->n) {
		decode_hex(r, entry, h, map, body);
	}
	return 0;
}

int har_read_body(struct reading *r, const struct node *entry, const struct headers *h, struct node *side,
                  const char *key, struct span *body)
{
	struct node *map = node_get(side, key);

	if (node_get(map, "_file") && !node_get(map, "text"))
		r->i->note = "body is in a file of its own, which is not read";
	if (!map || map->kind != DOC_MAP)
		return 0;
	map->taken = true;
	if (read_text_if(r, map, "text", body) < 0)
		return -1;
	read_tree(r, map, body);
	read_form(r, map, body);
	return decode_body(r, entry, h, map, body);
}
