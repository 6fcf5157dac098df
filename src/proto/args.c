/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "src/proto/proto.h"

json_t *hawk_args_get(const json_t *parameters, const char *name)
{
	json_t *v = json_object_get(parameters, name);

	return json_is_null(v) ? NULL : v;
}

static bool base_fits(enum hawk_base_type base, const json_t *v)
{
	switch (base) {
	case HAWK_BASE_BOOL:
		return json_is_boolean(v);
	case HAWK_BASE_INT:
		return json_is_integer(v);
	case HAWK_BASE_FLOAT:
		return json_is_number(v);
	case HAWK_BASE_STRING:
		return json_is_string(v);
	case HAWK_BASE_OBJECT:
	case HAWK_BASE_STRUCT:
		return json_is_object(v);
	}
	return false;
}

static bool type_fits(const struct hawk_type_info *type, const json_t *v)
{
	if (!type->list)
		return base_fits(type->base, v);
	if (!json_is_array(v))
		return false;
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!base_fits(type->base, json_array_get(v, i)))
			return false;
	return true;
}

static const struct hawk_verb_arg *find_arg(const struct hawk_verb_desc *verb, const char *name)
{
	for (size_t i = 0; i < verb->n_args; i++)
		if (!verb->args[i].local && !strcmp(verb->args[i].name, name))
			return &verb->args[i];
	return NULL;
}

int hawk_args_check(const struct hawk_verb_desc *verb, const json_t *parameters, const char **ret_name)
{
	const char *key;
	json_t *value;

	if (parameters && !json_is_object(parameters)) {
		*ret_name = "parameters";
		return -EINVAL;
	}
	json_object_foreach((json_t *)parameters, key, value) {
		const struct hawk_verb_arg *arg = find_arg(verb, key);
		struct hawk_type_info type;

		if (arg)
			type = hawk_type_info(arg->type);
		if (!arg || (!json_is_null(value) && !type_fits(&type, value))) {
			*ret_name = key;
			return -EINVAL;
		}
	}
	for (size_t i = 0; i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		if (!arg->local && *arg->type != '?' && !hawk_args_get(parameters, arg->name)) {
			*ret_name = arg->name;
			return -EINVAL;
		}
	}
	return 0;
}

enum hawk_role hawk_args_role(const struct hawk_verb_desc *verb, const json_t *parameters)
{
	enum hawk_role role = verb->role;

	for (size_t i = 0; i < verb->n_args; i++)
		if (verb->args[i].role > role && hawk_args_get(parameters, verb->args[i].name))
			role = verb->args[i].role;
	return role;
}
