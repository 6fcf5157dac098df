/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/policy/group.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const operators[] = {
	[HAWK_OP_NONE] = "", [HAWK_OP_EQ] = "=", [HAWK_OP_NE] = "!=", [HAWK_OP_LT] = "<",
	[HAWK_OP_LE] = "<=", [HAWK_OP_GT] = ">", [HAWK_OP_GE] = ">=",
};

const char *hawk_filter_op_text(enum hawk_filter_op op)
{
	return operators[op];
}

static bool is_key(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

/* The longest operator that AT begins with. */
static enum hawk_filter_op operator_at(const char *at)
{
	enum hawk_filter_op best = HAWK_OP_NONE;

	for (size_t i = HAWK_OP_EQ; i < ARRAY_SIZE(operators); i++)
		if (strncmp(at, operators[i], strlen(operators[i])) == 0 &&
		    strlen(operators[i]) > strlen(operators[best]))
			best = (enum hawk_filter_op)i;
	return best;
}

int hawk_filter_split(struct hawk_policy_reader *r, const struct hawk_yaml_node *node,
		      struct hawk_filter *ret)
{
	struct hawk_filter f = { .node = node, .values = "" };
	const char *p = node->kind == HAWK_YAML_SCALAR ? node->text : "";

	if (node->kind != HAWK_YAML_SCALAR || hawk_yaml_is_null(node))
		return hawk_yaml_refuse(&r->yaml, node, 0, "expected a filter such as uid=0, not %s",
					  hawk_yaml_kind_name(node));
	p += strspn(p, " \t");
	f.key = p;
	p += *p == '!'; /* an older way to write not- */
	while (is_key(*p))
		p++;
	f.key_len = (size_t)(p - f.key);
	p += strspn(p, " \t");
	if (!f.key_len)
		return hawk_yaml_refuse(&r->yaml, node, (size_t)(p - node->text), "expected the name of a field");
	f.op = operator_at(p);
	if (f.op == HAWK_OP_NONE && *p)
		return hawk_yaml_refuse(&r->yaml, node, (size_t)(p - node->text),
					  "expected one of = != < <= > >=");
	p += strlen(operators[f.op]);
	p += strspn(p, " \t");
	f.values = p;
	if (f.op != HAWK_OP_NONE && (!*p || *p == '='))
		return hawk_yaml_refuse(&r->yaml, node, (size_t)(p - node->text), "expected a value behind %s",
					  operators[f.op]);
	*ret = f;
	return 0;
}

void hawk_policy_quote(struct hawk_buf *out, const char *value, size_t len, bool pattern)
{
	const bool back = pattern && len > 1 && value[len - 1] == '*';
	const bool front = pattern && len > 1 && value[0] == '*';

	if (front)
		hawk_buf_putc(out, '*');
	hawk_ir_quote(out, value + front, len - front - back);
	if (back)
		hawk_buf_putc(out, '*');
}

/* Takes TEXT over. */
static int add(struct hawk_group *g, const struct hawk_filter *f, size_t offset, bool whole, char *text)
{
	struct hawk_group_item *items = realloc(g->items, (g->n_items + 1) * sizeof(*items));

	if (!items) {
		free(text);
		return -ENOMEM;
	}
	g->items = items;
	items[g->n_items++] = (struct hawk_group_item){
		.node = f->node,
		.offset = offset,
		.differ = f->op == HAWK_OP_NE,
		.whole = whole,
		.text = text,
	};
	return 0;
}

/* Gives the contents of a buffer away, with a NUL. */
static char *take_text(struct hawk_buf *b)
{
	char *text = NULL;

	if (hawk_buf_str(b))
		text = TAKE_PTR(b->data);
	*b = (struct hawk_buf)HAWK_BUF_INIT;
	return text;
}

int hawk_group_value(struct hawk_group *g, const struct hawk_filter *f, const char *value, size_t len,
		     bool pattern)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	char *copy;

	hawk_policy_quote(&text, value, len, pattern);
	copy = take_text(&text);
	return copy ? add(g, f, (size_t)(value - f->node->text), false, copy) : -ENOMEM;
}

