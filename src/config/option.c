/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/config/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"

#define HAWK_APPLY_RELOAD false
#define HAWK_APPLY_RESTART true

/* One row from one line of a .def file. AT: the structure that has the member. */
#define ROW(kind, sec, member, again, help, at, ...) \
	{ .section = #sec, .name = #member, .type = HAWK_OPTION_##kind, .restart = HAWK_APPLY_##again, \
	  .doc = help, .offset = at, __VA_ARGS__ },

#define OPT_BOOL(section, name, dfl, apply, doc) \
	ROW(BOOL, section, name, apply, doc, offsetof(struct hawk_config, section.name), .number = dfl)
#define OPT_INT(section, name, units, low, high, dfl, apply, doc) \
	ROW(INT, section, name, apply, doc, offsetof(struct hawk_config, section.name), \
	    .unit = HAWK_UNIT_##units, .min = low, .max = high, .number = dfl)
#define OPT_STRING(section, name, forms, dfl, apply, doc) \
	ROW(STRING, section, name, apply, doc, offsetof(struct hawk_config, section.name), \
	    .form = HAWK_FORM_##forms, .text = dfl)
#define OPT_ENUM(section, name, any_of, dfl, apply, doc) \
	ROW(ENUM, section, name, apply, doc, offsetof(struct hawk_config, section.name), \
	    .choices = any_of, .text = dfl)
#define OPT_LIST(section, name, forms, dfl, apply, doc) \
	ROW(LIST, section, name, apply, doc, offsetof(struct hawk_config, section.name), \
	    .form = HAWK_FORM_##forms, .text = dfl)
static const struct hawk_option options[] = {
#include "src/config/options.def"
};

#define OPT_BOOL(section, name, dfl, apply, doc) \
	ROW(BOOL, section, name, apply, doc, offsetof(struct hawk_config_sink, name), .number = dfl)
#define OPT_INT(section, name, units, low, high, dfl, apply, doc) \
	ROW(INT, section, name, apply, doc, offsetof(struct hawk_config_sink, name), \
	    .unit = HAWK_UNIT_##units, .min = low, .max = high, .number = dfl)
#define OPT_STRING(section, name, forms, dfl, apply, doc) \
	ROW(STRING, section, name, apply, doc, offsetof(struct hawk_config_sink, name), \
	    .form = HAWK_FORM_##forms, .text = dfl)
#define OPT_ENUM(section, name, any_of, dfl, apply, doc) \
	ROW(ENUM, section, name, apply, doc, offsetof(struct hawk_config_sink, name), \
	    .choices = any_of, .text = dfl)
#define OPT_LIST(section, name, forms, dfl, apply, doc) \
	ROW(LIST, section, name, apply, doc, offsetof(struct hawk_config_sink, name), \
	    .form = HAWK_FORM_##forms, .text = dfl)
static const struct hawk_option sink_options[] = {
#include "src/config/sink_options.def"
};

#define OPT_SECTION(section, help) { .name = #section, .doc = help },
static const struct hawk_option_section sections[] = {
#include "src/config/options.def"
};

const struct hawk_option *hawk_options(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(options);
	return options;
}

const struct hawk_option *hawk_sink_options(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(sink_options);
	return sink_options;
}

const struct hawk_option_section *hawk_option_sections(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(sections);
	return sections;
}

int hawk_config_list_add(struct hawk_config_list *list, const char *text)
{
	char **v = realloc(list->v, (list->n + 2) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	list->v = v;
	v[list->n] = strdup(text);
	if (!v[list->n])
		return -ENOMEM;
	v[++list->n] = NULL;
	return 0;
}

void hawk_config_list_done(struct hawk_config_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct hawk_config_list){ .v = NULL };
}

static int list_default(struct hawk_config_list *list, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *item;

	list->v = calloc(1, sizeof(*list->v)); /* a list without elements has its NULL, too */
	if (!copy || !list->v)
		return -ENOMEM;
	while ((item = strsep(&rest, ",")))
		if (*item && hawk_config_list_add(list, item) < 0)
			return -ENOMEM;
	return 0;
}

int hawk_option_set_default(const struct hawk_option *option, void *base)
{
	char **text;

	switch (option->type) {
	case HAWK_OPTION_BOOL:
		*hawk_option_value(option, base, bool) = option->number;
		return 0;
	case HAWK_OPTION_INT:
		*hawk_option_value(option, base, uint64_t) = option->number;
		return 0;
	case HAWK_OPTION_LIST:
		return list_default(hawk_option_value(option, base, struct hawk_config_list), option->text);
	case HAWK_OPTION_STRING:
	case HAWK_OPTION_ENUM:
		text = hawk_option_value(option, base, char *);
		*text = strdup(option->text);
		return *text ? 0 : -ENOMEM;
	}
	return -EINVAL;
}

void hawk_option_clear(const struct hawk_option *option, void *base)
{
	if (option->type == HAWK_OPTION_LIST) {
		hawk_config_list_done(hawk_option_value(option, base, struct hawk_config_list));
	} else if (option->type == HAWK_OPTION_STRING || option->type == HAWK_OPTION_ENUM) {
		char **text = hawk_option_value(option, base, char *);

		free(*text);
		*text = NULL;
	}
}

static bool list_equal(const struct hawk_config_list *a, const struct hawk_config_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

bool hawk_option_equal(const struct hawk_option *option, const void *a, const void *b)
{
	switch (option->type) {
	case HAWK_OPTION_BOOL:
		return *hawk_option_const(option, a, bool) == *hawk_option_const(option, b, bool);
	case HAWK_OPTION_INT:
		return *hawk_option_const(option, a, uint64_t) == *hawk_option_const(option, b, uint64_t);
	case HAWK_OPTION_LIST:
		return list_equal(hawk_option_const(option, a, struct hawk_config_list),
				  hawk_option_const(option, b, struct hawk_config_list));
	case HAWK_OPTION_STRING:
	case HAWK_OPTION_ENUM:
		break;
	}
	return strcmp(*hawk_option_const(option, a, char *), *hawk_option_const(option, b, char *)) == 0;
}
