/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/enrich/procfs.h"
#include "tests/unit/enrich/fake_proc.h"

struct fixture {
	struct fake_proc f;
	struct hawk_procfs p;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	fake_proc_init(&x->f);
	fake_process(&x->f, 7, 1, 12345);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	hawk_procfs_done(&x->p);
	fake_proc_done(&x->f);
	free(x);
	return 0;
}

static int read_it(struct fixture *x)
{
	_cleanup_close_ int dir = hawk_procfs_open(x->f.fd, 7);

	int r = dir < 0 ? dir : hawk_procfs_read(dir, &x->p);

	return r < 0 ? r : hawk_procfs_read_argv(dir, &x->p);
}

static void is_text(const struct hawk_buf *b, const char *text)
{
	assert_int_equal(b->len, strlen(text));
	assert_memory_equal(b->data, text, b->len);
}

static void whole(void **state)
{
	struct fixture *x = *state;
	const struct hawk_abi_task *t = &x->p.task;

	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.start_ticks, 12345);
	assert_string_equal((char *)x->p.comm, "demo");
	assert_string_equal(x->p.tty, "pts2");
	assert_int_equal(t->pid, 7);
	assert_int_equal(t->ppid, 1);
	assert_int_equal(t->ns_pid, 42);
	assert_int_equal(t->uid, 1000);
	assert_int_equal(t->euid, 1001);
	assert_int_equal(t->suid, 1002);
	assert_int_equal(t->fsuid, 1003);
	assert_int_equal(t->gid, 100);
	assert_int_equal(t->fsgid, 103);
	assert_int_equal(t->cap_inheritable, 1);
	assert_int_equal(t->cap_permitted, 2);
	assert_int_equal(t->cap_effective, 3);
	assert_true(t->cap_bounding == 0x1ffffffffffULL);
	assert_int_equal(t->cap_ambient, 5);
	assert_int_equal(t->loginuid, 1000);
	assert_int_equal(t->sessionid, 3);
	assert_int_equal(t->kthread, 0);
	assert_int_equal(t->ns_mnt, 4026531841U);
	assert_int_equal(t->ns_pid_for_children, 4026531836U);
	assert_int_equal(t->ns_user, 0);
	is_text(&x->p.exe, "/usr/bin/demo");
	is_text(&x->p.cwd, "/var/lib/demo");
	is_text(&x->p.cgroup, "/system.slice/demo.service");
	assert_int_equal(x->p.argv.len, 12);
	assert_memory_equal(x->p.argv.data, "demo\0--flag", 12);
	assert_int_equal(x->p.argv_full, 12);
}

static void names_that_lie(void **state)
{
	struct fixture *x = *state;
	static const char *const names[] = {
		") R 9 9 (", "a)\nUid:\t0", "))))", "", "1 (x) S 2", "sixteen or more bytes",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]) < 15 ? strlen(names[i]) : 15;

		fake_stat(&x->f, 7, names[i], 33, 99);
		assert_int_equal(read_it(x), 0);
		assert_int_equal(x->p.task.ppid, 33);
		assert_int_equal(x->p.start_ticks, 99);
		assert_int_equal(x->p.task.uid, 1000);
		assert_memory_equal(x->p.comm, names[i], n);
		assert_int_equal(x->p.comm[n], 0);
	}
}

static void broken_files(void **state)
{
	struct fixture *x = *state;
	static const char *const stats[] = {
		"", "(", ")", "7", "7 (x", "7 x)", "7 (x)", "7 (x) S", "7 (x) S 1", "7 )x( S 1 2 3",
		"7 (x) S 1 7 7 a -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 5 9\n",
		"7 (x) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99999999999999999999999 9\n",
		"7 (x) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0",
	};
	static const char *const statuses[] = {
		"", "\n\n\n", "Uid:\t1\t2\t3\t4\n", "Uid:\t1\t2\t3\n", "Uid:\tx\n", "Uid:\t\n",
		"CapInh:\tg\n",
		"CapInh:\t11111111111111111\n", "NSpid:\t1\t\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(stats); i++) {
		fake_file(&x->f, 7, "stat", stats[i], strlen(stats[i]));
		assert_int_equal(read_it(x), -EBADMSG);
	}
	fake_stat(&x->f, 7, "demo", 1, 5);
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		fake_file(&x->f, 7, "status", statuses[i], strlen(statuses[i]));
		assert_int_equal(read_it(x), -EBADMSG);
	}
	assert_int_equal(hawk_procfs_open(x->f.fd, 8), -ENOENT);
}

