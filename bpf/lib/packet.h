/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets: which are wanted, whose they are, and their record. The headers are
 * read just as far as that needs; what a packet says is found out in the daemon.
 */
#ifndef HAWK_BPF_PACKET_H
#define HAWK_BPF_PACKET_H

#define PORT_DNS 53
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TLS_HANDSHAKE 22       /* RFC 8446 5.1 */
#define TLS_CLIENT_HELLO 1     /* RFC 8446 4 */
#define TLS_RECORD_HEAD 5
#define TLS_HELLO_MAX 16384    /* RFC 8446 5.1: the largest record */
#define EXTENSIONS_MAX 8       /* of IPv6, walked */
#define WORD4(a, b, c, d) ((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)
#define NTOHS(x) __builtin_bswap16(x)
#define NTOHL(x) __builtin_bswap32(x)

/* RFC 791, RFC 8200 as bytes in the packet. */
struct v4_head {
	__u8 ihl, tos;
	__be16 len, id, fragment;
	__u8 ttl, protocol;
	__be16 check;
	__be32 src, dst;
};
struct v6_head {
	__be32 flow;
	__be16 len;
	__u8 next, hops;
	struct hawk_abi_ip src, dst;
};
struct ports {
	__be16 src, dst;
};
/* From its fourth byte on: offset and flags are bytes 12 and 13. */
struct tcp_rest {
	__be32 seq, ack;
	__u8 offset, flags;
	__be16 window;
};

struct packet {
	__u32 l4;      /* offset of the transport header */
	__u32 payload; /* offset of what it carries */
	__u32 end;     /* of the packet as the IP header tells */
	__u32 seq;
	__u16 src_port, dst_port;
	__u8 protocol, flags;
	bool v6, later; /* later: a fragment without a transport header */
};

static __always_inline bool read_v4(struct __sk_buff *skb, struct packet *p)
{
	struct v4_head h;

	if (bpf_skb_load_bytes(skb, 0, &h, sizeof(h)))
		return false;
	p->l4 = (h.ihl & 15) * 4;
	p->protocol = h.protocol;
	p->later = NTOHS(h.fragment) & 0x1fff;
	return true;
}

/* RFC 8200 4: extension headers are walked up to a bound; what is behind it is told as a packet without transport. */
static __always_inline bool read_v6(struct __sk_buff *skb, struct packet *p)
{
	struct { __u8 next, len; __be16 offset; } ext;
	__u32 at = 40;
	__u8 next;

	p->v6 = true;
	if (bpf_skb_load_bytes(skb, 6, &next, 1))
		return false;
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		if (next != 0 && next != 43 && next != 44 && next != 51 && next != 60)
			break;
		if (bpf_skb_load_bytes(skb, at, &ext, sizeof(ext)))
			return false;
		if (next == 44) { /* fragment */
			p->later |= !!(NTOHS(ext.offset) & 0xfff8);
			at += 8;
		} else {
			at += next == 51 ? (ext.len + 2) * 4 : (ext.len + 1) * 8;
		}
		next = ext.next;
	}
	p->l4 = at;
	p->protocol = next;
	return true;
}

/* What the payload begins with, or is, matters for these, and for DNS over TCP. */
#define NEED_PAYLOAD (HAWK_PKT_HTTP | HAWK_PKT_TLS)

static __always_inline bool read_transport(struct __sk_buff *skb, struct packet *p, __u32 wanted)
{
	struct tcp_rest tcp;
	struct ports ports;

	if (p->later || (p->protocol != IPPROTO_TCP && p->protocol != IPPROTO_UDP))
		return true;
	if (bpf_skb_load_bytes(skb, p->l4, &ports, sizeof(ports)))
		return false;
	p->src_port = NTOHS(ports.src);
	p->dst_port = NTOHS(ports.dst);
	if (p->protocol == IPPROTO_UDP) {
		p->payload = p->l4 + 8;
		return true;
	}
	if (!(wanted & NEED_PAYLOAD) && p->src_port != PORT_DNS && p->dst_port != PORT_DNS)
		return true; /* most packets, while only DNS is wanted */
	if (bpf_skb_load_bytes(skb, p->l4 + 4, &tcp, sizeof(tcp)))
		return false;
	p->seq = NTOHL(tcp.seq);
	p->flags = tcp.flags;
	p->payload = p->l4 + (tcp.offset >> 4) * 4;
	return true;
}

