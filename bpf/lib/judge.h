/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the programs that are made from policies judge (bpf/abi/abi.h). They are
 * called by a tail call, which needs the context: so records that are judged are
 * begun and sent by the programs themselves, not by functions that they share.
 */
#ifndef HAWK_BPF_JUDGE_H
#define HAWK_BPF_JUDGE_H

/* What a program hands to those that judge for it: its context, and their array, which has room for EVENTS events. */
struct judges {
	void *ctx, *array;
	__u32 events;
};
#define JUDGES(var, c, a, n) const struct judges _##var = { (c), (a), (n) }, *const var = &_##var
#define RTP_JUDGES JUDGES(by, ctx, &hawk_judge_rtp, HAWK_EVENT_ID_MAX)
#define KP_JUDGES JUDGES(by, ctx, &hawk_judge_kp, HAWK_EVENT_ID_MAX)

/* The array of a program that is tied to one hook: nobody else's programs may be called from there. */
#define OWN_ARRAY(program)                                                              \
	struct {                                                                        \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                  \
		__uint(max_entries, 2 * HAWK_JUDGE_POINTS * HAWK_JUDGE_EVENTS);         \
		__type(key, __u32);                                                     \
		__type(value, __u32);                                                   \
	} program##_j SEC(".maps");
#define OWN_JUDGES(program) JUDGES(by, ctx, &program##_j, HAWK_JUDGE_EVENTS)

/* Tail calls beside calls of functions came to arm64 with 6.0 (d4609a5d8c70). */
#if defined(__TARGET_ARCH_arm64)
extern int LINUX_KERNEL_VERSION __kconfig;
#define CAN_JUDGE (LINUX_KERNEL_VERSION >= 0x60000)
#else
#define CAN_JUDGE 1
#endif

/*
 * Returns here whether or not there is a program. A function of its own: a tail
 * call replaces the one that makes it. What is above it may have 255 bytes of
 * stack (check_max_stack_depth, kernel/bpf/verifier.c).
 */
static __attribute__((noinline)) int judge(void *ctx, void *array, __u32 index)
{
	bpf_tail_call(ctx, array, index);
	return 0;
}

#define NOBODY (-1)

/* Zeroes behind the end of the name, which the kernel does not clear: it is the key of a table. */
static __always_inline void pad_name(__u64 *name)
{
	__u64 ends;

	for (int i = 0; i < 2; i++) {
		ends = (name[i] - 0x0101010101010101ULL) & ~name[i] & 0x8080808080808080ULL;
		if (!ends)
			continue;
		name[i] &= (ends & -ends) - 1;
		if (i == 0)
			name[1] = 0;
		return;
	}
}

/* What most scopes look at; as far as NEEDS says, else 0. */
struct who {
	__u64 start, cgroup, exec_id, comm[2];
	__u32 tgid, uid;
};

static __always_inline void read_who(struct who *w, struct task_struct *task, __u32 needs)
{
	__builtin_memset(w, 0, sizeof(*w));
	if (needs & HAWK_NEED_COMM) {
		if (CAN_CAST)
			__builtin_memcpy(w->comm, CAST(task)->comm, sizeof(w->comm));
		else
			bpf_get_current_comm(w->comm, sizeof(w->comm));
		pad_name(w->comm);
	}
	if (needs & (HAWK_NEED_PROCESS | HAWK_NEED_KNOWN)) {
		w->start = BPF_CORE_READ(task, group_leader, start_boottime);
		w->cgroup = current_cgroup_id(task);
		w->exec_id = BPF_CORE_READ(task, self_exec_id);
		w->tgid = BPF_CORE_READ(task, tgid);
	}
	if (needs & HAWK_NEED_UID)
		w->uid = BPF_CORE_READ(task, real_cred, uid.val);
}

/* One word after the other, none of which says anything of the next without the seed. */
#define STIR(h, word)                              \
	({                                         \
		(h) = ((h) ^ (word)) * 0x9e3779b97f4a7c15ULL; \
		(h) ^= (h) >> 32;                  \
	})

