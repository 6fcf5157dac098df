/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_LEARNING_H
#define HAWK_DAEMON_LEARNING_H
/*
 * What signatures find on a host where nothing is wrong, as exceptions that
 * would have kept them silent. Findings alike are counted together, fixed
 * memory. Used by one thread at a time: the pipeline's, or within
 * hawk_pipeline_call().
 */
#include "src/base/buf.h"
#include "src/sig/engine.h"

struct hawk_learning;

/* Returns 0 or -ENOMEM. Nothing is learnt yet. */
int hawk_learning_new(struct hawk_learning **ret);
struct hawk_learning *hawk_learning_free(struct hawk_learning *l);
/* Begins anew at TIME (CLOCK_BOOTTIME ns), and ends. What was learnt stays until the next begin. */
void hawk_learning_begin(struct hawk_learning *l, uint64_t time);
void hawk_learning_end(struct hawk_learning *l, uint64_t time);
/* Something was found; nothing happens unless it has begun. */
void hawk_learning_found(struct hawk_learning *l, const struct hawk_sig_found *found, const struct hawk_model *model);

struct hawk_learning_state {
	bool on;
	uint64_t began, ended; /* CLOCK_BOOTTIME ns; 0: never */
	uint64_t findings;     /* seen */
	uint64_t left_out;     /* of these, for want of room */
};
struct hawk_learning_state hawk_learning_state(const struct hawk_learning *l);

/* A proposal: an exception for a signature. */
struct hawk_learning_proposal {
	const char *signature; /* name; valid until the next begin */
	uint64_t findings;     /* that it would have kept silent */
};
/* The I-th, in the order of the signatures' names; appends the exception as YAML to OUT. False: there are no more. */
bool hawk_learning_propose(struct hawk_learning *l, size_t i, struct hawk_learning_proposal *ret, struct hawk_buf *out);

#endif
