/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYSETS_H
#define HAWK_DAEMON_POLICYSETS_H
/* The inside of struct hawk_policies: what is in force, and what was. Control thread. */
#include "src/daemon/policies.h"
#include "src/daemon/policycode.h"

/* A set and the entries that it borrows from. */
struct hawk_policies_held {
	struct hawk_policies_held *next;
	struct hawk_policy_set *set;
	struct hawk_policycode *code;
	char *filters; /* of sinks and clients, that the code is for, as text */
	struct hawk_policies_entry *entries[HAWK_POLICIES_MAX];
	size_t n;
};

struct hawk_policies {
	struct hawk_interest *interest;
	struct hawk_collect *collect;
	struct hawk_pipeline *pipeline; /* NULL: none yet */
	struct hawk_policylist loaded;
	bool awaiting; /* signatures: nothing is put in force until they are there */
	const struct hawk_policy_signatures *names; /* that rules may name; NULL: none are known */
	const struct hawk_sig_set *signatures; /* that the kernel collects for, too; NULL: none */
	int (*changed)(void *ctx);
	void *ctx;
	struct {
		char **v;
		size_t n;
	} disabled; /* names, of policies that are loaded or not: a file may come back */
	struct hawk_problems problems;
	char *summary;     /* of the problems; NULL: none */
	char *unloaded;    /* events without the filters that they should have; NULL: none */
	struct hawk_policies_held *sets; /* the first is in force */
	uint32_t generation;
	uint64_t fresh[HAWK_POLICY_WORDS]; /* follow bits given out since the last set */
};

/* The filters of sinks and clients, by event, to see that they changed; to be freed. NULL: no memory. */
char *hawk_policies_filters(const struct hawk_policies *p);
/* For hawk_collect_on_left_out(), CTX is struct hawk_policies: adds N to the counters of the rule. */
void hawk_policies_on_left_out(void *ctx, const struct hawk_cgen *code, unsigned int bit, uint64_t n);

#endif
