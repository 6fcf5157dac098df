/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The generic system call collector, and the facts that the return of a call
 * shows where the kernel has no better probe. What each call needs is in the
 * map hawk_sysrow, filled from syscalls.def for the events that are wanted.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"
#include "bpf/lib/fact.h"
#include "bpf/lib/hook.h"
#include "bpf/lib/syscall.h"

/* Keeps number and arguments of the current call. */
SHARED int keep_call(__u32 index, __u64 regs)
{
	__u64 task = bpf_get_current_task();
	struct hawk_abi_sysargs keep;

	keep.nr = index;
	syscall_args(keep.args, (struct pt_regs *)regs, index >= HAWK_SYSCALL_NR_MAX);
	bpf_map_update_elem(&hawk_sysargs, &task, &keep, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_enter")
int sys_enter_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	__u64 regs = ctx->args[0], nr = ctx->args[1];
	__u32 index, flags = strip_x32(&nr);
	struct hawk_abi_sysrow *row;
	bool compat;

	row = syscall_row(nr, &compat);
	if (!row)
		return 0;
	index = (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	if (row->how == HAWK_HOW_ENTER)
		syscall_event(by, row, index, regs, 0, flags | HAWK_REC_ENTER);
	else if (row->how == HAWK_HOW_ENTERFD)
		hold_fd(first_arg((struct pt_regs *)regs, compat));
	return 0;
}

/*
 * The name of an exec is set where it cannot fail any more, before the registers
 * become those of the new image (begin_new_exec in fs/exec.c): a call that fails
 * still has its own when it returns.
 */
SEC("raw_tp/task_rename")
int sys_image_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 regs = (__u64)UNTYPED(current_regs()), nr = syscall_nr((struct pt_regs *)regs);
	struct hawk_abi_sysrow *row;
	bool compat;

	strip_x32(&nr);
	row = ctx->args[0] == bpf_get_current_task() ? syscall_row(nr, &compat) : NULL;
	if (row && row->keep)
		keep_call((__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0), regs);
	return 0;
}

/* The row of the call behind one that is many: the first argument is its number, in the low half for ipc. */
static __always_inline __u32 mux_index(__u32 base, struct pt_regs *regs)
{
	__u32 call = first_arg(regs, true) & 0xffff;

	return call < HAWK_MUX_CALLS ? HAWK_SYSROW_MUX + base + call : HAWK_SYSROWS;
}

/* True when the return of the call in ROW is what its event tells. The child of a fork returns, too. */
static __always_inline bool tells(const struct hawk_abi_sysrow *row, __s64 ret)
{
	return row->event && !row->own && row->how != HAWK_HOW_ENTER && !(row->how == HAWK_HOW_FORK && ret == 0);
}

/*
 * The event of the call of INDEX, which returned. A function, or the verifier would
 * go through all of it again for what is behind a call that is many.
 */
SHARED int call_event(struct bpf_raw_tracepoint_args *ctx, __u32 index, __u64 regs, __s64 ret, __u32 flags)
{
	RTP_JUDGES;
	struct hawk_abi_sysrow *row = bpf_map_lookup_elem(&hawk_sysrow, &index);

	if (!row || !(row->keep || tells(row, ret)))
		return 0;
	if (row->keep) {
		flags = 0;
		if (ret == 0) {
			index = exec_index(index);
			row = bpf_map_lookup_elem(&hawk_sysrow, &index);
		}
	}
	if (row)
		syscall_event(by, row, index, regs, ret, flags);
	return 0;
}

static __always_inline void call_returned(struct bpf_raw_tracepoint_args *ctx, const struct hawk_abi_sysrow *row,
					  __u32 index, __u64 regs, __u32 flags)
{
	__u32 wanted = row->facts;

	if (row->event || row->keep)
		call_event(ctx, index, regs, (__s64)ctx->args[1], flags);
	for (__u32 fact = 0; fact < HAWK_FACTS && wanted >> fact; fact++)
		if (wanted & 1U << fact)
			call_fact(ctx, fact, regs, (__s64)ctx->args[1], index);
}

SEC("raw_tp/sys_exit")
int sys_exit_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 regs = ctx->args[0], nr = syscall_nr((struct pt_regs *)regs);
	__u32 index, flags = strip_x32(&nr);
	struct hawk_abi_sysrow *row;
	bool compat;

	row = syscall_row(nr, &compat);
	if (!row)
		return 0;
	call_returned(ctx, row, (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0), regs, flags);
	if (!row->mux)
		return 0;
	index = mux_index(row->mux - 1, (struct pt_regs *)regs);
	row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	if (row)
		call_returned(ctx, row, index, regs, 0);
	return 0;
}

/* Any call at all: its number as called, and the one that names it on all architectures. */
static __always_inline void put_call(struct hawk_abi_scratch *s, __u64 nr, __s32 *ret_number, __s32 *ret_syscall)
{
	bool compat = is_compat((void *)bpf_get_current_task());
	struct hawk_abi_sysrow *row = NULL;
	__u32 flags = compat ? HAWK_REC_COMPAT : strip_x32(&nr), i = (__u32)nr;

	if (nr < HAWK_SYSCALL_NR_MAX) {
		i += compat ? HAWK_SYSCALL_NR_MAX : 0;
		row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	}
	REC(s)->flags |= flags;
	*ret_number = (__s32)nr;
	*ret_syscall = row && row->id ? row->id - HAWK_EVENT_SYSCALL_FIRST : -1;
}

SEC("raw_tp/sys_enter")
int sys_begin_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct hawk_abi_scratch *s = BEGIN(SYS_ENTER);

	if (!s)
		return 0;
	put_call(s, ctx->args[1], &BODY(s, SYS_ENTER)->number, &BODY(s, SYS_ENTER)->syscall);
	EMIT(s);
	return 0;
}

SEC("raw_tp/sys_exit")
int sys_end_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct hawk_abi_scratch *s = BEGIN(SYS_EXIT);

	if (!s)
		return 0;
	BODY(s, SYS_EXIT)->retval = (__s64)ctx->args[1];
	put_call(s, syscall_nr((struct pt_regs *)ctx->args[0]), &BODY(s, SYS_EXIT)->number,
		 &BODY(s, SYS_EXIT)->syscall);
	EMIT(s);
	return 0;
}
