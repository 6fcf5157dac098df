/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filters of Tracee's detectors: as those of a rule, but data has no head. */
#include <errno.h>

#include "src/policy/filters.h"
#include "src/policy/tracee_data.h"

struct lowering {
	struct hawk_policy_reader r;
	struct hawk_policy policy; /* for what filters note in one */
	struct hawk_tracee_data data;
	struct hawk_tracee_groups context;
	struct hawk_tracee_lowered *ret;
	const struct hawk_event_desc *desc; /* NULL: the event of another detector, whose data is what that tells */
};

static void lowering_free(struct lowering **l)
{
	struct hawk_policy *p = *l ? &(*l)->policy : NULL;

	if (!p)
		return;
	for (size_t i = 0; i < p->n_checked_syscalls; i++)
		free(p->checked_syscalls[i]);
	for (size_t i = 0; i < p->n_watched_symbols; i++)
		free(p->watched_symbols[i]);
	free(p->checked_syscalls);
	free(p->watched_symbols);
	hawk_tracee_groups_done(&(*l)->context);
	free(*l);
}

static int read_data(struct lowering *l, const struct hawk_yaml_node *node)
{
	struct hawk_filter f;
	int e = hawk_filter_split(&l->r, node, &f);

	if (e < 0)
		return e;
	if (l->data.n == HAWK_TRACEE_FILTERS_MAX)
		return hawk_yaml_refuse(&l->r.yaml, node, 0, "more than %d filters on data", HAWK_TRACEE_FILTERS_MAX);
	f.bare = !hawk_tracee_is_data(&f);
	if (l->desc && !*hawk_tracee_place(l->desc, &f).field)
		return hawk_tracee_promises(l->desc, &f) ? hawk_tracee_lack(l->desc, &f, &l->ret->pending, &l->ret->n_pending) :
							   hawk_tracee_refuse_field(&l->r, l->desc, &f);
	l->data.v[l->data.n++] = f;
	return 0;
}

static bool is_started(const struct hawk_filter *f)
{
	return f->op == HAWK_OP_EQ && f->key_len == strlen("container") &&
	       strncmp(f->key, "container", f->key_len) == 0 &&
	       (strcmp(f->values, "started") == 0 || strcmp(f->values, "new") == 0);
}

static int read_scope(struct lowering *l, const struct hawk_yaml_node *node)
{
	const struct hawk_tracee_key *key;
	struct hawk_filter f;
	int e = hawk_filter_split(&l->r, node, &f);

	if (e < 0)
		return e;
	if (is_started(&f)) {
		l->ret->started = true;
		return 0;
	}
	key = hawk_tracee_context_key(&f);
	if (!key)
		key = hawk_tracee_scope_key(&f);
	if (!key || key->how == HAWK_TRACEE_GLOBAL || key->how == HAWK_TRACEE_FOLLOW)
		return hawk_tracee_refuse_key(&l->r, &f, false);
	if (key->how != HAWK_TRACEE_SYSCALL)
		return hawk_tracee_groups_add(&l->r, &l->context, key, &f);
	return hawk_yaml_push(&l->ret->pending, &l->ret->n_pending,
				"syscall: the system call that an event happened in is not known");
}

static int read_lists(struct lowering *l, const struct hawk_yaml_node *data, const struct hawk_yaml_node *scope)
{
	const struct hawk_yaml_node *const lists[] = { data, scope };
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (lists[i] && lists[i]->kind != HAWK_YAML_LIST)
			return hawk_yaml_refuse(&l->r.yaml, lists[i], 0, "expected a list of filters, not %s",
						  hawk_yaml_kind_name(lists[i]));
	for (const struct hawk_yaml_node *one = data ? data->first : NULL; one; one = one->next) {
		int e = read_data(l, one);

		bad = e < 0 && bad != -ENOMEM ? e : bad;
	}
	for (const struct hawk_yaml_node *one = scope ? scope->first : NULL; one; one = one->next) {
		int e = read_scope(l, one);

		bad = e < 0 && bad != -ENOMEM ? e : bad;
	}
	return bad;
}

int hawk_tracee_lower(struct hawk_yaml_reader *yaml, const struct hawk_event_desc *desc,
		      const struct hawk_yaml_node *data, const struct hawk_yaml_node *scope,
		      struct hawk_tracee_lowered *ret)
{
	_cleanup_(lowering_free) struct lowering *l = calloc(1, sizeof(*l));
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_error error = { .line = 0 };
	int e;

	if (!l)
		return -ENOMEM;
	l->r = (struct hawk_policy_reader){ .policy = &l->policy, .yaml = *yaml };
	l->ret = ret;
	l->desc = desc;
	e = read_lists(l, data, scope);
	if (e == 0)
		e = hawk_tracee_groups_print(&l->r, &l->context, &text, &ret->pending, &ret->n_pending);
	if (e == 0)
		e = desc ? hawk_tracee_data_print(&l->r, &l->data, desc, &text) :
			   hawk_tracee_output_print(&l->r, &l->data, &text);
	if (e < 0 || !text.len)
		return e;
	e = hawk_buf_str(&text) ? hawk_ir_parse(&ret->ir, text.data, &error) : -ENOMEM;
	return e == -EINVAL ? hawk_yaml_refuse(&l->r.yaml, data ? data : scope, 0, "%s", error.message) : e;
}

void hawk_tracee_lowered_done(struct hawk_tracee_lowered *l)
{
	hawk_ir_free(l->ir);
	for (size_t i = 0; i < l->n_pending; i++)
		free(l->pending[i]);
	free(l->pending);
	*l = (struct hawk_tracee_lowered){ .ir = NULL };
}
