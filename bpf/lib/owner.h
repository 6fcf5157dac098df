/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process of a socket, for records that come when any other task may be running. */
#ifndef HAWK_BPF_OWNER_H
#define HAWK_BPF_OWNER_H

/* The current task as the owner of a socket. */
static __always_inline void current_owner(struct hawk_abi_owner *o, __u32 how)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	o->start = BPF_CORE_READ(task, group_leader, start_boottime);
	o->cgroup = task_cgroup_id(task);
	o->tgid = BPF_CORE_READ(task, tgid);
	o->tid = BPF_CORE_READ(task, pid);
	o->how = how;
	o->reserved = 0;
}

/* Remembers that the current task uses the socket COOKIE. */
static __always_inline int owns(__u64 cookie)
{
	struct hawk_abi_owner *known = bpf_map_lookup_elem(&hawk_owners, &cookie), now = {};

	if (known && known->tgid == bpf_get_current_pid_tgid() >> 32)
		return 1;
	current_owner(&now, HAWK_OWNER_SOCKET);
	bpf_map_update_elem(&hawk_owners, &cookie, &now, BPF_ANY);
	return 1;
}

/* What is known of the process behind a place: the connection itself, who bound the address, who bound the port. */
static __always_inline struct hawk_abi_owner *owner_at(struct hawk_abi_place *place)
{
	struct hawk_abi_owner *o = bpf_map_lookup_elem(&hawk_places, place);

	if (o)
		return o;
	__builtin_memset(&place->remote, 0, sizeof(place->remote));
	place->remote_port = 0;
	o = bpf_map_lookup_elem(&hawk_places, place);
	if (o)
		return o;
	__builtin_memset(&place->local, 0, sizeof(place->local));
	return bpf_map_lookup_elem(&hawk_places, place);
}

/* Where a socket is. */
static __always_inline void place_of(struct hawk_abi_place *place, struct sock *sk, const struct endpoints *e)
{
	place->local = e->local;
	place->remote = e->remote;
	place->local_port = e->local_port;
	place->remote_port = e->remote_port;
	place->protocol = BPF_CORE_READ(sk, sk_protocol);
	place->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

/* The current task, or that of OWNER, has the socket SK: by cookie when it has one, else by its place. */
static __always_inline void has_socket(struct sock *sk, const struct endpoints *e, struct hawk_abi_owner *owner)
{
	struct hawk_abi_place place = {};
	__u64 cookie = e->cookie;

	if (cookie) {
		bpf_map_update_elem(&hawk_owners, &cookie, owner, owner->how == HAWK_OWNER_SEED ? BPF_NOEXIST : BPF_ANY);
		return;
	}
	place_of(&place, sk, e);
	bpf_map_update_elem(&hawk_places, &place, owner, BPF_ANY);
}

/* The current task accepted the connection SK. */
static __always_inline void accepted_by(struct sock *sk, const struct endpoints *e)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_owner owner = {};

	if (!cfg || !cfg->packets)
		return;
	current_owner(&owner, HAWK_OWNER_SOCKET);
	has_socket(sk, e, &owner);
}

/* The header of a record about a process that is not the current one. Its name is left to the process table. */
static __always_inline void owner_head(struct hawk_abi_scratch *s, const struct hawk_abi_owner *o, __u16 event)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_rec *r = REC(s);

	r->time = bpf_ktime_get_boot_ns();
	r->start = o->start;
	r->cgroup = o->cgroup;
	r->matched[0] = r->matched[1] = r->matched[2] = r->matched[3] = 0;
	r->tgid = o->tgid;
	r->tid = o->tid;
	r->generation = cfg ? cfg->generation : 0;
	r->verdicts = 0;
	r->event = event;
	r->flags = 0;
	r->cpu = bpf_get_smp_processor_id();
	__builtin_memset(r->comm, 0, sizeof(r->comm));
}

#endif
