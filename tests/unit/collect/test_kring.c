/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ring reader on a ring in memory: a memfd mapped as the kernel maps its rings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/collect/kring.h"

#define SIZE 4096 /* of the ring: one page */

/*
 * The producer's side. The kernel maps the data twice in a row; this ring is
 * built of four pages mapped one by one for the same effect.
 */
struct producer {
	struct hawk_kring ring;
	uint8_t *pages; /* consumer, producer, data, data again */
	size_t page;
};

static int setup(void **state)
{
	struct producer *p = calloc(1, sizeof(*p));
	int fd = memfd_create("ring", MFD_CLOEXEC);

	p->page = (size_t)sysconf(_SC_PAGESIZE);
	assert_true(fd >= 0 && p->page == SIZE);
	assert_int_equal(ftruncate(fd, (off_t)(3 * p->page)), 0);
	p->pages = mmap(NULL, 4 * p->page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p->pages, MAP_FAILED);
	for (size_t i = 0; i < 4; i++)
		assert_ptr_not_equal(mmap(p->pages + i * p->page, p->page, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_FIXED, fd, (off_t)((i < 3 ? i : 2) * p->page)),
				     MAP_FAILED);
	close(fd);
	p->ring = (struct hawk_kring){
		.consumer = (unsigned long *)p->pages,
		.producer = (unsigned long *)(p->pages + p->page),
		.data = p->pages + 2 * p->page,
		.size = SIZE,
	};
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct producer *p = *state;

	munmap(p->pages, 4 * p->page);
	free(p);
	return 0;
}

