/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What policies of Tracee mean: what its manual says, also where it does something else. */
#include "tests/unit/policy/fixture.h"

static void is(const struct hawk_event *e, const char *scope, bool want, const char *const *filters)
{
	struct hawk_policy *p = made(scope, e->desc->name, filters);

	if (matches(p, e) != want)
		fail_msg("scope %s, filter %s: not %s", scope, filters && *filters ? *filters : "none",
			 want ? "true" : "false");
	hawk_policy_free(p);
}

#define scope_is(e, scope, want) is(e, scope, want, NULL)
#define filter_is(e, want, ...) is(e, "global", want, (const char *const[]){ __VA_ARGS__, NULL })

static void not_equal_alone(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	set(&e, "retval", (struct hawk_value){ .s = -9 });
	filter_is(&e, true, "retval!=0");
	filter_is(&e, false, "retval!=-9");
	filter_is(&e, true, "retval<0");
	filter_is(&e, true, "uid!=0");
	filter_is(&e, false, "uid!=1000");
	scope_is(&e, "uid!=0", true);
	scope_is(&e, "uid!=0,1000", false);
	set(&e, "retval", (struct hawk_value){ .s = 0 });
	filter_is(&e, false, "retval!=0");
}

static void bounds(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	scope_is(&e, "uid>=1000", true);
	scope_is(&e, "uid>1000", false);
	scope_is(&e, "uid<=1000", true);
	scope_is(&e, "uid<1000", false);
	scope_is(&e, "uid>10;uid<1001", true);
	scope_is(&e, "uid>10;uid<1000", false);
	scope_is(&e, "uid>2000;uid=1000", true);
	scope_is(&e, "uid>10;uid!=1000", false);
	scope_is(&e, "uid<10;uid<1001", true);
	scope_is(&e, "uid>5000;uid>10", true);
	is(&e, "uid>=1000", true, (const char *const[]){ "data.fd!=77", NULL });
}

static void names(void **state)
{
	struct hawk_event e = make_event("close");
	struct hawk_process same = process;

	(void)state;
	scope_is(&e, "comm=zsh,bash", true);
	scope_is(&e, "comm=z*", true);
	scope_is(&e, "comm=*s*", true);
	scope_is(&e, "comm=*x*", false);
	scope_is(&e, "comm!=z*", false);
	memcpy(process.comm, "a-name-of-15-by", 15);
	scope_is(&e, "comm=a-name-of-15-bytes-and-more", true);
	filter_is(&e, true, "comm=a-name-of-15-bytes-and-more");
	filter_is(&e, true, "processName=a-name*");
	process = same;
}

static void host_names(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	scope_is(&e, "uts=ab356bc4dd55", false); /* it is not known */
	process.nodename = (struct hawk_bytes){ .data = (uint8_t *)"ab356bc4dd55", .len = 12 };
	scope_is(&e, "uts=ab356bc4dd55,web", true);
	scope_is(&e, "uts!=ab356bc4dd55", false);
	filter_is(&e, true, "hostName=ab*");
	process.nodename = (struct hawk_bytes){ .data = NULL };
}

static void container_ids(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	scope_is(&e, "not-container", true);
	scope_is(&e, "container", false);
	scope_is(&e, "container!=abc", false);
	filter_is(&e, true, "host");
	process.container_id = (struct hawk_bytes){ .data = (uint8_t *)"abcdef", .len = 6 };
	scope_is(&e, "container", true);
	scope_is(&e, "container=abc", true);
	scope_is(&e, "container=abd,ab", true);
	scope_is(&e, "container!=abc", false);
	scope_is(&e, "container!=abd,000", true);
	scope_is(&e, "container!=abd,ab", false);
	scope_is(&e, "container;container!=abd", true);
	scope_is(&e, "!container", false);
	filter_is(&e, true, "container");
	filter_is(&e, false, "host=true");
	filter_is(&e, true, "containerId=*def");
	process.container_id = (struct hawk_bytes){ .data = NULL };
}

static void pids(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	process.task.ns_pid = 7;
	process.task.ppid = 50;
	process.task.ns_ppid = 6;
	scope_is(&e, "pid=100", true);
	scope_is(&e, "pid=101", true); /* the thread */
	scope_is(&e, "pid!=101", false);
	scope_is(&e, "pid=102", false);
	filter_is(&e, true, "pid=7");
	filter_is(&e, true, "hostPid=100");
	filter_is(&e, true, "hostParentProcessId=50");
	filter_is(&e, false, "hostPid=50");
	filter_is(&e, true, "ppid=6");
	filter_is(&e, true, "hostTid=101");
	process.task.ns_pid = process.task.ppid = process.task.ns_ppid = 0;
}

