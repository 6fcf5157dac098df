/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees to columns, atoms and folds. */
#include "src/cgen/internal.h"

#define TEXT_BITS (HAWK_TEXT_BYTES * 8)

/* What the kernel makes of a (sub-)expression. */
enum verdict {
	NEVER,  /* false for all events of this kind */
	ALWAYS, /* true for all */
	EXACT,  /* decided wholly */
	PART,   /* some of it is decided: false only where it is false */
	LEFT,   /* nothing is decided: true */
};

/* Where to go back to when an alternative turns out to be of no use. */
struct mark {
	size_t tables, atoms, folds, from, common, left;
	unsigned int columns;
	int text_var[2];
};

static struct mark mark(const struct hawk_cgen_plan *p)
{
	return (struct mark){ p->n_tables, p->n_atoms, p->n_folds, p->n_from, p->n_common, p->out->n_left,
			      p->n_columns, { p->text_var[0], p->text_var[1] } };
}

static void back(struct hawk_cgen_plan *p, const struct mark *m)
{
	p->n_tables = m->tables;
	p->n_atoms = m->atoms;
	p->n_folds = m->folds;
	p->n_from = m->from;
	for (; p->n_common > m->common; p->n_common--)
		free(p->common[p->n_common - 1].text);
	for (; p->out->n_left > m->left; p->out->n_left--)
		free(p->out->left[p->out->n_left - 1].text);
	for (; p->n_columns > m->columns; p->n_columns--)
		p->start[(p->n_columns - 1) / 64] &= ~(1ULL << (p->n_columns - 1) % 64);
	memcpy(p->text_var, m->text_var, sizeof(p->text_var));
}

static char *text_of(const struct hawk_ir *ir, uint16_t node, bool negated)
{
	const struct hawk_ir part = { .nodes = ir->nodes, .n_nodes = ir->n_nodes, .root = node };
	bool wrap = ir->nodes[node].kind == HAWK_IR_AND || ir->nodes[node].kind == HAWK_IR_OR;
	struct hawk_buf text = HAWK_BUF_INIT;

	hawk_buf_puts(&text, !negated ? "" : wrap ? "NOT (" : "NOT ");
	hawk_ir_print(&part, &text);
	hawk_buf_puts(&text, negated && wrap ? ")" : "");
	if (!hawk_buf_str(&text))
		hawk_buf_done(&text);
	return text.data;
}

void hawk_cgen_leave(struct hawk_cgen_plan *p, size_t rule, const struct hawk_ir *ir, uint16_t node,
		     const char *why)
{
	struct hawk_cgen_left *l = HAWK_CGEN_MORE(p->out->left, p->out->n_left, p->left_cap, &p->error);
	char *text = l ? text_of(ir, node, false) : NULL;

	if (!text) {
		p->error = -ENOMEM;
		return;
	}
	p->out->left[p->out->n_left++] = (struct hawk_cgen_left){ .rule = rule, .text = text, .why = why };
}

static enum verdict leave(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node, const char *why)
{
	hawk_cgen_leave(p, p->rule, ir, node, why);
	return LEFT;
}

void hawk_cgen_drop(struct hawk_cgen_plan *p, size_t table, const bool *which, const char *why)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_atoms; i++) {
		const struct hawk_cgen_atom *atom = &p->atoms[i];
		unsigned int bit = p->rules[atom->rule].bit;

		if (atom->table != table || (which && !which[i])) {
			p->atoms[kept++] = *atom;
			continue;
		}
		hawk_cgen_leave(p, atom->rule, atom->ir, atom->node, why);
		if (bit < HAWK_POLICIES_MAX)
			p->out->exact[bit / 64] &= ~(1ULL << bit % 64);
	}
	p->n_atoms = kept;
}

/* A column of its own, or -1. */
static int new_column(struct hawk_cgen_plan *p)
{
	unsigned int c = p->n_columns;

	if (c == HAWK_COLUMNS)
		return -1;
	p->n_columns++;
	p->start[c / 64] |= 1ULL << c % 64;
	return (int)c;
}

