/* SPDX-License-Identifier: MIT */
/* libjq's parser over JSON lines, empty ones left out, nothing done with the values. */
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	unsigned long count = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		jv v;

		if (*line == '\n')
			continue;
		v = jv_parse_sized(line, (int)n);
		if (!jv_is_valid(v))
			return 3;
		jv_free(v);
		count++;
	}
	free(line);
	printf("%lu\n", count);
	return 0;
}
