/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/net/ip.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define V6_HEAD 40
#define EXTENSIONS_MAX 16 /* RFC 8200 4.1 knows seven, each once, one twice */

/* What is being parsed: the bytes that are there, and where the packet ends by its own account. */
struct input {
	const uint8_t *data;
	size_t len, end;
};

static void put_v4(uint8_t ip[16], const uint8_t *p)
{
	memset(ip, 0, 10);
	memset(ip + 10, 0xff, 2);
	memcpy(ip + 12, p, 4);
}

/*
 * The length in the header; 0 in it: the card splits this (BIG TCP, or a GSO packet before
 * its header is made).
 */
static int find_end(struct input *in, size_t head, size_t told, size_t full)
{
	in->end = told ? told : full;
	if (in->end < head || in->end > full)
		return -EBADMSG;
	return 0;
}

static int parse_v4(struct hawk_net_packet *p, struct input *in, size_t full, size_t *ret_at)
{
	const uint8_t *d = in->data;
	uint16_t fragment;
	size_t head;

	if (in->len < 20)
		return -EBADMSG;
	head = (d[0] & 15) * 4U;
	if (head < 20)
		return -EBADMSG;
	fragment = hawk_net_16(d + 6);
	p->v4 = (struct hawk_net_v4){
		.length = hawk_net_16(d + 2),
		.id = hawk_net_16(d + 4),
		.fragment_offset = (uint16_t)((fragment & 0x1fff) * 8),
		.flags = fragment >> 13,
		.checksum = hawk_net_16(d + 10),
		.ihl = d[0] & 15,
		.tos = d[1],
		.ttl = d[8],
		.protocol = d[9],
	};
	p->protocol = d[9];
	p->later_fragment = fragment & 0x1fff;
	put_v4(p->src, d + 12);
	put_v4(p->dst, d + 16);
	*ret_at = head;
	return find_end(in, head, p->v4.length, full);
}

/* Length of the extension header KIND at E, of which 8 bytes are there; 0: it is none. */
static size_t extension_len(uint8_t kind, const uint8_t *e)
{
	switch (kind) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case 135: /* mobility, RFC 6275 */
		return (e[1] + 1U) * 8;
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH: /* RFC 4302 2.2 */
		return (e[1] + 2U) * 4;
	default:
		return 0;
	}
}

static void see_fragment(struct hawk_net_packet *p, const uint8_t *e)
{
	p->v6.fragment = true;
	p->v6.fragment_offset = hawk_net_16(e + 2) & 0xfff8;
	p->later_fragment |= p->v6.fragment_offset != 0;
}

/* Walks the extension headers. Where the bytes end, *AT is behind them. */
static int walk_v6(struct hawk_net_packet *p, const struct input *in, size_t *at)
{
	while (*at + 8 <= in->len) {
		const uint8_t *e = in->data + *at;
		size_t n = extension_len(p->protocol, e);

		if (n == 0)
			return 0;
		if (p->v6.extensions == EXTENSIONS_MAX || n > in->end - *at)
			return -EBADMSG;
		if (p->protocol == IPPROTO_FRAGMENT)
			see_fragment(p, e);
		p->v6.extensions++;
		p->protocol = e[0];
		*at += n;
		if (p->later_fragment)
			return 0; /* what follows is not the header that it names */
	}
	return 0;
}

static int parse_v6(struct hawk_net_packet *p, struct input *in, size_t full, size_t *ret_at)
{
	const uint8_t *d = in->data;
	uint16_t length;
	int r;

	if (in->len < V6_HEAD)
		return -EBADMSG;
	length = hawk_net_16(d + 4);
	p->v6 = (struct hawk_net_v6){
		.flow_label = hawk_net_32(d) & 0xfffff,
		.length = length,
		.traffic_class = (uint8_t)(hawk_net_16(d) >> 4),
		.next_header = d[6],
		.hop_limit = d[7],
	};
	p->protocol = d[6];
	memcpy(p->src, d + 8, 16);
	memcpy(p->dst, d + 24, 16);
	*ret_at = V6_HEAD;
	r = find_end(in, V6_HEAD, length ? V6_HEAD + length : 0, full);
	return r < 0 ? r : walk_v6(p, in, ret_at);
}

