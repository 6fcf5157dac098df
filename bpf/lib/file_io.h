/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Contents of files: reads, writes, mappings, directories. */
#ifndef HAWK_BPF_FILE_IO_H
#define HAWK_BPF_FILE_IO_H

#include "bpf/lib/page.h"
#include "bpf/lib/regs.h"

/* Where a transfer that has moved POS began. */
static __always_inline __s64 io_start(__u64 pos, __s64 ret)
{
	__s64 at;

	if (!pos)
		return 0;
	at = (__s64)read_word(pos);
	return ret > 0 ? at - ret : at;
}

#define IO_EVENT(TOKEN, amount, put_path)                                                              \
	({                                                                                             \
		struct file *_file = (void *)a[0];                                                     \
		struct hawk_abi_scratch *_r = FILE_BEGIN_INODE(TOKEN, BPF_CORE_READ(_file, f_inode));  \
                                                                                                       \
		if (_r) {                                                                              \
			BODY(_r, TOKEN)->retval = ret;                                                 \
			BODY(_r, TOKEN)->amount = a[2];                                                \
			BODY(_r, TOKEN)->pos = io_start(a[3], ret);                                    \
			put_path(_r, TOKEN, pathname, a[0]);                                           \
			EMIT(_r);                                                                  \
		}                                                                                      \
		0;                                                                                     \
	})

HOOK_BODY(file_read)
{
	return IO_EVENT(VFS_READ, count, FILE_FILE);
}

HOOK_BODY(file_readv)
{
	return IO_EVENT(VFS_READV, vlen, FILE_FILE);
}

HOOK_BODY(file_write)
{
	return IO_EVENT(VFS_WRITE, count, FILE_FILE);
}

HOOK_BODY(file_writev)
{
	return IO_EVENT(VFS_WRITEV, vlen, FILE_FILE);
}

/* The kernel opens such files on mounts of its own, on which they are the root. */
HOOK_BODY(file_kwrite)
{
	return IO_EVENT(KERNEL_WRITE, count, FILE_FILE_DENTRY);
}

#define MAGIC_BYTES 32 /* enough for ELF class and machine, #! lines, archives */
enum { IN_KERNEL, IN_USER, IN_IOVEC, IN_PAGES };

/* A write that brought the position of a regular file from its begin to what was written. */
static __always_inline bool writes_begin(struct file *file, __u64 pos, __s64 ret)
{
	return ret > 0 && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFREG && !io_start(pos, ret);
}

static __always_inline void magic_fill(struct hawk_abi_scratch *s, struct file *file, __u64 from, __s64 ret, int where)
{
	__u64 n = ret > MAGIC_BYTES ? MAGIC_BYTES : ret;
	struct iovec first = {};
	struct hawk_abi_var *v;

	FILE_INODE(s, MAGIC_WRITE, BPF_CORE_READ(file, f_inode));
	BODY(s, MAGIC_WRITE)->retval = ret;
	FILE_FILE(s, MAGIC_WRITE, pathname, file);
	v = VAR_OF(s, MAGIC_WRITE, bytes);
	if (where == IN_PAGES && !from)
		from = file_head(file);
	if (where == IN_PAGES && !from) {
		*v = (struct hawk_abi_var){ .info = HAWK_VAR_UNREADABLE };
	} else if (where == IN_PAGES) {
		put_kernel_bytes(s, v, (void *)from, n, MAGIC_BYTES);
	} else if (where == IN_KERNEL) {
		put_kernel_bytes(s, v, (void *)from, ret, MAGIC_BYTES);
	} else if (where == IN_USER) {
		put_user_bytes(s, v, (void *)from, n, n);
	} else { /* of the first buffer, which may be shorter */
		bpf_probe_read_user(&first, sizeof(first), (void *)from);
		put_user_bytes(s, v, first.iov_base, first.iov_len < n ? first.iov_len : n, n);
	}
}

