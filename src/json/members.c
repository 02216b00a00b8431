/* SPDX-License-Identifier: MIT */
/* members: those of an object that has many. See members.h. */
#include "json/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/dict.h"
#include "base/mem.h"
#include "json/write.h"

struct members {
	struct dict by_name;
	struct buf name;    /* what the key that is asked for stands for */
	struct arena names; /* of those that have escapes */
};

struct members *members_new(void)
{
	return mem_zero(sizeof(struct members));
}

/* What the key stands for: itself, or m->name. */
static struct span name_of(struct members *m, struct span key)
{
	if (!key.n || !memchr(key.p, '\\', key.n))
		return key;
	buf_reset(&m->name);
	json_unescape(&m->name, key);
	return buf_span(&m->name);
}

void members_put(struct members *m, struct span key, void *member)
{
	struct span name = name_of(m, key);

	if (dict_get(&m->by_name, 0, name))
		return;
	dict_put(&m->by_name, 0, name.p == key.p ? name : arena_copy(&m->names, name), member);
}

void *members_get(struct members *m, struct span key)
{
	return dict_get(&m->by_name, 0, name_of(m, key));
}

void members_free(struct members *m)
{
	if (!m)
		return;
	dict_release(&m->by_name);
	buf_release(&m->name);
	arena_release(&m->names);
	free(m);
}
