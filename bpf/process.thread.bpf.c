/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What threads do. Not an object of the life cycle: runs of its programs that are lost do not make the process table wrong. */
#include "bpf/lib/hawk.h"
#include "bpf/lib/hook.h"

/* (task, comm); the task still has its old name */
SEC("raw_tp/task_rename")
int task_rename_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct task_struct *task = (void *)ctx->args[0];
	struct hawk_abi_scratch *s = BEGIN(TASK_RENAME);

	if (!s)
		return 0;
	BODY(s, TASK_RENAME)->target_pid = BPF_CORE_READ(task, tgid);
	BODY(s, TASK_RENAME)->target_tid = BPF_CORE_READ(task, pid);
	put_kernel_str(s, VAR_OF(s, TASK_RENAME, old_name), &task->comm);
	put_kernel_str(s, VAR_OF(s, TASK_RENAME, new_name), (void *)ctx->args[1]);
	EMIT(s);
	return 0;
}

/* The tracepoint lies in do_exit(), once per thread, and the code is in the task by then (kernel/exit.c). */
SEC("raw_tp/sched_process_exit")
int task_exit_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct task_struct *task = (void *)ctx->args[0];
	struct hawk_abi_scratch *s = BEGIN(DO_EXIT);
	__s32 code;

	if (!s)
		return 0;
	code = BPF_CORE_READ(task, exit_code);
	BODY(s, DO_EXIT)->code = code;
	BODY(s, DO_EXIT)->exit_code = (code >> 8) & 0xff;
	BODY(s, DO_EXIT)->signal = code & 0x7f;
	EMIT(s);
	return 0;
}

/* (preempt, prev, next, …), with the lock of the run queue held; prev is the current task */
SEC("raw_tp/sched_switch")
int task_switch_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct task_struct *prev = (void *)ctx->args[1], *next = (void *)ctx->args[2];
	struct hawk_abi_scratch *s = BEGIN(SCHED_SWITCH);
	struct hawk_abi_SCHED_SWITCH *b;

	if (!s)
		return 0;
	b = BODY(s, SCHED_SWITCH);
	b->cpu = bpf_get_smp_processor_id();
	b->prev_tid = BPF_CORE_READ(prev, pid);
	b->next_tid = BPF_CORE_READ(next, pid);
	b->reserved = 0;
	put_kernel_str(s, VAR_OF(s, SCHED_SWITCH, prev_comm), &prev->comm);
	put_kernel_str(s, VAR_OF(s, SCHED_SWITCH, next_comm), &next->comm);
	EMIT(s);
	return 0;
}
