/* SPDX-License-Identifier: MIT */
/* like: json_check for texts that resemble each other. See like.h. */
#include "json/like.h"

#include "base/simd.h"

enum {
	LONGEST = 8192, /* of the texts worth a copy */
	PATIENCE = 16,	/* misses in a row, after which only */
	RETRY = 32,	/* every so many-th text is tried again */
};

/* The first token at or after k whose text reaches byte i: a string or number that differs there. */
static uint32_t token_at(const struct json *j, uint32_t k, size_t i)
{
	const struct json_node *t = j->tape;

	while (k + 1 < j->used && t[k + 1].start <= i)
		k++;
	return (t[k].kind == JSON_STRING || t[k].kind == JSON_NUMBER) && i <= t[k].start + t[k].length ? k : 0;
}

/* Length of the string or number at text, which may not be empty space. */
static bool token_length(enum json_kind kind, const char *text, size_t n, size_t *length)
{
	bool cut;

	if (kind == JSON_STRING)
		return json_string_at(text, n, length);
	return n && (*text == '-' || (*text >= '0' && *text <= '9')) && !json_check_prefix(text, n, length, &cut);
}

static bool is_like(const struct json_known *l, const char *text, size_t n)
{
	size_t i = 0, j = 0, length; /* in the known text, in the new one */
	uint32_t k = JSON_ROOT, filled = 0;

	if (l->json.used <= JSON_ROOT)
		return false;
	for (;;) {
		size_t left = l->text.len - i < n - j ? l->text.len - i : n - j;
		size_t same = simd_common(l->text.p + i, text + j, left);
		const struct json_node *t;

		i += same;
		j += same;
		if (i == l->text.len && j == n)
			return true;
		k = token_at(&l->json, k, i);
		if (!k || k == filled) /* what follows a token differs too */
			return false;
		filled = k;
		t = &l->json.tape[k];
		j -= i - t->start;
		if (!token_length((enum json_kind)t->kind, text + j, n - j, &length))
			return false;
		i = t->start + t->length;
		j += length;
	}
}

/* Streams go through the same few shapes again and again, most often in the same order. */
static bool has_model(struct json_like *l, const char *text, size_t n)
{
	struct json_known *latest = &l->known[l->latest];

	if (is_like(&l->known[latest->next], text, n)) {
		l->latest = latest->next;
		return true;
	}
	for (unsigned i = 0; i < JSON_LIKE_KNOWN; i++)
		if (i != latest->next && is_like(&l->known[i], text, n)) {
			latest->next = l->latest = i;
			return true;
		}
	return false;
}

static const char *learn(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut)
{
	struct json_known *k = &l->known[l->oldest];

	buf_reset(&k->text);
	buf_add(&k->text, text, n);
	json_parse(&k->json, k->text.p, n);
	*at = k->json.error_at;
	*cut = k->json.cut;
	l->known[l->latest].next = l->oldest;
	k->next = l->latest = l->oldest;
	l->oldest = (l->oldest + 1) % JSON_LIKE_KNOWN;
	return k->json.error;
}

const char *json_like(struct json_like *l, const char *text, size_t n, size_t *at, bool *cut)
{
	bool try = l->misses < PATIENCE || l->misses % RETRY == 0;

	if (n > LONGEST)
		return json_check(text, n, at, cut);
	if (try && has_model(l, text, n)) {
		l->misses = 0;
		*cut = false;
		return NULL;
	}
	l->misses++;
	return try ? learn(l, text, n, at, cut) : json_check(text, n, at, cut);
}

void json_like_release(struct json_like *l)
{
	for (unsigned i = 0; i < JSON_LIKE_KNOWN; i++) {
		buf_release(&l->known[i].text);
		json_release(&l->known[i].json);
	}
}
