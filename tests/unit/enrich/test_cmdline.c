/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader of command lines. What it does when a read never ends is shown by a live case (argv_fuse). */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/enrich/cmdline.h"
#include "tests/unit/enrich/fake_proc.h"

#define TICK 10000000ULL
#define LONG_NS (60 * 1000000000ULL)

static void take(struct hawk_cmdline *c, uint32_t pid, const char *bytes, size_t len)
{
	struct pollfd p = { .fd = hawk_cmdline_fd(c), .events = POLLIN };
	struct hawk_cmdline_answer a;

	/* hawk_cmdline_wait() gives up early on a reader that is slow, as one is on a busy machine */
	while (!hawk_cmdline_take(c, &a))
		assert_int_equal(poll(&p, 1, 60000), 1);
	assert_int_equal(a.of.pid, pid);
	assert_int_equal(a.of.exec_id, pid + 1);
	assert_int_equal(a.len, len);
	assert_int_equal(a.full, len);
	if (len)
		assert_memory_equal(a.bytes, bytes, len);
	else
		assert_null(a.bytes);
	free(a.bytes);
}

static bool ask(struct hawk_cmdline *c, uint32_t pid, uint64_t ticks)
{
	const struct hawk_cmdline_question q = { .pid = pid, .start = ticks * TICK, .exec_id = pid + 1 };

	return hawk_cmdline_ask(c, &q);
}

static void answers_in_order(void **state)
{
	struct hawk_cmdline_answer a;
	struct hawk_cmdline *c;
	struct fake_proc f;

	(void)state;
	fake_proc_init(&f);
	fake_process(&f, 7, 1, 50);
	fake_process(&f, 8, 1, 60);
	fake_file(&f, 8, "cmdline", "second", 7);
	assert_int_equal(hawk_cmdline_new(&c, f.fd, 8), 0);
	assert_true(hawk_cmdline_idle(c));
	assert_false(hawk_cmdline_take(c, &a));
	assert_true(ask(c, 7, 50));
	assert_true(ask(c, 8, 60));
	assert_true(ask(c, 8, 90)); /* the pid belongs to another process by now */
	assert_true(ask(c, 9, 50)); /* gone */
	take(c, 7, "demo\0--flag", 12);
	assert_false(hawk_cmdline_idle(c));
	hawk_cmdline_settle(c, LONG_NS);
	take(c, 8, "second", 7);
	take(c, 8, "", 0);
	take(c, 9, "", 0);
	assert_true(hawk_cmdline_idle(c));
	assert_int_equal(hawk_cmdline_stats(c).read, 4);
	assert_int_equal(hawk_cmdline_stats(c).dropped, 0);
	hawk_cmdline_free(c);
	fake_proc_done(&f);
}

static void no_room(void **state)
{
	struct hawk_cmdline *c;
	struct fake_proc f;

	(void)state;
	fake_proc_init(&f);
	assert_int_equal(hawk_cmdline_new(&c, f.fd, 0), 0);
	assert_false(ask(c, 7, 50));
	assert_int_equal(hawk_cmdline_stats(c).dropped, 1);
	hawk_cmdline_settle(c, LONG_NS);
	assert_true(hawk_cmdline_idle(c));
	hawk_cmdline_free(c);
	assert_null(hawk_cmdline_free(NULL));
	fake_proc_done(&f);
}

/* More than may wait for the taker: the reader goes on as answers are taken. Some are not taken at all. */
static void many_long_ones(void **state)
{
	enum { N = 40 };
	char *line = malloc(100000);
	struct hawk_cmdline *c;
	struct fake_proc f;

	(void)state;
	assert_non_null(line);
	memset(line, 'x', 99999);
	line[99999] = '\0';
	fake_proc_init(&f);
	fake_process(&f, 7, 1, 50);
	fake_file(&f, 7, "cmdline", line, 100000);
	assert_int_equal(hawk_cmdline_new(&c, f.fd, N), 0);
	for (int i = 0; i < N; i++)
		assert_true(ask(c, 7, 50));
	for (int i = 0; i < N - 5; i++)
		take(c, 7, line, 100000);
	hawk_cmdline_free(c);
	fake_proc_done(&f);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_in_order),
		cmocka_unit_test(no_room),
		cmocka_unit_test(many_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
