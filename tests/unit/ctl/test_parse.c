/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ctl/ctl.h"
#include "src/base/cleanup.h"

#define WORDS_MAX 16

static struct hawk_command command;
static struct hawk_buf why;

/* Parses words separated by one space; the command stays until the next call. */
static int parse(const char *line)
{
	static char copy[512];
	const char *argv[WORDS_MAX] = { "sechawkctl" };
	int argc = 1;

	hawk_command_done(&command);
	hawk_buf_reset(&why);
	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (char *p = strtok(copy, " "); p; p = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = p;
	}
	return hawk_command_parse(&command, argc, argv, &why);
}

static int teardown(void **state)
{
	hawk_command_done(&command);
	hawk_buf_done(&why);
	return 0;
}

static void words(void **state)
{
	assert_int_equal(parse("event list --enabled --set fs"), 0);
	assert_int_equal(command.verb->id, HAWK_VERB_EVENT_LIST);
	assert_true(hawk_command_bool(&command, "enabled"));
	assert_string_equal(hawk_command_string(&command, "set", ""), "fs");
	assert_int_equal(parse("event enable file_open openat"), 0);
	assert_int_equal(command.verb->id, HAWK_VERB_EVENT_ENABLE);
	assert_int_equal(json_array_size(json_object_get(command.args, "events")), 2);
}

static void options_anywhere(void **state)
{
	assert_int_equal(parse("--socket /s watch -n3 file_open --timeout=5 -o json exec -- -odd"), 0);
	assert_string_equal(command.socket, "/s");
	assert_int_equal(hawk_command_int(&command, "count", 0), 3);
	assert_int_equal(hawk_command_int(&command, "timeout", 0), 5);
	assert_string_equal(hawk_command_string(&command, "format", ""), "json");
	assert_null(command.output);
	assert_int_equal(json_array_size(json_object_get(command.args, "events")), 3);
	/* Where the verb has no -o of its own, it is the global one. */
	assert_int_equal(parse("status -o json"), 0);
	assert_string_equal(command.output, "json");
	assert_int_equal(parse("-o json status"), 0);
	assert_string_equal(command.output, "json");
	assert_int_equal(parse("process list -ao json"), 0);
	assert_true(hawk_command_bool(&command, "exited"));
	assert_string_equal(command.output, "json");
}

static void local_arguments_stay(void **state)
{
	json_t *parameters;

	assert_int_equal(parse("trace uid!=0 event=execve --count 3 --timeout 9"), 0);
	parameters = hawk_command_parameters(&command);
	assert_null(json_object_get(parameters, "count"));
	assert_null(json_object_get(parameters, "timeout"));
	assert_int_equal(json_array_size(json_object_get(parameters, "expressions")), 2);
	assert_int_equal(json_object_size(parameters), 1);
	json_decref(parameters);
}

static void numbers(void **state)
{
	assert_int_equal(parse("process show 17"), 0);
	assert_int_equal(hawk_command_int(&command, "pid", 0), 17);
	assert_int_equal(parse("process show 17x"), -EINVAL);
	assert_int_equal(parse("process show 0x17"), -EINVAL);
	assert_int_equal(parse("process show +17"), -EINVAL);
	assert_int_equal(parse("process show 99999999999999999999"), -EINVAL);
	assert_int_equal(parse("watch --count -3"), -EINVAL);
	assert_int_equal(parse("watch --count="), -EINVAL);
}

static void refused(const char *line, const char *text)
{
	assert_int_equal(parse(line), -EINVAL);
	if (!strstr(hawk_buf_str(&why), text))
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", line, why.data, text);
}

static void wrong_use(void **state)
{
	refused("stauts", "no command \"stauts\"");
	refused("event", "event list, event show, event schema, event enable, event disable");
	refused("event show", "EVENT is missing");
	refused("trace", "EXPR is missing");
	refused("record", "FILE is missing");
	refused("status now", "one argument too many");
	refused("process show 1 2", "one argument too many");
	refused("watch --counts 3", "no option --counts");
	refused("watch -q", "no option -q");
	refused("watch --count", "--count needs a value");
	refused("watch -n", "-n needs a value");
	refused("process list --all=yes", "--all takes no value");
	refused("status --output csv", "table or json");
}

static void help_needs_no_arguments(void **state)
{
	assert_int_equal(parse("event show --help"), 0);
	assert_true(command.help);
	assert_int_equal(command.verb->id, HAWK_VERB_EVENT_SHOW);
	assert_int_equal(parse(""), 0);
	assert_null(command.verb);
	assert_int_equal(parse("help event show"), 0);
	assert_int_equal(hawk_help_find(json_object_get(command.args, "words"))->id, HAWK_VERB_EVENT_SHOW);
	assert_int_equal(parse("help nonsense"), 0);
	assert_null(hawk_help_find(json_object_get(command.args, "words")));
}

static void bytes_that_are_no_text(void **state)
{
	refused("event show \xff\xfe", "UTF-8");
}

/* Every row of the table can be called as its synopsis says, and its help comes out. */
static void every_verb(void **state)
{
	_cleanup_fclose_ FILE *null = fopen("/dev/null", "w");

	assert_non_null(null);
	for (int i = 0; i < HAWK_VERB_MAX; i++) {
		const struct hawk_verb_desc *verb = hawk_verb(i);
		_cleanup_(hawk_buf_done) struct hawk_buf line = HAWK_BUF_INIT;

		hawk_buf_puts(&line, verb->words);
		for (size_t j = 0; j < verb->n_args; j++) {
			const struct hawk_verb_arg *arg = &verb->args[j];
			const char *value = hawk_type_info(arg->type).base == HAWK_BASE_INT ? "1" : "x";

			if (arg->where == HAWK_ARG_POSITIONAL)
				hawk_buf_printf(&line, " %s", value);
			else if (arg->where == HAWK_ARG_OPTION)
				hawk_buf_printf(&line, " --%s %s", arg->option, *arg->metavar ? value : "");
		}
		assert_int_equal(parse(hawk_buf_str(&line)), 0);
		assert_ptr_equal(command.verb, verb);
		hawk_help(null, verb);
	}
	hawk_help(null, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(options_anywhere),
		cmocka_unit_test(local_arguments_stay),
		cmocka_unit_test(numbers),
		cmocka_unit_test(wrong_use),
		cmocka_unit_test(help_needs_no_arguments),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(every_verb),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
