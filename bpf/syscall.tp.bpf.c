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

/* Keeps number and arguments of the call that begins. */
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
	__u64 regs = ctx->args[0], nr = ctx->args[1];
	__u32 index, flags = strip_x32(&nr);
	struct hawk_abi_sysrow *row;
	bool compat;

	row = syscall_row(nr, &compat);
	if (!row)
		return 0;
	index = (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	if (row->how == HAWK_HOW_ENTER)
		syscall_event(index, regs, 0, flags | HAWK_REC_ENTER);
	else if (row->how == HAWK_HOW_ENTERFD)
		hold_fd(first_arg((struct pt_regs *)regs, compat));
	else if (row->keep)
		keep_call(index, regs);
	return 0;
}

/* The first two arguments of the call are all that the facts need. */
static __always_inline void facts(__u32 wanted, struct pt_regs *regs, __s64 ret, __u32 index)
{
	__u64 first, second;

	syscall_two_args(&first, &second, regs, index >= HAWK_SYSCALL_NR_MAX);
	if (index >= HAWK_SYSROW_MUX) { /* socketcall: in memory */
		__u32 words[2] = {};

		bpf_probe_read_user(words, sizeof(words), (void *)second);
		first = words[0];
		second = words[1];
	}
	if (wanted & HAWK_FACT_FILE_WRITE_OPEN)
		fact_write_open(ret);
	if (wanted & HAWK_FACT_SHARED_OBJECT_LOADED)
		fact_map((__u64)regs, index >= HAWK_SYSCALL_NR_MAX, ret);
	else if (wanted & HAWK_FACT_MAGIC_WRITE)
		fact_write(first, second, ret);
	else if (wanted & HAWK_FACT_NET_TCP_CONNECT)
		fact_connect(first, second, ret);
	else
		fact_fd(wanted, first, ret);
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

SEC("raw_tp/sys_exit")
int sys_exit_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 regs = ctx->args[0], nr = syscall_nr((struct pt_regs *)regs);
	__u32 index, flags = strip_x32(&nr);
	__s64 ret = (__s64)ctx->args[1];
	struct hawk_abi_sysrow *row;
	bool compat;

	row = syscall_row(nr, &compat);
	if (!row)
		return 0;
	index = (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	if (row->keep)
		syscall_event(exec_index(index), regs, ret, 0);
	else if (tells(row, ret))
		syscall_event(index, regs, ret, flags);
	if (row->facts)
		facts(row->facts, (struct pt_regs *)regs, ret, index);
	if (!row->mux)
		return 0;
	index = mux_index(row->mux - 1, (struct pt_regs *)regs);
	row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	if (row && row->event)
		syscall_event(index, regs, ret, 0);
	if (row && row->facts)
		facts(row->facts, (struct pt_regs *)regs, ret, index);
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
	struct hawk_abi_scratch *s = BEGIN(SYS_ENTER);

	if (!s)
		return 0;
	put_call(s, ctx->args[1], &BODY(s, SYS_ENTER)->number, &BODY(s, SYS_ENTER)->syscall);
	emit(s);
	return 0;
}

SEC("raw_tp/sys_exit")
int sys_end_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	struct hawk_abi_scratch *s = BEGIN(SYS_EXIT);

	if (!s)
		return 0;
	BODY(s, SYS_EXIT)->retval = (__s64)ctx->args[1];
	put_call(s, syscall_nr((struct pt_regs *)ctx->args[0]), &BODY(s, SYS_EXIT)->number,
		 &BODY(s, SYS_EXIT)->syscall);
	emit(s);
	return 0;
}
