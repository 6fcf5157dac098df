/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a predicate that user space knows of a process. */
#include "src/cgen/internal.h"

DEFINE_CLEANUP(struct hawk_ir, hawk_ir_free)

/* A tree of its own of one condition. */
static int one(struct hawk_ir **ret, const struct hawk_ir *ir, uint16_t node, bool negated)
{
	const struct hawk_ir part = { .nodes = ir->nodes, .n_nodes = ir->n_nodes, .root = node };
	const struct hawk_ir *const parts[] = { &part };
	_cleanup_(hawk_ir_freep) struct hawk_ir *copy = NULL;
	int r = hawk_ir_join(&copy, parts, 1, true);

	if (r < 0)
		return r;
	if (negated) {
		r = hawk_ir_add_node(copy, HAWK_IR_NOT, 0);
		if (r < 0)
			return r;
		copy->nodes[r].first = copy->root;
		copy->root = (uint16_t)r;
	}
	*ret = TAKE_PTR(copy);
	return 0;
}

/*
 * *RET is NULL where nothing is learned: true. Recursion is bounded: the parser allows HAWK_IR_DEPTH_MAX
 * levels.
 */
static int learn(struct hawk_ir **ret, const struct hawk_ir *ir, uint16_t node, bool negated)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	struct hawk_ir *parts[HAWK_IR_NODES_MAX];
	bool all = (n->kind == HAWK_IR_AND) != negated, whole = true;
	size_t n_parts = 0;
	int r = 0;

	*ret = NULL;
	if (n->kind == HAWK_IR_CONDITION)
		return hawk_cgen_is_learned(&n->condition) ? one(ret, ir, node, negated) : 0;
	if (n->kind == HAWK_IR_NOT)
		return learn(ret, ir, n->first, !negated);
	if (n->kind != HAWK_IR_AND && n->kind != HAWK_IR_OR)
		return 0;
	for (uint16_t child = n->first; child != HAWK_IR_NONE && r == 0; child = ir->nodes[child].next) {
		r = learn(&parts[n_parts], ir, child, negated);
		if (r == 0 && parts[n_parts])
			n_parts++;
		else
			whole = false;
	}
	if (r == 0 && n_parts && (all || whole))
		r = hawk_ir_join(ret, (const struct hawk_ir *const *)parts, n_parts, all);
	while (n_parts)
		hawk_ir_free(parts[--n_parts]);
	return r;
}

int hawk_cgen_learned(struct hawk_ir **ret, const struct hawk_ir *scope)
{
	int r = 0;

	*ret = NULL;
	if (scope->root != HAWK_IR_NONE)
		r = learn(ret, scope, scope->root, false);
	/* more than a tree may have: it is not learned */
	return r == -E2BIG ? 0 : r;
}
