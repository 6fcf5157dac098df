/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/enrich/proctab.h"
#include "tests/unit/enrich/fake_proc.h"
#include "tests/unit/enrich/make_event.h"
#include "tests/unit/enrich/table.h"

static void life(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p, *child;
	const struct hawk_value *before;
	struct made m;

	make_exec(&m, 10, 100, 110, "/bin/sh");
	p = apply(t, &m);
	assert_null(m.event.parent);
	assert_null(hawk_proctab_previous(t));
	IS(p->exe, "/bin/sh");
	is_bytes(&p->argv, "ls\0-l", 6);
	IS(p->unit, "demo.service");
	assert_int_equal(p->source, HAWK_FROM_EVENT);
	assert_int_equal(p->exec_time, 110);

	assert_true(m.event.data[hawk_event_field(m.event.desc, "prev_comm")].flags & HAWK_VAL_ABSENT);

	make_fork(&m, 10, 100, 11, 120);
	memcpy(m.event.comm, "sh", 3);
	p = apply(t, &m);
	assert_int_equal(p->task.pid, 10); /* the one who did it */
	child = hawk_proctab_find(t, 11, 120);
	assert_non_null(child);
	assert_ptr_equal(child->exe.data, p->exe.data);
	IS(child->unit, "demo.service");
	assert_int_equal(child->exec_time, 0);
	assert_ptr_equal(hawk_proctab_parent(t, child), p);

	make_exec(&m, 11, 120, 130, "/bin/ls");
	m.task.ppid = 10;
	m.task.parent_start = 100;
	memcpy(m.event.comm, "ls", 3);
	p = apply(t, &m);
	IS(p->exe, "/bin/ls");
	assert_string_equal((char *)p->comm, "ls");
	before = &m.event.data[hawk_event_field(m.event.desc, "prev_comm")];
	assert_int_equal(before->flags, 0);
	assert_int_equal(before->len, 2);
	assert_memory_equal(before->bytes, "sh", 2);
	assert_int_equal(m.event.parent->task.pid, 10);
	assert_non_null(hawk_proctab_previous(t));
	IS(m.event.parent->exe, "/bin/sh");

	exit_of(t, 11, 120, 140);
	assert_null(hawk_proctab_previous(t));
	p = hawk_proctab_by_pid(t, 11);
	assert_int_equal(p->exit_time, 140);
	assert_int_equal(p->exit_code, 3);
	assert_int_equal(hawk_proctab_stats(t).exited, 1);
	assert_int_equal(hawk_proctab_stats(t).entries, 2);
	hawk_proctab_free(t);
}

static void threads_and_names(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p;
	struct made m;

	make_exec(&m, 10, 100, 110, "/bin/x");
	apply(t, &m);
	make_event(&m, HAWK_EV_FILE_OPEN, 10, 100, 120);
	m.event.tid = 15;
	memcpy(m.event.comm, "worker", 7);
	p = apply(t, &m);
	assert_int_equal(p->task.pid, 10);
	assert_string_equal((char *)p->comm, "test");
	assert_int_equal(hawk_proctab_stats(t).entries, 1);
	((struct hawk_process *)p)->json_valid = true;
	make_event(&m, HAWK_EV_FILE_OPEN, 10, 100, 121);
	assert_true(apply(t, &m)->json_valid);
	make_event(&m, HAWK_EV_FILE_OPEN, 10, 100, 122);
	memcpy(m.event.comm, "renamed", 8);
	p = apply(t, &m);
	assert_string_equal((char *)p->comm, "renamed");
	assert_false(p->json_valid);
	hawk_proctab_free(t);
}

static void no_process(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	struct made m;

	make_event(&m, HAWK_EV_LOST, 0, 0, 5);
	assert_int_equal(apply(t, &m)->task.pid, 0);
	assert_int_equal(hawk_proctab_stats(t).entries, 0);
	/* records that lack what they should carry change nothing */
	make_event(&m, HAWK_EV_SCHED_PROCESS_FORK, 0, 0, 5);
	apply(t, &m);
	make_event(&m, HAWK_EV_PROCESS_SEED, 0, 0, 5);
	apply(t, &m);
	assert_int_equal(hawk_proctab_stats(t).entries, 0);
	/* only a header: its credentials are not taken for root's */
	make_event(&m, HAWK_EV_FILE_OPEN, 77, 7, 8);
	assert_int_equal(apply(t, &m)->task.uid, UINT32_MAX);
	assert_int_equal(m.event.process->source, HAWK_FROM_HEADER);
	apply(t, &m);
	assert_int_equal(hawk_proctab_stats(t).from_header, 1);
	assert_null(hawk_proctab_previous(t));
	hawk_proctab_free(t);
}

