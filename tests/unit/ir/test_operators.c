/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every operator, with types that take it. */
#include "tests/unit/ir/fixture.h"

static void globs(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	set(&e, "pathname", (struct hawk_value){ TEXT("/usr/lib/x86_64/libc.so.6") });
	expect(&e, "data.pathname=/usr/*/libc.so.?", true);
	expect(&e, "data.pathname=/usr/*/libc.so.??", false);
	expect(&e, "data.pathname=/usr/*/libm*", false);
	expect(&e, "data.pathname=*/lib[a-d].so.[0-9]", true);
	expect(&e, "data.pathname=*/lib[!a-d].so.[0-9]", false);
	expect(&e, "data.pathname=*/lib[^a-b].so.[6]", true);
	expect(&e, "data.pathname!=/usr/*/libc.so.?", false);
	expect(&e, "data.pathname=?usr*so*6", true);
	expect(&e, "data.pathname=/usr*so*so*6", false);
	expect(&e, "data.pathname=\"/usr/*/libc.so.6\"", false);
	set(&e, "pathname", (struct hawk_value){ TEXT("/tmp/a*b[c]\\?") });
	expect(&e, "data.pathname=/tmp/?\"*\"b\"[c]\"*", true);
	expect(&e, "data.pathname=*a\"*\"*", true);
	expect(&e, "data.pathname=*[\\]\"?\"", true);
	expect(&e, "data.pathname=*[]-]?\"?\"", true);
	set(&e, "pathname", (struct hawk_value){ TEXT("") });
	expect(&e, "data.pathname=?*", false);
	expect(&e, "event=file_*en", true);
	expect(&e, "event=[f]ile_open", true);
	expect(&e, "argv=l?", true);
	expect(&e, "argv=-?l", false);
}

/* Stars that nothing fits: the time may not explode. */
static void globs_end(void **state)
{
	struct hawk_event e = make_event("file_open");
	struct hawk_buf text = HAWK_BUF_INIT;
	static uint8_t path[4096];

	(void)state;
	memset(path, 'a', sizeof(path));
	hawk_buf_puts(&text, "data.pathname=");
	for (size_t i = 0; i < 1000; i++)
		hawk_buf_puts(&text, "a*");
	hawk_buf_puts(&text, "b");
	put(&e, "pathname", path, sizeof(path));
	expect(&e, hawk_buf_str(&text), false);
	hawk_buf_done(&text);
}

static void regexes(void **state)
{
	struct hawk_event e = make_event("file_open");
	static uint8_t path[100000];

	(void)state;
	set(&e, "pathname", (struct hawk_value){ TEXT("/tmp/x\n/run.sh\xff") });
	expect(&e, "data.pathname~=^/tmp/.*sh", true);
	expect(&e, "data.pathname~='^/(var|tmp)/'", true);
	expect(&e, "data.pathname~=sh$", false);
	expect(&e, "data.pathname~=^/run", false);
	expect(&e, "data.pathname!~^/run", true);
	expect(&e, "data.pathname~=^/run|x.*run", true);
	expect(&e, "data.pathname!~^/run|x.*run", false);
	expect(&e, "data.pathname~='\\xff$'", true);
	expect(&e, "argv~=^-l$", true);
	expect(&e, "argv!~^-", false);
	expect(&e, "comm~='(?i)^ZSH$'", true);
	expect(&e, "event~=^file_", true);
	expect(&e, "event!~^file_", false);
	set(&e, "pathname", (struct hawk_value){ .flags = HAWK_VAL_ABSENT });
	expect(&e, "data.pathname!~x", false);
	/* the number of steps is bounded: it does not match, and comes back soon */
	memset(path, 'a', sizeof(path));
	put(&e, "pathname", path, sizeof(path));
	expect(&e, "data.pathname~='^(a+)+[bc]$'|'(a|aa)+[bc]'", false);
	expect(&e, "data.pathname~=^aaa", true);
}

