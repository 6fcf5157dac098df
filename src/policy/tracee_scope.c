/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: which processes a policy is about. */
#include <errno.h>

#include "src/policy/tracee.h"

static int read_entry(struct hawk_policy_reader *r, const struct hawk_yaml_node *node,
		      struct hawk_tracee_groups *gs)
{
	const struct hawk_tracee_key *key;
	struct hawk_filter f;
	int e = hawk_filter_split(r, node, &f);

	if (e < 0)
		return e;
	key = hawk_tracee_scope_key(&f);
	if (!key)
		return hawk_tracee_refuse_key(r, &f, true);
	if (key->how != HAWK_TRACEE_GLOBAL && key->how != HAWK_TRACEE_FOLLOW)
		return hawk_tracee_groups_add(r, gs, key, &f);
	if (f.op != HAWK_OP_NONE)
		return hawk_yaml_refuse(&r->yaml, node, f.key_len, "%s takes no value", key->names);
	r->policy->follow |= key->how == HAWK_TRACEE_FOLLOW;
	return 0;
}

/* True when one of the entries is global. */
static bool has_global(const struct hawk_yaml_node *scope)
{
	for (const struct hawk_yaml_node *one = scope->first; one; one = one->next)
		if (one->kind == HAWK_YAML_SCALAR && strcmp(one->text, "global") == 0)
			return true;
	return false;
}

static int read_list(struct hawk_policy_reader *r, const struct hawk_yaml_node *scope, struct hawk_buf *out)
{
	_cleanup_(hawk_tracee_groups_done) struct hawk_tracee_groups gs = { .n = 0 };
	struct hawk_policy *p = r->policy;
	int bad = 0, e;

	if (has_global(scope) && scope->first->next)
		return hawk_yaml_refuse(&r->yaml, scope, 0, "global stands alone: take it away, or the others");
	for (const struct hawk_yaml_node *one = scope->first; one; one = one->next) {
		e = read_entry(r, one, &gs);
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	e = hawk_tracee_groups_print(r, &gs, out, &p->pending, &p->n_pending);
	return bad < 0 && e != -ENOMEM ? bad : e;
}

int hawk_tracee_where(struct hawk_policy_reader *r, const struct hawk_yaml_node *where, struct hawk_buf *out)
{
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_ir *ir = NULL;
	int e;

	if (!where || hawk_yaml_is_null(where))
		return 0;
	e = hawk_ir_parse(&ir, where->text, &error);
	hawk_ir_free(ir);
	if (e == -EINVAL)
		return hawk_yaml_refuse(&r->yaml, where, error.line == 1 ? error.column - 1 : 0, "%s",
					  error.message);
	hawk_buf_puts(out, out->len ? " AND (" : "(");
	hawk_buf_puts(out, where->text);
	hawk_buf_putc(out, ')');
	return out->error ? -ENOMEM : e;
}

int hawk_tracee_scope(struct hawk_policy_reader *r, struct hawk_yaml_node *body)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const struct hawk_yaml_node *scope = hawk_yaml_get(body, "scope"),
				    *where = hawk_yaml_text(&r->yaml, body, "where");
	struct hawk_ir_error error = { .line = 0 };
	int e;

	if (!scope || scope->kind != HAWK_YAML_LIST || !scope->first)
		return hawk_yaml_refuse(&r->yaml, scope ? scope : body, 0,
					  "expected scope: with a list, such as - global");
	e = read_list(r, scope, &text);
	if (e == 0)
		e = hawk_tracee_where(r, where, &text);
	if (e < 0)
		return e;
	if (!text.len)
		return 0;
	e = hawk_buf_str(&text) ? hawk_ir_parse(&r->policy->scope, text.data, &error) : -ENOMEM;
	return e == -EINVAL ? hawk_yaml_refuse(&r->yaml, scope, 0, "%s", error.message) : e;
}
