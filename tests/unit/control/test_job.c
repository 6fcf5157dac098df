/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that take several steps and end: lists of processes, measurements. And what is written down of
 * changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/log.h"
#include "tests/unit/control/client.h"

#define MORE ",\"more\":true"
#define CHILDREN 300

static void make_processes(void)
{
	for (uint32_t pid = 100; pid < 100 + CHILDREN; pid++)
		fake_process(&fake, 50, pid);
	fake_process(&fake, 150, 1000);
	fake_process(&fake, 1000, 1001);
}

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void list_in_pieces(void **state)
{
	struct client c = connect_client();
	size_t in_pieces = 0, at_once, replies = 0;
	struct hawk_reply reply;
	bool more = true;

	(void)state;
	make_processes();
	call(&c, "ProcessList", "{}", MORE);
	while (more) {
		reply = expect_reply(&c, "ProcessList");
		in_pieces += json_array_size(json_object_get(reply.parameters, "processes"));
		more = reply.continues;
		replies++;
		hawk_reply_done(&reply);
	}
	assert_true(replies > 1);
	assert_true(in_pieces >= CHILDREN + 2);
	call(&c, "ProcessList", "{}", "");
	reply = expect_reply(&c, "ProcessList");
	at_once = json_array_size(json_object_get(reply.parameters, "processes"));
	assert_false(reply.continues);
	hawk_reply_done(&reply);
	assert_int_equal(at_once, in_pieces);
	disconnect(&c);
}

static void list_too_long_for_one_reply(void **state)
{
	struct hawk_control_options options = { .client_bytes = 16 * 1024 };
	struct client c;

	(void)state;
	restart(&options);
	make_processes();
	c = connect_client();
	call(&c, "ProcessList", "{}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	/* The connection is none the worse for it. */
	call(&c, "Version", "{}", "");
	expect_success(&c, "Version");
	disconnect(&c);
}

static void tree(void **state)
{
	static const struct {
		int pid, depth;
	} expected[] = { { 150, 0 }, { 1000, 1 }, { 1001, 2 } };
	struct client c = connect_client();
	struct hawk_reply reply;
	json_t *nodes;

	(void)state;
	make_processes();
	call(&c, "ProcessTree", "{\"pid\":150}", "");
	reply = expect_reply(&c, "ProcessTree");
	nodes = json_object_get(reply.parameters, "nodes");
	assert_int_equal(json_array_size(nodes), 3);
	for (size_t i = 0; i < 3; i++) {
		json_t *node = json_array_get(nodes, i);

		assert_int_equal(number(node, "depth"), expected[i].depth);
		assert_int_equal(number(json_object_get(node, "process"), "pid"), expected[i].pid);
	}
	hawk_reply_done(&reply);
	/* The whole forest: everything once, children after their parents in order of start. */
	call(&c, "ProcessTree", "{}", "");
	reply = expect_reply(&c, "ProcessTree");
	nodes = json_object_get(reply.parameters, "nodes");
	assert_true(json_array_size(nodes) >= CHILDREN + 2);
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		json_t *node = json_array_get(nodes, i), *before = i ? json_array_get(nodes, i - 1) : NULL;

		if (!before)
			assert_int_equal(number(node, "depth"), 0);
		else
			assert_true(number(node, "depth") <= number(before, "depth") + 1);
		if (before && number(node, "depth") == number(before, "depth"))
			assert_true(number(json_object_get(node, "process"), "pid") >
				    number(json_object_get(before, "process"), "pid"));
	}
	hawk_reply_done(&reply);
	call(&c, "ProcessTree", "{\"pid\":31999}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchProcess");
	disconnect(&c);
}

static void show(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;
	json_t *list;

	(void)state;
	make_processes();
	call(&c, "ProcessShow", "{\"pid\":1000}", "");
	reply = expect_reply(&c, "ProcessShow");
	assert_int_equal(number(json_object_get(reply.parameters, "process"), "pid"), 1000);
	list = json_object_get(reply.parameters, "ancestors");
	assert_true(json_array_size(list) >= 1);
	assert_int_equal(number(json_array_get(list, 0), "pid"), 150);
	list = json_object_get(reply.parameters, "children");
	assert_int_equal(json_array_size(list), 1);
	assert_int_equal(json_integer_value(json_array_get(list, 0)), 1001);
	hawk_reply_done(&reply);
	disconnect(&c);
}

/* Runs the loop until the reply is there: the window ends by the clock. */
static struct hawk_reply wait_reply(struct client *c)
{
	struct hawk_reply reply;

	while (!next(c, &reply)) {
		assert_false(c->gone);
		assert_true(sd_event_run(fake.event, UINT64_MAX) >= 0);
	}
	return reply;
}

