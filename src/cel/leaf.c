/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conditions on one field as text of ir. */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/cel/lower.h"
#include "src/event/names.h"

#define KIND(k) (1U << HAWK_CEL_KIND_##k)
#define TEXTS (KIND(STRING) | KIND(SOCKADDR))
#define NUMBERS (KIND(UINT) | KIND(SINT) | KIND(OPEN_HOW))
#define ADDRESSES (KIND(IP) | KIND(SOCKADDR))

/* What a condition is on. */
struct subject {
	char name[160];       /* as ir has it */
	unsigned int kinds;   /* bits of enum hawk_cel_kind that it may be */
	bool bits, no_bits;   /* some of these are flags; some are not */
	bool mode;            /* some are printed in octal, which ir would read */
	bool item;            /* an item of the list, of which ir asks whether any fits */
	bool base;            /* what is behind its last slash */
	bool empty;           /* "" where it is absent */
	const struct hawk_cel_field *field;
};

static void take_shape(struct subject *s, const struct hawk_cel_shape *shape)
{
	const bool bits = shape->kind == HAWK_CEL_KIND_OPEN_HOW || hawk_type_is_bits(shape->type);

	s->kinds |= 1U << shape->kind;
	s->bits |= bits;
	s->no_bits |= !bits;
	s->mode |= shape->type == HAWK_T_MODE;
}

static bool name_subject(struct subject *s, const char *head, const char *name)
{
	return (size_t)snprintf(s->name, sizeof(s->name), "%s%s", head, name) < sizeof(s->name);
}

/* An item of the list that the condition is on, or a field of one. */
static bool item_subject(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, struct subject *s)
{
	const struct hawk_cel_field *f = l->list;

	s->item = true;
	if (n->op == HAWK_CEL_OP_MEMBER) {
		const struct hawk_cel_node *of = &l->cel->nodes[n->first];

		f = &l->cel->fields[n->index];
		if (l->list || of->op != HAWK_CEL_OP_LOCAL || of->index != l->local ||
		    !name_subject(s, "ancestor.", f->name + strlen("process.")))
			return false;
		take_shape(s, f->shapes);
		return true;
	}
	if (!f || n->index != l->local)
		return false;
	for (size_t i = 0; i < f->n_shapes; i++) {
		take_shape(s, &f->shapes[i]);
		if (!f->shapes[i].many)
			s->kinds |= KIND(STRING);
	}
	s->kinds &= ~KIND(STRINGS);
	s->field = f;
	return name_subject(s, "", f->name);
}

static bool field_subject(const struct hawk_cel_field *f, struct subject *s)
{
	*s = (struct subject){ .field = f };
	for (size_t i = 0; i < f->n_shapes; i++) {
		take_shape(s, &f->shapes[i]);
		if (f->shapes[i].many)
			s->kinds |= KIND(STRINGS);
	}
	return *f->name && name_subject(s, "", f->name);
}

/* What NODE is, if ir has a name for it. */
static bool find_subject(const struct hawk_cel_lowering *l, uint16_t node, struct subject *s)
{
	const struct hawk_cel_node *n = &l->cel->nodes[node];

	*s = (struct subject){ .kinds = 0 };
	if (n->op == HAWK_CEL_OP_FUNCTION && n->index == HAWK_CEL_F_BASENAME) {
		if (!find_subject(l, n->first, s) || s->base || s->empty)
			return false;
		s->base = true;
		return true;
	}
	if (n->op == HAWK_CEL_OP_FUNCTION && n->index == HAWK_CEL_F_CONTAINER_ID) {
		s->kinds = KIND(STRING);
		s->no_bits = s->empty = true;
		return name_subject(s, "", "process.container_id");
	}
	if (n->op == HAWK_CEL_OP_LOCAL || n->op == HAWK_CEL_OP_MEMBER)
		return item_subject(l, n, s);
	return n->op == HAWK_CEL_OP_FIELD && field_subject(&l->cel->fields[n->index], s);
}

static bool only_kinds(const struct subject *s, unsigned int kinds)
{
	return s->kinds && !(s->kinds & ~kinds);
}

/*
 * Whether IR compares the field in every event that has it: a type that does not take the value is false there, which
 * is too little when the expression is true of it.
 */