static void add_atom(struct hawk_cgen_plan *p, enum hawk_cgen_class class,
		     const struct hawk_cgen_source *source, struct hawk_cgen_atom atom)
{
	struct hawk_cgen_table *t;
	size_t i;

	for (i = 0; i < p->n_tables; i++)
		if (p->tables[i].class == class && memcmp(&p->tables[i].source, source, sizeof(*source)) == 0)
			break;
	if (i == p->n_tables) {
		t = HAWK_CGEN_MORE(p->tables, p->n_tables, p->tables_cap, &p->error);
		if (!t)
			return;
		p->tables[p->n_tables++] = (struct hawk_cgen_table){ .class = class, .source = *source };
	}
	if (!HAWK_CGEN_MORE(p->atoms, p->n_atoms, p->atoms_cap, &p->error))
		return;
	atom.table = (uint16_t)i;
	p->atoms[p->n_atoms++] = atom;
}

/* COLUMN &= any of the N columns from[first ...]. */
static void add_fold(struct hawk_cgen_plan *p, uint16_t column, const uint16_t *from, size_t n)
{
	uint32_t first = (uint32_t)p->n_from;

	for (size_t i = 0; i < n; i++) {
		if (!HAWK_CGEN_MORE(p->from, p->n_from, p->from_cap, &p->error))
			return;
		p->from[p->n_from++] = from[i];
	}
	if (HAWK_CGEN_MORE(p->folds, p->n_folds, p->folds_cap, &p->error))
		p->folds[p->n_folds++] =
			(struct hawk_cgen_fold){ .target = column, .first = first, .n = (uint32_t)n };
}

/* What the values of a condition on a text are, as far as tables go. */
struct shapes {
	bool any, head, tail, other; /* "*"; exact and prefix; suffix; what no table can do */
	bool more;                   /* a pattern of which the table has the beginning */
};

static struct shapes shapes_of(const struct hawk_ir_condition *c, const struct hawk_cgen_source *source,
			       bool flip)
{
	const bool has_tail = source->where != HAWK_CGEN_FIXED;
	uint8_t head[HAWK_CGEN_GLOB_BYTES];
	struct shapes s = { .any = false };

	for (size_t i = 0; i < c->n_values; i++) {
		const struct hawk_ir_value *v = &c->values[i];
		const bool fits = !memchr(v->text, '\0', v->len);

		switch (v->pattern) {
		case HAWK_IR_ANY:
			s.any = true;
			break;
		case HAWK_IR_EXACT:
			*(fits && v->len < HAWK_TEXT_BYTES ? &s.head : &s.other) = true;
			break;
		case HAWK_IR_PREFIX:
			*(fits && v->len && v->len <= HAWK_TEXT_BYTES ? &s.head : &s.other) = true;
			break;
		case HAWK_IR_SUFFIX:
			*(fits && v->len && v->len <= HAWK_CGEN_SUFFIX_BYTES && has_tail ? &s.tail
											 : &s.other) = true;
			break;
		case HAWK_IR_GLOB:
			if (!flip && hawk_cgen_glob_head(v, head))
				s.head = s.more = true;
			else
				s.other = true;
			break;
		default:
			s.other = true;
		}
	}
	return s;
}

static enum verdict leave_rest(struct hawk_cgen_plan *p, const struct hawk_cgen_atom *atom)
{
	leave(p, atom->ir, atom->node, "no table for some of its values, or of them for the beginning only");
	return PART;
}

/* A condition on a text: its values may belong to two tables, of beginnings and of ends. */
static enum verdict text(struct hawk_cgen_plan *p, const struct hawk_cgen_source *source,
			 struct hawk_cgen_atom atom)
{
	const struct hawk_ir_condition *c = &atom.ir->nodes[atom.node].condition;
	const struct shapes s = shapes_of(c, source, atom.flip);
	uint16_t from[2];

	if (s.any || (s.other && (!atom.flip || !(s.head || s.tail))))
		return leave(p, atom.ir, atom.node, "no table for such values");
	if (s.head && s.tail && !atom.flip) {
		const struct mark m = mark(p);
		int head = new_column(p), tail = new_column(p);

		if (tail < 0) {
			back(p, &m);
			return leave(p, atom.ir, atom.node, "too many alternatives");
		}
		from[0] = (uint16_t)head;
		from[1] = (uint16_t)tail;
		add_fold(p, atom.column, from, 2);
		atom.column = from[0];
		add_atom(p, HAWK_CGEN_PREFIX, source, atom);
		atom.column = from[1];
		add_atom(p, HAWK_CGEN_SUFFIX, source, atom);
		return s.more ? leave_rest(p, &atom) : EXACT;
	}
	if (s.head)
		add_atom(p, HAWK_CGEN_PREFIX, source, atom);
	if (s.tail)
		add_atom(p, HAWK_CGEN_SUFFIX, source, atom);
	return s.other || s.more ? leave_rest(p, &atom) : EXACT;
}

