/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of numbers: what an expression about one number is true for. */
#include "src/cgen/ranges.h"

void hawk_cgen_push(struct hawk_cgen_ranges *s, uint64_t lo, uint64_t hi, int *error)
{
	if (HAWK_CGEN_MORE(s->r, s->n, s->cap, error))
		s->r[s->n++] = (struct hawk_cgen_range){ lo, hi };
}

static int by_lo(const void *a, const void *b)
{
	const struct hawk_cgen_range *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* Brings them into order; those that touch become one. */
static void normalize(struct hawk_cgen_ranges *s)
{
	size_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->r, s->n, sizeof(*s->r), by_lo);
	for (size_t i = 1; i < s->n; i++) {
		if (s->r[n].hi == UINT64_MAX || s->r[i].lo <= s->r[n].hi + 1) {
			if (s->r[i].hi > s->r[n].hi)
				s->r[n].hi = s->r[i].hi;
		} else {
			s->r[++n] = s->r[i];
		}
	}
	s->n = n + 1;
}

static void complement(struct hawk_cgen_ranges *s, int *error)
{
	struct hawk_cgen_ranges out = { .r = NULL };
	uint64_t from = 0;
	bool open = true;

	for (size_t i = 0; i < s->n; i++) {
		if (s->r[i].lo > from)
			hawk_cgen_push(&out, from, s->r[i].lo - 1, error);
		open = s->r[i].hi != UINT64_MAX;
		from = s->r[i].hi + 1;
	}
	if (open)
		hawk_cgen_push(&out, from, UINT64_MAX, error);
	free(s->r);
	*s = out;
}

/* What the condition itself is true for, without != and NOT. */
static void of_condition(const struct hawk_ir_condition *c, const struct hawk_ir_variant *variant, bool sint,
			 struct hawk_cgen_ranges *ret, int *error)
{
	uint64_t v = hawk_cgen_order(sint, variant->operands->v);

	switch (c->compare) {
	case HAWK_IR_LT:
		if (v)
			hawk_cgen_push(ret, 0, v - 1, error);
		return;
	case HAWK_IR_LE:
		hawk_cgen_push(ret, 0, v, error);
		return;
	case HAWK_IR_GT:
		if (v != UINT64_MAX)
			hawk_cgen_push(ret, v + 1, UINT64_MAX, error);
		return;
	case HAWK_IR_GE:
		hawk_cgen_push(ret, v, UINT64_MAX, error);
		return;
	default:
		break;
	}
	for (size_t i = 0; i < c->n_values; i++) {
		const struct hawk_ir_operand *o = &variant->operands[i];

		if (c->values->pattern == HAWK_IR_ANY)
			hawk_cgen_push(ret, 0, UINT64_MAX, error);
		else
			hawk_cgen_push(
				ret, hawk_cgen_order(sint, o->v),
				hawk_cgen_order(sint, variant->how >= HAWK_IR_UINT_RANGE ? o->mask : o->v),
				error);
	}
}

bool hawk_cgen_has(const struct hawk_cgen_ranges *s, uint64_t v)
{
	for (size_t i = 0; i < s->n; i++)
		if (v >= s->r[i].lo && v <= s->r[i].hi)
			return true;
	return false;
}

/* What was asked of 0 and 1 is asked of the numbers that become them. */
static void turn(const struct hawk_cgen_atom *atom, struct hawk_cgen_ranges *s, int *error)
{
	const bool other = hawk_cgen_has(s, 0), one = hawk_cgen_has(s, 1), same = atom->as == HAWK_CGEN_SAME;

	s->n = 0;
	if (one && same)
		hawk_cgen_push(s, atom->pivot, atom->pivot, error);
	if (one && !same && atom->pivot != UINT64_MAX)
		hawk_cgen_push(s, atom->pivot + 1, UINT64_MAX, error);
	if (other && !(same && atom->pivot == 0))
		hawk_cgen_push(s, 0, atom->pivot - same, error);
	if (other && same && atom->pivot != UINT64_MAX)
		hawk_cgen_push(s, atom->pivot + 1, UINT64_MAX, error);
}

/* What an expression about one number is true for. */
static void of_node(struct hawk_cgen_plan *p, const struct hawk_cgen_atom *atom, uint16_t node, bool sint,
		    struct hawk_cgen_ranges *ret)
{
	int *error = &p->error;
	const struct hawk_ir_node *n = &atom->ir->nodes[node];
	const bool all = n->kind == HAWK_IR_AND;

	if (n->kind == HAWK_IR_CONDITION) {
		of_condition(&n->condition, hawk_cgen_variant(p, &n->condition), sint, ret, error);
		if (atom->as != HAWK_CGEN_PLAIN)
			turn(atom, ret, error);
		normalize(ret);
		if (n->condition.compare == HAWK_IR_NE)
			complement(ret, error);
		return;
	}
	/* all of them: not any of their opposites */
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = atom->ir->nodes[child].next) {
		struct hawk_cgen_ranges one = { .r = NULL };

		of_node(p, atom, child, sint, &one);
		if (all)
			complement(&one, error);
		for (size_t i = 0; i < one.n; i++)
			hawk_cgen_push(ret, one.r[i].lo, one.r[i].hi, error);
		free(one.r);
	}
	normalize(ret);
	if (all || n->kind == HAWK_IR_NOT)
		complement(ret, error);
}

/* Takes ranges of one value, and gaps of one value, out of the ranges. */
static void take_points(struct hawk_cgen_values *v, int *error)
{
	struct hawk_cgen_ranges *s = &v->ranges;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->r[i].lo == s->r[i].hi)
			hawk_cgen_push(&v->points, s->r[i].lo, s->r[i].lo, error);
		else if (n && s->r[n - 1].hi + 2 == s->r[i].lo) {
			hawk_cgen_push(&v->points, s->r[i].lo - 1, s->r[i].lo - 1, error);
			s->r[n - 1].hi = s->r[i].hi;
		} else {
			s->r[n++] = s->r[i];
		}
	}
	s->n = n;
}

/* Puts them back, for atoms with few. */
void hawk_cgen_give_points(struct hawk_cgen_values *v, int *error)
{
	for (size_t i = 0; i < v->points.n; i++) {
		uint64_t at = v->points.r[i].lo;
		size_t k;

		for (k = 0; k < v->ranges.n && !(at >= v->ranges.r[k].lo && at <= v->ranges.r[k].hi); k++)
			;
		if (k == v->ranges.n) {
			hawk_cgen_push(&v->ranges, at, at, error);
			continue;
		}
		hawk_cgen_push(&v->ranges, at + 1, v->ranges.r[k].hi, error);
		v->ranges.r[k].hi = at - 1;
	}
	v->points.n = 0;
	normalize(&v->ranges);
}

void hawk_cgen_collect(struct hawk_cgen_plan *p, const struct hawk_cgen_atom *atom, bool sint,
		       struct hawk_cgen_values *ret)
{
	of_node(p, atom, atom->node, sint, &ret->ranges);
	if (atom->flip)
		complement(&ret->ranges, &p->error);
	take_points(ret, &p->error);
}