int hawk_group_term(struct hawk_group *g, const struct hawk_filter *f, const char *at, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return n < 0 ? -ENOMEM : add(g, f, (size_t)(at - f->node->text), true, text);
}

int hawk_group_pending(struct hawk_group *g, const struct hawk_filter *f, const char *why)
{
	if (!g->pending && asprintf(&g->pending, "%s: %s", f->node->text, why) < 0) {
		g->pending = NULL;
		return -ENOMEM;
	}
	return add(g, f, 0, true, NULL);
}

/* Several lower bounds: the lowest counts; several upper ones: the highest. */
int hawk_group_bound(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f)
{
	const bool in = f->op == HAWK_OP_GE || f->op == HAWK_OP_LE;
	char *end;
	int64_t v;

	errno = 0;
	v = strtoll(f->values, &end, g->octal ? 0 : 10);
	if (errno || *end || !strchr("-0123456789", *f->values))
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(f->values - f->node->text),
					  "\"%.64s\": expected one decimal number behind %s", f->values,
					  operators[f->op]);
	if (f->op >= HAWK_OP_GT) {
		g->low_in = !g->has_low || v < g->low ? in : v == g->low ? g->low_in || in : g->low_in;
		g->low = g->has_low && g->low < v ? g->low : v;
		g->has_low = true;
		g->low_at = f->node;
	} else {
		g->high_in = !g->has_high || v > g->high ? in : v == g->high ? g->high_in || in : g->high_in;
		g->high = g->has_high && g->high > v ? g->high : v;
		g->has_high = true;
		g->high_at = f->node;
	}
	return 0;
}

static void print_or(struct hawk_buf *out, bool *first)
{
	if (!*first)
		hawk_buf_lit(out, " OR ");
	*first = false;
}

/* What fits any of the values behind = or !=. */
static void print_hits(const struct hawk_group *g, bool differ, struct hawk_buf *out)
{
	bool first = true;

	hawk_buf_putc(out, '(');
	for (size_t k = 0; k < ARRAY_SIZE(g->fields) && g->fields[k]; k++) {
		bool any = false;

		for (size_t i = 0; i < g->n_items; i++) {
			const struct hawk_group_item *item = &g->items[i];

			if (item->differ != differ || item->whole)
				continue;
			if (!any)
				print_or(out, &first);
			hawk_buf_printf(out, "%s%s", any ? "" : g->fields[k], any ? "|" : "=");
			hawk_buf_puts(out, item->text);
			any = true;
		}
	}
	for (size_t i = 0; i < g->n_items; i++)
		if (g->items[i].differ == differ && g->items[i].whole && g->items[i].text) {
			print_or(out, &first);
			hawk_buf_puts(out, g->items[i].text);
		}
	hawk_buf_putc(out, ')');
}

static void put_bound(const struct hawk_group *g, struct hawk_buf *out, const char *field, const char *op, int64_t v)
{
	if (g->octal && v > 0)
		hawk_buf_printf(out, "%s%s0%" PRIo64, field, op, (uint64_t)v);
	else
		hawk_buf_printf(out, "%s%s%" PRId64, field, op, v);
}

static void print_range(const struct hawk_group *g, struct hawk_buf *out)
{
	hawk_buf_putc(out, '(');
	for (size_t k = 0; k < ARRAY_SIZE(g->fields) && g->fields[k]; k++) {
		hawk_buf_puts(out, k ? " OR (" : "(");
		if (g->has_low)
			put_bound(g, out, g->fields[k], g->low_in ? ">=" : ">", g->low);
		if (g->has_low && g->has_high)
			hawk_buf_lit(out, " AND ");
		if (g->has_high)
			put_bound(g, out, g->fields[k], g->high_in ? "<=" : "<", g->high);
		hawk_buf_putc(out, ')');
	}
	hawk_buf_putc(out, ')');
}