static void two_windows(void **state)
{
	struct client a = connect_client(), b = connect_client(), gone = connect_client();
	struct hawk_reply reply;
	json_t *programs;

	(void)state;
	call(&gone, "Stats", "{\"window_ms\":60000}", "");
	call(&a, "Stats", "{\"window_ms\":30}", "");
	expect_nothing(&a);
	/* Others are served meanwhile; the kernel measures once for all. */
	call(&b, "Version", "{}", "");
	expect_success(&b, "Version");
	call(&b, "Stats", "{\"window_ms\":1}", "");
	reply = wait_reply(&b);
	assert_null(reply.error);
	hawk_reply_done(&reply);
	assert_int_equal(fake.measuring, 1);
	reply = wait_reply(&a);
	programs = json_object_get(reply.parameters, "programs");
	assert_int_equal(json_array_size(programs), 1);
	assert_true(number(json_array_get(programs, 0), "runs") > 0);
	assert_true(number(reply.parameters, "window_ms") >= 30);
	hawk_reply_done(&reply);
	assert_int_equal(fake.measuring, 1);
	disconnect(&gone);
	assert_int_equal(fake.measuring, 0);
	disconnect(&a);
	disconnect(&b);
}

static void without_a_kernel_side(void **state)
{
	struct client c = connect_client();

	(void)state;
	fake.no_collect = true;
	call(&c, "ProbeList", "{}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "Stats", "{\"window_ms\":10}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "Stats", "{}", "");
	expect_success(&c, "Stats");
	call(&c, "Metrics", "{}", "");
	expect_success(&c, "Metrics");
	call(&c, "EventList", "{}", "");
	expect_success(&c, "EventList");
	disconnect(&c);
}

/* The one thing that must work when the pipeline hangs. */
static void status_of_a_hung_pipeline(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;

	(void)state;
	fake.hung = true;
	call(&c, "Status", "{}", "");
	reply = expect_reply(&c, "Status");
	assert_true(json_is_false(json_object_get(reply.parameters, "responsive")));
	hawk_reply_done(&reply);
	disconnect(&c);
	fake.hung = false;
}

static void metrics_text(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;
	const char *text;

	(void)state;
	call(&c, "Metrics", "{}", "");
	reply = expect_reply(&c, "Metrics");
	text = json_string_value(json_object_get(reply.parameters, "text"));
	assert_non_null(
		strstr(text,
		       "# TYPE sechawk_pipeline_records_total counter\nsechawk_pipeline_records_total 3\n"));
	assert_non_null(strstr(text, "sechawk_event_sent_total{event=\"file_open\"} 4\n"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	hawk_reply_done(&reply);
	disconnect(&c);
}

/* Standard error of FN. */
static void capture(void (*fn)(void), char *out, size_t size)
{
	int fd[2], keep = dup(2);
	ssize_t n;

	assert_int_equal(pipe2(fd, O_NONBLOCK | O_CLOEXEC), 0);
	assert_true(dup2(fd[1], 2) == 2);
	fn();
	dup2(keep, 2);
	n = read(fd[0], out, size - 1);
	out[n > 0 ? n : 0] = 0;
	close(fd[0]);
	close(fd[1]);
	close(keep);
}

static void change_things(void)
{
	struct client c = connect_client();

	call(&c, "EventEnable", "{\"events\":[\"file_open\"]}", "");
	expect_success(&c, "EventEnable");
	call(&c, "EventEnable", "{\"events\":[\"x\\n<0>forged\"]}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchEvent");
	call(&c, "Version", "{}", "");
	expect_success(&c, "Version");
	disconnect(&c);
}

static void try_in_vain(void)
{
	struct client c;

	fake_role = HAWK_ROLE_READ;
	c = connect_client();
	for (int i = 0; i < 100; i++) {
		call(&c, "Reload", "{}", "");
		expect_error(&c, "org.varlink.service.PermissionDenied");
	}
	disconnect(&c);
}

static void changes_are_written_down(void **state)
{
	char text[16384], expected[128];
	size_t lines = 0;

	(void)state;
	/* Whatever the level: who may set it must not be able to hide. */
	hawk_log_set_level(LOG_ERR);
	capture(change_things, text, sizeof(text));
	snprintf(expected, sizeof(expected), "control: uid=%d pid=%d unit=", (int)geteuid(), (int)getpid());
	assert_non_null(strstr(text, expected));
	assert_non_null(
		strstr(text, "verb=EventEnable parameters={\"events\":[\"file_open\"]} outcome=ok\n"));
	assert_non_null(strstr(text, "outcome=org.sechawk.Control.NoSuchEvent\n"));
	assert_null(strstr(text, "\n<0>forged"));
	assert_null(strstr(text, "Version"));
	capture(try_in_vain, text, sizeof(text));
	for (char *p = text; (p = strstr(p, "PermissionDenied")); p++)
		lines++;
	assert_int_equal(lines, 10);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(list_in_pieces),
		TEST(list_too_long_for_one_reply),
		TEST(tree),
		TEST(show),
		TEST(two_windows),
		TEST(without_a_kernel_side),
		TEST(status_of_a_hung_pipeline),
		TEST(metrics_text),
		TEST(changes_are_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
