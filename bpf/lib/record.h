/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Building and sending a record. A record grows in a scratch slot: header,
 * fixed part, one struct hawk_abi_var per variable field, then the tail. The
 * tail offset lives in the slot and not in a register, so that the verifier
 * sees one state however many optional parts were added.
 */
#ifndef HAWK_BPF_RECORD_H
#define HAWK_BPF_RECORD_H

/*
 * Functions that are not inlined are global and take scalars, a slot number
 * above all, or the context: the verifier then checks each once and not once per
 * caller's state (other pointers as arguments of global functions came with 5.12).
 */
#define SHARED __attribute__((noinline))

#define REC(s) ((struct hawk_abi_rec *)(s)->bytes)
/* Where the fixed part of an event lies, and its variable fields. */
#define BODY(s, TOKEN) ((struct hawk_abi_##TOKEN *)((s)->bytes + sizeof(struct hawk_abi_rec)))
#define VARS_AT(TOKEN) (sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_##TOKEN))
#define VAR_OF(s, TOKEN, field) \
	((struct hawk_abi_var *)((s)->bytes + VARS_AT(TOKEN)) + HAWK_VAR_##TOKEN##_##field)
#define TAIL_AT(TOKEN) (VARS_AT(TOKEN) + HAWK_VARS_##TOKEN * sizeof(struct hawk_abi_var))

/*
 * Takes a free slot. The counter is raised first and read afterwards, so two
 * programs that preempt each other cannot both see 1; fetch-and-add would need
 * 5.12. NULL when more programs are nested than there are slots.
 */
static __always_inline struct hawk_abi_scratch *scratch_get(void)
{
	for (__u32 i = 0; i < HAWK_SCRATCH_SLOTS; i++) {
		__u32 slot = i;
		struct hawk_abi_scratch *s = bpf_map_lookup_elem(&hawk_scratch, &slot);

		if (!s)
			return NULL;
		__sync_fetch_and_add(&s->busy, 1);
		if (*(volatile __u64 *)&s->busy == 1) {
			s->slot = slot;
			s->turn++;
			s->mode = s->text_at[0] = s->text_at[1] = 0;
			return s;
		}
		__sync_fetch_and_add(&s->busy, -1);
	}
	return NULL;
}

static __always_inline struct hawk_abi_scratch *scratch_of(__u32 slot)
{
	return bpf_map_lookup_elem(&hawk_scratch, &slot);
}

static __always_inline void scratch_put(struct hawk_abi_scratch *s)
{
	__sync_fetch_and_add(&s->busy, -1);
}

/* A program can be preempted by another one on its CPU, in the middle of a plain ++. */
#define COUNT(counter) __sync_fetch_and_add(&(counter), 1)

static __always_inline void count_lost(__u32 event)
{
	struct hawk_abi_counts *c = counts(event);

	if (c) {
		COUNT(c->seen);
		COUNT(c->lost);
	}
}

/* Who the current task is. */
static __always_inline void head_task(struct hawk_abi_rec *r, struct task_struct *task)
{
	__u64 id;

	if (CAN_CAST) { /* loads cost less than calls */
		r->tgid = BPF_CORE_READ(task, tgid);
		r->tid = BPF_CORE_READ(task, pid);
		__builtin_memcpy(r->comm, CAST(task)->comm, sizeof(r->comm));
		return;
	}
	id = bpf_get_current_pid_tgid();
	r->tgid = id >> 32;
	r->tid = (__u32)id;
	bpf_get_current_comm(r->comm, sizeof(r->comm));
}

/* What those who fill a record and those who judge it look at in its header. */
static __always_inline void head_begin(struct hawk_abi_scratch *s, struct task_struct *task, __u16 event)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_rec *r = REC(s);

	r->matched[0] = r->matched[1] = r->matched[2] = r->matched[3] = 0;
	head_task(r, task);
	if (!s->mode) /* else it is that of who judged */
		r->generation = cfg ? cfg->generation : 0;
	r->verdicts = 0;
	r->event = event;
	r->flags = 0;
	r->cpu = bpf_get_smp_processor_id();
}

/* The rest of it: a clock costs more than all else. */
static __always_inline void head_end(struct hawk_abi_scratch *s, struct task_struct *task)
{
	struct hawk_abi_rec *r = REC(s);

	r->time = bpf_ktime_get_boot_ns();
	r->start = BPF_CORE_READ(task, group_leader, start_boottime);
	r->cgroup = current_cgroup_id(task);
}

/* Header of a record about the current task. */
static __always_inline void record_head(struct hawk_abi_scratch *s, struct task_struct *task, __u16 event)
{
	head_begin(s, task, event);
	head_end(s, task);
}

/*
 * Wakes a reader that said it sleeps without a timer. After the record is in
 * the ring, not before: the reader says so first and then looks at the ring, so
 * one of the two sees the other. A discarded record carries the wake-up.
 */
