/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a text to a policy: the document, its dialect, and what their readers share. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "src/policy/reader.h"

DEFINE_CLEANUP(struct hawk_yaml_node, hawk_yaml_free)
DEFINE_CLEANUP(struct hawk_policy, hawk_policy_free)

static void tell(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, size_t offset,
		 struct hawk_diag *diag)
{
	diag->line = node->line;
	diag->column = node->column;
	/* In a block the text begins in the next line, at a column that is not known. */
	if (!node->block && !node->shared)
		diag->column += (unsigned int)offset + (offset && !node->plain);
	hawk_diags_add(r->diags, diag);
}

int hawk_policy_refuse(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, size_t offset,
		       const char *fmt, ...)
{
	struct hawk_diag diag = { .line = 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(diag.message, sizeof(diag.message), fmt, ap);
	va_end(ap);
	tell(r, node, offset, &diag);
	return -EINVAL;
}

void hawk_policy_warn(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, size_t offset,
		      const char *fmt, ...)
{
	struct hawk_diag diag = { .warning = true };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(diag.message, sizeof(diag.message), fmt, ap);
	va_end(ap);
	tell(r, node, offset, &diag);
}

void hawk_policy_check_keys(struct hawk_policy_reader *r, const struct hawk_yaml_node *map,
			    const char *const *known, const char *where)
{
	for (const struct hawk_yaml_node *m = map->kind == HAWK_YAML_MAP ? map->first : NULL; m;
	     m = m->next) {
		struct hawk_nearest near = hawk_nearest_start(m->key);
		struct hawk_diag diag = { .line = m->key_line, .column = m->key_column, .warning = true };
		const char *const *k = known;

		while (*k && strcmp(*k, m->key) != 0)
			hawk_nearest_offer(&near, *k++);
		if (*k)
			continue;
		snprintf(diag.message, sizeof(diag.message), "%s has no key \"%.64s\"%s%s: it is ignored",
			 where, m->key, near.best ? "; did you mean " : "", near.best ? near.best : "");
		hawk_diags_add(r->diags, &diag);
	}
}

const struct hawk_yaml_node *hawk_policy_text(struct hawk_policy_reader *r, struct hawk_yaml_node *map,
					      const char *key)
{
	struct hawk_yaml_node *node = hawk_yaml_get(map, key);

	if (!node || node->kind == HAWK_YAML_SCALAR)
		return node;
	hawk_policy_refuse(r, node, 0, "%s: expected a text, not %s", key, hawk_yaml_kind_name(node));
	return NULL;
}

int hawk_policy_push(char ***list, size_t *n, const char *text)
{
	char **grown = realloc(*list, (*n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[*n] = strdup(text);
	if (!grown[*n])
		return -ENOMEM;
	++*n;
	return 0;
}

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
		return hawk_policy_refuse(
			r, root, 0, "expected a mapping with apiVersion, kind, metadata and spec, not %s",
			hawk_yaml_kind_name(root));
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		if (dialects[i].knows(root)) {
			r->policy->dialect = dialects[i].name;
			return dialects[i].read(r, root);
		}
	return hawk_policy_refuse(
		r, root, 0,
		"this is no policy: expected \"kind: Policy\", \"type: policy\", or scope and rules");
}

int hawk_policy_parse(struct hawk_policy **ret, const char *text, size_t len, const char *path,
		      struct hawk_diags *diags)
{
	_cleanup_(hawk_policy_freep) struct hawk_policy *p = calloc(1, sizeof(*p));
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *root = NULL;
	struct hawk_policy_reader r = { .policy = p, .diags = diags };
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
