/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the arguments of a system call point to; how each type is read stands in argtypes.def. */
#ifndef HAWK_BPF_ARGS_H
#define HAWK_BPF_ARGS_H

#define SYS_BODY(s) ((struct hawk_abi_syscall *)((s)->bytes + sizeof(struct hawk_abi_rec)))
#define SYS_VARS(s) ((struct hawk_abi_var *)((s)->bytes + sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_syscall)))
#define SYS_TAIL (sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_syscall) + \
		  HAWK_SYSCALL_VARS * sizeof(struct hawk_abi_var))
#define IOV_MAX 128 /* entries that are read; the rest is marked as cut */
#define IOV_DATA 8  /* entries whose data is read */
#define PART_MAX 256 /* bytes of a part of a message */

/* MODE of put_arg: after a successful exec; for a 32-bit caller; a relative path is one below the working directory. */
enum { EXEC_OK = 1, COMPAT = 2, BELOW_CWD = 4, NOARGS = 8 };

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

/* LEN bytes as the caller means, at most MAX. */
static __always_inline void put_sized(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u64 p, __u64 len, __u32 max)
{
	__u32 full = len < 0x7fffffff ? len : 0x7fffffff;

	put_user_bytes(s, v, (void *)p, full < max ? full : max, full);
}

/* At most PART_MAX bytes at the end of the record; returns how many. */
static __always_inline __u32 put_part(struct hawk_abi_scratch *s, __u64 p, __u64 len)
{
	__u32 at = s->tail;

	barrier_var(at);
	if (!p || at > HAWK_RECORD_MAX)
		return 0;
	barrier_var(len);
	if (len > PART_MAX)
		len = PART_MAX;
	if (bpf_probe_read_user(s->bytes + at, len, (void *)p))
		return 0;
	s->tail = at + len;
	return len;
}

/*
 * Appends what the vector at AT in the record points to, at most ROOM bytes.
 * Returns -1 when there is no reading on. A function, or the verifier would
 * follow every way through all of the vectors.
 */
SHARED int put_vector(__u32 slot, __u32 at, __u32 mode, __u32 room)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 base, len;

	barrier_var(at);
	if (!s || at > HAWK_RECORD_MAX)
		return -1;
	if (mode & COMPAT) {
		base = *(__u32 *)(s->bytes + at);
		len = *(__u32 *)(s->bytes + at + 4);
	} else {
		base = *(__u64 *)(s->bytes + at);
		len = *(__u64 *)(s->bytes + at + 8);
	}
	if (len > room)
		len = room;
	return len && !put_part(s, base, len) ? -1 : 0;
}

/* Appends the first LIMIT bytes of what the vectors at FROM in the record hold. */
static __always_inline void put_iov_data(struct hawk_abi_scratch *s, __u32 from, __u32 count, __u32 mode, __u32 limit)
{
	__u32 end = s->tail, width = mode & COMPAT ? 8 : 16;

	for (__u32 i = 0; i < IOV_DATA; i++) {
		__u32 used = s->tail - end;

		if (i >= count || used >= limit || put_vector(s->slot, from + i * width, mode, limit - used))
			break;
	}
}

/* Appends struct hawk_abi_iov and what belongs to it: COUNT entries at ADDR, LIMIT bytes of data. Returns 0 or -1. */
SHARED int put_iov(__u32 slot, __u64 addr, __u64 count, __u32 mode, __u32 limit)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 width = mode & COMPAT ? 8 : 16;
	struct hawk_abi_iov *iov;
	__u64 n = count, len;
	__u32 at;

	if (!s || !tail_at(s, &at))
		return -1;
	if (n > IOV_MAX)
		n = IOV_MAX;
	iov = (void *)(s->bytes + at);
	iov->count = count;
	iov->data_len = 0;
	len = n * width;
	barrier_var(len);
	if (len > IOV_MAX * 16)
		return -1;
	if (bpf_probe_read_user(s->bytes + at + sizeof(*iov), len, (void *)addr))
		return -1;
	iov->entries_len = len;
	s->tail = at + sizeof(*iov) + len;
	put_iov_data(s, at + sizeof(*iov), n, mode, limit < PART_MAX ? limit : PART_MAX);
	iov->data_len = s->tail - (at + sizeof(*iov) + len);
	return 0;
}

