/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values as the evaluator wants them: numbers, bits, ranges and networks. */
#include <errno.h>
#include <linux/fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/duration.h"
#include "src/event/names.h"
#include "src/ir/value.h"

#define HAWK_IR_NUMBER_MAX 64 /* bytes of a number in a range */

static bool has_order(enum hawk_ir_how how, enum hawk_type type)
{
	bool number = how == HAWK_IR_UINT || how == HAWK_IR_SINT || how == HAWK_IR_BOOTTIME;

	return number && type != HAWK_T_BOOL && type != HAWK_T_ERRNO;
}

static bool is_text(enum hawk_ir_how how)
{
	return how == HAWK_IR_STRING || how == HAWK_IR_STRINGS || how == HAWK_IR_SOCKADDR;
}

static int parse_number(enum hawk_type type, const char *text, uint64_t *ret)
{
	if (type == HAWK_T_DURATION)
		return hawk_duration_parse(text, strlen(text), ret);
	if (type == HAWK_T_TIME)
		type = HAWK_T_WALLTIME;
	if (type == HAWK_T_RETVAL && strncmp(text, "-E", 2) == 0)
		return hawk_value_parse_number(HAWK_T_ERRNO, text + 1, ret);
	return hawk_value_parse_number(type, text, ret);
}

/* A number, or for a range its ends; an end that is left out is the least or the most there is. */
static int parse_range(const struct hawk_ir_variant *variant, const char *text, struct hawk_ir_operand *ret)
{
	const bool with_sign = variant->how == HAWK_IR_SINT || variant->how == HAWK_IR_SINT_RANGE;
	const char *dots = strstr(text, "..");
	char low[HAWK_IR_NUMBER_MAX];
	int r = 0;

	if (!dots) {
		r = parse_number(variant->type, text, &ret->v);
		ret->mask = ret->v;
		return r;
	}
	if ((size_t)(dots - text) >= sizeof(low) || (dots == text && !dots[2]))
		return -EINVAL;
	memcpy(low, text, (size_t)(dots - text));
	low[dots - text] = '\0';
	ret->v = with_sign ? 1ULL << 63 : 0;
	ret->mask = with_sign ? INT64_MAX : UINT64_MAX;
	if (*low)
		r = parse_number(variant->type, low, &ret->v);
	if (r == 0 && dots[2])
		r = parse_number(variant->type, dots + 2, &ret->mask);
	if (r < 0)
		return r;
	return (with_sign ? (int64_t)ret->v > (int64_t)ret->mask : ret->v > ret->mask) ? -ERANGE : 0;
}

/* An address or a network: "10.0.0.0/8". */
static int parse_network(const struct hawk_ir_value *value, struct hawk_ir_operand *ret)
{
	char text[64];
	size_t len = strcspn(value->text, "/");
	bool v4 = !memchr(value->text, ':', len);
	uint64_t bits = v4 ? 32 : 128;

	if (value->pattern != HAWK_IR_EXACT || len >= sizeof(text))
		return -EINVAL;
	memcpy(text, value->text, len);
	text[len] = '\0';
	if (hawk_ip_parse(text, ret->ip) < 0)
		return -EINVAL;
	if (value->text[len] &&
	    (strspn(value->text + len + 1, "0123456789") != value->len - len - 1 ||
	     hawk_value_parse_number(HAWK_T_U8, value->text + len + 1, &ret->v) < 0 || ret->v > bits))
		return -EINVAL;
	if (value->text[len])
		bits = ret->v;
	ret->v = 0;
	ret->ip_bits = (uint8_t)(v4 ? bits + 96 : bits);
	ret->is_ip = true;
	for (bits = ret->ip_bits; bits < 128; bits++)
		ret->ip[bits / 8] &= (uint8_t)~(0x80 >> bits % 8);
	return 0;
}

/* What must be set for one flag. */
static int parse_bits(enum hawk_type type, const char *text, struct hawk_ir_operand *ret)
{
	bool named = text[0] < '0' || text[0] > '9';
	uint64_t v;

	if (parse_number(type, text, &v) < 0)
		return -EINVAL;
	*ret = (struct hawk_ir_operand){ .v = v, .mask = v };
	/* The access mode is a number in the flags, and O_RDONLY is 0. */
	if (type == HAWK_T_OPEN_FLAGS && named && v <= O_ACCMODE)
		ret->mask = O_ACCMODE;
	else if (v == 0)
		ret->mask = UINT64_MAX; /* no flag at all */
	else
		ret->any = !named;
	return 0;
}

/* Adds one flag to what must be set. */
static int add_bits(enum hawk_type type, const struct hawk_ir_value *value, struct hawk_ir_operand *all)
{
	struct hawk_ir_operand one;

	if (parse_bits(type, value->text, &one) < 0)
		return -EINVAL;
	all->v |= one.v;
	all->mask |= value->pattern == HAWK_IR_WHOLE ? UINT64_MAX : one.mask;
	return 0;
}

