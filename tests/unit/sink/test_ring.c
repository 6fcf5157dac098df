/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/sink/ring.h"

static void full_is_full(void **state)
{
	struct hawk_ring r;
	char record[64] = { 0 };
	size_t n = 0, got, len;
	const char *data;

	(void)state;
	assert_int_equal(hawk_ring_init(&r, 4096), 0);
	while (hawk_ring_push(&r, record, sizeof(record), 0))
		n++;
	assert_int_equal(n, r.cap / sizeof(record));
	assert_int_equal(hawk_ring_bytes(&r), r.cap);
	assert_true(hawk_ring_flush(&r));
	assert_false(hawk_ring_flush(&r));
	assert_true(hawk_ring_begin(&r));
	len = hawk_ring_peek(&r, 100, &data, &got);
	assert_int_equal(len, 64);
	assert_int_equal(got, 1);
	hawk_ring_pop(&r, len, got);
	assert_false(hawk_ring_push(&r, record, sizeof(record), 1));
	assert_true(hawk_ring_push(&r, record, sizeof(record), 0));
	hawk_ring_done(&r);
}

static void bounds(void **state)
{
	struct hawk_ring r;
	char *big;
	size_t n = 0;

	(void)state;
	assert_int_equal(hawk_ring_init(&r, (size_t)1 << 40), -EINVAL);
	assert_int_equal(hawk_ring_init(&r, 1), 0);
	assert_int_equal(r.cap, sysconf(_SC_PAGESIZE));
	big = test_calloc(1, r.cap + 1);
	assert_false(hawk_ring_push(&r, big, r.cap + 1, 0));
	assert_false(hawk_ring_push(&r, big, 0, 0));
	assert_true(hawk_ring_push(&r, big, r.cap, 0));
	assert_true(hawk_ring_flush(&r));
	hawk_ring_begin(&r);
	hawk_ring_pop(&r, r.cap, 1);
	/* Records shorter than the lengths were reckoned for: they run out, nothing is overwritten. */
	while (hawk_ring_push(&r, big, 1, 0))
		n++;
	assert_int_equal(n, r.mask + 1);
	test_free(big);
	hawk_ring_done(&r);
}

/* A consumer that keeps up is served from the beginning of the memory every time. */
static void starts_over(void **state)
{
	struct hawk_ring r;
	const char *data, *first = NULL;
	size_t n, len;

	(void)state;
	assert_int_equal(hawk_ring_init(&r, 65536), 0);
	for (int i = 0; i < 1000; i++) {
		assert_true(hawk_ring_push(&r, "abc", 3, 0));
		assert_true(hawk_ring_push(&r, "defg", 4, 0));
		assert_false(hawk_ring_begin(&r)); /* claimed: wait for the wake-up */
		assert_true(hawk_ring_flush(&r));
		assert_true(hawk_ring_begin(&r));
		len = hawk_ring_peek(&r, SIZE_MAX, &data, &n);
		assert_int_equal(len, 7);
		assert_int_equal(n, 2);
		assert_int_equal(hawk_ring_len(&r, 1), 4);
		assert_memory_equal(data, "abcdefg", 7);
		if (!first)
			first = data;
		assert_ptr_equal(data, first);
		hawk_ring_pop(&r, len, n);
		assert_true(hawk_ring_idle(&r));
	}
	hawk_ring_done(&r);
}

#define RECORDS 400000

struct shared {
	struct hawk_ring ring;
	sem_t wake;
	uint64_t seen, bad;
};

static void *consume(void *arg)
{
	struct shared *s = arg;

	while (s->seen < RECORDS) {
		const char *data;
		size_t n, len;

		if (!hawk_ring_begin(&s->ring)) {
			sem_wait(&s->wake);
			continue;
		}
		len = hawk_ring_peek(&s->ring, 1000, &data, &n);
		if (!len) {
			if (hawk_ring_idle(&s->ring))
				sem_wait(&s->wake);
			continue;
		}
		for (size_t i = 0, at = 0; i < n; at += hawk_ring_len(&s->ring, i++)) {
			uint64_t v;

			memcpy(&v, data + at, sizeof(v));
			s->bad += v != s->seen++ || hawk_ring_len(&s->ring, i) != 8 + v % 40;
		}
		hawk_ring_pop(&s->ring, len, n);
	}
	return NULL;
}

/* Every record arrives once, in order and whole, across wraps, sleeps and wake-ups. */
static void two_threads(void **state)
{
	static struct shared s;
	pthread_t t;
	char record[64] = { 0 };

	(void)state;
	assert_int_equal(hawk_ring_init(&s.ring, 8192), 0);
	sem_init(&s.wake, 0, 0);
	assert_int_equal(pthread_create(&t, NULL, consume, &s), 0);
	for (uint64_t i = 0; i < RECORDS;) {
		memcpy(record, &i, sizeof(i));
		if (hawk_ring_push(&s.ring, record, 8 + i % 40, 0))
			i++;
		if ((i % 7 == 0 || i == RECORDS || hawk_ring_bytes(&s.ring) > 4096) &&
		    hawk_ring_flush(&s.ring))
			sem_post(&s.wake);
	}
	pthread_join(t, NULL);
	assert_int_equal(s.bad, 0);
	assert_int_equal(s.seen, RECORDS);
	hawk_ring_done(&s.ring);
	sem_destroy(&s.wake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_is_full),
		cmocka_unit_test(bounds),
		cmocka_unit_test(starts_over),
		cmocka_unit_test(two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
