/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text into a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/cel/node.h"

#define PAIR(a, b) ((a) | (b) << 8)

static const struct binary {
	unsigned int sign;
	enum hawk_cel_op op;
} products[] = {
	{ '*', HAWK_CEL_OP_MUL }, { '/', HAWK_CEL_OP_DIV }, { '%', HAWK_CEL_OP_MOD }, { 0, 0 },
}, sums[] = {
	{ '+', HAWK_CEL_OP_ADD }, { '-', HAWK_CEL_OP_SUB }, { 0, 0 },
}, relations[] = {
	{ '<', HAWK_CEL_OP_LT }, { PAIR('<', '='), HAWK_CEL_OP_LE }, { '>', HAWK_CEL_OP_GT },
	{ PAIR('>', '='), HAWK_CEL_OP_GE }, { PAIR('=', '='), HAWK_CEL_OP_EQ },
	{ PAIR('!', '='), HAWK_CEL_OP_NE }, { 0, 0 },
};

static int parse_expr(struct hawk_cel_compiler *c);
static int parse_unary(struct hawk_cel_compiler *c);

int hawk_cel_add_node(struct hawk_cel_compiler *c, enum hawk_cel_op op, size_t at)
{
	struct hawk_cel *cel = c->cel;
	struct hawk_cel_node *nodes;

	if (cel->n_nodes == HAWK_CEL_NODES_MAX)
		return hawk_cel_refuse(c, at, "more than %d names, literals and operators", HAWK_CEL_NODES_MAX);
	/* room for 4, 8, 16, ... nodes */
	if (cel->n_nodes < 4 ? cel->n_nodes == 0 : (cel->n_nodes & (cel->n_nodes - 1)) == 0) {
		nodes = realloc(cel->nodes, (cel->n_nodes ? 2 * cel->n_nodes : 4) * sizeof(*nodes));
		if (!nodes)
			return -ENOMEM;
		cel->nodes = nodes;
	}
	cel->nodes[cel->n_nodes] = (struct hawk_cel_node){
		.op = (uint8_t)op,
		.first = HAWK_CEL_NONE,
		.next = HAWK_CEL_NONE,
		.at = (uint32_t)at,
	};
	return (int)cel->n_nodes++;
}

void hawk_cel_add_child(struct hawk_cel *cel, int parent, int child)
{
	uint16_t *end = &cel->nodes[parent].first;

	while (*end != HAWK_CEL_NONE)
		end = &cel->nodes[*end].next;
	*end = (uint16_t)child;
	cel->nodes[parent].n++;
}

static bool at_sign(const struct hawk_cel_compiler *c, unsigned int sign)
{
	return c->token.kind == HAWK_CEL_SIGN && c->token.sign == sign;
}

static bool at_word(const struct hawk_cel_compiler *c, const char *word)
{
	return c->token.kind == HAWK_CEL_WORD && c->token.len == strlen(word) &&
	       memcmp(c->cel->text + c->token.at, word, c->token.len) == 0;
}

/* Takes the sign that must stand here. */
static int expect(struct hawk_cel_compiler *c, char sign, const char *what)
{
	return at_sign(c, (unsigned char)sign) ? hawk_cel_lex(c) : hawk_cel_refuse(c, c->token.at, "expected %s", what);
}

static int word_node(struct hawk_cel_compiler *c, enum hawk_cel_op op)
{
	struct hawk_cel_token t = c->token;
	int node = hawk_cel_add_node(c, op, t.at), r;

	if (node < 0)
		return node;
	c->cel->nodes[node].len = (uint32_t)t.len;
	r = hawk_cel_lex(c);
	return r < 0 ? r : node;
}

static int const_node(struct hawk_cel_compiler *c, struct hawk_cel_value value)
{
	int node = hawk_cel_add_node(c, HAWK_CEL_OP_CONST, c->token.at), r;

	if (node < 0)
		return node;
	value.named = HAWK_T_MAX;
	c->cel->nodes[node].value = value;
	r = hawk_cel_lex(c);
	return r < 0 ? r : node;
}

/* Expressions with commas between them up to CLOSE, as children of NODE; the sign that opens was taken. */
static int parse_list(struct hawk_cel_compiler *c, int node, char close, const char *what)
{
	int r = 0;

	while (!at_sign(c, (unsigned char)close)) {
		int item = parse_expr(c);

		if (item < 0)
			return item;
		hawk_cel_add_child(c->cel, node, item);
		if (!at_sign(c, ','))
			break;
		r = hawk_cel_lex(c);
		if (r < 0)
			return r;
	}
	r = expect(c, close, what);
	return r < 0 ? r : node;
}

