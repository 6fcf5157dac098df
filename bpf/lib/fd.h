/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a descriptor is: the path of its file, or the ends of its socket. */
#ifndef HAWK_BPF_FD_H
#define HAWK_BPF_FD_H

#include "bpf/lib/net.h"

/* The name that a unix socket is bound to; returns the bytes of sun_path that were appended. */
static __always_inline __u8 put_unix_name(struct hawk_abi_scratch *s, struct sock *sk)
{
	struct unix_address *addr = sk ? BPF_CORE_READ((struct unix_sock *)sk, addr) : NULL;
	__u64 len;
	__u32 at;

	if (!addr)
		return 0;
	len = BPF_CORE_READ(addr, len) - sizeof(unsigned short);
	barrier_var(len);
	if (len > sizeof(((struct sockaddr_un *)0)->sun_path) || !tail_at(s, &at))
		return 0;
	if (bpf_probe_read_kernel(s->bytes + at, len, (char *)&addr->name + sizeof(unsigned short)))
		return 0;
	s->tail = at + len;
	return len;
}

/* Appends a socket; in place of a path when V is one. */
SHARED int put_socket(__u32 slot, __u64 file_addr)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct file *file = (void *)file_addr;
	struct sock *sk = sock_of_file(file);
	struct hawk_abi_socket *b;
	__u32 at;

	if (!s || !sk || !tail_at(s, &at))
		return HAWK_PATH_ABSENT;
	b = (void *)(s->bytes + at);
	__builtin_memset(b, 0, sizeof(*b));
	s->tail = at + sizeof(*b);
	b->inode = BPF_CORE_READ(file, f_inode, i_ino);
	b->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	b->type = BPF_CORE_READ(sk, sk_type);
	b->protocol = BPF_CORE_READ(sk, sk_protocol);
	b->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (b->family == AF_INET) {
		put_v4(&b->local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		put_v4(&b->remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	} else if (b->family == AF_INET6) {
		bpf_probe_read_kernel(&b->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(&b->remote, 16, &sk->__sk_common.skc_v6_daddr);
	} else if (b->family == AF_UNIX && bpf_core_type_exists(struct unix_sock)) {
		b->name_len = put_unix_name(s, sk);
		b->peer_len = put_unix_name(s, BPF_CORE_READ((struct unix_sock *)sk, peer));
		return HAWK_PATH_SOCKET;
	} else {
		return HAWK_PATH_SOCKET;
	}
	b->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	b->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	return HAWK_PATH_SOCKET;
}

/* One end of socket SK as struct sockaddr of its family; absent when the family has no addresses that we know. */
SHARED int put_sock_addr(__u32 slot, __u64 sk_addr, __u32 var_at, __u32 remote)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct sock *sk = (void *)sk_addr;
	struct hawk_abi_var *v;
	struct { __u16 family; __be16 port; __be32 v4_or_flow; struct hawk_abi_ip v6; __u32 scope; } addr = {};
	__u32 at, len = 2;

	barrier_var(var_at);
	if (!s || !sk || var_at > HAWK_RECORD_MAX || !tail_at(s, &at))
		return 0;
	v = (void *)(s->bytes + var_at);
	addr.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (addr.family == AF_INET || addr.family == AF_INET6)
		addr.port = remote ? BPF_CORE_READ(sk, __sk_common.skc_dport) :
				     __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_num));
	if (addr.family == AF_INET) {
		addr.v4_or_flow = remote ? BPF_CORE_READ(sk, __sk_common.skc_daddr) :
					   BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		len = 16;
	} else if (addr.family == AF_INET6) {
		bpf_probe_read_kernel(&addr.v6, 16, remote ? &sk->__sk_common.skc_v6_daddr : &sk->__sk_common.skc_v6_rcv_saddr);
		len = 28;
	}
	__builtin_memcpy(s->bytes + at, &addr, sizeof(addr));
	s->tail = at + len;
	if (addr.family == AF_UNIX && bpf_core_type_exists(struct unix_sock))
		len += put_unix_name(s, remote ? BPF_CORE_READ((struct unix_sock *)sk, peer) : sk);
	v->len = v->info = len;
	return 0;
}
_Static_assert(sizeof(struct hawk_abi_ip) == 16, "IPv6 address");

/* Appends what descriptor FD of the current process is: a path of at most MAX bytes and a component, or a socket. */
static __always_inline void put_fd(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u32 fd, __u32 max)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = file_of_fd(task, fd);
	__u32 from = s->tail;

	v->len = 0;
	v->info = HAWK_PATH_ABSENT;
	if (!file)
		return;
	if (sock_of_file(file)) {
		v->info = put_socket(s->slot, (__u64)file);
		v->len = s->tail - from;
		return;
	}
	s->walk[WALK_MNT] = (__u64)BPF_CORE_READ(file, f_path.mnt);
	s->walk[WALK_DENTRY] = (__u64)BPF_CORE_READ(file, f_path.dentry);
	put_walk(s->slot, VAR_AT(s, v), (__u64)task, max);
}

/* What standard input of the current process is, to the variable field at VAR_AT. A function for the stack's sake. */
SHARED int put_stdin(__u32 slot, __u32 var_at)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	barrier_var(var_at);
	if (s && var_at <= PATH_VARS_MAX)
		put_fd(s, (void *)(s->bytes + var_at), 0, PATH_WALK_MAX);
	return 0;
}

/* Its parent, that is, does not come from a program (kernel/umh.c). */
static __always_inline bool started_by_kernel(struct task_struct *task)
{
	return BPF_CORE_READ(task, real_parent, flags) & PF_KTHREAD;
}

/* The working directory of the current process, or its root. */
static __always_inline void put_own_place(struct hawk_abi_scratch *s, struct hawk_abi_var *v, bool root)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct path path = {};

	v->len = 0;
	v->info = HAWK_PATH_ABSENT;
	if (!fs)
		return;
	if (root) {
		path.mnt = BPF_CORE_READ(fs, root.mnt);
		path.dentry = BPF_CORE_READ(fs, root.dentry);
	} else {
		path.mnt = BPF_CORE_READ(fs, pwd.mnt);
		path.dentry = BPF_CORE_READ(fs, pwd.dentry);
	}
	put_path(s, v, &path, task);
}

static __always_inline void put_cwd(struct hawk_abi_scratch *s, struct hawk_abi_var *v)
{
	put_own_place(s, v, false);
}

#endif