static __always_inline int magic_event(const struct judges *by, const __u64 *a, __s64 ret, int where)
{
	struct hawk_abi_scratch *s = writes_begin((void *)a[0], a[3], ret) ? BEGIN(MAGIC_WRITE) : NULL;

	if (!s)
		return 0;
	magic_fill(s, (void *)a[0], a[1], ret, where);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_magic)
{
	return magic_event(by, a, ret, IN_USER);
}

HOOK_BODY(file_magicv)
{
	return magic_event(by, a, ret, IN_IOVEC);
}

HOOK_BODY(file_magick)
{
	return magic_event(by, a, ret, IN_KERNEL);
}

#define MNT_INTERNAL 0x4000 /* include/linux/mount.h */
#define NO_NAMESPACE ((__u64)-22) /* MNT_NS_INTERNAL, fs/mount.h */

/*
 * Is this what a file system that lies on another one opened there (overlayfs in
 * its layers)? Then it is on a mount of its own, but not one of the kernel's, and
 * until 6.7 it has the path of the file above.
 */
static __always_inline bool is_below(struct file *file)
{
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
	struct mount *m = (void *)((__u64)mnt - bpf_core_field_offset(struct mount, mnt));

	if (BPF_CORE_READ(file, f_inode) != BPF_CORE_READ(file, f_path.dentry, d_inode))
		return true;
	return (__u64)BPF_CORE_READ(m, mnt_ns) == NO_NAMESPACE && !(BPF_CORE_READ(mnt, mnt_flags) & MNT_INTERNAL);
}

/* RET bytes of the file IN from FROM on were copied to OUT, to AT. */
static __always_inline int copied(const struct judges *by, struct file *out, __s64 at, struct file *in, __s64 from,
				  __s64 ret)
{
	struct hawk_abi_scratch *s;
	__u64 head;

	if (ret <= 0 || at || (BPF_CORE_READ(out, f_inode, i_mode) & S_IFMT) != S_IFREG || is_below(out))
		return 0;
	s = BEGIN(MAGIC_WRITE);
	if (!s)
		return 0;
	/* a clone has no pages of its own yet */
	head = file_head(out);
	if (!head && in && !from)
		head = file_head(in);
	magic_fill(s, out, head, ret, IN_PAGES);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_copyr)
{
	return copied(by, (void *)a[2], (__s64)a[3], (void *)a[0], (__s64)a[1], ret);
}

HOOK_BODY(file_clone)
{
	return copied(by, (void *)a[2], (__s64)a[3], (void *)a[0], (__s64)a[1], ret);
}

HOOK_BODY(file_send)
{
	bool compat = is_compat((void *)bpf_get_current_task());
	__u64 nr = syscall_nr(current_regs());

	if (nr == (compat ? NR_COPY_FILE_RANGE_32 : NR_COPY_FILE_RANGE)) /* told as such */
		return 0;
	return copied(by, (void *)a[2], io_start(a[3], ret), NULL, 0, ret);
}

HOOK_BODY(file_spout)
{
	struct file *out = (void *)a[2];

	return copied(by, out, a[3] ? io_start(a[3], ret) : (__s64)BPF_CORE_READ(out, f_pos) - ret, NULL, 0, ret);
}

/* Before the times of a file are updated: what its ctime was, once per open file. */
static __always_inline int changing(__u64 file)
{
	__u64 ctime;

	if (bpf_map_lookup_elem(&hawk_changed, &file))
		return 0;
	ctime = inode_ctime(BPF_CORE_READ((struct file *)file, f_inode));
	bpf_map_update_elem(&hawk_changed, &file, &ctime, BPF_NOEXIST);
	return 0;
}

HOOK_BODY(file_modtim)
{
	return changing(a[0]);
}

HOOK_BODY(file_modifd)
{
	return changing(a[0]);
}

HOOK_BODY(file_kmodif)
{
	return changing((__u64)BPF_CORE_READ((struct kiocb *)a[0], ki_filp));
}

