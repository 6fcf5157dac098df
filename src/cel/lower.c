/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AND, OR, NOT, variables and quantifiers as predicates of ir; the rest is in leaf.c. */
#include <errno.h>

#include "src/base/cleanup.h"
#include "src/cel/lower.h"

static int lower(struct hawk_cel_lowering *l, uint16_t node, bool not, struct hawk_cel_follows *ret);

static void done(struct hawk_cel_follows *f)
{
	f->ir = hawk_ir_free(f->ir);
}

/* The AND or OR of N of them, which are freed. */
static int join(struct hawk_cel_follows *parts, size_t n, bool all, struct hawk_cel_follows *ret)
{
	const struct hawk_ir *irs[HAWK_CEL_NODES_MAX];
	bool exact = true, nothing = false, always = false;
	size_t given = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].ir)
			irs[given++] = parts[i].ir;
		exact &= parts[i].exact;
		nothing |= !parts[i].ir && !parts[i].exact;
		always |= !parts[i].ir && parts[i].exact;
	}
	*ret = (struct hawk_cel_follows){ .exact = exact };
	if (!all && (always || nothing))
		ret->exact = always;
	else if (given)
		r = hawk_ir_join(&ret->ir, irs, given, all);
	if (r == -E2BIG) {
		*ret = (struct hawk_cel_follows){ .exact = false };
		r = 0;
	}
	for (size_t i = 0; i < n; i++)
		done(&parts[i]);
	return r;
}

static int lower_logic(struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not, struct hawk_cel_follows *ret)
{
	const bool all = (n->op == HAWK_CEL_OP_AND) != not;
	struct hawk_cel_follows *parts = calloc(n->n, sizeof(*parts));
	size_t i = 0;
	int r = 0;

	if (!parts)
		return -ENOMEM;
	for (uint16_t k = n->first; r == 0 && k != HAWK_CEL_NONE; k = l->cel->nodes[k].next)
		r = lower(l, k, not, &parts[i++]);
	if (r == 0)
		r = join(parts, i, all, ret);
	else
		while (i--)
			done(&parts[i]);
	/* of a list one item may fulfil one part and another the next */
	if (all && l->local >= 0)
		ret->exact = false;
	free(parts);
	return r;
}

/* (c AND a) OR (NOT c AND b) */
static int lower_cond(struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not, struct hawk_cel_follows *ret)
{
	const uint16_t yes = hawk_cel_second(l->cel, n), no = l->cel->nodes[yes].next;
	struct hawk_cel_follows pair[2][2] = { 0 }, both[2] = { 0 };
	int r = lower(l, n->first, false, &pair[0][0]);

	if (r == 0)
		r = lower(l, yes, not, &pair[0][1]);
	if (r == 0)
		r = lower(l, n->first, true, &pair[1][0]);
	if (r == 0)
		r = lower(l, no, not, &pair[1][1]);
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = join(pair[i], 2, true, &both[i]);
	if (r == 0)
		r = join(both, 2, false, ret);
	for (size_t i = 0; r < 0 && i < 2; i++) {
		done(&pair[i][0]);
		done(&pair[i][1]);
		done(&both[i]);
	}
	if (l->local >= 0)
		ret->exact = false;
	return r;
}

static int lower_variable(struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
			  struct hawk_cel_follows *ret)
{
	struct hawk_cel_lowering inner = { .cel = n->variable, .left = l->left, .local = -1 };
	int r = lower(&inner, n->variable->root, not, ret);

	l->left = inner.left;
	if (l->local >= 0)
		ret->exact = false;
	return r;
}

/* Whether a condition on items of the list can be said, and how they are called. */
static bool find_items(struct hawk_cel_lowering *l, const struct hawk_cel_node *list, struct hawk_cel_lowering *ret)
{
	*ret = *l;
	ret->list = NULL;
	if (list->op == HAWK_CEL_OP_FUNCTION && list->index == HAWK_CEL_F_ANCESTORS) {
		ret->items = "ancestor";
		return true;
	}
	if (list->op != HAWK_CEL_OP_FIELD || !*l->cel->fields[list->index].name)
		return false;
	ret->list = &l->cel->fields[list->index];
	ret->items = ret->list->name;
	for (size_t i = 0; i < ret->list->n_shapes; i++)
		if (ret->list->shapes[i].kind != HAWK_CEL_KIND_STRINGS && !ret->list->shapes[i].many)
			return false;
	return true;
}

