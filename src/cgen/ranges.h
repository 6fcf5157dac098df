/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CGEN_RANGES_H
#define HAWK_CGEN_RANGES_H
/* Inside of cgen: sets of numbers. */
#include "src/cgen/internal.h"

/* From lo to hi, both included, in the order of the type: see hawk_cgen_order(). */
struct hawk_cgen_range {
	uint64_t lo, hi;
};

struct hawk_cgen_ranges {
	struct hawk_cgen_range *r;
	size_t n, cap;
};

/* Ranges, in order and apart; but points are the opposite of what is around them. */
struct hawk_cgen_values {
	struct hawk_cgen_ranges ranges, points;
};

/* Signed numbers with the sign turned are in the order of unsigned ones. */
static inline uint64_t hawk_cgen_order(bool sint, uint64_t v)
{
	return sint ? v ^ 1ULL << 63 : v;
}

void hawk_cgen_push(struct hawk_cgen_ranges *s, uint64_t lo, uint64_t hi, int *error);
bool hawk_cgen_has(const struct hawk_cgen_ranges *s, uint64_t v);
/* What ATOM is true for. */
void hawk_cgen_collect(struct hawk_cgen_plan *p, const struct hawk_cgen_atom *atom, bool sint,
		       struct hawk_cgen_values *ret);
/* Puts the points back among the ranges. */
void hawk_cgen_give_points(struct hawk_cgen_values *v, int *error);

#endif
