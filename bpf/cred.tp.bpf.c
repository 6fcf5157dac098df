/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Credential and signal events that tracepoints tell. */
#include "bpf/lib/hawk.h"
#include "bpf/lib/cred.h"

/* The tracepoint came with 6.15 (cred, target_ns, capable_ns, cap, ret); it does not say whether the check is audited. */
SEC("raw_tp/cap_capable")
int cred_cap_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	capable_event(by, (struct user_namespace *)ctx->args[1], (int)ctx->args[3], (int)ctx->args[4]);
	return 0;
}

/* include/uapi/asm-generic/siginfo.h; a timer's code says nothing about who runs here */
enum { SI_USER = 0, SI_QUEUE = -1, SI_TKILL = -6 };
enum { SEND_SIG_NOINFO = 0, SEND_SIG_PRIV = 1 }; /* in place of a pointer, include/linux/sched/signal.h */

/* True when a process sent it, with the code that says how. */
static __always_inline bool sent_by_process(struct kernel_siginfo *info, __s32 *ret_code)
{
	*ret_code = SI_USER;
	if ((__u64)info == SEND_SIG_NOINFO)
		return true;
	if ((__u64)info == SEND_SIG_PRIV)
		return false;
	*ret_code = BPF_CORE_READ(info, si_code);
	return *ret_code == SI_USER || *ret_code == SI_QUEUE || *ret_code == SI_TKILL;
}

/* (sig, info, task, group, result) */
SEC("raw_tp/signal_generate")
int cred_signal_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct task_struct *target = (void *)ctx->args[2];
	struct hawk_abi_SIGNAL_GENERATE *b;
	struct hawk_abi_scratch *s;
	__s32 code;

	if (!sent_by_process((struct kernel_siginfo *)ctx->args[1], &code) ||
	    BPF_CORE_READ(target, tgid) == bpf_get_current_pid_tgid() >> 32)
		return 0;
	s = BEGIN(SIGNAL_GENERATE);
	if (!s)
		return 0;
	b = BODY(s, SIGNAL_GENERATE);
	b->target_start_time = TASK_START(target);
	b->sig = (__s32)ctx->args[0];
	b->code = code;
	b->target_pid = BPF_CORE_READ(target, tgid);
	b->target_tid = BPF_CORE_READ(target, pid);
	b->target_uid = BPF_CORE_READ(target, real_cred, uid.val);
	b->group = ctx->args[3] != 0;
	b->result = (__u8)ctx->args[4];
	b->reserved = 0;
	put_kernel_str(s, VAR_OF(s, SIGNAL_GENERATE, target_comm), &target->comm);
	EMIT(s);
	return 0;
}
