/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"

static const struct {
	const char *text, *normal; /* NULL: the text itself */
} normal_forms[] = {
	{ "", NULL },
	{ " \n\t", "" },
	{ "event=ptrace", NULL },
	{ "comm=zsh event=execve", "process.comm=zsh AND event=execve" },
	{ "uid = 5 , gid >= 7\nand pid<9", "process.uid=5 AND process.gid>=7 AND process.pid<9" },
	{ "uid=1 OR uid=2 AND uid=3", "process.uid=1 OR process.uid=2 AND process.uid=3" },
	{ "(uid=1 OR uid=2) uid=3", "(process.uid=1 OR process.uid=2) AND process.uid=3" },
	{ "uid=1 AND (uid=2 AND (uid=3))", "process.uid=1 AND process.uid=2 AND process.uid=3" },
	{ "(uid=1 OR uid=2) OR (uid=3 OR uid=4)",
	  "process.uid=1 OR process.uid=2 OR process.uid=3 OR process.uid=4" },
	{ "NOT NOT uid=1", "process.uid=1" },
	{ "uid=1 NOT NOT (uid=2 uid=3)", "process.uid=1 AND process.uid=2 AND process.uid=3" },
	{ "NOT (uid=1 uid=2)", "NOT (process.uid=1 AND process.uid=2)" },
	{ "NOT uid=1 OR uid=2", "NOT process.uid=1 OR process.uid=2" },
	{ "comm=c|a|b|a", "process.comm=a|b|c" },
	{ "exe^=/usr exe$=.sh exe*=\"a b\"",
	  "process.exe=/usr* AND process.exe=*.sh AND process.exe=*\"a b\"*" },
	{ "exe=\"/usr\"*", "process.exe=/usr*" },
	{ "exe='a\"\\'", "process.exe=\"a\\\"\\\\\"" },
	{ "exe=\"*\"", NULL },
	{ "exe=\"\\x00\\x1b\xc3\xa9\"", NULL },
	{ "exe=\"\"", NULL },
	{ "exe=**", "process.exe=*" },
	{ "exe^=\"\"", "process.exe=*" },
	{ "argv=--x=1", "process.argv=\"--x=1\"" },
	{ "data.flags=O_RDWR|O_CREAT", "data.flags=O_CREAT|O_RDWR" },
	{ "tree=1|7 set=proc", NULL },
	{ "parent.exe!=/bin/sh", NULL },
	{ "data.addr.sun_path=/run/* OR data.msg.name.sin_port<1024", NULL },
	{ "data.previous.euid=1000", NULL },
	{ "policy=*", "policies=*" },
};

static char *printed(const struct hawk_ir *ir)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	assert_int_equal(hawk_ir_print(ir, &out), 0);
	assert_non_null(hawk_buf_str(&out));
	return out.data;
}

static struct hawk_ir *parsed(const char *text)
{
	struct hawk_ir_error e = { .line = 0 };
	struct hawk_ir *ir = NULL;

	if (hawk_ir_parse(&ir, text, &e) < 0)
		fail_msg("%s\n%u:%u: %s", text, e.line, e.column, e.message);
	return ir;
}

static void normal_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(normal_forms); i++) {
		struct hawk_ir *a = parsed(normal_forms[i].text), *b;
		_cleanup_free_ char *first = printed(a), *second = NULL;

		b = parsed(first);
		second = printed(b);
		assert_string_equal(first, second);
		if (normal_forms[i].normal)
			assert_string_equal(first, normal_forms[i].normal);
		hawk_ir_free(a);
		hawk_ir_free(b);
	}
}

static const struct {
	const char *parts[4]; /* to NULL */
	const char *all, *any; /* the AND and the OR of them */
} joins[] = {
	{ { "uid=1" }, "process.uid=1", "process.uid=1" },
	{ { "uid=1", "pid=2 tid=3", "gid=4" },
	  "process.uid=1 AND process.pid=2 AND process.tid=3 AND process.gid=4",
	  "process.uid=1 OR process.pid=2 AND process.tid=3 OR process.gid=4" },
	{ { "uid=1 OR uid=2", "NOT (comm=a OR comm=b)", "data.pathname=/a*|/b" },
	  "(process.uid=1 OR process.uid=2) AND NOT (process.comm=a OR process.comm=b) AND data.pathname=/a*|/b",
	  "process.uid=1 OR process.uid=2 OR NOT (process.comm=a OR process.comm=b) OR data.pathname=/a*|/b" },
	{ { "", "uid=1", "" }, "process.uid=1", "" },
	{ { "", "" }, "", "" },
	{ { "event=kill", "event=ptrace" }, "event=kill AND event=ptrace", "event=kill OR event=ptrace" },
};

