/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"

/* int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len) and its twin: the SYN is on its way */
static __always_inline int connected(__u64 *ctx)
{
	struct endpoints e = {};

	if ((int)ctx[3] == 0 && read_endpoints(&e, (struct sock *)ctx[0]))
		connect_event(&e, 0);
	return 0;
}

SEC("fexit/tcp_v4_connect")
int net_conn4_fexit(__u64 *ctx)
{
	return connected(ctx);
}

SEC("fexit/tcp_v6_connect")
int net_conn6_fexit(__u64 *ctx)
{
	return connected(ctx);
}

/* struct sock *inet_csk_accept(sk, flags, err, kern) until 6.9, (sk, arg) since 6.10 (92ef0fd55ac8) */
SEC("fexit/inet_csk_accept")
int net_acc_fexit(__u64 *ctx)
{
	struct sock *sk;

	if (bpf_core_type_exists(struct proto_accept_arg))
		sk = (void *)ctx[2];
	else
		sk = (void *)ctx[4];
	if (sk)
		accept_event(sk);
	return 0;
}