static void programs(void **state)
{
	struct hawk_event e = make_event("close");

	(void)state;
	process.exe = (struct hawk_bytes){ .data = (uint8_t *)"/usr/bin/ls", .len = 11 };
	process.task.ns_mnt = 4026531840;
	scope_is(&e, "exec=/usr/bin/ls", true);
	scope_is(&e, "executable=/bin/ls,/usr/bin/ls", true);
	scope_is(&e, "bin!=/usr/bin/ls", false);
	scope_is(&e, "binary=4026531840:/usr/bin/ls", true);
	scope_is(&e, "exec=4026531841:/usr/bin/ls", false);
	scope_is(&e, "exec=/usr/bin/*", true);
	process.exe = (struct hawk_bytes){ .data = NULL };
}

static void flags(void **state)
{
	struct hawk_event e = make_event("openat");

	(void)state;
	set(&e, "flags", (struct hawk_value){ .u = O_WRONLY | O_CREAT | O_TRUNC });
	filter_is(&e, true, "data.flags=O_WRONLY|O_CREAT");
	filter_is(&e, true, "data.flags=O_WRONLY");
	filter_is(&e, false, "data.flags=O_RDONLY");
	filter_is(&e, true, "data.flags=577");
	filter_is(&e, false, "data.flags=1");
	filter_is(&e, true, "data.flags=*O_CREAT*");
	filter_is(&e, true, "data.flags=O_APPEND,O_TRUNC");
	filter_is(&e, false, "data.flags!=O_APPEND,O_TRUNC");
	set(&e, "flags", (struct hawk_value){ .u = O_RDONLY });
	filter_is(&e, true, "data.flags=O_RDONLY");
	filter_is(&e, true, "data.flags=0");
}

static void paths(void **state)
{
	struct hawk_event e = make_event("security_file_open");

	(void)state;
	put(&e, "pathname", "/home/a/.ssh/id", 15);
	filter_is(&e, true, "data.pathname=*.ssh*");
	filter_is(&e, true, "args.pathname=/home/*");
	filter_is(&e, true, "data.pathname=*id");
	filter_is(&e, true, "data.pathname!=/etc/*");
	filter_is(&e, false, "data.pathname!=/home/*");
	filter_is(&e, false, "data.pathname=.ssh*");
	filter_is(&e, false, "data.pathname=/home/a/.ssh/i");
	filter_is(&e, true, "data.pathname=/x,/home/a/.ssh/id");
	/* Several filters on a field: one that fits goes before one that excludes. */
	filter_is(&e, true, "data.pathname=/home/*", "data.pathname!=*/id");
	filter_is(&e, true, "data.pathname=/x", "data.pathname=/home/*");
	filter_is(&e, false, "data.pathname=/home/*", "comm=bash");
	/* Without a path nothing is equal to one. */
	set(&e, "pathname", (struct hawk_value){ .flags = HAWK_VAL_ABSENT });
	filter_is(&e, false, "data.pathname=*/id");
	filter_is(&e, true, "data.pathname!=*/id");
}

static void other_names(void **state)
{
	struct hawk_event e = make_event("sched_process_fork");

	(void)state;
	set(&e, "child_pid", (struct hawk_value){ .s = 5 });
	filter_is(&e, true, "data.child_tid=5"); /* its name for it */
	filter_is(&e, true, "data.leader_pid=5");
	filter_is(&e, true, "data.child_pid=5");
	e = make_event("commit_creds");
	set(&e, "new_uid", (struct hawk_value){ .u = 0 });
	filter_is(&e, true, "data.new_cred.Uid=0");
	filter_is(&e, false, "data.new_cred.Uid!=0");
	e = make_event("net_packet_dns_request");
	set(&e, "dst_port", (struct hawk_value){ .u = 53 });
	filter_is(&e, true, "data.metadata.dst_port=53");
	filter_is(&e, true, "data.metadata.dst_port<100");
}

static void addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct hawk_event e = make_event("security_socket_connect");

	(void)state;
	in.sin_addr.s_addr = htonl(0x0a010203);
	put(&e, "remote_addr", &in, sizeof(in));
	filter_is(&e, true, "data.remote_addr=10.1.2.3");
	filter_is(&e, true, "data.remote_addr=10.*");
	filter_is(&e, true, "data.remote_addr=10.1.2.*");
	filter_is(&e, false, "data.remote_addr=10.2.*");
	filter_is(&e, true, "data.remote_addr=*10.1.2.3*");
	filter_is(&e, true, "data.remote_addr=*sin_addr:10.1.2.3*");
	filter_is(&e, true, "data.remote_addr=map[sa_family:AF_INET sin_addr:10.1.2.3 sin_port:443]");
	filter_is(&e, false, "data.remote_addr=*sin_port:80*");
	filter_is(&e, true, "data.remote_addr.sin_port=443");
	filter_is(&e, false, "data.remote_addr=/run/*");
	filter_is(&e, true, "data.remote_addr=AF_INET");
}

