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
#include "src/base/textfile.h"

#define FILE_MAX ((size_t)1024 * 1024) /* what the daemon takes */
#define CALL_MAX FILE_MAX /* of texts in one call: escaped they may become several times as long */

/* As hawk_textfile_read() does a file. */
static int read_stdin(char **ret, size_t *ret_len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = FILE_MAX + 1 };
	char chunk[16 * 1024];
	size_t n;

	while (!text.error && (n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		hawk_buf_put(&text, chunk, n);
	if (ferror(stdin))
		return -errno;
	if (text.error || text.len > FILE_MAX)
		return text.error == -ENOMEM ? -ENOMEM : -E2BIG;
	*ret = TAKE_PTR(text.data);
	*ret_len = text.len;
	return 0;
}

/* Reads PATH, "-" being standard input. Complains itself. */
static json_t *read_text(const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	const int r = strcmp(path, "-") == 0 ? read_stdin(&text, &len) : hawk_textfile_read(path, FILE_MAX, &text, &len);
	json_t *string = NULL;

	if (r == -E2BIG)
		fprintf(stderr, "sechawkctl: %s is too long: at most %zu bytes can be loaded\n", path, FILE_MAX);
	else if (r < 0)
		fprintf(stderr, "sechawkctl: cannot read %s: %s%s\n", path, hawk_textfile_why(r),
			r == -EINVAL ? "; what a command writes is read from standard input, as -" : "");
	else if (len && memchr(text, '\0', len))
		fprintf(stderr, "sechawkctl: %s is no text: it has NUL bytes\n", path);
	else if (!(string = json_stringn(len ? text : "", len)))
		fprintf(stderr, "sechawkctl: %s is no text: it is not UTF-8\n", path);
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

/* Reads the files, and loads them in one call; more than a call holds in several, unless it must be WHOLE. */
static int load_files(const struct hawk_command *command, bool whole)
{
	const json_t *files = json_object_get(command->args, "files");
	_cleanup_(json_freep) json_t *paths = json_array(), *texts = json_array();
	size_t bytes = 0;
	int exit = HAWK_EXIT_OK, r;

	for (size_t i = 0; i < json_array_size(files); i++) {
		const char *path = json_string_value(json_array_get(files, i));
		_cleanup_free_ char *real = realpath(path, NULL);
		json_t *text = read_text(path);

		if (!text)
			return HAWK_EXIT_FAILED;
		if (bytes && bytes + json_string_length(text) > CALL_MAX) {
			if (whole) {
				fprintf(stderr, "sechawkctl: the files are too long: %zu bytes can be loaded at once; "
						"load them in parts, lists before what names them\n", CALL_MAX);
				json_decref(text);
				return HAWK_EXIT_FAILED;
			}
			r = load(command, paths, texts);
			exit = r == HAWK_EXIT_OK ? exit : r;
			bytes = 0;
		}
		bytes += json_string_length(text);
		json_array_append_new(texts, text);
		json_array_append_new(paths, json_string(real ? real : path) ?: json_string("?"));
	}
	r = load(command, paths, texts);
	return r == HAWK_EXIT_OK ? exit : r;
}

int hawk_run_policy_load(const struct hawk_command *command)
{
	return load_files(command, false);
}

/* A signature names lists of other files, and an exception signatures. */
int hawk_run_signature_load(const struct hawk_command *command)
{
	return load_files(command, true);
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
