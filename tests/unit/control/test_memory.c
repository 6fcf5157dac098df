/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all clients together may hold: who would need more is refused, in words, and nobody else suffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "tests/unit/control/client.h"

#define CLIENTS 1000
#define TOO_LARGE "org.sechawk.Control.ClientsTooLarge"
#define MORE ",\"more\":true"
#define TRACE "{\"expressions\":[\"event=file_open\"],\"format\":\"json\"}"

static size_t limit;

static void within(void)
{
	size_t sum = 0;

	for (const struct hawk_session *s = fake.control->sessions; s; s = s->next)
		sum += s->charged;
	assert_int_equal(fake.control->charged, sum);
	assert_true(sum <= limit);
}

static void limited(size_t client_bytes, size_t clients_bytes)
{
	struct hawk_control_options options = { .client_bytes = client_bytes, .clients_bytes = clients_bytes };

	limit = clients_bytes;
	restart(&options);
}

/* True when the stream has begun, false when it was refused for want of memory. */
static bool begins(struct client *c)
{
	struct hawk_reply reply;
	bool ready;

	if (!next(c, &reply))
		fail_msg("no answer");
	ready = json_is_true(json_object_get(reply.parameters, "ready"));
	if (!ready) {
		assert_string_equal(reply.error, TOO_LARGE);
		assert_int_equal(json_integer_value(json_object_get(reply.parameters, "limit")), limit);
	}
	hawk_reply_done(&reply);
	return ready;
}

static bool descriptors_for(int clients)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	/* Both ends are ours, and a process has a handle on each peer. */
	return r.rlim_cur >= (rlim_t)clients * 4 + 200;
}

static void a_thousand_streams(void **state)
{
	struct client *c = calloc(CLIENTS, sizeof(*c));
	struct client late;
	int served = 0, last = -1;
	uint64_t refused;

	(void)state;
	if (!descriptors_for(CLIENTS)) {
		free(c);
		skip();
	}
	limited(256 * 1024, 128 * 1024 * 1024);
	for (int i = 0; i < CLIENTS; i++) {
		c[i] = connect_client();
		call(&c[i], "Trace", TRACE, MORE);
		if (begins(&c[i])) {
			served++;
			last = i;
		}
		within();
	}
	assert_true(served > 100 && served < CLIENTS);
	hawk_control_clients(fake.control, &refused);
	assert_int_equal(refused, CLIENTS - served);
	assert_int_equal(fake.interests, served);
	/* There is still room to ask what goes on. */
	late = connect_client();
	call(&late, "Status", "{}", "");
	expect_success(&late, "Status");
	disconnect(&late);
	/* Who is served goes on. */
	fake_events(&fake, 3);
	for (int n = 0; n < 3; n++) {
		struct hawk_reply reply = expect_reply(&c[last], "Trace");

		assert_non_null(json_object_get(reply.parameters, "event"));
		hawk_reply_done(&reply);
	}
	within();
	/* What goes makes room. */
	for (int i = 0; i < CLIENTS; i++) {
		close(c[i].fd);
		hawk_frames_done(&c[i].in);
	}
	fake_pump(&fake);
	assert_int_equal(fake.control->charged, 0);
	late = connect_client();
	call(&late, "Trace", TRACE, MORE);
	assert_true(begins(&late));
	disconnect(&late);
	free(c);
}

/* Nobody takes the answers, which are long: they wait in our memory. */
static void deaf_clients(void **state)
{
	enum { DEAF = 40 };
	struct client c[DEAF], other;

	(void)state;
	limited(2 * 1024 * 1024, 8 * 1024 * 1024);
	for (uint32_t pid = 2; pid < 1000; pid++)
		fake_process(&fake, 1, pid);
	other = connect_client();
	for (int i = 0; i < DEAF; i++) {
		static const char text[] = "{\"method\":\"org.sechawk.Control.ProcessList\"}";

		c[i] = connect_client();
		send_bytes(&c[i], text, sizeof(text));
		fake_pump(&fake);
		within();
	}
	assert_true(fake.control->refused > 0);
	/* A short question still has its answer when they have gone. */
	for (int i = 0; i < DEAF; i++)
		disconnect(&c[i]);
	call(&other, "Version", "{}", "");
	expect_success(&other, "Version");
	within();
	disconnect(&other);
	assert_int_equal(fake.control->charged, 0);
}

static void a_client_too_many(void **state)
{
	struct client c[20];
	int n;

	(void)state;
	limited(64 * 1024, 64 * 1024);
	for (n = 0; n < 20 && fake.control->refused == 0; n++) {
		c[n] = connect_client();
		fake_pump(&fake);
		within();
	}
	assert_in_range(n, 2, 19);
	expect_error(&c[n - 1], TOO_LARGE);
	/* Too little is left for a call of the longest kind. */
	call(&c[0], "Version", "{}", "");
	expect_error(&c[0], TOO_LARGE);
	while (n > 0)
		disconnect(&c[--n]);
	assert_int_equal(fake.control->charged, 0);
}

static void a_recording_counts(void **state)
{
	struct client c;

	(void)state;
	for (int i = 0; i < 2; i++) {
		/* Without room for its queues; then without room for the table. */
		limited(64 * 1024, i ? 640 * 1024 : 256 * 1024);
		for (uint32_t pid = 2; pid < 2000; pid++)
			fake_process(&fake, 1, pid);
		c = connect_client();
		call(&c, "Record", "{}", MORE);
		expect_error(&c, TOO_LARGE);
		within();
		assert_null(fake.control->recorder);
		assert_null(fake.tap);
		disconnect(&c);
	}
	limited(64 * 1024, 8 * 1024 * 1024);
	for (uint32_t pid = 2; pid < 2000; pid++)
		fake_process(&fake, 1, pid);
	c = connect_client();
	call(&c, "Record", "{}", MORE);
	for (;;) {
		struct hawk_reply reply = expect_reply(&c, "Record");
		bool ready = json_is_true(json_object_get(reply.parameters, "ready"));

		hawk_reply_done(&reply);
		within();
		if (ready)
			break;
	}
	disconnect(&c);
	assert_int_equal(fake.control->charged, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_thousand_streams),
		TEST(deaf_clients),
		TEST(a_client_too_many),
		TEST(a_recording_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
