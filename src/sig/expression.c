/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions in a file: with the names that they may use, and errors where they are written. */

#include "src/sig/reader.h"

#define PARTS_MAX 8

DEFINE_CLEANUP(struct hawk_ir, hawk_ir_free)

/* With none of its events there a signature is pending, and what it says of them cannot be checked. */
static bool cannot_check(const struct hawk_sig_reader *r, const uint64_t *events)
{
	uint64_t any = 0;

	for (size_t i = 0; i < HAWK_SIG_EVENT_WORDS; i++)
		any |= events[i];
	return !any && (r->sig->n_pending || r->yaml.diags->errors);
}

static struct hawk_cel_scope scope_of(const struct hawk_sig_reader *r, const uint64_t *events, size_t n_captures)
{
	return (struct hawk_cel_scope){
		.events = events,
		.lists = r->lists,
		.n_lists = r->n_lists,
		.variables = r->variables,
		.n_variables = r->n_variables,
		.captures = (const char *const *)r->sig->captures,
		.n_captures = n_captures,
		.tracee = r->tracee,
	};
}

/* The byte of TEXT that an error is at. */
static size_t offset_of(const char *text, const struct hawk_cel_error *error)
{
	const char *line = text;

	for (unsigned int i = 1; i < error->line; i++) {
		const char *nl = strchr(line, '\n');

		if (!nl)
			break;
		line = nl + 1;
	}
	return (size_t)(line - text) + (error->column ? error->column - 1 : 0);
}

static void refuse(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, int e,
		   const struct hawk_cel_error *error)
{
	if (e == -ENOMEM)
		r->error = e;
	else
		hawk_yaml_refuse(&r->yaml, node, offset_of(node->text, error), "%s", error->message);
}

static bool is_text(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *what)
{
	if (node->kind == HAWK_YAML_SCALAR && !hawk_yaml_is_null(node))
		return true;
	hawk_sig_refuse(r, node, "expected %s, not %s", what, hawk_yaml_kind_name(node));
	return false;
}

/* What is never known makes a condition one that is hardly ever true, which people have to see. */
static void note_missing(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const struct hawk_cel *cel,
			 bool condition)
{
	const char *name = hawk_cel_missing(cel);

	if (name && condition)
		hawk_sig_pending(r, "a condition asks for %s, which is not known", name);
	else if (name)
		hawk_yaml_warn(&r->yaml, node, 0, "%s is never known", name);
}

struct hawk_cel *hawk_sig_compile(struct hawk_sig_reader *r, const struct hawk_yaml_node *node,
				  const uint64_t *events, size_t n_captures, bool condition)
{
	const struct hawk_cel_scope scope = scope_of(r, events, n_captures);
	struct hawk_cel_error error = { .line = 1 };
	struct hawk_cel *cel = NULL;
	int e;

	if (!is_text(r, node, "an expression") || cannot_check(r, events))
		return NULL;
	e = hawk_cel_compile(&cel, node->text, strlen(node->text), &scope, &error);
	if (e < 0) {
		refuse(r, node, e, &error);
		return NULL;
	}
	if (condition && hawk_cel_type(cel) != HAWK_CEL_BOOL && hawk_cel_type(cel) != HAWK_CEL_UNKNOWN) {
		hawk_sig_refuse(r, node, "expected a condition: something that is true or false");
		return hawk_cel_free(cel);
	}
	note_missing(r, node, cel, condition);
	return cel;
}

struct hawk_cel *hawk_sig_compile_text(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *text)
{
	const struct hawk_cel_scope scope = { .events = NULL };
	struct hawk_cel_error error = { .line = 1 };
	struct hawk_cel *cel = NULL;
	const int e = hawk_cel_compile(&cel, text, strlen(text), &scope, &error);

	if (e == -ENOMEM)
		r->error = e;
	else if (e < 0)
		hawk_sig_refuse(r, node, "%s: %s", text, error.message);
	return e < 0 ? NULL : cel;
}

/* Parts get names, and the names are joined: each part keeps the scope that it was compiled in. */
struct hawk_cel *hawk_sig_and(struct hawk_sig_reader *r, const struct hawk_yaml_node *node,
			      struct hawk_cel *const *parts, size_t n)
{
	static const char *const names[PARTS_MAX] = { "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7" };
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_cel_variable variables[PARTS_MAX];
	const struct hawk_cel_scope scope = { .variables = variables, .n_variables = n, .tracee = r->tracee };
	struct hawk_cel_error error = { .line = 1 };
	struct hawk_cel *all = NULL;
	int e;

