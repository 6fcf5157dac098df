/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one body behind every probe of a file event. */
#ifndef HAWK_BPF_FILE_H
#define HAWK_BPF_FILE_H

#include "bpf/lib/hook.h"

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

static __always_inline void file_event(struct file *file, __u16 event)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = is_self() ? NULL : record_begin(event);

	if (!s)
		return;
	if (event == HAWK_EV_FILE_OPEN)
		FILE_RECORD(s, FILE_OPEN, file, task);
	else
		FILE_RECORD(s, SECURITY_FILE_OPEN, file, task);
	send_bulk(s->slot);
	scratch_put(s);
}

/* do_filp_open returns a file or an error pointer (include/linux/err.h). */
static __always_inline bool is_err(__u64 p)
{
	return !p || p >= (__u64)-4095;
}

static __always_inline int opened(__s64 file)
{
	if (!is_err(file))
		file_event((struct file *)file, HAWK_EV_FILE_OPEN);
	return 0;
}

HOOK_BODY(file_open)
{
	return opened(ret);
}

HOOK_BODY(file_root)
{
	return opened(ret);
}

HOOK_BODY(file_root4)
{
	return opened(ret);
}

HOOK_BODY(file_perm)
{
	file_event((struct file *)a[0], HAWK_EV_SECURITY_FILE_OPEN);
	return 0;
}

#endif
