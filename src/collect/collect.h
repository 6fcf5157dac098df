/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_COLLECT_H
#define HAWK_COLLECT_COLLECT_H
/*
 * The kernel side as the daemon sees it: maps, programs, rings. The only room
 * that calls libbpf. Loading and attaching belong to the control thread,
 * reading the rings to the pipeline thread.
 */
#include "src/event/event.h"
#include "src/probe/plan.h"

struct hawk_collect;

struct hawk_collect_options {
	uint32_t life_ring_bytes, bulk_ring_bytes; /* powers of two, multiples of the page size; 0: maps.def */
	uint32_t wake_bytes; /* 0: a sixteenth of the bulk ring */
	uint32_t argv_max, env_max;
	bool host_view; /* paths as the host sees them, not the process; the host's namespaces must be known */
	bool exclude_self;
	const char *disable_kinds; /* comma-separated kinds not to use ("fexit,lsm"), for tests and for admins; may be NULL */
	const char *btf; /* file with the types of this kernel, where the kernel does not show them; may be NULL or empty */
};

/* Creates the maps and finds out what the kernel can do. Returns 0 or -errno, *ret_why (malloc'ed) says what failed and what to do. */
int hawk_collect_new(struct hawk_collect **ret, const struct hawk_collect_options *options, char **ret_why);
/* Detaches everything: what is in the rings can still be read, and nothing more comes. Control thread. */
void hawk_collect_detach(struct hawk_collect *c);
/* Detaches everything and frees. */
struct hawk_collect *hawk_collect_free(struct hawk_collect *c);

/*
 * The system calls (bits by row of hawk_event_descs()) whose code and stack
 * suspicious_syscall_source and stack_pivot look at, from the next call of
 * hawk_collect_set_events on. At first none.
 */
void hawk_collect_set_checked(struct hawk_collect *c, const uint64_t *calls);

/*
 * Has paths told in both views, or in the one of the options only. Returns 0,
 * or -ENODATA when the namespaces of the host are not known. Control thread.
 */
int hawk_collect_set_both_views(struct hawk_collect *c, bool both);

/*
 * Attaches what the events in WANTED (bits by row of hawk_event_descs()) and
 * the process model need, detaches the rest. A program that cannot be loaded
 * falls through to the next alternative, is logged once and marked in
 * features. Returns 0, or -errno when even the process model cannot be had.
 */
int hawk_collect_set_events(struct hawk_collect *c, const uint64_t *wanted);

/* The plan in force and the features behind it. Control thread. */
const struct hawk_plan *hawk_collect_plan(const struct hawk_collect *c);
const struct hawk_features *hawk_collect_features(const struct hawk_collect *c);
struct hawk_link_info {
	const struct hawk_prog_desc *prog;
	const char *target; /* on this kernel */
	uint16_t event;     /* the system call whose own program it is, else 0 */
	uint32_t prog_id;   /* in the kernel */
};
/* The attached programs. Any thread; FN must not call this room. */
void hawk_collect_each_link(struct hawk_collect *c,
			    void (*fn)(void *ctx, const struct hawk_link_info *link), void *ctx);

/*
 * Reads the processes that exist into memory as PROCESS_SEED records, which
 * come out of hawk_collect_read, merged by time. At start, and again when
 * records were lost. Control thread. Returns 0 or -errno.
 */
int hawk_collect_seed(struct hawk_collect *c);
/*
 * When the last reading began (CLOCK_BOOTTIME ns) of which every seed has come
 * out and which showed all processes of the host; 0: none. Pipeline thread.
 */
uint64_t hawk_collect_seeded(const struct hawk_collect *c);

/* True while seeds wait to come out of hawk_collect_read. Pipeline thread. */
bool hawk_collect_has_seeds(struct hawk_collect *c);

/* An fd to poll for the pipeline: readable when a ring wants to be read. */
int hawk_collect_fd(const struct hawk_collect *c);
/* True: tell the kernel that the reader sleeps without a timer; returns false when data came meanwhile. */
bool hawk_collect_sleep(struct hawk_collect *c, bool sleeping);

/*
 * Calls FN for every record in both rings (and seeds), merged by time: a
 * record that was sent before another one on the same CPU or from the same
 * process comes first. The bytes are valid during the call. Returns the
 * number of records, at most MAX (0: until the rings are empty as of the call).
 */
long hawk_collect_read(struct hawk_collect *c, void (*fn)(void *ctx, const void *record, size_t len), void *ctx,
		       size_t max);

/* Kernel counters of an event, summed over CPUs. Any thread. */
int hawk_collect_counts(const struct hawk_collect *c, uint16_t event, struct hawk_abi_counts *ret);
/* All of them at once: ret[HAWK_EVENT_ID_MAX]. */
int hawk_collect_all_counts(const struct hawk_collect *c, struct hawk_abi_counts *ret);

#define HAWK_COSTS_MAX 256 /* more than can be attached */
struct hawk_prog_cost {
	const struct hawk_prog_desc *prog;
	const char *target;
	uint16_t event; /* the system call whose own program it is; 0: it serves others, too */
	uint64_t runs, ns;
	/*
	 * Runs that the kernel left out, counted always: while a program is
	 * preempted, the same program does not run for another task on that CPU
	 * (raw tracepoints since 7.0, function hooks wherever the kernel is
	 * preemptible). And, since 6.7, returns that a kretprobe had no room to follow.
	 */
	uint64_t recursion_misses;
};
/*
 * Run-time statistics of the attached programs (BPF_ENABLE_STATS costs, so
 * only between start and stop). Fills at most MAX, returns how many.
 */
int hawk_collect_stats_start(struct hawk_collect *c);
void hawk_collect_stats_stop(struct hawk_collect *c);
size_t hawk_collect_costs(struct hawk_collect *c, struct hawk_prog_cost *costs, size_t max);

/*
 * Whether what the programs are told is still what was written: returns what
 * another process changed, for people, or NULL. It is put back. Control thread.
 */
const char *hawk_collect_guard(struct hawk_collect *c);

/* Bytes of kernel memory in maps and rings. */
uint64_t hawk_collect_memory(const struct hawk_collect *c);

#endif