static bool covers(const struct hawk_ir *ir, const struct hawk_cel_field *f)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t k = 0; f && f->columns && k < ir->n_nodes; k++) {
		const struct hawk_ir_condition *c = &ir->nodes[k].condition;

		for (size_t i = 0; ir->nodes[k].kind == HAWK_IR_CONDITION && c->places && i < n; i++)
			if (f->columns[descs[i]->id] >= 0 && c->places[i].column < 0)
				return false;
	}
	return true;
}

/* TEXT is the condition; ALL: it must be asked in every event that has the field. */
static int emit(const struct hawk_cel_lowering *l, const struct subject *s, struct hawk_buf *text, bool all, bool exact,
		struct hawk_cel_follows *ret)
{
	int r;

	/* values of sockets that are no addresses are unknown here, and unequal there */
	if (s->kinds & KIND(SOCKADDR) || (l->local >= 0 && !s->item) || (s->base && l->cel->tracee))
		exact = false;
	r = hawk_cel_lower_text(text, exact, ret);
	if (r == 0 && ret->ir && all && !covers(ret->ir, s->field))
		*ret = (struct hawk_cel_follows){ .ir = hawk_ir_free(ret->ir) };
	return r;
}

/* One value; false: ir cannot say it. */
static bool put_value(const struct subject *s, const struct hawk_cel_value *v, struct hawk_buf *out)
{
	const struct hawk_value ip = { .bytes = v->bytes, .len = 16 };

	switch (v->type) {
	case HAWK_CEL_STRING:
		hawk_ir_quote(out, (const char *)v->bytes, v->len);
		return true;
	case HAWK_CEL_INT:
	case HAWK_CEL_UINT:
		if (v->type == HAWK_CEL_INT && v->i < 0)
			hawk_buf_s64(out, v->i);
		else
			hawk_buf_printf(out, s->mode ? "0x%llx" : "%llu", (unsigned long long)v->u);
		return true;
	case HAWK_CEL_BOOL:
		hawk_buf_puts(out, v->b ? "true" : "false");
		return true;
	case HAWK_CEL_DURATION:
		hawk_buf_s64(out, v->i);
		return v->i >= 0;
	case HAWK_CEL_IP:
		hawk_value_print(out, HAWK_T_IP, &ip, 0);
		return true;
	default:
		return false;
	}
}

/* Text that ir would take for a network. */
static bool is_network(const struct hawk_cel_value *v)
{
	const uint8_t *slash = v->len ? memchr(v->bytes, '/', v->len) : NULL;
	uint8_t ip[16];

	return slash && hawk_cel_parse_ip(v->bytes, (size_t)(slash - v->bytes), ip) == 0;
}

/* Whether values of V's type can be compared with the subject. */
static bool suits(const struct subject *s, const struct hawk_cel_value *v)
{
	switch (v->type) {
	case HAWK_CEL_STRING:
		return only_kinds(s, TEXTS | NUMBERS) && (!(s->kinds & KIND(SOCKADDR)) || !is_network(v));
	case HAWK_CEL_INT:
	case HAWK_CEL_UINT:
		return only_kinds(s, NUMBERS);
	case HAWK_CEL_BOOL:
		return only_kinds(s, KIND(BOOL));
	case HAWK_CEL_DURATION:
		return only_kinds(s, KIND(DURATION));
	case HAWK_CEL_IP:
		return only_kinds(s, ADDRESSES);
	default:
		return false;
	}
}

/* Values with | between them, each also as the end of a path when that is what is compared. */
static bool put_values(const struct hawk_cel_lowering *l, const struct subject *s, const struct hawk_cel_value *values,
		       size_t n, bool not, struct hawk_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct hawk_cel_value *v = &values[i];

		if (!suits(s, v) || v->type != values->type || (s->empty && !v->len))
			return false;
		hawk_buf_put(out, "|", i > 0);
		if (!put_value(s, v, out))
			return false;
		if (!s->base)
			continue;
		if (v->type != HAWK_CEL_STRING || !v->len || memchr(v->bytes, '/', v->len) || !only_kinds(s, KIND(STRING)))
			return false;
		hawk_buf_lit(out, "|*\"/\"");
		put_value(s, v, out);
	}
	/* Go's basename does not count slashes at the end */
	if (s->base && l->cel->tracee && !not)
		hawk_buf_lit(out, "|*/");
	return n > 0;
}

