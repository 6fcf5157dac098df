/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONFIG_OPTION_H
#define HAWK_CONFIG_OPTION_H
/* Inside of config: the rows of options.def and sink_options.def as tables, and values by row. */
#include "src/config/config.h"

enum hawk_option_type {
	HAWK_OPTION_BOOL,   /* bool */
	HAWK_OPTION_INT,    /* uint64_t */
	HAWK_OPTION_STRING, /* char * */
	HAWK_OPTION_ENUM,   /* char *, one of the choices */
	HAWK_OPTION_LIST,   /* struct hawk_config_list */
};

enum hawk_option_unit {
	HAWK_UNIT_NONE,
	HAWK_UNIT_BYTES,
	HAWK_UNIT_BYTES_POW2,
	HAWK_UNIT_SECONDS,
	HAWK_UNIT_MILLISECONDS,
};

enum hawk_option_form { HAWK_FORM_TEXT, HAWK_FORM_PATH, HAWK_FORM_NAME };

struct hawk_option {
	const char *section; /* of a sink option: the type that has it, or "any" */
	const char *name;
	enum hawk_option_type type;
	enum hawk_option_unit unit;
	enum hawk_option_form form; /* of a string or the strings of a list */
	bool restart;
	uint64_t min, max, number; /* number: default of a bool or int */
	const char *text;          /* default of the others */
	const char *choices;       /* separated by '|' */
	const char *doc;
	size_t offset; /* of the value in struct hawk_config or struct hawk_config_sink */
};

struct hawk_option_section {
	const char *name, *doc;
};

/* Where OPTION's value is in BASE (a struct hawk_config or hawk_config_sink) as TYPE. */
#define hawk_option_value(option, base, type) ((type *)((char *)(base) + (option)->offset))
#define hawk_option_const(option, base, type) ((const type *)((const char *)(base) + (option)->offset))

/* The rows of options.def, in order, and of sink_options.def. */
const struct hawk_option *hawk_options(size_t *ret_n);
const struct hawk_option *hawk_sink_options(size_t *ret_n);
const struct hawk_option_section *hawk_option_sections(size_t *ret_n);

/* Sets OPTION in BASE, whose value must be empty, to its default. Returns 0 or -ENOMEM. */
int hawk_option_set_default(const struct hawk_option *option, void *base);
/* Frees the value of OPTION in BASE. */
void hawk_option_clear(const struct hawk_option *option, void *base);
bool hawk_option_equal(const struct hawk_option *option, const void *a, const void *b);
/* Appends a copy of TEXT. Returns 0 or -ENOMEM. */
int hawk_config_list_add(struct hawk_config_list *list, const char *text);
void hawk_config_list_done(struct hawk_config_list *list);

/* A number with an optional suffix of UNIT ("16M", "10min"). Returns 0, -EINVAL or -ERANGE. */
int hawk_option_parse_number(enum hawk_option_unit unit, const char *text, uint64_t *ret);
/* Writes V with the largest suffix that divides it. */
void hawk_option_print_number(enum hawk_option_unit unit, uint64_t v, FILE *to);
/* Why TEXT is not a value of OPTION (a string, a choice or an element), or NULL when it is. */
const char *hawk_option_check_text(const struct hawk_option *option, const char *text);
/* Writes what values OPTION takes ("a size from 64K to 1G, a power of two"). */
void hawk_option_print_range(const struct hawk_option *option, FILE *to);
/* Writes the value of OPTION in BASE as libconfig reads it. */
void hawk_option_print_value(const struct hawk_option *option, const void *base, FILE *to);

/* Writes the default of OPTION as libconfig reads it. */
void hawk_option_print_default(const struct hawk_option *option, FILE *to);

#endif
