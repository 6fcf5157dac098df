/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions over an event. Called for every candidate: nothing here allocates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/cel/run.h"

static bool is_true(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_BOOL && v->b;
}

static bool is_number(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_INT || v->type == HAWK_CEL_UINT || v->type == HAWK_CEL_DOUBLE;
}

/* AND and OR of any number: what decides decides, also behind what is unknown. */
static void eval_logic(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	const bool decides = n->op == HAWK_CEL_OP_OR;
	const struct hawk_cel_node *nodes = run->cel->nodes;
	bool unknown = false;

	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = nodes[k].next) {
		/* it would be noted as seen though the condition cannot hold */
		if (unknown && nodes[k].marks && !decides)
			continue;
		hawk_cel_run(run, k, ret);
		if (ret->type == HAWK_CEL_BOOL && ret->b == decides)
			return;
		unknown |= ret->type != HAWK_CEL_BOOL;
	}
	if (unknown)
		hawk_cel_set_unknown(ret);
	else
		hawk_cel_set_bool(ret, !decides);
}

static bool as_wide(const struct hawk_cel_value *v, __int128 *ret)
{
	*ret = v->type == HAWK_CEL_UINT ? (__int128)v->u : (__int128)v->i;
	return v->type == HAWK_CEL_UINT || v->type == HAWK_CEL_INT;
}

static double as_double(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_DOUBLE ? v->d : v->type == HAWK_CEL_INT ? (double)v->i : (double)v->u;
}

static void fractions(enum hawk_cel_op op, double a, double b, struct hawk_cel_value *ret)
{
	double d = op == HAWK_CEL_OP_MUL ? a * b : op == HAWK_CEL_OP_DIV ? a / b : op == HAWK_CEL_OP_ADD ? a + b : a - b;

	if (op != HAWK_CEL_OP_MOD && isfinite(d))
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_DOUBLE, .named = HAWK_T_MAX, .d = d };
}

/* What does not fit is unknown; what is below 0 has a sign whatever it was made of. */
static void whole(enum hawk_cel_op op, const struct hawk_cel_value *a, const struct hawk_cel_value *b,
		  struct hawk_cel_value *ret)
{
	const bool no_sign = a->type == HAWK_CEL_UINT || b->type == HAWK_CEL_UINT;
	__int128 x, y, z;

	if (!as_wide(a, &x) || !as_wide(b, &y) || (!y && (op == HAWK_CEL_OP_DIV || op == HAWK_CEL_OP_MOD)))
		return;
	switch (op) {
	case HAWK_CEL_OP_MUL:
		/* of two numbers of 64 bits without a sign it may not fit in 127 */
		if (__builtin_mul_overflow(x, y, &z))
			return;
		break;
	case HAWK_CEL_OP_DIV:
		z = x / y;
		break;
	case HAWK_CEL_OP_MOD:
		z = x % y;
		break;
	default:
		z = op == HAWK_CEL_OP_ADD ? x + y : x - y;
	}
	if (no_sign && z >= 0 && z <= UINT64_MAX)
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_UINT, .named = HAWK_T_MAX, .u = (uint64_t)z };
	else if (z >= INT64_MIN && z <= INT64_MAX)
		hawk_cel_set_int(ret, (int64_t)z);
}

static void moments(enum hawk_cel_op op, const struct hawk_cel_value *a, const struct hawk_cel_value *b,
		    struct hawk_cel_value *ret)
{
	const bool minus = op == HAWK_CEL_OP_SUB, both = a->type == HAWK_CEL_TIME && b->type == HAWK_CEL_TIME;
	int64_t i;

	if ((op != HAWK_CEL_OP_ADD && !minus) || (both && !minus) ||
	    (a->type == HAWK_CEL_DURATION && b->type == HAWK_CEL_TIME && minus))
		return;
	if (minus ? __builtin_sub_overflow(a->i, b->i, &i) : __builtin_add_overflow(a->i, b->i, &i))
		return;
	*ret = (struct hawk_cel_value){ .type = HAWK_CEL_DURATION, .named = HAWK_T_MAX, .i = i };
	if (!both && (a->type == HAWK_CEL_TIME || b->type == HAWK_CEL_TIME)) {
		ret->type = HAWK_CEL_TIME;
		ret->wall = a->type == HAWK_CEL_TIME ? a->wall : b->wall;
	}
}

