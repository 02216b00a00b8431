/* SPDX-License-Identifier: MIT */
/* This project's scanner over JSON lines, empty ones left out: `json tape` parses, `json check` only judges. */
#include <stdio.h>
#include <string.h>

#include "base/in.h"
#include "json/json.h"

int main(int argc, char **argv)
{
	bool tape = argc > 1 && !strcmp(argv[1], "tape"), cut;
	struct json j = JSON_INIT;
	struct fault f = { 0 };
	struct span line;
	struct in in;
	unsigned long count = 0;
	size_t at;

	if (in_open(&in, NULL, 0, &f) < 0)
		return 4;
	while (in_line(&in, &line, &cut, &f) == IN_MORE) {
		if (!line.n)
			continue;
		if (tape ? json_parse(&j, line.p, line.n) < 0 : json_check(line.p, line.n, &at, &cut) != NULL)
			return 3;
		count++;
	}
	json_release(&j);
	in_close(&in);
	printf("%lu\n", count);
	return 0;
}