static void pid_reuse(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *old;

	fork_of(t, 1, 1, 50, 100);
	fork_of(t, 1, 1, 50, 200);
	assert_int_equal(hawk_proctab_stats(t).pid_reused, 1);
	assert_int_equal(hawk_proctab_stats(t).missed_exit, 1);
	old = hawk_proctab_find(t, 50, 100);
	assert_int_equal(old->exit_time, 200);
	assert_int_equal(hawk_proctab_by_pid(t, 50)->task.start, 200);
	exit_of(t, 50, 200, 250);
	fork_of(t, 1, 1, 50, 300);
	assert_int_equal(hawk_proctab_stats(t).pid_reused, 2);
	assert_int_equal(hawk_proctab_stats(t).missed_exit, 1);
	assert_int_equal(hawk_proctab_by_pid(t, 50)->task.start, 300);
	assert_int_equal(hawk_proctab_by_pid(t, 50)->exit_time, 0);
	/* a straggler of the first one does not bring it to life, nor disturb the last one */
	fork_of(t, 50, 150, 51, 160);
	assert_int_equal(hawk_proctab_find(t, 50, 150)->exit_time, 300);
	assert_int_equal(hawk_proctab_by_pid(t, 50)->task.start, 300);
	hawk_proctab_free(t);
}

static void ancestry(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p;
	struct made m;

	fork_of(t, 1, 1, 10, 100);
	fork_of(t, 10, 100, 11, 110);
	fork_of(t, 11, 110, 12, 120);
	exit_of(t, 10, 100, 130);
	exit_of(t, 11, 110, 131);
	/* the kernel has given 12 to PID 1 by now; where it came from stays */
	make_exec(&m, 12, 120, 140, "/bin/x");
	p = apply(t, &m);
	assert_int_equal(p->task.ppid, 11);
	assert_int_equal(m.event.parent->task.pid, 11);
	assert_int_equal(m.event.parent->exit_time, 131);
	assert_int_equal(m.event.n_ancestors, 2);
	assert_int_equal(m.event.ancestors[0]->task.pid, 10);
	assert_int_equal(m.event.ancestors[1]->task.pid, 1);
	assert_true(hawk_proctab_in_tree(t, p, 12));
	assert_true(hawk_proctab_in_tree(t, p, 10));
	assert_true(hawk_proctab_in_tree(t, p, 1));
	assert_false(hawk_proctab_in_tree(t, p, 13));
	hawk_proctab_free(t);
}

/* A chain longer than an event tells of; only an exec and an exit do. */
static void ancestors_are_bounded(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const uint32_t last = 10 + HAWK_ANCESTORS_MAX + 5;
	struct made m;

	for (uint32_t pid = 10; pid < last; pid++)
		fork_of(t, pid, pid, pid + 1, pid + 1);
	make_event(&m, HAWK_EV_FILE_OPEN, last, last, 200);
	apply(t, &m);
	assert_int_equal(m.event.parent->task.pid, last - 1);
	assert_int_equal(m.event.n_ancestors, 0);
	make_event(&m, HAWK_EV_SCHED_PROCESS_EXIT, last, last, 210);
	apply(t, &m);
	assert_int_equal(m.event.n_ancestors, HAWK_ANCESTORS_MAX);
	for (uint32_t i = 0; i < HAWK_ANCESTORS_MAX; i++)
		assert_int_equal(m.event.ancestors[i]->task.pid, last - 2 - i);
	make_event(&m, HAWK_EV_FILE_OPEN, last, last, 220);
	apply(t, &m);
	assert_int_equal(m.event.n_ancestors, 0);
	hawk_proctab_free(t);
}

