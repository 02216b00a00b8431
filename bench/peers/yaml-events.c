/* SPDX-License-Identifier: MIT */
/* libyaml's own event loop over standard input, nothing done with the events. */
#include <stdio.h>
#include <yaml.h>

int main(void)
{
	yaml_parser_t parser;
	yaml_event_t event;
	unsigned long count = 0;
	int more = 1;

	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, stdin);
	while (more) {
		if (!yaml_parser_parse(&parser, &event))
			return 3;
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		count++;
	}
	yaml_parser_delete(&parser);
	printf("%lu\n", count);
	return 0;
}
