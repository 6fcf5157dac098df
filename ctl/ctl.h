/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_CTL_H
#define HAWK_CTL_CTL_H
/* A command line of sechawkctl, parsed by the table of verbs, and what carries it out. */
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "src/base/buf.h"
#include "src/proto/proto.h"

enum hawk_exit {
#define EXIT(token, code, meaning) HAWK_EXIT_##token = (code),
#include "ctl/exits.def"
#undef EXIT
};

struct hawk_command {
	const struct hawk_verb_desc *verb; /* NULL: no command was given */
	json_t *args;       /* all arguments of the verb by name, those that stay here included */
	const char *socket; /* borrowed from argv, or the default */
	const char *output; /* the global --output, NULL: not given */
	bool help, version, no_colour, no_pager;
};

/*
 * Parses ARGV. Returns 0, or -EINVAL with an explanation appended to WHY, or
 * -ENOMEM. COMMAND must be released with hawk_command_done in any case.
 */
int hawk_command_parse(struct hawk_command *command, int argc, const char *const *argv, struct hawk_buf *why);
void hawk_command_done(struct hawk_command *command);

/* The arguments that go to the daemon: a new object, or NULL without memory. */
json_t *hawk_command_parameters(const struct hawk_command *command);
/* An argument by name; the fallback when it was not given. */
const char *hawk_command_string(const struct hawk_command *command, const char *name, const char *fallback);
json_int_t hawk_command_int(const struct hawk_command *command, const char *name, json_int_t fallback);
bool hawk_command_bool(const struct hawk_command *command, const char *name);

/* Appends how a verb is called, without the program: "watch [OPTION]... [EVENT]...". */
void hawk_help_synopsis(struct hawk_buf *out, const struct hawk_verb_desc *verb);
/* Appends an option as it is typed: "-o, --output FORMAT". */
void hawk_help_option(struct hawk_buf *out, char letter, const char *option, const char *metavar);
/* Writes the help of all, or of one VERB. */
void hawk_help(FILE *to, const struct hawk_verb_desc *verb);
/* The verb that the words of "help WORD..." name; NULL: none. */
const struct hawk_verb_desc *hawk_help_find(const json_t *words);

/*
 * Appends the completion script for SHELL ("bash", "zsh"). Returns 0, -EINVAL
 * for another shell, or the buffer's error.
 */
int hawk_completion(struct hawk_buf *out, const char *shell);

/* Carry out a command; return how the program ends. */
int hawk_run_call(const struct hawk_command *command);
/* The same; ANSWER, an empty object, becomes what the daemon said. */
int hawk_call(const struct hawk_command *command, json_t *answer);
/* The same without a word, but for what is wrong. */
int hawk_run_quietly(const struct hawk_command *command);
int hawk_run_stream(const struct hawk_command *command);
int hawk_run_record(const struct hawk_command *command);
/* Has the daemon's program do it: OPTION and the files of the command. Returns only when there is none. */
int hawk_run_by_daemon(const struct hawk_command *command, const char *option);
int hawk_run_policy_load(const struct hawk_command *command);
int hawk_run_signature_load(const struct hawk_command *command);
int hawk_run_signature_learn(const struct hawk_command *command);
int hawk_run_replay(const struct hawk_command *command);

#endif
