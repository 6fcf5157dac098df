/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An event as the other view of the file system shows its paths. */
#include "src/event/process.h"

static bool is_told(const struct hawk_bytes *b)
{
	return b->len || b->flags;
}

static bool process_differs(const struct hawk_process *p)
{
	return p && (is_told(&p->other_exe) || is_told(&p->other_cwd));
}

static bool differs(const struct hawk_event *event)
{
	bool any = event->others || process_differs(event->process) || process_differs(event->parent);

	for (size_t i = 0; i < event->n_ancestors; i++)
		any |= process_differs(event->ancestors[i]);
	return any;
}

/* P in the other view: P itself when it is the same there. */
static const struct hawk_process *other_process(const struct hawk_process *p, struct hawk_process *space)
{
	if (!process_differs(p))
		return p;
	*space = *p;
	if (is_told(&p->other_exe))
		space->exe = p->other_exe;
	if (is_told(&p->other_cwd))
		space->cwd = p->other_cwd;
	space->json = (struct hawk_bytes){ .len = 0 };
	space->json_valid = false;
	space->borrowed = true;
	return space;
}

static void put_data(const struct hawk_event *event, struct hawk_event *space)
{
	*space = *event;
	for (size_t i = 0; i < event->desc->n_fields; i++)
		if (event->others >> i & 1)
			space->data[i] = event->other[i];
	space->others = 0;
}

const struct hawk_event *hawk_event_other(const struct hawk_event *event, struct hawk_other_view *space)
{
	if (!differs(event) && !(event->trigger && event->trigger->others))
		return event;
	put_data(event, &space->event);
	space->event.process = other_process(event->process, &space->process);
	space->event.parent = other_process(event->parent, &space->parent);
	for (size_t i = 0; i < event->n_ancestors; i++)
		space->ancestors[i] = other_process(event->ancestors[i], &space->ancestor[i]);
	space->event.ancestors = space->ancestors;
	if (event->trigger) {
		put_data(event->trigger, &space->trigger);
		space->event.trigger = &space->trigger;
	}
	return &space->event;
}
