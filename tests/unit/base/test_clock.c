/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the time of an event is made of. That the clock is set is tried in virtual machines (tests/vm/cases/service.sh). */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"

#define MS 1000000LL

static int64_t now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static void test_wall_clock(void **state)
{
	struct hawk_clock c = hawk_clock_system();
	int64_t before = now(CLOCK_REALTIME), told = (int64_t)hawk_clock_now(&c) + c.boot_offset;

	(void)state;
	assert_in_range(told, before - MS, now(CLOCK_REALTIME) + MS);
	assert_int_equal(c.boot_offset, hawk_clock_boot_offset());
}

/* Another process, or the next daemon, gives the same time to the same start of a process. */
static void test_same_in_another_process(void **state)
{
	struct hawk_clock c = hawk_clock_system();
	int pipes[2], status;
	int64_t other;
	pid_t child;

	(void)state;
	if (access("/proc/timer_list", R_OK) < 0) {
		print_message("not root: the kernel does not tell its number\n");
		skip();
	}
	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < 20; i++) {
		child = fork();
		if (child == 0) {
			hawk_clock_renew(&c, -1);
			_exit(write(pipes[1], &c.boot_offset, sizeof(c.boot_offset)) == sizeof(c.boot_offset) ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_int_equal(read(pipes[0], &other, sizeof(other)), sizeof(other));
		assert_int_equal(other, hawk_clock_boot_offset());
	}
	close(pipes[0]);
	close(pipes[1]);
}

static void test_nobody_sets_it(void **state)
{
	struct pollfd watched = { .fd = hawk_clock_watch(), .events = POLLIN };
	struct hawk_clock c = hawk_clock_system();

	(void)state;
	assert_true(watched.fd >= 0);
	assert_int_equal(poll(&watched, 1, 0), 0);
	assert_in_range(hawk_clock_renew(&c, watched.fd) + MS, 0, 2 * MS);
	assert_int_equal(poll(&watched, 1, 0), 0);
	close(watched.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wall_clock),
		cmocka_unit_test(test_same_in_another_process),
		cmocka_unit_test(test_nobody_sets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
