/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/event/field.h"

static struct hawk_process shell = {
	.task = { .pid = 7, .ppid = 1, .uid = 1000, .loginuid = UINT32_MAX, .ns_mnt = 41, .ns_net = 5,
		  .cgroup = 9, .cap_effective = 1ULL << 40 },
	.comm = "zsh",
	.exe = { .data = (uint8_t *)"/bin/zsh", .len = 8, .flags = HAWK_VAL_DELETED },
	.source = HAWK_FROM_SEED,
};
static struct hawk_process init = {
	.task = { .pid = 1 }, .comm = "exactly16bytesXX", .source = HAWK_FROM_EVENT
};
static struct hawk_event event;

static int setup(void **state)
{
	const struct hawk_host_ns host = { .mnt = 41, .net = 4 };

	hawk_host_ns_set(&host);
	event = (struct hawk_event){ .desc = hawk_event_by_id(HAWK_EV_SYS_unshare), .walltime = 5, .seq = 6,
				     .tid = 8, .process = &shell, .parent = &init };
	event.data[0].u = 0x20000;
	event.data[1].s = -1;
	event.data[2].flags = HAWK_VAL_ABSENT;
	return 0;
}

/* Finds NAME and reads it; the result of hawk_field_get(). */
static int get(const char *name, struct hawk_value *ret)
{
	struct hawk_field f;

	assert_int_equal(hawk_field_find(name, &f), 0);
	return hawk_field_get(&f, &event, ret);
}

static void assert_number(const char *name, int64_t expected)
{
	struct hawk_value v;

	assert_int_equal(get(name, &v), 0);
	assert_true(v.s == expected);
}

static void assert_text(const char *name, const char *expected)
{
	struct hawk_value v;

	assert_int_equal(get(name, &v), 0);
	assert_int_equal(v.len, strlen(expected));
	assert_memory_equal(v.bytes, expected, v.len);
}

static void assert_no_data(const char *name)
{
	struct hawk_value v = { .u = 77 };

	assert_int_equal(get(name, &v), -ENODATA);
	assert_true(v.u == 77);
}

static void every_scope(void **state)
{
	assert_text("event", "unshare");
	assert_number("time", 5);
	assert_number("seq", 6);
	assert_number("process.tid", 8);
	assert_number("process.pid", 7);
	assert_text("process.comm", "zsh");
	assert_text("process.exe", "/bin/zsh");
	assert_number("process.cgroup.id", 9);
	assert_number("process.caps.effective", 1LL << 40);
	assert_number("process.loginuid", UINT32_MAX);
	assert_text("process.source", "seed");
	assert_number("parent.pid", 1);
	assert_text("parent.comm", "exactly16bytesXX");
	assert_number("data.flags", 0x20000);
	assert_number("data.retval", -1);
}

static void short_forms(void **state)
{
	assert_number("pid", 7);
	assert_number("tid", 8);
	assert_number("uid", 1000);
	assert_text("comm", "zsh");
	assert_number("ns.mnt.inode", 41);
}

static void unknown_names(void **state)
{
	const char *const bad[] = { "", "data", "data.", "data.nonsense", "process", "process.",
				    "parent.tid", "nonsense", "data.task", "data.reserved",
				    "process.kthread", "process.parent_start" };
	struct hawk_field f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hawk_field_find(bad[i], &f), -ENOENT);
}

static void what_is_not_there_is_absent(void **state)
{
	assert_no_data("data.errno");
	assert_no_data("data.pathname");
	assert_no_data("compat");
	assert_no_data("process.argv");
	assert_no_data("process.unit");
	assert_no_data("process.exec_time");
	assert_no_data("process.exit_code");
	event.parent = NULL;
	assert_no_data("parent.pid");
}

static void marks_are_kept(void **state)
{
	struct hawk_value v;

	assert_int_equal(get("exe", &v), 0);
	assert_int_equal(v.flags, HAWK_VAL_DELETED);
}

static void exit_fields_need_an_exit(void **state)
{
	shell.exit_time = 99;
	assert_number("process.exit_time", 99);
	assert_number("process.exit_code", 0);
	assert_number("process.exit_signal", 0);
	shell.exit_time = 0;
}

/* A namespace is the host's only when both are known. */
static void namespaces(void **state)
{
	assert_number("process.ns.mnt.is_host", 1);
	assert_number("process.ns.net.is_host", 0);
	assert_number("process.ns.net.inode", 5);
	assert_no_data("process.ns.uts.inode");
	assert_no_data("process.ns.uts.is_host");
	shell.task.ns_uts = 3;
	assert_number("process.ns.uts.inode", 3);
	assert_no_data("process.ns.uts.is_host");
	shell.task.ns_uts = 0;
}

/* Nobody knows the uid of a process of which only a record header was seen: it is not 0. */
static void header_only_process(void **state)
{
	shell.source = HAWK_FROM_HEADER;
	assert_number("pid", 7);
	assert_text("comm", "zsh");
	assert_number("process.cgroup.id", 9);
	assert_no_data("uid");
	assert_no_data("ppid");
	assert_no_data("process.caps.effective");
	assert_no_data("process.ns.mnt.is_host");
	shell.source = HAWK_FROM_SEED;
}

static void type_differs_by_event(void **state)
{
	struct hawk_field f;

	assert_int_equal(hawk_field_find("data.flags", &f), 0);
	assert_int_equal(hawk_field_type(&f, hawk_event_by_id(HAWK_EV_SYS_unshare)), HAWK_T_CLONE_FLAGS);
	assert_int_equal(hawk_field_type(&f, hawk_event_by_id(HAWK_EV_FILE_OPEN)), HAWK_T_OPEN_FLAGS);
	assert_int_equal(hawk_field_type(&f, hawk_event_by_id(HAWK_EV_SYS_kill)), HAWK_T_MAX);
	assert_int_equal(hawk_field_find("uid", &f), 0);
	assert_int_equal(hawk_field_type(&f, hawk_event_by_id(HAWK_EV_SYS_kill)), HAWK_T_UID);
}

/* Bytes that two names have in common, up to and with their last common dot. */
static size_t common_head(const char *a, const char *b)
{
	size_t head = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.')
			head = i + 1;
	return head;
}

/* Process fields: unique, found by name, heads together so that a writer can nest objects as it goes. */
static void process_table(void **state)
{
	size_t n = hawk_process_fields();

	assert_true(n > 50);
	for (size_t i = 0; i < n; i++) {
		const struct hawk_field *f = hawk_process_field(i);
		struct hawk_field found;

		assert_int_equal(f->index, i);
		assert_memory_equal(f->name, "process.", 8);
		assert_int_equal(hawk_field_find(f->name, &found), 0);
		assert_int_equal(found.index, i);
		for (size_t j = i + 2; j < n; j++)
			assert_true(common_head(f->name, hawk_process_field(i + 1)->name) >=
				    common_head(f->name, hawk_process_field(j)->name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_scope, setup),
		cmocka_unit_test_setup(short_forms, setup),
		cmocka_unit_test_setup(unknown_names, setup),
		cmocka_unit_test_setup(what_is_not_there_is_absent, setup),
		cmocka_unit_test_setup(marks_are_kept, setup),
		cmocka_unit_test_setup(exit_fields_need_an_exit, setup),
		cmocka_unit_test_setup(namespaces, setup),
		cmocka_unit_test_setup(header_only_process, setup),
		cmocka_unit_test_setup(type_differs_by_event, setup),
		cmocka_unit_test(process_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
