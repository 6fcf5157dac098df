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
 * The object that a fact is about: the address of a file or socket; 0 when there
 * is nothing to tell. First and second argument of the call, its result, the
 * registers at its entry. Whatever is not here already is read before a record
 * is begun: most calls show nothing.
 */
#define FACT_COMPAT 0x100U /* with the bit of the fact: a 32-bit call */

#define MAP_ANONYMOUS 0x20 /* include/uapi/asm-generic/mman-common.h */

/* The registers of an mmap are read one by one: there is no room for all on the stack. */
static __always_inline __u64 fact_mapped(struct pt_regs *regs, bool compat, __s64 ret)
{
	if (ret < 0 && ret >= -4095)
		return 0;
	if (!((__u32)syscall_arg(regs, compat, MAP_ARG_PROT) & SOLIB_EXEC) || (__u32)syscall_arg(regs, compat, MAP_ARG_FLAGS) & MAP_ANONYMOUS)
		return 0;
	return (__u64)file_of_fd((void *)bpf_get_current_task(), (__u32)syscall_arg(regs, compat, MAP_ARG_FD));
}

static __always_inline __u64 fact_written(__u64 fd, __s64 ret)
{
	struct file *file = ret <= 0 ? NULL : file_of_fd((void *)bpf_get_current_task(), fd);

	if (!file || !writes_begin(file, (__u64)file + bpf_core_field_offset(struct file, f_pos), ret))
		return 0;
	return (__u64)file;
}

/* The file in the first argument, whose position moved (MOVED), or in the third, with a position in the fourth (COPIED). */
static __always_inline __u64 fact_filled(struct pt_regs *regs, bool compat, __u64 first, bool copied, __s64 ret)
{
	__u64 fd = copied ? (__u32)syscall_arg(regs, compat, 2) : first, at, pos = 0;
	struct file *file = ret <= 0 ? NULL : file_of_fd((void *)bpf_get_current_task(), fd);

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	at = copied ? syscall_arg(regs, compat, 3) : 0;
	if (!at)
		pos = (__u64)BPF_CORE_READ(file, f_pos);
	else
		bpf_probe_read_user(&pos, sizeof(pos), (void *)at);
	return (__s64)pos == ret ? (__u64)file : 0;
}

#define O_TRUNC 01000 /* include/uapi/asm-generic/fcntl.h */
#define FMODE_CREATED 0x100000 /* include/linux/fs.h */

/*
 * Whether the open that REGS are about asked for an empty file. Which call it is
 * is found again: sys_exit_rtp has no room to hand it down. No switch: see fact_event().
 */
SHARED int opens_to_cut(__u64 regs_addr, __u32 compat)
{
	struct pt_regs *regs = (void *)regs_addr;
	__u64 nr = syscall_nr(regs), how;
	struct hawk_abi_sysrow *row;
	__u32 index;

	strip_x32(&nr);
	index = (__u32)nr + (compat ? HAWK_SYSCALL_NR_MAX : 0);
	row = bpf_map_lookup_elem(&hawk_sysrow, &index);
	if (!row || row->id == HAWK_EV_SYS_creat)
		return !!row;
	if (row->id == HAWK_EV_SYS_open)
		return !!(syscall_arg(regs, compat, 1) & O_TRUNC);
	how = syscall_arg(regs, compat, 2);
	if (row->id == HAWK_EV_SYS_openat2 && bpf_probe_read_user(&how, sizeof(how), (void *)how))
		return 0;
	return !!(how & O_TRUNC);
}

