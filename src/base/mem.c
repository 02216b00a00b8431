/* SPDX-License-Identifier: MIT */
/* mem: memory, or the end. See mem.h. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

void *mem_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		err_nomem();
	return p;
}

void *mem_zero(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		err_nomem();
	return p;
}

void *mem_resize(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (!p)
		err_nomem();
	return p;
}

char *mem_dup(const char *s, size_t n)
{
	char *p = mem_alloc(n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

size_t mem_grow(size_t have, size_t want)
{
	size_t n = have ? have : 64;

	while (n < want) {
		if (n > (size_t)-1 / 2)
			err_nomem();
		n *= 2;
	}
	return n;
}
