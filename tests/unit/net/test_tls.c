/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/net/tls.h"
#include "tests/unit/net/samples.h"

static void real_hello(void **state)
{
	struct hawk_tls_hello h;

	(void)state;
	assert_int_equal(hawk_tls_need(sample_hello, sizeof(sample_hello)), sizeof(sample_hello));
	assert_int_equal(hawk_tls_parse(&h, sample_hello, sizeof(sample_hello)), 0);
	assert_int_equal(h.version, 0x0304);
	assert_int_equal(h.server_name_len, strlen("www.example.com"));
	assert_memory_equal(h.server_name, "www.example.com", h.server_name_len);
	assert_int_equal(h.n_alpn, 2);
	assert_memory_equal(h.alpn[0].name, "h2", 2);
	assert_memory_equal(h.alpn[1].name, "http/1.1", 8);
	assert_true(h.ciphers > 10);
}

static void cut_hellos(void **state)
{
	struct hawk_tls_hello h;

	(void)state;
	for (size_t n = 0; n < sizeof(sample_hello); n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, sample_hello, n);
		assert_int_equal(hawk_tls_need(copy, n), n < 6 ? -EAGAIN : (long)sizeof(sample_hello));
		assert_int_equal(hawk_tls_parse(&h, copy, n), -EBADMSG);
		free(copy);
	}
}

/* Every length in it, made larger and smaller: refused or read, always within the bytes. */
static void lengths(void **state)
{
	uint8_t *copy = malloc(sizeof(sample_hello));
	struct hawk_tls_hello h;
	size_t refused = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(sample_hello); at++) {
		memcpy(copy, sample_hello, sizeof(sample_hello));
		copy[at] = 0xff;
		refused += hawk_tls_parse(&h, copy, sizeof(sample_hello)) < 0;
		copy[at] = 0;
		refused += hawk_tls_parse(&h, copy, sizeof(sample_hello)) < 0;
	}
	assert_true(refused > 10);
	free(copy);
}

static void not_hellos(void **state)
{
	static const uint8_t data[] = { 23, 3, 3, 0, 4, 1 }, alert[] = { 22, 3, 3, 0, 4, 2 }, short_[] = { 22, 3, 1, 0, 3, 1 };
	static const uint8_t large[] = { 22, 3, 1, 0x40, 1, 1 }, first[] = { 23 }, second[] = { 22, 4 };

	(void)state;
	assert_int_equal(hawk_tls_need(data, sizeof(data)), -EBADMSG);
	assert_int_equal(hawk_tls_need(alert, sizeof(alert)), -EBADMSG);
	assert_int_equal(hawk_tls_need(short_, sizeof(short_)), -EBADMSG);
	assert_int_equal(hawk_tls_need(large, sizeof(large)), -EBADMSG);
	assert_int_equal(hawk_tls_need(first, sizeof(first)), -EBADMSG);
	assert_int_equal(hawk_tls_need(second, sizeof(second)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_hello),
		cmocka_unit_test(cut_hellos),
		cmocka_unit_test(lengths),
		cmocka_unit_test(not_hellos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
