/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_AGGREGATE_H
#define HAWK_POLICY_AGGREGATE_H
/* Events that are alike, told once in a while. */
#include "src/policy/policy.h"

#define HAWK_POLICY_SLOTS 1024 /* different ones that are remembered; with more some are told more often */

/* What is remembered of the events of a rule. All zero at first; used by one thread. */
struct hawk_policy_alike {
	uint64_t seed; /* keeps others from finding events that are taken for the same */
	struct {
		uint64_t key, until; /* time of events, ns */
	} slots[HAWK_POLICY_SLOTS];
};

/* True when EVENT is the first of its kind for the window of A, or again after it. No allocation. */
bool hawk_policy_alike_first(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a,
			     const struct hawk_event *event);

#endif
