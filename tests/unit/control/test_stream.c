/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watch, trace and record: replies that go on until the client leaves. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "tests/unit/control/client.h"

#define MORE ",\"more\":true"

static size_t row_of(const char *name)
{
	size_t n, row = 0;

	while (strcmp(hawk_event_descs(&n)[row]->name, name) != 0)
		row++;
	return row;
}

static void expect_ready(struct client *c, const char *method)
{
	struct hawk_reply reply = expect_reply(c, method);

	assert_true(json_is_true(json_object_get(reply.parameters, "ready")));
	assert_true(reply.continues);
	hawk_reply_done(&reply);
}

/* The member MEMBER of the next reply; free with json_decref. */
static json_t *expect_member(struct client *c, const char *method, const char *member)
{
	struct hawk_reply reply = expect_reply(c, method);
	json_t *v = json_incref(json_object_get(reply.parameters, member));

	assert_true(reply.continues);
	if (!v)
		fail_msg("no %s in the reply", member);
	hawk_reply_done(&reply);
	return v;
}

static void events_as_objects(void **state)
{
	struct client c = connect_client();
	json_t *event;

	(void)state;
	call(&c, "EventEnable", "{\"events\":[\"file_open\"]}", "");
	expect_success(&c, "EventEnable");
	call(&c, "Watch", "{\"format\":\"json\"}", MORE);
	expect_ready(&c, "Watch");
	expect_nothing(&c);
	fake_events(&fake, 3);
	for (int i = 0; i < 3; i++) {
		event = expect_member(&c, "Watch", "event");
		assert_string_equal(json_string_value(json_object_get(event, "event")), "file_open");
		/* The byte 0xff travels as U+EFFF; text that looks like an escape stays. */
		assert_string_equal(json_string_value(
					    json_object_get(json_object_get(event, "data"), "pathname")),
				    "/tmp/\xee\xbf\xbf\n\\udc80");
		json_decref(event);
	}
	expect_nothing(&c);
	disconnect(&c);
}

static void events_as_lines(void **state)
{
	struct client c = connect_client();
	json_t *line;

	(void)state;
	call(&c, "EventEnable", "{\"events\":[\"file_open\"]}", "");
	expect_success(&c, "EventEnable");
	call(&c, "Watch", "{\"format\":\"json\",\"lines\":true}", MORE);
	expect_ready(&c, "Watch");
	fake_events(&fake, 1);
	line = expect_member(&c, "Watch", "line");
	assert_non_null(strstr(json_string_value(line), "\"/tmp/\\udcff\\u000a\\\\udc80\""));
	json_decref(line);
	disconnect(&c);
	c = connect_client();
	call(&c, "Watch", "{\"format\":\"csv\"}", MORE);
	expect_ready(&c, "Watch");
	line = expect_member(&c, "Watch", "line"); /* the head */
	assert_null(strchr(json_string_value(line), '\n'));
	json_decref(line);
	expect_nothing(&c);
	disconnect(&c);
}

static void wrong_requests(void **state)
{
	struct client c = connect_client();
	struct hawk_reply reply;

	(void)state;
	call(&c, "Watch", "{\"where\":\"no=such\"}", MORE);
	assert_true(next(&c, &reply));
	assert_string_equal(reply.error, "org.sechawk.Control.BadExpression");
	assert_true(json_integer_value(json_object_get(reply.parameters, "column")) > 0);
	assert_true(json_is_string(json_object_get(reply.parameters, "message")));
	hawk_reply_done(&reply);
	call(&c, "Watch", "{\"events\":[\"file_open\",\"nothing\"]}", MORE);
	expect_error(&c, "org.sechawk.Control.NoSuchEvent");
	call(&c, "Watch", "{\"format\":\"yaml\"}", MORE);
	expect_error(&c, "org.sechawk.Control.Failed");
	call(&c, "Trace", "{\"expressions\":[\"event=file_open\",\"no=such\"]}", MORE);
	expect_error(&c, "org.sechawk.Control.BadExpression");
	assert_int_equal(fake.interests, 0);
	disconnect(&c);
}

