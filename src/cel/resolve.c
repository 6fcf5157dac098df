/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names stand for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/nearest.h"
#include "src/cel/node.h"

#define NAME_BYTES (2 * HAWK_NEAREST_MAX)

/* A chain of selections as one name. */
struct chain {
	char name[NAME_BYTES];
	uint16_t bottom; /* the node below all selections: a name, or another expression */
	size_t at;
};

/* Writes the names above BOTTOM, which NODE is or selects from, with dots between them. */
static int read_chain(struct hawk_cel_compiler *c, uint16_t node, struct chain *ret)
{
	const struct hawk_cel_node *nodes = c->cel->nodes;
	size_t left = sizeof(ret->name) - 1;

	ret->name[left] = '\0';
	ret->at = nodes[node].at;
	for (;; node = nodes[node].first) {
		const struct hawk_cel_node *n = &nodes[node];

		if (n->op != HAWK_CEL_OP_NAME && n->op != HAWK_CEL_OP_SELECT)
			break;
		if (n->len + 1 > left)
			return hawk_cel_refuse(c, n->at, "no field has such a long name");
		if (left < sizeof(ret->name) - 1)
			ret->name[--left] = '.';
		left -= n->len;
		memcpy(ret->name + left, c->cel->text + n->at, n->len);
		ret->at = n->at;
		if (n->op == HAWK_CEL_OP_NAME)
			break;
	}
	ret->bottom = node;
	memmove(ret->name, ret->name + left, sizeof(ret->name) - left);
	return 0;
}

struct hawk_cel_node *hawk_cel_leaf(struct hawk_cel_compiler *c, uint16_t node, enum hawk_cel_op op,
				    enum hawk_cel_type type)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];

	n->op = (uint8_t)op;
	n->type = (uint8_t)type;
	n->first = HAWK_CEL_NONE;
	n->n = 0;
	return n;
}

/* The macro variable that the LEN bytes at AT in the text name, or -1. The innermost hides others. */
static int find_local(const struct hawk_cel_compiler *c, size_t at, size_t len)
{
	const char *text = c->cel->text;

	for (unsigned int i = c->n_locals; i-- > 0;)
		if (c->locals[i].len == len && memcmp(text + c->locals[i].at, text + at, len) == 0)
			return (int)i;
	return -1;
}

/* NAME is a field of the process that FROM gives. */
static int make_member(struct hawk_cel_compiler *c, uint16_t node, uint16_t from, const char *name, size_t at)
{
	static const char head[] = "process.";
	const uint8_t type = c->cel->nodes[from].type;
	struct hawk_nearest near = hawk_nearest_start(name);
	struct hawk_cel_node *n = &c->cel->nodes[node];
	char full[sizeof(head) + NAME_BYTES];
	int r = c->scope->tracee ? hawk_cel_tracee_member(c, node, from, &name) : -ENOENT;

	if (r != -ENOENT)
		return r;
	if (type != HAWK_CEL_PROCESS)
		return hawk_cel_refuse(c, at, "%s has no members such as .%s", hawk_cel_type_name(type), name);
	snprintf(full, sizeof(full), "%s%s", head, name);
	r = hawk_cel_resolve_field(c, node, full);
	if (r == 0 && c->cel->fields[n->index].field.scope == HAWK_SCOPE_PROCESS) {
		n->op = HAWK_CEL_OP_MEMBER;
		n->first = from;
		n->n = 1;
		n->asks = c->cel->nodes[from].asks;
		c->cel->nodes[from].next = HAWK_CEL_NONE;
		return 0;
	}
	if (r < 0 && r != -ENOENT)
		return r;
	for (size_t i = 0; i < hawk_process_fields(); i++)
		hawk_nearest_offer(&near, hawk_process_field(i)->name + strlen(head));
	return hawk_cel_refuse(c, at, "a process has no field .%s%s%s", name, near.best ? "; did you mean ." : "",
			       near.best ? near.best : "");
}

/* Selections from something that is no plain name, or from a variable of a macro. */
static int resolve_members(struct hawk_cel_compiler *c, uint16_t node, const struct chain *chain, unsigned int depth)
{
	struct hawk_cel_node *bottom = &c->cel->nodes[chain->bottom];
	const char *rest = chain->name;
	int r;

	if (bottom->op == HAWK_CEL_OP_NAME) {
		int local = find_local(c, bottom->at, bottom->len);

		rest += bottom->len;
		hawk_cel_leaf(c, chain->bottom, HAWK_CEL_OP_LOCAL, c->locals[local].type);
		bottom->index = (uint16_t)local;
		bottom->elem = c->locals[local].elem;
		if (!*rest)
			return 0;
		rest++;
	} else {
		r = hawk_cel_check(c, chain->bottom, depth + 1);
		if (r < 0)
			return r;
	}
	return make_member(c, node, chain->bottom, rest, c->cel->nodes[node].at);
}

