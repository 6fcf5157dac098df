/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Long fields that come in pieces. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/decode/decoding.h"

/* A long argv: bytes that differ everywhere, with strings of 100 bytes. */
static uint8_t *long_argv(size_t len)
{
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = i % 100 == 99 || i == len - 1 ? 0 : 'a' + i / 100 % 26;
	return bytes;
}

/* An exec with the first chunk of argv, and the links for the rest but those of SKIP (a bit each). */
static int long_exec(const uint8_t *argv, size_t len, uint64_t skip)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_path(&rec, "pathname", "/bin/ls");
	test_record_bytes(&rec, "argv", argv, len < HAWK_CHUNK_BYTES ? len : HAWK_CHUNK_BYTES);
	test_record_info(&rec, "argv", len);
	for (size_t at = HAWK_CHUNK_BYTES, i = 0; at < len; at += HAWK_CHUNK_BYTES, i++) {
		size_t n = len - at < HAWK_CHUNK_BYTES ? len - at : HAWK_CHUNK_BYTES;

		if (skip >> i & 1)
			continue;
		test_record_chain(&link_rec, &rec, "argv", at, argv + at, n);
		assert_int_equal(decode(&link_rec), 1);
	}
	return decode(&rec);
}

static void chain_is_joined(void **state)
{
	uint8_t *argv = long_argv(HAWK_LONG_BYTES);

	for (size_t len = HAWK_CHUNK_BYTES - 1; len <= HAWK_LONG_BYTES; len += 4001) {
		uint8_t last = argv[len - 1];

		argv[len - 1] = 0;
		assert_int_equal(long_exec(argv, len, 0), 0);
		assert_bytes("argv", argv, len);
		assert_int_equal(value("argv")->flags, 0);
		assert_text("pathname", "/bin/ls");
		argv[len - 1] = last;
	}
	assert_int_equal(long_exec(argv, HAWK_LONG_BYTES, 0), 0);
	assert_bytes("argv", argv, HAWK_LONG_BYTES);
	assert_int_equal(hawk_decoder_stats(d).chains_dropped, 0);
	assert_true(hawk_decoder_stats(d).chains_joined > 30);
	free(argv);
}

static void chain_cut_at_the_limit(void **state)
{
	uint8_t *argv = long_argv(HAWK_LONG_BYTES);

	argv[HAWK_LONG_BYTES - 1] = 'x'; /* cut within a string */
	assert_int_equal(long_exec(argv, HAWK_LONG_BYTES, 1ULL << 63), 0);
	test_record_info(&rec, "argv", 200000);
	for (size_t at = HAWK_CHUNK_BYTES; at < HAWK_LONG_BYTES; at += HAWK_CHUNK_BYTES) {
		test_record_chain(&link_rec, &rec, "argv", at, argv + at, HAWK_CHUNK_BYTES);
		assert_int_equal(decode(&link_rec), 1);
	}
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("argv")->len, HAWK_LONG_BYTES + 1);
	assert_memory_equal(value("argv")->bytes, argv, HAWK_LONG_BYTES);
	assert_int_equal(value("argv")->bytes[HAWK_LONG_BYTES], 0);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED);
	assert_int_equal(value("argv")->full, 200000);
	free(argv);
}

static void missing_links(void **state)
{
	const size_t len = 10 * HAWK_CHUNK_BYTES, first = HAWK_CHUNK_BYTES;
	uint8_t *argv = long_argv(len);

	/* The first: what follows has no place. */
	assert_int_equal(long_exec(argv, len, 1 << 0), 0);
	assert_memory_equal(value("argv")->bytes, argv, first);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED | HAWK_VAL_INCOMPLETE);
	assert_int_equal(value("argv")->full, len);
	/* One in the middle: the part before it stays. */
	assert_int_equal(long_exec(argv, len, 1 << 4), 0);
	assert_memory_equal(value("argv")->bytes, argv, 5 * first);
	assert_true(value("argv")->len <= 5 * first + 1);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED | HAWK_VAL_INCOMPLETE);
	/* All: the length still tells that something is missing. */
	assert_int_equal(long_exec(argv, len, UINT64_MAX), 0);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED);
	assert_int_equal(hawk_decoder_stats(d).chains_incomplete, 2);
	free(argv);
}

