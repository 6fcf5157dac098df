/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/derive/targets.h"

static struct hawk_targets *t;
static char seen[4096];

static int setup(void **state)
{
	(void)state;
	return hawk_targets_new(&t, 40);
}

static int teardown(void **state)
{
	(void)state;
	t = hawk_targets_free(t);
	return 0;
}

static void add(uint32_t pid, const char *name, uint64_t now)
{
	struct hawk_target target = { .pid = pid, .start = pid, .kind = HAWK_TARGET_TLS, .port = 443, .last = now };

	target.len = (uint16_t)strlen(name);
	memcpy(target.name, name, target.len);
	hawk_targets_add(t, &target);
}

static void note(void *ctx, const struct hawk_target *target)
{
	size_t n = strlen(seen);

	(void)ctx;
	snprintf(seen + n, sizeof(seen) - n, "%s*%u ", target->name, (unsigned int)target->count);
}

static const char *of(uint32_t pid)
{
	seen[0] = '\0';
	hawk_targets_each(t, pid, pid, note, NULL);
	return seen;
}

static void per_process(void **state)
{
	(void)state;
	add(1, "a", 1);
	add(2, "b", 2);
	add(1, "c", 3);
	add(1, "a", 4);
	assert_string_equal(of(1), "a*2 c*1 ");
	assert_string_equal(of(2), "b*1 ");
	assert_string_equal(of(3), "");
	assert_string_equal(of(0), "a*2 c*1 b*1 ");
	seen[0] = '\0';
	hawk_targets_each(t, 1, 7, note, NULL); /* the same pid, another process */
	assert_string_equal(seen, "");
}

static void bounds(void **state)
{
	char name[16];

	(void)state;
	add(2, "other", 1);
	for (int i = 0; i < HAWK_TARGETS_PER_PROCESS + 5; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		add(1, name, 10 + (uint64_t)i);
	}
	assert_int_equal(hawk_targets_stats(t).entries, HAWK_TARGETS_PER_PROCESS + 1);
	assert_int_equal(hawk_targets_stats(t).evicted, 5);
	assert_null(strstr(of(1), "n4*"));
	assert_non_null(strstr(of(1), "n5*"));
	assert_string_equal(of(2), "other*1 "); /* a process with many drives out its own */
	for (uint32_t pid = 10; pid < 100; pid++)
		add(pid, "x", 1000 + pid);
	assert_int_equal(hawk_targets_stats(t).entries, 40);
	assert_string_equal(of(1), "");
	assert_string_equal(of(99), "x*1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(per_process, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
