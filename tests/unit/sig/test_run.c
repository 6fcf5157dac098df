/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures as text, with their tests: what the engine and the runner of tests make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/sig/test.h"

#define HEAD(name) "id: " name "\nname: " name "\nversion: 1.0.0\ntitle: t\ndescription: d\nseverity: low\n"
#define TEXTS_MAX 8

struct run {
	size_t passed, failed, wrong;
	struct hawk_buf out;
};

/* Runs all the tests of TEXTS, which ends in a NULL, and of LIST, the list NAMES. */
static void run(struct run *r, const char *const *texts)
{
	struct hawk_sig_source sources[TEXTS_MAX + 1] = { { "NAMES.list", "one\ntwo\n", 8 } };
	struct hawk_diags diags[TEXTS_MAX + 1] = { { .path = "NAMES.list" } };
	struct hawk_sig_files files = { .n_signatures = 0 };
	struct hawk_sig_set *set = NULL;
	size_t n = 1;

	*r = (struct run){ .out = HAWK_BUF_INIT };
	for (; texts[n - 1]; n++) {
		assert_true(n <= TEXTS_MAX);
		sources[n] = (struct hawk_sig_source){ "text", texts[n - 1], strlen(texts[n - 1]) };
		diags[n].path = "text";
	}
	assert_int_equal(hawk_sig_read(&files, sources, n, diags), 0);
	for (size_t i = 0; i < n; i++) {
		hawk_diags_print(&diags[i], &r->out);
		hawk_diags_done(&diags[i]);
	}
	assert_int_equal(files.n_signatures, n - 1);
	assert_int_equal(hawk_sig_set_new(&set, files.signatures, files.n_signatures), 0);
	for (size_t i = 0; i < files.n_signatures; i++)
		for (size_t k = 0; k < files.signatures[i]->n_tests; k++) {
			struct hawk_diags wrong = { .path = "text" };
			int e;

			hawk_buf_printf(&r->out, "%s: ", files.signatures[i]->tests[k].name);
			e = hawk_sig_test_run(files.signatures[i], k, set, &r->out, &wrong);
			hawk_diags_print(&wrong, &r->out);
			hawk_buf_putc(&r->out, '\n');
			hawk_diags_done(&wrong);
			*(e == 1 ? &r->passed : e == 0 ? &r->failed : &r->wrong) += 1;
		}
	hawk_sig_set_free(set);
	hawk_sig_files_done(&files);
}

static void expect_good(const char *const *texts)
{
	struct run r;

	run(&r, texts);
	if (r.failed || r.wrong || !r.passed)
		fail_msg("%zu passed\n%s", r.passed, hawk_buf_str(&r.out));
	hawk_buf_done(&r.out);
}

#define GOOD(...) expect_good((const char *const[]){ __VA_ARGS__, NULL })
/* An event of process 1000 on the file PATH. */
#define OPEN(path) "      - {event: file_open, data: {pathname: " path "}}\n"
#define OPEN_AFTER(path, time) "      - {event: file_open, after: " time ", data: {pathname: " path "}}\n"
#define OPEN_BY(path, process) "      - {event: file_open, process: {" process "}, data: {pathname: " path "}}\n"
#define TEST(name, events, finds) "  - name: " name "\n    events:\n" events "    finds: [" finds "]\n"

/* A value that one step keeps is compared by the next; another value of the same process is another way. */
static void captures(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "steps:\n"
	     "  - {event: file_open, where: 'data.pathname.startsWith(\"/in/\")', capture: {name: basename(data.pathname)}}\n"
	     "  - {event: file_open, where: 'data.pathname == \"/out/\" + captured.name'}\n"
	     "within: 10s\nby: [process]\noutput: {name: captured.name}\nmessage: 'took {captured.name}'\n"
	     "tests:\n"
	     TEST("same", OPEN("/in/x") OPEN("/out/x"), "a")
	     TEST("other", OPEN("/in/x") OPEN("/out/y"), "")
	     TEST("two ways", OPEN("/in/x") OPEN("/in/y") OPEN("/out/x") OPEN("/out/y"), "a, a")
	     TEST("once", OPEN("/in/x") OPEN("/out/x") OPEN("/out/x"), "a")
	     TEST("late", OPEN("/in/x") OPEN_AFTER("/out/x", "11s"), "")
	     TEST("another process", OPEN_BY("/in/x", "pid: 1") OPEN_BY("/out/x", "pid: 2"), ""));
}