/* Joins are as if the texts had been joined, and the parts may go. */
static void joined(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(joins); i++) {
		bool all = i % 2;
		const char *const *texts = joins[i / 2].parts;
		struct hawk_ir *parts[4], *ir;
		_cleanup_free_ char *text = NULL;
		size_t n = 0;

		for (; n < 4 && texts[n]; n++)
			parts[n] = parsed(texts[n]);
		assert_int_equal(hawk_ir_join(&ir, (const struct hawk_ir *const *)parts, n, all), 0);
		while (n)
			hawk_ir_free(parts[--n]);
		text = printed(ir);
		assert_string_equal(text, all ? joins[i / 2].all : joins[i / 2].any);
		hawk_ir_free(ir);
	}
}

static void joins_have_limits(void **state)
{
	struct hawk_ir *one = parsed("uid=1"), *ir = NULL, *not = parsed("NOT (uid=1 pid=2)"), *next;
	const struct hawk_ir *many[5000];

	(void)state;
	assert_int_equal(hawk_ir_join(&ir, NULL, 0, false), -EINVAL);
	assert_int_equal(hawk_ir_join(&ir, NULL, 0, true), 0);
	hawk_ir_free(ir);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = one;
	assert_int_equal(hawk_ir_join(&ir, many, ARRAY_SIZE(many), true), -E2BIG);
	/* deeper and deeper, until it is refused; what was taken parses */
	ir = not;
	for (int i = 0, r = 0; r == 0; i++) {
		const struct hawk_ir *const two[] = { ir, one };
		_cleanup_free_ char *text = printed(ir);

		hawk_ir_free(parsed(text));
		r = hawk_ir_join(&next, two, 2, i % 2);
		assert_true(r == 0 || r == -E2BIG);
		assert_true(i < 100);
		hawk_ir_free(ir);
		ir = r == 0 ? next : NULL;
	}
	hawk_ir_free(one);
}

static void quoted(void **state)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	(void)state;
	hawk_ir_quote(&out, "/etc/x-1", 8);
	hawk_buf_putc(&out, ' ');
	hawk_ir_quote(&out, "a*b \"\n", 6);
	assert_string_equal(hawk_buf_str(&out), "/etc/x-1 \"a*b \\\"\\x0a\"");
	hawk_buf_done(&out);
}

