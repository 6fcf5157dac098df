/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modules that hide, in a made-up kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/integrity/fixture.h"

#define CHECK (1U << HAWK_CHECK_modules)
#define RESULT (k.result[HAWK_CHECK_modules])

static void sound(void **state)
{
	(void)state;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_DONE);
	assert_int_equal(RESULT.looked, 3 * MODULES);
	assert_string_equal(RESULT.note, "");
}

static void expect_hidden(int module, const char *found, const char *missing)
{
	assert_int_equal(kernel_check(&k, CHECK), 1);
	assert_int_equal(RESULT.findings, 1);
	assert_int_equal(k.findings.v[0].event, HAWK_EV_HIDDEN_KERNEL_MODULE);
	assert_int_equal(kernel_number(&k, 0, "address"), k.module[module]);
	assert_int_equal(kernel_text(&k, 0, "name")[3], '0' + module);
	assert_string_equal(kernel_text(&k, 0, "srcversion"), "ABC123");
	assert_string_equal(kernel_text(&k, 0, "found_in"), found);
	assert_string_equal(kernel_text(&k, 0, "missing_from"), missing);
}

static void off_the_list(void **state)
{
	(void)state;
	kernel_unlist(&k, 1);
	expect_hidden(1, "module_kset", "modules");
}

static void off_list_and_sysfs(void **state)
{
	(void)state;
	kernel_unlist(&k, 2);
	kernel_unset(&k, 2);
	expect_hidden(2, "mod_tree", "modules");
}

static void not_in_the_file(void **state)
{
	(void)state;
	kernel_write(k.modules, "mod0 1 0 - Live 0x0\nmod2 1 0 - Live 0x0\nmod11 1 0 - Live 0x0\n");
	expect_hidden(1, "modules", "/proc/modules");
	/* one that is being loaded is left out by the kernel itself */
	kernel_set(&k, k.module[1] + 24, 3);
	assert_int_equal(kernel_check(&k, CHECK), 0);
}

/* What comes and goes while it is looked at is no finding. */
static void only_once(void **state)
{
	uint64_t before = k.module[0] + 8, node = k.module[1] + 8;

	(void)state;
	kernel_unlist(&k, 1);
	assert_int_equal(kernel_get(&k, before), kernel_get(&k, node));
	k.reads_left = 25; /* behind the list, before the end of the first look */
	k.repair = before;
	k.repaired = node;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(k.reads_left, 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_DONE);
}

static void lists_that_lead_nowhere(void **state)
{
	(void)state;
	kernel_set(&k, k.module[1] + 8, k.module[0] + 8); /* for ever */
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_SKIPPED);
	assert_non_null(strstr(RESULT.note, "cannot be walked"));
	kernel_set(&k, k.module[1] + 8, 0xdeadbeef); /* into nothing */
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_SKIPPED);
}

static void trees_that_lead_nowhere(void **state)
{
	(void)state;
	kernel_set(&k, k.node[MODULES - 1] + (uint64_t)k.layout.rb_right, k.node[0]);
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_PARTLY);
	assert_non_null(strstr(RESULT.note, "mod_tree"));
	kernel_set(&k, k.node[MODULES - 1] + (uint64_t)k.layout.rb_right, 1);
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_PARTLY);
}

static void what_is_not_known(void **state)
{
	(void)state;
	k.env.layout = NULL;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_SKIPPED);
	k.env.layout = &k.layout;
	k.layout.tree_node_mod = -1;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_PARTLY);
	k.env.modules = "/nonexistent/modules";
	k.layout.tree_node_mod = 0;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_PARTLY);
	assert_non_null(strstr(RESULT.note, "/nonexistent/modules"));
}

/* No symbol and no file: there are no modules. */
static void none_at_all(void **state)
{
	(void)state;
	kernel_write(k.kallsyms, "ffffffff81000000 T _stext\nffffffff82000000 T _etext\n");
	k.env.modules = "/nonexistent/modules";
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_DONE);
	assert_non_null(strstr(RESULT.note, "no modules"));
	/* a file and no symbol: they are hidden from us */
	k.env.modules = k.modules;
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_SKIPPED);
	assert_non_null(strstr(RESULT.note, "address of modules (CONFIG_KALLSYMS_ALL)"));
}

/* Before 6.4 a module had one piece of memory, its text first. */
static void older_layout(void **state)
{
	(void)state;
	k.layout.module_mem = -1;
	k.layout.module_core_layout = 104;
	k.layout.layout_base = 0;
	k.layout.layout_size = 8;
	k.layout.layout_text_size = 12;
	for (int i = 0; i < MODULES; i++)
		kernel_set(&k, k.module[i] + 112, 0x1000ULL << 32 | 0x20000);
	kernel_set(&k, k.file_pde + 8, MODULE_DATA(0));
	assert_int_equal(kernel_check(&k, CHECK), 0);
	assert_int_equal(RESULT.state, HAWK_CHECK_DONE);
	/* and the data behind it belongs to it */
	kernel_set(&k, k.calls, MODULE_DATA(1));
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_syscalls), 1);
	assert_string_equal(kernel_text(&k, 0, "module"), "mod1");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sound), TEST(off_the_list), TEST(off_list_and_sysfs), TEST(not_in_the_file), TEST(only_once),
		TEST(lists_that_lead_nowhere), TEST(trees_that_lead_nowhere), TEST(what_is_not_known),
		TEST(none_at_all), TEST(older_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