/* The middle one of three steps captures, too: the first stays open for others. */
static void forks(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "steps:\n"
	     "  - {event: file_open, where: data.pathname == \"/begin\"}\n"
	     "  - {event: file_open, where: 'data.pathname.startsWith(\"/in/\")', capture: {name: basename(data.pathname)}}\n"
	     "  - {event: file_open, where: 'data.pathname == \"/out/\" + captured.name'}\n"
	     "within: 10s\nby: [process]\n"
	     "tests:\n"
	     TEST("second", OPEN("/begin") OPEN("/in/x") OPEN("/in/y") OPEN("/out/y"), "a")
	     TEST("both", OPEN("/begin") OPEN("/in/x") OPEN("/in/y") OPEN("/out/y") OPEN("/out/x"), "a, a")
	     TEST("no begin", OPEN("/in/x") OPEN("/out/x"), ""));
}

static void counting(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "event: file_open\nwhere: data.pathname.startsWith(\"/d/\")\ncount: 3\ndistinct: data.pathname\n"
	     "within: 10s\nby: [process]\n"
	     "tests:\n"
	     TEST("three", OPEN("/d/1") OPEN("/d/2") OPEN("/d/3"), "a")
	     TEST("two", OPEN("/d/1") OPEN("/d/2") OPEN("/d/1") OPEN("/d/2"), "")
	     TEST("seen again it is young again",
		  OPEN("/d/1") OPEN_AFTER("/d/2", "6s") OPEN_AFTER("/d/1", "3s") OPEN_AFTER("/d/3", "3s"), "a")
	     TEST("too slow", OPEN("/d/1") OPEN_AFTER("/d/2", "6s") OPEN_AFTER("/d/3", "6s"), ""),
	     HEAD("b")
	     "steps:\n  - {event: file_open, where: data.pathname == \"/x\"}\n"
	     "  - {event: file_open, where: data.pathname == \"/y\", count: 2}\nwithin: 10s\nby: [process]\n"
	     "tests:\n"
	     TEST("in order", OPEN("/x") OPEN("/y") OPEN("/y"), "b")
	     TEST("begun again half way", OPEN("/x") OPEN("/y") OPEN("/x") OPEN("/y"), "b")
	     TEST("one of them before", OPEN("/y") OPEN("/x") OPEN("/y"), ""));
}

static void absence(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "steps:\n  - {event: file_open, where: data.pathname == \"/x\", capture: {n: data.pathname}}\n"
	     "  - {absent: true, event: file_open, where: data.pathname == \"/y\"}\nwithin: 10s\nby: [process]\n"
	     "message: '{process.exe} {captured.n}'\n"
	     "tests:\n"
	     TEST("never", OPEN_BY("/x", "exe: /bin/a"), "a")
	     TEST("late", OPEN("/x") OPEN_AFTER("/y", "11s"), "a")
	     TEST("in time", OPEN("/x") OPEN_AFTER("/y", "9s"), "")
	     TEST("waits since the first", OPEN("/x") OPEN_AFTER("/x", "8s") OPEN_AFTER("/y", "8s"), "a"));
}

/* What others found, up to five deep. */
static void chains(void **state)
{
#define LINK(name, of) HEAD(name) "event: finding=" of "\ntests:\n" TEST("chain", OPEN("/x"), name)
	(void)state;
	GOOD(HEAD("a") "event: file_open\nwhere: data.pathname == \"/x\"\noutput: {path: data.pathname}\n",
	     LINK("b", "a"), LINK("c", "b"), LINK("d", "c"), LINK("e", "d"), LINK("f", "e"),
	     HEAD("g") "event: finding=f\ntests:\n" TEST("too deep", OPEN("/x"), ""),
	     HEAD("h") "event: finding=a\nwhere: finding.path == \"/x\" && data.severity == \"low\"\n"
		       "tests:\n" TEST("output", OPEN("/x"), "h"));
}

