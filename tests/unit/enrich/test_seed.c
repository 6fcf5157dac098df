/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seeds of the task iterator against live records, in each order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/enrich/proctab.h"
#include "src/event/field.h"
#include "tests/unit/enrich/fake_proc.h"
#include "tests/unit/enrich/make_event.h"

#define TICK 10000000ULL

struct fixture {
	struct fake_proc f;
	struct hawk_cmdline *cmdline;
	struct hawk_proctab *t;
};

static int setup(void **state)
{
	static struct fixture x;
	struct hawk_proctab_options o = { .max_entries = 0 };

	fake_proc_init(&x.f);
	o.proc_fd = x.f.fd;
	assert_int_equal(hawk_cmdline_new(&x.cmdline, x.f.fd, 16), 0);
	o.cmdline = x.cmdline;
	*state = &x;
	return hawk_proctab_new(&x.t, &o);
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	hawk_proctab_free(x->t);
	hawk_cmdline_free(x->cmdline);
	fake_proc_done(&x->f);
	return 0;
}

static const struct hawk_process *apply(struct fixture *x, struct made *m)
{
	assert_int_equal(hawk_proctab_apply(x->t, &m->event), 0);
	hawk_cmdline_settle(x->cmdline, 60 * 1000000000ULL);
	hawk_proctab_take_argv(x->t);
	return m->event.process;
}

/* The process (7, 50 ticks) as the iterator sees it at TIME. */
static void make_seed(struct made *m, uint64_t time, uint64_t exec_id, const char *exe)
{
	make_event(m, HAWK_EV_PROCESS_SEED, 7, 50 * TICK, time);
	make_task(m, 1, 1);
	m->task.exec_id = exec_id;
	m->task.uid = 1;
	make_text(m, "pathname", exe);
	make_text(m, "cwd", "/seed");
	make_text(m, "cgroup_path", "/system.slice/demo.service");
}

/* Its exec, after which the uid is 2. */
static void make_its_exec(struct made *m, uint64_t time, uint64_t exec_id)
{
	make_exec(m, 7, 50 * TICK, time, "/bin/new");
	m->task.exec_id = exec_id;
	m->task.uid = 2;
}

static void is_text(const struct hawk_bytes *b, const char *text)
{
	assert_int_equal(b->len, strlen(text));
	if (b->len)
		assert_memory_equal(b->data, text, b->len);
}

static void seed_alone(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	fake_process(&x->f, 7, 1, 50);
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	p = apply(x, &m);
	assert_int_equal(p->source, HAWK_FROM_SEED);
	assert_int_equal(p->task.uid, 1);
	assert_string_equal((char *)p->comm, "test");
	is_text(&p->exe, "/bin/old");
	is_text(&p->unit, "demo.service");
	assert_int_equal(p->argv.len, 12); /* from /proc */
	assert_memory_equal(p->argv.data, "demo\0--flag", 12);
	assert_int_equal(hawk_proctab_stats(x->t).from_header, 0);
}

static void argv_of_somebody_else(void **state)
{
	struct fixture *x = *state;
	struct made m;

	fake_process(&x->f, 7, 1, 90); /* the pid was used again */
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	assert_int_equal(apply(x, &m)->argv.len, 0);
}

static void argv_of_a_recording(void **state)
{
	struct fixture *x = *state;
	struct made m;

	fake_process(&x->f, 7, 1, 50);
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	make_bytes(&m, "argv", "recorded", 9);
	assert_int_equal(apply(x, &m)->argv.len, 9);
}

/* Seeds come out first, so an exec between attaching and the iterator is seen after its own outcome. */
static void seed_then_older_exec(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_seed(&m, 100 * TICK, 4, "/bin/new");
	apply(x, &m);
	make_its_exec(&m, 90 * TICK, 4);
	p = apply(x, &m);
	assert_null(hawk_proctab_previous(x->t)); /* the seed is not what was before */
	assert_int_equal(p->task.uid, 1);         /* setuid after the exec: the seed knows */
	assert_int_equal(p->exec_time, 90 * TICK);
	assert_int_equal(p->argv.len, 6);
	/* an exec before the image that the seed saw */
	make_its_exec(&m, 80 * TICK, 3);
	make_text(&m, "pathname", "/bin/older");
	p = apply(x, &m);
	is_text(&p->exe, "/bin/new");
	assert_int_equal(p->exec_time, 90 * TICK);
}

static void seed_then_newer_exec(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_seed(&m, 100 * TICK, 3, "/bin/old");
	apply(x, &m);
	make_its_exec(&m, 110 * TICK, 4);
	p = apply(x, &m);
	assert_int_equal(hawk_proctab_previous(x->t)->uid, 1);
	assert_int_equal(p->task.uid, 2);
	assert_int_equal(p->source, HAWK_FROM_EVENT);
	is_text(&p->exe, "/bin/new");
	is_text(&p->cwd, "/");
}

static void exec_then_older_seed(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_its_exec(&m, 110 * TICK, 4);
	apply(x, &m);
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	p = apply(x, &m);
	assert_int_equal(p->task.uid, 2);
	assert_int_equal(p->source, HAWK_FROM_EVENT);
	is_text(&p->exe, "/bin/new");
	is_text(&p->cwd, "/");
}

static void exec_then_newer_seed(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_its_exec(&m, 110 * TICK, 4);
	apply(x, &m);
	make_seed(&m, 120 * TICK, 4, "/bin/new");
	p = apply(x, &m);
	assert_int_equal(p->task.uid, 1); /* it changed since */
	assert_int_equal(p->source, HAWK_FROM_EVENT);
	assert_int_equal(p->argv.len, 6);
	/* an image whose exec was lost */
	make_seed(&m, 130 * TICK, 5, "/bin/newest");
	p = apply(x, &m);
	is_text(&p->exe, "/bin/newest");
	assert_int_equal(p->argv.len, 0);
}

