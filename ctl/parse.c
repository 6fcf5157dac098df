/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "src/base/cleanup.h"

struct parser {
	struct hawk_command *command;
	const char *const *argv;
	int argc, at;
	struct hawk_buf *why;
};

/* An option of the verb or a global one, found by its name. */
struct option {
	const struct hawk_verb_arg *arg;
	const struct hawk_global_option *global;
	bool takes_value;
};

__attribute__((format(printf, 2, 3))) static int fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hawk_buf_puts(p->why, text);
	return -EINVAL;
}

static bool same(const char *option, const char *name, size_t len)
{
	return strlen(option) == len && !memcmp(option, name, len);
}

/* The verb's options come first: -o of watch knows more formats than the global one. */
static bool find_option(const struct parser *p, const char *name, size_t len, char letter, struct option *ret)
{
	const struct hawk_verb_desc *verb = p->command->verb;
	const struct hawk_global_option *globals;
	size_t n;

	for (size_t i = 0; verb && i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		if (arg->where != HAWK_ARG_OPTION)
			continue;
		if (letter ? arg->letter == letter : same(arg->option, name, len)) {
			*ret = (struct option){
				.arg = arg,
				.takes_value = hawk_type_info(arg->type).base != HAWK_BASE_BOOL,
			};
			return true;
		}
	}
	globals = hawk_global_options(&n);
	for (size_t i = 0; i < n; i++)
		if (letter ? globals[i].letter == letter : same(globals[i].option, name, len)) {
			*ret = (struct option){ .global = &globals[i], .takes_value = *globals[i].metavar };
			return true;
		}
	return false;
}

static int parse_int(struct parser *p, const char *what, const char *text, json_t **ret)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || *end || !isdigit((unsigned char)*text))
		return fail(p, "%s takes a whole number, not \"%s\"", what, text);
	*ret = json_integer(v);
	return *ret ? 0 : -ENOMEM;
}

static int set_arg(struct parser *p, const struct hawk_verb_arg *arg, const char *text)
{
	struct hawk_type_info type = hawk_type_info(arg->type);
	json_t *value = NULL, *list;
	int r;

	if (type.base == HAWK_BASE_INT) {
		r = parse_int(p, arg->where == HAWK_ARG_OPTION ? arg->option : arg->metavar, text, &value);
		if (r < 0)
			return r;
	} else {
		/* JSON carries text; what is not UTF-8 could not have come from a table or a name. */
		value = type.base == HAWK_BASE_BOOL ? json_true() : json_string(text);
		if (!value)
			return fail(p, "\"%s\" is not valid UTF-8", arg->metavar);
	}
	if (!type.list)
		return json_object_set_new(p->command->args, arg->name, value) < 0 ? -ENOMEM : 0;
	list = json_object_get(p->command->args, arg->name);
	if (!list) {
		list = json_array();
		if (json_object_set_new(p->command->args, arg->name, list) < 0) {
			json_decref(value);
			return -ENOMEM;
		}
	}
	return json_array_append_new(list, value) < 0 ? -ENOMEM : 0;
}

static int set_global(struct parser *p, const char *option, const char *value)
{
	struct hawk_command *command = p->command;

	if (!strcmp(option, "socket"))
		command->socket = value;
	else if (!strcmp(option, "output"))
		command->output = value;
	else if (!strcmp(option, "no-color"))
		command->no_colour = true;
	else if (!strcmp(option, "no-pager"))
		command->no_pager = true;
	else if (!strcmp(option, "help"))
		command->help = true;
	else if (!strcmp(option, "version"))
		command->version = true;
	else
		return fail(p, "--%s is not supported by this program", option);
	if (command->output && strcmp(command->output, "table") && strcmp(command->output, "json"))
		return fail(p, "--output takes table or json here, not \"%s\"", command->output);
	return 0;
}

static int set_option(struct parser *p, const struct option *option, const char *value)
{
	return option->arg ? set_arg(p, option->arg, value) : set_global(p, option->global->option, value);
}

/* The word after the present one. */
static const char *next_word(struct parser *p)
{
	return p->at + 1 < p->argc ? p->argv[++p->at] : NULL;
}

static int parse_long(struct parser *p, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const char *value = equals ? equals + 1 : NULL;
	struct option option;

	if (!find_option(p, text, len, 0, &option))
		return fail(p, "there is no option --%.*s", (int)len, text);
	if (!option.takes_value && value)
		return fail(p, "--%.*s takes no value", (int)len, text);
	if (option.takes_value && !value)
		value = next_word(p);
	if (option.takes_value && !value)
		return fail(p, "--%s needs a value", text);
	return set_option(p, &option, value);
}

