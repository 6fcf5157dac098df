/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of dpkg to a table: names, diversions, what is taken over, what it takes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/package/table.h"
#include "tests/unit/package/root.h"

#define INFO "/var/lib/dpkg/info/"

static int root_fd;

static int setup(void **state)
{
	(void)state;
	root_fd = root_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(root_fd);
	root_remove();
	return 0;
}

static const char *owner(const struct hawk_table *t, const char *path)
{
	static char owner[128];
	char name[HAWK_PATHS_MAX];
	size_t len = hawk_paths_name(&t->paths, path, strlen(path), name);
	const struct hawk_origin *o = hawk_table_find(t, hawk_table_hash(t, name, len));

	if (!o)
		return "";
	hawk_origin_name(o, owner, sizeof(owner));
	return owner;
}

static void test_paths(void **state)
{
	struct hawk_paths p = { .n = 0 };
	char name[HAWK_PATHS_MAX];

	(void)state;
	hawk_paths_add(&p, "/bin", "usr/bin");
	hawk_paths_add(&p, "/var/run", "../run/");
	hawk_paths_add(&p, "/var/lock", "/run/lock");
	hawk_paths_add(&p, "/lib", "../../etc/../x");
	hawk_paths_add(&p, "/usr/sbin", "bin");
	hawk_paths_add(&p, "/sbin", "usr/sbin");
	assert_int_equal(p.n, 5);
	assert_int_equal(hawk_paths_name(&p, "/bin/sh", 7, name), 11);
	assert_string_equal(name, "/usr/bin/sh");
	hawk_paths_name(&p, "/binary", 7, name);
	assert_string_equal(name, "/binary");
	hawk_paths_name(&p, "/var/run/x", 10, name);
	assert_string_equal(name, "/run/x");
	hawk_paths_name(&p, "/var/lock", 9, name);
	assert_string_equal(name, "/run/lock");
	hawk_paths_name(&p, "/sbin/init", 10, name);
	assert_string_equal(name, "/usr/bin/init");
	assert_int_equal(hawk_paths_name(&p, "bin/sh", 6, name), 0);
	assert_int_equal(hawk_paths_name(&p, "", 0, name), 0);
	/* a circle ends */
	hawk_paths_add(&p, "/lib64", "/lib32");
	hawk_paths_add(&p, "/lib32", "/lib64");
	assert_true(hawk_paths_name(&p, "/lib64/x", 8, name) > 0);
}

static void test_owners(void **state)
{
	struct hawk_table *t;

	(void)state;
	root_link("usr/bin", "/bin");
	root_write(INFO "coreutils.list", "/.\n/bin\n/bin/ls\n/usr\n/usr/bin\n/usr/bin/env\n/usr/share/empty\n");
	root_write(INFO "libc6:amd64.list", "/usr\n/usr/lib\n/usr/lib/libc.so.6\nnonsense\n\n/usr/lib/last");
	root_write(INFO "not-a.md5sums", "/usr/bin/not\n");
	assert_int_equal(hawk_table_load(&t, NULL, root_fd), 0);
	assert_int_equal(t->error, 0);
	assert_int_equal(t->n_origins, 2);
	assert_int_equal(t->n_files, 5);
	assert_string_equal(owner(t, "/usr/bin/ls"), "coreutils");
	assert_string_equal(owner(t, "/bin/ls"), "coreutils");
	assert_string_equal(owner(t, "/bin/env"), "coreutils");
	assert_string_equal(owner(t, "/usr/lib/libc.so.6"), "libc6");
	assert_string_equal(owner(t, "/usr/lib/last"), "libc6");
	assert_string_equal(owner(t, "/usr/bin"), "");
	assert_string_equal(owner(t, "/usr/bin/not"), "");
	hawk_table_free(t);
}

static void test_diversions(void **state)
{
	struct hawk_table *t;

	(void)state;
	root_link("usr/bin", "/bin");
	root_write("/var/lib/dpkg/diversions", "/bin/tool\n/bin/tool.real\nmine\n/usr/bin/other\n/usr/bin/other.old\n:\n/cut\n");
	root_write(INFO "theirs:all.list", "/usr/bin/tool\n/usr/bin/other\n");
	root_write(INFO "mine:amd64.list", "/usr/bin/tool\n");
	assert_int_equal(hawk_table_load(&t, NULL, root_fd), 0);
	assert_string_equal(owner(t, "/usr/bin/tool"), "mine");
	assert_string_equal(owner(t, "/bin/tool.real"), "theirs");
	assert_string_equal(owner(t, "/usr/bin/other.old"), "theirs");
	assert_string_equal(owner(t, "/usr/bin/other"), "");
	hawk_table_free(t);
}

/* Only what has changed is read again: a list whose text changed behind its stamp is not. */
static void test_taken_over(void **state)
{
	struct hawk_table *old, *t;

	(void)state;
	root_write(INFO "a.list", "/usr/a\n");
	root_write(INFO "b.list", "/usr/b\n");
	root_write(INFO "c.list", "/usr/c\n");
	assert_int_equal(hawk_table_load(&old, NULL, root_fd), 0);
	for (size_t i = 0; i < old->n_origins; i++)
		if (strcmp(old->origins[i].name, "a") == 0)
			strcpy(old->origins[i].name, "A");
	root_replace(INFO "b.list", "/usr/b2\n");
	assert_int_equal(unlink(root_path(INFO "c.list")), 0);
	assert_int_equal(hawk_table_load(&t, old, root_fd), 0);
	assert_int_equal(t->n_files, 2);
	assert_string_equal(owner(t, "/usr/a"), "a");
	assert_string_equal(owner(t, "/usr/b"), "");
	assert_string_equal(owner(t, "/usr/b2"), "b");
	assert_string_equal(owner(t, "/usr/c"), "");
	hawk_table_free(old);
	old = t;
	/* what all names depend on */
	root_write("/var/lib/dpkg/diversions", "/usr/a\n/usr/a2\n:\n");
	assert_int_equal(hawk_table_load(&t, old, root_fd), 0);
	assert_string_equal(owner(t, "/usr/a2"), "a");
	hawk_table_free(old);
	hawk_table_free(t);
}

static void test_memory(void **state)
{
	struct hawk_table *t;
	FILE *f;

	(void)state;
	root_write(INFO "large.list", "");
	f = fopen(root_path(INFO "large.list"), "we");
	assert_non_null(f);
	for (int i = 0; i < 300000; i++)
		fprintf(f, "/usr/share/large/with/a/path/of/some/length/%d\n", i);
	fclose(f);
	assert_int_equal(hawk_table_load(&t, NULL, root_fd), 0);
	assert_int_equal(t->n_files, 300000);
	assert_string_equal(owner(t, "/usr/share/large/with/a/path/of/some/length/299999"), "large");
	assert_true(hawk_table_bytes(t) < 5 * 1024 * 1024);
	hawk_table_free(t);
}

static void test_too_many(void **state)
{
	struct hawk_table *t;
	FILE *f;

	(void)state;
	root_write(INFO "large.list", "");
	f = fopen(root_path(INFO "large.list"), "we");
	assert_non_null(f);
	for (int i = 0; i <= HAWK_TABLE_FILES_MAX; i++)
		fprintf(f, "/%d\n", i);
	fclose(f);
	assert_int_equal(hawk_table_load(&t, NULL, root_fd), 0);
	assert_int_equal(t->error, E2BIG);
	assert_int_equal(t->n_files, HAWK_TABLE_FILES_MAX);
	hawk_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test_setup_teardown(test_owners, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diversions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
