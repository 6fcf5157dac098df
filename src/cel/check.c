/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types of operators and macros. */
#include <errno.h>
#include <string.h>

#include "src/cel/node.h"

const char *hawk_cel_type_name(enum hawk_cel_type type)
{
	static const char *const names[] = {
		[HAWK_CEL_UNKNOWN] = "this value", [HAWK_CEL_NULL] = "null", [HAWK_CEL_BOOL] = "a truth value",
		[HAWK_CEL_INT] = "a number", [HAWK_CEL_UINT] = "a number", [HAWK_CEL_DOUBLE] = "a number",
		[HAWK_CEL_STRING] = "text", [HAWK_CEL_DURATION] = "a duration", [HAWK_CEL_TIME] = "a time",
		[HAWK_CEL_IP] = "an address", [HAWK_CEL_LIST] = "a list", [HAWK_CEL_PROCESS] = "a process",
	};

	return names[type];
}

static bool is_number(unsigned int type)
{
	return type == HAWK_CEL_INT || type == HAWK_CEL_UINT || type == HAWK_CEL_DOUBLE;
}

/* NODE must be of TYPE, as far as that is known. */
static int expect(struct hawk_cel_compiler *c, uint16_t node, enum hawk_cel_type type, const char *where)
{
	const struct hawk_cel_node *n = &c->cel->nodes[node];

	if (n->type == type || n->type == HAWK_CEL_UNKNOWN)
		return 0;
	return hawk_cel_refuse(c, n->at, "expected %s %s, not %s", hawk_cel_type_name(type), where,
			       hawk_cel_type_name(n->type));
}

/* What time and durations make of each other; HAWK_CEL_UNKNOWN: nothing. */
static enum hawk_cel_type moment_of(enum hawk_cel_op op, unsigned int a, unsigned int b)
{
	if (a == HAWK_CEL_DURATION && b == HAWK_CEL_DURATION)
		return HAWK_CEL_DURATION;
	if (a == HAWK_CEL_TIME && b == HAWK_CEL_DURATION)
		return HAWK_CEL_TIME;
	if (op == HAWK_CEL_OP_ADD)
		return a == HAWK_CEL_DURATION && b == HAWK_CEL_TIME ? HAWK_CEL_TIME : HAWK_CEL_UNKNOWN;
	return a == HAWK_CEL_TIME && b == HAWK_CEL_TIME ? HAWK_CEL_DURATION : HAWK_CEL_UNKNOWN;
}

static int check_arithmetic(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const struct hawk_cel_node *a = &c->cel->nodes[n->first], *b = &c->cel->nodes[a->next];
	const enum hawk_cel_op op = n->op;

	n->type = HAWK_CEL_UNKNOWN;
	if (a->type == HAWK_CEL_UNKNOWN || b->type == HAWK_CEL_UNKNOWN)
		return 0;
	if (is_number(a->type) && is_number(b->type)) {
		n->type = a->type == HAWK_CEL_DOUBLE || b->type == HAWK_CEL_DOUBLE ? HAWK_CEL_DOUBLE :
			  a->type != b->type || (a->type == HAWK_CEL_UINT && op == HAWK_CEL_OP_SUB) ?
			  HAWK_CEL_UNKNOWN : a->type; /* with a sign or not, as it comes out */
		return 0;
	}
	if (op == HAWK_CEL_OP_ADD && a->type == b->type && (a->type == HAWK_CEL_STRING || a->type == HAWK_CEL_LIST)) {
		n->type = a->type;
		n->elem = a->elem == b->elem ? a->elem : HAWK_CEL_UNKNOWN;
		return 0;
	}
	if (op == HAWK_CEL_OP_ADD || op == HAWK_CEL_OP_SUB)
		n->type = (uint8_t)moment_of(op, a->type, b->type);
	if (n->type != HAWK_CEL_UNKNOWN)
		return 0;
	return hawk_cel_refuse(c, n->at, "this cannot be done with %s and %s%s", hawk_cel_type_name(a->type),
			       hawk_cel_type_name(b->type),
			       op == HAWK_CEL_OP_ADD ? "; string(x) makes text of a value" : "");
}

/* Converts the literal on one side of a comparison to what the other side is. */
static int convert_sides(struct hawk_cel_compiler *c, uint16_t a, uint16_t b)
{
	int r = 0;

	if (c->cel->nodes[b].op == HAWK_CEL_OP_CONST && c->cel->nodes[b].type != HAWK_CEL_LIST)
		r = hawk_cel_convert(c, a, b);
	if (r == 0 && c->cel->nodes[a].op == HAWK_CEL_OP_CONST && c->cel->nodes[a].type != HAWK_CEL_LIST)
		r = hawk_cel_convert(c, b, a);
	return r;
}

