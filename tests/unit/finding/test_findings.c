/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings as events, what is kept of them, and what their processes did before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>

#include "src/base/cleanup.h"
#include "src/finding/internal.h"
#include "tests/unit/finding/host.h"
#include "tests/unit/format/json_check.h"

#define S (1000 * MS)

static struct hawk_findings *f;
static struct hawk_buf text;
static struct hawk_event told;

static struct hawk_sig shadow = {
	.id = "T-1", .name = "shadow_read", .version = "1.2.0", .title = "Passwords are read",
	.description = "Somebody reads \"the\" file.", .what_to_do = "Ask.", .tactic = "Credential Access",
	.technique = "T1003", .severity = HAWK_SEVERITY_HIGH, .path = "/etc/sechawk/signatures.d/x.yaml",
	.output = (struct hawk_sig_field[]){ { "path", NULL, false }, { "extra", NULL, true }, { "more", NULL, false } },
	.n_output = 3,
};
static struct hawk_sig quiet = { .id = "T-2", .name = "quiet", .version = "1", .title = "Nothing much" };

static int setup(void **state)
{
	const struct hawk_findings_limits limits = { .prefix = "abc" };

	(void)state;
	return hawk_findings_new(&f, &limits);
}

static int teardown(void **state)
{
	(void)state;
	f = hawk_findings_free(f);
	hawk_buf_done(&text);
	return 0;
}

static const char *datum(const char *field)
{
	const struct hawk_value *v = &told.data[hawk_event_field(told.desc, field)];
	static char copy[4096];

	snprintf(copy, sizeof(copy), "%.*s", (int)v->len, (const char *)v->bytes);
	return copy;
}

static void find(const struct hawk_sig *sig, uint32_t pid, uint64_t time, const char *message)
{
	static const char json[] = "{\"event\":\"file_open\",\"process\":{\"exe\":\"}\\\"data\\\":{\"},\"data\":{\"a\":[1,\"}\"]}}\n";
	const struct hawk_event event = host_event(pid, time, "/etc/shadow");
	const struct hawk_cel_value output[] = {
		{ .type = HAWK_CEL_STRING, .bytes = (const uint8_t *)"/etc\0shadow", .len = 11 },
		{ .type = HAWK_CEL_UNKNOWN }, { .type = HAWK_CEL_UNKNOWN },
	};
	const struct hawk_sig_evidence evidence[] = {
		{ .step = "first", .event = "file_open", .time = time - 1500 * MS, .tgid = pid, .json = json, .len = sizeof(json) - 1 },
		{ .event = "file_open", .time = time, .tgid = pid, .json = json, .len = sizeof(json) - 6 },
	};
	const struct hawk_sig_found found = {
		.sig = sig, .event = &event, .time = time, .suppressed = 4, .evidence = evidence,
		.n_evidence = ARRAY_SIZE(evidence), .message = message, .message_len = strlen(message), .output = output,
	};

	hawk_findings_add(f, &found, &host_model, &told);
}

static json_t *parse(void)
{
	json_error_t error;
	json_t *j;

	assert_int_equal(text.error, 0);
	if (!json_check(text.data, text.len))
		fail_msg("not JSON: %.*s", (int)text.len, text.data);
	j = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(j);
	return j;
}

/* All there is of a finding, in one object. */
static json_t *story(const char *id)
{
	json_t *whole, *story;

	hawk_buf_reset(&text);
	assert_true(hawk_findings_show(f, id, &text));
	whole = parse();
	story = json_object_get(whole, "story");
	assert_int_equal(json_object_update_missing(story, json_object_get(whole, "finding")), 0);
	json_incref(story);
	json_decref(whole);
	return story;
}

static const char *str(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key)) ?: "(none)";
}

static void event_tells(void **state)
{
	(void)state;
	find(&shadow, 101, 20 * S, "curl --token=geheim read it");
	assert_string_equal(told.desc->name, "finding");
	assert_int_equal(told.tgid, 101);
	assert_int_equal(told.walltime, 20 * S + BOOT_OFFSET);
	assert_ptr_equal(told.process, host_process(101));
	assert_ptr_equal(told.parent, host_process(100));
	assert_int_equal(told.n_ancestors, 3);
	assert_ptr_equal(told.ancestors[0], host_process(60));
	assert_string_equal(datum("id"), "abc-1");
	assert_string_equal(datum("signature"), "shadow_read");
	assert_string_equal(datum("trigger"), "file_open");
	assert_string_equal(datum("technique"), "T1003");
	assert_string_equal(datum("message"), "curl --token=[redacted] read it");
	assert_string_equal(datum("output"), "path=/etc shadow");
	assert_memory_equal(told.data[hawk_event_field(told.desc, "output")].bytes, "path=/etc shadow\0more=?\0", 24);
	assert_string_equal(datum("evidence"), "-1.500s [first] file_open pid 101: {\"a\":[1,\"}\"]}");
	assert_int_equal(told.data[hawk_event_field(told.desc, "severity")].u, HAWK_SEVERITY_HIGH);
	assert_int_equal(told.data[hawk_event_field(told.desc, "count")].u, 4);
	find(&quiet, 101, 21 * S, "");
	assert_string_equal(datum("message"), "Nothing much");
	assert_int_equal(told.data[hawk_event_field(told.desc, "tactic")].flags, HAWK_VAL_ABSENT);
}

