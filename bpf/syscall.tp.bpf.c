/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The generic system call collector, and the facts that the return of a call
 * shows where the kernel has no better probe. What each call needs is in the
 * map hawk_sysrow, filled from syscalls.def for the events that are wanted.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"
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

/*
 * A refused connect has cleared the socket by now: the remote end is then the
 * address that the caller gave.
 */
SHARED int fact_connect(__u64 regs, __s64 ret, __u32 index)
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
	syscall_args(args, (struct pt_regs *)regs, index >= HAWK_SYSCALL_NR_MAX);
	if (index >= HAWK_SYSROW_MUX) { /* socketcall: in memory */
		__u32 words[2] = {};

		bpf_probe_read_user(words, sizeof(words), (void *)args[1]);
		args[0] = words[0];
		args[1] = words[1];
	}
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

static __always_inline void fact(__u32 event, __u64 regs, __s64 ret, __u32 index)
{
	if (event == HAWK_EV_NET_TCP_CONNECT)
		fact_connect(regs, ret, index);
	else
		fact_fd(event, ret);
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
	if (row->fact)
		fact(row->fact, regs, ret, index);
	if (!row->mux)
		return 0;
	index = mux_index(row->mux - 1, (struct pt_regs *)regs);
	row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	if (row && row->event)
		syscall_event(index, regs, ret, 0);
	if (row && row->fact)
		fact(row->fact, regs, ret, index);
	return 0;
}
