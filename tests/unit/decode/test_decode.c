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
#include <cmocka.h>

#include "src/event/process.h"
#include "tests/unit/decode/decoding.h"

static void header(void **state)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXIT);
	rec.header.tid = 101;
	rec.header.generation = 3;
	rec.header.flags = HAWK_REC_INTEREST;
	rec.header.matched[3] = 1ULL << 63;
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(event.desc->id, HAWK_EV_SCHED_PROCESS_EXIT);
	assert_true(event.time == 1000000000);
	assert_true(event.walltime == BOOT_OFFSET + 1000000000ULL);
	assert_int_equal(event.start, 5);
	assert_int_equal(event.cgroup, 7);
	assert_int_equal(event.tgid, 100);
	assert_int_equal(event.tid, 101);
	assert_int_equal(event.generation, 3);
	assert_int_equal(event.rec_flags, HAWK_REC_INTEREST);
	assert_string_equal((const char *)event.comm, "test");
	assert_true(event.matched[3] == 1ULL << 63);
	assert_int_equal(event.seq, 0);
	assert_null(event.task);
	assert_null(event.process);
	assert_null(event.parent);
}

static void numbers(void **state)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXIT);
	test_record_number(&rec, "run_time", UINT64_MAX);
	test_record_number(&rec, "exit_code", (uint32_t)-3);
	test_record_number(&rec, "signal", 9);
	test_record_number(&rec, "core_dumped", 255);
	assert_int_equal(decode(&rec), 0);
	assert_true(value("run_time")->u == UINT64_MAX);
	assert_true(value("exit_code")->s == -3);
	assert_int_equal(value("signal")->s, 9);
	assert_int_equal(value("core_dumped")->u, 1);
	assert_int_equal(value("group_exit")->u, 0);
	assert_int_equal(value("signal")->flags, 0);
}

static void addresses(void **state)
{
	test_record_init(&rec, HAWK_EV_NET_TCP_ACCEPT);
	test_record_ip(&rec, "src", "192.0.2.1");
	test_record_ip(&rec, "dst", "2001:db8::5");
	test_record_number(&rec, "dst_port", 443);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("src", "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
	assert_bytes("dst", "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\5", 16);
	assert_int_equal(value("dst_port")->u, 443);
}

/* A word of a system call counts as much as its type has. */
static void syscall_words(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_openat);
	test_record_number(&rec, "dirfd", 0xdeadbeefffffff9c);
	test_record_number(&rec, "flags", 0xffffffff00080000);
	test_record_number(&rec, "mode", 0xabc01a4);
	test_record_text(&rec, "pathname", "x");
	test_record_number(&rec, "retval", 3);
	test_record_path(&rec, "resolved_path", "/tmp/x");
	assert_int_equal(decode(&rec), 0);
	assert_true(value("dirfd")->s == -100);
	assert_int_equal(value("flags")->u, 0x80000);
	assert_int_equal(value("mode")->u, 0x01a4);
	assert_text("pathname", "x");
	assert_text("resolved_path", "/tmp/x");
	assert_int_equal(value("retval")->s, 3);
	assert_int_equal(value("errno")->flags, HAWK_VAL_ABSENT);
}

/*
 * A 32-bit caller's registers have zeros above: signed arguments get their sign, wide ones stay as they are. So do
 * results, which may be addresses, unless they are errors.
 */
static void syscall_words_of_32_bits(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_lseek);
	rec.header.flags = HAWK_REC_COMPAT;
	test_record_number(&rec, "offset", 0xfffffffb);
	test_record_number(&rec, "retval", 0xfffff000);
	assert_int_equal(decode(&rec), 0);
	assert_true(value("offset")->s == -5);
	assert_true(value("retval")->s == 0xfffff000);
	assert_int_equal(value("errno")->flags, HAWK_VAL_ABSENT);
	test_record_init(&rec, HAWK_EV_SYS_modify_ldt);
	rec.header.flags = HAWK_REC_COMPAT;
	test_record_number(&rec, "retval", 0xffffffda);
	assert_int_equal(decode(&rec), 0);
	assert_true(value("retval")->s == -38);
	assert_true(value("errno")->s == -38);
	test_record_init(&rec, HAWK_EV_SYS_pread64);
	rec.header.flags = HAWK_REC_COMPAT;
	test_record_number(&rec, "offset", 0xfffffffb);
	assert_int_equal(decode(&rec), 0);
	assert_true(value("offset")->s == 0xfffffffb);
}