static const struct {
	const char *text;
	unsigned int line, column;
	const char *says;
} bad[] = {
	{ "a=1", 1, 1, "there is no field \"a\"" },
	{ "uid=1\n data.pathnmae=x", 2, 2, "no field \"data.pathnmae\"; did you mean data.pathname" },
	{ "data.addr.sun_pth=x", 1, 1, "data.addr has no member \"sun_pth\"; did you mean data.addr.sun_path" },
	{ "data.msg.name.sinport=x", 1, 1, "did you mean data.msg.name.sin_port" },
	{ "data.pathname.x=1", 1, 1, "data.pathname has no members" },
	{ "data.addr.=1", 1, 1, "no member \"\"" },
	{ "data.adr.sun_path=1", 1, 1, "no field \"data.adr.sun_path\"" },
	{ "data.addr.sin_port=http", 1, 20, "\"http\" does not fit" },
	{ "data.addr.sin_port=65536", 1, 20, "does not fit" },
	{ "data.addr.sun_path<5", 1, 20, "has no order" },
	{ "data.previous.eeuid=0", 1, 1, "did you mean data.previous.euid" },
	{ "data.previous.euid=root", 1, 20, "does not fit" },
	{ "event=openat data.previous.euid=0", 1, 1, "no event fits all" },
	{ "event=connect data.how.flags=O_CREAT", 1, 1, "no event fits all" },
	{ "retval=1", 1, 1, "did you mean data.retval" },
	{ "evnt=x", 1, 1, "did you mean event" },
	{ "parent.exee=x", 1, 1, "did you mean parent.exe" },
	{ "event=ptrac", 1, 7, "no event \"ptrac\"; did you mean ptrace" },
	{ "event=process_exc", 1, 7, "did you mean process_exec" },
	{ "event=zz*", 1, 7, "no event" },
	{ "event<ptrace", 1, 7, "event takes = and != only" },
	{ "set=prc", 1, 5, "no set \"prc\"; did you mean proc" },
	{ "set=pr*", 1, 5, "whole names" },
	{ "uid=root", 1, 5, "\"root\" does not fit this field" },
	{ "uid=1|x", 1, 5, "\"x\" does not fit" },
	{ "uid=1*", 1, 5, "* fits text only" },
	{ "uid<1|2", 1, 5, "take one value" },
	{ "uid<*", 1, 5, "without *" },
	{ "uid=4294967296", 1, 5, "does not fit" },
	{ "exe<5", 1, 5, "has no order" },
	{ "compat<true", 1, 8, "has no order" },
	{ "data.flags=nothing", 1, 12, "\"nothing\" does not fit" },
	{ "data.flags<O_CREAT", 1, 12, "has no order" },
	{ "data.dst=10.0.0.0/33", 1, 10, "does not fit" },
	{ "data.dst=10.0.0.0/", 1, 10, "does not fit" },
	{ "data.dst=::1/129", 1, 10, "does not fit" },
	{ "data.dst=*10", 1, 10, "* fits text only" },
	{ "data.run_time<5y", 1, 15, "does not fit" },
	{ "data.run_time<99999999999d", 1, 15, "does not fit" },
	{ "exe=a*b", 1, 6, "at the ends" },
	{ "exe=\"a", 1, 5, "has no end: expected \"" },
	{ "exe=\"\\q\"", 1, 7, "expected one of" },
	{ "exe=\"\\x1\"", 1, 7, "expected one of" },
	{ "exe^=a*", 1, 6, "must be quoted" },
	{ "uid=", 1, 5, "expected a value" },
	{ "uid=1|", 1, 7, "expected a value" },
	{ "uid==1", 1, 5, "begins with =" },
	{ "uid 5", 1, 5, "expected one of = !=" },
	{ "uid", 1, 4, "expected one of = !=" },
	{ "(uid=1", 1, 7, "expected AND, OR or )" },
	{ "uid=1)", 1, 6, "or the end" },
	{ "uid=1 OR", 1, 9, "expected a condition" },
	{ "uid=1,", 1, 7, "expected a condition" },
	{ "()", 1, 2, "expected a condition" },
	{ "NOT", 1, 4, "expected a condition" },
	{ "uid=1 OR event=ptrace event=kill", 1, 10, "no event fits all" },
	{ "event=kill data.pathname=/x", 1, 1, "no event fits all" },
	{ "event=sched_process_exec data.flags=O_CREAT", 1, 1, "no event fits all" },
	{ "NOT event=*", 1, 1, "no event fits it" },
	{ "tree=x", 1, 6, "does not fit" },
	{ "tree<1", 1, 6, "tree takes" },
};

static void errors_have_a_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hawk_ir_error e = { .line = 0 };
		struct hawk_ir *ir = NULL;

		if (hawk_ir_parse(&ir, bad[i].text, &e) != -EINVAL || ir)
			fail_msg("accepted: %s", bad[i].text);
		if (e.line != bad[i].line || e.column != bad[i].column || !strstr(e.message, bad[i].says))
			fail_msg("%s\nsays %u:%u: %s\nnot  %u:%u: %s", bad[i].text, e.line, e.column,
				 e.message, bad[i].line, bad[i].column, bad[i].says);
	}
}

/* Parses N times PIECE, then TAIL. */
static int parse_repeated(const char *piece, size_t n, const char *tail, struct hawk_ir_error *e)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir *ir = NULL;
	int r;

	for (size_t i = 0; i < n; i++)
		hawk_buf_puts(&text, piece);
	hawk_buf_puts(&text, tail);
	r = hawk_ir_parse(&ir, hawk_buf_str(&text), e);
	hawk_ir_free(ir);
	hawk_buf_done(&text);
	return r;
}

