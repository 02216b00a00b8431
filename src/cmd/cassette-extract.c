/* SPDX-License-Identifier: MIT */
/* cassette-extract: cassettes in, interactions or bodies out. See cassette-extract(1). */
#include <string.h>

#include "base/in.h"
#include "base/opt.h"
#include "base/out.h"
#include "cassette/body.h"
#include "cassette/cassette.h"
#include "cassette/listing.h"
#include "cassette/pick.h"
#include "cassette/record.h"

enum { ENCODED = OPT_LONG };
enum { REQUEST, RESPONSE, NO_BODY };

static const struct opt options[] = {
	{ 'b', "body", "PART", "write the bytes of that body: request or response" },
	{ ENCODED, "encoded", NULL, "leave bodies compressed as they are stored" },
	{ 'i', "id", "ID,...", "only these interactions, counted from 0: 0,2-4" },
	{ 'l', "list", NULL, "a table for people" },
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
	struct pick pick;
	size_t max;
	struct out out;
	struct buf line;
	struct join join;
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
	join_body(&x->join, &x->out, h, bytes);
}

static void one(struct extract *x, struct cassette *c, const struct interaction *i, const char *file)
{
	if (!pick_wants(&x->pick, i->id))
		return;
	if (i->note)
		err_note(cassette_place(c), "%s", i->note);
	buf_reset(&x->line);
	if (x->part != NO_BODY) {
		body(x, c, i);
	} else if (x->list) {
		listing_add(&x->listing, i, x->several ? file : NULL);
	} else {
		record_put(&x->line, i, x->several ? file : NULL);
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

int main(int argc, char **argv)
{
	static const char *const parts[] = { "request", "response", NULL };
	struct extract x = { .part = NO_BODY, .max = 64 << 20 };
	struct opt_parser p;
	int c;

	opt_init(&p, &program, argc, argv);
	while ((c = opt_next(&p)) != -1)
		switch (c) {
		case 'b':
			x.part = opt_word("body", p.value, parts);
			break;
		case ENCODED:
			x.encoded = true;
			break;
		case 'i':
			if (!pick_parse(&x.pick, p.value))
				opt_wrong("ids '%s' are no list such as 0,2-4", p.value);
			break;
		case 'l':
			x.list = true;
			break;
		case 'M':
			x.max = opt_size("--max-size", p.value);
			break;
		}
	out_open(&x.out, 1, "standard output");
	x.several = p.noperands > 1;
	if (p.noperands == 0)
		extract(&x, "-");
	for (int i = 0; i < p.noperands; i++)
		extract(&x, p.operands[i]);
	listing_print(&x.listing, &x.out);
	return (int)out_close(&x.out);
}
