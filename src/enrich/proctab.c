/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/proctab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/enrich/entry.h"
#include "src/enrich/share.h"

#define DEFAULT_ENTRIES 65536
#define DEFAULT_BYTES ((size_t)64 * 1024 * 1024)
#define DEFAULT_KEEP_NS (10 * 60 * 1000000000ULL)
#define BUCKETS_MAX (1U << 22) /* PID_MAX_LIMIT of the kernel: more would stay empty */

/* The kernel hands pids out in a row, so the low bits alone spread them best. */
static struct hawk_entry **bucket(const struct hawk_proctab *t, uint32_t pid)
{
	return &t->buckets[pid & t->mask];
}

struct hawk_entry *hawk_proctab_entry(const struct hawk_proctab *t, uint32_t pid, uint64_t start)
{
	struct hawk_entry *e = *bucket(t, pid);

	while (e && (e->p.task.start != start || (uint32_t)e->p.task.pid != pid))
		e = e->chain;
	return e;
}

struct hawk_entry *hawk_proctab_latest(const struct hawk_proctab *t, uint32_t pid)
{
	struct hawk_entry *latest = NULL;

	for (struct hawk_entry *e = *bucket(t, pid); e; e = e->chain)
		if ((uint32_t)e->p.task.pid == pid && (!latest || e->p.task.start > latest->p.task.start))
			latest = e;
	return latest;
}

/* Puts E behind AT, or in front when AT is NULL. */
static void list_insert(struct hawk_entry_list *l, struct hawk_entry *e, struct hawk_entry *at)
{
	e->prev = at;
	e->next = at ? at->next : l->first;
	*(e->next ? &e->next->prev : &l->last) = e;
	*(at ? &at->next : &l->first) = e;
	l->n++;
}

static void list_remove(struct hawk_entry_list *l, struct hawk_entry *e)
{
	*(e->next ? &e->next->prev : &l->last) = e->prev;
	*(e->prev ? &e->prev->next : &l->first) = e->next;
	l->n--;
}

void hawk_proctab_set_exited(struct hawk_proctab *t, struct hawk_entry *e, uint64_t time)
{
	struct hawk_entry *at = t->exited.last;

	if (e->p.exit_time)
		return;
	list_remove(&t->alive, e);
	e->p.exit_time = time ? time : 1;
	while (at && at->p.exit_time > e->p.exit_time)
		at = at->prev;
	list_insert(&t->exited, e, at);
	hawk_proctab_changed(e);
}

/* The exit of E, at TIME or before, was not seen. */
static void set_missed(struct hawk_proctab *t, struct hawk_entry *e, uint64_t time)
{
	t->stats.missed_exit++;
	e->p.exit_missed = true;
	hawk_proctab_set_exited(t, e, time);
}

struct hawk_entry *hawk_proctab_insert(struct hawk_proctab *t, uint32_t pid, uint64_t start)
{
	struct hawk_entry *other = hawk_proctab_latest(t, pid), *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->p.task.pid = (int32_t)pid;
	e->p.task.start = start;
	e->chain = *bucket(t, pid);
	*bucket(t, pid) = e;
	list_insert(&t->alive, e, t->alive.last);
	if (!other)
		return e;
	t->stats.pid_reused++;
	if (other->p.task.start > start) {
		hawk_proctab_set_exited(t, e, other->p.task.start);
	} else if (!other->p.exit_time) {
		set_missed(t, other, start);
	}
	return e;
}

/* True when /proc shows the process, and not as a zombie. */
static bool is_there(struct hawk_proctab *t, const struct hawk_entry *e)
{
	_cleanup_close_ int dir = hawk_procfs_open(t->o.proc_fd, (uint32_t)e->p.task.pid);

	return dir >= 0 && hawk_procfs_read_stat(dir, &t->proc) == 0 && t->proc.state != 'Z' &&
	       t->proc.state != 'X' && hawk_procfs_same_start(e->p.task.start, t->proc.start_ticks);
}

size_t hawk_proctab_sweep(struct hawk_proctab *t, uint64_t since)
{
	size_t n = 0;

	if (t->o.proc_fd < 0)
		return 0;
	for (struct hawk_entry *e = t->alive.first, *next; e; e = next) {
		next = e->next;
		if (e->seeded >= since || e->p.task.start >= since || is_there(t, e))
			continue;
		set_missed(t, e, since);
		n++;
	}
	return n;
}

