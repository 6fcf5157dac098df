/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_ENTRY_H
#define HAWK_ENRICH_ENTRY_H
/*
 * Inside of the process table, shared by its parts: proctab.c keeps the
 * entries (hash, lists, bounds), apply.c changes them by events, argv.c their
 * command lines.
 */
#include "src/enrich/procfs.h"
#include "src/enrich/proctab.h"

#define HAWK_VALUE(p, n) ((struct hawk_value){ .bytes = (const uint8_t *)(p), .len = (uint32_t)(n) })

struct hawk_entry {
	struct hawk_process p; /* first: a process of the table is its entry */
	struct hawk_entry *chain; /* next in the bucket */
	struct hawk_entry *prev, *next; /* in the list of the living or of the exited */
	uint64_t seeded;     /* time of the last seed record; 0: none */
	uint64_t updated;    /* time of the record that gave the facts; 0: no record did */
	uint32_t json_bytes; /* of p.json, as charged */
	bool facts;          /* p.task is more than what a header tells */
	bool used;           /* had an event since the evicting hand came by */
};

struct hawk_entry_list {
	struct hawk_entry *first, *last;
	size_t n;
};

/* Data fields that the table reads, as indices into hawk_event.data; -1: the event has no such field. */
#define HAWK_PROCTAB_FIELDS \
	HAWK_PROCTAB_FIELD(exec_flags, HAWK_EV_SCHED_PROCESS_EXEC, "flags") \
	HAWK_PROCTAB_FIELD(exec_prev_comm, HAWK_EV_SCHED_PROCESS_EXEC, "prev_comm") \
	HAWK_PROCTAB_FIELD(exec_exe, HAWK_EV_SCHED_PROCESS_EXEC, "pathname") \
	HAWK_PROCTAB_FIELD(exec_argv, HAWK_EV_SCHED_PROCESS_EXEC, "argv") \
	HAWK_PROCTAB_FIELD(exec_cwd, HAWK_EV_SCHED_PROCESS_EXEC, "cwd") \
	HAWK_PROCTAB_FIELD(exec_tty, HAWK_EV_SCHED_PROCESS_EXEC, "tty") \
	HAWK_PROCTAB_FIELD(exec_cgroup, HAWK_EV_SCHED_PROCESS_EXEC, "cgroup_path") \
	HAWK_PROCTAB_FIELD(exec_nodename, HAWK_EV_SCHED_PROCESS_EXEC, "nodename") \
	HAWK_PROCTAB_FIELD(seed_nodename, HAWK_EV_PROCESS_SEED, "nodename") \
	HAWK_PROCTAB_FIELD(context_nodename, HAWK_EV_PROCESS_CONTEXT, "nodename") \
	HAWK_PROCTAB_FIELD(seed_exe, HAWK_EV_PROCESS_SEED, "pathname") \
	HAWK_PROCTAB_FIELD(seed_argv, HAWK_EV_PROCESS_SEED, "argv") \
	HAWK_PROCTAB_FIELD(seed_cwd, HAWK_EV_PROCESS_SEED, "cwd") \
	HAWK_PROCTAB_FIELD(seed_tty, HAWK_EV_PROCESS_SEED, "tty") \
	HAWK_PROCTAB_FIELD(seed_cgroup, HAWK_EV_PROCESS_SEED, "cgroup_path") \
	HAWK_PROCTAB_FIELD(context_cgroup, HAWK_EV_PROCESS_CONTEXT, "cgroup_path") \
	HAWK_PROCTAB_FIELD(fork_cgroup, HAWK_EV_SCHED_PROCESS_FORK, "child_cgroup_path") \
	HAWK_PROCTAB_FIELD(exit_code, HAWK_EV_SCHED_PROCESS_EXIT, "exit_code") \
	HAWK_PROCTAB_FIELD(exit_signal, HAWK_EV_SCHED_PROCESS_EXIT, "signal")

struct hawk_proctab {
	struct hawk_proctab_options o;
	struct hawk_entry **buckets;
	uint32_t mask;
	struct hawk_entry_list alive;  /* in the order in which the evicting hand visits */
	struct hawk_entry_list exited; /* by exit time */
	size_t bytes;                  /* charged strings and JSON */
	struct hawk_entry *touched;    /* process of the last event: the formatter may have grown its JSON */
	struct hawk_abi_task previous;
	bool has_previous;
	uint8_t previous_comm[HAWK_COMM_LEN];
	struct hawk_process unknown;   /* of events without a process */
	const struct hawk_process *ancestors[HAWK_ANCESTORS_MAX]; /* of the last event */
	struct hawk_procfs proc;
	struct hawk_proctab_stats stats;
#define HAWK_PROCTAB_FIELD(name, event, field) int name;
	struct {
		HAWK_PROCTAB_FIELDS
	} field;
#undef HAWK_PROCTAB_FIELD
};

/* The entry of (PID, START), or NULL. */
struct hawk_entry *hawk_proctab_entry(const struct hawk_proctab *t, uint32_t pid, uint64_t start);
/* The living or else the latest entry of PID, or NULL. */
struct hawk_entry *hawk_proctab_latest(const struct hawk_proctab *t, uint32_t pid);
/*
 * Makes an entry for a process that has none. A pid has one process at a time:
 * an older entry that still lives missed its exit and gets one now; a new one
 * that is older than what the table has is put in as exited. Returns NULL
 * without memory.
 */
struct hawk_entry *hawk_proctab_insert(struct hawk_proctab *t, uint32_t pid, uint64_t start);
/* Moves a living entry to the exited. TIME: CLOCK_BOOTTIME ns. */
void hawk_proctab_set_exited(struct hawk_proctab *t, struct hawk_entry *e, uint64_t time);
/* Clears what the formatter keeps of the process: to be called on every change. */
static inline void hawk_proctab_changed(struct hawk_entry *e)
{
	e->p.json_valid = false;
}
/* Charges the JSON that was made of the last event's process, or frees it when the process is gone. */
void hawk_proctab_settle(struct hawk_proctab *t);
/* Evicts until the bounds hold and nothing exited is older than wanted at NOW; never KEEP_A and KEEP_B. */
void hawk_proctab_trim(struct hawk_proctab *t, uint64_t now, const struct hawk_entry *keep_a,
		       const struct hawk_entry *keep_b);

/* Sets a string of an entry. Without memory it is lost and marked; the process stays. */
void hawk_proctab_set(struct hawk_proctab *t, struct hawk_bytes *b, const struct hawk_value *v);
/* The same; what is not told (NULL) is not known any more. */
void hawk_proctab_set_or_drop(struct hawk_proctab *t, struct hawk_bytes *b, const struct hawk_value *v);
/* Nothing is known of it: it is not even marked. */
static inline bool hawk_bytes_blank(const struct hawk_bytes *b)
{
	return !b->len && !b->flags;
}
/* Sets the command line, shortened when bytes are scarce; NULL: it is not known any more. */
void hawk_proctab_set_argv(struct hawk_proctab *t, struct hawk_entry *e, const struct hawk_value *v);
/*
 * Has the command line read by another thread: it is in memory of the process,
 * which may never answer. With WAIT it is there most times when this returns.
 */
void hawk_proctab_want_argv(struct hawk_proctab *t, const struct hawk_entry *e, bool wait);

#endif