static int resolve_variable(struct hawk_cel_compiler *c, uint16_t node, const struct hawk_cel *expr,
			    unsigned int depth)
{
	struct hawk_cel *cel = c->cel;
	const struct hawk_cel **all;
	struct hawk_cel_node *n;

	if (depth + expr->depth > HAWK_CEL_TREE_DEPTH_MAX)
		return hawk_cel_refuse(c, cel->nodes[node].at, "the expression is more than %d deep, with its variables",
				       HAWK_CEL_TREE_DEPTH_MAX);
	all = realloc(cel->variables, (cel->n_variables + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	cel->variables = all;
	if (!cel->missing)
		cel->missing = expr->missing;
	all[cel->n_variables++] = expr;
	atomic_fetch_add(&((struct hawk_cel *)(uintptr_t)expr)->refs, 1);
	if (cel->depth < depth + expr->depth)
		cel->depth = (uint16_t)(depth + expr->depth);
	n = hawk_cel_leaf(c, node, HAWK_CEL_OP_VARIABLE, hawk_cel_type(expr));
	n->elem = expr->nodes[expr->root].elem;
	n->asks = expr->nodes[expr->root].asks;
	n->marks = expr->nodes[expr->root].marks;
	n->variable = expr;
	return 0;
}

static int resolve_list(struct hawk_cel_compiler *c, uint16_t node, const struct hawk_cel_list *list)
{
	struct hawk_cel_value *items = hawk_cel_own(c->cel, (list->n + 1) * sizeof(*items));
	struct hawk_cel_node *n;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++) {
		size_t len = strlen(list->values[i]);
		const char *text = hawk_cel_own_text(c->cel, list->values[i], len);

		if (!text)
			return -ENOMEM;
		items[i] = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX,
						    .len = (uint32_t)len, .bytes = (const uint8_t *)text };
	}
	n = hawk_cel_leaf(c, node, HAWK_CEL_OP_CONST, HAWK_CEL_LIST);
	n->elem = HAWK_CEL_STRING;
	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_LIST, .named = HAWK_T_MAX, .len = (uint32_t)list->n,
					    .items = items };
	return 0;
}

static int resolve_capture(struct hawk_cel_compiler *c, uint16_t node, const char *name, size_t at)
{
	struct hawk_nearest near = hawk_nearest_start(name);

	for (size_t i = 0; i < c->scope->n_captures; i++) {
		hawk_nearest_offer(&near, c->scope->captures[i]);
		if (strcmp(c->scope->captures[i], name) != 0)
			continue;
		struct hawk_cel_node *n = hawk_cel_leaf(c, node, HAWK_CEL_OP_CAPTURE, HAWK_CEL_UNKNOWN);

		n->index = (uint16_t)i;
		n->asks = true;
		return 0;
	}
	return hawk_cel_refuse(c, at, "nothing is captured as %s%s%s", name, near.best ? "; did you mean captured." : "",
			       near.best ? near.best : "");
}

int hawk_cel_resolve_output(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	const char *copy = hawk_cel_own_text(c->cel, name, strlen(name));
	int r = hawk_cel_resolve_field(c, node, "data.output");
	struct hawk_cel_node *n;

	if (!copy)
		return -ENOMEM;
	if (r == -ENOENT)
		return hawk_cel_refuse(c, c->cel->nodes[node].at, "none of these events is a finding, which has outputs");
	if (r < 0)
		return r;
	n = hawk_cel_leaf(c, node, HAWK_CEL_OP_OUTPUT, HAWK_CEL_STRING);
	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX,
					    .len = (uint32_t)strlen(name), .bytes = (const uint8_t *)copy };
	return 0;
}

/* A name that is not that of a field. -ENOENT: it is none of these. */
static int resolve_special(struct hawk_cel_compiler *c, uint16_t node, const struct chain *chain, unsigned int depth)
{
	const struct hawk_cel_scope *scope = c->scope;
	const char *name = chain->name;
	int row;

	for (size_t i = 0; i < scope->n_variables; i++)
		if (strcmp(scope->variables[i].name, name) == 0)
			return resolve_variable(c, node, scope->variables[i].expr, depth);
	for (size_t i = 0; i < scope->n_lists; i++)
		if (strcmp(scope->lists[i].name, name) == 0)
			return resolve_list(c, node, &scope->lists[i]);
	if (strncmp(name, "captured.", 9) == 0)
		return resolve_capture(c, node, name + 9, chain->at);
	if (strncmp(name, "finding.", 8) == 0)
		return hawk_cel_resolve_output(c, node, name + 8);
	if (scope->tracee)
		return hawk_cel_tracee_name(c, node, chain->at, name);
	row = hawk_cel_find_function(name, strlen(name));
	return row >= 0 && row < HAWK_CEL_F_TRACEE && hawk_cel_is_value(row) ? hawk_cel_make_function(c, node, (unsigned int)row) : -ENOENT;
}

int hawk_cel_resolve(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth)
{
	const struct hawk_cel_node *bottom;
	struct chain chain;
	int r = read_chain(c, node, &chain);

	if (r < 0)
		return r;
	bottom = &c->cel->nodes[chain.bottom];
	if (bottom->op != HAWK_CEL_OP_NAME || find_local(c, bottom->at, bottom->len) >= 0)
		return resolve_members(c, node, &chain, depth);
	r = resolve_special(c, node, &chain, depth);
	if (r == -ENOENT)
		r = hawk_cel_resolve_field(c, node, chain.name);
	return r == -ENOENT ? hawk_cel_refuse_name(c, chain.at, chain.name) : r;
}