static void system_calls(void **state)
{
	struct hawk_policy *p;
	struct hawk_event e = make_event("link");

	(void)state;
	p = made("global", "fs_link_ops", (const char *const[]){ "syscall=link,88", NULL });
	assert_true(matches(p, &e));
	e = make_event("symlink");
	assert_true(matches(p, &e)); /* 88 */
	e = make_event("unlink");
	assert_false(matches(p, &e));
	hawk_policy_free(p);
	/* never, but no fault */
	e = make_event("openat");
	filter_is(&e, false, "syscall=open");
	filter_is(&e, true, "syscall!=open");
	e = make_event("sys_enter");
	set(&e, "syscall", (struct hawk_value){ .s = 59 });
	filter_is(&e, true, "data.syscall=execve");
	filter_is(&e, true, "data.syscall=59");
	filter_is(&e, false, "data.syscall!=execve");
}

/* What is not known is never true, whether it is asked for or excluded. */
static void pending(void **state)
{
	struct hawk_event e = make_event("openat");

	(void)state;
	filter_is(&e, false, "containerName=x");
	filter_is(&e, false, "containerName!=x");
	filter_is(&e, false, "podName!=x", "uid=1000");
	scope_is(&e, "container=new", false);
	scope_is(&e, "container!=new", false);
	scope_is(&e, "container=started;uid=1000", false);
	e = make_event("security_file_open");
	filter_is(&e, false, "syscall=openat");
	filter_is(&e, false, "syscall!=openat");
	filter_is(&e, false, "data.syscall_pathname=x");
	filter_is(&e, false, "data.syscall_pathname!=x");
	e = make_event("net_packet_dns");
	filter_is(&e, false, "data.proto_dns.opt!=x");
}

static void parameters(void **state)
{
	struct hawk_policy *one, *two;

	(void)state;
	one = made("global", "stack_pivot", (const char *const[]){ "data.syscall=execve,mprotect", NULL });
	two = made("global", "stack_pivot", (const char *const[]){ "data.syscall=ptrace", NULL });
	assert_int_equal(one->n_checked_syscalls, 2);
	assert_string_equal(one->checked_syscalls[1], "mprotect");
	assert_int_equal(two->n_checked_syscalls, 1);
	hawk_policy_free(one);
	hawk_policy_free(two);
	one = made("global", "symbols_loaded", (const char *const[]){ "data.symbols=fopen", "data.library_path!=/usr/lib/", NULL });
	assert_int_equal(one->n_watched_symbols, 1);
	assert_int_equal(one->n_checked_syscalls, 0);
	hawk_policy_free(one);
}

/* True when the policy selects the event and nothing keeps it from matching. */
static bool selects(const char *event, const char *name)
{
	struct hawk_policy *p = made("global", event, NULL);
	struct hawk_event e = make_event(name);
	const bool is = matches(p, &e);

	hawk_policy_free(p);
	return is;
}

static void events(void **state)
{
	(void)state;
	assert_true(selects("open,openat", "openat"));
	assert_true(selects("fs_link_ops,-link", "symlink"));
	assert_false(selects("fs_link_ops,-link", "link"));
	assert_true(selects("tag=net_sock,fs_link_ops", "link"));
	assert_true(selects("tag=net_sock,fs_link_ops", "bind"));
	assert_true(selects("sched_process*", "sched_process_exec"));
	/* what they were called before */
	assert_true(selects("hooked_syscalls,dns_request", "hooked_syscall"));
	assert_true(selects("hooked_syscalls,dns_request", "net_packet_dns_request"));
	assert_true(selects("check_syscall_source", "suspicious_syscall_source"));
	assert_true(selects("init_tracee_data", "sechawk_info"));
	assert_true(selects("*_exec", "sched_process_exec"));
	assert_false(selects("*_exec", "sched_process_exit"));
	assert_true(selects("-ptrace", "setuid")); /* the default set but for it */
	assert_true(selects("-ptrace", "sched_process_exec"));
	assert_true(selects("-ptrace", "net_tcp_connect"));
	assert_false(selects("-ptrace", "ptrace"));
	assert_false(selects("threat.severity>=high", "ptrace"));
	assert_false(selects("anti_debugging", "ptrace"));
	assert_true(selects("default", "finding"));
	assert_true(selects("-ptrace", "finding"));
	assert_true(selects("signatures", "finding"));
	assert_true(selects("ptrace,detectors", "finding"));
	assert_false(selects("default,-signatures", "finding"));
	assert_false(selects("fs", "finding"));
	assert_true(selects("anti_debugging,ptrace", "ptrace"));
}

