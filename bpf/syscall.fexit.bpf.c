/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A rare system call on its own function, so that no other call pays for it.
 * Loaded once per event, with the function of that call as its target: where
 * there are no kretprobes (syscall.kprobe.bpf.c).
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/syscall.h"

/* long __x64_sys_NAME(const struct pt_regs *regs) and its 32-bit twins */
static __always_inline int returned(const struct judges *by, __u64 *ctx)
{
	__u64 regs;

	bpf_probe_read_kernel(&regs, sizeof(regs), &ctx[0]); /* a plain number for the shared functions */
	return own_returned(by, regs, (__s64)ctx[1]);
}

OWN_ARRAY(sys_own_fexit)
SEC("fexit/__x64_sys_ptrace")
int sys_own_fexit(__u64 *ctx)
{
	OWN_JUDGES(sys_own_fexit);

	return returned(by, ctx);
}

OWN_ARRAY(sys_own32_fx)
SEC("fexit/__ia32_sys_ptrace")
int sys_own32_fx(__u64 *ctx)
{
	OWN_JUDGES(sys_own32_fx);

	return returned(by, ctx);
}

OWN_ARRAY(sys_own32c_fx)
SEC("fexit/__ia32_compat_sys_ptrace")
int sys_own32c_fx(__u64 *ctx)
{
	OWN_JUDGES(sys_own32c_fx);

	return returned(by, ctx);
}