static void concatenate(struct hawk_cel_run *run, const struct hawk_cel_value *a, const struct hawk_cel_value *b,
			struct hawk_cel_value *ret)
{
	const bool list = a->type == HAWK_CEL_LIST;
	const size_t unit = list ? sizeof(*a->items) : 1, n = (size_t)a->len + b->len;
	uint8_t *room = n <= UINT32_MAX ? hawk_cel_room(run, n * unit) : NULL;

	if (!room)
		return;
	if (a->len)
		memcpy(room, a->bytes, a->len * unit);
	if (b->len)
		memcpy(room + a->len * unit, b->bytes, b->len * unit);
	if (list)
		hawk_cel_set_list(ret, (struct hawk_cel_value *)(void *)room, n);
	else
		hawk_cel_set_text(ret, room, n);
}

static bool is_moment(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_TIME || v->type == HAWK_CEL_DURATION;
}

static void eval_arithmetic(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value a, b;

	hawk_cel_run(run, n->first, &a);
	hawk_cel_run(run, hawk_cel_second(run->cel, n), &b);
	hawk_cel_set_unknown(ret);
	if (is_number(&a) && is_number(&b)) {
		if (a.type == HAWK_CEL_DOUBLE || b.type == HAWK_CEL_DOUBLE)
			fractions(n->op, as_double(&a), as_double(&b), ret);
		else
			whole(n->op, &a, &b, ret);
	} else if (is_moment(&a) && is_moment(&b)) {
		moments(n->op, &a, &b, ret);
	} else if (n->op == HAWK_CEL_OP_ADD && a.type == b.type &&
		   (a.type == HAWK_CEL_STRING || a.type == HAWK_CEL_LIST)) {
		concatenate(run, &a, &b, ret);
	}
}

static void eval_comparison(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value a, b;
	int order;

	hawk_cel_run(run, n->first, &a);
	if (a.type != HAWK_CEL_UNKNOWN)
		hawk_cel_run(run, hawk_cel_second(run->cel, n), &b);
	hawk_cel_set_unknown(ret);
	if (a.type == HAWK_CEL_UNKNOWN || b.type == HAWK_CEL_UNKNOWN)
		return;
	if (n->op == HAWK_CEL_OP_EQ || n->op == HAWK_CEL_OP_NE) {
		order = hawk_cel_equal(&a, &b);
		if (order >= 0)
			hawk_cel_set_bool(ret, (order == 1) == (n->op == HAWK_CEL_OP_EQ));
		return;
	}
	if (!hawk_cel_order(&a, &b, &order))
		return;
	hawk_cel_set_bool(ret, n->op == HAWK_CEL_OP_LT ? order < 0 : n->op == HAWK_CEL_OP_LE ? order <= 0 :
			       n->op == HAWK_CEL_OP_GT ? order > 0 : order >= 0);
}

static int compare_items(const void *a, const void *b)
{
	return hawk_cel_compare_text(a, b);
}

static void eval_in(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value item, list;
	bool unknown = false;

	hawk_cel_run(run, n->first, &item);
	if (item.type != HAWK_CEL_UNKNOWN)
		hawk_cel_run(run, hawk_cel_second(run->cel, n), &list);
	hawk_cel_set_unknown(ret);
	if (item.type == HAWK_CEL_UNKNOWN || list.type != HAWK_CEL_LIST)
		return;
	if (item.type == HAWK_CEL_STRING && list.context) { /* in order, and all text */
		hawk_cel_set_bool(ret, bsearch(&item, list.items, list.len, sizeof(item), compare_items) != NULL);
		return;
	}
	for (uint32_t i = 0; i < list.len; i++) {
		int equal = hawk_cel_equal(&item, &list.items[i]);

		if (equal == 1) {
			hawk_cel_set_bool(ret, true);
			return;
		}
		unknown |= equal < 0;
	}
	if (!unknown)
		hawk_cel_set_bool(ret, false);
}

