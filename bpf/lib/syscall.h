/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The generic system call collector: numbers and arguments out of the registers, and the record. */
#ifndef HAWK_BPF_SYSCALL_H
#define HAWK_BPF_SYSCALL_H

#include "bpf/lib/net.h"
#include "bpf/lib/fd.h"
#include "bpf/lib/argv.h"
#include "bpf/lib/args.h"

/*
 * The row of call NR, native or compat. Most calls have none: only when either
 * table wants the number is it worth finding out which kind of call this is, and
 * whose: none of the daemon itself is told.
 */
static __always_inline struct hawk_abi_sysrow *syscall_row(__u64 nr, bool *ret_compat)
{
	struct hawk_abi_sysrow *row;
	struct task_struct *task;
	__u32 i = (__u32)nr;

	if (nr >= HAWK_SYSCALL_NR_MAX)
		return NULL;
	row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	if (!row || !row->any)
		return NULL;
	task = (void *)bpf_get_current_task();
	if (is_self_task(task))
		return NULL;
	*ret_compat = is_compat(task);
	if (*ret_compat) {
		i += HAWK_SYSCALL_NR_MAX;
		row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	}
	return row && row->event | row->facts | row->keep | row->mux ? row : NULL;
}

/* The file behind the descriptor that the call returned. */
static __always_inline void put_resolved(struct hawk_abi_scratch *s, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = file_of_fd(task, ret);

	if (file)
		put_file_path(s, SYS_VARS(s) + HAWK_SYSCALL_VAR_RESOLVED, file, task);
}

/*
 * The row of the exec call that the current task is in: by the number kept before
 * its image was replaced, since a successful one always returns as execve of the
 * new image's kind (set_personality_64bit, arch/x86/kernel/process_64.c).
 */
static __always_inline __u32 exec_index(__u32 index)
{
	__u64 task = bpf_get_current_task();
	struct hawk_abi_sysargs *kept = bpf_map_lookup_elem(&hawk_sysargs, &task);

	return kept ? (__u32)kept->nr : index;
}

/* Puts the two words of each wide argument together. Unrolled: the verifier need not know how many there are. */
static __always_inline void join_words(__u64 *args, __u32 wide)
{
	__u64 swap = args[3];

#pragma unroll
	for (__u32 i = 0; i < HAWK_SYSCALL_ARGS - 1; i++) {
		if (!(wide & 1U << i))
			continue;
		args[i] |= args[i + 1] << 32;
#pragma unroll
		for (__u32 next = i + 1; next < HAWK_SYSCALL_ARGS - 1; next++)
			args[next] = args[next + 1];
	}
	if (wide & HAWK_WIDE_SWAP) {
		args[3] = args[4];
		args[4] = swap;
	}
}

/*
 * Arguments of the call: kept for an exec that succeeded, out of the registers
 * otherwise. Returns NOARGS when there are none: others pushed them out of the
 * map, or the call began before the probe was there.
 */
static __always_inline __u32 put_words(struct hawk_abi_scratch *s, const struct hawk_abi_sysrow *row,
				       struct pt_regs *regs, __u32 mode)
{
	__u64 task = bpf_get_current_task();
	struct hawk_abi_sysargs *kept;
	struct hawk_abi_counts *count;

	if (!(mode & EXEC_OK)) {
		syscall_args(SYS_BODY(s)->args, regs, mode & COMPAT);
		if (row->wide)
			join_words(SYS_BODY(s)->args, row->wide);
		return 0;
	}
	kept = bpf_map_lookup_elem(&hawk_sysargs, &task);
	if (kept) {
		__builtin_memcpy(SYS_BODY(s)->args, kept->args, sizeof(kept->args));
		bpf_map_delete_elem(&hawk_sysargs, &task);
		return 0;
	}
	__builtin_memset(SYS_BODY(s)->args, 0, sizeof(SYS_BODY(s)->args));
	REC(s)->flags |= HAWK_REC_NOARGS;
	count = counts(REC(s)->event);
	if (count)
		COUNT(count->noargs);
	return NOARGS;
}

