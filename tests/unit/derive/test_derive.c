/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From packets to events: what is made of which, across segments, and what is learnt. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/derive/derive.h"
#include "src/event/process.h"
#include "tests/unit/net/samples.h"

#define S 1000000000ULL
#define PACKET_MAX 4096

static struct hawk_derive *d;
static const struct hawk_process nobody;
static char made[1024];  /* names of the events */
static char value[1024]; /* of the field that is asked for */
static const char *asked;

static int setup(void **state)
{
	(void)state;
	return hawk_derive_new(&d);
}

static int teardown(void **state)
{
	(void)state;
	d = hawk_derive_free(d);
	return 0;
}

static void note(void *ctx, struct hawk_event *event)
{
	int i = asked ? hawk_event_field(event->desc, asked) : -1;

	assert_ptr_equal(event->process, &nobody);
	assert_int_equal(event->tgid, 7);
	strcat(made, event->desc->name);
	strcat(made, " ");
	if (i >= 0 && !(event->data[i].flags & HAWK_VAL_ABSENT))
		memcpy(value, event->data[i].bytes, event->data[i].len);
	*(int *)ctx += 1;
}

struct packet {
	uint64_t cookie;
	uint32_t classes;
	uint8_t direction;
	const uint8_t *data;
	uint32_t len;
};

static int play(const struct packet *p)
{
	struct hawk_event event = {
		.desc = hawk_event_by_id(HAWK_EV_NET_PACKET_BASE), .process = &nobody, .tgid = 7, .start = 9, .time = S,
	};
	const struct {
		const char *name;
		uint64_t u;
	} fields[] = {
		{ "cookie", p->cookie }, { "packet_len", p->len }, { "ifindex", 1 }, { "classes", p->classes },
		{ "direction", p->direction }, { "owner", HAWK_OWNER_SOCKET },
	};
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		event.data[hawk_event_field(event.desc, fields[i].name)] = (struct hawk_value){ .u = fields[i].u };
	event.data[hawk_event_field(event.desc, "data")] =
		(struct hawk_value){ .bytes = p->data, .len = p->len, .full = p->len };
	made[0] = '\0';
	memset(value, 0, sizeof(value));
	hawk_derive_event(d, &event, note, &n);
	return n;
}

/* The TCP sample with another payload. */
static int segment(uint64_t cookie, uint32_t classes, uint32_t seq, const void *data, size_t len)
{
	uint8_t packet[PACKET_MAX];
	struct packet p = { cookie, classes, HAWK_EGRESS, packet, (uint32_t)(52 + len) };

	memcpy(packet, sample_tcp4, 52);
	packet[2] = (uint8_t)(p.len >> 8);
	packet[3] = (uint8_t)p.len;
	for (int i = 0; i < 4; i++)
		packet[24 + i] = (uint8_t)(seq >> (24 - 8 * i));
	memcpy(packet + 52, data, len);
	return play(&p);
}

/* The UDP sample with another payload. */
static int datagram(uint64_t cookie, uint8_t direction, const void *data, size_t len)
{
	uint8_t packet[PACKET_MAX];
	struct packet p = { cookie, HAWK_PKT_DNS, direction, packet, (uint32_t)(28 + len) };

	memcpy(packet, sample_udp4, 28);
	packet[2] = (uint8_t)(p.len >> 8);
	packet[3] = (uint8_t)p.len;
	packet[24] = (uint8_t)((len + 8) >> 8);
	packet[25] = (uint8_t)(len + 8);
	memcpy(packet + 28, data, len);
	return play(&p);
}

static void headers_of_a_class(void **state)
{
	struct packet p = { 1, HAWK_PKT_IPV4 | HAWK_PKT_UDP | HAWK_PKT_ALL, 0, sample_udp4, sizeof(sample_udp4) };

	(void)state;
	assert_int_equal(play(&p), 3);
	assert_string_equal(made, "net_packet_raw net_packet_ipv4 net_packet_udp ");
	p.classes = HAWK_PKT_TCP; /* a class that the packet is not of */
	assert_int_equal(play(&p), 0);
	p.data = sample_ext6;
	p.len = sizeof(sample_ext6);
	p.classes = HAWK_PKT_IPV6;
	assert_int_equal(play(&p), 1);
	p.len = 30;
	assert_int_equal(play(&p), 0);
	assert_int_equal(hawk_derive_stats(d).malformed, 1);
	assert_int_equal(hawk_derive_stats(d).packets, 4);
}

static void only_what_is_wanted(void **state)
{
	uint64_t bits[16] = { 0 };
	const struct hawk_event_desc *const *descs;
	size_t n;

	(void)state;
	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		if (descs[row]->id == HAWK_EV_NET_PACKET_DNS)
			bits[row / 64] |= 1ULL << row % 64;
	hawk_derive_set_wanted(d, bits);
	assert_int_equal(datagram(1, HAWK_EGRESS, sample_query, sizeof(sample_query)), 1);
	assert_string_equal(made, "net_packet_dns ");
}

static void dns_messages(void **state)
{
	(void)state;
	asked = "query";
	assert_int_equal(datagram(1, HAWK_EGRESS, sample_query, sizeof(sample_query)), 2);
	assert_string_equal(made, "net_packet_dns net_packet_dns_request ");
	assert_string_equal(value, "www.example.com");
	asked = "addresses";
	assert_int_equal(datagram(1, HAWK_INGRESS, sample_answer, sizeof(sample_answer)), 2);
	assert_string_equal(made, "net_packet_dns net_packet_dns_response ");
	assert_memory_equal(value, "192.0.2.7\0002001:db8::9\0", 22);
	asked = NULL;
	assert_int_equal(datagram(1, HAWK_INGRESS, "x", 1), 0);
}

