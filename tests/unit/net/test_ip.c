/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/net/ip.h"
#include "tests/unit/net/samples.h"

#define PARSE(p, sample) assert_int_equal(hawk_net_parse(p, sample, sizeof(sample), sizeof(sample)), 0)

static void udp_over_v4(void **state)
{
	static const uint8_t src[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
	struct hawk_net_packet p;

	(void)state;
	PARSE(&p, sample_udp4);
	assert_int_equal(p.version, 4);
	assert_memory_equal(p.src, src, 16);
	assert_int_equal(p.transport, HAWK_NET_UDP);
	assert_int_equal(p.src_port, 40000);
	assert_int_equal(p.dst_port, 53);
	assert_int_equal(p.v4.flags, 2);
	assert_int_equal(p.v4.ttl, 64);
	assert_int_equal(p.udp.checksum, 0xabcd);
	assert_int_equal(p.payload_len, sizeof(sample_query));
	assert_memory_equal(p.payload, sample_query, sizeof(sample_query));
}

static void tcp_with_options(void **state)
{
	struct hawk_net_packet p;

	(void)state;
	PARSE(&p, sample_tcp4);
	assert_int_equal(p.transport, HAWK_NET_TCP);
	assert_int_equal(p.tcp.seq, 1000);
	assert_int_equal(p.tcp.ack, 7);
	assert_int_equal(p.tcp.header_len, 32);
	assert_int_equal(p.tcp.flags, 0x18);
	assert_int_equal(p.payload_len, sizeof(sample_hello));
	assert_int_equal(p.payload_full, sizeof(sample_hello));
}

static void extension_headers(void **state)
{
	struct hawk_net_packet p;

	(void)state;
	PARSE(&p, sample_ext6);
	assert_int_equal(p.v6.extensions, 2);
	assert_int_equal(p.v6.next_header, 0);
	assert_int_equal(p.protocol, 17);
	assert_int_equal(p.v6.flow_label, 0x12345);
	assert_int_equal(p.dst_port, 2);
	assert_memory_equal(p.payload, "hi", 2);
	PARSE(&p, sample_ah6);
	assert_int_equal(p.v6.extensions, 1);
	assert_int_equal(p.transport, HAWK_NET_TCP);
	assert_int_equal(p.tcp.flags, 2);
}

static void fragments(void **state)
{
	struct hawk_net_packet p;

	(void)state;
	PARSE(&p, sample_frag4);
	assert_true(p.later_fragment);
	assert_int_equal(p.v4.fragment_offset, 24);
	assert_int_equal(p.v4.flags, 1);
	assert_int_equal(p.transport, HAWK_NET_NONE);
	PARSE(&p, sample_frag6);
	assert_true(p.later_fragment);
	assert_true(p.v6.fragment);
	assert_int_equal(p.v6.fragment_offset, 8);
	assert_int_equal(p.protocol, 17);
	assert_int_equal(p.transport, HAWK_NET_NONE);
}

/* A first fragment has the header of its transport, whose length is that of the whole datagram. */
static void first_fragment(void **state)
{
	uint8_t bytes[sizeof(sample_udp4)];
	struct hawk_net_packet p;

	(void)state;
	memcpy(bytes, sample_udp4, sizeof(bytes));
	bytes[24] = 0x10; /* 4 KiB */
	assert_int_equal(hawk_net_parse(&p, bytes, sizeof(bytes), sizeof(bytes)), -EBADMSG);
	bytes[6] = 0x20; /* MF */
	assert_int_equal(hawk_net_parse(&p, bytes, sizeof(bytes), sizeof(bytes)), 0);
	assert_int_equal(p.transport, HAWK_NET_UDP);
	assert_int_equal(p.payload_len, sizeof(sample_query));
	assert_true(p.payload_full > 4096);
}

static void echoes(void **state)
{
	struct hawk_net_packet p;

	(void)state;
	PARSE(&p, sample_icmp4);
	assert_int_equal(p.transport, HAWK_NET_ICMP);
	assert_int_equal(p.icmp.type, 8);
	assert_int_equal(p.icmp.id, 0x5ec);
	assert_int_equal(p.icmp.seq, 7);
	PARSE(&p, sample_icmp6);
	assert_int_equal(p.transport, HAWK_NET_ICMPV6);
	assert_int_equal(p.icmp.type, 128);
	assert_int_equal(p.icmp.seq, 8);
}

/* However short the copy is, only what is there is read; what was cut is known. */
static void cut_packets(void **state)
{
	struct hawk_net_packet p;

	(void)state;
	for (size_t n = 0; n <= sizeof(sample_tcp4); n++) {
		uint8_t *copy = malloc(n ? n : 1); /* of its own length, for the sanitizer */
		int r;

		memcpy(copy, sample_tcp4, n);
		r = hawk_net_parse(&p, copy, n, sizeof(sample_tcp4));
		assert_int_equal(r, n < 20 ? -EBADMSG : 0);
		if (n >= 20 && n < 40)
			assert_int_equal(p.transport, HAWK_NET_NONE);
		if (n >= 40)
			assert_int_equal(p.payload_len, n > 52 ? n - 52 : 0);
		if (n >= 40)
			assert_int_equal(p.payload_full, sizeof(sample_hello));
		free(copy);
	}
}

static void lies(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {
		{ 0, 0x55 }, /* version 5 */
		{ 0, 0x44 }, /* a header of 16 bytes */
		{ 2, 0xff }, /* longer than the packet */
		{ 25, 0xff }, /* a datagram longer than the packet */
		{ 25, 4 },   /* shorter than its header */
	};
	uint8_t bytes[sizeof(sample_udp4)];
	struct hawk_net_packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(bytes, sample_udp4, sizeof(bytes));
		bytes[wrong[i].at] = wrong[i].value;
		assert_int_equal(hawk_net_parse(&p, bytes, sizeof(bytes), sizeof(bytes)), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_over_v4),
		cmocka_unit_test(tcp_with_options),
		cmocka_unit_test(extension_headers),
		cmocka_unit_test(fragments),
		cmocka_unit_test(first_fragment),
		cmocka_unit_test(echoes),
		cmocka_unit_test(cut_packets),
		cmocka_unit_test(lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
