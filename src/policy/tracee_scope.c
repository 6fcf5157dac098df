/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: which processes a policy is about. */
#include <errno.h>

#include "src/policy/tracee.h"

int hawk_tracee_scope(struct hawk_policy_reader *r, struct hawk_yaml_node *body)
{
	const struct hawk_yaml_node *scope = hawk_yaml_get(body, "scope");

	if (!scope || scope->kind != HAWK_YAML_LIST || !scope->first)
		return hawk_policy_refuse(r, scope ? scope : body, 0, "expected scope: with a list, such as - global");
	for (const struct hawk_yaml_node *one = scope->first; one; one = one->next)
		if (one->kind != HAWK_YAML_SCALAR || strcmp(one->text, "global") != 0)
			hawk_policy_refuse(r, one, 0, "expected global");
	return 0;
}
