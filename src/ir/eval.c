/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees over events. Called for every event: nothing here allocates. */
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "src/ir/value.h"

bool hawk_ir_match(const struct hawk_ir_value *v, const uint8_t *p, size_t len)
{
	switch (v->pattern) {
	case HAWK_IR_ANY:
		return true;
	case HAWK_IR_EXACT:
		return len == v->len && memcmp(p, v->text, len) == 0;
	case HAWK_IR_PREFIX:
		return len >= v->len && memcmp(p, v->text, v->len) == 0;
	case HAWK_IR_SUFFIX:
		return len >= v->len && memcmp(p + len - v->len, v->text, v->len) == 0;
	case HAWK_IR_CONTAINS:
		return memmem(p, len, v->text, v->len);
	case HAWK_IR_GLOB:
		return hawk_ir_glob_match(v, p, len);
	case HAWK_IR_REGEX:
		return hawk_ir_regex_match(v->code, p, len);
	case HAWK_IR_ANY_BIT:
	case HAWK_IR_WHOLE:
	case HAWK_IR_PATTERNS:
		break;
	}
	return false;
}

static bool match_strings(const struct hawk_ir_condition *c, const uint8_t *p, size_t len)
{
	while (len) {
		size_t one = strnlen((const char *)p, len), step = one < len ? one + 1 : one;

		if (hawk_ir_match_any(c, p, one))
			return true;
		p += step;
		len -= step;
	}
	return false;
}

/* An internet address, or the path of a Unix socket, "@" for the NUL of an abstract one. */
static bool match_sockaddr(const struct hawk_ir_condition *c, const struct hawk_ir_operand *o, const uint8_t *p,
			   size_t len)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	sa_family_t family;

	if (len < sizeof(family))
		return false;
	memcpy(&family, p, sizeof(family));
	if (family == AF_INET && len >= offsetof(struct sockaddr_in, sin_zero)) {
		memcpy(ip + 12, p + offsetof(struct sockaddr_in, sin_addr), 4);
		return hawk_ir_has_ip(o, c->n_values, ip);
	}
	if (family == AF_INET6 && len >= offsetof(struct sockaddr_in6, sin6_scope_id))
		return hawk_ir_has_ip(o, c->n_values, p + offsetof(struct sockaddr_in6, sin6_addr));
	p += sizeof(family);
	len -= sizeof(family);
	if (family != AF_UNIX || len == 0 || len > sizeof(path))
		return false;
	memcpy(path, p, len);
	if (path[0])
		len = strnlen(path, len);
	else
		path[0] = '@';
	return hawk_ir_match_any(c, (const uint8_t *)path, len);
}

static int order_of(enum hawk_ir_how how, uint64_t a, uint64_t b)
{
	if (how == HAWK_IR_SINT)
		return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
	return (a > b) - (a < b);
}

/* The flags word of a struct open_how, openat2(2). */
static uint64_t open_how_flags(const struct hawk_value *v)
{
	uint64_t flags = 0;

	memcpy(&flags, v->bytes, v->len < sizeof(flags) ? v->len : sizeof(flags));
	return flags;
}

static bool has_bits(const struct hawk_ir_operand *o, uint64_t word)
{
	return (word & o->mask) == o->v;
}

static bool has_any_bits(const struct hawk_ir_operand *o, size_t n, uint64_t word)
{
	for (size_t i = 0; i < n; i++)
		if (o[i].any ? (word & o[i].mask) != 0 : has_bits(&o[i], word))
			return true;
	return false;
}

static bool match_any(const struct hawk_ir_condition *c, const struct hawk_ir_variant *variant,
		      const struct hawk_value *v)
{
	const struct hawk_ir_operand *o = variant->operands;

	if (c->values->pattern == HAWK_IR_ANY)
		return true;
	switch (variant->how) {
	case HAWK_IR_BITS:
		return has_bits(o, v->u);
	case HAWK_IR_OPEN_HOW:
		return has_bits(o, open_how_flags(v));
	case HAWK_IR_ANY_BITS:
		return has_any_bits(o, c->n_values, v->u);
	case HAWK_IR_IP:
		return hawk_ir_has_ip(o, c->n_values, v->bytes);
	case HAWK_IR_STRING:
		return hawk_ir_match_any(c, v->bytes, v->len);
	case HAWK_IR_STRINGS:
		return match_strings(c, v->bytes, v->len);
	case HAWK_IR_SOCKADDR:
		return match_sockaddr(c, o, v->bytes, v->len);
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
	case HAWK_IR_BOOTTIME:
	case HAWK_IR_UINT_RANGE:
	case HAWK_IR_SINT_RANGE:
	case HAWK_IR_BOOTTIME_RANGE:
		return hawk_ir_has_number(variant->how, o, c->n_values, v->u);
	}
	return false;
}