static size_t cached(uint8_t host, struct hawk_buf *out)
{
	uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, host };

	hawk_buf_reset(out);
	return hawk_dnscache_names(hawk_derive_dns(d), ip, 2 * S, out);
}

static void only_what_was_asked_is_believed(void **state)
{
	uint8_t other[sizeof(sample_answer)];
	struct hawk_buf out = HAWK_BUF_INIT;

	(void)state;
	memcpy(other, sample_answer, sizeof(other));
	other[0] = 0x77; /* another number */
	datagram(1, HAWK_INGRESS, sample_answer, sizeof(sample_answer));
	assert_int_equal(cached(7, &out), 0); /* nobody asked */
	datagram(1, HAWK_EGRESS, sample_query, sizeof(sample_query));
	datagram(1, HAWK_INGRESS, other, sizeof(other));
	datagram(2, HAWK_INGRESS, sample_answer, sizeof(sample_answer));
	assert_int_equal(cached(7, &out), 0); /* not this; not on that socket */
	datagram(1, HAWK_INGRESS, sample_answer, sizeof(sample_answer));
	assert_int_equal(cached(7, &out), 1);
	assert_string_equal(out.data, "www.example.com"); /* what was asked for, behind the alias */
	hawk_buf_done(&out);
}

/* Both ends of a connection get the names that they have, each its own. */
static void names_of_both_ends(void **state)
{
	struct hawk_event event = { .desc = hawk_event_by_id(HAWK_EV_NET_FLOW_TCP_END), .process = &nobody, .time = 2 * S };
	const uint8_t here[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 }, there[16] = { [10] = 0xff, 0xff, 192, 0, 2, 2 };
	int src = hawk_event_field(event.desc, "src_dns"), dst = hawk_event_field(event.desc, "dst_dns"), n = 0;
	struct hawk_dns_answer a = { .name = "here.example", .ttl = 300, .now = S };

	(void)state;
	memcpy(a.ip, here, 16);
	hawk_dnscache_add(hawk_derive_dns(d), &a);
	event.data[hawk_event_field(event.desc, "src")] = (struct hawk_value){ .bytes = here, .len = 16 };
	event.data[hawk_event_field(event.desc, "dst")] = (struct hawk_value){ .bytes = there, .len = 16 };
	event.data[src].flags = event.data[dst].flags = HAWK_VAL_ABSENT;
	hawk_derive_event(d, &event, note, &n);
	assert_string_equal((const char *)event.data[src].bytes, "here.example");
	assert_true(event.data[dst].flags & HAWK_VAL_ABSENT);
	memcpy(a.ip, there, 16);
	a.name = "there.example";
	hawk_dnscache_add(hawk_derive_dns(d), &a);
	event.data[src].flags = HAWK_VAL_ABSENT;
	hawk_derive_event(d, &event, note, &n);
	assert_string_equal((const char *)event.data[src].bytes, "here.example");
	assert_string_equal((const char *)event.data[dst].bytes, "there.example");
	assert_int_equal(n, 0);
}

static void dns_over_tcp(void **state)
{
	uint8_t stream[2 * (sizeof(sample_query) + 2)];

	(void)state;
	for (int i = 0; i < 2; i++) {
		uint8_t *at = stream + i * (sizeof(sample_query) + 2);

		at[0] = 0;
		at[1] = sizeof(sample_query);
		memcpy(at + 2, sample_query, sizeof(sample_query));
	}
	assert_int_equal(segment(1, HAWK_PKT_DNS, 10, stream, 1), 0);
	assert_int_equal(segment(1, HAWK_PKT_DNS, 11, stream + 1, 20), 0);
	assert_int_equal(segment(1, HAWK_PKT_DNS, 31, stream + 21, sizeof(stream) - 21), 4);
	/* the next one begins where the last ended */
	assert_int_equal(segment(1, HAWK_PKT_DNS, 10 + sizeof(stream), stream, sizeof(sample_query) + 2), 2);
}

static void hello_in_pieces(void **state)
{
	const size_t n = sizeof(sample_hello);

	(void)state;
	asked = "server_name";
	assert_int_equal(segment(1, HAWK_PKT_TLS, 10, sample_hello, n), 1);
	assert_string_equal(value, "www.example.com");
	assert_int_equal(segment(2, HAWK_PKT_TLS, 10, sample_hello, 90), 0);
	assert_int_equal(segment(2, HAWK_PKT_TLS, 100, sample_hello + 90, n - 90), 1);
	assert_string_equal(value, "www.example.com");
	/* not the beginning of one: nothing is kept */
	assert_int_equal(segment(3, HAWK_PKT_TLS, 100, sample_hello + 90, n - 90), 0);
	assert_int_equal(hawk_derive_stats(d).streams.begun, 1);
	assert_int_equal(hawk_derive_stats(d).streams.done, 1);
	asked = NULL;
}

static void count(void *ctx, const struct hawk_target *target)
{
	assert_int_equal(target->pid, 7);
	assert_int_equal(target->port, 443);
	*(int *)ctx += target->kind == HAWK_TARGET_TLS ? 1 : 100;
}

static void targets_of_a_process(void **state)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
	int n = 0;

	(void)state;
	segment(1, HAWK_PKT_TLS, 10, sample_hello, sizeof(sample_hello));
	assert_int_equal(segment(2, HAWK_PKT_HTTP, 10, get, sizeof(get) - 1), 2);
	hawk_targets_each(hawk_derive_targets(d), 7, 9, count, &n);
	assert_int_equal(n, 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(headers_of_a_class, setup, teardown),
		cmocka_unit_test_setup_teardown(only_what_is_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(dns_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(only_what_was_asked_is_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_both_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(dns_over_tcp, setup, teardown),
		cmocka_unit_test_setup_teardown(hello_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(targets_of_a_process, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