static void exceptions(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "event: file_open\nwhere: data.pathname == \"/x\"\nexceptions:\n"
	     "  - {name: me, where: process.exe == \"/bin/me\", why: w}\nsuppress: {within: 10s, by: [process]}\n"
	     "tests:\n"
	     TEST("other", OPEN_BY("/x", "exe: /bin/you"), "a")
	     TEST("me", OPEN_BY("/x", "exe: /bin/me"), "")
	     TEST("suppressed", OPEN("/x") OPEN("/x") OPEN_AFTER("/x", "11s"), "a, a"),
	     HEAD("b")
	     "event: file_open\nwhere: first_seen(data.pathname)\ntests:\n"
	     TEST("new ones", OPEN("/x") OPEN("/y") OPEN("/x"), "b, b"));
}

/* Whom state belongs to. */
static void keys(void **state)
{
#define BY(name, key, tests) \
	HEAD(name) "steps:\n  - {event: file_open, where: data.pathname == \"/x\"}\n" \
		   "  - {event: file_open, where: data.pathname == \"/y\"}\nwithin: 10s\nby: [" key "]\ntests:\n" tests
	(void)state;
	GOOD(BY("u", "user",
		TEST("login user", OPEN_BY("/x", "pid: 1, uid: 0, loginuid: 5") OPEN_BY("/y", "pid: 2, uid: 7, loginuid: 5"), "u")
		TEST("others", OPEN_BY("/x", "pid: 1, uid: 1") OPEN_BY("/y", "pid: 2, uid: 2"), "")),
	     BY("c", "container",
		TEST("same", OPEN_BY("/x", "pid: 1, container_id: aa") OPEN_BY("/y", "pid: 2, container_id: aa"), "c")
		TEST("others", OPEN_BY("/x", "pid: 1, container_id: aa") OPEN_BY("/y", "pid: 2, container_id: bb"), "")),
	     BY("t", "tree",
		TEST("grandchild", OPEN_BY("/x", "pid: 1") OPEN_BY("/y", "pid: 3, parent: {pid: 2, parent: {pid: 1}}"), "t")
		TEST("parent", OPEN_BY("/x", "pid: 3, parent: {pid: 2}") OPEN_BY("/y", "pid: 2"), "")),
	     BY("s", "session",
		TEST("same", OPEN_BY("/x", "pid: 1, sessionid: 4") OPEN_BY("/y", "pid: 2, sessionid: 4"), "s")
		TEST("others", OPEN_BY("/x", "pid: 1, sessionid: 4") OPEN_BY("/y", "pid: 2, sessionid: 5"), "")),
	     BY("v", "process.comm, uid",
		TEST("same", OPEN_BY("/x", "pid: 1, comm: q") OPEN_BY("/y", "pid: 2, comm: q"), "v")
		TEST("others", OPEN_BY("/x", "pid: 1, comm: q") OPEN_BY("/y", "pid: 2, comm: p"), "")),
	     HEAD("d") "event: [net_tcp_connect, security_socket_connect]\ncount: 2\nwithin: 10s\nby: [address]\ntests:\n"
	     "  - name: same\n    events:\n      - {event: net_tcp_connect, data: {dst: 10.0.0.1}}\n"
	     "      - {event: security_socket_connect, data: {remote_addr: '10.0.0.1:80'}}\n    finds: [d]\n"
	     "  - name: others\n    events:\n      - {event: net_tcp_connect, data: {dst: 10.0.0.1}}\n"
	     "      - {event: net_tcp_connect, data: {dst: '10.0.0.2'}}\n    finds: []\n");
}

static void any_order(void **state)
{
	(void)state;
	GOOD(HEAD("a")
	     "unordered: true\nsteps:\n  - {event: file_open, where: data.pathname == \"/x\"}\n"
	     "  - {event: file_open, where: data.pathname == \"/y\", count: 2}\nwithin: 10s\nby: [process]\n"
	     "tests:\n"
	     TEST("one way", OPEN("/x") OPEN("/y") OPEN("/y"), "a")
	     TEST("other way", OPEN("/y") OPEN("/x") OPEN("/y"), "a")
	     TEST("the first is too old", OPEN("/y") OPEN_AFTER("/y", "6s") OPEN_AFTER("/x", "6s"), "")
	     TEST("and came again", OPEN("/y") OPEN_AFTER("/y", "6s") OPEN_AFTER("/y", "5s") OPEN("/x"), "a"));
}