/* Returns 0, -EINVAL when the value does not fit or -ERANGE for an empty range. */
static int make_operand(const struct hawk_ir_variant *variant, const struct hawk_ir_value *value,
			struct hawk_ir_operand *ret)
{
	if (value->pattern == HAWK_IR_ANY)
		return 0;
	if (strlen(value->text) != value->len && !is_text(variant->how))
		return -EINVAL;
	switch (variant->how) {
	case HAWK_IR_BITS:
		return add_bits(variant->type, value, ret);
	case HAWK_IR_OPEN_HOW:
		return add_bits(HAWK_T_OPEN_FLAGS, value, ret);
	case HAWK_IR_ANY_BITS:
		return parse_bits(variant->type, value->text, ret);
	case HAWK_IR_IP:
		return parse_network(value, ret);
	case HAWK_IR_SOCKADDR:
		if (strlen(value->text) == value->len)
			parse_network(value, ret);
		return 0;
	case HAWK_IR_STRING:
	case HAWK_IR_STRINGS:
		return 0;
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
	case HAWK_IR_BOOTTIME:
		return parse_number(variant->type, value->text, &ret->v);
	case HAWK_IR_UINT_RANGE:
	case HAWK_IR_SINT_RANGE:
	case HAWK_IR_BOOTTIME_RANGE:
		return parse_range(variant, value->text, ret);
	}
	return -EINVAL;
}

/* How values of this pattern are compared with such a field; says why they are not. */
static int check_pattern(const struct hawk_ir_variant *variant, const struct hawk_ir_value *v,
			 struct hawk_ir_fault *fault)
{
	const bool bits = variant->how == HAWK_IR_BITS || variant->how == HAWK_IR_ANY_BITS;
	const char *doc = hawk_type_desc(variant->type)->doc;

	switch (v->pattern) {
	case HAWK_IR_EXACT:
	case HAWK_IR_ANY:
		return 0;
	case HAWK_IR_WHOLE:
	case HAWK_IR_ANY_BIT:
		if (bits || (variant->how == HAWK_IR_OPEN_HOW && v->pattern == HAWK_IR_WHOLE))
			return 0;
		return hawk_ir_refuse(fault, "%s flags only, and this field is: %s",
				      v->pattern == HAWK_IR_WHOLE ? "== and !== compare" : "&= and !& look at", doc);
	case HAWK_IR_REGEX:
		return is_text(variant->how) ? 0 : hawk_ir_refuse(fault, "~= and !~ fit text only, and this field is: %s", doc);
	default:
		return is_text(variant->how) ? 0 : hawk_ir_refuse(fault, "* ? and [ fit text only, and this field is: %s", doc);
	}
}

/* A range among the values, or flags of which any will do, are compared in another way. */
static enum hawk_ir_how refine(const struct hawk_ir_condition *c, enum hawk_ir_how how)
{
	bool range = false;

	for (size_t i = 0; i < c->n_values; i++)
		range |= strstr(c->values[i].text, "..") != NULL;
	if (how == HAWK_IR_BITS && c->values[0].pattern == HAWK_IR_ANY_BIT)
		return HAWK_IR_ANY_BITS;
	if (!range || c->compare > HAWK_IR_NE)
		return how;
	switch (how) {
	case HAWK_IR_UINT:
		return HAWK_IR_UINT_RANGE;
	case HAWK_IR_SINT:
		return HAWK_IR_SINT_RANGE;
	case HAWK_IR_BOOTTIME:
		return HAWK_IR_BOOTTIME_RANGE;
	default:
		return how;
	}
}

static int fill(const struct hawk_ir_condition *c, struct hawk_ir_variant *v, struct hawk_ir_fault *fault)
{
	bool joined = v->how == HAWK_IR_BITS || v->how == HAWK_IR_OPEN_HOW;

	for (size_t i = 0; i < c->n_values; i++) {
		const struct hawk_ir_value *value = &c->values[i];
		int r;

		fault->at = value->at;
		r = check_pattern(v, value, fault);
		if (r < 0)
			return r;
		r = make_operand(v, value, &v->operands[joined ? 0 : i]);
		if (r == -ERANGE)
			return hawk_ir_refuse(fault, "the range \"%.64s\" is empty: its first number is the larger one",
					      value->text);
		if (r < 0)
			return hawk_ir_refuse(fault, "\"%.64s\" does not fit this field: %s", value->text,
					      hawk_type_desc(v->type)->doc);
	}
	hawk_ir_order_operands(v->how, v->operands, c->n_values);
	return 0;
}

int hawk_ir_make_operands(const struct hawk_ir_condition *c, struct hawk_ir_variant *v, struct hawk_ir_fault *fault)
{
	int r;

	if (c->compare >= HAWK_IR_LT && !has_order(v->how, v->type))
		return hawk_ir_refuse(fault, "this field has no order: expected = or !=%s",
				      is_text(v->how) ? " or ^= $= *= ~= !~" : "");
	v->how = refine(c, v->how);
	v->operands = calloc(c->n_values, sizeof(*v->operands));
	if (!v->operands)
		return -ENOMEM;
	r = fill(c, v, fault);
	if (r < 0) {
		free(v->operands);
		v->operands = NULL;
	}
	return r;
}