static __always_inline bool is_http(__u32 word)
{
	return word == WORD4('G', 'E', 'T', ' ') || word == WORD4('P', 'O', 'S', 'T') ||
	       word == WORD4('H', 'T', 'T', 'P') || word == WORD4('H', 'E', 'A', 'D') ||
	       word == WORD4('P', 'U', 'T', ' ') || word == WORD4('D', 'E', 'L', 'E') ||
	       word == WORD4('P', 'A', 'T', 'C') || word == WORD4('O', 'P', 'T', 'I') ||
	       word == WORD4('C', 'O', 'N', 'N') || word == WORD4('T', 'R', 'A', 'C');
}

static __always_inline __u64 more_key(struct __sk_buff *skb, __u32 egress)
{
	return bpf_get_socket_cookie(skb) | (__u64)egress << 63;
}

static __always_inline __u32 *more_bit(const struct packet *p)
{
	__u32 i = (p->src_port * 31 ^ p->dst_port) & (HAWK_MORE_BITS - 1);

	return bpf_map_lookup_elem(&hawk_more_bit, &i);
}

/* The first segment of a ClientHello: when more of it follows, that is remembered. */
static __always_inline void hello_begins(struct __sk_buff *skb, const struct packet *p, __u32 want, __u32 egress)
{
	__u32 have = skb->len - p->payload, *bit = more_bit(p);
	struct hawk_abi_more more = { p->seq + have, want - have };
	__u64 key;

	if (have >= want || want > TLS_HELLO_MAX || !bit)
		return;
	key = more_key(skb, egress);
	bpf_map_update_elem(&hawk_more, &key, &more, BPF_ANY);
	*bit = 1;
}

/*
 * True for a segment in which a ClientHello goes on. One that was lost on the
 * way comes again; what is behind the expected place is sent as well, for the
 * daemon to put together.
 */
static __always_inline bool hello_goes_on(struct __sk_buff *skb, const struct packet *p, __u32 egress)
{
	__u32 *bit = more_bit(p), have = skb->len - p->payload, past;
	struct hawk_abi_more *more;
	__u64 key;

	if (!bit || !*bit)
		return false;
	key = more_key(skb, egress);
	more = bpf_map_lookup_elem(&hawk_more, &key);
	if (!more) {
		*bit = 0;
		return false;
	}
	past = p->seq - more->next; /* modulo 2^32 */
	if (past > TLS_HELLO_MAX)
		return false;
	if (past + have >= more->left || p->flags & (TCP_FIN | TCP_RST))
		bpf_map_delete_elem(&hawk_more, &key);
	return true;
}

/*
 * True for a few bytes that may be the first ones of a ClientHello: who cuts it there does not want it to be seen. As
 * much is sent as it may take; the daemon forgets it as soon as it sees what it is.
 */
static __always_inline bool hello_may_begin(struct __sk_buff *skb, const struct packet *p, __u32 egress)
{
	__u8 type, version = 3;

	if (bpf_skb_load_bytes(skb, p->payload, &type, sizeof(type)) || type != TLS_HANDSHAKE)
		return false;
	if (p->payload + 1 < skb->len)
		bpf_skb_load_bytes(skb, p->payload + 1, &version, sizeof(version));
	if (version != 3)
		return false;
	hello_begins(skb, p, TLS_HELLO_MAX, egress);
	return true;
}

/* What a TCP segment begins with. */
static __always_inline __u32 content_of(struct __sk_buff *skb, const struct packet *p, __u32 wanted, __u32 egress)
{
	struct { __u8 b[6]; } head;
	__u32 word;

	/* the shortest of interest is "GET / HTTP/1.0", and no ClientHello is shorter */
	if (p->payload + 14 > skb->len || bpf_skb_load_bytes(skb, p->payload, &head, sizeof(head)))
		return wanted & HAWK_PKT_TLS && p->payload < skb->len &&
		       (hello_goes_on(skb, p, egress) || hello_may_begin(skb, p, egress)) ? HAWK_PKT_TLS : 0;
	word = WORD4(head.b[0], head.b[1], head.b[2], head.b[3]);
	if (wanted & HAWK_PKT_HTTP && is_http(word))
		return HAWK_PKT_HTTP;
	if (!(wanted & HAWK_PKT_TLS))
		return 0;
	if (head.b[0] == TLS_HANDSHAKE && head.b[1] == 3 && head.b[5] == TLS_CLIENT_HELLO) {
		hello_begins(skb, p, TLS_RECORD_HEAD + (head.b[3] << 8 | head.b[4]), egress);
		return HAWK_PKT_TLS;
	}
	return hello_goes_on(skb, p, egress) ? HAWK_PKT_TLS : 0;
}

