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

SHARED int accepted(__u64 sk)
{
	if (sk)
		accept_event((struct sock *)sk);
	return 0;
}

/*
 * struct sock *inet_csk_accept(sk, flags, err, kern) until 6.9, (sk, arg) since
 * 6.10 (92ef0fd55ac8). Two calls: as one load with a computed offset it would
 * not pass, a context takes constant offsets only.
 */
SEC("fexit/inet_csk_accept")
int net_acc_fexit(__u64 *ctx)
{
	__u64 sk;

	if (bpf_core_type_exists(struct proto_accept_arg)) {
		bpf_probe_read_kernel(&sk, sizeof(sk), &ctx[2]);
		return accepted(sk);
	}
	bpf_probe_read_kernel(&sk, sizeof(sk), &ctx[4]);
	return accepted(sk);
}
