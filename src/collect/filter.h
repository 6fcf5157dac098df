/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_FILTER_H
#define HAWK_COLLECT_FILTER_H
/*
 * The programs that judge events in the kernel (src/cgen), a set of them at a
 * time: a generation. A set is loaded beside the one in force, and one store
 * switches; records say which generation judged them. All functions: control
 * thread, but hawk_collect_know().
 */
#include "src/collect/collect.h"

struct hawk_cgen;

/* How one event is filtered. */
struct hawk_filter {
	size_t row;                   /* of hawk_event_descs(); hawk_plan_judged() must be true of it */
	const struct hawk_cgen *code; /* borrowed until the next set is in force, or hawk_collect_free() */
	bool all; /* somebody wants the event whatever the policies say: records are judged, and all are sent */
};

/*
 * Puts FILTERS (N of them, at most one per event) in force, as the next
 * generation; events without one are sent unjudged. What is attached now and
 * later is judged by them. When the function returns no program judges by the
 * set before any more, and its records are in the rings. A filter that the
 * kernel refuses, or has no room for, is told once and left out: its event is
 * sent unjudged. Returns 0, or -errno when the daemon has no memory for it: then
 * the set before stays in force.
 */
int hawk_collect_set_filters(struct hawk_collect *c, const struct hawk_filter *filters, size_t n,
			     uint32_t *ret_generation);

/*
 * FN is called with what the limits of a set left out of each policy, when the set is not in force any more: CODE as it
 * was given, BIT of the policy. NULL: nobody.
 */
void hawk_collect_on_left_out(struct hawk_collect *c,
			      void (*fn)(void *ctx, const struct hawk_cgen *code, unsigned int bit, uint64_t n), void *ctx);
/* The same of the set in force so far, for the event of ROW and one policy. */
uint64_t hawk_collect_left_out(const struct hawk_collect *c, size_t row, unsigned int bit);

/* What became of a filter. */
struct hawk_filter_state {
	bool set;           /* there is one for the event */
	unsigned int places; /* programs of ours that it judges for */
	const char *why;    /* why it is not in the kernel, static; NULL: it is */
	size_t entries;     /* of its tables */
	uint64_t bytes;     /* kernel memory of its tables */
};
void hawk_collect_filter_state(const struct hawk_collect *c, size_t row, struct hawk_filter_state *ret);

/*
 * Tells the programs of GENERATION what is known of a process, as answer to a
 * record with HAWK_REC_UNKNOWN. Returns 0, -ESTALE when that generation is not
 * in force any more, or -errno. Any thread.
 */
int hawk_collect_know(struct hawk_collect *c, uint32_t generation, const struct hawk_abi_known_key *key,
		      const struct hawk_abi_known *known);

/* Within the room: brings the programs in line with what is attached. */
void hawk_filters_follow(struct hawk_collect *c);
void hawk_filters_free(struct hawk_collect *c);
uint64_t hawk_filters_memory(const struct hawk_collect *c);

#endif
