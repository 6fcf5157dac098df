/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Process life cycle: the records. They are about the current task; the
 * programs around them differ in the kind of tracepoint.
 */
#ifndef HAWK_BPF_PROCESS_H
#define HAWK_BPF_PROCESS_H

#include "bpf/lib/net.h"
#include "bpf/lib/fd.h"

/*
 * A rename happens inside every exec before the new credentials are in force
 * (begin_new_exec in fs/exec.c), so the check here sends the credentials from
 * before an exec; and a program that renames itself shows changes early.
 */
SHARED int name_event(void)
{
	struct hawk_abi_scratch *s;

	if (context_same())
		return 0;
	s = record_begin(HAWK_EV_PROCESS_CONTEXT);
	if (s)
		scratch_put(s);
	return 0;
}

SHARED int fork_event(__u64 child_addr)
{
	struct task_struct *parent = (void *)bpf_get_current_task(), *child = (void *)child_addr;
	struct hawk_abi_SCHED_PROCESS_FORK *b;
	struct hawk_abi_scratch *s;
	struct hawk_abi_var *cgroup_path;

	if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid))
		return 0; /* a thread */
	s = record_begin(HAWK_EV_SCHED_PROCESS_FORK);
	if (!s)
		return 0;
	b = BODY(s, SCHED_PROCESS_FORK);
	s->tail = TAIL_AT(SCHED_PROCESS_FORK);
	task_facts(s->slot, (__u64)child);
	b->start_time = b->task.start;
	b->child_pid = b->task.pid;
	b->child_ns_pid = b->task.ns_pid;
	b->parent_start_time = REC(s)->start;
	b->parent_tid = REC(s)->tid;
	b->parent_pid = REC(s)->tgid;
	b->parent_ns_pid = task_ns_nr(BPF_CORE_READ(parent, group_leader), NULL);
	b->parent_ns_tid = task_ns_nr(parent, NULL);
	cgroup_path = VAR_OF(s, SCHED_PROCESS_FORK, child_cgroup_path);
	cgroup_path->len = 0;
	cgroup_path->info = HAWK_PATH_ABSENT;
	if (b->task.cgroup != REC(s)->cgroup)
		put_cgroup_path(s, cgroup_path, task_cgroup(child));
	if (send_life(s->slot) == 0)
		context_known((__u64)child, b->task.cgroup, true);
	life_known(child, false);
	scratch_put(s);
	return 0;
}

/* Sends one continuation record: the chunk at offset AT of TOTAL bytes at FROM. */
SHARED int chain_link(__u32 slot, __u64 from, __u32 at, __u32 total)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 left = total - at;

	if (!s || at >= total)
		return 0;
	BODY(s, CHAIN)->offset = at;
	s->tail = TAIL_AT(CHAIN);
	put_user_bytes(s, VAR_OF(s, CHAIN, data), (void *)(from + at), left, left);
	return send_life(slot);
}

/*
 * Sends what lies beyond the first chunk of TOTAL bytes at FROM as continuation
 * records. They go before the record that they belong to, so that the daemon
 * never waits for what may not come; the header of that record is in the slot.
 */
static __always_inline void chain_send(struct hawk_abi_scratch *s, __u64 from, __u32 total, __u32 field)
{
	if (total <= HAWK_CHUNK_BYTES)
		return;
	REC(s)->event = HAWK_EV_CHAIN;
	BODY(s, CHAIN)->field = field;
	BODY(s, CHAIN)->for_event = HAWK_EV_SCHED_PROCESS_EXEC;
	BODY(s, CHAIN)->reserved = 0;
	for (__u32 i = 1; i < HAWK_LONG_BYTES / HAWK_CHUNK_BYTES; i++)
		chain_link(s->slot, from, i * HAWK_CHUNK_BYTES, total);
	REC(s)->event = HAWK_EV_SCHED_PROCESS_EXEC;
}

/* What the kernel tells the new program of secureexec (create_elf_tables in fs/binfmt_elf.c). */
static __always_inline bool at_secure(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	unsigned long pair[2];

	for (int i = 0; i < 24; i++) {
		if (bpf_probe_read_kernel(pair, sizeof(pair), &mm->saved_auxv[2 * i]) || pair[0] == AT_NULL)
			return false;
		if (pair[0] == AT_SECURE)
			return pair[1];
	}
	return false;
}

static __always_inline __u32 exec_flags(struct hawk_abi_task *t, struct linux_binprm *bprm, struct file *file,
					struct inode *inode)
{
	__u64 magic = BPF_CORE_READ(inode, i_sb, s_magic), upper = 0;
	__u16 mode = BPF_CORE_READ(inode, i_mode);
	struct dentry *dentry = NULL;
	char name[6] = {};
	__u32 flags = 0;

