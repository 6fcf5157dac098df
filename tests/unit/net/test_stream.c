/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/net/stream.h"

static struct hawk_streams *s;
static size_t len;

static int setup(void **state)
{
	(void)state;
	return hawk_streams_new(&s, 3, 16);
}

static int teardown(void **state)
{
	(void)state;
	s = hawk_streams_free(s);
	return 0;
}

static struct hawk_stream_key key(uint64_t cookie)
{
	return (struct hawk_stream_key){ cookie, 1 };
}

static const char *add(uint64_t cookie, uint32_t seq, const char *text)
{
	const struct hawk_segment g = { seq, (const uint8_t *)text, strlen(text), strlen(text) };

	return (const char *)hawk_streams_add(s, key(cookie), &g, true, &len);
}

static void in_order(void **state)
{
	(void)state;
	assert_memory_equal(add(1, 0xfffffffe, "ab"), "ab", 2);
	assert_memory_equal(add(1, 0, "cd"), "abcd", 4); /* the numbers go round */
	assert_int_equal(len, 4);
	assert_int_equal(hawk_streams_segments(s, key(1)), 2);
	assert_memory_equal(add(1, 0, "cd"), "abcd", 4); /* sent again */
	assert_int_equal(len, 4);
	assert_memory_equal(add(1, 1, "def"), "abcdef", 6); /* in part sent again */
	assert_int_equal(len, 6);
	hawk_streams_take(s, key(1), 4);
	assert_memory_equal(add(1, 4, "g"), "efg", 3);
	hawk_streams_take(s, key(1), 3);
	assert_int_equal(hawk_streams_segments(s, key(1)), 0);
	assert_int_equal(hawk_streams_stats(s).done, 1);
}

static void holes_and_bounds(void **state)
{
	struct hawk_segment cut = { 5, (const uint8_t *)"ab", 2, 100 };

	(void)state;
	assert_non_null(add(1, 5, "ab"));
	assert_non_null(add(1, 8, "d"));
	assert_null(add(1, 11, "g")); /* a second hole */
	assert_int_equal(hawk_streams_segments(s, key(1)), 0);
	assert_non_null(add(1, 5, "0123456789abcdef"));
	assert_null(add(1, 21, "g")); /* longer than a stream may be */
	assert_int_equal(hawk_streams_stats(s).broken, 2);
	/* of a segment that was cut on its way to us the rest is a hole */
	assert_non_null(hawk_streams_add(s, key(2), &cut, true, &len));
	assert_null(add(2, 105, "x"));
	/* nothing begins that is not asked to */
	assert_null(hawk_streams_add(s, key(3), &cut, false, &len));
}

/* One that was lost comes again when others are there. */
static void out_of_order(void **state)
{
	(void)state;
	assert_memory_equal(add(1, 0xfffffffe, "ab"), "ab", 2);
	assert_non_null(add(1, 2, "ef"));
	assert_int_equal(len, 2);
	assert_non_null(add(1, 4, "gh"));
	assert_non_null(add(1, 1, "de")); /* goes over the hole's end */
	assert_int_equal(len, 2);
	assert_memory_equal(add(1, 0, "c"), "abcdefgh", 8);
	assert_int_equal(len, 8);
	assert_memory_equal(add(1, 6, "i"), "abcdefghi", 9);
	/* what is taken off leaves what is behind the hole where it was */
	assert_non_null(add(1, 9, "l"));
	hawk_streams_take(s, key(1), 9);
	assert_int_equal(hawk_streams_segments(s, key(1)), 1);
	assert_memory_equal(add(1, 7, "jk"), "jkl", 3);
	assert_int_equal(len, 3);
	/* not farther than there is room for */
	assert_null(add(1, 10 + 14, "x"));
	assert_non_null(add(2, 0, "a"));
	assert_null(add(2, 0x7fffffff, "x"));
}

/* Segments in any order, some twice, cut anywhere: what is at the beginning is never anything but the text. */
static void random_order(void **state)
{
	static const char text[] = "0123456789abcdef";
	uint32_t seed = 1;
	size_t whole = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const uint64_t cookie = 1 + (uint64_t)(round % 3);
		const uint32_t first = 0xfffffff8U + (uint32_t)(round % 16);

		for (int i = 0; i < 12; i++) {
			size_t from, n;
			const uint8_t *got;

			seed = seed * 1664525U + 1013904223U;
			/* the first one begins the stream, as the kernel side demands */
			from = i ? (seed >> 8) % 16 : 0;
			n = 1 + (seed >> 16) % (16 - from);
			got = hawk_streams_add(s, key(cookie), &(struct hawk_segment){
				first + (uint32_t)from, (const uint8_t *)text + from, n, n }, !i, &len);
			if (!got)
				break; /* a second hole */
			assert_in_range(len, 1, 16);
			assert_memory_equal(got, text, len);
			whole += len == 16;
		}
		hawk_streams_drop(s, key(cookie), true);
	}
	assert_true(whole > 1000);
}

static void the_oldest_goes(void **state)
{
	(void)state;
	add(1, 0, "a");
	add(2, 0, "b");
	add(3, 0, "c");
	add(1, 1, "a");
	add(4, 0, "d");
	assert_int_equal(hawk_streams_stats(s).evicted, 1);
	assert_int_equal(hawk_streams_segments(s, key(1)), 2);
	assert_int_equal(hawk_streams_segments(s, key(2)), 0);
	assert_int_equal(hawk_streams_segments(s, key(3)), 1);
	/* the other direction is another stream */
	assert_int_equal(hawk_streams_segments(s, (struct hawk_stream_key){ 1, 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(holes_and_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(out_of_order, setup, teardown),
		cmocka_unit_test_setup_teardown(random_order, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_goes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
