/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_MATCHING_H
#define HAWK_DAEMON_MATCHING_H
/*
 * The policies' stage of the data path: which set of policies an event belongs
 * to, and which of them it matches. Pipeline thread only.
 */
#include "src/enrich/proctab.h"
#include "src/policy/set.h"

/* Sets at a time: the one in force and those of records that are still in the rings. */
#define HAWK_MATCHING_SETS 4

struct hawk_matching {
	struct hawk_proctab *proctab; /* borrowed, as are the sets */
	struct hawk_ir_env env;
	struct {
		const struct hawk_policy_set *set;
		uint32_t generation; /* that its records carry */
		uint64_t until; /* CLOCK_BOOTTIME ns of the switch to another one */
	} sets[HAWK_MATCHING_SETS]; /* the last first */
	struct {
		struct hawk_abi_known_key key;
		uint32_t generation;
	} told; /* the kernel was told last of this process */
	uint64_t frontier; /* CLOCK_BOOTTIME ns: all records of before are read */
	/* Told what aggregations left out when nothing tells of it any more: an event with the name of the policy. */
	void (*tell)(void *ctx, struct hawk_event *event);
	void *ctx;
};

/*
 * From NOW (CLOCK_BOOTTIME ns) on records of GENERATION, and those whose set is
 * gone, belong to SET, borrowed. FRESH are bits of hawk_process.followed that get
 * a new meaning.
 */
void hawk_matching_switch(struct hawk_matching *m, const struct hawk_policy_set *set, uint32_t generation,
			  const uint64_t fresh[static HAWK_POLICY_WORDS], uint64_t now);
/* Whether SET may still be used: it is in force, or records of its time may still be in the rings. */
bool hawk_matching_has(const struct hawk_matching *m, const struct hawk_policy_set *set);
/* All records of before TIME are read. Forgets the sets that no record belongs to any more. */
void hawk_matching_advance(struct hawk_matching *m, uint64_t time);
/* Tells what aggregations left out in windows that ended before TIME; UINT64_MAX: in all, nothing more will come. */
void hawk_matching_end(const struct hawk_matching *m, uint64_t time);
/* Whether a policy in force can match the event with this id. */
bool hawk_matching_wants(const struct hawk_matching *m, uint16_t event);
/* Sets event->matched and event->policies. Returns whether any policy matches. */
bool hawk_matching_event(const struct hawk_matching *m, struct hawk_event *event);
/*
 * When the kernel asks what is known of the process of EVENT (HAWK_REC_UNKNOWN), and enough is known to tell:
 * the key and the bits for hawk_collect_know(). Not twice in a row for the same process.
 */
bool hawk_matching_known(struct hawk_matching *m, const struct hawk_event *event, struct hawk_abi_known_key *ret_key,
			 struct hawk_abi_known *ret_known);
/* Has policies follow the child of a fork, or the process of an exec; other events change nothing. */
void hawk_matching_follow(const struct hawk_matching *m, const struct hawk_event *event);

#endif