/* Names that depend on another argument get it along. */
static void syscall_contexts(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_setsockopt);
	test_record_number(&rec, "level", 41);
	test_record_number(&rec, "optname", 26);
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("optname")->s, 26);
	assert_int_equal(value("optname")->context, 41);
	assert_int_equal(value("level")->context, 0);
	test_record_init(&rec, HAWK_EV_SYS_socket);
	test_record_number(&rec, "domain", 16);
	test_record_number(&rec, "type", 3);
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("protocol")->context, 16);
}

static void syscall_errno(void **state)
{
	static const struct {
		int64_t ret;
		bool error;
	} cases[] = { { 0, false }, { -1, true }, { -2, true }, { -4095, true }, { -4096, false },
		      { INT64_MIN, false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_record_init(&rec, HAWK_EV_SYS_kill);
		test_record_number(&rec, "retval", cases[i].ret);
		assert_int_equal(decode(&rec), 0);
		assert_true(value("retval")->s == cases[i].ret);
		assert_int_equal(value("errno")->flags, cases[i].error ? 0 : HAWK_VAL_ABSENT);
		if (cases[i].error)
			assert_true(value("errno")->s == cases[i].ret);
	}
}

static void paths(void **state)
{
	char deep[HAWK_PATH_BYTES] = "";

	for (int i = 0; i < 300; i++)
		strcat(deep, "/component");
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_path(&rec, "pathname", "/usr/bin/ls");
	test_record_path(&rec, "cwd", "/");
	test_record_path(&rec, "cgroup_path", deep);
	assert_int_equal(decode(&rec), 0);
	assert_text("pathname", "/usr/bin/ls");
	assert_text("cwd", "/");
	assert_text("cgroup_path", deep);
	assert_int_equal(value("cwd")->flags, 0);
}

static void path_marks(void **state)
{
	static const struct {
		uint32_t info;
		const char *wire;
		size_t len;
		uint32_t flags;
		const char *path;
	} cases[] = {
		{ HAWK_PATH_DELETED, "b\0a", 4, HAWK_VAL_DELETED, "/a/b" },
		{ HAWK_PATH_TRUNCATED, "b\0a", 4, HAWK_VAL_TRUNCATED, "/a/b" },
		{ HAWK_PATH_UNREACHABLE, "b", 2, HAWK_VAL_UNREACHABLE, "/b" },
		{ HAWK_PATH_UNREADABLE, "b", 2, HAWK_VAL_UNREADABLE, "/b" },
		{ HAWK_PATH_UNREADABLE, "", 0, HAWK_VAL_UNREADABLE, "" },
		{ HAWK_PATH_PSEUDO, "pipe:[7]", 9, 0, "pipe:[7]" },
		{ HAWK_PATH_PSEUDO, "", 0, 0, "" },
		{ HAWK_PATH_PSEUDO | HAWK_PATH_DELETED, "/memfd:x", 9, HAWK_VAL_DELETED, "/memfd:x" },
		{ HAWK_PATH_ABSENT, "", 0, HAWK_VAL_ABSENT, "" },
		{ 0, "\xff\n", 3, 0, "/\xff\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_record_init(&rec, HAWK_EV_FILE_OPEN);
		test_record_bytes(&rec, "pathname", cases[i].wire, cases[i].len);
		test_record_info(&rec, "pathname", cases[i].info);
		assert_int_equal(decode(&rec), 0);
		assert_int_equal(value("pathname")->flags, cases[i].flags);
		assert_text("pathname", cases[i].path);
	}
}

/* An event with a path in two views; the one that follows has nothing of it. */
static void other_view(void **state)
{
	static const char both[] = "file\0data\0file\0volume";
	const struct hawk_event *other;
	static struct hawk_other_view space;

	test_record_init(&rec, HAWK_EV_FILE_OPEN);
	test_record_bytes(&rec, "pathname", both, sizeof(both));
	test_record_info(&rec, "pathname", HAWK_PATH_OTHER(10U, 0U));
	assert_int_equal(decode(&rec), 0);
	assert_text("pathname", "/data/file");
	other = hawk_event_other(&event, &space);
	assert_ptr_equal(other, &space.event);
	event = space.event;
	assert_text("pathname", "/volume/file");
	test_record_init(&rec, HAWK_EV_FILE_OPEN);
	test_record_path(&rec, "pathname", "/x");
	assert_int_equal(decode(&rec), 0);
	assert_ptr_equal(hawk_event_other(&event, &space), &event);
}

/* A relative path is below the directory of the view; of an absolute one beside it only what the process said is known. */
static void other_view_of_arguments(void **state)
{
	static const char both[] = "dir\0dir\0volume";
	int at;

	for (int absolute = 0; absolute < 2; absolute++) {
		test_record_init(&rec, HAWK_EV_SYS_openat);
		test_record_number(&rec, "dirfd", (uint64_t)AT_FDCWD);
		test_record_text(&rec, "pathname", absolute ? "/etc/file" : "file");
		memcpy(rec.tail[HAWK_SYSCALL_VAR_CWD], both, sizeof(both));
		rec.var[HAWK_SYSCALL_VAR_CWD].len = sizeof(both);
		rec.var[HAWK_SYSCALL_VAR_CWD].info = HAWK_PATH_OTHER(4U, 0U);
		assert_int_equal(decode(&rec), 0);
		at = hawk_event_field(event.desc, "pathname_abs");
		assert_text("pathname_abs", absolute ? "/etc/file" : "/dir/file");
		assert_int_equal(event.others, 1U << at);
		assert_memory_equal(event.other[at].bytes, absolute ? "/etc/file" : "/volume/dir/file", event.other[at].len);
		/* where the host has it is not known */
		assert_int_equal(event.other[at].flags, absolute ? HAWK_VAL_UNREACHABLE : 0);
	}
}

/* An absolute path is below the root of the process, which is elsewhere for the host. */
static void absolute_in_both_views(void **state)
{
	static const char root[] = "merged\0pod";
	static const struct {
		const char *pathname, *abs;
		const char *host; /* NULL: there is no other view */
		uint32_t info;
	} rows[] = {
		/* as the process sees it, and in the other view */
		{ "/etc/../x", "/x", "/pod/merged/x", HAWK_PATH_OTHER(0U, 0U) },
		{ "/../../x", "/x", "/pod/merged/x", HAWK_PATH_OTHER(0U, 0U) },
		{ "/", "/", "/pod/merged", HAWK_PATH_OTHER(0U, 0U) },
		/* only as the host sees it */
		{ "/../x", "/pod/merged/x", NULL, 0 },
		{ "/", "/pod/merged", NULL, 0 },
	};
	int at;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_record_init(&rec, HAWK_EV_SYS_openat);
		test_record_number(&rec, "dirfd", i % 2 ? (uint64_t)AT_FDCWD : 7);
		test_record_text(&rec, "pathname", rows[i].pathname);
		memcpy(rec.tail[HAWK_SYSCALL_VAR_CWD], root, sizeof(root));
		rec.var[HAWK_SYSCALL_VAR_CWD].len = sizeof(root);
		rec.var[HAWK_SYSCALL_VAR_CWD].info = rows[i].info | HAWK_PATH_ROOT;
		assert_int_equal(decode(&rec), 0);
		at = hawk_event_field(event.desc, "pathname_abs");
		assert_text("pathname_abs", rows[i].abs);
		assert_int_equal(event.others, rows[i].host ? 1U << at : 0);
		if (rows[i].host) {
			assert_int_equal(event.other[at].len, strlen(rows[i].host));
			assert_memory_equal(event.other[at].bytes, rows[i].host, event.other[at].len);
		}
	}
	/* It is no working directory. */
	test_record_init(&rec, HAWK_EV_SYS_openat);
	test_record_number(&rec, "dirfd", (uint64_t)AT_FDCWD);
	test_record_text(&rec, "pathname", "x");
	rec.var[HAWK_SYSCALL_VAR_CWD].info = HAWK_PATH_ROOT;
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("pathname_abs")->flags, HAWK_VAL_ABSENT);
}