/* What is not true of IR; FROM is freed. */
static int negate(struct hawk_cel_follows *from, struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	int r;

	/* nothing is known of the opposite of what is more than the expression */
	if (!from->ir || !from->exact) {
		done(from);
		return 0;
	}
	hawk_buf_lit(&text, "NOT (");
	r = hawk_ir_print(from->ir, &text);
	hawk_buf_putc(&text, ')');
	done(from);
	/* an item of which something is not known makes the expression unknown, but this true */
	return r < 0 ? -ENOMEM : hawk_cel_lower_text(&text, false, ret);
}

/* list.exists(): ir asks whether any item fits. all() is the opposite of there being one that does not. */
static int lower_macro(struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not, struct hawk_cel_follows *ret)
{
	const bool all = n->op == HAWK_CEL_OP_ALL;
	struct hawk_cel_follows one = { .exact = false };
	struct hawk_cel_lowering inner;
	int r;

	if ((n->op == HAWK_CEL_OP_EXISTS_ONE && not) || !find_items(l, &l->cel->nodes[n->first], &inner))
		return 0;
	inner.local = n->index;
	r = lower(&inner, hawk_cel_second(l->cel, n), all, &one);
	l->left = inner.left;
	if (r < 0)
		return r;
	if (n->op == HAWK_CEL_OP_EXISTS_ONE || l->local >= 0)
		one.exact = false;
	if (!one.ir) /* true of any item, but there must be one */
		one.exact = false;
	if (not != all)
		return negate(&one, ret);
	*ret = one;
	return 0;
}

/* What is true when NODE is true, or with NOT when it is false. */
static int lower(struct hawk_cel_lowering *l, uint16_t node, bool not, struct hawk_cel_follows *ret)
{
	const struct hawk_cel_node *n = &l->cel->nodes[node];

	*ret = (struct hawk_cel_follows){ .exact = false };
	if (!l->left)
		return 0;
	l->left--;
	switch ((enum hawk_cel_op)n->op) {
	case HAWK_CEL_OP_CONST:
		ret->exact = n->value.type == HAWK_CEL_BOOL && n->value.b != not;
		return 0;
	case HAWK_CEL_OP_NOT:
		return lower(l, n->first, !not, ret);
	case HAWK_CEL_OP_AND:
	case HAWK_CEL_OP_OR:
		return lower_logic(l, n, not, ret);
	case HAWK_CEL_OP_COND:
		return lower_cond(l, n, not, ret);
	case HAWK_CEL_OP_VARIABLE:
		return lower_variable(l, n, not, ret);
	case HAWK_CEL_OP_EXISTS:
	case HAWK_CEL_OP_EXISTS_ONE:
	case HAWK_CEL_OP_ALL:
		return lower_macro(l, n, not, ret);
	default:
		return hawk_cel_lower_leaf(l, node, not, ret);
	}
}

int hawk_cel_lower_text(struct hawk_buf *text, bool exact, struct hawk_cel_follows *ret)
{
	struct hawk_ir_error error;
	struct hawk_ir *ir = NULL;
	int r;

	if (!hawk_buf_str(text))
		return text->error == -E2BIG ? 0 : -ENOMEM;
	r = hawk_ir_parse(&ir, text->data, &error);
	if (r == 0)
		*ret = (struct hawk_cel_follows){ .ir = ir, .exact = exact };
	return r == -ENOMEM ? r : 0;
}

int hawk_cel_lower(const struct hawk_cel *cel, struct hawk_ir **ret, bool *ret_exact)
{
	struct hawk_cel_lowering l = { .cel = cel, .left = HAWK_CEL_LOWER_MAX, .local = -1 };
	struct hawk_cel_follows all;
	int r = lower(&l, cel->root, false, &all);

	if (r < 0)
		return r;
	*ret = all.ir;
	*ret_exact = all.exact;
	return 0;
}
