/* SPDX-License-Identifier: MIT */
/*
 * foreign: files of other tools. See foreign.h.
 *
 * Many keep {"request":{…},"response":{…}} as vcrpy and go-vcr do, with the status as a number:
 *
 *	{"version":"1.0","interactions":[{"request":{"uri":…},"response":{"status":200,"body_type":"json","body_json":{…}}}]}
 *	[{"request":{"method":"post","url":…,"request_body":""},"response":{"type":"ok","status_code":200,"body":…}}]
 */
#include "cassette/foreign.h"

#include <string.h>

const char *foreign_key(struct span key, bool *recorded)
{
	static const struct {
		const char *key, *what;
		bool recorded;
	} keys[] = {
		{ "fixtures", "llmock fixtures", false },
		{ "mappings", "WireMock stubs", false },
		{ "data", "a Hoverfly simulation", false },
		{ "when", "rules of httpmock", false },
		{ "Entries", "entries of Azure's test proxy or Google's httpreplay", true },
		{ "Tracks", "tracks of govcr", true },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_is(key, keys[i].key)) {
			*recorded = keys[i].recorded;
			return keys[i].what;
		}
	return NULL;
}

const char *foreign_parts(const struct node *parts)
{
	if (node_get(parts, "request") || node_get(parts, "response"))
		return "one exchange, as WireMock keeps its stubs";
	return node_get(parts, "responses") ? "responses without their requests, as Python's responses keeps them"
	                                    : "requests without their responses";
}

/* clang-format off */
/* Paths that are there, one that is a number, one that is not there. */
static const struct shape {
	const char *what;
	const char *has[2], *number, *lacks;
	const char *list; /* root.key */
} shapes[] = {
	{ "a WebSocket cassette of pydantic-ai", { "kind" }, NULL, "request", "interactions" },
	{ "a gRPC cassette of pydantic-ai", { "request_sample" }, NULL, NULL, "interactions" },
	{ "a gRPC cassette of pydantic-ai", { "request_stream" }, NULL, NULL, "interactions" },
	{ "a gRPC cassette of pydantic-ai", { "collections_method" }, NULL, NULL, "interactions" },
	{ "a cassette of ReqCassette", { "request.uri", "response.body_type" }, "response.status", NULL, "interactions" },
	{ "a cassette of cassetter", { "request.uri", "response.body.type" }, "response.status", NULL, "interactions" },
	{ "a tape of OkReplay", { "request.uri", "recorded" }, "response.status", NULL, "interactions" },
	{ "a cassette of DVR", { "request.url", "recorded_at" }, "response.status", "response.code", "interactions" },
	{ "a recording of opencode", { "request.url" }, "response.status", "response.code", "interactions" },
	{ "a replay of Google's genai SDK", { "request.url", "response.body_segments" }, NULL, NULL, "interactions" },
	{ "records of nock", { "scope", "path" }, NULL, NULL, "" },
	{ "a cassette of ExVCR", { "request.url", "response.type" }, NULL, NULL, "" },
	{ "a cassette of PHP-VCR", { "request.url", "response.status" }, NULL, NULL, "" },
};

/* clang-format on */

static struct node *at(struct node *first, const char *path)
{
	struct node *parent;

	return node_find(first, path, &parent, NULL);
}

static bool is_number(const struct node *n)
{
	if (!n || n->kind != DOC_SCALAR || n->text.n == 0)
		return false;
	for (size_t i = 0; i < n->text.n; i++)
		if (!strchr("0123456789", n->text.p[i]))
			return false;
	return true;
}

static bool fits(const struct shape *s, struct node *first)
{
	for (size_t i = 0; i < 2 && s->has[i]; i++)
		if (!at(first, s->has[i]))
			return false;
	return (!s->number || is_number(at(first, s->number))) && (!s->lacks || !at(first, s->lacks));
}

const char *foreign_interaction(const struct root *root, struct node *first)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (!strcmp(shapes[i].list, root->key) && fits(&shapes[i], first))
			return shapes[i].what;
	return NULL;
}