static void strings_and_marks(void **state)
{
	static const char *const argv[] = { "ls", "", "-l", NULL };

	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_strv(&rec, "argv", argv);
	test_record_bytes(&rec, "cmdpath", "a\0b", 3);
	test_record_bytes(&rec, "interp", "cut", 3);
	test_record_info(&rec, "interp", 500);
	test_record_bytes(&rec, "tty", "", 0);
	test_record_info(&rec, "tty", HAWK_VAR_UNREADABLE);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "ls\0\0-l", 7);
	assert_bytes("cmdpath", "a\0b", 3);
	assert_text("interp", "cut");
	assert_int_equal(value("interp")->flags, HAWK_VAL_TRUNCATED);
	assert_int_equal(value("interp")->full, 500);
	assert_int_equal(value("tty")->flags, HAWK_VAL_UNREADABLE);
	assert_int_equal(value("env")->flags, HAWK_VAL_ABSENT);
	test_record_info(&rec, "tty", HAWK_VAR_NULL);
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("tty")->flags, HAWK_VAL_NULL);
}

static void cut_list_gets_an_end(void **state)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_path(&rec, "pathname", "/bin/ls");
	test_record_bytes(&rec, "argv", "ls\0-lo", 6);
	test_record_info(&rec, "argv", 9);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "ls\0-lo", 7);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED);
	assert_int_equal(value("argv")->full, 9);
	assert_text("pathname", "/bin/ls");
}