/* What handle_truncate() is called for (do_open() in fs/namei.c): regular files that were there before. */
static __always_inline __u64 fact_cut(struct file *file, __u64 regs, bool compat)
{
	if (!file || BPF_CORE_READ(file, f_mode) & FMODE_CREATED ||
	    (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFREG || !opens_to_cut(regs, compat))
		return 0;
	return (__u64)file;
}

static __always_inline bool tells_connect(__s64 ret)
{
	return ret == 0 || ret == -EINPROGRESS || ret == -ECONNREFUSED || ret == -ETIMEDOUT || ret == -EHOSTUNREACH ||
	       ret == -ENETUNREACH || ret == -ERESTARTSYS;
}

/* The socket behind descriptor FD when it is one, for TCP only one of IP. */
static __always_inline __u64 fact_socket(__u64 fd, bool tcp)
{
	struct file *file = file_of_fd((void *)bpf_get_current_task(), fd);
	struct sock *sk = file ? sock_of_file(file) : NULL;
	__u16 family;

	if (!sk || !tcp)
		return (__u64)sk;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP && (family == AF_INET || family == AF_INET6) ? (__u64)sk : 0;
}

/* Commands of fcntl(2), include/uapi/asm-generic/fcntl.h and linux/fcntl.h. */
#define F_DUPFD 0
#define F_DUPFD_CLOEXEC 1030

static __always_inline bool duplicates(__u64 command)
{
	return (__u32)command == F_DUPFD || (__u32)command == F_DUPFD_CLOEXEC;
}

SHARED __u64 fact_object(__u32 fact, __u64 first, __s64 ret, __u64 regs)
{
	struct file *file;

	switch (fact & (FACT_COMPAT - 1)) {
	case HAWK_FACT_BIT_SHARED_OBJECT_LOADED:
		return fact_mapped((struct pt_regs *)regs, fact & FACT_COMPAT, ret);
	case HAWK_FACT_BIT_MAGIC_WRITE:
		return fact_written(first, ret);
	case HAWK_FACT_BIT_MAGIC_MOVED:
		return fact_filled((struct pt_regs *)regs, fact & FACT_COMPAT, first, false, ret);
	case HAWK_FACT_BIT_MAGIC_COPIED:
		return fact_filled((struct pt_regs *)regs, fact & FACT_COMPAT, first, true, ret);
	case HAWK_FACT_BIT_NET_TCP_CONNECT:
		return tells_connect(ret) ? fact_socket(first, true) : 0;
	default:
		break;
	}
	if (ret < 0)
		return 0;
	switch (fact & (FACT_COMPAT - 1)) {
	case HAWK_FACT_BIT_NET_TCP_ACCEPT:
		return fact_socket(ret, true);
	case HAWK_FACT_BIT_SOCKET_FCNTL:
		if (!duplicates(syscall_arg((struct pt_regs *)regs, fact & FACT_COMPAT, 1)))
			return 0;
		return fact_socket(ret, false);
	case HAWK_FACT_BIT_SOCKET_ACCEPT:
	case HAWK_FACT_BIT_SOCKET_DUP:
		return fact_socket(ret, false);
	default:
		break;
	}
	file = file_of_fd((void *)bpf_get_current_task(), ret);
	if ((fact & (FACT_COMPAT - 1)) == HAWK_FACT_BIT_DO_TRUNCATE)
		return fact_cut(file, regs, fact & FACT_COMPAT);
	return file && BPF_CORE_READ(file, f_mode) & FMODE_WRITE ? (__u64)file : 0;
}

/*
 * A refused connect has cleared the socket by now: the remote end is then the
 * address that the caller gave.
 */
SHARED int fact_connect(__u32 slot, __u64 sk, __u64 user, __s64 ret)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct endpoints e = {};

	if (!s || !read_endpoints(&e, (struct sock *)sk))
		return 0;
	if (!e.remote_port)
		given_remote(&e, user);
	connect_fill(s, &e, ret);
	return 1;
}

static __always_inline bool is_socket_fd(__u64 fd)
{
	struct file *file = file_of_fd((void *)bpf_get_current_task(), fd);

	return file && sock_of_file(file);
}

#define FACT_SOCKET(s, TOKEN, sk)                                                      \
	({                                                                             \
		__builtin_memset(BODY(s, TOKEN), 0, sizeof(struct hawk_abi_##TOKEN));  \
		(s)->tail = TAIL_AT(TOKEN);                                            \
		SOCKET_FIELDS(BODY(s, TOKEN), sk);                                     \
		put_sock_addr((s)->slot, (__u64)(sk), SOCK_VAR(TOKEN, local_addr), 0);  \
		put_sock_addr((s)->slot, (__u64)(sk), SOCK_VAR(TOKEN, remote_addr), 1); \
	})

SHARED int fact_dup(__u32 slot, __u64 sk_addr, __u64 oldfd, __s64 newfd)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct sock *sk = (void *)sk_addr;
	struct hawk_abi_SOCKET_DUP *b;

	if (!s)
		return 0;
	FACT_SOCKET(s, SOCKET_DUP, sk);
	b = BODY(s, SOCKET_DUP);
	b->oldfd = (__s32)oldfd;
	b->newfd = (__s32)newfd;
	b->stdio = is_socket_fd(0) | is_socket_fd(1) << 1 | is_socket_fd(2) << 2;
	return 1;
}

SHARED int fact_accept(__u32 slot, __u64 sk_addr, __u64 listening, __s64 newfd)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct sock *sk = (void *)sk_addr;

	if (!s)
		return 0;
	FACT_SOCKET(s, SOCKET_ACCEPT, sk);
	BODY(s, SOCKET_ACCEPT)->sockfd = (__s32)listening;
	BODY(s, SOCKET_ACCEPT)->newfd = (__s32)newfd;
	return 1;
}