static void ranges(void **state)
{
	struct hawk_event e = make_event("sched_process_exit");
	struct hawk_event call = make_event("connect");
	const struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(1023) };

	(void)state;
	set(&e, "run_time", (struct hawk_value){ .u = 1500000000 });
	set(&e, "exit_code", (struct hawk_value){ .s = -5 });
	expect(&e, "uid=1000..2000", true);
	expect(&e, "uid=1000..1000", true);
	expect(&e, "uid=1001..2000", false);
	expect(&e, "uid=..999", false);
	expect(&e, "uid=..1000", true);
	expect(&e, "uid=1000..", true);
	expect(&e, "uid=1001..", false);
	expect(&e, "uid!=1000..2000", false);
	expect(&e, "uid!=1001..2000", true);
	expect(&e, "uid=1|5..7|900..1100|2000", true);
	expect(&e, "uid=1..999|1001..2000|500..900|600..700", false);
	expect(&e, "uid=1..1200|500..600", true);
	expect(&e, "data.exit_code=-6..-1", true);
	expect(&e, "data.exit_code=-4..3", false);
	expect(&e, "data.exit_code=..-1", true);
	expect(&e, "data.exit_code=0..", false);
	expect(&e, "data.exit_code=0..3|-9..-5", true);
	expect(&e, "data.run_time=1s..2s", true);
	expect(&e, "data.run_time=..1499ms", false);
	expect(&e, "time=2023-11-14T22:13:20Z..2023-11-14T22:13:22Z", true);
	expect(&e, "time=..2023-11-14T22:13:20Z", false);
	expect(&e, "process.start_time=2023-11-14T22:13:20Z..2023-11-14T22:13:21Z", true);
	expect(&e, "process.start_time=2023-11-14T22:13:21Z..", false);
	put(&call, "addr", &in4, sizeof(in4));
	expect(&call, "data.addr.sin_port=1..1023", true);
	expect(&call, "data.addr.sin_port=1024..", false);
	set(&call, "retval", (struct hawk_value){ .s = -ECONNREFUSED });
	expect(&call, "data.retval=..-1", true);
	expect(&call, "data.retval=-EACCES..0", false);
	expect(&call, "data.retval!=-EACCES|-ECONNREFUSED", false);
}

static void flag_sets(void **state)
{
	struct hawk_event open = make_event("file_open"), exec = make_event("sched_process_exec");
	struct hawk_event how = make_event("openat2");
	static const uint64_t open_how[3] = { O_RDWR | O_CREAT };

	(void)state;
	set(&open, "flags", (struct hawk_value){ .u = O_RDWR | O_CREAT });
	expect(&open, "data.flags&=O_TRUNC|O_CREAT", true);
	expect(&open, "data.flags&=O_TRUNC|O_APPEND", false);
	expect(&open, "data.flags&=O_WRONLY|O_RDWR", true);
	expect(&open, "data.flags&=O_RDONLY|O_WRONLY", false);
	expect(&open, "data.flags!&O_TRUNC|O_APPEND", true);
	expect(&open, "data.flags!&O_TRUNC|O_CREAT", false);
	expect(&open, "data.flags&=0x241", true); /* O_CREAT is one of these bits */
	expect(&open, "data.flags=0x241", false);
	expect(&open, "data.flags&=0x201", false);
	expect(&open, "data.flags&=0", false);
	expect(&open, "data.flags==O_RDWR|O_CREAT", true);
	expect(&open, "data.flags==O_CREAT", false);
	expect(&open, "data.flags!==O_CREAT", true);
	expect(&open, "data.flags==66", true);
	expect(&open, "data.flags!==66", false);
	set(&open, "flags", (struct hawk_value){ .u = 0 });
	expect(&open, "data.flags==O_RDONLY", true);
	expect(&open, "data.flags==0", true);
	expect(&open, "data.flags&=O_RDONLY", true);
	put(&how, "how", open_how, sizeof(open_how));
	expect(&how, "data.how.flags&=O_TRUNC|O_CREAT", true);
	expect(&how, "data.how==O_RDWR|O_CREAT", true);
	expect(&how, "data.how==O_CREAT", false);
	expect(&exec, "process.caps.effective&=CAP_SYS_ADMIN|CAP_NET_ADMIN", true);
	expect(&exec, "process.caps.effective&=CAP_SYS_BOOT|CAP_SYS_TIME", false);
	expect(&exec, "process.caps.effective!&CAP_SYS_BOOT|CAP_SYS_TIME", true);
	expect(&exec, "process.caps.effective==CAP_SYS_ADMIN|CAP_NET_ADMIN", true);
	expect(&exec, "process.caps.effective==CAP_SYS_ADMIN", false);
}

