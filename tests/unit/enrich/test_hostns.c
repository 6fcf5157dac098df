/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/enrich/hostns.h"
#include "tests/unit/enrich/fake_proc.h"

static void of_pid_1(void **state)
{
	struct hawk_host_ns ns = { .user = 5 };
	struct fake_proc f;

	fake_proc_init(&f);
	assert_int_equal(hawk_hostns_read(f.fd, &ns), -ENOENT);
	fake_link(&f, 1, "ns/mnt", "mnt:[4026531841]");
	fake_link(&f, 1, "ns/pid", "pid:[4026531836]");
	fake_link(&f, 1, "ns/pid_for_children", "pid:[4026531837]");
	assert_int_equal(hawk_hostns_read(f.fd, &ns), 0);
	assert_int_equal(ns.mnt, 4026531841U);
	assert_int_equal(ns.pid, 4026531836U);
	assert_int_equal(ns.pid_for_children, 4026531837U);
	assert_int_equal(ns.user, 0);
	fake_link(&f, 1, "ns/user", "user:[broken");
	ns.user = 5;
	assert_int_equal(hawk_hostns_read(f.fd, &ns), -EBADMSG);
	assert_int_equal(ns.user, 5);
	fake_proc_done(&f);
}

static void of_a_task(void **state)
{
	struct hawk_abi_task task = { .ns_pidns = 7, .ns_user = 8 };
	struct hawk_host_ns ns = hawk_hostns_from_task(&task);

	assert_int_equal(ns.pid, 7);
	assert_int_equal(ns.user, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_pid_1),
		cmocka_unit_test(of_a_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
