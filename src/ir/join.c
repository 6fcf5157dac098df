/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees made of copies of trees. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/value.h"

DEFINE_CLEANUP(struct hawk_ir, hawk_ir_free)

/* A copy of N bytes, or NULL with *R set: -ENOMEM unless there is nothing to copy. */
static void *copy(const void *p, size_t n, int *r)
{
	void *to = p && n ? malloc(n) : NULL;

	if (to)
		memcpy(to, p, n);
	else if (p && n)
		*r = -ENOMEM;
	return to;
}

static int copy_values(struct hawk_ir_condition *to, const struct hawk_ir_condition *from)
{
	int r = 0;

	to->values = calloc(from->n_values, sizeof(*to->values));
	if (!to->values)
		return -ENOMEM;
	for (; to->n_values < from->n_values && r == 0; to->n_values++) {
		struct hawk_ir_value *v = &to->values[to->n_values];

		*v = from->values[to->n_values];
		v->text = copy(v->text, v->len + 1, &r);
		v->code = hawk_ir_regex_copy(v->code);
		if (!v->code && from->values[to->n_values].code)
			r = -ENOMEM;
	}
	return r;
}

static int copy_variants(struct hawk_ir_condition *to, const struct hawk_ir_condition *from)
{
	int r = 0;

	if (!from->n_variants)
		return 0;
	to->variants = calloc(from->n_variants, sizeof(*to->variants));
	if (!to->variants)
		return -ENOMEM;
	for (; to->n_variants < from->n_variants && r == 0; to->n_variants++) {
		struct hawk_ir_variant *v = &to->variants[to->n_variants];

		*v = from->variants[to->n_variants];
		v->operands = copy(v->operands, from->n_values * sizeof(*v->operands), &r);
	}
	return r;
}

int hawk_ir_condition_copy(struct hawk_ir_condition *ret, const struct hawk_ir_condition *from)
{
	struct hawk_ir_condition to = *from;
	size_t n_events;
	int r = 0, v;

	hawk_event_descs(&n_events);
	to.values = NULL;
	to.variants = NULL;
	to.n_values = to.n_variants = 0;
	to.places = copy(from->places, n_events * sizeof(*to.places), &r);
	to.events = copy(from->events, HAWK_IR_ROW_WORDS * sizeof(*to.events), &r);
	v = copy_values(&to, from);
	if (v == 0)
		v = copy_variants(&to, from);
	if (r == 0)
		r = v;
	if (r < 0)
		hawk_ir_condition_done(&to);
	else
		*ret = to;
	return r;
}

/* Adds a copy of NODE of FROM and what is below it. Returns its number, -E2BIG or -ENOMEM. */
static int add_copy(struct hawk_ir *to, const struct hawk_ir *from, uint16_t node)
{
	const struct hawk_ir_node *n = &from->nodes[node];
	int last = -1, mine = hawk_ir_add_node(to, n->kind, n->at), r;

	if (mine < 0)
		return mine;
	if (n->kind == HAWK_IR_CONDITION) {
		r = hawk_ir_condition_copy(&to->nodes[mine].condition, &n->condition);
		return r < 0 ? r : mine;
	}
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = from->nodes[child].next) {
		r = add_copy(to, from, child);
		if (r < 0)
			return r;
		if (last < 0)
			to->nodes[mine].first = (uint16_t)r;
		else
			to->nodes[last].next = (uint16_t)r;
		last = r;
	}
	return mine;
}

/* Levels of NOT and parentheses in the text, with those around it. */
static unsigned int depth(const struct hawk_ir *ir, uint16_t node)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	unsigned int most = 0;

	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next) {
		unsigned int one = depth(ir, child);

		most = one > most ? one : most;
	}
	return most + (n->kind != HAWK_IR_CONDITION);
}

/* Refuses what the parser would refuse. */
static int check_size(const struct hawk_ir *ir)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = HAWK_IR_TEXT_MAX };

	bool bare = ir->nodes[ir->root].kind == HAWK_IR_AND || ir->nodes[ir->root].kind == HAWK_IR_OR;

	if (depth(ir, ir->root) > HAWK_IR_DEPTH_MAX + (unsigned int)bare)
		return -E2BIG;
	return hawk_ir_print(ir, &text);
}

static int join(struct hawk_ir *ir, const struct hawk_ir *const *parts, size_t n, enum hawk_ir_kind kind)
{
	int root = -1;

	for (size_t i = 0; i < n; i++) {
		int part;

		if (parts[i]->root == HAWK_IR_NONE)
			continue;
		part = add_copy(ir, parts[i], parts[i]->root);
		if (part < 0)
			return part;
		if (root < 0) {
			root = part;
			continue;
		}
		root = hawk_ir_join_nodes(ir, kind, root, part);
		if (root < 0)
			return root;
	}
	if (root < 0)
		return 0;
	ir->root = (uint16_t)root;
	return check_size(ir);
}

int hawk_ir_join(struct hawk_ir **ret, const struct hawk_ir *const *parts, size_t n, bool all)
{
	_cleanup_(hawk_ir_freep) struct hawk_ir *ir = NULL;
	int r;

	if (n == 0 && !all)
		return -EINVAL;
	ir = calloc(1, sizeof(*ir));
	if (!ir)
		return -ENOMEM;
	ir->root = HAWK_IR_NONE;
	for (size_t i = 0; i < n && !all; i++)
		if (parts[i]->root == HAWK_IR_NONE)
			n = 0;
	r = join(ir, parts, n, all ? HAWK_IR_AND : HAWK_IR_OR);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(ir);
	return 0;
}