HOOK_BODY(file_fput)
{
	struct inode *inode = BPF_CORE_READ((struct file *)a[0], f_inode);
	__u64 file = a[0], before, *kept = bpf_map_lookup_elem(&hawk_changed, &file);
	struct hawk_abi_scratch *s;

	if (!kept)
		return 0;
	before = *kept;
	bpf_map_delete_elem(&hawk_changed, &file);
	if (before == inode_ctime(inode))
		return 0;
	s = FILE_BEGIN_INODE(FILE_MODIFICATION, inode);
	if (!s)
		return 0;
	BODY(s, FILE_MODIFICATION)->old_ctime = before;
	BODY(s, FILE_MODIFICATION)->new_ctime = inode_ctime(inode);
	FILE_FILE(s, FILE_MODIFICATION, file_path, a[0]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_filldr)
{
	struct hawk_abi_scratch *s;

	if (a[4])
		return 0;
	s = FILE_BEGIN(ZEROED_INODES);
	if (!s)
		return 0;
	put_kernel_bytes(s, VAR_OF(s, ZEROED_INODES, dirent_name), (void *)a[1], (__u32)a[2], 255);
	EMIT(s);
	return 0;
}

#define PIPE_PAGE_BYTES 4096 /* a page of x86_64, and of most aarch64 kernels */

/* long do_splice(struct file *in, loff_t *off_in, struct file *out, loff_t *off_out, size_t len, unsigned int flags) */
HOOK_BODY(file_splice)
{
	struct file *in = (void *)a[0], *out = (void *)a[2];
	struct inode *inode = BPF_CORE_READ(in, f_inode);
	struct hawk_abi_DIRTY_PIPE_SPLICE *b;
	struct pipe_inode_info *pipe;
	struct hawk_abi_scratch *s;
	struct pipe_buffer *last;
	__u32 flags;

	if (ret <= 0 || (BPF_CORE_READ(out, f_inode, i_mode) & S_IFMT) != S_IFIFO ||
	    (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	pipe = BPF_CORE_READ(out, private_data);
	last = (void *)((__u64)BPF_CORE_READ(pipe, bufs) +
			((BPF_CORE_READ(pipe, head) - 1) & (BPF_CORE_READ(pipe, ring_size) - 1)) *
				bpf_core_type_size(struct pipe_buffer));
	flags = BPF_CORE_READ(last, flags);
	if (!(flags & PIPE_BUF_FLAG_CAN_MERGE))
		return 0;
	s = FILE_BEGIN(DIRTY_PIPE_SPLICE);
	if (!s)
		return 0;
	b = BODY(s, DIRTY_PIPE_SPLICE);
	b->inode_in = BPF_CORE_READ(inode, i_ino);
	b->in_file_type = BPF_CORE_READ(inode, i_mode);
	b->inode_out = BPF_CORE_READ(out, f_inode, i_ino);
	b->out_pipe_last_buffer_flags = flags;
	/* a write goes on behind what the last buffer holds, up to the end of the page */
	b->exposed_data_start_offset = a[1] ? io_start(a[1], 0) : BPF_CORE_READ(in, f_pos);
	b->exposed_data_len = PIPE_PAGE_BYTES - BPF_CORE_READ(last, offset) - BPF_CORE_READ(last, len);
	FILE_FILE(s, DIRTY_PIPE_SPLICE, in_file_path, a[0]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_ioctl)
{
	struct file *file = (void *)a[0];
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_FILE_IOCTL, BPF_CORE_READ(file, f_inode));

	if (!s)
		return 0;
	BODY(s, SECURITY_FILE_IOCTL)->cmd = (__u32)a[1];
	BODY(s, SECURITY_FILE_IOCTL)->arg = a[2];
	FILE_FILE(s, SECURITY_FILE_IOCTL, pathname, a[0]);
	EMIT(s);
	return 0;
}

#endif
