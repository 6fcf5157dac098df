/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The generic system call collector, and the facts that the return of a call
 * shows where the kernel has no better probe. What each call needs is in the
 * map hawk_sysrow, filled from syscalls.def for the events that are wanted.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"
#include "bpf/lib/syscall.h"

SEC("raw_tp/sys_enter")
int sys_enter_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	struct hawk_abi_sysargs keep;
	struct hawk_abi_sysrow *row;
	__u64 task;
	bool compat;

	row = syscall_row(ctx->args[1], &compat);
	if (!row || !row->keep)
		return 0;
	task = bpf_get_current_task();
	keep.nr = ctx->args[1] + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	syscall_args(keep.args, (void *)ctx->args[0], compat);
	bpf_map_update_elem(&hawk_sysargs, &task, &keep, BPF_ANY);
	return 0;
}

/*
 * A refused connect has cleared the socket by now: the remote end is then the
 * address that the caller gave.
 */
SHARED int fact_connect(__u64 regs, __s64 ret, __u32 compat)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct { __u16 family; __be16 port; union { __be32 v4; __u32 flow; }; struct hawk_abi_ip v6; } addr = {};
	struct endpoints e = {};
	__u64 args[6];
	struct file *file;
	struct sock *sk;

	if (ret != 0 && ret != -EINPROGRESS && ret != -ECONNREFUSED && ret != -ETIMEDOUT && ret != -EHOSTUNREACH &&
	    ret != -ENETUNREACH && ret != -ERESTARTSYS)
		return 0;
	syscall_args(args, (struct pt_regs *)regs, compat);
	file = file_of_fd(task, args[0]);
	sk = file ? sock_of_file(file) : NULL;
	if (!sk || !read_endpoints(&e, sk))
		return 0;
	if (!e.remote_port && !bpf_probe_read_user(&addr, 8, (void *)args[1])) {
		e.remote_port = __builtin_bswap16(addr.port);
		if (addr.family == AF_INET)
			put_v4(&e.remote, addr.v4);
		else if (!bpf_probe_read_user(&addr.v6, 16, (void *)(args[1] + 8)))
			e.remote = addr.v6;
	}
	connect_event(&e, ret);
	return 0;
}

/* A file or an accepted connection, out of the returned descriptor. */
SHARED int fact_fd(__u32 fact, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file;
	struct sock *sk;

	if (ret < 0)
		return 0;
	file = file_of_fd(task, ret);
	if (!file)
		return 0;
	if (fact == HAWK_EV_FILE_OPEN) {
		file_event(file, HAWK_EV_FILE_OPEN);
	} else if (fact == HAWK_EV_NET_TCP_ACCEPT) {
		sk = sock_of_file(file);
		if (sk)
			accept_event(sk);
	}
	return 0;
}

SEC("raw_tp/sys_exit")
int sys_exit_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 regs = ctx->args[0], nr = syscall_nr((struct pt_regs *)regs);
	__s64 ret = (__s64)ctx->args[1];
	struct hawk_abi_sysrow *row;
	__u32 index;
	bool compat;

	row = syscall_row(nr, &compat);
	if (!row)
		return 0;
	index = (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	if (row->keep)
		syscall_event(exec_index(index), regs, ret, 0);
	else if (row->event && !row->own)
		syscall_event(index, regs, ret, 0);
	if (row->fact == HAWK_EV_NET_TCP_CONNECT)
		fact_connect(regs, ret, compat);
	else if (row->fact)
		fact_fd(row->fact, ret);
	return 0;
}
