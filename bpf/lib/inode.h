/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The times of an inode, which have had three layouts. */
#ifndef HAWK_BPF_INODE_H
#define HAWK_BPF_INODE_H

#define NS_PER_S 1000000000ULL
#define CTIME_NSEC 0x7fffffff /* the top bit is a flag of multigrain timestamps since 6.13 (I_CTIME_QUERIED) */

static __always_inline __u64 inode_ctime(struct inode *inode)
{
	struct inode___since_6_11 *new = (void *)inode;
	struct inode___since_6_6 *mid = (void *)inode;
	struct inode___until_6_5 *old = (void *)inode;

	if (bpf_core_field_exists(new->i_ctime_sec))
		return BPF_CORE_READ(new, i_ctime_sec) * NS_PER_S + (BPF_CORE_READ(new, i_ctime_nsec) & CTIME_NSEC);
	if (bpf_core_field_exists(mid->__i_ctime))
		return BPF_CORE_READ(mid, __i_ctime.tv_sec) * NS_PER_S + BPF_CORE_READ(mid, __i_ctime.tv_nsec);
	return BPF_CORE_READ(old, i_ctime.tv_sec) * NS_PER_S + BPF_CORE_READ(old, i_ctime.tv_nsec);
}

static __always_inline __u64 inode_mtime(struct inode *inode)
{
	struct inode___since_6_11 *new = (void *)inode;
	struct inode___since_6_7 *mid = (void *)inode;
	struct inode___until_6_5 *old = (void *)inode;

	if (bpf_core_field_exists(new->i_mtime_sec))
		return BPF_CORE_READ(new, i_mtime_sec) * NS_PER_S + BPF_CORE_READ(new, i_mtime_nsec);
	if (bpf_core_field_exists(mid->__i_mtime))
		return BPF_CORE_READ(mid, __i_mtime.tv_sec) * NS_PER_S + BPF_CORE_READ(mid, __i_mtime.tv_nsec);
	return BPF_CORE_READ(old, i_mtime.tv_sec) * NS_PER_S + BPF_CORE_READ(old, i_mtime.tv_nsec);
}

static __always_inline __u64 inode_atime(struct inode *inode)
{
	struct inode___since_6_11 *new = (void *)inode;
	struct inode___since_6_7 *mid = (void *)inode;
	struct inode___until_6_5 *old = (void *)inode;

	if (bpf_core_field_exists(new->i_atime_sec))
		return BPF_CORE_READ(new, i_atime_sec) * NS_PER_S + BPF_CORE_READ(new, i_atime_nsec);
	if (bpf_core_field_exists(mid->__i_atime))
		return BPF_CORE_READ(mid, __i_atime.tv_sec) * NS_PER_S + BPF_CORE_READ(mid, __i_atime.tv_nsec);
	return BPF_CORE_READ(old, i_atime.tv_sec) * NS_PER_S + BPF_CORE_READ(old, i_atime.tv_nsec);
}

#endif
