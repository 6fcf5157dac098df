/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A rare system call on its own function, so that no other call pays for it.
 * Loaded once, attached to the functions of all such calls that are wanted:
 * a program on BTF would be loaded for each of them.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/syscall.h"

SEC("kretprobe")
int sys_own_krp(struct pt_regs *ctx)
{
	KP_JUDGES;
	struct pt_regs *of_caller = current_regs();
	__u64 regs;

	bpf_probe_read_kernel(&regs, sizeof(regs), &of_caller); /* a plain number for the shared functions */
	return own_returned(by, regs, (__s64)PT_REGS_RC(ctx));
}
