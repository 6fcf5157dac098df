/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each event does to the process table. */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/enrich/container.h"
#include "src/enrich/entry.h"
#include "src/enrich/proctab.h"
#include "src/enrich/share.h"
#include "src/enrich/unit.h"

/* The value of a data field, or NULL when this event does not tell it. */
static const struct hawk_value *data(const struct hawk_event *event, int field)
{
	if (field < 0 || event->data[field].flags & HAWK_VAL_ABSENT)
		return NULL;
	return &event->data[field];
}

/* What the other view of the file system shows in the place of the value of a field; NULL: the same. */
static const struct hawk_value *other_data(const struct hawk_event *event, int field)
{
	return field >= 0 && event->others >> field & 1 ? &event->other[field] : NULL;
}

void hawk_proctab_set(struct hawk_proctab *t, struct hawk_bytes *b, const struct hawk_value *v)
{
	if (hawk_share_set(b, v, &t->bytes) < 0) {
		hawk_share_drop(b, &t->bytes);
		b->flags = HAWK_VAL_INCOMPLETE;
	}
}

void hawk_proctab_set_or_drop(struct hawk_proctab *t, struct hawk_bytes *b, const struct hawk_value *v)
{
	if (v)
		hawk_proctab_set(t, b, v);
	else
		hawk_share_drop(b, &t->bytes);
}

/* Not told is not changed. */
static void set_if_told(struct hawk_proctab *t, struct hawk_bytes *b, const struct hawk_value *v)
{
	if (v)
		hawk_proctab_set(t, b, v);
}

/* Sets a path, when it is told, and what the other view shows. */
static void set_path(struct hawk_proctab *t, struct hawk_bytes *path, struct hawk_bytes *other,
		     const struct hawk_event *event, int field)
{
	const struct hawk_value *v = data(event, field);

	if (!v)
		return;
	hawk_proctab_set(t, path, v);
	hawk_proctab_set_or_drop(t, other, other_data(event, field));
}

/* Sets the path and what follows from it; NULL: unknown. */
static void set_cgroup(struct hawk_proctab *t, struct hawk_entry *e, const struct hawk_value *v)
{
	const bool known = !hawk_bytes_blank(&e->p.cgroup);
	struct hawk_container c;
	struct hawk_unit u;

	hawk_proctab_set_or_drop(t, &e->p.cgroup, v);
	c = hawk_container_from_cgroup(e->p.cgroup.data, e->p.cgroup.len);
	if (e->p.container_id.len != c.id.len || (c.id.len && memcmp(e->p.container_id.data, c.id.name, c.id.len) != 0))
		e->p.came_in = known && c.id.len;
	hawk_proctab_set(t, &e->p.container_id, &HAWK_VALUE(c.id.name, c.id.len));
	u = hawk_unit_from_cgroup(e->p.cgroup.data, e->p.cgroup.len);
	hawk_proctab_set(t, &e->p.unit, &HAWK_VALUE(u.unit.name, u.unit.len));
	hawk_proctab_set(t, &e->p.user_unit, &HAWK_VALUE(u.user_unit.name, u.user_unit.len));
}

static struct hawk_value text_of(const struct hawk_buf *b, uint32_t flags)
{
	struct hawk_value v = HAWK_VALUE(b->data, b->len);

	v.flags = flags;
	return v;
}

/*
 * Takes new facts. The key stays, and so does the parent that was seen first:
 * when it exits the kernel gives the child to a reaper, which says nothing
 * about where the process came from.
 */
static void take_facts(struct hawk_entry *e, const struct hawk_abi_task *task)
{
	struct hawk_abi_task old = e->p.task;

	memcpy(&e->p.task, task, sizeof(e->p.task));
	e->p.task.pid = old.pid;
	e->p.task.start = old.start;
	if (e->facts && old.parent_start) {
		e->p.task.ppid = old.ppid;
		e->p.task.ns_ppid = old.ns_ppid;
		e->p.task.parent_start = old.parent_start;
	}
	e->facts = true;
}