/* struct user_msghdr, include/linux/socket.h; struct compat_msghdr, include/net/compat.h */
struct user_msg {
	__u64 name;
	__u32 namelen, pad;
	__u64 iov, iovlen;
	__u64 control, controllen;
	__u32 flags, pad2;
};
struct user_msg32 {
	__u32 name, namelen, iov, iovlen, control, controllen, flags;
};

static __always_inline int read_msg(struct user_msg *m, __u64 addr, __u32 mode)
{
	struct user_msg32 m32;

	if (!(mode & COMPAT))
		return bpf_probe_read_user(m, sizeof(*m), (void *)addr);
	if (bpf_probe_read_user(&m32, sizeof(m32), (void *)addr))
		return -1;
	m->name = m32.name;
	m->namelen = m32.namelen;
	m->iov = m32.iov;
	m->iovlen = m32.iovlen;
	m->control = m32.control;
	m->controllen = m32.controllen;
	m->flags = m32.flags;
	return 0;
}

/*
 * Appends struct hawk_abi_msg and what belongs to it. Returns 0 or -1. What the
 * caller gave goes where a walk has its state: the stack is full.
 */
SHARED int put_msg(__u32 slot, __u64 addr, __u32 mode, __u32 limit)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_msg *b;
	struct user_msg *m;
	__u32 at;

	if (!s || !tail_at(s, &at))
		return -1;
	m = (void *)s->walk;
	_Static_assert(sizeof(*m) <= sizeof(s->walk), "no room");
	if (read_msg(m, addr, mode))
		return -1;
	b = (void *)(s->bytes + at);
	b->controllen = m->controllen;
	b->namelen = m->namelen;
	b->flags = m->flags;
	s->tail = at + sizeof(*b);
	b->name_len = put_part(s, m->name, m->namelen);
	b->control_len = put_part(s, m->control, m->controllen);
	put_iov(slot, m->iov, m->iovlen, mode, limit);
	return 0;
}

/* Ends variable field V, whose bytes begin at FROM. FAILED: they could not be read. CUT: not all of them were. */
static __always_inline void end_var(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u32 from, bool failed, bool cut)
{
	if (failed)
		s->tail = from;
	v->len = s->tail - from;
	v->info = failed ? HAWK_VAR_UNREADABLE : v->len + cut;
}

/* The vectors or the message of argument INDEX. LIMIT: bytes of data that count. */
static __always_inline void put_vectors(struct hawk_abi_scratch *s, __u32 index, __u32 kind, __u32 mode, __u32 limit)
{
	struct hawk_abi_var *v = SYS_VARS(s) + index;
	__u64 arg = SYS_BODY(s)->args[index];
	__u32 from = s->tail;
	__u64 count;

	v->len = 0;
	v->info = HAWK_VAR_NULL;
	if (!arg)
		return;
	count = index + 1 < HAWK_SYSCALL_ARGS ? SYS_BODY(s)->args[index + 1] : 0;
	if (kind != HAWK_ARG_IOVEC) {
		end_var(s, v, from, put_msg(s->slot, arg, mode, limit), kind == HAWK_ARG_MMSGHDR && (__u32)count > 1);
		return;
	}
	end_var(s, v, from, put_iov(s->slot, arg, count, mode, limit), count > IOV_MAX);
}

/* The argument before, as a word, and the bytes. */
static __always_inline void put_command(struct hawk_abi_scratch *s, __u32 index, __u64 len, __u32 max)
{
	struct hawk_abi_var *v = SYS_VARS(s) + index;
	__u64 arg = SYS_BODY(s)->args[index];
	__u32 before = index - 1, at;

	barrier_var(before);
	if (before >= HAWK_SYSCALL_ARGS || !tail_at(s, &at))
		return;
	*(__u64 *)(s->bytes + at) = SYS_BODY(s)->args[before];
	s->tail = at + sizeof(__u64);
	put_sized(s, v, arg, len, max);
	if (v->info >= HAWK_VAR_ABSENT) {
		s->tail = at;
	} else {
		v->len += sizeof(__u64);
		v->info += sizeof(__u64);
	}
}