/* The arguments of a call, if it is one, whose name NODE is. */
static int parse_arguments(struct hawk_cel_compiler *c, int node)
{
	int r;

	if (!at_sign(c, '('))
		return node;
	c->cel->nodes[node].receiver = c->cel->nodes[node].op == HAWK_CEL_OP_SELECT;
	c->cel->nodes[node].op = HAWK_CEL_OP_CALL;
	r = hawk_cel_lex(c);
	return r < 0 ? r : parse_list(c, node, ')', "a comma or )");
}

static int parse_name(struct hawk_cel_compiler *c)
{
	int node;

	if (at_word(c, "true") || at_word(c, "false"))
		return const_node(c, (struct hawk_cel_value){ .type = HAWK_CEL_BOOL, .b = at_word(c, "true") });
	if (at_word(c, "null"))
		return const_node(c, (struct hawk_cel_value){ .type = HAWK_CEL_NULL });
	if (at_word(c, "in"))
		return hawk_cel_refuse(c, c->token.at, "expected a value before \"in\"");
	node = word_node(c, HAWK_CEL_OP_NAME);
	return node < 0 ? node : parse_arguments(c, node);
}

static int parse_primary(struct hawk_cel_compiler *c)
{
	size_t at = c->token.at;
	int node, r;

	if (c->token.kind == HAWK_CEL_WORD)
		return parse_name(c);
	if (c->token.kind == HAWK_CEL_LITERAL) {
		if (c->token.value.type == HAWK_CEL_INT && c->token.value.u == 1ULL << 63)
			return hawk_cel_refuse(c, at, "the number is too large; one above 9223372036854775807 ends in u");
		return const_node(c, c->token.value);
	}
	if (at_sign(c, '(')) {
		r = hawk_cel_lex(c);
		node = r < 0 ? r : parse_expr(c);
		r = node < 0 ? node : expect(c, ')', "an operator or )");
		return r < 0 ? r : node;
	}
	if (at_sign(c, '[')) {
		r = hawk_cel_lex(c);
		node = r < 0 ? r : hawk_cel_add_node(c, HAWK_CEL_OP_LIST, at);
		return node < 0 ? node : parse_list(c, node, ']', "a comma or ]");
	}
	return hawk_cel_refuse(c, at, c->token.kind == HAWK_CEL_END ? "expected a value, not the end" : "expected a value");
}

/* ".name", ".name(…)" or "[i]" behind NODE. */
static int parse_behind(struct hawk_cel_compiler *c, int node)
{
	bool index = at_sign(c, '[');
	size_t at = c->token.at;
	int r = hawk_cel_lex(c), outer, inner;

	if (r < 0)
		return r;
	if (!index && c->token.kind != HAWK_CEL_WORD)
		return hawk_cel_refuse(c, c->token.at, "expected a name behind the dot");
	outer = index ? hawk_cel_add_node(c, HAWK_CEL_OP_INDEX, at) : word_node(c, HAWK_CEL_OP_SELECT);
	if (outer < 0)
		return outer;
	hawk_cel_add_child(c->cel, outer, node);
	if (!index)
		return parse_arguments(c, outer);
	inner = parse_expr(c);
	if (inner < 0)
		return inner;
	hawk_cel_add_child(c->cel, outer, inner);
	r = expect(c, ']', "]");
	return r < 0 ? r : outer;
}

/* -9223372036854775808 has no positive. */
static int parse_negative(struct hawk_cel_compiler *c)
{
	struct hawk_cel_value v = c->token.value;

	if (v.type == HAWK_CEL_INT)
		v.u = -v.u;
	else
		v.d = -v.d;
	return const_node(c, v);
}

static int parse_signed(struct hawk_cel_compiler *c)
{
	bool not = at_sign(c, '!');
	size_t at = c->token.at;
	int r = hawk_cel_lex(c), child, node;

	if (r < 0)
		return r;
	if (!not && c->token.kind == HAWK_CEL_LITERAL &&
	    (c->token.value.type == HAWK_CEL_INT || c->token.value.type == HAWK_CEL_DOUBLE))
		return parse_negative(c);
	child = parse_unary(c);
	if (child < 0)
		return child;
	node = hawk_cel_add_node(c, not ? HAWK_CEL_OP_NOT : HAWK_CEL_OP_NEG, at);
	if (node >= 0)
		hawk_cel_add_child(c->cel, node, child);
	return node;
}