/* What the other view shows of a program and of its directory comes with the exec, and goes to children. */
static void other_view(void **state)
{
	static struct hawk_other_view space;
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_event *other;
	struct made m;
	int exe;

	make_exec(&m, 10, 100, 110, "/bin/x");
	exe = hawk_event_field(m.event.desc, "pathname");
	m.event.other[exe] = (struct hawk_value){ .bytes = (const uint8_t *)"/merged/bin/x", .len = 13 };
	m.event.others = 1U << exe;
	IS(apply(t, &m)->exe, "/bin/x");
	other = hawk_event_other(&m.event, &space);
	IS(other->process->exe, "/merged/bin/x");
	IS(other->process->cwd, "/");
	assert_memory_equal(other->data[exe].bytes, "/merged/bin/x", 13);
	fork_of(t, 10, 100, 11, 120);
	make_event(&m, HAWK_EV_FILE_OPEN, 11, 120, 130);
	IS(apply(t, &m)->exe, "/bin/x");
	other = hawk_event_other(&m.event, &space);
	IS(other->process->exe, "/merged/bin/x");
	IS(other->parent->exe, "/merged/bin/x");
	/* the next program is the same in both */
	make_exec(&m, 11, 120, 140, "/bin/y");
	apply(t, &m);
	other = hawk_event_other(&m.event, &space);
	IS(other->process->exe, "/bin/y");
	IS(other->parent->exe, "/merged/bin/x");
	exit_of(t, 10, 100, 150);
	make_exec(&m, 11, 120, 160, "/bin/z");
	apply(t, &m);
	hawk_proctab_free(t);
	t = new_table(0, 0);
	make_exec(&m, 11, 120, 160, "/bin/z");
	apply(t, &m);
	assert_ptr_equal(hawk_event_other(&m.event, &space), &m.event);
	hawk_proctab_free(t);
}

static void no_cycles(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	struct made m;

	for (uint32_t pid = 5; pid <= 6; pid++) {
		make_event(&m, HAWK_EV_PROCESS_SEED, pid, 50, 60);
		make_task(&m, 11 - pid, 50); /* 5 and 6 call each other parent */
		apply(t, &m);
	}
	make_event(&m, HAWK_EV_PROCESS_SEED, 7, 70, 80);
	make_task(&m, 7, 70);
	apply(t, &m);
	assert_null(m.event.parent);
	assert_false(hawk_proctab_in_tree(t, hawk_proctab_by_pid(t, 5), 99));
	assert_false(hawk_proctab_in_tree(t, hawk_proctab_by_pid(t, 6), 99));
	assert_false(hawk_proctab_in_tree(t, hawk_proctab_by_pid(t, 7), 99));
	hawk_proctab_free(t);
}

static uint32_t exec_with_caps(struct hawk_proctab *t, uint64_t time, uint32_t flags, uint64_t permitted)
{
	struct made m;
	int field;

	make_exec(&m, 10, 100, time, "/bin/ping");
	make_number(&m, "flags", flags);
	m.task.cap_permitted = permitted;
	apply(t, &m);
	/* the data of the event says the same as the process */
	field = hawk_event_field(m.event.desc, "flags");
	assert_int_equal(m.event.data[field].u, m.event.process->exec_flags);
	return m.event.process->exec_flags;
}

static void file_capabilities(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_abi_task *before;

	/* the image before is not known */
	assert_int_equal(exec_with_caps(t, 110, HAWK_EXEC_SECURE, 1), HAWK_EXEC_SECURE | HAWK_EXEC_FILECAPS);
	assert_null(hawk_proctab_previous(t));
	assert_int_equal(exec_with_caps(t, 120, 0, 0), 0);
	assert_int_equal(hawk_proctab_previous(t)->cap_permitted, 1);
	assert_int_equal(exec_with_caps(t, 130, HAWK_EXEC_SECURE | HAWK_EXEC_TMPFS, 0x2000),
			 HAWK_EXEC_SECURE | HAWK_EXEC_TMPFS | HAWK_EXEC_FILECAPS);
	before = hawk_proctab_previous(t);
	assert_non_null(before);
	assert_int_equal(before->cap_permitted, 0);
	/* none gained */
	assert_int_equal(exec_with_caps(t, 140, HAWK_EXEC_SECURE, 0x2000), HAWK_EXEC_SECURE);
	/* a set-user-ID program explains them */
	assert_int_equal(exec_with_caps(t, 150, HAWK_EXEC_SECURE | HAWK_EXEC_SETUID, 0xffff),
			 HAWK_EXEC_SECURE | HAWK_EXEC_SETUID);
	assert_int_equal(exec_with_caps(t, 160, 0, UINT64_MAX), 0);
	hawk_proctab_free(t);
}

static void context_and_cgroups(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p;
	struct made m;

	make_exec(&m, 10, 100, 110, "/bin/x");
	apply(t, &m);
	make_event(&m, HAWK_EV_PROCESS_CONTEXT, 10, 100, 120);
	make_task(&m, 1, 1)->uid = 1000;
	p = apply(t, &m);
	assert_int_equal(p->task.uid, 1000);
	IS(p->unit, "demo.service"); /* the same cgroup */
	IS(p->exe, "/bin/x");
	make_task(&m, 1, 1)->cgroup = 2;
	m.event.time++;
	p = apply(t, &m);
	assert_int_equal(p->unit.len, 0); /* another one, of which nothing is known */
	assert_int_equal(p->cgroup.len, 0);
	make_text(&m, "cgroup_path", "/user.slice/user-5.slice/user@5.service/app.slice/a.scope");
	p = apply(t, &m);
	IS(p->unit, "user@5.service");
	IS(p->user_unit, "a.scope");
	assert_int_equal(p->container_id.len, 0);
	make_text(&m, "cgroup_path", "/lxc.payload.web1/init.scope");
	p = apply(t, &m);
	IS(p->container_id, "web1");
	/* a record that is older than the facts */
	make_task(&m, 1, 1)->uid = 5;
	m.event.time = 105;
	assert_int_equal(apply(t, &m)->task.uid, 0);
	hawk_proctab_free(t);
}

