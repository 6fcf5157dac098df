/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ring of records: what is put comes out again, in order and whole, as far as there was room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/finding/internal.h"

#define SIZE 8192

static uint8_t record[SIZE];

static void put(struct hawk_context_ring *r, uint64_t time, size_t len)
{
	struct hawk_abi_rec head = { .time = time, .size = (uint32_t)len };

	memset(record, (int)(time & 0xff), len);
	memcpy(record, &head, len < sizeof(head) ? len : sizeof(head));
	hawk_context_ring_put(r, record, len);
}

/* All that is in it: times rise by one up to LAST, lengths and bytes are as they were. Returns the first time. */
static uint64_t check(const struct hawk_context_ring *r, uint64_t last, size_t (*len_of)(uint64_t time))
{
	const struct hawk_abi_rec *rec;
	uint64_t at = r->tail, first = 0, expected = 0, n = 0;
	size_t len;

	while ((rec = hawk_context_ring_next(r, &at, &len))) {
		first = first ? first : rec->time;
		expected = expected ? expected + 1 : first;
		assert_int_equal(rec->time, expected);
		assert_int_equal(len, len_of(rec->time));
		if (len > sizeof(*rec))
			assert_int_equal(((const uint8_t *)rec)[len - 1], rec->time & 0xff);
		assert_int_equal((uintptr_t)rec % 8, 0);
		n++;
	}
	assert_int_equal(n, r->n);
	assert_int_equal(expected, last);
	assert_true(r->head - r->tail <= r->size);
	assert_int_equal(r->gone, first - 1);
	return first;
}

static size_t uneven(uint64_t time)
{
	return sizeof(struct hawk_abi_rec) + (size_t)(time * 2654435761U % 1500);
}

static void oldest_go(void **state)
{
	struct hawk_context_ring r;

	(void)state;
	assert_int_equal(hawk_context_ring_init(&r, SIZE), 0);
	for (uint64_t time = 1; time <= 5000; time++) {
		put(&r, time, uneven(time));
		check(&r, time, uneven);
	}
	assert_true(check(&r, 5000, uneven) > 4950);
	assert_int_equal(r.begun, 1);
	hawk_context_ring_done(&r);
}

static void no_record(void **state)
{
	struct hawk_context_ring r;
	uint64_t at;
	size_t len;

	(void)state;
	assert_int_equal(hawk_context_ring_init(&r, SIZE), 0);
	put(&r, 1, sizeof(struct hawk_abi_rec) - 1);
	put(&r, 2, SIZE / 4);
	at = r.tail;
	assert_null(hawk_context_ring_next(&r, &at, &len));
	assert_int_equal(r.n, 0);
	hawk_context_ring_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(oldest_go), cmocka_unit_test(no_record) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