/* == and != of one value, in and not in several. */
static int lower_equal(const struct hawk_cel_lowering *l, const struct subject *s, const struct hawk_cel_value *values,
		       size_t n, bool not, struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const bool number = n && (s->kinds & NUMBERS), mixed = s->bits && s->no_bits;
	const bool whole = number && s->bits && !mixed;

	/* flags: = is "has these" and takes one value */
	if ((not && (s->item || (number && mixed))) || (number && s->bits && n > 1))
		return 0;
	if (s->empty && not)
		hawk_buf_lit(&text, "NOT ");
	hawk_buf_puts(&text, s->name);
	hawk_buf_puts(&text, not && !s->empty ? "!=" : "=");
	if (whole)
		hawk_buf_putc(&text, '=');
	if (!put_values(l, s, values, n, not, &text))
		return 0;
	/* a type that does not take one of several values does not get the others either */
	return emit(l, s, &text, not || n > 1, !(number && mixed), ret);
}

/* container.id == "" */
static int lower_empty(const struct hawk_cel_lowering *l, const struct subject *s, bool not, struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	hawk_buf_printf(&text, "%s%s=*", not ? "" : "NOT ", s->name);
	return emit(l, s, &text, false, true, ret);
}

static int lower_order(const struct hawk_cel_lowering *l, const struct subject *s, const struct hawk_cel_value *v,
		       enum hawk_cel_op op, struct hawk_cel_follows *ret)
{
	static const char *const signs[] = { "<", "<=", ">", ">=" };
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	if (v->type == HAWK_CEL_STRING || s->bits || s->base || !suits(s, v))
		return 0;
	hawk_buf_printf(&text, "%s%s", s->name, signs[op - HAWK_CEL_OP_LT]);
	if (!put_value(s, v, &text))
		return 0;
	return emit(l, s, &text, true, true, ret);
}

/* The operator with its sides turned round, or its opposite. */
static enum hawk_cel_op turned(enum hawk_cel_op op)
{
	static const enum hawk_cel_op to[] = { HAWK_CEL_OP_GT, HAWK_CEL_OP_GE, HAWK_CEL_OP_LT, HAWK_CEL_OP_LE };

	return op <= HAWK_CEL_OP_GE ? to[op - HAWK_CEL_OP_LT] : op;
}

static enum hawk_cel_op opposite(enum hawk_cel_op op)
{
	static const enum hawk_cel_op to[] = { HAWK_CEL_OP_GE, HAWK_CEL_OP_GT, HAWK_CEL_OP_LE, HAWK_CEL_OP_LT,
					       HAWK_CEL_OP_NE, HAWK_CEL_OP_EQ };

	return to[op - HAWK_CEL_OP_LT];
}

/* The process is in a container. */
static int lower_container(struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	hawk_buf_lit(&text, "process.container_id=*");
	return hawk_cel_lower_text(&text, false, ret);
}

static int lower_comparison(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
			    struct hawk_cel_follows *ret)
{
	const struct hawk_cel_node *nodes = l->cel->nodes;
	uint16_t a = n->first, b = nodes[a].next;
	enum hawk_cel_op op = not ? opposite(n->op) : n->op;
	const struct hawk_cel_value *v;
	struct subject s;

	if (nodes[a].op == HAWK_CEL_OP_CONST) {
		uint16_t c = a;

		a = b;
		b = c;
		op = turned(op);
	}
	if (nodes[b].op != HAWK_CEL_OP_CONST)
		return 0;
	if (nodes[a].op == HAWK_CEL_OP_FUNCTION && nodes[a].index == HAWK_CEL_F_CONTAINER_AGE)
		return lower_container(ret);
	if (!find_subject(l, a, &s))
		return 0;
	v = &nodes[b].value;
	if (op < HAWK_CEL_OP_EQ)
		return s.empty ? 0 : lower_order(l, &s, v, op, ret);
	if (s.empty && v->type == HAWK_CEL_STRING && !v->len)
		return lower_empty(l, &s, op == HAWK_CEL_OP_NE, ret);
	return lower_equal(l, &s, v, 1, op == HAWK_CEL_OP_NE, ret);
}