/* Who a task is to those who judge EVENT by GENERATION, in a word that nobody can make another task have. Not 0. */
static __always_inline __u64 word_of(const struct who *w, __u32 needs, __u64 generation, __u32 event)
{
	struct hawk_abi_config *cfg = config();
	__u64 h = cfg ? cfg->seed : 0;

	STIR(h, generation << 32 | event);
	if (needs & HAWK_NEED_UID)
		STIR(h, w->uid);
	if (needs & HAWK_NEED_COMM) {
		STIR(h, w->comm[0]);
		STIR(h, w->comm[1]);
	}
	if (needs & (HAWK_NEED_PROCESS | HAWK_NEED_KNOWN)) {
		STIR(h, w->start);
		STIR(h, w->cgroup);
		STIR(h, w->exec_id << 32 | w->tgid);
	}
	return h | 1;
}

/* Two threads in one slot cost each other what is remembered, and deceive nobody. */
static __always_inline __u32 unwanted_slot(struct task_struct *task, __u32 event)
{
	return (BPF_CORE_READ(task, pid) ^ event * 0x9e3779b1U) & (HAWK_UNWANTED_SLOTS - 1);
}

static __always_inline void put_who(struct hawk_abi_judge *j, const struct who *w)
{
	__builtin_memcpy(j->comm, w->comm, sizeof(j->comm));
	j->task.pid = w->tgid;
	j->task.start = w->start;
	j->task.cgroup = w->cgroup;
	j->task.exec_id = w->exec_id;
	j->task.uid = w->uid;
	j->known.start = w->start;
	j->known.cgroup = w->cgroup;
	j->known.tgid = w->tgid;
	j->known.exec_id = (__u32)w->exec_id;
}

static __always_inline void put_nodename(struct hawk_abi_judge *j, struct task_struct *task)
{
	struct uts_namespace *uts = BPF_CORE_READ(task, nsproxy, uts_ns);

	/* the kernel clears what is behind the name (sethostname, kernel/sys.c) */
	if (bpf_probe_read_kernel(j->nodename, UTS_NODENAME_BYTES, &uts->name.nodename))
		j->nodename[0] = 0;
}

/* Facts of the current task that few want. */
SHARED int judge_facts(__u32 slot, __u32 needs)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return 0;
	if (needs & HAWK_NEED_PARENT)
		task_family(&s->judge.task, task);
	if (needs & HAWK_NEED_NS) {
		struct pid_namespace *pidns = NULL;

		task_ns_nr(BPF_CORE_READ(task, group_leader), &pidns);
		task_namespaces(&s->judge.task, task, pidns);
	}
	if (needs & HAWK_NEED_UTS)
		put_nodename(&s->judge, task);
	return 0;
}

/*
 * Says that the record in S is judged from here on. A program that comes between
 * this and the tail call says so of its own: then this record is not judged.
 */
static __always_inline bool judge_set(struct hawk_abi_scratch *s, __u64 task)
{
	__u32 zero = 0;
	struct hawk_abi_now *now = bpf_map_lookup_elem(&hawk_now, &zero);

	if (!now)
		return false;
	now->slot = s->slot;
	now->task = task;
	return true;
}

static __always_inline struct hawk_abi_filter_row *filter_row(__u32 generation, __u32 event)
{
	__u32 i = HAWK_FILTER_ROW(generation, event);
	struct hawk_abi_filter_row *row = bpf_map_lookup_elem(&hawk_filter, &i);

	return row && row->mode & HAWK_FILTER_JUDGE ? row : NULL;
}

static __always_inline void count_filtered(__u32 event)
{
	struct hawk_abi_counts *c = counts(event);

	if (c)
		COUNT(c->filtered);
}

/*
 * Whether the first point has left EVENT out for the current task before, and would again: what it looks at
 * is the same. Counts it then. That is what an event costs which nobody wants.
 */
