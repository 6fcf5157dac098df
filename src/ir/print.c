/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The normal text form. */
#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/ir/node.h"

/* True when V needs no quotes. */
static bool is_bare(const struct hawk_ir_value *v)
{
	for (uint32_t i = 0; i < v->len; i++)
		if (!isalnum((unsigned char)v->text[i]) && !(v->text[i] && strchr("_./:@%+-", v->text[i])))
			return false;
	return v->len > 0;
}

static void print_value(const struct hawk_ir_value *v, struct hawk_buf *out)
{
	bool bare = is_bare(v);

	if (v->pattern == HAWK_IR_ANY || v->pattern == HAWK_IR_SUFFIX || v->pattern == HAWK_IR_CONTAINS)
		hawk_buf_putc(out, '*');
	if (v->pattern == HAWK_IR_ANY)
		return;
	if (!bare)
		hawk_buf_putc(out, '"');
	for (uint32_t i = 0; i < v->len; i++) {
		unsigned char c = (unsigned char)v->text[i];

		if (c < ' ' || c == 0x7f)
			hawk_buf_printf(out, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			hawk_buf_printf(out, "\\%c", c);
		else
			hawk_buf_putc(out, (char)c);
	}
	if (!bare)
		hawk_buf_putc(out, '"');
	if (v->pattern == HAWK_IR_PREFIX || v->pattern == HAWK_IR_CONTAINS)
		hawk_buf_putc(out, '*');
}

void hawk_ir_quote(struct hawk_buf *out, const char *text, size_t len)
{
	const struct hawk_ir_value v = { .text = (char *)(uintptr_t)text, .len = (uint32_t)len };

	print_value(&v, out);
}

static void print_condition(const struct hawk_ir_condition *c, struct hawk_buf *out)
{
	static const char *const operators[] = {
		[HAWK_IR_EQ] = "=",  [HAWK_IR_NE] = "!=", [HAWK_IR_LT] = "<",
		[HAWK_IR_LE] = "<=", [HAWK_IR_GT] = ">",  [HAWK_IR_GE] = ">=",
	};

	hawk_ir_print_name(c, out);
	hawk_buf_puts(out, operators[c->compare]);
	for (size_t i = 0; i < c->n_values; i++) {
		if (i)
			hawk_buf_putc(out, '|');
		print_value(&c->values[i], out);
	}
}

/* PARENT: the kind of node that it stands in; a kind that binds less tightly needs parentheses. */
static void print_node(const struct hawk_ir *ir, uint16_t node, enum hawk_ir_kind parent,
		       struct hawk_buf *out)
{
	const struct hawk_ir_node *n = &ir->nodes[node];
	bool wrap = n->kind > parent;

	if (n->kind == HAWK_IR_CONDITION) {
		print_condition(&n->condition, out);
		return;
	}
	if (wrap)
		hawk_buf_putc(out, '(');
	if (n->kind == HAWK_IR_NOT)
		hawk_buf_lit(out, "NOT ");
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next) {
		if (child != n->first)
			hawk_buf_puts(out, n->kind == HAWK_IR_AND ? " AND " : " OR ");
		print_node(ir, child, n->kind, out);
	}
	if (wrap)
		hawk_buf_putc(out, ')');
}

int hawk_ir_print(const struct hawk_ir *ir, struct hawk_buf *out)
{
	if (ir->root != HAWK_IR_NONE)
		print_node(ir, ir->root, HAWK_IR_OR, out);
	return out->error;
}
