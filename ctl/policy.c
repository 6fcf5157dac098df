/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy check, signature test: the daemon's program does it. policy load, signature load: files are read here and sent, so that neither the daemon's view of files nor its sandbox matters. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ctl/ctl.h"
#include "ctl/fmt.h"
#include "src/base/cleanup.h"

#define FILE_MAX ((size_t)1024 * 1024) /* what the daemon takes */
#define CALL_MAX FILE_MAX /* of texts in one call: escaped they may become several times as long */

/* Reads PATH, "-" being standard input. Complains itself. */
static json_t *read_text(const char *path)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = FILE_MAX + 1 };
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	json_t *string = NULL;
	char chunk[16 * 1024];
	size_t n;

	while (from && !text.error && (n = fread(chunk, 1, sizeof(chunk), from)) > 0)
		hawk_buf_put(&text, chunk, n);
	if (!from || ferror(from))
		fprintf(stderr, "sechawkctl: cannot read %s: %m\n", path);
	else if (text.error || text.len > FILE_MAX)
		fprintf(stderr, "sechawkctl: %s is too long: at most %zu bytes can be loaded\n", path, FILE_MAX);
	else if (text.len && memchr(text.data, '\0', text.len))
		fprintf(stderr, "sechawkctl: %s is no text: it has NUL bytes\n", path);
	else if (!(string = json_stringn(text.len ? text.data : "", text.len)))
		fprintf(stderr, "sechawkctl: %s is no text: it is not UTF-8\n", path);
	if (from && from != stdin)
		fclose(from);
	return string;
}

static void json_freep(json_t **j)
{
	json_decref(*j);
}

/* Loads what was read so far, in one call. */
static int load(const struct hawk_command *command, json_t *paths, json_t *texts)
{
	_cleanup_(json_freep) json_t *answer = json_object();
	const json_t *problems, *problem;
	size_t i;
	int exit;

	json_object_set(command->args, "paths", paths);
	json_object_set(command->args, "texts", texts);
	exit = hawk_call(command, answer);
	json_array_clear(paths);
	json_array_clear(texts);
	problems = json_object_get(answer, "problems");
	json_array_foreach(problems, i, problem) {
		const char *message = json_string_value(json_object_get(problem, "message"));

		fputs("sechawkctl: not loaded: ", stderr);
		hawk_put(stderr, message ? message : "");
		fputc('\n', stderr);
		exit = HAWK_EXIT_FAILED;
	}
	return exit;
}

int hawk_run_policy_load(const struct hawk_command *command)
{
	const json_t *files = json_object_get(command->args, "files");
	_cleanup_(json_freep) json_t *paths = json_array(), *texts = json_array();
	size_t bytes = 0;
	int exit = HAWK_EXIT_OK, r;

	for (size_t i = 0; i < json_array_size(files); i++) {
		const char *path = json_string_value(json_array_get(files, i));
		_cleanup_free_ char *whole = realpath(path, NULL);
		json_t *text = read_text(path);

		if (!text)
			return HAWK_EXIT_FAILED;
		if (bytes && bytes + json_string_length(text) > CALL_MAX) {
			r = load(command, paths, texts);
			exit = r == HAWK_EXIT_OK ? exit : r;
			bytes = 0;
		}
		bytes += json_string_length(text);
		json_array_append_new(texts, text);
		json_array_append_new(paths, json_string(whole ? whole : path) ?: json_string("?"));
	}
	r = load(command, paths, texts);
	return r == HAWK_EXIT_OK ? exit : r;
}

/* One by one: a list that a signature names is there before it. */
int hawk_run_signature_load(const struct hawk_command *command)
{
	const json_t *files = json_object_get(command->args, "files");
	int exit = HAWK_EXIT_OK;

	for (size_t i = 0; i < json_array_size(files) && exit == HAWK_EXIT_OK; i++) {
		const char *path = json_string_value(json_array_get(files, i));
		_cleanup_free_ char *whole = realpath(path, NULL);
		json_t *text = read_text(path);

		if (!text)
			return HAWK_EXIT_FAILED;
		json_object_set_new(command->args, "text", text);
		json_object_set_new(command->args, "path", json_string(whole ? whole : path) ?: json_string("?"));
		exit = hawk_run_call(command);
	}
	return exit;
}

/* The daemon learns meanwhile; who interrupts the wait ends it. */
static void wait_seconds(json_int_t seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	sigtimedwait(&end, NULL, &left);
	sigprocmask(SIG_UNBLOCK, &end, NULL);
}

int hawk_run_signature_learn(const struct hawk_command *command)
{
	json_int_t seconds = hawk_command_int(command, "seconds", 0);
	int exit;

	if (seconds <= 0)
		return hawk_run_call(command);
	json_object_set_new(command->args, "start", json_true());
	exit = hawk_run_quietly(command);
	if (exit != HAWK_EXIT_OK)
		return exit;
	wait_seconds(seconds);
	json_object_set_new(command->args, "start", json_false());
	json_object_set_new(command->args, "stop", json_true());
	return hawk_run_call(command);
}

int hawk_run_by_daemon(const struct hawk_command *command, const char *option)
{
	const char *daemon = secure_getenv("SECHAWKD") ?: HAWK_SBINDIR "/sechawkd";
	const char *format = hawk_command_string(command, "format", command->output ?: "text");
	const json_t *files = json_object_get(command->args, "files");
	const size_t n = json_array_size(files);
	_cleanup_free_ const char **argv = calloc(n + 6, sizeof(*argv));
	size_t argc = 0;

	if (!argv)
		return HAWK_EXIT_FAILED;
	argv[argc++] = daemon;
	argv[argc++] = option;
	argv[argc++] = "-o";
	argv[argc++] = format;
	argv[argc++] = "--";
	for (size_t i = 0; i < n; i++)
		argv[argc++] = json_string_value(json_array_get(files, i));
	signal(SIGPIPE, SIG_DFL);
	execv(daemon, (char *const *)argv);
	fprintf(stderr, "sechawkctl: cannot run %s: %m\n", daemon);
	return HAWK_EXIT_FAILED;
}
