/* SPDX-License-Identifier: MIT */
/* pick: which interactions of a file are wanted. See pick.h. */
#include "cassette/pick.h"

#include <stdlib.h>

#include "base/mem.h"

static bool number(const char **text, uint64_t *n)
{
	const char *p = *text;

	for (*n = 0; *p >= '0' && *p <= '9'; p++) {
		if (*n > UINT32_MAX)
			return false;
		*n = *n * 10 + (uint64_t)(*p - '0');
	}
	if (p == *text)
		return false;
	*text = p;
	return true;
}

static bool range(const char **text, struct pick_range *r)
{
	*r = (struct pick_range){ 0 };
	if (!number(text, &r->least))
		return false;
	r->most = r->least;
	if (**text != '-')
		return true;
	++*text;
	if (**text == ',' || **text == '\0')
		r->most = UINT64_MAX;
	else if (!number(text, &r->most))
		return false;
	return r->most >= r->least;
}

bool pick_parse(struct pick *k, const char *text)
{
	for (;;) {
		k->list = mem_resize(k->list, (k->n + 1) * sizeof *k->list);
		if (!range(&text, &k->list[k->n]))
			return false;
		k->n++;
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

bool pick_wants(struct pick *k, uint64_t id)
{
	bool wanted = k->n == 0;

	for (size_t i = 0; i < k->n; i++)
		if (id >= k->list[i].least && id <= k->list[i].most)
			wanted = k->list[i].met = true;
	return wanted;
}

const struct pick_range *pick_missed(const struct pick *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (!k->list[i].met)
			return &k->list[i];
	return NULL;
}

void pick_release(struct pick *k)
{
	free(k->list);
	*k = (struct pick){ 0 };
}
