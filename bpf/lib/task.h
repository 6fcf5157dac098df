/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts of a task: credentials, namespaces, cgroup; and noticing that they changed. */
#ifndef HAWK_BPF_TASK_H
#define HAWK_BPF_TASK_H

/*
 * The cgroup that tells the unit: that of the unified hierarchy, or on a host
 * with v1 only that of the pids controller, where systemd keeps every unit.
 */
static __always_inline struct cgroup *task_cgroup(struct task_struct *task)
{
	struct hawk_abi_config *cfg = config();

	if (cfg && cfg->cgroup_v1 && bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)) {
		__u32 i = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
		struct css_set *set = BPF_CORE_READ(task, cgroups);
		struct cgroup_subsys_state *css = (void *)read_word((__u64)&set->subsys + i * sizeof(void *));

		return BPF_CORE_READ(css, cgroup);
	}
	return BPF_CORE_READ(task, cgroups, dfl_cgrp);
}

static __always_inline __u64 task_cgroup_id(struct task_struct *task)
{
	struct cgroup *cgroup = task_cgroup(task);

	return BPF_CORE_READ(cgroup, kn, id);
}

static __always_inline __u64 current_cgroup_id(struct task_struct *task)
{
	struct hawk_abi_config *cfg = config();

	if (CAN_CAST || (cfg && cfg->cgroup_v1))
		return task_cgroup_id(task);
	return bpf_get_current_cgroup_id();
}

/* A task's number in its own pid namespace, and that namespace. */
static __always_inline __u32 task_ns_nr(struct task_struct *task, struct pid_namespace **ret_ns)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	unsigned int level = BPF_CORE_READ(pid, level);
	struct upid *upid = (void *)((__u64)&pid->numbers + (level & 63) * bpf_core_type_size(struct upid));

	if (ret_ns)
		*ret_ns = BPF_CORE_READ(upid, ns);
	return BPF_CORE_READ(upid, nr);
}

#define NS_INUM(ptr) ({ __typeof__(ptr) _ns = (ptr); _ns ? BPF_CORE_READ(_ns, ns.inum) : 0; })

static __always_inline void task_namespaces(struct hawk_abi_task *t, struct task_struct *task,
					    struct pid_namespace *pidns)
{
	struct nsproxy *np = BPF_CORE_READ(task, nsproxy);

	t->ns_pidns = NS_INUM(pidns);
	t->ns_user = NS_INUM(BPF_CORE_READ(task, real_cred, user_ns));
	t->ns_uts = t->ns_ipc = t->ns_mnt = t->ns_pid_for_children = t->ns_net = 0;
	t->ns_time = t->ns_time_for_children = t->ns_cgroup = 0;
	if (!np) /* the last steps of an exit */
		return;
	t->ns_uts = NS_INUM(BPF_CORE_READ(np, uts_ns));
	t->ns_ipc = NS_INUM(BPF_CORE_READ(np, ipc_ns));
	t->ns_mnt = NS_INUM(BPF_CORE_READ(np, mnt_ns));
	t->ns_pid_for_children = NS_INUM(BPF_CORE_READ(np, pid_ns_for_children));
	t->ns_net = NS_INUM(BPF_CORE_READ(np, net_ns));
	t->ns_cgroup = NS_INUM(BPF_CORE_READ(np, cgroup_ns));
	if (bpf_core_field_exists(np->time_ns)) {
		t->ns_time = NS_INUM(BPF_CORE_READ(np, time_ns));
		t->ns_time_for_children = NS_INUM(BPF_CORE_READ(np, time_ns_for_children));
	}
}