/* Every level of nesting passes here. */
static int parse_unary(struct hawk_cel_compiler *c)
{
	int node;

	if (c->depth == HAWK_CEL_DEPTH_MAX)
		return hawk_cel_refuse(c, c->token.at, "nested more than %d deep", HAWK_CEL_DEPTH_MAX);
	c->depth++;
	node = at_sign(c, '!') || at_sign(c, '-') ? parse_signed(c) : parse_primary(c);
	while (node >= 0 && (at_sign(c, '.') || at_sign(c, '[')))
		node = parse_behind(c, node);
	c->depth--;
	return node;
}

static int join(struct hawk_cel_compiler *c, enum hawk_cel_op op, size_t at, int left, int right)
{
	int node = right < 0 ? right : hawk_cel_add_node(c, op, at);

	if (node < 0)
		return node;
	hawk_cel_add_child(c->cel, node, left);
	hawk_cel_add_child(c->cel, node, right);
	return node;
}

/* The operator of TABLE that stands here, or NULL. */
static const struct binary *operator_of(const struct hawk_cel_compiler *c, const struct binary *table)
{
	static const struct binary in = { 0, HAWK_CEL_OP_IN };

	if (table == relations && at_word(c, "in"))
		return &in;
	for (; c->token.kind == HAWK_CEL_SIGN && table->sign; table++)
		if (c->token.sign == table->sign)
			return table;
	return NULL;
}

/* Operands of one rank with operators of TABLE between them. */
static int parse_binary(struct hawk_cel_compiler *c, const struct binary *table)
{
	const struct binary *next = table == relations ? sums : table == sums ? products : NULL, *op;
	int left = next ? parse_binary(c, next) : parse_unary(c);

	while (left >= 0 && (op = operator_of(c, table))) {
		size_t at = c->token.at;
		int r = hawk_cel_lex(c);

		if (r < 0)
			return r;
		left = join(c, op->op, at, left, next ? parse_binary(c, next) : parse_unary(c));
	}
	return left;
}

/* Any number of operands of && or || are children of one node. */
static int parse_chain(struct hawk_cel_compiler *c, enum hawk_cel_op op)
{
	const bool and = op == HAWK_CEL_OP_AND;
	const unsigned int sign = and ? PAIR('&', '&') : PAIR('|', '|');
	int all = and ? parse_binary(c, relations) : parse_chain(c, HAWK_CEL_OP_AND), next;
	bool joined = false;

	while (all >= 0 && at_sign(c, sign)) {
		size_t at = c->token.at;
		int r = hawk_cel_lex(c);

		if (r < 0)
			return r;
		next = and ? parse_binary(c, relations) : parse_chain(c, HAWK_CEL_OP_AND);
		if (next < 0)
			return next;
		if (joined)
			hawk_cel_add_child(c->cel, all, next);
		else
			all = join(c, op, at, all, next);
		joined = true;
	}
	return all;
}

static int parse_expr(struct hawk_cel_compiler *c)
{
	int node = parse_chain(c, HAWK_CEL_OP_OR), yes, no, r;
	size_t at = c->token.at;

	if (node < 0 || !at_sign(c, '?'))
		return node;
	if (c->depth == HAWK_CEL_DEPTH_MAX)
		return hawk_cel_refuse(c, at, "nested more than %d deep", HAWK_CEL_DEPTH_MAX);
	c->depth++;
	r = hawk_cel_lex(c);
	yes = r < 0 ? r : parse_chain(c, HAWK_CEL_OP_OR);
	r = yes < 0 ? yes : expect(c, ':', ": and what it is otherwise");
	no = r < 0 ? r : parse_expr(c);
	c->depth--;
	if (no < 0)
		return no;
	node = join(c, HAWK_CEL_OP_COND, at, node, yes);
	if (node >= 0)
		hawk_cel_add_child(c->cel, node, no);
	return node;
}

int hawk_cel_parse(struct hawk_cel_compiler *c)
{
	int r = hawk_cel_lex(c), node = r < 0 ? r : parse_expr(c);

	if (node >= 0 && c->token.kind != HAWK_CEL_END)
		return hawk_cel_refuse(c, c->token.at, "expected an operator or the end");
	return node;
}