static void story_tells(void **state)
{
	json_t *j, *p;

	(void)state;
	find(&shadow, 101, 20 * S, "read \x1b[31m");
	j = story("abc-1");
	assert_string_equal(str(j, "severity"), "high");
	assert_string_equal(str(j, "what_to_do"), "Ask.");
	assert_string_equal(str(j, "unit"), "session-3.scope");
	p = json_object_get(j, "process");
	assert_string_equal(str(p, "exe"), "/usr/bin/curl");
	assert_string_equal(json_string_value(json_array_get(json_object_get(p, "argv"), 1)), "--password=[redacted]");
	assert_int_equal(json_integer_value(json_object_get(j, "root_pid")), 60);
	assert_int_equal(json_array_size(json_object_get(j, "ancestors")), 4);
	p = json_array_get(json_object_get(j, "evidence"), 0);
	assert_string_equal(str(p, "step"), "first");
	assert_int_equal(json_integer_value(json_object_get(p, "before_us")), 1500000);
	assert_non_null(json_object_get(p, "data"));
	p = json_array_get(json_object_get(j, "evidence"), 1); /* was cut */
	assert_null(json_object_get(p, "data"));
	assert_string_equal(str(p, "data_text"), "{\"a\":[1,\"}");
	assert_null(memchr(text.data, 0x1b, text.len));
	json_decref(j);
	assert_false(hawk_findings_show(f, "abc-2", &text));
}

static void context_is_that_of_the_tree(void **state)
{
	uint64_t collected[HAWK_FINDING_EVENT_WORDS] = { 3 }, whole[HAWK_FINDING_EVENT_WORDS] = { 1 };
	json_t *j, *c, *v;

	(void)state;
	hawk_findings_collected(f, collected, whole, 9 * S);
	host_see(f, 100, 5 * S, "/too/old");
	host_see(f, 102, 12 * S, "/tmp/one");
	host_see(f, 200, 13 * S, "/not/ours");
	host_see(f, 50, 14 * S, "/above/the/session");
	host_see(f, 60, 15 * S, "/tmp/two");
	host_see(f, 101, 19 * S, "/tmp/three");
	host_see(f, 101, 21 * S, "/later");
	find(&shadow, 101, 20 * S, "x");
	j = story("abc-1");
	c = json_object_get(j, "context");
	assert_int_equal(json_array_size(c), 3);
	v = json_array_get(c, 0);
	assert_int_equal(json_integer_value(json_object_get(v, "before_us")), 8000000);
	assert_int_equal(json_integer_value(json_object_get(v, "pid")), 102);
	assert_string_equal(str(v, "event"), "file_open");
	assert_string_equal(str(json_object_get(v, "data"), "pathname"), "/tmp/one");
	assert_string_equal(str(json_object_get(json_array_get(c, 2), "data"), "pathname"), "/tmp/three");
	v = json_object_get(j, "coverage");
	assert_string_equal(str(v, "limit"), "time");
	assert_int_equal(json_integer_value(json_object_get(v, "from_us")), 10000000);
	assert_int_equal(json_array_size(json_object_get(v, "events")), 1);
	assert_int_equal(json_array_size(json_object_get(v, "events_partly")), 1);
	assert_null(json_object_get(v, "events_changed_us"));
	json_decref(j);
}

static void context_has_bounds(void **state)
{
	json_t *j, *v;

	(void)state;
	for (uint64_t i = 0; i < 40000; i++)
		host_see(f, 101, 20 * S + i * MS / 10, "/tmp/a/rather/long/path/so/that/there/is/no/room");
	find(&shadow, 101, 24 * S, "x");
	j = story("abc-1");
	v = json_object_get(j, "coverage");
	assert_string_equal(str(v, "limit"), "room");
	assert_true(json_integer_value(json_object_get(v, "from_us")) < 4000000);
	assert_true(json_integer_value(json_object_get(v, "left_out")) > 1000);
	assert_true(json_array_size(json_object_get(j, "context")) > 100);
	assert_true(text.len < HAWK_CONTEXT_TEXT + 8192);
	json_decref(j);
	for (int i = 0; i < 100; i++)
		find(&shadow, 101, 24 * S + (uint64_t)i, "x");
	assert_int_equal(hawk_findings_stats(f).without_context, 101 - HAWK_CONTEXT_BURST);
	j = story("abc-101");
	assert_string_equal(str(json_object_get(j, "coverage"), "limit"), "skipped");
	json_decref(j);
}

