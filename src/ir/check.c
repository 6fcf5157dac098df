/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values against the types of their field. */
#include <errno.h>
#include <inttypes.h>
#include <linux/fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/ir/check.h"

/* names.def knows which types are sets of bits: only they take a "|". */
static bool is_bits(enum hawk_type type)
{
	uint64_t v;

	return hawk_value_parse_number(type, "0|0", &v) == 0;
}

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
	if (is_bits(type))
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

static bool has_order(enum hawk_ir_how how, enum hawk_type type)
{
	bool number = how == HAWK_IR_UINT || how == HAWK_IR_SINT || how == HAWK_IR_BOOTTIME;

	return number && type != HAWK_T_BOOL && type != HAWK_T_ERRNO;
}

static bool is_text(enum hawk_ir_how how)
{
	return how == HAWK_IR_STRING || how == HAWK_IR_STRINGS || how == HAWK_IR_SOCKADDR;
}

/* "1500ms" in nanoseconds. */
static int parse_duration(const char *text, uint64_t *ret)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {
		{ "", 1 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
		{ "min", 60000000000 }, { "h", 3600000000000 }, { "d", 86400000000000 },
	};
	size_t digits = strspn(text, "0123456789");
	char number[24];
	uint64_t v;

	if (digits == 0 || digits >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (hawk_value_parse_number(HAWK_T_U64, number, &v) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(text + digits, units[i].suffix) == 0)
			return __builtin_mul_overflow(v, units[i].ns, ret) ? -EINVAL : 0;
	return -EINVAL;
}

static int parse_number(enum hawk_type type, const struct hawk_ir_value *value, uint64_t *ret)
{
	if (strlen(value->text) != value->len)
		return -EINVAL;
	if (type == HAWK_T_DURATION)
		return parse_duration(value->text, ret);
	if (type == HAWK_T_TIME)
		type = HAWK_T_WALLTIME;
	if (type == HAWK_T_RETVAL && strncmp(value->text, "-E", 2) == 0)
		return hawk_value_parse_number(HAWK_T_ERRNO, value->text + 1, ret);
	return hawk_value_parse_number(type, value->text, ret);
}

/* An address or a network: "10.0.0.0/8". */
static int parse_network(const struct hawk_ir_value *value, struct hawk_ir_operand *ret)
{
	char text[64];
	size_t len = strcspn(value->text, "/");
	bool v4 = !memchr(value->text, ':', len);
	uint64_t bits = v4 ? 32 : 128;

	if (value->pattern != HAWK_IR_EXACT || strlen(value->text) != value->len || len >= sizeof(text))
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
	ret->ip_bits = (uint8_t)(v4 ? bits + 96 : bits);
	ret->is_ip = true;
	return 0;
}

/* Adds one flag to what must be set. */
static int add_bits(enum hawk_type type, const struct hawk_ir_value *value, struct hawk_ir_operand *all)
{
	bool named = value->text[0] < '0' || value->text[0] > '9';
	uint64_t v, mask;

	if (value->pattern == HAWK_IR_ANY)
		return 0;
	if (parse_number(type, value, &v) < 0)
		return -EINVAL;
	mask = v;
	/* The access mode is a number in the flags, and O_RDONLY is 0. */
	if (type == HAWK_T_OPEN_FLAGS && named && v <= O_ACCMODE)
		mask = O_ACCMODE;
	else if (v == 0)
		mask = UINT64_MAX; /* no flag at all */
	all->v |= v;
	all->mask |= mask;
	return 0;
}

static int make_operand(const struct hawk_ir_variant *variant, const struct hawk_ir_value *value,
			struct hawk_ir_operand *ret)
{
	if (value->pattern == HAWK_IR_ANY)
		return 0;
	switch (variant->how) {
	case HAWK_IR_BITS:
		return add_bits(variant->type, value, ret);
	case HAWK_IR_OPEN_HOW:
		return add_bits(HAWK_T_OPEN_FLAGS, value, ret);
	case HAWK_IR_IP:
		return parse_network(value, ret);
	case HAWK_IR_SOCKADDR:
		parse_network(value, ret);
		return 0;
	case HAWK_IR_STRING:
	case HAWK_IR_STRINGS:
		return 0;
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
	case HAWK_IR_BOOTTIME:
		break;
	}
	return value->pattern == HAWK_IR_EXACT ? parse_number(variant->type, value, &ret->v) : -EINVAL;
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

/* Makes the comparison of C for TYPE. Returns 0, -EINVAL when it does not fit, or -ENOMEM. */
static int make_variant(const struct hawk_ir_condition *c, enum hawk_type type, struct hawk_ir_variant *ret,
			struct hawk_ir_fault *fault)
{
	struct hawk_ir_variant v = choose(c, type);
	bool joined = v.how == HAWK_IR_BITS || v.how == HAWK_IR_OPEN_HOW;

	type = v.type;

	if (c->compare >= HAWK_IR_LT && !has_order(v.how, type))
		return hawk_ir_refuse(fault, "this field has no order: expected = or !=%s",
			      is_text(v.how) ? " or ^= $= *=" : "");
	v.operands = calloc(c->n_values, sizeof(*v.operands));
	if (!v.operands)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_values; i++) {
		if (make_operand(&v, &c->values[i], &v.operands[joined ? 0 : i]) == 0)
			continue;
		free(v.operands);
		if (c->values[i].pattern != HAWK_IR_EXACT && !is_text(v.how))
			return hawk_ir_refuse(fault, "* fits text only, and this field is: %s",
				      hawk_type_desc(type)->doc);
		return hawk_ir_refuse(fault, "\"%.64s\" does not fit this field: %s", c->values[i].text,
			      hawk_type_desc(type)->doc);
	}
	*ret = v;
	return 0;
}

/* Returns the index of the variant for TYPE, made now if there is none, -EINVAL or -ENOMEM. */
static int variant_for(struct hawk_ir_condition *c, enum hawk_type type, struct hawk_ir_fault *fault)
{
	struct hawk_ir_variant *variants, v;
	int r;

	for (size_t i = 0; i < c->n_variants; i++)
		if (c->variants[i].owner == type)
			return (int)i;
	r = make_variant(c, type, &v, fault);
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
	struct hawk_ir_fault first = { .message = "" }, other;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	c->places = calloc(n, sizeof(*c->places));
	if (!c->places)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		int column = hawk_event_field(descs[i], c->field.name), variant;

		c->places[i].column = -1;
		if (column < 0 || !has_part(c, descs[i]->fields[column].type))
			continue;
		variant = variant_for(c, descs[i]->fields[column].type, *first.message ? &other : &first);
		if (variant == -ENOMEM)
			return variant;
		if (variant >= 0)
			c->places[i] = (struct hawk_ir_place){ (int8_t)column, (uint8_t)variant };
	}
	if (c->n_variants)
		return 0;
	return hawk_ir_refuse(fault, "%s", first.message);
}

