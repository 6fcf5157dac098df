/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking the thread: what is known at once, later, after changes, and while a package manager works. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

#include "tests/unit/package/root.h"

#define DPKG "/var/lib/dpkg/"
#define INFO DPKG "info/"

static int root_fd;
static struct hawk_packages *packages;

static int setup(void **state)
{
	(void)state;
	root_fd = root_make();
	root_link("usr/bin", "/bin");
	root_write(DPKG "lock", "");
	root_write(INFO "tools.list", "/usr/bin/a\n/usr/bin/b\n/etc/tools.conf\n/usr/bin/gone\n/usr/bin/link\n");
	/* abc, empty */
	root_write(INFO "tools.md5sums", "900150983cd24fb0d6963f7d28e17f72  usr/bin/a\n"
					"nonsense\n"
					"d41d8cd98f00b204e9800998ecf8427e  usr/bin/b\n");
	root_write("/usr/bin/a", "abc");
	root_write("/usr/bin/b", "not empty");
	root_write("/etc/tools.conf", "mine");
	root_link("a", "/usr/bin/link");
	assert_int_equal(hawk_packages_new(&packages, root_fd), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	packages = hawk_packages_free(packages);
	close(root_fd);
	root_remove();
	return 0;
}

static bool ask(const char *path, struct hawk_package *ret)
{
	return hawk_packages_ask(packages, (const uint8_t *)path, strlen(path), ret);
}

static bool all_answered(void)
{
	return !hawk_packages_stats(packages).waiting;
}

static bool is_busy(void)
{
	return hawk_packages_stats(packages).busy;
}

static bool is_not_busy(void)
{
	return !is_busy();
}

/* For what nothing tells of: at most a minute. */
static void wait_for(bool (*done)(void))
{
	int left = 60000;

	while (!done() && left--)
		poll(NULL, 0, 1);
	assert_true(done());
}

static void test_states(void **state)
{
	struct hawk_package is;

	(void)state;
	root_wait_read(packages, 0);
	root_want(packages, "/tmp/x", "", HAWK_PACKAGED_NONE);
	/* the name is known at once */
	assert_true(ask("/usr/bin/a", &is));
	assert_string_equal(is.name, "tools");
	root_want(packages, "/usr/bin/a", "tools", HAWK_PACKAGED_INTACT);
	root_want(packages, "/bin/a", "tools", HAWK_PACKAGED_INTACT);
	root_want(packages, "/usr/bin/b", "tools", HAWK_PACKAGED_CHANGED);
	root_want(packages, "/etc/tools.conf", "tools", HAWK_PACKAGED_INTACT);
	assert_true(ask("/usr/bin/gone", &is));
	assert_int_equal(is.state, HAWK_PACKAGED_UNKNOWN);
	assert_true(ask("/usr/bin/link", &is));
	assert_int_equal(is.state, HAWK_PACKAGED_UNKNOWN);
	assert_false(hawk_packages_ask(packages, (const uint8_t *)"/usr\0x", 6, &is));
	wait_for(all_answered); /* the last two may have been asked */
}

/* A known file is not read again, one that was written since is. */
static void test_changes(void **state)
{
	uint64_t read;
	struct hawk_package is;
	struct timespec times[2];
	struct stat st;

	(void)state;
	root_want(packages, "/usr/bin/a", "tools", HAWK_PACKAGED_INTACT);
	read = hawk_packages_stats(packages).read;
	assert_true(ask("/usr/bin/a", &is));
	assert_int_equal(is.state, HAWK_PACKAGED_INTACT);
	assert_int_equal(hawk_packages_stats(packages).read, read);
	/* of the same size and time */
	assert_int_equal(stat(root_path("/usr/bin/a"), &st), 0);
	root_write("/usr/bin/a", "abd");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, root_path("/usr/bin/a"), times, 0), 0);
	assert_true(ask("/usr/bin/a", &is));
	assert_int_not_equal(is.state, HAWK_PACKAGED_INTACT);
	root_want(packages, "/usr/bin/a", "tools", HAWK_PACKAGED_CHANGED);
	root_replace("/usr/bin/a", "abc");
	root_want(packages, "/usr/bin/a", "tools", HAWK_PACKAGED_INTACT);
}

static void test_new_package(void **state)
{
	(void)state;
	root_want(packages, "/usr/bin/new", "", HAWK_PACKAGED_NONE);
	root_want(packages, "/usr/bin/b", "tools", HAWK_PACKAGED_CHANGED);
	root_write("/usr/bin/new", "abc");
	root_replace(INFO "new:amd64.md5sums", "900150983cd24fb0d6963f7d28e17f72  usr/bin/new\n");
	root_replace(INFO "new:amd64.list", "/usr/bin/new\n");
	root_want(packages, "/usr/bin/new", "new", HAWK_PACKAGED_INTACT);
	/* an update */
	root_replace(INFO "tools.md5sums", "900150983cd24fb0d6963f7d28e17f72  usr/bin/b\n");
	root_replace("/usr/bin/b", "abc");
	root_want(packages, "/usr/bin/b", "tools", HAWK_PACKAGED_INTACT);
}

static void test_busy(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct hawk_package is;
	int fd;

	(void)state;
	root_want(packages, "/tmp/x", "", HAWK_PACKAGED_NONE);
	root_want(packages, "/usr/bin/b", "tools", HAWK_PACKAGED_CHANGED);
	root_want(packages, "/usr/bin/a", "tools", HAWK_PACKAGED_INTACT);
	fd = open(root_path(DPKG "lock"), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	wait_for(is_busy);
	/* what may be the package manager's work is not known, the rest is */
	assert_false(ask("/tmp/x", &is));
	assert_true(ask("/usr/bin/b", &is));
	assert_int_equal(is.state, HAWK_PACKAGED_UNKNOWN);
	assert_true(ask("/usr/bin/a", &is));
	assert_int_equal(is.state, HAWK_PACKAGED_INTACT);
	root_write("/usr/bin/b", "");
	close(fd);
	wait_for(is_not_busy);
	root_want(packages, "/tmp/x", "", HAWK_PACKAGED_NONE);
	root_want(packages, "/usr/bin/b", "tools", HAWK_PACKAGED_INTACT);
}

static void test_no_database(void **state)
{
	struct hawk_package is;
	struct hawk_packages *p;
	int fd;

	(void)state;
	root_remove();
	close(root_fd);
	fd = root_fd = root_make();
	assert_int_equal(hawk_packages_new(&p, fd), 0);
	root_wait_read(p, ENOENT);
	assert_false(hawk_packages_ask(p, (const uint8_t *)"/tmp/x", 6, &is));
	hawk_packages_free(p);
	/* one that this cannot read */
	root_write("/var/lib/rpm/Packages", "");
	assert_int_equal(hawk_packages_new(&p, fd), 0);
	root_wait_read(p, EOPNOTSUPP);
	assert_false(hawk_packages_ask(p, (const uint8_t *)"/tmp/x", 6, &is));
	hawk_packages_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_package, setup, teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_database, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
