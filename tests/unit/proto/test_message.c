/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/proto/message.h"

static int parse_call(const char *text)
{
	struct hawk_call call;
	const char *why = NULL;
	int r = hawk_call_parse(&call, text, strlen(text), &why);

	if (r == 0)
		hawk_call_done(&call);
	else
		assert_non_null(why);
	return r;
}

static void good_calls(void **state)
{
	static const char text[] = "{\"method\":\"a.b.C\",\"parameters\":{\"x\":1},\"more\":true}";
	struct hawk_call call;
	const char *why;

	(void)state;
	assert_int_equal(hawk_call_parse(&call, text, sizeof(text) - 1, &why), 0);
	assert_string_equal(call.method, "a.b.C");
	assert_true(call.more);
	assert_false(call.oneway);
	assert_int_equal(json_integer_value(json_object_get(call.parameters, "x")), 1);
	hawk_call_done(&call);
	assert_int_equal(parse_call("{\"method\":\"a\"}"), 0);
	assert_int_equal(parse_call(" {\"method\":\"a\",\"parameters\":null,\"upgrade\":false} \n"), 0);
	assert_int_equal(parse_call("{\"method\":\"a\",\"oneway\":true}"), 0);
}

static void bad_calls(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[]",
		"null",
		"1",
		"\"x\"",
		"{}",
		"{\"method\":1}",
		"{\"method\":null}",
		"{\"method\":\"a\",\"method\":\"b\"}",
		"{\"method\":\"a\",\"parameters\":[]}",
		"{\"method\":\"a\",\"parameters\":\"x\"}",
		"{\"method\":\"a\",\"more\":1}",
		"{\"method\":\"a\",\"upgrade\":true}",
		"{\"method\":\"a\",\"upgrade\":0}",
		"{\"method\":\"a\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"a\",\"extra\":1}",
		"{\"method\":\"a\"} x",
		"{\"method\":\"a\"}{}",
		"{\"method\":\"\xff\"}",
		"{\"method\":\"\\u0000\"}",
		"{\"method\":\"a\",\"parameters\":{\"x\":1,\"x\":2}}",
		"{\"method\":\"a\",\"parameters\":{\"x\":1e999}}",
		"{\"method\":\"a\",\"parameters\":{\"x\":99999999999999999999}}",
		"{\"method\":\"\\udc80\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_call(bad[i]) != -EBADMSG)
			fail_msg("accepted: %s", bad[i]);
}

static void nest(char *to, int depth)
{
	to += strlen(strcpy(to, "{\"method\":\"a\",\"parameters\":{\"x\":"));
	memset(to, '[', depth);
	memset(to + depth, ']', depth);
	strcpy(to + 2 * depth, "}}");
}

static void depth_is_bounded(void **state)
{
	static char text[128 * 1024];

	(void)state;
	nest(text, HAWK_MESSAGE_DEPTH_MAX - 2);
	assert_int_equal(parse_call(text), 0);
	nest(text, HAWK_MESSAGE_DEPTH_MAX - 1);
	assert_int_equal(parse_call(text), -EBADMSG);
	nest(text, 60000);
	assert_int_equal(parse_call(text), -EBADMSG);
	/* Brackets in strings do not count, nor do escaped quotes end one. */
	assert_int_equal(parse_call("{\"method\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}"), 0);
}

static void replies_round_trip(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	json_t *p = json_pack("{s:s}", "text", "a\"\\\n\xc3\xa4");
	struct hawk_reply reply;
	const char *why;

	(void)state;
	assert_int_equal(hawk_reply_write(&out, p, true), 0);
	assert_int_equal(out.data[out.len - 1], 0);
	assert_int_equal(strlen(out.data), out.len - 1);
	assert_int_equal(hawk_reply_parse(&reply, out.data, out.len - 1, &why), 0);
	assert_true(reply.continues);
	assert_null(reply.error);
	assert_true(json_equal(reply.parameters, p));
	hawk_reply_done(&reply);
	hawk_buf_reset(&out);
	assert_int_equal(hawk_error_write(&out, hawk_failure_name(HAWK_FAILURE_FAILED), NULL), 0);
	assert_int_equal(hawk_reply_parse(&reply, out.data, out.len - 1, &why), 0);
	assert_string_equal(reply.error, "org.sechawk.Control.Failed");
	assert_int_equal(json_object_size(reply.parameters), 0);
	hawk_reply_done(&reply);
	hawk_buf_reset(&out);
	assert_int_equal(hawk_call_write(&out, "a.b", p, true), 0);
	assert_int_equal(parse_call(out.data), 0);
	json_decref(p);
}

/* What does not fit leaves what was there. */
static void no_room(void **state)
{
	struct hawk_buf out = { .max = 40 };
	json_t *p = json_pack("{s:s}", "text", "longer than the forty bytes that there are");

	(void)state;
	assert_int_equal(hawk_reply_write(&out, NULL, false), 0);
	assert_int_equal(out.len, sizeof("{\"parameters\":{}}"));
	assert_int_equal(hawk_reply_write(&out, p, false), -E2BIG);
	assert_int_equal(out.len, sizeof("{\"parameters\":{}}"));
	assert_int_equal(out.error, 0);
	assert_string_equal(out.data, "{\"parameters\":{}}");
	json_decref(p);
	hawk_buf_done(&out);
}

static void bad_bytes_on_the_wire(void **state)
{
	char json[] = "{\"a\":\"\\udc80\\\\udc80 \\\\\\udcff\\u00e4 \\udc\"}";

	(void)state;
	hawk_wire_json(json, sizeof(json) - 1);
	/* The second is an escaped backslash and five letters; the last is cut, and not ours. */
	assert_string_equal(json, "{\"a\":\"\\uef80\\\\udc80 \\\\\\uefff\\u00e4 \\udc\"}");
}

static void explain(const char *error, json_t *parameters, const char *expected)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;

	hawk_error_explain(&out, error, parameters);
	assert_string_equal(hawk_buf_str(&out), expected);
	json_decref(parameters);
}

static void explanations(void **state)
{
	(void)state;
	explain("org.sechawk.Control.Failed", json_pack("{s:s}", "message", "no\x1b[31m \xc2\x9bway"),
		"no\\x1b[31m \\xc2\\x9bway");
	explain("org.sechawk.Control.NoSuchEvent", json_pack("{s:s}", "event", "foo"),
		"No event has this name, alias or set: event foo");
	explain("org.sechawk.Control.NoSuchProcess", json_pack("{s:i}", "pid", 7),
		"The process table does not know this process: pid 7");
	explain("org.varlink.service.InvalidParameter", json_pack("{s:s}", "parameter", "x"),
		"the daemon does not accept the parameter \"x\" or its value");
	explain("org.varlink.service.InvalidParameter", NULL,
		"the daemon does not accept the parameter \"?\" or its value");
	explain("com.example.Odd\n", NULL, "the daemon answered com.example.Odd\\x0a");
	explain("", NULL, "the daemon answered ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_calls),
		cmocka_unit_test(bad_calls),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(replies_round_trip),
		cmocka_unit_test(no_room),
		cmocka_unit_test(bad_bytes_on_the_wire),
		cmocka_unit_test(explanations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
