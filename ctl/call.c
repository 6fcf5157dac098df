/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands with one answer, in one reply or in several. */
#include <string.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/fmt.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

/* A daemon that does not answer for this long is stuck; longer than the longest window of stats. */
#define ANSWER_NS (90 * 1000000000ULL)

static void json_freep(json_t **j)
{
	json_decref(*j);
}

/* Adds the lists of PART to those of WHOLE. */
static int merge(json_t *whole, json_t *part)
{
	const char *key;
	json_t *value;

	json_object_foreach(part, key, value) {
		json_t *old = json_object_get(whole, key);

		if (json_is_array(old) && json_is_array(value)) {
			if (json_array_extend(old, value) < 0)
				return -1;
		} else if (json_object_set(whole, key, value) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Reads replies until the last. Returns an exit code. */
static int collect(struct hawk_client *client, const struct hawk_verb_desc *verb, json_t *whole)
{
	for (;;) {
		_cleanup_(hawk_reply_done) struct hawk_reply reply = { .json = NULL };

		switch (hawk_client_next(client, &reply, hawk_client_now() + ANSWER_NS, NULL)) {
		case HAWK_NEXT_REPLY:
			break;
		case HAWK_NEXT_TIMEOUT:
			fputs("sechawkctl: the daemon does not answer; see journalctl -u sechawkd\n", stderr);
			return HAWK_EXIT_FAILED;
		default:
			return HAWK_EXIT_FAILED;
		}
		if (reply.error)
			return hawk_client_explain(verb, &reply);
		if (reply.parameters && merge(whole, reply.parameters) < 0) {
			fprintf(stderr, "sechawkctl: out of memory\n");
			return HAWK_EXIT_FAILED;
		}
		if (!reply.continues)
			return HAWK_EXIT_OK;
	}
}

/* Verbs with formats of their own have an argument for it. */
static int check_format(const struct hawk_command *command)
{
	const char *format = hawk_command_string(command, "format", "table");

	if (!strcmp(format, "table") || !strcmp(format, "json") || !strcmp(format, "dot") || !strcmp(format, "svg"))
		return HAWK_EXIT_OK;
	fprintf(stderr, "sechawkctl: --output takes table, json, dot or svg here, not \"");
	hawk_put(stderr, format);
	fputs("\"\n", stderr);
	return HAWK_EXIT_USAGE;
}

static void show(const struct hawk_command *command, const json_t *answer)
{
	const char *output = hawk_command_string(command, "format", command->output ?: "table");

	if (!strcmp(output, "json")) {
		hawk_text_write_json(stdout, answer, hawk_term_width());
		return;
	}
	if (!command->no_pager && command->verb->id != HAWK_VERB_METRICS)
		hawk_pager_start();
	hawk_fmt(stdout, command, answer);
	hawk_pager_finish();
}

static int run(const struct hawk_command *command, json_t *answer, bool quiet)
{
	_cleanup_(hawk_client_done) struct hawk_client client = HAWK_CLIENT_INIT;
	_cleanup_(json_freep) json_t *parameters = hawk_command_parameters(command);
	int r;

	r = check_format(command);
	if (r)
		return r;
	if (!parameters || !answer) {
		fprintf(stderr, "sechawkctl: out of memory\n");
		return HAWK_EXIT_FAILED;
	}
	r = hawk_client_connect(&client, command->socket);
	if (r)
		return r;
	r = hawk_client_send(&client, command->verb->method, parameters,
			     command->verb->kind == HAWK_KIND_MANY);
	if (r)
		return r;
	r = collect(&client, command->verb, answer);
	if (r)
		return r;
	if (!quiet)
		show(command, answer);
	return HAWK_EXIT_OK;
}

int hawk_call(const struct hawk_command *command, json_t *answer)
{
	return run(command, answer, false);
}

int hawk_run_call(const struct hawk_command *command)
{
	_cleanup_(json_freep) json_t *answer = json_object();

	return run(command, answer, false);
}

int hawk_run_quietly(const struct hawk_command *command)
{
	_cleanup_(json_freep) json_t *answer = json_object();

	return run(command, answer, true);
}