static void task_is_handed_over(void **state)
{
	const struct hawk_abi_task task = { .pid = 42, .uid = 1000, .ns_user = 77 };

	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_FORK);
	test_record_task(&rec, &task);
	test_record_number(&rec, "child_pid", 42);
	assert_int_equal(decode(&rec), 0);
	assert_non_null(event.task);
	assert_int_equal((uintptr_t)event.task % _Alignof(struct hawk_abi_task), 0);
	assert_memory_equal(event.task, &task, sizeof(task));
	assert_int_equal(value("task")->flags, HAWK_VAL_ABSENT);
	assert_int_equal(value("child_pid")->s, 42);
}

static void every_event_decodes(void **state)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		if (descs[i]->id == HAWK_EV_CHAIN)
			continue;
		test_record_init(&rec, descs[i]->id);
		assert_int_equal(decode(&rec), 0);
		for (size_t f = 0; f < descs[i]->n_fields; f++)
			if (hawk_type_desc(descs[i]->fields[f].type)->var)
				assert_int_equal(event.data[f].flags, HAWK_VAL_ABSENT);
	}
}

static void padding(void **state)
{
	uint8_t *raw = (uint8_t *)rec.raw;

	test_record_init(&rec, HAWK_EV_FILE_OPEN);
	test_record_path(&rec, "pathname", "/a");
	rec.padding = 7;
	assert_int_equal(decode(&rec), 0);
	assert_text("pathname", "/a");
	raw[rec.header.size - 1] = 1;
	assert_int_equal(decode_bytes(raw, rec.header.size), -EBADMSG);
	rec.padding = 8;
	assert_int_equal(decode(&rec), -EBADMSG);
}

