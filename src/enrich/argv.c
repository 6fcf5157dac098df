/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines in the process table: as events tell them, and as another thread reads them. */
#include <stdlib.h>
#include <string.h>

#include "src/enrich/entry.h"

/* Of argv, once half of the byte budget is used: hostile command lines must not drive out other processes. */
#define ARGV_WHEN_SCARCE 4096

/* How long an event waits for the command line of a process that nothing was known of. */
#define ARGV_WAIT_NS (2ULL * 1000 * 1000)

void hawk_proctab_set_argv(struct hawk_proctab *t, struct hawk_entry *e, const struct hawk_value *v)
{
	uint8_t head[ARGV_WHEN_SCARCE];
	struct hawk_value cut;

	if (!v || v->len <= sizeof(head) || t->bytes <= t->o.max_bytes / 2) {
		hawk_proctab_set_or_drop(t, &e->p.argv, v);
		return;
	}
	memcpy(head, v->bytes, sizeof(head));
	head[sizeof(head) - 1] = '\0';
	cut = (struct hawk_value){
		.bytes = head,
		.len = sizeof(head),
		.full = v->flags & HAWK_VAL_TRUNCATED ? v->full : v->len,
		.flags = v->flags | HAWK_VAL_TRUNCATED,
	};
	hawk_proctab_set(t, &e->p.argv, &cut);
}

static void take_answer(struct hawk_proctab *t, const struct hawk_cmdline_answer *a)
{
	struct hawk_entry *e = hawk_proctab_entry(t, a->of.pid, a->of.start);
	struct hawk_value v = HAWK_VALUE(a->bytes, a->len);

	/* an exec may have told, or ended the image that was asked about */
	if (!e || !a->len || !hawk_bytes_blank(&e->p.argv) || e->p.task.exec_id != a->of.exec_id)
		return;
	if (a->full > a->len) {
		v.full = a->full;
		v.flags = HAWK_VAL_TRUNCATED;
	}
	hawk_proctab_set_argv(t, e, &v);
	hawk_proctab_changed(e);
}

void hawk_proctab_take_argv(struct hawk_proctab *t)
{
	struct hawk_cmdline_answer a;
	bool any = false;

	if (!t->o.cmdline)
		return;
	hawk_proctab_settle(t);
	while (hawk_cmdline_take(t->o.cmdline, &a)) {
		take_answer(t, &a);
		free(a.bytes);
		any = true;
	}
	if (any)
		hawk_proctab_trim(t, 0, NULL, NULL);
}

void hawk_proctab_want_argv(struct hawk_proctab *t, const struct hawk_entry *e, bool wait)
{
	struct hawk_cmdline_question q = { (uint32_t)e->p.task.pid, e->p.task.start, e->p.task.exec_id };
	struct hawk_cmdline_answer a;

	if (!t->o.cmdline || t->o.proc_fd < 0 || e->p.exit_time)
		return;
	wait = wait && hawk_cmdline_idle(t->o.cmdline);
	if (!hawk_cmdline_ask(t->o.cmdline, &q) || !wait)
		return;
	hawk_cmdline_wait(t->o.cmdline, ARGV_WAIT_NS);
	if (!hawk_cmdline_take(t->o.cmdline, &a))
		return;
	take_answer(t, &a);
	free(a.bytes);
}
