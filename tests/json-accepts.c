/* SPDX-License-Identifier: MIT */
/* json-accepts FILE...: prints `yes FILE` or `no FILE`, for `make check-corpus`. */
#include <stdio.h>
#include <stdlib.h>

#include "base/in.h"
#include "json/json.h"

static bool accepts(const char *path)
{
	struct json j = JSON_INIT;
	struct fault f = { 0 };
	struct span all;
	struct in in;
	bool good;

	if (in_open(&in, path, 0, &f) < 0 || in_all(&in, &all, &f) != IN_END) {
		fprintf(stderr, "%s: %s\n", path, f.text);
		exit(4);
	}
	good = json_parse(&j, all.p, all.n) == 0;
	json_release(&j);
	in_close(&in);
	return good;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("%s %s\n", accepts(argv[i]) ? "yes" : "no", argv[i]);
	return 0;
}