/* The bytes from AT on are the payload. */
static void set_payload(struct hawk_net_packet *p, const struct input *in, size_t at)
{
	size_t there = in->len < in->end ? in->len : in->end;

	p->payload = in->data + (at < there ? at : there);
	p->payload_len = at < there ? there - at : 0;
	p->payload_full = at < in->end ? in->end - at : 0;
}

static int parse_tcp(struct hawk_net_packet *p, const struct input *in, size_t at)
{
	const uint8_t *d = in->data + at;
	size_t head;

	if (in->end - at < 20)
		return -EBADMSG;
	if (in->len < at + 20)
		return 0;
	head = (d[12] >> 4) * 4U;
	if (head < 20 || head > in->end - at)
		return -EBADMSG;
	p->transport = HAWK_NET_TCP;
	p->src_port = hawk_net_16(d);
	p->dst_port = hawk_net_16(d + 2);
	p->tcp = (struct hawk_net_tcp){
		.seq = hawk_net_32(d + 4),
		.ack = hawk_net_32(d + 8),
		.header_len = (uint16_t)head,
		.flags = hawk_net_16(d + 12) & 0x1ff,
		.window = hawk_net_16(d + 14),
		.checksum = hawk_net_16(d + 16),
		.urgent = hawk_net_16(d + 18),
	};
	set_payload(p, in, at + head);
	return 0;
}

static int parse_udp(struct hawk_net_packet *p, struct input *in, size_t at)
{
	const uint8_t *d = in->data + at;
	uint16_t length;
	bool first;

	if (in->end - at < 8)
		return -EBADMSG;
	if (in->len < at + 8)
		return 0;
	length = hawk_net_16(d + 4);
	/* a first fragment tells the length of the whole; 0 is that of a jumbogram */
	first = p->version == 4 ? p->v4.flags & 1 : p->v6.fragment;
	if (length && (length < 8 || (length > in->end - at && !first)))
		return -EBADMSG;
	p->transport = HAWK_NET_UDP;
	p->src_port = hawk_net_16(d);
	p->dst_port = hawk_net_16(d + 2);
	p->udp = (struct hawk_net_udp){ length, hawk_net_16(d + 6) };
	if (length && length < in->end - at)
		in->end = at + length; /* what is behind it is not of the datagram */
	set_payload(p, in, at + 8);
	if (length)
		p->payload_full = length - 8U;
	return 0;
}

static int parse_icmp(struct hawk_net_packet *p, const struct input *in, size_t at)
{
	const uint8_t *d = in->data + at;
	bool v6 = p->protocol == IPPROTO_ICMPV6, echo;

	if (in->end - at < 4)
		return -EBADMSG;
	if (in->len < at + 4)
		return 0;
	p->transport = v6 ? HAWK_NET_ICMPV6 : HAWK_NET_ICMP;
	p->icmp = (struct hawk_net_icmp){ .type = d[0], .code = d[1], .checksum = hawk_net_16(d + 2) };
	echo = v6 ? d[0] == 128 || d[0] == 129 : d[0] == 0 || d[0] == 8;
	if (echo && in->len >= at + 8) {
		p->icmp.id = hawk_net_16(d + 4);
		p->icmp.seq = hawk_net_16(d + 6);
	}
	set_payload(p, in, at + 4);
	return 0;
}

int hawk_net_parse(struct hawk_net_packet *p, const uint8_t *data, size_t len, size_t full)
{
	struct input in = { data, len, 0 };
	size_t at;
	int r;

	memset(p, 0, sizeof(*p));
	if (len == 0 || len > full)
		return -EBADMSG;
	p->version = data[0] >> 4;
	if (p->version != 4 && p->version != 6)
		return -EBADMSG;
	r = p->version == 4 ? parse_v4(p, &in, full, &at) : parse_v6(p, &in, full, &at);
	if (r < 0)
		return r;
	set_payload(p, &in, at);
	if (p->later_fragment || at > in.end)
		return at > in.end ? -EBADMSG : 0;
	if (p->protocol == IPPROTO_TCP)
		return parse_tcp(p, &in, at);
	if (p->protocol == IPPROTO_UDP)
		return parse_udp(p, &in, at);
	if (p->protocol == (p->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return parse_icmp(p, &in, at);
	return 0;
}