/* /proc does not tell start times exactly: the parent's is taken from the table. */
static void take_proc_facts(struct hawk_proctab *t, struct hawk_entry *e)
{
	struct hawk_abi_task task = t->proc.task;
	const struct hawk_entry *parent = hawk_proctab_latest(t, (uint32_t)task.ppid);

	task.cgroup = e->p.task.cgroup;
	if (parent && !parent->p.exit_time) {
		task.parent_start = parent->p.task.start;
		task.ns_ppid = parent->p.task.ns_pid;
	}
	take_facts(e, &task);
	memcpy(e->p.comm, t->proc.comm, sizeof(e->p.comm));
}

/* Opens a living process of the table in /proc. Returns an fd or -errno. */
static int open_proc(const struct hawk_proctab *t, const struct hawk_entry *e)
{
	if (t->o.proc_fd < 0 || e->p.exit_time)
		return -ENOENT;
	return hawk_procfs_open(t->o.proc_fd, (uint32_t)e->p.task.pid);
}

/*
 * Sets a path out of /proc. That shows the view of the process alone: where the
 * other one is not the same it is not known, and marked as what it does not show.
 */
static void set_proc_path(struct hawk_proctab *t, struct hawk_bytes *path, struct hawk_bytes *other, struct hawk_value v,
			  bool elsewhere)
{
	hawk_proctab_set(t, path, &v);
	v.flags |= HAWK_VAL_UNREACHABLE;
	hawk_proctab_set_or_drop(t, other, elsewhere && v.len ? &v : NULL);
}

/* Fills a hole from /proc: facts when there are none, and the strings that are blank. */
static void fill_from_proc(struct hawk_proctab *t, struct hawk_entry *e)
{
	_cleanup_close_ int dir = open_proc(t, e);
	struct hawk_procfs *proc = &t->proc;
	struct hawk_value cgroup, tty;
	bool elsewhere;

	if (dir < 0 || hawk_procfs_read(dir, proc) < 0 ||
	    !hawk_procfs_same_start(e->p.task.start, proc->start_ticks))
		return;
	if (!e->facts)
		take_proc_facts(t, e);
	elsewhere = e->p.task.ns_mnt != hawk_host_ns()->mnt;
	cgroup = text_of(&proc->cgroup, 0);
	tty = HAWK_VALUE(proc->tty, strlen(proc->tty));
	if (hawk_bytes_blank(&e->p.exe))
		set_proc_path(t, &e->p.exe, &e->p.other_exe, text_of(&proc->exe, proc->exe_flags), elsewhere);
	if (hawk_bytes_blank(&e->p.cwd))
		set_proc_path(t, &e->p.cwd, &e->p.other_cwd, text_of(&proc->cwd, proc->cwd_flags), elsewhere);
	if (hawk_bytes_blank(&e->p.tty))
		hawk_proctab_set(t, &e->p.tty, &tty);
	if (hawk_bytes_blank(&e->p.cgroup))
		set_cgroup(t, e, &cgroup);
	if (hawk_bytes_blank(&e->p.argv) && !e->p.task.kthread)
		hawk_proctab_want_argv(t, e, true);
	e->p.source = HAWK_FROM_PROC;
	t->stats.from_proc++;
}

/* Sets the path of the cgroup in the facts: V when told, else what /proc says, else unknown. */
static void find_cgroup(struct hawk_proctab *t, struct hawk_entry *e, const struct hawk_value *v)
{
	_cleanup_close_ int dir = v ? -1 : open_proc(t, e);
	struct hawk_value path;

	if (dir >= 0 && hawk_procfs_read_cgroup(dir, &t->proc) == 0) {
		path = text_of(&t->proc.cgroup, 0);
		v = &path;
	}
	set_cgroup(t, e, v);
}

