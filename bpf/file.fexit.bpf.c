/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"

/* struct file *do_filp_open(int dfd, struct filename *pathname, const struct open_flags *op), fs/namei.c */
SEC("fexit/do_filp_open")
int file_open_fexit(__u64 *ctx)
{
	if (!is_err(ctx[3]))
		file_event((struct file *)ctx[3], HAWK_EV_FILE_OPEN);
	return 0;
}