static __always_inline void task_credentials(struct hawk_abi_task *t, struct task_struct *task)
{
	struct cred *cred = BPF_CORE_READ(task, real_cred);

	t->uid = BPF_CORE_READ(cred, uid.val);
	t->gid = BPF_CORE_READ(cred, gid.val);
	t->euid = BPF_CORE_READ(cred, euid.val);
	t->egid = BPF_CORE_READ(cred, egid.val);
	t->suid = BPF_CORE_READ(cred, suid.val);
	t->sgid = BPF_CORE_READ(cred, sgid.val);
	t->fsuid = BPF_CORE_READ(cred, fsuid.val);
	t->fsgid = BPF_CORE_READ(cred, fsgid.val);
	t->securebits = BPF_CORE_READ(cred, securebits);
	if (CAN_CAST) {
		cred = CAST(cred);
		t->cap_inheritable = cred->cap_inheritable.val;
		t->cap_permitted = cred->cap_permitted.val;
		t->cap_effective = cred->cap_effective.val;
		t->cap_bounding = cred->cap_bset.val;
		t->cap_ambient = cred->cap_ambient.val;
	} else { /* kernel_cap_t changed its type, not its bytes: read by address */
		bpf_probe_read_kernel(&t->cap_inheritable, 8, &cred->cap_inheritable);
		bpf_probe_read_kernel(&t->cap_permitted, 8, &cred->cap_permitted);
		bpf_probe_read_kernel(&t->cap_effective, 8, &cred->cap_effective);
		bpf_probe_read_kernel(&t->cap_bounding, 8, &cred->cap_bset);
		bpf_probe_read_kernel(&t->cap_ambient, 8, &cred->cap_ambient);
	}
	t->loginuid = t->sessionid = (__u32)-1;
	if (bpf_core_field_exists(task->loginuid)) {
		t->loginuid = BPF_CORE_READ(task, loginuid.val);
		t->sessionid = BPF_CORE_READ(task, sessionid);
	}
}

static __always_inline void task_family(struct hawk_abi_task *t, struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	t->parent_start = BPF_CORE_READ(parent, group_leader, start_boottime);
	t->ppid = BPF_CORE_READ(parent, tgid);
	t->ns_pid = task_ns_nr(BPF_CORE_READ(task, group_leader), NULL);
	t->ns_ppid = task_ns_nr(BPF_CORE_READ(parent, group_leader), NULL);
}

/* Writes the facts of a task (by address) where every record that carries them has them: first in the body. */
SHARED int task_facts(__u32 slot, __u64 task_addr)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct task_struct *task = (void *)task_addr;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct pid_namespace *pidns = NULL;
	struct hawk_abi_task *t;

	if (!s)
		return 0;
	t = (void *)(s->bytes + sizeof(struct hawk_abi_rec));
	t->start = BPF_CORE_READ(leader, start_boottime);
	t->pid = BPF_CORE_READ(task, tgid);
	task_ns_nr(leader, &pidns);
	task_family(t, task);
	t->exec_id = BPF_CORE_READ(task, self_exec_id);
	t->cgroup = task_cgroup_id(task);
	t->kthread = !!(BPF_CORE_READ(task, flags) & PF_KTHREAD);
	task_credentials(t, task);
	task_namespaces(t, task, pidns);
	return 0;
}

/* Appends the components of a cgroup's path, from the leaf to the root like every PATH. Returns HAWK_PATH_* bits. */
SHARED int walk_cgroup(__u32 slot, __u64 cgroup_addr)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct cgroup *cgroup = (void *)cgroup_addr;
	struct kernfs_node *kn = BPF_CORE_READ(cgroup, kn);
	__u32 at;

	if (!s)
		return HAWK_PATH_ABSENT;
	for (int i = 0; i < 32; i++) {
		struct kernfs_node *parent;
		const char *name;
		long n;

		if (bpf_core_field_exists(((struct kernfs_node___since_6_15 *)kn)->__parent))
			parent = BPF_CORE_READ((struct kernfs_node___since_6_15 *)kn, __parent);
		else
			parent = BPF_CORE_READ((struct kernfs_node___until_6_14 *)kn, parent);
		if (!parent)
			return 0;
		if (!tail_at(s, &at))
			return HAWK_PATH_TRUNCATED;
		name = BPF_CORE_READ(kn, name);
		n = bpf_probe_read_kernel_str(s->bytes + at, 256, name);
		if (n <= 0 || n > 256)
			return HAWK_PATH_UNREADABLE;
		s->tail = at + n;
		kn = parent;
	}
	return HAWK_PATH_TRUNCATED;
}

static __always_inline void put_cgroup_path(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct cgroup *cgroup)
{
	__u32 from = s->tail;

	v->info = walk_cgroup(s->slot, (__u64)cgroup);
	v->len = s->tail - from;
}

/* The name of the host as TASK sees it; the last steps of an exit have none. */
static __always_inline void put_host_name(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct task_struct *task)
{
	struct uts_namespace *uts = BPF_CORE_READ(task, nsproxy, uts_ns);

	put_kernel_str(s, v, uts ? &uts->name.nodename : NULL);
}

#define TWO_IDS(cred, a, b) ((__u64)(cred)->a.val << 32 | (cred)->b.val)
#define ADDRESS(pointer) ((__u64)UNTYPED(pointer))

