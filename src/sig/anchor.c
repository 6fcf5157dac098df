/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which values of a guard are such that one of them must be there for it to be true. */
#include "src/base/siphash.h"
#include "src/ir/value.h"
#include "src/sig/hash.h"
#include "src/sig/set.h"

const uint8_t hawk_sig_lengths[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48 };

uint64_t hawk_sig_seed(void)
{
	struct hawk_siphash_key key;

	hawk_siphash_new_key(&key);
	return key.k[0] | 1;
}

int hawk_sig_length(size_t len)
{
	int i = 15;

	while (i >= 0 && hawk_sig_lengths[i] > len)
		i--;
	return i;
}

/* The longest run of bytes of a glob that mean themselves. */
static bool glob_run(const struct hawk_ir_value *v, enum hawk_sig_kind *ret_kind, const char **ret, size_t *ret_len)
{
	size_t best = 0, best_len = 0, i = 0;

	while (i < v->len) {
		size_t n = 0, set = 0;

		while (i + n < v->len && !memchr("*?[\\", v->text[i + n], 4))
			n++;
		/* What stands at the end is found fastest, and tells most of a path. */
		if (n > best_len || (n >= 4 && i + n == v->len)) {
			best = i;
			best_len = n;
		}
		i += n;
		if (i < v->len && v->text[i] == '[')
			set = hawk_ir_glob_set(v->text + i, v->len - i);
		i += set ? set : i < v->len && v->text[i] == '\\' ? 2 : 1;
	}
	*ret = v->text + best;
	*ret_len = best_len;
	*ret_kind = best == 0 ? HAWK_SIG_PREFIX : best + best_len == v->len ? HAWK_SIG_SUFFIX : HAWK_SIG_GRAM;
	return best_len >= 3;
}

bool hawk_sig_anchor_text(const struct hawk_ir_value *v, enum hawk_sig_kind *ret_kind, const char **ret,
			  size_t *ret_len)
{
	bool has = true;

	*ret = v->text;
	*ret_len = v->len;
	switch (v->pattern) {
	case HAWK_IR_EXACT:
		*ret_kind = HAWK_SIG_EXACT;
		return true;
	case HAWK_IR_PREFIX:
		*ret_kind = HAWK_SIG_PREFIX;
		break;
	case HAWK_IR_SUFFIX:
		*ret_kind = HAWK_SIG_SUFFIX;
		break;
	case HAWK_IR_CONTAINS:
		*ret_kind = HAWK_SIG_GRAM;
		break;
	case HAWK_IR_GLOB:
		has = glob_run(v, ret_kind, ret, ret_len);
		break;
	default:
		return false;
	}
	return has && *ret_len >= (*ret_kind == HAWK_SIG_GRAM ? 4 : 1);
}

static unsigned int cost_of_text(const struct hawk_ir_value *v)
{
	enum hawk_sig_kind kind;
	const char *text;
	size_t len;

	if (!hawk_sig_anchor_text(v, &kind, &text, &len))
		return HAWK_SIG_NO_ANCHOR;
	switch (kind) {
	case HAWK_SIG_EXACT:
		return len ? 10 : 200;
	case HAWK_SIG_SUFFIX:
		return len >= 4 ? 12 : 60;
	case HAWK_SIG_GRAM:
		return 25;
	default:
		return len >= 8 ? 20 : len >= 3 ? 40 : 150;
	}
}

/* Numbers that many events have in common are a bad anchor, though better than none. */
static unsigned int cost_of_number(enum hawk_type type)
{
	switch (type) {
	case HAWK_T_BOOL:
	case HAWK_T_UID:
	case HAWK_T_RETVAL:
	case HAWK_T_FAMILY:
	case HAWK_T_FILE_TYPE:
	case HAWK_T_S32:
	case HAWK_T_U8:
		return 100;
	default:
		return 30;
	}
}