/* Links wait for the record with the same time, tid, event and field, whatever comes in between. */
static void chains_do_not_mix(void **state)
{
	struct test_record *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	test_record_init(&rec, HAWK_EV_SYS_execve);
	test_record_bytes(&rec, "argv", "a", 2);
	test_record_info(&rec, "argv", 4);
	test_record_init(other, HAWK_EV_SYS_execve);
	test_record_bytes(other, "argv", "c", 2);
	test_record_info(other, "argv", 4);
	other->header.tid = 555;
	test_record_chain(&link_rec, &rec, "argv", 2, "b", 2);
	assert_int_equal(decode(&link_rec), 1);
	test_record_chain(&link_rec, other, "argv", 2, "d", 2);
	assert_int_equal(decode(&link_rec), 1);
	rec.header.time++;
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "a", 2);
	rec.header.time--;
	assert_int_equal(decode(other), 0);
	assert_bytes("argv", "c\0d", 4);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "a\0b", 4);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "a", 2);
	free(other);
}

static void too_many_chains(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_execve);
	test_record_bytes(&rec, "argv", "a", 2);
	test_record_info(&rec, "argv", 4);
	for (uint32_t tid = 1; tid <= 40; tid++) {
		rec.header.tid = tid;
		test_record_chain(&link_rec, &rec, "argv", 2, "b", 2);
		assert_int_equal(decode(&link_rec), 1);
	}
	assert_int_equal(hawk_decoder_stats(d).chains_dropped, 40 - 16);
	for (uint32_t tid = 40; tid > 40 - 16; tid--) {
		rec.header.tid = tid;
		assert_int_equal(decode(&rec), 0);
		assert_bytes("argv", "a\0b", 4);
	}
	rec.header.tid = 1;
	assert_int_equal(decode(&rec), 0);
	assert_int_equal(value("argv")->flags, HAWK_VAL_TRUNCATED);
}

static void broken_links(void **state)
{
	test_record_init(&rec, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_chain(&link_rec, &rec, "argv", HAWK_LONG_BYTES - 1, "ab", 2);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_chain(&link_rec, &rec, "argv", UINT32_MAX, "ab", 2);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_chain(&link_rec, &rec, "argv", 0, "", 0);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_chain(&link_rec, &rec, "pathname", 0, "a", 2);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_chain(&link_rec, &rec, "argv", 0, "a", 2);
	test_record_number(&link_rec, "field", 99);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_chain(&link_rec, &rec, "argv", 0, "a", 2);
	test_record_number(&link_rec, "for_event", HAWK_EV_CHAIN);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_number(&link_rec, "for_event", UINT32_MAX);
	assert_int_equal(decode(&link_rec), -EBADMSG);
	test_record_number(&link_rec, "for_event", 65536 + HAWK_EV_SCHED_PROCESS_EXEC);
	assert_int_equal(decode(&link_rec), -EBADMSG);
}

/* More bytes came than the field is said to have had. */
static void chain_longer_than_the_field(void **state)
{
	test_record_init(&rec, HAWK_EV_SYS_execve);
	test_record_bytes(&rec, "argv", "a", 2);
	test_record_chain(&link_rec, &rec, "argv", 2, "b", 2);
	assert_int_equal(decode(&link_rec), 1);
	assert_int_equal(decode(&rec), -EBADMSG);
	test_record_bytes(&rec, "argv", "a", 2);
	assert_int_equal(decode(&rec), 0);
	assert_bytes("argv", "a", 2);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, decoding_setup, decoding_teardown)
	const struct CMUnitTest tests[] = {
		T(chain_is_joined), T(chain_cut_at_the_limit), T(missing_links), T(chains_do_not_mix),
		T(too_many_chains), T(broken_links), T(chain_longer_than_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