SHARED int is_unwanted(__u32 event)
{
	const __u32 mode = HAWK_FILTER_BY_TASK | HAWK_FILTER_ALL;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_filter_row *row;
	__u32 generation, slot;
	struct who who;
	__u64 *kept;

	if (!cfg)
		return 0;
	generation = *(volatile __u32 *)&cfg->generation;
	row = filter_row(generation, event);
	if (!row || (row->mode & mode) != HAWK_FILTER_BY_TASK)
		return 0;
	slot = unwanted_slot(task, event);
	kept = bpf_map_lookup_elem(&hawk_unwanted, &slot);
	if (!kept || !*kept)
		return 0;
	read_who(&who, task, row->needs);
	if (*kept != word_of(&who, row->needs, generation, event))
		return 0;
	count_filtered(event);
	return 1;
}

/*
 * Before anything of EVENT is collected. Returns the generation whose programs
 * are to be called, or NOBODY.
 */
SHARED int scope_begin(__u32 slot, __u32 event)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_filter_row *row;
	struct task_struct *task;
	__u32 generation;
	struct who who;

	if (!s || !cfg)
		return NOBODY;
	generation = *(volatile __u32 *)&cfg->generation;
	row = filter_row(generation, event);
	if (!row)
		return NOBODY;
	task = (void *)bpf_get_current_task();
	s->mode = row->mode;
	s->text_at[0] = row->text_at[0];
	s->text_at[1] = row->text_at[1];
	s->judge.text[0].bits = s->judge.text[1].bits = 0;
	s->judge.judged = s->judge.unknown = 0;
	REC(s)->generation = generation;
	read_who(&who, task, row->needs);
	put_who(&s->judge, &who);
	s->unwanted = row->mode & HAWK_FILTER_BY_TASK ? word_of(&who, row->needs, generation, event) : 0;
	s->unwanted_at = unwanted_slot(task, event);
	if (row->needs & HAWK_NEED_CRED)
		task_credentials(&s->judge.task, task);
	if (row->needs & ~(HAWK_NEEDS_REMEMBERED | HAWK_NEED_CRED))
		judge_facts(slot, row->needs);
	if (judge_set(s, (__u64)task))
		return (int)(generation & 1);
	s->mode = 0;
	return NOBODY;
}

static __always_inline bool wanted(const struct hawk_abi_scratch *s)
{
	__u64 any = s->mode & HAWK_FILTER_ALL;

	for (int i = 0; i < HAWK_COLUMNS / 64; i++)
		any |= s->judge.pass[i];
	return any;
}

/*
 * After the first point: 0 when nobody wants EVENT. Without an answer everybody
 * may. Begins the header of a record that gets the rest of it when the second
 * point wants it.
 */
SHARED int scope_passes(__u32 slot, __u32 event)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u64 *kept;
	__u32 at;

	if (!s)
		return 0;
	if (!(s->judge.judged & 1U << HAWK_JUDGE_SCOPE)) {
		s->mode = 0;
		return 1;
	}
	if (wanted(s)) {
		if (s->mode & HAWK_FILTER_LATE)
			head_begin(s, (void *)bpf_get_current_task(), event);
		return 1;
	}
	count_filtered(event);
	at = s->unwanted_at;
	kept = s->unwanted ? bpf_map_lookup_elem(&hawk_unwanted, &at) : NULL;
	if (kept)
		*kept = s->unwanted;
	return 0;
}

/* Before a record is sent. Returns as scope_begin(). */
static __always_inline int args_begin(struct hawk_abi_scratch *s)
{
	if (!(s->mode & HAWK_FILTER_ARGS) || !judge_set(s, bpf_get_current_task()))
		return NOBODY;
	return REC(s)->generation & 1;
}

/*
 * Whether a record that nobody wants is sent all the same, for the daemon to say
 * what it knows of the process: with the answer nothing more is collected of one
 * that is in no scope. Asked once a second, for an answer may be lost, or not be
 * known yet.
 */
