/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values against the types of their field. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/ir/value.h"

#define TREE_TAKES "tree takes = and != and process ids"

static enum hawk_ir_how how_of(enum hawk_type type)
{
	switch (type) {
	case HAWK_T_TIME:
		return HAWK_IR_BOOTTIME;
	case HAWK_T_SOCKADDR:
	case HAWK_T_SOCKADDR_OUT:
		return HAWK_IR_SOCKADDR;
	case HAWK_T_OPEN_HOW:
		return HAWK_IR_OPEN_HOW;
	default:
		break;
	}
	if (hawk_type_is_bits(type))
		return HAWK_IR_BITS;
	switch (hawk_type_desc(type)->vclass) {
	case HAWK_V_SINT:
		return HAWK_IR_SINT;
	case HAWK_V_IP:
		return HAWK_IR_IP;
	case HAWK_V_BYTES:
		return HAWK_IR_STRING;
	case HAWK_V_STRV:
		return HAWK_IR_STRINGS;
	case HAWK_V_UINT:
	case HAWK_V_TASK:
		break;
	}
	return HAWK_IR_UINT;
}

/* What is compared of a field of TYPE: a part, for a number behind a pointer the one without a name, else all. */
static struct hawk_ir_variant choose(const struct hawk_ir_condition *c, enum hawk_type type)
{
	struct hawk_ir_variant v = { .owner = type, .type = type };

	v.inside = c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_DATA &&
		   hawk_part_find(type, c->part ? c->part : "", &v.part) == 0;
	if (v.inside)
		v.type = v.part.type;
	v.how = how_of(v.type);
	return v;
}

/* True when fields of TYPE have what C compares. */
static bool has_part(const struct hawk_ir_condition *c, enum hawk_type type)
{
	struct hawk_part part;

	return hawk_type_desc(type)->vclass != HAWK_V_TASK && (!c->part || hawk_part_find(type, c->part, &part) == 0);
}

/* Returns the index of the variant for TYPE, made now if there is none, -EINVAL or -ENOMEM. */
static int variant_for(struct hawk_ir_condition *c, enum hawk_type type, struct hawk_ir_fault *fault)
{
	struct hawk_ir_variant *variants, v;
	int r;

	for (size_t i = 0; i < c->n_variants; i++)
		if (c->variants[i].owner == type)
			return (int)i;
	v = choose(c, type);
	r = hawk_ir_make_operands(c, &v, fault);
	if (r < 0)
		return r;
	variants = realloc(c->variants, (c->n_variants + 1) * sizeof(*variants));
	if (!variants) {
		free(v.operands);
		return -ENOMEM;
	}
	c->variants = variants;
	variants[c->n_variants] = v;
	return (int)c->n_variants++;
}

/* A data field: its place and type in each event that has it. At least one must take the value. */
static int check_data(struct hawk_ir_condition *c, struct hawk_ir_fault *fault)
{
	/* Of several types the one that takes most of the values says what is wrong. */
	struct hawk_ir_fault best = { .at = 0 }, one;
	/* Of the types that do not take it, as many events have the same ones. */
	bool refused[HAWK_T_MAX] = { false };
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	c->places = calloc(n, sizeof(*c->places));
	if (!c->places)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		int column = hawk_event_field(descs[i], c->field.name), variant;
		enum hawk_type type = column < 0 ? HAWK_T_MAX : descs[i]->fields[column].type;

		c->places[i].column = -1;
		if (column < 0 || refused[type] || !has_part(c, type))
			continue;
		one.at = fault->at;
		variant = variant_for(c, type, &one);
		if (variant == -ENOMEM)
			return variant;
		refused[type] = variant < 0;
		if (variant < 0 && one.at > best.at)
			best = one;
		if (variant >= 0)
			c->places[i] = (struct hawk_ir_place){ (int8_t)column, (uint8_t)variant };
	}
	if (c->n_variants)
		return 0;
	*fault = best;
	return -EINVAL;
}

int hawk_ir_check(struct hawk_ir_condition *c, struct hawk_ir_fault *fault)
{
	int r;

	hawk_ir_order_values(c);
	if (c->compare >= HAWK_IR_LT && c->n_values > 1)
		return hawk_ir_refuse(fault, "< <= > >= take one value");
	if (c->compare >= HAWK_IR_LT && c->values[0].pattern != HAWK_IR_EXACT)
		return hawk_ir_refuse(fault, "< <= > >= take a value without * ? or [");
	if (c->n_values > 1 && c->values[c->n_values - 1].pattern >= HAWK_IR_ANY &&
	    c->from[HAWK_IR_ANY] != c->from[HAWK_IR_ANY + 1])
		return hawk_ir_refuse(fault, "* alone takes any value: expected no others beside it");
	if (c->subject == HAWK_IR_EVENT || c->subject == HAWK_IR_SET)
		return hawk_ir_check_events(c, fault);
	if (c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_DATA)
		return check_data(c, fault);
	if (c->subject == HAWK_IR_TREE && (c->compare > HAWK_IR_NE || c->values[0].pattern == HAWK_IR_ANY))
		return hawk_ir_refuse(fault, TREE_TAKES);
	r = variant_for(c, c->subject == HAWK_IR_TREE ? HAWK_T_PID : c->field.type, fault);
	if (r >= 0 && c->subject == HAWK_IR_TREE && c->variants->how == HAWK_IR_SINT_RANGE)
		return hawk_ir_refuse(fault, TREE_TAKES);
	return r < 0 ? r : 0;
}

void hawk_ir_condition_done(struct hawk_ir_condition *c)
{
	for (size_t i = 0; i < c->n_values; i++)
		hawk_ir_value_done(&c->values[i]);
	for (size_t i = 0; i < c->n_variants; i++)
		free(c->variants[i].operands);
	free(c->values);
	free(c->variants);
	free(c->places);
	free(c->events);
	*c = (struct hawk_ir_condition){ .values = NULL };
}