static void modes(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	set(&e, "inode_mode", (struct hawk_value){ .u = 0104755 });
	expect(&e, "data.inode_mode.type=S_IFREG", true);
	expect(&e, "data.inode_mode.type=S_IFDIR|S_IFBLK", false);
	expect(&e, "data.inode_mode.type!=S_IFREG", false);
	expect(&e, "data.inode_mode.permissions=S_ISUID|S_IXOTH", true);
	expect(&e, "data.inode_mode.permissions&=S_ISUID|S_ISGID", true);
	expect(&e, "data.inode_mode.permissions!&S_ISGID|S_IWOTH", true);
	expect(&e, "data.inode_mode.permissions==04755", true);
	expect(&e, "data.inode_mode=0104755", true);
	expect(&e, "data.inode_mode=0644", false);
}

/* A capability that an exec gave, and one that it took. */
static void changes(void **state)
{
	struct hawk_event exec = make_event("sched_process_exec");
	struct hawk_abi_task before = { .cap_effective = 1ULL << 12 }, now = process.task;

	(void)state;
	exec.task = &now;
	exec.previous = &before;
	expect(&exec, "process.caps.effective=CAP_SYS_ADMIN data.previous.cap_effective!&CAP_SYS_ADMIN", true);
	expect(&exec, "process.caps.effective=CAP_NET_ADMIN data.previous.cap_effective!&CAP_NET_ADMIN", false);
}

static void ancestors(void **state)
{
	struct hawk_event e = make_event("kill");
	const struct hawk_process *told[] = { &process };
	struct hawk_ir *ir;

	(void)state;
	expect(&e, "ancestor.comm=sshd", true);
	expect(&e, "ancestor.comm=login", true);
	expect(&e, "ancestor.comm=zsh", false);
	expect(&e, "ancestor.comm!=sshd", false);
	expect(&e, "ancestor.comm!=zsh", true);
	expect(&e, "ancestor.pid=1", true);
	expect(&e, "ancestor.pid=2..19", false);
	expect(&e, "ancestor.uid=7", true);
	expect(&e, "ancestor.uid>7", false);
	expect(&e, "ancestor.exe=*/sshd", true);
	expect(&e, "ancestor.exe!=*/sshd", false);
	expect(&e, "ancestor.exe!=/bin/x", true);
	expect(&e, "ancestor.container_id=*", false);
	expect(&e, "ancestor.container_id!=x", false);
	expect(&e, "ancestor.comm~=^sys", true);
	/* without the process table: those that the event tells */
	ir = parsed("ancestor.comm=zsh");
	assert_false(hawk_ir_eval(ir, &e, NULL));
	e.ancestors = told;
	e.n_ancestors = 1;
	assert_true(hawk_ir_eval(ir, &e, NULL));
	e.parent = NULL;
	assert_false(hawk_ir_eval(ir, &e, NULL));
	hawk_ir_free(ir);
}