/* Cut anywhere, with the header's size right or wrong, a record is refused. */
static void cut_records(void **state)
{
	size_t len;
	uint32_t size;
	uint8_t *raw = (uint8_t *)rec.raw;

	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_path(&rec, "pathname", "/usr/bin/env");
	test_record_text(&rec, "interp", "sh");
	test_record_raw(&rec);
	len = rec.header.size;
	for (size = 0; size < len; size++) {
		assert_int_equal(decode_bytes(raw, size), -EBADMSG);
		memcpy(raw + offsetof(struct hawk_abi_rec, size), &size, sizeof(size));
		assert_int_equal(decode_bytes(raw, size), -EBADMSG);
	}
	assert_int_equal(hawk_decoder_stats(d).rejected, 2 * len);
}

static void broken_records(void **state)
{
	static const struct {
		const char *wire;
		size_t len;
		uint32_t info;
	} paths[] = { { "a", 1, 0 },                  /* no NUL at the end */
		      { "a", 2, 256 },                /* unknown bit */
		      { "a", 2, HAWK_PATH_ABSENT },   /* absent, yet there */
		      { "a\0b", 4, HAWK_PATH_PSEUDO } /* two components */ },
	  strings[] = { { "abc", 3, 2 }, /* longer than it was */
			{ "abc", 3, HAWK_VAR_NULL },
			{ "abc", 3, HAWK_VAR_ABSENT } };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		test_record_init(&rec, HAWK_EV_FILE_OPEN);
		test_record_bytes(&rec, "pathname", paths[i].wire, paths[i].len);
		test_record_info(&rec, "pathname", paths[i].info);
		assert_int_equal(decode(&rec), -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		test_record_init(&rec, HAWK_EV_SYS_creat);
		test_record_bytes(&rec, "pathname", strings[i].wire, strings[i].len);
		test_record_info(&rec, "pathname", strings[i].info);
		assert_int_equal(decode(&rec), -EBADMSG);
	}
	test_record_init(&rec, HAWK_EV_FILE_OPEN);
	rec.header.event = 99;
	assert_int_equal(decode(&rec), -EBADMSG);
	rec.header.event = UINT16_MAX;
	assert_int_equal(decode(&rec), -EBADMSG);
	rec.header.event = HAWK_EV_NONE;
	assert_int_equal(decode(&rec), -EBADMSG);
}

static void huge_record(void **state)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	for (size_t i = 0; i < rec.desc->n_vars; i++)
		rec.var[i] = (struct hawk_abi_var){ .len = HAWK_PATH_BYTES, .info = 0 };
	assert_true(test_record_size(&rec) > HAWK_RECORD_MAX);
	assert_int_equal(decode(&rec), -EBADMSG);
}

/* Arguments that nobody kept are not zeroes; the result is there. */
static void arguments_not_known(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_execveat);
	test_record_number(&rec, "retval", (uint64_t)-2);
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("dirfd")->flags, 0);
	rec.header.flags = HAWK_REC_NOARGS;
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("dirfd")->flags, HAWK_VAL_ABSENT);
	assert_int_equal(value("flags")->flags, HAWK_VAL_ABSENT);
	assert_int_equal(value("retval")->flags, 0);
	assert_int_equal(value("retval")->s, -2);
	/* no other event has kept arguments */
	test_record_init(&rec, HAWK_EV_FILE_OPEN);
	rec.header.flags = HAWK_REC_NOARGS;
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("flags")->flags, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, decoding_setup, decoding_teardown)
	const struct CMUnitTest tests[] = {
		T(header), T(numbers), T(addresses), T(syscall_words), T(syscall_words_of_32_bits),
		T(syscall_contexts), T(syscall_errno), T(paths), T(path_marks), T(other_view),
		T(other_view_of_arguments), T(absolute_in_both_views), T(arguments_not_known),
		T(strings_and_marks), T(cut_list_gets_an_end), T(task_is_handed_over),
		T(every_event_decodes), T(padding), T(cut_records), T(broken_records), T(huge_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
