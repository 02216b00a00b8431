/* SPDX-License-Identifier: MIT */
/* first: when the first event of a streamed body is whole. See first.h. */
#include "net/first.h"

void first_init(struct first *f)
{
	*f = (struct first){ .frame = { .max = FIRST_MAX }, .window = { .max = FIRST_MAX } };
}

static void give_up(struct first *f)
{
	f->over = true;
	buf_release(&f->window);
}

bool first_add(struct first *f, struct span piece)
{
	struct frame_event event;

	if (f->over)
		return false;
	buf_addspan(&f->window, piece);
	for (;;) {
		size_t used = 0;
		enum frame_result r = frame_next(&f->frame, f->window.p, f->window.len, false, &used, &event);
		bool data = r == FRAME_EVENT && event.data.p;

		buf_drop(&f->window, used);
		if (data || r == FRAME_BAD || r == FRAME_END || f->window.full) {
			give_up(f);
			return data;
		}
		if (r == FRAME_MORE)
			return false;
	}
}

void first_release(struct first *f)
{
	frame_release(&f->frame);
	buf_release(&f->window);
}