/* The process of an event that the table does not know. */
static struct hawk_entry *meet(struct hawk_proctab *t, const struct hawk_event *event)
{
	struct hawk_entry *e = hawk_proctab_insert(t, event->tgid, event->start);
	struct hawk_abi_task *k;

	if (!e)
		return NULL;
	k = &e->p.task;
	k->uid = k->euid = k->suid = k->fsuid = UINT32_MAX; /* unset: not known is not root */
	k->gid = k->egid = k->sgid = k->fsgid = UINT32_MAX;
	k->loginuid = k->sessionid = UINT32_MAX;
	k->cgroup = event->cgroup;
	memcpy(e->p.comm, event->comm, sizeof(e->p.comm));
	e->p.source = HAWK_FROM_HEADER;
	/* an exec tells everything itself */
	if (event->desc->id != HAWK_EV_SCHED_PROCESS_EXEC) {
		fill_from_proc(t, e);
		t->stats.from_header += e->p.source == HAWK_FROM_HEADER;
	}
	return e;
}

/* Which image of its parent it comes from: children are told apart by that when the parent executes another program. */
static void remember_parent(struct hawk_entry *e, const struct hawk_process *parent)
{
	if (!parent || (parent->source != HAWK_FROM_EVENT && parent->source != HAWK_FROM_SEED))
		return; /* the number of its image is not known */
	e->p.parent_exec_id = parent->task.exec_id;
	e->p.parent_known = true;
}

static void inherit(struct hawk_proctab *t, struct hawk_entry *child, const struct hawk_entry *parent)
{
	hawk_share_copy(&child->p.exe, &parent->p.exe, &t->bytes);
	hawk_share_copy(&child->p.argv, &parent->p.argv, &t->bytes);
	hawk_share_copy(&child->p.cwd, &parent->p.cwd, &t->bytes);
	hawk_share_copy(&child->p.other_exe, &parent->p.other_exe, &t->bytes);
	hawk_share_copy(&child->p.other_cwd, &parent->p.other_cwd, &t->bytes);
	hawk_share_copy(&child->p.tty, &parent->p.tty, &t->bytes);
	hawk_share_copy(&child->p.nodename, &parent->p.nodename, &t->bytes);
	remember_parent(child, &parent->p);
	child->p.exec_flags = parent->p.exec_flags;
	child->p.exec_mnt = parent->p.exec_mnt;
	if (child->p.task.cgroup != parent->p.task.cgroup)
		return;
	hawk_share_copy(&child->p.cgroup, &parent->p.cgroup, &t->bytes);
	hawk_share_copy(&child->p.unit, &parent->p.unit, &t->bytes);
	hawk_share_copy(&child->p.user_unit, &parent->p.user_unit, &t->bytes);
	hawk_share_copy(&child->p.container_id, &parent->p.container_id, &t->bytes);
}

/* The header is the parent's, the task the child's. */
static int apply_fork(struct hawk_proctab *t, const struct hawk_event *event, const struct hawk_entry *parent,
		      struct hawk_entry **ret_child)
{
	const struct hawk_abi_task *task = event->task;
	const struct hawk_value *path = data(event, t->field.fork_cgroup);
	struct hawk_entry *child = hawk_proctab_entry(t, (uint32_t)task->pid, task->start);

	if (!child)
		child = hawk_proctab_insert(t, (uint32_t)task->pid, task->start);
	if (!child)
		return -ENOMEM;
	*ret_child = child;
	for (size_t i = 0; parent && i < ARRAY_SIZE(child->p.followed); i++)
		child->p.followed[i] |= parent->p.followed[i];
	/* a seed or the child's own records came first and know better */
	if (child->facts)
		return 0;
	take_facts(child, task);
	child->updated = event->time;
	memcpy(child->p.comm, event->comm, sizeof(child->p.comm));
	child->p.source = HAWK_FROM_EVENT;
	if (parent)
		inherit(t, child, parent);
	if (path || hawk_bytes_blank(&child->p.cgroup))
		find_cgroup(t, child, path);
	/* born in a container it still runs what its parent does, as when it enters one later */
	if (parent)
		child->p.came_in = hawk_process_same_container(&child->p, &parent->p) ? parent->p.came_in :
										       child->p.container_id.len > 0;
	if (hawk_bytes_blank(&child->p.exe) && !task->kthread)
		fill_from_proc(t, child);
	else if (hawk_bytes_blank(&child->p.argv) && !task->kthread)
		hawk_proctab_want_argv(t, child, false); /* the parent's is on its way */
	hawk_proctab_changed(child);
	return 0;
}

