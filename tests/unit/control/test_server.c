/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server through its socket, with a made-up daemon behind it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "tests/unit/control/client.h"

/* What a verb needs to succeed, "{}" for most. */
static const char *good_arguments(enum hawk_verb_id id)
{
	switch (id) {
	case HAWK_VERB_EVENT_SHOW:
		return "{\"event\":\"file_open\"}";
	case HAWK_VERB_EVENT_ENABLE:
	case HAWK_VERB_EVENT_DISABLE:
		return "{\"events\":[\"proc\",\"file_open\"]}";
	case HAWK_VERB_TRACE:
		return "{\"expressions\":[\"event=file_open\"]}";
	case HAWK_VERB_PROCESS_SHOW:
		return "{\"pid\":2}";
	case HAWK_VERB_INTEGRITY_DUMP:
		return "{\"symbol\":\"linux_banner\"}";
	case HAWK_VERB_DNS_SHOW:
		return "{\"address\":\"192.0.2.1\"}";
	case HAWK_VERB_FINDING_SHOW:
		return "{\"id\":\"0-1\"}";
	case HAWK_VERB_POLICY_SHOW:
	case HAWK_VERB_POLICY_EXPLAIN:
	case HAWK_VERB_SIGNATURE_SHOW:
		return "{\"name\":\"here\"}";
	case HAWK_VERB_POLICY_LOAD:
		return "{\"paths\":[\"/a.yaml\",\"/b.yaml\"],\"texts\":[\"kind: Policy\",\"\"]}";
	case HAWK_VERB_SIGNATURE_LOAD:
		return "{\"paths\":[\"/here.yaml\"],\"texts\":[\"kind: Policy\"]}";
	case HAWK_VERB_POLICY_UNLOAD:
	case HAWK_VERB_SIGNATURE_UNLOAD:
	case HAWK_VERB_SIGNATURE_ENABLE:
	case HAWK_VERB_SIGNATURE_DISABLE:
	case HAWK_VERB_POLICY_ENABLE:
	case HAWK_VERB_POLICY_DISABLE:
		return "{\"names\":[\"here\"]}";
	default:
		return "{}";
	}
}

static const char *flags_of(const struct hawk_verb_desc *verb)
{
	return verb->kind == HAWK_KIND_STREAM ? ",\"more\":true" : "";
}

static void every_verb_replies_as_described(void **state)
{
	(void)state;
	fake_process(&fake, 1, 2);
	fake_process(&fake, 2, 3);
	for (int id = 0; id < HAWK_VERB_MAX; id++) {
		const struct hawk_verb_desc *verb = hawk_verb(id);
		struct client c;
		struct hawk_reply reply;

		if (verb->kind == HAWK_KIND_LOCAL)
			continue;
		c = connect_client();
		call(&c, verb->method, good_arguments(id), flags_of(verb));
		reply = expect_reply(&c, verb->method);
		assert_int_equal(reply.continues, verb->kind == HAWK_KIND_STREAM);
		hawk_reply_done(&reply);
		disconnect(&c);
	}
}

static void roles_decide(void **state)
{
	(void)state;
	fake_process(&fake, 1, 2);
	for (int role = HAWK_ROLE_NONE; role <= HAWK_ROLE_ADMIN; role++)
		for (int id = 0; id < HAWK_VERB_MAX; id++) {
			const struct hawk_verb_desc *verb = hawk_verb(id);
			struct hawk_reply reply;
			struct client c;
			bool denied;

			if (verb->kind == HAWK_KIND_LOCAL)
				continue;
			fake_role = role;
			c = connect_client();
			call(&c, verb->method, good_arguments(id), flags_of(verb));
			assert_true(next(&c, &reply));
			denied = reply.error && !strcmp(reply.error, "org.varlink.service.PermissionDenied");
			assert_int_equal(denied, role < (int)verb->role);
			hawk_reply_done(&reply);
			disconnect(&c);
		}
}

static void arguments_with_a_role(void **state)
{
	struct client c;

	(void)state;
	fake_role = HAWK_ROLE_READ;
	c = connect_client();
	call(&c, "LogLevel", "{\"level\":\"debug\"}", "");
	expect_error(&c, "org.varlink.service.PermissionDenied");
	assert_int_equal(hawk_log_level(), LOG_NOTICE);
	call(&c, "LogLevel", "{}", "");
	expect_success(&c, "LogLevel");
	disconnect(&c);
	fake_role = HAWK_ROLE_ADMIN;
	c = connect_client();
	call(&c, "LogLevel", "{\"level\":\"loud\"}", "");
	expect_invalid(&c, "level");
	call(&c, "LogLevel", "{\"level\":\"error\"}", "");
	expect_success(&c, "LogLevel");
	assert_int_equal(hawk_log_level(), LOG_ERR);
	disconnect(&c);
	/* The socket's own credentials: root, or whoever runs this, owns the daemon. */
	fake_role = -1;
	c = connect_client();
	call(&c, "Reload", "{}", "");
	expect_success(&c, "Reload");
	disconnect(&c);
}

