/* SPDX-License-Identifier: MIT */
/*
 * members: those of an object that has many, found by their keys without walking through all.
 *
 * Keys are in their escaped form and are told apart by what they stand for; of two that stand for the
 * same the first is found.
 */
#ifndef JSON_MEMBERS_H
#define JSON_MEMBERS_H

#include "base/span.h"

struct members *members_new(void);
void members_put(struct members *m, struct span key, void *member); /* key stays where it is */
void *members_get(struct members *m, struct span key);              /* NULL: none */
void members_free(struct members *m);                               /* NULL is fine */

#endif
