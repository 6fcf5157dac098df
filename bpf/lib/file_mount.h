/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tree of directories: working directory, watches, mounts. */
#ifndef HAWK_BPF_FILE_MOUNT_H
#define HAWK_BPF_FILE_MOUNT_H

#include "bpf/lib/regs.h"

/* The argument of chdir, if that is the call; the kernel has read it a moment ago. */
SHARED int put_chdir(__u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pt_regs *regs = (void *)UNTYPED(current_regs());
	struct hawk_abi_scratch *s = scratch_of(slot);
	bool compat = is_compat(task);
	__u64 nr = syscall_nr(regs), first = 0, second;
	struct hawk_abi_var *v;

	if (!s)
		return 0;
	strip_x32(&nr);
	v = VAR_OF(s, SET_FS_PWD, unresolved_path);
	v->len = 0;
	v->info = HAWK_VAR_ABSENT;
	if ((__s32)nr != (compat ? NR_CHDIR_32 : NR_CHDIR))
		return 0;
	syscall_two_args(&first, &second, regs, compat);
	put_user_str(s, v, (void *)first);
	return 0;
}

/* void set_fs_pwd(struct fs_struct *fs, const struct path *path) */
HOOK_BODY(file_chdir)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SET_FS_PWD);

	if (!s)
		return 0;
	put_chdir(s->slot);
	FILE_PATH(s, SET_FS_PWD, resolved_path, a[1]);
	EMIT(s);
	return 0;
}

/* int inotify_find_inode(const char *dirname, struct path *path, unsigned int flags, __u64 mask): fills the path */
HOOK_BODY(file_inotif)
{
	struct hawk_abi_scratch *s;

	if ((__s32)ret)
		return 0;
	s = FILE_BEGIN_INODE(INOTIFY_WATCH, path_inode(a[1]));
	if (!s)
		return 0;
	BODY(s, INOTIFY_WATCH)->mask = (__u32)a[3];
	FILE_PATH(s, INOTIFY_WATCH, pathname, a[1]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_notify)
{
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_PATH_NOTIFY, path_inode(a[0]));

	if (!s)
		return 0;
	BODY(s, SECURITY_PATH_NOTIFY)->mask = a[1];
	BODY(s, SECURITY_PATH_NOTIFY)->obj_type = (__u32)a[2];
	FILE_PATH(s, SECURITY_PATH_NOTIFY, pathname, a[0]);
	EMIT(s);
	return 0;
}

/* int security_sb_mount(const char *dev_name, const struct path *path, const char *type, unsigned long, void *) */
HOOK_BODY(file_mount)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_SB_MOUNT);

	if (!s)
		return 0;
	BODY(s, SECURITY_SB_MOUNT)->flags = a[3];
	put_kernel_str(s, VAR_OF(s, SECURITY_SB_MOUNT, dev_name), (void *)a[0]);
	FILE_PATH(s, SECURITY_SB_MOUNT, path, a[1]);
	put_kernel_str(s, VAR_OF(s, SECURITY_SB_MOUNT, type), (void *)a[2]);
	EMIT(s);
	return 0;
}

/* int security_sb_umount(struct vfsmount *mnt, int flags) */
HOOK_BODY(file_umount)
{
	struct vfsmount *mnt = (void *)a[0];
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_SB_UMOUNT);

	if (!s)
		return 0;
	BODY(s, SECURITY_SB_UMOUNT)->flags = (__u32)a[1];
	BODY(s, SECURITY_SB_UMOUNT)->dev = BPF_CORE_READ(mnt, mnt_sb, s_dev);
	put_walked(s, FILE_VAR_AT(SECURITY_SB_UMOUNT, mountpoint), a[0], (__u64)BPF_CORE_READ(mnt, mnt_root));
	put_kernel_str(s, VAR_OF(s, SECURITY_SB_UMOUNT, type), BPF_CORE_READ(mnt, mnt_sb, s_type, name));
	EMIT(s);
	return 0;
}

/* int security_sb_remount(struct super_block *sb, void *mnt_opts) */
HOOK_BODY(file_remnt)
{
	struct super_block *sb = (void *)a[0];
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_SB_REMOUNT);

	if (!s)
		return 0;
	BODY(s, SECURITY_SB_REMOUNT)->dev = BPF_CORE_READ(sb, s_dev);
	FILE_DENTRY(s, SECURITY_SB_REMOUNT, mountpoint, BPF_CORE_READ(sb, s_root));
	put_kernel_str(s, VAR_OF(s, SECURITY_SB_REMOUNT, type), BPF_CORE_READ(sb, s_type, name));
	EMIT(s);
	return 0;
}

HOOK_BODY(file_mvmnt)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_MOVE_MOUNT);

	if (!s)
		return 0;
	FILE_PATH(s, SECURITY_MOVE_MOUNT, from_path, a[0]);
	FILE_PATH(s, SECURITY_MOVE_MOUNT, to_path, a[1]);
	EMIT(s);
	return 0;
}

/* int security_sb_pivotroot(const struct path *old_path, const struct path *new_path) */
HOOK_BODY(file_pivot)
{
	struct hawk_abi_scratch *s = FILE_BEGIN(SECURITY_SB_PIVOTROOT);

	if (!s)
		return 0;
	FILE_PATH(s, SECURITY_SB_PIVOTROOT, new_root, a[1]);
	FILE_PATH(s, SECURITY_SB_PIVOTROOT, put_old, a[0]);
	EMIT(s);
	return 0;
}

#endif
