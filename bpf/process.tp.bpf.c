/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Process life cycle: fork, exec, exit, rename. All raw tracepoints. What
 * process.perf.bpf.c has told already is left to it.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/process.h"

SEC("raw_tp/task_rename")
int proc_name_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[0] == bpf_get_current_task() ? name_event() : 0;
}

SEC("raw_tp/sched_process_fork")
int proc_fork_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	return life_told((struct task_struct *)ctx->args[1], false) ? 0 : fork_event(ctx->args[1]);
}

SEC("raw_tp/sched_process_exec")
int proc_exec_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	struct linux_binprm *bprm = (void *)ctx->args[2];

	if (life_told((struct task_struct *)bpf_get_current_task(), false))
		return 0;
	return exec_event((__u64)bprm, (__u64)BPF_CORE_READ(bprm, filename), ctx->args[1]);
}

SEC("raw_tp/sched_process_exit")
int proc_exit_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u8 dead = 0;

	/* not as ctx->args[1]: a program that touches it cannot be attached where there is one argument */
	if (bpf_core_field_exists(struct trace_event_raw_sched_process_exit, group_dead))
		bpf_probe_read_kernel(&dead, sizeof(dead), &ctx->args[1]);
	else
		dead = is_last((struct task_struct *)ctx->args[0]);
	return dead && !life_told((struct task_struct *)ctx->args[0], true) ? exit_event() : 0;
}
