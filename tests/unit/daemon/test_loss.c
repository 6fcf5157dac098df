/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is missing of an event that two programs tell: no more than both may have left out, and no less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/daemon/loss.h"

static void test_made_good(void **state)
{
	struct hawk_loss_pair p = { 0 };

	(void)state;
	assert_int_equal(hawk_loss_of_pair(&p, 0, 0, 0), 0);
	/* Of the first many, each made good; of the second some, which the first told. */
	assert_int_equal(hawk_loss_of_pair(&p, 100, 0, 100), 0);
	assert_int_equal(hawk_loss_of_pair(&p, 200, 7, 200), 0);
	/* A few more than that: those are between the two programs, or between two counters. */
	assert_int_equal(hawk_loss_of_pair(&p, 200, 7, 203), 0);
}

static void test_missing(void **state)
{
	struct hawk_loss_pair p = { 0 };

	(void)state;
	/* Nobody stood in for two of the first, one of which the second was run for: for a thread, say. */
	assert_int_equal(hawk_loss_of_pair(&p, 10, 1, 8), 1);
	assert_int_equal(hawk_loss_of_pair(&p, 12, 5, 8), 4);
	/* A stand-in that was counted late: it was told, and is not told again. */
	assert_int_equal(hawk_loss_of_pair(&p, 12, 5, 12), 4);
	assert_int_equal(hawk_loss_of_pair(&p, 17, 9, 12), 5);
}

static void test_second_comes_first(void **state)
{
	struct hawk_loss_pair p = { 0 };

	(void)state;
	/* It tells everything: what it is not run for is left to the first, and nobody knows whether that was. */
	assert_int_equal(hawk_loss_of_pair(&p, 0, 3, 5000), 3);
	assert_int_equal(hawk_loss_of_pair(&p, 2, 4, 9000), 4);
}

static void test_loaded_anew(void **state)
{
	struct hawk_loss_pair p = { 0 };

	(void)state;
	assert_int_equal(hawk_loss_of_pair(&p, 5000, 20, 4990), 10);
	/* The kernel counts from zero again, the map of the programs goes on. */
	assert_int_equal(hawk_loss_of_pair(&p, 0, 0, 4990), 0);
	assert_int_equal(hawk_loss_of_pair(&p, 4, 1, 4994), 0);
	assert_int_equal(hawk_loss_of_pair(&p, 6, 1, 4995), 1);
	/* Either of them. */
	assert_int_equal(hawk_loss_of_pair(&p, 7, 0, 4995), 0);
	assert_int_equal(hawk_loss_of_pair(&p, 8, 2, 4995), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_good),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_second_comes_first),
		cmocka_unit_test(test_loaded_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
