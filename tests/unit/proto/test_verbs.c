/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/proto/proto.h"

/* A value of TYPE, or one that is not. */
static json_t *value_of(const struct hawk_type_info *type, bool right)
{
	json_t *v;

	switch (type->base) {
	case HAWK_BASE_BOOL:
		v = right ? json_true() : json_integer(1);
		break;
	case HAWK_BASE_INT:
		v = right ? json_integer(1) : json_real(1.5);
		break;
	case HAWK_BASE_STRING:
		v = right ? json_string("x") : json_integer(1);
		break;
	default:
		v = right ? json_object() : json_array();
	}
	return type->list ? json_pack("[o]", v) : v;
}

static json_t *all_arguments(const struct hawk_verb_desc *verb)
{
	json_t *args = json_object();

	for (size_t i = 0; i < verb->n_args; i++) {
		struct hawk_type_info type = hawk_type_info(verb->args[i].type);

		if (!verb->args[i].local)
			json_object_set_new(args, verb->args[i].name, value_of(&type, true));
	}
	return args;
}

static void refuse(const struct hawk_verb_desc *verb, const json_t *args, const char *expected)
{
	const char *bad = NULL;

	assert_int_equal(hawk_args_check(verb, args, &bad), -EINVAL);
	assert_string_equal(bad, expected);
}

static void check_argument(const struct hawk_verb_desc *verb, const struct hawk_verb_arg *arg)
{
	struct hawk_type_info type = hawk_type_info(arg->type), other = type;
	json_t *args = all_arguments(verb);
	const char *bad;

	if (arg->local) {
		json_object_set_new(args, arg->name, value_of(&type, true));
		refuse(verb, args, arg->name);
		json_decref(args);
		return;
	}
	json_object_set_new(args, arg->name, value_of(&type, false));
	refuse(verb, args, arg->name);
	other.list = !type.list;
	json_object_set_new(args, arg->name, value_of(&other, true));
	refuse(verb, args, arg->name);
	for (int how = 0; how < 2; how++) {
		if (how)
			json_object_set_new(args, arg->name, json_null());
		else
			json_object_del(args, arg->name);
		if (type.optional)
			assert_int_equal(hawk_args_check(verb, args, &bad), 0);
		else
			refuse(verb, args, arg->name);
	}
	json_decref(args);
}

static void every_argument_is_checked(void **state)
{
	const char *bad;

	(void)state;
	for (int id = 0; id < HAWK_VERB_MAX; id++) {
		const struct hawk_verb_desc *verb = hawk_verb(id);
		json_t *args = all_arguments(verb), *array = json_array();

		assert_int_equal(verb->id, id);
		if (verb->kind != HAWK_KIND_LOCAL)
			assert_int_equal(hawk_args_check(verb, args, &bad), 0);
		json_object_set_new(args, "surplus", json_null());
		refuse(verb, args, "surplus");
		refuse(verb, array, "parameters");
		for (size_t i = 0; i < verb->n_args; i++)
			check_argument(verb, &verb->args[i]);
		json_decref(array);
		json_decref(args);
	}
}

/* Only setting the level needs more than asking for it. */
static void roles(void **state)
{
	const struct hawk_verb_desc *verb = hawk_verb(HAWK_VERB_LOG_LEVEL);
	json_t *args = json_pack("{s:s}", "level", "debug"), *null = json_pack("{s:n}", "level");

	(void)state;
	assert_int_equal(hawk_args_role(verb, NULL), HAWK_ROLE_READ);
	assert_int_equal(hawk_args_role(verb, null), HAWK_ROLE_READ);
	assert_int_equal(hawk_args_role(verb, args), HAWK_ROLE_ADMIN);
	assert_int_equal(hawk_args_role(hawk_verb(HAWK_VERB_RELOAD), NULL), HAWK_ROLE_ADMIN);
	json_decref(args);
	json_decref(null);
}

static void lookup(void **state)
{
	static const char *const words[] = { "event", "enable", "file_open" };
	int used = 0;

	(void)state;
	assert_ptr_equal(hawk_verb_by_words(3, words, &used), hawk_verb(HAWK_VERB_EVENT_ENABLE));
	assert_int_equal(used, 2);
	assert_null(hawk_verb_by_words(1, words, &used));
	assert_null(hawk_verb_by_words(0, words, &used));
	assert_null(hawk_verb_by_words(2, words + 1, &used));
	assert_ptr_equal(hawk_verb_by_method("ProcessTree"), hawk_verb(HAWK_VERB_PROCESS_TREE));
	assert_null(hawk_verb_by_method("processTree"));
	assert_null(hawk_verb_by_method(""));
}

/* What sechawkctl needs of the table to parse without doubt. */
static void command_lines_are_unambiguous(void **state)
{
	(void)state;
	for (int id = 0; id < HAWK_VERB_MAX; id++) {
		const struct hawk_verb_desc *v = hawk_verb(id);
		bool list = false, optional = false;

		assert_true(*v->words && *v->help);
		assert_true(v->kind == HAWK_KIND_LOCAL ? !*v->method : *v->method);
		for (int k = 0; k < id; k++)
			assert_string_not_equal(v->words, hawk_verb(k)->words);
		for (size_t i = 0; i < v->n_args; i++) {
			const struct hawk_verb_arg *a = &v->args[i];
			struct hawk_type_info type = hawk_type_info(a->type);

			assert_true(*a->help);
			assert_int_equal(a->where == HAWK_ARG_OPTION, *a->option != 0);
			if (a->where == HAWK_ARG_OPTION)
				assert_int_equal(!*a->metavar, type.base == HAWK_BASE_BOOL);
			for (size_t k = 0; k < i; k++) {
				assert_string_not_equal(a->name, v->args[k].name);
				assert_true(!a->letter || a->letter != v->args[k].letter);
				assert_true(!*a->option || strcmp(a->option, v->args[k].option));
			}
			if (a->where != HAWK_ARG_POSITIONAL)
				continue;
			/* Nothing can follow a list, and only optional ones an optional one. */
			assert_false(list);
			assert_true(type.optional || !optional);
			list = type.list;
			optional = type.optional;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_argument_is_checked),
		cmocka_unit_test(roles),
		cmocka_unit_test(lookup),
		cmocka_unit_test(command_lines_are_unambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
