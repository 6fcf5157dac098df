/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_PROCFS_H
#define HAWK_ENRICH_PROCFS_H
/*
 * One process as /proc tells it, to fill holes of the process table. All reads
 * go through a directory fd of the process: when it is gone they fail, and a
 * new process with the same number is never mixed in. Contents are bounded and
 * hostile: a process chooses its name and its command line.
 */
#include "src/base/buf.h"
#include "src/event/process.h"

/* Reused from call to call; zero it before the first and give it to done after the last. */
struct hawk_procfs {
	/*
	 * What /proc knows of the facts. Not there, and zero: start,
	 * parent_start, cgroup, exec_id, ns_ppid, securebits.
	 */
	struct hawk_abi_task task;
	uint64_t start_ticks; /* when it started, in clock ticks since boot */
	uint64_t start_stack; /* address of the number of arguments; 0: not told */
	char state;           /* as in stat: 'Z' for a zombie */
	uint8_t comm[HAWK_COMM_LEN];
	struct hawk_buf exe, argv, cwd, cgroup; /* empty: not told. cgroup is the path */
	uint32_t exe_flags, cwd_flags;          /* enum hawk_value_flag */
	uint32_t argv_full; /* length of the command line; more than argv.len when it was cut */
	char tty[HAWK_COMM_LEN]; /* "pts3", as the kernel names it; "": none */
};

/* Opens the directory of PID below PROC_FD. Returns an fd that the caller closes, or -errno. */
int hawk_procfs_open(int proc_fd, uint32_t pid);
/*
 * Reads the process behind DIR into P. Returns 0 or -errno: stat and status
 * must be there and make sense (-EBADMSG), what else cannot be read is empty.
 * The command line is not read: see hawk_procfs_read_argv.
 */
int hawk_procfs_read(int dir, struct hawk_procfs *p);
/* Reads only what stat tells: start_ticks, start_stack, state, comm and three facts. Returns 0 or -errno. */
int hawk_procfs_read_stat(int dir, struct hawk_procfs *p);
/*
 * Reads only what stat tells, argv and argv_full of P. The command line is in
 * memory of the process, which may never answer: then this does not return
 * (cmdline.h). Returns 0 or -errno.
 */
int hawk_procfs_read_argv(int dir, struct hawk_procfs *p);
/* Reads only the cgroup path of P. Returns 0 or -errno. */
int hawk_procfs_read_cgroup(int dir, struct hawk_procfs *p);
/* Inode of a namespace, FILE below ns of DIR. Returns 0 or -errno. */
int hawk_procfs_namespace(int dir, const char *file, uint32_t *ret);
/* Frees the buffers. */
void hawk_procfs_done(struct hawk_procfs *p);

/*
 * True when a process that the kernel says started at START (CLOCK_BOOTTIME
 * ns) can be the one that /proc says started at TICKS. /proc rounds down to
 * ticks of 10 ms; one tick more or less is allowed, since the kernel's own
 * rounding has changed. Two processes with one pid within 20 ms cannot be told
 * apart this way.
 */
bool hawk_procfs_same_start(uint64_t start, uint64_t ticks);

#endif
