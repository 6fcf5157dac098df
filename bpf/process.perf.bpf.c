/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The same by classic tracepoints, which perf runs with preemption off
 * (include/trace/perf.h). Since 7.0 raw ones can be preempted, and the kernel
 * leaves out runs for other tasks meanwhile. Of those there, though, it leaves
 * out any while another one runs on that CPU, so the raw ones do the work and
 * these tell what they did not: they are soon done. An object of its own: it
 * needs a kernel function, and so a kernel that shows its types.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/process.h"

struct task_struct *bpf_task_from_pid(__s32 pid) __ksym __weak;
void bpf_task_release(struct task_struct *task) __ksym __weak;

static __always_inline void stand_in(__u32 event)
{
	struct hawk_abi_counts *c = counts(event);

	if (c)
		COUNT(c->stood_in);
}

/* Whose name changed is not told; looking at the current task once more than needed does no harm. */
SEC("tp/task/task_rename")
int proc_name_tp(void *ctx)
{
	return name_event();
}

SEC("tp/sched/sched_process_fork")
int proc_fork_tp(struct trace_event_raw_sched_process_fork *ctx)
{
	struct task_struct *child = bpf_task_from_pid ? bpf_task_from_pid(ctx->child_pid) : NULL;
	__u64 addr = 0;

	if (!child)
		return 0;
	/* as a plain number: only such go into shared functions */
	bpf_probe_read_kernel(&addr, sizeof(addr), &child);
	if (!life_told(child, false) && BPF_CORE_READ(child, pid) == BPF_CORE_READ(child, tgid)) {
		stand_in(HAWK_EV_SCHED_PROCESS_FORK);
		fork_event(addr);
	}
	bpf_task_release(child);
	return 0;
}

/*
 * Tells of an exec for which proc_exec_rtp did not run. That is attached first
 * and had its turn, unless somebody else's perf event is on the tracepoint for
 * longer: all of perf comes at the place of the first one. Then this one tells
 * of every exec, without what only the bprm knows: the tracepoint has none.
 * Fork and exit are alike, but for what is known.
 */
SEC("tp/sched/sched_process_exec")
int proc_exec_tp(struct trace_event_raw_sched_process_exec *ctx)
{
	__u64 record = 0;

	if (life_told((struct task_struct *)bpf_get_current_task(), false))
		return 0;
	stand_in(HAWK_EV_SCHED_PROCESS_EXEC);
	bpf_probe_read_kernel(&record, sizeof(record), &ctx); /* as a plain number */
	/* low half: where the string is in the record (include/trace/stages/stage4_event_fields.h) */
	return exec_event(0, record + (ctx->__data_loc_filename & 0xffff), ctx->old_pid);
}

SEC("tp/sched/sched_process_exit")
int proc_exit_tp(struct trace_event_raw_sched_process_exit *ctx)
{
	__u8 dead = 0;

	if (bpf_core_field_exists(ctx->group_dead))
		bpf_probe_read_kernel(&dead, sizeof(dead),
				      (void *)ctx + bpf_core_field_offset(ctx->group_dead));
	else
		dead = is_last((struct task_struct *)bpf_get_current_task());
	if (!dead || life_told((struct task_struct *)bpf_get_current_task(), true))
		return 0;
	stand_in(HAWK_EV_SCHED_PROCESS_EXIT);
	return exit_event();
}
