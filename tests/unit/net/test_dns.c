/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/net/dns.h"
#include "tests/unit/net/samples.h"

static struct hawk_dns_record r;

static void header(void **state)
{
	struct hawk_dns d;

	(void)state;
	assert_int_equal(hawk_dns_parse(&d, sample_answer, sizeof(sample_answer)), 0);
	assert_int_equal(d.id, 0x1234);
	assert_int_equal(d.flags, 0x8180);
	assert_int_equal(d.opcode, 0);
	assert_int_equal(d.count[1], 3);
	assert_int_equal(hawk_dns_parse(&d, sample_answer, 11), -EBADMSG);
}

static void expect_record(struct hawk_dns *d, const char *name, uint16_t type, const char *data)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	assert_int_equal(hawk_dns_next(d, &r), 1);
	assert_string_equal(r.name, name);
	assert_int_equal(r.type, type);
	if (data) {
		hawk_dns_put_data(d, &r, &out);
		assert_string_equal(hawk_buf_str(&out), data);
	}
	hawk_buf_done(&out);
}

static void every_record(void **state)
{
	struct hawk_dns d;

	(void)state;
	assert_int_equal(hawk_dns_parse(&d, sample_answer, sizeof(sample_answer)), 0);
	expect_record(&d, "www.example.com", HAWK_DNS_A, NULL);
	assert_int_equal(r.section, HAWK_DNS_QUESTION);
	expect_record(&d, "www.example.com", HAWK_DNS_CNAME, "cdn.example.com");
	assert_int_equal(r.ttl, 60);
	expect_record(&d, "cdn.example.com", HAWK_DNS_A, "192.0.2.7");
	expect_record(&d, "cdn.example.com", HAWK_DNS_AAAA, "2001:db8::9");
	expect_record(&d, "example.com", HAWK_DNS_NS, "ns.example.com");
	assert_int_equal(r.section, HAWK_DNS_AUTHORITY);
	expect_record(&d, "example.com", HAWK_DNS_SOA, "ns.example.com admin.example.org 1 2 3 4 5");
	expect_record(&d, "example.com", HAWK_DNS_MX, "5 mx.example.com");
	expect_record(&d, "example.com", HAWK_DNS_TXT, "\"a\\\"b\\\\c\" \"\\000\\255x\"");
	expect_record(&d, "_ldap._tcp.example.com", HAWK_DNS_SRV, "1 2 389 ldap.example.com");
	expect_record(&d, "www.example.com", HAWK_DNS_HTTPS, "1 .");
	expect_record(&d, "example.com", HAWK_DNS_PTR, "ptr.example.com");
	expect_record(&d, "example.com", 99, "\\# 2 0102");
	expect_record(&d, "example.com", HAWK_DNS_A, "\\# 3 010203"); /* not an address */
	assert_int_equal(hawk_dns_next(&d, &r), 0);
	assert_int_equal(hawk_dns_next(&d, &r), 0);
}

/* At every length the walk ends, within the bytes that are there, and never with more records than before. */
static void cut_messages(void **state)
{
	size_t most = 0;

	(void)state;
	for (size_t n = 12; n < sizeof(sample_answer); n++) {
		uint8_t *copy = malloc(n);
		struct hawk_dns d;
		size_t count = 0;
		int e;

		memcpy(copy, sample_answer, n);
		assert_int_equal(hawk_dns_parse(&d, copy, n), 0);
		while ((e = hawk_dns_next(&d, &r)) > 0)
			count++;
		assert_int_equal(e, -EBADMSG);
		assert_true(count >= most);
		most = count;
		free(copy);
	}
	assert_int_equal(most, 12);
}

/* A message with one question, whose name is what is given. */
static int read_question(const uint8_t *name, size_t len)
{
	uint8_t msg[512] = { [5] = 1 };
	struct hawk_dns d;

	memcpy(msg + 12, name, len);
	msg[12 + len + 1] = msg[12 + len + 3] = 1;
	assert_int_equal(hawk_dns_parse(&d, msg, 12 + len + 4), 0);
	return hawk_dns_next(&d, &r);
}

static void names_as_text(void **state)
{
	static const uint8_t odd[] = { 4, 'a', '.', 'b', '\\', 3, 0, ' ', 0xff, 0 };

	(void)state;
	assert_int_equal(read_question(odd, sizeof(odd)), 1);
	assert_string_equal(r.name, "a\\.b\\\\.\\000\\032\\255");
}

static void compression_ends(void **state)
{
	static const uint8_t self[] = { 0xc0, 12 }, ahead[] = { 0xc0, 20 }, header_[] = { 0xc0, 2 };
	static const uint8_t back_into_itself[] = { 1, 'a', 0xc0, 12 }, reserved[] = { 0x40, 0 };

	(void)state;
	assert_int_equal(read_question(self, sizeof(self)), -EBADMSG);
	assert_int_equal(read_question(ahead, sizeof(ahead)), -EBADMSG);
	assert_int_equal(read_question(header_, sizeof(header_)), -EBADMSG);
	assert_int_equal(read_question(back_into_itself, sizeof(back_into_itself)), -EBADMSG);
	assert_int_equal(read_question(reserved, sizeof(reserved)), -EBADMSG);
}

static void long_names(void **state)
{
	uint8_t name[300];
	size_t at = 0;

	(void)state;
	/* three labels of 63 bytes and one of 61: 255 with the root */
	for (int i = 0; i < 4; i++) {
		name[at] = i < 3 ? 63 : 61;
		memset(name + at + 1, 1, name[at]);
		at += name[at] + 1U;
	}
	name[at] = 0;
	assert_int_equal(read_question(name, at + 1), 1);
	assert_int_equal(strlen(r.name), 4 * 250 + 3);
	name[at] = 1;
	name[at + 1] = 'x';
	name[at + 2] = 0;
	assert_int_equal(read_question(name, at + 3), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(every_record),
		cmocka_unit_test(cut_messages),
		cmocka_unit_test(names_as_text),
		cmocka_unit_test(compression_ends),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
