/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/control/control.h"

static char dir[64], path[96];

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/hawk-bind-XXXXXX");
	snprintf(path, sizeof(path), "%s/socket", mkdtemp(dir) ? dir : "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(dir);
	return 0;
}

static void one_at_a_time(void **state)
{
	struct stat st;
	int fd = hawk_control_bind(path, "");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(hawk_control_bind(path, ""), -EADDRINUSE);
	/* What a crashed instance left behind is no obstacle. */
	close(fd);
	fd = hawk_control_bind(path, "");
	assert_true(fd >= 0);
	assert_int_equal(hawk_control_bind(path, ""), -EADDRINUSE);
	close(fd);
}

static void group_may_connect(void **state)
{
	struct stat st;
	int fd = hawk_control_bind(path, "daemon");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	/* Who is not root keeps it to himself. */
	assert_int_equal(st.st_mode & 07777, geteuid() == 0 ? 0660 : 0600);
	close(fd);
	fd = hawk_control_bind(path, "no such group");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

static void what_is_no_socket_stays(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(hawk_control_bind(path, ""), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
}

static void bad_paths(void **state)
{
	char longer[200];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(hawk_control_bind(longer, ""), -ENAMETOOLONG);
	assert_int_equal(hawk_control_bind("", ""), -EINVAL);
	assert_int_equal(hawk_control_bind("/nonexistent/socket", ""), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(group_may_connect, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_socket_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_paths, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