static int parse_letters(struct parser *p, const char *text)
{
	for (; *text; text++) {
		struct option option;
		const char *value;

		if (!find_option(p, NULL, 0, *text, &option))
			return fail(p, "there is no option -%c", *text);
		if (option.takes_value) {
			value = text[1] ? text + 1 : next_word(p);
			if (!value)
				return fail(p, "-%c needs a value", *text);
			return set_option(p, &option, value);
		}
		if (set_option(p, &option, NULL) < 0)
			return -EINVAL;
	}
	return 0;
}

/* The positional argument that takes the next word: the first that is not full. */
static int parse_positional(struct parser *p, const char *text)
{
	const struct hawk_verb_desc *verb = p->command->verb;

	for (size_t i = 0; i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		if (arg->where == HAWK_ARG_POSITIONAL &&
		    (hawk_type_info(arg->type).list || !json_object_get(p->command->args, arg->name)))
			return set_arg(p, arg, text);
	}
	return fail(p, "%s: \"%s\" is one argument too many", verb->words, text);
}

/* Says what could follow: the commands that begin with the same word. */
static int unknown_command(struct parser *p, const char *word)
{
	size_t len = strlen(word);
	bool any = false;

	for (int i = 0; i < HAWK_VERB_MAX; i++) {
		const char *words = hawk_verb(i)->words;

		if (strncmp(words, word, len) || words[len] != ' ')
			continue;
		if (any)
			hawk_buf_lit(p->why, ", ");
		else
			hawk_buf_printf(p->why, "\"%s\" is one of: ", word);
		hawk_buf_puts(p->why, words);
		any = true;
	}
	return any ? -EINVAL : fail(p, "there is no command \"%s\"", word);
}

static int parse_words(struct parser *p)
{
	int used = 0;

	p->command->verb = hawk_verb_by_words(p->argc - p->at, p->argv + p->at, &used);
	if (!p->command->verb || used < 1)
		return unknown_command(p, p->argv[p->at]);
	p->at += used - 1;
	return 0;
}

static int check_missing(struct parser *p)
{
	const struct hawk_verb_desc *verb = p->command->verb;

	for (size_t i = 0; verb && i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		/* what is hidden is added by who carries the command out */
		if (arg->where == HAWK_ARG_HIDDEN)
			continue;
		if (!hawk_type_info(arg->type).optional && !json_object_get(p->command->args, arg->name))
			return fail(p, "%s: %s is missing: %s", verb->words, arg->metavar, arg->help);
	}
	return 0;
}

int hawk_command_parse(struct hawk_command *command, int argc, const char *const *argv, struct hawk_buf *why)
{
	struct parser p = { .command = command, .argv = argv, .argc = argc, .at = 1, .why = why };
	bool options = true;
	int r = 0;

	*command = (struct hawk_command){ .args = json_object(), .socket = HAWK_CONTROL_SOCKET };
	if (!command->args)
		return -ENOMEM;
	for (; p.at < argc && r == 0; p.at++) {
		const char *text = argv[p.at];

		if (options && !strcmp(text, "--"))
			options = false;
		else if (options && !strncmp(text, "--", 2))
			r = parse_long(&p, text + 2);
		else if (options && *text == '-' && text[1])
			r = parse_letters(&p, text + 1);
		else if (!command->verb)
			r = parse_words(&p);
		else
			r = parse_positional(&p, text);
	}
	if (r < 0)
		return r;
	return command->help || command->version ? 0 : check_missing(&p);
}

void hawk_command_done(struct hawk_command *command)
{
	json_decref(command->args);
	command->args = NULL;
}

json_t *hawk_command_parameters(const struct hawk_command *command)
{
	json_t *parameters = json_deep_copy(command->args);

	for (size_t i = 0; parameters && i < command->verb->n_args; i++)
		if (command->verb->args[i].local)
			json_object_del(parameters, command->verb->args[i].name);
	return parameters;
}

const char *hawk_command_string(const struct hawk_command *command, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(command->args, name));

	return text ? text : fallback;
}

json_int_t hawk_command_int(const struct hawk_command *command, const char *name, json_int_t fallback)
{
	const json_t *value = json_object_get(command->args, name);

	return value ? json_integer_value(value) : fallback;
}

bool hawk_command_bool(const struct hawk_command *command, const char *name)
{
	return json_is_true(json_object_get(command->args, name));
}
