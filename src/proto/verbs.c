/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "src/base/cleanup.h"
#include "src/proto/proto.h"

#define WHERE_POSITIONAL HAWK_ARG_POSITIONAL
#define WHERE_OPTION HAWK_ARG_OPTION
#define WHERE_HIDDEN HAWK_ARG_HIDDEN

/* Every list ends in an empty row, since C has no empty arrays; the counts leave it out. */
#define VERB(token, method, words, role, kind, help, details) \
	static const struct hawk_verb_arg args_##token[] = {
#define ARG(token, type, name, where, letter, option, metavar, help) \
	{ #name, type, WHERE_##where, letter, option, metavar, help, HAWK_ROLE_READ, false },
#define ADMIN_ARG(token, type, name, where, letter, option, metavar, help) \
	{ #name, type, WHERE_##where, letter, option, metavar, help, HAWK_ROLE_ADMIN, false },
#define LOCAL_ARG(token, type, name, where, letter, option, metavar, help) \
	{ #name, type, WHERE_##where, letter, option, metavar, help, HAWK_ROLE_READ, true },
#define VERB_END(token) { .name = NULL } };
#include "src/proto/verbs.def"

#define VERB(token, method, words, role, kind, help, details) \
	static const struct hawk_member results_##token[] = {
#define RESULT(token, type, name, help) { #name, type, help },
#define VERB_END(token) { .name = NULL } };
#define STRUCT(token, name, doc) static const struct hawk_member members_##token[] = {
#define MEMBER(token, type, name, doc) { #name, type, doc },
#define STRUCT_END(token) { .name = NULL } };
#define FAILURE(token, name, doc) static const struct hawk_member failure_##token[] = {
#define FAILURE_MEMBER(token, type, name, doc) { #name, type, doc },
#define FAILURE_END(token) { .name = NULL } };
#include "src/proto/verbs.def"

static const struct hawk_verb_desc verbs[] = {
#define VERB(token, method, words, role, kind, help, details) \
	{ HAWK_VERB_##token, method, words, HAWK_ROLE_##role, HAWK_KIND_##kind, help, details, \
	  args_##token, ARRAY_SIZE(args_##token) - 1, results_##token, ARRAY_SIZE(results_##token) - 1 },
#include "src/proto/verbs.def"
};

static const struct hawk_struct_desc structs[] = {
#define STRUCT(token, name, doc) { name, doc, members_##token, ARRAY_SIZE(members_##token) - 1 },
#include "src/proto/verbs.def"
};

static const struct hawk_struct_desc failures[] = {
#define FAILURE(token, name, doc) { name, doc, failure_##token, ARRAY_SIZE(failure_##token) - 1 },
#include "src/proto/verbs.def"
};

static const struct hawk_global_option globals[] = {
#define GLOBAL(letter, option, metavar, help) { letter, option, metavar, help },
#include "src/proto/verbs.def"
};

const struct hawk_verb_desc *hawk_verb(enum hawk_verb_id id)
{
	return &verbs[id];
}

const struct hawk_verb_desc *hawk_verb_by_method(const char *method)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verbs[i].kind != HAWK_KIND_LOCAL && !strcmp(verbs[i].method, method))
			return &verbs[i];
	return NULL;
}

/* How many of the arguments spell WORDS; 0: they do not. */
static int match_words(const char *words, int n, const char *const *args)
{
	int used = 0;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (used >= n || strncmp(args[used], words, len) || args[used][len])
			return 0;
		used++;
		words += len + strspn(words + len, " ");
	}
	return used;
}

const struct hawk_verb_desc *hawk_verb_by_words(int n, const char *const *words, int *ret_used)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		int used = match_words(verbs[i].words, n, words);

		if (used) {
			*ret_used = used;
			return &verbs[i];
		}
	}
	return NULL;
}

struct hawk_type_info hawk_type_info(const char *type)
{
	static const char *const names[] = {
		[HAWK_BASE_BOOL] = "bool",     [HAWK_BASE_INT] = "int",       [HAWK_BASE_FLOAT] = "float",
		[HAWK_BASE_STRING] = "string", [HAWK_BASE_OBJECT] = "object",
	};
	struct hawk_type_info info = { .base = HAWK_BASE_STRUCT };

	if (*type == '?') {
		info.optional = true;
		type++;
	}
	if (!strncmp(type, "[]", 2)) {
		info.list = true;
		type += 2;
	}
	info.name = type;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], type))
			info.base = i;
	return info;
}

const struct hawk_struct_desc *hawk_structs(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(structs);
	return structs;
}

const struct hawk_struct_desc *hawk_failures(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(failures);
	return failures;
}

const struct hawk_global_option *hawk_global_options(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(globals);
	return globals;
}