/* Version 1 has 32 capabilities, include/uapi/linux/capability.h. */
static __always_inline __u32 capdata_len(struct hawk_abi_scratch *s, __u32 index, __u32 max)
{
	__u32 before = index - 1, version = 0;

	barrier_var(before);
	if (before < HAWK_SYSCALL_ARGS)
		bpf_probe_read_user(&version, sizeof(version), (void *)SYS_BODY(s)->args[before]);
	return version == 0x19980330 ? max / 2 : max;
}

/* A path as given. Returns 1 when it is relative to the working directory. */
static __always_inline int put_upath(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u64 arg, __u32 mode)
{
	__u32 at = s->tail;

	if (mode & EXEC_OK)
		put_new_filename(s, v);
	else
		put_user_str(s, v, (void *)arg);
	barrier_var(at);
	return mode & BELOW_CWD && v->info < HAWK_VAR_ABSENT && at <= HAWK_RECORD_MAX &&
	       !(v->len && s->bytes[at] == '/');
}

/* Bytes that count of what a successful call returned, for an argument of SPEC whose value is ARG. */
static __always_inline __u32 data_limit(__u32 spec, __s64 ret, __u64 arg, __u32 mode)
{
	const __u32 max = HAWK_ARG_SIZE(spec);
	__u32 len = 0;

	if (!(spec & HAWK_ARG_OUT))
		return max;
	if (HAWK_ARG_KIND(spec) != HAWK_ARG_MMSGHDR)
		return ret < max ? ret : max;
	/* The result is the number of messages; msg_len of the first one is behind its header. */
	arg += mode & COMPAT ? sizeof(struct user_msg32) : sizeof(struct user_msg);
	bpf_probe_read_user(&len, sizeof(len), (void *)arg);
	return len < max ? len : max;
}

/*
 * Collects what argument INDEX points to, or is. SPEC: its type, see
 * hawk_abi_sysrow.arg. Returns 1 when the working directory is wanted for it.
 */
SHARED int put_arg(__u32 slot, __u32 index, __u32 spec, __u32 mode)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 max = HAWK_ARG_SIZE(spec), len;
	struct hawk_abi_var *v;
	__u64 arg, next;
	__s64 ret;

	if (!s || index >= HAWK_SYSCALL_ARGS)
		return 0;
	v = SYS_VARS(s) + index;
	arg = SYS_BODY(s)->args[index];
	next = index + 1 < HAWK_SYSCALL_ARGS ? SYS_BODY(s)->args[index + 1] : 0;
	ret = SYS_BODY(s)->ret;
	if (spec & HAWK_ARG_OUT && ret < 0)
		return 0;
	switch (HAWK_ARG_KIND(spec)) {
	case HAWK_ARG_STR:
		put_user_str(s, v, (void *)arg);
		break;
	case HAWK_ARG_UPATH:
		return put_upath(s, v, arg, mode);
	case HAWK_ARG_STRV:
		if (mode & EXEC_OK)
			put_new_argv(s, v);
		else
			put_user_strv(s, v, arg, mode & COMPAT ? 4 : 8, HAWK_CHUNK_BYTES);
		break;
	case HAWK_ARG_FIXED:
		put_sized(s, v, arg, max, max);
		break;
	case HAWK_ARG_SIZED:
		put_sized(s, v, arg, next, max);
		break;
	case HAWK_ARG_SIZED_OUT:
		len = 0;
		bpf_probe_read_user(&len, sizeof(len), (void *)next);
		put_sized(s, v, arg, len, max);
		break;
	case HAWK_ARG_RESULT:
		put_sized(s, v, arg, ret, max);
		break;
	case HAWK_ARG_COMMAND:
		put_command(s, index, next, max);
		break;
	case HAWK_ARG_CAPDATA:
		put_sized(s, v, arg, capdata_len(s, index, max), max);
		break;
	case HAWK_ARG_IOVEC:
	case HAWK_ARG_MSGHDR:
	case HAWK_ARG_MMSGHDR:
		put_vectors(s, index, HAWK_ARG_KIND(spec), mode, data_limit(spec, ret, arg, mode));
		break;
	case HAWK_ARG_FD:
	case HAWK_ARG_DIRFD:
		put_fd(s, v, (__u32)arg, PATH_WALK_MAX);
		break;
	default:
		break;
	}
	return 0;
}

#endif