static void command_lines(void **state)
{
	struct fixture *x = *state;
	_cleanup_free_ char *big = malloc(HAWK_LONG_BYTES + 5000);

	fake_file(&x->f, 7, "cmdline", "title\0\0\0\0", 9); /* written over its arguments */
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.argv.len, 6);
	assert_memory_equal(x->p.argv.data, "title", 6);
	fake_file(&x->f, 7, "cmdline", "no end", 6);
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.argv.len, 7);
	assert_memory_equal(x->p.argv.data, "no end", 7);
	fake_file(&x->f, 7, "cmdline", "\0\0", 2);
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.argv.len, 0);
	assert_int_equal(x->p.argv_full, 0);
	memset(big, 'x', HAWK_LONG_BYTES + 5000);
	fake_file(&x->f, 7, "cmdline", big, HAWK_LONG_BYTES + 5000);
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.argv.len, HAWK_LONG_BYTES);
	assert_int_equal(x->p.argv.data[HAWK_LONG_BYTES - 1], 0);
	assert_int_equal(x->p.argv_full, HAWK_LONG_BYTES + 5000);
	big[HAWK_LONG_BYTES - 1] = '\0';
	fake_file(&x->f, 7, "cmdline", big, HAWK_LONG_BYTES);
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.argv.len, HAWK_LONG_BYTES);
	assert_int_equal(x->p.argv_full, HAWK_LONG_BYTES);
}

static void remarks_on_paths(void **state)
{
	struct fixture *x = *state;
	char target[128];

	fake_link(&x->f, 7, "exe", "/tmp/gone (deleted)");
	fake_link(&x->f, 7, "cwd", "(unreachable)/mnt");
	assert_int_equal(read_it(x), 0);
	is_text(&x->p.exe, "/tmp/gone");
	assert_int_equal(x->p.exe_flags, HAWK_VAL_DELETED);
	is_text(&x->p.cwd, "/mnt");
	assert_int_equal(x->p.cwd_flags, HAWK_VAL_UNREACHABLE);
	/* a file that is really called so */
	fake_file(&x->f, 7, "odd (deleted)", "", 0);
	snprintf(target, sizeof(target), "%s/7/odd (deleted)", x->f.dir);
	fake_link(&x->f, 7, "exe", target);
	assert_int_equal(read_it(x), 0);
	is_text(&x->p.exe, target);
	assert_int_equal(x->p.exe_flags, 0);
}

static void little_is_told(void **state)
{
	struct fixture *x = *state;
	static const char *const files[] = {
		"cmdline", "cgroup", "loginuid", "sessionid", "exe", "cwd", "ns/mnt",
	};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/7/%s", x->f.dir, files[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(read_it(x), 0);
	assert_int_equal(x->p.exe.len + x->p.cwd.len + x->p.argv.len + x->p.cgroup.len, 0);
	assert_int_equal(x->p.task.loginuid, UINT32_MAX);
	assert_int_equal(x->p.task.sessionid, UINT32_MAX);
	assert_int_equal(x->p.task.ns_mnt, 0);
}

static void ticks(void **state)
{
	const uint64_t tick = 10000000;

	assert_true(hawk_procfs_same_start(5 * tick, 5));
	assert_true(hawk_procfs_same_start(6 * tick - 1, 5));
	assert_true(hawk_procfs_same_start(6 * tick, 5));
	assert_true(hawk_procfs_same_start(5 * tick - 1, 5));
	assert_false(hawk_procfs_same_start(7 * tick, 5));
	assert_false(hawk_procfs_same_start(4 * tick - 1, 5));
	assert_false(hawk_procfs_same_start(UINT64_MAX, 0));
	assert_false(hawk_procfs_same_start(0, UINT64_MAX));
}