static void drop_json(struct hawk_proctab *t, struct hawk_entry *e)
{
	free(e->p.json.data);
	e->p.json = (struct hawk_bytes){ .data = NULL };
	hawk_proctab_changed(e);
	t->bytes -= e->json_bytes;
	e->json_bytes = 0;
}

static void forget(struct hawk_proctab *t, struct hawk_entry *e)
{
	struct hawk_entry **at = bucket(t, (uint32_t)e->p.task.pid);

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	list_remove(e->p.exit_time ? &t->exited : &t->alive, e);
	drop_json(t, e);
	hawk_share_drop(&e->p.exe, &t->bytes);
	hawk_share_drop(&e->p.argv, &t->bytes);
	hawk_share_drop(&e->p.cwd, &t->bytes);
	hawk_share_drop(&e->p.other_exe, &t->bytes);
	hawk_share_drop(&e->p.other_cwd, &t->bytes);
	hawk_share_drop(&e->p.tty, &t->bytes);
	hawk_share_drop(&e->p.cgroup, &t->bytes);
	hawk_share_drop(&e->p.unit, &t->bytes);
	hawk_share_drop(&e->p.user_unit, &t->bytes);
	hawk_share_drop(&e->p.container_id, &t->bytes);
	hawk_share_drop(&e->p.nodename, &t->bytes);
	if (t->touched == e)
		t->touched = NULL;
	free(e);
}

void hawk_proctab_settle(struct hawk_proctab *t)
{
	struct hawk_entry *e = t->touched;

	if (!e)
		return;
	if (e->p.exit_time) {
		/* it has no more events, but may stay for long */
		drop_json(t, e);
	} else if (e->p.json.len != e->json_bytes) {
		t->bytes += e->p.json.len;
		t->bytes -= e->json_bytes;
		e->json_bytes = e->p.json.len;
	}
	t->touched = NULL;
}

/*
 * A living process to evict: the hand goes round and passes whoever had an
 * event since it last came by, so quiet processes go before busy ones. NULL
 * when there is none but A and B.
 */
static struct hawk_entry *quiet(struct hawk_proctab *t, const struct hawk_entry *a,
				const struct hawk_entry *b)
{
	for (size_t i = 2 * t->alive.n; i > 0; i--) {
		struct hawk_entry *e = t->alive.first;

		if (!e->used && e != a && e != b)
			return e;
		e->used = false;
		list_remove(&t->alive, e);
		list_insert(&t->alive, e, t->alive.last);
	}
	return NULL;
}

static bool over(const struct hawk_proctab *t)
{
	return t->alive.n + t->exited.n > t->o.max_entries || t->bytes > t->o.max_bytes;
}

void hawk_proctab_trim(struct hawk_proctab *t, uint64_t now, const struct hawk_entry *keep_a,
		       const struct hawk_entry *keep_b)
{
	for (;;) {
		struct hawk_entry *e = t->exited.first;
		bool too_much = over(t);

		while (e && (e == keep_a || e == keep_b))
			e = e->next;
		if (e && (too_much || (now > e->p.exit_time && now - e->p.exit_time > t->o.exited_keep_ns))) {
			forget(t, e);
			t->stats.evicted_exited++;
			continue;
		}
		e = too_much ? quiet(t, keep_a, keep_b) : NULL;
		if (!e)
			break;
		forget(t, e);
		t->stats.evicted_alive++;
	}
}

static void find_fields(struct hawk_proctab *t)
{
	const struct hawk_event_desc *d;

#define HAWK_PROCTAB_FIELD(name, id, data) \
	d = hawk_event_by_id(id); \
	t->field.name = d ? hawk_event_field(d, data) : -1;
	HAWK_PROCTAB_FIELDS
#undef HAWK_PROCTAB_FIELD
}

