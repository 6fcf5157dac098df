/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_SET_H
#define HAWK_TEST_SET_H
/* A set of rules over one event, in the kernel and in user space. */
#include "tests/kernel/judge/kern.h"
#include "tests/kernel/judge/random.h"

#define RULES_MAX 320

struct run {
	struct kern kern;
	struct hawk_decoder *decoder;
	struct vector *vector;
	uint64_t pairs, exact, passed, right, sets, left;
	unsigned int failed;
};

struct set {
	const struct hawk_event_desc *desc;
	struct hawk_cgen_rule rules[RULES_MAX];
	struct hawk_ir *scope[HAWK_POLICIES_MAX + 1]; /* of each policy; owned. Signatures have none */
	struct hawk_ir *filter[RULES_MAX];        /* owned */
	struct hawk_ir *learned[HAWK_POLICIES_MAX];
	size_t n;
	struct hawk_cgen *cg;
	struct kern_programs programs;
};

/* Memory for a run. Returns 0 or -ENOMEM. */
int run_begin(struct run *run);
void run_end(struct run *run);
/* Adds a rule of the policy BIT, or of signatures (HAWK_INTEREST_COLUMN); takes FILTER, which may be NULL. */
void set_add(struct set *s, unsigned int bit, struct hawk_ir *filter);
/* Generates and loads. Returns 0 or -errno, told on stderr. */
int set_load(struct run *run, struct set *s);
/* Compares the kernel with eval on N random events; what differs is shown, and counted in run->failed. */
int set_compare(struct run *run, struct set *s, size_t n);
void set_free(struct set *s);

#endif
