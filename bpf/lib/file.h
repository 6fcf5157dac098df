/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one body behind every probe of a file event. */
#ifndef HAWK_BPF_FILE_H
#define HAWK_BPF_FILE_H

#include "bpf/lib/hook.h"

/* FILE_FIELDS of file.def: what the body of most records begins with. */
struct file_inode {
	__u64 inode, ctime;
	__u32 dev;
	__u16 mode, reserved;
};

SHARED int file_put_inode(__u32 slot, __u64 inode_addr)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct inode *inode = (void *)inode_addr;
	struct file_inode *b;

	if (!s)
		return 0;
	b = (void *)(s->bytes + sizeof(struct hawk_abi_rec));
	b->inode = BPF_CORE_READ(inode, i_ino);
	b->ctime = inode_ctime(inode);
	b->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	b->mode = BPF_CORE_READ(inode, i_mode);
	return 0;
}

#define FILE_VARS_MAX 512

/*
 * Appends the path of the dentry in walk[WALK_DENTRY] on the mount in
 * walk[WALK_MNT]: arguments of functions must be numbers, and those of a hook
 * are none for the verifier until they were written somewhere. AT: where the
 * variable field is.
 */
SHARED int file_put_path(__u32 slot, __u32 at)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct dentry *dentry;
	struct path path = {};
	struct hawk_abi_var *v;

	if (!s || at > FILE_VARS_MAX)
		return 0;
	v = (void *)(s->bytes + at);
	path.mnt = (void *)s->walk[WALK_MNT];
	dentry = path.dentry = (void *)s->walk[WALK_DENTRY];
	put_path(s, v, &path, (void *)bpf_get_current_task());
	if (dentry && !BPF_CORE_READ(dentry, d_inode))
		v->info &= ~HAWK_PATH_DELETED; /* a name that is about to be made is not in the hash either */
	return 0;
}

/* The same when the mount is not known: by one of those that the process has. */
SHARED int file_put_dentry(__u32 slot, __u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_config *cfg = config();

	if (!s || at > FILE_VARS_MAX)
		return 0;
	find_mount(slot, s->walk[WALK_DENTRY], cfg && cfg->views & HAWK_VIEW_HOST ? cfg->host_mnt_ns :
				       BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum));
	file_put_path(slot, at);
	((struct hawk_abi_var *)(s->bytes + at))->info |= HAWK_PATH_ANY_MOUNT;
	return 0;
}

