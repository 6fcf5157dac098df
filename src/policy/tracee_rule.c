/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: the rules. */
#include <errno.h>

#include "src/policy/tracee.h"

static int read_rule(struct hawk_policy_reader *r, struct hawk_yaml_node *node)
{
	const struct hawk_yaml_node *event = node->kind == HAWK_YAML_MAP ? hawk_policy_text(r, node, "event") : NULL;
	struct hawk_policy *p = r->policy;
	const struct hawk_event_desc *desc;
	struct hawk_policy_rule *rules;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (!event)
		return hawk_policy_refuse(r, node, 0, "expected event: NAME");
	desc = hawk_event_by_name(event->text);
	if (!desc)
		return hawk_policy_refuse(r, event, 0, "there is no event \"%.64s\"", event->text);
	rules = realloc(p->rules, (p->n_rules + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	p->rules = rules;
	rules += p->n_rules;
	*rules = (struct hawk_policy_rule){ .line = event->line, .column = event->column };
	rules->event = strdup(event->text);
	if (!rules->event)
		return -ENOMEM;
	p->n_rules++;
	for (size_t i = 0; i < n; i++)
		if (descs[i] == desc)
			rules->events[i / 64] |= 1ULL << i % 64;
	return 0;
}

int hawk_tracee_rules(struct hawk_policy_reader *r, struct hawk_yaml_node *body)
{
	const struct hawk_yaml_node *rules = hawk_yaml_get(body, "rules");

	if (!rules || rules->kind != HAWK_YAML_LIST || !rules->first)
		return hawk_policy_refuse(r, rules ? rules : body, 0, "expected rules: with a list of event: NAME");
	for (struct hawk_yaml_node *one = rules->first; one; one = one->next)
		if (read_rule(r, one) == -ENOMEM)
			return -ENOMEM;
	return 0;
}