static void eval_unary(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value v;

	hawk_cel_run(run, n->first, &v);
	hawk_cel_set_unknown(ret);
	if (n->op == HAWK_CEL_OP_NOT) {
		if (v.type == HAWK_CEL_BOOL)
			hawk_cel_set_bool(ret, !v.b);
	} else if (v.type == HAWK_CEL_DOUBLE) {
		*ret = v;
		ret->d = -v.d;
	} else if (v.type == HAWK_CEL_UINT && v.u <= 1ULL << 63) {
		hawk_cel_set_int(ret, (int64_t)-v.u);
	} else if ((v.type == HAWK_CEL_INT || v.type == HAWK_CEL_DURATION) && v.i != INT64_MIN) {
		hawk_cel_set_int(ret, -v.i);
		ret->type = v.type;
	}
}

static void eval_index(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value list, i;

	hawk_cel_run(run, n->first, &list);
	hawk_cel_run(run, hawk_cel_second(run->cel, n), &i);
	hawk_cel_set_unknown(ret);
	if (list.type == HAWK_CEL_LIST && (i.type == HAWK_CEL_INT || i.type == HAWK_CEL_UINT) && i.u < list.len)
		*ret = list.items[i.u];
}

static void eval_list(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value *items = hawk_cel_room(run, n->n * sizeof(*items));
	size_t i = 0;

	hawk_cel_set_unknown(ret);
	if (!items)
		return;
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = run->cel->nodes[k].next) {
		hawk_cel_run(run, k, &items[i]);
		if (items[i++].type == HAWK_CEL_UNKNOWN)
			return;
	}
	hawk_cel_set_list(ret, items, i);
}

/* What exists, exists_one and all make of how many items were true, false and unknown. */
static void conclude(enum hawk_cel_op op, size_t yes, size_t no, size_t unknown, struct hawk_cel_value *ret)
{
	hawk_cel_set_unknown(ret);
	if (op == HAWK_CEL_OP_EXISTS && (yes || !unknown))
		hawk_cel_set_bool(ret, yes);
	else if (op == HAWK_CEL_OP_ALL && (no || !unknown))
		hawk_cel_set_bool(ret, !no);
	else if (op == HAWK_CEL_OP_EXISTS_ONE && !unknown)
		hawk_cel_set_bool(ret, yes == 1);
}

static void run_macro(struct hawk_cel_run *run, const struct hawk_cel_node *n, const struct hawk_cel_value *list,
		      struct hawk_cel_value *ret)
{
	const bool makes = n->op == HAWK_CEL_OP_FILTER || n->op == HAWK_CEL_OP_MAP;
	struct hawk_cel_value *items = makes ? hawk_cel_room(run, list->len * sizeof(*items)) : NULL, one;
	size_t yes = 0, no = 0, unknown = 0, made = 0;
	const uint16_t body = hawk_cel_second(run->cel, n);

	if (makes && !items)
		return;
	for (uint32_t i = 0; i < list->len && !run->exhausted; i++) {
		run->locals[n->index] = list->items[i];
		hawk_cel_run(run, body, &one);
		if (n->op == HAWK_CEL_OP_MAP)
			items[made++] = one;
		else if (n->op == HAWK_CEL_OP_FILTER && is_true(&one))
			items[made++] = list->items[i];
		yes += is_true(&one);
		no += one.type == HAWK_CEL_BOOL && !one.b;
		unknown += n->op == HAWK_CEL_OP_MAP ? one.type == HAWK_CEL_UNKNOWN : one.type != HAWK_CEL_BOOL;
		if ((yes && n->op == HAWK_CEL_OP_EXISTS) || (no && n->op == HAWK_CEL_OP_ALL))
			break;
	}
	if (!makes)
		conclude(n->op, yes, no, unknown, ret);
	else if (!unknown)
		hawk_cel_set_list(ret, items, made);
}