int hawk_group_print(const struct hawk_group *g, struct hawk_buf *out)
{
	const bool range = g->has_low || g->has_high;
	bool equal = false, differ = false, missing = false, rest;

	for (size_t i = 0; i < g->n_items; i++) {
		const struct hawk_group_item *item = &g->items[i];

		if (!item->differ)
			equal |= item->text != NULL;
		else
			*(item->text ? &differ : &missing) = true;
	}
	/* Not to be something that is not known is not known either. */
	rest = (range || (differ && !equal)) && !missing;
	if (!equal && !rest)
		return -ENODATA;
	hawk_buf_puts(out, out->len ? " AND (" : "(");
	if (equal)
		print_hits(g, false, out);
	if (equal && rest)
		hawk_buf_lit(out, " OR (");
	if (rest && range)
		print_range(g, out);
	if (rest && differ) {
		hawk_buf_puts(out, range ? " AND NOT " : "NOT ");
		print_hits(g, true, out);
	}
	if (equal && rest)
		hawk_buf_putc(out, ')');
	hawk_buf_putc(out, ')');
	return out->error ? -ENOMEM : 0;
}

/* Whether src/ir takes TEXT; what it says of it goes where NODE is. */
static int try(struct hawk_policy_reader *r, const char *text, const struct hawk_yaml_node *node,
	       size_t offset)
{
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_ir *ir = NULL;
	int e = hawk_ir_parse(&ir, text, &error);

	hawk_ir_free(ir);
	return e == -EINVAL && node ? hawk_yaml_refuse(&r->yaml, node, offset, "%s", error.message) : e;
}

/* Looks for the values that are wrong. */
static int check_items(struct hawk_policy_reader *r, const struct hawk_group *g)
{
	size_t wrong = 0;

	for (size_t i = 0; i < g->n_items && wrong < HAWK_DIAGS_MAX; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
		const struct hawk_group_item *item = &g->items[i];
		int e;

		if (!item->text)
			continue;
		hawk_buf_printf(&text, "%s%s", item->whole ? "" : g->fields[0], item->whole ? "" : "=");
		hawk_buf_puts(&text, item->text);
		e = hawk_buf_str(&text) ? try(r, text.data, item->node, item->offset) : -ENOMEM;
		if (e == -ENOMEM)
			return e;
		wrong += e < 0;
	}
	return wrong ? -EINVAL : 0;
}

/* Where only values behind = count, what is excluded is out already, or in nevertheless. */
static void warn_of_no_effect(struct hawk_policy_reader *r, const struct hawk_group *g)
{
	const struct hawk_group_item *differ = NULL;
	bool equal = false;

	for (size_t i = 0; i < g->n_items; i++) {
		equal |= !g->items[i].differ;
		if (g->items[i].differ && !differ)
			differ = &g->items[i];
	}
	if (equal && differ && !g->has_low && !g->has_high)
		hawk_yaml_warn(&r->yaml, differ->node, 0,
				 "%s has no effect beside a filter with = on the same field, which goes before it; "
				 "where: can say both", differ->node->text);
}

int hawk_group_check(struct hawk_policy_reader *r, const struct hawk_group *g)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const struct hawk_yaml_node *node = g->low_at ? g->low_at : g->high_at;
	int e = hawk_group_print(g, &text);

	if (g->n_items)
		node = g->items[0].node;
	if (e < 0)
		return e == -ENODATA ? 0 : e;
	warn_of_no_effect(r, g);
	e = hawk_buf_str(&text) ? try(r, text.data, NULL, 0) : -ENOMEM;
	if (e != -EINVAL)
		return e;
	e = check_items(r, g);
	/* Each by itself is right: it is all of them together, or the range. */
	return e ? e : try(r, text.data, node, 0);
}

void hawk_group_done(struct hawk_group *g)
{
	for (size_t i = 0; i < g->n_items; i++)
		free(g->items[i].text);
	free(g->items);
	free(g->pending);
	*g = (struct hawk_group){ .items = NULL };
}