/* != is the opposite of what this says. */
static bool compare(const struct hawk_ir_condition *c, const struct hawk_ir_variant *variant,
		    const struct hawk_value *v)
{
	int order;

	if (c->compare == HAWK_IR_EQ || c->compare == HAWK_IR_NE)
		return match_any(c, variant, v);
	order = order_of(variant->how, v->u, variant->operands->v);
	switch (c->compare) {
	case HAWK_IR_LT:
		return order < 0;
	case HAWK_IR_LE:
		return order <= 0;
	case HAWK_IR_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* True when any of the values that the part has fits; *ret_has: it has one. */
static bool compare_inside(const struct hawk_ir_condition *c, const struct hawk_ir_variant *variant,
			   const struct hawk_value *v, bool *ret_has)
{
	struct hawk_part_store store;
	struct hawk_value one;
	bool fits = false;
	size_t i = 0;

	for (; !fits && hawk_part_get(&variant->part, v, i, &store, &one) == 0; i++)
		fits = compare(c, variant, &one);
	*ret_has = i > 0;
	return fits;
}

#define NO_VALUE (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE | HAWK_VAL_NULL)

/* True when V fits; *ret_has: there is something to compare. */
static bool fits(const struct hawk_ir_condition *c, const struct hawk_ir_variant *variant,
		 const struct hawk_event *event, struct hawk_value *v, bool *ret_has)
{
	*ret_has = !(v->flags & NO_VALUE);
	if (!*ret_has)
		return false;
	if (variant->how == HAWK_IR_BOOTTIME || variant->how == HAWK_IR_BOOTTIME_RANGE)
		v->u += event->walltime - event->time;
	return variant->inside ? compare_inside(c, variant, v, ret_has) : compare(c, variant, v);
}

static bool eval_field(const struct hawk_ir_condition *c, const struct hawk_event *event)
{
	const struct hawk_ir_variant *variant = c->variants;
	struct hawk_value v;
	bool fit, has;

	if (c->places) {
		struct hawk_ir_place place = c->places[hawk_ir_row(event->desc)];

		if (place.column < 0)
			return false;
		variant += place.variant;
		v = event->data[place.column];
	} else if (hawk_field_get(&c->field, event, &v) < 0) {
		return false;
	}
	fit = fits(c, variant, event, &v, &has);
	return has && fit == (c->compare != HAWK_IR_NE);
}

/* The ancestor behind P, which is the I-th. */
static const struct hawk_process *next_ancestor(const struct hawk_event *event, const struct hawk_ir_env *env,
						const struct hawk_process *p, size_t i)
{
	if (env && env->parent)
		return env->parent(env->ctx, p);
	return i < event->n_ancestors ? event->ancestors[i] : NULL;
}

/* Any ancestor; with != none, of those that have such a field. */
static bool eval_ancestor(const struct hawk_ir_condition *c, const struct hawk_event *event,
			  const struct hawk_ir_env *env)
{
	const struct hawk_process *p = event->parent;
	bool any = false, fit = false, has;

	for (size_t i = 0; p && !fit && i < HAWK_IR_ANCESTORS_MAX; p = next_ancestor(event, env, p, i++)) {
		struct hawk_value v;

		if (hawk_process_get((size_t)c->field.index, p, &v) < 0)
			continue;
		fit = fits(c, c->variants, event, &v, &has);
		any |= has;
	}
	return any && fit == (c->compare != HAWK_IR_NE);
}

static bool eval_events(const struct hawk_ir_condition *c, const struct hawk_event *event)
{
	size_t row = hawk_ir_row(event->desc);

	return (c->events[row / 64] >> row % 64 & 1) == (c->compare == HAWK_IR_EQ);
}

static bool eval_tree(const struct hawk_ir_condition *c, const struct hawk_event *event,
		      const struct hawk_ir_env *env)
{
	bool in = false;

	if (!env || !env->in_tree || !event->process)
		return false;
	for (size_t i = 0; !in && i < c->n_values; i++)
		in = env->in_tree(env->ctx, event->process, (uint32_t)c->variants->operands[i].v);
	return in == (c->compare == HAWK_IR_EQ);
}

static bool eval_condition(const struct hawk_ir_condition *c, const struct hawk_event *event,
			   const struct hawk_ir_env *env)
{
	switch (c->subject) {
	case HAWK_IR_FIELD:
		return eval_field(c, event);
	case HAWK_IR_EVENT:
	case HAWK_IR_SET:
		return eval_events(c, event);
	case HAWK_IR_TREE:
		return eval_tree(c, event, env);
	case HAWK_IR_ANCESTOR:
		return eval_ancestor(c, event, env);
	}
	return false;
}

/* Recursion is bounded: the parser allows HAWK_IR_DEPTH_MAX levels. */
static bool eval_node(const struct hawk_ir *ir, uint16_t node, const struct hawk_event *event,
		      const struct hawk_ir_env *env)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	bool stop = n->kind == HAWK_IR_OR; /* the value of a child that decides */

	if (n->kind == HAWK_IR_CONDITION)
		return eval_condition(&n->condition, event, env);
	if (n->kind == HAWK_IR_NOT)
		return !eval_node(ir, n->first, event, env);
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next)
		if (eval_node(ir, child, event, env) == stop)
			return stop;
	return !stop;
}

bool hawk_ir_eval(const struct hawk_ir *ir, const struct hawk_event *event, const struct hawk_ir_env *env)
{
	return ir->root == HAWK_IR_NONE || eval_node(ir, ir->root, event, env);
}