/*
 * All that makes the context of a task but its cgroup: ids and capabilities of
 * the credentials c as they are; namespaces n by address, which could only
 * deceive when one is freed, its memory becomes another of the same kind, and
 * the process enters that without an event in between. W(number, word, key)
 */
#define CONTEXT_WORDS(W) \
	W(0, TWO_IDS(c, uid, gid), 0x9e3779b97f4a7c15ULL)              \
	W(1, TWO_IDS(c, suid, sgid), 0xc2b2ae3d27d4eb4fULL)            \
	W(2, TWO_IDS(c, euid, egid), 0x165667b19e3779f9ULL)            \
	W(3, TWO_IDS(c, fsuid, fsgid), 0xff51afd7ed558ccdULL)          \
	W(4, c->securebits, 0xc4ceb9fe1a85ec53ULL)                     \
	W(5, c->cap_inheritable.val, 0x87c37b91114253d5ULL)            \
	W(6, c->cap_permitted.val, 0x4cf5ad432745937fULL)              \
	W(7, c->cap_effective.val, 0x52dce729da3ed7b5ULL)              \
	W(8, c->cap_bset.val, 0x38495ab5a1e2d3c7ULL)                   \
	W(9, c->cap_ambient.val, 0xa0761d6478bd642fULL)                \
	W(10, ADDRESS(c->user_ns), 0x8ebc6af09c88c6e3ULL)              \
	W(11, ADDRESS(n->uts_ns), 0x589965cc75374cc3ULL)               \
	W(12, ADDRESS(n->ipc_ns), 0x1d8e4e27c47d124fULL)               \
	W(13, ADDRESS(n->mnt_ns), 0xeb44accab455d165ULL)               \
	W(14, ADDRESS(n->pid_ns_for_children), 0x9c6e6877736c46e3ULL)  \
	W(15, ADDRESS(n->net_ns), 0xd6e8feb86659fd93ULL)               \
	W(16, ADDRESS(n->time_ns), 0xa5a5d9c1e4f6b3d7ULL)              \
	W(17, ADDRESS(n->time_ns_for_children), 0xcaf649a9d2c3e1b5ULL) \
	W(18, ADDRESS(n->cgroup_ns), 0xbea225f9eb34556dULL)

/* One word after the other: more of them at once do not fit the registers, and the stack is short. */
#define MIX(h, word, k)                              \
	({                                           \
		(h) += ((word) ^ (seed)) * (k);      \
		barrier_var(h);                      \
	})

static __always_inline __u64 context_cast(struct cred *cred, struct nsproxy *np, __u64 h, __u64 seed)
{
	struct cred *c = CAST(cred);
	struct nsproxy *n = CAST(np);

#define MIX_CAST(i, word, k) MIX(h, word, k);
	CONTEXT_WORDS(MIX_CAST)
#undef MIX_CAST
	return h;
}

static __always_inline __u64 context_read(struct cred *cred, struct nsproxy *np, __u64 h, __u64 seed)
{
	__u64 w[19] = {};

	/* 76 or 80 bytes, with or without a hole after securebits (6.6: 40 bits of usage count) */
	bpf_probe_read_kernel(w, 80, &cred->uid);
	w[10] = (__u64)BPF_CORE_READ(cred, user_ns);
	bpf_probe_read_kernel(w + 11, 64, &np->uts_ns);
#define MIX_READ(i, word, k) MIX(h, w[i], k);
	CONTEXT_WORDS(MIX_READ)
#undef MIX_READ
	return h;
}

/* A keyed sum over everything that makes the context, and over who has it. */
static __always_inline __u64 context_fingerprint(struct task_struct *task, __u64 start, __u64 cgroup, __u64 seed)
{
	struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct nsproxy *np = BPF_CORE_READ(task, nsproxy);
	__u64 h = seed;

	MIX(h, start, 0x2545f4914f6cdd1dULL);
	MIX(h, cgroup, 0xe7037ed1a0b428dbULL);
	h = CAN_CAST ? context_cast(cred, np, h, seed) : context_read(cred, np, h, seed);
	return h ^ (h >> 29);
}

static __always_inline struct hawk_abi_seen *seen_of(__u32 tgid)
{
	__u32 slot = tgid & (HAWK_SEEN_SLOTS - 1);

	return bpf_map_lookup_elem(&hawk_seen, &slot);
}

/* The program that a process runs, since its fork or an exec, among all of all processes; ENDED: the end of the process. */
static __always_inline __u64 life_word(struct task_struct *task, bool ended)
{
	__u64 word = BPF_CORE_READ(task, group_leader, start_boottime) +
		     BPF_CORE_READ(task, self_exec_id) * 0x9e3779b97f4a7c15ULL;

	return ended ? ~word : word;
}