static void limits(void **state)
{
	struct hawk_ir_error e;

	(void)state;
	assert_int_equal(parse_repeated("uid=1 ", 255, "", &e), 0);
	assert_int_equal(parse_repeated("uid=1 ", 256, "", &e), -EINVAL);
	assert_non_null(strstr(e.message, "more than 256"));
	assert_int_equal(parse_repeated("NOT ", 32, "uid=1", &e), 0);
	assert_int_equal(parse_repeated("NOT ", 33, "uid=1", &e), -EINVAL);
	assert_non_null(strstr(e.message, "nested"));
	assert_int_equal(parse_repeated("(", 100000, "", &e), -EINVAL);
	assert_int_equal(parse_repeated("((uid=1", 17, "", &e), -EINVAL);
	assert_int_equal(parse_repeated(" ", 65536, "", &e), 0);
	assert_int_equal(parse_repeated(" ", 65537, "", &e), -EINVAL);
	assert_int_equal(parse_repeated("comm=x|", 1, "y", &e), 0);
	assert_int_equal(parse_repeated("1|", 5000, "1", &e), -EINVAL);
}

/* The events that conditions are tried on. */
static const uint8_t ip4[16] = { [10] = 0xff, 0xff, 10, 1, 2, 3 }, ip6[16] = { [0] = 0xfe, 0x80, [15] = 1 };
static struct sockaddr_in in4 = { .sin_family = AF_INET };
static struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0hidden" };
static uint64_t how[3] = { O_RDWR | O_CREAT };

static struct hawk_process process = { .comm = "zsh" }, parent = { .comm = "login" };

#define TEXT(s) .bytes = (const uint8_t *)(s), .len = sizeof(s) - 1

static void set(struct hawk_event *e, const char *name, struct hawk_value v)
{
	int column = hawk_event_field(e->desc, name);

	assert_true(column >= 0);
	e->data[column] = v;
}

static struct hawk_event make_event(const char *name)
{
	struct hawk_event e = {
		.desc = hawk_event_by_name(name), .time = 1000000000, .tid = 101, .tgid = 100
	};

	assert_non_null(e.desc);
	e.walltime = e.time + 1700000000ULL * 1000000000ULL;
	for (size_t i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	process.task.pid = 100;
	process.task.uid = 1000;
	process.task.start = 500000000;
	process.task.cap_effective = 1ULL << 21 | 1ULL << 12;
	process.argv = (struct hawk_bytes){ .data = (uint8_t *)"ls\0-l\0", .len = 7 };
	parent.task.pid = 50;
	parent.task.uid = 0;
	e.process = &process;
	e.parent = &parent;
	return e;
}

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return p->task.pid == (int32_t)ancestor || ancestor == 50;
}

static const struct hawk_ir_env env = { .in_tree = in_tree };

static void expect(const struct hawk_event *e, const char *text, bool want)
{
	struct hawk_ir *ir = parsed(text);
	uint64_t bits[HAWK_EVENT_ID_MAX / 64] = { 0 };
	bool restricts = hawk_ir_events(ir, bits);
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (hawk_ir_eval(ir, e, &env) != want)
		fail_msg("%s: not %s for %s", text, want ? "true" : "false", e->desc->name);
	while (descs[row] != e->desc)
		row++;
	if (want && restricts && !(bits[row / 64] >> row % 64 & 1))
		fail_msg("%s: %s is not among its events", text, e->desc->name);
	hawk_ir_free(ir);
}

static void strings(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	set(&e, "pathname", (struct hawk_value){ TEXT("/etc/pass\xffwd") });
	expect(&e, "", true);
	expect(&e, "data.pathname=/etc/*", true);
	expect(&e, "data.pathname=/etc", false);
	expect(&e, "data.pathname=*wd", true);
	expect(&e, "data.pathname=*\"\\xff\"*", true);
	expect(&e, "data.pathname=\"/etc/pass\\xffwd\"", true);
	expect(&e, "data.pathname=/a*|/etc*", true);
	expect(&e, "data.pathname!=/a*|/etc*", false);
	expect(&e, "data.pathname!=/a", true);
	expect(&e, "data.pathname=*", true);
	expect(&e, "data.pathname=\"\"", false);
	expect(&e, "comm=zsh", true);
	expect(&e, "comm=zs", false);
	expect(&e, "parent.comm=login", true);
	expect(&e, "argv=-l", true);
	expect(&e, "argv=\"ls -l\"", false);
	expect(&e, "argv!=-l", false);
	expect(&e, "argv!=-a", true);
	expect(&e, "argv=*s", true);
	set(&e, "pathname", (struct hawk_value){ .flags = HAWK_VAL_ABSENT });
	expect(&e, "data.pathname=*", false);
	expect(&e, "data.pathname!=/x", false);
	expect(&e, "NOT data.pathname=/x", true);
	e.parent = NULL;
	expect(&e, "parent.comm=*", false);
	expect(&e, "parent.comm!=x", false);
}

