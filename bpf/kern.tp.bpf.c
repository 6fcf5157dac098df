/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Modules and cgroups, as tracepoints tell them. */
#include "bpf/lib/hawk.h"
#include "bpf/lib/kern.h"

/* The file of the module that the current call loads, or NULL. */
static __always_inline struct file *module_file(struct task_struct *task)
{
	struct pt_regs *regs = current_regs();
	__u64 args[6];

	if (syscall_nr(regs) != NR_FINIT_MODULE || is_compat(task))
		return NULL;
	syscall_args(args, regs, false);
	return file_of_fd(task, (__u32)args[0]);
}

SEC("raw_tp/module_load")
int kern_mload_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = BEGIN(MODULE_LOAD);
	struct module *mod = (void *)ctx->args[0];
	struct file *file = module_file(task);
	struct hawk_abi_MODULE_LOAD *b;
	struct inode *inode;

	if (!s)
		return 0;
	b = BODY(s, MODULE_LOAD);
	b->inode = b->ctime = 0;
	b->dev = b->reserved = 0;
	b->taints = BPF_CORE_READ(mod, taints);
	PUT_MODULE(s, MODULE_LOAD, mod);
	VAR_OF(s, MODULE_LOAD, pathname)->len = 0;
	VAR_OF(s, MODULE_LOAD, pathname)->info = HAWK_PATH_ABSENT;
	if (file) {
		inode = BPF_CORE_READ(file, f_inode);
		b->inode = BPF_CORE_READ(inode, i_ino);
		b->ctime = inode_ctime(inode);
		b->dev = BPF_CORE_READ(inode, i_sb, s_dev);
		put_file_path(s, VAR_OF(s, MODULE_LOAD, pathname), file, task);
	}
	EMIT(s);
	return 0;
}

SEC("raw_tp/module_free")
int kern_mfree_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct hawk_abi_scratch *s = BEGIN(MODULE_FREE);
	struct module *mod = (void *)ctx->args[0];

	if (!s)
		return 0;
	BODY(s, MODULE_FREE)->taints = BPF_CORE_READ(mod, taints);
	PUT_MODULE(s, MODULE_FREE, mod);
	EMIT(s);
	return 0;
}

/* Of the three cgroup events; the path is a copy made for tracepoints. */
#define PUT_CGROUP(s, TOKEN, cgroup, path)                                                  \
	({                                                                                  \
		BODY(s, TOKEN)->cgroup_id = BPF_CORE_READ(cgroup, kn, id);                  \
		BODY(s, TOKEN)->hierarchy_id = BPF_CORE_READ(cgroup, root, hierarchy_id);   \
		put_kernel_str(s, VAR_OF(s, TOKEN, cgroup_path), path);                     \
	})

/* (cgroup, path, task, threadgroup) */
SEC("raw_tp/cgroup_attach_task")
int kern_cgmove_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct cgroup *cgroup = (void *)ctx->args[0];
	struct task_struct *target = (void *)ctx->args[2];
	struct hawk_abi_scratch *s = BEGIN(CGROUP_ATTACH_TASK);

	if (!s)
		return 0;
	BODY(s, CGROUP_ATTACH_TASK)->target_start_time = BPF_CORE_READ(target, group_leader, start_boottime);
	BODY(s, CGROUP_ATTACH_TASK)->pid = BPF_CORE_READ(target, pid);
	PUT_CGROUP(s, CGROUP_ATTACH_TASK, cgroup, (void *)ctx->args[1]);
	put_kernel_str(s, VAR_OF(s, CGROUP_ATTACH_TASK, comm), &target->comm);
	EMIT(s);
	return 0;
}

SEC("raw_tp/cgroup_mkdir")
int kern_cgmk_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct cgroup *cgroup = (void *)ctx->args[0];
	struct hawk_abi_scratch *s = BEGIN(CGROUP_MKDIR);

	if (!s)
		return 0;
	BODY(s, CGROUP_MKDIR)->reserved = 0;
	PUT_CGROUP(s, CGROUP_MKDIR, cgroup, (void *)ctx->args[1]);
	EMIT(s);
	return 0;
}

SEC("raw_tp/cgroup_rmdir")
int kern_cgrm_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct cgroup *cgroup = (void *)ctx->args[0];
	struct hawk_abi_scratch *s = BEGIN(CGROUP_RMDIR);

	if (!s)
		return 0;
	BODY(s, CGROUP_RMDIR)->reserved = 0;
	PUT_CGROUP(s, CGROUP_RMDIR, cgroup, (void *)ctx->args[1]);
	EMIT(s);
	return 0;
}
