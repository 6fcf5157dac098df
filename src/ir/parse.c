/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text to tree. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/value.h"

struct parser {
	const char *text;
	size_t at;
	unsigned int depth;
	size_t n_values, n_searches, n_regexes;
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

/* Refuses values that would make evaluation slow. */
static int count_value(struct parser *p, size_t start, enum hawk_ir_pattern pattern)
{
	if (++p->n_values > HAWK_IR_VALUES_MAX)
		return refuse(p, start, "more than %d values", HAWK_IR_VALUES_MAX);
	if (pattern == HAWK_IR_REGEX && ++p->n_regexes > HAWK_IR_REGEXES_MAX)
		return refuse(p, start, "more than %d regular expressions", HAWK_IR_REGEXES_MAX);
	if ((pattern == HAWK_IR_CONTAINS || pattern == HAWK_IR_GLOB) && ++p->n_searches > HAWK_IR_SEARCHES_MAX)
		return refuse(p, start, "more than %d values with * ? or [ in them that are neither prefix nor suffix",
			      HAWK_IR_SEARCHES_MAX);
	return 0;
}

/* Makes V of the TEXT that stands at START; FORM is the pattern that the operator asks for, or HAWK_IR_EXACT. */
static int make_value(struct parser *p, size_t start, struct hawk_buf *text, enum hawk_ir_pattern form,
		      struct hawk_ir_value *v)
{
	int r;

	if (form != HAWK_IR_EXACT && v->pattern != HAWK_IR_EXACT)
		return refuse(p, start, "with this operator * ? and [ must be quoted");
	if (form != HAWK_IR_EXACT)
		v->pattern = form;
	if (v->pattern != HAWK_IR_EXACT && v->pattern <= HAWK_IR_CONTAINS && text->len == 0)
		v->pattern = HAWK_IR_ANY;
	if ((v->pattern == HAWK_IR_REGEX || v->pattern == HAWK_IR_GLOB) && text->len > HAWK_IR_PATTERN_MAX)
		return refuse(p, start, "the pattern is longer than %d bytes", HAWK_IR_PATTERN_MAX);
	r = count_value(p, start, v->pattern);
	if (r < 0)
		return r;
	v->len = (uint32_t)text->len;
	hawk_buf_putc(text, '\0');
	if (text->error)
		return -ENOMEM;
	v->text = text->data;
	*text = (struct hawk_buf)HAWK_BUF_INIT;
	p->fault.at = start;
	return v->pattern == HAWK_IR_REGEX ? hawk_ir_regex_compile(v, &p->fault) : 0;
}

/* One value of a list. */
static int parse_value(struct parser *p, struct hawk_ir_condition *c, enum hawk_ir_pattern form)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_value *values, value = { .at = (uint32_t)p->at };
	size_t start = p->at, n = c->n_values;
	int r = hawk_ir_scan(p->text, &p->at, form == HAWK_IR_REGEX, &text, &value.pattern, &p->fault);

	if (r == 0 && form == HAWK_IR_REGEX && p->text[p->at] == '(')
		r = refuse(p, p->at, "quote a regular expression with ( ) | or a comma in it");
	if (r == 0)
		r = make_value(p, start, &text, form, &value);
	/* room for 1, 2, 4, 8, ... values */
	values = c->values;
	if (r == 0 && (n & (n - 1)) == 0) {
		values = realloc(values, (n ? 2 * n : 1) * sizeof(*values));
		r = values ? 0 : -ENOMEM;
	}
	if (r < 0) {
		hawk_ir_value_done(&value);
		return r;
	}
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
	{ "!==", HAWK_IR_NE, HAWK_IR_WHOLE },
	{ "!=", HAWK_IR_NE, HAWK_IR_EXACT },
	{ "!~", HAWK_IR_NE, HAWK_IR_REGEX },
	{ "!&", HAWK_IR_NE, HAWK_IR_ANY_BIT },
	{ "<=", HAWK_IR_LE, HAWK_IR_EXACT },
	{ ">=", HAWK_IR_GE, HAWK_IR_EXACT },
	{ "^=", HAWK_IR_EQ, HAWK_IR_PREFIX },
	{ "$=", HAWK_IR_EQ, HAWK_IR_SUFFIX },
	{ "*=", HAWK_IR_EQ, HAWK_IR_CONTAINS },
	{ "~=", HAWK_IR_EQ, HAWK_IR_REGEX },
	{ "&=", HAWK_IR_EQ, HAWK_IR_ANY_BIT },
	{ "==", HAWK_IR_EQ, HAWK_IR_WHOLE },
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
	return refuse(p, p->at, "expected one of = != < <= > >= ^= $= *= ~= !~ &= !& == !==");
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