static void policies(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	expect(&e, "policy=*", false);
	expect(&e, "policy!=shells", false);
	expect(&e, "NOT policy=shells", true);
	e.policies = (struct hawk_value){ TEXT("shells\0own-one\0") };
	expect(&e, "policy=*", true);
	expect(&e, "policy=shells", true);
	expect(&e, "policies=own-*", true);
	expect(&e, "policy=shell", false);
	expect(&e, "policy!=shells", false);
	expect(&e, "policy=other|own-one", true);
}

static void numbers(void **state)
{
	struct hawk_event e = make_event("sched_process_exit");
	struct hawk_ir *ir;

	(void)state;
	set(&e, "run_time", (struct hawk_value){ .u = 1500000000 });
	set(&e, "exit_code", (struct hawk_value){ .s = -5 });
	set(&e, "signal", (struct hawk_value){ .s = 9 });
	expect(&e, "uid=1000", true);
	expect(&e, "uid!=1000", false);
	expect(&e, "uid>=1000 uid<=1000", true);
	expect(&e, "uid<1000", false);
	expect(&e, "uid=1|1000", true);
	expect(&e, "parent.uid=0", true);
	expect(&e, "data.exit_code<0", true);
	expect(&e, "data.exit_code=-5", true);
	expect(&e, "data.exit_code>1", false);
	expect(&e, "data.signal=SIGKILL", true);
	expect(&e, "data.run_time>1s data.run_time<1501ms", true);
	expect(&e, "data.run_time=1500000000", true);
	expect(&e, "data.run_time>1500000us", false);
	expect(&e, "time>2023-11-14T22:13:20Z", true);
	expect(&e, "time>2024-01-01T00:00:00Z", false);
	expect(&e, "process.start_time>2023-11-14T22:13:20Z", true);
	expect(&e, "process.start_time>2023-11-14T22:13:21Z", false);
	expect(&e, "tid=101", true);
	expect(&e, "tree=100", true);
	expect(&e, "tree=1|50", true);
	expect(&e, "tree!=50", false);
	expect(&e, "tree=7", false);
	ir = parsed("tree=100");
	assert_false(hawk_ir_eval(ir, &e, NULL));
	hawk_ir_free(ir);
}

static void flags(void **state)
{
	struct hawk_event open = make_event("file_open"), exec = make_event("sched_process_exec");
	struct hawk_event kill = make_event("kill");

	(void)state;
	set(&open, "flags", (struct hawk_value){ .u = O_RDWR | O_CREAT });
	expect(&open, "data.flags=O_CREAT", true);
	expect(&open, "data.flags=O_CREAT|O_RDWR", true);
	expect(&open, "data.flags=O_CREAT|O_TRUNC", false);
	expect(&open, "data.flags!=O_CREAT|O_TRUNC", true);
	expect(&open, "data.flags=O_RDWR", true);
	expect(&open, "data.flags=O_RDONLY", false);
	expect(&open, "data.flags=0", false);
	expect(&open, "data.flags=memfd", false);
	expect(&open, "data.flags!=memfd", false);
	set(&open, "flags", (struct hawk_value){ .u = 0 });
	expect(&open, "data.flags=O_RDONLY", true);
	expect(&open, "data.flags=O_WRONLY", false);
	expect(&open, "data.flags=0", true);
	expect(&open, "data.flags=*", true);
	set(&exec, "flags", (struct hawk_value){ .u = HAWK_EXEC_MEMFD | HAWK_EXEC_UNLINKED });
	expect(&exec, "event=sched_process_exec data.flags=memfd", true);
	expect(&exec, "data.flags=setuid", false);
	expect(&exec, "process.caps.effective=CAP_SYS_ADMIN", true);
	expect(&exec, "process.caps.effective=CAP_SYS_ADMIN|CAP_CHOWN", false);
	expect(&kill, "data.flags=O_RDONLY", false);
}

