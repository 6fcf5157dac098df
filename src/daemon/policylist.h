/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYLIST_H
#define HAWK_DAEMON_POLICYLIST_H
/* Loaded policies, by reference and in lists. Control thread only. */
#include "src/policy/set.h"

/* A policy that is loaded. */
struct hawk_policies_entry {
	struct hawk_policy *policy; /* owned */
	struct hawk_policy_counts *counts;
	char *warnings;  /* of reading it, a line each; NULL: none */
	bool by_hand;    /* loaded by somebody, not from a directory */
	uint64_t loaded; /* CLOCK_REALTIME, seconds */
	unsigned int follow_bit;
	struct hawk_ir *learned; /* hawk_cgen_learned() of the scope; NULL: nothing */
	unsigned int refs; /* lists and sets that hold it */
};

/*
 * Reads a policy, which may name SIGNATURES (NULL: none are known); the caller holds it. Returns 0, -EINVAL with the faults, a line each, in *ret_why
 * (malloc'ed), or -ENOMEM.
 */
int hawk_policyentry_new(struct hawk_policies_entry **ret, const char *path, const char *text, size_t len,
			 const struct hawk_policy_signatures *signatures, char **ret_why);
/*
 * E as it reads now, with new counters when that is something else: what its rules select may depend on which SIGNATURES
 * there are. One that would be wrong now stays as it is. The caller holds what it gets.
 */
struct hawk_policies_entry *hawk_policyentry_again(struct hawk_policies_entry *e,
						   const struct hawk_policy_signatures *signatures);
struct hawk_policies_entry *hawk_policyentry_get(struct hawk_policies_entry *e);
/* Gives it back, NULL is fine; the last one frees it. Returns NULL. */
struct hawk_policies_entry *hawk_policyentry_put(struct hawk_policies_entry *e);

/* The limit is that of a set: a policy that is switched off can always be switched on. */
struct hawk_policylist {
	struct hawk_policies_entry *v[HAWK_POLICIES_MAX]; /* by name */
	size_t n;
};

/* The one with this name, or NULL. */
struct hawk_policies_entry *hawk_policylist_find(const struct hawk_policylist *l, const char *name);
/* The one of this file, or NULL. */
struct hawk_policies_entry *hawk_policylist_by_path(const struct hawk_policylist *l, const char *path);
/* Why E cannot be added to L (malloc'ed); NULL: it can. */
char *hawk_policylist_refusal(const struct hawk_policylist *l, const struct hawk_policies_entry *e);
/* Takes E over; there must be room. */
void hawk_policylist_add(struct hawk_policylist *l, struct hawk_policies_entry *e);
/* Takes E, which is in it, out and hands it over. */
void hawk_policylist_remove(struct hawk_policylist *l, const struct hawk_policies_entry *e);
void hawk_policylist_done(struct hawk_policylist *l);
/*
 * Sets the bit of hawk_process.followed of E, which follows: that of the one in LISTS which is the same to
 * processes, else one that nobody has; then returns true.
 */
bool hawk_policylist_follow_bit(const struct hawk_policylist *const lists[], size_t n, struct hawk_policies_entry *e);

#endif