static void fork_and_seed(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_exec(&m, 1, 1, 2, "/sbin/init");
	apply(x, &m);
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	apply(x, &m);
	make_fork(&m, 1, 1, 7, 50 * TICK); /* older than the seed, told after it */
	assert_int_equal(apply(x, &m)->task.pid, 1);
	p = hawk_proctab_by_pid(x->t, 7);
	is_text(&p->exe, "/bin/old");
	assert_int_equal(p->task.uid, 1);
	assert_int_equal(hawk_proctab_stats(x->t).entries, 2);
	assert_int_equal(hawk_proctab_stats(x->t).pid_reused, 0);
}

static void exit_and_seed(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	make_event(&m, HAWK_EV_SCHED_PROCESS_EXIT, 7, 50 * TICK, 99 * TICK);
	apply(x, &m);
	make_seed(&m, 100 * TICK, 3, "/bin/old"); /* a zombie is still visited */
	p = apply(x, &m);
	assert_int_equal(p->exit_time, 99 * TICK);
	is_text(&p->exe, "/bin/old");
	assert_int_equal(p->task.uid, 1);
	assert_int_equal(hawk_proctab_stats(x->t).exited, 1);
}

static void hole_then_seed(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct made m;

	fake_process(&x->f, 7, 1, 50);
	make_event(&m, HAWK_EV_FILE_OPEN, 7, 50 * TICK, 90 * TICK);
	assert_int_equal(apply(x, &m)->source, HAWK_FROM_PROC);
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	p = apply(x, &m);
	assert_int_equal(p->source, HAWK_FROM_SEED);
	assert_int_equal(p->task.uid, 1);
	assert_int_equal(p->task.exec_id, 3);
	is_text(&p->exe, "/bin/old");
	assert_int_equal(p->argv.len, 12);
}

static void dead_pid(void **state)
{
	struct fixture *x = *state;
	struct made m;

	make_fork(&m, 1, 1, 7, 200 * TICK);
	apply(x, &m);
	make_seed(&m, 100 * TICK, 3, "/bin/old"); /* died while the iterator ran, and the pid came again */
	assert_int_equal(apply(x, &m)->exit_time, 200 * TICK);
	assert_int_equal(hawk_proctab_by_pid(x->t, 7)->task.start, 200 * TICK);
	assert_int_equal(hawk_proctab_by_pid(x->t, 7)->exit_time, 0);
}

/* A living process of PID that started at 50 ticks, known by an event. */
static void known(struct fixture *x, uint32_t pid)
{
	struct made m;

	make_event(&m, HAWK_EV_FILE_OPEN, pid, 50 * TICK, 90 * TICK);
	apply(x, &m);
}

static void gone_without_exit(void **state)
{
	struct fixture *x = *state;
	const struct hawk_process *p;
	struct hawk_value v;
	struct made m;
	size_t code = 0;

	known(x, 7);
	known(x, 8);
	known(x, 9);
	known(x, 10);
	fake_process(&x->f, 9, 1, 50);  /* the iterator may not see it, /proc does */
	fake_process(&x->f, 10, 1, 70); /* another process by now */
	make_seed(&m, 100 * TICK, 3, "/bin/old");
	apply(x, &m);
	make_event(&m, HAWK_EV_FILE_OPEN, 11, 96 * TICK, 97 * TICK); /* born meanwhile */
	apply(x, &m);
	assert_int_equal(hawk_proctab_sweep(x->t, 95 * TICK), 2);
	assert_int_equal(hawk_proctab_stats(x->t).missed_exit, 2);
	assert_int_equal(hawk_proctab_by_pid(x->t, 7)->exit_time, 0);
	assert_int_equal(hawk_proctab_by_pid(x->t, 9)->exit_time, 0);
	assert_int_equal(hawk_proctab_by_pid(x->t, 11)->exit_time, 0);
	p = hawk_proctab_by_pid(x->t, 8);
	assert_int_equal(p->exit_time, 95 * TICK);
	while (strcmp(hawk_process_field(code)->name, "process.exit_code") != 0)
		code++;
	assert_int_equal(hawk_process_get(code, p, &v), -ENODATA);
	assert_int_equal(hawk_proctab_by_pid(x->t, 10)->exit_time, 95 * TICK);
	assert_int_equal(hawk_proctab_sweep(x->t, 95 * TICK), 0);
	/* its exit comes after all */
	make_event(&m, HAWK_EV_SCHED_PROCESS_EXIT, 8, 50 * TICK, 96 * TICK);
	make_number(&m, "exit_code", 3);
	p = apply(x, &m);
	assert_int_equal(hawk_process_get(code, p, &v), 0);
	assert_int_equal(v.s, 3);
}

static void zombies_are_gone(void **state)
{
	static const char stat[] = "7 (demo) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 50 0 0 0 0 0 0\n";
	struct fixture *x = *state;

	known(x, 7);
	fake_file(&x->f, 7, "stat", stat, strlen(stat));
	assert_int_equal(hawk_proctab_sweep(x->t, 95 * TICK), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(seed_alone),
		TEST(argv_of_somebody_else),
		TEST(argv_of_a_recording),
		TEST(seed_then_older_exec),
		TEST(seed_then_newer_exec),
		TEST(exec_then_older_seed),
		TEST(exec_then_newer_seed),
		TEST(fork_and_seed),
		TEST(exit_and_seed),
		TEST(hole_then_seed),
		TEST(dead_pid),
		TEST(gone_without_exit),
		TEST(zombies_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