/* Any of some flags: not none of them. A flag of several bits among them has no test of its own. */
static enum verdict any_bits(struct hawk_cgen_plan *p, const struct hawk_cgen_source *source,
			     struct hawk_cgen_atom atom)
{
	const struct hawk_ir_condition *c = &atom.ir->nodes[atom.node].condition;

	for (size_t i = 0; i < c->n_values; i++) {
		const struct hawk_ir_operand *o = &atom.variant->operands[i];

		if (!o->any && (o->mask != o->v || __builtin_popcountll(o->v) != 1))
			return leave(p, atom.ir, atom.node, "alternatives of several bits");
		atom.mask |= o->mask;
	}
	atom.flip = !atom.flip;
	add_atom(p, HAWK_CGEN_BITS, source, atom);
	return EXACT;
}

static enum verdict constant(bool v)
{
	return v ? ALWAYS : NEVER;
}

static enum verdict field(struct hawk_cgen_plan *p, struct hawk_cgen_atom atom)
{
	const struct hawk_ir_condition *c = &atom.ir->nodes[atom.node].condition;
	struct hawk_cgen_source source;
	const char *why;

	atom.variant = hawk_cgen_variant(p, c);
	if (!atom.variant)
		return constant(atom.absent);
	if (c->field.scope == HAWK_SCOPE_PREVIOUS && p->desc->id != HAWK_EV_SCHED_PROCESS_EXEC)
		return constant(atom.absent);
	why = hawk_cgen_find(p, c, atom.variant, &source, &atom);
	if (why)
		return leave(p, atom.ir, atom.node, why);
	switch (atom.variant->how) {
	case HAWK_IR_UINT:
	case HAWK_IR_SINT:
	case HAWK_IR_UINT_RANGE:
	case HAWK_IR_SINT_RANGE:
		atom.flip = atom.absent;
		add_atom(p, HAWK_CGEN_NUMBER, &source, atom);
		return EXACT;
	case HAWK_IR_BITS:
		atom.mask = atom.variant->operands->mask;
		atom.bits = atom.variant->operands->v;
		add_atom(p, HAWK_CGEN_BITS, &source, atom);
		return EXACT;
	case HAWK_IR_ANY_BITS:
		return any_bits(p, &source, atom);
	case HAWK_IR_IP:
		add_atom(p, HAWK_CGEN_PREFIX, &source, atom);
		return EXACT;
	case HAWK_IR_STRING:
		return text(p, &source, atom);
	default:
		return leave(p, atom.ir, atom.node, "values of this type are compared in user space");
	}
}

static enum verdict condition(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node, bool negated,
			      uint16_t column)
{
	const struct hawk_ir_condition *c = &ir->nodes[node].condition;
	const size_t row = hawk_ir_row(p->desc);
	bool in;

	if (c->compare > HAWK_IR_GE)
		return leave(p, ir, node, "compared in user space");
	switch (c->subject) {
	case HAWK_IR_EVENT:
	case HAWK_IR_SET:
		in = c->events[row / 64] >> row % 64 & 1;
		return constant((in == (c->compare == HAWK_IR_EQ)) != negated);
	case HAWK_IR_FIELD:
		return field(p, (struct hawk_cgen_atom){ .column = column, .rule = (uint32_t)p->rule,
							 .flip = (c->compare == HAWK_IR_NE) != negated,
							 .absent = negated, .ir = ir, .node = node });
	default:
		return leave(p, ir, node, "known of a process in user space only");
	}
}

static enum verdict expression(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node,
			       bool negated, uint16_t column);

static enum verdict both(enum verdict a, enum verdict b)
{
	if (a == NEVER || b == NEVER)
		return NEVER;
	if (a == ALWAYS)
		return b;
	if (b == ALWAYS)
		return a;
	return a == b ? a : PART;
}

static enum verdict all_of(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node, bool negated,
			   uint16_t column)
{
	enum verdict v = ALWAYS;

	for (uint16_t child = ir->nodes[node].first; child != HAWK_IR_NONE && v != NEVER;
	     child = ir->nodes[child].next)
		v = both(v, expression(p, ir, child, negated, column));
	return v;
}

