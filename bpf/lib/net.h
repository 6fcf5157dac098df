/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one body behind every probe of a TCP event. */
#ifndef HAWK_BPF_NET_H
#define HAWK_BPF_NET_H

#include "bpf/lib/hook.h"

/* IPv4 as v4-mapped IPv6, RFC 4291 section 2.5.5.2. */
static __always_inline void put_v4(struct hawk_abi_ip *ip, __be32 addr)
{
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->b[10] = ip->b[11] = 0xff;
	__builtin_memcpy(&ip->b[12], &addr, 4);
}

/* Addresses and ports of a socket as seen from this host. */
struct endpoints {
	struct hawk_abi_ip local, remote;
	__u64 cookie;
	__u16 family, local_port, remote_port;
};

/* False for sockets of other families than IP. */
static __always_inline bool read_ends(struct endpoints *e, struct sock *sk)
{
	e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (e->family == AF_INET) {
		put_v4(&e->local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		put_v4(&e->remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	} else if (e->family == AF_INET6) {
		bpf_probe_read_kernel(&e->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(&e->remote, 16, &sk->__sk_common.skc_v6_daddr);
	} else {
		return false;
	}
	e->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	e->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	e->cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
	return true;
}

/* False when it is not TCP. */
static __always_inline bool read_endpoints(struct endpoints *e, struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP && read_ends(e, sk);
}

#include "bpf/lib/owner.h"

static __always_inline void connect_fill(struct hawk_abi_scratch *s, const struct endpoints *e, __s64 ret)
{
	struct hawk_abi_NET_TCP_CONNECT *b = BODY(s, NET_TCP_CONNECT);

	s->tail = TAIL_AT(NET_TCP_CONNECT);
	VAR_OF(s, NET_TCP_CONNECT, dst_dns)->len = 0; /* the daemon knows */
	VAR_OF(s, NET_TCP_CONNECT, dst_dns)->info = HAWK_VAR_ABSENT;
	b->src = e->local;
	b->dst = e->remote;
	b->retval = ret;
	b->cookie = e->cookie;
	b->src_port = e->local_port;
	b->dst_port = e->remote_port;
	b->family = e->family;
	b->reserved = 0;
}

static __always_inline void connect_event(const struct judges *by, struct endpoints *e, __s64 ret)
{
	struct hawk_abi_scratch *s = BEGIN(NET_TCP_CONNECT);

	if (!s)
		return;
	connect_fill(s, e, ret);
	EMIT(s);
}

/*
 * Fills the record of an accepted connection, of the socket in walk[0]; false
 * when it is none of TCP. A function of its own: beside what begins a record
 * there is no room for it on the stack of kernels before 6.2. The socket goes
 * through the slot since the verifier takes numbers only, and that of a hook is
 * a pointer to it.
 */
SHARED int accept_fill(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_NET_TCP_ACCEPT *b;
	struct endpoints e = {};
	struct sock *sk;

	if (!s)
		return 0;
	sk = (void *)s->walk[0];
	if (!read_endpoints(&e, sk))
		return 0;
	accepted_by(sk, &e);
	b = BODY(s, NET_TCP_ACCEPT);
	s->tail = TAIL_AT(NET_TCP_ACCEPT);
	b->src = e.remote;
	b->dst = e.local;
	b->cookie = e.cookie;
	b->src_port = e.remote_port;
	b->dst_port = e.local_port;
	b->family = e.family;
	b->reserved = 0;
	return 1;
}

static __always_inline void accept_event(const struct judges *by, struct sock *sk)
{
	struct hawk_abi_scratch *s = BEGIN(NET_TCP_ACCEPT);

	if (!s)
		return;
	s->walk[0] = (__u64)sk;
	if (accept_fill(s->slot))
		EMIT(s);
	else
		scratch_put(s);
}

static __always_inline bool is_v4_mapped(const struct hawk_abi_ip *ip)
{
	__u64 high;
	__u32 low;

	__builtin_memcpy(&high, ip->b, 8);
	__builtin_memcpy(&low, ip->b + 8, 4);
	return !high && low == __builtin_bswap32(0xffff);
}

HOOK_BODY(net_conn4)
{
	struct endpoints e = {};

	if ((int)ret == 0 && read_endpoints(&e, (struct sock *)a[0]))
		connect_event(by, &e, 0);
	return 0;
}

/* For a mapped address it calls tcp_v4_connect, whose hook has told it. */
HOOK_BODY(net_conn6)
{
	struct endpoints e = {};

	if ((int)ret == 0 && read_endpoints(&e, (struct sock *)a[0]) && !is_v4_mapped(&e.remote))
		connect_event(by, &e, 0);
	return 0;
}

HOOK_BODY(net_acc)
{
	if (ret)
		accept_event(by, (struct sock *)ret);
	return 0;
}

HOOK_BODY(net_acc4)
{
	return hook_net_acc(by, a, ret);
}

#endif