static bool comparable(unsigned int a, unsigned int b)
{
	return a == b || a == HAWK_CEL_UNKNOWN || b == HAWK_CEL_UNKNOWN || (is_number(a) && is_number(b));
}

/* "x != null" asks whether there is a value; Tracee's functions give null where they find nothing. */
static int make_null_test(struct hawk_cel_compiler *c, uint16_t node, uint16_t what)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];
	const bool same = n->op == HAWK_CEL_OP_EQ;
	const uint32_t at = n->at;
	int inner;

	c->cel->nodes[what].next = HAWK_CEL_NONE;
	n->op = HAWK_CEL_OP_HAS;
	n->first = what;
	n->n = 1;
	if (!same)
		return 0;
	inner = hawk_cel_add_node(c, HAWK_CEL_OP_HAS, at);
	if (inner < 0)
		return inner;
	n = &c->cel->nodes[node];
	c->cel->nodes[inner] = *n;
	c->cel->nodes[inner].next = HAWK_CEL_NONE;
	n->op = HAWK_CEL_OP_NOT;
	n->first = (uint16_t)inner;
	return 0;
}

static int check_comparison(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const uint16_t left = n->first, right = c->cel->nodes[left].next;
	const struct hawk_cel_node *a = &c->cel->nodes[left], *b = &c->cel->nodes[right];
	const bool equality = n->op == HAWK_CEL_OP_EQ || n->op == HAWK_CEL_OP_NE;
	int r = convert_sides(c, left, right);

	n->type = HAWK_CEL_BOOL;
	if (r < 0)
		return r;
	if (equality && c->scope->tracee && (a->type == HAWK_CEL_NULL) != (b->type == HAWK_CEL_NULL))
		return make_null_test(c, (uint16_t)(n - c->cel->nodes), a->type == HAWK_CEL_NULL ? right : left);
	if (equality && (a->type == HAWK_CEL_NULL || b->type == HAWK_CEL_NULL))
		return hawk_cel_refuse(c, n->at, "nothing is null: has(x) asks whether there is a value");
	/* text is compared with what has names, which a number that is written down has not */
	if (!comparable(a->type, b->type) && ((a->type != HAWK_CEL_STRING && b->type != HAWK_CEL_STRING) ||
	    (a->op == HAWK_CEL_OP_CONST && a->type != HAWK_CEL_STRING) ||
	    (b->op == HAWK_CEL_OP_CONST && b->type != HAWK_CEL_STRING)))
		return hawk_cel_refuse(c, n->at, "%s is never compared with %s", hawk_cel_type_name(a->type),
				       hawk_cel_type_name(b->type));
	if (!comparable(a->type, b->type) && (a->type == HAWK_CEL_LIST || b->type == HAWK_CEL_LIST ||
	    a->type == HAWK_CEL_BOOL || b->type == HAWK_CEL_BOOL))
		return hawk_cel_refuse(c, n->at, "%s is never compared with %s%s", hawk_cel_type_name(a->type),
				       hawk_cel_type_name(b->type), a->type == HAWK_CEL_LIST || b->type == HAWK_CEL_LIST ?
				       "; \"x in list\" looks for one of its items" : "");
	if (!equality && (a->type == HAWK_CEL_LIST || a->type == HAWK_CEL_PROCESS || a->type == HAWK_CEL_BOOL))
		return hawk_cel_refuse(c, n->at, "%s has no order: expected == or !=", hawk_cel_type_name(a->type));
	return 0;
}

static int check_in(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const uint16_t item = n->first, list = c->cel->nodes[item].next;
	int r = expect(c, list, HAWK_CEL_LIST, "behind \"in\"");

	n->type = HAWK_CEL_BOOL;
	if (r == 0 && c->cel->nodes[list].op == HAWK_CEL_OP_CONST)
		r = hawk_cel_convert(c, item, list);
	return r;
}

/* A list of constants is a constant. */
static int check_list(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	struct hawk_cel *cel = c->cel;
	struct hawk_cel_value *items;
	bool constant = true;
	uint32_t i = 0;

	n->type = HAWK_CEL_LIST;
	n->elem = n->n ? cel->nodes[n->first].type : HAWK_CEL_UNKNOWN;
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = cel->nodes[k].next) {
		constant &= cel->nodes[k].op == HAWK_CEL_OP_CONST;
		if (cel->nodes[k].type != n->elem)
			n->elem = HAWK_CEL_UNKNOWN;
	}
	if (!constant)
		return 0;
	items = hawk_cel_own(cel, (n->n + 1U) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = cel->nodes[k].next)
		items[i++] = cel->nodes[k].value;
	n->op = HAWK_CEL_OP_CONST;
	n->first = HAWK_CEL_NONE;
	n->n = 0;
	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_LIST, .named = HAWK_T_MAX, .len = i, .items = items };
	return 0;
}

