/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"

static __always_inline int opened(__u64 file)
{
	if (!is_err(file))
		file_event((struct file *)file, HAWK_EV_FILE_OPEN);
	return 0;
}

/* struct file *do_filp_open(int dfd, struct filename *, const struct open_flags *), fs/namei.c; do_file_open since 7.0 */
SEC("fexit/do_filp_open")
int file_open_fexit(__u64 *ctx)
{
	return opened(ctx[3]);
}

/* struct file *do_file_open_root(const struct path *, const char *, const struct open_flags *): open_by_handle_at */
SEC("fexit/do_file_open_root")
int file_root_fexit(__u64 *ctx)
{
	return opened(ctx[3]);
}

/* until 5.12 (ffb37ca3bd16): dentry and mount were two arguments */
SEC("fexit/do_file_open_root")
int file_root4_fx(__u64 *ctx)
{
	return opened(ctx[4]);
}
