/* SPDX-License-Identifier: MIT */
/* cassette-extract: cassettes in, interactions or bodies out. See cassette-extract(1). */
#include <string.h>

#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "cassette/body.h"
#include "cassette/cassette.h"
#include "cassette/join.h"
#include "cassette/listing.h"
#include "cassette/pick.h"
#include "cassette/record.h"
#include "json/filter.h"

enum { ENCODED = OPT_LONG };
enum { REQUEST, RESPONSE, NO_BODY };

static const struct opt options[] = {
	{ 'b', "body", "PART", "write the bytes of that body: request or response" },
	{ ENCODED, "encoded", NULL, "leave bodies compressed as they are stored" },
	{ 'i', "id", "ID,...", "only these interactions, counted from 0: 0,2-4" },
	{ 'l', "list", NULL, "a table for people" },
	{ 'S', "select", "FILTER",
	  "only those for which this jq program gives a value\nthat is neither null nor false" },
	{ 'M', "max-size", "SIZE", "ceiling for one interaction (64M; 0 is none)" },
	{ 0, NULL, NULL, NULL },
};

static const struct opt_program program = {
	.name = "cassette-extract",
	.operands = "[FILE...]",
	.about = "Write the interactions of cassettes, one per line, or their bodies.",
	.options = options,
};

struct extract {
	int part;
	bool encoded, list, several;
	const char *file; /* the operand; NULL for standard input */
	struct pick pick;
	struct filter *filter;
	bool halted;   /* the filter said so: nothing more is selected */
	bool selected; /* the one at hand */
	bool any;      /* at all */
	size_t max;
	struct out out;
	struct buf line;
	struct join join;
	struct buf binary; /* the place of the first binary body */
	struct listing listing;
};

static void body(struct extract *x, struct cassette *c, const struct interaction *i)
{
	bool request = x->part == REQUEST;
	const struct headers *h = request ? &i->request.headers : &i->response.headers;
	struct fault f = { 0 };
	struct span bytes = request ? i->request.body : i->response.body;

	if (!x->encoded && body_decode(i, request, &x->line, x->max, &bytes, &f) < 0)
		err_fault(cassette_place(c), &f);
	if (!join_body(&x->join, &x->out, h, bytes) && x->binary.len == 0)
		buf_adds(&x->binary, cassette_place(c));
}

static void select_it(void *selected, struct span result)
{
	*(bool *)selected |= !span_is(result, "null") && !span_is(result, "false");
}

/* Leaves the record in x->line. */
static bool is_selected(struct extract *x, struct cassette *c, const struct interaction *i)
{
	struct fault f = { 0 };

	if (x->halted || !pick_wants(&x->pick, i->id))
		return false;
	buf_reset(&x->line);
	if (x->filter || (x->part == NO_BODY && !x->list))
		record_put(&x->line, i, x->file);
	if (x->filter) {
		x->selected = false;
		x->halted |=
			filter_run(x->filter, buf_span(&x->line), false, select_it, &x->selected, &f) == FILTER_HALTED;
		err_fault(cassette_place(c), &f);
		if (!x->selected)
			return false;
	}
	return x->any = true;
}

static void one(struct extract *x, struct cassette *c, const struct interaction *i, const char *name)
{
	if (!is_selected(x, c, i))
		return;
	if (i->note)
		err_note(cassette_place(c), "%s", i->note);
	if (x->part != NO_BODY) {
		body(x, c, i);
	} else if (x->list) {
		listing_add(&x->listing, i, x->several ? name : NULL);
	} else {
		buf_addc(&x->line, '\n');
		out_addspan(&x->out, buf_span(&x->line));
	}
}

static void extract(struct extract *x, const char *path)
{
	struct fault f = { 0 };
	struct interaction i;
	struct cassette *c;
	struct in in;
	int r;

	if (in_open(&in, path, 0, &f) < 0) {
		err_fault(path, &f);
		return;
	}
	x->file = in.fd == 0 ? NULL : path;
	interaction_init(&i);
	c = cassette_new(&in, x->max, &f);
	while (c && (r = cassette_next(c, &i, &f)) > 0)
		one(x, c, &i, in.name);
	if (f.status != ST_OK)
		err_fault(c ? cassette_place(c) : in.name, &f);
	cassette_free(c);
	interaction_release(&i);
	in_close(&in);
}

/* What comes after the last interaction, and what was asked for and is not there. */
static void finish(struct extract *x)
{
	const struct pick_range *r = pick_missed(&x->pick);

	join_end(&x->join, &x->out);
	listing_print(&x->listing, &x->out);
	if (x->join.left_out)
		err_say(x->join.written ? ST_OK : ST_INPUT, buf_str(&x->binary),
		        "binary body left out (%zu in all); select one interaction to write it", x->join.left_out);
	if (err_status() != ST_OK)
		return;
	if (r)
		err_say(ST_NO, NULL, "no interaction %llu", (unsigned long long)r->least);
	else if (x->filter && !x->any)
		err_say(ST_NO, NULL, "no interaction was selected");
}

static void set(struct extract *x, int option, const char *value)
{
	static const char *const parts[] = { "request", "response", NULL };
	struct fault f = { 0 };

	switch (option) {
	case 'b':
		x->part = opt_word("--body", value, parts);
		break;
	case ENCODED:
		x->encoded = true;
		break;
	case 'i':
		if (!pick_parse(&x->pick, value))
			opt_wrong("--id '%s' is no list such as 0,2-4", value);
		break;
	case 'l':
		x->list = true;
		break;
	case 'S':
		filter_free(x->filter);
		x->filter = filter_new(value, err_line, &f);
		if (!x->filter)
			err_die(ST_USAGE, NULL, "--select: %s", f.text);
		break;
	case 'M':
		x->max = opt_size("--max-size", value);
		break;
	}
}

int main(int argc, char **argv)
{
	struct extract x = { .part = NO_BODY, .max = 64 << 20 };
	struct opt_parser p;
	int c;

	opt_init(&p, &program, argc, argv);
	while ((c = opt_next(&p)) != -1)
		set(&x, c, p.value);
	if (x.list && x.part != NO_BODY)
		opt_wrong("--list and --body exclude each other");
	out_open(&x.out, 1, "standard output");
	x.several = p.noperands > 1;
	for (int i = 0; i == 0 || i < p.noperands; i++)
		extract(&x, p.noperands ? p.operands[i] : "-");
	finish(&x);
	return (int)out_close(&x.out);
}
