/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process table at its limits: entries, bytes, age. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "tests/unit/enrich/table.h"

static void eviction_order(void **state)
{
	struct hawk_proctab *t = new_table(4, 0);

	for (uint32_t i = 1; i <= 4; i++)
		fork_of(t, 1, 1, 10 + i, 10 * i); /* with their parent (1, 1): one too many, the first goes */
	assert_int_equal(hawk_proctab_stats(t).evicted_alive, 1);
	assert_null(hawk_proctab_by_pid(t, 11));
	assert_non_null(hawk_proctab_by_pid(t, 1));
	exit_of(t, 14, 40, 300); /* exits known out of order */
	exit_of(t, 13, 30, 200);
	fork_of(t, 1, 1, 20, 400);
	assert_null(hawk_proctab_by_pid(t, 13));
	assert_non_null(hawk_proctab_by_pid(t, 14));
	fork_of(t, 1, 1, 21, 500);
	assert_null(hawk_proctab_by_pid(t, 14));
	assert_non_null(hawk_proctab_by_pid(t, 12));
	assert_int_equal(hawk_proctab_stats(t).evicted_exited, 2);
	assert_int_equal(hawk_proctab_stats(t).evicted_alive, 1);
	assert_int_equal(hawk_proctab_stats(t).entries, 4);
	hawk_proctab_free(t);
}

static void quiet_before_busy(void **state)
{
	struct hawk_proctab *t = new_table(3, 0);
	struct made m;

	fork_of(t, 1, 1, 11, 10);
	fork_of(t, 1, 1, 12, 20);
	make_event(&m, HAWK_EV_FILE_OPEN, 11, 10, 30);
	apply(t, &m);
	fork_of(t, 1, 1, 13, 40);
	assert_non_null(hawk_proctab_by_pid(t, 11));
	assert_null(hawk_proctab_by_pid(t, 12));
	hawk_proctab_free(t);
}

static void exited_age(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);

	fork_of(t, 1, 1, 11, 10);
	exit_of(t, 11, 10, 1000);
	now_ns = 1001000;
	fork_of(t, 1, 1, 12, 20);
	assert_non_null(hawk_proctab_by_pid(t, 11));
	now_ns = 1001001;
	fork_of(t, 1, 1, 13, 30);
	assert_null(hawk_proctab_by_pid(t, 11));
	assert_int_equal(hawk_proctab_stats(t).evicted_exited, 1);
	hawk_proctab_free(t);
}

static int count(const struct hawk_process *p, void *ctx)
{
	return ++*(int *)ctx == 100000 ? -ECANCELED : 0;
}

static void many(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	struct made m;
	_cleanup_free_ char *argv = malloc(HAWK_LONG_BYTES);
	struct hawk_proctab_stats s;
	int n = 0;

	memset(argv, 'x', HAWK_LONG_BYTES);
	argv[HAWK_LONG_BYTES - 1] = '\0';
	make_exec(&m, 2, 2, 3, "/bin/forker");
	make_bytes(&m, "argv", argv, HAWK_LONG_BYTES);
	apply(t, &m);
	for (uint32_t i = 0; i < 70000; i++)
		fork_of(t, 2, 2, 1000 + i, 1000 + i);
	s = hawk_proctab_stats(t);
	assert_int_equal(s.entries, 65536);
	assert_int_equal(s.evicted_alive, 70001 - 65536);
	assert_true(s.bytes < 2 * HAWK_LONG_BYTES); /* shared, not copied */
	assert_null(hawk_proctab_by_pid(t, 1000));
	IS(hawk_proctab_by_pid(t, 70999)->exe, "/bin/forker");
	assert_int_equal(hawk_proctab_each(t, count, &n), 0);
	assert_int_equal(n, 65536);
	n = 100000 - 3;
	assert_int_equal(hawk_proctab_each(t, count, &n), -ECANCELED);
	hawk_proctab_free(t);
}

static void byte_budget(void **state)
{
	const size_t max = 1024 * 1024;
	struct hawk_proctab *t = new_table(0, max);
	_cleanup_free_ char *argv = malloc(HAWK_LONG_BYTES);
	const struct hawk_process *p;
	struct made m;

	memset(argv, 'x', HAWK_LONG_BYTES);
	argv[HAWK_LONG_BYTES - 1] = '\0';
	for (uint32_t i = 0; i < 2000; i++) {
		memcpy(argv, &i, sizeof(i)); /* nothing to share */
		make_exec(&m, 100 + i, 100 + i, 5000 + i, "/bin/big");
		make_bytes(&m, "argv", argv, HAWK_LONG_BYTES);
		p = apply(t, &m);
		assert_true(hawk_proctab_stats(t).bytes <= max);
		if (i < 4) {
			assert_int_equal(p->argv.len, HAWK_LONG_BYTES);
			assert_int_equal(p->argv.flags, 0);
		}
	}
	assert_int_equal(p->argv.len, 4096);
	assert_int_equal(p->argv.data[4095], 0);
	assert_int_equal(p->argv.full, HAWK_LONG_BYTES);
	assert_int_equal(p->argv.flags, HAWK_VAL_TRUNCATED);
	assert_true(hawk_proctab_stats(t).evicted_alive > 0);
	for (uint32_t i = 0; i < 2000; i++)
		exit_of(t, 100 + i, 100 + i, 8000 + i);
	now_ns = 10000000;
	fork_of(t, 1, 1, 3000, 9000);
	assert_int_equal(hawk_proctab_stats(t).exited, 0);
	assert_int_equal(hawk_proctab_stats(t).bytes, 0);
	hawk_proctab_free(t);
}

static void json_is_charged_and_dropped(void **state)
{
	struct hawk_proctab *t = new_table(0, 0);
	struct hawk_process *p;
	struct made m;

	make_event(&m, HAWK_EV_FILE_OPEN, 10, 100, 110);
	p = (struct hawk_process *)apply(t, &m);
	p->json.data = malloc(500);
	p->json.len = 500;
	p->json_valid = true;
	apply(t, &m);
	assert_int_equal(hawk_proctab_stats(t).bytes, 500);
	assert_true(p->json_valid);
	exit_of(t, 10, 100, 120);
	assert_false(p->json_valid);
	make_event(&m, HAWK_EV_FILE_OPEN, 11, 100, 130);
	apply(t, &m);
	assert_null(p->json.data);
	assert_int_equal(hawk_proctab_stats(t).bytes, 0);
	hawk_proctab_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eviction_order),
		cmocka_unit_test(quiet_before_busy),
		cmocka_unit_test(exited_age),
		cmocka_unit_test(many),
		cmocka_unit_test(byte_budget),
		cmocka_unit_test(json_is_charged_and_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
