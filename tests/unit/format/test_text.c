/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/sample.h"

static struct hawk_buf out;

/* Head and event in this format must be EXPECTED. */
static void assert_lines(const char *description, const struct sample *s, const char *expected)
{
	struct hawk_format *f = NULL;
	char *why = NULL;

	hawk_buf_reset(&out);
	if (hawk_format_new(&f, description, false, &why) < 0)
		fail_msg("%s", why ? why : "no memory");
	assert_string_equal(hawk_format_description(f), description);
	assert_false(hawk_format_is_json(f));
	assert_int_equal(hawk_format_head(f, &out), 0);
	assert_int_equal(hawk_format_event(f, &s->event, &out), 0);
	assert_string_equal(hawk_buf_str(&out), expected);
	hawk_format_free(f);
}


static void assert_bad(const char *description, const char *expected)
{
	struct hawk_format *f = NULL;
	char *why = NULL;

	assert_int_equal(hawk_format_new(&f, description, false, &why), -EINVAL);
	assert_null(f);
	assert_string_equal(why, expected);
	free(why);
}

#define CSV_HEAD "time,event,pid,tid,ppid,uid,comm,exe,data,policies\n"
#define CSV_START "2026-01-02T03:20:45.000000042Z,"

static void csv(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "openat");
	memcpy(s.event.comm, "a,\"b\n", 5);
	sample_number(&s, "flags", O_RDWR | O_CREAT);
	sample_str(&s, "pathname", "x y\\\"\t");
	sample_number(&s, "retval", -ENOENT);
	assert_lines("csv", &s,
		     CSV_HEAD CSV_START "openat,4242,4243,4200,1000,\"a,\"\"b\\x0a\",/usr/bin/bash,"
		     "\"pathname=\"\"x y\\\\\\\"\"\\x09\"\" flags=O_RDWR|O_CREAT retval=-2\",\n");
	s.event.process = s.event.parent = NULL;
	s.event.policies = (struct hawk_value){ .bytes = (const uint8_t *)"one\0t\"o", .len = 8 };
	assert_lines("csv", &s,
		     CSV_HEAD CSV_START "openat,4242,4243,,,\"a,\"\"b\\x0a\",,"
		     "\"pathname=\"\"x y\\\\\\\"\"\\x09\"\" flags=O_RDWR|O_CREAT retval=-2\",\"one,t\"\"o\"\n");
}

#define TABLE_HEAD "TIME         EVENT              PID     UID   COMM            DATA\n"
#define TABLE_START "03:20:45.000 "

static void table(void **state)
{
	const uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 }, v6[16] = { [15] = 1 };
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exec");
	sample_strv(&s, "argv", "mysql\0--password=x\0it's\0\0\x1b[2J");
	sample_str(&s, "pathname", "/usr/bin/mysql");
	assert_lines("table", &s,
		     TABLE_HEAD TABLE_START "sched_process_exec 4242    1000  bash            "
		     "mysql --password=[redacted] 'it'\\''s' '' \\x1b[2J\n");
	sample_init(&s, "net_tcp_connect");
	sample_bytes(&s, "src", v4, sizeof(v4));
	sample_bytes(&s, "dst", v6, sizeof(v6));
	sample_number(&s, "src_port", 1234);
	sample_number(&s, "dst_port", 80);
	sample_number(&s, "retval", -ECONNREFUSED);
	assert_lines("table", &s,
		     TABLE_HEAD TABLE_START "net_tcp_connect    4242    1000  bash            "
		     "10.0.0.1:1234 -> [::1]:80 = ECONNREFUSED\n");
	sample_init(&s, "kill");
	sample_number(&s, "pid", -1);
	sample_number(&s, "sig", 9);
	s.event.process = NULL;
	memcpy(s.event.comm, "gr\xc3\xbc\xc3\x9f", 7);
	assert_lines("table", &s,
		     TABLE_HEAD TABLE_START "kill               4242    -     gr\xc3\xbc\xc3\x9f            pid=-1 sig=SIGKILL\n");
}

static void wide(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "file_open");
	sample_value(&s, "pathname")->flags = HAWK_VAL_UNREADABLE;
	s.process.unit.len = 0;
	s.process.cgroup = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"/cg", .len = 3 };
	assert_lines("wide", &s,
		     "TIME         EVENT              PID     PPID    UID   COMM            UNIT                     "
		     "EXE                      DATA\n"
		     TABLE_START "file_open          4242    4200    1000  bash            /cg                      "
		     "/usr/bin/bash            pathname=?\n");
}

static void colour_only_on_a_terminal(void **state)
{
	struct hawk_format *f = NULL;
	struct sample s;
	char *why = NULL;

	(void)state;
	sample_init(&s, "kill");
	assert_int_equal(hawk_format_new(&f, "table", true, &why), 0);
	hawk_buf_reset(&out);
	assert_int_equal(hawk_format_event(f, &s.event, &out), 0);
	assert_non_null(strstr(hawk_buf_str(&out), "\033[1mkill               \033[0m4242"));
	hawk_format_free(f);
}

static void template(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "openat");
	sample_str(&s, "pathname", "/a\nb");
	sample_number(&s, "flags", O_WRONLY);
	s.process.argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"x\0--token\0y z", .len = 14 };
	assert_lines("template=%{time} 100%% %{event}\\t%{data.pathname}\\\\ %{data.flags}%{pid}", &s,
		     "2026-01-02T03:20:45.000000042Z 100% openat\t/a\\x0ab\\ O_WRONLY4242\n");
	assert_lines("template=%{process.argv}|%{parent.exe}|%{data.retval}|%{process.ns.mnt.is_host}", &s,
		     "x --token [redacted]|/usr/sbin/sshd|-|false\n");
	assert_lines("template=\\n", &s, "\n\n");
}

static void bad_descriptions(void **state)
{
	(void)state;
	assert_bad("xml", "there is no format \"xml\"; use table, wide, json, tracee, tetragon, csv or template=TEXT");
	assert_bad("template=", "template, column 1: it is empty; try template=%{time} %{event} %{process.exe}");
	assert_bad("template=ab %{pid", "template, column 4: %{ without }");
	assert_bad("template=%{}", "template, column 1: no name between %{ and }");
	assert_bad("template=%{pid} %{nonsense}", "template, column 8: no event has a field called nonsense");
	assert_bad("template=50%", "template, column 3: % is followed by neither { nor %");
	assert_bad("template=a\\x", "template, column 2: \\ is followed by none of n, t and \\");
	assert_bad("template=\\", "template, column 1: \\ is followed by none of n, t and \\");
}

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hawk_buf_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv),
		cmocka_unit_test(table),
		cmocka_unit_test(wide),
		cmocka_unit_test(colour_only_on_a_terminal),
		cmocka_unit_test(template),
		cmocka_unit_test(bad_descriptions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
