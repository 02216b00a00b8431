/* SPDX-License-Identifier: MIT */
/*
 * mode: what a program that has a cassette and a network does with them.
 *
 *	auto     what matches is replayed; else the network answers, and that is recorded
 *	replay   never the network
 *	record   always the network; what it answers is recorded, and what matched before gives way
 */
#ifndef NET_MODE_H
#define NET_MODE_H

#include <stddef.h>

enum mode { MODE_AUTO, MODE_REPLAY, MODE_RECORD };

/* Their words, NULL-terminated. */
static const char *const mode_words[] = { "auto", "replay", "record", NULL };

#endif
