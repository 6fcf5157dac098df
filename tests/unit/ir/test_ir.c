/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions over events. */
#include "tests/unit/ir/fixture.h"

static const uint8_t ip4[16] = { [10] = 0xff, 0xff, 10, 1, 2, 3 }, ip6[16] = { [0] = 0xfe, 0x80, [15] = 1 };
static struct sockaddr_in in4 = { .sin_family = AF_INET };
static struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0hidden" };
static uint64_t how[3] = { O_RDWR | O_CREAT };


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
		cmocka_unit_test(strings), cmocka_unit_test(numbers), cmocka_unit_test(flags),
		cmocka_unit_test(addresses), cmocka_unit_test(events), cmocka_unit_test(inside_of_addresses),
		cmocka_unit_test(inside_of_structures), cmocka_unit_test(previous_credentials),
		cmocka_unit_test(policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
