/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/decode/decoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct hawk_decoder *d;
struct test_record rec, link_rec;
struct hawk_event event;

int decoding_setup(void **state)
{
	memset(&event, 0xa5, sizeof(event));
	return hawk_decoder_new(&d, BOOT_OFFSET);
}

int decoding_teardown(void **state)
{
	d = hawk_decoder_free(d);
	return 0;
}

int decode_bytes(const void *raw, size_t len)
{
	static uint64_t *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, raw, len);
	return hawk_decode(d, copy, len, &event);
}

int decode(struct test_record *r)
{
	const void *raw = test_record_raw(r);

	return decode_bytes(raw, test_record_size(r));
}

const struct hawk_value *value(const char *field)
{
	int i = hawk_event_field(event.desc, field);

	assert_true(i >= 0);
	return &event.data[i];
}

void assert_bytes(const char *field, const void *expected, size_t len)
{
	assert_int_equal(value(field)->len, len);
	if (len)
		assert_memory_equal(value(field)->bytes, expected, len);
}