/* What tests answer for the model. */
static void model(void **state)
{
	(void)state;
	GOOD(HEAD("a") "event: net_tcp_connect\nwhere: '\"evil.example\" in dns_names(data.dst)'\ntests:\n"
	     "  - name: by name\n    model: {dns: {10.0.0.1: [good.example, evil.example]}}\n    events:\n"
	     "      - {event: net_tcp_connect, data: {dst: 10.0.0.1}}\n"
	     "      - {event: net_tcp_connect, data: {dst: 10.0.0.2}}\n    finds: [a]\n",
	     HEAD("b") "event: file_open\nwhere: package_state(data.pathname) == \"changed\"\ntests:\n"
	     "  - name: changed\n    model: {packages: {/x: {name: p, state: changed}, /y: {name: p, state: intact}}}\n"
	     "    events:\n" OPEN("/x") OPEN("/y") OPEN("/z") "    finds: [b]\n"
	     TEST("unknown", OPEN("/x"), ""),
	     HEAD("c") "event: file_open\nwhere: stdio_socket(0) == \"10.0.0.1:4444\"\ntests:\n"
	     "  - name: socket\n    model: {stdio: {\"7\": {\"0\": \"10.0.0.1:4444\"}}}\n    events:\n"
	     OPEN_BY("/x", "pid: 7") OPEN_BY("/x", "pid: 8") "    finds: [c]\n",
	     HEAD("d") "event: file_open\nwhere: container.age > duration(\"0s\") && container.id == \"aa\"\ntests:\n"
	     "  - name: known\n    model: {containers: {aa: {started: -10min}}}\n    events:\n"
	     OPEN_BY("/x", "container_id: aa") "    finds: [d]\n"
	     TEST("unknown", OPEN_BY("/x", "container_id: aa"), "")
	     TEST("by exec", "      - {event: sched_process_exec, process: {pid: 5, container_id: aa}}\n"
		  OPEN_BY("/x", "pid: 5"), "d"),
	     HEAD("e") "event: sendto\nwhere: data.sockfd_socket.type == \"SOCK_DGRAM\" && "
	     "data.sockfd_socket.local_port > 1024\ntests:\n"
	     TEST("sockets",
		  "      - {event: sendto, data: {sockfd_socket: {type: SOCK_DGRAM, local_port: 40000}}}\n"
		  "      - {event: sendto, data: {sockfd_socket: {type: SOCK_DGRAM, local_port: 53}}}\n"
		  "      - {event: sendto, data: {sockfd_socket: {type: SOCK_STREAM, local_port: 40000}}}\n", "e"));
}

/* The runner itself fails what is not so, and says what is wrong with events. */
static void failures(void **state)
{
	struct run r;

	(void)state;
	run(&r, (const char *const[]){
		HEAD("a") "event: file_open\nwhere: data.pathname == \"/x\"\ntests:\n"
		TEST("not found", OPEN("/y"), "a")
		TEST("found", OPEN("/x"), "")
		TEST("twice", OPEN("/x") OPEN("/x"), "a")
		TEST("not its name", OPEN("/x"), "b")
		TEST("no such field", "      - {event: file_open, data: {pathnam: /x}}\n", "a")
		TEST("no such event", "      - {event: file_opem}\n", "a")
		TEST("no such fact", "      - {event: file_open, process: {parent: {exx: /x}}}\n", "a")
		TEST("no number", "      - {event: file_open, data: {inode: many}}\n", "a"), NULL });
	assert_int_equal(r.passed, 0);
	assert_int_equal(r.failed, 4);
	assert_int_equal(r.wrong, 4);
	assert_non_null(strstr(hawk_buf_str(&r.out), "did you mean pathname?"));
	assert_non_null(strstr(hawk_buf_str(&r.out), "did you mean file_open?"));
	hawk_buf_done(&r.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures),   cmocka_unit_test(forks), cmocka_unit_test(counting),
		cmocka_unit_test(absence),    cmocka_unit_test(chains), cmocka_unit_test(exceptions),
		cmocka_unit_test(keys),	      cmocka_unit_test(any_order), cmocka_unit_test(model),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