int hawk_proctab_new(struct hawk_proctab **ret, const struct hawk_proctab_options *options)
{
	_cleanup_free_ struct hawk_proctab *t = calloc(1, sizeof(*t));
	uint32_t n = 64;

	if (!t)
		return -ENOMEM;
	t->o = *options;
	if (!t->o.max_entries)
		t->o.max_entries = DEFAULT_ENTRIES;
	if (!t->o.max_bytes)
		t->o.max_bytes = DEFAULT_BYTES;
	if (!t->o.exited_keep_ns)
		t->o.exited_keep_ns = DEFAULT_KEEP_NS;
	while (n < t->o.max_entries && n < BUCKETS_MAX)
		n *= 2;
	t->buckets = calloc(n, sizeof(*t->buckets));
	if (!t->buckets)
		return -ENOMEM;
	t->mask = n - 1;
	t->unknown.source = HAWK_FROM_HEADER;
	find_fields(t);
	*ret = TAKE_PTR(t);
	return 0;
}

struct hawk_proctab *hawk_proctab_free(struct hawk_proctab *t)
{
	if (!t)
		return NULL;
	while (t->alive.first)
		forget(t, t->alive.first);
	while (t->exited.first)
		forget(t, t->exited.first);
	free(t->unknown.json.data);
	hawk_procfs_done(&t->proc);
	free(t->buckets);
	free(t);
	return NULL;
}

static const struct hawk_process *process_of(const struct hawk_entry *e)
{
	return e ? &e->p : NULL;
}

const struct hawk_process *hawk_proctab_by_pid(const struct hawk_proctab *t, uint32_t pid)
{
	return process_of(hawk_proctab_latest(t, pid));
}

const struct hawk_process *hawk_proctab_find(const struct hawk_proctab *t, uint32_t pid, uint64_t start)
{
	return process_of(hawk_proctab_entry(t, pid, start));
}

/*
 * A parent is older than its child, or as old with the lower pid (kernel
 * threads are made within one tick of the early clock). Refusing others keeps
 * records that lie (a damaged recording) from making a cycle.
 */
const struct hawk_process *hawk_proctab_parent(const struct hawk_proctab *t, const struct hawk_process *p)
{
	const struct hawk_abi_task *k = &p->task;

	if (k->parent_start > k->start ||
	    (k->parent_start == k->start && (uint32_t)k->ppid >= (uint32_t)k->pid))
		return NULL;
	return hawk_proctab_find(t, (uint32_t)k->ppid, k->parent_start);
}

bool hawk_proctab_in_tree(const struct hawk_proctab *t, const struct hawk_process *p, uint32_t ancestor)
{
	for (; p; p = hawk_proctab_parent(t, p))
		if ((uint32_t)p->task.pid == ancestor || (uint32_t)p->task.ppid == ancestor)
			return true;
	return false;
}

int hawk_proctab_each(const struct hawk_proctab *t, int (*fn)(const struct hawk_process *p, void *ctx),
		      void *ctx)
{
	const struct hawk_entry_list *lists[] = { &t->alive, &t->exited };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct hawk_entry *e = lists[i]->first; e; e = e->next) {
			int r = fn(&e->p, ctx);

			if (r)
				return r;
		}
	return 0;
}

struct hawk_proctab_stats hawk_proctab_stats(const struct hawk_proctab *t)
{
	struct hawk_proctab_stats s = t->stats;

	s.entries = t->alive.n + t->exited.n;
	s.exited = t->exited.n;
	s.bytes = t->bytes;
	s.max_entries = t->o.max_entries;
	if (t->o.cmdline) {
		struct hawk_cmdline_stats c = hawk_cmdline_stats(t->o.cmdline);

		s.argv_hung = c.hung;
		s.argv_dropped = c.dropped;
	}
	return s;
}

void hawk_proctab_follow(struct hawk_proctab *t, uint32_t pid, uint64_t start,
			 const uint64_t bits[static HAWK_POLICIES_MAX / 64])
{
	struct hawk_entry *e = hawk_proctab_entry(t, pid, start);

	for (size_t i = 0; e && i < ARRAY_SIZE(e->p.followed); i++)
		e->p.followed[i] |= bits[i];
}

void hawk_proctab_unfollow(struct hawk_proctab *t, const uint64_t bits[static HAWK_POLICIES_MAX / 64])
{
	const struct hawk_entry_list *lists[] = { &t->alive, &t->exited };

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		for (struct hawk_entry *e = lists[l]->first; e; e = e->next)
			for (size_t i = 0; i < ARRAY_SIZE(e->p.followed); i++)
				e->p.followed[i] &= ~bits[i];
}

const struct hawk_abi_task *hawk_proctab_previous(const struct hawk_proctab *t)
{
	return t->has_previous ? &t->previous : NULL;
}
