/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text to tree. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/node.h"

struct parser {
	const char *text;
	size_t at;
	unsigned int depth;
	size_t n_values;
	struct hawk_ir *ir;
	struct hawk_ir_fault fault;
};

DEFINE_CLEANUP(struct hawk_ir, hawk_ir_free)

/* Sets the fault at AT and gives back -EINVAL. */
#define refuse(p, where, ...) \
	({ (p)->fault.at = (where); \
	   snprintf((p)->fault.message, sizeof((p)->fault.message), __VA_ARGS__); \
	   -EINVAL; })

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static void skip_space(struct parser *p)
{
	while (is_space(p->text[p->at]))
		p->at++;
}

/* True when the next word is WORD, in any case. */
static bool at_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_space(p);
	return strncasecmp(p->text + p->at, word, len) == 0 && !is_name(p->text[p->at + len]);
}

static bool take_word(struct parser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	p->at += strlen(word);
	return true;
}

/* Returns the number of a new node, -EINVAL or -ENOMEM. */
static int new_node(struct parser *p, enum hawk_ir_kind kind, size_t at)
{
	int r = hawk_ir_add_node(p->ir, kind, at);

	if (r == -E2BIG)
		return refuse(p, at, "more than %d conditions and operators", HAWK_IR_NODES_MAX);
	return r;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* The character behind a backslash in double quotes. */
static int parse_escape(struct parser *p, struct hawk_buf *out)
{
	char c = p->text[p->at];
	int high, low;

	if (c == '"' || c == '\\') {
		hawk_buf_putc(out, c);
		p->at++;
	} else if (c == 'n' || c == 't') {
		hawk_buf_putc(out, c == 'n' ? '\n' : '\t');
		p->at++;
	} else if (c == 'x' && (high = hex_digit(p->text[p->at + 1])) >= 0 &&
		   (low = hex_digit(p->text[p->at + 2])) >= 0) {
		hawk_buf_putc(out, (char)(high << 4 | low));
		p->at += 3;
	} else {
		return refuse(p, p->at, "expected one of \\\" \\\\ \\n \\t \\xNN");
	}
	return 0;
}

static int parse_quoted(struct parser *p, struct hawk_buf *out)
{
	size_t start = p->at;
	char quote = p->text[p->at++];

	for (;;) {
		char c = p->text[p->at];

		if (!c)
			return refuse(p, start, "the quoted value has no end: expected %c", quote);
		p->at++;
		if (c == quote)
			return 0;
		if (c == '\\' && quote == '"') {
			int r = parse_escape(p, out);

			if (r < 0)
				return r;
		} else {
			hawk_buf_putc(out, c);
		}
	}
}

/* One value up to "|" or its end into OUT. Stars outside quotes make the pattern. */
static int parse_value_text(struct parser *p, struct hawk_buf *out, enum hawk_ir_pattern *ret)
{
	size_t start = p->at;
	bool front = false, back = false;

	for (char c; (c = p->text[p->at]) && !is_space(c) && !strchr(",()|", c);) {
		int r = 0;

		if (back)
			return refuse(p, p->at - 1,
				      "* may stand at the ends of a value only; quote one that is meant");
		if (c == '*') {
			*(p->at == start ? &front : &back) = true;
			p->at++;
		} else if (c == '"' || c == '\'') {
			r = parse_quoted(p, out);
		} else {
			hawk_buf_putc(out, c);
			p->at++;
		}
		if (r < 0)
			return r;
	}
	if (p->at == start)
		return refuse(p, start, "expected a value; \"\" is the empty one");
	if (front)
		*ret = back ? HAWK_IR_CONTAINS : HAWK_IR_SUFFIX;
	else
		*ret = back ? HAWK_IR_PREFIX : HAWK_IR_EXACT;
	return 0;
}

/* One value of a list; FORM is the pattern that the operator asks for, or HAWK_IR_EXACT. */
static int parse_value(struct parser *p, struct hawk_ir_condition *c, enum hawk_ir_pattern form)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_value *values, value = { .text = NULL };
	size_t start = p->at;
	int r = parse_value_text(p, &text, &value.pattern);

	if (r < 0)
		return r;
	if (form != HAWK_IR_EXACT && value.pattern != HAWK_IR_EXACT)
		return refuse(p, start, "with ^=, $= and *= a * must be quoted");
	if (++p->n_values > HAWK_IR_VALUES_MAX)
		return refuse(p, start, "more than %d values", HAWK_IR_VALUES_MAX);
	if (form != HAWK_IR_EXACT)
		value.pattern = form;
	if (value.pattern != HAWK_IR_EXACT && text.len == 0)
		value.pattern = HAWK_IR_ANY;
	value.len = (uint32_t)text.len;
	hawk_buf_putc(&text, '\0');
	values = text.error ? NULL : realloc(c->values, (c->n_values + 1) * sizeof(*values));
	if (!values)
		return -ENOMEM;
	value.text = text.data;
	text = (struct hawk_buf)HAWK_BUF_INIT;
	c->values = values;
	values[c->n_values++] = value;
	return 0;
}