/* The name comes with records and is the child's, too. */
static void host_names(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p;
	struct made m;

	make_exec(&m, 10, 100, 110, "/bin/x");
	p = apply(t, &m);
	assert_int_equal(p->nodename.len, 0);
	make_text(&m, "nodename", "web1");
	m.event.time++;
	p = apply(t, &m);
	IS(p->nodename, "web1");
	make_fork(&m, 10, 100, 11, 120);
	apply(t, &m);
	IS(hawk_proctab_by_pid(t, 11)->nodename, "web1");
	make_event(&m, HAWK_EV_PROCESS_CONTEXT, 11, 120, 130);
	make_task(&m, 1, 1);
	p = apply(t, &m);
	IS(p->nodename, "web1");
	make_text(&m, "nodename", "web2");
	m.event.time++;
	p = apply(t, &m);
	IS(p->nodename, "web2");
	IS(hawk_proctab_by_pid(t, 10)->nodename, "web1");
	hawk_proctab_free(t);
}

static void forks_into_cgroups(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	const struct hawk_process *p;
	struct made m;

	make_exec(&m, 10, 100, 110, "/bin/x");
	apply(t, &m);
	make_fork(&m, 10, 100, 11, 120);
	m.task.cgroup = 9;
	make_text(&m, "child_cgroup_path", "/other.scope");
	apply(t, &m);
	p = hawk_proctab_by_pid(t, 11);
	IS(p->cgroup, "/other.scope");
	IS(p->unit, "other.scope");
	make_exec(&m, 10, 100, 121, "/bin/x");
	make_text(&m, "cgroup_path", "/lxc/web2");
	apply(t, &m);
	make_fork(&m, 10, 100, 13, 122);
	apply(t, &m);
	IS(hawk_proctab_by_pid(t, 13)->container_id, "web2");
	make_fork(&m, 10, 100, 12, 130);
	m.task.cgroup = 8;
	apply(t, &m);
	p = hawk_proctab_by_pid(t, 12);
	assert_int_equal(p->cgroup.len, 0);
	assert_int_equal(p->unit.len, 0);
	IS(p->exe, "/bin/x");
	hawk_proctab_free(t);
}

/* Whether the program of 12, a child of 11, came into a container from outside. */
static bool came_in(struct hawk_proctab *t)
{
	return hawk_proctab_by_pid(t, 12)->came_in;
}

/* What a runtime runs in a container came into it, until something is started that sees the files of the container. */
static void come_into_containers(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	struct made m;

	make_exec(&m, 11, 100, 110, "/bin/crun");
	m.task.ns_mnt = 1;
	make_text(&m, "cgroup_path", "/other.scope");
	apply(t, &m);
	make_fork(&m, 11, 100, 12, 120);
	apply(t, &m);
	assert_false(came_in(t));
	make_event(&m, HAWK_EV_PROCESS_CONTEXT, 12, 120, 121);
	make_task(&m, 1, 1)->ns_mnt = 1;
	make_text(&m, "cgroup_path", "/lxc/web");
	apply(t, &m);
	assert_true(came_in(t));
	/* itself again */
	make_exec(&m, 12, 120, 122, "/bin/crun");
	m.task.ns_mnt = 1;
	make_text(&m, "cgroup_path", "/lxc/web");
	apply(t, &m);
	assert_true(came_in(t));
	make_event(&m, HAWK_EV_PROCESS_CONTEXT, 12, 120, 123);
	make_task(&m, 1, 1)->ns_mnt = 2;
	make_text(&m, "cgroup_path", "/lxc/web/init.scope");
	apply(t, &m);
	assert_true(came_in(t));
	make_exec(&m, 12, 120, 124, "/bin/sh");
	m.task.ns_mnt = 2;
	apply(t, &m);
	assert_false(came_in(t));
	make_fork(&m, 12, 120, 13, 125);
	apply(t, &m);
	assert_false(hawk_proctab_by_pid(t, 13)->came_in);
	/* born there */
	make_fork(&m, 11, 100, 14, 126);
	m.task.cgroup = 9;
	make_text(&m, "child_cgroup_path", "/lxc/web");
	apply(t, &m);
	assert_true(hawk_proctab_by_pid(t, 14)->came_in);
	hawk_proctab_free(t);
}

