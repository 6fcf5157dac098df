/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_RECORD_H
#define HAWK_TESTS_RECORD_H
/*
 * Makes raw records for tests, of any event, from the names of its fields:
 *
 *	struct test_record r;
 *	test_record_init(&r, HAWK_EV_FILE_OPEN);
 *	test_record_number(&r, "flags", O_RDWR);
 *	test_record_path(&r, "pathname", "/etc/passwd");
 *	n = hawk_decode(d, test_record_raw(&r), test_record_size(&r), &event);
 *
 * Fixed fields begin as 0, variable ones as absent. A mistake in the test
 * (no such field, wrong type) aborts.
 */
#include "src/event/event.h"

#define TEST_RECORD_VARS 16

struct test_record {
	struct hawk_abi_rec header; /* filled with defaults; change what the test needs */
	const struct hawk_event_desc *desc;
	uint8_t fixed[1024];
	struct hawk_abi_var var[TEST_RECORD_VARS];
	uint8_t tail[TEST_RECORD_VARS][HAWK_PATH_BYTES];
	size_t padding; /* zero bytes to put behind the tail */
	uint64_t raw[(HAWK_RECORD_MAX + 8 * HAWK_CHUNK_BYTES) / sizeof(uint64_t)];
};

/* Starts a record: boot time 1 s, pid and tid 100, start 5, cgroup 7, comm "test". */
void test_record_init(struct test_record *r, uint16_t event);
/* Sets a number (cut to the type of the field), a variable field, an address or the facts of a task. */
void test_record_number(struct test_record *r, const char *field, uint64_t value);
void test_record_bytes(struct test_record *r, const char *field, const void *bytes, size_t len);
void test_record_text(struct test_record *r, const char *field, const char *text);
void test_record_ip(struct test_record *r, const char *field, const char *text);
void test_record_task(struct test_record *r, const struct hawk_abi_task *task);
/* Sets a path ("/", "/usr/bin/ls"): its components go leaf first. */
void test_record_path(struct test_record *r, const char *field, const char *path);
/* Sets a list from strings, the last one followed by NULL. */
void test_record_strv(struct test_record *r, const char *field, const char *const *strings);
/* Changes .info of a variable field, which is else the length (0 for a path). */
void test_record_info(struct test_record *r, const char *field, uint32_t info);

/* The record as it would lie in a ring, 8-byte aligned, owned by R until it is changed; and its size. */
const void *test_record_raw(struct test_record *r);
size_t test_record_size(const struct test_record *r);

/* Makes R the link of FIELD of OWNER that has LEN bytes at OFFSET; time and tid as in OWNER. */
void test_record_chain(struct test_record *r, const struct test_record *owner, const char *field,
		       uint32_t offset, const void *bytes, size_t len);

#endif
