/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_KERN_H
#define HAWK_TEST_KERN_H
/*
 * Generated programs in the kernel, run for made-up records. The slot and
 * hawk_now are ordinary arrays that we see in our memory: to a program they are
 * the same, and a vector costs no system call but the run. One thread: the task
 * that is judged is ours.
 */
#include <stdbool.h>

#include "src/cgen/cgen.h"

struct kern {
	struct hawk_abi_scratch *slot; /* number 0 */
	struct hawk_abi_now *now;
	int slot_fd, now_fd, known_fd;
	bool percpu; /* slot and now as the daemon makes them: to load only */
};

/* The programs of an event, loaded. */
struct kern_programs {
	int fd[HAWK_JUDGE_POINTS]; /* -1: none */
	int *maps;
	size_t n_maps;
	uint32_t verified[HAWK_JUDGE_POINTS]; /* instructions that the verifier looked at; 0: the kernel does
						 not tell */
};

/* Returns 0; -EPERM without the privilege, or another error, told on stderr. */
int kern_open(struct kern *ret, bool percpu);
void kern_close(struct kern *k);
/*
 * Makes the maps and loads the programs. Returns 0 or -errno; VERBOSE: with the verifier's words on stderr.
 */
int kern_load(const struct kern *k, const struct hawk_cgen *cg, struct kern_programs *ret, bool verbose);
void kern_unload(struct kern_programs *p);
/* Runs what there is. Returns 0 or -errno. */
int kern_run(const struct kern_programs *p);
int kern_run_one(int fd);
/* Says what user space knows of the process of KEY; NULL: nothing. */
int kern_know(const struct kern *k, const struct hawk_abi_known_key *key, const struct hawk_abi_known *known);

#endif