/* How often TEXT is refused, and the first message. */
static size_t refused(const char *text, struct hawk_diag *ret)
{
	struct hawk_diags diags = { .path = "test" };
	struct hawk_policy *p = NULL;
	size_t n;

	if (hawk_policy_parse(&p, text, strlen(text), "test", NULL, &diags) == 0) {
		hawk_policy_free(p);
		hawk_diags_done(&diags);
		return 0;
	}
	n = diags.errors;
	*ret = diags.v[0];
	hawk_diags_done(&diags);
	return n;
}

static void limits(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = 8 * 1024 * 1024 };
	struct hawk_diag d;

	(void)state;
	hawk_buf_lit(&text, "type: policy\nname: x\nscope: [global]\nrules:\n");
	for (size_t i = 0; i <= HAWK_POLICY_RULES_MAX; i++)
		hawk_buf_lit(&text, "- {event: open}\n");
	assert_int_equal(refused(hawk_buf_str(&text), &d), 1);
	assert_non_null(strstr(d.message, "more than 1024 rules"));
	assert_int_equal(d.line, 4 + HAWK_POLICY_RULES_MAX + 1);
	hawk_buf_reset(&text);
	for (size_t i = 0; i < 70000; i++)
		hawk_buf_lit(&text, "- x\n");
	assert_int_equal(refused(hawk_buf_str(&text), &d), 1);
	assert_non_null(strstr(d.message, "more than 65536 values"));
	hawk_buf_reset(&text);
	while (text.len <= HAWK_POLICY_TEXT_MAX)
		hawk_buf_lit(&text, "# ................................................................\n");
	assert_int_equal(refused(hawk_buf_str(&text), &d), 1);
	assert_non_null(strstr(d.message, "longer than 1048576 bytes"));
}

/* A list of 10,000 values. */
static void many(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_event e = make_event("openat");
	struct hawk_policy *p = NULL;
	struct hawk_diags diags = { .path = "test" };

	(void)state;
	hawk_buf_lit(&text, "type: policy\nname: x\nscope: [global]\nrules:\n- event: openat\n  filters:\n");
	for (size_t i = 0; i < 10; i++) {
		hawk_buf_lit(&text, "  - data.pathname=/a");
		for (size_t k = 0; k < 1000; k++)
			hawk_buf_printf(&text, ",/opt/%zu/%zu", i, k);
		hawk_buf_lit(&text, "\n");
	}
	assert_int_equal(hawk_policy_parse(&p, hawk_buf_str(&text), text.len, "test", NULL, &diags), 0);
	put(&e, "pathname", "/opt/7/999", 10);
	assert_true(matches(p, &e));
	put(&e, "pathname", "/opt/7/9999", 11);
	assert_false(matches(p, &e));
	hawk_policy_free(p);
	hawk_diags_done(&diags);
}

static void places(void **state)
{
	struct hawk_diag d;

	(void)state;
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: close\n  filters:\n"
				 "  - data.fd=1,two\n", &d), 1);
	assert_int_equal(d.line, 7);
	assert_int_equal(d.column, 15);
	assert_int_equal(refused("type: policy\nname: x\nscope:\n- 'uid=1,x'\nrules: [{event: close}]\n", &d), 1);
	assert_int_equal(d.line, 4);
	assert_int_equal(d.column, 10);
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: close,opem\n", &d), 1);
	assert_int_equal(d.column, 16);
	assert_non_null(strstr(d.message, "did you mean open"));
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: open,threat.severity=big\n", &d), 1);
	assert_int_equal(d.column, 31);
	assert_non_null(strstr(d.message, "expected info, low"));
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: threat.nam=x\n", &d), 1);
	assert_int_equal(d.column, 10);
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: open,threat.name>x\n", &d), 1);
	assert_int_equal(d.column, 26);
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: open,threat.name=\n", &d), 1);
	assert_int_equal(d.column, 27);
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: mine\n", &d), 1);
	assert_int_equal(refused("type: policy\nname: x\nscope: [global]\nrules:\n- event: anti_debugin\n", &d), 1);
	assert_non_null(strstr(d.message, "did you mean anti_debugging"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_equal_alone), cmocka_unit_test(bounds),	 cmocka_unit_test(names),
		cmocka_unit_test(pids),		   cmocka_unit_test(programs),	 cmocka_unit_test(flags),
		cmocka_unit_test(paths),	   cmocka_unit_test(other_names), cmocka_unit_test(addresses),
		cmocka_unit_test(system_calls),	   cmocka_unit_test(pending),	 cmocka_unit_test(parameters),
		cmocka_unit_test(events),	   cmocka_unit_test(limits),	 cmocka_unit_test(many),
		cmocka_unit_test(places),	   cmocka_unit_test(host_names), cmocka_unit_test(container_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
