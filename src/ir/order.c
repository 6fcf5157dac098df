/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values and operands in order, so that one of ten thousand is found in a few steps. */
#include <stdlib.h>
#include <string.h>

#include "src/ir/value.h"

static int by_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* The same from the last byte on. */
static int by_bytes_back(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	for (size_t i = 1; i <= a_len && i <= b_len; i++)
		if (a[a_len - i] != b[b_len - i])
			return (int)a[a_len - i] - (int)b[b_len - i];
	return (a_len > b_len) - (a_len < b_len);
}

/* How text compares with V, by the order of values of that pattern. */
static int by_text(const uint8_t *p, size_t len, const struct hawk_ir_value *v)
{
	int (*by)(const uint8_t *, size_t, const uint8_t *, size_t) =
		v->pattern == HAWK_IR_SUFFIX ? by_bytes_back : by_bytes;

	return by(p, len, (const uint8_t *)v->text, v->len);
}

static int by_value(const void *a, const void *b)
{
	const struct hawk_ir_value *x = a, *y = b;

	if (x->pattern != y->pattern)
		return (int)x->pattern - (int)y->pattern;
	return by_text((const uint8_t *)x->text, x->len, y);
}

void hawk_ir_value_done(struct hawk_ir_value *v)
{
	free(v->text);
	hawk_ir_regex_free(v->code);
}

/* A prefix of a prefix, or a suffix of a suffix, says all: with it alone one comparison decides. */
static bool covers(const struct hawk_ir_value *a, const struct hawk_ir_value *b)
{
	return a->pattern == b->pattern && hawk_ir_match(a, (const uint8_t *)b->text, b->len);
}

void hawk_ir_order_values(struct hawk_ir_condition *c)
{
	size_t kept = 0;

	qsort(c->values, c->n_values, sizeof(*c->values), by_value);
	for (size_t i = 0; i < c->n_values; i++) {
		const enum hawk_ir_pattern pattern = c->values[i].pattern;
		struct hawk_ir_value *last = kept ? &c->values[kept - 1] : NULL;
		/* of events each pattern must fit one, or it is a mistake */
		bool ends = (pattern == HAWK_IR_PREFIX || pattern == HAWK_IR_SUFFIX) && c->subject != HAWK_IR_EVENT;

		if (last && (by_value(last, &c->values[i]) == 0 || (ends && covers(last, &c->values[i]))))
			hawk_ir_value_done(&c->values[i]);
		else
			c->values[kept++] = c->values[i];
	}
	c->n_values = kept;
	for (size_t pattern = 0, i = 0; pattern <= HAWK_IR_PATTERNS; pattern++) {
		while (i < kept && c->values[i].pattern < pattern)
			i++;
		c->from[pattern] = i;
	}
}

/* The last value of PATTERN that is not behind the text, or NULL. */
static const struct hawk_ir_value *last_before(const struct hawk_ir_condition *c, enum hawk_ir_pattern pattern,
					       const uint8_t *p, size_t len)
{
	size_t low = c->from[pattern], high = c->from[pattern + 1];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_text(p, len, &c->values[middle]) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low > c->from[pattern] ? &c->values[low - 1] : NULL;
}

bool hawk_ir_match_any(const struct hawk_ir_condition *c, const uint8_t *p, size_t len)
{
	for (enum hawk_ir_pattern pattern = HAWK_IR_EXACT; pattern <= HAWK_IR_SUFFIX; pattern++) {
		const struct hawk_ir_value *v = last_before(c, pattern, p, len);

		if (v && hawk_ir_match(v, p, len))
			return true;
	}
	for (size_t i = c->from[HAWK_IR_CONTAINS]; i < c->n_values; i++)
		if (hawk_ir_match(&c->values[i], p, len))
			return true;
	return false;
}

static bool is_signed(enum hawk_ir_how how)
{
	return how == HAWK_IR_SINT || how == HAWK_IR_SINT_RANGE;
}

/* Numbers so that their order is that of unsigned ones. */
static uint64_t rank(bool with_sign, uint64_t v)
{
	return with_sign ? v ^ 1ULL << 63 : v;
}