/* Operators; a longer one stands before its beginning. */
static const struct {
	const char *text;
	enum hawk_ir_compare compare;
	enum hawk_ir_pattern form;
} operators[] = {
	{ "!=", HAWK_IR_NE, HAWK_IR_EXACT },
	{ "<=", HAWK_IR_LE, HAWK_IR_EXACT },
	{ ">=", HAWK_IR_GE, HAWK_IR_EXACT },
	{ "^=", HAWK_IR_EQ, HAWK_IR_PREFIX },
	{ "$=", HAWK_IR_EQ, HAWK_IR_SUFFIX },
	{ "*=", HAWK_IR_EQ, HAWK_IR_CONTAINS },
	{ "=", HAWK_IR_EQ, HAWK_IR_EXACT },
	{ "<", HAWK_IR_LT, HAWK_IR_EXACT },
	{ ">", HAWK_IR_GT, HAWK_IR_EXACT },
};

static int parse_operator(struct parser *p, struct hawk_ir_condition *c, enum hawk_ir_pattern *ret)
{
	skip_space(p);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(p->text + p->at, operators[i].text, len) != 0)
			continue;
		p->at += len;
		c->compare = operators[i].compare;
		*ret = operators[i].form;
		skip_space(p);
		if (p->text[p->at] == '=')
			return refuse(p, p->at, "expected a value; quote one that begins with =");
		return 0;
	}
	return refuse(p, p->at, "expected one of = != < <= > >= ^= $= *=");
}

/* FIELD OP VALUE. C belongs to the caller, who frees it. */
static int parse_comparison(struct parser *p, struct hawk_ir_condition *c)
{
	size_t start = p->at, len = 0;
	enum hawk_ir_pattern form = HAWK_IR_EXACT;
	char name[128];
	int r;

	while (is_name(p->text[p->at + len]))
		len++;
	if (len == 0 || len >= sizeof(name))
		return refuse(p, start, "%s",
			      len ? "no field has such a long name" : "expected a condition, NOT or (");
	memcpy(name, p->text + start, len);
	name[len] = '\0';
	p->fault.at = start;
	r = hawk_ir_resolve(c, name, &p->fault);
	if (r < 0)
		return r;
	p->at += len;
	r = parse_operator(p, c, &form);
	if (r < 0)
		return r;
	start = p->at;
	do
		r = parse_value(p, c, form);
	while (r == 0 && p->text[p->at] == '|' && p->at++);
	if (r < 0)
		return r;
	p->fault.at = start;
	return hawk_ir_check(c, &p->fault);
}

static int parse_condition(struct parser *p)
{
	struct hawk_ir_condition c = { .values = NULL };
	size_t start = p->at;
	int r = parse_comparison(p, &c), node = r < 0 ? r : new_node(p, HAWK_IR_CONDITION, start);

	if (node < 0)
		hawk_ir_condition_done(&c);
	else
		p->ir->nodes[node].condition = c;
	return node;
}

static int parse_any_of(struct parser *p);

/* Takes the ")" behind CHILD, which it gives back. */
static int close_parenthesis(struct parser *p, int child)
{
	skip_space(p);
	if (p->text[p->at] != ')')
		return refuse(p, p->at, "expected AND, OR or )");
	p->at++;
	return child;
}

