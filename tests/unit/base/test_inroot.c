/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files below a root: the kernel and the walk in steps agree, and nothing leads out. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#include "src/base/cleanup.h"
#include "src/base/inroot.h"

static char top[] = "/tmp/test_inroot.XXXXXX";
static int root = -1;

static void put(const char *name)
{
	_cleanup_close_ int fd = openat(root, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
}

static int set_up(void **state)
{
	static const char *const links[][2] = {
		{ "/dir/file", "absolute" }, { "dir/file", "relative" }, { "dir", "todir" }, { "/", "dir/totop" },
		{ "../../../../file", "dir/up" }, { "loop", "loop" }, { "nothing", "dangling" }, { "todir/sub/", "twice" },
		{ "file/", "nodir" }, { "..", "dir/sub/parent" }, { "/proc/self/root/etc/passwd", "out" },
	};

	(void)state;
	if (!mkdtemp(top))
		return -1;
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(root, "dir", 0755) | mkdirat(root, "dir/sub", 0755), 0);
	put("file");
	put("dir/file");
	put("dir/sub/file");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		assert_int_equal(symlinkat(links[i][0], root, links[i][1]), 0);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	close(root);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

/* What a result is: the same errno, or the same inode. */
static void assert_same(const char *path, int flags, int a, int b)
{
	struct stat x, y;

	if (a < 0 || b < 0) {
		if (a != b)
			fail_msg("%s, flags %#x: %d by the kernel, %d in steps", path, (unsigned int)flags, a, b);
		return;
	}
	assert_int_equal(fstat(a, &x) | fstat(b, &y), 0);
	if (x.st_ino != y.st_ino || x.st_dev != y.st_dev)
		fail_msg("%s, flags %#x: other files", path, (unsigned int)flags);
}

static void test_as_the_kernel(void **state)
{
	static const char *const paths[] = {
		"file", "/file", "//dir//file", "./dir/./file", "dir/../file", "../../file", "dir/sub/../../../dir/file",
		"absolute", "relative", "todir/file", "todir/sub/parent/file", "dir/totop/dir/totop/file", "dir/up", "loop",
		"loop/x", "dangling", "dangling/x", "twice/file", "twice", "nodir", "file/", "file/x", "dir/", "dir", "dir/.", "/",
		".", "..", "", "dir/sub/..", "todir/", "todir", "absolute/", "absolute/..", "nothing", "dir/nothing/..",
		"/etc/passwd", "../../../etc/passwd", "out", "dir/file/.",
	};
	static const int flags[] = { O_RDONLY, O_RDONLY | O_NOFOLLOW, O_PATH, O_PATH | O_NOFOLLOW, O_PATH | O_DIRECTORY };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
			_cleanup_close_ int a = hawk_open_in_root(root, paths[i], flags[k], 0);
			_cleanup_close_ int b = hawk_walk_in_root(root, paths[i], flags[k]);

			assert_same(paths[i], flags[k], a, b);
		}
}

static void test_bounds(void **state)
{
	char path[PATH_MAX + 10], deep[600] = "";

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(hawk_walk_in_root(root, path, O_RDONLY), -ENAMETOOLONG);
	path[300] = '\0';
	assert_int_equal(hawk_walk_in_root(root, path, O_RDONLY), -ENAMETOOLONG);
	assert_int_equal(hawk_walk_in_root(root, "loop", O_RDONLY), -ELOOP);
	for (int i = 0; i < 35; i++)
		strcat(deep, "dir/totop/");
	strcat(deep, "dir/totop/dir/file");
	_cleanup_close_ int fd = hawk_walk_in_root(root, deep, O_RDONLY);
	assert_true(fd >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_kernel),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