/*
 * The kernel tells that privileges were gained, not how. Gained capabilities
 * without a set-ID program came from the file. When the image before is not
 * known, capabilities that are not ambient can have come from nowhere else.
 */
static uint32_t complete_flags(const struct hawk_abi_task *before, const struct hawk_abi_task *now,
			       uint32_t flags)
{
	uint64_t gained = now->cap_permitted & ~(before ? before->cap_permitted : now->cap_ambient);

	if ((flags & (HAWK_EXEC_SECURE | HAWK_EXEC_SETUID | HAWK_EXEC_SETGID)) == HAWK_EXEC_SECURE && gained)
		flags |= HAWK_EXEC_FILECAPS;
	return flags;
}

static void take_image(struct hawk_proctab *t, struct hawk_entry *e, const struct hawk_event *event,
		       uint32_t flags)
{
	hawk_share_drop(&e->p.exe, &t->bytes);
	hawk_share_drop(&e->p.other_exe, &t->bytes);
	set_path(t, &e->p.exe, &e->p.other_exe, event, t->field.exec_exe);
	hawk_proctab_set_argv(t, e, data(event, t->field.exec_argv));
	set_path(t, &e->p.cwd, &e->p.other_cwd, event, t->field.exec_cwd);
	set_if_told(t, &e->p.tty, data(event, t->field.exec_tty));
	e->p.exec_flags = flags;
	e->p.exec_time = event->time;
	e->p.exec_mnt = event->task->ns_mnt;
	e->p.source = HAWK_FROM_EVENT;
	memcpy(e->p.comm, event->comm, sizeof(e->p.comm));
}

/* The kernel has given the process its new name by now. */
static void tell_previous_comm(struct hawk_proctab *t, struct hawk_event *event, const struct hawk_entry *e)
{
	size_t len = strnlen((const char *)e->p.comm, sizeof(e->p.comm));

	if (t->field.exec_prev_comm < 0 || !len)
		return;
	memcpy(t->previous_comm, e->p.comm, sizeof(t->previous_comm));
	event->data[t->field.exec_prev_comm] = HAWK_VALUE(t->previous_comm, len);
}

static void apply_exec(struct hawk_proctab *t, struct hawk_event *event, struct hawk_entry *e)
{
	const struct hawk_value *path = data(event, t->field.exec_cgroup);
	/* a seed that was read after this exec shows the image after it */
	bool stale = event->time < e->updated;
	uint64_t cgroup = e->p.task.cgroup;
	uint32_t flags = 0, mnt = e->p.exec_mnt;

	if (e->facts && !stale) {
		t->previous = e->p.task;
		t->has_previous = true;
		tell_previous_comm(t, event, e);
	}
	if (data(event, t->field.exec_flags)) {
		struct hawk_value *v = &event->data[t->field.exec_flags];

		flags = complete_flags(hawk_proctab_previous(t), event->task, (uint32_t)v->u);
		v->u = flags;
	}
	if (stale && e->p.task.exec_id != event->task->exec_id)
		return;
	if (!stale) {
		take_facts(e, event->task);
		set_if_told(t, &e->p.nodename, data(event, t->field.exec_nodename));
		e->updated = event->time;
	}
	take_image(t, e, event, flags);
	if (path ? !stale : e->p.task.cgroup != cgroup || hawk_bytes_blank(&e->p.cgroup))
		find_cgroup(t, e, path);
	/* runtimes execute themselves in the cgroup of the container, too: before they see its files */
	e->p.came_in = e->p.came_in && e->p.exec_mnt == mnt;
	hawk_proctab_changed(e);
}