static int by_text(const void *a, const void *b)
{
	const struct hawk_ir_value *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	if (order)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return (int)x->pattern - (int)y->pattern;
}

/* Brings the values into order, each once: the normal form. */
static void sort_values(struct hawk_ir_condition *c)
{
	size_t kept = 1;

	qsort(c->values, c->n_values, sizeof(*c->values), by_text);
	for (size_t i = 1; i < c->n_values; i++) {
		if (by_text(&c->values[i], &c->values[kept - 1]) == 0)
			free(c->values[i].text);
		else
			c->values[kept++] = c->values[i];
	}
	c->n_values = kept;
}

int hawk_ir_check(struct hawk_ir_condition *c, struct hawk_ir_fault *fault)
{
	int r;

	sort_values(c);
	if (c->compare >= HAWK_IR_LT && c->n_values > 1)
		return hawk_ir_refuse(fault, "< <= > >= take one value");
	if (c->compare >= HAWK_IR_LT && c->values[0].pattern != HAWK_IR_EXACT)
		return hawk_ir_refuse(fault, "< <= > >= take a value without *");
	if (c->subject == HAWK_IR_EVENT || c->subject == HAWK_IR_SET)
		return hawk_ir_check_events(c, fault);
	if (c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_DATA)
		return check_data(c, fault);
	if (c->subject == HAWK_IR_TREE && (c->compare > HAWK_IR_NE || c->values[0].pattern == HAWK_IR_ANY))
		return hawk_ir_refuse(fault, "tree takes = and != and process ids");
	r = variant_for(c, c->subject == HAWK_IR_TREE ? HAWK_T_PID : c->field.type, fault);
	return r < 0 ? r : 0;
}

void hawk_ir_condition_done(struct hawk_ir_condition *c)
{
	for (size_t i = 0; i < c->n_values; i++)
		free(c->values[i].text);
	for (size_t i = 0; i < c->n_variants; i++)
		free(c->variants[i].operands);
	free(c->values);
	free(c->variants);
	free(c->places);
	free(c->events);
	*c = (struct hawk_ir_condition){ .values = NULL };
}
