/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bodies behind the hooks of modules, probes, devices, cgroups, keys, time and other doings of the kernel. */
#ifndef HAWK_BPF_KERN_H
#define HAWK_BPF_KERN_H

#include "bpf/lib/hook.h"
#include "bpf/lib/regs.h"

static __always_inline bool is_error(__u64 p)
{
	return p >= (__u64)-4095; /* include/linux/err.h */
}

/* Of MODULE_LOAD, MODULE_FREE and DO_INIT_MODULE. */
#define PUT_MODULE(s, TOKEN, mod)                                                                   \
	({                                                                                          \
		put_kernel_str(s, VAR_OF(s, TOKEN, name), &(mod)->name);                            \
		put_kernel_str(s, VAR_OF(s, TOKEN, version), BPF_CORE_READ(mod, version));          \
		put_kernel_str(s, VAR_OF(s, TOKEN, src_version), BPF_CORE_READ(mod, srcversion));   \
	})

HOOK_BODY(kern_minit)
{
	struct hawk_abi_scratch *s = BEGIN(DO_INIT_MODULE);
	struct module *mod = (struct module *)a[0];

	if (!s)
		return 0;
	BODY(s, DO_INIT_MODULE)->retval = (int)ret;
	PUT_MODULE(s, DO_INIT_MODULE, mod);
	EMIT(s);
	return 0;
}

/* A file that the kernel reads, with the facts of its inode. */
#define PUT_READ_FILE(s, TOKEN, file, id)                                                                     \
	({                                                                                                    \
		struct hawk_abi_##TOKEN *_b = BODY(s, TOKEN);                                                 \
		struct inode *_inode = BPF_CORE_READ(file, f_inode);                                          \
                                                                                                              \
		_b->type = id;                                                                                \
		_b->inode = BPF_CORE_READ(_inode, i_ino);                                                     \
		_b->ctime = inode_ctime(_inode);                                                              \
		_b->dev = BPF_CORE_READ(_inode, i_sb, s_dev);                                                 \
		put_file_path(s, VAR_OF(s, TOKEN, pathname), file, (void *)bpf_get_current_task());           \
	})

HOOK_BODY(kern_read)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_KERNEL_READ_FILE);
	struct file *file = (struct file *)a[0];

	if (!s)
		return 0;
	PUT_READ_FILE(s, SECURITY_KERNEL_READ_FILE, file, (__u32)a[1]);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_readed)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_KERNEL_POST_READ_FILE);
	struct file *file = (struct file *)a[0];

	if (!s)
		return 0;
	BODY(s, SECURITY_KERNEL_POST_READ_FILE)->size = (__s64)a[2];
	PUT_READ_FILE(s, SECURITY_KERNEL_POST_READ_FILE, file, (__u32)a[3]);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_load)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_KERNEL_LOAD_DATA);
	struct hawk_abi_SECURITY_KERNEL_LOAD_DATA *b;

	if (!s)
		return 0;
	b = BODY(s, SECURITY_KERNEL_LOAD_DATA);
	b->type = (__u32)a[0];
	b->contents = (__u8)a[1] != 0;
	b->reserved = 0;
	b->reserved2 = 0;
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_agent)
{
	struct hawk_abi_scratch *s = BEGIN(CGROUP_RELEASE_AGENT);
	struct kernfs_open_file *of = (void *)a[0];
	struct file *file;

	if (!s)
		return 0;
	file = BPF_CORE_READ(of, file);
	BODY(s, CGROUP_RELEASE_AGENT)->retval = ret;
	put_file_path(s, VAR_OF(s, CGROUP_RELEASE_AGENT, pathname), file, (void *)bpf_get_current_task());
	put_kernel_str(s, VAR_OF(s, CGROUP_RELEASE_AGENT, agent), (void *)a[1]);
	EMIT(s);
	return 0;
}

#define ITER_IOVEC_UNTIL_5_13 4 /* with the direction in bit 0, include/linux/uio.h */

/* Where the bytes of a write lie in user memory; 0: they do not. */
static __always_inline __u64 iter_base(struct iov_iter *iter)
{
	struct iov_iter___until_5_13 *oldest = (void *)iter;
	struct iov_iter___until_6_3 *old = (void *)iter;
	struct iov_iter___since_6_4 *new = (void *)iter;
	__u64 offset = BPF_CORE_READ(iter, iov_offset);
	const struct iovec *iov;
	struct iovec first = {};

	if (bpf_core_field_exists(iter->iter_type)) {
		__u8 type = BPF_CORE_READ(iter, iter_type);

		if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
		    type == bpf_core_enum_value(enum iter_type, ITER_UBUF))
			return (__u64)BPF_CORE_READ(iter, ubuf) + offset;
		if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
			return 0;
	} else if ((BPF_CORE_READ(oldest, type) & ~1U) != ITER_IOVEC_UNTIL_5_13) {
		return 0;
	}
	if (bpf_core_field_exists(new->__iov))
		iov = BPF_CORE_READ(new, __iov);
	else
		iov = BPF_CORE_READ(old, iov);
	bpf_probe_read_kernel(&first, sizeof(first), iov);
	return (__u64)first.iov_base + offset;
}

