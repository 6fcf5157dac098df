/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The examples of the standards, whole and in pieces. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/package/digest.h"

static void want(enum hawk_digest_kind kind, const char *text, size_t times, size_t piece, const char *hex)
{
	uint8_t wanted[HAWK_DIGEST_MAX], is[HAWK_DIGEST_MAX];
	struct hawk_digest d;

	assert_int_equal(hawk_digest_parse(kind, hex, strlen(hex), wanted), 0);
	hawk_digest_begin(&d, kind);
	for (size_t i = 0; i < times; i++)
		for (size_t at = 0, len = strlen(text); at < len; at += piece)
			hawk_digest_add(&d, text + at, len - at < piece ? len - at : piece);
	hawk_digest_end(&d, is);
	assert_memory_equal(is, wanted, hawk_digest_size(kind));
}

static void test_md5(void **state)
{
	(void)state;
	want(HAWK_DIGEST_MD5, "", 1, 1, "d41d8cd98f00b204e9800998ecf8427e");
	want(HAWK_DIGEST_MD5, "abc", 1, 3, "900150983CD24FB0D6963F7D28E17F72");
	want(HAWK_DIGEST_MD5, "message digest", 1, 5, "f96b697d7cb7938d525a2f31aaf161d0");
	want(HAWK_DIGEST_MD5, "1234567890", 8, 7, "57edf4a22be3c955ac49da2e2107b67a");
}

static void test_sha256(void **state)
{
	(void)state;
	want(HAWK_DIGEST_SHA256, "", 1, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	want(HAWK_DIGEST_SHA256, "abc", 1, 2, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	want(HAWK_DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, 64,
	     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	want(HAWK_DIGEST_SHA256, "aaaaaaaaaaaaaaaaaaaaaaaaa", 40000, 25,
	     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_parse(void **state)
{
	uint8_t is[HAWK_DIGEST_MAX];

	(void)state;
	assert_int_equal(hawk_digest_parse(HAWK_DIGEST_MD5, "d41d8cd98f00b204e9800998ecf8427", 31, is), -EBADMSG);
	assert_int_equal(hawk_digest_parse(HAWK_DIGEST_MD5, "d41d8cd98f00b204e9800998ecf8427g", 32, is), -EBADMSG);
	assert_int_equal(hawk_digest_parse(HAWK_DIGEST_NONE, "", 0, is), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