static __always_inline bool asks(struct hawk_abi_scratch *s)
{
	const struct hawk_abi_known_key *k = &s->judge.known;
	__u32 slot = k->tgid & (HAWK_ASKED_SLOTS - 1);
	__u64 word, *asked;

	if (!s->judge.unknown)
		return false;
	word = k->start ^ bpf_ktime_get_boot_ns() >> 30;
	asked = bpf_map_lookup_elem(&hawk_asked, &slot);
	word += (k->cgroup + ((__u64)REC(s)->generation << 32) + k->exec_id) * 0x9e3779b97f4a7c15ULL;
	if (!asked || *asked == word)
		return false;
	*asked = word;
	return true;
}

/* Sends a record, or not when nobody wants it. */
SHARED int judged_send(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 points = 1U << HAWK_JUDGE_SCOPE;
	bool judged;

	if (!s)
		return 0;
	if (s->mode & HAWK_FILTER_ARGS)
		points |= 1U << HAWK_JUDGE_ARGS;
	judged = s->mode && s->judge.judged == points;
	if (judged && !wanted(s) && !asks(s)) {
		count_filtered(REC(s)->event);
		return 0;
	}
	if (s->mode & HAWK_FILTER_LATE) {
		head_end(s, task);
		context_check(s, task);
	}
	if (judged) {
		__builtin_memcpy(REC(s)->matched, s->judge.pass, sizeof(REC(s)->matched));
		REC(s)->flags |= HAWK_REC_JUDGED | (s->judge.unknown ? HAWK_REC_UNKNOWN : 0);
		if (s->judge.pass[HAWK_INTEREST_COLUMN / 64] & 1)
			REC(s)->flags |= HAWK_REC_INTEREST;
	}
	return send_to(s, &hawk_bulk);
}

#define JUDGE(by, generation, point, event)                                                      \
	judge((by)->ctx, (by)->array,                                                            \
	      ((generation) * HAWK_JUDGE_POINTS + (point)) * (by)->events + (event) % (by)->events)

/* Without policies this is all that a point costs. */
static __always_inline bool judging(void)
{
	struct hawk_abi_config *cfg = config();

	return CAN_JUDGE && cfg && cfg->judging;
}

/* Takes a slot for a record of EVENT about the current task, and begins it; NULL when nobody wants it, or there is none. */
static __always_inline struct hawk_abi_scratch *judged_begin(const struct judges *by, __u16 event)
{
	struct hawk_abi_scratch *s;
	int generation;

	if (judging() && is_unwanted(event)) /* asked again below: the stack of a caller is full */
		return NULL;
	s = scratch_get();
	if (!s) {
		count_lost(event);
		return NULL;
	}
	generation = judging() ? scope_begin(s->slot, event) : NOBODY;
	if (generation != NOBODY) {
		JUDGE(by, (__u32)generation, HAWK_JUDGE_SCOPE, (__u32)event);
		if (!scope_passes(s->slot, event)) {
			scratch_put(s);
			return NULL;
		}
	}
	if (!(s->mode & HAWK_FILTER_LATE))
		record_start(s->slot, event);
	return s;
}

/* Ends it: sends the record, unless nobody wants it. */
static __always_inline void judged_end(const struct judges *by, struct hawk_abi_scratch *s)
{
	int generation = args_begin(s);

	if (generation != NOBODY)
		JUDGE(by, (__u32)generation, HAWK_JUDGE_ARGS, (__u32)REC(s)->event);
	judged_send(s->slot);
	scratch_put(s);
}

/* What most programs do: bulk events of the daemon itself are left out, and the tail begins behind the fixed part. */
#define BEGIN(TOKEN)                                                                                    \
	({                                                                                              \
		struct hawk_abi_scratch *_s = is_self() ? NULL : judged_begin(by, HAWK_EV_##TOKEN);     \
                                                                                                        \
		if (_s)                                                                                 \
			_s->tail = TAIL_AT(TOKEN);                                                      \
		_s;                                                                                     \
	})
#define EMIT(s) judged_end(by, s)

#endif
