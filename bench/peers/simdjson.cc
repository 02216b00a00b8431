// SPDX-License-Identifier: MIT
// simdjson's DOM over JSON lines: parse_many, one thread, nothing done with what was parsed.
#include <cstdio>
#include <simdjson.h>

int main(int argc, char **argv)
{
	simdjson::dom::parser parser;
	simdjson::dom::document_stream documents;
	simdjson::padded_string text = simdjson::padded_string::load(argc > 1 ? argv[1] : "/dev/stdin");
	size_t count = 0;

	if (parser.parse_many(text, 1 << 20).get(documents))
		return 3;
	for (auto document : documents) {
		if (document.error())
			return 3;
		count++;
	}
	std::printf("%zu\n", count);
	return 0;
}
