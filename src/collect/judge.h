/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_JUDGE_H
#define HAWK_COLLECT_JUDGE_H
/* Where judging programs go, and what kind of program that takes. */
#include <linux/bpf.h>

#include "src/collect/internal.h"

/* An array of programs. */
struct hawk_judge_place {
	int array_fd;
	unsigned int events; /* that it has room for, see HAWK_JUDGE_INDEX */
	enum hawk_prog_kind kind;
	uint32_t function; /* BTF id of the function that it is tied to, 0: none */
};

/* Where the program of an event (a row of hawk_event_descs()) stands in the array. */
uint32_t hawk_judge_index(const struct hawk_judge_place *place, uint32_t generation, unsigned int point, size_t row);

/* Calls FN for each array from which attached programs judge the event of ROW. */
void hawk_judge_places(struct hawk_collect *c, size_t row, void (*fn)(void *ctx, const struct hawk_judge_place *place),
		       void *ctx);
/* The same for every array there is. Their kinds and functions are not told. */
void hawk_judge_all_places(struct hawk_collect *c, void (*fn)(void *ctx, const struct hawk_judge_place *place), void *ctx);

/* Loads a judging program for PLACE. Returns its fd, or -errno. */
int hawk_judge_load(const struct hawk_judge_place *place, const char *name, const struct bpf_insn *insns, size_t n);

/* Frees what hawk_judge_places() keeps for the next call: the types of the kernel, some ten megabytes. */
void hawk_judge_forget(struct hawk_collect *c);

/* Returns when all programs that run now have ended. */
void hawk_judge_wait(struct hawk_collect *c);

#endif
