/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/decode/path.h"

#include <errno.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/base/cleanup.h"

static struct hawk_space space;

static struct hawk_value text(const char *s)
{
	return (struct hawk_value){ .bytes = (const uint8_t *)s, .len = (uint32_t)strlen(s),
				    .full = (uint32_t)strlen(s) };
}

static void assert_joined(const char *base, const char *path, const char *wanted)
{
	struct hawk_value b = text(base), p = text(path), v;

	space.used = 0;
	if (!*base)
		b.flags = HAWK_VAL_ABSENT;
	assert_int_equal(hawk_path_join(&space, &b, &p, &v), 0);
	if (!wanted) {
		assert_int_equal(v.flags, HAWK_VAL_ABSENT);
		return;
	}
	assert_int_equal(v.flags, 0);
	assert_int_equal(v.len, strlen(wanted));
	assert_memory_equal(v.bytes, wanted, v.len);
}

static void joins(void **state)
{
	assert_joined("/a/b", "c", "/a/b/c");
	assert_joined("/", "c", "/c");
	assert_joined("/a/b", "../c/./d//e/", "/a/c/d/e");
	assert_joined("/a", "../../../x", "/x");
	assert_joined("/a", "..", "/");
	assert_joined("/a", ".", "/a");
	assert_joined("/a", "", "/a");
	assert_joined("/a", "...", "/a/...");
	assert_joined("/a", ".hidden/..name", "/a/.hidden/..name");
	assert_joined("/a", "/b/../c", "/c");
	assert_joined("/a", "/", "/");
	assert_joined("", "//etc//passwd", "/etc/passwd");
	assert_joined("", "etc", NULL);
	assert_joined("", "", NULL);
	assert_joined("pipe:[7]", "x", NULL);
	assert_joined("pipe:[7]", "", "pipe:[7]");
}

static void marks_are_kept(void **state)
{
	struct hawk_value base = text("/a"), path = text("b"), v;

	space.used = 0;
	base.flags = HAWK_VAL_DELETED | HAWK_VAL_UNREACHABLE;
	path.flags = HAWK_VAL_TRUNCATED;
	assert_int_equal(hawk_path_join(&space, &base, &path, &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_DELETED | HAWK_VAL_UNREACHABLE | HAWK_VAL_TRUNCATED);
	path = text("/b");
	assert_int_equal(hawk_path_join(&space, &base, &path, &v), 0);
	assert_int_equal(v.flags, 0);
	path.flags = HAWK_VAL_UNREADABLE;
	assert_int_equal(hawk_path_join(&space, &base, &path, &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_ABSENT);
}

static void no_room(void **state)
{
	struct hawk_value base = text("/a"), path = text("b"), v;

	space.used = sizeof(space.bytes) - 4;
	assert_int_equal(hawk_path_join(&space, &base, &path, &v), -EBADMSG);
	space.used--;
	assert_int_equal(hawk_path_join(&space, &base, &path, &v), 0);
}

static void assert_pseudo(const char *name, uint64_t magic, const char *wanted)
{
	const struct hawk_abi_pseudo facts = { .inode = 4711, .magic = magic };
	uint8_t wire[64];
	struct hawk_value w = { .bytes = wire, .len = (uint32_t)(strlen(name) + 1 + sizeof(facts)) }, v;

	space.used = 0;
	memcpy(wire, name, strlen(name) + 1);
	memcpy(wire + strlen(name) + 1, &facts, sizeof(facts));
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_PSEUDO, &v), 0);
	assert_int_equal(v.len, strlen(wanted));
	assert_memory_equal(v.bytes, wanted, v.len);
	w.len--;
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_PSEUDO, &v), -EBADMSG);
}

static void pseudo_files(void **state)
{
	assert_pseudo("", PIPEFS_MAGIC, "pipe:[4711]");
	assert_pseudo("TCP", SOCKFS_MAGIC, "socket:[4711]");
	assert_pseudo("[eventfd]", ANON_INODE_FS_MAGIC, "anon_inode:[eventfd]");
	assert_pseudo("memfd:x", TMPFS_MAGIC, "memfd:x");
}

static void sockets_are_no_paths(void **state)
{
	const struct hawk_abi_socket socket = { .family = 1, .name_len = 3 };
	uint8_t wire[sizeof(socket) + 3] = { 0 };
	struct hawk_value w = { .bytes = wire, .len = sizeof(wire) }, v;

	memcpy(wire, &socket, sizeof(socket));
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_SOCKET, &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_ABSENT);
	assert_int_equal(hawk_socket_decode(&w, HAWK_PATH_SOCKET, &v), 0);
	assert_int_equal(v.len, sizeof(wire));
	for (w.len = 0; w.len < sizeof(wire); w.len++)
		assert_int_equal(hawk_socket_decode(&w, HAWK_PATH_SOCKET, &v), -EBADMSG);
	assert_int_equal(hawk_socket_decode(&w, 0, &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),	cmocka_unit_test(marks_are_kept),
		cmocka_unit_test(no_room),	cmocka_unit_test(pseudo_files),
		cmocka_unit_test(sockets_are_no_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