static void apply_context(struct hawk_proctab *t, const struct hawk_event *event, struct hawk_entry *e)
{
	const struct hawk_value *path = data(event, t->field.context_cgroup);
	uint64_t cgroup = e->p.task.cgroup;

	if (event->time < e->updated)
		return;
	take_facts(e, event->task);
	set_if_told(t, &e->p.nodename, data(event, t->field.context_nodename));
	e->updated = event->time;
	if (path || e->p.task.cgroup != cgroup)
		find_cgroup(t, e, path);
	hawk_proctab_changed(e);
}

static void apply_exit(struct hawk_proctab *t, const struct hawk_event *event, struct hawk_entry *e)
{
	const struct hawk_value *code = data(event, t->field.exit_code);
	const struct hawk_value *sig = data(event, t->field.exit_signal);

	e->p.exit_code = code ? (int32_t)code->s : 0;
	e->p.exit_signal = sig ? (int32_t)sig->s : 0;
	e->p.exit_missed = false;
	hawk_proctab_set_exited(t, e, event->time);
	hawk_proctab_changed(e);
}

static void seed_strings(struct hawk_proctab *t, const struct hawk_event *event, struct hawk_entry *e)
{
	const struct hawk_value *argv = data(event, t->field.seed_argv);
	const struct hawk_value *tty = data(event, t->field.seed_tty);
	const struct hawk_value *path = data(event, t->field.seed_cgroup);

	if (hawk_bytes_blank(&e->p.exe))
		set_path(t, &e->p.exe, &e->p.other_exe, event, t->field.seed_exe);
	if (argv && hawk_bytes_blank(&e->p.argv))
		hawk_proctab_set_argv(t, e, argv);
	if (hawk_bytes_blank(&e->p.cwd))
		set_path(t, &e->p.cwd, &e->p.other_cwd, event, t->field.seed_cwd);
	if (tty && hawk_bytes_blank(&e->p.tty))
		hawk_proctab_set(t, &e->p.tty, tty);
	if (path && hawk_bytes_blank(&e->p.cgroup))
		set_cgroup(t, e, path);
	/* seeds do not carry the command line */
	if (hawk_bytes_blank(&e->p.argv) && !event->task->kthread)
		hawk_proctab_want_argv(t, e, false);
}

/*
 * A seed fills in what live records have not told, whichever came first: facts
 * unless a later record gave them, strings unless they belong to another image.
 */
static void apply_seed(struct hawk_proctab *t, const struct hawk_event *event, struct hawk_entry *e)
{
	const struct hawk_abi_task *task = event->task;
	bool later = !e->facts || !e->updated || event->time >= e->updated;
	bool other_image = e->facts && e->updated && e->p.task.exec_id != task->exec_id;
	bool moved = e->p.task.cgroup != task->cgroup;

	e->seeded = event->time;
	if (!later && other_image)
		return;
	if (later) {
		bool guessed = !e->updated; /* from /proc or a header: the seed is better */

		if (other_image || guessed) {
			hawk_share_drop(&e->p.exe, &t->bytes);
			hawk_share_drop(&e->p.other_exe, &t->bytes);
			hawk_share_drop(&e->p.argv, &t->bytes);
		}
		if (moved)
			set_cgroup(t, e, NULL);
		take_facts(e, task);
		set_if_told(t, &e->p.nodename, data(event, t->field.seed_nodename));
		e->updated = event->time;
		if (event->tgid == (uint32_t)task->pid)
			memcpy(e->p.comm, event->comm, sizeof(e->p.comm));
		if (guessed || other_image)
			e->p.source = HAWK_FROM_SEED;
	}
	seed_strings(t, event, e);
	hawk_proctab_changed(e);
}