static int check_unary(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const struct hawk_cel_node *child = &c->cel->nodes[n->first];

	if (n->op == HAWK_CEL_OP_NOT) {
		n->type = HAWK_CEL_BOOL;
		return expect(c, n->first, HAWK_CEL_BOOL, "behind !");
	}
	n->type = child->type == HAWK_CEL_UINT ? HAWK_CEL_INT : child->type;
	if (is_number(child->type) || child->type == HAWK_CEL_DURATION || child->type == HAWK_CEL_UNKNOWN)
		return 0;
	return hawk_cel_refuse(c, n->at, "expected a number behind -, not %s", hawk_cel_type_name(child->type));
}

static int check_cond(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const uint16_t yes = c->cel->nodes[n->first].next, no = c->cel->nodes[yes].next;
	const struct hawk_cel_node *a = &c->cel->nodes[yes], *b = &c->cel->nodes[no];

	n->type = a->type == b->type ? a->type : HAWK_CEL_UNKNOWN;
	n->elem = a->elem == b->elem ? a->elem : HAWK_CEL_UNKNOWN;
	return expect(c, n->first, HAWK_CEL_BOOL, "before ?");
}

static int check_index(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const struct hawk_cel_node *list = &c->cel->nodes[n->first], *i = &c->cel->nodes[list->next];
	int r = expect(c, n->first, HAWK_CEL_LIST, "before [");

	n->type = list->type == HAWK_CEL_LIST ? list->elem : HAWK_CEL_UNKNOWN;
	if (r == 0 && list->type == HAWK_CEL_LIST && i->type != HAWK_CEL_UNKNOWN && i->type != HAWK_CEL_INT && i->type != HAWK_CEL_UINT)
		r = hawk_cel_refuse(c, i->at, "expected a whole number between [ and ], not %s",
				    hawk_cel_type_name(i->type));
	return r;
}

static int check_logic(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	const char *where = n->op == HAWK_CEL_OP_AND ? "beside &&" : "beside ||";
	int r = 0;

	n->type = HAWK_CEL_BOOL;
	for (uint16_t k = n->first; r == 0 && k != HAWK_CEL_NONE; k = c->cel->nodes[k].next)
		r = expect(c, k, HAWK_CEL_BOOL, where);
	return r;
}

/* An operator whose children are checked. */
static int check_operator(struct hawk_cel_compiler *c, struct hawk_cel_node *n)
{
	switch ((enum hawk_cel_op)n->op) {
	case HAWK_CEL_OP_LIST:
		return check_list(c, n);
	case HAWK_CEL_OP_INDEX:
		return check_index(c, n);
	case HAWK_CEL_OP_NOT:
	case HAWK_CEL_OP_NEG:
		return check_unary(c, n);
	case HAWK_CEL_OP_IN:
		return check_in(c, n);
	case HAWK_CEL_OP_AND:
	case HAWK_CEL_OP_OR:
		return check_logic(c, n);
	case HAWK_CEL_OP_COND:
		return check_cond(c, n);
	default:
		return n->op >= HAWK_CEL_OP_LT && n->op <= HAWK_CEL_OP_NE ? check_comparison(c, n) :
									     check_arithmetic(c, n);
	}
}

/* Takes over from the children that something is asked or changed below. */
static void gather(struct hawk_cel *cel, struct hawk_cel_node *n)
{
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = cel->nodes[k].next) {
		n->asks |= cel->nodes[k].asks;
		n->marks |= cel->nodes[k].marks;
	}
}

static int check_children(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth)
{
	int r = 0;

	for (uint16_t k = c->cel->nodes[node].first; r == 0 && k != HAWK_CEL_NONE; k = c->cel->nodes[k].next)
		r = hawk_cel_check(c, k, depth + 1);
	return r;
}

/* has(x): whether there is a value. */
static int make_has(struct hawk_cel_compiler *c, struct hawk_cel_node *n, unsigned int depth)
{
	int r = hawk_cel_check(c, n->first, depth + 1);
	const struct hawk_cel_node *child = &c->cel->nodes[n->first];

	n->op = HAWK_CEL_OP_HAS;
	n->type = HAWK_CEL_BOOL;
	gather(c->cel, n);
	if (r < 0 || child->op == HAWK_CEL_OP_FIELD || child->op == HAWK_CEL_OP_MEMBER ||
	    child->op == HAWK_CEL_OP_CAPTURE || child->op == HAWK_CEL_OP_OUTPUT || child->op == HAWK_CEL_OP_VARIABLE)
		return r;
	return hawk_cel_refuse(c, child->at, "has() asks for a field, as in has(data.pathname)");
}

