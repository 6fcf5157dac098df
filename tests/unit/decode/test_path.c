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
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_PSEUDO, &v, NULL), 0);
	assert_int_equal(v.len, strlen(wanted));
	assert_memory_equal(v.bytes, wanted, v.len);
	w.len--;
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_PSEUDO, &v, NULL), -EBADMSG);
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
	assert_int_equal(hawk_path_decode(&space, &w, HAWK_PATH_SOCKET, &v, NULL), 0);
	assert_int_equal(v.flags, HAWK_VAL_ABSENT);
	assert_int_equal(hawk_socket_decode(&w, HAWK_PATH_SOCKET, &v), 0);
	assert_int_equal(v.len, sizeof(wire));
	for (w.len = 0; w.len < sizeof(wire); w.len++)
		assert_int_equal(hawk_socket_decode(&w, HAWK_PATH_SOCKET, &v), -EBADMSG);
	assert_int_equal(hawk_socket_decode(&w, 0, &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_ABSENT);
}

static void assert_views(const struct hawk_value *wire, uint32_t info, const char *first, const char *other,
			 uint32_t flags)
{
	struct hawk_value v, o;

	space.used = 0;
	assert_int_equal(hawk_path_decode(&space, wire, info, &v, &o), 0);
	assert_int_equal(v.len, strlen(first));
	assert_memory_equal(v.bytes, first, v.len);
	assert_int_equal(o.flags, flags);
	assert_int_equal(o.len, strlen(other));
	assert_memory_equal(o.bytes, other, o.len);
}

static void two_views(void **state)
{
	static const char bytes[] = "file\0data\0file\0volume\0srv";
	const struct hawk_value wire = { .bytes = (const uint8_t *)bytes, .len = sizeof(bytes) };
	const struct hawk_value own = { .bytes = wire.bytes, .len = 10 }, none = { .bytes = wire.bytes };

	assert_views(&wire, HAWK_PATH_OTHER(10U, 0U), "/data/file", "/srv/volume/file", 0);
	assert_views(&wire, HAWK_PATH_OTHER(0U, 0U) | HAWK_PATH_DELETED, "/", "/srv/volume/file/data/file",
		     HAWK_VAL_DELETED);
	assert_views(&wire, HAWK_PATH_OTHER(10U, HAWK_PATH_TRUNCATED), "/data/file", "/srv/volume/file",
		     HAWK_VAL_TRUNCATED);
	assert_views(&own, HAWK_PATH_OTHER(10U, HAWK_PATH_UNREACHABLE) | HAWK_PATH_ANY_MOUNT, "/data/file",
		     "/data/file", HAWK_VAL_UNREACHABLE | HAWK_VAL_ANY_MOUNT);
	assert_views(&own, HAWK_PATH_OTHER(10U, HAWK_PATH_TRUNCATED), "/data/file", "", HAWK_VAL_TRUNCATED);
	assert_views(&own, HAWK_PATH_OTHER(10U, 0U), "/data/file", "/", 0);
	assert_views(&none, HAWK_PATH_OTHER(0U, 0U), "/", "/", 0);
	assert_views(&own, 0, "/data/file", "", HAWK_VAL_ABSENT);
}

static void bad_views(void **state)
{
	static const char bytes[] = "file\0data";
	const struct hawk_value wire = { .bytes = (const uint8_t *)bytes, .len = sizeof(bytes) };
	const uint32_t bad[] = {
		HAWK_PATH_OTHER(11U, 0U),                     /* longer than the whole */
		HAWK_PATH_OTHER(3U, 0U),                      /* ends in a component */
		HAWK_PATH_TRUNCATED << 8,                     /* of nothing */
		HAWK_PATH_OTHER(5U, HAWK_PATH_SOCKET),
		HAWK_PATH_OTHER(5U, 0U) | HAWK_PATH_SOCKET,
		HAWK_PATH_OTHER(0U, 0U) | HAWK_PATH_ABSENT,
	};
	struct hawk_value v, o;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		space.used = 0;
		assert_int_equal(hawk_path_decode(&space, &wire, bad[i], &v, &o), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),	cmocka_unit_test(marks_are_kept),
		cmocka_unit_test(no_room),	cmocka_unit_test(pseudo_files),
		cmocka_unit_test(sockets_are_no_paths), cmocka_unit_test(two_views),
		cmocka_unit_test(bad_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
