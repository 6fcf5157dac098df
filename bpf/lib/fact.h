/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the return of a system call shows of events of other families (bpf/abi/facts.def). */
#ifndef HAWK_BPF_FACT_H
#define HAWK_BPF_FACT_H

#include "bpf/lib/regs.h"
#include "bpf/lib/socket.h"

/* The remote end as the caller of connect gave it. */
static __always_inline void given_remote(struct endpoints *e, __u64 user)
{
	struct { __u16 family; __be16 port; __be32 v4; } addr = {};

	if (bpf_probe_read_user(&addr, sizeof(addr), (void *)user))
		return;
	e->remote_port = __builtin_bswap16(addr.port);
	if (addr.family == AF_INET)
		put_v4(&e->remote, addr.v4);
	else
		bpf_probe_read_user(&e->remote, 16, (void *)(user + sizeof(addr)));
}

/*
 * A refused connect has cleared the socket by now: the remote end is then the
 * address that the caller gave.
 */
SHARED int fact_connect(__u64 fd, __u64 user, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct endpoints e = {};
	struct file *file;
	struct sock *sk;

	if (ret != 0 && ret != -EINPROGRESS && ret != -ECONNREFUSED && ret != -ETIMEDOUT && ret != -EHOSTUNREACH &&
	    ret != -ENETUNREACH && ret != -ERESTARTSYS)
		return 0;
	file = file_of_fd(task, fd);
	sk = file ? sock_of_file(file) : NULL;
	if (!sk || !read_endpoints(&e, sk))
		return 0;
	if (!e.remote_port)
		given_remote(&e, user);
	connect_event(&e, ret);
	return 0;
}

static __always_inline bool is_socket_fd(__u64 fd)
{
	struct file *file = file_of_fd((void *)bpf_get_current_task(), fd);

	return file && sock_of_file(file);
}

#define FACT_BEGIN(TOKEN, sk)                                                               \
	({                                                                                  \
		struct hawk_abi_scratch *_s = is_self() ? NULL : record_begin(HAWK_EV_##TOKEN); \
                                                                                            \
		if (_s) {                                                                   \
			struct hawk_abi_##TOKEN *_b = BODY(_s, TOKEN);                      \
                                                                                            \
			__builtin_memset(_b, 0, sizeof(*_b));                               \
			_s->tail = TAIL_AT(TOKEN);                                          \
			_b->family = BPF_CORE_READ(sk, __sk_common.skc_family);             \
			_b->type = BPF_CORE_READ(sk, sk_type);                              \
			_b->protocol = BPF_CORE_READ(sk, sk_protocol);                      \
			_b->cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);     \
			put_sock_addr(_s->slot, (__u64)(sk), SOCK_VAR(TOKEN, local_addr), 0); \
			put_sock_addr(_s->slot, (__u64)(sk), SOCK_VAR(TOKEN, remote_addr), 1); \
		}                                                                           \
		_s;                                                                         \
	})

SHARED int fact_dup(__u64 oldfd, __u64 newfd, __u64 sk_addr)
{
	struct sock *sk = (void *)sk_addr;
	struct hawk_abi_scratch *s = FACT_BEGIN(SOCKET_DUP, sk);
	struct hawk_abi_SOCKET_DUP *b;

	if (!s)
		return 0;
	b = BODY(s, SOCKET_DUP);
	b->oldfd = (__s32)oldfd;
	b->newfd = (__s32)newfd;
	b->stdio = is_socket_fd(0) | is_socket_fd(1) << 1 | is_socket_fd(2) << 2;
	return socket_end(s);
}

SHARED int fact_accept(__u64 listening, __u64 newfd, __u64 sk_addr)
{
	struct sock *sk = (void *)sk_addr;
	struct hawk_abi_scratch *s = FACT_BEGIN(SOCKET_ACCEPT, sk);

	if (!s)
		return 0;
	BODY(s, SOCKET_ACCEPT)->sockfd = (__s32)listening;
	BODY(s, SOCKET_ACCEPT)->newfd = (__s32)newfd;
	return socket_end(s);
}

SHARED int fact_write_open(__s64 fd)
{
	struct file *file = fd < 0 ? NULL : file_of_fd((void *)bpf_get_current_task(), fd);

	return file ? opened_to_write((__s64)file) : 0;
}

/* A write that brought a file's position from its begin to what was written. */
SHARED int fact_write(__u64 fd, __u64 buf, __s64 ret)
{
	struct file *file = ret <= 0 ? NULL : file_of_fd((void *)bpf_get_current_task(), fd);
	__u64 a[4] = { (__u64)file, buf };

	if (!file)
		return 0;
	a[3] = (__u64)file + bpf_core_field_offset(struct file, f_pos);
	return magic_event(a, ret, IN_USER);
}

/* A function of its own: beside what begins a record there is no room for it on the stack of kernels before 6.2. */
SHARED int fact_open(__u32 slot, __u64 file)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (s)
		file_fill(s, (struct file *)file, HAWK_EV_FILE_OPEN);
	return 0;
}

#define MAP_ANONYMOUS 0x20 /* include/uapi/asm-generic/mman-common.h */

/* An mmap that returned. The registers of its arguments are read one by one: there is no room for all on the stack. */
SHARED int fact_map(__u64 regs_addr, __u32 compat, __s64 ret)
{
	struct pt_regs *regs = (void *)regs_addr;
	struct file *file;

	if (ret < 0 && ret >= -4095)
		return 0;
	if (!(map_arg(regs, compat, MAP_ARG_PROT) & SOLIB_EXEC) || map_arg(regs, compat, MAP_ARG_FLAGS) & MAP_ANONYMOUS)
		return 0;
	file = file_of_fd((void *)bpf_get_current_task(), map_arg(regs, compat, MAP_ARG_FD));
	return file ? solib_event(file) : 0;
}

/* Facts of a returned descriptor; ARG: the first argument of the call. */
SHARED int fact_fd(__u32 facts, __u64 arg, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = ret < 0 ? NULL : file_of_fd(task, ret);
	struct sock *sk;

	if (!file)
		return 0;
	if (facts & HAWK_FACT_FILE_OPEN) {
		struct hawk_abi_scratch *s = is_self() ? NULL : record_begin(HAWK_EV_FILE_OPEN);

		if (s) {
			fact_open(s->slot, (__u64)file);
			file_end(s);
		}
		return 0;
	}
	sk = sock_of_file(file);
	if (!sk)
		return 0;
	if (facts & HAWK_FACT_NET_TCP_ACCEPT)
		accept_event(sk);
	if (facts & HAWK_FACT_SOCKET_ACCEPT)
		fact_accept(arg, ret, (__u64)sk);
	if (facts & HAWK_FACT_SOCKET_DUP)
		fact_dup(arg, ret, (__u64)sk);
	return 0;
}

#endif
