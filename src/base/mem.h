/* SPDX-License-Identifier: MIT */
/*
 * mem: memory, or the end.
 *
 * A filter that runs out of memory has nothing better to do than to say so, so none of these
 * returns NULL: exhaustion ends the program with a message and status 4 (TROUBLE). Ceilings on
 * what input may fill are the business of buf.h.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);                       /* uninitialised */
void *mem_zero(size_t n);                        /* all bits zero */
void *mem_resize(void *p, size_t n);             /* like realloc(3) */
char *mem_dup(const char *s, size_t n);          /* a copy of n bytes, NUL-terminated */
size_t mem_grow(size_t have, size_t want);       /* the next capacity: at least want, doubling */

#endif