static int lower_in(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		    struct hawk_cel_follows *ret)
{
	const struct hawk_cel_node *item = &l->cel->nodes[n->first], *list = &l->cel->nodes[item->next];
	struct subject s;

	if (list->op == HAWK_CEL_OP_CONST)
		return find_subject(l, n->first, &s) ?
			       lower_equal(l, &s, list->value.items, list->value.len, not, ret) : 0;
	if (item->op != HAWK_CEL_OP_CONST || list->op != HAWK_CEL_OP_FIELD || !find_subject(l, item->next, &s))
		return 0;
	for (size_t i = 0; i < s.field->n_shapes; i++)
		if (s.field->shapes[i].kind != HAWK_CEL_KIND_STRINGS && !s.field->shapes[i].many)
			return 0;
	s.kinds &= ~KIND(STRINGS);
	if (!s.kinds)
		s.kinds = KIND(STRING);
	return lower_equal(l, &s, &item->value, 1, not, ret);
}

/* Text functions with a constant, and addresses in networks: "=" or "!=" of a pattern. */
static bool put_pattern(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, const struct subject *s,
			bool not, struct hawk_buf *out)
{
	const struct hawk_cel_node *second = &l->cel->nodes[hawk_cel_second(l->cel, n)];
	const struct hawk_cel_value *v = &second->value;
	const bool regex = n->index == HAWK_CEL_F_MATCHES;

	if (second->op != HAWK_CEL_OP_CONST || v->type != HAWK_CEL_STRING || !only_kinds(s, TEXTS) ||
	    (s->empty && (!v->len || regex || n->index == HAWK_CEL_F_GLOB)))
		return false;
	hawk_buf_puts(out, regex ? (not ? "!~" : "~=") : (not ? "!=" : "="));
	if (n->index == HAWK_CEL_F_GLOB) {
		hawk_buf_puts(out, n->prepared->text);
		return true;
	}
	if (n->index == HAWK_CEL_F_ENDS_WITH || n->index == HAWK_CEL_F_CONTAINS)
		hawk_buf_putc(out, '*');
	hawk_ir_quote(out, (const char *)v->bytes, v->len);
	if (n->index == HAWK_CEL_F_STARTS_WITH || n->index == HAWK_CEL_F_CONTAINS)
		hawk_buf_putc(out, '*');
	return true;
}

static bool fits_all(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n)
{
	if (n->index == HAWK_CEL_F_GLOB)
		return n->prepared->pattern->pattern == HAWK_IR_ANY;
	return !l->cel->nodes[hawk_cel_second(l->cel, n)].value.len;
}

static int lower_text(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		      struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct subject s;

	if (!find_subject(l, n->first, &s) || s.base || (not && s.item))
		return 0;
	if (s.empty && not)
		hawk_buf_lit(&text, "NOT ");
	hawk_buf_puts(&text, s.name);
	if (!put_pattern(l, n, &s, not && !s.empty, &text))
		return 0;
	/* an empty list fits "*", which is what a pattern that everything fits becomes */
	return emit(l, &s, &text, true, !(s.item && l->list && fits_all(l, n)), ret);
}

static int lower_networks(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
			  struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct subject s;

	if (!find_subject(l, n->first, &s) || (not && s.item) || !only_kinds(&s, ADDRESSES))
		return 0;
	hawk_buf_printf(&text, "%s%s%s", s.name, not ? "!=" : "=",
			n->index == HAWK_CEL_F_CIDR ? n->prepared->text : hawk_cel_private_text);
	return emit(l, &s, &text, true, true, ret);
}

static int lower_flags(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		       struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const bool all = n->index == HAWK_CEL_F_HAS;
	struct subject s;

	if (!find_subject(l, n->first, &s) || (not && s.item))
		return 0;
	hawk_buf_printf(&text, "%s%s%s", s.name, all ? (not ? "!=" : "=") : (not ? "!&" : "&="), n->prepared->text);
	/* of what has no flags it is unknown, and ir may compare a number; it cannot look for any in an open_how */
	return emit(l, &s, &text, !all && s.kinds & KIND(OPEN_HOW), !s.no_bits, ret);
}