SHARED int fact_magic(__u32 slot, __u64 file, __u64 buf, __s64 ret)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (s)
		magic_fill(s, (struct file *)file, buf, ret, IN_USER);
	return !!s;
}

SHARED int fact_copied(__u32 slot, __u64 file, __s64 ret)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (s)
		magic_fill(s, (struct file *)file, 0, ret, IN_PAGES);
	return !!s;
}

static __always_inline void cut_fill(struct hawk_abi_scratch *s, struct file *file)
{
	FILE_INODE(s, DO_TRUNCATE, BPF_CORE_READ(file, f_inode));
	FILE_FILE(s, DO_TRUNCATE, pathname, file);
}

SHARED int fact_file(__u32 slot, __u32 fact, __u64 file)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return 0;
	if (fact == HAWK_FACT_BIT_FILE_OPEN)
		file_fill(s, (struct file *)file, HAWK_EV_FILE_OPEN);
	else if (fact == HAWK_FACT_BIT_FILE_WRITE_OPEN)
		write_open_fill(s, (struct file *)file);
	else if (fact == HAWK_FACT_BIT_DO_TRUNCATE)
		cut_fill(s, (struct file *)file);
	else
		solib_fill(s, (struct file *)file);
	return 1;
}

/* What the record of FACT about OBJECT says; ARG: the first argument of the call, of connect and write the second. True: send it. */
static __always_inline int fact_fill(__u32 slot, __u32 fact, __u64 object, __u64 arg, __s64 ret)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	switch (fact) {
	case HAWK_FACT_BIT_MAGIC_WRITE:
		return fact_magic(slot, object, arg, ret);
	case HAWK_FACT_BIT_MAGIC_MOVED:
	case HAWK_FACT_BIT_MAGIC_COPIED:
		return fact_copied(slot, object, ret);
	case HAWK_FACT_BIT_NET_TCP_CONNECT:
		return fact_connect(slot, object, arg, ret);
	case HAWK_FACT_BIT_NET_TCP_ACCEPT:
		if (s)
			s->walk[0] = object;
		return accept_fill(slot);
	case HAWK_FACT_BIT_SOCKET_ACCEPT:
		return fact_accept(slot, object, arg, ret);
	case HAWK_FACT_BIT_SOCKET_DUP:
	case HAWK_FACT_BIT_SOCKET_FCNTL:
		return fact_dup(slot, object, arg, ret);
	case HAWK_FACT_BIT_FILE_OPEN:
		object = (__u64)file_of_fd((void *)bpf_get_current_task(), ret);
		return object ? fact_file(slot, fact, object) : 0;
	default:
		return fact_file(slot, fact, object);
	}
}

/* Not a switch: the compiler would make a table of it, which is a map. */
static __always_inline __u32 fact_event(__u32 fact)
{
	__u32 event = 0;

#define FACT(group, BIT, TOKEN)                      \
	if (fact == HAWK_FACT_BIT_##BIT)             \
		event = HAWK_EV_##TOKEN;             \
	barrier_var(event);
#include "bpf/abi/facts.def"
#undef FACT
	return event;
}

/*
 * Tells FACT of the call of INDEX, if it shows it. The first two arguments of the
 * call are all that is needed. A function, or the verifier would go through all of
 * it for each fact; the context is that of sys_exit.
 */
SHARED int call_fact(struct bpf_raw_tracepoint_args *ctx, __u32 fact, __u64 regs, __s64 ret, __u32 index)
{
	RTP_JUDGES;
	bool by_second = fact == HAWK_FACT_BIT_MAGIC_WRITE || fact == HAWK_FACT_BIT_NET_TCP_CONNECT;
	bool compat = index >= HAWK_SYSCALL_NR_MAX;
	__u64 first, second, object;
	struct hawk_abi_scratch *s;

	syscall_two_args(&first, &second, (struct pt_regs *)regs, compat);
	if (index >= HAWK_SYSROW_MUX) { /* socketcall: in memory */
		__u32 words[2] = {};

		bpf_probe_read_user(words, sizeof(words), (void *)second);
		first = words[0];
		second = words[1];
	}
	if (fact == HAWK_FACT_BIT_FILE_OPEN) /* any file is one: it is looked up when somebody wants it */
		object = ret >= 0;
	else
		object = fact_object(fact | (compat ? FACT_COMPAT : 0), first, ret, regs);
	s = object ? judged_begin(by, fact_event(fact)) : NULL;
	if (!s)
		return 0;
	if (fact_fill(s->slot, fact, object, by_second ? second : first, ret))
		judged_end(by, s);
	else
		scratch_put(s);
	return 0;
}

#endif