HOOK_BODY(kern_sysctl)
{
	struct kiocb *iocb = (struct kiocb *)a[0];
	struct iov_iter *iter = (struct iov_iter *)a[1];
	struct hawk_abi_scratch *s = (int)a[2] ? BEGIN(SYSCTL_WRITE) : NULL;
	struct file *file;
	__u64 base, count;

	if (!s)
		return 0;
	file = BPF_CORE_READ(iocb, ki_filp);
	base = iter_base(iter);
	count = BPF_CORE_READ(iter, count);
	BODY(s, SYSCTL_WRITE)->count = count;
	put_file_path(s, VAR_OF(s, SYSCTL_WRITE, pathname), file, (void *)bpf_get_current_task());
	put_user_bytes(s, VAR_OF(s, SYSCTL_WRITE, value), (void *)base, count, count);
	if (!base)
		VAR_OF(s, SYSCTL_WRITE, value)->info = HAWK_VAR_ABSENT;
	EMIT(s);
	return 0;
}

#define HELPER_STRINGS 32

/* Appends the strings of a pointer array in kernel memory, each with its NUL. Returns 1 when some are missing. */
SHARED int put_kernel_strv(__u32 slot, __u64 array)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 at;

	if (!s)
		return 1;
	for (int i = 0; i < HELPER_STRINGS; i++) {
		__u64 p = 0;
		long n;

		if (bpf_probe_read_kernel(&p, sizeof(p), (void *)(array + i * sizeof(p))))
			return 1;
		if (!p)
			return 0;
		if (!tail_at(s, &at))
			return 1;
		n = bpf_probe_read_kernel_str(s->bytes + at, 1024, (void *)p);
		if (n <= 0 || n > 1024)
			return 1;
		s->tail = at + n;
	}
	return 1;
}

static __always_inline void put_strings(struct hawk_abi_scratch *s, struct hawk_abi_var *v, char **array)
{
	__u32 from = s->tail;
	int cut = put_kernel_strv(s->slot, (__u64)array);

	v->len = s->tail - from;
	v->info = v->len + cut;
}

HOOK_BODY(kern_umh)
{
	struct subprocess_info *info = (struct subprocess_info *)a[0];
	struct hawk_abi_scratch *s = BEGIN(CALL_USERMODEHELPER);
	char **argv, **envp;

	if (!s)
		return 0;
	argv = BPF_CORE_READ(info, argv);
	envp = BPF_CORE_READ(info, envp);
	BODY(s, CALL_USERMODEHELPER)->wait = (__s32)a[1] & 3; /* UMH_KILLABLE and UMH_FREEZABLE left out */
	BODY(s, CALL_USERMODEHELPER)->reserved = 0;
	put_kernel_str(s, VAR_OF(s, CALL_USERMODEHELPER, pathname), BPF_CORE_READ(info, path));
	put_strings(s, VAR_OF(s, CALL_USERMODEHELPER, argv), argv);
	put_strings(s, VAR_OF(s, CALL_USERMODEHELPER, envp), envp);
	EMIT(s);
	return 0;
}

/* key_ref_t: whether it is possessed is bit 0 of the address, include/linux/key.h */
HOOK_BODY(kern_key)
{
	struct key *key = (struct key *)(a[0] & ~1ULL);
	struct hawk_abi_scratch *s = BEGIN(SECURITY_KEY_PERMISSION);
	struct hawk_abi_SECURITY_KEY_PERMISSION *b;

	if (!s)
		return 0;
	b = BODY(s, SECURITY_KEY_PERMISSION);
	b->serial = BPF_CORE_READ(key, serial);
	b->need = (__u32)a[2];
	b->key_uid = BPF_CORE_READ(key, uid.val);
	b->key_gid = BPF_CORE_READ(key, gid.val);
	b->perm = BPF_CORE_READ(key, perm);
	b->reserved = 0;
	put_kernel_str(s, VAR_OF(s, SECURITY_KEY_PERMISSION, type), BPF_CORE_READ(key, type, name));
	put_kernel_str(s, VAR_OF(s, SECURITY_KEY_PERMISSION, description), BPF_CORE_READ(key, description));
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_clock)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_SETTIME64);
	struct hawk_abi_SECURITY_SETTIME64 *b;
	struct timespec64 ts = {};
	struct timezone tz = {};

	if (!s)
		return 0;
	b = BODY(s, SECURITY_SETTIME64);
	b->set_time = a[0] && !bpf_probe_read_kernel(&ts, sizeof(ts), (void *)a[0]);
	b->set_timezone = a[1] && !bpf_probe_read_kernel(&tz, sizeof(tz), (void *)a[1]);
	b->tv_sec = ts.tv_sec;
	b->tv_nsec = ts.tv_nsec;
	b->tz_minuteswest = tz.tz_minuteswest;
	b->tz_dsttime = tz.tz_dsttime;
	b->reserved = 0;
	b->reserved2 = 0;
	EMIT(s);
	return 0;
}

/* Calls that only ask have no modes. */
HOOK_BODY(kern_adjust)
{
	struct __kernel_timex *t = (struct __kernel_timex *)a[0];
	__u32 modes = BPF_CORE_READ(t, modes);
	struct hawk_abi_scratch *s = modes ? BEGIN(DO_ADJTIMEX) : NULL;
	struct hawk_abi_DO_ADJTIMEX *b;

	if (!s)
		return 0;
	b = BODY(s, DO_ADJTIMEX);
	b->retval = (int)ret;
	b->offset = BPF_CORE_READ(t, offset);
	b->freq = BPF_CORE_READ(t, freq);
	b->tick = BPF_CORE_READ(t, tick);
	b->modes = modes;
	b->status = BPF_CORE_READ(t, status);
	EMIT(s);
	return 0;
}

#endif
