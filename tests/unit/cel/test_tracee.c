/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions of Tracee's detectors. */
#include "tests/unit/cel/fixture.h"

static void data(void **state)
{
	struct hawk_event e = make_event("sched_process_exec");

	(void)state;
	scope.tracee = true;
	only("sched_process_exec");
	put(&e, "pathname", "/tmp/x/", 7);
	expect(&e, "getEventData(\"pathname\").startsWith(\"/tmp\")", "true");
	expect(&e, "getEventData(\"prev_comm\") == \"x\"", "?");
	expect(&e, "hasData(\"pathname\") && !hasData(\"pwd\") && !hasData(\"nothing\")", "true");
	expect(&e, "basename(getEventData('pathname')) + basename('/') + basename('')", "x/.");
	put(&e, "cwd", "/root", 5);
	expect(&e, "getEventData('pwd')", "/root");
	lowers("getEventData('pathname').startsWith('/tmp/') && getEventData('pwd') == '/'",
	       "data.pathname=/tmp/* AND data.cwd=/", true);
	lowers("basename(getEventData('pathname')) == 'x'", "data.pathname=x|*/|*/x", false);
	expect(&e, "getEventData('pathnam') == 'x'", "?");
	expect(&e, "getData('pathname') == getEventData(event, 'pathname') && hasData(event, 'pathname')", "true");
	expect(&e, "getEventData('pathname') != null && null == getEventData('pathnam')", "true");
	expect(&e, "getEventData('pathname') == null || getEventData('pathnam') != null", "false");
	expect(&e, "process.get(workload.process.unique_id) != null", "true");
	expect(&e, "container.get(workload.container.id) == null ? 'none' : 'one'", "none");
	refused("getEventData(other, 'pathname')", 1, "expected the name of a field in quotes");
	refused("null == null", 6, "nothing is null");
	only("net_tcp_connect");
	e = make_event("net_tcp_connect");
	set(&e, "dst", (struct hawk_value){ .bytes = (const uint8_t[16]){ [10] = 0xff, 0xff, 10, 1, 2, 3 }, .len = 16 });
	expect(&e, "getEventData('dst') == '10.1.2.3' && getEventData('dst').startsWith('10.')", "true");
	lowers("getEventData('dst') == '10.1.2.3'", "data.dst=10.1.2.3", true);
}

/* Detectors that take what others found. */
static void outputs(void **state)
{
	struct hawk_event e = make_event("finding"), exec = make_event("sched_process_exec");

	(void)state;
	put(&e, "output", "path=/tmp/x\0id=7\0", 17);
	put(&e, "id", "other", 5);
	put(&exec, "pathname", "/bin/x", 6);
	only("finding");
	expect(&e, "getEventData('path') + getEventData('id')", "/tmp/x7");
	expect(&e, "hasData('path') && !hasData('pat')", "true");
	only("finding,sched_process_exec");
	put(&e, "output", "pathname=/tmp/x\0", 16);
	expect(&e, "getEventData('pathname')", "/tmp/x");
	expect(&exec, "getEventData('pathname')", "/bin/x");
	expect(&exec, "hasData('pathname') && !hasData('nothing')", "true");
	scope.tracee = false;
	expect(&e, "finding.pathname.startsWith('/tmp/')", "true");
	expect(&e, "finding.nothing == 'x'", "?");
	scope.tracee = true;
}

static void workload(void **state)
{
	struct hawk_event e = make_event("file_open");
	struct hawk_cel *cel;

	(void)state;
	only("file_open");
	process.container_id = (struct hawk_bytes){ .data = (uint8_t *)"abc", .len = 3 };
	expect(&e, "workload.process.executable.path + ' ' + workload.process.thread.name", "/usr/bin/ls zsh");
	expect(&e, "workload.process.host_pid == 100 && workload.process.real_user.id == 1000", "true");
	expect(&e, "workload.process.thread.compat", "false");
	expect(&e, "event.workload.container.id == 'abc'", "true");
	expect(&e, "event.name", "file_open");
	expect(&e, "workload.process.ancestors.exists(a, a.thread.name == 'login' && a.host_pid == 50)", "true");
	expect(&e, "workload.k8s.pod.labels['app'] == 'x'", "?");
	expect(&e, "workload.container.image.name.contains('nginx')", "?");
	cel = compiled("workload.container.image.name == 'x'");
	assert_string_equal(hawk_cel_missing(cel), "workload.container.image.name");
	hawk_cel_free(cel);
	refused("workload.kubernetes.pod == 'x'", 1, "Tracee has no list or field");
	refused("workload.process.uid == 0", 1, "did you mean workload.process.");
	process.container_id = (struct hawk_bytes){ .len = 0 };
}

static void stores(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only(NULL);
	expect(&e, "process.get(workload.process.unique_id).exe", "/usr/bin/ls");
	expect(&e, "process.get(workload.process.unique_id).name", "zsh");
	expect(&e, "process.getAncestry(workload.process.unique_id, 5).map(p, p.pid)", "100 50");
	expect(&e, "process.getAncestry(workload.process.unique_id, 1).map(p, p.pid)", "100");
	expect(&e, "process.getChildren(workload.process.unique_id).exists(c, c.name == 'sh')", "?");
	expect(&e, "container.get(workload.container.id).image == 'x'", "?");
	expect(&e, "syscall.getId('openat') == 257 && syscall.getName(59) == 'execve'", "true");
	expect(&e, "system.info().kernel_release != ''", "true");
	expect(&e, "size(dns.getResponse('10.0.0.1').domains)", "?");
	expect(&e, "kernel.resolveSymbol(5).name == 'x'", "?");
	memset(&scope, 0, sizeof(scope));
	refused("process.get(5)", 9, "there is no function get");
	refused("getEventData('pathname') == 'x'", 1, "there is no function");
}

int main(void)
{
	const struct CMUnitTest tests[] = { 
		cmocka_unit_test(data), cmocka_unit_test(outputs), cmocka_unit_test(workload), cmocka_unit_test(stores),
	};

	return cmocka_run_group_tests_name("cel/tracee", tests, NULL, NULL);
}