/* list.exists(x, condition) and its kin. */
static int make_macro(struct hawk_cel_compiler *c, struct hawk_cel_node *n, enum hawk_cel_op op, unsigned int depth)
{
	struct hawk_cel_node *nodes = c->cel->nodes, *list = &nodes[n->first], *name = &nodes[list->next], *body;
	int r = hawk_cel_check(c, n->first, depth + 1);

	if (r == 0)
		r = expect(c, n->first, HAWK_CEL_LIST, "before it");
	if (r < 0)
		return r;
	if (name->op != HAWK_CEL_OP_NAME)
		return hawk_cel_refuse(c, name->at, "expected a name for the item, as in argv.exists(a, a == \"-c\")");
	if (c->n_locals == HAWK_CEL_DEPTH_MAX)
		return hawk_cel_refuse(c, n->at, "nested more than %d deep", HAWK_CEL_DEPTH_MAX);
	n->index = (uint16_t)c->n_locals;
	c->locals[c->n_locals++] = (struct hawk_cel_local){
		.at = name->at,
		.len = name->len,
		.type = list->type == HAWK_CEL_LIST ? list->elem : HAWK_CEL_UNKNOWN,
	};
	if (c->cel->locals < c->n_locals)
		c->cel->locals = (uint16_t)c->n_locals;
	list->next = name->next;
	body = &nodes[list->next];
	r = hawk_cel_check(c, list->next, depth + 1);
	c->n_locals--;
	n->op = (uint8_t)op;
	n->n = 2;
	gather(c->cel, n);
	n->type = op == HAWK_CEL_OP_FILTER || op == HAWK_CEL_OP_MAP ? HAWK_CEL_LIST : HAWK_CEL_BOOL;
	n->elem = op == HAWK_CEL_OP_MAP ? body->type : list->elem;
	if (r == 0 && op != HAWK_CEL_OP_MAP)
		r = expect(c, list->next, HAWK_CEL_BOOL, "as the condition");
	return r;
}

/* A macro whose name and number of arguments fit, or HAWK_CEL_OP_CALL. */
static enum hawk_cel_op macro_of(const struct hawk_cel_compiler *c, const struct hawk_cel_node *n)
{
	static const struct {
		const char *name;
		enum hawk_cel_op op;
	} macros[] = {
		{ "exists", HAWK_CEL_OP_EXISTS }, { "exists_one", HAWK_CEL_OP_EXISTS_ONE },
		{ "all", HAWK_CEL_OP_ALL }, { "filter", HAWK_CEL_OP_FILTER }, { "map", HAWK_CEL_OP_MAP },
	};

	for (size_t i = 0; n->receiver && n->n == 3 && i < sizeof(macros) / sizeof(macros[0]); i++)
		if (strlen(macros[i].name) == n->len &&
		    memcmp(macros[i].name, c->cel->text + n->at, n->len) == 0)
			return macros[i].op;
	if (!n->receiver && n->n == 1 && n->len == 3 && memcmp("has", c->cel->text + n->at, 3) == 0)
		return HAWK_CEL_OP_HAS;
	return HAWK_CEL_OP_CALL;
}

static int check_function(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];
	enum hawk_cel_op macro = macro_of(c, n);
	int row = -1, r;

	if (c->scope->tracee) {
		r = hawk_cel_tracee_call(c, node, &row);
		if (r != -ENOENT)
			return r;
	}
	if (macro == HAWK_CEL_OP_HAS)
		return make_has(c, n, depth);
	if (macro != HAWK_CEL_OP_CALL)
		return make_macro(c, n, macro, depth);
	if (row < 0)
		row = hawk_cel_find_function(c->cel->text + n->at, n->len);
	if (row < 0)
		return hawk_cel_refuse_function(c, node);
	r = check_children(c, node, depth);
	gather(c->cel, n);
	return r < 0 ? r : hawk_cel_check_call(c, node, (unsigned int)row);
}

int hawk_cel_check(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];
	int r;

	if (depth >= HAWK_CEL_TREE_DEPTH_MAX)
		return hawk_cel_refuse(c, n->at, "the expression is more than %d deep", HAWK_CEL_TREE_DEPTH_MAX);
	if (c->cel->depth < depth + 1)
		c->cel->depth = (uint16_t)(depth + 1);
	switch ((enum hawk_cel_op)n->op) {
	case HAWK_CEL_OP_CONST:
		n->type = (uint8_t)n->value.type;
		return 0;
	case HAWK_CEL_OP_NAME:
	case HAWK_CEL_OP_SELECT:
		return hawk_cel_resolve(c, node, depth);
	case HAWK_CEL_OP_CALL:
		return check_function(c, node, depth);
	default:
		break;
	}
	r = check_children(c, node, depth);
	gather(c->cel, n);
	return r < 0 ? r : check_operator(c, n);
}