/* NOT x, (x) or a condition; every level of nesting passes here. */
static int parse_one(struct parser *p)
{
	size_t start;
	int child, node;
	bool not;

	skip_space(p);
	start = p->at;
	not = take_word(p, "NOT");
	if (!not && p->text[p->at] != '(')
		return parse_condition(p);
	if (p->depth == HAWK_IR_DEPTH_MAX)
		return refuse(p, start, "nested more than %d deep", HAWK_IR_DEPTH_MAX);
	p->depth++;
	if (not) {
		child = parse_one(p);
	} else {
		p->at++;
		child = parse_any_of(p);
		if (child >= 0)
			child = close_parenthesis(p, child);
	}
	p->depth--;
	if (child < 0 || !not)
		return child;
	if (p->ir->nodes[child].kind == HAWK_IR_NOT)
		return p->ir->nodes[child].first;
	node = new_node(p, HAWK_IR_NOT, start);
	if (node >= 0)
		p->ir->nodes[node].first = (uint16_t)child;
	return node;
}

static int join(struct parser *p, enum hawk_ir_kind kind, int all, int next)
{
	int r = hawk_ir_join_nodes(p->ir, kind, all, next);

	if (r == -E2BIG)
		return refuse(p, p->ir->nodes[next].at, "more than %d conditions and operators", HAWK_IR_NODES_MAX);
	return r;
}

static bool more_in_and(struct parser *p)
{
	skip_space(p);
	if (p->text[p->at] == ',') {
		p->at++;
		return true;
	}
	if (take_word(p, "AND"))
		return true;
	return p->text[p->at] && p->text[p->at] != ')' && !at_word(p, "OR");
}

static int parse_all_of(struct parser *p)
{
	int all = parse_one(p);

	while (all >= 0 && more_in_and(p)) {
		int next = parse_one(p);

		all = next < 0 ? next : join(p, HAWK_IR_AND, all, next);
	}
	return all;
}

static int parse_any_of(struct parser *p)
{
	int all = parse_all_of(p);

	while (all >= 0 && take_word(p, "OR")) {
		int next = parse_all_of(p);

		all = next < 0 ? next : join(p, HAWK_IR_OR, all, next);
	}
	return all;
}

/*
 * Refuses a part that no event can make true: a mistake, such as a data field
 * that the named event does not have.
 */
static int check_events(struct parser *p, uint16_t node)
{
	const struct hawk_ir_node *n = &p->ir->nodes[node];
	uint64_t bits[HAWK_IR_ROW_WORDS], any = 0;

	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = p->ir->nodes[child].next) {
		int r = check_events(p, child);

		if (r < 0)
			return r;
	}
	hawk_ir_true_events(p->ir, node, bits);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		any |= bits[i];
	return any ? 0 : refuse(p, n->at, "this is never true: no event fits %s",
				n->kind == HAWK_IR_AND ? "all of these conditions" : "it");
}

static int parse_text(struct parser *p)
{
	_cleanup_(hawk_buf_done) struct hawk_buf normal = { .max = HAWK_IR_TEXT_MAX };
	int root;

	if (strnlen(p->text, HAWK_IR_TEXT_MAX + 1) > HAWK_IR_TEXT_MAX)
		return refuse(p, 0, "longer than %d bytes", HAWK_IR_TEXT_MAX);
	skip_space(p);
	if (!p->text[p->at])
		return 0;
	root = parse_any_of(p);
	if (root < 0)
		return root;
	skip_space(p);
	if (p->text[p->at])
		return refuse(p, p->at, "expected AND, OR or the end");
	p->ir->root = (uint16_t)root;
	if (hawk_ir_print(p->ir, &normal) < 0)
		return normal.error == -E2BIG ? refuse(p, 0, "too long with full field names") : normal.error;
	return check_events(p, p->ir->root);
}

static void report(const struct parser *p, struct hawk_ir_error *error)
{
	*error = (struct hawk_ir_error){ .line = 1, .column = 1 };
	for (size_t i = 0; i < p->fault.at; i++) {
		error->column++;
		if (p->text[i] == '\n') {
			error->line++;
			error->column = 1;
		}
	}
	snprintf(error->message, sizeof(error->message), "%s", p->fault.message);
}

int hawk_ir_parse(struct hawk_ir **ret, const char *text, struct hawk_ir_error *error)
{
	_cleanup_(hawk_ir_freep) struct hawk_ir *ir = calloc(1, sizeof(*ir));
	struct parser p = { .text = text, .ir = ir };
	int r;

	if (!ir)
		return -ENOMEM;
	ir->root = HAWK_IR_NONE;
	r = parse_text(&p);
	if (r < 0) {
		if (r == -EINVAL)
			report(&p, error);
		return r;
	}
	*ret = TAKE_PTR(ir);
	return 0;
}
