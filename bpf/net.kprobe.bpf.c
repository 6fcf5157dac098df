/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"

static __always_inline int connecting(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), sk = PT_REGS_PARM1(ctx);

	bpf_map_update_elem(&hawk_join, &id, &sk, BPF_ANY);
	return 0;
}

static __always_inline int connected(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), *sk = bpf_map_lookup_elem(&hawk_join, &id);
	struct endpoints e = {};

	if (!sk) {
		count_lost(HAWK_EV_NET_TCP_CONNECT);
		return 0;
	}
	/* tcp_v6_connect calls tcp_v4_connect for mapped addresses: the inner return answers */
	if ((int)PT_REGS_RC(ctx) == 0 && *sk && read_endpoints(&e, (struct sock *)*sk))
		connect_event(&e, 0);
	*sk = 0;
	return 0;
}

SEC("kprobe/tcp_v4_connect")
int net_conn4_kp(struct pt_regs *ctx)
{
	return connecting(ctx);
}

SEC("kretprobe/tcp_v4_connect")
int net_conn4_krp(struct pt_regs *ctx)
{
	return connected(ctx);
}

SEC("kprobe/tcp_v6_connect")
int net_conn6_kp(struct pt_regs *ctx)
{
	return connecting(ctx);
}

SEC("kretprobe/tcp_v6_connect")
int net_conn6_krp(struct pt_regs *ctx)
{
	return connected(ctx);
}

SEC("kretprobe/inet_csk_accept")
int net_acc_krp(struct pt_regs *ctx)
{
	struct sock *sk = (void *)PT_REGS_RC(ctx);

	if (sk)
		accept_event(sk);
	return 0;
}