/* The column of an equal sub-expression that was planned before, or -1. */
static int find_common(const struct hawk_cgen_plan *p, const char *text)
{
	for (size_t i = 0; i < p->n_common; i++)
		if (strcmp(p->common[i].text, text) == 0)
			return p->common[i].column;
	return -1;
}

/* Plans an alternative in a column of its own: *ret_column, which is -1 when there was none left. */
static enum verdict alternative(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node,
				bool negated, int *ret_column)
{
	_cleanup_free_ char *text = text_of(ir, node, negated);
	const struct mark m = mark(p);
	enum verdict v;

	if (!text) {
		p->error = -ENOMEM;
		return LEFT;
	}
	*ret_column = find_common(p, text);
	if (*ret_column >= 0)
		return EXACT;
	*ret_column = new_column(p);
	if (*ret_column < 0)
		return PART;
	v = expression(p, ir, node, negated, (uint16_t)*ret_column);
	if (v == NEVER)
		back(p, &m);
	if (v == EXACT && HAWK_CGEN_MORE(p->common, p->n_common, p->common_cap, &p->error))
		p->common[p->n_common++] =
			(struct hawk_cgen_common){ .text = TAKE_PTR(text), .column = (uint16_t)*ret_column };
	return v;
}

static enum verdict any_of(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node, bool negated,
			   uint16_t column)
{
	const struct mark m = mark(p);
	uint16_t from[HAWK_IR_NODES_MAX];
	enum verdict v = NEVER;
	bool full = false;
	size_t n = 0;

	for (uint16_t child = ir->nodes[node].first; child != HAWK_IR_NONE; child = ir->nodes[child].next) {
		int c = -1;
		const enum verdict one = alternative(p, ir, child, negated, &c);

		if (one == ALWAYS) {
			back(p, &m);
			return ALWAYS;
		}
		if (one == NEVER)
			continue;
		full = full || c < 0;
		v = v == NEVER                   ? one
		    : v == LEFT || one == LEFT   ? LEFT
		    : v == EXACT && one == EXACT ? EXACT
						 : PART;
		if (c >= 0 && n < ARRAY_SIZE(from))
			from[n++] = (uint16_t)c;
	}
	if (full || v == LEFT) {
		back(p, &m);
		return leave(p, ir, node,
			     full ? "too many alternatives" : "an alternative is not known to the kernel");
	}
	if (n)
		add_fold(p, column, from, n);
	return v;
}

/* What it is when none of its conditions is true. */
static bool when_absent(const struct hawk_ir *ir, uint16_t node)
{
	const struct hawk_ir_node *n = &ir->nodes[node];

	if (n->kind == HAWK_IR_CONDITION)
		return false;
	if (n->kind == HAWK_IR_NOT)
		return !when_absent(ir, n->first);
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next)
		if (when_absent(ir, child) == (n->kind == HAWK_IR_OR))
			return n->kind == HAWK_IR_OR;
	return n->kind == HAWK_IR_AND;
}

/*
 * An expression about one number is one atom. False: it is something else, or the kernel does not have the
 * number.
 */
static bool one_number(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node, bool negated,
		       uint16_t column)
{
	struct hawk_cgen_atom atom = { .column = column, .rule = (uint32_t)p->rule, .flip = negated, .ir = ir,
				       .node = node };
	struct hawk_cgen_source source;
	uint16_t first = HAWK_IR_NONE;

	if (!hawk_cgen_one_number(p, ir, node, &first) || first == HAWK_IR_NONE)
		return false;
	atom.variant = hawk_cgen_variant(p, &ir->nodes[first].condition);
	if (hawk_cgen_find(p, &ir->nodes[first].condition, atom.variant, &source, &atom))
		return false;
	atom.absent = when_absent(ir, node) != negated;
	add_atom(p, HAWK_CGEN_NUMBER, &source, atom);
	return true;
}

/* Recursion is bounded: the parser allows HAWK_IR_DEPTH_MAX levels. */
static enum verdict expression(struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node,
			       bool negated, uint16_t column)
{
	const struct hawk_ir_node *n = &ir->nodes[node];

	if (n->kind != HAWK_IR_CONDITION && one_number(p, ir, node, negated, column))
		return EXACT;
	switch (n->kind) {
	case HAWK_IR_CONDITION:
		return condition(p, ir, node, negated, column);
	case HAWK_IR_NOT:
		return expression(p, ir, n->first, !negated, column);
	case HAWK_IR_AND:
		return negated ? any_of(p, ir, node, true, column) : all_of(p, ir, node, false, column);
	case HAWK_IR_OR:
		return negated ? all_of(p, ir, node, true, column) : any_of(p, ir, node, false, column);
	}
	return leave(p, ir, node, "compared in user space");
}

