/* SPDX-License-Identifier: MIT */
/* filter: a jq program, compiled once (libjq). See filter.h. */
#include "json/filter.h"

#include <limits.h>
#include <jq.h>
#include <jv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct filter {
	jq_state *jq;
	struct buf said; /* by the compiler */
	filter_put *debug;
};

static void no_memory(void *unused)
{
	(void)unused;
	err_nomem();
}

/* "jq: 1 compile error", after the errors themselves, adds nothing to them. */
static bool is_count(struct span s)
{
	return s.n > 4 && span_starts(s, "jq: ") && s.p[4] >= '0' && s.p[4] <= '9';
}

static void compiler_said(void *context, jv message)
{
	struct filter *q = context;
	jv text = jq_format_error(message);
	struct span s = { jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)) };

	while (s.n && strchr(" \n", s.p[s.n - 1]))
		s.n--;
	if (!is_count(s)) {
		if (q->said.len)
			buf_adds(&q->said, "; ");
		buf_addspan(&q->said, s);
	}
	jv_free(text);
}

/* Warnings have no place to speak: stdout is data, and stderr has its own form. */
static void keep_quiet(void *unused, jv message)
{
	(void)unused;
	jv_free(message);
}

static void give(jv value, bool raw, filter_put *put, void *context)
{
	jv text = raw && jv_get_kind(value) == JV_KIND_STRING ? value : jv_dump_string(value, 0);

	put(context, (struct span){ jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)) });
	jv_free(text);
}

static void debugged(void *context, jv value)
{
	struct filter *q = context;

	if (q->debug)
		give(JV_ARRAY(jv_string("DEBUG:"), value), false, q->debug, NULL);
	else
		jv_free(value);
}

struct filter *filter_new(const char *program, filter_put *debug, struct fault *f)
{
	struct filter *q = mem_zero(sizeof *q);

	q->debug = debug;
	jv_nomem_handler(no_memory, NULL);
	q->jq = jq_init();
	if (!q->jq)
		err_nomem();
	jq_set_nomem_handler(q->jq, no_memory, NULL);
	jq_set_error_cb(q->jq, compiler_said, q);
	jq_set_input_cb(q->jq, NULL, NULL); /* jq_init leaves both as malloc gave them */
	jq_set_debug_cb(q->jq, debugged, q);
	/* libjq stops the process at an import when nobody told it where to look. */
	jq_set_attr(q->jq, jv_string("JQ_LIBRARY_PATH"), jv_array_append(jv_array(), jv_string("~/.jq")));
	if (!jq_compile(q->jq, program)) {
		fault_set(f, ST_USAGE, "%s", buf_str(&q->said));
		filter_free(q);
		return NULL;
	}
	jq_set_error_cb(q->jq, keep_quiet, NULL);
	return q;
}

void filter_free(struct filter *q)
{
	if (!q)
		return;
	jq_teardown(&q->jq);
	buf_release(&q->said);
	free(q);
}

/* Sets the fault from what jq raised, which may be any value; consumes it. */
static void failed(struct fault *f, jv message)
{
	bool is_string = jv_get_kind(message) == JV_KIND_STRING;
	jv text = is_string ? message : jv_dump_string(message, 0);

	fault_set(f, ST_INPUT, "jq: %s%s", is_string ? "" : "(not a string): ", jv_string_value(text));
	jv_free(text);
}

static enum filter_result halted(jq_state *jq, struct fault *f)
{
	jv code = jq_get_exit_code(jq), message = jq_get_error_message(jq);

	if (jv_is_valid(message))
		failed(f, jv_copy(message));
	jv_free(message);
	jv_free(code);
	return FILTER_HALTED;
}

/* Not jv_parse_sized: its message quotes the whole text. */
static jv parse(struct span text)
{
	struct jv_parser *p = jv_parser_new(0);
	jv value;

	jv_parser_set_buf(p, text.p, (int)text.n, 0);
	value = jv_parser_next(p);
	jv_parser_free(p);
	return value;
}

enum filter_result filter_run(struct filter *q, struct span text, bool raw, filter_put *put, void *context,
                              struct fault *f)
{
	jv value;

	if (text.n > INT_MAX) { /* libjq counts in int */
		fault_set(f, ST_INPUT, "jq: text of 2 GiB or more");
		return FILTER_FAILED;
	}
	value = parse(text);
	if (jv_is_valid(value)) {
		jq_start(q->jq, value, 0);
		while (jv_is_valid(value = jq_next(q->jq)))
			give(value, raw, put, context);
	}
	if (jq_halted(q->jq)) {
		jv_free(value);
		return halted(q->jq, f);
	}
	if (jv_invalid_has_msg(jv_copy(value))) {
		failed(f, jv_invalid_get_msg(value));
		return FILTER_FAILED;
	}
	jv_free(value);
	return FILTER_DONE;
}
