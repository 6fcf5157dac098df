/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"

static __always_inline int opened(struct pt_regs *ctx)
{
	__u64 file = PT_REGS_RC(ctx);

	if (!is_err(file))
		file_event((struct file *)file, HAWK_EV_FILE_OPEN);
	return 0;
}

SEC("kretprobe/do_filp_open")
int file_open_krp(struct pt_regs *ctx)
{
	return opened(ctx);
}

SEC("kretprobe/do_file_open_root")
int file_root_krp(struct pt_regs *ctx)
{
	return opened(ctx);
}

SEC("kprobe/security_file_open")
int file_perm_kp(struct pt_regs *ctx)
{
	file_event((struct file *)PT_REGS_PARM1(ctx), HAWK_EV_SECURITY_FILE_OPEN);
	return 0;
}
