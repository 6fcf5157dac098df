/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_SET_H
#define HAWK_POLICY_SET_H
/*
 * The policies in force: an immutable set of them, a bit for each. Says
 * which events they want and, exactly, which of them an event matches.
 */
#include <stdatomic.h>

#include "src/event/event.h"
#include "src/ir/ir.h"
#include "src/policy/policy.h"

#define HAWK_POLICY_WORDS (HAWK_POLICIES_MAX / 64) /* a bit per policy */

struct hawk_policy_alike;
struct hawk_policy_rest;
struct hawk_policy_set;

/*
 * What a policy did since it was loaded; lives as long as the policy, over many
 * sets. Written by the thread that matches, read by any.
 */
struct hawk_policy_counts {
	_Atomic uint64_t hits;      /* events that it matched */
	_Atomic uint64_t disagreed; /* events that the kernel must have left out and did not */
	size_t n_rules;
	struct {
		_Atomic uint64_t hits;
		_Atomic uint64_t seen; /* hits and those that its rate left out here */
		_Atomic uint64_t left_out; /* by the kernel, beyond its rate; written by who loads programs */
		uint64_t second, told; /* of the thread that matches: events told in this second of event time */
		struct hawk_policy_alike *alike; /* of its aggregation, in the same memory; NULL: it has none */
	} rules[];
};

/* Zeroed counters for POLICY, to be freed with free(); NULL without memory. */
struct hawk_policy_counts *hawk_policy_counts_new(const struct hawk_policy *policy);

/* A policy as a member of a set. All is borrowed for the life of the set. */
struct hawk_policy_member {
	const struct hawk_policy *policy;
	struct hawk_policy_counts *counts;
	/*
	 * With policy->follow: the bit of struct hawk_process.followed that is its
	 * own from set to set, below HAWK_POLICIES_MAX.
	 */
	unsigned int follow_bit;
	/*
	 * The part of the scope that is about the process alone and that is decided
	 * here for the kernel; NULL: true.
	 */
	const struct hawk_ir *learned;
};

/*
 * Makes a set; the I-th member gets bit I. What is pending in a member never
 * matches. Returns 0, -E2BIG for more than HAWK_POLICIES_MAX members, -ENOMEM.
 */
int hawk_policy_set_new(struct hawk_policy_set **ret, const struct hawk_policy_member *members, size_t n);
struct hawk_policy_set *hawk_policy_set_free(struct hawk_policy_set *s);

/* Names by bit, hawk_policy_set_size() of them; valid as long as the set. */
const char *const *hawk_policy_set_names(const struct hawk_policy_set *s);
size_t hawk_policy_set_size(const struct hawk_policy_set *s);
/* Whether some member can match the event with this id. */
bool hawk_policy_set_wants(const struct hawk_policy_set *s, uint16_t event);
/* The events (bits by row of hawk_event_descs(), HAWK_POLICY_EVENT_WORDS) that some member can match. */
const uint64_t *hawk_policy_set_events(const struct hawk_policy_set *s);

/*
 * A rule of the set for one event, as those who push it down to the kernel see
 * it. A followed policy matches whatever SCOPE says once FOLLOW_BIT is set.
 */
struct hawk_policy_set_rule {
	unsigned int bit;
	const struct hawk_ir *scope, *filter; /* NULL: true */
	bool follow;
	unsigned int follow_bit;
	uint16_t number;     /* among the rules of its policy */
	uint32_t per_second; /* no more is told in a second, whatever else matched; 0: no limit, or more is to be counted */
};
/* The I-th rule for the event of DESC, in the order of the bits; false: there are no more. */
bool hawk_policy_set_rule(const struct hawk_policy_set *s, const struct hawk_event_desc *desc, size_t i,
			  struct hawk_policy_set_rule *ret);
/*
 * Says, while the set is made, that the kernel decides the policies in BITS
 * wholly for DESC: a record that it let through for one of these, all values of
 * which it had, and that does not match is a defect, and counted.
 */
void hawk_policy_set_exact(struct hawk_policy_set *s, const struct hawk_event_desc *desc,
			   const uint64_t bits[static HAWK_POLICY_WORDS]);

/*
 * Sets event->matched to the policies that match, and event->policies to their
 * names, which hold until the next call with this set. With JUDGED the bits of event->matched are what the kernel let through, by this set:
 * only these are looked at. Counts. Returns whether any matches. No allocation.
 * One thread at a time.
 */
bool hawk_policy_set_match(const struct hawk_policy_set *s, struct hawk_event *event, bool judged,
			   const struct hawk_ir_env *env);
/* The policies whose LEARNED is true for the process of EVENT, which is enriched. */
void hawk_policy_set_learned(const struct hawk_policy_set *s, const struct hawk_event *event,
			     const struct hawk_ir_env *env, uint64_t ret_bits[static HAWK_POLICY_WORDS]);
/*
 * The bits to add to hawk_process.followed of the process that EVENT made (a
 * fork) or is about (an exec): those of the policies that follow whose scope is
 * true for event->process. Returns false when there are none.
 */
bool hawk_policy_set_follow(const struct hawk_policy_set *s, const struct hawk_event *event,
			    const struct hawk_ir_env *env, uint64_t ret_bits[static HAWK_POLICY_WORDS]);

/* Told what aggregations left out; POLICY is the name. */
typedef void (*hawk_policy_rest_fn)(void *ctx, const char *policy, const struct hawk_policy_rest *rest);
/*
 * Calls FN for what aggregations left out in windows that have ended at NOW (UINT64_MAX: all) and that was not told with
 * a later event, but for policies that are members of one of the N sets in OTHERS (NULLs are fine), which go on.
 */
void hawk_policy_set_end(const struct hawk_policy_set *s, uint64_t now, const struct hawk_policy_set *const others[],
			 size_t n, hawk_policy_rest_fn fn, void *ctx);

#endif