static enum verdict one_rule(struct hawk_cgen_plan *p, size_t rule, uint16_t column)
{
	const struct hawk_ir *const parts[] = { p->rules[rule].scope, p->rules[rule].filter };
	enum verdict v = ALWAYS;

	p->rule = rule;
	for (size_t i = 0; i < ARRAY_SIZE(parts) && v != NEVER; i++)
		if (parts[i] && parts[i]->root != HAWK_IR_NONE)
			v = both(v, expression(p, parts[i], parts[i]->root, false, column));
	return v;
}

static enum verdict leave_rule(struct hawk_cgen_plan *p, size_t rule, const char *why)
{
	const struct hawk_ir *const parts[] = { p->rules[rule].scope, p->rules[rule].filter };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i] && parts[i]->root != HAWK_IR_NONE)
			hawk_cgen_leave(p, rule, parts[i], parts[i]->root, why);
	return LEFT;
}

/* Several rules of one policy: any of them. */
static enum verdict rules_of(struct hawk_cgen_plan *p, unsigned int bit)
{
	const struct mark m = mark(p);
	uint16_t from[HAWK_COLUMNS];
	enum verdict v = NEVER, one;
	size_t n = 0;

	for (size_t i = 0; i < p->n_rules && v != ALWAYS; i++) {
		const struct mark before = mark(p);
		int column;

		if (p->rules[i].bit != bit)
			continue;
		column = new_column(p);
		one = column < 0 ? LEFT : one_rule(p, i, (uint16_t)column);
		if (one == LEFT || one == ALWAYS) {
			back(p, &m);
			return one == ALWAYS
				       ? ALWAYS
				       : leave_rule(p, i,
						    column < 0
							    ? "too many rules of one policy"
							    : "nothing of this rule is known to the kernel");
		}
		if (one == NEVER) {
			back(p, &before);
			continue;
		}
		v = v == NEVER ? one : both(v, one);
		from[n++] = (uint16_t)column;
	}
	if (n)
		add_fold(p, (uint16_t)bit, from, n);
	return v;
}

static size_t count_rules(const struct hawk_cgen_plan *p, unsigned int bit, size_t *ret_first)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].bit == bit && !n++)
			*ret_first = i;
	return n;
}

/*
 * A column is late when something at the second point changes it. Folds come after those that they are made
 * of.
 */
static void find_late(struct hawk_cgen_plan *p)
{
	bool late[HAWK_COLUMNS] = { false };

	for (size_t i = 0; i < p->n_atoms; i++)
		if (p->tables[p->atoms[i].table].source.late)
			late[p->atoms[i].column] = true;
	for (size_t i = 0; i < p->n_folds; i++) {
		struct hawk_cgen_fold *f = &p->folds[i];

		for (uint32_t k = 0; k < f->n; k++)
			f->late = f->late || late[p->from[f->first + k]];
		late[f->target] = late[f->target] || f->late;
	}
}

int hawk_cgen_plan(struct hawk_cgen_plan *p)
{
	p->n_columns = HAWK_INTEREST_COLUMN + 1;
	p->text_var[0] = p->text_var[1] = -1;
	/* that of signatures last: what they take of columns and tables is what policies leave */
	for (unsigned int bit = 0; bit <= HAWK_INTEREST_COLUMN; bit++) {
		size_t first = 0, n = count_rules(p, bit, &first);
		enum verdict v;

		if (!n)
			continue;
		v = n == 1 ? one_rule(p, first, (uint16_t)bit) : rules_of(p, bit);
		if (v != NEVER)
			p->start[bit / 64] |= 1ULL << bit % 64;
		if (v != PART && v != LEFT && bit < HAWK_POLICIES_MAX)
			p->out->exact[bit / 64] |= 1ULL << bit % 64;
	}
	find_late(p);
	return p->error;
}

void hawk_cgen_plan_done(struct hawk_cgen_plan *p)
{
	const struct mark none = { .left = p->out ? p->out->n_left : 0, .columns = p->n_columns };

	if (p->out)
		back(p, &none);
	free(p->tables);
	free(p->atoms);
	free(p->folds);
	free(p->from);
	free(p->common);
}
