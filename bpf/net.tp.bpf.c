/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"

/* TP_PROTO(const struct sock *sk, const int oldstate, const int newstate), include/trace/events/sock.h */
SEC("raw_tp/inet_sock_set_state")
int net_state_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct sock *sk = (void *)ctx->args[0];
	struct hawk_abi_INET_SOCK_SET_STATE *b;
	struct hawk_abi_scratch *s;
	struct endpoints e = {};

	if (is_self() || !read_ends(&e, sk))
		return 0;
	s = judged_begin(by, HAWK_EV_INET_SOCK_SET_STATE);
	if (!s)
		return 0;
	b = BODY(s, INET_SOCK_SET_STATE);
	s->tail = TAIL_AT(INET_SOCK_SET_STATE);
	b->src = e.local;
	b->dst = e.remote;
	b->cookie = e.cookie;
	b->src_port = e.local_port;
	b->dst_port = e.remote_port;
	b->family = e.family;
	b->old_state = (__u16)ctx->args[1];
	b->new_state = (__u16)ctx->args[2];
	b->protocol = BPF_CORE_READ(sk, sk_protocol);
	b->reserved = 0;
	EMIT(s);
	return 0;
}