static void event_fields(void **state)
{
	struct hawk_event e = make_event("kill");

	(void)state;
	e.cpu = 3;
	memcpy(e.comm, "worker", 7);
	expect(&e, "cpu=3", true);
	expect(&e, "cpu=0..2", false);
	expect(&e, "comm=worker", true);
	expect(&e, "process.comm=zsh", false);
	expect(&e, "parent.comm=login", true);
	e.comm[0] = 0;
	expect(&e, "comm=zsh", true);
	hawk_watch_since_set(process.task.start);
	expect(&e, "process.new=true", false);
	expect(&e, "process.new=false", true);
	hawk_watch_since_set(process.task.start - 1);
	expect(&e, "process.new=true", true);
	process.task.start = 0;
	e.start = 0;
	expect(&e, "process.new=*", false);
	process.task.ns_pid = 5;
	expect(&e, "process.ns_tid=*", false);
	e.tid = e.tgid;
	expect(&e, "ns_tid=5", true);
	process.task.ns_pid = process.task.pid;
	e.tid = 101;
	expect(&e, "ns_tid=101", true);
}

/* FIELD, an operator and N values, each of them FORMAT with a number that grows by STEP. */
static struct hawk_ir *large(const char *start, const char *format, size_t n, size_t step)
{
	struct hawk_buf text = { .max = 2 << 20 };
	struct hawk_ir *ir;

	hawk_buf_puts(&text, start);
	for (size_t i = 0; i < n; i++) {
		hawk_buf_puts(&text, i ? "|" : "");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		hawk_buf_printf(&text, format, (unsigned int)(i * 7919 % n * step));
#pragma GCC diagnostic pop
	}
	ir = parsed(hawk_buf_str(&text));
	hawk_buf_done(&text);
	return ir;
}

#define MANY 10000

static void large_numbers(void **state)
{
	struct hawk_event e = make_event("kill");
	struct hawk_ir *ir = large("pid=", "%u", MANY, 3), *ranges = large("uid!=", "%u..", 1, 100000);

	(void)state;
	for (int i = 0; i < 4 * MANY; i++) {
		process.task.pid = i;
		assert_int_equal(hawk_ir_eval(ir, &e, NULL), i < 3 * MANY && i % 3 == 0);
	}
	process.task.pid = -3;
	assert_false(hawk_ir_eval(ir, &e, NULL));
	hawk_ir_free(ir);
	assert_false(hawk_ir_eval(ranges, &e, NULL));
	hawk_ir_free(ranges);
}

static void large_texts(void **state)
{
	static const char *const formats[] = { "/data/%05u", "/data/%05u/*", "*/%05u", "10.%u.0.0/16" };
	struct hawk_event e = make_event("file_open"), tcp = make_event("tcp_connect");
	char text[64];

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		struct hawk_ir *ir = large("data.pathname=", formats[f], MANY, 2);

		for (int i = 0; i < 2 * MANY; i++) {
			int n = snprintf(text, sizeof(text), "/data/%05d%s", i, f == 1 ? "/x" : "");

			put(&e, "pathname", text, (size_t)n);
			assert_int_equal(hawk_ir_eval(ir, &e, NULL), i % 2 == 0);
			put(&e, "pathname", text, (size_t)n - 1);
			assert_int_equal(hawk_ir_eval(ir, &e, NULL), f == 1 && i % 2 == 0);
		}
		hawk_ir_free(ir);
	}
	for (size_t i = 0; i < 256; i++) {
		struct hawk_ir *ir = large("data.dst=172.16.0.0/12|10.0.1.0/24|10.0.0.0/16|", formats[3], 128, 2);
		const uint8_t ip[16] = { [10] = 0xff, 0xff, 10, (uint8_t)i, 1, 3 };

		put(&tcp, "dst", ip, sizeof(ip));
		assert_int_equal(hawk_ir_eval(ir, &tcp, NULL), i % 2 == 0);
		hawk_ir_free(ir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs), cmocka_unit_test(globs_end), cmocka_unit_test(regexes),
		cmocka_unit_test(ranges), cmocka_unit_test(flag_sets), cmocka_unit_test(large_numbers),
		cmocka_unit_test(large_texts), cmocka_unit_test(ancestors), cmocka_unit_test(modes), cmocka_unit_test(changes), cmocka_unit_test(event_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