static void arguments_are_checked(void **state)
{
	struct client c = connect_client();

	(void)state;
	for (int id = 0; id < HAWK_VERB_MAX; id++) {
		const struct hawk_verb_desc *verb = hawk_verb(id);

		if (verb->kind == HAWK_KIND_LOCAL)
			continue;
		call(&c, verb->method, "{\"surplus\":1}", flags_of(verb));
		expect_invalid(&c, "surplus");
		for (size_t i = 0; i < verb->n_args; i++) {
			_cleanup_free_ char *bad = NULL;

			assert_true(asprintf(&bad, "{\"%s\":1.5}", verb->args[i].name) > 0);
			call(&c, verb->method, bad, flags_of(verb));
			expect_invalid(&c, verb->args[i].name);
		}
	}
	call(&c, "Watch", "{}", "");
	expect_error(&c, "org.varlink.service.ExpectedMore");
	call(&c, "EventShow", "{\"event\":\"nothing\"}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchEvent");
	call(&c, "EventShow", "{\"event\":\"events.lost\"}", ""); /* internal */
	expect_error(&c, "org.sechawk.Control.NoSuchEvent");
	call(&c, "EventList", "{\"set\":\"nothing\"}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchEvent");
	call(&c, "ProcessShow", "{\"pid\":-1}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchProcess");
	call(&c, "ProcessTree", "{\"pid\":4294967298}", "");
	expect_error(&c, "org.sechawk.Control.NoSuchProcess");
	call(&c, "Stats", "{\"window_ms\":0}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	/* one that is right is enough (every_verb_replies_as_described) */
	call(&c, "PolicyLoad", "{\"paths\":[\"/a.yaml\",\"/b.yaml\"],\"texts\":[\"\",\"\"]}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "PolicyLoad", "{\"paths\":[\"/a.yaml\"],\"texts\":[\"kind: Policy\",\"\"]}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "SignatureLoad", "{\"paths\":[\"/a.yaml\"],\"texts\":[\"\"]}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "SignatureLoad", "{\"paths\":[\"/a.yaml\"],\"texts\":[\"id: x\",\"\"]}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	disconnect(&c);
}

static void inspections(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;

	(void)state;
	call(&c, "IntegrityCheck", "{\"checks\":[\"hooked_syscall\",\"modules\"]}", "");
	reply = expect_reply(&c, "IntegrityCheck");
	assert_int_equal(json_array_size(json_object_get(reply.parameters, "checks")), 2);
	assert_int_equal(json_array_size(json_object_get(reply.parameters, "findings")), 1);
	hawk_reply_done(&reply);
	call(&c, "IntegrityCheck", "{\"checks\":[\"moduls\"]}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "IntegrityDump", "{\"symbol\":\"nothing\"}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "IntegrityDump", "{\"symbol\":\"linux_banner\",\"length\":4097}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	/* who leaves before it is finished */
	fake.hung = true;
	call(&c, "IntegrityCheck", "{}", "");
	expect_nothing(&c);
	disconnect(&c);
	fake_pump(&fake);
	assert_int_equal(fake.inspections, 0);
	fake.hung = false;
	fake.no_collect = true;
	c = connect_client();
	call(&c, "IntegrityCheck", "{}", "");
	expect_error(&c, "org.sechawk.Control.Failed");
	disconnect(&c);
}

static void service_interface(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;

	(void)state;
	call(&c, "org.varlink.service.GetInfo", "{}", "");
	assert_true(next(&c, &reply));
	assert_string_equal(json_string_value(json_object_get(reply.parameters, "version")), "1.2.3");
	assert_int_equal(json_array_size(json_object_get(reply.parameters, "interfaces")), 2);
	hawk_reply_done(&reply);
	call(&c, "org.varlink.service.GetInterfaceDescription", "{\"interface\":\"org.sechawk.Control\"}",
	     "");
	assert_true(next(&c, &reply));
	assert_non_null(strstr(json_string_value(json_object_get(reply.parameters, "description")),
			       "method EventList"));
	hawk_reply_done(&reply);
	call(&c, "org.varlink.service.GetInterfaceDescription", "{}", "");
	expect_invalid(&c, "interface");
	call(&c, "org.varlink.service.GetInterfaceDescription", "{\"interface\":\"x\"}", "");
	expect_error(&c, "org.varlink.service.InterfaceNotFound");
	call(&c, "org.varlink.service.Other", "{}", "");
	expect_error(&c, "org.varlink.service.MethodNotFound");
	call(&c, "org.sechawk.Control.Other", "{}", "");
	expect_error(&c, "org.varlink.service.MethodNotFound");
	call(&c, "com.example.Other", "{}", "");
	expect_error(&c, "org.varlink.service.InterfaceNotFound");
	disconnect(&c);
}

static void chopped_and_pipelined(void **state)
{
	static const char text[] = "{\"method\":\"org.sechawk.Control.Version\"}";
	struct client c = connect_client();

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		expect_nothing(&c);
		send_bytes(&c, text + i, 1);
	}
	expect_success(&c, "Version");
	for (int i = 0; i < 100; i++)
		send_bytes(&c, text, sizeof(text));
	/* The client has said all: the replies still come, then the end. */
	shutdown(c.fd, SHUT_WR);
	for (int i = 0; i < 100; i++)
		expect_success(&c, "Version");
	assert_false(next(&c, &(struct hawk_reply){ .json = NULL }));
	assert_true(c.gone);
	disconnect(&c);
	assert_int_equal(fake.control->n_sessions, 0);
}

static void oneway(void **state)
{
	struct client c = connect_client();

	(void)state;
	call(&c, "EventEnable", "{\"events\":[\"file_open\"]}", ",\"oneway\":true");
	/* Done although the caller does not wait. */
	disconnect(&c);
	c = connect_client();
	call(&c, "EventDisable", "{\"events\":[\"nothing\"]}", ",\"oneway\":true");
	expect_nothing(&c);
	call(&c, "EventDisable", "{\"events\":[\"file_open\"]}", "");
	{
		struct hawk_reply reply = expect_reply(&c, "EventDisable");

		assert_int_equal(json_array_size(json_object_get(reply.parameters, "changed")), 1);
		hawk_reply_done(&reply);
	}
	disconnect(&c);
}

static void garbage_ends_the_connection(void **state)
{
	static char big[HAWK_FRAME_MAX_CALL + 1];
	struct client c = connect_client();

	(void)state;
	send_bytes(&c, "garbage", 8);
	expect_error(&c, "org.sechawk.Control.Failed");
	assert_false(next(&c, &(struct hawk_reply){ .json = NULL }));
	assert_true(c.gone);
	disconnect(&c);
	/* who may load policies may say more */
	fake_role = HAWK_ROLE_READ;
	c = connect_client();
	memset(big, ' ', sizeof(big));
	for (size_t sent = 0; sent < sizeof(big);) {
		ssize_t n = send(c.fd, big + sent, sizeof(big) - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += n;
		else
			break;
		fake_pump(&fake);
	}
	expect_error(&c, "org.sechawk.Control.Failed");
	fake_role = HAWK_ROLE_ADMIN;
	disconnect(&c);
	assert_int_equal(fake.control->n_sessions, 0);
	assert_int_equal(fake.control->refused, 2);
}

static void too_many_clients(void **state)
{
	struct hawk_control_options options = { .max_clients = 2 };
	struct client c[3];
	uint64_t refused;

	(void)state;
	restart(&options);
	for (int i = 0; i < 3; i++)
		c[i] = connect_client();
	expect_error(&c[2], "org.sechawk.Control.TooManyClients");
	assert_int_equal(hawk_control_clients(fake.control, &refused), 2);
	assert_int_equal(refused, 1);
	call(&c[1], "Version", "{}", "");
	expect_success(&c[1], "Version");
	disconnect(&c[0]);
	disconnect(&c[2]);
	c[0] = connect_client();
	call(&c[0], "Version", "{}", "");
	expect_success(&c[0], "Version");
	disconnect(&c[0]);
	disconnect(&c[1]);
}

static void a_thousand_clients(void **state)
{
	struct rlimit limit;
	struct client *c = calloc(1000, sizeof(*c));

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 4200) {
		free(c);
		skip();
	}
	for (int i = 0; i < 1000; i++) {
		c[i] = connect_client();
		call(&c[i], "Version", "{}", "");
		if (i % 50 == 0)
			fake_pump(&fake);
	}
	for (int i = 999; i >= 0; i--)
		expect_success(&c[i], "Version");
	assert_int_equal(hawk_control_clients(fake.control, NULL), 1000);
	for (int i = 0; i < 1000; i++) {
		close(c[i].fd);
		hawk_frames_done(&c[i].in);
	}
	fake_pump(&fake);
	assert_int_equal(hawk_control_clients(fake.control, NULL), 0);
	free(c);
}

static void who_does_not_read_is_let_go(void **state)
{
	struct hawk_control_options options = { .client_bytes = 128 * 1024 };
	struct client deaf, other;
	bool gone = false;

	(void)state;
	restart(&options);
	deaf = connect_client();
	other = connect_client();
	for (int i = 0; i < 1000 && !gone; i++) {
		char text[] = "{\"method\":\"org.sechawk.Control.Metrics\"}";

		gone = send(deaf.fd, text, sizeof(text), MSG_NOSIGNAL) < 0 && errno != EAGAIN;
		fake_pump(&fake);
		call(&other, "Version", "{}", "");
		expect_success(&other, "Version");
	}
	assert_true(gone);
	assert_int_equal(hawk_control_clients(fake.control, NULL), 1);
	assert_int_equal(fake.control->refused, 1);
	disconnect(&deaf);
	disconnect(&other);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(every_verb_replies_as_described),
		TEST(roles_decide),
		TEST(arguments_with_a_role),
		TEST(arguments_are_checked),
		TEST(inspections),
		TEST(service_interface),
		TEST(chopped_and_pipelined),
		TEST(oneway),
		TEST(garbage_ends_the_connection),
		TEST(too_many_clients),
		TEST(a_thousand_clients),
		TEST(who_does_not_read_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