static void eval_macro(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value list;

	hawk_cel_run(run, n->first, &list);
	hawk_cel_set_unknown(ret);
	if (n->index >= run->locals_left)
		run->exhausted = true;
	else if (list.type == HAWK_CEL_LIST)
		run_macro(run, n, &list, ret);
}

/* An expression with its own nodes, and its own variables behind those of this one. */
static void eval_variable(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	const struct hawk_cel *cel = run->cel;

	hawk_cel_set_unknown(ret);
	if (cel->locals > run->locals_left) {
		run->exhausted = true;
		return;
	}
	run->cel = n->variable;
	run->locals += cel->locals;
	run->locals_left -= cel->locals;
	hawk_cel_run(run, n->variable->root, ret);
	run->locals_left += cel->locals;
	run->locals -= cel->locals;
	run->cel = cel;
}

/* The output that N names among those of FIELD. */
static void find_output(struct hawk_cel_run *run, const struct hawk_cel_node *n, uint32_t field,
			struct hawk_cel_value *ret)
{
	struct hawk_cel_value all;
	const size_t len = n->value.len;

	hawk_cel_read(run, &run->cel->fields[field], &all);
	hawk_cel_set_unknown(ret);
	for (uint32_t i = 0; all.type == HAWK_CEL_LIST && i < all.len; i++) {
		const struct hawk_cel_value *one = &all.items[i];

		if (one->type != HAWK_CEL_STRING || one->len <= len || one->bytes[len] != '=' ||
		    memcmp(one->bytes, n->value.bytes, len) != 0)
			continue;
		hawk_cel_set_text(ret, one->bytes + len + 1, one->len - len - 1);
		return;
	}
}

static void eval_output(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	find_output(run, n, n->index, ret);
}

static void eval_argument(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	hawk_cel_read(run, &run->cel->fields[n->index], ret);
	if (ret->type == HAWK_CEL_UNKNOWN)
		find_output(run, n, n->value.context, ret);
}

static void eval_has_argument(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value v;

	eval_argument(run, n, &v);
	hawk_cel_set_bool(ret, v.type != HAWK_CEL_UNKNOWN);
}

static void eval_has_output(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value v;

	eval_output(run, n, &v);
	hawk_cel_set_bool(ret, v.type != HAWK_CEL_UNKNOWN);
}

static void eval_has(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	const struct hawk_cel_node *of = n->first == HAWK_CEL_NONE ? n : &run->cel->nodes[n->first];
	struct hawk_cel_value v;

	if (of == n || of->op == HAWK_CEL_OP_FIELD) {
		hawk_cel_set_bool(ret, hawk_cel_has(run, &run->cel->fields[of->index]));
		return;
	}
	hawk_cel_run(run, n->first, &v);
	hawk_cel_set_bool(ret, v.type != HAWK_CEL_UNKNOWN);
}

static void eval_member(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	struct hawk_cel_value v;

	hawk_cel_run(run, n->first, &v);
	hawk_cel_set_unknown(ret);
	if (v.type == HAWK_CEL_PROCESS)
		hawk_cel_read_member(run, &run->cel->fields[n->index], v.process, ret);
}

static void eval_capture(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	hawk_cel_set_unknown(ret);
	if (n->index < run->in->n_captures)
		*ret = run->in->captures[n->index];
}

static void eval_cond(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	uint16_t yes = hawk_cel_second(run->cel, n);
	struct hawk_cel_value v;

	hawk_cel_run(run, n->first, &v);
	if (v.type == HAWK_CEL_BOOL)
		hawk_cel_run(run, v.b ? yes : run->cel->nodes[yes].next, ret);
	else
		hawk_cel_set_unknown(ret);
}

static void eval_operator(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	if (n->op >= HAWK_CEL_OP_EXISTS)
		eval_macro(run, n, ret);
	else if (n->op >= HAWK_CEL_OP_LT)
		eval_comparison(run, n, ret);
	else if (n->op >= HAWK_CEL_OP_MUL)
		eval_arithmetic(run, n, ret);
	else
		eval_unary(run, n, ret);
}