static void watch_warns_of_what_is_off(void **state)
{
	struct client c = connect_client();
	json_t *warning;

	(void)state;
	call(&c, "Watch", "{\"events\":[\"file_open\"]}", MORE);
	expect_ready(&c, "Watch");
	/* The head of the table comes first. */
	json_decref(expect_member(&c, "Watch", "line"));
	warning = expect_member(&c, "Watch", "warning");
	assert_non_null(strstr(json_string_value(warning), "file_open is not enabled"));
	json_decref(warning);
	/* It collects nothing; what it wants of the paths, and that it has no filter, is known. */
	assert_int_equal(fake.interests, 1);
	assert_false(hawk_bit(fake.interest, row_of("file_open")));
	disconnect(&c);
	assert_int_equal(fake.interests, 0);
}

static void trace_collects_while_it_lives(void **state)
{
	struct client c = connect_client();

	(void)state;
	call(&c, "Trace", "{\"expressions\":[\"event=file_open\"],\"format\":\"json\"}", MORE);
	expect_ready(&c, "Trace");
	assert_int_equal(fake.interests, 1);
	assert_true(hawk_bit(fake.interest, row_of("file_open")));
	assert_false(hawk_bit(fake.interest, row_of("sched_process_exec")));
	/* It sees what it asked for although that is not enabled for all. */
	fake_events(&fake, 1);
	json_decref(expect_member(&c, "Trace", "event"));
	/* Saying nothing more is not leaving. */
	shutdown(c.fd, SHUT_WR);
	fake_events(&fake, 1);
	json_decref(expect_member(&c, "Trace", "event"));
	assert_int_equal(fake.interests, 1);
	disconnect(&c);
	assert_int_equal(fake.interests, 0);
	assert_int_equal(fake.control->n_sessions, 0);
}

static void trace_without_a_name(void **state)
{
	struct client c = connect_client();

	(void)state;
	call(&c, "EventEnable", "{\"events\":[\"sched_process_exec\"]}", "");
	expect_success(&c, "EventEnable");
	call(&c, "Trace", "{\"expressions\":[],\"format\":\"json\"}", MORE);
	expect_ready(&c, "Trace");
	json_decref(expect_member(&c, "Trace", "warning"));
	assert_true(hawk_bit(fake.interest, row_of("sched_process_exec")));
	assert_false(hawk_bit(fake.interest, row_of("file_open")));
	disconnect(&c);
}

/* Memory of the kernel that an admin looks at is not for everybody who may read. */
static void dumps_are_for_admins(void **state)
{
	static const char *const calls[][2] = {
		{ "Trace", "{\"expressions\":[\"event=print_mem_dump OR event=file_open\"],\"format\":\"json\"}" },
		{ "Watch", "{\"events\":[\"print_mem_dump\",\"file_open\"],\"format\":\"json\"}" },
		{ "Watch", "{\"format\":\"json\"}" },
	};
	struct client c = connect_client();
	struct hawk_reply reply;

	(void)state;
	call(&c, "EventEnable", "{\"events\":[\"file_open\",\"print_mem_dump\"]}", "");
	expect_success(&c, "EventEnable");
	disconnect(&c);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		bool reader = i % 2, warned = false, dumped = false, opened = false;

		fake_role = reader ? HAWK_ROLE_READ : HAWK_ROLE_ADMIN;
		c = connect_client();
		call(&c, calls[i / 2][0], calls[i / 2][1], MORE);
		expect_ready(&c, calls[i / 2][0]);
		fake_dump(&fake);
		fake_events(&fake, 1);
		while (next(&c, &reply)) {
			json_t *event = json_object_get(reply.parameters, "event");
			const char *name = json_string_value(json_object_get(event, "event")) ?: "";

			warned |= json_object_get(reply.parameters, "warning") != NULL;
			dumped |= strcmp(name, "print_mem_dump") == 0;
			opened |= strcmp(name, "file_open") == 0;
			hawk_reply_done(&reply);
		}
		assert_true(opened);
		assert_int_equal(dumped, !reader);
		assert_int_equal(warned, reader && i < 4); /* who names it hears why */
		disconnect(&c);
	}
}

