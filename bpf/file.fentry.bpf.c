/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/lib/hawk.h"
#include "bpf/lib/file.h"

/* int security_file_open(struct file *file), security/security.c */
SEC("fentry/security_file_open")
int file_perm_fe(__u64 *ctx)
{
	file_event((struct file *)ctx[0], HAWK_EV_SECURITY_FILE_OPEN);
	return 0;
}