/* The entry that an event is about: for a seed the task, else the current task of the header. */
static int find_or_meet(struct hawk_proctab *t, const struct hawk_event *event, struct hawk_entry **ret)
{
	bool seed = event->desc->id == HAWK_EV_PROCESS_SEED;
	uint32_t pid = seed && event->task ? (uint32_t)event->task->pid : event->tgid;
	uint64_t start = seed && event->task ? event->task->start : event->start;
	struct hawk_entry *e = hawk_proctab_entry(t, pid, start);

	/* pid 0 is the idle task and made-up events: nothing to remember */
	if (!e && pid) {
		e = seed ? hawk_proctab_insert(t, pid, start) : meet(t, event);
		if (!e)
			return -ENOMEM;
	}
	*ret = e;
	return 0;
}

static int change(struct hawk_proctab *t, struct hawk_event *event, struct hawk_entry *e,
		  struct hawk_entry **ret_child)
{
	switch (event->desc->id) {
	case HAWK_EV_SCHED_PROCESS_FORK:
		return event->task && event->task->pid ? apply_fork(t, event, e, ret_child) : 0;
	case HAWK_EV_SCHED_PROCESS_EXEC:
		if (e && event->task)
			apply_exec(t, event, e);
		return 0;
	case HAWK_EV_PROCESS_CONTEXT:
		if (e && event->task)
			apply_context(t, event, e);
		return 0;
	case HAWK_EV_PROCESS_SEED:
		if (e && event->task)
			apply_seed(t, event, e);
		return 0;
	case HAWK_EV_SCHED_PROCESS_EXIT:
		if (e)
			apply_exit(t, event, e);
		return 0;
	}
	return 0;
}

/*
 * The main thread names the process, and can be renamed without a record; other threads do not name it, nor do
 * events that another process ran into (packets).
 */
static void follow_name(struct hawk_entry *e, const struct hawk_event *event)
{
	if (!event->comm[0] || event->tid != event->tgid || event->tgid != (uint32_t)e->p.task.pid ||
	    memcmp(e->p.comm, event->comm, sizeof(e->p.comm)) == 0)
		return;
	memcpy(e->p.comm, event->comm, sizeof(e->p.comm));
	hawk_proctab_changed(e);
}

static void find_ancestors(struct hawk_proctab *t, struct hawk_event *event)
{
	const struct hawk_process *p = event->parent;
	uint8_t n = 0;

	while (n < HAWK_ANCESTORS_MAX && p && (p = hawk_proctab_parent(t, p)))
		t->ancestors[n++] = p;
	event->ancestors = t->ancestors;
	event->n_ancestors = n;
}

int hawk_proctab_apply(struct hawk_proctab *t, struct hawk_event *event)
{
	bool life = event->desc->class == HAWK_CLASS_LIFE;
	struct hawk_entry *e = NULL, *child = NULL;
	int r;

	hawk_proctab_settle(t);
	t->has_previous = false;
	event->process = &t->unknown;
	event->parent = NULL;
	event->n_ancestors = 0;
	event->previous = NULL;
	r = find_or_meet(t, event, &e);
	if (r < 0)
		return r;
	if (life)
		r = change(t, event, e, &child);
	event->previous = hawk_proctab_previous(t);
	/* ageing needs no more than the pace of births and deaths */
	hawk_proctab_trim(t, !life ? 0 : t->o.clock ? hawk_clock_now(t->o.clock) : event->time, e, child);
	if (r < 0 || !e)
		return r;
	follow_name(e, event);
	if (!event->comm[0])
		memcpy(event->comm, e->p.comm, sizeof(event->comm));
	e->used = true;
	t->touched = e;
	event->process = &e->p;
	event->parent = hawk_proctab_parent(t, &e->p);
	if (!e->p.parent_known || event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC)
		remember_parent(e, event->parent);
	if (event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC || event->desc->id == HAWK_EV_SCHED_PROCESS_EXIT)
		find_ancestors(t, event);
	return 0;
}