/* A stream that is not read loses its events and hears of it; a fast one loses none. */
static void slow_and_fast(void **state)
{
	struct hawk_control_options options = { .client_bytes = 64 * 1024 };
	const unsigned int batch = 20, batches = 1000;
	uint64_t seen = 0, lost = 0, fast_seen = 0;
	struct client slow, fast;
	struct hawk_reply reply;

	(void)state;
	restart(&options);
	slow = connect_client();
	fast = connect_client();
	call(&slow, "Trace", "{\"expressions\":[\"event=file_open\"],\"format\":\"json\"}", MORE);
	expect_ready(&slow, "Trace");
	call(&fast, "Trace", "{\"expressions\":[\"event=file_open\"],\"format\":\"json\"}", MORE);
	expect_ready(&fast, "Trace");
	for (unsigned int i = 0; i < batches; i++) {
		fake_events(&fake, batch);
		while (next(&fast, &reply)) {
			assert_non_null(json_object_get(reply.parameters, "event"));
			hawk_reply_done(&reply);
			fast_seen++;
		}
	}
	assert_int_equal(fast_seen, batch * batches);
	/* Nobody was let go: a stream is not a reply that must be read. */
	assert_int_equal(hawk_control_clients(fake.control, NULL), 2);
	while (next(&slow, &reply)) {
		if (json_object_get(reply.parameters, "event"))
			seen++;
		lost += json_integer_value(json_object_get(reply.parameters, "lost"));
		hawk_reply_done(&reply);
	}
	assert_true(lost > 0 && seen > 0);
	assert_int_equal(seen + lost, batch * batches);
	disconnect(&slow);
	disconnect(&fast);
}

static size_t decode_base64(const char *text, uint8_t *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	uint32_t v = 0;
	int bits = 0;

	for (; *text && *text != '='; text++) {
		v = v << 6 | (uint32_t)(strchr(digits, *text) - digits);
		bits += 6;
		if (bits >= 8)
			out[n++] = (uint8_t)(v >> (bits -= 8));
	}
	return n;
}

/* Decodes the chunks until something else comes, which it returns. */
static struct hawk_reply take_chunks(struct client *c, uint8_t *out, size_t *n)
{
	for (;;) {
		struct hawk_reply reply = expect_reply(c, "Record");
		const char *chunk = json_string_value(json_object_get(reply.parameters, "chunk"));

		if (!chunk)
			return reply;
		*n += decode_base64(chunk, out + *n);
		hawk_reply_done(&reply);
	}
}

static void recording(void **state)
{
	static uint8_t file[1024 * 1024];
	static const struct hawk_abi_rec record = { .size = sizeof(record), .event = HAWK_EV_FILE_OPEN };
	_cleanup_(hawk_buf_done) struct hawk_buf expected = HAWK_BUF_INIT;
	struct client c = connect_client(), other = connect_client();
	struct hawk_reply reply;
	size_t n = 0;

	(void)state;
	for (uint32_t pid = 2; pid < 300; pid++)
		fake_process(&fake, 1, pid);
	call(&c, "Record", "{}", MORE);
	reply = take_chunks(&c, file, &n);
	assert_true(json_is_true(json_object_get(reply.parameters, "ready")));
	hawk_reply_done(&reply);
	assert_memory_equal(file, HAWK_RECORDING_MAGIC, 8);
	assert_true(n > 298 * sizeof(struct hawk_abi_task));
	call(&other, "Record", "{}", MORE);
	expect_error(&other, "org.sechawk.Control.Failed");
	n = 0;
	for (int i = 0; i < 100; i++) {
		fake.tap(fake.tap_ctx, &record, sizeof(record));
		assert_int_equal(hawk_recording_put(&expected, &record, sizeof(record)), 0);
	}
	while (n < expected.len) {
		reply = expect_reply(&c, "Record");
		n += decode_base64(json_string_value(json_object_get(reply.parameters, "chunk")), file + n);
		hawk_reply_done(&reply);
	}
	assert_int_equal(n, expected.len);
	assert_memory_equal(file, expected.data, n);
	disconnect(&c);
	assert_null(fake.tap);
	/* Now the other may. */
	call(&other, "Record", "{}", MORE);
	reply = take_chunks(&other, file, &(size_t){ 0 });
	hawk_reply_done(&reply);
	disconnect(&other);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(events_as_objects),
		TEST(events_as_lines),
		TEST(wrong_requests),
		TEST(watch_warns_of_what_is_off),
		TEST(trace_collects_while_it_lives),
		TEST(trace_without_a_name),
		TEST(dumps_are_for_admins),
		TEST(slow_and_fast),
		TEST(recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
