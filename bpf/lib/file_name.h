/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names and attributes of files: unlink, rename, link, mknod, chmod, truncate, … */
#ifndef HAWK_BPF_FILE_NAME_H
#define HAWK_BPF_FILE_NAME_H

/* int security_path_unlink(const struct path *dir, struct dentry *dentry) */
HOOK_BODY(file_unlink)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_UNLINK, dentry_inode(a[1]));

	if (!s)
		return 0;
	FILE_ENTRY(s, SECURITY_INODE_UNLINK, pathname, a[0], a[1]);
	EMIT(s);
	return 0;
}

/* int security_path_rename(const struct path *, struct dentry *, const struct path *, struct dentry *, unsigned int) */
HOOK_BODY(file_rename)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_RENAME, dentry_inode(a[1]));

	if (!s)
		return 0;
	BODY(s, SECURITY_INODE_RENAME)->flags = (__u32)a[4];
	FILE_ENTRY(s, SECURITY_INODE_RENAME, old_path, a[0], a[1]);
	FILE_ENTRY(s, SECURITY_INODE_RENAME, new_path, a[2], a[3]);
	EMIT(s);
	return 0;
}

/* int security_path_link(struct dentry *old, const struct path *dir, struct dentry *new): both on one mount */
HOOK_BODY(file_link)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_LINK, dentry_inode(a[0]));

	if (!s)
		return 0;
	FILE_ENTRY(s, SECURITY_INODE_LINK, old_path, a[1], a[0]);
	FILE_ENTRY(s, SECURITY_INODE_LINK, new_path, a[1], a[2]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_symlnk)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_INODE_SYMLINK);

	if (!s)
		return 0;
	FILE_ENTRY(s, SECURITY_INODE_SYMLINK, linkpath, a[0], a[1]);
	put_kernel_str(s, VAR_OF(s, SECURITY_INODE_SYMLINK, target), (void *)a[2]);
	EMIT(s);
	return 0;
}

/* Also called for every file that an open makes: those are no devices. DEV comes as the caller gave it. */
HOOK_BODY(file_mknod)
{
	__u32 type = a[2] & S_IFMT, dev = (__u32)a[3];
	struct hawk_abi_SECURITY_INODE_MKNOD *b;
	struct hawk_abi_scratch *s;

	if (!type || type == S_IFREG)
		return 0;
	s = FILE_BEGIN(SECURITY_INODE_MKNOD);
	if (!s)
		return 0;
	b = BODY(s, SECURITY_INODE_MKNOD);
	b->mode = (__u16)a[2];
	/* new_decode_dev(), include/linux/kdev_t.h */
	b->dev = (dev & 0xfff00) << 12 | (dev & 0xff) | (dev >> 12 & 0xfff00);
	FILE_ENTRY(s, SECURITY_INODE_MKNOD, file_name, a[0], a[1]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_mkdir)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_INODE_MKDIR);

	if (!s)
		return 0;
	BODY(s, SECURITY_INODE_MKDIR)->mode = (__u16)a[2];
	FILE_ENTRY(s, SECURITY_INODE_MKDIR, pathname, a[0], a[1]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_rmdir)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_RMDIR, dentry_inode(a[1]));

	if (!s)
		return 0;
	FILE_ENTRY(s, SECURITY_INODE_RMDIR, pathname, a[0], a[1]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_chmod)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(CHMOD_COMMON, path_inode(a[0]));

	if (!s)
		return 0;
	BODY(s, CHMOD_COMMON)->retval = (__s32)ret;
	BODY(s, CHMOD_COMMON)->mode = (__u16)a[1];
	FILE_PATH(s, CHMOD_COMMON, pathname, a[0]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_chown)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(CHOWN_COMMON, path_inode(a[0]));

	if (!s)
		return 0;
	BODY(s, CHOWN_COMMON)->retval = (__s32)ret;
	BODY(s, CHOWN_COMMON)->uid = (__u32)a[1];
	BODY(s, CHOWN_COMMON)->gid = (__u32)a[2];
	FILE_PATH(s, CHOWN_COMMON, pathname, a[0]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_utimes)
{
	struct inode *inode = path_inode(a[0]);
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(VFS_UTIMES, inode);

	if (!s)
		return 0;
	BODY(s, VFS_UTIMES)->retval = (__s32)ret;
	BODY(s, VFS_UTIMES)->atime = inode_atime(inode);
	BODY(s, VFS_UTIMES)->mtime = inode_mtime(inode);
	FILE_PATH(s, VFS_UTIMES, pathname, a[0]);
	EMIT(s);
	return 0;
}

static __always_inline int truncated(const struct judges *by, __u64 path, __u64 length, __s64 ret)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(DO_TRUNCATE, path_inode(path));

	if (!s)
		return 0;
	BODY(s, DO_TRUNCATE)->retval = (__s32)ret;
	BODY(s, DO_TRUNCATE)->length = length;
	FILE_PATH(s, DO_TRUNCATE, pathname, path);
	EMIT(s);
	return 0;
}

/* Without an open file it was called by vfs_truncate(), which knows the path. */
static __always_inline int truncated_file(const struct judges *by, __u64 file, __u64 length, __s64 ret)
{
	return file ? truncated(by, file_path_of(file), length, ret) : 0;
}

HOOK_BODY(file_trunc)
{
	return truncated_file(by, a[4], a[2], ret);
}

HOOK_BODY(file_trunc4)
{
	return truncated_file(by, a[3], a[1], ret);
}

HOOK_BODY(file_vtrunc)
{
	return truncated(by, a[0], a[1], ret);
}

#define XATTR_VALUE_BYTES 256

struct xattr_args {
	__u64 dentry, name, value, size;
	__u32 flags;
};

static __always_inline int xattr_set(const struct judges *by, const struct xattr_args *x)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_SETXATTR, dentry_inode(x->dentry));

	if (!s)
		return 0;
	BODY(s, SECURITY_INODE_SETXATTR)->size = x->size;
	BODY(s, SECURITY_INODE_SETXATTR)->flags = x->flags;
	FILE_DENTRY(s, SECURITY_INODE_SETXATTR, pathname, x->dentry);
	put_kernel_str(s, VAR_OF(s, SECURITY_INODE_SETXATTR, name), (void *)x->name);
	put_kernel_bytes(s, VAR_OF(s, SECURITY_INODE_SETXATTR, value), (void *)x->value, x->size, XATTR_VALUE_BYTES);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_setxat)
{
	struct xattr_args x = { a[1], a[2], a[3], a[4], (__u32)a[5] };

	return xattr_set(by, &x);
}

HOOK_BODY(file_setxa5)
{
	struct xattr_args x = { a[0], a[1], a[2], a[3], (__u32)a[4] };

	return xattr_set(by, &x);
}

static __always_inline int xattr_removed(const struct judges *by, __u64 dentry, __u64 name)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_INODE_REMOVEXATTR, dentry_inode(dentry));

	if (!s)
		return 0;
	FILE_DENTRY(s, SECURITY_INODE_REMOVEXATTR, pathname, dentry);
	put_kernel_str(s, VAR_OF(s, SECURITY_INODE_REMOVEXATTR, name), (void *)name);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_rmxat)
{
	return xattr_removed(by, a[1], a[2]);
}

HOOK_BODY(file_rmxat2)
{
	return xattr_removed(by, a[0], a[1]);
}

#endif
