/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"

/* LSM_HOOK(int, 0, file_open, struct file *file); the verdict of the hooks before is passed on */
SEC("lsm/file_open")
int BPF_PROG(file_perm_lsm, struct file *file, int ret)
{
	file_event(file, HAWK_EV_SECURITY_FILE_OPEN);
	return ret;
}
