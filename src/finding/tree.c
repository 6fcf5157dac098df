/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The story of a process is that of its unit or session: of the first process of that which it comes from, and of
 * all that comes from the same. Where there is no unit, the container or the login session says what belongs together.
 */
#include <string.h>

#include "src/finding/internal.h"

#define DEPTH_MAX 64

static bool same_bytes(const struct hawk_bytes *a, const struct hawk_bytes *b)
{
	return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static bool belongs(const struct hawk_process *p, const struct hawk_process *parent)
{
	if (parent->task.pid <= 2 || parent->task.kthread)
		return false; /* init and the kernel are nobody's */
	if (!same_bytes(&p->container_id, &parent->container_id))
		return false;
	if (p->user_unit.len || parent->user_unit.len)
		return same_bytes(&p->user_unit, &parent->user_unit);
	if (p->unit.len || parent->unit.len)
		return same_bytes(&p->unit, &parent->unit);
	return p->task.sessionid == parent->task.sessionid;
}

static const struct hawk_process *parent_of(const struct hawk_model *model, const struct hawk_process *p)
{
	return model && model->env.parent ? model->env.parent(model->env.ctx, p) : NULL;
}

void hawk_story_tree(struct hawk_story_tree *t, const struct hawk_event *event, const struct hawk_model *model)
{
	const struct hawk_process *p = event->process;
	bool together = true;

	*t = (struct hawk_story_tree){ .pid = event->tgid, .start = event->start };
	for (; p && t->n < HAWK_FINDING_ANCESTORS; p = t->n == 1 && event->parent ? event->parent : parent_of(model, p)) {
		together = together && (t->n == 0 || belongs(t->chain[t->n - 1], p));
		if (together)
			t->root = t->n;
		t->chain[t->n++] = p;
	}
}

static bool is(const struct hawk_process *p, const struct hawk_process *q)
{
	return p->task.pid == q->task.pid && p->task.start == q->task.start;
}

bool hawk_story_has(const struct hawk_story_tree *t, const struct hawk_model *model, uint32_t pid, uint64_t start)
{
	const struct hawk_process *p;

	if (pid == t->pid && start == t->start)
		return true;
	if (!t->n || !model || !model->process)
		return false;
	p = model->process(model->ctx, pid, start);
	for (int depth = 0; p && depth < DEPTH_MAX; depth++, p = parent_of(model, p))
		if (is(p, t->chain[t->root]))
			return true;
	return false;
}