static void path_leads_here(void **state)
{
	json_t *j, *path;

	(void)state;
	find(&quiet, 50, 10 * S, "an ancestor outside of the session");
	find(&quiet, 102, 11 * S, "a brother");
	find(&quiet, 200, 12 * S, "a stranger");
	find(&shadow, 101, 20 * S, "x");
	j = story("abc-4");
	path = json_object_get(j, "path");
	assert_int_equal(json_array_size(path), 2);
	assert_string_equal(str(json_array_get(path, 0), "id"), "abc-1");
	assert_string_equal(str(json_array_get(path, 1), "message"), "a brother");
	json_decref(j);
	for (uint64_t i = 0; i < 20; i++)
		find(&quiet, 102, 21 * S + i * MS, "again");
	find(&shadow, 101, 30 * S, "x");
	j = story("abc-25");
	path = json_object_get(j, "path");
	assert_int_equal(json_array_size(path), HAWK_FINDING_PATH_MAX);
	assert_int_equal(json_integer_value(json_object_get(j, "path_left_out")), 7);
	assert_string_equal(str(json_array_get(path, 0), "id"), "abc-1");
	assert_string_equal(str(json_array_get(path, 7), "id"), "abc-9");
	assert_string_equal(str(json_array_get(path, 8), "id"), "abc-17");
	assert_string_equal(str(json_array_get(path, 15), "id"), "abc-24");
	json_decref(j);
}

static size_t listed(const struct hawk_findings_query *q, size_t expected_more)
{
	json_t *j;
	size_t n;

	hawk_buf_reset(&text);
	assert_int_equal(hawk_findings_list(f, q, &text), expected_more);
	j = parse();
	n = json_array_size(j);
	json_decref(j);
	return n;
}

static void lists(void **state)
{
	(void)state;
	assert_int_equal(listed(&(struct hawk_findings_query){ .max = 0 }, 0), 0);
	find(&quiet, 200, 10 * S, "x");
	find(&shadow, 101, 20 * S, "x");
	find(&shadow, 102, 30 * S, "x");
	assert_int_equal(listed(&(struct hawk_findings_query){ .max = 0 }, 0), 3);
	assert_int_equal(listed(&(struct hawk_findings_query){ .max = 1 }, 2), 1);
	assert_non_null(strstr(text.data, "abc-3"));
	assert_int_equal(listed(&(struct hawk_findings_query){ .severity = HAWK_SEVERITY_LOW }, 0), 2);
	assert_int_equal(listed(&(struct hawk_findings_query){ .since = 25 * S }, 0), 1);
	assert_int_equal(listed(&(struct hawk_findings_query){ .signature = "T-2" }, 0), 1);
	assert_int_equal(listed(&(struct hawk_findings_query){ .signature = "shadow_read" }, 0), 2);
	assert_int_equal(listed(&(struct hawk_findings_query){ .signature = "shadow" }, 0), 0);
	assert_int_equal(listed(&(struct hawk_findings_query){ .unit = "cron.service" }, 0), 1);
}

static void oldest_go(void **state)
{
	const struct hawk_findings_limits limits = { .bytes = 32768 };
	struct hawk_findings_stats s;

	(void)state;
	hawk_findings_free(f);
	assert_int_equal(hawk_findings_new(&f, &limits), 0);
	for (uint64_t i = 0; i < 1000; i++)
		find(&quiet, 200, 20 * S + i, "x");
	s = hawk_findings_stats(f);
	assert_int_equal(s.found, 1000);
	assert_int_equal(s.kept + s.forgotten, 1000);
	assert_true(s.kept > 2 && s.bytes <= 32768);
	assert_false(hawk_findings_show(f, "0-1", &text));
	json_decref(story("0-1000"));
}

/* Of a process that nothing is known of the header is all there is. */
static void nobody(void **state)
{
	json_t *j;

	(void)state;
	host_see(f, 999, 19 * S, "/tmp/one");
	host_see(f, 101, 19 * S, "/not/ours");
	find(&shadow, 999, 20 * S, "x");
	assert_null(told.process);
	j = story("abc-1");
	assert_null(json_object_get(j, "process"));
	assert_int_equal(json_array_size(json_object_get(j, "context")), 1);
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(event_tells), TEST(story_tells), TEST(context_is_that_of_the_tree), TEST(context_has_bounds),
		TEST(path_leads_here), TEST(lists), TEST(oldest_go), TEST(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