	if ((mode & S_ISUID) && t->euid != t->uid && t->euid == BPF_CORE_READ(inode, i_uid.val))
		flags |= HAWK_EXEC_SETUID;
	if ((mode & S_ISGID) && t->egid != t->gid && t->egid == BPF_CORE_READ(inode, i_gid.val))
		flags |= HAWK_EXEC_SETGID;
	if (bprm ? BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec) : at_secure())
		flags |= HAWK_EXEC_SECURE;
	if (bprm && BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename))
		flags |= HAWK_EXEC_SCRIPT;
	if (BPF_CORE_READ(inode, i_nlink) == 0)
		flags |= HAWK_EXEC_UNLINKED;
	if (magic == TMPFS_MAGIC)
		flags |= HAWK_EXEC_TMPFS;
	/* A memfd is on one of these two: MFD_HUGETLB chooses the second. */
	if ((flags & HAWK_EXEC_UNLINKED) && (magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC)) {
		bpf_probe_read_kernel(&dentry, sizeof(dentry), &file->f_path.dentry);
		bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
		if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' &&
		    name[3] == 'f' && name[4] == 'd' && name[5] == ':')
			flags |= HAWK_EXEC_MEMFD;
	}
	if (magic == OVERLAYFS_SUPER_MAGIC) {
		/* struct ovl_inode (fs/overlayfs/ovl_entry.h): __upperdentry follows the embedded inode;
		 * the type is in a module's BTF, which 5.10 does not have */
		bpf_probe_read_kernel(&upper, sizeof(upper),
				      (void *)((__u64)inode + bpf_core_type_size(struct inode)));
		if (upper)
			flags |= HAWK_EXEC_OVERLAY_UPPER;
	}
	return flags;
}

/* Has a standard stream of TASK another end on the network? */
static __always_inline bool stdio_remote(struct task_struct *task)
{
	struct file *files[3] = {};

	/* no table has room for less (NR_OPEN_DEFAULT, include/linux/fdtable.h); kernel threads have none */
	bpf_probe_read_kernel(files, sizeof(files), BPF_CORE_READ(task, files, fdt, fd));
	for (__u32 fd = 0; fd < 3; fd++) {
		struct sock *sk = files[fd] ? sock_of_file(files[fd]) : NULL;
		__u16 family = sk ? BPF_CORE_READ(sk, __sk_common.skc_family) : 0;

		if ((family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, __sk_common.skc_dport))
			return true;
	}
	return false;
}

SHARED int exec_remote(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return (stdio_remote(task) ? HAWK_EXEC_STDIO_REMOTE : 0) |
	       (stdio_remote(BPF_CORE_READ(task, real_parent)) ? HAWK_EXEC_PARENT_STDIO_REMOTE : 0);
}

/* BPRM may be 0 here and below: what only it knows is then left out. */
SHARED int exec_fixed(__u32 slot, __u64 bprm_addr)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct linux_binprm *bprm = (void *)bprm_addr;
	struct hawk_abi_SCHED_PROCESS_EXEC *b;
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if (!s)
		return 0;
	b = BODY(s, SCHED_PROCESS_EXEC);
	task_facts(slot, (__u64)task);
	b->inode = BPF_CORE_READ(inode, i_ino);
	b->ctime = inode_ctime(inode);
	b->mtime = inode_mtime(inode);
	b->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	b->inode_uid = BPF_CORE_READ(inode, i_uid.val);
	b->inode_gid = BPF_CORE_READ(inode, i_gid.val);
	b->inode_mode = BPF_CORE_READ(inode, i_mode);
	b->flags = exec_flags(&b->task, bprm, file, inode) | exec_remote();
	b->invoked_from_kernel = started_by_kernel(task);
	b->reserved = b->reserved2 = 0;
	return 0;
}

/* The type of FILE, and into the variable field at VAR_AT the other end when it is a socket. */
SHARED int put_stdio(__u32 slot, __u64 file_addr, __u32 var_at)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct file *file = (void *)file_addr;
	struct hawk_abi_var *v;
	__u32 type = 0;

	barrier_var(var_at);
	if (!s || var_at > HAWK_RECORD_MAX)
		return 0;
	v = (void *)(s->bytes + var_at);
	v->len = 0;
	v->info = HAWK_VAR_ABSENT;
	if (file)
		type = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
	if (type == S_IFSOCK)
		put_sock_addr(slot, (__u64)sock_of_file(file), var_at, 1);
	return type;
}