static __always_inline void wake_sleeper(struct hawk_abi_config *cfg, void *ring)
{
	void *nothing;

	if (!cfg->sleeping)
		return;
	cfg->sleeping = 0;
	nothing = bpf_ringbuf_reserve(ring, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

/*
 * Sends what the slot holds. The reader is not woken for each record (it costs
 * 120 ns here and more there), but when the ring fills up to the mark; not for
 * every record above it either. Returns 0, or -1 when it is lost (and counted).
 */
static __always_inline int send_to(struct hawk_abi_scratch *s, void *ring)
{
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_rec *r = REC(s);
	struct hawk_abi_counts *c = counts(r->event);
	__u32 size = s->tail;
	__u64 waiting;
	long lost;

	if (!cfg || !c)
		return -1;
	COUNT(c->seen);
	barrier_var(size); /* one plain comparison is what the verifier before 6.8 understands */
	if (size > HAWK_RECORD_MAX) {
		COUNT(c->lost);
		return -1;
	}
	r->size = size;
	waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);
	lost = bpf_ringbuf_output(ring, s->bytes, size,
				  waiting >= cfg->wake_bytes && waiting < cfg->wake_bytes + HAWK_RECORD_MAX ?
					  BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	if (lost)
		COUNT(c->lost);
	else
		COUNT(c->sent);
	wake_sleeper(cfg, ring);
	return lost ? -1 : 0;
}

SHARED int send_life(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	return s ? send_to(s, &hawk_life) : -1;
}

SHARED int send_bulk(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	return s ? send_to(s, &hawk_bulk) : -1;
}

/* True when N more tail bytes surely fit; tells the verifier the bound of *ret_at. */
static __always_inline bool tail_at(struct hawk_abi_scratch *s, __u32 *ret_at)
{
	__u32 at = s->tail;

	barrier_var(at);
	if (at > HAWK_RECORD_MAX - HAWK_CHUNK_BYTES)
		return false;
	*ret_at = at;
	return true;
}

/* A string in kernel memory. */
static __always_inline void put_kernel_str(struct hawk_abi_scratch *s, struct hawk_abi_var *v, const void *p)
{
	__u32 at;
	long n;

	v->len = 0;
	v->info = HAWK_VAR_ABSENT;
	if (!p || !tail_at(s, &at))
		return;
	n = bpf_probe_read_kernel_str(s->bytes + at, HAWK_STR_BYTES, p);
	if (n <= 0 || n > HAWK_STR_BYTES) {
		v->info = HAWK_VAR_UNREADABLE;
		return;
	}
	v->len = n - 1;
	v->info = n == HAWK_STR_BYTES ? n : n - 1;
	s->tail = at + n - 1;
}

/*
 * Length with the NUL, or an error. Before Linux 6.15 the helper says 0 of an empty string
 * (strncpy_from_user_nofault()).
 */
static __always_inline long read_user_str(void *to, __u32 size, const void *from)
{
	long n = bpf_probe_read_user_str(to, size, from);

	return n ? n : 1;
}

/* A string in user memory. One that fills the limit is taken as cut: its length is not known. */
static __always_inline void put_user_str(struct hawk_abi_scratch *s, struct hawk_abi_var *v, const void *p)
{
	__u32 at;
	long n;

	v->len = 0;
	v->info = p ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!p || !tail_at(s, &at))
		return;
	n = read_user_str(s->bytes + at, HAWK_STR_BYTES, p);
	if (n <= 0 || n > HAWK_STR_BYTES)
		return;
	v->len = n - 1;
	v->info = n == HAWK_STR_BYTES ? n : n - 1;
	s->tail = at + n - 1;
}

/* LEN bytes of kernel memory, the first MAX (a constant) of them. */
static __always_inline void put_kernel_bytes(struct hawk_abi_scratch *s, struct hawk_abi_var *v, const void *p,
					     __u64 len, __u32 max)
{
	__u64 n = len;
	__u32 at;

	v->len = 0;
	v->info = p ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!p || !tail_at(s, &at))
		return;
	barrier_var(n);
	if (n > max)
		n = max;
	if (n && bpf_probe_read_kernel(s->bytes + at, n, p))
		return;
	v->len = n;
	v->info = len < HAWK_VAR_ABSENT ? len : HAWK_VAR_ABSENT - 1;
	s->tail = at + n;
}

/* LEN bytes of user memory, at most a chunk; FULL is the length that the caller meant. */
static __always_inline void put_user_bytes(struct hawk_abi_scratch *s, struct hawk_abi_var *v, const void *p,
					   __u64 len, __u32 full)
{
	__u32 at;

	v->len = 0;
	v->info = p ? HAWK_VAR_UNREADABLE : HAWK_VAR_NULL;
	if (!p || !tail_at(s, &at))
		return;
	barrier_var(len); /* or clang 16 compares a copy of it */
	if (len > HAWK_CHUNK_BYTES)
		len = HAWK_CHUNK_BYTES;
	if (len && bpf_probe_read_user(s->bytes + at, len, p))
		return;
	v->len = len;
	v->info = full;
	s->tail = at + len;
}

#endif