/* One argument of a call of ipc(2): DIGIT of its order, see mux.def. */
static __always_inline __u64 ipc_word(const __u64 *regs, __u32 digit)
{
	__u32 word = 0;
	__u64 at = regs[4];

	if (!digit || digit > 8)
		return 0;
	if (digit > 6 && regs[0] >> 16)
		digit -= 3;
	if (digit < 6) {
		barrier_var(digit);
		return digit < 6 ? regs[digit] : 0;
	}
	bpf_probe_read_user(&word, sizeof(word), (void *)(at + (digit == 8 ? 4 : 0)));
	return word;
}

/* Arguments of a call that is one of many, INDEX. The registers go where a walk has its state: the stack is full. */
SHARED int mux_words(__u32 slot, __u32 index, __u32 order, __u64 regs)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 *r;

	if (!s)
		return 0;
	r = s->walk;
	syscall_args(r, (struct pt_regs *)regs, true);
	if (index >= HAWK_SYSROW_MUX + HAWK_MUX_IPC) {
		for (int i = 0; i < HAWK_SYSCALL_ARGS; i++)
			SYS_BODY(s)->args[i] = ipc_word(r, order >> 4 * i & 15);
		return 0;
	}
	for (__u32 i = 0; i < HAWK_SYSCALL_ARGS; i++) {
		__u32 word = 0;

		if (i < order)
			bpf_probe_read_user(&word, sizeof(word), (void *)(r[1] + 4 * i));
		SYS_BODY(s)->args[i] = word;
	}
	return 0;
}

/* All variable fields as not collected. A descriptor's is a path. */
static __always_inline void clear_vars(struct hawk_abi_scratch *s, const struct hawk_abi_sysrow *row)
{
	struct hawk_abi_var *v = SYS_VARS(s);

	for (__u32 i = 0; i < HAWK_SYSCALL_ARGS; i++) {
		v[i].len = 0;
		v[i].info = HAWK_ARG_KIND(row->arg[i]) >= HAWK_ARG_FD ? HAWK_PATH_ABSENT : HAWK_VAR_ABSENT;
	}
	v[HAWK_SYSCALL_VAR_RESOLVED].len = v[HAWK_SYSCALL_VAR_CWD].len = 0;
	v[HAWK_SYSCALL_VAR_RESOLVED].info = v[HAWK_SYSCALL_VAR_CWD].info = HAWK_PATH_ABSENT;
}

/* What the first argument was when the call began. */
SHARED int take_held(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 task = bpf_get_current_task();
	struct hawk_abi_held *held = bpf_map_lookup_elem(&hawk_held, &task);
	__u64 len;
	__u32 at;

	if (!s || !held || !tail_at(s, &at))
		return 0;
	len = held->var.len;
	barrier_var(len);
	if (len > HAWK_HELD_BYTES || bpf_probe_read_kernel(s->bytes + at, len, held->bytes))
		return 0;
	*SYS_VARS(s) = held->var;
	s->tail = at + len;
	bpf_map_delete_elem(&hawk_held, &task);
	return 0;
}

/* Keeps what descriptor FD is for the return of the call that closes it. */
SHARED int hold_fd(__u32 fd)
{
	struct hawk_abi_scratch *s = scratch_get();
	__u64 task = bpf_get_current_task();
	struct hawk_abi_held *held;

	if (!s)
		return 0;
	held = (void *)s->bytes;
	s->tail = sizeof(held->var);
	put_fd(s, &held->var, fd, HAWK_HELD_BYTES - 256 - sizeof(struct hawk_abi_pseudo));
	if (s->tail > sizeof(*held)) {
		held->var.len = 0;
		held->var.info = HAWK_PATH_ABSENT;
	}
	bpf_map_update_elem(&hawk_held, &task, held, BPF_ANY);
	scratch_put(s);
	return 0;
}

/*
 * Collects the arguments; when they are not known (NOARGS), only what a new
 * image shows. Returns true when a path among them is relative to the working
 * directory.
 */
static __always_inline bool put_args(struct hawk_abi_scratch *s, const struct hawk_abi_sysrow *row, __u32 mode)
{
	int below_cwd = 0;

	for (__u32 i = 0; i < HAWK_SYSCALL_ARGS; i++) {
		__u32 spec = row->arg[i];
		bool below_fd = i && HAWK_ARG_KIND(row->arg[i - 1]) == HAWK_ARG_DIRFD &&
				(__s32)SYS_BODY(s)->args[i - 1] != AT_FDCWD;

		if (mode & NOARGS && !(mode & EXEC_OK && HAWK_ARG_KIND(spec) < HAWK_ARG_FD))
			continue;
		if (!i && row->how == HAWK_HOW_ENTERFD)
			take_held(s->slot);
		else if (spec)
			below_cwd |= put_arg(s->slot, i, spec, mode | (below_fd ? 0 : BELOW_CWD));
	}
	return below_cwd;
}

