/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PROBE_PLAN_H
#define HAWK_PROBE_PLAN_H
/*
 * The planner: from what the kernel can do and which events are wanted to the
 * programs that are attached. Pure: collect tells it the features and carries
 * the plan out.
 */
#include "src/event/event.h"

enum hawk_prog_kind {
	HAWK_PROG_RAW_TP,
	HAWK_PROG_TP,
	HAWK_PROG_FEXIT,
	HAWK_PROG_FENTRY,
	HAWK_PROG_LSM,
	HAWK_PROG_KPROBE,
	HAWK_PROG_KRETPROBE,
	HAWK_PROG_ITER,
	HAWK_PROG_CGROUP,
	HAWK_PROG_KIND_MAX,
};

enum hawk_object_id {
#define OBJECT(name) HAWK_OBJ_##name,
#define PROGRAM(program, object, kind, target)
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
	HAWK_OBJ_MAX,
};

enum hawk_prog_id {
#define OBJECT(name)
#define PROGRAM(program, object, kind, target) HAWK_PROG_##program,
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
	HAWK_PROG_MAX,
};

struct hawk_prog_desc {
	enum hawk_prog_id id;
	const char *name; /* "file_open_fx" */
	enum hawk_object_id object;
	enum hawk_prog_kind kind;
	const char *target; /* list of alternatives, see probes.def */
};

/* Description of a program; never NULL for a valid id. */
const struct hawk_prog_desc *hawk_prog_desc(enum hawk_prog_id id);
/* "raw_tp", "fexit", … */
const char *hawk_prog_kind_name(enum hawk_prog_kind kind);
/* True for programs whose target is a kernel function (of LSM: a hook) by name. */
bool hawk_prog_hooks_function(enum hawk_prog_kind kind);
const char *hawk_object_name(enum hawk_object_id id);

/* Answers whether a program can be used, with the reason when it cannot. */
struct hawk_features {
	bool typed; /* programs can read the kernel's memory by loads from typed addresses (bpf/lib/read.h): since 6.3 */
	bool kind[HAWK_PROG_KIND_MAX];
	const char *kind_why[HAWK_PROG_KIND_MAX]; /* why not, for people; static or owned by collect */
	/* Set when loading or attaching a program failed: it is not tried again. */
	bool failed[HAWK_PROG_MAX];
	char failed_why[HAWK_PROG_MAX][160];
	/*
	 * The function of the target list that this kernel has; empty: none of them. Filled for
	 * kinds that hook functions.
	 */
	char target[HAWK_PROG_MAX][64];
	/*
	 * Own functions of system calls (by event id): bit i for the i-th function of hawk_own_program(); without bit 0
	 * they are of no use.
	 */
	uint8_t own[HAWK_EVENT_ID_MAX];
};

#define HAWK_EVENTS_MAX 1024 /* rows of hawk_event_descs() */

/*
 * With more rare system calls wanted than this, they share the programs on all
 * calls: a function hook takes milliseconds to attach and detach.
 */
#define HAWK_PLAN_OWN_MAX 16

struct hawk_plan {
	bool program[HAWK_PROG_MAX];
	bool share_rare; /* more than HAWK_PLAN_OWN_MAX rare system calls are wanted */
	/*
	 * Per event (row of hawk_event_descs()): chosen alternative, -1: not wanted, -2: wanted but
	 * impossible.
	 */
	int16_t alt[HAWK_EVENTS_MAX];
};

/*
 * Plans for the events whose bit is set in WANTED (rows of
 * hawk_event_descs()) and everything they need. PROCESS_CONTEXT and the life
 * cycle are always planned: the process model needs them.
 */
void hawk_plan_make(struct hawk_plan *plan, const struct hawk_features *features, const uint64_t *wanted);

/* True when the plan serves the system call EVENT (a row of hawk_event_descs()) on its own function. */
bool hawk_plan_own(const struct hawk_plan *plan, size_t row);
/* The kind of its programs then: KRETPROBE, one for all calls and functions, or FEXIT. */
enum hawk_prog_kind hawk_plan_own_kind(const struct hawk_plan *plan, size_t row);
/* True when the plan serves EVENT, of any family, by returns of system calls. */
bool hawk_plan_by_return(const struct hawk_plan *plan, size_t row);
/* The same by their beginnings. */
bool hawk_plan_by_entry(const struct hawk_plan *plan, size_t row);
/* True when the plan has EVENT (a row of hawk_event_descs()) made of system calls by the daemon, see made.def. */
bool hawk_plan_made(const struct hawk_plan *plan, size_t row);
/* Sets the ids of the events that EVENT, when it is planned, is made of. */
void hawk_plan_needed(const struct hawk_plan *plan, size_t row, bool ret_needed[HAWK_EVENT_ID_MAX]);
/* Sets ret[] for the programs that serve EVENT (a row of hawk_event_descs()); none when it is not planned. */
void hawk_plan_programs(const struct hawk_plan *plan, size_t row, bool ret[HAWK_PROG_MAX]);
/*
 * True when records of EVENT pass the points where the programs made from
 * policies judge (bpf/lib/judge.h). Those of the life cycle, of packets and flows,
 * and what the daemon makes of other events are always sent.
 */
bool hawk_plan_judged(const struct hawk_event_desc *desc);
/* The I-th program for a system call on its own functions: native, 32-bit, 32-bit with other arguments. */
#define HAWK_OWN_FUNCTIONS 3
enum hawk_prog_id hawk_own_program(enum hawk_prog_kind kind, int i);
/* True for system calls that are rare enough to be hooked on their own function. */
bool hawk_plan_rare(uint16_t event);

/* Says why alternative ALT of the event cannot be used; writes "" when it can. Returns true when usable. */
bool hawk_plan_usable(const struct hawk_features *features, const struct hawk_event_desc *desc, int alt, char *why,
		      size_t size);
/*
 * The alternatives of an event. Those of system calls are not written per row; a derived
 * event has those of the first that it needs.
 */
const struct hawk_alt_desc *hawk_plan_alts(const struct hawk_event_desc *desc, size_t *ret_n);

#endif
