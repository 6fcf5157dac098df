/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The normal text form. */
#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/ir/value.h"

/* True when it needs no quotes. */
static bool is_bare(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !(text[i] && strchr("_./:@%+-", text[i])))
			return false;
	return len > 0;
}

/* LEN bytes at TEXT that mean themselves. */
static void print_literal(const char *text, size_t len, struct hawk_buf *out)
{
	bool bare = is_bare(text, len);

	if (!bare)
		hawk_buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			hawk_buf_printf(out, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			hawk_buf_printf(out, "\\%c", c);
		else
			hawk_buf_putc(out, (char)c);
	}
	if (!bare)
		hawk_buf_putc(out, '"');
}

/* The bytes from I on that mean themselves, without their backslashes. Returns where they end. */
static size_t print_run(const struct hawk_ir_value *v, size_t i, struct hawk_buf *out)
{
	char run[256];
	size_t n = 0;

	while (i < v->len && !strchr("*?[", v->text[i] ? v->text[i] : ' ') && n < sizeof(run)) {
		i += v->text[i] == '\\';
		run[n++] = v->text[i++];
	}
	print_literal(run, n, out);
	return i;
}

static void print_glob(const struct hawk_ir_value *v, struct hawk_buf *out)
{
	for (size_t i = 0; i < v->len;) {
		size_t set = v->text[i] == '[' ? hawk_ir_glob_set(v->text + i, v->len - i) : 0;

		if (v->text[i] == '*' || v->text[i] == '?')
			set = 1;
		hawk_buf_put(out, v->text + i, set);
		i = set ? i + set : print_run(v, i, out);
	}
}

static void print_value(const struct hawk_ir_value *v, struct hawk_buf *out)
{
	if (v->pattern == HAWK_IR_GLOB) {
		print_glob(v, out);
		return;
	}
	if (v->pattern == HAWK_IR_ANY || v->pattern == HAWK_IR_SUFFIX || v->pattern == HAWK_IR_CONTAINS)
		hawk_buf_putc(out, '*');
	if (v->pattern == HAWK_IR_ANY)
		return;
	print_literal(v->text, v->len, out);
	if (v->pattern == HAWK_IR_PREFIX || v->pattern == HAWK_IR_CONTAINS)
		hawk_buf_putc(out, '*');
}

void hawk_ir_quote(struct hawk_buf *out, const char *text, size_t len)
{
	print_literal(text, len, out);
}

static const char *operator_of(const struct hawk_ir_condition *c)
{
	static const char *const operators[] = {
		[HAWK_IR_EQ] = "=",  [HAWK_IR_NE] = "!=", [HAWK_IR_LT] = "<",
		[HAWK_IR_LE] = "<=", [HAWK_IR_GT] = ">",  [HAWK_IR_GE] = ">=",
	};
	const bool not = c->compare == HAWK_IR_NE;

	switch (c->values[0].pattern) {
	case HAWK_IR_REGEX:
		return not ? "!~" : "~=";
	case HAWK_IR_ANY_BIT:
		return not ? "!&" : "&=";
	case HAWK_IR_WHOLE:
		return not ? "!==" : "==";
	default:
		return operators[c->compare];
	}
}

static void print_condition(const struct hawk_ir_condition *c, struct hawk_buf *out)
{
	hawk_ir_print_name(c, out);
	hawk_buf_puts(out, operator_of(c));
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
