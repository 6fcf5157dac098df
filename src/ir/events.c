/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which events a tree can be true for. */
#include <string.h>

#include "src/ir/node.h"

/* By row of hawk_event_descs(): the events that a node may be true or false for. Both may have too many. */
struct outcome {
	uint64_t yes[HAWK_IR_ROW_WORDS], no[HAWK_IR_ROW_WORDS];
};

static void all_events(uint64_t bits[static HAWK_IR_ROW_WORDS])
{
	size_t n;

	hawk_event_descs(&n);
	memset(bits, 0, HAWK_IR_ROW_WORDS * sizeof(*bits));
	for (size_t i = 0; i < n; i++)
		bits[i / 64] |= 1ULL << i % 64;
}

static void swap(struct outcome *o)
{
	for (size_t i = 0; i < HAWK_IR_ROW_WORDS; i++) {
		uint64_t yes = o->yes[i];

		o->yes[i] = o->no[i];
		o->no[i] = yes;
	}
}

/* No other event has credentials from before. */
static void only_exec(uint64_t bits[static HAWK_IR_ROW_WORDS])
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (descs[i]->id != HAWK_EV_SCHED_PROCESS_EXEC)
			bits[i / 64] &= ~(1ULL << i % 64);
}

static void of_condition(const struct hawk_ir_condition *c, struct outcome *ret)
{
	size_t n;

	all_events(ret->yes);
	all_events(ret->no);
	if (c->events) { /* decided by the event alone */
		for (size_t i = 0; i < HAWK_IR_ROW_WORDS; i++) {
			ret->no[i] = ret->yes[i] & ~c->events[i];
			ret->yes[i] &= c->events[i];
		}
		if (c->compare == HAWK_IR_NE)
			swap(ret);
	}
	if (c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_PREVIOUS)
		only_exec(ret->yes);
	hawk_event_descs(&n);
	for (size_t i = 0; c->places && i < n; i++)
		if (c->places[i].column < 0)
			ret->yes[i / 64] &= ~(1ULL << i % 64);
}

static void of_node(const struct hawk_ir *ir, uint16_t node, struct outcome *ret)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	struct outcome child;

	if (n->kind == HAWK_IR_CONDITION) {
		of_condition(&n->condition, ret);
		return;
	}
	of_node(ir, n->first, ret);
	if (n->kind == HAWK_IR_NOT)
		swap(ret);
	for (uint16_t at = ir->nodes[n->first].next; at != HAWK_IR_NONE; at = ir->nodes[at].next) {
		of_node(ir, at, &child);
		for (size_t i = 0; i < HAWK_IR_ROW_WORDS; i++) {
			bool and = n->kind == HAWK_IR_AND;

			ret->yes[i] = and ? ret->yes[i] & child.yes[i] : ret->yes[i] | child.yes[i];
			ret->no[i] = and ? ret->no[i] | child.no[i] : ret->no[i] & child.no[i];
		}
	}
}

void hawk_ir_true_events(const struct hawk_ir *ir, uint16_t node, uint64_t bits[static HAWK_IR_ROW_WORDS])
{
	struct outcome o;

	of_node(ir, node, &o);
	memcpy(bits, o.yes, sizeof(o.yes));
}

bool hawk_ir_events(const struct hawk_ir *ir, uint64_t *bits)
{
	uint64_t yes[HAWK_IR_ROW_WORDS], all[HAWK_IR_ROW_WORDS];
	size_t n;

	all_events(all);
	hawk_event_descs(&n);
	if (ir->root == HAWK_IR_NONE)
		return false;
	hawk_ir_true_events(ir, ir->root, yes);
	if (memcmp(yes, all, sizeof(all)) == 0)
		return false;
	for (size_t i = 0; i < (n + 63) / 64; i++)
		bits[i] |= yes[i];
	return true;
}
