/* SPDX-License-Identifier: MIT */
/* What every cmocka test includes first: the headers that cmocka wants, and a few words. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/span.h"

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* A row that fails names itself: cmocka alone would give a line number that all rows share. */
#define EXPECT(row, condition)                                                                                 \
	do {                                                                                                   \
		if (!(condition))                                                                              \
			fail_msg("row '%s': %s", row, #condition);                                             \
	} while (0)

static inline void expect_bytes(const char *row, struct span got, struct span want)
{
	if (!span_same(got, want))
		fail_msg("row '%s': got '%.*s', not '%.*s'", row, (int)got.n, got.p, (int)want.n, want.p);
}

/* The exit status of what ends the process, stderr thrown away: call(argument) in a child. */
static inline int status_of(void (*call)(const char *), const char *argument)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(125);
		call(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Numbers that are the same in every run. */
static inline uint32_t test_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

#endif