/* What a record begins with: nothing but the fields of INODE, and an empty tail. */
#define FILE_CLEAR(s, TOKEN)                                                          \
	({                                                                            \
		__builtin_memset(BODY(s, TOKEN), 0, sizeof(struct hawk_abi_##TOKEN)); \
		(s)->tail = TAIL_AT(TOKEN);                                           \
	})
#define FILE_INODE(s, TOKEN, inode)                       \
	({                                                \
		FILE_CLEAR(s, TOKEN);                     \
		file_put_inode((s)->slot, (__u64)(inode)); \
	})

/* Takes a slot for an event, and begins it so. */
#define FILE_BEGIN(TOKEN)                                      \
	({                                                     \
		struct hawk_abi_scratch *_f = BEGIN(TOKEN);    \
                                                               \
		if (_f)                                        \
			FILE_CLEAR(_f, TOKEN);                 \
		_f;                                            \
	})
#define FILE_BEGIN_INODE(TOKEN, inode)                         \
	({                                                     \
		struct hawk_abi_scratch *_i = BEGIN(TOKEN);    \
                                                               \
		if (_i)                                        \
			FILE_INODE(_i, TOKEN, inode);          \
		_i;                                            \
	})
#define FILE_VAR_AT(TOKEN, field) (VARS_AT(TOKEN) + HAWK_VAR_##TOKEN##_##field * sizeof(struct hawk_abi_var))

/* DIR is a struct path of the kernel, DENTRY a name in it. */
#define FILE_ENTRY(s, TOKEN, field, dir, d) put_walked(s, FILE_VAR_AT(TOKEN, field), path_mnt(dir), (__u64)(d))
#define FILE_PATH(s, TOKEN, field, p) FILE_ENTRY(s, TOKEN, field, p, path_dentry(p))
#define FILE_DENTRY(s, TOKEN, field, d)                                    \
	({                                                                 \
		(s)->walk[WALK_DENTRY] = (__u64)(d);                       \
		file_put_dentry((s)->slot, FILE_VAR_AT(TOKEN, field));     \
	})
#define FILE_FILE_DENTRY(s, TOKEN, field, f) FILE_DENTRY(s, TOKEN, field, path_dentry(file_path_of((__u64)(f))))
#define FILE_FILE(s, TOKEN, field, f) FILE_PATH(s, TOKEN, field, file_path_of((__u64)(f)))

static __always_inline void put_walked(struct hawk_abi_scratch *s, __u32 at, __u64 mnt, __u64 dentry)
{
	s->walk[WALK_MNT] = mnt;
	s->walk[WALK_DENTRY] = dentry;
	file_put_path(s->slot, at);
}

static __always_inline __u64 file_path_of(__u64 file)
{
	return file + bpf_core_field_offset(struct file, f_path);
}

static __always_inline __u64 path_mnt(__u64 path)
{
	return (__u64)BPF_CORE_READ((struct path *)path, mnt);
}

static __always_inline __u64 path_dentry(__u64 path)
{
	return (__u64)BPF_CORE_READ((struct path *)path, dentry);
}

static __always_inline struct inode *dentry_inode(__u64 dentry)
{
	return BPF_CORE_READ((struct dentry *)dentry, d_inode);
}

static __always_inline struct inode *path_inode(__u64 path)
{
	return dentry_inode(path_dentry(path));
}

/*
 * One open that is told as two events is walked once: they have their paths in
 * the same place, and the second finds that of the first in its slot. So when
 * the slot was not taken by anybody else between the two, and they follow each
 * other at once: another file at the same address would be long after.
 */
#define SHARED_NS 1000000
_Static_assert(FILE_VAR_AT(FILE_OPEN, pathname) == FILE_VAR_AT(FILE_WRITE_OPEN, pathname) &&
		       TAIL_AT(FILE_OPEN) == TAIL_AT(FILE_WRITE_OPEN), "the path of one is not where the other has it");

static __always_inline void note_path(struct hawk_abi_scratch *s, __u64 file)
{
	s->path_file = s->mode & HAWK_FILTER_LATE ? 0 : file; /* has no time yet */
	s->path_task = bpf_get_current_task();
	s->path_time = REC(s)->time;
	s->path_turn = s->turn;
}

/* True when the path of FILE is in the slot already, and belongs to the record now. Judges want it the other way round. */
static __always_inline bool share_path(struct hawk_abi_scratch *s, __u64 file)
{
	if (s->path_file != file || s->path_turn + 1 != s->turn || s->text_at[0] || s->mode & HAWK_FILTER_LATE ||
	    s->path_task != bpf_get_current_task() || REC(s)->time - s->path_time > SHARED_NS)
		return false;
	s->tail = TAIL_AT(FILE_WRITE_OPEN) + VAR_OF(s, FILE_WRITE_OPEN, pathname)->len;
	return true;
}

/* FILE_OPEN and SECURITY_FILE_OPEN have the same fields. */
#define FILE_RECORD(s, TOKEN, file, task)                                                  \
	({                                                                                 \
		struct hawk_abi_##TOKEN *_b = BODY(s, TOKEN);                              \
		struct inode *_inode = BPF_CORE_READ(file, f_inode);                       \
                                                                                           \
		s->tail = TAIL_AT(TOKEN);                                                  \
		_b->inode = BPF_CORE_READ(_inode, i_ino);                                  \
		_b->ctime = inode_ctime(_inode);                                           \
		_b->dev = BPF_CORE_READ(_inode, i_sb, s_dev);                              \
		_b->flags = BPF_CORE_READ(file, f_flags);                                  \
		_b->inode_mode = BPF_CORE_READ(_inode, i_mode);                            \
		_b->reserved = 0;                                                          \
		_b->reserved2 = 0;                                                         \
		put_file_path(s, VAR_OF(s, TOKEN, pathname), file, task);                  \
	})

static __always_inline void file_fill(struct hawk_abi_scratch *s, struct file *file, __u16 event)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (event == HAWK_EV_FILE_OPEN) {
		FILE_RECORD(s, FILE_OPEN, file, task);
		note_path(s, (__u64)file);
	} else {
		FILE_RECORD(s, SECURITY_FILE_OPEN, file, task);
	}
}

static __always_inline void file_event(const struct judges *by, struct file *file, __u16 event)
{
	struct hawk_abi_scratch *s = is_self() ? NULL : judged_begin(by, event);

	if (!s)
		return;
	file_fill(s, file, event);
	EMIT(s);
}

/* do_filp_open returns a file or an error pointer (include/linux/err.h). */
static __always_inline bool is_err(__u64 p)
{
	return !p || p >= (__u64)-4095;
}

static __always_inline int opened(const struct judges *by, __s64 file)
{
	if (!is_err(file))
		file_event(by, (struct file *)file, HAWK_EV_FILE_OPEN);
	return 0;
}

HOOK_BODY(file_open)
{
	return opened(by, ret);
}

HOOK_BODY(file_root)
{
	return opened(by, ret);
}

HOOK_BODY(file_root4)
{
	return opened(by, ret);
}

static __always_inline void write_open_fill(struct hawk_abi_scratch *s, struct file *file)
{
	FILE_INODE(s, FILE_WRITE_OPEN, BPF_CORE_READ(file, f_inode));
	BODY(s, FILE_WRITE_OPEN)->flags = BPF_CORE_READ(file, f_flags);
	if (!share_path(s, (__u64)file))
		FILE_FILE(s, FILE_WRITE_OPEN, pathname, file);
}

static __always_inline int opened_to_write(const struct judges *by, __s64 ret)
{
	struct file *file = (void *)ret;
	struct hawk_abi_scratch *s;

	if (is_err(ret) || !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE))
		return 0;
	s = BEGIN(FILE_WRITE_OPEN);
	if (!s)
		return 0;
	write_open_fill(s, file);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_wopen)
{
	return opened_to_write(by, ret);
}

HOOK_BODY(file_wroot)
{
	return opened_to_write(by, ret);
}

HOOK_BODY(file_wroot4)
{
	return opened_to_write(by, ret);
}

HOOK_BODY(file_perm)
{
	file_event(by, (struct file *)a[0], HAWK_EV_SECURITY_FILE_OPEN);
	return 0;
}

#include "bpf/lib/file_exec.h"
#include "bpf/lib/file_io.h"
#include "bpf/lib/file_mount.h"
#include "bpf/lib/file_name.h"

#endif