	if (n <= 1)
		return n ? parts[0] : NULL;
	for (size_t i = 0; i < n && i < PARTS_MAX; i++) {
		hawk_buf_printf(&text, "%s%s", i ? " && " : "", names[i]);
		variables[i] = (struct hawk_cel_variable){ names[i], parts[i] };
	}
	e = hawk_buf_str(&text) ? hawk_cel_compile(&all, text.data, text.len, &scope, &error) : -ENOMEM;
	for (size_t i = 0; i < n; i++)
		hawk_cel_free(parts[i]);
	if (e == -ENOMEM)
		r->error = e;
	else if (e < 0)
		hawk_sig_refuse(r, node, "with the other conditions: %s", error.message);
	return e < 0 ? NULL : all;
}

struct hawk_cel_template *hawk_sig_template(struct hawk_sig_reader *r, const struct hawk_yaml_node *node)
{
	const struct hawk_cel_scope scope = scope_of(r, r->trigger, r->sig->n_captures);
	struct hawk_cel_template *t = NULL;
	struct hawk_cel_error error = { .line = 1 };
	int e;

	if (!is_text(r, node, "a text") || cannot_check(r, r->trigger))
		return NULL;
	e = hawk_cel_template_compile(&t, node->text, strlen(node->text), &scope, &error);
	if (e < 0)
		refuse(r, node, e, &error);
	return e < 0 ? NULL : t;
}

struct hawk_cel_template *hawk_sig_plain_template(struct hawk_sig_reader *r, const char *text)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	const struct hawk_cel_scope scope = { .events = NULL };
	struct hawk_cel_template *t = NULL;
	struct hawk_cel_error error = { .line = 1 };

	for (const char *c = text; *c; c++) {
		hawk_buf_putc(&out, *c);
		if (*c == '{' || *c == '}')
			hawk_buf_putc(&out, *c);
	}
	if (!hawk_buf_str(&out) || hawk_cel_template_compile(&t, out.data, out.len, &scope, &error) < 0)
		r->error = -ENOMEM; /* a text without braces is one */
	return t;
}

/* When both together are too large for a predicate the filter alone is one. */
static int join(struct hawk_ir **ret, struct hawk_ir *filter, struct hawk_ir *guard)
{
	const struct hawk_ir *const parts[] = { filter, guard };

	return hawk_ir_join(ret, parts, ARRAY_SIZE(parts), true);
}

void hawk_sig_lower(struct hawk_sig_reader *r, struct hawk_sig_match *m, struct hawk_cel *where,
		    struct hawk_ir *filter)
{
	_cleanup_(hawk_ir_freep) struct hawk_ir *own = filter, *guard = NULL;
	bool exact = false;
	int e = where ? hawk_cel_lower(where, &guard, &exact) : 0;

	m->where = where;
	if (e == 0 && own && guard) {
		e = join(&m->guard, own, guard);
		if (e == -E2BIG || e == -EINVAL) {
			exact = false;
			e = 0;
		}
	}
	if (!m->guard)
		m->guard = own ? TAKE_PTR(own) : TAKE_PTR(guard);
	if (e < 0)
		r->error = -ENOMEM;
	if (exact && e == 0)
		m->where = hawk_cel_free(m->where);
}

static void read_key(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const uint64_t *events,
		     struct hawk_sig_key *ret)
{
	for (int by = HAWK_SIG_BY_VALUE + 1; hawk_sig_by_name((enum hawk_sig_by)by); by++)
		if (node->kind == HAWK_YAML_SCALAR && strcmp(node->text, hawk_sig_by_name((enum hawk_sig_by)by)) == 0) {
			ret->by = (enum hawk_sig_by)by;
			return;
		}
	ret->by = HAWK_SIG_BY_VALUE;
	ret->value = hawk_sig_compile(r, node, events, r->sig->n_captures, false);
}

void hawk_sig_read_keys(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const uint64_t *events,
		   struct hawk_sig_key *ret, size_t *ret_n)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, "by");

	if (!node)
		return;
	if (node->kind == HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "by: expected a list such as [process, data.pathname], not a mapping");
		return;
	}
	if (node->kind == HAWK_YAML_SCALAR) {
		read_key(r, node, events, &ret[(*ret_n)++]);
		return;
	}
	for (const struct hawk_yaml_node *one = node->first; one; one = one->next) {
		if (*ret_n == HAWK_SIG_KEYS_MAX) {
			hawk_sig_refuse(r, one, "by: more than %d", HAWK_SIG_KEYS_MAX);
			return;
		}
		read_key(r, one, events, &ret[(*ret_n)++]);
	}
}
