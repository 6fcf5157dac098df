/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no finding after all: in the signature's own file, or in one of the admin's for signatures of others. */
#include "src/sig/reader.h"

void hawk_sig_exception_done(struct hawk_sig_exception *x)
{
	free(x->name);
	free(x->why);
	hawk_cel_free(x->where);
	*x = (struct hawk_sig_exception){ .name = NULL };
}

static void read_exception(struct hawk_sig_reader *r, struct hawk_yaml_node *node)
{
	static const char *const keys[] = { "name", "where", "why", NULL };
	struct hawk_sig *sig = r->sig;
	struct hawk_sig_exception *x;

	if (node->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "expected an exception: {name: NAME, where: EXPRESSION}, not %s",
				hawk_yaml_kind_name(node));
		return;
	}
	hawk_yaml_only_keys(&r->yaml, node, keys, "an exception");
	x = hawk_sig_grow(r, &sig->exceptions, &sig->n_exceptions, sizeof(*x), HAWK_SIG_EXCEPTIONS_MAX, node,
			  "exceptions");
	if (!x)
		return;
	x->name = hawk_sig_need(r, node, "name", HAWK_SIG_ID_MAX);
	x->why = hawk_sig_text(r, node, "why", HAWK_SIG_WHY_MAX);
	if (!hawk_sig_get(node, "where"))
		hawk_sig_refuse(r, node, "there is no where: here");
	else
		x->where = hawk_sig_compile(r, hawk_sig_get(node, "where"), r->all, sig->n_captures, true);
	for (size_t i = 0; x->name && i + 1 < sig->n_exceptions; i++)
		if (sig->exceptions[i].name && strcmp(sig->exceptions[i].name, x->name) == 0)
			hawk_sig_refuse(r, hawk_sig_get(node, "name"), "there is an exception \"%s\" before this",
					x->name);
}

void hawk_sig_read_exceptions(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_yaml_node *node = hawk_sig_get(root, "exceptions");

	if (!node)
		return;
	if (node->kind != HAWK_YAML_LIST) {
		hawk_sig_refuse(r, node, "exceptions: expected a list, not %s", hawk_yaml_kind_name(node));
		return;
	}
	for (struct hawk_yaml_node *one = node->first; one; one = one->next)
		read_exception(r, one);
}

const char *hawk_sig_excepted(struct hawk_yaml_reader *yaml, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "kind", "signature", "exceptions", NULL };
	const struct hawk_yaml_node *name = hawk_yaml_text(yaml, root, "signature");

	hawk_yaml_only_keys(yaml, root, keys, "a file of exceptions");
	if (!name || hawk_yaml_is_null(name))
		hawk_yaml_refuse(yaml, name ? name : root, 0, "expected signature: with the name of the signature");
	if (!hawk_yaml_get(root, "exceptions"))
		hawk_yaml_refuse(yaml, root, 0, "expected exceptions: with a list of them");
	return name ? name->text : NULL;
}
