/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing and freeing a tree. */
#include <errno.h>
#include <stdlib.h>

#include "src/ir/node.h"

int hawk_ir_add_node(struct hawk_ir *ir, enum hawk_ir_kind kind, size_t at)
{
	struct hawk_ir_node *nodes;

	if (ir->n_nodes == HAWK_IR_NODES_MAX)
		return -E2BIG;
	/* room for 4, 8, 16, ... nodes */
	if (ir->n_nodes < 4 ? ir->n_nodes == 0 : (ir->n_nodes & (ir->n_nodes - 1)) == 0) {
		nodes = realloc(ir->nodes, (ir->n_nodes ? 2 * ir->n_nodes : 4) * sizeof(*nodes));
		if (!nodes)
			return -ENOMEM;
		ir->nodes = nodes;
	}
	ir->nodes[ir->n_nodes] = (struct hawk_ir_node){
		.kind = kind,
		.first = HAWK_IR_NONE,
		.next = HAWK_IR_NONE,
		.at = (uint32_t)at,
	};
	return (int)ir->n_nodes++;
}

/* Adds CHILD to PARENT; the children of a child of the same kind instead of it. */
static void add_child(struct hawk_ir *ir, int parent, int child)
{
	struct hawk_ir_node *nodes = ir->nodes;
	uint16_t *end = &nodes[parent].first;

	while (*end != HAWK_IR_NONE)
		end = &nodes[*end].next;
	*end = nodes[child].kind == nodes[parent].kind ? nodes[child].first : (uint16_t)child;
}

int hawk_ir_join_nodes(struct hawk_ir *ir, enum hawk_ir_kind kind, int all, int next)
{
	int node = all;

	if (ir->nodes[all].kind != kind) {
		node = hawk_ir_add_node(ir, kind, ir->nodes[all].at);
		if (node < 0)
			return node;
		add_child(ir, node, all);
	}
	add_child(ir, node, next);
	return node;
}

struct hawk_ir *hawk_ir_free(struct hawk_ir *ir)
{
	if (!ir)
		return NULL;
	for (size_t i = 0; i < ir->n_nodes; i++)
		hawk_ir_condition_done(&ir->nodes[i].condition);
	free(ir->nodes);
	free(ir);
	return NULL;
}