static __always_inline __u32 classify(struct __sk_buff *skb, const struct packet *p, __u32 wanted, __u32 egress)
{
	__u32 classes = HAWK_PKT_ALL | (p->v6 ? HAWK_PKT_IPV6 : HAWK_PKT_IPV4);
	bool dns = p->src_port == PORT_DNS || p->dst_port == PORT_DNS;

	if (p->later) /* its transport header was in the first fragment */
		return classes & wanted;
	switch (p->protocol) {
	case IPPROTO_TCP:
		classes |= HAWK_PKT_TCP;
		if (dns && p->payload < skb->len)
			classes |= HAWK_PKT_DNS;
		else if (wanted & (HAWK_PKT_HTTP | HAWK_PKT_TLS))
			classes |= content_of(skb, p, wanted, egress);
		break;
	case IPPROTO_UDP:
		classes |= HAWK_PKT_UDP | (dns ? HAWK_PKT_DNS : 0);
		break;
	case IPPROTO_ICMP:
		classes |= HAWK_PKT_ICMP;
		break;
	case IPPROTO_ICMPV6:
		classes |= HAWK_PKT_ICMPV6;
		break;
	}
	return classes & wanted;
}

/* Both ends as this host sees them; for the place that somebody bound the remote one stays zero. */
static __always_inline bool read_place(struct __sk_buff *skb, const struct packet *p, __u32 egress,
				       struct hawk_abi_place *place)
{
	struct hawk_abi_ip *src = egress ? &place->local : &place->remote;
	struct hawk_abi_ip *dst = egress ? &place->remote : &place->local;
	struct { __be32 src, dst; } v4;

	place->local_port = egress ? p->src_port : p->dst_port;
	place->remote_port = egress ? p->dst_port : p->src_port;
	place->protocol = p->protocol;
	if (p->v6)
		return !bpf_skb_load_bytes(skb, 8, src, 16) && !bpf_skb_load_bytes(skb, 24, dst, 16);
	if (bpf_skb_load_bytes(skb, 12, &v4, sizeof(v4)))
		return false;
	put_v4(src, v4.src);
	put_v4(dst, v4.dst);
	return true;
}

/*
 * The socket of a packet. The pointer in the context is one that programs may
 * not follow; through memory it becomes a number, as which
 * bpf_probe_read_kernel takes it.
 */
static __always_inline struct sock *sock_of_skb(struct __sk_buff *skb, struct hawk_abi_scratch *s)
{
	*(volatile __u64 *)&s->walk[0] = (__u64)skb->sk;
	return (struct sock *)*(volatile __u64 *)&s->walk[0];
}

static __always_inline __u32 netns_of(struct sock *sk)
{
	return sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) : 0;
}

/*
 * Is it the current task that sends this packet? A datagram of a UDP socket
 * leaves within the call that sends it. With TCP it is a segment that came, or a
 * timer, that makes another one leave, unless a call holds the socket.
 */
static __always_inline bool by_current(struct __sk_buff *skb, const struct packet *p, struct hawk_abi_scratch *s)
{
	struct sock *sk = sock_of_skb(skb, s);

	/* what is wrapped into UDP on its way is still of the socket that sent it */
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != p->protocol)
		return false;
	return p->protocol == IPPROTO_UDP || (p->protocol == IPPROTO_TCP && BPF_CORE_READ(sk, sk_lock.owned));
}

static __always_inline void find_owner(struct __sk_buff *skb, const struct packet *p, __u32 egress,
				       struct hawk_abi_scratch *s, struct hawk_abi_owner *ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct hawk_abi_owner *o = bpf_map_lookup_elem(&hawk_owners, &cookie);
	struct hawk_abi_place place = {};

	if (egress && (!o || o->tgid != (__u32)BPF_CORE_READ(task, tgid) || o->how != HAWK_OWNER_SOCKET) &&
	    by_current(skb, p, s)) {
		current_owner(ret, HAWK_OWNER_SOCKET);
		bpf_map_update_elem(&hawk_owners, &cookie, ret, BPF_ANY);
		return;
	}
	if (!o) {
		place.netns = netns_of(sock_of_skb(skb, s));
		if (!read_place(skb, p, egress, &place))
			return;
		o = owner_at(&place);
		if (!o)
			return;
		*ret = *o;
		bpf_map_update_elem(&hawk_owners, &cookie, ret, BPF_NOEXIST);
		return;
	}
	*ret = *o;
}

