/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "src/base/buf.h"

static void numbers(void **state)
{
	struct hawk_buf b = HAWK_BUF_INIT;

	(void)state;
	hawk_buf_u64(&b, UINT64_MAX);
	hawk_buf_putc(&b, ' ');
	hawk_buf_s64(&b, INT64_MIN);
	hawk_buf_putc(&b, ' ');
	hawk_buf_u64(&b, 0);
	assert_string_equal(hawk_buf_str(&b), "18446744073709551615 -9223372036854775808 0");
	hawk_buf_done(&b);
}

/* Each length of a number, and both sides of where it changes. */
static void all_lengths(void **state)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	char expected[24];

	(void)state;
	for (uint64_t power = 1, last = 0; power > last; last = power, power *= 10) {
		for (int i = -1; i <= 1; i++) {
			hawk_buf_reset(&b);
			hawk_buf_u64(&b, power + (uint64_t)i);
			snprintf(expected, sizeof(expected), "%llu", (unsigned long long)(power + (uint64_t)i));
			assert_string_equal(hawk_buf_str(&b), expected);
		}
	}
	for (uint64_t v = 0; v < 2000; v++) {
		hawk_buf_reset(&b);
		hawk_buf_u64(&b, v * 7);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)v * 7);
		assert_string_equal(hawk_buf_str(&b), expected);
	}
	hawk_buf_done(&b);
}

static void bound_sticks(void **state)
{
	struct hawk_buf b = { .max = 300 };
	char block[200] = { 0 };

	(void)state;
	hawk_buf_put(&b, block, sizeof(block));
	assert_int_equal(b.error, 0);
	hawk_buf_put(&b, block, sizeof(block));
	assert_int_equal(b.error, -E2BIG);
	hawk_buf_putc(&b, 'x');
	assert_int_equal(b.len, sizeof(block));
	assert_null(hawk_buf_str(&b));
	hawk_buf_reset(&b);
	hawk_buf_printf(&b, "%s-%d", "a", 7);
	assert_string_equal(hawk_buf_str(&b), "a-7");
	hawk_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(all_lengths),
		cmocka_unit_test(bound_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
