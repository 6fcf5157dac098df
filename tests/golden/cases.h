/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_CASES_H
#define HAWK_TEST_CASES_H
/*
 * The policies of tests/golden/programs.cases: "# NAME", "event NAME", then a line
 * per policy, "SCOPE ; FILTER"; a blank line ends the case.
 */
#include <stdio.h>

#include "src/cgen/cgen.h"
#include "src/ir/ir.h"

struct golden_case {
	char name[80];
	const struct hawk_event_desc *desc;
	struct hawk_cgen_rule rules[HAWK_POLICIES_MAX];
	struct hawk_ir *trees[2 * HAWK_POLICIES_MAX]; /* owned */
	size_t n, n_trees;
};

/* Reads the next case. Returns 1, 0 at the end of the file, or -EINVAL, told on stderr. */
int golden_case_read(FILE *f, struct golden_case *ret);
void golden_case_done(struct golden_case *c);

#endif
