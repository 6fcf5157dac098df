/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays of strings in user memory, and those that the caller of an exec gives. */
#ifndef HAWK_BPF_ARGV_H
#define HAWK_BPF_ARGV_H

#include "bpf/lib/regs.h"

#define ARGV_MAX 64        /* strings; the rest is marked as cut */
#define ARGV_STR_BYTES 1024 /* of one; what comes behind a longer one is not read, and marked as cut */

/*
 * Appends the string that the pointer at AT leads to. Returns its length with the
 * NUL, 0 at the end of the array, -1 when it cannot be read or there is no ROOM.
 * A function, or the verifier would go through all of it for each string.
 */
SHARED int put_strv_one(__u32 slot, __u64 at, __u32 width, __u32 room)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 p = 0;
	__u32 tail;
	long n;

	if (!s || bpf_probe_read_user(&p, width == 4 ? 4 : 8, (void *)at))
		return -1;
	if (!p)
		return 0;
	if (!room || !tail_at(s, &tail))
		return -1;
	n = read_user_str(s->bytes + tail, ARGV_STR_BYTES, (void *)p);
	if (n <= 0 || n > ARGV_STR_BYTES)
		return -1;
	s->tail = tail + n;
	return n;
}

/* The strings of a user pointer array, each with its NUL, until there are LIMIT bytes. WIDTH: bytes of a pointer. */
static __always_inline void put_user_strv(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u64 array, __u32 width,
					  __u32 limit)
{
	__u32 from = s->tail;
	int n = 0;

	v->len = 0;
	v->info = array ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!array || from > HAWK_RECORD_MAX - HAWK_CHUNK_BYTES)
		return;
	for (int i = 0; i < ARGV_MAX; i++) {
		n = put_strv_one(s->slot, array + i * width, width, n != ARGV_STR_BYTES && s->tail - from <= limit);
		if (n <= 0)
			break;
	}
	if (s->tail == from && n)
		return;
	v->len = s->tail - from;
	v->info = v->len + !!n; /* cut: more than what is here */
}

/* Where the array of arguments is among those of the system call NR; that of the environment is behind it. 0: no exec. */
static __always_inline int exec_argv_index(__s32 nr, bool compat)
{
	if (nr == (compat ? NR_EXECVE_32 : NR_EXECVE) || (!compat && nr == NR_EXECVE_X32))
		return 1;
	if (nr == (compat ? NR_EXECVEAT_32 : NR_EXECVEAT) || (!compat && nr == NR_EXECVEAT_X32))
		return 2;
	return 0;
}

/*
 * The arguments and the environment of the exec that the current task is in, to the
 * variable fields at ARGV_AT and ENV_AT, while it has its old memory. The kernel
 * has read them before, so they are there, but another thread can have changed
 * them meanwhile. A program that the kernel starts itself (kernel/umh.c) has no
 * caller: its arguments are then left out, as is an environment that nobody
 * asked for.
 */
SHARED int put_exec_arrays(__u32 slot, __u32 argv_at, __u32 env_at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 regs = (__u64)UNTYPED(current_regs()), nr = syscall_nr((struct pt_regs *)regs);
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_var *argv, *env;
	__u32 x32 = strip_x32(&nr), width;
	bool compat = is_compat(task);
	int index;

	if (!s || !cfg || argv_at > PATH_VARS_MAX || env_at > PATH_VARS_MAX)
		return 0;
	argv = (void *)(s->bytes + argv_at);
	env = (void *)(s->bytes + env_at);
	argv->len = env->len = 0;
	argv->info = env->info = HAWK_VAR_ABSENT;
	index = exec_argv_index((__s32)nr, compat);
	if (!index)
		return 0;
	width = compat || (x32 && (__s32)nr >= NR_EXECVE_X32) ? 4 : 8;
	put_user_strv(s, argv, index == 1 ? syscall_arg((struct pt_regs *)regs, compat, 1) :
					    syscall_arg((struct pt_regs *)regs, compat, 2),
		      width, cfg->argv_max < HAWK_CHUNK_BYTES ? cfg->argv_max : HAWK_CHUNK_BYTES);
	if (cfg->env_max)
		put_user_strv(s, env, index == 1 ? syscall_arg((struct pt_regs *)regs, compat, 2) :
						   syscall_arg((struct pt_regs *)regs, compat, 3),
			      width, cfg->env_max < HAWK_CHUNK_BYTES ? cfg->env_max : HAWK_CHUNK_BYTES);
	return 0;
}

#endif
