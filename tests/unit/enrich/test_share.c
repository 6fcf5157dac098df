/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/enrich/share.h"

#define TEXT(s) (&(struct hawk_value){ .bytes = (const uint8_t *)(s), .len = sizeof(s) - 1 })

static void shared_once(void **state)
{
	struct hawk_bytes a = { 0 }, b = { 0 };
	size_t charge = 0, one;

	assert_int_equal(hawk_share_set(&a, TEXT("/usr/bin/demo"), &charge), 0);
	one = charge;
	assert_true(one >= 13);
	hawk_share_copy(&b, &a, &charge);
	assert_int_equal(charge, one);
	assert_ptr_equal(a.data, b.data);
	hawk_share_drop(&a, &charge);
	assert_null(a.data);
	assert_int_equal(charge, one);
	assert_memory_equal(b.data, "/usr/bin/demo", 13);
	hawk_share_copy(&b, &b, &charge);
	assert_memory_equal(b.data, "/usr/bin/demo", 13);
	hawk_share_drop(&b, &charge);
	assert_int_equal(charge, 0);
}

static void equal_stays_and_empty_has_no_block(void **state)
{
	struct hawk_bytes a = { 0 }, b = { 0 };
	struct hawk_value marked = {
		.bytes = (const uint8_t *)"abc", .len = 3, .full = 9, .flags = HAWK_VAL_TRUNCATED,
	};
	struct hawk_value absent = { .flags = HAWK_VAL_ABSENT, .len = 77 };
	size_t charge = 0;

	assert_int_equal(hawk_share_set(&a, TEXT("abc"), &charge), 0);
	hawk_share_copy(&b, &a, &charge);
	assert_int_equal(hawk_share_set(&b, &marked, &charge), 0);
	assert_ptr_equal(a.data, b.data);
	assert_int_equal(b.full, 9);
	assert_int_equal(b.flags, HAWK_VAL_TRUNCATED);
	assert_int_equal(a.flags, 0);
	assert_int_equal(hawk_share_set(&a, &absent, &charge), 0);
	assert_null(a.data);
	assert_int_equal(a.len, 0);
	assert_int_equal(a.flags, HAWK_VAL_ABSENT);
	hawk_share_drop(&b, &charge);
	assert_int_equal(charge, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_once),
		cmocka_unit_test(equal_stays_and_empty_has_no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
