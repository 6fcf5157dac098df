/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Registers with which a task entered the kernel; those of the current task for hooks that lie within a system call. */
#ifndef HAWK_BPF_REGS_H
#define HAWK_BPF_REGS_H

/* Arguments of mmap(2). */
enum { MAP_ARG_PROT = 2, MAP_ARG_FLAGS, MAP_ARG_FD };

/*
 * Calls that hooks within them look for: asm/unistd_64.h, _32 in unistd_32.h,
 * _X32 in unistd_x32.h; asm-generic/unistd.h, _32 in asm/unistd32.h.
 */
#if defined(__TARGET_ARCH_x86)
enum {
	NR_EXECVE = 59, NR_EXECVE_32 = 11, NR_EXECVE_X32 = 520,
	NR_EXECVEAT = 322, NR_EXECVEAT_32 = 358, NR_EXECVEAT_X32 = 545,
	NR_CHDIR = 80, NR_CHDIR_32 = 12,
	NR_FINIT_MODULE = 313,
	NR_COPY_FILE_RANGE = 326, NR_COPY_FILE_RANGE_32 = 377,
};
#else
enum {
	NR_EXECVE = 221, NR_EXECVE_32 = 11, NR_EXECVE_X32 = -1,
	NR_EXECVEAT = 281, NR_EXECVEAT_32 = 387, NR_EXECVEAT_X32 = -1,
	NR_CHDIR = 49, NR_CHDIR_32 = 12,
	NR_FINIT_MODULE = 273,
	NR_COPY_FILE_RANGE = 285, NR_COPY_FILE_RANGE_32 = 391,
};
#endif

/* Number and arguments of a system call, out of its registers. */
#if defined(__TARGET_ARCH_x86)
static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}
static __always_inline bool is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}
static __always_inline __u32 first_arg(struct pt_regs *regs, bool compat)
{
	return compat ? BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
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
/* One of them, I a constant from 1 to 4. */
static __always_inline __u64 syscall_arg(struct pt_regs *regs, bool compat, int i)
{
	switch (i) {
	case 1:
		return compat ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);
	case 2:
		return compat ? (__u32)BPF_CORE_READ(regs, dx) : BPF_CORE_READ(regs, dx);
	case 3:
		return compat ? (__u32)BPF_CORE_READ(regs, si) : BPF_CORE_READ(regs, r10);
	default:
		return compat ? (__u32)BPF_CORE_READ(regs, di) : BPF_CORE_READ(regs, r8);
	}
}
/* Behind the instruction of the call. */
static __always_inline __u64 user_ip(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, ip);
}
static __always_inline __u64 user_sp(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, sp);
}
/* The first two, for who has no room for all on the stack. */
static __always_inline void syscall_two_args(__u64 *first, __u64 *second, struct pt_regs *regs, bool compat)
{
	*first = compat ? (__u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
	*second = compat ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);
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
static __always_inline __u32 first_arg(struct pt_regs *regs, bool compat)
{
	return BPF_CORE_READ(regs, orig_x0);
}
static __always_inline void syscall_args(__u64 *args, struct pt_regs *regs, bool compat)
{
	args[0] = BPF_CORE_READ(regs, orig_x0);
	bpf_probe_read_kernel(&args[1], 5 * sizeof(__u64), &regs->regs[1]);
}
static __always_inline __u64 syscall_arg(struct pt_regs *regs, bool compat, int i)
{
	__u64 arg = 0;

	bpf_probe_read_kernel(&arg, sizeof(arg), &regs->regs[i]);
	return arg;
}
static __always_inline __u64 user_ip(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, pc);
}
static __always_inline __u64 user_sp(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, sp);
}
static __always_inline void syscall_two_args(__u64 *first, __u64 *second, struct pt_regs *regs, bool compat)
{
	*first = BPF_CORE_READ(regs, orig_x0);
	*second = BPF_CORE_READ(regs, regs[1]);
}
#endif

/* x32 calls have numbers of their own where they differ, and a bit (arch/x86/include/uapi/asm/unistd.h). */
#if defined(__TARGET_ARCH_x86)
#define X32_BIT 0x40000000ULL
#else
#define X32_BIT 0ULL
#endif

/*
 * Flags of the record for a call with number NR, and the number without the bit
 * of x32. From 512 on are calls with structures of their own (syscall_64.tbl):
 * they have no rows, and are told by sys_enter and sys_exit alone.
 */
#define X32_NUMBERS 1024ULL
static __always_inline __u32 strip_x32(__u64 *nr)
{
	if (!X32_BIT || (*nr & ~(X32_NUMBERS - 1)) != X32_BIT)
		return 0;
	*nr &= X32_NUMBERS - 1;
	return HAWK_REC_X32;
}

/* THREAD_SIZE, arch/x86/include/asm/page_64_types.h and arch/arm64/include/asm/memory.h (4 KiB pages) */
#define KERNEL_STACK_BYTES (16 * 1024)

/*
 * Where they lie. The helper came with 5.15; until then nothing lies above them
 * on the stack (TOP_OF_KERNEL_STACK_PADDING is not 0 since 6.9, with FRED).
 */
static __always_inline struct pt_regs *current_regs(void)
{
	struct task_struct *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (void *)bpf_get_current_task();
	return (void *)((__u64)BPF_CORE_READ(task, stack) + KERNEL_STACK_BYTES - bpf_core_type_size(struct pt_regs));
}

/* The descriptor that the current system call has as its first argument, if that is a call on a socket; -1: it is another. */
static __always_inline __s32 current_socket_fd(void)
{
	struct pt_regs *regs = current_regs();
#if defined(__TARGET_ARCH_x86)
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 nr = BPF_CORE_READ(regs, orig_ax);
	/* connect … recvmsg, bind, listen, setsockopt; accept4, recvmmsg, sendmmsg (asm/unistd_64.h) */
	bool socket = (nr >= 42 && nr <= 50) || nr == 54 || nr == 288 || nr == 299 || nr == 307;

	if (!socket || (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT))
		return -1;
	return (__s32)BPF_CORE_READ(regs, di);
#else
	__s32 nr = BPF_CORE_READ(regs, syscallno);
	/* bind … setsockopt, sendmsg, recvmsg; accept4, recvmmsg, sendmmsg (asm-generic/unistd.h) */
	bool socket = (nr >= 200 && nr <= 208) || nr == 211 || nr == 212 || nr == 242 || nr == 243 || nr == 269;

	return socket ? (__s32)BPF_CORE_READ(regs, orig_x0) : -1;
#endif
}

#endif
