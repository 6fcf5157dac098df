/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_AGGREGATE_H
#define HAWK_POLICY_AGGREGATE_H
/* Events that are alike, told once in a while. */
#include "src/policy/policy.h"

#define HAWK_POLICY_BY_BYTES 100 /* of what events have in common, for people */
#define HAWK_POLICY_SLOTS 1024 /* different ones that are remembered; with more some are told more often */

/* What is remembered of the events of a rule. All zero at first; used by one thread. */
struct hawk_policy_alike {
	uint64_t seed; /* keeps others from finding events that are taken for the same */
	uint64_t soonest;  /* no window with events left out ends before; 0: there is none */
	uint64_t forgotten; /* left out and not told when another kind took the slot */
	struct {
		uint64_t key, until; /* time of events, ns */
		uint32_t left;       /* alike ones since the last that was told */
		uint16_t event, by_len;
		uint8_t by[HAWK_POLICY_BY_BYTES]; /* of those left out: "field=value", each with a NUL */
	} slots[HAWK_POLICY_SLOTS];
};

/* Events of one kind that were left out, and that no later one told of. */
struct hawk_policy_rest {
	uint64_t count, since; /* since: when one like them was told; 0: not known, nor is what follows */
	uint16_t event;        /* id */
	struct hawk_value by;  /* list of "field=value" */
};

/*
 * True when EVENT is the first of its kind for the window of A, or again after
 * it; then those that were left out meanwhile are added to EVENT->alike. No
 * allocation.
 */
bool hawk_policy_alike_first(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a,
			     struct hawk_event *event);
/* Calls FN for what was left out in windows of A that have ended at NOW, once for each; UINT64_MAX: in all windows. */
void hawk_policy_alike_end(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a, uint64_t now,
			   void (*fn)(void *ctx, const struct hawk_policy_rest *rest), void *ctx);

#endif
