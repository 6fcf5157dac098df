/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Everything a program file needs, in the order in which it builds up. */
#ifndef HAWK_BPF_HAWK_H
#define HAWK_BPF_HAWK_H

#include "bpf/lib/kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "bpf/abi/abi.h"
#include "bpf/lib/maps.h"
#include "bpf/lib/read.h"

static __always_inline __u64 current_cgroup_id(struct task_struct *task);

#include "bpf/lib/record.h"
#include "bpf/lib/task.h"
#include "bpf/lib/judge.h"
#include "bpf/lib/inode.h"
#include "bpf/lib/path.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Bulk events of the daemon itself would feed on themselves. TASK: the current one. */
static __always_inline bool is_self_task(struct task_struct *task)
{
	struct hawk_abi_config *cfg = config();
	__u32 tgid = CAN_CAST ? BPF_CORE_READ(task, tgid) : bpf_get_current_pid_tgid() >> 32;

	return cfg && cfg->self_tgid && tgid == cfg->self_tgid;
}

static __always_inline bool is_self(void)
{
	return is_self_task((void *)bpf_get_current_task());
}

#endif