static void holes_from_proc(void **state)
{
	struct hawk_proctab_options o = { .clock = &fake_clock };
	const uint64_t tick = 10000000;
	const struct hawk_process *p;
	struct hawk_cmdline *cmdline;
	struct hawk_proctab *t;
	struct fake_proc f;
	struct made m;

	fake_proc_init(&f);
	o.proc_fd = f.fd;
	assert_int_equal(hawk_cmdline_new(&cmdline, f.fd, 4), 0);
	o.cmdline = cmdline;
	assert_int_equal(hawk_proctab_new(&t, &o), 0);
	fake_process(&f, 20, 10, 50);
	make_exec(&m, 10, 100, 110, "/bin/parent");
	apply(t, &m);
	make_event(&m, HAWK_EV_FILE_OPEN, 20, 50 * tick + 77, 60 * tick);
	m.event.cgroup = 4711;
	p = apply(t, &m);
	hawk_cmdline_settle(cmdline, 60000000000ULL);
	hawk_proctab_take_argv(t);
	assert_int_equal(p->source, HAWK_FROM_PROC);
	assert_int_equal(p->task.start, 50 * tick + 77);
	assert_int_equal(p->task.euid, 1001);
	assert_int_equal(p->task.cgroup, 4711);
	IS(p->exe, "/usr/bin/demo");
	is_bytes(&p->argv, "demo\0--flag", 12);
	IS(p->unit, "demo.service");
	assert_int_equal(m.event.parent->task.pid, 10);
	assert_int_equal(hawk_proctab_stats(t).from_proc, 1);
	/* /proc still, or already, shows another process of that number */
	make_event(&m, HAWK_EV_FILE_OPEN, 20, 90 * tick, 91 * tick);
	assert_int_equal(apply(t, &m)->source, HAWK_FROM_HEADER);
	assert_int_equal(m.event.process->task.euid, UINT32_MAX);
	make_event(&m, HAWK_EV_FILE_OPEN, 20, 30 * tick, 60 * tick);
	assert_int_equal(apply(t, &m)->source, HAWK_FROM_HEADER);
	assert_int_equal(m.event.process->exe.len, 0);
	/* a child whose cgroup nobody told */
	fake_process(&f, 21, 10, 70);
	make_fork(&m, 10, 100, 21, 70 * tick);
	m.task.cgroup = 5;
	apply(t, &m);
	IS(hawk_proctab_by_pid(t, 21)->unit, "demo.service");
	IS(hawk_proctab_by_pid(t, 21)->exe, "/bin/parent");
	hawk_proctab_free(t);
	hawk_cmdline_free(cmdline);
	fake_proc_done(&f);
}

/* What follows a process follows its children, and goes when it is taken back. */
static void followed(void **state)
{
	const uint64_t bits[HAWK_POLICIES_MAX / 64] = { [3] = 1ULL << 63 }, none[HAWK_POLICIES_MAX / 64] = { 0 };
	struct hawk_proctab *t = new_table(0, 0);

	(void)state;
	fork_of(t, 1, 1, 10, 100);
	hawk_proctab_follow(t, 10, 100, bits);
	hawk_proctab_follow(t, 10, 99, bits); /* another process: no harm */
	fork_of(t, 10, 100, 11, 110);
	fork_of(t, 11, 110, 12, 120);
	fork_of(t, 1, 1, 13, 130);
	assert_memory_equal(hawk_proctab_by_pid(t, 12)->followed, bits, sizeof(bits));
	assert_memory_equal(hawk_proctab_by_pid(t, 13)->followed, none, sizeof(none));
	hawk_proctab_unfollow(t, bits);
	assert_memory_equal(hawk_proctab_by_pid(t, 12)->followed, none, sizeof(none));
	hawk_proctab_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life),
		cmocka_unit_test(threads_and_names),
		cmocka_unit_test(no_process),
		cmocka_unit_test(pid_reuse),
		cmocka_unit_test(ancestry),
		cmocka_unit_test(ancestors_are_bounded),
		cmocka_unit_test(no_cycles),
		cmocka_unit_test(file_capabilities),
		cmocka_unit_test(context_and_cgroups),
		cmocka_unit_test(host_names), cmocka_unit_test(forks_into_cgroups), cmocka_unit_test(come_into_containers),
		cmocka_unit_test(holes_from_proc),
		cmocka_unit_test(followed), cmocka_unit_test(other_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
