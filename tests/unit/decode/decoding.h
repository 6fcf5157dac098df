/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_DECODING_H
#define HAWK_TESTS_DECODING_H
/* A decoder, records for it, and the event that came out last. */
#include "src/decode/decode.h"
#include "tests/lib/record.h"

#define BOOT_OFFSET 1700000000000000000LL

extern struct hawk_decoder *d;
extern struct test_record rec, link_rec;
extern struct hawk_event event;

int decoding_setup(void **state);
int decoding_teardown(void **state);
/* Decodes a copy that ends where its memory ends, so that reading on is seen by the sanitizer. */
int decode_bytes(const void *raw, size_t len);
int decode(struct test_record *r);
/* A field of the event by name; it must have it. */
const struct hawk_value *value(const char *field);
void assert_bytes(const char *field, const void *expected, size_t len);
#define assert_text(field, text) assert_bytes(field, text, strlen(text))

#endif