static unsigned int cost_of_values(const struct hawk_ir_condition *c, const struct hawk_ir_variant *v)
{
	unsigned int worst = 0;

	if (c->compare != HAWK_IR_EQ || c->n_values == 0)
		return HAWK_SIG_NO_ANCHOR;
	switch (v->how) {
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
		return c->values->pattern == HAWK_IR_ANY ? HAWK_SIG_NO_ANCHOR : cost_of_number(v->type);
	case HAWK_IR_IP:
		for (size_t i = 0; i < c->n_values; i++)
			if (c->values[i].pattern != HAWK_IR_EXACT || v->operands[i].ip_bits != 128)
				return HAWK_SIG_NO_ANCHOR;
		return 10;
	case HAWK_IR_STRING:
	case HAWK_IR_STRINGS:
		for (size_t i = 0; i < c->n_values; i++) {
			unsigned int cost = cost_of_text(&c->values[i]);

			worst = cost > worst ? cost : worst;
		}
		return worst;
	default:
		return HAWK_SIG_NO_ANCHOR;
	}
}

/* The comparison that C makes in events of ROW; NULL: it is false there, whatever the values. */
static const struct hawk_ir_variant *variant_of(const struct hawk_ir_condition *c, size_t row)
{
	if (!c->places)
		return c->variants;
	return c->places[row].column < 0 ? NULL : &c->variants[c->places[row].variant];
}

static unsigned int cost_of_condition(const struct hawk_ir_condition *c, size_t row)
{
	const struct hawk_ir_variant *v;

	if (c->subject == HAWK_IR_EVENT || c->subject == HAWK_IR_SET)
		return (c->events[row / 64] >> row % 64 & 1) == (c->compare == HAWK_IR_EQ) ? HAWK_SIG_NO_ANCHOR : 0;
	if (c->subject != HAWK_IR_FIELD)
		return HAWK_SIG_NO_ANCHOR;
	v = variant_of(c, row);
	return v ? cost_of_values(c, v) : 0;
}

/* Recursion is bounded by HAWK_IR_DEPTH_MAX. */
static unsigned int cost_of(const struct hawk_ir *ir, uint16_t node, size_t row, uint16_t *ret_best)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	unsigned int all = n->kind == HAWK_IR_AND ? HAWK_SIG_NO_ANCHOR : 0;
	uint16_t unused;

	if (n->kind == HAWK_IR_CONDITION)
		return cost_of_condition(&n->condition, row);
	if (n->kind == HAWK_IR_NOT)
		return HAWK_SIG_NO_ANCHOR;
	*ret_best = n->first;
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next) {
		unsigned int cost = cost_of(ir, child, row, &unused);

		if (n->kind == HAWK_IR_AND ? cost < all : cost > all) {
			all = cost;
			*ret_best = child;
		}
	}
	return all;
}

static int emit(const struct hawk_ir *ir, uint16_t node, size_t row,
		int (*add)(void *ctx, const struct hawk_sig_anchor *anchor), void *ctx)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	uint16_t best = HAWK_IR_NONE;
	int r = 0;

	if (cost_of(ir, node, row, &best) == 0)
		return 0;
	if (n->kind == HAWK_IR_CONDITION) {
		struct hawk_sig_anchor anchor = { &n->condition, variant_of(&n->condition, row) };

		return add(ctx, &anchor);
	}
	if (n->kind == HAWK_IR_AND)
		return emit(ir, best, row, add, ctx);
	for (uint16_t child = n->first; child != HAWK_IR_NONE && r == 0; child = ir->nodes[child].next)
		r = emit(ir, child, row, add, ctx);
	return r;
}

int hawk_sig_anchor(const struct hawk_ir *guard, size_t row,
		    int (*add)(void *ctx, const struct hawk_sig_anchor *anchor), void *ctx, unsigned int *ret_cost)
{
	uint16_t unused;

	*ret_cost = HAWK_SIG_NO_ANCHOR;
	if (!guard || guard->root == HAWK_IR_NONE)
		return 0;
	*ret_cost = cost_of(guard, guard->root, row, &unused);
	if (!add || *ret_cost == 0 || *ret_cost >= HAWK_SIG_NO_ANCHOR)
		return 0;
	return emit(guard, guard->root, row, add, ctx);
}