/*
 * Remembers that a record told of the context of a task. When it came through
 * (KNOWN) the daemon knows it, else the next event of the task brings
 * process.context.
 */
SHARED int context_known(__u64 task_addr, __u64 cgroup, __u32 known)
{
	struct task_struct *task = (void *)task_addr;
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_seen *seen = seen_of(BPF_CORE_READ(task, tgid));
	__u64 start = BPF_CORE_READ(task, group_leader, start_boottime);

	if (cfg && seen)
		seen->fingerprint = context_fingerprint(task, start, cgroup, cfg->seed) ^ !known;
	return 0;
}

/*
 * Remembers that the fork, exec or end of a task was told: where two programs
 * tell of it, since the kernel may leave out one of them, the second one asks.
 * Not for seeds: the task of one runs meanwhile and may be in the next exec,
 * which would be told twice or never.
 */
static __always_inline void life_known(struct task_struct *task, bool ended)
{
	struct hawk_abi_seen *seen = seen_of(BPF_CORE_READ(task, tgid));

	if (seen)
		seen->life = life_word(task, ended);
}

static __always_inline bool life_told(struct task_struct *task, bool ended)
{
	struct hawk_abi_seen *seen = seen_of(BPF_CORE_READ(task, tgid));

	return seen && seen->life == life_word(task, ended);
}

/* Before the record in SLOT, with its header: from another slot, for that one may be full. Returns 0, or -1 when it is lost. */
SHARED int context_send(__u32 slot)
{
	struct hawk_abi_scratch *of = scratch_of(slot), *s = scratch_get();
	__u64 task = bpf_get_current_task();
	int r = -1;

	if (!s) {
		count_lost(HAWK_EV_PROCESS_CONTEXT);
		return -1;
	}
	if (of) {
		*REC(s) = *REC(of);
		REC(s)->event = HAWK_EV_PROCESS_CONTEXT;
		task_facts(s->slot, task);
		s->tail = TAIL_AT(PROCESS_CONTEXT);
		put_cgroup_path(s, VAR_OF(s, PROCESS_CONTEXT, cgroup_path), task_cgroup((struct task_struct *)task));
		put_host_name(s, VAR_OF(s, PROCESS_CONTEXT, nodename), (struct task_struct *)task);
		r = send_life(s->slot);
	}
	scratch_put(s);
	return r;
}

/*
 * Does the daemon know the context of the current task? For who makes no record
 * otherwise. A function of its own: its words and what begins a record do not
 * both fit the stack before 6.2.
 */
SHARED int context_same(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_seen *seen = seen_of(BPF_CORE_READ(task, tgid));
	__u64 start = BPF_CORE_READ(task, group_leader, start_boottime);

	return cfg && seen &&
	       seen->fingerprint == context_fingerprint(task, start, current_cgroup_id(task), cfg->seed);
}

/*
 * Called with the header of an event of the current task in the slot: sends
 * process.context when the context is not the one last sent. Not for who is
 * switched to: every idle thread is process 0, and those of the CPUs would take
 * turns in the map of what was last sent.
 */
static __always_inline void context_check(struct hawk_abi_scratch *s, struct task_struct *task)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_seen *seen = seen_of(REC(s)->tgid);
	__u64 now;

	if (!cfg || !seen || REC(s)->event == HAWK_EV_SCHED_SWITCH)
		return;
	now = context_fingerprint(task, REC(s)->start, REC(s)->cgroup, cfg->seed);
	if (seen->fingerprint == now)
		return;
	if (context_send(s->slot) == 0)
		seen->fingerprint = now;
}

/* The header of EVENT, after the context of the current task if that changed. */
SHARED int record_start(__u32 slot, __u32 event)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return 0;
	record_head(s, task, event);
	context_check(s, task);
	return 0;
}

/* Takes a slot for a record of EVENT about the current task, and begins it. Nobody judges it. */
static __always_inline struct hawk_abi_scratch *record_begin(__u16 event)
{
	struct hawk_abi_scratch *s = scratch_get();

	if (!s) {
		count_lost(event);
		return NULL;
	}
	record_start(s->slot, event);
	return s;
}

/* The socket behind an open file, or NULL when it is none (struct socket is in private_data, net/socket.c). */
static __always_inline struct sock *sock_of_file(struct file *file)
{
	struct socket *socket;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

#endif