static void addresses(void **state)
{
	struct hawk_event tcp = make_event("tcp_connect"), call = make_event("connect");
	struct hawk_event open = make_event("openat2");

	(void)state;
	set(&tcp, "dst", (struct hawk_value){ .bytes = ip4, .len = 16 });
	set(&tcp, "src", (struct hawk_value){ .bytes = ip6, .len = 16 });
	expect(&tcp, "data.dst=10.1.2.3", true);
	expect(&tcp, "data.dst=10.1.2.4", false);
	expect(&tcp, "data.dst=10.0.0.0/8", true);
	expect(&tcp, "data.dst=10.1.2.0/23", true);
	expect(&tcp, "data.dst=10.1.4.0/23", false);
	expect(&tcp, "data.dst=0.0.0.0/0", true);
	expect(&tcp, "data.src=0.0.0.0/0", false);
	expect(&tcp, "data.src=::/0", true);
	expect(&tcp, "data.src=fe80::/10", true);
	expect(&tcp, "data.src=fe80::1/128", true);
	expect(&tcp, "data.src!=fe80::2", true);
	expect(&tcp, "data.dst=192.168.0.0/16|10.0.0.0/8", true);
	memcpy(&in4.sin_addr, ip4 + 12, 4);
	set(&call, "addr", (struct hawk_value){ .bytes = (void *)&in4, .len = sizeof(in4) });
	expect(&call, "data.addr=10.0.0.0/8", true);
	expect(&call, "data.addr=11.0.0.0/8", false);
	expect(&call, "data.addr=/x*", false);
	set(&call, "addr", (struct hawk_value){ .bytes = (void *)&un, .len = 9 });
	expect(&call, "data.addr=@hidden", true);
	expect(&call, "data.addr=@hid*", true);
	expect(&call, "data.addr=10.0.0.0/8", false);
	set(&call, "retval", (struct hawk_value){ .s = -ECONNREFUSED });
	expect(&call, "data.retval=-ECONNREFUSED", true);
	expect(&call, "data.retval<0", true);
	set(&open, "how", (struct hawk_value){ .bytes = (void *)how, .len = sizeof(how) });
	expect(&open, "data.how=O_CREAT|O_RDWR", true);
	expect(&open, "data.how=O_TRUNC", false);
}

/* Sets FIELD of an event to the bytes at P. */
static void put(struct hawk_event *e, const char *field, const void *p, size_t len)
{
	set(e, field, (struct hawk_value){ .bytes = p, .len = (uint32_t)len, .full = (uint32_t)len });
}

static void inside_of_addresses(void **state)
{
	struct hawk_event call = make_event("connect");
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(8443), .sin6_scope_id = 2 };

	(void)state;
	in4.sin_port = htons(443);
	memcpy(&in4.sin_addr, ip4 + 12, 4);
	put(&call, "addr", &in4, sizeof(in4));
	expect(&call, "data.addr.sa_family=AF_INET data.addr.sin_port=443 data.addr.sin_addr=10.0.0.0/8", true);
	expect(&call, "data.addr.sin_port<443", false);
	expect(&call, "data.addr.sin_port!=443", false);
	expect(&call, "data.addr.sin_port!=80", true);
	expect(&call, "data.addr.sin_port=80|443", true);
	/* what is not there is neither equal nor unequal */
	expect(&call, "data.addr.sun_path=*", false);
	expect(&call, "data.addr.sun_path!=/x", false);
	memcpy(&in6.sin6_addr, ip6, 16);
	put(&call, "addr", &in6, sizeof(in6));
	expect(&call, "data.addr.sin6_addr=fe80::/10 data.addr.sin6_port=8443 data.addr.sin6_scope_id=2", true);
	expect(&call, "data.addr.sin_port=8443", false);
	put(&call, "addr", &un, 9);
	expect(&call, "data.addr.sun_path=@hidden", true);
	expect(&call, "data.addr.sun_path=@hid*", true);
	expect(&call, "data.addr.sun_path=hidden", false);
	put(&call, "addr", &un, 1);
	expect(&call, "data.addr.sa_family=*", false);
}

