/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which events a step is about. */
#include "src/sig/reader.h"

static void put(struct hawk_sig_reader *r, struct hawk_sig_match *m, size_t row)
{
	m->events[row / 64] |= 1ULL << row % 64;
	r->all[row / 64] |= 1ULL << row % 64;
}

static bool put_desc(struct hawk_sig_reader *r, struct hawk_sig_match *m, const struct hawk_event_desc *desc)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (descs[i] == desc) {
			put(r, m, i);
			return true;
		}
	return false;
}

static void select_set(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *set,
		       struct hawk_sig_match *m)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	bool found = false;

	for (size_t i = 0; i < n; i++)
		if (!descs[i]->internal && hawk_event_in_set(descs[i], set)) {
			put(r, m, i);
			found = true;
		}
	if (!found)
		hawk_sig_refuse(r, node, "there is no set of events \"%.64s\"; sechawkctl event list tells them", set);
}

/* Whether there is such a signature is known when all files were read. */
void hawk_sig_select_finding(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *name,
			     struct hawk_sig_match *m)
{
	const struct hawk_event_desc *desc = hawk_event_by_name("finding");

	if (!*name) {
		hawk_sig_refuse(r, node, "expected the name of a signature behind finding=");
		return;
	}
	if (hawk_yaml_push(&m->findings, &m->n_findings, name) < 0)
		r->error = -ENOMEM;
	if (!desc || !put_desc(r, m, desc))
		hawk_sig_pending(r, "finding=%s: there is no event for findings", name);
}

static void refuse_name(struct hawk_sig_reader *r, const struct hawk_yaml_node *node)
{
	struct hawk_nearest near = hawk_nearest_start(node->text);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (!descs[i]->internal)
			hawk_nearest_offer(&near, descs[i]->name);
	hawk_sig_refuse(r, node, "there is no event \"%.64s\"%s%s", node->text, near.best ? "; did you mean " : "",
			near.best ? near.best : "");
}

void hawk_sig_select(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, struct hawk_sig_match *m)
{
	const struct hawk_event_desc *desc;
	const struct hawk_pending_desc *pending;

	if (node->kind != HAWK_YAML_SCALAR || !*node->text) {
		hawk_sig_refuse(r, node, "expected the name of an event, not %s", hawk_yaml_kind_name(node));
		return;
	}
	if (strncmp(node->text, "set=", 4) == 0) {
		select_set(r, node, node->text + 4, m);
		return;
	}
	if (strncmp(node->text, "finding=", 8) == 0) {
		hawk_sig_select_finding(r, node, node->text + 8, m);
		return;
	}
	desc = hawk_event_by_name(node->text);
	pending = hawk_event_pending(node->text);
	if (desc && desc->internal)
		hawk_sig_refuse(r, node, "%s is an internal event", node->text);
	else if (desc)
		put_desc(r, m, desc);
	else if (pending)
		hawk_sig_pending(r, "%s: %s", node->text, pending->reason);
	else
		refuse_name(r, node);
}
