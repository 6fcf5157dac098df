/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a file begins with, out of the page cache: where no buffer shows what was written to it. */
#ifndef HAWK_BPF_PAGE_H
#define HAWK_BPF_PAGE_H

#define XA_LEVELS 8 /* of 6 bits: 2^48 pages */

/*
 * The structure of the page at index 0, or 0. Entries whose low bits are 10 are
 * nodes of the tree, others with low bits are no pages (include/linux/xarray.h).
 */
static __always_inline __u64 first_page(struct inode *inode)
{
	__u64 entry = (__u64)BPF_CORE_READ(inode, i_mapping, i_pages.xa_head);

	for (int i = 0; i < XA_LEVELS; i++) {
		if ((entry & 3) != 2 || entry < 4096)
			break;
		entry = read_word(entry - 2 + bpf_core_field_offset(struct xa_node, slots));
	}
	return entry & 3 ? 0 : entry;
}

/* The inode whose pages a file has: overlayfs has those of the file in its upper layer. */
static __always_inline struct inode *inode_of_pages(struct inode *inode)
{
	struct dentry *upper;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return inode;
	/* struct ovl_inode (fs/overlayfs/ovl_entry.h): __upperdentry follows the embedded inode */
	upper = (void *)read_word((__u64)inode + bpf_core_type_size(struct inode));
	return upper ? BPF_CORE_READ(upper, d_inode) : NULL;
}

/* Where in memory the file begins, or 0 when it is not there or nobody knows where pages are (src/collect/pages.c). */
static __always_inline __u64 file_head(struct file *file)
{
	struct inode *inode = inode_of_pages(BPF_CORE_READ(file, f_inode));
	struct hawk_abi_config *cfg = config();
	__u64 page = inode && cfg && cfg->pages ? first_page(inode) : 0;

	return page ? (page << HAWK_PAGE_SHIFT) + cfg->pages : 0;
}

#endif