void hawk_cel_run(struct hawk_cel_run *run, uint16_t node, struct hawk_cel_value *ret)
{
	static void (*const values[])(struct hawk_cel_run *, const struct hawk_cel_node *, struct hawk_cel_value *) = {
		[HAWK_CEL_OP_CAPTURE] = eval_capture, [HAWK_CEL_OP_VARIABLE] = eval_variable,
		[HAWK_CEL_OP_MEMBER] = eval_member,   [HAWK_CEL_OP_OUTPUT] = eval_output,
		[HAWK_CEL_OP_LIST] = eval_list,       [HAWK_CEL_OP_INDEX] = eval_index,
		[HAWK_CEL_OP_HAS] = eval_has,	      [HAWK_CEL_OP_HAS_OUTPUT] = eval_has_output,
		[HAWK_CEL_OP_ARGUMENT] = eval_argument, [HAWK_CEL_OP_HAS_ARGUMENT] = eval_has_argument,
		[HAWK_CEL_OP_IN] = eval_in,
		[HAWK_CEL_OP_AND] = eval_logic,	      [HAWK_CEL_OP_OR] = eval_logic,
		[HAWK_CEL_OP_COND] = eval_cond,	      [HAWK_CEL_OP_FUNCTION] = hawk_cel_run_call,
	};
	const struct hawk_cel_node *n = &run->cel->nodes[node];

	if (++run->steps > HAWK_CEL_STEPS_MAX)
		run->exhausted = true;
	if (run->exhausted)
		hawk_cel_set_unknown(ret);
	else if (n->op == HAWK_CEL_OP_CONST)
		*ret = n->value;
	else if (n->op == HAWK_CEL_OP_FIELD)
		hawk_cel_read(run, &run->cel->fields[n->index], ret);
	else if (n->op == HAWK_CEL_OP_LOCAL)
		*ret = run->locals[n->index];
	else if (n->op < sizeof(values) / sizeof(values[0]) && values[n->op])
		values[n->op](run, n, ret);
	else
		eval_operator(run, n, ret);
}

/* Whether it is true: of an AND the first that is not decides. */
static bool holds(struct hawk_cel_run *run, uint16_t node)
{
	const struct hawk_cel_node *nodes = run->cel->nodes, *n = &nodes[node];
	struct hawk_cel_value v;

	if (n->op != HAWK_CEL_OP_AND && n->op != HAWK_CEL_OP_OR) {
		hawk_cel_run(run, node, &v);
		return is_true(&v);
	}
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = nodes[k].next)
		if (holds(run, k) == (n->op == HAWK_CEL_OP_OR))
			return n->op == HAWK_CEL_OP_OR;
	return n->op == HAWK_CEL_OP_AND;
}

bool hawk_cel_test(const struct hawk_cel *cel, const struct hawk_cel_input *in)
{
	struct hawk_cel_value locals[HAWK_CEL_LOCALS_MAX];
	struct hawk_cel_run run = { .cel = cel, .in = in, .locals = locals, .locals_left = HAWK_CEL_LOCALS_MAX };
	const size_t used = in->arena ? in->arena->used : 0;
	bool r = holds(&run, cel->root);

	if (in->arena) {
		in->arena->used = used;
		in->arena->exhausted += run.exhausted;
	}
	return r && !run.exhausted;
}

void hawk_cel_eval(const struct hawk_cel *cel, const struct hawk_cel_input *in, struct hawk_cel_value *ret)
{
	struct hawk_cel_value locals[HAWK_CEL_LOCALS_MAX];
	struct hawk_cel_run run = { .cel = cel, .in = in, .locals = locals, .locals_left = HAWK_CEL_LOCALS_MAX };

	hawk_cel_run(&run, cel->root, ret);
	if (!run.exhausted)
		return;
	hawk_cel_set_unknown(ret);
	if (in->arena)
		in->arena->exhausted++;
}