/* The directories and files that are not arguments themselves. */
SHARED int put_places(__u32 slot, __u32 how, __s64 ret, __u32 below_cwd)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_var *cwd;
	bool moved = false;

	if (!s)
		return 0;
	cwd = SYS_VARS(s) + HAWK_SYSCALL_VAR_CWD;
	if (how == HAWK_HOW_RETFD && ret >= 0)
		put_resolved(s, ret);
	if (how == HAWK_HOW_CWD && ret == 0) {
		put_cwd(s, SYS_VARS(s) + HAWK_SYSCALL_VAR_RESOLVED);
		moved = true;
	}
	if (below_cwd && !moved) {
		put_cwd(s, cwd);
	} else if (!below_cwd && cfg && cfg->views) { /* an absolute path is elsewhere for the host when the root is */
		put_own_place(s, cwd, true);
		cwd->info |= HAWK_PATH_ROOT;
	}
	return 0;
}

/*
 * Whether the exec that returned was called. A program that the kernel starts for
 * itself (modprobe, a core handler: kernel/umh.c) comes to user mode as if one
 * returned, which nobody called. Its parent is a kernel thread.
 */
SHARED int exec_called(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 key = (__u64)task;

	return bpf_map_lookup_elem(&hawk_sysargs, &key) || !(BPF_CORE_READ(task, real_parent, flags) & PF_KTHREAD);
}

/* Fills the record of a call that was begun in SLOT. */
SHARED int syscall_fill(__u32 slot, __u32 index, __u64 regs, __s64 ret, __u32 flags)
{
	struct hawk_abi_sysrow *row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	bool compat = index >= HAWK_SYSCALL_NR_MAX;
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 mode;

	if (!row || !s)
		return 0;
	mode = (row->how == HAWK_HOW_EXEC && ret == 0 ? EXEC_OK : 0) | (compat ? COMPAT : 0);
	REC(s)->flags |= flags | row->makes | (compat ? HAWK_REC_COMPAT : 0);
	s->tail = SYS_TAIL;
	SYS_BODY(s)->ret = ret;
	if (index >= HAWK_SYSROW_MUX)
		mux_words(slot, index, row->order, regs);
	else
		mode |= put_words(s, row, (struct pt_regs *)regs, mode);
	clear_vars(s, row);
	put_places(slot, row->how, ret, put_args(s, row, mode));
	return 0;
}

/* What was kept at the entry of a call that nobody wants is of no use to the next one. */
SHARED int syscall_forget(__u32 how)
{
	__u64 task = bpf_get_current_task();

	if (how == HAWK_HOW_EXEC)
		bpf_map_delete_elem(&hawk_sysargs, &task);
	else if (how == HAWK_HOW_ENTERFD)
		bpf_map_delete_elem(&hawk_held, &task);
	return 0;
}

/* The call in ROW, which is that of INDEX, returned (or began). */
static __always_inline void syscall_event(const struct judges *by, const struct hawk_abi_sysrow *row, __u32 index,
					  __u64 regs, __s64 ret, __u32 flags)
{
	struct hawk_abi_scratch *s;
	__u32 how = row->how;

	if (!row->event || (how == HAWK_HOW_EXEC && !ret && !exec_called()))
		return;
	s = judged_begin(by, row->event);
	if (!s) {
		if (how == HAWK_HOW_EXEC || how == HAWK_HOW_ENTERFD)
			syscall_forget(how);
		return;
	}
	syscall_fill(s->slot, index, regs, ret, flags);
	judged_end(by, s);
}

/* A rare call has returned from its own function. REGS: those of the caller, struct pt_regs. */
static __always_inline int own_returned(const struct judges *by, __u64 regs, __s64 ret)
{
	struct hawk_abi_sysrow *row;
	bool compat;
	__u64 nr = syscall_nr((struct pt_regs *)regs);

	row = syscall_row(nr, &compat);
	if (row && row->own)
		syscall_event(by, row, (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0), regs, ret, 0);
	return 0;
}

#endif