/* Reserves LEN bytes of FILL, as a program does; returns the header, marked busy. NULL: the ring is full. */
static uint32_t *reserve(struct producer *p, uint32_t len, uint8_t fill)
{
	unsigned long at = *p->ring.producer, step = (len + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
	uint32_t *head = (uint32_t *)(p->ring.data + (at & (SIZE - 1)));

	if (at + step - *p->ring.consumer > SIZE)
		return NULL;
	head[0] = len | BPF_RINGBUF_BUSY_BIT;
	head[1] = 0;
	memset((uint8_t *)head + BPF_RINGBUF_HDR_SZ, fill, len);
	*p->ring.producer = at + step;
	return head;
}

static void put(struct producer *p, uint32_t len, uint8_t fill)
{
	uint32_t *head = reserve(p, len, fill);

	assert_non_null(head);
	head[0] = len;
}

static void expect_record(struct producer *p, unsigned long limit, uint32_t len, uint8_t fill)
{
	const void *record;
	size_t got;

	assert_int_equal(hawk_kring_peek(&p->ring, limit, &record, &got), HAWK_KRING_READY);
	assert_int_equal(got, len);
	for (size_t i = 0; i < got; i++)
		assert_int_equal(((const uint8_t *)record)[i], fill);
	hawk_kring_next(&p->ring, got);
}

static void expect_state(struct producer *p, enum hawk_kring_peek state)
{
	const void *record = p;
	size_t len = 99;

	assert_int_equal(hawk_kring_peek(&p->ring, hawk_kring_limit(&p->ring), &record, &len), state);
	if (state != HAWK_KRING_READY) { /* nothing is set */
		assert_ptr_equal(record, p);
		assert_int_equal(len, 99);
	}
}

static void an_empty_ring_has_nothing(void **state)
{
	struct producer *p = *state;

	expect_state(p, HAWK_KRING_EMPTY);
	assert_int_equal(hawk_kring_limit(&p->ring), 0);
	hawk_kring_release(&p->ring);
	assert_int_equal(*p->ring.consumer, 0);
}

static void records_are_in_order_and_given_back_late(void **state)
{
	struct producer *p = *state;

	put(p, 1, 'a');
	put(p, 8, 'b');
	put(p, 100, 'c');
	expect_record(p, hawk_kring_limit(&p->ring), 1, 'a');
	expect_record(p, hawk_kring_limit(&p->ring), 8, 'b');
	assert_int_equal(*p->ring.consumer, 0); /* the kernel must not write there yet */
	hawk_kring_release(&p->ring);
	assert_int_equal(*p->ring.consumer, 16 + 16);
	expect_record(p, hawk_kring_limit(&p->ring), 100, 'c');
	expect_state(p, HAWK_KRING_EMPTY);
	hawk_kring_release(&p->ring);
	assert_int_equal(*p->ring.consumer, *p->ring.producer);
}

static void a_busy_record_holds_up_those_behind_it(void **state)
{
	struct producer *p = *state;
	uint32_t *head = reserve(p, 24, 'x');

	put(p, 8, 'y');
	expect_state(p, HAWK_KRING_BUSY);
	expect_state(p, HAWK_KRING_BUSY);
	head[0] = 24;
	expect_record(p, hawk_kring_limit(&p->ring), 24, 'x');
	expect_record(p, hawk_kring_limit(&p->ring), 8, 'y');
}

static void discarded_records_are_skipped(void **state)
{
	struct producer *p = *state;

	for (int i = 0; i < 3; i++)
		reserve(p, 40, 'd')[0] = 40 | BPF_RINGBUF_DISCARD_BIT;
	put(p, 16, 'e');
	reserve(p, 40, 'd')[0] = 40 | BPF_RINGBUF_DISCARD_BIT;
	expect_record(p, hawk_kring_limit(&p->ring), 16, 'e');
	expect_state(p, HAWK_KRING_EMPTY);
	hawk_kring_release(&p->ring);
	assert_int_equal(*p->ring.consumer, *p->ring.producer);
}

static void nothing_is_read_behind_the_limit(void **state)
{
	struct producer *p = *state;
	const void *record;
	unsigned long limit;
	size_t len;

	put(p, 8, 'a');
	limit = hawk_kring_limit(&p->ring);
	put(p, 8, 'b');
	expect_record(p, limit, 8, 'a');
	assert_int_equal(hawk_kring_peek(&p->ring, limit, &record, &len), HAWK_KRING_EMPTY);
	expect_record(p, hawk_kring_limit(&p->ring), 8, 'b');
}

/* Records of all lengths, many times round; some end exactly at the end of the ring, some go over it. */
static void it_goes_round(void **state)
{
	struct producer *p = *state;
	uint32_t over = 0;

	for (uint32_t i = 0; i < 5000; i++) {
		uint32_t len = 1 + i * 37 % 1000;
		unsigned long before = *p->ring.producer;

		put(p, len, (uint8_t)i);
		over += (before & (SIZE - 1)) + BPF_RINGBUF_HDR_SZ + len > SIZE;
		put(p, 8, (uint8_t)~i);
		expect_record(p, hawk_kring_limit(&p->ring), len, (uint8_t)i);
		expect_record(p, hawk_kring_limit(&p->ring), 8, (uint8_t)~i);
		hawk_kring_release(&p->ring);
	}
	assert_true(over > 100);
	assert_true(*p->ring.consumer > 100UL * SIZE);
}

static void a_full_ring_is_read_whole(void **state)
{
	struct producer *p = *state;
	uint32_t *head;
	size_t n = 0;

	for (; (head = reserve(p, 24, (uint8_t)n)); n++)
		head[0] = 24;
	assert_int_equal(n, SIZE / 32);
	for (size_t i = 0; i < n; i++)
		expect_record(p, hawk_kring_limit(&p->ring), 24, (uint8_t)i);
	expect_state(p, HAWK_KRING_EMPTY);
	assert_null(reserve(p, 24, 0));
	hawk_kring_release(&p->ring);
	put(p, SIZE - BPF_RINGBUF_HDR_SZ, 'z'); /* the longest one that can be */
	expect_record(p, hawk_kring_limit(&p->ring), SIZE - BPF_RINGBUF_HDR_SZ, 'z');
}

static void a_descriptor_that_is_no_ring_is_refused(void **state)
{
	struct hawk_kring r = { .consumer = NULL };

	assert_true(hawk_kring_map(&r, -1, SIZE) < 0);
	assert_null(r.consumer);
	hawk_kring_unmap(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_ring_has_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(records_are_in_order_and_given_back_late, setup, teardown),
		cmocka_unit_test_setup_teardown(a_busy_record_holds_up_those_behind_it, setup, teardown),
		cmocka_unit_test_setup_teardown(discarded_records_are_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_read_behind_the_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(it_goes_round, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_ring_is_read_whole, setup, teardown),
		cmocka_unit_test(a_descriptor_that_is_no_ring_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
