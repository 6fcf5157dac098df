/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a text to a policy: the document, its dialect, and what their readers share. */
#include <errno.h>

#include "src/policy/reader.h"

DEFINE_CLEANUP(struct hawk_yaml_node, hawk_yaml_free)
DEFINE_CLEANUP(struct hawk_policy, hawk_policy_free)

/* Each dialect, and what it is called. */
static const struct {
	const char *name;
	bool (*knows)(struct hawk_yaml_node *root);
	int (*read)(struct hawk_policy_reader *r, struct hawk_yaml_node *root);
} dialects[] = {
	{ "tracee", hawk_tracee_knows, hawk_tracee_read },
};

static int read_root(struct hawk_policy_reader *r, struct hawk_yaml_node *root)
{
	if (root->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(
			&r->yaml, root, 0, "expected a mapping with apiVersion, kind, metadata and spec, not %s",
			hawk_yaml_kind_name(root));
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		if (dialects[i].knows(root)) {
			r->policy->dialect = dialects[i].name;
			return dialects[i].read(r, root);
		}
	return hawk_yaml_refuse(
		&r->yaml, root, 0,
		"this is no policy: expected \"kind: Policy\", \"type: policy\", or scope and rules");
}

int hawk_policy_parse(struct hawk_policy **ret, const char *text, size_t len, const char *path,
		      const struct hawk_policy_signatures *signatures, struct hawk_diags *diags)
{
	_cleanup_(hawk_policy_freep) struct hawk_policy *p = calloc(1, sizeof(*p));
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *root = NULL;
	struct hawk_policy_reader r = { .policy = p, .yaml = { .diags = diags, .text = text, .len = len },
					.signatures = signatures };
	const size_t errors = diags->errors;
	int e;

	if (!p)
		return -ENOMEM;
	e = hawk_yaml_parse(&root, text, len, diags);
	if (e < 0)
		return e;
	p->enabled = true;
	p->len = len;
	p->path = strdup(path);
	p->text = malloc(len + 1);
	if (!p->path || !p->text)
		return -ENOMEM;
	memcpy(p->text, text, len);
	p->text[len] = '\0';
	e = read_root(&r, root);
	if (e == -ENOMEM || r.error == -ENOMEM)
		return -ENOMEM;
	if (e < 0 || diags->errors > errors)
		return -EINVAL;
	*ret = TAKE_PTR(p);
	return 0;
}
