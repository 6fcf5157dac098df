/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Begin and end of TCP connections, by the states of sockets: the kernel keeps
 * the counters itself, so no packet is looked at. What changes a state is a
 * packet more often than a call, so the process is that of the socket.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"

/* include/net/tcp_states.h */
#define ESTABLISHED 1
#define SYN_SENT 2
#define SYN_RECV 3
#define CLOSE 7
#define LISTEN 10

static __always_inline void find_flow_owner(struct sock *sk, const struct endpoints *e, struct hawk_abi_owner *ret)
{
	struct hawk_abi_place place = {};
	__u64 cookie = e->cookie;
	struct hawk_abi_owner *o = cookie ? bpf_map_lookup_elem(&hawk_owners, &cookie) : NULL;

	if (!o) {
		place_of(&place, sk, e);
		o = owner_at(&place);
	}
	if (o)
		*ret = *o;
}

#define FLOW_RECORD(s, TOKEN, e, how, way)                                          \
	({                                                                          \
		struct hawk_abi_##TOKEN *_b = BODY(s, TOKEN);                       \
		bool _in = (way) == HAWK_FLOW_INCOMING;                             \
                                                                                    \
		s->tail = TAIL_AT(TOKEN);                                           \
		_b->src = _in ? (e)->remote : (e)->local;                           \
		_b->dst = _in ? (e)->local : (e)->remote;                           \
		_b->cookie = (e)->cookie;                                           \
		_b->src_port = _in ? (e)->remote_port : (e)->local_port;            \
		_b->dst_port = _in ? (e)->local_port : (e)->remote_port;            \
		_b->conn_direction = way;                                           \
		_b->owner = how;                                                    \
		_b->reserved = 0;                                                   \
		VAR_OF(s, TOKEN, src_dns)->len = VAR_OF(s, TOKEN, dst_dns)->len = 0;\
		VAR_OF(s, TOKEN, src_dns)->info = HAWK_VAR_ABSENT;                  \
		VAR_OF(s, TOKEN, dst_dns)->info = HAWK_VAR_ABSENT;                  \
	})

/*
 * The FIN of the other end counts as a byte (tcp_rcv_nxt_update); that it came
 * the flag says (tcp_fin, net/ipv4/tcp_input.c; enum sock_flags, include/net/sock.h).
 */
#define SOCK_DONE (1UL << 1)
static __always_inline void put_counters(struct hawk_abi_NET_FLOW_TCP_END *b, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u64 received = BPF_CORE_READ(tp, bytes_received);

	b->bytes_sent = BPF_CORE_READ(tp, bytes_sent) - BPF_CORE_READ(tp, bytes_retrans);
	if (received && BPF_CORE_READ(sk, __sk_common.skc_flags) & SOCK_DONE)
		received--;
	b->bytes_received = received;
	b->packets_sent = BPF_CORE_READ(tp, segs_out);
	b->packets_received = BPF_CORE_READ(tp, segs_in);
}

static __always_inline void flow_event(struct sock *sk, const struct endpoints *e, __u32 direction, __u64 begun)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_owner owner = {};
	struct hawk_abi_scratch *s;
	__u16 event = begun == (__u64)-1 ? HAWK_EV_NET_FLOW_TCP_BEGIN : HAWK_EV_NET_FLOW_TCP_END;

	find_flow_owner(sk, e, &owner);
	if (!cfg || (owner.tgid && owner.tgid == cfg->self_tgid))
		return;
	s = scratch_get();
	if (!s) {
		count_lost(event);
		return;
	}
	owner_head(s, &owner, event);
	if (event == HAWK_EV_NET_FLOW_TCP_BEGIN) {
		FLOW_RECORD(s, NET_FLOW_TCP_BEGIN, e, owner.how, direction);
	} else {
		FLOW_RECORD(s, NET_FLOW_TCP_END, e, owner.how, direction);
		put_counters(BODY(s, NET_FLOW_TCP_END), sk);
		BODY(s, NET_FLOW_TCP_END)->duration = begun ? REC(s)->time - begun : 0;
	}
	send_bulk(s->slot);
	scratch_put(s);
}

/* TP_PROTO(const struct sock *sk, const int oldstate, const int newstate), include/trace/events/sock.h */
SEC("raw_tp/inet_sock_set_state")
int net_flow_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 old = (__u32)ctx->args[1], new = (__u32)ctx->args[2];
	struct hawk_abi_flow flow = {}, *known;
	__u64 sk = ctx->args[0];
	struct endpoints e = {};

	if (new != ESTABLISHED && new != CLOSE)
		return 0;
	if (new == CLOSE && (old == SYN_SENT || old == SYN_RECV || old == LISTEN || old == CLOSE))
		return 0;
	if (!read_endpoints(&e, (struct sock *)sk))
		return 0;
	if (new == ESTABLISHED) {
		flow.begun = bpf_ktime_get_boot_ns();
		flow.direction = old == SYN_SENT ? HAWK_FLOW_OUTGOING : HAWK_FLOW_INCOMING;
		bpf_map_update_elem(&hawk_flows, &sk, &flow, BPF_ANY);
		flow_event((struct sock *)sk, &e, flow.direction, (__u64)-1);
		return 0;
	}
	/* a port that the kernel chose was given back already (inet_put_port, before the state is set) */
	if (!e.local_port)
		e.local_port = __builtin_bswap16(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	known = bpf_map_lookup_elem(&hawk_flows, &sk);
	if (known)
		flow = *known;
	flow_event((struct sock *)sk, &e, flow.direction, flow.begun);
	bpf_map_delete_elem(&hawk_flows, &sk);
	return 0;
}