/* A title that was written over the arguments and empty arguments look alike but for the number of strings. */
static void empty_arguments(void **state)
{
	static const struct {
		const char *cmdline;
		size_t len;
		uint32_t argc; /* 0: not told */
		size_t expected;
	} rows[] = {
		{ "a\0\0", 3, 2, 3 },         { "a\0\0", 3, 0, 2 },   { "a\0\0", 3, 1, 2 },
		{ "a\0b\0\0\0", 6, 4, 6 },   { "title\0\0\0", 8, 2, 6 }, { "", 1, 1, 1 },
		{ "\0", 2, 2, 2 },            { "\0", 2, 5, 0 },       { "a\0\0b", 5, 7, 5 },
	};
	struct fixture *x = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t stack[8] = { [4] = rows[i].argc }; /* where stat says that it begins */

		fake_file(&x->f, 7, "mem", stack, sizeof(stack));
		fake_file(&x->f, 7, "cmdline", rows[i].cmdline, rows[i].len);
		assert_int_equal(read_it(x), 0);
		assert_int_equal(x->p.argv.len, rows[i].expected);
		assert_memory_equal(x->p.argv.data, rows[i].cmdline, rows[i].expected);
		assert_int_equal(x->p.argv_full, rows[i].expected);
	}
}

/* A real process with empty arguments at the end. */
static void empty_arguments_of_a_shell(void **state)
{
	static const char expected[] = "sh\0-c\0echo; read x\0name\0\0";
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir = -1;
	struct hawk_procfs p = { .argv_full = 0 };
	int in[2], out[2];
	char nl;
	pid_t pid;

	assert_int_equal(pipe(in) | pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execl("/bin/sh", "sh", "-c", "echo; read x", "name", "", "", (char *)NULL);
		_exit(1);
	}
	close(out[1]);
	assert_int_equal(read(out[0], &nl, 1), 1);
	dir = hawk_procfs_open(proc, (uint32_t)pid);
	assert_int_equal(hawk_procfs_read_argv(dir, &p), 0);
	assert_int_equal(p.argv.len, sizeof(expected));
	assert_memory_equal(p.argv.data, expected, sizeof(expected));
	close(in[1]);
	close(in[0]);
	close(out[0]);
	waitpid(pid, NULL, 0);
	hawk_procfs_done(&p);
}

/* The real /proc is what the parser was written for. For the kernel an emulated program is its emulator. */
static void ourselves(void **state)
{
	const char *exe = getenv("TEST_EXE") ?: "test_procfs";
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dir = hawk_procfs_open(proc, (uint32_t)getpid());
	struct hawk_procfs p = { .argv_full = 0 };

	if (dir < 0)
		skip();
	assert_int_equal(hawk_procfs_read(dir, &p), 0);
	assert_int_equal(p.argv.len, 0);
	assert_int_equal(hawk_procfs_read_argv(dir, &p), 0);
	assert_int_equal(p.task.pid, getpid());
	assert_int_equal(p.task.ppid, getppid());
	assert_int_equal(p.task.euid, geteuid());
	assert_non_null(memmem(p.exe.data, p.exe.len, exe, strlen(exe)));
	assert_true(p.argv.len > 0);
	assert_true(p.cgroup.len > 0);
	assert_true(p.task.ns_mnt > 0);
	hawk_procfs_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_files, setup, teardown),
		cmocka_unit_test_setup_teardown(command_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_arguments, setup, teardown),
		cmocka_unit_test(empty_arguments_of_a_shell),
		cmocka_unit_test_setup_teardown(remarks_on_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(little_is_told, setup, teardown),
		cmocka_unit_test(ticks),
		cmocka_unit_test(ourselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