/* Standard input, output and error: whoever has a shell on a connection can be gone before anybody could ask. */
SHARED int exec_stdio(__u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct file *files[3] = {};
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);

	if (!s)
		return 0;
	/* no table has room for less (NR_OPEN_DEFAULT, include/linux/fdtable.h) */
	bpf_probe_read_kernel(files, sizeof(files), BPF_CORE_READ(fdt, fd));
	*VAR_OF(s, SCHED_PROCESS_EXEC, prev_comm) = (struct hawk_abi_var){ .info = HAWK_VAR_ABSENT }; /* the daemon knows */
	put_stdin(s->slot, VAR_AT(s, VAR_OF(s, SCHED_PROCESS_EXEC, stdin_path)));
#define PUT_STDIO(i, name) \
	BODY(s, SCHED_PROCESS_EXEC)->name##_type = \
		put_stdio(slot, (__u64)files[i], VAR_AT(s, VAR_OF(s, SCHED_PROCESS_EXEC, name##_addr)))
	PUT_STDIO(0, stdin);
	PUT_STDIO(1, stdout);
	PUT_STDIO(2, stderr);
#undef PUT_STDIO
	return 0;
}

SHARED int exec_paths(__u32 slot, __u64 bprm_addr, __u64 filename)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct linux_binprm *bprm = (void *)bprm_addr;
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	struct path cwd = {};

	if (!s)
		return 0;
	s->tail = TAIL_AT(SCHED_PROCESS_EXEC);
	put_file_path(s, VAR_OF(s, SCHED_PROCESS_EXEC, pathname), BPF_CORE_READ(task, mm, exe_file), task);
	put_kernel_str(s, VAR_OF(s, SCHED_PROCESS_EXEC, cmdpath), (void *)filename);
	put_kernel_str(s, VAR_OF(s, SCHED_PROCESS_EXEC, interp), bprm ? BPF_CORE_READ(bprm, interp) : NULL);
	cwd.mnt = BPF_CORE_READ(fs, pwd.mnt);
	cwd.dentry = BPF_CORE_READ(fs, pwd.dentry);
	put_path(s, VAR_OF(s, SCHED_PROCESS_EXEC, cwd), &cwd, task);
	put_kernel_str(s, VAR_OF(s, SCHED_PROCESS_EXEC, tty), tty ? &tty->name : NULL);
	put_cgroup_path(s, VAR_OF(s, SCHED_PROCESS_EXEC, cgroup_path), task_cgroup(task));
	put_host_name(s, VAR_OF(s, SCHED_PROCESS_EXEC, nodename), task);
	return 0;
}

#define ENV_WORD(a, b, c, d, e, f, g, h)                                                                         \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | (__u64)(f) << 40 | \
	 (__u64)(g) << 48 | (__u64)(h) << 56)
#define ENV_COUNT 256     /* variables looked at: a loop that the verifier of 5.10 takes */
#define ENV_STRIDE 16     /* at a time */
#define ENV_KEPT_MAX 2048 /* bytes */
#define ENV_STR_BYTES (HAWK_STR_BYTES - ENV_KEPT_MAX - 8) /* of one */

/* All bits when WORD begins with the bytes of NAME, else none; without a branch, which would double the states. */
static __always_inline __u64 env_is(__u64 word, __u64 name, __u64 mask)
{
	__u64 other = (word ^ name) & mask;

	barrier_var(other);
	return ((other | -other) >> 63) - 1;
}

static __always_inline __u64 env_wanted(const __u8 *text)
{
	__u64 word;

	__builtin_memcpy(&word, text, sizeof(word));
	return env_is(word, ENV_WORD('L', 'D', '_', 0, 0, 0, 0, 0), 0xffffff) |
	       env_is(word, ENV_WORD('G', 'L', 'I', 'B', 'C', '_', 'T', 'U'), ~0ULL) |
	       env_is(word, ENV_WORD('H', 'I', 'S', 'T', 0, 0, 0, 0), 0xffffffff) |
	       env_is(word, ENV_WORD('B', 'A', 'S', 'H', '_', 'E', 'N', 'V'), ~0ULL);
}

/*
 * Looks at some variables from AT to END, and keeps those that are wanted at the end
 * of the record, until that is beyond STOP. Returns where the next one is, 0 when one
 * cannot be read. A function, or the verifier would go through all that there may be.
 */
SHARED __u64 exec_env_some(__u32 slot, __u64 at, __u64 end, __u32 stop)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 tail;
	__u64 n;

	if (!s)
		return 0;
	for (int i = 0; i < ENV_STRIDE && at < end && s->tail <= stop; i++) {
		if (!tail_at(s, &tail))
			return 0;
		n = read_user_str(s->bytes + tail, ENV_STR_BYTES, (void *)at);
		if ((long)n <= 0 || n > ENV_STR_BYTES)
			return 0;
		s->tail = tail + (n & env_wanted(s->bytes + tail));
		/* what is left of a long one is looked at as if it were another */
		at += n - (n == ENV_STR_BYTES);
	}
	return at;
}