static int by_unsigned(const void *a, const void *b)
{
	const struct hawk_ir_operand *x = a, *y = b;

	return (x->v > y->v) - (x->v < y->v);
}

static int by_signed(const void *a, const void *b)
{
	const struct hawk_ir_operand *x = a, *y = b;

	return ((int64_t)x->v > (int64_t)y->v) - ((int64_t)x->v < (int64_t)y->v);
}

/* What is no address goes to the end. */
static int by_network(const void *a, const void *b)
{
	const struct hawk_ir_operand *x = a, *y = b;
	int order = memcmp(x->ip, y->ip, sizeof(x->ip));

	if (x->is_ip != y->is_ip)
		return x->is_ip ? -1 : 1;
	return order ? order : (int)x->ip_bits - (int)y->ip_bits;
}

static bool in_network(const struct hawk_ir_operand *o, const uint8_t ip[16])
{
	size_t whole = o->ip_bits / 8;
	uint8_t rest = (uint8_t)(0xff00 >> o->ip_bits % 8);

	return memcmp(ip, o->ip, whole) == 0 && (whole == 16 || !((ip[whole] ^ o->ip[whole]) & rest));
}

/* Networks are apart or one in the other; a wider one comes first, since host bits are cleared. */
static void order_networks(struct hawk_ir_operand *o, size_t n)
{
	qsort(o, n, sizeof(*o), by_network);
	for (size_t i = 1; i < n; i++)
		if (o[i].is_ip && o[i - 1].ip_bits <= o[i].ip_bits && in_network(&o[i - 1], o[i].ip))
			o[i] = o[i - 1];
}

static void join_ranges(struct hawk_ir_operand *o, size_t n, bool with_sign)
{
	for (size_t i = 0, end; i < n; i = end) {
		uint64_t high = o[i].mask;

		for (end = i + 1; end < n && rank(with_sign, o[end].v) <= rank(with_sign, high); end++)
			if (rank(with_sign, o[end].mask) > rank(with_sign, high))
				high = o[end].mask;
		for (size_t k = i; k < end; k++)
			o[k] = (struct hawk_ir_operand){ .v = o[i].v, .mask = high };
	}
}

void hawk_ir_order_operands(enum hawk_ir_how how, struct hawk_ir_operand *o, size_t n)
{
	switch (how) {
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
	case HAWK_IR_BOOTTIME:
		qsort(o, n, sizeof(*o), is_signed(how) ? by_signed : by_unsigned);
		break;
	case HAWK_IR_UINT_RANGE:
	case HAWK_IR_SINT_RANGE:
	case HAWK_IR_BOOTTIME_RANGE:
		qsort(o, n, sizeof(*o), is_signed(how) ? by_signed : by_unsigned);
		join_ranges(o, n, is_signed(how));
		break;
	case HAWK_IR_IP:
	case HAWK_IR_SOCKADDR:
		order_networks(o, n);
		break;
	case HAWK_IR_BITS:
	case HAWK_IR_OPEN_HOW:
	case HAWK_IR_ANY_BITS:
	case HAWK_IR_STRING:
	case HAWK_IR_STRINGS:
		break;
	}
}

bool hawk_ir_has_number(enum hawk_ir_how how, const struct hawk_ir_operand *o, size_t n, uint64_t v)
{
	const bool with_sign = is_signed(how);
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rank(with_sign, o[middle].v) > rank(with_sign, v))
			high = middle;
		else
			low = middle + 1;
	}
	if (low == 0)
		return false;
	return how < HAWK_IR_UINT_RANGE ? o[low - 1].v == v : rank(with_sign, v) <= rank(with_sign, o[low - 1].mask);
}

bool hawk_ir_has_ip(const struct hawk_ir_operand *o, size_t n, const uint8_t ip[16])
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (!o[middle].is_ip || memcmp(o[middle].ip, ip, sizeof(o->ip)) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low > 0 && in_network(&o[low - 1], ip);
}
