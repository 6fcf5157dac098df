/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sockets that processes have open when packets begin to be watched. Writes maps, and nothing to the reader. */
#include "bpf/lib/hawk.h"
#include "bpf/lib/net.h"

SEC("iter/task_file")
int net_seed_iter(struct bpf_iter__task_file *ctx)
{
	struct hawk_abi_owner owner = { .how = HAWK_OWNER_SEED };
	struct task_struct *task = NULL;
	struct file *file = NULL;
	struct endpoints e = {};
	struct sock *sk;

	bpf_probe_read_kernel(&task, sizeof(task), &ctx->task);
	bpf_probe_read_kernel(&file, sizeof(file), &ctx->file);
	if (!task || !file || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return 0;
	sk = sock_of_file(file);
	if (!sk || !read_ends(&e, sk) || !e.local_port)
		return 0;
	owner.start = BPF_CORE_READ(task, group_leader, start_boottime);
	owner.cgroup = task_cgroup_id(task);
	owner.tgid = owner.tid = BPF_CORE_READ(task, tgid);
	has_socket(sk, &e, &owner);
	return 0;
}
