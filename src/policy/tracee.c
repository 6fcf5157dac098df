/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: the forms of the file. */
#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "src/policy/tracee.h"

#define API_VERSION "tracee.aquasec.com/v1beta1"

/* What a policy of Kubernetes says that it is: now, and until Tracee 0.18. */
static const struct {
	const char *version, *kind;
} identities[] = {
	{ API_VERSION, "Policy" },
	{ "aquasecurity.github.io/v1beta1", "TraceePolicy" },
};

/* The same policy is written in three ways; here is where each has what. */
struct form {
	struct hawk_yaml_node *name_in, *description_in, *body;
	bool any_name; /* as before Kubernetes was thought of */
};

static bool is_text(const struct hawk_yaml_node *node)
{
	return node && node->kind == HAWK_YAML_SCALAR;
}

bool hawk_tracee_knows(struct hawk_yaml_node *root)
{
	const struct hawk_yaml_node *type = hawk_yaml_get(root, "type"), *kind = hawk_yaml_get(root, "kind");
	const struct hawk_yaml_node *version = hawk_yaml_get(root, "apiVersion");

	for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
		if (is_text(kind) && strcasecmp(kind->text, identities[i].kind) == 0)
			return true;
		if (is_text(version) && strcmp(version->text, identities[i].version) == 0)
			return true;
	}
	if (is_text(type) && strcasecmp(type->text, "policy") == 0)
		return true;
	return !kind && !version && !type && hawk_yaml_get(root, "rules");
}

/* A label of RFC 1123 or several with dots between. */
static bool is_subdomain(const char *name)
{
	char before = '.';

	for (const char *c = name; *c; before = *c++) {
		const bool letter = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');

		if (!letter && (*c != '-' || before == '.') && (*c != '.' || before == '.' || before == '-'))
			return false;
	}
	return before != '.' && before != '-';
}

/* What goes into a line and a command as it is. */
static bool is_plain(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(" _-.:/", *c))
			return false;
	return *name != ' ' && name[strlen(name) - 1] != ' ';
}

static bool fits(const struct form *form, const char *name)
{
	return strlen(name) <= HAWK_POLICY_NAME_MAX && (form->any_name ? is_plain(name) : is_subdomain(name));
}

static int read_name(struct hawk_policy_reader *r, struct hawk_yaml_node *root, struct form *form)
{
	const struct hawk_yaml_node *name = form->name_in ? hawk_yaml_text(&r->yaml, form->name_in, "name") : NULL;

	if (!name || !*name->text) {
		const struct hawk_yaml_node *at = form->name_in ? form->name_in : root;

		return hawk_yaml_refuse(&r->yaml, name ? name : at, 0, "the policy has no name: expected %sname: SOMETHING",
					  form->name_in == root ? "" : "metadata: ");
	}
	if (!fits(form, name->text))
		return hawk_yaml_refuse(&r->yaml, name, 0, "the name \"%.64s\": expected %s", name->text,
					  form->any_name ? "letters, digits, spaces and _-.:/" :
							   "small letters, digits, - and ., with a letter or digit "
							   "at both ends");
	r->policy->name = strdup(name->text);
	return r->policy->name ? 0 : -ENOMEM;
}

static int read_description(struct hawk_policy_reader *r, const struct form *form)
{
	const struct hawk_yaml_node *text =
		form->description_in ? hawk_yaml_text(&r->yaml, form->description_in, "description") : NULL;

	r->policy->description = strdup(text && !hawk_yaml_is_null(text) ? text->text : "");
	return r->policy->description ? 0 : -ENOMEM;
}

static struct hawk_yaml_node *mapping(struct hawk_policy_reader *r, struct hawk_yaml_node *in,
				      const char *key)
{
	struct hawk_yaml_node *node = hawk_yaml_get(in, key);

	if (node && !hawk_yaml_is_null(node) && node->kind != HAWK_YAML_MAP)
		hawk_yaml_refuse(&r->yaml, node, 0, "%s: expected a mapping, not %s", key,
				   hawk_yaml_kind_name(node));
	return node && node->kind == HAWK_YAML_MAP ? node : NULL;
}

static void check_identity(struct hawk_policy_reader *r, struct hawk_yaml_node *root)
{
	const struct hawk_yaml_node *version = hawk_yaml_text(&r->yaml, root, "apiVersion");
	const struct hawk_yaml_node *kind = hawk_yaml_text(&r->yaml, root, "kind");
	size_t i = 0;

	while (i < ARRAY_SIZE(identities) && (!version || strcmp(version->text, identities[i].version) != 0))
		i++;
	if (i == ARRAY_SIZE(identities))
		hawk_yaml_refuse(&r->yaml, version ? version : root, 0, "expected apiVersion: %s", API_VERSION);
	else if (!kind || strcmp(kind->text, identities[i].kind) != 0)
		hawk_yaml_refuse(&r->yaml, kind ? kind : root, 0, "expected kind: %s", identities[i].kind);
}

/* kind: Policy, as Kubernetes has it. */
static int find_crd(struct hawk_policy_reader *r, struct hawk_yaml_node *root, struct form *form)
{
	static const char *const keys[] = { "apiVersion", "kind", "metadata", "spec", NULL };
	static const char *const meta_keys[] = { "name", "annotations", "labels", "namespace", NULL };
	static const char *const spec_keys[] = { "scope", "rules", "where", "defaultActions", NULL };

	hawk_yaml_check_keys(&r->yaml, root, keys, "a policy");
	check_identity(r, root);
	form->name_in = mapping(r, root, "metadata");
	form->body = mapping(r, root, "spec");
	if (form->name_in) {
		hawk_yaml_check_keys(&r->yaml, form->name_in, meta_keys, "metadata");
		form->description_in = mapping(r, form->name_in, "annotations");
	}
	if (!form->body)
		return hawk_yaml_refuse(&r->yaml, root, 0,
					  "the policy has no spec: expected spec: with scope and rules");
	hawk_yaml_check_keys(&r->yaml, form->body, spec_keys, "spec");
	return 0;
}

/* All in the first mapping: type: policy, and what Tracee read before 0.17, which has no type. */
static void find_plain(struct hawk_policy_reader *r, struct hawk_yaml_node *root, struct form *form)
{
	static const char *const keys[] = { "type",  "name",  "description",    "version",       "scope",
					    "rules", "where", "defaultActions", "defaultAction", NULL };

	hawk_yaml_check_keys(&r->yaml, root, keys, "a policy");
	*form = (struct form){ root, root, root, .any_name = !hawk_yaml_get(root, "type") };
}

int hawk_tracee_read(struct hawk_policy_reader *r, struct hawk_yaml_node *root)
{
	struct form form = { .name_in = NULL };
	int e = 0, bad;

	if (hawk_yaml_get(root, "kind") || hawk_yaml_get(root, "apiVersion"))
		e = find_crd(r, root, &form);
	else
		find_plain(r, root, &form);
	bad = read_name(r, root, &form);
	if (bad == 0)
		bad = read_description(r, &form);
	if (e == 0 && bad != -ENOMEM)
		e = hawk_tracee_scope(r, form.body);
	if (e != -ENOMEM && form.body && bad != -ENOMEM)
		e = hawk_tracee_rules(r, form.body);
	return bad < 0 ? bad : e;
}
