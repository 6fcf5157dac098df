/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and targets through the socket of the server. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "tests/unit/control/client.h"

static uint64_t present(void)
{
	struct hawk_clock clock = hawk_clock_system();

	return hawk_clock_now(&clock);
}

static void learn(uint8_t host, const char *name)
{
	struct hawk_dns_answer a = {
		.ip = { [10] = 0xff, 0xff, 192, 0, 2, host }, .name = name, .ttl = 300, .pid = 2, .now = present(),
	};

	hawk_dnscache_add(hawk_derive_dns(fake.derive), &a);
}

/* The list MEMBER of the reply to a call; the caller frees *ret_reply. */
static const json_t *ask(const char *method, const char *args, const char *member, struct hawk_reply *ret_reply)
{
	struct client c = connect_client();

	call(&c, method, args, "");
	*ret_reply = expect_reply(&c, method);
	disconnect(&c);
	return json_object_get(ret_reply->parameters, member);
}

static const char *text(const json_t *list, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(list, i), key));
}

static void names(void **state)
{
	struct hawk_reply reply;
	const json_t *list;

	(void)state;
	learn(1, "a.example");
	learn(2, "b.example");
	list = ask("DnsList", "{}", "names", &reply);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(text(list, 0, "name"), "b.example");
	assert_string_equal(text(list, 1, "address"), "192.0.2.1");
	assert_true(json_integer_value(json_object_get(json_array_get(list, 0), "expires_ms")) > 200000);
	list = json_object_get(reply.parameters, "cache");
	assert_int_equal(json_integer_value(json_object_get(list, "entries")), 2);
	hawk_reply_done(&reply);
	list = ask("DnsShow", "{\"address\":\"192.0.2.1\"}", "names", &reply);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text(list, 0, "name"), "a.example");
	hawk_reply_done(&reply);
	list = ask("DnsShow", "{\"address\":\"2001:db8::1\"}", "names", &reply);
	assert_int_equal(json_array_size(list), 0);
	hawk_reply_done(&reply);
}

static void not_an_address(void **state)
{
	struct client c = connect_client();

	(void)state;
	call(&c, "DnsShow", "{\"address\":\"a.example\"}", "");
	expect_error(&c, hawk_failure_name(HAWK_FAILURE_FAILED));
	disconnect(&c);
}

static void targets(void **state)
{
	struct hawk_target t = {
		.pid = 2, .start = 2, .kind = HAWK_TARGET_HTTP, .port = 80, .len = 3, .name = "a\n\xff", .last = present(),
	};
	struct hawk_reply reply;
	const json_t *list;

	(void)state;
	fake_process(&fake, 1, 2);
	fake_process(&fake, 1, 3);
	hawk_targets_add(hawk_derive_targets(fake.derive), &t);
	list = ask("ProcessTargets", "{\"pid\":2}", "targets", &reply);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text(list, 0, "kind"), "http");
	hawk_reply_done(&reply);
	list = ask("ProcessTargets", "{\"pid\":3}", "targets", &reply);
	assert_int_equal(json_array_size(list), 0);
	hawk_reply_done(&reply);
	list = ask("ProcessShow", "{\"pid\":2}", "targets", &reply);
	assert_int_equal(json_array_size(list), 1);
	hawk_reply_done(&reply);
	t.start = 1; /* a process that had this pid before */
	t.len = 1;
	hawk_targets_add(hawk_derive_targets(fake.derive), &t);
	list = ask("ProcessTargets", "{\"pid\":2}", "targets", &reply);
	assert_int_equal(json_array_size(list), 1);
	hawk_reply_done(&reply);
	list = ask("ProcessTargets", "{}", "targets", &reply);
	assert_int_equal(json_array_size(list), 2);
	hawk_reply_done(&reply);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(names), TEST(not_an_address), TEST(targets) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
