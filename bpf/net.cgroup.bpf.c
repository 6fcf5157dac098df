/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets of all sockets, on the root of the cgroup tree, and the process of
 * each socket: who makes it, binds it or connects it. These hooks run in that
 * process; a packet may be handled by whatever runs just then. Who sends is seen
 * from the packets that are wanted: a hook on sending would cost all others.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"
#include "bpf/lib/packet.h"

SEC("cgroup_skb/ingress")
int net_in_skb(struct __sk_buff *skb)
{
	return on_packet(skb, HAWK_INGRESS);
}

SEC("cgroup_skb/egress")
int net_out_skb(struct __sk_buff *skb)
{
	return on_packet(skb, HAWK_EGRESS);
}

SEC("cgroup/sock_create")
int net_create_cg(struct bpf_sock *ctx)
{
	return owns(bpf_get_socket_cookie(ctx));
}

SEC("cgroup/connect4")
int net_conn4_cg(struct bpf_sock_addr *ctx)
{
	return owns(bpf_get_socket_cookie(ctx));
}

SEC("cgroup/connect6")
int net_conn6_cg(struct bpf_sock_addr *ctx)
{
	return owns(bpf_get_socket_cookie(ctx));
}

/*
 * What a connection that comes in has, until it is known who accepts it: the
 * process that bound the address. The namespace is that of the process, which
 * is that of the socket unless it went elsewhere in between.
 */
static __always_inline int bound(struct hawk_abi_place *place, __u32 port, __u32 protocol)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_owner owner = {};

	place->netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	place->local_port = port;
	place->protocol = protocol;
	current_owner(&owner, HAWK_OWNER_LISTENER);
	bpf_map_update_elem(&hawk_places, place, &owner, BPF_ANY);
	return 1;
}

SEC("cgroup/post_bind4")
int net_bind4_cg(struct bpf_sock *ctx)
{
	struct hawk_abi_place place = {};

	owns(bpf_get_socket_cookie(ctx));
	if (ctx->src_ip4)
		put_v4(&place.local, ctx->src_ip4);
	return bound(&place, ctx->src_port, ctx->protocol);
}

SEC("cgroup/post_bind6")
int net_bind6_cg(struct bpf_sock *ctx)
{
	struct hawk_abi_place place = {};
	__u32 a = ctx->src_ip6[0], b = ctx->src_ip6[1], c = ctx->src_ip6[2], d = ctx->src_ip6[3];

	owns(bpf_get_socket_cookie(ctx));
	__builtin_memcpy(&place.local.b[0], &a, 4);
	__builtin_memcpy(&place.local.b[4], &b, 4);
	__builtin_memcpy(&place.local.b[8], &c, 4);
	__builtin_memcpy(&place.local.b[12], &d, 4);
	return bound(&place, ctx->src_port, ctx->protocol);
}
