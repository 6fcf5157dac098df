/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The generic system call collector: numbers and arguments out of the registers, and the record. */
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
	struct hawk_abi_sysrow *row;
	__u32 i = (__u32)nr;

	if (nr >= HAWK_SYSCALL_NR_MAX)
		return NULL;
	row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	if (!row || !row->any)
		return NULL;
	*ret_compat = is_compat((void *)bpf_get_current_task());
	if (*ret_compat) {
		i += HAWK_SYSCALL_NR_MAX;
		row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	}
	return row && row->event | row->fact | row->keep ? row : NULL;
}

#define SYS_BODY(s) ((struct hawk_abi_syscall *)((s)->bytes + sizeof(struct hawk_abi_rec)))
#define SYS_VARS(s) ((struct hawk_abi_var *)((s)->bytes + sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_syscall)))
#define SYS_TAIL (sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_syscall) + \
		  HAWK_SYSCALL_VARS * sizeof(struct hawk_abi_var))
#define SOCKADDR_MAX 128 /* sizeof(struct sockaddr_storage) */
#define ARGV_MAX 64      /* of a failed exec; the rest is marked as cut */

/* The strings of a user pointer array, each with its NUL. */
static __always_inline void put_user_strv(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u64 array, __u32 width)
{
	__u32 from = s->tail, at;

	v->len = 0;
	v->info = array ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!array || from > HAWK_RECORD_MAX - HAWK_CHUNK_BYTES)
		return;
	for (int i = 0; i < ARGV_MAX; i++) {
		__u64 p = 0;
		long n;

		if (bpf_probe_read_user(&p, width, (void *)(array + i * width)))
			break;
		if (!p) {
			v->len = v->info = s->tail - from;
			return;
		}
		if (!tail_at(s, &at) || at - from > HAWK_CHUNK_BYTES)
			break;
		n = bpf_probe_read_user_str(s->bytes + at, 1024, (void *)p);
		if (n <= 0 || n > 1024)
			break;
		s->tail = at + n;
	}
	v->len = s->tail - from;
	v->info = v->len + 1; /* cut: more than what is here */
}

/* After a successful exec the arguments are those of the new image: the same bytes, and nobody can change them yet. */
static __always_inline void put_new_argv(struct hawk_abi_scratch *s, struct hawk_abi_var *v)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 start = BPF_CORE_READ(mm, arg_start);
	__u32 len = BPF_CORE_READ(mm, arg_end) - start;

	put_user_bytes(s, v, (void *)start, len, len);
}

/* The path given to exec lies above the environment on the new stack (copy_string_kernel in fs/exec.c). */
static __always_inline void put_new_filename(struct hawk_abi_scratch *s, struct hawk_abi_var *v)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	put_user_str(s, v, (void *)BPF_CORE_READ(task, mm, env_end));
}

enum { EXEC_OK = 1, COMPAT = 2 };

/* Collects what argument INDEX points to. MODE: EXEC_OK after a successful exec, COMPAT for a 32-bit caller. */
SHARED int put_arg(__u32 slot, __u32 index, __u32 kind, __u32 mode)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_var *v;
	__u64 arg, next;
	__u32 len;

	if (!s || index >= HAWK_SYSCALL_ARGS)
		return 0;
	v = SYS_VARS(s) + index;
	arg = SYS_BODY(s)->args[index];
	next = index + 1 < HAWK_SYSCALL_ARGS ? SYS_BODY(s)->args[index + 1] : 0;
	len = (__u32)next;
	v->len = 0;
	v->info = HAWK_VAR_ABSENT;
	switch (kind) {
	case HAWK_ARG_STR:
		if (mode & EXEC_OK)
			put_new_filename(s, v);
		else
			put_user_str(s, v, (void *)arg);
		break;
	case HAWK_ARG_STRV:
		if (mode & EXEC_OK)
			put_new_argv(s, v);
		else
			put_user_strv(s, v, arg, mode & COMPAT ? 4 : 8);
		break;
	case HAWK_ARG_SOCKADDR_OUT:
		len = 0;
		bpf_probe_read_user(&len, sizeof(len), (void *)next);
		/* fall through */
	case HAWK_ARG_SOCKADDR:
		if (len > SOCKADDR_MAX)
			len = SOCKADDR_MAX;
		put_user_bytes(s, v, (void *)arg, len, len);
		break;
	case HAWK_ARG_OPEN_HOW:
		put_user_bytes(s, v, (void *)arg, 24, 24); /* OPEN_HOW_SIZE_VER0 */
		break;
	default:
		break;
	}
	return 0;
}

SHARED int put_resolved(__u32 slot, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_var *v;
	struct file *file;

	if (!s)
		return 0;
	v = SYS_VARS(s) + HAWK_SYSCALL_VAR_RESOLVED;
	v->len = 0;
	v->info = HAWK_PATH_ABSENT;
	if (ret < 0)
		return 0;
	file = file_of_fd(task, ret);
	if (file)
		put_file_path(s, v, file, task);
	return 0;
}

/*
 * The row of the exec call that the current task is in: by the number kept from
 * its entry, since a successful one always returns as execve of the new image's
 * kind (set_personality_64bit, arch/x86/kernel/process_64.c).
 */
static __always_inline __u32 exec_index(__u32 index)
{
	__u64 task = bpf_get_current_task();
	struct hawk_abi_sysargs *kept = bpf_map_lookup_elem(&hawk_sysargs, &task);

	return kept ? (__u32)kept->nr : index;
}

/* Arguments of the call: kept from its entry for exec, out of the registers otherwise. */
static __always_inline void put_words(struct hawk_abi_scratch *s, __u32 how, struct pt_regs *regs, bool compat)
{
	__u64 task = bpf_get_current_task();
	struct hawk_abi_sysargs *kept;

	if (how != HAWK_HOW_EXEC) {
		syscall_args(SYS_BODY(s)->args, regs, compat);
		return;
	}
	kept = bpf_map_lookup_elem(&hawk_sysargs, &task);
	if (kept) {
		__builtin_memcpy(SYS_BODY(s)->args, kept->args, sizeof(kept->args));
		bpf_map_delete_elem(&hawk_sysargs, &task);
	} else { /* the call began before the probe was there */
		__builtin_memset(SYS_BODY(s)->args, 0, sizeof(SYS_BODY(s)->args));
	}
}

SHARED int syscall_event(__u32 index, __u64 regs, __s64 ret)
{
	struct hawk_abi_sysrow *row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	bool compat = index >= HAWK_SYSCALL_NR_MAX;
	struct hawk_abi_scratch *s;
	__u32 mode, slot;

	if (!row || !row->event || is_self())
		return 0;
	s = record_begin(row->event);
	if (!s)
		return 0;
	slot = s->slot;
	mode = (row->how == HAWK_HOW_EXEC && ret == 0 ? EXEC_OK : 0) | (compat ? COMPAT : 0);
	if (compat)
		REC(s)->flags |= HAWK_REC_COMPAT;
	s->tail = SYS_TAIL;
	SYS_BODY(s)->ret = ret;
	put_words(s, row->how, (struct pt_regs *)regs, compat);
	for (__u32 i = 0; i < HAWK_SYSCALL_ARGS; i++) {
		if (row->kind[i] != HAWK_ARG_WORD) {
			put_arg(slot, i, row->kind[i], mode);
		} else {
			SYS_VARS(s)[i].len = 0;
			SYS_VARS(s)[i].info = HAWK_VAR_ABSENT;
		}
	}
	put_resolved(slot, row->how == HAWK_HOW_RETFD ? ret : -1);
	send_bulk(slot);
	scratch_put(s);
	return 0;
}

#endif