static __always_inline void send_packet(struct __sk_buff *skb, struct hawk_abi_scratch *s, __u32 classes, __u32 egress)
{
	struct hawk_abi_NET_PACKET_BASE *b = BODY(s, NET_PACKET_BASE);
	struct hawk_abi_var *v = VAR_OF(s, NET_PACKET_BASE, data);
	__u32 len = skb->len;

	b->cookie = bpf_get_socket_cookie(skb);
	b->packet_len = len;
	b->ifindex = skb->ifindex;
	b->classes = classes;
	b->direction = egress;
	b->reserved = 0;
	v->info = len;
	if (!(classes & HAWK_PKT_CONTENT) && len > HAWK_PKT_HEAD_BYTES)
		len = HAWK_PKT_HEAD_BYTES;
	barrier_var(len);
	if (len > HAWK_CHUNK_BYTES)
		len = HAWK_CHUNK_BYTES;
	if (len < sizeof(struct v4_head) || bpf_skb_load_bytes(skb, 0, s->bytes + TAIL_AT(NET_PACKET_BASE), len))
		return;
	v->len = len;
	s->tail = TAIL_AT(NET_PACKET_BASE) + len;
	send_bulk(s->slot);
}

/* Whether any event wants packets of PROTOCOL whatever their ports are. */
static __always_inline bool any_port(__u8 protocol, __u32 wanted)
{
	if (protocol == IPPROTO_UDP)
		return wanted & HAWK_PKT_UDP;
	return protocol != IPPROTO_TCP || wanted & (HAWK_PKT_TCP | HAWK_PKT_HTTP | HAWK_PKT_TLS);
}

/*
 * True when nobody wants the packet, as its first bytes tell: most packets,
 * while only DNS is wanted. Every packet of the host pays for this, so it reads
 * them where they lie; false when they do not lie in one piece.
 */
static __always_inline bool unwanted(struct __sk_buff *skb, __u32 wanted)
{
	const __u8 *ip = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	const struct ports *ports;
	__u8 protocol;

	if (ip + sizeof(struct v4_head) + sizeof(*ports) > end)
		return false;
	if (ip[0] == 0x45) { /* IPv4, no options */
		protocol = ip[9];
		ports = (const void *)(ip + sizeof(struct v4_head));
	} else if (ip + sizeof(struct v6_head) + sizeof(*ports) <= end && ip[0] >> 4 == 6) {
		protocol = ip[6]; /* of an extension header it has any port */
		ports = (const void *)(ip + sizeof(struct v6_head));
	} else {
		return false;
	}
	if (any_port(protocol, wanted) || wanted & (HAWK_PKT_ALL | HAWK_PKT_IPV4 | HAWK_PKT_IPV6))
		return false;
	return ports->src != NTOHS(PORT_DNS) && ports->dst != NTOHS(PORT_DNS);
}

/* Apart from the first look: what most packets run through stays short. */
static __attribute__((noinline)) int look(struct __sk_buff *skb, __u32 egress)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_owner owner = {};
	struct hawk_abi_scratch *s;
	struct packet p = {};
	__u32 classes;

	if (!cfg || (skb->protocol == NTOHS(ETH_P_IP) ? !read_v4(skb, &p) : !read_v6(skb, &p)))
		return 0;
	if (!read_transport(skb, &p, cfg->packets))
		p.later = true; /* cut off: told as an IP packet */
	classes = classify(skb, &p, cfg->packets, egress);
	if (!classes)
		return 0;
	s = scratch_get();
	if (!s) {
		count_lost(HAWK_EV_NET_PACKET_BASE);
		return 0;
	}
	find_owner(skb, &p, egress, s, &owner);
	if (!owner.tgid || owner.tgid != cfg->self_tgid) {
		owner_head(s, &owner, HAWK_EV_NET_PACKET_BASE);
		BODY(s, NET_PACKET_BASE)->owner = owner.how;
		send_packet(skb, s, classes, egress);
	}
	scratch_put(s);
	return 0;
}

/* Always 1: nothing is dropped here. */
static __always_inline int on_packet(struct __sk_buff *skb, __u32 egress)
{
	struct hawk_abi_config *cfg = config();

	if (cfg && cfg->packets && !unwanted(skb, cfg->packets))
		look(skb, egress);
	return 1;
}

#endif
