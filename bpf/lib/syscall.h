/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers and arguments of system calls out of the registers. */
#ifndef HAWK_BPF_SYSCALL_H
#define HAWK_BPF_SYSCALL_H

#if defined(__TARGET_ARCH_x86)
static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	__u64 nr = (__u64)-1;

	bpf_probe_read_kernel(&nr, sizeof(nr), &regs->orig_ax);
	return nr;
}
static __always_inline bool is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}
static __always_inline void syscall_args(__u64 *args, struct pt_regs *regs, bool compat)
{
	if (compat) { /* arch/x86/entry/entry_64_compat.S */
		args[0] = (__u32)BPF_CORE_READ(regs, bx);
		args[1] = (__u32)BPF_CORE_READ(regs, cx);
		args[2] = (__u32)BPF_CORE_READ(regs, dx);
		args[3] = (__u32)BPF_CORE_READ(regs, si);
		args[4] = (__u32)BPF_CORE_READ(regs, di);
		args[5] = (__u32)BPF_CORE_READ(regs, bp);
		return;
	}
	args[0] = BPF_CORE_READ(regs, di);
	args[1] = BPF_CORE_READ(regs, si);
	args[2] = BPF_CORE_READ(regs, dx);
	args[3] = BPF_CORE_READ(regs, r10);
	args[4] = BPF_CORE_READ(regs, r8);
	args[5] = BPF_CORE_READ(regs, r9);
}
#else
static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	return (__u64)(__s64)BPF_CORE_READ(regs, syscallno);
}
static __always_inline bool is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.flags) & (1UL << TIF_32BIT);
}
static __always_inline void syscall_args(__u64 *args, struct pt_regs *regs, bool compat)
{
	args[0] = BPF_CORE_READ(regs, orig_x0);
	bpf_probe_read_kernel(&args[1], 5 * sizeof(__u64), &regs->regs[1]);
}
#endif

/*
 * The row of call NR, native or compat. Most calls have none: only when either
 * table wants the number is it worth finding out which kind of call this is.
 */
static __always_inline struct hawk_abi_sysrow *syscall_row(__u64 nr, bool *ret_compat)
{
	__u32 native = (__u32)nr, compat;
	struct hawk_abi_sysrow *n, *c;

	if (nr >= HAWK_SYSCALL_NR_MAX)
		return NULL;
	compat = native + HAWK_SYSCALL_NR_MAX;
	n = bpf_map_lookup_elem(&hawk_sysrow, &native);
	c = bpf_map_lookup_elem(&hawk_sysrow, &compat);
	if (!n || !c || !(n->event | n->fact | c->event | c->fact))
		return NULL;
	*ret_compat = is_compat((void *)bpf_get_current_task());
	if (*ret_compat)
		n = c;
	return n->event | n->fact ? n : NULL;
}

#endif
