/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_PROCESS_H
#define HAWK_EVENT_PROCESS_H
/*
 * The process part of an event, as fields, filters and formats see it. The
 * process table (enrich/proctab.h) owns these and is the only one to change
 * them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/event/event.h"

struct hawk_bytes {
	uint8_t *data; /* owned by the process; NULL when len is 0 */
	uint32_t len;
	uint32_t full;  /* original length when flags has HAWK_VAL_TRUNCATED */
	uint32_t flags; /* enum hawk_value_flag */
};

enum hawk_process_source {
	HAWK_FROM_EVENT, /* seen being born or executing */
	HAWK_FROM_SEED,  /* read by the task iterator, at start or after records were lost */
	HAWK_FROM_PROC,  /* hole filled from /proc */
	HAWK_FROM_HEADER,/* nothing but the header of an event is known */
};

struct hawk_process {
	struct hawk_abi_task task;
	uint8_t comm[HAWK_COMM_LEN];
	struct hawk_bytes exe;    /* resolved path */
	struct hawk_bytes argv;   /* STRV: each ends in NUL */
	struct hawk_bytes cwd;
	/* The same paths as the other view of the file system shows them (enum hawk_view); blank: as this one does. */
	struct hawk_bytes other_exe, other_cwd;
	struct hawk_bytes tty;
	struct hawk_bytes cgroup; /* path */
	struct hawk_bytes unit;   /* "nginx.service"; empty: none */
	struct hawk_bytes user_unit; /* unit of the user manager; empty: none */
	struct hawk_bytes container_id; /* empty: none */
	struct hawk_bytes nodename; /* of its uts namespace; empty: not known */
	uint64_t parent_exec_id;  /* exec_id of the parent when it was forked, or of its parent when it last executed a program */
	bool parent_known;        /* that was seen */
	uint32_t exec_flags;      /* HAWK_EXEC_* of the running image */
	uint64_t exec_time;       /* CLOCK_BOOTTIME ns; 0: not seen */
	uint32_t exec_mnt;        /* mount namespace in which the program was started; 0: not seen */
	uint64_t exit_time;       /* CLOCK_BOOTTIME ns; 0: alive */
	int32_t exit_code;
	int32_t exit_signal;
	bool exit_missed;         /* it was found gone: code and signal are not known */
	bool came_in;             /* the program was started outside of the container that it is in */
	enum hawk_process_source source;
	/* Policies that follow it wherever it goes, a bit for each (src/policy/set.h); children begin with the same. */
	uint64_t followed[HAWK_POLICIES_MAX / 64];
	/*
	 * The encoded process part of the native JSON, owned by the process and
	 * filled by the formatter on demand: json_valid is cleared on every change.
	 */
	struct hawk_bytes json;
	bool json_valid;
	bool borrowed; /* a copy that lives shortly: nothing may be kept in it */
};

/* Space for an event in the other view; what it holds is borrowed from the event. */
struct hawk_other_view {
	struct hawk_event event, trigger;
	struct hawk_process process, parent, ancestor[HAWK_ANCESTORS_MAX];
	const struct hawk_process *ancestors[HAWK_ANCESTORS_MAX];
};

/*
 * EVENT with the paths of the other view, in its data and of its processes:
 * EVENT itself when they are the same, else what is made in SPACE, which lives as
 * long as EVENT does.
 */
const struct hawk_event *hawk_event_other(const struct hawk_event *event, struct hawk_other_view *space);

/* Are both in the same container, or both in none? */
bool hawk_process_same_container(const struct hawk_process *a, const struct hawk_process *b);

/* A row of task.def. */
struct hawk_task_fact {
	const char *name; /* of the member: "euid" */
	enum hawk_type type;
	size_t offset; /* in struct hawk_abi_task */
};

/* The rows that are credentials: identities and capabilities. *ret_n is their number. */
const struct hawk_task_fact *hawk_task_credentials(size_t *ret_n);

/* Inodes of the initial namespaces (of PID 1), by row of namespaces.def. */
struct hawk_host_ns {
#define NAMESPACE(name, member, file) uint32_t name;
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
};

/* A row of namespaces.def. */
struct hawk_namespace {
	const char *name; /* "mnt" */
	size_t offset;    /* of its inode, a uint32_t, in struct hawk_abi_task */
	size_t of_host;   /* the same in struct hawk_host_ns */
};

/* The kinds of namespaces. *ret_n is their number. */
const struct hawk_namespace *hawk_namespaces(size_t *ret_n);

/*
 * Sets the host namespaces: at start from PID 1, by the pipeline from the first
 * seeds where /proc does not tell, or by a replay from the recording.
 */
void hawk_host_ns_set(const struct hawk_host_ns *ns);
/* The host namespaces; never NULL. */
const struct hawk_host_ns *hawk_host_ns(void);

/*
 * Sets since when events are watched, CLOCK_BOOTTIME ns: by the daemon at its
 * start, by a replay from the recording. A process that began later is new.
 */
void hawk_watch_since_set(uint64_t time);
/* 0 until it was set. */
uint64_t hawk_watch_since(void);

#endif
