/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_PROCTAB_H
#define HAWK_ENRICH_PROCTAB_H
/*
 * The process table: every process alive and, for ancestry, the exited ones
 * that still fit. Keyed by (pid, start). Bounded; evictions are counted, the
 * longest-exited go first and a living process last. One thread (the
 * pipeline's) uses it. Clock and /proc root are injected.
 *
 * A process keeps the parent that was seen first (ppid, parent_start). When
 * that one exits the kernel gives its children to a reaper; the model does not
 * follow, since ancestry is to say where a process came from. Threads are not
 * in the table: an event of any thread is one of its process.
 */
#include "src/base/clock.h"
#include "src/enrich/cmdline.h"
#include "src/event/event.h"
#include "src/event/process.h"

struct hawk_proctab;

struct hawk_proctab_options {
	size_t max_entries;        /* default 65536 when 0 */
	/*
	 * Of exe, argv, … and JSON in all; default 64 MiB when 0. Above half of it
	 * long command lines are kept to 4 KiB (marked; the exec event has all).
	 */
	size_t max_bytes;
	uint64_t exited_keep_ns;   /* how long an exited process is kept; default 10 min when 0 */
	int proc_fd;               /* directory fd of /proc (borrowed); -1: never look there (replay) */
	struct hawk_cmdline *cmdline; /* reader of command lines (borrowed); NULL: they are not read */
	const struct hawk_clock *clock; /* borrowed; NULL: the time of the events (replay) */
};

/* Returns 0 or -ENOMEM. */
int hawk_proctab_new(struct hawk_proctab **ret, const struct hawk_proctab_options *options);
/* Frees it with all processes. NULL is fine. Returns NULL. */
struct hawk_proctab *hawk_proctab_free(struct hawk_proctab *t);

/*
 * Applies an event to the model (fork, exec, context, exit and seed change it)
 * and sets event->process, parent and ancestors. They are valid until the next
 * call with this table. A fork is an event of the parent; the child is in
 * event->task and shares what the parent has. A process not in the table is read from /proc
 * (HAWK_FROM_PROC) when PROC_FD allows and the start time agrees, or made from
 * the header (HAWK_FROM_HEADER). For an exec the fields that need the image
 * before (HAWK_EXEC_FILECAPS in data.flags) are completed, and previous()
 * answers for this event.
 * Returns 0 or -ENOMEM (the event then has a static unknown process).
 */
int hawk_proctab_apply(struct hawk_proctab *t, struct hawk_event *event);
/*
 * Marks the living processes that are gone as exited: those that started before
 * SINCE (CLOCK_BOOTTIME ns) and of which no seed came since then, when /proc
 * agrees. To be called when everything from before the end of a seeding that
 * began at SINCE has been applied, and a moment later: a process is not seeded
 * any more shortly before its exit is told. Returns how many there were.
 */
size_t hawk_proctab_sweep(struct hawk_proctab *t, uint64_t since);
/*
 * Takes over the command lines that were read meanwhile. To be called between two events,
 * every second or so at least.
 */
void hawk_proctab_take_argv(struct hawk_proctab *t);
/* Adds BITS to what follows the process (PID, START); unknown ones are left out. */
void hawk_proctab_follow(struct hawk_proctab *t, uint32_t pid, uint64_t start,
			 const uint64_t bits[static HAWK_POLICIES_MAX / 64]);
/* Takes BITS from all processes: before a bit gets another meaning. */
void hawk_proctab_unfollow(struct hawk_proctab *t, const uint64_t bits[static HAWK_POLICIES_MAX / 64]);
/* Credentials before the exec that was applied last; NULL when it was not an exec or they are unknown. */
const struct hawk_abi_task *hawk_proctab_previous(const struct hawk_proctab *t);

/* A process by pid, the living or the latest one; NULL when unknown. Borrowed until the next apply. */
const struct hawk_process *hawk_proctab_by_pid(const struct hawk_proctab *t, uint32_t pid);
/* A process by pid and start time, or NULL. */
const struct hawk_process *hawk_proctab_find(const struct hawk_proctab *t, uint32_t pid, uint64_t start);
/* The parent of P, or NULL when it is not in the table. */
const struct hawk_process *hawk_proctab_parent(const struct hawk_proctab *t, const struct hawk_process *p);
/* Calls FN for each process, in no order; stops when FN returns non-zero and returns that. */
int hawk_proctab_each(const struct hawk_proctab *t, int (*fn)(const struct hawk_process *p, void *ctx),
		      void *ctx);
/* True when ANCESTOR (pid) is P or among its ancestors. */
bool hawk_proctab_in_tree(const struct hawk_proctab *t, const struct hawk_process *p, uint32_t ancestor);

struct hawk_proctab_stats {
	uint64_t entries, exited, bytes, max_entries;
	uint64_t evicted_exited; /* exited ones that went, for age or for room */
	uint64_t evicted_alive;  /* living ones that went for room */
	uint64_t from_proc, from_header; /* processes that no record had told of */
	uint64_t pid_reused;     /* a pid came again while its last process was in the table */
	uint64_t argv_hung;      /* readers of command lines that got no answer */
	uint64_t argv_dropped;   /* command lines that were not read for that, or for want of room */
	uint64_t missed_exit;    /* and that one was not known to have exited */
};
/* Numbers since the table was made, and how full it is. */
struct hawk_proctab_stats hawk_proctab_stats(const struct hawk_proctab *t);

#endif