static void inside_of_structures(void **state)
{
	struct hawk_event open = make_event("openat2"), clone = make_event("clone3"), pipe = make_event("pipe2");
	struct hawk_event bpf = make_event("bpf"), mask = make_event("rt_sigprocmask");
	const uint64_t args[11] = { 0x10000000 /* CLONE_NEWUSER */, [4] = 17 /* SIGCHLD */ }, set_of = 1 << (15 - 1);
	const uint64_t attr[8] = { 0 /* BPF_MAP_CREATE */, 1 | 4ULL << 32 };
	const int32_t fds[2] = { 3, 4 };

	(void)state;
	put(&open, "how", how, sizeof(how));
	expect(&open, "data.how.flags=O_CREAT|O_RDWR data.how.mode=0", true);
	expect(&open, "data.how.flags=O_TRUNC", false);
	put(&clone, "cl_args", args, sizeof(args));
	expect(&clone, "data.cl_args.flags=CLONE_NEWUSER data.cl_args.exit_signal=SIGCHLD", true);
	expect(&clone, "data.cl_args.flags=CLONE_NEWNS", false);
	put(&clone, "cl_args", args, 8);
	expect(&clone, "data.cl_args.exit_signal=SIGCHLD", false);
	put(&pipe, "pipefd", fds, sizeof(fds));
	expect(&pipe, "data.pipefd=4", true);
	expect(&pipe, "data.pipefd=5", false);
	expect(&pipe, "data.pipefd!=4", false);
	expect(&pipe, "data.pipefd!=5", true);
	put(&mask, "set", &set_of, sizeof(set_of));
	expect(&mask, "data.set=SIGTERM", true);
	expect(&mask, "data.set=SIGINT", false);
	put(&bpf, "attr", attr, sizeof(attr));
	expect(&bpf, "data.attr.map_type=BPF_MAP_TYPE_HASH data.attr.key_size=4", true);
	expect(&bpf, "data.attr.prog_type=BPF_PROG_TYPE_KPROBE", false);
	expect(&bpf, "data.attr.map_type!=BPF_MAP_TYPE_ARRAY", true);
}

static void previous_credentials(void **state)
{
	struct hawk_event exec = make_event("sched_process_exec"), open = make_event("openat");
	struct hawk_abi_task now = { .uid = 1000, .euid = 0 }, before = { .uid = 1000, .euid = 1000 };

	(void)state;
	expect(&exec, "data.previous.euid=1000", false);
	exec.task = &now;
	exec.previous = &before;
	expect(&exec, "data.previous.euid=1000", true);
	expect(&exec, "data.previous.euid!=0", true);
	expect(&exec, "data.previous.euid=*", true);
	/* the exec did not change it */
	expect(&exec, "data.previous.uid=1000", false);
	before.cap_effective = 1ULL << 21;
	expect(&exec, "data.previous.cap_effective=CAP_SYS_ADMIN", true);
	expect(&open, "NOT data.previous.euid=0", true);
}

static void events(void **state)
{
	struct hawk_event e = make_event("execve");
	struct hawk_ir *ir = parsed("uid=0 OR event=kill");
	uint64_t bits[HAWK_EVENT_ID_MAX / 64] = { 0 };

	(void)state;
	expect(&e, "event=execve", true);
	expect(&e, "event!=execve", false);
	expect(&e, "event=exec*", true);
	expect(&e, "event=kill|execve", true);
	expect(&e, "event=exec", false); /* alias of sched_process_exec */
	expect(&e, "set=syscalls", true);
	expect(&e, "set!=syscalls", false);
	expect(&e, "set=net|proc", true);
	assert_false(hawk_ir_events(ir, bits));
	hawk_ir_free(ir);
	ir = parsed("(event=kill|execve OR event=ptrace) NOT event=kill comm=x");
	assert_true(hawk_ir_events(ir, bits));
	for (size_t i = 0, n; i < (hawk_event_descs(&n), n); i++) {
		const char *name = hawk_event_descs(&n)[i]->name;
		bool want = strcmp(name, "execve") == 0 || strcmp(name, "ptrace") == 0;

		assert_int_equal(bits[i / 64] >> i % 64 & 1, want);
	}
	hawk_ir_free(ir);
	/* Bits are added, so that several filters can share a set. */
	memset(bits, 0xff, sizeof(bits));
	ir = parsed("event=kill");
	assert_true(hawk_ir_events(ir, bits));
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		assert_true(bits[i] == UINT64_MAX);
	hawk_ir_free(ir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_text), cmocka_unit_test(errors_have_a_place),
		cmocka_unit_test(limits),      cmocka_unit_test(strings),
		cmocka_unit_test(numbers),     cmocka_unit_test(flags),
		cmocka_unit_test(addresses),   cmocka_unit_test(events),
		cmocka_unit_test(inside_of_addresses), cmocka_unit_test(inside_of_structures),
		cmocka_unit_test(previous_credentials),
		cmocka_unit_test(policies), cmocka_unit_test(joined), cmocka_unit_test(joins_have_limits), cmocka_unit_test(quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
