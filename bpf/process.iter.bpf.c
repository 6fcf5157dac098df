/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes that exist when the daemon starts, with the same facts as live events. */
#include "bpf/lib/hawk.h"

SEC("iter/task")
int proc_seed_iter(struct bpf_iter__task *ctx)
{
	struct task_struct *task = NULL;
	struct hawk_abi_PROCESS_SEED *b;
	struct hawk_abi_scratch *s;
	struct fs_struct *fs;
	struct tty_struct *tty;
	struct path cwd = {};
	__u32 size;

	/* as a plain number: only such go into shared functions */
	bpf_probe_read_kernel(&task, sizeof(task), &ctx->task);
	if (!task || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return 0;
	s = scratch_get();
	if (!s)
		return 1; /* once more */
	record_head(s, task, HAWK_EV_PROCESS_SEED);
	/* After the time was taken: what lives now ends after it, so the table meets its seed before its end. */
	if (BPF_CORE_READ(task, signal, live.counter) == 0) {
		scratch_put(s);
		return 0; /* its exit was reported, or nothing of it is left to see */
	}
	b = BODY(s, PROCESS_SEED);
	task_facts(s->slot, (__u64)task);
	REC(s)->tgid = REC(s)->tid = b->task.pid;
	REC(s)->start = b->task.start;
	REC(s)->cgroup = b->task.cgroup;
	bpf_probe_read_kernel(REC(s)->comm, sizeof(REC(s)->comm), &task->comm);
	s->tail = TAIL_AT(PROCESS_SEED);
	fs = BPF_CORE_READ(task, fs);
	if (fs) {
		bpf_probe_read_kernel(&cwd.mnt, 8, &fs->pwd.mnt);
		bpf_probe_read_kernel(&cwd.dentry, 8, &fs->pwd.dentry);
	}
	VAR_OF(s, PROCESS_SEED, pathname)->len = 0;
	VAR_OF(s, PROCESS_SEED, pathname)->info = HAWK_PATH_ABSENT;
	VAR_OF(s, PROCESS_SEED, argv)->len = 0;
	VAR_OF(s, PROCESS_SEED, argv)->info = HAWK_VAR_ABSENT;
	if (!b->task.kthread)
		put_file_path(s, VAR_OF(s, PROCESS_SEED, pathname), BPF_CORE_READ(task, mm, exe_file), task);
	put_path(s, VAR_OF(s, PROCESS_SEED, cwd), &cwd, task);
	tty = BPF_CORE_READ(task, signal, tty);
	put_kernel_str(s, VAR_OF(s, PROCESS_SEED, tty), tty ? &tty->name : NULL);
	put_cgroup_path(s, VAR_OF(s, PROCESS_SEED, cgroup_path), task_cgroup(task));
	put_host_name(s, VAR_OF(s, PROCESS_SEED, nodename), task);
	context_known((__u64)task, b->task.cgroup, true);
	size = s->tail;
	barrier_var(size);
	if (size <= HAWK_RECORD_MAX) {
		REC(s)->size = size;
		bpf_seq_write(ctx->meta->seq, s->bytes, size);
	}
	scratch_put(s);
	return 0;
}