static int lower_mode(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		      struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const char *one = n->index == HAWK_CEL_F_OPENED_FOR_WRITE ? "O_WRONLY" : "O_RDONLY";
	struct subject s;

	if (!find_subject(l, n->first, &s) || s.item || !s.field)
		return 0;
	for (size_t i = 0; i < s.field->n_shapes; i++)
		if (s.field->shapes[i].type != HAWK_T_OPEN_FLAGS && s.field->shapes[i].kind != HAWK_CEL_KIND_OPEN_HOW)
			return 0;
	/* what is opened as a place in the tree can neither be read nor written */
	if (not)
		hawk_buf_printf(&text, "%s=O_PATH OR %s!=%s AND %s!=O_RDWR", s.name, s.name, one, s.name);
	else
		hawk_buf_printf(&text, "(%s=%s OR %s=O_RDWR) AND %s!=O_PATH", s.name, one, s.name, s.name);
	return emit(l, &s, &text, true, true, ret);
}

static int lower_tree(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		      struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const struct hawk_cel_node *pid = &l->cel->nodes[n->first];

	if (pid->op != HAWK_CEL_OP_CONST)
		return 0;
	hawk_buf_printf(&text, "tree%s%lld", not ? "!=" : "=", (long long)pid->value.i);
	return hawk_cel_lower_text(&text, l->local < 0, ret);
}

static int lower_has(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
		     struct hawk_cel_follows *ret)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const struct hawk_cel_node *child = n->first == HAWK_CEL_NONE ? NULL : &l->cel->nodes[n->first];
	struct subject s;

	if (child && child->op != HAWK_CEL_OP_FIELD && child->op != HAWK_CEL_OP_MEMBER)
		return 0;
	if (!(child ? find_subject(l, n->first, &s) : field_subject(&l->cel->fields[n->index], &s)) || (not && s.item))
		return 0;
	s.kinds &= ~KIND(SOCKADDR); /* whatever is in it */
	hawk_buf_printf(&text, "%s%s=*", not ? "NOT " : "", s.name);
	return emit(l, &s, &text, !not, true, ret);
}

/* A field that is a truth value itself. */
static int lower_truth(const struct hawk_cel_lowering *l, uint16_t node, bool not, struct hawk_cel_follows *ret)
{
	const struct hawk_cel_value v = { .type = HAWK_CEL_BOOL, .b = !not };
	struct subject s;

	return find_subject(l, node, &s) ? lower_equal(l, &s, &v, 1, false, ret) : 0;
}

static int lower_function(const struct hawk_cel_lowering *l, const struct hawk_cel_node *n, bool not,
			  struct hawk_cel_follows *ret)
{
	switch ((enum hawk_cel_function)n->index) {
	case HAWK_CEL_F_STARTS_WITH:
	case HAWK_CEL_F_ENDS_WITH:
	case HAWK_CEL_F_CONTAINS:
	case HAWK_CEL_F_MATCHES:
	case HAWK_CEL_F_GLOB:
		return lower_text(l, n, not, ret);
	case HAWK_CEL_F_CIDR:
	case HAWK_CEL_F_PRIVATE:
		return lower_networks(l, n, not, ret);
	case HAWK_CEL_F_HAS:
	case HAWK_CEL_F_ANY:
		return lower_flags(l, n, not, ret);
	case HAWK_CEL_F_OPENED_FOR_WRITE:
	case HAWK_CEL_F_OPENED_FOR_READ:
		return lower_mode(l, n, not, ret);
	case HAWK_CEL_F_TREE:
		return lower_tree(l, n, not, ret);
	case HAWK_CEL_F_CONTAINER_STARTED:
	case HAWK_CEL_F_CONTAINER_ENTRY:
	case HAWK_CEL_F_CONTAINER_RUNTIME:
		return not ? 0 : lower_container(ret);
	default:
		return 0;
	}
}

int hawk_cel_lower_leaf(struct hawk_cel_lowering *l, uint16_t node, bool not, struct hawk_cel_follows *ret)
{
	const struct hawk_cel_node *n = &l->cel->nodes[node];

	if (n->op >= HAWK_CEL_OP_LT && n->op <= HAWK_CEL_OP_NE)
		return lower_comparison(l, n, not, ret);
	switch ((enum hawk_cel_op)n->op) {
	case HAWK_CEL_OP_IN:
		return lower_in(l, n, not, ret);
	case HAWK_CEL_OP_HAS:
		return lower_has(l, n, not, ret);
	case HAWK_CEL_OP_FUNCTION:
		return lower_function(l, n, not, ret);
	case HAWK_CEL_OP_FIELD:
	case HAWK_CEL_OP_MEMBER:
		return lower_truth(l, node, not, ret);
	default:
		return 0;
	}
}
