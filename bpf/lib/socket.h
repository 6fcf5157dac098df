/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bodies of the hooks on sockets (net/socket.c, security/security.c). */
#ifndef HAWK_BPF_SOCKET_H
#define HAWK_BPF_SOCKET_H

#include "bpf/lib/net.h"
#include "bpf/lib/fd.h"
#include "bpf/lib/regs.h"

/* An address that the kernel copied from the caller. */
static __always_inline void put_kernel_sockaddr(struct hawk_abi_scratch *s, struct hawk_abi_var *v, const void *addr, __u64 len)
{
	__u32 at;

	v->len = 0;
	v->info = addr && len ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!addr || !len || !tail_at(s, &at))
		return;
	barrier_var(len);
	if (len > 128) /* struct sockaddr_storage */
		len = 128;
	if (bpf_probe_read_kernel(s->bytes + at, len, addr))
		return;
	v->len = v->info = len;
	s->tail = at + len;
}

#define SOCK_VAR(TOKEN, field) (VARS_AT(TOKEN) + HAWK_VAR_##TOKEN##_##field * sizeof(struct hawk_abi_var))

/* A function of its own: what is above the judging programs must not have much stack. */
SHARED int socket_fd(void)
{
	return current_socket_fd();
}

/* Begins the record of event TOKEN about SOCKET, with what all of these events say. NULL when nobody wants it, or there is no room. */
#define SOCKET_BEGIN(TOKEN, sk)                                                     \
	({                                                                          \
		struct hawk_abi_scratch *_s = BEGIN(TOKEN);                         \
                                                                                    \
		if (_s) {                                                           \
			struct hawk_abi_##TOKEN *_b = BODY(_s, TOKEN);              \
                                                                                    \
			__builtin_memset(_b, 0, sizeof(*_b));                       \
			__builtin_memset((char *)_b + sizeof(*_b), 0,               \
					 HAWK_VARS_##TOKEN * sizeof(struct hawk_abi_var)); \
			_b->sockfd = socket_fd();                                   \
			SOCKET_FIELDS(_b, sk);                                      \
		}                                                                   \
		_s;                                                                 \
	})
#define SOCKET_FIELDS(b, sk)                                                        \
	({                                                                          \
		(b)->family = BPF_CORE_READ(sk, __sk_common.skc_family);            \
		(b)->type = BPF_CORE_READ(sk, sk_type);                             \
		(b)->protocol = BPF_CORE_READ(sk, sk_protocol);                     \
		(b)->cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);    \
	})

static __always_inline struct sock *sock_of(__u64 socket)
{
	return BPF_CORE_READ((struct socket *)socket, sk);
}

/* int family, int type, int protocol, int kern */
HOOK_BODY(net_create)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_SOCKET_CREATE);
	struct hawk_abi_SECURITY_SOCKET_CREATE *b;

	if (!s)
		return 0;
	b = BODY(s, SECURITY_SOCKET_CREATE);
	b->family = (__u16)a[0];
	b->type = (__u32)a[1];
	b->protocol = (__s32)a[2];
	b->kern = (__u32)a[3] != 0;
	b->reserved = 0;
	b->reserved2 = 0;
	EMIT(s);
	return 0;
}

/* struct socket *sock, struct sockaddr *address, int addrlen */
HOOK_BODY(net_bind)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_BIND, sk);

	if (!s)
		return 0;
	put_kernel_sockaddr(s, VAR_OF(s, SECURITY_SOCKET_BIND, local_addr), (void *)a[1], (__u32)a[2]);
	EMIT(s);
	return 0;
}

/* struct socket *sock, struct sockaddr *address, int addrlen */
HOOK_BODY(net_connect)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_CONNECT, sk);

	if (!s)
		return 0;
	put_kernel_sockaddr(s, VAR_OF(s, SECURITY_SOCKET_CONNECT, remote_addr), (void *)a[1], (__u32)a[2]);
	EMIT(s);
	return 0;
}

/* struct socket *sock, int backlog */
HOOK_BODY(net_listen)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_LISTEN, sk);

	if (!s)
		return 0;
	BODY(s, SECURITY_SOCKET_LISTEN)->backlog = (__s32)a[1];
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_LISTEN, local_addr), 0);
	EMIT(s);
	return 0;
}

/* struct socket *sock, struct socket *newsock */
HOOK_BODY(net_accept)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_ACCEPT, sk);

	if (!s)
		return 0;
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_ACCEPT, local_addr), 0);
	EMIT(s);
	return 0;
}

/* struct socket *sock, int level, int optname */
HOOK_BODY(net_setopt)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_SETSOCKOPT, sk);

	if (!s)
		return 0;
	BODY(s, SECURITY_SOCKET_SETSOCKOPT)->level = (__s32)a[1];
	BODY(s, SECURITY_SOCKET_SETSOCKOPT)->optname = (__s32)a[2];
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_SETSOCKOPT, local_addr), 0);
	EMIT(s);
	return 0;
}

/* struct socket *sock, struct msghdr *msg, int size; msg_name is a copy in the kernel (include/linux/socket.h) */
HOOK_BODY(net_send)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_SENDMSG, sk);
	struct msghdr *msg = (void *)a[1];
	void *name;

	if (!s)
		return 0;
	name = BPF_CORE_READ(msg, msg_name);
	BODY(s, SECURITY_SOCKET_SENDMSG)->size = (__u32)a[2];
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_SENDMSG, local_addr), 0);
	if (name)
		put_kernel_sockaddr(s, VAR_OF(s, SECURITY_SOCKET_SENDMSG, remote_addr), name,
				    (__u32)BPF_CORE_READ(msg, msg_namelen));
	else
		put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_SENDMSG, remote_addr), 1);
	EMIT(s);
	return 0;
}

/* struct socket *sock, struct msghdr *msg, int size, int flags */
HOOK_BODY(net_recv)
{
	struct sock *sk = sock_of(a[0]);
	struct hawk_abi_scratch *s = SOCKET_BEGIN(SECURITY_SOCKET_RECVMSG, sk);

	if (!s)
		return 0;
	BODY(s, SECURITY_SOCKET_RECVMSG)->size = (__u32)a[2];
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_RECVMSG, local_addr), 0);
	put_sock_addr(s->slot, (__u64)sk, SOCK_VAR(SECURITY_SOCKET_RECVMSG, remote_addr), 1);
	EMIT(s);
	return 0;
}

#endif
