/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sechawkctl: talks to sechawkd over its control socket. What it knows of the commands is in verbs.def. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"
#include "src/format/format.h"

static int run_help(const struct hawk_command *command, const struct hawk_verb_desc *verb)
{
	if (!command->no_pager)
		hawk_pager_start();
	hawk_help(stdout, verb);
	hawk_pager_finish();
	return HAWK_EXIT_OK;
}

static int run_help_words(const struct hawk_command *command)
{
	const json_t *words = json_object_get(command->args, "words");
	const struct hawk_verb_desc *verb = NULL;

	if (json_array_size(words)) {
		verb = hawk_help_find(words);
		if (!verb) {
			fprintf(stderr, "sechawkctl: no such command; \"sechawkctl help\" lists them\n");
			return HAWK_EXIT_USAGE;
		}
	}
	return run_help(command, verb);
}

static int run_completion(const struct hawk_command *command)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	int r = hawk_completion(&out, hawk_command_string(command, "shell", ""));

	if (r == -EINVAL) {
		fprintf(stderr, "sechawkctl: completion exists for bash and zsh\n");
		return HAWK_EXIT_USAGE;
	}
	if (r < 0)
		return HAWK_EXIT_FAILED;
	fwrite(out.data, 1, out.len, stdout);
	return HAWK_EXIT_OK;
}

static int run_schema(void)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = (size_t)16 * 1024 * 1024 };

	if (hawk_format_schema(&out) < 0)
		return HAWK_EXIT_FAILED;
	fwrite(out.data, 1, out.len, stdout);
	return HAWK_EXIT_OK;
}

static int run(const struct hawk_command *command)
{
	if (command->version) {
		printf("sechawkctl %s\n", HAWK_VERSION);
		return HAWK_EXIT_OK;
	}
	if (command->help)
		return run_help(command, command->verb);
	if (!command->verb) {
		hawk_help(stderr, NULL);
		return HAWK_EXIT_USAGE;
	}
	switch (command->verb->id) {
	case HAWK_VERB_HELP:
		return run_help_words(command);
	case HAWK_VERB_COMPLETION:
		return run_completion(command);
	case HAWK_VERB_EVENT_SCHEMA:
		return run_schema();
	case HAWK_VERB_REPLAY:
		return hawk_run_replay(command);
	case HAWK_VERB_POLICY_CHECK:
		return hawk_run_by_daemon(command, "--check-policy");
	case HAWK_VERB_SIGNATURE_TEST:
		return hawk_run_by_daemon(command, "--test-signature");
	case HAWK_VERB_POLICY_LOAD:
		return hawk_run_policy_load(command);
	case HAWK_VERB_SIGNATURE_LOAD:
		return hawk_run_signature_load(command);
	case HAWK_VERB_SIGNATURE_LEARN:
		return hawk_run_signature_learn(command);
	case HAWK_VERB_RECORD:
		return hawk_run_record(command);
	default:
		break;
	}
	return command->verb->kind == HAWK_KIND_STREAM ? hawk_run_stream(command) : hawk_run_call(command);
}

/* True when nobody reads standard output any more: "| head" has seen enough, or the pager was left. */
static bool reader_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLNVAL));
}

/* An answer that did not reach its file is a failure. */
static int finish(int exit)
{
	errno = 0;
	if ((fflush(stdout) == 0 && !ferror(stdout)) || exit != HAWK_EXIT_OK || reader_gone())
		return exit;
	fprintf(stderr, "sechawkctl: cannot write the output: %s\n", strerror(errno ?: EIO));
	return HAWK_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	_cleanup_(hawk_buf_done) struct hawk_buf why = HAWK_BUF_INIT;
	struct hawk_command command;
	int r;

	/* What we print is UTF-8 in any case; without a locale its width would be unknown. */
	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	r = hawk_command_parse(&command, argc, (const char *const *)argv, &why);
	if (r == 0) {
		if (command.no_colour)
			hawk_term_set(false, hawk_term_width());
		r = finish(run(&command));
	} else if (r == -EINVAL && hawk_buf_str(&why)) {
		hawk_text_write(stderr, why.data, why.len);
		fputs("\"sechawkctl help\" explains the commands.\n", stderr);
		r = HAWK_EXIT_USAGE;
	} else {
		fputs("sechawkctl: out of memory\n", stderr);
		r = HAWK_EXIT_FAILED;
	}
	hawk_command_done(&command);
	return r;
}