/* Of the environment from AT to END the variables that decide what else is loaded, and what shells remember. */
SHARED int exec_env_wanted(__u32 slot, __u64 at, __u64 end)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_var *v;
	__u32 from, kept;

	if (!s)
		return 0;
	v = VAR_OF(s, SCHED_PROCESS_EXEC, env);
	v->len = 0;
	v->info = HAWK_VAR_ABSENT;
	from = s->tail;
	for (int i = 0; i < ENV_COUNT && at && at < end && s->tail <= from + ENV_KEPT_MAX; i += ENV_STRIDE)
		at = exec_env_some(slot, at, end, from + ENV_KEPT_MAX);
	kept = s->tail - from;
	if (!at)
		v->info = HAWK_VAR_UNREADABLE;
	if (!kept && (!at || at >= end))
		return 0;
	v->len = kept;
	v->info = at >= end ? kept : kept + 1;
	return 0;
}

/* The kernel put arguments and environment on the new stack a moment ago: its pages are there. */
SHARED int exec_event(__u64 bprm, __u64 filename, __s32 old_tid)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_scratch *s = scratch_get();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 argv = BPF_CORE_READ(mm, arg_start), env = BPF_CORE_READ(mm, env_start);
	__u32 argv_len = BPF_CORE_READ(mm, arg_end) - argv, env_len = BPF_CORE_READ(mm, env_end) - env;

	if (!s || !cfg) {
		count_lost(HAWK_EV_SCHED_PROCESS_EXEC);
		return 0;
	}
	record_head(s, task, HAWK_EV_SCHED_PROCESS_EXEC);
	chain_send(s, argv, argv_len < cfg->argv_max ? argv_len : cfg->argv_max, HAWK_VAR_SCHED_PROCESS_EXEC_argv);
	chain_send(s, env, env_len < cfg->env_max ? env_len : cfg->env_max, HAWK_VAR_SCHED_PROCESS_EXEC_env);
	exec_fixed(s->slot, bprm);
	BODY(s, SCHED_PROCESS_EXEC)->old_tid = old_tid;
	exec_paths(s->slot, bprm, filename);
	exec_stdio(s->slot);
	put_user_bytes(s, VAR_OF(s, SCHED_PROCESS_EXEC, argv), (void *)argv,
		       argv_len < cfg->argv_max ? argv_len : cfg->argv_max, argv_len);
	if (cfg->env_max) {
		put_user_bytes(s, VAR_OF(s, SCHED_PROCESS_EXEC, env), (void *)env,
			       env_len < cfg->env_max ? env_len : cfg->env_max, env_len);
	} else {
		exec_env_wanted(s->slot, env, env + env_len);
	}
	context_known((__u64)task, REC(s)->cgroup, send_life(s->slot) == 0);
	life_known(task, false);
	scratch_put(s);
	return 0;
}

/*
 * Is this thread the last of its process? Two that end together can both find
 * nobody alive: the first that gets here is taken then. Of a process that never
 * had a second thread (those that are gone left their run time) nothing is kept.
 */
static __always_inline bool is_last(struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct hawk_abi_exited key = {};
	__u8 one = 1;

	if (BPF_CORE_READ(signal, live.counter) != 0)
		return false;
	if (BPF_CORE_READ(signal, nr_threads) == 1 && BPF_CORE_READ(signal, sum_sched_runtime) == 0)
		return true;
	key.start = BPF_CORE_READ(task, group_leader, start_boottime);
	key.tgid = BPF_CORE_READ(task, tgid);
	return bpf_map_update_elem(&hawk_exited, &key, &one, BPF_NOEXIST) == 0;
}

SHARED int exit_event(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct hawk_abi_SCHED_PROCESS_EXIT *b;
	struct hawk_abi_scratch *s;
	__u32 code, group;

	s = record_begin(HAWK_EV_SCHED_PROCESS_EXIT);
	if (!s)
		return 0;
	b = BODY(s, SCHED_PROCESS_EXIT);
	s->tail = TAIL_AT(SCHED_PROCESS_EXIT);
	group = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT;
	code = group ? BPF_CORE_READ(signal, group_exit_code) : BPF_CORE_READ(task, exit_code);
	b->run_time = REC(s)->time - REC(s)->start;
	b->user_time = BPF_CORE_READ(signal, utime) + BPF_CORE_READ(task, utime);
	b->system_time = BPF_CORE_READ(signal, stime) + BPF_CORE_READ(task, stime);
	b->exit_code = (code >> 8) & 0xff; /* wait(2): status << 8, or signal with 0x80 for a core */
	b->signal = code & 0x7f;
	b->core_dumped = !!(code & 0x80);
	b->group_exit = !!group;
	b->reserved = 0;
	b->reserved2 = 0;
	send_life(s->slot);
	life_known(task, true);
	scratch_put(s);
	return 0;
}

#endif
