/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events about the headers of a packet. */
#include <string.h>

#include "src/derive/internal.h"

/* What all of them tell first, with the ports that most of them tell next. */
struct head {
#define FIELD(token, type, name, doc) hawk_abi_c_##type name;
	HAWK_PACKET_HEAD(none)
	HAWK_PACKET_PORTS(none)
#undef FIELD
};

void *hawk_make_packet(struct hawk_making *m, size_t size)
{
	struct head *h = hawk_make_begin(m, size);

	memcpy(&h->src, m->p.src, sizeof(h->src));
	memcpy(&h->dst, m->p.dst, sizeof(h->dst));
	h->cookie = m->meta.cookie;
	h->packet_len = m->meta.packet_len;
	h->ifindex = m->meta.ifindex;
	h->direction = m->meta.direction;
	h->owner = m->meta.owner;
	if (m->p.transport == HAWK_NET_TCP || m->p.transport == HAWK_NET_UDP) {
		h->src_port = m->p.src_port;
		h->dst_port = m->p.dst_port;
	}
	return h;
}

void hawk_make_NET_PACKET_RAW(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_RAW *e = HAWK_MAKE_PACKET(m, NET_PACKET_RAW);

	e->reserved = 0; /* no ports here */
	m->var[HAWK_VAR_NET_PACKET_RAW_data] = *m->data;
	hawk_make_end(m, HAWK_EV_NET_PACKET_RAW);
}

void hawk_make_NET_PACKET_IPV4(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_IPV4 *e;

	if (m->p.version != 4)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_IPV4);
	e->length = m->p.v4.length;
	e->id = m->p.v4.id;
	e->fragment_offset = m->p.v4.fragment_offset;
	e->flags = m->p.v4.flags;
	e->checksum = m->p.v4.checksum;
	e->ihl = m->p.v4.ihl;
	e->tos = m->p.v4.tos;
	e->ttl = m->p.v4.ttl;
	e->protocol = m->p.v4.protocol;
	hawk_make_end(m, HAWK_EV_NET_PACKET_IPV4);
}

void hawk_make_NET_PACKET_IPV6(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_IPV6 *e;

	if (m->p.version != 6)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_IPV6);
	e->length = m->p.v6.length;
	e->flow_label = m->p.v6.flow_label;
	e->fragment_offset = m->p.v6.fragment_offset;
	e->traffic_class = m->p.v6.traffic_class;
	e->next_header = m->p.v6.next_header;
	e->hop_limit = m->p.v6.hop_limit;
	e->protocol = m->p.protocol;
	e->fragment = m->p.v6.fragment;
	e->extensions = m->p.v6.extensions;
	hawk_make_end(m, HAWK_EV_NET_PACKET_IPV6);
}

void hawk_make_NET_PACKET_TCP(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_TCP *e;

	if (m->p.transport != HAWK_NET_TCP)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_TCP);
	e->window = m->p.tcp.window;
	e->seq = m->p.tcp.seq;
	e->ack = m->p.tcp.ack;
	e->payload_len = (uint32_t)m->p.payload_full;
	e->flags = m->p.tcp.flags;
	e->checksum = m->p.tcp.checksum;
	e->urgent = m->p.tcp.urgent;
	e->header_len = m->p.tcp.header_len;
	hawk_make_end(m, HAWK_EV_NET_PACKET_TCP);
}

void hawk_make_NET_PACKET_UDP(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_UDP *e;

	if (m->p.transport != HAWK_NET_UDP)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_UDP);
	e->length = m->p.udp.length;
	e->checksum = m->p.udp.checksum;
	hawk_make_end(m, HAWK_EV_NET_PACKET_UDP);
}

/* The same header, two protocols. */
#define MAKE_ICMP(version)                                           \
void hawk_make_NET_PACKET_##version(struct hawk_making *m)           \
{                                                                    \
	struct hawk_abi_NET_PACKET_##version *e;                     \
                                                                     \
	if (m->p.transport != HAWK_NET_##version)                    \
		return;                                              \
	e = HAWK_MAKE_PACKET(m, NET_PACKET_##version);               \
	e->checksum = m->p.icmp.checksum;                            \
	e->type = m->p.icmp.type;                                    \
	e->code = m->p.icmp.code;                                    \
	e->id = m->p.icmp.id;                                        \
	e->seq = m->p.icmp.seq;                                      \
	hawk_make_end(m, HAWK_EV_NET_PACKET_##version);              \
}
MAKE_ICMP(ICMP)
MAKE_ICMP(ICMPV6)
#undef MAKE_ICMP
