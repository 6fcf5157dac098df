/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_NET_IP_H
#define HAWK_NET_IP_H
/*
 * The headers of a packet: IPv4 (RFC 791) or IPv6 (RFC 8200) with extension
 * headers, then TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792) or ICMPv6
 * (RFC 4443). Pure. Packets are hostile, and may be cut.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_net_v4 {
	uint16_t length, id, fragment_offset, flags, checksum; /* offset in bytes; flags: HAWK_T_IP_FLAGS */
	uint8_t ihl, tos, ttl, protocol;
};

struct hawk_net_v6 {
	uint32_t flow_label;
	uint16_t length, fragment_offset;
	uint8_t traffic_class, next_header, hop_limit;
	uint8_t extensions; /* headers walked */
	bool fragment;
};

struct hawk_net_tcp {
	uint32_t seq, ack;
	uint16_t flags, window, checksum, urgent, header_len;
};

struct hawk_net_udp {
	uint16_t length, checksum;
};

struct hawk_net_icmp {
	uint8_t type, code;
	uint16_t checksum, id, seq; /* id and seq of echo messages only */
};

enum hawk_net_transport {
	HAWK_NET_NONE, /* another protocol, cut off, or a fragment after the first */
	HAWK_NET_TCP,
	HAWK_NET_UDP,
	HAWK_NET_ICMP,
	HAWK_NET_ICMPV6,
};

struct hawk_net_packet {
	uint8_t src[16], dst[16]; /* IPv4 as v4-mapped IPv6 */
	uint8_t version;          /* 4 or 6 */
	uint8_t protocol;         /* behind all extension headers */
	bool later_fragment;      /* has no transport header */
	union {
		struct hawk_net_v4 v4;
		struct hawk_net_v6 v6;
	};
	enum hawk_net_transport transport;
	uint16_t src_port, dst_port; /* TCP and UDP */
	union {
		struct hawk_net_tcp tcp;
		struct hawk_net_udp udp;
		struct hawk_net_icmp icmp;
	};
	const uint8_t *payload; /* what the transport carries: into DATA */
	size_t payload_len;     /* of that, what is there */
	size_t payload_full;    /* what the packet had before it was cut */
};

/*
 * Parses the headers at DATA, of which LEN bytes are there of a packet of FULL
 * bytes (a segment that the card splits has more than its header can say).
 * Returns 0; -EBADMSG when it is no IP packet, or its lengths contradict each
 * other. A header that is cut off leaves .transport at HAWK_NET_NONE.
 */
int hawk_net_parse(struct hawk_net_packet *p, const uint8_t *data, size_t len, size_t full);

/* Numbers in network byte order, unaligned. */
static inline uint16_t hawk_net_16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t hawk_net_32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
